// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Socket options: one table from Windows' numbers and layouts to Linux's.
 * Options at Linux's own SOL_SOCKET pass through as they are.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "internal.h"

/* Large enough for every value the table deals in. */
#define OPT_VALUE_MAX	8

struct opt_desc {
	int level;
	int name;
	int linux_level;
	int linux_name;
	int (*set)(const struct wsp_handle *h, const struct opt_desc *d, const char *val, int len);
	int (*get)(const struct wsp_handle *h, const struct opt_desc *d, void *val, int *len);
};

static int opt_set_raw(const struct wsp_handle *h, const struct opt_desc *d, const void *val,
		       socklen_t len)
{
	if (setsockopt(h->fd, d->linux_level, d->linux_name, val, len))
		return wsp_err_from_errno(errno);
	return 0;
}

static int opt_get_raw(const struct wsp_handle *h, const struct opt_desc *d, void *val,
		       socklen_t len)
{
	if (getsockopt(h->fd, d->linux_level, d->linux_name, val, &len))
		return wsp_err_from_errno(errno);
	return 0;
}

/* Windows takes a BOOL of a single byte, too. */
static int opt_read_int(const char *val, int len, int *out)
{
	signed char byte;

	if (len >= (int)sizeof(*out))
		return wsp_mem_read(out, val, sizeof(*out)) ? 0 : WSAEFAULT;
	if (len < 1 || !wsp_mem_read(&byte, val, 1))
		return WSAEFAULT;
	*out = byte;
	return 0;
}

static int opt_set_int(const struct wsp_handle *h, const struct opt_desc *d, const char *val,
		       int len)
{
	int n;
	int code = opt_read_int(val, len, &n);

	return code ? code : opt_set_raw(h, d, &n, sizeof(n));
}

static int opt_get_int(const struct wsp_handle *h, const struct opt_desc *d, void *val, int *len)
{
	*len = sizeof(int);
	return opt_get_raw(h, d, val, sizeof(int));
}

/* The kernel doubles the value for its overhead. */
static int opt_get_bufsize(const struct wsp_handle *h, const struct opt_desc *d, void *val,
			   int *len)
{
	int code = opt_get_int(h, d, val, len);

	*(int *)val /= 2;
	return code;
}

static int opt_set_timeout(const struct wsp_handle *h, const struct opt_desc *d, const char *val,
			   int len)
{
	struct timeval tv;
	DWORD ms;

	if (len < (int)sizeof(ms) || !wsp_mem_read(&ms, val, sizeof(ms)))
		return WSAEFAULT;
	tv.tv_sec = ms / 1000;
	tv.tv_usec = ms % 1000 * 1000;
	return opt_set_raw(h, d, &tv, sizeof(tv));
}

static int opt_get_timeout(const struct wsp_handle *h, const struct opt_desc *d, void *val,
			   int *len)
{
	struct timeval tv = { 0 };
	int code = opt_get_raw(h, d, &tv, sizeof(tv));

	*(DWORD *)val = tv.tv_sec * 1000 + tv.tv_usec / 1000;
	*len = sizeof(DWORD);
	return code;
}

static int opt_get_error(const struct wsp_handle *h, const struct opt_desc *d, void *val, int *len)
{
	int errnum = 0;
	int code = opt_get_raw(h, d, &errnum, sizeof(errnum));

	/* Reading clears it, but a reset stays one.  RC-3 */
	if (errnum == ECONNRESET && (h->state & WSP_H_TCP))
		wsp_handle_add(h, WSP_H_RESET);
	*(int *)val = errnum ? wsp_err_from_errno(errnum) : 0;
	*len = sizeof(int);
	return code;
}

/* OP-4 */
static bool opt_has_linger(const struct wsp_handle *h)
{
	return !(h->state & WSP_H_DGRAM);
}

static int opt_set_linger(const struct wsp_handle *h, const struct opt_desc *d, const char *val,
			  int len)
{
	struct ws_linger theirs;
	struct linger ours;
	int code;

	if (!opt_has_linger(h))
		return WSAENOPROTOOPT;
	if (len < (int)sizeof(theirs) || !wsp_mem_read(&theirs, val, sizeof(theirs)))
		return WSAEFAULT;
	ours.l_onoff = theirs.l_onoff != 0;
	ours.l_linger = theirs.l_linger;
	code = opt_set_raw(h, d, &ours, sizeof(ours));
	if (!code)
		wsp_handle_set_linger(h, theirs.l_linger);
	return code;
}

/* The kernel keeps the last time that was on; OP-2 wants the last one set. */
static int opt_get_linger(const struct wsp_handle *h, const struct opt_desc *d, void *val, int *len)
{
	struct ws_linger *theirs = val;
	struct linger ours = { 0 };
	int code;

	if (!opt_has_linger(h))
		return WSAENOPROTOOPT;
	code = opt_get_raw(h, d, &ours, sizeof(ours));
	theirs->l_onoff = ours.l_onoff != 0;
	theirs->l_linger = ours.l_onoff ? ours.l_linger : h->linger;
	*len = sizeof(*theirs);
	return code;
}

