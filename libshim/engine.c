// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The engine: one thread per process, started by the first operation that has
 * to wait.  It watches a socket from then on, edge-triggered, until nothing has
 * been queued for a while, so that a busy socket costs it one report per
 * arrival, and those who queue operations nothing.
 *
 * In io_uring a watched file stays open, and no FIN goes out, until the watch
 * ends.  closesocket() ends it; what is closed by other means is let go with
 * the other idle ones.
 */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>

#include "engine.h"
#include "overlapped.h"

/* How often idle sockets are looked for, while there may be any. */
#define ENGINE_SWEEP_MS		100
/* How often it looks for more before it wakes those who wait. */
#define ENGINE_BATCHES		8
#define ENGINE_STACK		(256 * 1024)

static pthread_mutex_t engine_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t engine_cond = PTHREAD_COND_INITIALIZER;
static _Atomic enum {
	ENGINE_NONE,
	ENGINE_STARTING,
	ENGINE_RUNNING,
	ENGINE_FAILED,
} engine_state;
static const struct wsp_engine_ops *engine_ops;
static struct wsp_chan *engine_dirty_head;
static struct wsp_chan *engine_dirty_tail;
/* The thread sleeps, or is about to; whoever clears it wakes it up. */
static _Atomic bool engine_asleep;

/* These are the thread's own. */
static struct wsp_chan *engine_armed;
static bool engine_maybe_idle;
static int64_t engine_next_sweep;

static void engine_list_add(struct wsp_chan *c)
{
	c->armed_prev = NULL;
	c->armed_next = engine_armed;
	if (engine_armed)
		engine_armed->armed_prev = c;
	engine_armed = c;
}

static void engine_list_del(struct wsp_chan *c)
{
	if (c->armed_prev)
		c->armed_prev->armed_next = c->armed_next;
	else
		engine_armed = c->armed_next;
	if (c->armed_next)
		c->armed_next->armed_prev = c->armed_prev;
}

static void engine_update(struct wsp_chan *c)
{
	wsp_lock(&c->lock);
	if (c->armed && (c->rewatch || !c->want)) {
		/* Watched again when that has ended, if it is wanted. */
		engine_ops->disarm(c);
	} else if (c->want && !c->armed) {
		atomic_store(&c->armed, true);
		if (engine_ops->arm(c)) {
			engine_list_add(c);
		} else {
			atomic_store(&c->armed, false);
			c->want = false;
			wsp_chan_fail(c, WSAENOBUFS);
		}
	}
	c->rewatch = false;
	engine_maybe_idle = true;
	wsp_unlock(&c->lock);
}

static struct wsp_chan *engine_take_dirty(void)
{
	struct wsp_chan *c;

	pthread_mutex_lock(&engine_lock);
	c = engine_dirty_head;
	if (c) {
		engine_dirty_head = c->dirty_next;
		c->dirty = false;
	}
	pthread_mutex_unlock(&engine_lock);
	return c;
}

static bool engine_have_dirty(void)
{
	bool have;

	pthread_mutex_lock(&engine_lock);
	have = engine_dirty_head;
	pthread_mutex_unlock(&engine_lock);
	return have;
}

/* True if there will be something to look at the next time. */
static bool engine_sweep_list(void)
{
	struct wsp_chan *next;
	bool left = false;

	for (struct wsp_chan *c = engine_armed; c; c = next) {
		next = c->armed_next;
		wsp_lock(&c->lock);
		if (c->want && wsp_chan_idle(c)) {
			if (c->used) {
				left = true;
			} else {
				c->want = false;
				engine_ops->disarm(c);
			}
		}
		/* Not in the midst of things, when it would find nothing. */
		if (c->unsure && c->used)
			left = true;
		else if (c->unsure)
			wsp_chan_make_sure(c);
		c->used = false;
		wsp_unlock(&c->lock);
	}
	return left;
}

/* How long the thread may sleep, -1: for ever. */
static int engine_sweep(void)
{
	int64_t now;

	if (!engine_maybe_idle || !engine_armed)
		return -1;
	now = wsp_now_ns();
	if (now >= engine_next_sweep) {
		engine_maybe_idle = engine_sweep_list();
		engine_next_sweep = now + ENGINE_SWEEP_MS * INT64_C(1000000);
	}
	return engine_maybe_idle && engine_armed ? ENGINE_SWEEP_MS : -1;
}

static void *engine_main(void *arg)
{
	const struct wsp_engine_ops *ops = &wsp_engine_ring;
	struct sched_param param = { 0 };
	bool ok = ops->open();

	(void)arg;
	/* Where processors are short, those run first who will have more for it. */
	pthread_setschedparam(pthread_self(), SCHED_BATCH, &param);
	if (!ok) {
		ops = &wsp_engine_epoll;
		ok = ops->open();
	}
	pthread_mutex_lock(&engine_lock);
	engine_ops = ops;
	atomic_store(&engine_state, ok ? ENGINE_RUNNING : ENGINE_FAILED);
	pthread_cond_broadcast(&engine_cond);
	pthread_mutex_unlock(&engine_lock);
	if (!ok)
		return NULL;
	while (true) {
		struct wsp_chan *c;
		int ms;

		while ((c = engine_take_dirty()))
			engine_update(c);
		ms = engine_sweep();
		atomic_store(&engine_asleep, true);
		ops->wait(engine_have_dirty() ? 0 : ms);
		atomic_store(&engine_asleep, false);
		wsp_port_hold_wakes();
		/* Who is woken for the first packet shall find the rest, too. */
		for (int i = 0; ops->dispatch() && i < ENGINE_BATCHES; i++)
			ops->wait(0);
		wsp_port_send_wakes();
	}
}

