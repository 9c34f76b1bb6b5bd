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
#include <unistd.h>

#include "block.h"
#include "hook.h"
#include "ready.h"

#define MULTI_FIXED	64
#define MULTI_DRAIN	32
#define MULTI_OWN	2

struct multi {
	struct wsp_multi_item *items;
	size_t n;
	struct pollfd fixed[MULTI_FIXED + MULTI_OWN];
	struct pollfd *p; /* behind the items: the epoll, and the thread's eventfd */
	int ep;
	struct wsp_block_waiter *waiters;
	size_t entered;
};

static int multi_open(struct multi *m, struct wsp_multi_item *items, size_t n)
{
	m->items = items;
	m->n = n;
	m->ep = -1;
	m->p = m->fixed;
	if (n > MULTI_FIXED)
		m->p = malloc((n + MULTI_OWN) * sizeof(*m->p));
	if (!m->p)
		return WSAENOBUFS;
	for (size_t i = 0; i < n; i++) {
		items[i].got = 0;
		items[i].hushed = false;
		m->p[i] = (struct pollfd){ .fd = items[i].h.fd, .events = items[i].events };
	}
	for (size_t i = n; i < n + MULTI_OWN; i++)
		m->p[i] = (struct pollfd){ .fd = -1, .events = POLLIN };
	m->waiters = NULL;
	m->entered = 0;
	return 0;
}

static void multi_close(struct multi *m)
{
	if (m->p != m->fixed)
		free(m->p);
	if (m->ep >= 0)
		close(m->ep);
	free(m->waiters);
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

/* False if a socket is being closed. */
static bool multi_leave(struct multi *m)
{
	bool ok = true;

	while (m->entered)
		ok &= wsp_block_leave(&m->waiters[--m->entered]);
	return ok;
}

/* So that closing any of the sockets ends the wait.  CL-5 */
static int multi_enter(struct multi *m)
{
	int event_fd = wsp_block_event_fd();

	if (event_fd < 0)
		return WSAEMFILE;
	if (!m->waiters)
		m->waiters = malloc(m->n * sizeof(*m->waiters));
	if (!m->waiters)
		return WSAENOBUFS;
	m->p[m->n + 1].fd = event_fd;
	while (m->entered < m->n) {
		struct wsp_block_waiter *w = &m->waiters[m->entered];

		*w = (struct wsp_block_waiter){
			.fd = m->items[m->entered].h.fd,
			.event_fd = event_fd,
		};
		if (!wsp_block_enter(w)) {
			multi_leave(m);
			return WSAENOTSOCK;
		}
		m->entered++;
	}
	return 0;
}

static int multi_poll(struct multi *m, int64_t deadline)
{
	struct timespec ts, *left = NULL;

	if (deadline != WSP_FOREVER) {
		int64_t ns = deadline - wsp_now_ns();

		ns = ns > 0 ? ns : 0;
		ts.tv_sec = ns / 1000000000;
		ts.tv_nsec = ns % 1000000000;
		left = &ts;
	}
	return ppoll(m->p, m->n + MULTI_OWN, left, NULL) < 0 ? errno : 0;
}

static int multi_round(struct multi *m, int64_t until, size_t *ready)
{
	int errnum = multi_poll(m, until), code;

	/* There are no signals on Windows. */
	if (errnum)
		return errnum == EINTR ? 0 : wsp_err_from_errno(errnum);
	code = multi_look(m, ready);
	if (m->ep >= 0 && m->p[m->n].revents)
		multi_unhush(m);
	return code;
}

static int multi_sleep(struct multi *m, int64_t deadline, size_t *ready)
{
	int64_t until = deadline, now = wsp_now_ns();
	struct wsp_hook hook;
	bool hooked = wsp_hook_get(&hook);
	int code = 0;

	while (!code && !*ready && now < deadline) {
		if (hooked) {
			code = wsp_hook_run(&hook);
			until = now + WSP_HOOK_SLICE_NS < deadline ? now + WSP_HOOK_SLICE_NS :
				deadline;
		}
		if (!code)
			code = multi_enter(m);
		if (!code) {
			code = multi_round(m, until, ready);
			if (!multi_leave(m))
				code = WSAENOTSOCK;
		}
		now = wsp_now_ns();
	}
	return code;
}

/**
 * wsp_multi_wait() - wait until a socket is ready for what is wanted of it
 * @items: the sockets
 * @n: how many
 * @ms: for how long; negative: for ever
 * @ready: out: how many of them are
 *
 * Return: 0 or a WSA code; WSAENOTSOCK also if one is closed meanwhile, WSAEINTR
 * if the blocking hook cancelled the call.
 */
int wsp_multi_wait(struct wsp_multi_item *items, size_t n, int64_t ms, size_t *ready)
{
	int64_t deadline = ms < 0 ? WSP_FOREVER : wsp_now_ns() + ms * 1000000;
	struct multi m;
	int code = multi_open(&m, items, n);

	*ready = 0;
	if (code)
		return code;
	code = multi_round(&m, 0, ready);
	if (!code && !*ready && ms && !multi_is_instant(items, n))
		code = multi_sleep(&m, deadline, ready);
	multi_close(&m);
	return code;
}
