/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is known of each descriptor: one atomic word by its number. */
#ifndef WSP_TABLE_H
#define WSP_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A word is 0 for what is none of ours, else these flags, the number of fork()s
 * between the start and its making, and a number that duplicates share.
 */
enum wsp_fd_flag {
	WSP_FD_SEEN = 1,	/* looked at; plain, unless attached */
	WSP_FD_ATTACHED = 2,
	WSP_FD_LINGER = 4,	/* it may have a linger time */
	WSP_FD_DUP = 8,		/* has, or had, a duplicate */
	WSP_FD_HANDED = 16,	/* a forked child has taken it over */
	WSP_FD_ACCEPTED = 32,	/* so it is no listener */
};

#define WSP_FD_FLAGS	0xff
#define WSP_FD_GEN_BITS	24

/* Without the way round by the table of global addresses. */
#define WSP_HIDDEN	__attribute__((visibility("hidden")))

extern uint64_t *wsp_table_slabs[] WSP_HIDDEN;
/* No descriptor at or above it is known. */
extern unsigned int wsp_table_top WSP_HIDDEN;

#define WSP_TABLE_SLAB	1024
#define WSP_TABLE_SLABS	1024

/* One comparison for the files of a program without sockets. */
static inline bool wsp_table_may_know(int fd)
{
	return (unsigned int)fd < __atomic_load_n(&wsp_table_top, __ATOMIC_RELAXED);
}

static inline uint64_t *wsp_table_slot(int fd)
{
	unsigned int n = (unsigned int)fd / WSP_TABLE_SLAB;
	uint64_t *slab;

	if (n >= WSP_TABLE_SLABS)
		return NULL;
	slab = __atomic_load_n(&wsp_table_slabs[n], __ATOMIC_ACQUIRE);
	return slab ? &slab[(unsigned int)fd % WSP_TABLE_SLAB] : NULL;
}

/* The word of @fd, 0 for unknown descriptors and those that are none. */
static inline uint64_t wsp_table_get(int fd)
{
	uint64_t *slot = wsp_table_may_know(fd) ? wsp_table_slot(fd) : NULL;

	return slot ? __atomic_load_n(slot, __ATOMIC_RELAXED) : 0;
}

static inline unsigned int wsp_table_gen(uint64_t word)
{
	return word >> 8 & ((1u << WSP_FD_GEN_BITS) - 1);
}

/* The same descriptor in a forked child that owns it. */
static inline uint64_t wsp_table_regen(uint64_t word, unsigned int gen)
{
	const uint64_t mask = ((1ULL << WSP_FD_GEN_BITS) - 1) << 8;

	return (word & ~mask) | ((uint64_t)gen << 8 & mask);
}

uint64_t wsp_table_word(unsigned int flags, unsigned int gen);
void wsp_table_put(int fd, uint64_t word);
void wsp_table_flag(int fd, unsigned int set, unsigned int clear);
void wsp_table_forget(int fd, uint64_t word);
bool wsp_table_has_dup(int fd, uint64_t word);
int wsp_table_next(int fd, int last);

#endif /* WSP_TABLE_H */
