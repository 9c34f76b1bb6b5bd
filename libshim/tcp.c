// SPDX-License-Identifier: LGPL-2.1-or-later
/* What the kernel says about a TCP socket, and its linger option. */
#include <errno.h>
#include <fcntl.h>
#include <linux/tcp.h>
#include <linux/wsp.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "internal.h"

#ifndef TCP_ULP
#define TCP_ULP 31
#endif

/* enum values of the kernel's tcp_states.h, which has no uapi header. */
enum {
	TCP_S_ESTABLISHED = 1,
	TCP_S_FIN_WAIT1 = 4,
	TCP_S_FIN_WAIT2 = 5,
	TCP_S_TIME_WAIT = 6,
	TCP_S_CLOSE = 7,
	TCP_S_CLOSE_WAIT = 8,
	TCP_S_LAST_ACK = 9,
	TCP_S_LISTEN = 10,
	TCP_S_CLOSING = 11,
};

/* Without reading, and so clearing, the error itself. */
static bool tcp_has_error(int fd)
{
	struct pollfd p = { .fd = fd };

	return poll(&p, 1, 0) > 0 && (p.revents & POLLERR);
}

static enum wsp_tcp_state tcp_closed_state(const struct wsp_handle *h, const struct tcp_info *ti)
{
	/* Afresh: the peer may have answered our FIN with its own meanwhile. */
	uint32_t state = h->state | wsp_handle_peek(h->fd);

	if (!(state & WSP_H_CONNECTED) && !ti->tcpi_bytes_acked && !ti->tcpi_bytes_received)
		return WSP_TCP_NEVER;
	/* Nothing but a FIN of ours leads here without a reset. */
	if (!(state & (WSP_H_SEND_OFF | WSP_H_SEND_ENDING)) || (state & WSP_H_RESET) ||
	    tcp_has_error(h->fd))
		return WSP_TCP_RESET;
	return WSP_TCP_GONE;
}

/*
 * The kernel reads the state before it waits for the socket's lock, and the rest
 * after: of a socket that is just being connected it may tell that it is closed
 * and has sent something.  Asked again, it knows.
 */
static bool tcp_get_info(int fd, struct tcp_info *ti)
{
	for (int attempt = 0; attempt < 2; attempt++) {
		socklen_t len = sizeof(*ti);

		if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, ti, &len))
			return false;
		if (ti->tcpi_state != TCP_S_CLOSE ||
		    (!ti->tcpi_bytes_acked && !ti->tcpi_bytes_received))
			break;
	}
	return true;
}

/**
 * wsp_tcp_state() - how far along a TCP connection is
 * @h: TCP socket
 */
enum wsp_tcp_state wsp_tcp_state(const struct wsp_handle *h)
{
	struct tcp_info ti = { .tcpi_state = TCP_S_CLOSE };

	if (!tcp_get_info(h->fd, &ti))
		return WSP_TCP_NEVER;
	switch (ti.tcpi_state) {
	case TCP_S_LISTEN:
		return WSP_TCP_LISTEN;
	case TCP_S_CLOSE:
		return tcp_closed_state(h, &ti);
	case TCP_S_ESTABLISHED:
	case TCP_S_CLOSE_WAIT:
		wsp_handle_add(h, WSP_H_CONNECTED);
		return WSP_TCP_OPEN;
	case TCP_S_FIN_WAIT1:
	case TCP_S_FIN_WAIT2:
	case TCP_S_TIME_WAIT:
	case TCP_S_LAST_ACK:
	case TCP_S_CLOSING:
		wsp_handle_add(h, WSP_H_CONNECTED);
		return WSP_TCP_SENT_FIN;
	default:
		return WSP_TCP_NEVER;
	}
}

/**
 * wsp_tcp_attached() - is the kernel's part of this library on the socket?
 * @fd: socket
 *
 * Return: true if so.
 */
bool wsp_tcp_attached(int fd)
{
	char name[16] = "";
	socklen_t len = sizeof(name);

	return !getsockopt(fd, IPPROTO_TCP, TCP_ULP, name, &len) &&
	       !strncmp(name, WSP_ULP_NAME, sizeof(name));
}

/* For root an attempt starts modprobe, which costs milliseconds: ask first. */
static bool tcp_ulp_listed(void)
{
	char buf[256];
	char *save, *word;
	ssize_t n;
	int fd = open("/proc/sys/net/ipv4/tcp_available_ulp", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return true;
	n = read(fd, buf, sizeof(buf) - 1);
	close(fd);
	if (n < 0)
		return true;
	buf[n] = '\0';
	for (word = strtok_r(buf, "\n ", &save); word; word = strtok_r(NULL, "\n ", &save))
		if (!strcmp(word, WSP_ULP_NAME))
			return true;
	return false;
}

/**
 * wsp_tcp_attach() - attach the kernel's part to a new socket, if it is there
 * @fd: unconnected TCP socket
 *
 * The first try of a process may load the module; without it the socket stays
 * plain TCP.
 */
void wsp_tcp_attach(int fd)
{
	static _Atomic bool absent;

	if (atomic_load(&absent) && !tcp_ulp_listed())
		return;
	if (!setsockopt(fd, IPPROTO_TCP, TCP_ULP, WSP_ULP_NAME, sizeof(WSP_ULP_NAME) - 1))
		atomic_store(&absent, false);
	else if (errno == ENOENT)
		atomic_store(&absent, true);
}

/**
 * wsp_tcp_get_linger() - the kernel's SO_LINGER
 * @fd: socket
 * @seconds: out: its time, which the kernel keeps while lingering is off
 *
 * Return: is lingering on?
 */
bool wsp_tcp_get_linger(int fd, int *seconds)
{
	struct linger l = { 0 };
	socklen_t len = sizeof(l);

	if (getsockopt(fd, SOL_SOCKET, SO_LINGER, &l, &len))
		l.l_onoff = 0;
	*seconds = l.l_linger;
	return l.l_onoff;
}

/**
 * wsp_tcp_set_linger() - set the kernel's SO_LINGER
 * @fd: socket
 * @on: whether to linger
 * @seconds: linger time
 */
void wsp_tcp_set_linger(int fd, bool on, int seconds)
{
	struct linger l = { .l_onoff = on, .l_linger = seconds };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l));
}
