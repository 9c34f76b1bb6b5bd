/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which provider made a socket; the built-in one is number 0 and keeps no note. */
#ifndef WSP_DISPATCH_H
#define WSP_DISPATCH_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <wsp/types.h>

/* Some socket of this process is, or was, another provider's. */
extern _Atomic bool wsp_dispatch_used;

unsigned int wsp_dispatch_find(SOCKET s);
bool wsp_dispatch_set(SOCKET s, unsigned int provider);
bool wsp_dispatch_create(SOCKET s, unsigned int provider, DWORD_PTR context);
bool wsp_dispatch_context(SOCKET s, DWORD_PTR *context);
uint64_t wsp_dispatch_token(SOCKET s);
void wsp_dispatch_forget(SOCKET s, uint64_t token);
void wsp_dispatch_forget_all(void (*gone)(SOCKET s));

void wsp_dispatch_fork_prepare(void);
void wsp_dispatch_fork_done(void);

/**
 * wsp_dispatch_get() - the provider of a socket
 * @s: the caller's handle
 *
 * Costs one load in a process that uses no other provider.
 *
 * Return: its number, 0 for the built-in one and for whatever nobody claimed.
 */
static inline unsigned int wsp_dispatch_get(SOCKET s)
{
	if (!atomic_load_explicit(&wsp_dispatch_used, memory_order_relaxed))
		return 0;
	return wsp_dispatch_find(s);
}

#endif /* WSP_DISPATCH_H */
