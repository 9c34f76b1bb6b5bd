// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Memory of operations, which come and go with each message: a thread keeps some
 * of what it frees.  Under sanitizers it does not, so that they see the rest.
 */
#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>

#include "port.h"
#include "thread.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define PACKET_KEPT	0
#else
#define PACKET_KEPT	128
#endif
/* Most operations fit, and blocks of other sizes are not kept. */
#define PACKET_SIZE	512

/*
 * What a thread keeps:
 * @first: blocks of PACKET_SIZE at least
 * @n: how many
 * @room: for how many more; 0 before the first and after the last
 * @ended: the thread is about to end
 */
static _Thread_local struct {
	struct wsp_packet *first;
	unsigned int n;
	unsigned int room;
	bool ended;
} packet_cache;

static pthread_once_t packet_once = PTHREAD_ONCE_INIT;

static void packet_thread_exit(struct wsp_thread *t)
{
	struct wsp_packet *p;

	(void)t;
	packet_cache.ended = true;
	packet_cache.room = 0;
	while ((p = packet_cache.first)) {
		packet_cache.first = p->next;
		free(p);
	}
	packet_cache.n = 0;
}

static void packet_watch_exit(void)
{
	wsp_thread_at_exit(packet_thread_exit);
}

static void packet_open_cache(void)
{
	pthread_once(&packet_once, packet_watch_exit);
	/* So that the end of the thread is noticed. */
	if (wsp_thread_self())
		packet_cache.room = PACKET_KEPT;
	else
		packet_cache.ended = true;
}

/**
 * wsp_packet_alloc() - memory for a packet, or what begins with one
 * @size: bytes
 *
 * Return: for wsp_packet_free() or free(); NULL if there is none.
 */
void *wsp_packet_alloc(size_t size)
{
	struct wsp_packet *p = packet_cache.first;

	if (size > PACKET_SIZE)
		return malloc(size);
	if (!p)
		return malloc(PACKET_KEPT ? PACKET_SIZE : size);
	packet_cache.first = p->next;
	packet_cache.n--;
	packet_cache.room++;
	return p;
}

/**
 * wsp_packet_free() - give a packet's memory back
 * @p: from wsp_packet_alloc() or malloc()
 */
void wsp_packet_free(struct wsp_packet *p)
{
	if (PACKET_KEPT && !packet_cache.n && !packet_cache.room && !packet_cache.ended)
		packet_open_cache();
	if (!packet_cache.room || malloc_usable_size(p) < PACKET_SIZE) {
		free(p);
		return;
	}
	p->next = packet_cache.first;
	packet_cache.first = p;
	packet_cache.n++;
	packet_cache.room--;
}
