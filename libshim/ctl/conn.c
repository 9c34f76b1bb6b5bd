// SPDX-License-Identifier: LGPL-2.1-or-later
/* One connection, made or waited for, with the module where it is there. */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "../preload/text.h"
#include "ctl.h"

#ifndef TCP_ULP
#define TCP_ULP 31
#endif

static int64_t conn_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

/**
 * ctl_conn_left() - time that is left, for poll()
 * @c: connection
 */
int ctl_conn_left(const struct ctl_conn *c)
{
	int64_t left = c->deadline - conn_now();

	if (c->deadline < 0)
		return -1;
	return left > 0 ? left : 0;
}

/**
 * ctl_conn_wait() - wait for the socket
 * @c: connection
 * @events: poll()'s
 *
 * Return: 0, or CTL_TIMEOUT, which is said.
 */
int ctl_conn_wait(const struct ctl_conn *c, short events)
{
	struct pollfd pfd = { .fd = c->fd, .events = events };
	int n;

	do
		n = poll(&pfd, 1, ctl_conn_left(c));
	while (n < 0 && errno == EINTR);
	if (n > 0)
		return 0;
	ctl_say("timeout");
	return CTL_TIMEOUT;
}

static void conn_attach(struct ctl_conn *c)
{
	c->attached = !setsockopt(c->fd, IPPROTO_TCP, TCP_ULP, WSP_ULP_NAME,
				  strlen(WSP_ULP_NAME));
}

/* A connect() that ends by the deadline; errno otherwise. */
static int conn_connect(struct ctl_conn *c, const struct addrinfo *ai)
{
	int err = 0;
	socklen_t len = sizeof(err);

	if (!connect(c->fd, ai->ai_addr, ai->ai_addrlen))
		return 0;
	if (errno != EINPROGRESS)
		return -1;
	if (ctl_conn_wait(c, POLLOUT))
		err = ETIMEDOUT;
	else
		getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &err, &len);
	errno = err;
	return err ? -1 : 0;
}

/* The listener's place is taken by what it accepts. */
static int conn_accept(struct ctl_conn *c, const struct addrinfo *ai)
{
	int on = 1, fd;

	setsockopt(c->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(c->fd, ai->ai_addr, ai->ai_addrlen) || listen(c->fd, 1))
		return -1;
	if (ctl_conn_wait(c, POLLIN)) {
		errno = ETIMEDOUT;
		return -1;
	}
	fd = accept4(c->fd, NULL, NULL, SOCK_CLOEXEC);
	close(c->fd);
	c->fd = fd;
	return fd < 0 ? -1 : 0;
}

