/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Waiting for network events in the host tests. */
#ifndef WSP_TEST_EVENTS_H
#define WSP_TEST_EVENTS_H

#include <string.h>

#include "util.h"

/* Long enough for what must not come to have come. */
#define EVENTS_QUIET_MS	100
#define EVENTS_ALL	0x3ff

/**
 * struct events - a socket's selection, and what it has been told
 * @s: socket
 * @e: its event
 * @seen: FD_* bits since events_clear()
 * @told: how often each of them came
 * @error: the last codes
 */
struct events {
	SOCKET s;
	WSAEVENT e;
	int32_t seen;
	int told[FD_MAX_EVENTS];
	int error[FD_MAX_EVENTS];
};

static inline bool events_select(struct events *ev, SOCKET s, int32_t mask)
{
	memset(ev, 0, sizeof(*ev));
	ev->s = s;
	ev->e = WSACreateEvent();
	return ev->e && !WSAEventSelect(s, ev->e, mask);
}

static inline void events_clear(struct events *ev)
{
	ev->seen = 0;
	memset(ev->told, 0, sizeof(ev->told));
}

/* Return: what came since the last time, -1 on failure. */
static inline int32_t events_take(struct events *ev)
{
	WSANETWORKEVENTS ne;

	if (WSAEnumNetworkEvents(ev->s, ev->e, &ne))
		return -1;
	for (int i = 0; i < FD_MAX_EVENTS; i++)
		if (ne.lNetworkEvents & 1 << i) {
			ev->told[i]++;
			ev->error[i] = ne.iErrorCode[i];
		}
	ev->seen |= ne.lNetworkEvents;
	return ne.lNetworkEvents;
}

/* Until all of @mask was seen; false if time ran out. */
static inline bool events_wait(struct events *ev, int32_t mask)
{
	while ((ev->seen & mask) != mask) {
		if (WSAWaitForMultipleEvents(1, &ev->e, 0, UTIL_SOON_MS, 0) != WSA_WAIT_EVENT_0)
			return false;
		if (events_take(ev) < 0)
			return false;
	}
	return true;
}

/* True if nothing at all is told for a while. */
static inline bool events_quiet(struct events *ev)
{
	return WSAWaitForMultipleEvents(1, &ev->e, 0, EVENTS_QUIET_MS, 0) == WSA_WAIT_TIMEOUT &&
	       !events_take(ev);
}

#endif /* WSP_TEST_EVENTS_H */
