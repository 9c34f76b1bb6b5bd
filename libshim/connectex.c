// SPDX-License-Identifier: LGPL-2.1-or-later
/* ConnectEx and DisconnectEx. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <wsp/mswsock.h>

#include "block.h"
#include "extension.h"
#include "netevent.h"
#include "overlapped.h"
#include "wsa.h"

/**
 * struct connectex_op - an operation
 * @op: first
 * @h: socket
 * @name: where to
 * @namelen: its size
 * @started: connect() was called
 * @connected: it has succeeded
 * @data: to be sent then
 * @len: bytes
 */
struct connectex_op {
	struct wsp_op op;
	struct wsp_handle h;
	struct sockaddr_storage name;
	socklen_t namelen;
	bool started;
	bool connected;
	const char *data;
	DWORD len;
};

static int connectex_send(struct connectex_op *x)
{
	while (x->op.count < x->len) {
		ssize_t n = send(x->h.fd, x->data + x->op.count, x->len - x->op.count,
				 MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n < 0) {
			if (errno == EINTR)
				continue;
			return errno == EAGAIN ? WSP_OP_AGAIN : wsp_err_from_errno(errno);
		}
		x->op.count += n;
	}
	return 0;
}

/*
 * Nonblocking underneath until the end.  The second connect() fetches the
 * result, and has the kernel know of it.
 */
static int connectex_connect(struct connectex_op *x)
{
	bool again = x->started;

	if (!again) {
		int code = wsp_handle_get(x->h.fd, &x->h);

		if (!code)
			code = wsp_block_force(&x->h);
		if (code)
			return code;
		x->started = true;
	}
	if (!connect(x->h.fd, (struct sockaddr *)&x->name, x->namelen) ||
	    (again && errno == EISCONN))
		return 0;
	if (errno == EINPROGRESS || (again && errno == EALREADY))
		return WSP_OP_AGAIN;
	return wsp_err_from_errno(errno);
}

static int connectex_attempt(struct wsp_op *op)
{
	struct connectex_op *x = (struct connectex_op *)op;

	if (!x->connected) {
		int code = connectex_connect(x);

		if (code)
			return code;
		x->connected = true;
		wsp_handle_add(&x->h, WSP_H_CONNECTED);
	}
	return connectex_send(x);
}

static void connectex_end(struct wsp_op *op, int code)
{
	struct connectex_op *x = (struct connectex_op *)op;

	if (x->started)
		wsp_block_unforce(&x->h);
	if (!code)
		wsp_netevent_after_connect(&x->h, 0);
}

static const struct wsp_op_type connectex_type = {
	.attempt = connectex_attempt,
	.end = connectex_end,
	.eager = true,
};

static bool connectex_is_bound(int fd)
{
	struct sockaddr_storage ss = { 0 };
	socklen_t len = sizeof(ss);

	/* The port has the same place in both families. */
	return !getsockname(fd, (struct sockaddr *)&ss, &len) &&
	       ((struct sockaddr_in *)&ss)->sin_port;
}

static int connectex_check(SOCKET s, struct wsp_handle *h)
{
	int code = wsp_handle_get(s, h);

	if (code)
		return code;
	if (!(h->state & WSP_H_TCP))
		return WSAEOPNOTSUPP;
	switch (wsp_tcp_state(h)) {
	case WSP_TCP_NEVER:
		return connectex_is_bound(h->fd) ? 0 : WSAEINVAL;
	case WSP_TCP_LISTEN:
		return WSAEINVAL;
	default:
		return WSAEISCONN;
	}
}

/**
 * wsp_connectex() - ConnectEx()
 * @s: bound TCP socket
 * @name: peer's address
 * @namelen: its size in bytes
 * @data: to be sent once connected
 * @len: bytes, 0: none
 * @count: out, if it is done at once: bytes sent
 * @ov: operation
 *
 * Return: TRUE, or FALSE with WSA_IO_PENDING or an error of WSAConnect().
 */
BOOL wsp_connectex(SOCKET s, const struct sockaddr *name, int namelen, void *data, DWORD len,
		   DWORD *count, LPWSAOVERLAPPED ov)
{
	struct connectex_op *x = calloc(1, sizeof(*x));
	int code = WSAENOBUFS;

	if (!x)
		return wsp_extension_result(code);
	code = connectex_check(s, &x->h);
	if (!code && !ov)
		code = WSA_INVALID_PARAMETER;
	if (!code)
		code = wsp_addr_in(name, namelen, &x->name);
	if (!code)
		code = wsp_op_init(&x->op, &connectex_type, ov, NULL, NULL);
	if (code) {
		free(x);
		return wsp_extension_result(code);
	}
	x->namelen = namelen;
	x->data = data;
	x->len = data ? len : 0;
	return wsp_extension_result(wsp_op_submit(s, WSP_OUT, &x->op, count, NULL));
}

