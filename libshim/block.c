// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Waiting in a call.  The thread polls the socket and an eventfd of its own,
 * which the closer of the socket writes to: a thread left in poll() would hold
 * the connection open, and one left in recv() would never come back.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "block.h"
#include "moment.h"

/* All are held over a fork(), beside the side table's. */
#define BLOCK_STRIPES	8

static struct {
	pthread_mutex_t lock;
	pthread_cond_t left;
	struct wsp_block_waiter *waits;
} block_stripes[BLOCK_STRIPES] = {
	[0 ... BLOCK_STRIPES - 1] = {
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.left = PTHREAD_COND_INITIALIZER,
	},
};

int (*_Atomic wsp_block_hook)(const struct wsp_handle *h, short events, int64_t deadline_ns);

static _Atomic uint32_t block_generation;
/* This thread's eventfd + 1. */
static _Thread_local int block_event_fd;

static void block_drop(void)
{
	wsp_moment_drop();
	if (block_event_fd)
		close(block_event_fd - 1);
	block_event_fd = 0;
}

static void block_thread_exit(struct wsp_thread *t)
{
	(void)t;
	block_drop();
}

/**
 * wsp_block_event_fd() - what wakes the calling thread, for poll()
 *
 * Return: its descriptor, -1 if there is none to be had.
 */
int wsp_block_event_fd(void)
{
	int fd;

	if (block_event_fd)
		return block_event_fd - 1;
	wsp_thread_at_exit(block_thread_exit);
	/* So that the end of the thread is noticed. */
	if (!wsp_thread_self())
		return -1;
	fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (fd >= 0)
		block_event_fd = fd + 1;
	return fd;
}

/**
 * wsp_block_enter() - from now on closing the socket wakes the thread
 * @w: @fd and @event_fd set
 *
 * Return: false if it is being closed already.
 */
bool wsp_block_enter(struct wsp_block_waiter *w)
{
	unsigned int i = w->fd % BLOCK_STRIPES;
	bool ok;

	pthread_mutex_lock(&block_stripes[i].lock);
	/* The closer sets the bit before it looks for waits. */
	ok = !(wsp_handle_peek(w->fd) & WSP_H_CLOSING);
	if (ok) {
		w->next = block_stripes[i].waits;
		w->prev = &block_stripes[i].waits;
		if (w->next)
			w->next->prev = &w->next;
		block_stripes[i].waits = w;
	}
	pthread_mutex_unlock(&block_stripes[i].lock);
	return ok;
}

/**
 * wsp_block_leave() - undo wsp_block_enter()
 * @w: as it was given there
 *
 * Return: false if the socket is being closed.
 */
bool wsp_block_leave(struct wsp_block_waiter *w)
{
	unsigned int i = w->fd % BLOCK_STRIPES;
	eventfd_t count;

	pthread_mutex_lock(&block_stripes[i].lock);
	*w->prev = w->next;
	if (w->next)
		w->next->prev = w->prev;
	if (w->cancelled) {
		/* Written under the lock, so it does not come later. */
		eventfd_read(w->event_fd, &count);
		pthread_cond_broadcast(&block_stripes[i].left);
	}
	pthread_mutex_unlock(&block_stripes[i].lock);
	return !w->cancelled;
}

static int block_poll(struct wsp_block_waiter *w, short events, int64_t deadline)
{
	struct pollfd p[2] = {
		{ .fd = w->fd, .events = events },
		{ .fd = w->event_fd, .events = POLLIN },
	};
	struct timespec ts, *left = NULL;

	for (;;) {
		int rc;

		if (deadline != WSP_FOREVER) {
			int64_t ns = deadline - wsp_now_ns();

			ns = ns > 0 ? ns : 0;
			ts.tv_sec = ns / 1000000000;
			ts.tv_nsec = ns % 1000000000;
			left = &ts;
		}
		rc = ppoll(p, ARRAY_SIZE(p), left, NULL);
		if (!rc)
			return WSAETIMEDOUT;
		/* A signal is no reason for Winsock. */
		if (rc > 0)
			return p[0].revents ? 0 : WSAEINTR;
		if (errno != EINTR)
			return wsp_err_from_errno(errno);
	}
}

/**
 * wsp_block_wait() - wait for a socket to become ready
 * @h: socket; only its descriptor is looked at
 * @events: POLL* bits
 * @deadline_ns: CLOCK_MONOTONIC, or WSP_FOREVER
 *
 * Return: 0, WSAETIMEDOUT, WSAEINTR (closed or cancelled meanwhile),
 * WSAENOTSOCK (closed before), WSAEMFILE.  CL-5
 */
int wsp_block_wait(const struct wsp_handle *h, short events, int64_t deadline_ns)
{
	int (*hook)(const struct wsp_handle *h, short events, int64_t deadline_ns) =
		atomic_load(&wsp_block_hook);
	struct wsp_block_waiter w = { .fd = h->fd };
	int code;

	w.event_fd = wsp_block_event_fd();
	if (w.event_fd < 0)
		return WSAEMFILE;
	if (hook) {
		code = hook(h, events, deadline_ns);
		if (code)
			return code;
	}
	if (!wsp_block_enter(&w))
		return WSAENOTSOCK;
	code = block_poll(&w, events, deadline_ns);
	return wsp_block_leave(&w) ? code : WSAEINTR;
}

