// SPDX-License-Identifier: LGPL-2.1-or-later
/* The life of one overlapped operation, from the call to its completion. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "block.h"
#include "engine.h"
#include "overlapped.h"
#include "upcall.h"

/* Threads inside wsp_op_result_wait(). */
struct op_waiter {
	struct wsp_thread *thread;
	struct op_waiter *next;
};

static pthread_mutex_t op_waiters_lock = PTHREAD_MUTEX_INITIALIZER;
static struct op_waiter *op_waiters;
static _Atomic unsigned int op_waiter_count;

static _Atomic uint64_t op_last_issuer;
static _Thread_local uint64_t op_issuer;

static bool op_cancel_issuer(const struct wsp_op *op, const void *arg)
{
	return op->issuer == *(const uint64_t *)arg && !op->chan->port;
}

static void op_cancel_chan(struct wsp_chan *c, void *arg)
{
	wsp_chan_cancel(c, op_cancel_issuer, arg);
}

/* Not those whose socket has a port: these outlive their thread on Windows. */
static void op_thread_exit(struct wsp_thread *t)
{
	(void)t;
	if (op_issuer)
		wsp_chan_for_each(op_cancel_chan, &op_issuer);
}

static pthread_once_t op_exit_once = PTHREAD_ONCE_INIT;

static void op_watch_exit(void)
{
	wsp_thread_at_exit(op_thread_exit);
}

/**
 * wsp_op_issuer() - a number that tells the calling thread from all others
 */
uint64_t wsp_op_issuer(void)
{
	if (!op_issuer) {
		pthread_once(&op_exit_once, op_watch_exit);
		/* So that the end of the thread is noticed. */
		wsp_thread_self();
		op_issuer = atomic_fetch_add(&op_last_issuer, 1) + 1;
	}
	return op_issuer;
}

/**
 * wsp_op_init() - begin an operation
 * @op: from malloc() or wsp_packet_alloc(), or at the start of something that is
 * @type: its kind
 * @ov: the caller's, NULL for an operation of the library's own
 * @routine: the caller's, or NULL
 * @thread: which thread is to call @routine; none named: the calling one
 *
 * Return: 0, WSA_INVALID_HANDLE (no such event) or WSA_NOT_ENOUGH_MEMORY.
 */
int wsp_op_init(struct wsp_op *op, const struct wsp_op_type *type, LPWSAOVERLAPPED ov,
		LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread)
{
	op->type = type;
	op->ov = ov;
	op->routine = routine;
	op->event = NULL;
	op->count = 0;
	op->flags = 0;
	op->want_packet = false;
	op->drained = false;
	op->home_port = NULL;
	op->chan = NULL;
	op->issuer = wsp_op_issuer();
	if (!ov)
		return 0;
	op->packet.ov = ov;
	if (routine) {
		op->thread_opened = !thread || !thread->ThreadHandle;
		if (!op->thread_opened)
			op->thread = *thread;
		else if (!wsp_upcall_open_thread(&op->thread))
			return WSA_NOT_ENOUGH_MEMORY;
		return 0;
	}
	/* OV-5: the low bit is no part of the handle. */
	op->event = (WSAEVENT)((uintptr_t)ov->hEvent & ~(uintptr_t)1);
	op->want_packet = !((uintptr_t)ov->hEvent & 1);
	if (op->event && !wsp_upcall_reset_event(op->event))
		return WSA_INVALID_HANDLE;
	return 0;
}

/**
 * wsp_op_init_failed() - give up after wsp_op_init()
 * @s: the caller's handle
 * @op: operation; freed
 * @code: what went wrong
 *
 * Return: what the call fails with: that it is no socket is told first.
 */
int wsp_op_init_failed(SOCKET s, struct wsp_op *op, int code)
{
	struct wsp_handle h;
	int first = wsp_handle_get(s, &h);

	wsp_packet_free(&op->packet);
	return first ? first : code;
}

/**
 * wsp_op_free() - drop an operation that was not completed
 * @op: operation
 */
