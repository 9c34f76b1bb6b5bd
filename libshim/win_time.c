// SPDX-License-Identifier: LGPL-2.1-or-later
/* Clocks.  Documented in <wsp/winbase.h>. */
#include <time.h>

#include <wsp/compat/windef.h>
#include <wsp/winbase.h>

#include "wsa.h"

#define TIME_NS_PER_S	1000000000LL
#define TIME_NS_PER_MS	1000000LL
/* FILETIME's unit is 100 ns, its year 0 is 1601. */
#define TIME_FT_PER_S	10000000ULL
#define TIME_FT_EPOCH	(11644473600ULL * TIME_FT_PER_S)

static long long time_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * TIME_NS_PER_S + ts.tv_nsec;
}

WSA_EXPORT unsigned long long GetTickCount64(void)
{
	struct timespec ts;

	/* Windows' count goes on while the machine is suspended. */
	clock_gettime(CLOCK_BOOTTIME, &ts);
	return (ts.tv_sec * TIME_NS_PER_S + ts.tv_nsec) / TIME_NS_PER_MS;
}

WSA_EXPORT DWORD GetTickCount(void)
{
	return (DWORD)GetTickCount64();
}

WSA_EXPORT BOOL QueryPerformanceCounter(LARGE_INTEGER *count)
{
	count->QuadPart = time_ns();
	return TRUE;
}

WSA_EXPORT BOOL QueryPerformanceFrequency(LARGE_INTEGER *frequency)
{
	frequency->QuadPart = TIME_NS_PER_S;
	return TRUE;
}

WSA_EXPORT void GetSystemTimeAsFileTime(FILETIME *now)
{
	struct timespec ts;
	ULARGE_INTEGER ft;

	clock_gettime(CLOCK_REALTIME, &ts);
	ft.QuadPart = ts.tv_sec * TIME_FT_PER_S + ts.tv_nsec / 100 + TIME_FT_EPOCH;
	now->dwLowDateTime = ft.LowPart;
	now->dwHighDateTime = ft.HighPart;
}
