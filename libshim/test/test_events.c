// SPDX-License-Identifier: LGPL-2.1-or-later
/* Events, waits for several, alertable waits, threads, and their handles. */
#include <kselftest_harness.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util.h"

#define MANY	1500

TEST(events_of_both_kinds)
{
	HANDLE man = CreateEventA(NULL, 1, 0, NULL);
	HANDLE aut = CreateEventW(NULL, 0, 1, NULL);

	ASSERT_NE(NULL, man);
	ASSERT_NE(NULL, aut);
	EXPECT_EQ(0, (uintptr_t)man & 3);
	EXPECT_EQ(WSA_WAIT_TIMEOUT, WaitForSingleObject(man, 0));
	EXPECT_EQ(0, WaitForSingleObject(aut, 0));
	EXPECT_EQ(WSA_WAIT_TIMEOUT, WaitForSingleObject(aut, 0));
	EXPECT_EQ(1, SetEvent(man));
	EXPECT_EQ(0, WaitForSingleObject(man, WSA_INFINITE));
	EXPECT_EQ(0, WaitForSingleObject(man, WSA_INFINITE));
	EXPECT_EQ(1, ResetEvent(man));
	EXPECT_EQ(WSA_WAIT_TIMEOUT, WaitForSingleObject(man, 20));
	EXPECT_EQ(1, CloseHandle(man));
	EXPECT_EQ(1, CloseHandle(aut));
}

TEST(handles_that_are_none)
{
	HANDLE h = CreateEventA(NULL, 1, 0, NULL), old, none = NULL;

	ASSERT_NE(NULL, h);
	ASSERT_EQ(1, CloseHandle(h));
	EXPECT_EQ(0, CloseHandle(h));
	EXPECT_EQ(WSA_INVALID_HANDLE, GetLastError());
	EXPECT_EQ(0, SetEvent(h));
	EXPECT_EQ(0, ResetEvent((char *)h + 4));
	EXPECT_EQ(0, SetEvent(UTIL_BAD_PTR));
	EXPECT_EQ(WSA_WAIT_FAILED, WaitForSingleObject(h, 0));
	EXPECT_EQ(WSA_INVALID_HANDLE, GetLastError());
	EXPECT_EQ(WSA_WAIT_FAILED, WaitForMultipleObjects(1, &none, 0, 0));
	EXPECT_EQ(WSA_WAIT_FAILED, WaitForMultipleObjects(0, &h, 0, 0));
	EXPECT_EQ(WSA_INVALID_PARAMETER, GetLastError());
	EXPECT_EQ(WSA_WAIT_FAILED, WaitForMultipleObjects(65, &h, 0, 0));
	EXPECT_EQ(WSA_WAIT_FAILED, WaitForMultipleObjects(1, UTIL_BAD_PTR, 0, 0));
	EXPECT_EQ(NULL, CreateEventA(NULL, 0, 0, "name"));
	/* Its number comes back, its handle does not. */
	old = h;
	for (int i = 0; i < 2 * MANY; i++) {
		h = CreateEventA(NULL, 1, 0, NULL);
		ASSERT_NE(NULL, h);
		ASSERT_NE(old, h);
		ASSERT_EQ(1, CloseHandle(h));
	}
}

TEST(any_and_all)
{
	HANDLE h[3];

	for (int i = 0; i < 3; i++) {
		h[i] = CreateEventA(NULL, 0, 0, NULL);
		ASSERT_NE(NULL, h[i]);
	}
	SetEvent(h[2]);
	SetEvent(h[1]);
	EXPECT_EQ(1, WaitForMultipleObjects(3, h, 0, 0));
	/* A wait for all takes none while one is missing. */
	SetEvent(h[1]);
	EXPECT_EQ(WSA_WAIT_TIMEOUT, WaitForMultipleObjects(3, h, 1, 20));
	EXPECT_EQ(1, WaitForMultipleObjects(3, h, 0, 0));
	SetEvent(h[0]);
	SetEvent(h[1]);
	EXPECT_EQ(0, WaitForMultipleObjects(3, h, 1, WSA_INFINITE));
	EXPECT_EQ(WSA_WAIT_TIMEOUT, WaitForMultipleObjects(3, h, 0, 0));
	for (int i = 0; i < 3; i++)
		CloseHandle(h[i]);
}

TEST(IN_1_events_need_a_start_up)
{
	WSADATA data;
	WSAEVENT e;

	EXPECT_EQ(WSA_INVALID_EVENT, WSACreateEvent());
	EXPECT_EQ(WSANOTINITIALISED, WSAGetLastError());
	ASSERT_EQ(0, WSAStartup(MAKEWORD(2, 2), &data));
	e = WSACreateEvent();
	ASSERT_NE(WSA_INVALID_EVENT, e);
	EXPECT_EQ(WSA_WAIT_TIMEOUT, WSAWaitForMultipleEvents(1, &e, 0, 0, 0));
	EXPECT_EQ(1, WSASetEvent(e));
	EXPECT_EQ(0, WSAWaitForMultipleEvents(1, &e, 1, WSA_INFINITE, 0));
	EXPECT_EQ(1, WSAResetEvent(e));
	ASSERT_EQ(0, WSACleanup());
	EXPECT_EQ(WSA_WAIT_FAILED, WSAWaitForMultipleEvents(1, &e, 0, 0, 0));
	EXPECT_EQ(WSANOTINITIALISED, WSAGetLastError());
	ASSERT_EQ(0, WSAStartup(MAKEWORD(2, 2), &data));
	EXPECT_EQ(1, WSACloseEvent(e));
	WSACleanup();
}

