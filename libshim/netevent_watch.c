// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The thread that hears from the kernel about sockets with a selection.  It is
 * started by the first one.
 *
 * Edge-triggered: what stays true, as a hung up socket, costs one wake-up.  The
 * thread has the record looked at; what the kernel said is stale by then.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "netevent_record.h"

#define WATCH_BATCH	64

static pthread_mutex_t watch_lock = PTHREAD_MUTEX_INITIALIZER;
static int watch_ep = -1;

static void *watch_main(void *arg)
{
	struct epoll_event ev[WATCH_BATCH];
	int ep = (int)(intptr_t)arg;

	for (;;) {
		int n = epoll_wait(ep, ev, WATCH_BATCH, -1);

		/* The application has closed every descriptor. */
		if (n < 0 && errno != EINTR)
			return NULL;
		for (int i = 0; i < n; i++)
			wsp_netevent_happened((int)(ev[i].data.u64 >> 32),
					      (uint32_t)ev[i].data.u64);
	}
}

/* The application's signals are for its own threads. */
static int watch_spawn(int ep)
{
	sigset_t all, old;
	pthread_attr_t attr;
	pthread_t t;
	int rc;

	sigfillset(&all);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	rc = pthread_create(&t, &attr, watch_main, (void *)(intptr_t)ep);
	if (!rc)
		pthread_setname_np(t, "wsp-netevent");
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&attr);
	return rc;
}

static int watch_start(void)
{
	int ep;

	pthread_mutex_lock(&watch_lock);
	if (watch_ep < 0) {
		ep = epoll_create1(EPOLL_CLOEXEC);
		if (ep >= 0 && watch_spawn(ep)) {
			close(ep);
			ep = -1;
		}
		watch_ep = ep;
	}
	ep = watch_ep;
	pthread_mutex_unlock(&watch_lock);
	return ep;
}

static void watch_lost(int ep)
{
	pthread_mutex_lock(&watch_lock);
	if (watch_ep == ep)
		watch_ep = -1;
	pthread_mutex_unlock(&watch_lock);
}

/**
 * wsp_netevent_watch() - have a socket watched
 * @ne: record, locked
 * @interest: EPOLL* bits
 *
 * Reports at once what is there already.
 *
 * Return: false if the kernel refuses.
 */
bool wsp_netevent_watch(struct wsp_netevent *ne, uint32_t interest)
{
	struct epoll_event ev = {
		.events = interest | EPOLLET,
		.data.u64 = (uint64_t)ne->fd << 32 | ne->serial,
	};

	for (int attempt = 0; attempt < 2; attempt++) {
		int ep = watch_start();

		if (ep < 0)
			return false;
		ne->interest = interest;
		if (!epoll_ctl(ep, EPOLL_CTL_MOD, ne->fd, &ev) ||
		    (errno == ENOENT && !epoll_ctl(ep, EPOLL_CTL_ADD, ne->fd, &ev)))
			return true;
		if (errno != EBADF && errno != EINVAL)
			break;
		/* Closed by the application along with all others. */
		watch_lost(ep);
	}
	ne->interest = 0;
	return false;
}

/**
 * wsp_netevent_unwatch() - no longer
 * @ne: record, locked
 */
void wsp_netevent_unwatch(struct wsp_netevent *ne)
{
	struct epoll_event ev = { 0 };

	if (!ne->interest)
		return;
	ne->interest = 0;
	pthread_mutex_lock(&watch_lock);
	if (watch_ep >= 0)
		epoll_ctl(watch_ep, EPOLL_CTL_DEL, ne->fd, &ev);
	pthread_mutex_unlock(&watch_lock);
}

/**
 * wsp_netevent_watch_fork_prepare() - before fork()
 */
void wsp_netevent_watch_fork_prepare(void)
{
	pthread_mutex_lock(&watch_lock);
}

/**
 * wsp_netevent_watch_fork_parent() - after fork(), in the parent
 */
void wsp_netevent_watch_fork_parent(void)
{
	pthread_mutex_unlock(&watch_lock);
}

/**
 * wsp_netevent_watch_fork_child() - after fork(), in the child
 *
 * Nothing may be changed in the parent's epoll, which this is.
 */
void wsp_netevent_watch_fork_child(void)
{
	if (watch_ep >= 0)
		close(watch_ep);
	watch_ep = -1;
	pthread_mutex_unlock(&watch_lock);
}
