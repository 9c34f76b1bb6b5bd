// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Completion ports: packets first in, first out; threads last in, first out,
 * and no more of them at once than the port was made for.
 *
 * Windows lets another thread through when one of those blocks.  That cannot
 * be seen here, so while packets are held back one waiting thread, the guard,
 * looks again every few milliseconds, and takes one if nobody has.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "lock.h"
#include "object.h"
#include "port.h"
#include "thread.h"

#define PORT_GUARD_NS		10000000

/**
 * struct port_waiter - a thread that waits for packets; on its stack
 * @thread: itself
 * @below: the one that began to wait before it
 * @above: the one after it
 * @linked: in the port's list
 */
struct port_waiter {
	struct wsp_thread *thread;
	struct port_waiter *below;
	struct port_waiter *above;
	bool linked;
};

/**
 * struct wsp_port - what sockets and waiting threads hold
 * @refs: references
 * @handle: as it was given out
 * @lock: guards all below but the list of all
 * @closed: the handle is gone
 * @guarded: some thread is the guard
 * @limit: how many threads may run
 * @running: how many took a packet and did not come back yet
 * @taken: how many packets ever were
 * @head: packets
 * @tail: last packet
 * @top: the latest to wait
 * @all_next: list of all ports
 * @all_prev: list of all ports
 */
struct wsp_port {
	_Atomic uint32_t refs;
	HANDLE handle;
	struct wsp_lock lock;
	_Atomic bool closed;
	bool guarded;
	unsigned int limit;
	unsigned int running;
	uint64_t taken;
	struct wsp_packet *head;
	struct wsp_packet *tail;
	struct port_waiter *top;
	struct wsp_port *all_next;
	struct wsp_port **all_prev;
};

struct port_handle {
	struct wsp_object object;
	struct wsp_port *port;
};

static pthread_mutex_t port_all_lock = PTHREAD_MUTEX_INITIALIZER;
static struct wsp_port *port_all;

/* The port whose packet this thread works on, a reference. */
static _Thread_local struct wsp_port *port_mine;

#define PORT_HELD_WAKES	64

static _Thread_local bool port_holding;
static _Thread_local unsigned int port_held;
static _Thread_local struct wsp_thread *port_held_wakes[PORT_HELD_WAKES];

static void port_link(struct wsp_port *port)
{
	pthread_mutex_lock(&port_all_lock);
	port->all_next = port_all;
	port->all_prev = &port_all;
	if (port_all)
		port_all->all_prev = &port->all_next;
	port_all = port;
	pthread_mutex_unlock(&port_all_lock);
}

static void port_unlink(struct wsp_port *port)
{
	pthread_mutex_lock(&port_all_lock);
	*port->all_prev = port->all_next;
	if (port->all_next)
		port->all_next->all_prev = port->all_prev;
	pthread_mutex_unlock(&port_all_lock);
}

/**
 * wsp_port_get() - take a reference
 * @port: port
 */
void wsp_port_get(struct wsp_port *port)
{
	atomic_fetch_add(&port->refs, 1);
}

static void port_drop_packets(struct wsp_port *port)
{
	struct wsp_packet *p;

	while ((p = port->head)) {
		port->head = p->next;
		wsp_packet_free(p);
	}
}

/**
 * wsp_port_put() - give a reference back
 * @port: port
 */
void wsp_port_put(struct wsp_port *port)
{
	if (atomic_fetch_sub(&port->refs, 1) != 1)
		return;
	port_unlink(port);
	port_drop_packets(port);
	free(port);
}

static void port_unlink_waiter(struct wsp_port *port, struct port_waiter *w)
{
	if (!w->linked)
		return;
	w->linked = false;
	if (w->above)
		w->above->below = w->below;
	else
		port->top = w->below;
	if (w->below)
		w->below->above = w->above;
}

static void port_wake(struct wsp_thread *t)
{
	if (port_holding && port_held < PORT_HELD_WAKES) {
		port_held_wakes[port_held++] = t;
		return;
	}
	wsp_thread_wake(t);
	wsp_thread_put(t);
}

/* Someone to be woken by port_wake() once the lock is free, or NULL. */
static struct wsp_thread *port_next_thread(struct wsp_port *port)
{
	struct port_waiter *w = port->top;

	if (!w || !port->head || (port->running >= port->limit && port->guarded))
		return NULL;
	port_unlink_waiter(port, w);
	wsp_thread_get(w->thread);
	return w->thread;
}

