/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Calls that wait, so that closing the socket and cancelling end them. */
#ifndef WSP_BLOCK_H
#define WSP_BLOCK_H

#include "internal.h"
#include "thread.h"

/*
 * Until one of POLL* @events, an error or a hang-up is there: 0.  Else
 * WSAETIMEDOUT; WSAEINTR: the socket was closed or the call cancelled.
 */
int wsp_block_wait(const struct wsp_handle *h, short events, int64_t deadline_ns);

/* End every wait on a socket that its closer has claimed, and see them gone.  CL-5 */
void wsp_block_cancel_socket(int fd);

/**
 * struct wsp_block_waiter - a thread that waits; on its stack
 * @fd: socket
 * @event_fd: wakes it
 * @cancelled: by the closer.  Under the stripe's lock
 * @next: others of the stripe
 * @prev: what points here
 */
struct wsp_block_waiter {
	int fd;
	int event_fd;
	bool cancelled;
	struct wsp_block_waiter *next;
	struct wsp_block_waiter **prev;
};

/* For those who wait for several sockets. */
int wsp_block_event_fd(void);
bool wsp_block_enter(struct wsp_block_waiter *w);
bool wsp_block_leave(struct wsp_block_waiter *w);

/*
 * Called in front of every wait, with what it waits for; 0, or the code the
 * call fails with.  NULL: none.
 */
extern int (*_Atomic wsp_block_hook)(const struct wsp_handle *h, short events,
				     int64_t deadline_ns);

/*
 * Winsock's blocking mode, which is not always O_NONBLOCK: listeners, and
 * sockets while they connect, are nonblocking underneath.
 */
bool wsp_block_nonblocking(const struct wsp_handle *h);
int wsp_block_set_nonblocking(const struct wsp_handle *h, bool on);
int wsp_block_force(const struct wsp_handle *h);
void wsp_block_unforce(const struct wsp_handle *h);
/* Counts mode changes, for those who remember a mode. */
uint32_t wsp_block_generation(void);

void wsp_block_fork_prepare(void);
void wsp_block_fork_parent(void);
void wsp_block_fork_child(void);

#endif /* WSP_BLOCK_H */
