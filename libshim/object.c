// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * HANDLEs: an index into a table with a count of its uses, so that a closed
 * handle is found out.  As on Windows they fit 32 bits and leave the lowest
 * two free; bit 30 tells them from sockets.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "internal.h"
#include "object.h"
#include "thread.h"

#define OBJECT_BIT		0x40000000u
#define OBJECT_INDEX_SHIFT	2
#define OBJECT_USES_SHIFT	22
#define OBJECT_USES_MASK	0xff
#define OBJECT_MAX		(1u << (OBJECT_USES_SHIFT - OBJECT_INDEX_SHIFT))
#define OBJECT_CHUNK		1024

/**
 * struct object_slot - a place in the table
 * @object: what is there, NULL if free
 * @uses: count of objects that were there
 * @next_free: index of the next free one + 1
 */
struct object_slot {
	struct wsp_object *object;
	uint32_t uses;
	uint32_t next_free;
};

/* Guards the table, and state and waits of all objects. */
static pthread_mutex_t object_mutex = PTHREAD_MUTEX_INITIALIZER;
static struct object_slot *object_chunks[OBJECT_MAX / OBJECT_CHUNK];
static uint32_t object_count;
/* Oldest first, so that a stale handle stays unknown for long. */
static uint32_t object_free_first, object_free_last;

/**
 * wsp_object_lock() - keep every object's state as it is
 */
void wsp_object_lock(void)
{
	pthread_mutex_lock(&object_mutex);
}

/**
 * wsp_object_unlock() - undo wsp_object_lock()
 */
void wsp_object_unlock(void)
{
	pthread_mutex_unlock(&object_mutex);
}

static struct object_slot *object_at(uint32_t index)
{
	return object_chunks[index / OBJECT_CHUNK] + index % OBJECT_CHUNK;
}

static HANDLE object_handle(uint32_t index)
{
	uintptr_t uses = object_at(index)->uses & OBJECT_USES_MASK;

	return (HANDLE)(OBJECT_BIT | uses << OBJECT_USES_SHIFT | index << OBJECT_INDEX_SHIFT);
}

/* Index of a slot to use, OBJECT_MAX if there is none. */
static uint32_t object_take_slot(void)
{
	uint32_t index = object_free_first - 1;

	/* Fresh ones first, for the same reason. */
	if (!object_free_first || object_count < OBJECT_CHUNK) {
		index = object_count;
		if (index == OBJECT_MAX)
			return OBJECT_MAX;
		if (!object_chunks[index / OBJECT_CHUNK]) {
			object_chunks[index / OBJECT_CHUNK] =
				calloc(OBJECT_CHUNK, sizeof(struct object_slot));
			if (!object_chunks[index / OBJECT_CHUNK])
				return OBJECT_MAX;
		}
		object_count++;
		return index;
	}
	object_free_first = object_at(index)->next_free;
	if (!object_free_first)
		object_free_last = 0;
	return index;
}

static void object_give_slot(uint32_t index)
{
	struct object_slot *slot = object_at(index);

	slot->object = NULL;
	slot->uses++;
	slot->next_free = 0;
	if (object_free_last)
		object_at(object_free_last - 1)->next_free = index + 1;
	else
		object_free_first = index + 1;
	object_free_last = index + 1;
}

/**
 * wsp_object_publish() - give an object its handle
 * @o: object, its further fields set
 * @type: kind
 * @manual: stays signalled after a wait has seen it
 * @signalled: state to begin with
 * @release: frees it when the last reference has gone
 *
 * Return: the handle, which owns one reference; NULL if there is no room, with
 * @o still the caller's.
 */
HANDLE wsp_object_publish(struct wsp_object *o, enum wsp_object_type type, bool manual,
			  bool signalled, void (*release)(struct wsp_object *o))
{
	HANDLE h = NULL;
	uint32_t index;

	o->type = type;
	o->manual = manual;
	o->signalled = signalled;
	o->waits = NULL;
	o->release = release;
	atomic_store(&o->refs, 1);
	pthread_mutex_lock(&object_mutex);
	index = object_take_slot();
	if (index != OBJECT_MAX) {
		object_at(index)->object = o;
		h = object_handle(index);
	}
	pthread_mutex_unlock(&object_mutex);
	return h;
}

