/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Sets of sockets as Winsock has them, and what libc's <sys/select.h>, which is
 * everywhere, must not have a say in; a part of <winsock2.h>.
 */
#ifndef WSP_COMPAT_FDSET_H
#define WSP_COMPAT_FDSET_H

#include <wsp/compat/windows.h>

#undef FD_SETSIZE
#ifdef WSP_COMPAT_SETSIZE
#define FD_SETSIZE	wsp_compat_setsize
#define fd_set		wsp_own_fd_set
struct fd_set {
	u_int fd_count;
	SOCKET fd_array[FD_SETSIZE];
};
#else
#define FD_SETSIZE	WS_FD_SETSIZE
#define fd_set		ws_fd_set
#endif

typedef struct fd_set fd_set, FD_SET, *PFD_SET, *LPFD_SET;

static inline u_int wsp_compat_fd_find(SOCKET s, const fd_set *set)
{
	u_int i = 0;

	while (i < set->fd_count && set->fd_array[i] != s)
		i++;
	return i;
}

/* A full set stays as it is. */
static inline void wsp_compat_fd_set(SOCKET s, fd_set *set)
{
	if (wsp_compat_fd_find(s, set) == set->fd_count && set->fd_count < (u_int)FD_SETSIZE)
		set->fd_array[set->fd_count++] = s;
}

static inline void wsp_compat_fd_clr(SOCKET s, fd_set *set)
{
	u_int i = wsp_compat_fd_find(s, set);

	if (i == set->fd_count)
		return;
	for (set->fd_count--; i < set->fd_count; i++)
		set->fd_array[i] = set->fd_array[i + 1];
}

#undef FD_SET
#undef FD_CLR
#undef FD_ISSET
#undef FD_ZERO
#define FD_SET(s, set)		wsp_compat_fd_set((SOCKET)(s), (set))
#define FD_CLR(s, set)		wsp_compat_fd_clr((SOCKET)(s), (set))
#define FD_ISSET(s, set)	__WSAFDIsSet((SOCKET)(s), (struct ws_fd_set *)(set))
#define FD_ZERO(set)		((void)((set)->fd_count = 0))

#ifndef timerisset
#define timerisset(tv)	((tv)->tv_sec || (tv)->tv_usec)
#define timerclear(tv)	((tv)->tv_sec = (tv)->tv_usec = 0)
#define timercmp(a, b, op) \
	((a)->tv_sec == (b)->tv_sec ? (a)->tv_usec op (b)->tv_usec : (a)->tv_sec op (b)->tv_sec)
#endif

static inline int wsp_compat_select(int nfds, fd_set *rfds, fd_set *wfds, fd_set *efds,
				    const struct timeval *timeout)
{
	return wsp_select(nfds, (struct ws_fd_set *)rfds, (struct ws_fd_set *)wfds,
			  (struct ws_fd_set *)efds, timeout);
}

#ifdef __cplusplus
/* Beside libc's, whose sets are of another type. */
inline int select(int nfds, fd_set *rfds, fd_set *wfds, fd_set *efds, const struct timeval *timeout)
{
	return wsp_compat_select(nfds, rfds, wfds, efds, timeout);
}
#else
#define select	wsp_compat_select
#endif

/* Windows programs pass the address of an unsigned long just as well. */
static inline int wsp_ioctlsocket_long(SOCKET s, LONG cmd, unsigned long *arg)
{
	u_long value = arg ? (u_long)*arg : 0;
	int rc = ioctlsocket(s, cmd, arg ? &value : NULL);

	if (!rc && arg)
		*arg = value;
	return rc;
}

#ifdef __cplusplus
/* A template, so that NULL means the other one. */
template<class T> inline int ioctlsocket(SOCKET s, LONG cmd, T *arg)
{
	unsigned long *wide = arg;

	return wsp_ioctlsocket_long(s, cmd, wide);
}
#else
#define wsp_ioctlsocket_by(arg) \
	_Generic((arg), unsigned long *: wsp_ioctlsocket_long, default: ioctlsocket)
#define ioctlsocket(s, cmd, arg)	wsp_ioctlsocket_by(arg)((s), (cmd), (arg))
#endif

#endif /* WSP_COMPAT_FDSET_H */
