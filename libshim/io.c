// SPDX-License-Identifier: LGPL-2.1-or-later
/* Sending and receiving.  The common path costs one look at the side table. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "internal.h"

#define IO_FIXED_VECS	16

struct io_vec {
	struct iovec fixed[IO_FIXED_VECS];
	struct iovec *v;
	size_t n;
};

/* Windows' flag bits and, where no Windows bit is in the way, Linux's. */
static const struct {
	DWORD theirs;
	int ours;
	bool send;
	bool recv;
} io_flag_table[] = {
	{ WS_MSG_OOB, MSG_OOB, true, true },
	{ WS_MSG_PEEK, MSG_PEEK, false, true },
	{ WS_MSG_DONTROUTE, MSG_DONTROUTE, true, false },
	{ WS_MSG_WAITALL, MSG_WAITALL, false, true },
	{ WS_MSG_PUSH_IMMEDIATE, 0, false, true },
	{ WS_MSG_PARTIAL, MSG_MORE, true, false },
	{ MSG_DONTWAIT, MSG_DONTWAIT, true, true },
	{ MSG_WAITALL, MSG_WAITALL, false, true },
	{ MSG_NOSIGNAL, MSG_NOSIGNAL, true, true },
};

static int io_flags(DWORD flags, bool send, int *out)
{
	*out = 0;
	for (size_t i = 0; i < ARRAY_SIZE(io_flag_table); i++) {
		if (!(flags & io_flag_table[i].theirs))
			continue;
		if (!(send ? io_flag_table[i].send : io_flag_table[i].recv))
			return WSAEOPNOTSUPP;
		*out |= io_flag_table[i].ours;
		flags &= ~io_flag_table[i].theirs;
	}
	return flags ? WSAEOPNOTSUPP : 0;
}

static int io_check(SOCKET s, uint32_t off)
{
	struct wsp_handle h;
	int code;

	if (!wsp_callback_active() && !(wsp_handle_peek(s) & (off | WSP_H_CLOSING)) && s <= INT_MAX)
		return 0;
	code = wsp_handle_get(s, &h);
	if (code)
		return code;
	return h.state & off ? WSAESHUTDOWN : 0;
}

/* Not offered yet, but what is no socket is told first. */
static int io_check_overlapped(SOCKET s, LPWSAOVERLAPPED ov,
			       LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
	struct wsp_handle h;
	int code;

	if (!ov && !routine)
		return 0;
	code = wsp_handle_get(s, &h);
	return code ? code : WSAEOPNOTSUPP;
}

static int io_gather(struct io_vec *vec, LPWSABUF bufs, DWORD nbufs)
{
	if (!bufs)
		return nbufs ? WSAEFAULT : WSAEINVAL;
	if (nbufs > IOV_MAX)
		return WSAENOBUFS;
	vec->v = vec->fixed;
	vec->n = nbufs;
	if (nbufs > IO_FIXED_VECS) {
		vec->v = malloc(nbufs * sizeof(*vec->v));
		if (!vec->v)
			return WSAENOBUFS;
	}
	for (DWORD i = 0; i < nbufs; i++) {
		vec->v[i].iov_base = bufs[i].buf;
		vec->v[i].iov_len = bufs[i].len;
	}
	return 0;
}

static void io_release(struct io_vec *vec)
{
	if (vec->v != vec->fixed)
		free(vec->v);
}

static int io_would_block(int fd, int flags)
{
	if ((flags & MSG_DONTWAIT) || (fcntl(fd, F_GETFL) & O_NONBLOCK))
		return WSAEWOULDBLOCK;
	return WSAETIMEDOUT;
}

/* EPIPE says no more than that sending has ended; Winsock tells why. */
static int io_send_epipe(const struct wsp_handle *h)
{
	if (h->state & WSP_H_SEND_OFF)
		return WSAESHUTDOWN;
	if (!(h->state & WSP_H_TCP))
		return WSAECONNRESET;
	switch (wsp_tcp_state(h)) {
	case WSP_TCP_NEVER:
	case WSP_TCP_LISTEN:
		return WSAENOTCONN;
	case WSP_TCP_SENT_FIN:
		wsp_handle_add(h, WSP_H_SEND_OFF);
		return WSAESHUTDOWN;
	default:
		wsp_handle_add(h, WSP_H_RESET);
		return WSAECONNRESET;
	}
}

