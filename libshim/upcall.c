// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Calls from the provider to whoever started it, through the newest table
 * (IN-5).  Where an entry is missing the library's own service is meant.
 */
#include <pthread.h>
#include <stdlib.h>

#include "hook.h"
#include "internal.h"
#include "object.h"
#include "thread.h"
#include "upcall.h"
#include "upcall_socket.h"

/**
 * struct upcall_apc - a provider's call, queued to a thread
 * @apc: in the thread's queue
 * @fn: the call
 * @context: for @fn
 */
struct upcall_apc {
	struct wsp_apc apc;
	LPWSAUSERAPC fn;
	DWORD_PTR context;
};

/* Guards the table, which is copied before it is used. */
static pthread_mutex_t upcall_lock = PTHREAD_MUTEX_INITIALIZER;
static WSPUPCALLTABLE upcall_table;

/**
 * wsp_upcall_get() - the newest table
 * @table: out
 */
void wsp_upcall_get(LPWSPUPCALLTABLE table)
{
	pthread_mutex_lock(&upcall_lock);
	*table = upcall_table;
	pthread_mutex_unlock(&upcall_lock);
}

static WSPUPCALLTABLE upcall_get(void)
{
	WSPUPCALLTABLE table;

	wsp_upcall_get(&table);
	return table;
}

/**
 * wsp_upcall_set() - from now on use this table
 * @table: the caller's services
 */
void wsp_upcall_set(const WSPUPCALLTABLE *table)
{
	pthread_mutex_lock(&upcall_lock);
	upcall_table = *table;
	pthread_mutex_unlock(&upcall_lock);
}

/**
 * wsp_upcall_set_event() - WPUSetEvent()
 * @event: its handle
 *
 * Return: false if there is no such event.
 */
bool wsp_upcall_set_event(WSAEVENT event)
{
	LPWPUSETEVENT fn = upcall_get().lpWPUSetEvent;
	int err;

	return fn ? fn(event, &err) : !wsp_event_set(event);
}

/**
 * wsp_upcall_reset_event() - WPUResetEvent()
 * @event: its handle
 *
 * Return: false if there is no such event.
 */
bool wsp_upcall_reset_event(WSAEVENT event)
{
	LPWPURESETEVENT fn = upcall_get().lpWPUResetEvent;
	int err;

	return fn ? fn(event, &err) : !wsp_event_reset(event);
}

/**
 * wsp_upcall_post_message() - WPUPostMessage()
 * @wnd: window
 * @msg: message
 * @wparam: the socket
 * @lparam: event and error
 *
 * Return: false also if the caller has no windows.
 */
bool wsp_upcall_post_message(HWND wnd, unsigned int msg, WPARAM wparam, LPARAM lparam)
{
	LPWPUPOSTMESSAGE fn = upcall_get().lpWPUPostMessage;

	return fn && fn(wnd, msg, wparam, lparam);
}

static void upcall_run_apc(struct wsp_apc *apc)
{
	struct upcall_apc *a = (struct upcall_apc *)apc;
	struct upcall_apc copy = *a;

	free(a);
	copy.fn(copy.context);
}

static int upcall_own_queue_apc(LPWSATHREADID thread, LPWSAUSERAPC fn, DWORD_PTR context, int *err)
{
	struct upcall_apc *a;

	if (!thread || !thread->ThreadHandle || !fn)
		return wsp_err_fail(err, WSAEFAULT);
	a = malloc(sizeof(*a));
	if (!a)
		return wsp_err_fail(err, WSA_NOT_ENOUGH_MEMORY);
	a->apc.fn = upcall_run_apc;
	a->fn = fn;
	a->context = context;
	if (!wsp_thread_queue_apc(thread->ThreadHandle, &a->apc)) {
		free(a);
		return wsp_err_fail(err, WSAEFAULT);
	}
	return wsp_err_ok(err);
}

/**
 * wsp_upcall_queue_apc() - WPUQueueApc()
 * @thread: whose call it is
 * @apc: the call
 * @context: for @apc
 *
 * Return: false if it will not be made.
 */
bool wsp_upcall_queue_apc(LPWSATHREADID thread, LPWSAUSERAPC apc, DWORD_PTR context)
{
	LPWPUQUEUEAPC fn = upcall_get().lpWPUQueueApc;
	int err;

	return !(fn ? fn : upcall_own_queue_apc)(thread, apc, context, &err);
}

