// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Socket options: tables from Windows' numbers and layouts to Linux's.
 * Options at Linux's own SOL_SOCKET pass through as they are.
 */
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "opt.h"

static const struct wsp_opt_table *const opt_tables[] = {
	&wsp_opt_linger, &wsp_opt_sock, &wsp_opt_tcp, &wsp_opt_conn, &wsp_opt_disc,
	&wsp_opt_ip, &wsp_opt_ip6, &wsp_opt_mcast,
};

static _Thread_local int opt_open_type;

static const int opt_levels[] = {
	WS_SOL_SOCKET, IPPROTO_IP, IPPROTO_TCP, IPPROTO_UDP, IPPROTO_IPV6,
};

static int opt_unknown(int level)
{
	for (size_t i = 0; i < ARRAY_SIZE(opt_levels); i++)
		if (opt_levels[i] == level)
			return WSAENOPROTOOPT;
	return WSAEINVAL;
}

static const struct wsp_opt *opt_find(int level, int name)
{
	for (size_t i = 0; i < ARRAY_SIZE(opt_tables); i++) {
		const struct wsp_opt_table *t = opt_tables[i];

		for (size_t k = 0; k < t->n; k++)
			if (t->opts[k].level == level && t->opts[k].name == name)
				return &t->opts[k];
	}
	return NULL;
}

static bool opt_applies(const struct wsp_handle *h, const struct wsp_opt *d)
{
	return !(d->flags & (h->state & WSP_H_DGRAM ? WSP_OPT_NOT_DGRAM : WSP_OPT_DGRAM_ONLY));
}

static int opt_set(const struct wsp_handle *h, int level, int optname, const char *optval,
		   int optlen)
{
	const struct wsp_opt *d = opt_find(level, optname);

	if (!d || !d->set)
		return opt_unknown(level);
	if (!optval && !(d->flags & WSP_OPT_NO_VALUE))
		return WSAEFAULT;
	if (!opt_applies(h, d))
		return WSAENOPROTOOPT;
	return d->set(h, d, optval, optlen);
}

/* The thread's, whatever the socket; all sockets can do overlapped operations here. */
static bool opt_is_open_type(int level, int optname)
{
	return level == WS_SOL_SOCKET && optname == WS_SO_OPENTYPE;
}

/* WSPSetSockOpt; see wsp_setsockopt() */
int wsp_setsockopt_spi(SOCKET s, int level, int optname, const char *optval, int optlen, int *err)
{
	struct wsp_handle h;
	int code;

	if (opt_is_open_type(level, optname))
		return wsp_err_result(err, wsp_opt_read_int(optval, optlen, &opt_open_type));
	code = wsp_handle_get(s, &h);
	if (code)
		return wsp_err_fail(err, code);
	if (level == SOL_SOCKET)
		code = setsockopt(h.fd, level, optname, optval, optlen) ?
			wsp_err_from_errno(errno) : 0;
	else
		code = opt_set(&h, level, optname, optval, optlen);
	return wsp_err_result(err, code);
}

static int opt_give(int flags, const void *val, int len, char *optval, int *optlen)
{
	int room;

	if (!wsp_mem_read(&room, optlen, sizeof(room)))
		return WSAEFAULT;
	/* BOOL or BOOLEAN, as the caller has it; the low byte comes first. */
	if ((flags & WSP_OPT_BOOL) && room >= 1 && room < len)
		len = 1;
	if (room < len || !wsp_mem_write(optval, val, len))
		return WSAEFAULT;
	return wsp_mem_write(optlen, &len, sizeof(len)) ? 0 : WSAEFAULT;
}

static int opt_get(const struct wsp_handle *h, int level, int optname, char *optval, int *optlen)
{
	uint64_t val[WSP_OPT_VALUE_MAX / sizeof(uint64_t)] = { 0 };
	const struct wsp_opt *d = opt_find(level, optname);
	int len, code;

	if (!d || (!d->get && !d->get_user))
		return opt_unknown(level);
	if (!opt_applies(h, d))
		return WSAENOPROTOOPT;
	if (d->get_user)
		return d->get_user(h, d, optval, optlen);
	code = d->get(h, d, val, &len);
	return code ? code : opt_give(d->flags, val, len, optval, optlen);
}

/* WSPGetSockOpt; see wsp_getsockopt() */
int wsp_getsockopt_spi(SOCKET s, int level, int optname, char *optval, int *optlen, int *err)
{
	struct wsp_handle h;
	int code;

	if (opt_is_open_type(level, optname))
		return wsp_err_result(err, opt_give(0, &opt_open_type, sizeof(opt_open_type),
						    optval, optlen));
	code = wsp_handle_get(s, &h);
	if (code)
		return wsp_err_fail(err, code);
	if (level == SOL_SOCKET)
		code = getsockopt(h.fd, level, optname, optval, (socklen_t *)optlen) ?
			wsp_err_from_errno(errno) : 0;
	else
		code = opt_get(&h, level, optname, optval, optlen);
	return wsp_err_result(err, code);
}
