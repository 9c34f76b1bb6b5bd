// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * AcceptEx: the accepted connection takes the place of a socket that the
 * caller made, under its number.  Waiting for first data happens in that
 * socket's queue, while the operation stays the listener's.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <wsp/mswsock.h>

#include "block.h"
#include "engine.h"
#include "extension.h"
#include "netevent.h"
#include "overlapped.h"
#include "wsa.h"

/* What Windows asks for beyond an address's size; our sizes lie there. */
#define ACCEPTEX_EXTRA	16

/**
 * struct acceptex_op - an operation
 * @op: first
 * @s: socket to fill in
 * @out: the caller's buffer
 * @len: bytes of first data
 * @local_len: room for the local address
 * @remote_len: room for the remote address
 * @home: the listener's channel, once the operation waits for data
 */
struct acceptex_op {
	struct wsp_op op;
	SOCKET s;
	char *out;
	DWORD len;
	DWORD local_len;
	DWORD remote_len;
	struct wsp_chan *home;
};

static int acceptex_recv(struct wsp_op *op)
{
	struct acceptex_op *a = (struct acceptex_op *)op;
	ssize_t n;

	do {
		n = recv((int)a->s, a->out, a->len, MSG_DONTWAIT);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EAGAIN ? WSP_OP_AGAIN : wsp_err_from_errno(errno);
	op->count = (DWORD)n;
	return 0;
}

static void acceptex_recv_end(struct wsp_op *op, int code)
{
	(void)code;
	atomic_fetch_sub(&((struct acceptex_op *)op)->home->moved, 1);
}

static const struct wsp_op_type acceptex_recv_type = {
	.attempt = acceptex_recv,
	.end = acceptex_recv_end,
};

typedef int (*acceptex_getname)(int fd, struct sockaddr *sa, socklen_t *size);

static void acceptex_put_name(char *room, DWORD len, acceptex_getname get, int fd, uint32_t state)
{
	struct sockaddr_storage ss = { 0 };
	socklen_t size = sizeof(ss);
	int32_t given;

	if (get(fd, (struct sockaddr *)&ss, &size) || size > len - ACCEPTEX_EXTRA)
		size = 0;
	if (ss.ss_family == AF_INET6 && (state & WSP_H_WINFAM))
		ss.ss_family = WS_AF_INET6;
	given = (int32_t)size;
	memcpy(room, &ss, size);
	memcpy(room + len - sizeof(given), &given, sizeof(given));
}

static int acceptex_peer(int fd, struct sockaddr *sa, socklen_t *size)
{
	return getpeername(fd, sa, size);
}

static int acceptex_local(int fd, struct sockaddr *sa, socklen_t *size)
{
	return getsockname(fd, sa, size);
}

/* The socket's channel, locked, with the connection in it, or a WSA code. */
static int acceptex_install(struct acceptex_op *a, const struct wsp_handle *listener, int fd,
			    struct wsp_chan **chan)
{
	struct wsp_handle h;
	struct wsp_chan *c;
	bool nonblocking;
	int code;

	c = wsp_chan_lock(a->s, &code);
	if (!c)
		return WSA_OPERATION_ABORTED;
	code = wsp_handle_get(a->s, &h);
	if (code)
		goto out;
	nonblocking = wsp_block_nonblocking(&h);
	if (nonblocking)
		fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	if (dup3(fd, h.fd, O_CLOEXEC) < 0) {
		code = wsp_err_from_errno(errno);
		goto out;
	}
	code = wsp_handle_new(h.fd, WSP_H_CONNECTED | (h.state & WSP_H_INHERITED),
			      listener->linger);
	if (!code) {
		wsp_netevent_after_replace(&h);
		wsp_chan_replace(c);
		*chan = c;
		return 0;
	}
out:
	wsp_chan_unlock(c);
	return code;
}

static int acceptex_take(const struct wsp_handle *h)
{
	int fd = wsp_handle_take_deferred(h);
	struct pollfd p = { .fd = h->fd, .events = POLLIN };

	if (fd >= 0)
		return fd;
	/* A listener that is not ours could block. */
	if (!(h->state & WSP_H_NONBLOCK_BELOW) && !poll(&p, 1, 0)) {
		errno = EAGAIN;
		return -1;
	}
	do {
		fd = accept4(h->fd, NULL, NULL, SOCK_CLOEXEC);
	} while (fd < 0 && (errno == EINTR || errno == ECONNABORTED ||
			    (errno == EMFILE && wsp_quarantine_flush())));
	return fd;
}

/* Both channels locked.  First data may be there already. */
static int acceptex_first_data(struct acceptex_op *a, struct wsp_chan *c)
{
	struct wsp_op *op = &a->op;
	int code = acceptex_recv(op);

	if (code != WSP_OP_AGAIN)
		return code;
	if (!wsp_engine_start())
		return WSAENOBUFS;
	a->home = op->chan;
	atomic_fetch_add(&a->home->moved, 1);
	op->home_port = op->chan->port;
	op->home_key = op->chan->key;
	if (op->home_port)
		wsp_port_get(op->home_port);
	op->type = &acceptex_recv_type;
	wsp_chan_push(c, WSP_IN, op);
	return WSP_OP_MOVED;
}

static int acceptex_accept(struct wsp_op *op)
{
	struct acceptex_op *a = (struct acceptex_op *)op;
	struct wsp_chan *c = NULL;
	struct wsp_handle h;
	int fd, code;

	code = wsp_handle_get(op->chan->fd, &h);
	if (code)
		return code;
	fd = acceptex_take(&h);
	if (fd < 0)
		return errno == EAGAIN ? WSP_OP_AGAIN : wsp_err_from_errno(errno);
	code = acceptex_install(a, &h, fd, &c);
	wsp_netevent_after_accept(&h, -1, code);
	close(fd);
	if (code)
		return code;
	acceptex_put_name(a->out + a->len, a->local_len, acceptex_local, (int)a->s,
			  wsp_handle_peek(a->s));
	acceptex_put_name(a->out + a->len + a->local_len, a->remote_len, acceptex_peer, (int)a->s,
			  wsp_handle_peek(a->s));
	code = a->len ? acceptex_first_data(a, c) : 0;
	wsp_chan_unlock(c);
	return code;
}

static const struct wsp_op_type acceptex_type = { .attempt = acceptex_accept };

static int acceptex_check(SOCKET listener, SOCKET s)
{
	struct sockaddr_storage ss = { 0 };
	socklen_t len = sizeof(ss);
	struct wsp_handle h;
	int code = wsp_handle_get(listener, &h);

	if (!code && (!(h.state & WSP_H_TCP) || wsp_tcp_state(&h) != WSP_TCP_LISTEN))
		code = WSAEINVAL;
	if (!code)
		code = wsp_handle_get(s, &h);
	if (code)
		return code;
	if (!(h.state & WSP_H_TCP) || wsp_tcp_state(&h) != WSP_TCP_NEVER ||
	    getsockname(h.fd, (struct sockaddr *)&ss, &len))
		return WSAEINVAL;
	/* The port has the same place in both families. */
	return ((struct sockaddr_in *)&ss)->sin_port ? WSAEINVAL : 0;
}

WSA_EXPORT BOOL AcceptEx(SOCKET listener, SOCKET s, void *out, DWORD len, DWORD local_len,
			 DWORD remote_len, DWORD *count, LPWSAOVERLAPPED ov)
{
	struct acceptex_op *a;
	int code = acceptex_check(listener, s);

	if (!code && !ov)
		code = WSA_INVALID_PARAMETER;
	if (!code && (!out || local_len < sizeof(struct sockaddr_in) + ACCEPTEX_EXTRA ||
		      remote_len < sizeof(struct sockaddr_in) + ACCEPTEX_EXTRA))
		code = WSAEFAULT;
	if (code)
		return wsp_extension_result(code);
	a = malloc(sizeof(*a));
	if (!a)
		return wsp_extension_result(WSAENOBUFS);
	a->s = s;
	a->out = out;
	a->len = len;
	a->local_len = local_len;
	a->remote_len = remote_len;
	code = wsp_op_init(&a->op, &acceptex_type, ov, NULL, NULL);
	if (code)
		code = wsp_op_init_failed(listener, &a->op, code);
	else
		code = wsp_op_submit(listener, WSP_IN, &a->op, count, NULL);
	return wsp_extension_result(code);
}

static void acceptex_get_name(char *room, DWORD len, struct sockaddr **name, int *size)
{
	int32_t given;

	memcpy(&given, room + len - sizeof(given), sizeof(given));
	*name = (struct sockaddr *)room;
	*size = given;
}

WSA_EXPORT void GetAcceptExSockaddrs(void *out, DWORD len, DWORD local_len, DWORD remote_len,
				     struct sockaddr **local, int *local_size,
				     struct sockaddr **remote, int *remote_size)
{
	char *room = (char *)out + len;

	acceptex_get_name(room, local_len, local, local_size);
	acceptex_get_name(room + local_len, remote_len, remote, remote_size);
}
