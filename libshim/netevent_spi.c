// SPDX-License-Identifier: LGPL-2.1-or-later
/* WSPEventSelect, WSPAsyncSelect and WSPEnumNetworkEvents. */
#include "netevent_record.h"
#include "object.h"
#include "upcall.h"

#define NETEVENT_ALL	((1 << FD_MAX_EVENTS) - 1)

/* An event of the caller's own kind cannot be judged. */
static bool netevent_is_event(WSAEVENT event)
{
	WSPUPCALLTABLE theirs, own;
	struct wsp_object *o;

	wsp_upcall_get(&theirs);
	wsp_upcall_own(&own);
	if (theirs.lpWPUSetEvent && theirs.lpWPUSetEvent != own.lpWPUSetEvent)
		return true;
	o = wsp_object_find(event, WSP_OBJECT_EVENT);
	if (o)
		wsp_object_put(o);
	return o;
}

/* WSPEventSelect; see WSAEventSelect() */
int wsp_netevent_event_spi(SOCKET s, WSAEVENT event, int32_t events, int *err)
{
	struct wsp_selection sel = { .mask = events, .event = event };
	struct wsp_handle h;
	int code = wsp_handle_get(s, &h);

	if (!code && ((events & ~NETEVENT_ALL) ||
		      (events && (!event || !netevent_is_event(event)))))
		code = WSAEINVAL;
	if (!code)
		code = wsp_netevent_select(&h, &sel);
	return wsp_err_result(err, code);
}

/* WSPAsyncSelect; see WSAAsyncSelect() */
int wsp_netevent_async_spi(SOCKET s, HWND wnd, unsigned int msg, int32_t events, int *err)
{
	struct wsp_selection sel = { .mask = events, .wnd = wnd, .msg = msg };
	struct wsp_handle h;
	WSPUPCALLTABLE theirs, own;
	int code = wsp_handle_get(s, &h);

	wsp_upcall_get(&theirs);
	wsp_upcall_own(&own);
	if (!code && (!theirs.lpWPUPostMessage || theirs.lpWPUPostMessage == own.lpWPUPostMessage))
		code = WSAEOPNOTSUPP;
	if (!code && ((events & ~NETEVENT_ALL) || (events && !wnd)))
		code = WSAEINVAL;
	if (!code)
		code = wsp_netevent_select(&h, &sel);
	return wsp_err_result(err, code);
}

/* WSPEnumNetworkEvents; see WSAEnumNetworkEvents() */
int wsp_netevent_enum_spi(SOCKET s, WSAEVENT event, LPWSANETWORKEVENTS events, int *err)
{
	struct wsp_handle h;
	int code = wsp_handle_get(s, &h);

	if (!code)
		code = wsp_netevent_enum(&h, event, events);
	return wsp_err_result(err, code);
}