void wsp_op_free(struct wsp_op *op)
{
	if (op->routine && op->thread_opened)
		wsp_upcall_close_thread(&op->thread);
	wsp_packet_free(&op->packet);
}

/* The flags go where nobody looks: programs cast it to a DWORD. */
static void op_set_internal(LPWSAOVERLAPPED ov, int code, DWORD flags)
{
	ULONG_PTR internal = wsp_status_from_wsa(code);

	internal |= (ULONG_PTR)((uint64_t)flags << 32);
	__atomic_store_n(&ov->Internal, internal, __ATOMIC_SEQ_CST);
}

static DWORD op_get_flags(const WSAOVERLAPPED *ov)
{
	return (DWORD)((uint64_t)ov->Internal >> 32);
}

static void op_run_routine(DWORD_PTR context)
{
	struct wsp_op *op = (struct wsp_op *)context;
	LPWSAOVERLAPPED_COMPLETION_ROUTINE routine = op->routine;
	LPWSAOVERLAPPED ov = op->ov;
	DWORD count = op->count, flags = op->flags;
	int code = op->code;

	wsp_op_free(op);
	wsp_callback_enter_routine();
	routine(code, count, ov, flags);
	wsp_callback_leave_routine();
}

static void op_wake_waiters(void)
{
	if (!atomic_load(&op_waiter_count))
		return;
	pthread_mutex_lock(&op_waiters_lock);
	for (struct op_waiter *w = op_waiters; w; w = w->next)
		wsp_thread_wake(w->thread);
	pthread_mutex_unlock(&op_waiters_lock);
}

static void op_notify(struct wsp_chan *c, struct wsp_op *op, bool skip_packet)
{
	struct wsp_port *home = op->home_port;
	struct wsp_port *port = home ? home : c->port;

	if (op->routine) {
		/* A thread that is gone calls nothing any more. */
		if (!wsp_upcall_queue_apc(&op->thread, op_run_routine, (DWORD_PTR)op))
			wsp_op_free(op);
		return;
	}
	if (op->event)
		wsp_upcall_set_event(op->event);
	if (!port || !op->want_packet || skip_packet) {
		wsp_packet_free(&op->packet);
	} else {
		op->packet.key = home ? op->home_key : c->key;
		op->packet.count = op->count;
		op->packet.status = wsp_status_from_wsa(op->code);
		wsp_port_push(port, &op->packet);
	}
	if (home)
		wsp_port_put(home);
}

/**
 * wsp_op_complete() - the end of an operation
 * @c: the channel it was queued to, locked, so that ends keep their order
 * @op: operation, out of its queue; gone afterwards
 * @code: WSA code, 0: success
 * @at_once: the call that started it is still to return
 *
 * The only place that touches the OVERLAPPED of a pending operation.  From the
 * moment its Internal has changed it may be gone.  OV-3, OV-6
 */
void wsp_op_complete(struct wsp_chan *c, struct wsp_op *op, int code, bool at_once)
{
	bool skip = at_once && !code && (c->modes & FILE_SKIP_COMPLETION_PORT_ON_SUCCESS);

	if (op->type->end)
		op->type->end(op, code);
	if (!op->ov) {
		wsp_packet_free(&op->packet);
		return;
	}
	op->code = code;
	op->ov->InternalHigh = op->count;
	op_set_internal(op->ov, code, op->flags);
	op_notify(c, op, skip);
	op_wake_waiters();
}

/**
 * wsp_op_complete_quick() - the end of an operation that never was one
 * @c: the socket's channel, locked
 * @ov: the caller's
 * @packet: for the channel's port, or NULL
 * @count: bytes
 *
 * What the call that is to return has done at once, without an event.  OV-3
 */
void wsp_op_complete_quick(struct wsp_chan *c, LPWSAOVERLAPPED ov, struct wsp_packet *packet,
			   DWORD count)
{
	ov->InternalHigh = count;
	op_set_internal(ov, 0, 0);
	if (packet) {
		*packet = (struct wsp_packet){ .key = c->key, .ov = ov, .count = count };
		wsp_port_push(c->port, packet);
	}
	op_wake_waiters();
}

