// SPDX-License-Identifier: LGPL-2.1-or-later
/* WSPSelect.  A set holds as many sockets as its count says, beyond 64 too. */
#include <stdlib.h>

#include "ready.h"

#define SELECT_SETS	3
#define SELECT_FIXED	32

struct select {
	struct ws_fd_set *user[SELECT_SETS];
	uint32_t count[SELECT_SETS];
	struct wsp_multi_item fixed[SELECT_FIXED];
	struct wsp_multi_item *items;
	size_t n;
};

static const struct {
	short events;
	uint32_t want;
} select_kinds[SELECT_SETS] = {
	{ POLLIN | POLLRDHUP, WSP_READY_READ | WSP_READY_END | WSP_READY_RESET },
	{ POLLOUT, WSP_READY_WRITE },
	{ POLLPRI, WSP_READY_OOB | WSP_READY_FAILED },
};

static int select_timeout(const struct ws_timeval *timeout, int64_t *ms)
{
	struct ws_timeval tv;

	*ms = -1;
	if (!timeout)
		return 0;
	if (!wsp_mem_read(&tv, timeout, sizeof(tv)))
		return WSAEFAULT;
	if (tv.tv_sec < 0 || tv.tv_usec < 0)
		return WSAEINVAL;
	/* Rounded up: never shorter than asked. */
	*ms = (int64_t)tv.tv_sec * 1000 + ((int64_t)tv.tv_usec + 999) / 1000;
	return 0;
}

/* A count that is garbage shows here, before room for as many is asked for. */
static int select_count(struct select *sel)
{
	SOCKET last;

	sel->n = 0;
	for (int k = 0; k < SELECT_SETS; k++) {
		struct ws_fd_set *user = sel->user[k];

		sel->count[k] = 0;
		if (!user)
			continue;
		if (!wsp_mem_read(&sel->count[k], &user->fd_count, sizeof(user->fd_count)))
			return WSAEFAULT;
		if (sel->count[k] &&
		    !wsp_mem_read(&last, user->fd_array + sel->count[k] - 1, sizeof(last)))
			return WSAEFAULT;
		sel->n += sel->count[k];
	}
	return sel->n ? 0 : WSAEINVAL;
}

static int select_load_one(struct wsp_multi_item *it, SOCKET s, int kind)
{
	int code = wsp_handle_get(s, &it->h);

	it->events = select_kinds[kind].events;
	it->want = select_kinds[kind].want;
	/* A receive that is going to fail will not block either. */
	it->instant = !code && select_kinds[kind].want & WSP_READY_READ &&
		      ((it->h.state & WSP_H_RECV_OFF) || wsp_handle_has_deferred(&it->h));
	return code;
}

static int select_load(struct select *sel)
{
	struct wsp_multi_item *it = sel->items;
	int code = 0;

	for (int k = 0; k < SELECT_SETS && !code; k++) {
		size_t size = sel->count[k] * sizeof(SOCKET);
		SOCKET *s;

		if (!size)
			continue;
		s = malloc(size);
		if (!s)
			return WSAENOBUFS;
		if (!wsp_mem_read(s, sel->user[k]->fd_array, size))
			code = WSAEFAULT;
		for (uint32_t i = 0; i < sel->count[k] && !code; i++)
			code = select_load_one(it++, s[i], k);
		free(s);
	}
	return code;
}

static bool select_store_one(struct ws_fd_set *user, const struct wsp_multi_item *it, uint32_t n)
{
	SOCKET *array = user->fd_array;
	uint32_t used = 0;

	for (uint32_t i = 0; i < n; i++) {
		SOCKET s = it[i].h.fd;

		if (it[i].got && !wsp_mem_write(array + used++, &s, sizeof(s)))
			return false;
	}
	return wsp_mem_write(&user->fd_count, &used, sizeof(used));
}

static int select_store(const struct select *sel)
{
	const struct wsp_multi_item *it = sel->items;

	for (int k = 0; k < SELECT_SETS; k++) {
		if (sel->user[k] && !select_store_one(sel->user[k], it, sel->count[k]))
			return WSAEFAULT;
		it += sel->count[k];
	}
	return 0;
}

static int select_run(struct select *sel, int64_t ms, size_t *ready)
{
	int code;

	sel->items = sel->fixed;
	if (sel->n > SELECT_FIXED)
		sel->items = malloc(sel->n * sizeof(*sel->items));
	if (!sel->items)
		return WSAENOBUFS;
	code = select_load(sel);
	if (!code)
		code = wsp_multi_wait(sel->items, sel->n, ms, ready);
	if (!code)
		code = select_store(sel);
	if (sel->items != sel->fixed)
		free(sel->items);
	return code;
}

/* WSPSelect; see wsp_select() */
int wsp_select_spi(int nfds, struct ws_fd_set *rfds, struct ws_fd_set *wfds,
		   struct ws_fd_set *efds, const struct ws_timeval *timeout, int *err)
{
	struct select sel = { .user = { rfds, wfds, efds } };
	size_t ready = 0;
	int64_t ms;
	int code;

	(void)nfds;
	if (wsp_callback_active())
		return wsp_err_fail(err, WSAEINPROGRESS);
	code = select_count(&sel);
	if (!code)
		code = select_timeout(timeout, &ms);
	if (!code)
		code = select_run(&sel, ms, &ready);
	return wsp_err_result(err, code) ? SOCKET_ERROR : (int)ready;
}