/**
 * wsp_port_hold_wakes() - wake nobody until wsp_port_send_wakes()
 *
 * So that a thread that makes many packets is not interrupted by each.
 */
void wsp_port_hold_wakes(void)
{
	port_holding = true;
}

/**
 * wsp_port_send_wakes() - wake those that the thread's packets are for
 */
void wsp_port_send_wakes(void)
{
	port_holding = false;
	for (unsigned int i = 0; i < port_held; i++)
		port_wake(port_held_wakes[i]);
	port_held = 0;
}

/**
 * wsp_port_push() - add a packet
 * @port: port
 * @packet: from malloc(); the port's from now on
 */
void wsp_port_push(struct wsp_port *port, struct wsp_packet *packet)
{
	struct wsp_thread *t = NULL;

	packet->next = NULL;
	wsp_lock(&port->lock);
	if (port->closed) {
		wsp_unlock(&port->lock);
		wsp_packet_free(packet);
		return;
	}
	if (port->head)
		port->tail->next = packet;
	else
		port->head = packet;
	port->tail = packet;
	t = port_next_thread(port);
	wsp_unlock(&port->lock);
	if (t)
		port_wake(t);
}

static unsigned int port_take(struct wsp_port *port, LPOVERLAPPED_ENTRY entries, unsigned int max)
{
	unsigned int n = 0;

	while (n < max && port->head) {
		struct wsp_packet *p = port->head;

		port->head = p->next;
		entries[n].lpCompletionKey = p->key;
		entries[n].lpOverlapped = p->ov;
		entries[n].Internal = p->status;
		entries[n].dwNumberOfBytesTransferred = p->count;
		n++;
		wsp_packet_free(p);
	}
	port->taken += n;
	return n;
}

/* The thread is done with the last packet, of whichever port that was. */
static void port_come_back(void)
{
	struct wsp_port *port = port_mine;
	struct wsp_thread *t;

	if (!port)
		return;
	port_mine = NULL;
	wsp_lock(&port->lock);
	port->running--;
	t = port_next_thread(port);
	wsp_unlock(&port->lock);
	if (t)
		port_wake(t);
	wsp_port_put(port);
}

static void port_thread_exit(struct wsp_thread *t)
{
	(void)t;
	port_come_back();
}

static pthread_once_t port_exit_once = PTHREAD_ONCE_INIT;

static void port_watch_exit(void)
{
	wsp_thread_at_exit(port_thread_exit);
}

/* One round of waiting, with the lock held before and after. */
static void port_sleep(struct wsp_port *port, struct port_waiter *w, uint32_t number,
		       int64_t deadline)
{
	bool guard = port->head && !port->guarded;
	uint64_t taken = port->taken;

	w->below = port->top;
	w->above = NULL;
	w->linked = true;
	if (port->top)
		port->top->above = w;
	port->top = w;
	if (guard) {
		port->guarded = true;
		if (deadline > wsp_now_ns() + PORT_GUARD_NS)
			deadline = wsp_now_ns() + PORT_GUARD_NS;
	}
	wsp_unlock(&port->lock);
	wsp_thread_sleep(w->thread, number, deadline);
	wsp_lock(&port->lock);
	port_unlink_waiter(port, w);
	if (!guard)
		return;
	port->guarded = false;
	/* All that run are busy elsewhere: one more. */
	if (port->head && port->taken == taken && port->running >= port->limit)
		w->thread = NULL;
}

/**
 * wsp_port_wait() - take packets
 * @port: port
 * @entries: out
 * @max: room there
 * @n: out: how many
 * @deadline: CLOCK_MONOTONIC, or WSP_FOREVER
 * @alertable: also return when the thread has calls to make
 *
 * Return: 0, ERROR_ABANDONED_WAIT_0, WAIT_TIMEOUT or WAIT_IO_COMPLETION.
 */
