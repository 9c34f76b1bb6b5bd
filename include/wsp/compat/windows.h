/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The little of <windows.h> that sockets programs lean on. */
#ifndef WSP_COMPAT_WINDOWS_H
#define WSP_COMPAT_WINDOWS_H

#ifndef _WINDOWS_
#define _WINDOWS_
#endif

#include <wsp/compat/windef.h>
#include <wsp/compat/winerror.h>
#include <wsp/compat/interlocked.h>
#include <wsp/winbase.h>
#include <wsp/wsp.h>

#ifndef INVALID_HANDLE_VALUE
#define INVALID_HANDLE_VALUE	((HANDLE)(LONG_PTR)-1)
#endif

#define INFINITE		0xffffffff
#define WAIT_OBJECT_0		0
#define WAIT_ABANDONED_0	0x80
#define WAIT_IO_COMPLETION	0xc0
#define WAIT_TIMEOUT		258
#define WAIT_FAILED		0xffffffff
#define MAXIMUM_WAIT_OBJECTS	64
#define STILL_ACTIVE		259

typedef WSAOVERLAPPED OVERLAPPED, *POVERLAPPED, *LPOVERLAPPED;
typedef LPTHREAD_START_ROUTINE PTHREAD_START_ROUTINE;

typedef struct wsp_security_attributes {
	DWORD nLength;
	LPVOID lpSecurityDescriptor;
	BOOL bInheritHandle;
} SECURITY_ATTRIBUTES, *PSECURITY_ATTRIBUTES, *LPSECURITY_ATTRIBUTES;

#ifdef UNICODE
#define CreateEvent	CreateEventW
#else
#define CreateEvent	CreateEventA
#endif

/* Overwrites even what is not read again. */
static inline void *wsp_secure_zero(void *mem, size_t len)
{
	memset(mem, 0, len);
	__asm__ __volatile__("" : : "r"(mem) : "memory");
	return mem;
}

#define SecureZeroMemory	wsp_secure_zero
#define RtlSecureZeroMemory	wsp_secure_zero

#ifndef WIN32_LEAN_AND_MEAN
#include <wsp/compat/winsock2.h>
#endif

#endif /* WSP_COMPAT_WINDOWS_H */
