/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Network events.
 *
 * FD_READ	data to receive; again after a receive call that left some
 * FD_WRITE	sending is possible: at the selection, once connected or accepted,
 *		and after a send failed with WSAEWOULDBLOCK
 * FD_OOB	urgent data, unless WS_SO_OOBINLINE makes it data
 * FD_ACCEPT	a connection to accept; again after an accept call that left one
 * FD_CONNECT	the outcome of connecting, with its code; at the selection if there
 *		is a connection
 * FD_CLOSE	the peer has ended and everything was received, code 0; or the
 *		connection is gone, WSAECONNRESET or WSAECONNABORTED.  Once, and
 *		never for the own closesocket().  Disconnect data can be fetched
 *		afterwards.  EV-1 to EV-4, CL-7, RD-16
 *
 * Other bits of FD_MAX_EVENTS are taken and never happen.  An event can be told
 * although the data is gone by then: a receive may say WSAEWOULDBLOCK.
 */
#ifndef WSP_NETEVENTS_H
#define WSP_NETEVENTS_H

#include <wsp/consts.h>
#include <wsp/errors.h>
#include <wsp/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * WSAEventSelect() - have network events recorded and an event object set
 * @s: socket, nonblocking from now on; it cannot be made blocking while events
 *	are selected
 * @event: event object; one may serve many sockets
 * @events: FD_* bits; 0 cancels
 *
 * Takes the place of an earlier selection, of WSAAsyncSelect() too, along with
 * what that recorded.  What holds already is recorded at once.  Accepted sockets
 * take over the listener's selection.  A forked child has none.  EV-3, EV-5
 *
 * Errors: WSAEINVAL (@event is none, unknown bits), WSAENOBUFS.
 *
 * Return: 0, or SOCKET_ERROR.
 */
int WSAEventSelect(SOCKET s, WSAEVENT event, int32_t events);

/**
 * WSAEnumNetworkEvents() - fetch what was recorded
 * @s: socket
 * @event: NULL, or an event object to reset in the same step
 * @events: out: FD_* bits and, for those that are set, their codes; the other
 *	codes are left alone
 *
 * On failure nothing has changed.  EV-6
 *
 * Errors: WSAEFAULT, WSAEINVAL (@event is none).
 *
 * Return: 0, or SOCKET_ERROR.
 */
int WSAEnumNetworkEvents(SOCKET s, WSAEVENT event, LPWSANETWORKEVENTS events);

/**
 * WSAAsyncSelect() - have network events posted to a window
 * @s: as for WSAEventSelect()
 * @wnd: window
 * @msg: message; its wparam is the socket, the low word of its lparam the FD_*
 *	bit, the high word the code
 * @events: as for WSAEventSelect()
 *
 * For callers of WSPStartup() that gave a WPUPostMessage(), which is called from
 * a thread of the library's or from any call on the socket.  The application
 * interface itself has no windows.
 *
 * Errors: WSAEOPNOTSUPP (there is no WPUPostMessage()), WSAEINVAL, WSAENOBUFS.
 *
 * Return: 0, or SOCKET_ERROR.
 */
int WSAAsyncSelect(SOCKET s, HWND wnd, unsigned int msg, int32_t events);

#ifdef __cplusplus
}
#endif

#endif /* WSP_NETEVENTS_H */