static int upcall_own_open_thread(LPWSATHREADID thread, int *err)
{
	struct wsp_thread *self = wsp_thread_self();

	if (!thread)
		return wsp_err_fail(err, WSAEFAULT);
	if (!self)
		return wsp_err_fail(err, WSA_NOT_ENOUGH_MEMORY);
	wsp_thread_get(self);
	thread->ThreadHandle = self;
	thread->Reserved = 0;
	return wsp_err_ok(err);
}

static int upcall_own_close_thread(LPWSATHREADID thread, int *err)
{
	if (!thread || !thread->ThreadHandle)
		return wsp_err_fail(err, WSAEFAULT);
	wsp_thread_put(thread->ThreadHandle);
	thread->ThreadHandle = NULL;
	return wsp_err_ok(err);
}

/**
 * wsp_upcall_open_thread() - WPUOpenCurrentThread()
 * @thread: out: the calling thread, kept until wsp_upcall_close_thread()
 *
 * Return: false without memory.
 */
bool wsp_upcall_open_thread(LPWSATHREADID thread)
{
	LPWPUOPENCURRENTTHREAD fn = upcall_get().lpWPUOpenCurrentThread;
	int err;

	return !(fn ? fn : upcall_own_open_thread)(thread, &err);
}

/**
 * wsp_upcall_close_thread() - WPUCloseThread()
 * @thread: from wsp_upcall_open_thread()
 */
void wsp_upcall_close_thread(LPWSATHREADID thread)
{
	LPWPUCLOSETHREAD fn = upcall_get().lpWPUCloseThread;
	int err;

	(fn ? fn : upcall_own_close_thread)(thread, &err);
}

/**
 * wsp_upcall_blocking_hook() - WPUQueryBlockingCallback()
 * @entry: catalogue entry of the socket
 * @hook: out: to be called again and again while a call blocks
 * @context: out: for @hook
 *
 * Return: false if there is none.
 */
bool wsp_upcall_blocking_hook(DWORD entry, LPBLOCKINGCALLBACK *hook, DWORD_PTR *context)
{
	LPWPUQUERYBLOCKINGCALLBACK fn = upcall_get().lpWPUQueryBlockingCallback;
	int err;

	*hook = NULL;
	return !(fn ? fn : wsa_hook_query)(entry, hook, context, &err) && *hook;
}

static BOOL upcall_own_close_event(WSAEVENT event, int *err)
{
	return !wsp_err_result(err, wsp_event_close(event));
}

static WSAEVENT upcall_own_create_event(int *err)
{
	HANDLE h = wsp_event_create(true, false);

	wsp_err_result(err, h ? 0 : WSA_NOT_ENOUGH_MEMORY);
	return h;
}

static BOOL upcall_own_set_event(WSAEVENT event, int *err)
{
	return !wsp_err_result(err, wsp_event_set(event));
}

static BOOL upcall_own_reset_event(WSAEVENT event, int *err)
{
	return !wsp_err_result(err, wsp_event_reset(event));
}

/* There are no windows. */
static BOOL upcall_own_post_message(HWND wnd, unsigned int msg, WPARAM wparam, LPARAM lparam)
{
	(void)wnd;
	(void)msg;
	(void)wparam;
	(void)lparam;
	return false;
}

/**
 * wsp_upcall_own() - the services of the library itself
 * @table: out, complete
 */
void wsp_upcall_own(LPWSPUPCALLTABLE table)
{
	*table = (WSPUPCALLTABLE) {
		.lpWPUPostMessage = upcall_own_post_message,
		.lpWPUQueryBlockingCallback = wsa_hook_query,
		.lpWPUCloseEvent = upcall_own_close_event,
		.lpWPUCreateEvent = upcall_own_create_event,
		.lpWPUQueueApc = upcall_own_queue_apc,
		.lpWPUResetEvent = upcall_own_reset_event,
		.lpWPUSetEvent = upcall_own_set_event,
		.lpWPUOpenCurrentThread = upcall_own_open_thread,
		.lpWPUCloseThread = upcall_own_close_thread,
	};
	wsp_upcall_sockets(table);
}

/**
 * wsp_upcall_fork_prepare() - before fork()
 */
void wsp_upcall_fork_prepare(void)
{
	pthread_mutex_lock(&upcall_lock);
}

/**
 * wsp_upcall_fork_done() - after fork(), in parent and child
 */
void wsp_upcall_fork_done(void)
{
	pthread_mutex_unlock(&upcall_lock);
}
