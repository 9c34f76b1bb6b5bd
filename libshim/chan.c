// SPDX-License-Identifier: LGPL-2.1-or-later
/* A socket's queues of operations. */
#include <poll.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>

#include "engine.h"
#include "overlapped.h"

#define CHAN_SLAB_SHIFT	10
#define CHAN_SLAB_SLOTS	1024
#define CHAN_SLABS	65536

static_assert(CHAN_SLAB_SLOTS == 1 << CHAN_SLAB_SHIFT, "slab size");

static struct wsp_chan *_Atomic chan_slabs[CHAN_SLABS];
/* One more than the highest descriptor that has had a channel. */
static _Atomic int chan_end;

static struct wsp_chan *chan_slot(int fd)
{
	struct wsp_chan *slab;

	if (fd < 0 || fd >> CHAN_SLAB_SHIFT >= CHAN_SLABS)
		return NULL;
	slab = atomic_load_explicit(&chan_slabs[fd >> CHAN_SLAB_SHIFT], memory_order_acquire);
	return slab ? slab + (fd & (CHAN_SLAB_SLOTS - 1)) : NULL;
}

/* Zeroes are an unlocked mutex and a channel of no socket. */
static struct wsp_chan *chan_slot_alloc(int fd)
{
	struct wsp_chan *expected = NULL;
	void *slab;

	if (chan_slot(fd) || fd >> CHAN_SLAB_SHIFT >= CHAN_SLABS)
		return chan_slot(fd);
	slab = mmap(NULL, CHAN_SLAB_SLOTS * sizeof(struct wsp_chan), PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (slab == MAP_FAILED)
		return NULL;
	if (!atomic_compare_exchange_strong(&chan_slabs[fd >> CHAN_SLAB_SHIFT], &expected, slab))
		munmap(slab, CHAN_SLAB_SLOTS * sizeof(struct wsp_chan));
	return chan_slot(fd);
}

static void chan_append(struct wsp_queue *q, struct wsp_op *op)
{
	op->next = NULL;
	if (q->head)
		q->tail->next = op;
	else
		q->head = op;
	q->tail = op;
}

static struct wsp_op *chan_pop(struct wsp_queue *q)
{
	struct wsp_op *op = q->head;

	if (op)
		q->head = op->next;
	return op;
}

static void chan_unpop(struct wsp_queue *q, struct wsp_op *op)
{
	op->next = q->head;
	if (!q->head)
		q->tail = op;
	q->head = op;
}

/**
 * wsp_chan_drained() - a stream gave less than there was room for
 * @c: channel, locked
 * @q: its queue
 *
 * So it is empty, and what comes next is reported, which saves the attempt to
 * find out.  Unless it gave what lies before urgent data: so wsp_chan_make_sure()
 * looks some time later.
 *
 * Return: false if more may be there for all that.
 */
bool wsp_chan_drained(struct wsp_chan *c, struct wsp_queue *q)
{
	if (c->ended || !atomic_load(&c->armed))
		return false;
	q->ready = false;
	c->unsure = true;
	return true;
}

/* Out of the queue while it runs, since it may end up in another one. */
static void chan_run(struct wsp_chan *c, struct wsp_queue *q)
{
	struct wsp_op *op;

	q->ready = true;
	while ((op = chan_pop(q))) {
		bool drained;
		int code = op->type->attempt(op);

		if (code == WSP_OP_AGAIN) {
			q->ready = false;
			chan_unpop(q, op);
			return;
		}
		/* Its closer is about to come for it. */
		if (code == WSAENOTSOCK && (wsp_handle_peek(c->fd) & WSP_H_CLOSING))
			code = WSA_OPERATION_ABORTED;
		/* Elsewhere it may be gone already. */
		drained = !code && op->drained;
		if (code != WSP_OP_MOVED)
			wsp_op_complete(c, op, code, false);
		if (drained && wsp_chan_drained(c, q))
			return;
	}
}

/**
 * wsp_chan_make_sure() - attempt what has not been since wsp_chan_drained()
 * @c: channel, locked
 */
void wsp_chan_make_sure(struct wsp_chan *c)
{
	const struct wsp_op *head = c->queue[WSP_IN].head;

	c->unsure = false;
	if (!head || c->queue[WSP_IN].ready)
		return;
	chan_run(c, &c->queue[WSP_IN]);
	/* It was wrong, and may be again. */
	if (c->queue[WSP_IN].head != head)
		c->ended = true;
}

static void chan_abort(struct wsp_chan *c, struct wsp_queue *list)
{
	struct wsp_op *op;

	while ((op = chan_pop(list))) {
		/* What was promised to go out goes out. */
		if (op->type->survives_close)
			op->type->attempt(op);
		wsp_op_complete(c, op, WSA_OPERATION_ABORTED, false);
	}
}

static bool chan_is_owner(const struct wsp_op *op, const void *id)
{
	return op->owner == *(const uint64_t *)id;
}

static void chan_abort_moved(struct wsp_chan *c, void *id)
{
	wsp_chan_cancel(c, chan_is_owner, id);
}

/*
 * End a channel whose socket is closed now, or was closed behind our back:
 * nothing more comes in, nothing is watched any more, so that the close that
 * follows is the last one; what is left is aborted.  Called with the channel
 * locked, returns with it unlocked.
 */
static void chan_retire(struct wsp_chan *c)
{
	struct wsp_queue list[WSP_DIRS];
	uint64_t id = c->id;
	struct wsp_port *port = NULL;

	c->closing = true;
	for (int d = 0; d < WSP_DIRS; d++) {
		list[d] = c->queue[d];
		c->queue[d].head = NULL;
	}
	c->want = false;
	wsp_unlock(&c->lock);
	if (atomic_load(&c->armed)) {
		wsp_engine_touch(c);
		wsp_engine_wait_disarmed(c);
	}
	if (atomic_load(&c->moved))
		wsp_chan_for_each(chan_abort_moved, &id);

	wsp_lock(&c->lock);
	for (int d = 0; d < WSP_DIRS; d++)
		chan_abort(c, &list[d]);
	if (c->id == id && c->closing) {
		port = c->port;
		c->port = NULL;
		c->key = 0;
		c->modes = 0;
		c->closing = false;
		atomic_store(&c->id, 0);
	}
	wsp_unlock(&c->lock);
	if (port)
		wsp_port_put(port);
}

static void chan_bind(struct wsp_chan *c, const struct wsp_handle *h)
{
	int end = atomic_load(&chan_end);

	while (end <= h->fd && !atomic_compare_exchange_weak(&chan_end, &end, h->fd + 1))
		;
	c->fd = h->fd;
	c->ended = false;
	c->queue[WSP_IN].ready = true;
	c->queue[WSP_OUT].ready = true;
	atomic_store(&c->id, h->id);
}

static struct wsp_chan *chan_lock_slow(SOCKET s, int *code)
{
	struct wsp_handle h;
	struct wsp_chan *c = s <= INT_MAX ? chan_slot((int)s) : NULL;

