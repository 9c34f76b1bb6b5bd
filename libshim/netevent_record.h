/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A socket's selection of network events, and what was recorded for it.
 *
 * Lock order: a record, then what setting an event or posting a message takes;
 * the table's lock is held for looking up only.  A record's lock is held while
 * its event is set or its message is posted, so that neither comes after the
 * selection was cancelled or the socket closed.
 */
#ifndef WSP_NETEVENT_RECORD_H
#define WSP_NETEVENT_RECORD_H

#include <pthread.h>

#include "netevent.h"

/**
 * struct wsp_selection - what the application asked for
 * @mask: FD_* bits
 * @event: to be set, or NULL: then a message is posted
 * @wnd: window the message is for
 * @msg: its number
 */
struct wsp_selection {
	int32_t mask;
	WSAEVENT event;
	HWND wnd;
	unsigned int msg;
};

/**
 * struct wsp_netevent - the record
 * @refs: the table's and those of threads that look at it; atomic
 * @fd: descriptor, constant
 * @id: the socket's inode number, constant
 * @serial: tells it from earlier ones of this descriptor, constant
 * @lock: guards all below
 * @dead: cancelled; nothing is set or posted any more
 * @listening: it is for accepting
 * @connected: there is, or was, a peer
 * @sel: what was selected
 * @enabled: FD_* bits that may be recorded: not yet, or the call that re-enables
 *	them has been made since
 * @recorded: FD_* bits for WSAEnumNetworkEvents()
 * @error: their codes
 * @interest: what the watcher's epoll reports, 0: not registered
 * @so_error: WSA code that was taken from the kernel, for WS_SO_ERROR
 */
struct wsp_netevent {
	_Atomic uint32_t refs;
	int fd;
	uint64_t id;
	uint32_t serial;
	pthread_mutex_t lock;
	bool dead;
	bool listening;
	bool connected;
	struct wsp_selection sel;
	int32_t enabled;
	int32_t recorded;
	int error[FD_MAX_EVENTS];
	uint32_t interest;
	int so_error;
};

/* netevent_table.c */
struct wsp_netevent *wsp_netevent_find(int fd);
struct wsp_netevent *wsp_netevent_find_or_new(const struct wsp_handle *h);
struct wsp_netevent *wsp_netevent_remove(const struct wsp_handle *h);
void wsp_netevent_put(struct wsp_netevent *ne);

/* netevent_watch.c */
bool wsp_netevent_watch(struct wsp_netevent *ne, uint32_t interest);
void wsp_netevent_unwatch(struct wsp_netevent *ne);
void wsp_netevent_watch_fork_prepare(void);
void wsp_netevent_watch_fork_parent(void);
void wsp_netevent_watch_fork_child(void);

/* netevent.c */
int wsp_netevent_select(const struct wsp_handle *h, const struct wsp_selection *sel);
int wsp_netevent_enum(const struct wsp_handle *h, WSAEVENT event, LPWSANETWORKEVENTS out);
void wsp_netevent_happened(int fd, uint32_t serial);

#endif /* WSP_NETEVENT_RECORD_H */
