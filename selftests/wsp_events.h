/* SPDX-License-Identifier: GPL-2.0 */
/* Waiting for network events, at either of the library's levels. */
#ifndef WSP_EVENTS_TEST_H
#define WSP_EVENTS_TEST_H

#include <string.h>

#include "wsp_level.h"

/* Long enough for what must not come to have come. */
#define WT_EVENTS_QUIET_MS	300
#define WT_EVENTS_ALL		0x3ff

/**
 * struct wt_events - a socket's selection, and what it has been told
 * @level: the calls used
 * @fd: socket
 * @event: its event
 * @seen: FD_* bits since wt_events_clear()
 * @told: how often each of them came
 * @error: the last codes
 */
struct wt_events {
	const struct wt_level *level;
	int fd;
	WSAEVENT event;
	int32_t seen;
	int told[FD_MAX_EVENTS];
	int error[FD_MAX_EVENTS];
};

/* 0 or a negative WSA code. */
static inline int wt_events_select(struct wt_events *e,
				   const struct wt_level *level, int fd,
				   int32_t mask)
{
	int err = 0;

	memset(e, 0, sizeof(*e));
	e->level = level;
	e->fd = fd;
	e->event = WSACreateEvent();
	if (level == &wt_spi)
		return wt_table.lpWSPEventSelect(fd, e->event, mask, &err) ?
		       -err : 0;
	return WSAEventSelect(fd, e->event, mask) ? -WSAGetLastError() : 0;
}

static inline int wt_events_enum(const struct wt_level *level, int fd,
				 WSAEVENT event, WSANETWORKEVENTS *ne)
{
	int err = 0;

	if (level == &wt_spi)
		return wt_table.lpWSPEnumNetworkEvents(fd, event, ne, &err) ?
		       -err : 0;
	return WSAEnumNetworkEvents(fd, event, ne) ? -WSAGetLastError() : 0;
}

static inline void wt_events_clear(struct wt_events *e)
{
	e->seen = 0;
	memset(e->told, 0, sizeof(e->told));
}

/* What came since the last time; a negative WSA code on failure. */
static inline int32_t wt_events_take(struct wt_events *e)
{
	WSANETWORKEVENTS ne;
	int ret = wt_events_enum(e->level, e->fd, e->event, &ne);

	if (ret)
		return ret;
	for (int i = 0; i < FD_MAX_EVENTS; i++) {
		if (!(ne.lNetworkEvents & 1 << i))
			continue;
		e->told[i]++;
		e->error[i] = ne.iErrorCode[i];
	}
	e->seen |= ne.lNetworkEvents;
	return ne.lNetworkEvents;
}

/* Until all of @mask was seen; false if time ran out. */
static inline bool wt_events_wait(struct wt_events *e, int32_t mask)
{
	while ((e->seen & mask) != mask) {
		if (WSAWaitForMultipleEvents(1, &e->event, 0, WT_SOON_MS, 0))
			return false;
		if (wt_events_take(e) < 0)
			return false;
	}
	return true;
}

/* True if nothing at all is told for a while. */
static inline bool wt_events_quiet(struct wt_events *e)
{
	return WSAWaitForMultipleEvents(1, &e->event, 0, WT_EVENTS_QUIET_MS,
					0) == WSA_WAIT_TIMEOUT &&
	       !wt_events_take(e);
}

#endif /* WSP_EVENTS_TEST_H */
