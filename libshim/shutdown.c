// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Ending one direction.  The end of receiving is a flag of ours: the kernel's
 * SHUT_RD would still hand out queued data (RD-10), and on a listener it ends
 * listening.
 */
#include <errno.h>
#include <sys/socket.h>

#include "end_op.h"
#include "netevent.h"

static int shutdown_tcp_send(const struct wsp_handle *h)
{
	switch (wsp_tcp_state(h)) {
	case WSP_TCP_OPEN:
		wsp_handle_add(h, WSP_H_SEND_ENDING);
		return shutdown(h->fd, SHUT_WR) ? wsp_err_from_errno(errno) : 0;
	case WSP_TCP_SENT_FIN:
	case WSP_TCP_GONE:
		return 0;
	default:
		return WSAENOTCONN;
	}
}

/**
 * wsp_shutdown_send() - end the send direction
 * @h: socket
 *
 * Again and again if need be.  A datagram socket needs no peer for it.
 *
 * Return: 0 or WSAENOTCONN.  SD-1, SD-16, SD-20, RC-4
 */
int wsp_shutdown_send(const struct wsp_handle *h)
{
	int code = 0;

	if (wsp_end_op_send(h, NULL, &code))
		return code;
	if (h->state & WSP_H_TCP)
		code = shutdown_tcp_send(h);
	else if (!(h->state & (WSP_H_DGRAM | WSP_H_SEND_OFF)) && shutdown(h->fd, SHUT_WR))
		code = wsp_err_from_errno(errno);
	if (!code)
		wsp_handle_add(h, WSP_H_SEND_OFF);
	return code;
}

static int shutdown_recv(const struct wsp_handle *h)
{
	if (h->state & WSP_H_TCP) {
		enum wsp_tcp_state st = wsp_tcp_state(h);

		if (st == WSP_TCP_NEVER || st == WSP_TCP_LISTEN || st == WSP_TCP_RESET)
			return WSAENOTCONN;
		if (wsp_end_op_recv(h))
			return 0;
		/* There the module gives SHUT_RD the meaning wanted. */
		if (wsp_tcp_attached(h->fd) && shutdown(h->fd, SHUT_RD) && errno != ENOTCONN)
			return wsp_err_from_errno(errno);
	}
	wsp_handle_add(h, WSP_H_RECV_OFF);
	return 0;
}

/* WSPShutdown; see wsp_shutdown().  RC-4 */
int wsp_shutdown_spi(SOCKET s, int how, int *err)
{
	struct wsp_handle h;
	int code = wsp_handle_get(s, &h);

	if (!code && (how < SD_RECEIVE || how > SD_BOTH))
		code = WSAEINVAL;
	if (!code && how != SD_RECEIVE)
		code = wsp_shutdown_send(&h);
	/* The connection may be gone by this, which is no reset then. */
	if (!code && how != SD_RECEIVE)
		h.state |= WSP_H_SEND_OFF;
	if (!code && how != SD_SEND)
		code = shutdown_recv(&h);
	if (!code)
		wsp_netevent_after_change(&h);
	return wsp_err_result(err, code);
}
