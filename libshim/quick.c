// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The shortest way through a transfer: a connection of the library's making, one
 * buffer, no flags, and nothing remembered of it that matters.  What is not as
 * usual takes the long way, which knows what to do.
 */
#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "io.h"
#include "netevent.h"
#include "overlapped.h"

#define QUICK_IS	(WSP_H_OWNED | WSP_H_TCP)
#define QUICK_IS_NOT	(WSP_H_CLOSING | WSP_H_RESET | WSP_H_EVENTS)

static bool quick_may(SOCKET s, uint32_t off, enum wsp_dir d)
{
	uint32_t state = wsp_handle_peek(s);

	return (state & (QUICK_IS | QUICK_IS_NOT | off)) == QUICK_IS && !wsp_callback_active() &&
	       !wsp_chan_waiting(s, d);
}

/**
 * wsp_quick_recv() - recv() without flags, of the built-in provider
 * @s: the caller's handle
 * @buf: where to
 * @len: its size
 * @code: out: with WSP_QUICK_FAILED, the WSA code
 *
 * Return: bytes, or WSP_QUICK_NO: nothing was done, take the long way.
 */
ssize_t wsp_quick_recv(SOCKET s, void *buf, size_t len, int *code)
{
	const struct msghdr none = { 0 };
	ssize_t n;

	if (!quick_may(s, WSP_H_RECV_OFF, WSP_IN))
		return WSP_QUICK_NO;
	*code = wsp_io_recv_first(s);
	if (*code)
		return WSP_QUICK_FAILED;
	n = syscall(SYS_recvfrom, (int)s, buf, len, MSG_DONTWAIT, NULL, NULL);
	if (n > 0) {
		wsp_netevent_after_recv(s);
		return n;
	}
	if (n < 0 && (errno == EAGAIN || wsp_io_again(s, errno)))
		return WSP_QUICK_NO;
	*code = n ? wsp_io_error(s, errno, false) : wsp_io_received(s, 0, &none, NULL, NULL);
	wsp_netevent_after_recv(s);
	return *code ? WSP_QUICK_FAILED : 0;
}

/**
 * wsp_quick_send() - send() without flags, of the built-in provider
 * @s: the caller's handle
 * @buf: what
 * @len: how much
 * @code: out: with WSP_QUICK_FAILED, the WSA code
 *
 * Return: bytes, perhaps not all; or WSP_QUICK_NO: nothing was done, take the
 * long way.
 */
ssize_t wsp_quick_send(SOCKET s, const void *buf, size_t len, int *code)
{
	ssize_t n;

	if (!quick_may(s, WSP_H_SEND_OFF, WSP_OUT))
		return WSP_QUICK_NO;
	n = syscall(SYS_sendto, (int)s, buf, len, MSG_DONTWAIT | MSG_NOSIGNAL, NULL, 0);
	if (n >= 0)
		return n;
	if (errno == EAGAIN || wsp_io_again(s, errno))
		return WSP_QUICK_NO;
	*code = wsp_io_error(s, errno, true);
	wsp_netevent_after_send(s, *code);
	return WSP_QUICK_FAILED;
}

/* Locked; NULL: take the long way. */
static struct wsp_chan *quick_chan(SOCKET s, uint32_t off, const WSAOVERLAPPED *ov)
{
	uint32_t state = wsp_handle_peek(s);
	int code;

	if ((state & (QUICK_IS | QUICK_IS_NOT | WSP_H_SYNC | off)) != QUICK_IS ||
	    ((uintptr_t)ov->hEvent & ~(uintptr_t)1))
		return NULL;
	return wsp_chan_lock(s, &code);
}

/* The packet to tell the port with, if it is to be told; false without memory. */
static bool quick_packet(const struct wsp_chan *c, const WSAOVERLAPPED *ov,
			 struct wsp_packet **packet)
{
	*packet = NULL;
	if (!c->port || ((uintptr_t)ov->hEvent & 1) ||
	    (c->modes & FILE_SKIP_COMPLETION_PORT_ON_SUCCESS))
		return true;
	*packet = wsp_packet_alloc(sizeof(**packet));
	return *packet;
}

/* Sent in part, the channel still locked so that nothing comes in between. */
static int quick_send_rest(struct wsp_chan *c, const WSABUF *buf, size_t n, DWORD *count,
			   LPWSAOVERLAPPED ov)
{
	struct iovec rest = { .iov_base = buf->buf + n, .iov_len = buf->len - n };

	return wsp_io_op_send_rest(c, &rest, n, count, ov);
}

static int quick_send_locked(struct wsp_chan *c, const WSABUF *buf, DWORD *count,
			     LPWSAOVERLAPPED ov)
{
	struct wsp_packet *packet;
	ssize_t n;
	int code;

	if (!wsp_chan_may_try(c, WSP_OUT) || !quick_packet(c, ov, &packet))
		return WSP_QUICK_NO;
	n = syscall(SYS_sendto, c->fd, buf->buf, buf->len, MSG_DONTWAIT | MSG_NOSIGNAL, NULL, 0);
	if (n == (ssize_t)buf->len) {
		if (count)
			*count = (DWORD)n;
		wsp_op_complete_quick(c, ov, packet, (DWORD)n);
		return 0;
	}
	code = errno;
	if (packet)
		wsp_packet_free(packet);
	if (n >= 0)
		return quick_send_rest(c, buf, n, count, ov);
	if (code == EAGAIN || wsp_io_again(c->fd, code))
		return WSP_QUICK_NO;
	return wsp_op_refuse_quick(ov, wsp_io_error(c->fd, code, true));
}

/**
 * wsp_quick_op_send() - WSASend() of one buffer with an OVERLAPPED
 * @s: the caller's handle
 * @buf: what
 * @count: NULL, or out on success: bytes
 * @ov: the caller's
 *
 * Return: as wsp_op_submit(), or WSP_QUICK_NO: nothing was done, take the long
 * way.
 */
int wsp_quick_op_send(SOCKET s, const WSABUF *buf, DWORD *count, LPWSAOVERLAPPED ov)
{
	struct wsp_chan *c = quick_chan(s, WSP_H_SEND_OFF, ov);
	int code;

	if (!c)
		return WSP_QUICK_NO;
	code = quick_send_locked(c, buf, count, ov);
	wsp_chan_unlock(c);
	return code;
}

/**
 * wsp_quick_op_recv() - WSARecv() into one buffer with an OVERLAPPED
 * @s: the caller's handle
 * @buf: where to
 * @ov: the caller's
 *
 * Only where the socket was found empty before and is being watched.
 *
 * Return: WSA_IO_PENDING, or WSP_QUICK_NO: nothing was done, take the long way.
 */
int wsp_quick_op_recv(SOCKET s, const WSABUF *buf, LPWSAOVERLAPPED ov)
{
	struct wsp_chan *c = quick_chan(s, WSP_H_RECV_OFF, ov);
	int code = WSP_QUICK_NO;

	if (!c)
		return code;
	if (c->want && atomic_load(&c->armed) && !wsp_chan_may_try(c, WSP_IN))
		code = wsp_io_op_recv_later(c, buf, ov);
	wsp_chan_unlock(c);
	return code;
}
