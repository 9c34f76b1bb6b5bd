// SPDX-License-Identifier: LGPL-2.1-or-later
/* The records by descriptor. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "netevent_record.h"

static pthread_mutex_t table_lock = PTHREAD_MUTEX_INITIALIZER;
static struct wsp_netevent **table;
static size_t table_size;
static uint32_t table_serial;

/**
 * wsp_netevent_put() - drop a reference
 * @ne: record, not locked
 */
void wsp_netevent_put(struct wsp_netevent *ne)
{
	if (atomic_fetch_sub(&ne->refs, 1) != 1)
		return;
	pthread_mutex_destroy(&ne->lock);
	free(ne);
}

static struct wsp_netevent *table_get(int fd)
{
	struct wsp_netevent *ne = (size_t)fd < table_size ? table[fd] : NULL;

	if (ne)
		atomic_fetch_add(&ne->refs, 1);
	return ne;
}

/**
 * wsp_netevent_find() - a descriptor's record
 * @fd: descriptor
 *
 * The socket may have become another one; wsp_handle_get() tells its id.
 *
 * Return: a reference to it, or NULL.
 */
struct wsp_netevent *wsp_netevent_find(int fd)
{
	struct wsp_netevent *ne;

	pthread_mutex_lock(&table_lock);
	ne = table_get(fd);
	pthread_mutex_unlock(&table_lock);
	return ne;
}

static bool table_grow(int fd)
{
	struct wsp_netevent **larger;
	size_t size = table_size ? table_size : 64;

	while (size <= (size_t)fd)
		size *= 2;
	if (size == table_size)
		return true;
	larger = realloc(table, size * sizeof(*table));
	if (!larger)
		return false;
	memset(larger + table_size, 0, (size - table_size) * sizeof(*table));
	table = larger;
	table_size = size;
	return true;
}

static struct wsp_netevent *table_new(const struct wsp_handle *h)
{
	struct wsp_netevent *ne = calloc(1, sizeof(*ne));

	if (!ne)
		return NULL;
	ne->fd = h->fd;
	ne->id = h->id;
	ne->serial = ++table_serial;
	atomic_init(&ne->refs, 1);
	pthread_mutex_init(&ne->lock, NULL);
	return ne;
}

/**
 * wsp_netevent_find_or_new() - a socket's record, made if there is none
 * @h: socket
 *
 * Return: a reference to it; NULL if there is no memory.
 */
struct wsp_netevent *wsp_netevent_find_or_new(const struct wsp_handle *h)
{
	struct wsp_netevent *ne = NULL, *stale = NULL;

	pthread_mutex_lock(&table_lock);
	if (!table_grow(h->fd))
		goto out;
	/* One whose socket was closed behind the library's back. */
	if (table[h->fd] && table[h->fd]->id != h->id) {
		stale = table[h->fd];
		table[h->fd] = NULL;
	}
	if (!table[h->fd])
		table[h->fd] = table_new(h);
	ne = table_get(h->fd);
out:
	pthread_mutex_unlock(&table_lock);
	if (stale)
		wsp_netevent_put(stale);
	return ne;
}

/**
 * wsp_netevent_remove() - take a socket's record out of the table
 * @h: socket
 *
 * Return: the table's reference, or NULL if there is no record.
 */
struct wsp_netevent *wsp_netevent_remove(const struct wsp_handle *h)
{
	struct wsp_netevent *ne = NULL;

	pthread_mutex_lock(&table_lock);
	if ((size_t)h->fd < table_size && table[h->fd] && table[h->fd]->id == h->id) {
		ne = table[h->fd];
		table[h->fd] = NULL;
	}
	pthread_mutex_unlock(&table_lock);
	return ne;
}

/**
 * wsp_netevent_fork_prepare() - before fork()
 */
void wsp_netevent_fork_prepare(void)
{
	pthread_mutex_lock(&table_lock);
	wsp_netevent_watch_fork_prepare();
}

/**
 * wsp_netevent_fork_parent() - after fork(), in the parent
 */
void wsp_netevent_fork_parent(void)
{
	wsp_netevent_watch_fork_parent();
	pthread_mutex_unlock(&table_lock);
}

/**
 * wsp_netevent_fork_child() - after fork(), in the child
 *
 * The watcher is the parent's, and so are the selections.  A record may have
 * been locked by a thread that is not here.
 */
void wsp_netevent_fork_child(void)
{
	wsp_netevent_watch_fork_child();
	for (size_t i = 0; i < table_size; i++)
		free(table[i]);
	free(table);
	table = NULL;
	table_size = 0;
	pthread_mutex_unlock(&table_lock);
}
