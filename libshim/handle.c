// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The side table: state the kernel does not keep, by descriptor.
 *
 * A descriptor may be closed and reused behind the table's back, so a slot
 * carries the socket's inode number and counts only while it matches.  Slots
 * are read without a lock; writers hold the slot's stripe.
 */
#include <dirent.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "internal.h"

#define HANDLE_SLAB_SHIFT	12
#define HANDLE_SLAB_SLOTS	4096
#define HANDLE_SLABS		16384
/* All are held over a fork(); sanitizers count no more than 64 at once. */
#define HANDLE_STRIPES		32

/* A connection that a listener has accepted and not handed out. */
struct handle_deferred {
	struct handle_deferred *_Atomic next;
	int fd;
};

struct handle_slot {
	_Atomic uint32_t state;
	_Atomic uint32_t epoch;
	_Atomic uint64_t id;
	_Atomic uint16_t linger;
	_Atomic uint32_t since; /* when it was first seen connected */
	struct handle_deferred *_Atomic deferred; /* oldest first */
};

static_assert(HANDLE_SLAB_SLOTS == 1 << HANDLE_SLAB_SHIFT, "slab size");

static struct handle_slot *_Atomic handle_slabs[HANDLE_SLABS];
static pthread_mutex_t handle_stripes[HANDLE_STRIPES] = {
	[0 ... HANDLE_STRIPES - 1] = PTHREAD_MUTEX_INITIALIZER,
};

static _Atomic uint32_t handle_epoch;

static struct handle_slot *handle_slot(SOCKET s)
{
	struct handle_slot *slab;

	if (s >= (SOCKET)HANDLE_SLABS << HANDLE_SLAB_SHIFT)
		return NULL;
	slab = atomic_load_explicit(&handle_slabs[s >> HANDLE_SLAB_SHIFT], memory_order_acquire);
	return slab ? slab + (s & (HANDLE_SLAB_SLOTS - 1)) : NULL;
}

/* Pages of a slab exist once touched; it is never freed, so readers need no lock. */
static struct handle_slot *handle_slot_alloc(SOCKET s)
{
	struct handle_slot *expected = NULL;
	void *slab;

	if (handle_slot(s))
		return handle_slot(s);
	if (s >= (SOCKET)HANDLE_SLABS << HANDLE_SLAB_SHIFT)
		return NULL;
	slab = mmap(NULL, HANDLE_SLAB_SLOTS * sizeof(struct handle_slot), PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (slab == MAP_FAILED)
		return NULL;
	if (!atomic_compare_exchange_strong(&handle_slabs[s >> HANDLE_SLAB_SHIFT], &expected, slab))
		munmap(slab, HANDLE_SLAB_SLOTS * sizeof(struct handle_slot));
	return handle_slot(s);
}

static void handle_lock(int fd)
{
	pthread_mutex_lock(&handle_stripes[fd % HANDLE_STRIPES]);
}

static void handle_unlock(int fd)
{
	pthread_mutex_unlock(&handle_stripes[fd % HANDLE_STRIPES]);
}

static int handle_int_option(int fd, int name)
{
	int val = -1;
	socklen_t len = sizeof(val);

	if (getsockopt(fd, SOL_SOCKET, name, &val, &len))
		return -1;
	return val;
}

static uint32_t handle_kind(int fd)
{
	int domain = handle_int_option(fd, SO_DOMAIN);

	if (handle_int_option(fd, SO_TYPE) == SOCK_DGRAM)
		return WSP_H_DGRAM;
	if ((domain == AF_INET || domain == AF_INET6) &&
	    handle_int_option(fd, SO_PROTOCOL) == IPPROTO_TCP)
		return WSP_H_TCP;
	return 0;
}

static uint32_t handle_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &ts);
	return ts.tv_sec;
}

/* With the stripe held. */
static int handle_pop_deferred(struct handle_slot *slot)
{
	struct handle_deferred *d = atomic_load(&slot->deferred);
	int fd;

	if (!d)
		return -1;
	fd = d->fd;
	atomic_store(&slot->deferred, atomic_load(&d->next));
	free(d);
	return fd;
}

