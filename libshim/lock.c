// SPDX-License-Identifier: LGPL-2.1-or-later
/* Waiting for a lock. */
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lock.h"

/* So often it is looked at first: most are held for less than going to sleep takes. */
#define LOCK_SPINS	100

/**
 * wsp_lock_wait() - take a lock that was not free
 * @l: lock
 */
void wsp_lock_wait(struct wsp_lock *l)
{
	for (int i = 0; i < LOCK_SPINS; i++) {
		uint32_t word = WSP_LOCK_FREE;

		if (atomic_compare_exchange_weak_explicit(&l->word, &word, WSP_LOCK_HELD,
							  memory_order_acquire,
							  memory_order_relaxed))
			return;
		if (word == WSP_LOCK_AWAITED)
			break;
	}
	/* Whoever slept cannot know of others that do. */
	while (atomic_exchange_explicit(&l->word, WSP_LOCK_AWAITED, memory_order_acquire) !=
	       WSP_LOCK_FREE)
		syscall(SYS_futex, &l->word, FUTEX_WAIT | FUTEX_PRIVATE_FLAG, WSP_LOCK_AWAITED,
			NULL, NULL, 0);
}

/**
 * wsp_lock_wake() - let one of those that wait have it
 * @l: lock, given back
 */
void wsp_lock_wake(struct wsp_lock *l)
{
	syscall(SYS_futex, &l->word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1, NULL, NULL, 0);
}
