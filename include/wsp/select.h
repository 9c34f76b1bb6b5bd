/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Waiting for sockets: select() and WSAPoll().  libc has names of its own for
 * sets and bits, hence WS_FD_SET() and WS_POLLIN here.
 */
#ifndef WSP_SELECT_H
#define WSP_SELECT_H

#include <wsp/consts.h>
#include <wsp/errors.h>
#include <wsp/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define WS_POLLERR	0x0001
#define WS_POLLHUP	0x0002
#define WS_POLLNVAL	0x0004
#define WS_POLLWRNORM	0x0010
#define WS_POLLWRBAND	0x0020
#define WS_POLLRDNORM	0x0100
#define WS_POLLRDBAND	0x0200
#define WS_POLLPRI	0x0400
#define WS_POLLIN	(WS_POLLRDNORM | WS_POLLRDBAND)
#define WS_POLLOUT	WS_POLLWRNORM

typedef struct wsp_pollfd {
	SOCKET fd;
	int16_t events;
	int16_t revents;
} WSAPOLLFD, *LPWSAPOLLFD;

#if UINTPTR_MAX > 0xffffffff
static_assert(sizeof(WSAPOLLFD) == 16, "WSAPOLLFD");
WSP_ASSERT_OFF(WSAPOLLFD, events, 8);
WSP_ASSERT_OFF(WSAPOLLFD, revents, 10);
#endif

/**
 * wsp_select() - Winsock's select()
 * @nfds: ignored
 * @rfds: NULL or sockets to read from: data, a connection to accept, or an end
 *	that a receive tells without waiting
 * @wfds: NULL or sockets to write to: also one whose connecting succeeded
 * @efds: NULL or sockets whose connecting failed, or that have urgent data
 * @timeout: NULL for ever, {0, 0} to look only
 *
 * A set's fd_count is what limits it: allocated larger than the type, it may
 * hold more than WS_FD_SETSIZE.  On success the sets hold those that are ready;
 * on failure they are as they were.  Unconnected sockets are never ready.
 *
 * Errors: WSAEINVAL (no socket in any set, negative @timeout), WSAENOTSOCK (also
 * if one is closed meanwhile), WSAEFAULT, WSAENOBUFS, WSAEMFILE, WSAEINTR.
 *
 * Return: how many sockets are in the sets, 0 when time ran out.
 */
int wsp_select(int nfds, struct ws_fd_set *rfds, struct ws_fd_set *wfds, struct ws_fd_set *efds,
	       const struct ws_timeval *timeout);

/**
 * __WSAFDIsSet() - is a socket in a set?
 * @s: socket
 * @set: set
 *
 * Return: 1 or 0.
 */
int __WSAFDIsSet(SOCKET s, struct ws_fd_set *set);

static inline void wsp_fd_set(SOCKET s, struct ws_fd_set *set)
{
	if (set->fd_count < WS_FD_SETSIZE && !__WSAFDIsSet(s, set))
		set->fd_array[set->fd_count++] = s;
}

static inline void wsp_fd_clr(SOCKET s, struct ws_fd_set *set)
{
	SOCKET *array = set->fd_array;
	uint32_t i = 0, kept = 0;

	for (; i < set->fd_count; i++)
		if (array[i] != s)
			array[kept++] = array[i];
	set->fd_count = kept;
}

#define WS_FD_ZERO(set)		((void)((set)->fd_count = 0))
#define WS_FD_SET(s, set)	wsp_fd_set(s, set)
#define WS_FD_CLR(s, set)	wsp_fd_clr(s, set)
#define WS_FD_ISSET(s, set)	__WSAFDIsSet(s, set)

/**
 * WSAPoll() - wait for any number of sockets
 * @fds: in: events WS_POLLRDNORM, WS_POLLRDBAND, WS_POLLPRI, WS_POLLWRNORM;
 *	out: revents, those that hold, and WS_POLLHUP (the peer ended, nothing is
 *	left to read), WS_POLLERR with WS_POLLHUP (reset, or connecting failed),
 *	WS_POLLNVAL (no socket, which is no error beside one that is)
 * @n: how many
 * @timeout: in milliseconds, negative for ever
 *
 * As on Windows, the peer's end is WS_POLLHUP alone: not WS_POLLIN.
 *
 * Errors: WSAEINVAL (@n is 0, other events), WSAEFAULT, WSAENOTSOCK (none is a
 * socket), WSAENOBUFS.
 *
 * Return: how many have revents other than WS_POLLNVAL, 0 when time ran out.
 */
int WSAPoll(LPWSAPOLLFD fds, ULONG n, int timeout);

#ifdef __cplusplus
}
#endif

#endif /* WSP_SELECT_H */