static bool engine_create(void)
{
	pthread_attr_t attr;
	sigset_t all, old;
	pthread_t t;
	int rc;

	if (pthread_attr_init(&attr))
		return false;
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attr, ENGINE_STACK);
	/* The application's signals are for its own threads. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	rc = pthread_create(&t, &attr, engine_main, NULL);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&attr);
	if (!rc)
		pthread_setname_np(t, "wsp-engine");
	return !rc;
}

/**
 * wsp_engine_start() - have the engine run
 *
 * Return: false if it cannot.
 */
bool wsp_engine_start(void)
{
	if (atomic_load_explicit(&engine_state, memory_order_acquire) == ENGINE_RUNNING)
		return true;
	pthread_mutex_lock(&engine_lock);
	if (engine_state == ENGINE_NONE || engine_state == ENGINE_FAILED)
		engine_state = engine_create() ? ENGINE_STARTING : ENGINE_FAILED;
	while (engine_state == ENGINE_STARTING)
		pthread_cond_wait(&engine_cond, &engine_lock);
	pthread_mutex_unlock(&engine_lock);
	return engine_state == ENGINE_RUNNING;
}

/**
 * wsp_engine_touch() - have the engine look at what a channel wants
 * @c: channel, of a running engine
 */
void wsp_engine_touch(struct wsp_chan *c)
{
	pthread_mutex_lock(&engine_lock);
	if (!c->dirty) {
		c->dirty = true;
		c->dirty_next = NULL;
		if (engine_dirty_head)
			engine_dirty_tail->dirty_next = c;
		else
			engine_dirty_head = c;
		engine_dirty_tail = c;
	}
	pthread_mutex_unlock(&engine_lock);
	if (atomic_exchange(&engine_asleep, false))
		engine_ops->wake();
}

/**
 * wsp_engine_event() - a backend reports what poll() would say
 * @c: channel
 * @events: POLL* bits
 */
void wsp_engine_event(struct wsp_chan *c, uint32_t events)
{
	engine_maybe_idle = true;
	wsp_chan_event(c, events);
}

/**
 * wsp_engine_failed() - a socket could not be watched after all
 * @c: channel
 * @errnum: why
 */
void wsp_engine_failed(struct wsp_chan *c, int errnum)
{
	wsp_lock(&c->lock);
	c->want = false;
	wsp_chan_fail(c, wsp_err_from_errno(errnum));
	wsp_unlock(&c->lock);
}

/**
 * wsp_engine_disarmed() - a backend has stopped watching
 * @c: channel; watched again at once if it is wanted again
 */
void wsp_engine_disarmed(struct wsp_chan *c)
{
	bool want;

	wsp_lock(&c->lock);
	engine_list_del(c);
	want = c->want;
	atomic_store(&c->armed, false);
	wsp_unlock(&c->lock);
	if (want)
		wsp_engine_touch(c);
	pthread_mutex_lock(&engine_lock);
	pthread_cond_broadcast(&engine_cond);
	pthread_mutex_unlock(&engine_lock);
}

/**
 * wsp_engine_wait_disarmed() - wait until the engine has let go of a socket
 * @c: channel, not locked, not wanted any more
 */
void wsp_engine_wait_disarmed(struct wsp_chan *c)
{
	pthread_mutex_lock(&engine_lock);
	while (atomic_load(&c->armed))
		pthread_cond_wait(&engine_cond, &engine_lock);
	pthread_mutex_unlock(&engine_lock);
}

/**
 * wsp_engine_name() - which way of asking the kernel is in use
 *
 * Return: "io_uring", "epoll", or "none" while the engine does not run.
 */
const char *wsp_engine_name(void)
{
	if (engine_state != ENGINE_RUNNING)
		return "none";
	return engine_ops->name;
}

/**
 * wsp_engine_fork_prepare() - before fork()
 */
void wsp_engine_fork_prepare(void)
{
	pthread_mutex_lock(&engine_lock);
	while (engine_state == ENGINE_STARTING)
		pthread_cond_wait(&engine_cond, &engine_lock);
}

/**
 * wsp_engine_fork_parent() - after fork(), in the parent
 */
void wsp_engine_fork_parent(void)
{
	pthread_mutex_unlock(&engine_lock);
}

/**
 * wsp_engine_fork_child() - after fork(), in the child: the thread is not here
 */
void wsp_engine_fork_child(void)
{
	pthread_cond_init(&engine_cond, NULL);
	if (engine_state == ENGINE_RUNNING)
		engine_ops->drop();
	engine_state = ENGINE_NONE;
	engine_dirty_head = NULL;
	engine_armed = NULL;
	atomic_store(&engine_asleep, false);
	pthread_mutex_unlock(&engine_lock);
}
