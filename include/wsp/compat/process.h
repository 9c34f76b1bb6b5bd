/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Threads as the C runtime starts them. */
#ifndef WSP_COMPAT_PROCESS_H
#define WSP_COMPAT_PROCESS_H

#include <wsp/compat/windows.h>

static inline uintptr_t _beginthreadex(void *security, unsigned int stack,
				       unsigned int (*start)(void *arg), void *arg,
				       unsigned int flags, unsigned int *id)
{
	return (uintptr_t)CreateThread(security, stack, start, arg, flags, id);
}

static inline void _endthreadex(unsigned int code)
{
	ExitThread(code);
}

#endif /* WSP_COMPAT_PROCESS_H */