static int conn_try(struct ctl_conn *c, const struct ctl_options *opt, const struct addrinfo *ai)
{
	int block = 0, ret, err;

	c->fd = socket(ai->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (c->fd < 0)
		return -1;
	conn_attach(c);
	ret = opt->listen ? conn_accept(c, ai) : conn_connect(c, ai);
	err = errno;
	if (ret && c->fd >= 0)
		close(c->fd);
	else
		ioctl(c->fd, FIONBIO, &block);
	errno = err;
	return ret;
}

/**
 * ctl_conn_open() - make the connection
 * @c: out
 * @opt: options
 * @argc: arguments: host and port; with --listen the host is optional
 * @argv: them
 *
 * Return: 0, or an exit status; what is wrong is said.
 */
int ctl_conn_open(struct ctl_conn *c, const struct ctl_options *opt, int argc, char **argv)
{
	struct addrinfo hints = {
		.ai_socktype = SOCK_STREAM,
		.ai_flags = opt->listen ? AI_PASSIVE : 0,
	};
	struct addrinfo *list, *ai;
	int err, ret = -1;

	if (argc < 1 || argc > 2 || (argc == 1 && !opt->listen))
		return CTL_USAGE;
	err = getaddrinfo(argc == 2 ? argv[0] : NULL, argv[argc - 1], &hints, &list);
	if (err) {
		ctl_say("%s: %s", argv[0], gai_strerror(err));
		return CTL_FAILED;
	}
	c->deadline = opt->timeout < 0 ? -1 : conn_now() + opt->timeout;
	for (ai = list; ai && ret; ai = ai->ai_next)
		ret = conn_try(c, opt, ai);
	err = errno;
	freeaddrinfo(list);
	if (!ret)
		return 0;
	ctl_say("%s: %s", argv[argc - 1], strerror(err));
	return err == ETIMEDOUT ? CTL_TIMEOUT : CTL_FAILED;
}

/**
 * ctl_conn_send() - end the send direction, with disconnect data if possible
 * @c: connection
 * @data: the bytes
 * @len: how many; 0 just ends it
 *
 * Return: 0, CTL_NO_DATA if it was ended without, or CTL_FAILED; both are said.
 */
int ctl_conn_send(const struct ctl_conn *c, const void *data, size_t len)
{
	struct wsp_disc_args args = { .data = (uintptr_t)data, .len = len };

	if (len && c->attached && !ioctl(c->fd, WSP_DISC_SEND, &args))
		return 0;
	if (len && (!c->attached || errno == ENOPROTOOPT))
		ctl_say("disconnect data not sent: %s", c->attached ?
			"the peer does not support it" : "the module wsp is not loaded");
	else if (len)
		ctl_say("disconnect data not sent: %s", strerror(errno));
	if (shutdown(c->fd, SHUT_WR) && errno != ENOTCONN) {
		ctl_say("shutdown: %s", strerror(errno));
		return CTL_FAILED;
	}
	return len ? CTL_NO_DATA : 0;
}

/**
 * ctl_conn_data() - the peer's disconnect data
 * @c: connection
 * @buf: where to
 * @size: WSP_DISC_MAX
 *
 * Return: its size, 0 for none.
 */
ssize_t ctl_conn_data(const struct ctl_conn *c, void *buf, size_t size)
{
	struct wsp_disc_args args = {
		.data = (uintptr_t)buf,
		.len = size,
		.flags = WSP_DISC_KEEP_RECV,
	};

	return c->attached && !ioctl(c->fd, WSP_DISC_RECV, &args) ? args.len : 0;
}

/**
 * ctl_conn_drain() - read until the peer has ended
 * @c: connection
 *
 * Return: 0 or an exit status; what is wrong is said.
 */
int ctl_conn_drain(const struct ctl_conn *c)
{
	char buf[16384];
	ssize_t n = 1;
	int ret;

	while (n) {
		ret = ctl_conn_wait(c, POLLIN);
		if (ret)
			return ret;
		n = recv(c->fd, buf, sizeof(buf), 0);
		if (n < 0 && errno != EINTR) {
			ctl_say("%s", strerror(errno));
			return CTL_FAILED;
		}
	}
	return 0;
}

/**
 * ctl_conn_report() - what became of the connection
 * @c: connection, ended by the peer
 * @opt: options
 * @f: where to
 */
void ctl_conn_report(const struct ctl_conn *c, const struct ctl_options *opt, FILE *f)
{
	char data[WSP_DISC_MAX], line[4 * WSP_DISC_MAX];
	ssize_t len = ctl_conn_data(c, data, sizeof(data));
	struct wsp_text t = WSP_TEXT(line);
	struct ctl_json j = { .f = f };
	struct wsp_info info = { };

	if (!opt->json) {
		wsp_text_escaped(&t, data, len);
		if (len)
			fprintf(f, "wspctl: the peer ended with \"%.*s\"\n", (int)t.len, t.buf);
		return;
	}
	if (c->attached)
		ioctl(c->fd, WSP_INFO_GET, &info);
	ctl_json_open(&j, NULL, '{');
	ctl_json_bool(&j, "attached", c->attached);
	ctl_json_bool(&j, "peer", info.flags & WSP_INFO_PEER);
	ctl_json_str(&j, "fallback", ctl_fallback_name(info.fallback));
	ctl_json_num(&j, "sent_len", info.send_len);
	if (len)
		ctl_json_data(&j, "data", data, len);
	else
		ctl_json_str(&j, "data", NULL);
	ctl_json_close(&j, '{');
}
