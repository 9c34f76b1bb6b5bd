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
/* End the calling thread's wait, or its next one within the call under way. */
void wsp_block_cancel_self(void);

/*
 * Called in front of every wait, with what it waits for; 0, or the code the
 * call fails with.  NULL: none.
 */
extern int (*_Atomic wsp_block_hook)(const struct wsp_handle *h, short events);

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
