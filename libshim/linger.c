// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * SO_LINGER for sockets the module is not attached to: Linux waits the time
 * and then delivers in the background, Winsock resets (CL-13); Linux waits on
 * a nonblocking socket too, Winsock refuses to close it (CL-14).
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <linux/wsp.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "internal.h"

static int64_t linger_now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* Written and not acknowledged, the FIN included. */
static bool linger_unacked(int fd)
{
	int n;

	return !ioctl(fd, SIOCOUTQ, &n) && n > 0;
}

/**
 * wsp_linger_pending() - would closing have to wait?
 * @h: nonblocking TCP socket with a linger time
 *
 * Starts nothing.  Not so once the FIN is queued: then the rest may go in the
 * background.  CL-14 to CL-16
 */
bool wsp_linger_pending(const struct wsp_handle *h)
{
	/* Without the module the kernel looks for a struct ifreq here. */
	char arg[64] = { 0 };

	if (!ioctl(h->fd, WSP_LINGER_CHECK, arg))
		return false;
	if (errno == EWOULDBLOCK)
		return true;
	return wsp_tcp_state(h) == WSP_TCP_OPEN && linger_unacked(h->fd);
}

/*
 * The acknowledgment of a FIN makes the kernel wake every waiter, without a
 * new event; an edge-triggered EPOLLOUT, which is always there after the FIN,
 * reports each of those wake-ups.
 */
static bool linger_drained(int fd, int ep, int64_t deadline)
{
	struct epoll_event ev = { .events = EPOLLOUT | EPOLLET };

	if (epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev))
		return true;
	while (linger_unacked(fd)) {
		int64_t left = deadline - linger_now_ms();

		if (left <= 0)
			return false;
		if (epoll_wait(ep, &ev, 1, left > INT_MAX ? INT_MAX : (int)left) < 0 &&
		    errno != EINTR)
			return true;
	}
	return true;
}

/**
 * wsp_linger_close() - close, waiting for what was sent to be acknowledged
 * @h: blocking, unattached TCP socket with an open connection, no duplicates
 * @seconds: how long; then the connection is reset
 *
 * The handle is invalid at once: the wait happens on a descriptor of its own.
 * Where descriptors have run out, the kernel's own linger has to do.
 * CL-12, CL-13
 */
void wsp_linger_close(const struct wsp_handle *h, int seconds)
{
	int64_t deadline = linger_now_ms() + (int64_t)seconds * 1000;
	int ep = epoll_create1(EPOLL_CLOEXEC);
	int fd = fcntl(h->fd, F_DUPFD_CLOEXEC, 0);

	wsp_quarantine_close(h->fd);
	if (ep >= 0 && fd >= 0) {
		shutdown(fd, SHUT_WR);
		if (linger_drained(fd, ep, deadline))
			wsp_tcp_set_linger(fd, false, 0);
		else
			wsp_tcp_set_linger(fd, true, 0);
	}
	if (fd >= 0)
		close(fd);
	if (ep >= 0)
		close(ep);
}
