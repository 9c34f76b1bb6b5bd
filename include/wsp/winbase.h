/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What sockets programs lean on beside sockets: critical sections, clocks, the
 * process heap.  Under Windows' names; <wsp/compat/windows.h> includes it.
 */
#ifndef WSP_WINBASE_H
#define WSP_WINBASE_H

#include <wsp/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A recursive lock; the contents are the library's. */
typedef struct wsp_critical_section {
	void *opaque[6];
} CRITICAL_SECTION, *PCRITICAL_SECTION, *LPCRITICAL_SECTION;

typedef struct wsp_system_info {
	DWORD dwOemId;
	DWORD dwPageSize;
	void *lpMinimumApplicationAddress;
	void *lpMaximumApplicationAddress;
	DWORD_PTR dwActiveProcessorMask;
	DWORD dwNumberOfProcessors;
	DWORD dwProcessorType;
	DWORD dwAllocationGranularity;
	WORD wProcessorLevel;
	WORD wProcessorRevision;
} SYSTEM_INFO, *LPSYSTEM_INFO;

#define HEAP_NO_SERIALIZE	0x01
#define HEAP_ZERO_MEMORY	0x08

/**
 * InitializeCriticalSection() - make a critical section usable
 * @cs: room for it
 */
void InitializeCriticalSection(LPCRITICAL_SECTION cs);

/**
 * InitializeCriticalSectionAndSpinCount() - InitializeCriticalSection()
 * @cs: as there
 * @spin: ignored; waiting threads sleep
 *
 * Return: TRUE.
 */
BOOL InitializeCriticalSectionAndSpinCount(LPCRITICAL_SECTION cs, DWORD spin);

/**
 * InitializeCriticalSectionEx() - InitializeCriticalSection()
 * @cs: as there
 * @spin: ignored
 * @flags: ignored
 *
 * Return: TRUE.
 */
BOOL InitializeCriticalSectionEx(LPCRITICAL_SECTION cs, DWORD spin, DWORD flags);

/**
 * EnterCriticalSection() - wait for it and own it, once more if owned already
 * @cs: critical section
 */
void EnterCriticalSection(LPCRITICAL_SECTION cs);

/**
 * TryEnterCriticalSection() - own it if no other thread does
 * @cs: critical section
 *
 * Return: FALSE if another thread owns it.
 */
BOOL TryEnterCriticalSection(LPCRITICAL_SECTION cs);

/**
 * LeaveCriticalSection() - undo one successful entering
 * @cs: critical section that this thread owns
 */
void LeaveCriticalSection(LPCRITICAL_SECTION cs);

/**
 * DeleteCriticalSection() - end a critical section that nobody owns
 * @cs: critical section
 */
void DeleteCriticalSection(LPCRITICAL_SECTION cs);

/**
 * GetTickCount() - milliseconds since the machine started
 *
 * Return: the number, which wraps around after 49.7 days.
 */
DWORD GetTickCount(void);

/**
 * GetTickCount64() - GetTickCount() that does not wrap around
 *
 * Return: the number.
 */
unsigned long long GetTickCount64(void);

union wsp_large_integer;

/**
 * QueryPerformanceCounter() - read a monotonic clock
 * @count: out: the time in units of QueryPerformanceFrequency()
 *
 * Return: TRUE.
 */
BOOL QueryPerformanceCounter(union wsp_large_integer *count);

/**
 * QueryPerformanceFrequency() - units of QueryPerformanceCounter() in a second
 * @frequency: out: the number, 1000000000
 *
 * Return: TRUE.
 */
BOOL QueryPerformanceFrequency(union wsp_large_integer *frequency);

struct wsp_filetime;

/**
 * GetSystemTimeAsFileTime() - the wall clock
 * @now: out: intervals of 100 ns since the year 1601
 */
void GetSystemTimeAsFileTime(struct wsp_filetime *now);

/**
 * GetSystemInfo() - what machine this is
 * @info: out: processors that are on line, size of a page; the rest is 0
 */
void GetSystemInfo(LPSYSTEM_INFO info);

/**
 * GetCurrentProcessId() - the process's number
 *
 * Return: the number.
 */
DWORD GetCurrentProcessId(void);

/**
 * GetProcessHeap() - the heap for HeapAlloc()
 *
 * Return: the only heap there is, malloc()'s.
 */
HANDLE GetProcessHeap(void);

/**
 * HeapAlloc() - allocate memory
 * @heap: from GetProcessHeap()
 * @flags: HEAP_ZERO_MEMORY; others are ignored
 * @size: bytes
 *
 * Return: the memory or NULL.
 */
void *HeapAlloc(HANDLE heap, DWORD flags, size_t size);

/**
 * HeapFree() - free allocated memory
 * @heap: from GetProcessHeap()
 * @flags: ignored
 * @mem: from HeapAlloc(), or NULL
 *
 * Return: TRUE.
 */
BOOL HeapFree(HANDLE heap, DWORD flags, void *mem);

#ifdef __cplusplus
}
#endif

#endif /* WSP_WINBASE_H */
