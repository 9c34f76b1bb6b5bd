// SPDX-License-Identifier: GPL-2.0
/* Threads, and calls that are queued to them. */
#include "example_wsp.h"
#include <wsp/winbase.h>

/* region: thread */
struct counter {
	CRITICAL_SECTION lock;
	int value;
};

/* A queued call: runs in the thread's next alertable wait. */
static void add_one(ULONG_PTR data)
{
	struct counter *c = (struct counter *)data;

	EnterCriticalSection(&c->lock);
	c->value++;
	LeaveCriticalSection(&c->lock);
}

static DWORD worker(void *param)
{
	struct counter *c = param;

	while (c->value < 3)
		SleepEx(WSA_INFINITE, 1);	/* until calls have run */
	return c->value;
}

/* Returns what the thread does: 3. */
DWORD count_to_three(void)
{
	struct counter c = { .value = 0 };
	HANDLE thread;
	DWORD code;
	int i;

	InitializeCriticalSection(&c.lock);
	thread = CreateThread(NULL, 0, worker, &c, 0, NULL);
	for (i = 0; i < 3; i++)
		QueueUserAPC(add_one, thread, (ULONG_PTR)&c);
	WaitForSingleObject(thread, WSA_INFINITE);
	GetExitCodeThread(thread, &code);
	CloseHandle(thread);
	DeleteCriticalSection(&c.lock);
	return code;
}

/* endregion */

int main(void)
{
	alarm(60);
	printf("counted to %u\n", count_to_three());
	return 0;
}