/**
 * struct disconnectex_op - an operation
 * @op: first
 * @h: socket
 * @flags: TF_REUSE_SOCKET or 0
 * @ended: the send direction
 */
struct disconnectex_op {
	struct wsp_op op;
	struct wsp_handle h;
	DWORD flags;
	bool ended;
};

/* In the old one's place goes a new socket, at its address if that is free. */
static int disconnectex_renew(const struct wsp_handle *h, struct wsp_chan *c)
{
	int domain = AF_INET, on = 1, code = 0;
	socklen_t len = sizeof(domain);
	struct sockaddr_storage ss;
	struct linger l;
	int fd;

	getsockopt(h->fd, SOL_SOCKET, SO_DOMAIN, &domain, &len);
	fd = socket(domain, SOCK_STREAM | SOCK_CLOEXEC | (wsp_block_nonblocking(h) ?
		    SOCK_NONBLOCK : 0), IPPROTO_TCP);
	if (fd < 0)
		return wsp_err_from_errno(errno);
	if (wsp_tcp_attached(h->fd))
		wsp_tcp_attach(fd);
	len = sizeof(l);
	if (!getsockopt(h->fd, SOL_SOCKET, SO_LINGER, &l, &len))
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, len);
	len = sizeof(ss);
	if (!getsockname(h->fd, (struct sockaddr *)&ss, &len)) {
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
		if (bind(fd, (struct sockaddr *)&ss, len)) {
			((struct sockaddr_in *)&ss)->sin_port = 0;
			(void)bind(fd, (struct sockaddr *)&ss, len);
		}
	}
	/* Nothing to wait for: the peer has ended it, too. */
	wsp_tcp_set_linger(h->fd, false, 0);
	if (dup3(fd, h->fd, O_CLOEXEC) < 0)
		code = wsp_err_from_errno(errno);
	close(fd);
	if (!code)
		code = wsp_handle_new(h->fd, h->state & WSP_H_WINFAM, h->linger);
	if (!code) {
		wsp_netevent_after_replace(h);
		wsp_chan_replace(c);
	}
	return code;
}

static bool disconnectex_peer_ended(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLRDHUP };

	return poll(&p, 1, 0) > 0;
}

static int disconnectex_attempt(struct wsp_op *op)
{
	struct disconnectex_op *x = (struct disconnectex_op *)op;

	if (!x->ended) {
		if (shutdown(x->h.fd, SHUT_WR) && errno != ENOTCONN)
			return wsp_err_from_errno(errno);
		wsp_handle_add(&x->h, WSP_H_SEND_OFF);
		x->ended = true;
	}
	if (!(x->flags & TF_REUSE_SOCKET))
		return 0;
	if (!disconnectex_peer_ended(x->h.fd))
		return WSP_OP_AGAIN;
	return disconnectex_renew(&x->h, op->chan);
}

static const struct wsp_op_type disconnectex_type = {
	.attempt = disconnectex_attempt,
	.eager = true,
};

/**
 * wsp_disconnectex() - DisconnectEx()
 * @s: connected TCP socket
 * @ov: operation, NULL: return at the end
 * @flags: TF_REUSE_SOCKET: wait for the peer's end, and make the socket as if
 *	new, for AcceptEx() or ConnectEx()
 * @reserved: 0
 *
 * Return: TRUE, or FALSE with WSA_IO_PENDING, WSAENOTCONN, WSAEINVAL.
 */
BOOL wsp_disconnectex(SOCKET s, LPWSAOVERLAPPED ov, DWORD flags, DWORD reserved)
{
	struct disconnectex_op *x = calloc(1, sizeof(*x));
	int code = WSAENOBUFS;
	DWORD count;

	if (!x)
		return wsp_extension_result(code);
	code = wsp_handle_get(s, &x->h);
	if (!code && (reserved || (flags & ~TF_REUSE_SOCKET)))
		code = WSAEINVAL;
	if (!code && (!(x->h.state & WSP_H_TCP) || wsp_tcp_state(&x->h) < WSP_TCP_OPEN))
		code = WSAENOTCONN;
	if (!code)
		code = wsp_op_init(&x->op, &disconnectex_type, ov, NULL, NULL);
	if (code) {
		free(x);
		return wsp_extension_result(code);
	}
	x->flags = flags;
	if (ov)
		code = wsp_op_submit(s, WSP_OUT, &x->op, NULL, NULL);
	else
		code = wsp_op_wait(s, WSP_OUT, &x->op, &count, NULL);
	return wsp_extension_result(code);
}
