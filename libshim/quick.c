// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The shortest way through send() and recv(): a connection of the library's
 * making, one buffer, no flags, and nothing remembered of it that matters.  What
 * is not as usual takes the long way, which knows what to do.
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