	while (c) {
		wsp_lock(&c->lock);
		*code = wsp_handle_get(s, &h);
		if (!*code && c->id == h.id && c->closing)
			*code = WSAENOTSOCK;
		if (*code) {
			wsp_unlock(&c->lock);
			return NULL;
		}
		if (c->id == h.id)
			return c;
		if (!c->id && !c->closing) {
			chan_bind(c, &h);
			return c;
		}
		chan_retire(c);
	}
	*code = wsp_handle_get(s, &h);
	if (*code)
		return NULL;
	if (!chan_slot_alloc(h.fd)) {
		*code = WSAENOBUFS;
		return NULL;
	}
	return chan_lock_slow(s, code);
}

/**
 * wsp_chan_lock() - the channel of a socket, made if need be
 * @s: the caller's handle
 * @code: out, on failure: WSAENOTSOCK, WSAEINPROGRESS or WSAENOBUFS
 *
 * The kernel is asked who the socket is only if it is not one of the library's
 * making that is known already.
 *
 * Return: locked, or NULL.
 */
struct wsp_chan *wsp_chan_lock(SOCKET s, int *code)
{
	struct wsp_chan *c = s <= INT_MAX ? chan_slot((int)s) : NULL;
	uint64_t id = c ? wsp_handle_own_id(s) : 0;

