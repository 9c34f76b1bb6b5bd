// SPDX-License-Identifier: LGPL-2.1-or-later
/* Event objects. */
#include <stdlib.h>

#include "internal.h"
#include "object.h"

static void event_release(struct wsp_object *o)
{
	free(o);
}

/**
 * wsp_event_create() - make an event
 * @manual: stays signalled until it is reset
 * @signalled: state to begin with
 *
 * Return: its handle, or NULL without memory.
 */
HANDLE wsp_event_create(bool manual, bool signalled)
{
	struct wsp_object *o = malloc(sizeof(*o));
	HANDLE h;

	if (!o)
		return NULL;
	h = wsp_object_publish(o, WSP_OBJECT_EVENT, manual, signalled, event_release);
	if (!h)
		free(o);
	return h;
}

/**
 * wsp_event_set() - signal an event
 * @h: its handle
 *
 * Return: 0 or WSA_INVALID_HANDLE.
 */
int wsp_event_set(HANDLE h)
{
	struct wsp_object *o = wsp_object_find(h, WSP_OBJECT_EVENT);

	if (!o)
		return WSA_INVALID_HANDLE;
	wsp_object_signal(o);
	wsp_object_put(o);
	return 0;
}

/**
 * wsp_event_reset() - undo wsp_event_set()
 * @h: its handle
 *
 * Return: 0 or WSA_INVALID_HANDLE.
 */
int wsp_event_reset(HANDLE h)
{
	struct wsp_object *o = wsp_object_find(h, WSP_OBJECT_EVENT);

	if (!o)
		return WSA_INVALID_HANDLE;
	wsp_object_reset(o);
	wsp_object_put(o);
	return 0;
}

/**
 * wsp_event_close() - close an event's handle
 * @h: handle
 *
 * Return: 0 or WSA_INVALID_HANDLE.
 */
int wsp_event_close(HANDLE h)
{
	struct wsp_object *o = wsp_object_find(h, WSP_OBJECT_EVENT);
	int code;

	if (!o)
		return WSA_INVALID_HANDLE;
	code = wsp_object_close(h);
	wsp_object_put(o);
	return code;
}
