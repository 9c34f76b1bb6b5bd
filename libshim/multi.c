// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Waiting for any number of sockets.
 *
 * poll() returns at once, again and again, for what Winsock does not count: an
 * unconnected socket, a reset one asked for urgent data.  Such a socket is
 * hushed: it moves to an edge-triggered epoll, which reports when anything has
 * changed, and is looked at again then.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "ready.h"

#define MULTI_FIXED	64
#define MULTI_DRAIN	32

struct multi {
	struct wsp_multi_item *items;
	size_t n;
	struct pollfd fixed[MULTI_FIXED + 1];
	struct pollfd *p; /* one more than items: the epoll */
	int ep;
};

static int64_t multi_now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static int multi_open(struct multi *m, struct wsp_multi_item *items, size_t n)
{
	m->items = items;
	m->n = n;
	m->ep = -1;
	m->p = m->fixed;
	if (n > MULTI_FIXED)
		m->p = malloc((n + 1) * sizeof(*m->p));
	if (!m->p)
		return WSAENOBUFS;
	for (size_t i = 0; i < n; i++) {
		items[i].got = 0;
		items[i].hushed = false;
		m->p[i] = (struct pollfd){ .fd = items[i].h.fd, .events = items[i].events };
	}
	m->p[n] = (struct pollfd){ .fd = -1, .events = POLLIN };
	return 0;
}

static void multi_close(struct multi *m)
{
	if (m->p != m->fixed)
		free(m->p);
	if (m->ep >= 0)
		close(m->ep);
}

/* Once registered, it stays so: only the change from hushed matters. */
static int multi_hush(struct multi *m, size_t i)
{
	struct epoll_event ev = {
		.events = WSP_READY_POLL | EPOLLET,
		.data.fd = m->items[i].h.fd,
	};

	if (m->ep < 0) {
		m->ep = epoll_create1(EPOLL_CLOEXEC);
		if (m->ep < 0)
			return wsp_err_from_errno(errno);
		m->p[m->n].fd = m->ep;
	}
	if (epoll_ctl(m->ep, EPOLL_CTL_ADD, ev.data.fd, &ev) && errno != EEXIST)
		return wsp_err_from_errno(errno);
	m->items[i].hushed = true;
	m->p[i].fd = -1;
	return 0;
}

static void multi_unhush(struct multi *m)
{
	struct epoll_event ev[MULTI_DRAIN];
	int n;

	do {
		n = epoll_wait(m->ep, ev, MULTI_DRAIN, 0);
		for (int k = 0; k < n; k++)
			for (size_t i = 0; i < m->n; i++)
				if (m->items[i].hushed && m->items[i].h.fd == ev[k].data.fd) {
					m->items[i].hushed = false;
					m->p[i].fd = ev[k].data.fd;
				}
	} while (n == MULTI_DRAIN);
}

static int multi_look(struct multi *m, size_t *ready)
{
	*ready = 0;
	for (size_t i = 0; i < m->n; i++) {
		struct wsp_multi_item *it = &m->items[i];
		int code;

		it->got = it->instant ? it->want : 0;
		if (it->got) {
			(*ready)++;
			continue;
		}
		if (m->p[i].fd < 0 || !m->p[i].revents)
			continue;
		if (m->p[i].revents & POLLNVAL)
			return WSAENOTSOCK;
		it->h.state = wsp_handle_peek(it->h.fd);
		it->got = wsp_ready(&it->h, m->p[i].revents) & it->want;
		if (it->got) {
			(*ready)++;
			continue;
		}
		code = multi_hush(m, i);
		if (code)
			return code;
	}
	return 0;
}

static bool multi_is_instant(const struct wsp_multi_item *items, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (items[i].instant)
			return true;
	return false;
}

static int multi_poll(struct multi *m, int64_t deadline)
{
	int64_t left = 0;
	struct timespec ts;
	int n;

	if (deadline != INT64_MAX) {
		left = deadline - multi_now_ns();
		if (left < 0)
			left = 0;
		ts.tv_sec = left / 1000000000;
		ts.tv_nsec = left % 1000000000;
	}
	n = ppoll(m->p, m->n + 1, deadline == INT64_MAX ? NULL : &ts, NULL);
	return n < 0 ? -errno : n;
}

/**
 * wsp_multi_wait() - wait until a socket is ready for what is wanted of it
 * @items: the sockets
 * @n: how many
 * @ms: for how long; negative: for ever
 * @ready: out: how many of them are
 *
 * Signals do not end the wait, as there are none on Windows.
 *
 * Return: 0 or a WSA code.
 */
int wsp_multi_wait(struct wsp_multi_item *items, size_t n, int64_t ms, size_t *ready)
{
	int64_t deadline;
	struct multi m;
	int rc, code = multi_open(&m, items, n);

	*ready = 0;
	if (code)
		return code;
	if (multi_is_instant(items, n))
		ms = 0;
	deadline = ms < 0 ? INT64_MAX : multi_now_ns() + ms * 1000000;
	do {
		rc = multi_poll(&m, deadline);
		if (rc == -EINTR)
			continue;
		code = rc < 0 ? wsp_err_from_errno(-rc) : multi_look(&m, ready);
		if (m.ep >= 0 && m.p[n].revents)
			multi_unhush(&m);
	} while (!code && !*ready && rc && (deadline == INT64_MAX || multi_now_ns() < deadline));
	multi_close(&m);
	return code;
}