	if (id) {
		wsp_lock(&c->lock);
		if (c->id == id && !c->closing && !wsp_callback_active())
			return c;
		wsp_unlock(&c->lock);
	}
	return chan_lock_slow(s, code);
}

/**
 * wsp_chan_unlock() - end wsp_chan_lock()
 * @c: channel
 */
void wsp_chan_unlock(struct wsp_chan *c)
{
	wsp_unlock(&c->lock);
}

/**
 * wsp_chan_event() - the kernel reports something
 * @c: channel
 * @events: POLL* bits
 */
void wsp_chan_event(struct wsp_chan *c, uint32_t events)
{
	const uint32_t broken = POLLERR | POLLHUP;

	wsp_lock(&c->lock);
	if (!c->closing) {
		c->used = true;
		c->ended |= (events & (POLLPRI | POLLRDHUP | broken)) != 0;
		if (events & (POLLIN | POLLPRI | POLLRDHUP | broken))
			chan_run(c, &c->queue[WSP_IN]);
		if (events & (POLLOUT | broken))
			chan_run(c, &c->queue[WSP_OUT]);
	}
	wsp_unlock(&c->lock);
}

/**
 * wsp_chan_fail() - the socket cannot be watched
 * @c: channel, locked
 * @code: for what cannot be done at once
 */
void wsp_chan_fail(struct wsp_chan *c, int code)
{
	for (int d = 0; d < WSP_DIRS; d++) {
		struct wsp_queue *q = &c->queue[d];

		chan_run(c, q);
		while (q->head)
			wsp_op_complete(c, chan_pop(q), code, false);
	}
}

/**
 * wsp_chan_push() - queue an operation
 * @c: channel, locked; the engine runs
 * @d: which queue
 * @op: operation
 */
void wsp_chan_push(struct wsp_chan *c, enum wsp_dir d, struct wsp_op *op)
{
	op->chan = c;
	chan_append(&c->queue[d], op);
	c->used = true;
	if (!c->want) {
		c->want = true;
		wsp_engine_touch(c);
	}
}

/**
 * wsp_chan_idle() - is nothing queued?
 * @c: channel, locked
 */
bool wsp_chan_idle(const struct wsp_chan *c)
{
	return !c->queue[WSP_IN].head && !c->queue[WSP_OUT].head;
}

/**
 * wsp_chan_waiting() - do operations wait that a call would overtake?
 * @s: the caller's handle
 * @d: direction
 *
 * Costs next to nothing for a socket without overlapped operations.
 */
bool wsp_chan_waiting(SOCKET s, enum wsp_dir d)
{
	struct wsp_chan *c = s <= INT_MAX ? chan_slot((int)s) : NULL;
	uint64_t id = c ? atomic_load(&c->id) : 0;
	bool waiting;
	int code;

	if (!id)
		return false;
	c = wsp_chan_lock(s, &code);
	if (!c)
		return false;
	waiting = c->queue[d].head;
	wsp_chan_unlock(c);
	return waiting;
}

/**
 * wsp_chan_replace() - another socket has been put in place of a channel's
 * @c: channel, locked; keeps its port
 */
void wsp_chan_replace(struct wsp_chan *c)
{
	atomic_store(&c->id, wsp_handle_own_id(c->fd));
	c->ended = false;
	c->queue[WSP_IN].ready = true;
	c->queue[WSP_OUT].ready = true;
	c->want = !wsp_chan_idle(c);
	if (c->armed || c->want) {
		c->rewatch = true;
		wsp_engine_touch(c);
	}
}

/**
 * wsp_chan_close() - abort a socket's operations
 * @h: socket, claimed by the calling thread
 *
 * When it returns nothing of the library's holds the socket any more.
 * CL-6, CL-8
 */
void wsp_chan_close(const struct wsp_handle *h)
{
	struct wsp_chan *c = chan_slot(h->fd);

	if (!c || !atomic_load(&c->id))
		return;
	wsp_lock(&c->lock);
	if (c->id == h->id)
		chan_retire(c);
	else
		wsp_unlock(&c->lock);
}

static unsigned int chan_cancel_queue(struct wsp_chan *c, struct wsp_queue *q,
				      wsp_op_match match, const void *arg)
{
	struct wsp_queue old = *q, gone = { 0 };
	unsigned int n = 0;
	struct wsp_op *op;

	q->head = NULL;
	while ((op = chan_pop(&old))) {
		if (op->type->survives_close || !match(op, arg)) {
			chan_append(q, op);
			continue;
		}
		chan_append(&gone, op);
		n++;
	}
	chan_abort(c, &gone);
	/* A shutdown may have waited for these only. */
	if (n)
		chan_run(c, q);
	return n;
}

/**
 * wsp_chan_cancel() - abort some operations
 * @c: channel, locked
 * @match: which
 * @arg: for @match
 *
 * Return: how many.
 */
unsigned int wsp_chan_cancel(struct wsp_chan *c, wsp_op_match match, const void *arg)
{
	return chan_cancel_queue(c, &c->queue[WSP_IN], match, arg) +
	       chan_cancel_queue(c, &c->queue[WSP_OUT], match, arg);
}

/**
 * wsp_chan_for_each() - visit every channel in use
 * @fn: called with the channel locked
 * @arg: for @fn
 */
void wsp_chan_for_each(void (*fn)(struct wsp_chan *c, void *arg), void *arg)
{
	int end = atomic_load(&chan_end);

	for (int fd = 0; fd < end; fd++) {
		struct wsp_chan *c = chan_slot(fd);

		if (!c) {
			fd |= CHAN_SLAB_SLOTS - 1;
			continue;
		}
		if (!atomic_load(&c->id))
			continue;
		wsp_lock(&c->lock);
		if (c->id)
			fn(c, arg);
		wsp_unlock(&c->lock);
	}
}

/**
 * wsp_chan_fork_child() - in a forked child: the operations are the parent's
 *
 * Sockets keep their completion port.  Locks may have been held by threads
 * that do not exist here.
 */
void wsp_chan_fork_child(void)
{
	int end = atomic_load(&chan_end);

	for (int fd = 0; fd < end; fd++) {
		struct wsp_chan *c = chan_slot(fd);
		struct wsp_chan old;

		if (!c) {
			fd |= CHAN_SLAB_SLOTS - 1;
			continue;
		}
		if (!atomic_load(&c->id))
			continue;
		old = *c;
		memset(c, 0, sizeof(*c));
		c->fd = old.fd;
		c->port = old.port;
		c->key = old.key;
		c->modes = old.modes;
		c->queue[WSP_IN].ready = true;
		c->queue[WSP_OUT].ready = true;
		atomic_store(&c->id, old.id);
	}
}
