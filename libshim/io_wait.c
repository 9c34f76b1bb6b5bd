// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Transfers without an OVERLAPPED.  The kernel is never left to block in them:
 * the thread has to be within reach of who closes the socket (CL-5).
 *
 * A thread that found a socket empty will find it so the next time, too, and
 * waits first then.  What it skips, asking for the socket's mode and timeout,
 * it makes up for if the wait is not over in a moment.
 */
#include <errno.h>
#include <poll.h>
#include <sys/time.h>

#include "block.h"
#include "io.h"
#include "moment.h"
#include "overlapped.h"

/* The blocking socket this thread found empty last. */
static _Thread_local struct {
	int fd;
	uint64_t id;
	uint32_t generation;
} io_empty = { .fd = -1 };

static bool io_expect_empty(SOCKET s)
{
	return io_empty.fd == (int)s && io_empty.id == wsp_handle_own_id(s) &&
	       io_empty.generation == wsp_block_generation();
}

static void io_remember_empty(SOCKET s)
{
	io_empty.id = wsp_handle_own_id(s);
	io_empty.generation = wsp_block_generation();
	io_empty.fd = io_empty.id ? (int)s : -1;
}

static int64_t io_deadline(int fd, int option, int64_t start)
{
	struct timeval tv = { 0 };
	socklen_t len = sizeof(tv);

	if (getsockopt(fd, SOL_SOCKET, option, &tv, &len) || (!tv.tv_sec && !tv.tv_usec))
		return WSP_FOREVER;
	return start + (int64_t)tv.tv_sec * 1000000000 + tv.tv_usec * 1000;
}

/* 0 to try again, or the call's error. */
static int io_wait(SOCKET s, bool send, int64_t *deadline)
{
	struct wsp_handle h;
	int code = wsp_handle_get(s, &h);

	if (code)
		return code;
	if (wsp_block_nonblocking(&h))
		return WSAEWOULDBLOCK;
	if (!*deadline)
		*deadline = io_deadline(h.fd, send ? SO_SNDTIMEO : SO_RCVTIMEO, wsp_now_ns());
	if (!send)
		io_remember_empty(s);
	return wsp_block_wait(&h, send ? POLLOUT : POLLIN, *deadline);
}

/* As io_wait(), without looking at anything first. */
static int io_wait_moment(SOCKET s)
{
	struct wsp_handle h;
	int64_t deadline;
	int code = wsp_moment_wait((int)s);

	if (code != WSAETIMEDOUT)
		return code;
	/* Closed as the time ran out, and perhaps another's already. */
	if (wsp_handle_own_id(s) != io_empty.id)
		return WSAEINTR;
	code = wsp_handle_get(s, &h);
	if (code)
		return code;
	if (wsp_block_nonblocking(&h))
		return WSAEWOULDBLOCK;
	deadline = io_deadline(h.fd, SO_RCVTIMEO, wsp_now_ns() - WSP_MOMENT_MS * 1000000);
	return wsp_block_wait(&h, POLLIN, deadline);
}

/**
 * wsp_io_recv_first() - wait before a receive that would find nothing
 * @s: socket
 *
 * Return: 0 or a WSA code.
 */
int wsp_io_recv_first(SOCKET s)
{
	int code;

	if (!io_expect_empty(s))
		return 0;
	code = io_wait_moment(s);
	if (code != WSAEWOULDBLOCK)
		return code;
	io_empty.fd = -1;
	return 0;
}

static bool io_is_stream(SOCKET s)
{
	return wsp_handle_peek(s) & WSP_H_TCP;
}

/* Behind those with an OVERLAPPED. */
static int io_queue(SOCKET s, int flags)
{
	struct wsp_handle h;
	int code = wsp_handle_get(s, &h);

	if (!code && ((flags & MSG_DONTWAIT) || wsp_block_nonblocking(&h)))
		code = WSAEWOULDBLOCK;
	return code;
}

static ssize_t io_recv_queued(SOCKET s, struct msghdr *msg, int flags, int *code)
{
	DWORD count = 0, out = 0;

	*code = io_queue(s, flags);
	if (!*code)
		*code = wsp_io_op_recv(s, msg, flags, NULL, NULL, &count, &out, NULL, NULL, NULL);
	msg->msg_namelen = 0;
	msg->msg_flags = 0;
	return count;
}

/**
 * wsp_io_recvmsg() - receive, waiting if the socket is a blocking one
 * @s: socket
 * @msg: as for recvmsg()
 * @flags: MSG_* bits
 * @code: out: 0 or a WSA code
 *
 * Return: bytes.
 */
ssize_t wsp_io_recvmsg(SOCKET s, struct msghdr *msg, int flags, int *code)
{
	bool stream = io_is_stream(s);
	bool all = (flags & MSG_WAITALL) && stream;
	int64_t deadline = 0;
	ssize_t n, got = 0;

	if (wsp_chan_waiting(s, WSP_IN))
		return io_recv_queued(s, msg, flags, code);
	*code = flags & MSG_DONTWAIT ? 0 : wsp_io_recv_first(s);
	while (!*code) {
		n = wsp_io_try_recv((int)s, msg, flags, stream);
		if (n > 0 && all) {
			got += n;
			wsp_io_advance(msg, n);
			if (!msg->msg_iovlen)
				return got;
		} else if (n >= 0) {
			return got + n;
		} else if (errno != EAGAIN) {
			if (wsp_io_again(s, errno))
				continue;
			*code = wsp_io_error(s, errno, false);
		} else if (flags & (MSG_DONTWAIT | MSG_OOB)) {
			*code = WSAEWOULDBLOCK;
		} else {
			*code = io_wait(s, false, &deadline);
		}
	}
	if (got)
		*code = 0;
	return got;
}

/**
 * wsp_io_sendmsg() - send, waiting if the socket is a blocking one
 * @s: socket
 * @msg: as for sendmsg()
 * @flags: MSG_* bits
 * @code: out: 0 or a WSA code
 *
 * Return: bytes; fewer than there are on a nonblocking stream, or if something
 * went wrong after some.
 */
ssize_t wsp_io_sendmsg(SOCKET s, struct msghdr *msg, int flags, int *code)
{
	int64_t deadline = 0;
	ssize_t n, sent = 0;

	*code = 0;
	if (wsp_chan_waiting(s, WSP_OUT)) {
		DWORD count = 0;

		*code = io_queue(s, flags);
		if (!*code)
			*code = wsp_io_op_send(s, msg, flags, &count, NULL, NULL, NULL);
		return count;
	}
	while (!*code) {
		n = wsp_io_try_send((int)s, msg, flags);
		if (n >= 0) {
			sent += n;
			wsp_io_advance(msg, n);
			if (!msg->msg_iovlen || !io_is_stream(s))
				return sent;
		} else if (errno != EAGAIN) {
			if (wsp_io_again(s, errno))
				continue;
			*code = wsp_io_error(s, errno, true);
		} else if (flags & MSG_DONTWAIT) {
			*code = WSAEWOULDBLOCK;
		} else {
			*code = io_wait(s, true, &deadline);
		}
	}
	if (sent)
		*code = 0;
	return sent;
}
