// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * From poll()'s bits to Winsock's conditions.  Linux reports an unconnected TCP
 * socket as writable and hung up, a refused one as readable; Winsock neither.
 * No error is taken from the socket.
 */
#include <errno.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "ready.h"

/* From the kernel's tcp_states.h, which has no uapi header. */
enum {
	READY_S_TIME_WAIT = 6,
	READY_S_CLOSE,
	READY_S_CLOSE_WAIT,
	READY_S_LAST_ACK,
	READY_S_CLOSING = 11,
};

static bool ready_is_set(int fd, int option)
{
	int val = 0;
	socklen_t len = sizeof(val);

	return !getsockopt(fd, SOL_SOCKET, option, &val, &len) && val;
}

static bool ready_saw_fin(int fd)
{
	struct tcp_info ti = { 0 };
	socklen_t len = sizeof(ti);

	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &ti, &len))
		return false;
	switch (ti.tcpi_state) {
	case READY_S_TIME_WAIT:
	case READY_S_CLOSE:
	case READY_S_CLOSE_WAIT:
	case READY_S_LAST_ACK:
	case READY_S_CLOSING:
		return true;
	default:
		return false;
	}
}

/* The end has arrived, maybe behind data.  What nobody may read counts for none. */
static uint32_t ready_at_end(const struct wsp_handle *h)
{
	ssize_t n;
	char c;

	if ((h->state & WSP_H_RECV_OFF) && (h->state & WSP_H_TCP))
		return ready_saw_fin(h->fd) ? WSP_READY_END : 0;
	n = recv(h->fd, &c, 1, MSG_PEEK | MSG_DONTWAIT);
	if (n > 0)
		return WSP_READY_READ;
	if (!n)
		return WSP_READY_END;
	if (errno == EAGAIN)
		return WSP_READY_UNSURE;
	/* Receiving is being ended in another thread, who has yet to note it. */
	if (errno == ESHUTDOWN)
		return ready_saw_fin(h->fd) ? WSP_READY_END : 0;
	if (errno == ENOTCONN)
		return 0;
	/* A reset since poll(), whose error is gone now.  RC-3 */
	wsp_handle_add(h, WSP_H_RESET);
	return WSP_READY_RESET;
}

static uint32_t ready_tcp(const struct wsp_handle *h, short revents, uint32_t r)
{
	switch (wsp_tcp_state(h)) {
	case WSP_TCP_NEVER:
		return revents & POLLERR ? WSP_READY_FAILED : 0;
	case WSP_TCP_LISTEN:
		return revents & POLLIN ? WSP_READY_READ : 0;
	case WSP_TCP_RESET:
		return (r & WSP_READY_WRITE) | WSP_READY_RESET;
	default:
		return r | ready_at_end(h);
	}
}

/**
 * wsp_ready() - what poll() says, in Winsock's terms
 * @h: socket, its state bits fresh
 * @revents: from poll(); POLLRDHUP has to have been asked for along with POLLIN
 *
 * Return: WSP_READY_* bits.
 */
uint32_t wsp_ready(const struct wsp_handle *h, short revents)
{
	uint32_t r = revents & POLLOUT ? WSP_READY_WRITE : 0;

	/* Inline, urgent data is data; the kernel reports both. */
	if ((revents & POLLPRI) && !ready_is_set(h->fd, SO_OOBINLINE))
		r |= WSP_READY_OOB;
	if (!(revents & (POLLERR | POLLHUP | POLLRDHUP)))
		return r | (revents & POLLIN ? WSP_READY_READ : 0);
	if (h->state & WSP_H_TCP)
		return ready_tcp(h, revents, r);
	/* A datagram socket's error is for the next receive. */
	if (h->state & WSP_H_DGRAM)
		return r | (revents & (POLLIN | POLLERR) ? WSP_READY_READ : 0);
	return r | ready_at_end(h);
}

/**
 * wsp_ready_now() - what a socket is ready for
 * @h: socket, its state bits fresh
 *
 * Return: WSP_READY_* bits.
 */
uint32_t wsp_ready_now(const struct wsp_handle *h)
{
	struct pollfd p = { .fd = h->fd, .events = WSP_READY_POLL };

	return poll(&p, 1, 0) > 0 ? wsp_ready(h, p.revents) : 0;
}