/**
 * wsp_object_is_handle() - could this be an object's handle, not a socket?
 * @h: handle
 */
bool wsp_object_is_handle(HANDLE h)
{
	uintptr_t v = (uintptr_t)h;

	return v >> 30 == 1 && !(v & ((1 << OBJECT_INDEX_SHIFT) - 1));
}

/* Under the lock; the slot of a handle that is open, or NULL. */
static struct object_slot *object_lookup(HANDLE h, uint32_t *index)
{
	struct object_slot *slot;

	if (!wsp_object_is_handle(h))
		return NULL;
	*index = (uint32_t)(uintptr_t)h >> OBJECT_INDEX_SHIFT & (OBJECT_MAX - 1);
	if (*index >= object_count)
		return NULL;
	slot = object_at(*index);
	return slot->object && object_handle(*index) == h ? slot : NULL;
}

/**
 * wsp_object_find() - look a handle up
 * @h: handle
 * @type: kind wanted
 *
 * Return: with a reference, or NULL if it is closed or of another kind.
 */
struct wsp_object *wsp_object_find(HANDLE h, enum wsp_object_type type)
{
	struct wsp_object *o = NULL;
	struct object_slot *slot;
	uint32_t index;

	pthread_mutex_lock(&object_mutex);
	slot = object_lookup(h, &index);
	if (slot && (type == WSP_OBJECT_ANY || slot->object->type == type)) {
		o = slot->object;
		wsp_object_get(o);
	}
	pthread_mutex_unlock(&object_mutex);
	return o;
}

/**
 * wsp_object_get() - take another reference
 * @o: object
 */
void wsp_object_get(struct wsp_object *o)
{
	atomic_fetch_add(&o->refs, 1);
}

/**
 * wsp_object_put() - give a reference back
 * @o: object; may be freed
 */
void wsp_object_put(struct wsp_object *o)
{
	if (atomic_fetch_sub(&o->refs, 1) == 1)
		o->release(o);
}

/**
 * wsp_object_close() - close a handle
 * @h: handle
 *
 * Return: 0 or WSA_INVALID_HANDLE.
 */
int wsp_object_close(HANDLE h)
{
	struct wsp_object *o = NULL;
	struct object_slot *slot;
	uint32_t index;

	pthread_mutex_lock(&object_mutex);
	slot = object_lookup(h, &index);
	if (slot) {
		o = slot->object;
		object_give_slot(index);
	}
	pthread_mutex_unlock(&object_mutex);
	if (!o)
		return WSA_INVALID_HANDLE;
	wsp_object_put(o);
	return 0;
}

/**
 * wsp_object_signal() - signal, and wake who waits for it
 * @o: object
 */
void wsp_object_signal(struct wsp_object *o)
{
	pthread_mutex_lock(&object_mutex);
	o->signalled = true;
	for (struct wsp_wait *w = o->waits; w; w = w->next)
		wsp_thread_wake(w->thread);
	pthread_mutex_unlock(&object_mutex);
}

/**
 * wsp_object_reset() - undo wsp_object_signal()
 * @o: object
 */
void wsp_object_reset(struct wsp_object *o)
{
	pthread_mutex_lock(&object_mutex);
	o->signalled = false;
	pthread_mutex_unlock(&object_mutex);
}

/**
 * wsp_object_add_wait() - have a thread woken when the object gets signalled
 * @o: object
 * @w: its thread set
 *
 * Context: objects locked.
 */
void wsp_object_add_wait(struct wsp_object *o, struct wsp_wait *w)
{
	w->next = o->waits;
	w->prev = &o->waits;
	if (w->next)
		w->next->prev = &w->next;
	o->waits = w;
}

/**
 * wsp_object_del_wait() - undo wsp_object_add_wait()
 * @w: the same
 *
 * Context: objects locked.
 */
void wsp_object_del_wait(struct wsp_wait *w)
{
	*w->prev = w->next;
	if (w->next)
		w->next->prev = w->prev;
}

/**
 * wsp_object_fork_prepare() - before fork()
 */
void wsp_object_fork_prepare(void)
{
	pthread_mutex_lock(&object_mutex);
}

/**
 * wsp_object_fork_done() - after fork(), in parent and child
 */
void wsp_object_fork_done(void)
{
	pthread_mutex_unlock(&object_mutex);
}
