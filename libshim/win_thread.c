// SPDX-License-Identifier: LGPL-2.1-or-later
/* Threads with handles, and calls queued to them.  Documented in <wsp/events.h>. */
#include <limits.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "object.h"
#include "thread.h"
#include "wsa.h"

#define THREAD_STILL_ACTIVE	259

/**
 * struct thread_object - a thread that was made here
 * @o: signalled once it has ended; one reference is the thread's
 * @thread: its queue of calls
 * @start: its function
 * @param: for @start
 * @code: exit code, written before @o is signalled
 * @id: the kernel's number for it, once @started
 * @started: posted when it runs
 */
struct thread_object {
	struct wsp_object o;
	struct wsp_thread *thread;
	LPTHREAD_START_ROUTINE start;
	void *param;
	atomic_uint code;
	DWORD id;
	sem_t started;
};

/**
 * struct user_apc - a call that QueueUserAPC() queued
 * @apc: in the thread's queue
 * @fn: the call
 * @data: for @fn
 */
struct user_apc {
	struct wsp_apc apc;
	PAPCFUNC fn;
	ULONG_PTR data;
};

static _Thread_local struct thread_object *thread_mine;

static void thread_release(struct wsp_object *o)
{
	struct thread_object *t = (struct thread_object *)o;

	wsp_thread_put(t->thread);
	sem_destroy(&t->started);
	free(t);
}

static void thread_over(void *arg)
{
	struct thread_object *t = arg;

	wsp_object_signal(&t->o);
	wsp_object_put(&t->o);
}

static void *thread_main(void *arg)
{
	struct thread_object *t = arg;

	thread_mine = t;
	t->id = GetCurrentThreadId();
	sem_post(&t->started);
	wsp_thread_get(t->thread);
	wsp_thread_adopt(t->thread);
	pthread_cleanup_push(thread_over, t);
	t->code = t->start(t->param);
	pthread_cleanup_pop(1);
	return NULL;
}

static DWORD thread_id(struct thread_object *t)
{
	while (sem_wait(&t->started))
		;
	return t->id;
}

static int thread_start(struct thread_object *t, size_t stack)
{
	pthread_attr_t attr;
	pthread_t id;
	int rc;

	if (pthread_attr_init(&attr))
		return WSA_NOT_ENOUGH_MEMORY;
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	if (stack >= (size_t)PTHREAD_STACK_MIN)
		pthread_attr_setstacksize(&attr, stack);
	rc = pthread_create(&id, &attr, thread_main, t);
	pthread_attr_destroy(&attr);
	return rc ? WSA_NOT_ENOUGH_MEMORY : 0;
}

WSA_EXPORT HANDLE CreateThread(void *security, size_t stack, LPTHREAD_START_ROUTINE start,
			       void *param, DWORD flags, DWORD *id)
{
	struct thread_object *t;
	HANDLE h;

	(void)security;
	if (!start || flags) {
		WSASetLastError(WSA_INVALID_PARAMETER);
		return NULL;
	}
	t = calloc(1, sizeof(*t));
	if (!t)
		goto no_memory;
	t->thread = wsp_thread_new();
	if (!t->thread)
		goto free_object;
	t->start = start;
	t->param = param;
	t->code = THREAD_STILL_ACTIVE;
	sem_init(&t->started, 0, 0);
	h = wsp_object_publish(&t->o, WSP_OBJECT_THREAD, true, false, thread_release);
	if (!h)
		goto put_thread;
	/* One for the thread, one for here: the handle is everybody's. */
	wsp_object_get(&t->o);
	wsp_object_get(&t->o);
	if (thread_start(t, stack)) {
		wsp_object_put(&t->o);
		wsp_object_put(&t->o);
		wsp_object_close(h);
		WSASetLastError(WSA_NOT_ENOUGH_MEMORY);
		return NULL;
	}
	if (id)
		*id = thread_id(t);
	wsp_object_put(&t->o);
	return h;

put_thread:
	wsp_thread_put(t->thread);
free_object:
	free(t);
no_memory:
	WSASetLastError(WSA_NOT_ENOUGH_MEMORY);
	return NULL;
}

WSA_EXPORT void ExitThread(DWORD code)
{
	if (thread_mine)
		thread_mine->code = code;
	pthread_exit(NULL);
}

WSA_EXPORT BOOL GetExitCodeThread(HANDLE thread, DWORD *code)
{
	struct thread_object *t;

	if (!code) {
		WSASetLastError(WSAEFAULT);
		return false;
	}
	t = (struct thread_object *)wsp_object_find(thread, WSP_OBJECT_THREAD);
	if (!t) {
		WSASetLastError(WSA_INVALID_HANDLE);
		return false;
	}
	*code = t->code;
	wsp_object_put(&t->o);
	return true;
}

WSA_EXPORT HANDLE GetCurrentThread(void)
{
	return WSP_CURRENT_THREAD;
}

WSA_EXPORT DWORD GetCurrentThreadId(void)
{
	return (DWORD)syscall(SYS_gettid);
}

static void thread_run_user_apc(struct wsp_apc *apc)
{
	struct user_apc *a = (struct user_apc *)apc;
	struct user_apc copy = *a;

	free(a);
	copy.fn(copy.data);
}

static bool thread_queue(HANDLE thread, struct wsp_apc *apc, int *code)
{
	struct thread_object *t;
	bool queued;

	if (thread == WSP_CURRENT_THREAD) {
		struct wsp_thread *self = wsp_thread_self();

		*code = self ? WSA_INVALID_PARAMETER : WSA_NOT_ENOUGH_MEMORY;
		return self && wsp_thread_queue_apc(self, apc);
	}
	t = (struct thread_object *)wsp_object_find(thread, WSP_OBJECT_THREAD);
	*code = t ? WSA_INVALID_PARAMETER : WSA_INVALID_HANDLE;
	if (!t)
		return false;
	queued = wsp_thread_queue_apc(t->thread, apc);
	wsp_object_put(&t->o);
	return queued;
}

WSA_EXPORT DWORD QueueUserAPC(PAPCFUNC fn, HANDLE thread, ULONG_PTR data)
{
	struct user_apc *a;
	int code = WSA_INVALID_PARAMETER;

	if (!fn)
		goto fail;
	code = WSA_NOT_ENOUGH_MEMORY;
	a = malloc(sizeof(*a));
	if (!a)
		goto fail;
	a->apc.fn = thread_run_user_apc;
	a->fn = fn;
	a->data = data;
	if (thread_queue(thread, &a->apc, &code))
		return true;
	free(a);
fail:
	WSASetLastError(code);
	return 0;
}
