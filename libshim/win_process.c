// SPDX-License-Identifier: LGPL-2.1-or-later
/* The process, its machine, its heap.  Documented in <wsp/winbase.h>. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <wsp/winbase.h>

#include "wsa.h"

/* Its address is the process heap's handle. */
static char process_heap;

WSA_EXPORT DWORD GetCurrentProcessId(void)
{
	return (DWORD)getpid();
}

WSA_EXPORT void GetSystemInfo(LPSYSTEM_INFO info)
{
	long online = sysconf(_SC_NPROCESSORS_ONLN);

	memset(info, 0, sizeof(*info));
	info->dwPageSize = (DWORD)sysconf(_SC_PAGESIZE);
	info->dwAllocationGranularity = info->dwPageSize;
	info->dwNumberOfProcessors = online > 0 ? (DWORD)online : 1;
}

WSA_EXPORT HANDLE GetProcessHeap(void)
{
	return &process_heap;
}

WSA_EXPORT void *HeapAlloc(HANDLE heap, DWORD flags, size_t size)
{
	(void)heap;
	/* Windows gives memory for no bytes too. */
	size = size ? size : 1;
	return flags & HEAP_ZERO_MEMORY ? calloc(1, size) : malloc(size);
}

WSA_EXPORT BOOL HeapFree(HANDLE heap, DWORD flags, void *mem)
{
	(void)heap;
	(void)flags;
	free(mem);
	return 1;
}
