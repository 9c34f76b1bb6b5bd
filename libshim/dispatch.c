// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The table of sockets that other providers made, by descriptor.  As in
 * handle.c a slot counts only while the descriptor is the same file, for it may
 * be closed and reused behind the table's back.  Readers take no lock.
 */
#include <limits.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "dispatch.h"
#include "internal.h"

#define DISPATCH_SLAB_SHIFT	12
#define DISPATCH_SLAB_SLOTS	4096
#define DISPATCH_SLABS		16384

struct dispatch_slot {
	_Atomic uint64_t id;
	_Atomic uint32_t provider;
	_Atomic uint32_t created; /* by WPUCreateSocketHandle() */
	_Atomic uintptr_t context;
};

static_assert(DISPATCH_SLAB_SLOTS == 1 << DISPATCH_SLAB_SHIFT, "slab size");

_Atomic bool wsp_dispatch_used;

static struct dispatch_slot *_Atomic dispatch_slabs[DISPATCH_SLABS];
static pthread_mutex_t dispatch_lock = PTHREAD_MUTEX_INITIALIZER;

static struct dispatch_slot *dispatch_slot(SOCKET s)
{
	struct dispatch_slot *slab;

	if (s >= (SOCKET)DISPATCH_SLABS << DISPATCH_SLAB_SHIFT)
		return NULL;
	slab = atomic_load_explicit(&dispatch_slabs[s >> DISPATCH_SLAB_SHIFT],
				    memory_order_acquire);
	return slab ? slab + (s & (DISPATCH_SLAB_SLOTS - 1)) : NULL;
}

/* Under the lock; slabs are never freed. */
static struct dispatch_slot *dispatch_slot_alloc(SOCKET s)
{
	void *slab;

