/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Network events: what the calls that move a socket on tell them.
 *
 * A socket without a selection pays for one look at the side table.  The hooks
 * come after the call, whether it succeeded or not, with no lock held.
 */
#ifndef WSP_NETEVENT_H
#define WSP_NETEVENT_H

#include "internal.h"

#define WSP_H_EVENTS	0x10000 /* network events are selected */

void wsp_netevent_enable(SOCKET s, int32_t events);
void wsp_netevent_connected(const struct wsp_handle *h, int code);
void wsp_netevent_inherit(const struct wsp_handle *listener, int fd);
void wsp_netevent_forget(const struct wsp_handle *h);
void wsp_netevent_replaced(const struct wsp_handle *old);
bool wsp_netevent_selected(const struct wsp_handle *h);
int wsp_netevent_take_error(const struct wsp_handle *h);

void wsp_netevent_fork_prepare(void);
void wsp_netevent_fork_parent(void);
void wsp_netevent_fork_child(void);

int wsp_netevent_async_spi(SOCKET s, HWND wnd, unsigned int msg, int32_t events, int *err);
int wsp_netevent_enum_spi(SOCKET s, WSAEVENT event, LPWSANETWORKEVENTS events, int *err);
int wsp_netevent_event_spi(SOCKET s, WSAEVENT event, int32_t events, int *err);

/**
 * wsp_netevent_after_recv() - any receive call has returned, or completed
 * @s: socket
 */
static inline void wsp_netevent_after_recv(SOCKET s)
{
	if (wsp_handle_peek(s) & WSP_H_EVENTS)
		wsp_netevent_enable(s, FD_READ | FD_OOB);
}

/**
 * wsp_netevent_after_send() - any send call has returned, or completed
 * @s: socket
 * @code: 0 or its WSA code
 */
static inline void wsp_netevent_after_send(SOCKET s, int code)
{
	if (code && (wsp_handle_peek(s) & WSP_H_EVENTS))
		wsp_netevent_enable(s, code == WSAEWOULDBLOCK ? FD_WRITE : 0);
}

/**
 * wsp_netevent_after_accept() - any accept call has returned, or completed
 * @h: listener
 * @fd: the accepted socket, which takes over the listener's selection, or -1
 * @code: 0 or its WSA code
 */
static inline void wsp_netevent_after_accept(const struct wsp_handle *h, int fd, int code)
{
	if (!(wsp_handle_peek(h->fd) & WSP_H_EVENTS))
		return;
	if (fd >= 0)
		wsp_netevent_inherit(h, fd);
	if (code != WSATRY_AGAIN)
		wsp_netevent_enable(h->fd, FD_ACCEPT);
}

/**
 * wsp_netevent_after_connect() - any connect call has returned, or completed
 * @h: socket
 * @code: 0, WSAEWOULDBLOCK while it is under way, or its WSA code
 */
static inline void wsp_netevent_after_connect(const struct wsp_handle *h, int code)
{
	if (wsp_handle_peek(h->fd) & WSP_H_EVENTS)
		wsp_netevent_connected(h, code);
}

/**
 * wsp_netevent_after_replace() - another socket was put in a socket's place
 * @old: what was there, its state bits included; the new one is registered
 */
static inline void wsp_netevent_after_replace(const struct wsp_handle *old)
{
	if (old->state & WSP_H_EVENTS)
		wsp_netevent_replaced(old);
}

/**
 * wsp_netevent_after_change() - bound, listening, or a direction was shut down
 * @h: socket
 */
static inline void wsp_netevent_after_change(const struct wsp_handle *h)
{
	if (wsp_handle_peek(h->fd) & WSP_H_EVENTS)
		wsp_netevent_enable(h->fd, 0);
}

/**
 * wsp_netevent_before_close() - no event comes after this; CL-7
 * @h: socket claimed for closing, its descriptor still open
 */
static inline void wsp_netevent_before_close(const struct wsp_handle *h)
{
	if (wsp_handle_peek(h->fd) & WSP_H_EVENTS)
		wsp_netevent_forget(h);
}

#endif /* WSP_NETEVENT_H */