int wsp_port_wait(struct wsp_port *port, LPOVERLAPPED_ENTRY entries, unsigned int max,
		  unsigned int *n, int64_t deadline, bool alertable)
{
	struct wsp_thread *self = wsp_thread_self();
	struct port_waiter w = { .thread = self };
	struct wsp_thread *next;
	bool again = port_mine == port;
	int code = 0;

	/* Not to be counted, nor replaced, by itself. */
	if (!again)
		port_come_back();
	wsp_lock(&port->lock);
	if (again)
		port->running--;
	port_mine = NULL;
	for (;;) {
		uint32_t number = wsp_thread_prepare(self);

		if (port->closed) {
			code = ERROR_ABANDONED_WAIT_0;
			break;
		}
		if (alertable && wsp_thread_has_apc(self)) {
			code = WAIT_IO_COMPLETION;
			break;
		}
		if (port->head && (!w.thread || port->running < port->limit)) {
			*n = port_take(port, entries, max);
			port->running++;
			port_mine = port;
			break;
		}
		w.thread = self;
		if (deadline != WSP_FOREVER && wsp_now_ns() >= deadline) {
			code = WAIT_TIMEOUT;
			break;
		}
		port_sleep(port, &w, number, deadline);
	}
	next = port_next_thread(port);
	wsp_unlock(&port->lock);
	if (next)
		port_wake(next);
	if (!again && port_mine)
		wsp_port_get(port);
	else if (again && !port_mine)
		wsp_port_put(port);
	return code;
}

/**
 * wsp_port_take_again() - the next packet, where there is nothing to it
 * @handle: of a port
 * @entry: out
 *
 * For a thread that comes back to its port while nobody else waits there.
 *
 * Return: false if it is not so, or there is no packet.
 */
bool wsp_port_take_again(HANDLE handle, LPOVERLAPPED_ENTRY entry)
{
	struct wsp_port *port = port_mine;
	bool ok;

	if (!port || port->handle != handle)
		return false;
	wsp_lock(&port->lock);
	ok = port->head && !port->top && !port->closed &&
	     port->running <= port->limit;
	if (ok)
		port_take(port, entry, 1);
	wsp_unlock(&port->lock);
	return ok;
}

static void port_close(struct wsp_object *o)
{
	struct port_handle *h = (struct port_handle *)o;
	struct wsp_port *port = h->port;

	wsp_lock(&port->lock);
	port->closed = true;
	port_drop_packets(port);
	while (port->top) {
		struct wsp_thread *t = port->top->thread;

		port_unlink_waiter(port, port->top);
		wsp_thread_wake(t);
	}
	wsp_unlock(&port->lock);
	wsp_port_put(port);
	free(h);
}

/**
 * wsp_port_find() - look a handle up
 * @handle: of a port
 *
 * Return: with a reference, or NULL.
 */
struct wsp_port *wsp_port_find(HANDLE handle)
{
	struct wsp_port *port = port_mine;
	struct wsp_object *o;

	/* Mostly it is the same again. */
	if (port && port->handle == handle && !port->closed) {
		wsp_port_get(port);
		return port;
	}
	o = wsp_object_find(handle, WSP_OBJECT_PORT);
	if (!o)
		return NULL;
	port = ((struct port_handle *)o)->port;
	wsp_port_get(port);
	wsp_object_put(o);
	return port;
}

/**
 * wsp_port_create() - make a port
 * @threads: how many may work on packets at once, 0: one per processor
 *
 * Return: its handle, or NULL without memory.
 */
HANDLE wsp_port_create(DWORD threads)
{
	struct port_handle *h = calloc(1, sizeof(*h));
	struct wsp_port *port = calloc(1, sizeof(*port));
	HANDLE handle;

	if (!h || !port)
		goto fail;
	pthread_once(&port_exit_once, port_watch_exit);
	port->lock = (struct wsp_lock){ 0 };
	port->refs = 1;
	port->limit = threads ? threads : (unsigned int)sysconf(_SC_NPROCESSORS_ONLN);
	h->port = port;
	port_link(port);
	handle = wsp_object_publish(&h->object, WSP_OBJECT_PORT, false, false, port_close);
	port->handle = handle;
	if (handle)
		return handle;
	port_unlink(port);
fail:
	free(port);
	free(h);
	return NULL;
}

/**
 * wsp_port_fork_child() - in a forked child: packets and waiters are the parent's
 */
void wsp_port_fork_child(void)
{
	pthread_mutex_init(&port_all_lock, NULL);
	for (struct wsp_port *p = port_all; p; p = p->all_next) {
		p->lock = (struct wsp_lock){ 0 };
		p->head = NULL;
		p->top = NULL;
		p->running = 0;
		p->guarded = false;
	}
	if (port_mine)
		port_mine->running = 1;
	port_held = 0;
	port_holding = false;
}