/* OP-6: turned back on, the kernel's time is the earlier one. */
static int opt_set_dontlinger(const struct wsp_handle *h, const struct opt_desc *d,
			      const char *val, int len)
{
	struct linger ours = { 0 };
	int off, code;

	if (!opt_has_linger(h))
		return WSAENOPROTOOPT;
	code = opt_read_int(val, len, &off);
	if (!code)
		code = opt_get_raw(h, d, &ours, sizeof(ours));
	if (code)
		return code;
	ours.l_onoff = !off;
	return opt_set_raw(h, d, &ours, sizeof(ours));
}

static int opt_get_dontlinger(const struct wsp_handle *h, const struct opt_desc *d, void *val,
			      int *len)
{
	struct linger ours = { 0 };
	int code;

	if (!opt_has_linger(h))
		return WSAENOPROTOOPT;
	code = opt_get_raw(h, d, &ours, sizeof(ours));
	*(BOOL *)val = !ours.l_onoff;
	*len = sizeof(BOOL);
	return code;
}

#define OPT_SOCK(name, set, get) \
	{ WS_SOL_SOCKET, WS_SO_ ## name, SOL_SOCKET, SO_ ## name, set, get }

static const struct opt_desc opt_table[] = {
	OPT_SOCK(LINGER, opt_set_linger, opt_get_linger),
	{ WS_SOL_SOCKET, WS_SO_DONTLINGER, SOL_SOCKET, SO_LINGER,
	  opt_set_dontlinger, opt_get_dontlinger },
	OPT_SOCK(SNDBUF, opt_set_int, opt_get_bufsize),
	OPT_SOCK(RCVBUF, opt_set_int, opt_get_bufsize),
	OPT_SOCK(SNDTIMEO, opt_set_timeout, opt_get_timeout),
	OPT_SOCK(RCVTIMEO, opt_set_timeout, opt_get_timeout),
	OPT_SOCK(ERROR, NULL, opt_get_error),
	OPT_SOCK(TYPE, NULL, opt_get_int),
	OPT_SOCK(ACCEPTCONN, NULL, opt_get_int),
	OPT_SOCK(KEEPALIVE, opt_set_int, opt_get_int),
	OPT_SOCK(REUSEADDR, opt_set_int, opt_get_int),
	OPT_SOCK(BROADCAST, opt_set_int, opt_get_int),
	OPT_SOCK(OOBINLINE, opt_set_int, opt_get_int),
	OPT_SOCK(DEBUG, opt_set_int, opt_get_int),
	{ IPPROTO_TCP, WS_TCP_NODELAY, IPPROTO_TCP, TCP_NODELAY, opt_set_int, opt_get_int },
};

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

static const struct opt_desc *opt_find(int level, int name)
{
	for (size_t i = 0; i < ARRAY_SIZE(opt_table); i++)
		if (opt_table[i].level == level && opt_table[i].name == name)
			return &opt_table[i];
	return NULL;
}

/* WSPSetSockOpt; see wsp_setsockopt() */
int wsp_setsockopt_spi(SOCKET s, int level, int optname, const char *optval, int optlen, int *err)
{
	const struct opt_desc *d = opt_find(level, optname);
	struct wsp_handle h;
	int code = wsp_handle_get(s, &h);

	if (code)
		return wsp_err_fail(err, code);
	if (level == SOL_SOCKET)
		code = setsockopt(h.fd, level, optname, optval, optlen) ?
			wsp_err_from_errno(errno) : 0;
	else if (!d || !d->set)
		code = opt_unknown(level);
	else
		code = optval ? d->set(&h, d, optval, optlen) : WSAEFAULT;
	return wsp_err_result(err, code);
}

static int opt_get(const struct wsp_handle *h, const struct opt_desc *d, char *optval, int *optlen)
{
	uint64_t val[OPT_VALUE_MAX / sizeof(uint64_t)] = { 0 };
	int room, len, code;

	if (!wsp_mem_read(&room, optlen, sizeof(room)))
		return WSAEFAULT;
	code = d->get(h, d, val, &len);
	if (code)
		return code;
	if (room < len || !wsp_mem_write(optval, val, len))
		return WSAEFAULT;
	return wsp_mem_write(optlen, &len, sizeof(len)) ? 0 : WSAEFAULT;
}

/* WSPGetSockOpt; see wsp_getsockopt() */
int wsp_getsockopt_spi(SOCKET s, int level, int optname, char *optval, int *optlen, int *err)
{
	const struct opt_desc *d = opt_find(level, optname);
	struct wsp_handle h;
	int code = wsp_handle_get(s, &h);

	if (code)
		return wsp_err_fail(err, code);
	if (level == SOL_SOCKET)
		code = getsockopt(h.fd, level, optname, optval, (socklen_t *)optlen) ?
			wsp_err_from_errno(errno) : 0;
	else if (!d || !d->get)
		code = opt_unknown(level);
	else
		code = opt_get(&h, d, optval, optlen);
	return wsp_err_result(err, code);
}
