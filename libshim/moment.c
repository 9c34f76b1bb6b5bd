// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A blocking receive of a thread that does little else is one wait and one
 * recv().  The wait is made cheap: the socket stays in an epoll of the thread's
 * own, which holds no file open; its end is told by a timer that is set again
 * only once it has fired; and nothing is locked.
 *
 * Who waits says so in its word, then looks whether the socket is being closed.
 * Who closes says that first, then looks through the words.  CL-5
 */
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "block.h"
#include "moment.h"

/* What the epoll reports. */
enum {
	MOMENT_WAKE,
	MOMENT_SOCKET,
	MOMENT_TICK,
	MOMENT_SOURCES,
};

#define MOMENT_CANCELLED	(UINT64_C(1) << 63)

/**
 * struct moment - a thread's means to wait
 * @word: 0, or 1 + the descriptor it waits for; MOMENT_CANCELLED by its closer
 * @event_fd: wakes it
 * @ep: epoll + 1
 * @timer: timerfd + 1
 * @ticking: it has been set and not been seen to fire
 * @added: the epoll has the socket
 * @linked: in the list of all
 * @fd: the socket waited for last
 * @id: its identity
 * @next: others.  Under moment_lock
 * @prev: what points here.  Under moment_lock
 */
struct moment {
	_Atomic uint64_t word;
	int event_fd;
	int ep;
	int timer;
	bool ticking;
	bool added;
	bool linked;
	int fd;
	uint64_t id;
	struct moment *_Atomic next;
	struct moment *_Atomic *prev;
};

static pthread_mutex_t moment_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t moment_left = PTHREAD_COND_INITIALIZER;
static struct moment *_Atomic moment_all;
static _Thread_local struct moment moment_mine;

static void moment_close(struct moment *m)
{
	if (m->ep)
		close(m->ep - 1);
	if (m->timer)
		close(m->timer - 1);
	m->ep = 0;
	m->timer = 0;
	m->ticking = false;
	m->added = false;
	m->id = 0;
}

static void moment_link(struct moment *m)
{
	struct moment *first;

	pthread_mutex_lock(&moment_lock);
	first = atomic_load(&moment_all);
	m->next = first;
	m->prev = &moment_all;
	if (first)
		first->prev = &m->next;
	atomic_store(&moment_all, m);
	m->linked = true;
	pthread_mutex_unlock(&moment_lock);
}

static void moment_unlink(struct moment *m)
{
	struct moment *next;

	pthread_mutex_lock(&moment_lock);
	next = m->next;
	atomic_store(m->prev, next);
	if (next)
		next->prev = m->prev;
	m->linked = false;
	pthread_mutex_unlock(&moment_lock);
}

static bool moment_add(struct moment *m, int fd, uint32_t source)
{
	struct epoll_event ev = {
		.events = source == MOMENT_TICK ? EPOLLIN | EPOLLET : EPOLLIN,
		.data.u64 = source,
	};

	return !epoll_ctl(m->ep - 1, EPOLL_CTL_ADD, fd, &ev);
}

static bool moment_open(struct moment *m)
{
	m->ep = epoll_create1(EPOLL_CLOEXEC) + 1;
	m->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK) + 1;
	if (m->ep && m->timer && moment_add(m, m->event_fd, MOMENT_WAKE) &&
	    moment_add(m, m->timer - 1, MOMENT_TICK))
		return true;
	moment_close(m);
	return false;
}

/* Whether the thread's epoll has the socket, and no other; from the second time on. */
static bool moment_use(struct moment *m, int fd, uint64_t id)
{
	if (!id || m->id != id || m->fd != fd) {
		/* The old one may live on elsewhere and would be reported for ever. */
		if (m->added)
			moment_close(m);
		m->fd = fd;
		m->id = id;
		return false;
	}
	if (m->added)
		return true;
	m->event_fd = wsp_block_event_fd();
	if (m->event_fd < 0 || (!m->ep && !moment_open(m)))
		return false;
	if (!m->linked)
		moment_link(m);
	m->id = id;
	m->added = moment_add(m, fd, MOMENT_SOCKET);
	return m->added;
}

static void moment_set_timer(struct moment *m)
{
	const struct itimerspec it = { .it_value.tv_nsec = WSP_MOMENT_MS * 1000000 };

	m->ticking = !timerfd_settime(m->timer - 1, 0, &it, NULL);
}

