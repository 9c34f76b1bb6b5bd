// SPDX-License-Identifier: LGPL-2.1-or-later
/* Calls about overlapped operations, and those that complete at once. */
#include <stdlib.h>

#include <wsp/iocp.h>
#include <wsp/overlapped.h>

#include "overlapped.h"
#include "wsa.h"

WSA_EXPORT BOOL WSAGetOverlappedResult(SOCKET s, LPWSAOVERLAPPED ov, DWORD *count, BOOL wait,
				       DWORD *flags)
{
	const WSPPROC_TABLE *t = wsa_enter_socket(s);
	int err = 0;

	if (!t)
		return 0;
	if (t->lpWSPGetOverlappedResult(s, ov, count, wait, flags, &err))
		return 1;
	wsa_leave(SOCKET_ERROR, &err);
	return 0;
}

WSA_EXPORT BOOL GetOverlappedResult(HANDLE file, LPWSAOVERLAPPED ov, DWORD *count, BOOL wait)
{
	DWORD flags;
	int err;

	if (wsp_overlapped_result_spi((SOCKET)file, ov, count, wait, &flags, &err))
		return 1;
	if (err == WSAENOTSOCK)
		err = WSA_INVALID_HANDLE;
	else if (err != WSA_IO_INCOMPLETE && err != WSAEINPROGRESS)
		err = wsp_status_to_win32(wsp_status_from_wsa(err));
	WSASetLastError(err);
	return 0;
}

/**
 * struct overlapped_match - which operations to cancel
 * @owner: started on this socket
 * @issuer: by this thread, 0: by any
 * @ov: this one, NULL: any
 * @count: out: how many there were
 */
struct overlapped_match {
	uint64_t owner;
	uint64_t issuer;
	LPWSAOVERLAPPED ov;
	unsigned int count;
};

static bool overlapped_is_match(const struct wsp_op *op, const void *arg)
{
	const struct overlapped_match *m = arg;

	return op->owner == m->owner && (!m->issuer || op->issuer == m->issuer) &&
	       (!m->ov || op->ov == m->ov);
}

static void overlapped_cancel_chan(struct wsp_chan *c, void *arg)
{
	struct overlapped_match *m = arg;

	m->count += wsp_chan_cancel(c, overlapped_is_match, m);
}

static int overlapped_cancel(HANDLE file, struct overlapped_match *m)
{
	struct wsp_chan *c;
	bool moved;
	int code;

	c = wsp_chan_lock((SOCKET)file, &code);
	if (!c)
		return code == WSAENOTSOCK ? WSA_INVALID_HANDLE : code;
	m->owner = c->id;
	moved = c->moved;
	overlapped_cancel_chan(c, m);
	wsp_chan_unlock(c);
	/* An accepted socket's first data may be what is waited for. */
	if (moved)
		wsp_chan_for_each(overlapped_cancel_chan, m);
	return 0;
}

WSA_EXPORT BOOL CancelIo(HANDLE file)
{
	struct overlapped_match m = { .issuer = wsp_op_issuer() };
	int code = overlapped_cancel(file, &m);

	if (code)
		WSASetLastError(code);
	return !code;
}

WSA_EXPORT BOOL CancelIoEx(HANDLE file, LPWSAOVERLAPPED ov)
{
	struct overlapped_match m = { .ov = ov };
	int code = overlapped_cancel(file, &m);

	if (!code && !m.count)
		code = ERROR_NOT_FOUND;
	if (code)
		WSASetLastError(code);
	return !code;
}

/**
 * struct overlapped_done - an operation that a call has done already
 * @op: first
 * @code: its result
 */
struct overlapped_done {
	struct wsp_op op;
	int code;
};

static int overlapped_attempt_done(struct wsp_op *op)
{
	return ((struct overlapped_done *)op)->code;
}

static const struct wsp_op_type overlapped_done_type = { .attempt = overlapped_attempt_done };

/**
 * wsp_overlapped_done() - complete a call that was given an OVERLAPPED at once
 * @s: socket
 * @ov: the caller's
 * @routine: the caller's
 * @thread: the caller's
 * @code: its result; a failure has no completion (OV-2)
 * @count: bytes
 * @flags: WS_MSG_* bits
 *
 * Return: what the call returns: 0 (OV-3) or a WSA code.
 */
int wsp_overlapped_done(SOCKET s, LPWSAOVERLAPPED ov, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
			LPWSATHREADID thread, int code, DWORD count, DWORD flags)
{
	struct overlapped_done *done = malloc(sizeof(*done));
	struct wsp_chan *c;
	int fail;

	if (!done)
		return WSAENOBUFS;
	fail = wsp_op_init(&done->op, &overlapped_done_type, ov, routine, thread);
	if (fail) {
		free(done);
		return fail;
	}
	done->op.count = count;
	done->op.flags = flags;
	done->code = code;
	c = wsp_chan_lock(s, &fail);
	if (!c) {
		wsp_op_free(&done->op);
		return fail;
	}
	/* Nobody's turn is awaited. */
	fail = wsp_op_finish_locked(c, &done->op, code);
	wsp_chan_unlock(c);
	return fail;
}
