/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A mutex that is taken and given back inline, for what each message takes. */
#ifndef WSP_LOCK_H
#define WSP_LOCK_H

#include <stdatomic.h>
#include <stdint.h>

/**
 * struct wsp_lock - zeroes: free
 * @word: WSP_LOCK_*
 */
struct wsp_lock {
	_Atomic uint32_t word;
};

enum {
	WSP_LOCK_FREE,
	WSP_LOCK_HELD,
	WSP_LOCK_AWAITED, /* held, and others may sleep */
};

void wsp_lock_wait(struct wsp_lock *l);
void wsp_lock_wake(struct wsp_lock *l);

static inline void wsp_lock(struct wsp_lock *l)
{
	uint32_t word = WSP_LOCK_FREE;

	if (!atomic_compare_exchange_strong_explicit(&l->word, &word, WSP_LOCK_HELD,
						     memory_order_acquire, memory_order_relaxed))
		wsp_lock_wait(l);
}

static inline void wsp_unlock(struct wsp_lock *l)
{
	if (atomic_exchange_explicit(&l->word, WSP_LOCK_FREE, memory_order_release) ==
	    WSP_LOCK_AWAITED)
		wsp_lock_wake(l);
}

#endif /* WSP_LOCK_H */
