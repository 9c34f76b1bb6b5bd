// SPDX-License-Identifier: GPL-2.0
/*
 * Messages as they are, or each behind its length: what an application without
 * disconnect data does to tell its last word from what came before. Done as
 * cheaply as can be: one call per message, headers read along with the rest.
 */
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "bench.h"

#define MESSAGE_SMALL	256

size_t message_size(const struct arm *arm, size_t len)
{
	return arm->framed ? len + sizeof(uint32_t) : len;
}

static void put_framed(int fd, const void *buf, uint32_t len)
{
	char small[sizeof(len) + MESSAGE_SMALL];
	struct iovec iov[2] = {
		{ &len, sizeof(len) },
		{ (void *)buf, len },
	};
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 2 };
	ssize_t n;

	if (len <= MESSAGE_SMALL) {
		memcpy(small, &len, sizeof(len));
		memcpy(small + sizeof(len), buf, len);
		n = send(fd, small, sizeof(len) + len, 0);
	} else {
		n = sendmsg(fd, &msg, 0);
	}
	if (n != (ssize_t)(sizeof(len) + len))
		die("send a message");
}

/**
 * put() - send one message
 * @arm: says whether with a header
 * @fd: a blocking socket
 * @buf: the message
 * @len: its length in bytes
 */
void put(const struct arm *arm, int fd, const void *buf, size_t len)
{
	if (arm->framed)
		put_framed(fd, buf, len);
	else if (send(fd, buf, len, 0) != (ssize_t)len)
		die("send");
}

/**
 * get() - receive one message that has come, or is to come, in one piece
 * @arm: says whether with a header
 * @fd: a blocking socket
 * @buf: room for message_size() bytes
 * @len: the length in bytes it must have
 */
void get(const struct arm *arm, int fd, void *buf, size_t len)
{
	size_t size = message_size(arm, len);
	uint32_t head;

	if (recv(fd, buf, size, 0) != (ssize_t)size)
		die("recv");
	if (!arm->framed)
		return;
	memcpy(&head, buf, sizeof(head));
	if (head != len)
		die("a message's length");
}