/**
 * wsp_op_refuse_quick() - wsp_op_complete_quick()'s other end; no completion
 * @ov: the caller's
 * @code: WSA code
 *
 * Return: @code.  OV-2
 */
int wsp_op_refuse_quick(LPWSAOVERLAPPED ov, int code)
{
	op_set_internal(ov, code, 0);
	return code;
}

static int op_refuse(struct wsp_op *op, int code)
{
	if (op->type->end)
		op->type->end(op, code);
	if (op->ov)
		op_set_internal(op->ov, code, 0);
	wsp_op_free(op);
	return code;
}

/**
 * wsp_op_submit_locked() - start an operation
 * @c: the socket's channel, locked
 * @d: direction it waits for
 * @op: operation; not the caller's any more
 * @count: NULL, or out on success: bytes
 * @flags: NULL, or out on success: WS_MSG_* flags
 *
 * Return: 0: done, and the completion is on its way; WSA_IO_PENDING; any other
 * WSA code: failed, and there is no completion.  OV-1 to OV-3
 */
int wsp_op_submit_locked(struct wsp_chan *c, enum wsp_dir d, struct wsp_op *op, DWORD *count,
			 DWORD *flags)
{
	struct wsp_queue *q = &c->queue[d];
	int code;

	if (op->routine && c->port)
		return op_refuse(op, WSAEINVAL);
	op->owner = c->id;
	op->chan = c;
	if (op->ov) {
		op->ov->InternalHigh = 0;
		__atomic_store_n(&op->ov->Internal, WSP_STATUS_PENDING, __ATOMIC_SEQ_CST);
	}
	if (!q->head && (op->type->eager || wsp_chan_may_try(c, d))) {
		code = op->type->attempt(op);
		if (code == WSP_OP_MOVED)
			return WSA_IO_PENDING;
		if (!code) {
			if (count)
				*count = op->count;
			if (flags)
				*flags = op->flags;
			if (op->drained)
				wsp_chan_drained(c, q);
			wsp_op_complete(c, op, 0, true);
			return 0;
		}
		if (code != WSP_OP_AGAIN)
			return op_refuse(op, code);
		q->ready = false;
	}
	if (!wsp_engine_start())
		return op_refuse(op, WSAENOBUFS);
	wsp_chan_push(c, d, op);
	return WSA_IO_PENDING;
}

/**
 * wsp_op_finish_locked() - end an operation that never had to be queued
 * @c: the socket's channel, locked
 * @op: operation; not the caller's any more
 * @code: its result
 *
 * Return: as wsp_op_submit_locked().
 */
int wsp_op_finish_locked(struct wsp_chan *c, struct wsp_op *op, int code)
{
	if (!code && op->routine && c->port)
		code = WSAEINVAL;
	if (code)
		return op_refuse(op, code);
	op->owner = c->id;
	op->chan = c;
	wsp_op_complete(c, op, 0, true);
	return 0;
}

/**
 * wsp_op_submit() - wsp_op_submit_locked() for a handle
 * @s: socket
 * @d: as there
 * @op: as there
 * @count: as there
 * @flags: as there
 *
 * Return: as there, or WSAENOTSOCK, WSAEINPROGRESS, WSAENOBUFS.
 */
int wsp_op_submit(SOCKET s, enum wsp_dir d, struct wsp_op *op, DWORD *count, DWORD *flags)
{
	struct wsp_chan *c;
	int code;

	c = wsp_chan_lock(s, &code);
	if (!c)
		return op_refuse(op, code);
	code = wsp_op_submit_locked(c, d, op, count, flags);
	wsp_chan_unlock(c);
	return code;
}

/**
 * op_sleep() - wait for an operation's end
 * @ov: its OVERLAPPED
 */
