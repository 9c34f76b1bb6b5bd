// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Windows lets a server bind to the port of its predecessor, whose connections
 * have not all gone; Linux only with SO_REUSEADDR on both.  So listeners have
 * it underneath, and with them what they accept, but not what is bound and does
 * not listen, which would let others in.  WS_SO_EXCLUSIVEADDRUSE takes it away.
 */
#include <errno.h>
#include <sys/socket.h>

#include "reuse.h"

static bool reuse_set(int fd, int on)
{
	return !setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
}

/* Whether the library has a say: the caller has asked for neither. */
static bool reuse_is_ours(const struct wsp_handle *h)
{
	int on = 0;
	socklen_t len = sizeof(on);

	if (!(h->state & WSP_H_TCP) || !(h->state & WSP_H_OWNED) || (h->state & WSP_H_EXCLUSIVE))
		return false;
	return !getsockopt(h->fd, SOL_SOCKET, SO_REUSEADDR, &on, &len) && !on;
}

/**
 * wsp_reuse_bind() - bind, beside connections of the past
 * @h: socket
 * @sa: address
 * @len: its size
 *
 * Return: 0 or a WSA code.
 */
int wsp_reuse_bind(const struct wsp_handle *h, const struct sockaddr *sa, socklen_t len)
{
	int errnum = bind(h->fd, sa, len) ? errno : 0;

	if (errnum == EADDRINUSE && reuse_is_ours(h) && reuse_set(h->fd, 1)) {
		errnum = bind(h->fd, sa, len) ? errno : 0;
		reuse_set(h->fd, 0);
	}
	return errnum ? wsp_err_from_errno(errnum) : 0;
}

/**
 * wsp_reuse_listen() - listen, beside connections of the past
 * @h: bound socket
 * @backlog: as for listen()
 *
 * Return: 0 or a WSA code; WSAEISCONN for a connected socket.
 */
int wsp_reuse_listen(const struct wsp_handle *h, int backlog)
{
	bool ours = reuse_is_ours(h) && reuse_set(h->fd, 1);

	if (!listen(h->fd, backlog)) {
		if (ours)
			wsp_handle_add(h, WSP_H_REUSE_BELOW);
		return 0;
	}
	if (ours) {
		int errnum = errno;

		reuse_set(h->fd, 0);
		errno = errnum;
	}
	return errno == EINVAL ? WSAEISCONN : wsp_err_from_errno(errno);
}