static int moment_epoll(struct moment *m)
{
	struct epoll_event ev[MOMENT_SOURCES];
	unsigned int seen = 0, ticks = 0;

	for (;;) {
		int n;

		if (!m->ticking)
			moment_set_timer(m);
		/* libc's would have to see to the thread's being cancelled. */
		n = (int)syscall(SYS_epoll_pwait, m->ep - 1, ev, MOMENT_SOURCES, -1, NULL, 0);
		for (int i = 0; i < n; i++)
			seen |= 1U << ev[i].data.u64;
		if (seen & 1U << MOMENT_TICK) {
			seen &= ~(1U << MOMENT_TICK);
			m->ticking = false;
			ticks++;
		}
		if (seen & 1U << MOMENT_SOCKET)
			return 0;
		if (seen)
			return WSAEINTR;
		/* The first may have been set long before. */
		if (n < 0 || ticks > 1)
			return WSAETIMEDOUT;
	}
}

static bool moment_leave(struct moment *m)
{
	eventfd_t count;

	if (!(atomic_exchange(&m->word, 0) & MOMENT_CANCELLED))
		return true;
	/* Written under the lock, so it does not come later. */
	pthread_mutex_lock(&moment_lock);
	eventfd_read(m->event_fd, &count);
	pthread_cond_broadcast(&moment_left);
	pthread_mutex_unlock(&moment_lock);
	return false;
}

static int moment_long_way(int fd)
{
	struct wsp_handle h = { .fd = fd };

	return wsp_block_wait(&h, POLLIN, wsp_now_ns() + WSP_MOMENT_MS * INT64_C(1000000));
}

/**
 * wsp_moment_wait() - wait a little for a socket to become readable
 * @fd: socket
 *
 * Costs less than wsp_block_wait() for a socket waited for again and again, but
 * does not notice if the number is another file's.
 *
 * Return: as wsp_block_wait(); WSAETIMEDOUT also where a signal came.
 */
int wsp_moment_wait(int fd)
{
	struct moment *m = &moment_mine;
	int code;

	if (atomic_load(&wsp_block_hook) || !moment_use(m, fd, wsp_handle_own_id(fd)))
		return moment_long_way(fd);
	atomic_exchange(&m->word, (uint64_t)fd + 1);
	if (wsp_handle_peek(fd) & WSP_H_CLOSING)
		code = WSAENOTSOCK;
	else
		code = moment_epoll(m);
	return moment_leave(m) ? code : WSAEINTR;
}

/* True if a thread waits for the socket still. */
static bool moment_cancel_one(struct moment *m, int fd)
{
	uint64_t word = atomic_load(&m->word);

	do {
		if ((word & ~MOMENT_CANCELLED) != (uint64_t)fd + 1)
			return false;
		if (word & MOMENT_CANCELLED)
			return true;
	} while (!atomic_compare_exchange_weak(&m->word, &word, word | MOMENT_CANCELLED));
	eventfd_write(m->event_fd, 1);
	return true;
}

/**
 * wsp_moment_cancel() - end every wait on a socket
 * @fd: socket, claimed by the calling thread
 *
 * Returns when nobody polls it any more.  CL-5
 */
void wsp_moment_cancel(int fd)
{
	bool any = true;

	if (!atomic_load(&moment_all))
		return;
	pthread_mutex_lock(&moment_lock);
	while (any) {
		any = false;
		for (struct moment *m = atomic_load(&moment_all); m; m = m->next)
			any |= moment_cancel_one(m, fd);
		if (any)
			pthread_cond_wait(&moment_left, &moment_lock);
	}
	pthread_mutex_unlock(&moment_lock);
}

/**
 * wsp_moment_drop() - the calling thread ends
 */
void wsp_moment_drop(void)
{
	struct moment *m = &moment_mine;

	if (m->linked)
		moment_unlink(m);
	moment_close(m);
}

/**
 * wsp_moment_fork_prepare() - before fork()
 */
void wsp_moment_fork_prepare(void)
{
	pthread_mutex_lock(&moment_lock);
}

/**
 * wsp_moment_fork_parent() - after fork(), in the parent
 */
void wsp_moment_fork_parent(void)
{
	pthread_mutex_unlock(&moment_lock);
}

/**
 * wsp_moment_fork_child() - after fork(), in the child: nobody waits here
 */
void wsp_moment_fork_child(void)
{
	atomic_store(&moment_all, NULL);
	pthread_cond_init(&moment_left, NULL);
	moment_mine.linked = false;
	atomic_store(&moment_mine.word, 0);
	moment_close(&moment_mine);
	pthread_mutex_unlock(&moment_lock);
}
