// SPDX-License-Identifier: LGPL-2.1-or-later
/* Sending and receiving.  The common path costs one look at the side table. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "io.h"
#include "netevent.h"
#include "overlapped.h"

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

/**
 * wsp_io_flags() - the caller's flags as Linux knows them
 * @flags: WS_MSG_* bits, or Linux's
 * @send: of a send
 * @out: out: MSG_* bits
 *
 * Return: 0 or WSAEOPNOTSUPP.
 */
int wsp_io_flags(DWORD flags, bool send, int *out)
{
	*out = 0;
	if (!flags)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(io_flag_table); i++) {
		if (!(flags & io_flag_table[i].theirs))
			continue;
		if (!(send ? io_flag_table[i].send : io_flag_table[i].recv))
			return WSAEOPNOTSUPP;
		*out |= io_flag_table[i].ours;
		flags &= ~io_flag_table[i].theirs;
	}
	if ((*out & MSG_WAITALL) && (*out & (MSG_PEEK | MSG_OOB)))
		return WSAEOPNOTSUPP;
	return flags ? WSAEOPNOTSUPP : 0;
}

/**
 * wsp_io_check() - may this socket transfer?
 * @s: the caller's handle
 * @off: WSP_H_SEND_OFF or WSP_H_RECV_OFF
 *
 * Return: 0, WSAENOTSOCK, WSAEINPROGRESS, WSAESHUTDOWN or WSAENOBUFS.
 */
int wsp_io_check(SOCKET s, uint32_t off)
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

/**
 * wsp_io_is_sync() - is the socket one that ignores an OVERLAPPED?
 * @s: the caller's handle
 *
 * Return: true if it was made without WSA_FLAG_OVERLAPPED.
 */
bool wsp_io_is_sync(SOCKET s)
{
	struct wsp_handle h;

	return (wsp_handle_peek(s) & WSP_H_SYNC) && !wsp_handle_get(s, &h) &&
	       (h.state & WSP_H_SYNC);
}

/**
 * wsp_io_gather() - take the caller's buffers
 * @vec: out; wsp_io_release() afterwards
 * @bufs: the caller's array
 * @nbufs: its length
 *
 * Return: 0, WSAEFAULT, WSAEINVAL or WSAENOBUFS.  OV-4
 */
