// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Closing.
 *
 * Lingering must not touch a connection that lives on in a duplicate (CL-4).
 * The kernel knows the last reference: with the module attached, it lingers
 * there.  For plain TCP the library has to judge: a duplicate in this process
 * is found by looking, a socket that was adopted or lived through a fork() is
 * taken to be shared and closed the kernel's way.  What was passed to another
 * process over a Unix socket cannot be told; nor, for the nonblocking check, a
 * copy in a forked process, so such a close may be refused where it need not.
 */

#include "block.h"
#include "netevent.h"
#include "overlapped.h"

/* What is under way would hold the connection open.  CL-5 to CL-7 */
static void close_cancel(const struct wsp_handle *h)
{
	wsp_netevent_before_close(h);
	wsp_chan_close(h);
	wsp_block_cancel_socket(h->fd);
}

static void close_finish(const struct wsp_handle *h)
{
	wsp_accept_drop_deferred(h);
	wsp_handle_forget(h);
}

/* What to do about a linger time of @seconds > 0, decided before any change. */
static bool close_must_wait(const struct wsp_handle *h, int *seconds)
{
	bool attached = wsp_tcp_attached(h->fd);

	if (wsp_block_nonblocking(h)) {
		bool pending = wsp_linger_pending(h);

		*seconds = 0;
		if ((attached && !pending) || wsp_handle_has_dup(h))
			return false;
		if (pending)
			return true;
		/* The kernel would wait for the FIN's acknowledgment. */
		if (!wsp_handle_shared(h))
			wsp_tcp_set_linger(h->fd, false, 0);
		return false;
	}
	if (attached || wsp_handle_shared(h) || wsp_handle_has_dup(h))
		*seconds = 0;
	return false;
}

static bool close_lingers(const struct wsp_handle *h, int *seconds)
{
	enum wsp_tcp_state st;

	if (!(h->state & WSP_H_TCP) || !wsp_tcp_get_linger(h->fd, seconds) || !*seconds)
		return false;
	st = wsp_tcp_state(h);
	return st == WSP_TCP_OPEN || st == WSP_TCP_SENT_FIN;
}

/* WSPCloseSocket; see closesocket().  CL-1 to CL-17 */
int wsp_close_spi(SOCKET s, int *err)
{
	struct wsp_handle h;
	int seconds = 0;
	int code = wsp_handle_get(s, &h);

	if (code)
		return wsp_err_fail(err, code);
	if (!close_lingers(&h, &seconds))
		seconds = 0;
	else if (close_must_wait(&h, &seconds))
		return wsp_err_fail(err, WSAEWOULDBLOCK);
	if (!wsp_handle_claim(&h))
		return wsp_err_fail(err, WSAENOTSOCK);
	close_cancel(&h);
	if (seconds)
		wsp_linger_close(&h, seconds);
	else
		wsp_quarantine_close(h.fd);
	close_finish(&h);
	return wsp_err_ok(err);
}

/**
 * wsp_close_destroy() - close at the last clean-up
 * @h: claimed socket
 *
 * As a dying process would: no waiting, {1, 0} still resets.  IN-1
 */
void wsp_close_destroy(const struct wsp_handle *h)
{
	int seconds;

	close_cancel(h);
	wsp_accept_drop_deferred(h);
	if ((h->state & WSP_H_TCP) && !(h->state & WSP_H_PASSED) &&
	    wsp_tcp_get_linger(h->fd, &seconds) && seconds)
		wsp_tcp_set_linger(h->fd, false, 0);
	wsp_quarantine_close(h->fd);
}
