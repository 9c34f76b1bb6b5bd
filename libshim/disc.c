// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * SendDisconnect and RecvDisconnect.  The kernel's ioctl decides; ENOTTY from
 * it means plain TCP, where there is no data to be had but both calls still
 * end their direction.
 */
#include <errno.h>
#include <linux/wsp.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "end_op.h"
#include "netevent.h"

/* The kernel reads a struct ifreq's size for an ioctl it cannot place. */
union disc_arg {
	struct wsp_disc_args args;
	char ifreq[64];
};

/* To a completion routine too, unlike other calls.  SD-8 */
static int disc_begin(SOCKET s, struct wsp_handle *h)
{
	int code = wsp_handle_get(s, h);

	return !code && wsp_callback_in_routine() ? WSAEINPROGRESS : code;
}

/* SD-18: the address counts for nothing where there is no length. */
static int disc_get_buf(LPWSABUF data, WSABUF *buf)
{
	buf->len = 0;
	buf->buf = NULL;
	if (data && !wsp_mem_read(buf, data, sizeof(*buf)))
		return WSAEFAULT;
	return 0;
}

static int disc_ioctl(int fd, unsigned long cmd, const WSABUF *buf, uint32_t flags, uint32_t *len)
{
	union disc_arg arg = {
		.args = {
			.data = buf->len ? (uintptr_t)buf->buf : 0,
			.len = buf->len,
			.flags = flags,
		},
	};
	int errnum = ioctl(fd, cmd, &arg) ? errno : 0;

	if (len)
		*len = arg.args.len;
	return errnum;
}

/* A connection without the module: what SD-23 puts first is told first. */
static int disc_send_plain(const struct wsp_handle *h, const WSABUF *buf)
{
	if (!buf->len)
		return wsp_shutdown_send(h);
	if (h->state & WSP_H_TCP) {
		enum wsp_tcp_state st = wsp_tcp_state(h);

		if (st == WSP_TCP_NEVER || st == WSP_TCP_LISTEN || st == WSP_TCP_RESET)
			return WSAENOTCONN;
	}
	return WSAENOPROTOOPT;
}

static int disc_send(const struct wsp_handle *h, const WSABUF *buf)
{
	int errnum, code;

	if (!(h->state & WSP_H_TCP))
		return disc_send_plain(h, buf);
	if (wsp_end_op_send(h, buf, &code))
		return code;
	wsp_handle_add(h, WSP_H_SEND_ENDING);
	errnum = disc_ioctl(h->fd, WSP_DISC_SEND, buf, 0, NULL);
	if (errnum == ENOTTY)
		return disc_send_plain(h, buf);
	if (errnum)
		return wsp_err_from_errno(errnum);
	wsp_handle_add(h, WSP_H_SEND_OFF | WSP_H_CONNECTED);
	return 0;
}

/* WSPSendDisconnect; see WSASendDisconnect() */
int wsp_senddisc_spi(SOCKET s, LPWSABUF data, int *err)
{
	struct wsp_handle h;
	WSABUF buf;
	int code = disc_begin(s, &h);

	if (!code)
		code = disc_get_buf(data, &buf);
	if (!code)
		code = disc_send(&h, &buf);
	return wsp_err_result(err, code);
}

static int disc_recv_plain(const struct wsp_handle *h, const WSABUF *buf)
{
	if (h->state & WSP_H_TCP) {
		enum wsp_tcp_state st = wsp_tcp_state(h);

		if (st == WSP_TCP_NEVER || st == WSP_TCP_LISTEN || st == WSP_TCP_RESET)
			return WSAENOTCONN;
	}
	if (buf->len)
		return WSAENOPROTOOPT;
	wsp_handle_add(h, WSP_H_RECV_OFF);
	return 0;
}

/*
 * Receiving ends only after the length has reached the caller's WSABUF, so
 * that one that cannot be written changes nothing.
 */
static int disc_recv(const struct wsp_handle *h, LPWSABUF data, const WSABUF *buf)
{
	const WSABUF none = { 0, NULL };
	uint32_t len;
	int errnum;

	if (!(h->state & WSP_H_TCP))
		return disc_recv_plain(h, buf);
	errnum = disc_ioctl(h->fd, WSP_DISC_RECV, buf, WSP_DISC_KEEP_RECV, &len);
	if (errnum == ENOTTY)
		return disc_recv_plain(h, buf);
	if (errnum && errnum != EMSGSIZE)
		return wsp_err_from_errno(errnum);
	if (buf->len && !wsp_mem_write(&data->len, &len, sizeof(len)))
		return WSAEFAULT;
	if (errnum)
		return WSAEFAULT;
	if (wsp_end_op_recv(h))
		return 0;
	errnum = disc_ioctl(h->fd, WSP_DISC_RECV, &none, 0, NULL);
	/* A reset since then ends receiving all the same. */
	if (errnum && errnum != ENOTCONN)
		return wsp_err_from_errno(errnum);
	wsp_handle_add(h, WSP_H_RECV_OFF);
	return 0;
}

/* WSPRecvDisconnect; see WSARecvDisconnect() */
int wsp_recvdisc_spi(SOCKET s, LPWSABUF data, int *err)
{
	struct wsp_handle h;
	WSABUF buf;
	int code = disc_begin(s, &h);

	if (!code)
		code = disc_get_buf(data, &buf);
	if (!code)
		code = disc_recv(&h, data, &buf);
	if (!code)
		wsp_netevent_after_change(&h);
	return wsp_err_result(err, code);
}