static void handle_fill(struct handle_slot *slot, uint64_t id, uint32_t state, uint16_t linger)
{
	int fd;

	/* Of a listener that was closed behind the table's back. */
	while ((fd = handle_pop_deferred(slot)) >= 0)
		close(fd);
	atomic_store(&slot->state, WSP_H_USED | state);
	atomic_store(&slot->epoch, atomic_load(&handle_epoch));
	atomic_store(&slot->linger, linger);
	atomic_store(&slot->since, handle_now());
	atomic_store(&slot->id, id);
}

static bool handle_identify(int fd, uint64_t *id)
{
	struct stat st;

	if (fstat(fd, &st) || !S_ISSOCK(st.st_mode))
		return false;
	*id = st.st_ino;
	return true;
}

/**
 * wsp_handle_get() - look a socket up, adopting one made elsewhere
 * @s: the caller's handle
 * @h: out
 *
 * Return: 0, WSAENOTSOCK (also while another thread closes it),
 * WSAEINPROGRESS inside a callback, WSAENOBUFS.  SD-5, SD-8, SD-23
 */
int wsp_handle_get(SOCKET s, struct wsp_handle *h)
{
	struct handle_slot *slot;

	if (s > INT_MAX || !handle_identify((int)s, &h->id))
		return WSAENOTSOCK;
	slot = handle_slot_alloc(s);
	if (!slot)
		return WSAENOBUFS;
	h->fd = (int)s;
	handle_lock(h->fd);
	if (atomic_load(&slot->id) != h->id) {
		/* Asked again: it may have been closed, and its slot emptied, just now. */
		if (!handle_identify(h->fd, &h->id)) {
			handle_unlock(h->fd);
			return WSAENOTSOCK;
		}
		if (atomic_load(&slot->id) != h->id)
			handle_fill(slot, h->id, handle_kind(h->fd), 0);
	}
	h->state = atomic_load(&slot->state);
	h->epoch = atomic_load(&slot->epoch);
	h->linger = atomic_load(&slot->linger);
	handle_unlock(h->fd);
	if (h->state & WSP_H_CLOSING)
		return WSAENOTSOCK;
	return wsp_callback_active() ? WSAEINPROGRESS : 0;
}

/**
 * wsp_handle_peek() - a slot's bits, unverified
 * @s: the caller's handle
 *
 * For the data path: the bits may be a former socket's, so whoever finds one
 * that matters asks wsp_handle_get().
 */
uint32_t wsp_handle_peek(SOCKET s)
{
	struct handle_slot *slot = handle_slot(s);

	/* In order with what the caller stored before: see moment.c. */
	return slot ? atomic_load(&slot->state) : 0;
}

/**
 * wsp_handle_own_id() - who a socket of the library's making is
 * @s: the caller's handle
 *
 * Without asking the kernel, so it may have been closed by other means since.
 *
 * Return: its inode number; 0 if it is not known, or is being closed.
 */
uint64_t wsp_handle_own_id(SOCKET s)
{
	struct handle_slot *slot = handle_slot(s);
	uint32_t state;

	if (!slot)
		return 0;
	state = atomic_load_explicit(&slot->state, memory_order_acquire);
	if ((state & (WSP_H_OWNED | WSP_H_CLOSING)) != WSP_H_OWNED)
		return 0;
	return atomic_load_explicit(&slot->id, memory_order_acquire);
}

/**
 * wsp_handle_add() - set state bits, if the slot still is this socket's
 * @h: socket
 * @bits: WSP_H_* bits
 */
void wsp_handle_add(const struct wsp_handle *h, uint32_t bits)
{
	if ((h->state & bits) != bits)
		wsp_handle_put(h, bits, true);
}

/**
 * wsp_handle_put() - set or clear state bits, if the slot still is this socket's
 * @h: socket
 * @bits: WSP_H_* bits
 * @on: which
 */
