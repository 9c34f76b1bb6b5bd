// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Threads: an event count to sleep on, and a queue of calls (APCs) that run in
 * the thread's own alertable waits.
 *
 * One lock guards all queues.  A thread's record outlives it while operations
 * name it.
 */
#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "internal.h"
#include "thread.h"

#define THREAD_EXITS	8

/**
 * struct wsp_thread - a thread
 * @refs: references, the thread's own among them
 * @wakes: what it sleeps on; counts wake-ups
 * @first: queued calls.  Under thread_lock
 * @last: where the next one goes.  Under thread_lock
 * @dead: it has ended and takes no more.  Under thread_lock
 */
struct wsp_thread {
	_Atomic uint32_t refs;
	_Atomic uint32_t wakes;
	struct wsp_apc *_Atomic first;
	struct wsp_apc **last;
	bool dead;
};

static pthread_mutex_t thread_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t thread_once = PTHREAD_ONCE_INIT;
static pthread_key_t thread_key;
static void (*_Atomic thread_exits[THREAD_EXITS])(struct wsp_thread *t);
static _Thread_local struct wsp_thread *thread_self;

static void thread_drop_apcs(struct wsp_thread *t)
{
	atomic_store(&t->first, NULL);
	t->last = NULL;
}

static void thread_end(void *arg)
{
	struct wsp_thread *t = arg;

	pthread_mutex_lock(&thread_lock);
	t->dead = true;
	thread_drop_apcs(t);
	pthread_mutex_unlock(&thread_lock);
	for (int i = 0; i < THREAD_EXITS; i++) {
		void (*fn)(struct wsp_thread *t) = atomic_load(&thread_exits[i]);

		if (fn)
			fn(t);
	}
	thread_self = NULL;
	wsp_thread_put(t);
}

static void thread_make_key(void)
{
	pthread_key_create(&thread_key, thread_end);
}

/**
 * wsp_thread_new() - a record for a thread that is about to start
 *
 * Return: with one reference, for wsp_thread_adopt(); NULL without memory.
 */
struct wsp_thread *wsp_thread_new(void)
{
	struct wsp_thread *t = calloc(1, sizeof(*t));

	if (t)
		atomic_store(&t->refs, 1);
	return t;
}

/**
 * wsp_thread_adopt() - from now on @t is the calling thread
 * @t: from wsp_thread_new(); the reference is taken over
 */
void wsp_thread_adopt(struct wsp_thread *t)
{
	pthread_once(&thread_once, thread_make_key);
	pthread_setspecific(thread_key, t);
	thread_self = t;
}

/**
 * wsp_thread_self() - the calling thread
 *
 * Return: without a reference of its own; NULL without memory.
 */
struct wsp_thread *wsp_thread_self(void)
{
	struct wsp_thread *t = thread_self;

	if (t)
		return t;
	t = wsp_thread_new();
	if (t)
		wsp_thread_adopt(t);
	return t;
}

/**
 * wsp_thread_get() - keep a thread's record
 * @t: thread
 */
void wsp_thread_get(struct wsp_thread *t)
{
	atomic_fetch_add(&t->refs, 1);
}

/**
 * wsp_thread_put() - undo wsp_thread_get()
 * @t: thread
 */
void wsp_thread_put(struct wsp_thread *t)
{
	if (atomic_fetch_sub(&t->refs, 1) == 1)
		free(t);
}

/**
 * wsp_now_ns() - CLOCK_MONOTONIC in nanoseconds
 */
int64_t wsp_now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

/**
 * wsp_deadline_ns() - when a wait ends
 * @ms: from now, or WSA_INFINITE
 *
 * Return: for wsp_thread_sleep().
 */
int64_t wsp_deadline_ns(DWORD ms)
{
	return ms == WSA_INFINITE ? WSP_FOREVER : wsp_now_ns() + (int64_t)ms * 1000000;
}

/**
 * wsp_thread_prepare() - begin a wait
 * @t: the calling thread
 *
 * Return: the number for wsp_thread_sleep(), to be taken before looking.
 */
uint32_t wsp_thread_prepare(struct wsp_thread *t)
{
	return atomic_load(&t->wakes);
}

