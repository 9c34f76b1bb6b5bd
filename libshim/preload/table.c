// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The table of descriptors.  Slabs are mapped on first need and stay; a word is
 * read and written whole, so that no lock is needed, also in signal handlers.
 * A word may outlive its descriptor where something closes that past us; it does
 * no harm, as the kernel refuses our calls on what is not attached.
 */
#include <sys/mman.h>

#include "table.h"

uint64_t *wsp_table_slabs[WSP_TABLE_SLABS];
unsigned int wsp_table_top;
static uint32_t table_last_id;

/**
 * wsp_table_word() - a word for a new socket
 * @flags: WSP_FD_*
 * @gen: how many forks ago the program started
 */
uint64_t wsp_table_word(unsigned int flags, unsigned int gen)
{
	uint64_t id = __atomic_add_fetch(&table_last_id, 1, __ATOMIC_RELAXED);

	return wsp_table_regen(id << 32 | (flags & WSP_FD_FLAGS), gen);
}

static uint64_t *table_make_slot(int fd)
{
	unsigned int n = (unsigned int)fd / WSP_TABLE_SLAB;
	const size_t size = WSP_TABLE_SLAB * sizeof(uint64_t);
	uint64_t *none = NULL;
	void *slab;

	if (n >= WSP_TABLE_SLABS || wsp_table_slot(fd))
		return wsp_table_slot(fd);
	slab = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (slab == MAP_FAILED)
		return NULL;
	if (!__atomic_compare_exchange_n(&wsp_table_slabs[n], &none, slab, false,
					 __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
		munmap(slab, size);
	return wsp_table_slot(fd);
}

static void table_raise(unsigned int top)
{
	unsigned int old = __atomic_load_n(&wsp_table_top, __ATOMIC_RELAXED);

	while (old < top && !__atomic_compare_exchange_n(&wsp_table_top, &old, top, false,
							 __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		;
}

/**
 * wsp_table_put() - say what a new descriptor is
 * @fd: the descriptor
 * @word: of wsp_table_word(), or another descriptor's
 *
 * Without memory the descriptor stays unknown: the kernel's part works all the same.
 */
void wsp_table_put(int fd, uint64_t word)
{
	uint64_t *slot = table_make_slot(fd);

	if (!slot)
		return;
	__atomic_store_n(slot, word, __ATOMIC_RELAXED);
	table_raise((unsigned int)fd + 1);
}

/**
 * wsp_table_flag() - change the flags of a known descriptor
 * @fd: the descriptor
 * @set: WSP_FD_* to set
 * @clear: WSP_FD_* to clear
 */
void wsp_table_flag(int fd, unsigned int set, unsigned int clear)
{
	uint64_t *slot = wsp_table_slot(fd);
	uint64_t word = wsp_table_get(fd), to;

	do {
		if (!word)
			return;
		to = (word | set) & ~(uint64_t)clear;
	} while (!__atomic_compare_exchange_n(slot, &word, to, false,
					      __ATOMIC_RELAXED, __ATOMIC_RELAXED));
}

/**
 * wsp_table_forget() - a descriptor is about to be closed
 * @fd: the descriptor
 * @word: what it was; one made anew meanwhile is left alone
 */
void wsp_table_forget(int fd, uint64_t word)
{
	uint64_t *slot = wsp_table_slot(fd);

	if (slot)
		__atomic_compare_exchange_n(slot, &word, 0, false,
					    __ATOMIC_RELAXED, __ATOMIC_RELAXED);
}

/**
 * wsp_table_next() - the next known descriptor
 * @fd: where to begin
 * @last: where to end
 *
 * Return: @fd or one above, at most @last; -1 if there is none.
 */
int wsp_table_next(int fd, int last)
{
	const int limit = (int)__atomic_load_n(&wsp_table_top, __ATOMIC_RELAXED) - 1;

	if (last > limit)
		last = limit;
	while (fd <= last && !wsp_table_get(fd))
		fd = wsp_table_slot(fd) ? fd + 1 : (fd / WSP_TABLE_SLAB + 1) * WSP_TABLE_SLAB;
	return fd <= last ? fd : -1;
}

/**
 * wsp_table_has_dup() - whether another descriptor of this process is the same socket
 * @fd: a descriptor
 * @word: its word
 */
bool wsp_table_has_dup(int fd, uint64_t word)
{
	int other = -1;

	if (!(word & WSP_FD_DUP))
		return false;
	while ((other = wsp_table_next(other + 1, WSP_TABLE_SLAB * WSP_TABLE_SLABS)) >= 0) {
		if (other != fd && wsp_table_get(other) >> 32 == word >> 32)
			return true;
	}
	return false;
}