static _Thread_local ULONG_PTR calls;

static void count_call(ULONG_PTR n)
{
	calls = calls * 10 + n;
}

static void queue_another(ULONG_PTR n)
{
	count_call(n);
	QueueUserAPC(count_call, GetCurrentThread(), n + 1);
}

TEST(OV_8_calls_run_in_alertable_waits_only)
{
	HANDLE h = CreateEventA(NULL, 0, 1, NULL);

	ASSERT_NE(0, QueueUserAPC(count_call, GetCurrentThread(), 1));
	ASSERT_NE(0, QueueUserAPC(queue_another, GetCurrentThread(), 2));
	EXPECT_EQ(0, SleepEx(1, 0));
	Sleep(1);
	EXPECT_EQ(0, WaitForSingleObject(h, 0));
	/* What is set already comes first. */
	SetEvent(h);
	EXPECT_EQ(0, WaitForSingleObjectEx(h, WSA_INFINITE, 1));
	EXPECT_EQ(0, calls);
	EXPECT_EQ(WSA_WAIT_IO_COMPLETION, WaitForSingleObjectEx(h, WSA_INFINITE, 1));
	EXPECT_EQ(123, calls);
	EXPECT_EQ(0, SleepEx(0, 1));
	ASSERT_NE(0, QueueUserAPC(count_call, GetCurrentThread(), 4));
	EXPECT_EQ(WSA_WAIT_IO_COMPLETION, SleepEx(WSA_INFINITE, 1));
	EXPECT_EQ(1234, calls);
	EXPECT_EQ(0, QueueUserAPC(NULL, GetCurrentThread(), 0));
	EXPECT_EQ(WSA_INVALID_PARAMETER, GetLastError());
	CloseHandle(h);
}

static DWORD thread_sleeps(void *param)
{
	atomic_int *ran = param;

	calls = 0;
	while (calls != 7)
		SleepEx(WSA_INFINITE, 1);
	atomic_fetch_add(ran, 1);
	return GetCurrentThreadId();
}

static DWORD thread_exits(void *param)
{
	(void)param;
	ExitThread(42);
}

TEST(threads_are_waited_for_and_called)
{
	atomic_int ran = 0;
	HANDLE t[2];
	DWORD id = 0, code = 0;

	t[0] = CreateThread(NULL, 0, thread_sleeps, &ran, 0, &id);
	ASSERT_NE(NULL, t[0]);
	EXPECT_EQ(WSA_WAIT_TIMEOUT, WaitForSingleObject(t[0], 20));
	ASSERT_EQ(1, GetExitCodeThread(t[0], &code));
	EXPECT_EQ(259, code);
	ASSERT_NE(0, QueueUserAPC(count_call, t[0], 7));
	t[1] = CreateThread(NULL, 1 << 20, thread_exits, NULL, 0, NULL);
	ASSERT_NE(NULL, t[1]);
	ASSERT_EQ(0, WaitForMultipleObjects(2, t, 1, UTIL_SOON_MS));
	EXPECT_EQ(1, ran);
	ASSERT_EQ(1, GetExitCodeThread(t[0], &code));
	EXPECT_EQ(id, code);
	ASSERT_EQ(1, GetExitCodeThread(t[1], &code));
	EXPECT_EQ(42, code);
	CloseHandle(t[0]);
	CloseHandle(t[1]);
	EXPECT_EQ(NULL, CreateThread(NULL, 0, NULL, NULL, 0, NULL));
	EXPECT_EQ(NULL, CreateThread(NULL, 0, thread_exits, NULL, 4, NULL));
}

static HANDLE ping, pong;

static DWORD thread_answers(void *param)
{
	for (int i = 0; i < MANY; i++)
		if (WaitForSingleObject(ping, UTIL_SOON_MS) || !SetEvent(pong))
			return 1;
	return param ? 1 : 0;
}

TEST(no_wake_up_is_lost)
{
	DWORD code = 1;
	HANDLE t;

	ping = CreateEventA(NULL, 0, 0, NULL);
	pong = CreateEventA(NULL, 0, 0, NULL);
	t = CreateThread(NULL, 0, thread_answers, NULL, 0, NULL);
	ASSERT_NE(NULL, t);
	for (int i = 0; i < MANY; i++) {
		ASSERT_EQ(1, SetEvent(ping));
		ASSERT_EQ(0, WaitForSingleObject(pong, UTIL_SOON_MS));
	}
	EXPECT_EQ(0, WaitForSingleObject(t, UTIL_SOON_MS));
	GetExitCodeThread(t, &code);
	EXPECT_EQ(0, code);
	CloseHandle(t);
	CloseHandle(ping);
	CloseHandle(pong);
}

TEST(a_child_has_the_events_but_not_the_calls)
{
	HANDLE h = CreateEventA(NULL, 1, 0, NULL);
	int status;
	pid_t pid;

	ASSERT_NE(0, QueueUserAPC(count_call, GetCurrentThread(), 1));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		_exit(SleepEx(0, 1) || !SetEvent(h) || WaitForSingleObject(h, 0));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	EXPECT_EQ(WSA_WAIT_TIMEOUT, WaitForSingleObject(h, 0));
	EXPECT_EQ(WSA_WAIT_IO_COMPLETION, SleepEx(0, 1));
	CloseHandle(h);
}

TEST_HARNESS_MAIN