void wsp_handle_put(const struct wsp_handle *h, uint32_t bits, bool on)
{
	struct handle_slot *slot = handle_slot(h->fd);

	handle_lock(h->fd);
	if (atomic_load(&slot->id) != h->id)
		goto out;
	if (!on)
		atomic_fetch_and(&slot->state, ~bits);
	else if (bits & ~atomic_fetch_or(&slot->state, bits) & WSP_H_CONNECTED)
		atomic_store(&slot->since, handle_now());
out:
	handle_unlock(h->fd);
}

/**
 * wsp_handle_connect_time() - how long it is since a connection was first seen
 * @h: socket with WSP_H_CONNECTED
 *
 * Return: seconds.
 */
uint32_t wsp_handle_connect_time(const struct wsp_handle *h)
{
	return handle_now() - atomic_load(&handle_slot(h->fd)->since);
}

/**
 * wsp_handle_set_linger() - remember the linger time shown while it is off
 * @h: socket
 * @t: seconds
 */
void wsp_handle_set_linger(const struct wsp_handle *h, uint16_t t)
{
	struct handle_slot *slot = handle_slot(h->fd);

	handle_lock(h->fd);
	if (atomic_load(&slot->id) == h->id)
		atomic_store(&slot->linger, t);
	handle_unlock(h->fd);
}

/**
 * wsp_handle_new() - enter a socket the library made
 * @fd: descriptor
 * @bits: WSP_H_* beyond USED, OWNED and its kind
 * @linger: inherited linger time
 *
 * Return: 0, WSAENOTSOCK or WSAENOBUFS.
 */
int wsp_handle_new(int fd, uint32_t bits, uint16_t linger)
{
	struct handle_slot *slot = handle_slot_alloc(fd);
	uint64_t id;

	if (!slot)
		return WSAENOBUFS;
	if (!handle_identify(fd, &id))
		return WSAENOTSOCK;
	bits |= WSP_H_OWNED | handle_kind(fd);
	handle_lock(fd);
	handle_fill(slot, id, bits, linger);
	handle_unlock(fd);
	return 0;
}

/**
 * wsp_handle_claim() - win the right to close
 * @h: socket
 *
 * Return: false if another thread has it, so that of two closes one fails.
 * CL-2
 */
bool wsp_handle_claim(const struct wsp_handle *h)
{
	struct handle_slot *slot = handle_slot(h->fd);
	bool won;

	handle_lock(h->fd);
	won = atomic_load(&slot->id) == h->id &&
	      !(atomic_fetch_or(&slot->state, WSP_H_CLOSING) & WSP_H_CLOSING);
	handle_unlock(h->fd);
	return won;
}

/**
 * wsp_handle_forget() - empty the slot, if it still is this socket's
 * @h: socket
 */
void wsp_handle_forget(const struct wsp_handle *h)
{
	struct handle_slot *slot = handle_slot(h->fd);

	handle_lock(h->fd);
	if (atomic_load(&slot->id) == h->id) {
		atomic_store(&slot->id, 0);
		atomic_store(&slot->state, 0);
	}
	handle_unlock(h->fd);
}

/**
 * wsp_handle_defer() - keep a connection for a later accept
 * @h: listener
 * @fd: connection
 *
 * Return: false if it cannot be kept.
 */
bool wsp_handle_defer(const struct wsp_handle *h, int fd)
{
	struct handle_deferred *d = malloc(sizeof(*d));
	struct handle_slot *slot = handle_slot(h->fd);
	struct handle_deferred *_Atomic *end = &slot->deferred;
	bool kept;

	if (!d)
		return false;
	d->fd = fd;
	atomic_init(&d->next, NULL);
	handle_lock(h->fd);
	kept = atomic_load(&slot->id) == h->id;
	if (kept) {
		while (atomic_load(end))
			end = &atomic_load(end)->next;
		atomic_store(end, d);
	}
	handle_unlock(h->fd);
	if (!kept)
		free(d);
	return kept;
}