int wsp_io_gather(struct wsp_io_vec *vec, LPWSABUF bufs, DWORD nbufs)
{
	if (!bufs)
		return nbufs ? WSAEFAULT : WSAEINVAL;
	if (nbufs > IOV_MAX)
		return WSAENOBUFS;
	vec->v = vec->fixed;
	vec->n = nbufs;
	if (nbufs > WSP_IO_FIXED_VECS) {
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

/**
 * wsp_io_release() - undo wsp_io_gather()
 * @vec: as it was filled
 */
void wsp_io_release(struct wsp_io_vec *vec)
{
	if (vec->v != vec->fixed)
		free(vec->v);
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
	case WSP_TCP_GONE:
		wsp_handle_add(h, WSP_H_SEND_OFF);
		return WSAESHUTDOWN;
	default:
		wsp_handle_add(h, WSP_H_RESET);
		return WSAECONNRESET;
	}
}

/**
 * wsp_io_error() - the WSA code of a transfer that failed
 * @s: socket
 * @errnum: errno, not EAGAIN
 * @send: it was a send
 *
 * Return: the code.  RC-3
 */
int wsp_io_error(SOCKET s, int errnum, bool send)
{
	struct wsp_handle h;
	int code;

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

/**
 * wsp_io_again() - is a transfer that failed to be tried again at once?
 * @s: socket
 * @errnum: errno
 *
 * Return: true if so: it was interrupted, or heard that the peer's port is
 * missing, which SIO_UDP_CONNRESET has turned off.
 */
bool wsp_io_again(SOCKET s, int errnum)
{
	struct wsp_handle h;

	if (errnum != ECONNREFUSED)
		return errnum == EINTR;
	return (wsp_handle_peek(s) & WSP_H_NO_CONNRESET) && !wsp_handle_get(s, &h) &&
	       (h.state & WSP_H_NO_CONNRESET);
}

/* The kernel reports a reset once, then end of file.  RC-3 */
static bool io_reset_seen(SOCKET s)
{
	struct wsp_handle h;

	return (wsp_handle_peek(s) & WSP_H_RESET) && !wsp_handle_get(s, &h) &&
	       (h.state & WSP_H_RESET);
}

/**
 * wsp_io_received() - what a successful recvmsg() comes to
 * @s: socket
 * @n: what it returned
 * @msg: what it filled in
 * @from: NULL or room for the sender's address
 * @fromlen: in: room there, out: size
 *
 * Return: 0, WSAECONNRESET (RC-3), WSAEFAULT or WSAEMSGSIZE.
 */
int wsp_io_received(SOCKET s, ssize_t n, const struct msghdr *msg, struct sockaddr *from,
		    int *fromlen)
{
	int code = 0;

	if (!n && io_reset_seen(s))
		return WSAECONNRESET;
	/* A stream tells no sender. */
	if (from && msg->msg_namelen)
		code = wsp_addr_out(wsp_handle_peek(s), msg->msg_name, msg->msg_namelen, from,
				    fromlen);
	if (!code && (msg->msg_flags & MSG_TRUNC))
		code = WSAEMSGSIZE;
	return code;
}

/**
 * wsp_io_advance() - leave out what has been transferred
 * @msg: its iovecs are changed
 * @n: bytes
 */
void wsp_io_advance(struct msghdr *msg, size_t n)
{
	while (msg->msg_iovlen && n >= msg->msg_iov->iov_len) {
		n -= msg->msg_iov->iov_len;
		msg->msg_iov++;
		msg->msg_iovlen--;
	}
	if (n) {
		msg->msg_iov->iov_base = (char *)msg->msg_iov->iov_base + n;
		msg->msg_iov->iov_len -= n;
	}
}

/**
 * wsp_io_try_recv() - recvmsg() that does not block
 * @fd: socket
 * @msg: as there
 * @flags: MSG_* bits
 * @stream: no sender, nothing to be cut: a plain recv() will do, which costs less
 *
 * Return: as there.
 */
ssize_t wsp_io_try_recv(int fd, struct msghdr *msg, int flags, bool stream)
{
	flags = (flags & ~MSG_WAITALL) | MSG_DONTWAIT;
	if (!stream || msg->msg_iovlen != 1 || msg->msg_control)
		return recvmsg(fd, msg, flags);
	msg->msg_namelen = 0;
	msg->msg_flags = 0;
	/* libc's would have to see to the thread's being cancelled. */
	return syscall(SYS_recvfrom, fd, msg->msg_iov->iov_base, msg->msg_iov->iov_len, flags,
		       NULL, NULL);
}

/**
 * wsp_io_try_send() - sendmsg() that does not block
 * @fd: socket
 * @msg: as there
 * @flags: MSG_* bits
 *
 * Return: as there.
 */
ssize_t wsp_io_try_send(int fd, const struct msghdr *msg, int flags)
{
	flags |= MSG_DONTWAIT | MSG_NOSIGNAL;
	if (msg->msg_iovlen != 1 || msg->msg_name || msg->msg_control)
		return sendmsg(fd, msg, flags);
	return syscall(SYS_sendto, fd, msg->msg_iov->iov_base, msg->msg_iov->iov_len, flags, NULL,
		       0);
}

/* WSPSendTo; see WSASend() and WSASendTo() */
int wsp_sendto_spi(SOCKET s, LPWSABUF bufs, DWORD nbufs, DWORD *count, DWORD flags,
		   const struct sockaddr *to, int tolen, LPWSAOVERLAPPED ov,
		   LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread, int *err)
{
	struct sockaddr_storage ss;
	struct msghdr msg = { 0 };
	struct wsp_io_vec vec;
	DWORD unused;
	ssize_t n;
	int code, ours;

	if (ov && bufs && nbufs == 1 && !flags && !to && !routine) {
		code = wsp_quick_op_send(s, bufs, count, ov);
		if (code != WSP_QUICK_NO)
			return wsp_err_result(err, code);
	}
	if (ov && wsp_io_is_sync(s)) {
		ov = NULL;
		count = count ? count : &unused;
	}
	code = wsp_io_check(s, WSP_H_SEND_OFF);
	if (!code && !count && !ov)
		code = WSAEFAULT;
	if (!code)
		code = wsp_io_flags(flags, true, &ours);
	if (!code && to) {
		code = wsp_addr_in(to, tolen, &ss);
		msg.msg_name = &ss;
		msg.msg_namelen = tolen;
	}
	if (!code)
		code = wsp_io_gather(&vec, bufs, nbufs);
	if (code)
		return wsp_err_fail(err, code);
	msg.msg_iov = vec.v;
	msg.msg_iovlen = vec.n;
	if (ov) {
		code = wsp_io_op_send(s, &msg, ours, count, ov, routine, thread);
	} else {
		n = wsp_io_sendmsg(s, &msg, ours, &code);
		if (!code)
			*count = (DWORD)n;
		wsp_netevent_after_send(s, code);
	}
	wsp_io_release(&vec);
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
	struct wsp_io_vec vec;
	DWORD unused;
	ssize_t n;
	int code, ours;

	if (ov && bufs && nbufs == 1 && flags && !*flags && !from && !routine) {
		code = wsp_quick_op_recv(s, bufs, ov);
		if (code != WSP_QUICK_NO)
			return wsp_err_result(err, code);
	}
	if (ov && wsp_io_is_sync(s)) {
		ov = NULL;
		count = count ? count : &unused;
	}
	code = wsp_io_check(s, WSP_H_RECV_OFF);
	if (!code && ((!count && !ov) || !flags))
		code = WSAEFAULT;
	if (!code)
		code = wsp_io_flags(*flags, false, &ours);
	if (!code)
		code = wsp_io_gather(&vec, bufs, nbufs);
	if (code)
		return wsp_err_fail(err, code);
	msg.msg_iov = vec.v;
	msg.msg_iovlen = vec.n;
	if (ov) {
		code = wsp_io_op_recv(s, &msg, ours, from, fromlen, count, flags, ov, routine,
				      thread);
		goto out;
	}
	if (from) {
		msg.msg_name = &ss;
		msg.msg_namelen = sizeof(ss);
	}
	n = wsp_io_recvmsg(s, &msg, ours, &code);
	wsp_netevent_after_recv(s);
	if (code)
		goto out;
	code = wsp_io_received(s, n, &msg, from, fromlen);
	if (code == WSAECONNRESET)
		goto out;
	*count = (DWORD)n;
	*flags = code == WSAEMSGSIZE ? WS_MSG_PARTIAL : 0;
out:
	wsp_io_release(&vec);
	return wsp_err_result(err, code);
}

/* WSPRecv; see WSARecv().  RC-1, RC-3, RD-10 */
int wsp_recv_spi(SOCKET s, LPWSABUF bufs, DWORD nbufs, DWORD *count, DWORD *flags,
		 LPWSAOVERLAPPED ov, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
		 LPWSATHREADID thread, int *err)
{
	return wsp_recvfrom_spi(s, bufs, nbufs, count, flags, NULL, NULL, ov, routine, thread, err);
}
