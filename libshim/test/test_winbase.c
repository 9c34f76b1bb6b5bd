// SPDX-License-Identifier: LGPL-2.1-or-later
/* Critical sections, clocks and the heap under Windows' names. */
#include <kselftest_harness.h>
#include <pthread.h>
#include <time.h>
#include <unistd.h>

#include <wsp/compat/windef.h>
#include <wsp/winbase.h>
#include <wsp/wsp.h>

#define THREADS	4
#define ROUNDS	20000

static CRITICAL_SECTION section;
static long counter;

static void *winbase_try(void *got)
{
	*(BOOL *)got = TryEnterCriticalSection(&section);
	if (*(BOOL *)got)
		LeaveCriticalSection(&section);
	return NULL;
}

static BOOL winbase_try_elsewhere(void)
{
	BOOL got = -1;
	pthread_t t;

	if (!pthread_create(&t, NULL, winbase_try, &got))
		pthread_join(t, NULL);
	return got;
}

TEST(critical_section_is_owned_by_a_thread_and_counts)
{
	InitializeCriticalSection(&section);
	EnterCriticalSection(&section);
	EXPECT_EQ(TRUE, TryEnterCriticalSection(&section));
	EXPECT_EQ(FALSE, winbase_try_elsewhere());
	LeaveCriticalSection(&section);
	EXPECT_EQ(FALSE, winbase_try_elsewhere());
	LeaveCriticalSection(&section);
	EXPECT_EQ(TRUE, winbase_try_elsewhere());
	DeleteCriticalSection(&section);
}

static void *winbase_count(void *arg)
{
	for (int i = 0; i < ROUNDS; i++) {
		EnterCriticalSection(&section);
		counter++;
		LeaveCriticalSection(&section);
	}
	return arg;
}

TEST(critical_section_excludes)
{
	pthread_t t[THREADS];

	ASSERT_EQ(TRUE, InitializeCriticalSectionAndSpinCount(&section, 4000));
	for (int i = 0; i < THREADS; i++)
		ASSERT_EQ(0, pthread_create(&t[i], NULL, winbase_count, NULL));
	for (int i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
	EXPECT_EQ(THREADS * ROUNDS, counter);
	DeleteCriticalSection(&section);
	ASSERT_EQ(TRUE, InitializeCriticalSectionEx(&section, 0, 0));
	DeleteCriticalSection(&section);
}

TEST(clocks)
{
	LARGE_INTEGER before, after, per_second;
	unsigned long long start = GetTickCount64();
	ULARGE_INTEGER wall;
	FILETIME ft;

	ASSERT_EQ(TRUE, QueryPerformanceFrequency(&per_second));
	ASSERT_EQ(TRUE, QueryPerformanceCounter(&before));
	usleep(20000);
	ASSERT_EQ(TRUE, QueryPerformanceCounter(&after));
	EXPECT_GE((after.QuadPart - before.QuadPart) * 1000 / per_second.QuadPart, 20);
	EXPECT_GE(GetTickCount64() - start, 19);
	EXPECT_LT(GetTickCount() - (DWORD)start, 60000);
	GetSystemTimeAsFileTime(&ft);
	wall.LowPart = ft.dwLowDateTime;
	wall.HighPart = ft.dwHighDateTime;
	/* 1 January 1970 is this many seconds after 1 January 1601. */
	EXPECT_LE(llabs((long long)(wall.QuadPart / 10000000) - 11644473600LL - time(NULL)), 60);
}

TEST(heap_and_machine)
{
	SYSTEM_INFO info;
	char *mem;

	GetSystemInfo(&info);
	EXPECT_EQ(sysconf(_SC_NPROCESSORS_ONLN), info.dwNumberOfProcessors);
	EXPECT_EQ(sysconf(_SC_PAGESIZE), info.dwPageSize);
	EXPECT_EQ(getpid(), GetCurrentProcessId());
	ASSERT_NE(NULL, GetProcessHeap());
	mem = HeapAlloc(GetProcessHeap(), 0, 4096);
	ASSERT_NE(NULL, mem);
	memset(mem, 0xcc, 4096);
	EXPECT_EQ(TRUE, HeapFree(GetProcessHeap(), 0, mem));
	mem = HeapAlloc(GetProcessHeap(), HEAP_ZERO_MEMORY, 4096);
	ASSERT_NE(NULL, mem);
	for (int i = 0; i < 4096; i++)
		ASSERT_EQ(0, mem[i]);
	EXPECT_EQ(TRUE, HeapFree(GetProcessHeap(), 0, mem));
	EXPECT_EQ(TRUE, HeapFree(GetProcessHeap(), 0, NULL));
}

TEST_HARNESS_MAIN