static void op_sleep(LPWSAOVERLAPPED ov)
{
	struct op_waiter self = { .thread = wsp_thread_self() };
	struct op_waiter **p;

	pthread_mutex_lock(&op_waiters_lock);
	self.next = op_waiters;
	op_waiters = &self;
	atomic_fetch_add(&op_waiter_count, 1);
	pthread_mutex_unlock(&op_waiters_lock);
	for (;;) {
		uint32_t number = wsp_thread_prepare(self.thread);

		if (__atomic_load_n(&ov->Internal, __ATOMIC_SEQ_CST) != WSP_STATUS_PENDING)
			break;
		wsp_thread_sleep(self.thread, number, WSP_FOREVER);
	}
	pthread_mutex_lock(&op_waiters_lock);
	for (p = &op_waiters; *p != &self; p = &(*p)->next)
		;
	*p = self.next;
	atomic_fetch_sub(&op_waiter_count, 1);
	pthread_mutex_unlock(&op_waiters_lock);
}

/**
 * wsp_op_wait() - run an operation to its end, behind those that wait already
 * @s: socket
 * @d: direction
 * @op: operation, begun without an OVERLAPPED
 * @count: out on success
 * @flags: NULL, or out on success
 *
 * For calls without an OVERLAPPED that must not overtake others.
 *
 * Return: 0 or a WSA code; WSAEINTR if the socket was closed meanwhile.
 */
int wsp_op_wait(SOCKET s, enum wsp_dir d, struct wsp_op *op, DWORD *count, DWORD *flags)
{
	WSAOVERLAPPED ov = { 0 };
	int code;

	op->ov = &ov;
	op->packet.ov = &ov;
	code = wsp_op_submit(s, d, op, count, flags);
	if (code != WSA_IO_PENDING)
		return code;
	op_sleep(&ov);
	code = wsp_status_to_wsa((uint32_t)ov.Internal);
	*count = (DWORD)ov.InternalHigh;
	if (flags)
		*flags = op_get_flags(&ov);
	return code == WSA_OPERATION_ABORTED ? WSAEINTR : code;
}

/**
 * wsp_op_run() - wsp_op_wait() on a blocking socket, else one attempt
 * @s: socket
 * @d: direction
 * @op: operation, begun without an OVERLAPPED
 * @count: out on success
 *
 * Return: 0 or a WSA code; WSAEWOULDBLOCK if it cannot be done at once.
 */
int wsp_op_run(SOCKET s, enum wsp_dir d, struct wsp_op *op, DWORD *count)
{
	struct wsp_handle h;
	struct wsp_chan *c;
	int code = wsp_handle_get(s, &h);

	if (code)
		return op_refuse(op, code);
	if (!wsp_block_nonblocking(&h))
		return wsp_op_wait(s, d, op, count, NULL);
	c = wsp_chan_lock(s, &code);
	if (!c)
		return op_refuse(op, code);
	op->chan = c;
	code = c->queue[d].head ? WSP_OP_AGAIN : op->type->attempt(op);
	if (!code)
		*count = op->count;
	wsp_chan_unlock(c);
	op_refuse(op, code);
	return code == WSP_OP_AGAIN ? WSAEWOULDBLOCK : code;
}

/**
 * wsp_op_fork_child() - in a forked child: nobody waits here
 */
void wsp_op_fork_child(void)
{
	pthread_mutex_init(&op_waiters_lock, NULL);
	op_waiters = NULL;
	atomic_store(&op_waiter_count, 0);
}

/* WSPGetOverlappedResult; see WSAGetOverlappedResult().  OV-1, OV-6 */
BOOL wsp_overlapped_result_spi(SOCKET s, LPWSAOVERLAPPED ov, DWORD *count, BOOL wait,
			       DWORD *flags, int *err)
{
	struct wsp_handle h;
	int code = wsp_handle_get(s, &h);

	if (!code && (!ov || !count || !flags))
		code = WSAEFAULT;
	if (code)
		goto out;
	if (__atomic_load_n(&ov->Internal, __ATOMIC_SEQ_CST) == WSP_STATUS_PENDING) {
		code = WSA_IO_INCOMPLETE;
		if (!wait)
			goto out;
		op_sleep(ov);
	}
	code = wsp_status_to_wsa((uint32_t)ov->Internal);
	if (code)
		goto out;
	*count = (DWORD)ov->InternalHigh;
	*flags = op_get_flags(ov);
out:
	wsp_err_result(err, code);
	return !code;
}
