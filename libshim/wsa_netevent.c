// SPDX-License-Identifier: LGPL-2.1-or-later
/* Application interface: network events.  Documented in <wsp/netevents.h>. */
#include "wsa.h"

WSA_EXPORT int WSAEventSelect(SOCKET s, WSAEVENT event, int32_t events)
{
	const WSPPROC_TABLE *t = wsa_enter_socket(s);
	int err = 0;

	return t ? wsa_leave(t->lpWSPEventSelect(s, event, events, &err), &err) : SOCKET_ERROR;
}

WSA_EXPORT int WSAAsyncSelect(SOCKET s, HWND wnd, unsigned int msg, int32_t events)
{
	const WSPPROC_TABLE *t = wsa_enter_socket(s);
	int err = 0;

	return t ? wsa_leave(t->lpWSPAsyncSelect(s, wnd, msg, events, &err), &err) : SOCKET_ERROR;
}

WSA_EXPORT int WSAEnumNetworkEvents(SOCKET s, WSAEVENT event, LPWSANETWORKEVENTS events)
{
	const WSPPROC_TABLE *t = wsa_enter_socket(s);
	int rc, err = 0;

	if (!t)
		return SOCKET_ERROR;
	rc = t->lpWSPEnumNetworkEvents(s, event, events, &err);
	return wsa_leave(rc, &err);
}