/**
 * wsp_handle_take_deferred() - get the oldest connection that was kept
 * @h: listener
 *
 * Return: its descriptor, or -1 if there is none.
 */
int wsp_handle_take_deferred(const struct wsp_handle *h)
{
	struct handle_slot *slot = handle_slot(h->fd);
	int fd = -1;

	if (!atomic_load(&slot->deferred))
		return -1;
	handle_lock(h->fd);
	if (atomic_load(&slot->id) == h->id)
		fd = handle_pop_deferred(slot);
	handle_unlock(h->fd);
	return fd;
}

/**
 * wsp_handle_has_deferred() - is a connection kept for a later accept?
 * @h: listener
 *
 * The descriptor does not poll readable for it.
 */
bool wsp_handle_has_deferred(const struct wsp_handle *h)
{
	return atomic_load(&handle_slot(h->fd)->deferred);
}

/**
 * wsp_handle_shared() - may another process hold this socket?
 * @h: socket
 *
 * Adopted sockets, duplicates and those that have been through a fork() may be
 * held elsewhere; nothing tells for certain.
 */
bool wsp_handle_shared(const struct wsp_handle *h)
{
	return !(h->state & WSP_H_OWNED) || (h->state & WSP_H_PASSED) ||
	       h->epoch != atomic_load(&handle_epoch);
}

/**
 * wsp_handle_has_dup() - is there another descriptor of it in this process?
 * @h: socket
 *
 * Costs a walk over the open descriptors; for lingering closes only.  CL-4
 */
bool wsp_handle_has_dup(const struct wsp_handle *h)
{
	DIR *dir = opendir("/proc/self/fd");
	char self[32], link[32];
	struct dirent *ent;
	bool found = false;

	if (!dir)
		return false;
	snprintf(self, sizeof(self), "socket:[%ju]", (uintmax_t)h->id);
	while (!found && (ent = readdir(dir))) {
		ssize_t n = readlinkat(dirfd(dir), ent->d_name, link, sizeof(link));

		found = n == (ssize_t)strlen(self) && !memcmp(link, self, n) &&
			atoi(ent->d_name) != h->fd;
	}
	closedir(dir);
	return found;
}

/**
 * wsp_handle_destroy_all() - at the last clean-up: end what the library made
 * @destroy: called for each of its sockets; adopted ones are only forgotten
 */
void wsp_handle_destroy_all(void (*destroy)(const struct wsp_handle *h))
{
	for (SOCKET i = 0; i < HANDLE_SLABS; i++) {
		if (!atomic_load(&handle_slabs[i]))
			continue;
		for (SOCKET j = 0; j < HANDLE_SLAB_SLOTS; j++) {
			struct wsp_handle h;
			SOCKET s = (i << HANDLE_SLAB_SHIFT) + j;
			struct handle_slot *slot = handle_slot(s);

			h.id = atomic_load(&slot->id);
			if (!h.id)
				continue;
			h.fd = (int)s;
			h.state = atomic_load(&slot->state);
			if ((h.state & WSP_H_OWNED) && wsp_handle_claim(&h)) {
				uint64_t id;

				if (handle_identify(h.fd, &id) && id == h.id)
					destroy(&h);
			}
			wsp_handle_forget(&h);
		}
	}
}

/**
 * wsp_handle_fork_prepare() - before fork(): no thread may be inside a stripe
 */
void wsp_handle_fork_prepare(void)
{
	for (int i = 0; i < HANDLE_STRIPES; i++)
		pthread_mutex_lock(&handle_stripes[i]);
}

/**
 * wsp_handle_fork_done() - after fork(), in parent and child
 */
void wsp_handle_fork_done(void)
{
	atomic_fetch_add(&handle_epoch, 1);
	for (int i = HANDLE_STRIPES - 1; i >= 0; i--)
		pthread_mutex_unlock(&handle_stripes[i]);
}
