// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Waiting for objects.  All of them are looked at in one step, so that a wait
 * for all takes either every one or none.
 */
#include <string.h>

#include "internal.h"
#include "object.h"
#include "thread.h"

/**
 * struct wait - a wait under way
 * @n: how many objects
 * @all: for all of them, not any
 * @objects: each with a reference
 * @waits: one for each
 */
struct wait {
	DWORD n;
	bool all;
	struct wsp_object *objects[WSA_MAXIMUM_WAIT_EVENTS];
	struct wsp_wait waits[WSA_MAXIMUM_WAIT_EVENTS];
};

static void wait_put(struct wait *w)
{
	for (DWORD i = 0; i < w->n; i++)
		wsp_object_put(w->objects[i]);
}

static int wait_find(struct wait *w, DWORD n, const HANDLE *handles)
{
	HANDLE copy[WSA_MAXIMUM_WAIT_EVENTS];

	w->n = 0;
	if (!n || n > WSA_MAXIMUM_WAIT_EVENTS ||
	    !wsp_mem_read(copy, handles, n * sizeof(*copy)))
		return WSA_INVALID_PARAMETER;
	for (DWORD i = 0; i < n; i++) {
		w->objects[i] = wsp_object_find(copy[i], WSP_OBJECT_ANY);
		if (!w->objects[i]) {
			wait_put(w);
			return WSA_INVALID_HANDLE;
		}
		w->n++;
	}
	return 0;
}

static void wait_consume(struct wsp_object *o)
{
	if (!o->manual)
		o->signalled = false;
}

/* Objects locked.  The index that ends the wait, or -1. */
static int wait_look(struct wait *w)
{
	DWORD i;

	if (!w->all) {
		for (i = 0; i < w->n; i++) {
			if (w->objects[i]->signalled) {
				wait_consume(w->objects[i]);
				return (int)i;
			}
		}
		return -1;
	}
	for (i = 0; i < w->n; i++)
		if (!w->objects[i]->signalled)
			return -1;
	for (i = 0; i < w->n; i++)
		wait_consume(w->objects[i]);
	return 0;
}

static void wait_register(struct wait *w, struct wsp_thread *t)
{
	wsp_object_lock();
	for (DWORD i = 0; i < w->n; i++) {
		w->waits[i].thread = t;
		wsp_object_add_wait(w->objects[i], &w->waits[i]);
	}
	wsp_object_unlock();
}

static void wait_unregister(struct wait *w)
{
	wsp_object_lock();
	for (DWORD i = 0; i < w->n; i++)
		wsp_object_del_wait(&w->waits[i]);
	wsp_object_unlock();
}

static int wait_look_locked(struct wait *w)
{
	int i;

	wsp_object_lock();
	i = wait_look(w);
	wsp_object_unlock();
	return i;
}

static DWORD wait_run(struct wait *w, struct wsp_thread *t, int64_t deadline, bool alertable)
{
	bool more = true;

	for (;;) {
		uint32_t number = wsp_thread_prepare(t);
		int i = wait_look_locked(w);

		if (i >= 0)
			return WSA_WAIT_EVENT_0 + i;
		if (alertable && wsp_thread_has_apc(t))
			return WSA_WAIT_IO_COMPLETION;
		/* What came with the last moment still counts. */
		if (!more)
			return WSA_WAIT_TIMEOUT;
		more = wsp_thread_sleep(t, number, deadline);
	}
}

/**
 * wsp_wait() - wait for objects
 * @n: how many, 1 to 64
 * @handles: theirs
 * @all: for all of them at once, not any
 * @ms: longest time, or WSA_INFINITE
 * @alertable: end early to make queued calls
 * @err: out: WSA_INVALID_HANDLE, WSA_INVALID_PARAMETER, WSA_NOT_ENOUGH_MEMORY
 *
 * Return: WSA_WAIT_EVENT_0 and up, WSA_WAIT_IO_COMPLETION after calls were made,
 * WSA_WAIT_TIMEOUT or WSA_WAIT_FAILED.
 */
DWORD wsp_wait(DWORD n, const HANDLE *handles, bool all, DWORD ms, bool alertable, int *err)
{
	int64_t deadline = wsp_deadline_ns(ms);
	struct wsp_thread *t = wsp_thread_self();
	struct wait w = { .all = all };
	DWORD result;
	int code;

	code = t ? wait_find(&w, n, handles) : WSA_NOT_ENOUGH_MEMORY;
	if (code) {
		wsp_err_fail(err, code);
		return WSA_WAIT_FAILED;
	}
	wait_register(&w, t);
	result = wait_run(&w, t, deadline, alertable);
	wait_unregister(&w);
	wait_put(&w);
	if (result == WSA_WAIT_IO_COMPLETION)
		wsp_thread_run_apcs();
	wsp_err_ok(err);
	return result;
}

/**
 * wsp_sleep() - wait for nothing but time, and calls
 * @ms: how long, or WSA_INFINITE
 * @alertable: end early to make queued calls
 *
 * Return: true if calls were made.
 */
bool wsp_sleep(DWORD ms, bool alertable)
{
	int64_t deadline = wsp_deadline_ns(ms);
	struct wsp_thread *t = wsp_thread_self();
	bool more = t;

	while (more) {
		uint32_t number = wsp_thread_prepare(t);

		if (alertable && wsp_thread_run_apcs())
			return true;
		more = wsp_thread_sleep(t, number, deadline);
	}
	return alertable && wsp_thread_run_apcs();
}