/**
 * wsp_block_cancel_socket() - end every wait on a socket
 * @fd: socket, claimed by the calling thread
 *
 * Returns when nobody polls it any more, so that the close that follows is the
 * last one.  CL-5
 */
void wsp_block_cancel_socket(int fd)
{
	unsigned int i = fd % BLOCK_STRIPES;

	pthread_mutex_lock(&block_stripes[i].lock);
	for (;;) {
		bool any = false;

		for (struct wsp_block_waiter *w = block_stripes[i].waits; w; w = w->next) {
			if (w->fd != fd)
				continue;
			any = true;
			if (!w->cancelled)
				eventfd_write(w->event_fd, 1);
			w->cancelled = true;
		}
		if (!any)
			break;
		pthread_cond_wait(&block_stripes[i].left, &block_stripes[i].lock);
	}
	pthread_mutex_unlock(&block_stripes[i].lock);
	wsp_moment_cancel(fd);
}

/**
 * wsp_block_generation() - how often any socket's mode was set
 */
uint32_t wsp_block_generation(void)
{
	return atomic_load_explicit(&block_generation, memory_order_acquire);
}

/**
 * wsp_block_nonblocking() - is the socket nonblocking to the caller?
 * @h: socket
 */
bool wsp_block_nonblocking(const struct wsp_handle *h)
{
	return !(h->state & WSP_H_FORCED) && (fcntl(h->fd, F_GETFL) & O_NONBLOCK);
}

static int block_set_flag(int fd, bool on)
{
	int mode = fcntl(fd, F_GETFL);

	if (mode < 0 || fcntl(fd, F_SETFL, on ? mode | O_NONBLOCK : mode & ~O_NONBLOCK))
		return wsp_err_from_errno(errno);
	return 0;
}

/**
 * wsp_block_set_nonblocking() - set the mode the caller sees
 * @h: socket
 * @on: nonblocking
 *
 * Return: 0 or a WSA code.
 */
int wsp_block_set_nonblocking(const struct wsp_handle *h, bool on)
{
	int code = 0;

	atomic_fetch_add(&block_generation, 1);
	if (h->state & WSP_H_NONBLOCK_BELOW) {
		if (on)
			wsp_handle_put(h, WSP_H_FORCED, false);
		else
			wsp_handle_add(h, WSP_H_FORCED);
		return 0;
	}
	code = block_set_flag(h->fd, on);
	return code;
}

/**
 * wsp_block_force() - make a socket nonblocking underneath
 * @h: socket
 *
 * The caller goes on seeing the mode there is.
 *
 * Return: 0 or a WSA code.
 */
int wsp_block_force(const struct wsp_handle *h)
{
	bool blocking = !wsp_block_nonblocking(h);
	int code;

	atomic_fetch_add(&block_generation, 1);
	wsp_handle_add(h, blocking ? WSP_H_NONBLOCK_BELOW | WSP_H_FORCED : WSP_H_NONBLOCK_BELOW);
	code = block_set_flag(h->fd, true);
	if (code)
		wsp_handle_put(h, WSP_H_NONBLOCK_BELOW | WSP_H_FORCED, false);
	return code;
}

/**
 * wsp_block_unforce() - undo wsp_block_force()
 * @h: socket
 */
void wsp_block_unforce(const struct wsp_handle *h)
{
	struct wsp_handle now;

	if (wsp_handle_get(h->fd, &now) || now.id != h->id)
		return;
	if (now.state & WSP_H_FORCED)
		block_set_flag(h->fd, false);
	wsp_handle_put(&now, WSP_H_NONBLOCK_BELOW | WSP_H_FORCED, false);
}

/**
 * wsp_block_fork_prepare() - before fork()
 */
void wsp_block_fork_prepare(void)
{
	for (int i = 0; i < BLOCK_STRIPES; i++)
		pthread_mutex_lock(&block_stripes[i].lock);
	wsp_moment_fork_prepare();
}

/**
 * wsp_block_fork_parent() - after fork(), in the parent
 */
void wsp_block_fork_parent(void)
{
	wsp_moment_fork_parent();
	for (int i = 0; i < BLOCK_STRIPES; i++)
		pthread_mutex_unlock(&block_stripes[i].lock);
}

/**
 * wsp_block_fork_child() - after fork(), in the child: nobody waits here
 *
 * The eventfd is the parent's.
 */
void wsp_block_fork_child(void)
{
	wsp_moment_fork_child();
	block_drop();
	for (int i = 0; i < BLOCK_STRIPES; i++) {
		block_stripes[i].waits = NULL;
		pthread_cond_init(&block_stripes[i].left, NULL);
		pthread_mutex_unlock(&block_stripes[i].lock);
	}
}
