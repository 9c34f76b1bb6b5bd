// SPDX-License-Identifier: LGPL-2.1-or-later
/* Critical sections: recursive mutexes.  Documented in <wsp/winbase.h>. */
#include <pthread.h>
#include <stdlib.h>

#include <wsp/winbase.h>

#include "wsa.h"

static_assert(sizeof(pthread_mutex_t) <= sizeof(CRITICAL_SECTION), "a mutex fits");
static_assert(__alignof__(pthread_mutex_t) <= __alignof__(CRITICAL_SECTION), "a mutex fits");

static pthread_mutex_t *lock_mutex(LPCRITICAL_SECTION cs)
{
	return (pthread_mutex_t *)cs->opaque;
}

/* A void function cannot report misuse, and going on would be worse. */
static void lock_must(int errnum)
{
	if (errnum)
		abort();
}

WSA_EXPORT void InitializeCriticalSection(LPCRITICAL_SECTION cs)
{
	pthread_mutexattr_t attr;

	lock_must(pthread_mutexattr_init(&attr));
	lock_must(pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE));
	lock_must(pthread_mutex_init(lock_mutex(cs), &attr));
	pthread_mutexattr_destroy(&attr);
}

WSA_EXPORT BOOL InitializeCriticalSectionAndSpinCount(LPCRITICAL_SECTION cs, DWORD spin)
{
	(void)spin;
	InitializeCriticalSection(cs);
	return 1;
}

WSA_EXPORT BOOL InitializeCriticalSectionEx(LPCRITICAL_SECTION cs, DWORD spin, DWORD flags)
{
	(void)spin;
	(void)flags;
	InitializeCriticalSection(cs);
	return 1;
}

WSA_EXPORT void EnterCriticalSection(LPCRITICAL_SECTION cs)
{
	lock_must(pthread_mutex_lock(lock_mutex(cs)));
}

WSA_EXPORT BOOL TryEnterCriticalSection(LPCRITICAL_SECTION cs)
{
	return !pthread_mutex_trylock(lock_mutex(cs));
}

WSA_EXPORT void LeaveCriticalSection(LPCRITICAL_SECTION cs)
{
	lock_must(pthread_mutex_unlock(lock_mutex(cs)));
}

WSA_EXPORT void DeleteCriticalSection(LPCRITICAL_SECTION cs)
{
	lock_must(pthread_mutex_destroy(lock_mutex(cs)));
}