static int io_error(SOCKET s, int errnum, int flags, bool send)
{
	struct wsp_handle h;
	int code;

	if (errnum == EAGAIN)
		return io_would_block((int)s, flags);
	if (errnum != EPIPE && errnum != ECONNRESET && errnum != ECONNREFUSED)
		return wsp_err_from_errno(errnum);
	code = wsp_handle_get(s, &h);
	if (code)
		return code;
	if (errnum == EPIPE && send)
		return io_send_epipe(&h);
	/* A datagram socket hears of the peer's missing port this way, once. */
	if (h.state & WSP_H_DGRAM)
		return WSAECONNRESET;
	if (errnum == ECONNRESET)
		wsp_handle_add(&h, WSP_H_RESET);
	return wsp_err_from_errno(errnum);
}

/* The kernel reports a reset once, then end of file.  RC-3 */
static bool io_reset_seen(SOCKET s)
{
	struct wsp_handle h;

	return (wsp_handle_peek(s) & WSP_H_RESET) && !wsp_handle_get(s, &h) &&
	       (h.state & WSP_H_RESET);
}

/* WSPSendTo; see WSASend() and WSASendTo() */
int wsp_sendto_spi(SOCKET s, LPWSABUF bufs, DWORD nbufs, DWORD *count, DWORD flags,
		   const struct sockaddr *to, int tolen, LPWSAOVERLAPPED ov,
		   LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread, int *err)
{
	struct sockaddr_storage ss;
	struct msghdr msg = { 0 };
	struct io_vec vec;
	ssize_t n;
	int code, ours;

	(void)thread;
	code = io_check_overlapped(s, ov, routine);
	if (!code)
		code = io_check(s, WSP_H_SEND_OFF);
	if (!code && !count)
		code = WSAEFAULT;
	if (!code)
		code = io_flags(flags, true, &ours);
	if (!code && to) {
		code = wsp_addr_in(to, tolen, &ss);
		msg.msg_name = &ss;
		msg.msg_namelen = tolen;
	}
	if (!code)
		code = io_gather(&vec, bufs, nbufs);
	if (code)
		return wsp_err_fail(err, code);
	msg.msg_iov = vec.v;
	msg.msg_iovlen = vec.n;
	n = sendmsg((int)s, &msg, ours | MSG_NOSIGNAL);
	if (n < 0)
		code = io_error(s, errno, ours, true);
	else
		*count = (DWORD)n;
	io_release(&vec);
	return wsp_err_result(err, code);
}

/* WSPSend; see WSASend() */
int wsp_send_spi(SOCKET s, LPWSABUF bufs, DWORD nbufs, DWORD *count, DWORD flags,
		 LPWSAOVERLAPPED ov, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
		 LPWSATHREADID thread, int *err)
{
	return wsp_sendto_spi(s, bufs, nbufs, count, flags, NULL, 0, ov, routine, thread, err);
}

/* WSPRecvFrom; see WSARecv() and WSARecvFrom() */
int wsp_recvfrom_spi(SOCKET s, LPWSABUF bufs, DWORD nbufs, DWORD *count, DWORD *flags,
		     struct sockaddr *from, int *fromlen, LPWSAOVERLAPPED ov,
		     LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread, int *err)
{
	struct sockaddr_storage ss;
	struct msghdr msg = { 0 };
	struct io_vec vec;
	ssize_t n;
	int code, ours;

	(void)thread;
	code = io_check_overlapped(s, ov, routine);
	if (!code)
		code = io_check(s, WSP_H_RECV_OFF);
	if (!code && (!count || !flags))
		code = WSAEFAULT;
	if (!code)
		code = io_flags(*flags, false, &ours);
	if (!code)
		code = io_gather(&vec, bufs, nbufs);
	if (code)
		return wsp_err_fail(err, code);
	if (from) {
		msg.msg_name = &ss;
		msg.msg_namelen = sizeof(ss);
	}
	msg.msg_iov = vec.v;
	msg.msg_iovlen = vec.n;
	n = recvmsg((int)s, &msg, ours);
	if (n < 0)
		code = io_error(s, errno, ours, false);
	else if (!n && io_reset_seen(s))
		code = WSAECONNRESET;
	io_release(&vec);
	if (code)
		return wsp_err_fail(err, code);
	*count = (DWORD)n;
	*flags = 0;
	/* A stream tells no sender. */
	if (from && msg.msg_namelen)
		code = wsp_addr_out(wsp_handle_peek(s), &ss, msg.msg_namelen, from, fromlen);
	if (!code && (msg.msg_flags & MSG_TRUNC))
		code = WSAEMSGSIZE;
	return wsp_err_result(err, code);
}

/* WSPRecv; see WSARecv().  RC-1, RC-3, RD-10 */
int wsp_recv_spi(SOCKET s, LPWSABUF bufs, DWORD nbufs, DWORD *count, DWORD *flags,
		 LPWSAOVERLAPPED ov, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
		 LPWSATHREADID thread, int *err)
{
	return wsp_recvfrom_spi(s, bufs, nbufs, count, flags, NULL, NULL, ov, routine, thread, err);
}
