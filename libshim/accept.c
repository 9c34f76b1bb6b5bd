// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Accepting, with the condition function.  TCP has answered the peer before
 * anyone can be asked, so a refusal is a reset, and a connection that is not
 * handed out after all waits in the side table for the next call.
 */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "block.h"
#include "netevent.h"
#include "upcall_socket.h"

static SOCKET accept_fail(int *err, int code)
{
	wsp_err_fail(err, code);
	return INVALID_SOCKET;
}

/* Accepted sockets take over the listener's mode, as on Windows. */
static int accept_try(const struct wsp_handle *h)
{
	int mode = wsp_block_nonblocking(h) ? SOCK_NONBLOCK : 0;
	int fd;

	do {
		fd = accept4(h->fd, NULL, NULL, SOCK_CLOEXEC | mode);
	} while (fd < 0 && (errno == EINTR || (errno == EMFILE && wsp_quarantine_flush())));
	return fd;
}

/* Closing the listener ends the wait, which the kernel's own would not.  CL-5 */
static int accept_next(const struct wsp_handle *h, int *fd)
{
	/* A listener that is not ours could block in accept(). */
	bool wait = !(h->state & WSP_H_NONBLOCK_BELOW) && (h->state & WSP_H_TCP) &&
		    !wsp_block_nonblocking(h) && wsp_tcp_state(h) == WSP_TCP_LISTEN;
	int code = 0;

	while (!code) {
		*fd = wsp_handle_take_deferred(h);
		if (*fd >= 0)
			return 0;
		if (!wait) {
			*fd = accept_try(h);
			if (*fd >= 0)
				return 0;
			if (errno != EAGAIN || wsp_block_nonblocking(h))
				return wsp_err_from_errno(errno);
		}
		wait = false;
		code = wsp_block_wait(h, POLLIN, WSP_FOREVER);
	}
	return code;
}

static void accept_put_back(const struct wsp_handle *h, int fd)
{
	if (!wsp_handle_defer(h, fd))
		close(fd);
}

static int accept_ask(const struct wsp_handle *h, int fd, LPCONDITIONPROC condition,
		      DWORD_PTR callback_data, int *answer)
{
	struct sockaddr_storage caller, callee;
	socklen_t caller_len = sizeof(caller), callee_len = sizeof(callee);
	WSABUF caller_id = { 0, (char *)&caller };
	WSABUF callee_id = { 0, (char *)&callee };
	/* No room: connect data is not offered. */
	WSABUF callee_data = { 0, NULL };
	GROUP group = 0;

	if (getpeername(fd, (struct sockaddr *)&caller, &caller_len) ||
	    getsockname(fd, (struct sockaddr *)&callee, &callee_len))
		return WSAECONNRESET;
	if (caller.ss_family == AF_INET6 && (h->state & WSP_H_INHERITED)) {
		caller.ss_family = WS_AF_INET6;
		callee.ss_family = WS_AF_INET6;
	}
	caller_id.len = caller_len;
	callee_id.len = callee_len;
	wsp_callback_enter();
	*answer = condition(&caller_id, NULL, NULL, NULL, &callee_id, &callee_data, &group,
			    callback_data);
	wsp_callback_leave();
	return 0;
}

/* On failure the connection is taken care of. */
static int accept_apply_condition(const struct wsp_handle *h, int fd, LPCONDITIONPROC condition,
				  DWORD_PTR callback_data)
{
	int answer, code = accept_ask(h, fd, condition, callback_data, &answer);

	if (code) {
		close(fd);
		return code;
	}
	switch (answer) {
	case CF_ACCEPT:
		return 0;
	case CF_DEFER:
		accept_put_back(h, fd);
		return WSATRY_AGAIN;
	default:
		wsp_tcp_set_linger(fd, true, 0);
		close(fd);
		return WSAECONNREFUSED;
	}
}

static int accept_name_size(int fd)
{
	int domain = 0;
	socklen_t len = sizeof(domain);

	if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len))
		return 0;
	if (domain == AF_INET)
		return sizeof(struct sockaddr_in);
	return domain == AF_INET6 ? sizeof(struct sockaddr_in6) : 0;
}

/* Looked at first, so that no connection has to be put back for it. */
static int accept_check_room(const struct wsp_handle *h, const struct sockaddr *addr,
			     const int *addrlen)
{
	int room;

	if (!addr || !addrlen)
		return 0;
	if (!wsp_mem_read(&room, addrlen, sizeof(room)) || room < accept_name_size(h->fd))
		return WSAEFAULT;
	return 0;
}

static int accept_give_peer(const struct wsp_handle *h, int fd, struct sockaddr *addr,
			    int *addrlen)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);

	if (!addr || !addrlen)
		return 0;
	/* A peer that is gone already leaves a socket worth handing out. */
	if (getpeername(fd, (struct sockaddr *)&ss, &len))
		return 0;
	return wsp_addr_out(h->state, &ss, len, addr, addrlen);
}

static int accept_run(const struct wsp_handle *h, struct sockaddr *addr, int *addrlen,
		      LPCONDITIONPROC condition, DWORD_PTR callback_data, int *fd)
{
	int code = accept_check_room(h, addr, addrlen);

	if (!code)
		code = accept_next(h, fd);
	if (!code && condition)
		code = accept_apply_condition(h, *fd, condition, callback_data);
	if (code)
		return code;
	code = accept_give_peer(h, *fd, addr, addrlen);
	if (code) {
		accept_put_back(h, *fd);
		return code;
	}
	code = wsp_handle_new(*fd, WSP_H_CONNECTED | (h->state & WSP_H_INHERITED), h->linger);
	if (code)
		close(*fd);
	return code;
}

/* WSPAccept; see WSAAccept().  OP-5, SD-8 */
SOCKET wsp_accept_spi(SOCKET s, struct sockaddr *addr, int *addrlen, LPCONDITIONPROC condition,
		      DWORD_PTR callback_data, int *err)
{
	struct wsp_handle h;
	int fd, code = wsp_handle_get(s, &h);

	if (code)
		return accept_fail(err, code);
	code = accept_run(&h, addr, addrlen, condition, callback_data, &fd);
	wsp_netevent_after_accept(&h, code ? -1 : fd, code);
	if (code)
		return accept_fail(err, code);
	return wsp_upcall_hand_out(fd, err);
}

/**
 * wsp_accept_drop_deferred() - close what was accepted and not handed out
 * @h: listener
 */
void wsp_accept_drop_deferred(const struct wsp_handle *h)
{
	int fd;

	while ((fd = wsp_handle_take_deferred(h)) >= 0)
		close(fd);
}