	if (dispatch_slot(s) || s >= (SOCKET)DISPATCH_SLABS << DISPATCH_SLAB_SHIFT)
		return dispatch_slot(s);
	slab = mmap(NULL, DISPATCH_SLAB_SLOTS * sizeof(struct dispatch_slot),
		    PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (slab == MAP_FAILED)
		return NULL;
	atomic_store_explicit(&dispatch_slabs[s >> DISPATCH_SLAB_SHIFT], slab,
			      memory_order_release);
	return dispatch_slot(s);
}

/* Not 0, which means an empty slot. */
static uint64_t dispatch_identify(SOCKET s)
{
	struct stat st;

	return s <= INT_MAX && !fstat((int)s, &st) ? st.st_ino : 0;
}

static void dispatch_clear(struct dispatch_slot *slot)
{
	atomic_store(&slot->provider, 0);
	atomic_store(&slot->created, false);
	atomic_store(&slot->context, 0);
	atomic_store(&slot->id, 0);
}

/**
 * wsp_dispatch_find() - wsp_dispatch_get() where there are other providers
 * @s: the caller's handle
 *
 * Return: the provider's number.
 */
unsigned int wsp_dispatch_find(SOCKET s)
{
	struct dispatch_slot *slot = dispatch_slot(s);
	unsigned int provider;

	if (!slot)
		return 0;
	provider = atomic_load_explicit(&slot->provider, memory_order_acquire);
	if (!provider || dispatch_identify(s) != atomic_load(&slot->id))
		return 0;
	return provider;
}

static bool dispatch_fill(SOCKET s, unsigned int provider, bool created, DWORD_PTR context)
{
	uint64_t id = dispatch_identify(s);
	struct dispatch_slot *slot;
	bool ok = false;

	if (!id)
		return false;
	pthread_mutex_lock(&dispatch_lock);
	slot = provider ? dispatch_slot_alloc(s) : dispatch_slot(s);
	if (slot) {
		/* Claiming one's own handle again keeps its context. */
		if (created || atomic_load(&slot->id) != id) {
			dispatch_clear(slot);
			atomic_store(&slot->created, created);
			atomic_store(&slot->context, context);
			atomic_store(&slot->id, id);
		}
		atomic_store_explicit(&slot->provider, provider, memory_order_release);
		if (provider)
			atomic_store(&wsp_dispatch_used, true);
	}
	ok = slot || !provider;
	pthread_mutex_unlock(&dispatch_lock);
	return ok;
}

/**
 * wsp_dispatch_set() - say whose a socket is
 * @s: an open descriptor
 * @provider: its provider's number
 *
 * Return: false without memory, or if @s is not open.
 */
bool wsp_dispatch_set(SOCKET s, unsigned int provider)
{
	return dispatch_fill(s, provider, false, 0);
}

/**
 * wsp_dispatch_create() - enter a handle that is no socket of the kernel's
 * @s: an open descriptor
 * @provider: its provider's number, not 0
 * @context: what wsp_dispatch_context() shall tell
 *
 * Return: false without memory.
 */
bool wsp_dispatch_create(SOCKET s, unsigned int provider, DWORD_PTR context)
{
	return dispatch_fill(s, provider, true, context);
}

/**
 * wsp_dispatch_context() - the context of a handle made by wsp_dispatch_create()
 * @s: the caller's handle
 * @context: out
 *
 * Return: false if it was not made so, or is closed.
 */
bool wsp_dispatch_context(SOCKET s, DWORD_PTR *context)
{
	struct dispatch_slot *slot = dispatch_slot(s);
	bool found = false;

	if (!slot)
		return false;
	pthread_mutex_lock(&dispatch_lock);
	if (atomic_load(&slot->created) && atomic_load(&slot->id) == dispatch_identify(s)) {
		*context = atomic_load(&slot->context);
		found = true;
	}
	pthread_mutex_unlock(&dispatch_lock);
	return found;
}

/**
 * wsp_dispatch_token() - names a note, before the socket is closed
 * @s: the caller's handle
 *
 * Return: what wsp_dispatch_forget() wants.
 */
uint64_t wsp_dispatch_token(SOCKET s)
{
	struct dispatch_slot *slot = dispatch_slot(s);

	return slot ? atomic_load(&slot->id) : 0;
}

/**
 * wsp_dispatch_forget() - the socket is closed
 * @s: its number, which may be another's by now
 * @token: from wsp_dispatch_token(), before the close
 */
void wsp_dispatch_forget(SOCKET s, uint64_t token)
{
	struct dispatch_slot *slot = dispatch_slot(s);

	if (!slot || !token)
		return;
	pthread_mutex_lock(&dispatch_lock);
	if (atomic_load(&slot->id) == token)
		dispatch_clear(slot);
	pthread_mutex_unlock(&dispatch_lock);
}

/**
 * wsp_dispatch_forget_all() - at the last clean-up
 * @gone: called, without locks, for each handle of wsp_dispatch_create()'s that
 *	its provider left open
 */
void wsp_dispatch_forget_all(void (*gone)(SOCKET s))
{
	if (!atomic_load(&wsp_dispatch_used))
		return;
	for (SOCKET i = 0; i < DISPATCH_SLABS; i++) {
		if (!atomic_load(&dispatch_slabs[i]))
			continue;
		for (SOCKET j = 0; j < DISPATCH_SLAB_SLOTS; j++) {
			SOCKET s = (i << DISPATCH_SLAB_SHIFT) + j;
			uint64_t id = wsp_dispatch_token(s);
			DWORD_PTR context;

			if (!id)
				continue;
			if (wsp_dispatch_context(s, &context))
				gone(s);
			wsp_dispatch_forget(s, id);
		}
	}
}

/**
 * wsp_dispatch_fork_prepare() - before fork()
 */
void wsp_dispatch_fork_prepare(void)
{
	pthread_mutex_lock(&dispatch_lock);
}

/**
 * wsp_dispatch_fork_done() - after fork(), in parent and child
 */
void wsp_dispatch_fork_done(void)
{
	pthread_mutex_unlock(&dispatch_lock);
}