/**
 * wsp_thread_sleep() - sleep until woken
 * @t: the calling thread
 * @number: from wsp_thread_prepare()
 * @deadline_ns: CLOCK_MONOTONIC, or WSP_FOREVER
 *
 * Return: false once the deadline is over.  True says to look again.
 */
bool wsp_thread_sleep(struct wsp_thread *t, uint32_t number, int64_t deadline_ns)
{
	struct timespec ts, *until = NULL;
	long rc;

	if (deadline_ns != WSP_FOREVER) {
		ts.tv_sec = deadline_ns / 1000000000;
		ts.tv_nsec = deadline_ns % 1000000000;
		until = &ts;
	}
	rc = syscall(SYS_futex, &t->wakes, FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG, number, until,
		     NULL, FUTEX_BITSET_MATCH_ANY);
	return !rc || errno != ETIMEDOUT;
}

/**
 * wsp_thread_wake() - have a sleeping thread look again
 * @t: thread, which may be the calling one
 */
void wsp_thread_wake(struct wsp_thread *t)
{
	atomic_fetch_add(&t->wakes, 1);
	syscall(SYS_futex, &t->wakes, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, INT_MAX, NULL, NULL, 0);
}

/**
 * wsp_thread_queue_apc() - have a thread make a call in its next alertable wait
 * @t: thread
 * @apc: the call; the queue's until it is made
 *
 * Return: false if the thread has ended; the call will not be made.
 */
bool wsp_thread_queue_apc(struct wsp_thread *t, struct wsp_apc *apc)
{
	bool queued;

	apc->next = NULL;
	pthread_mutex_lock(&thread_lock);
	queued = !t->dead;
	if (queued) {
		if (t->last)
			*t->last = apc;
		else
			atomic_store(&t->first, apc);
		t->last = &apc->next;
	}
	pthread_mutex_unlock(&thread_lock);
	if (queued)
		wsp_thread_wake(t);
	return queued;
}

/**
 * wsp_thread_has_apc() - is there a call to make?
 * @t: the calling thread
 */
bool wsp_thread_has_apc(struct wsp_thread *t)
{
	return atomic_load(&t->first);
}

static struct wsp_apc *thread_next_apc(struct wsp_thread *t)
{
	struct wsp_apc *apc;

	pthread_mutex_lock(&thread_lock);
	apc = atomic_load(&t->first);
	if (apc) {
		atomic_store(&t->first, apc->next);
		if (!apc->next)
			t->last = NULL;
	}
	pthread_mutex_unlock(&thread_lock);
	return apc;
}

/**
 * wsp_thread_run_apcs() - make all calls queued for the calling thread
 *
 * Those that they queue too, as on Windows.  They are the application's own
 * code in its own time: unlike in a provider's callbacks, every function may
 * be called there.
 *
 * Return: true if there were any.  OV-8
 */
bool wsp_thread_run_apcs(void)
{
	struct wsp_thread *t = thread_self;
	struct wsp_apc *apc;
	bool any = false;

	if (!t)
		return false;
	while ((apc = thread_next_apc(t))) {
		any = true;
		apc->fn(apc);
	}
	return any;
}

/**
 * wsp_thread_at_exit() - have @fn called in every thread that ends
 * @fn: called once the thread takes no more APCs; set once, stays for ever
 */
void wsp_thread_at_exit(void (*fn)(struct wsp_thread *t))
{
	for (int i = 0; i < THREAD_EXITS; i++) {
		void (*expected)(struct wsp_thread *t) = NULL;

		if (atomic_load(&thread_exits[i]) == fn ||
		    atomic_compare_exchange_strong(&thread_exits[i], &expected, fn))
			return;
	}
}

/**
 * wsp_thread_fork_prepare() - before fork()
 */
void wsp_thread_fork_prepare(void)
{
	pthread_mutex_lock(&thread_lock);
}

/**
 * wsp_thread_fork_parent() - after fork(), in the parent
 */
void wsp_thread_fork_parent(void)
{
	pthread_mutex_unlock(&thread_lock);
}

/**
 * wsp_thread_fork_child() - after fork(), in the child
 *
 * What was queued belongs to the parent.
 */
void wsp_thread_fork_child(void)
{
	if (thread_self)
		thread_drop_apcs(thread_self);
	pthread_mutex_unlock(&thread_lock);
}
