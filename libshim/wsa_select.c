// SPDX-License-Identifier: LGPL-2.1-or-later
/* Application interface: select() and WSAPoll().  Documented in <wsp/select.h>. */
#include <stdlib.h>

#include "dispatch.h"
#include "ready.h"
#include "wsa.h"

#define POLL_KNOWN	(WS_POLLRDNORM | WS_POLLRDBAND | WS_POLLPRI | WS_POLLWRNORM)
#define POLL_FIXED	32

/* The first socket's provider has to know them all. */
static const WSPPROC_TABLE *select_enter(struct ws_fd_set *const *sets)
{
	uint32_t count;
	SOCKET s;

	for (int i = 0; i < 3 && atomic_load(&wsp_dispatch_used); i++)
		if (sets[i] && wsp_mem_read(&count, &sets[i]->fd_count, sizeof(count)) && count &&
		    wsp_mem_read(&s, &sets[i]->fd_array[0], sizeof(s)))
			return wsa_enter_socket(s);
	return wsa_enter();
}

WSA_EXPORT int wsp_select(int nfds, struct ws_fd_set *rfds, struct ws_fd_set *wfds,
			  struct ws_fd_set *efds, const struct ws_timeval *timeout)
{
	struct ws_fd_set *const sets[] = { rfds, wfds, efds };
	const WSPPROC_TABLE *t = select_enter(sets);
	int rc, err = 0;

	if (!t)
		return SOCKET_ERROR;
	rc = t->lpWSPSelect(nfds, rfds, wfds, efds, timeout, &err);
	return wsa_leave(rc, &err);
}

WSA_EXPORT int __WSAFDIsSet(SOCKET s, struct ws_fd_set *set)
{
	const SOCKET *array = set->fd_array;

	for (uint32_t i = 0; i < set->fd_count; i++)
		if (array[i] == s)
			return 1;
	return 0;
}

/* What Winsock's bits want of a socket, and what they are called if it holds. */
static const struct {
	uint32_t ready;
	int16_t asked;
	int16_t told;
} poll_map[] = {
	{ WSP_READY_READ, WS_POLLRDNORM, WS_POLLRDNORM },
	{ WSP_READY_OOB, WS_POLLRDBAND, WS_POLLRDBAND },
	{ WSP_READY_OOB, WS_POLLPRI, WS_POLLPRI },
	{ WSP_READY_WRITE, WS_POLLWRNORM, WS_POLLWRNORM },
	{ WSP_READY_FAILED, WS_POLLWRNORM, WS_POLLWRNORM },
	{ WSP_READY_END, 0, WS_POLLHUP },
	{ WSP_READY_RESET, 0, WS_POLLHUP | WS_POLLERR },
	{ WSP_READY_FAILED, 0, WS_POLLHUP | WS_POLLERR },
};

static uint32_t poll_wanted(int16_t events)
{
	uint32_t want = 0;

	for (size_t i = 0; i < ARRAY_SIZE(poll_map); i++)
		if (!poll_map[i].asked || (events & poll_map[i].asked))
			want |= poll_map[i].ready;
	return want;
}

static int16_t poll_told(int16_t events, uint32_t got)
{
	int16_t told = 0;

	for (size_t i = 0; i < ARRAY_SIZE(poll_map); i++)
		if ((got & poll_map[i].ready) &&
		    (!poll_map[i].asked || (events & poll_map[i].asked)))
			told |= poll_map[i].told;
	return told;
}

static int16_t poll_linux_events(int16_t events)
{
	return POLLRDHUP | (events & WS_POLLRDNORM ? POLLIN : 0) |
	       (events & (WS_POLLRDBAND | WS_POLLPRI) ? POLLPRI : 0) |
	       (events & WS_POLLWRNORM ? POLLOUT : 0);
}

/* Those that are no sockets are told in the array, unless no other is there. */
static int poll_load(LPWSAPOLLFD fds, ULONG n, struct wsp_multi_item *items, size_t *valid)
{
	*valid = 0;
	for (ULONG i = 0; i < n; i++) {
		struct wsp_multi_item *it = &items[*valid];
		int code;

		if (fds[i].events & ~POLL_KNOWN)
			return WSAEINVAL;
		fds[i].revents = 0;
		code = wsp_handle_get(fds[i].fd, &it->h);
		if (code == WSAENOTSOCK) {
			fds[i].revents = WS_POLLNVAL;
			continue;
		}
		if (code)
			return code;
		it->events = poll_linux_events(fds[i].events);
		it->want = poll_wanted(fds[i].events);
		it->instant = (fds[i].events & WS_POLLRDNORM) &&
			      ((it->h.state & WSP_H_RECV_OFF) || wsp_handle_has_deferred(&it->h));
		if (it->instant)
			it->want = WSP_READY_READ;
		(*valid)++;
	}
	return *valid ? 0 : WSAENOTSOCK;
}

static void poll_store(LPWSAPOLLFD fds, ULONG n, const struct wsp_multi_item *it)
{
	for (ULONG i = 0; i < n; i++) {
		if (fds[i].revents & WS_POLLNVAL)
			continue;
		fds[i].revents = poll_told(fds[i].events, it->got);
		it++;
	}
}

static int poll_run(LPWSAPOLLFD fds, ULONG n, int timeout, size_t *ready)
{
	struct wsp_multi_item fixed[POLL_FIXED];
	struct wsp_multi_item *items = fixed;
	size_t valid;
	int code;

	if (n > POLL_FIXED)
		items = malloc(n * sizeof(*items));
	if (!items)
		return WSAENOBUFS;
	code = poll_load(fds, n, items, &valid);
	if (!code)
		code = wsp_multi_wait(items, valid, timeout, ready);
	if (!code)
		poll_store(fds, n, items);
	if (items != fixed)
		free(items);
	return code;
}

static int poll_on_copy(LPWSAPOLLFD user, ULONG n, int timeout, size_t *ready)
{
	size_t size = n * sizeof(*user);
	LPWSAPOLLFD fds;
	WSAPOLLFD last;
	int code;

	if (!n)
		return WSAEINVAL;
	if (!user || !wsp_mem_read(&last, user + n - 1, sizeof(last)))
		return WSAEFAULT;
	fds = malloc(size);
	if (!fds)
		return WSAENOBUFS;
	code = wsp_mem_read(fds, user, size) ? poll_run(fds, n, timeout, ready) : WSAEFAULT;
	if (!code && !wsp_mem_write(user, fds, size))
		code = WSAEFAULT;
	free(fds);
	return code;
}

WSA_EXPORT int WSAPoll(LPWSAPOLLFD fds, ULONG n, int timeout)
{
	size_t ready = 0;
	int code;

	if (!wsa_enter())
		return SOCKET_ERROR;
	code = wsp_callback_active() ? WSAEINPROGRESS : poll_on_copy(fds, n, timeout, &ready);
	if (!code)
		return (int)ready;
	WSASetLastError(code);
	return SOCKET_ERROR;
}
