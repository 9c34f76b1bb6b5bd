// SPDX-License-Identifier: LGPL-2.1-or-later
/* Options at Windows' SOL_SOCKET that are a number. */
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "netevent.h"
#include "opt.h"

/* What a datagram carries behind the headers, that of IPv4 included in its length. */
#define OPT_UDP4_MAX	65507
#define OPT_UDP6_MAX	65527

/* The kernel doubles the value for its overhead. */
static int opt_get_bufsize(const struct wsp_handle *h, const struct wsp_opt *d, void *val,
			   int *len)
{
	int code = wsp_opt_get_int(h, d, val, len);

	*(int *)val /= 2;
	return code;
}

static int opt_set_timeout(const struct wsp_handle *h, const struct wsp_opt *d, const char *val,
			   int len)
{
	struct timeval tv;
	DWORD ms;

	if (len < (int)sizeof(ms) || !wsp_mem_read(&ms, val, sizeof(ms)))
		return WSAEFAULT;
	tv.tv_sec = ms / 1000;
	tv.tv_usec = ms % 1000 * 1000;
	return wsp_opt_set_raw(h, d, &tv, sizeof(tv));
}

static int opt_get_timeout(const struct wsp_handle *h, const struct wsp_opt *d, void *val,
			   int *len)
{
	struct timeval tv = { 0 };
	int code = wsp_opt_get_raw(h, d, &tv, sizeof(tv));

	*(DWORD *)val = tv.tv_sec * 1000 + tv.tv_usec / 1000;
	*len = sizeof(DWORD);
	return code;
}

static int opt_get_error(const struct wsp_handle *h, const struct wsp_opt *d, void *val, int *len)
{
	int errnum = 0;
	int code = wsp_opt_get_raw(h, d, &errnum, sizeof(errnum));

	/* Reading clears it, but a reset stays one.  RC-3 */
	if (errnum == ECONNRESET && (h->state & WSP_H_TCP))
		wsp_handle_add(h, WSP_H_RESET);
	*(int *)val = errnum ? wsp_err_from_errno(errnum) : wsp_netevent_take_error(h);
	*len = sizeof(int);
	return code;
}

/* A promise not to share and one to share exclude each other. */
static int opt_set_reuse(const struct wsp_handle *h, const struct wsp_opt *d, const char *val,
			 int len)
{
	int on, code = wsp_opt_read_int(val, len, &on);

	if (!code && on && (h->state & WSP_H_EXCLUSIVE))
		code = WSAEINVAL;
	if (!code)
		code = wsp_opt_set_bool(h, d, val, len);
	if (!code)
		wsp_handle_put(h, WSP_H_REUSE_BELOW, false);
	return code;
}

static int opt_get_reuse(const struct wsp_handle *h, const struct wsp_opt *d, void *val, int *len)
{
	int code = wsp_opt_get_bool(h, d, val, len);

	if (h->state & WSP_H_REUSE_BELOW)
		*(BOOL *)val = 0;
	return code;
}

static bool opt_is_bound(const struct wsp_handle *h)
{
	struct sockaddr_storage ss = { 0 };
	socklen_t len = sizeof(ss);

	/* The port is at the same place for both families. */
	return !getsockname(h->fd, (struct sockaddr *)&ss, &len) &&
	       ((struct sockaddr_in *)&ss)->sin_port;
}

/* Nobody else can bind to the port while SO_REUSEADDR is off; see reuse.c. */
static int opt_set_exclusive(const struct wsp_handle *h, const struct wsp_opt *d, const char *val,
			     int len)
{
	int on, reuse = 0;
	int code = wsp_opt_read_int(val, len, &on);

	if (!code)
		code = wsp_opt_get_raw(h, d, &reuse, sizeof(reuse));
	if (!code && ((on && reuse) || opt_is_bound(h)))
		code = WSAEINVAL;
	if (!code)
		wsp_handle_put(h, WSP_H_EXCLUSIVE, on);
	return code;
}

static int opt_get_exclusive(const struct wsp_handle *h, const struct wsp_opt *d, void *val,
			     int *len)
{
	(void)d;
	*(BOOL *)val = !!(h->state & WSP_H_EXCLUSIVE);
	*len = sizeof(BOOL);
	return 0;
}

/* Remembered; the kernel answers the peer before anyone can be asked. */
static int opt_set_conditional(const struct wsp_handle *h, const struct wsp_opt *d,
			       const char *val, int len)
{
	int on, listening = 0;
	int code = wsp_opt_read_int(val, len, &on);

	if (!code)
		code = wsp_opt_get_raw(h, d, &listening, sizeof(listening));
	if (!code && listening)
		code = WSAEINVAL;
	if (!code)
		wsp_handle_put(h, WSP_H_CONDITIONAL, on);
	return code;
}

static int opt_get_conditional(const struct wsp_handle *h, const struct wsp_opt *d, void *val,
			       int *len)
{
	(void)d;
	*(BOOL *)val = !!(h->state & WSP_H_CONDITIONAL);
	*len = sizeof(BOOL);
	return 0;
}

static int opt_get_max_msg(const struct wsp_handle *h, const struct wsp_opt *d, void *val,
			   int *len)
{
	int domain = 0;
	int code = wsp_opt_get_raw(h, d, &domain, sizeof(domain));

	*(DWORD *)val = domain == AF_INET6 ? OPT_UDP6_MAX : OPT_UDP4_MAX;
	*len = sizeof(DWORD);
	return code;
}

#define OPT_NUMBER(name, set, get) \
	{ WS_SOL_SOCKET, WS_SO_ ## name, SOL_SOCKET, SO_ ## name, 0, set, get, NULL }
#define OPT_BOOL(name) \
	{ WS_SOL_SOCKET, WS_SO_ ## name, SOL_SOCKET, SO_ ## name, WSP_OPT_BOOL, \
	  wsp_opt_set_bool, wsp_opt_get_bool, NULL }

static const struct wsp_opt opt_sock[] = {
	OPT_NUMBER(SNDBUF, wsp_opt_set_int, opt_get_bufsize),
	OPT_NUMBER(RCVBUF, wsp_opt_set_int, opt_get_bufsize),
	OPT_NUMBER(SNDTIMEO, opt_set_timeout, opt_get_timeout),
	OPT_NUMBER(RCVTIMEO, opt_set_timeout, opt_get_timeout),
	OPT_NUMBER(ERROR, NULL, opt_get_error),
	OPT_NUMBER(TYPE, NULL, wsp_opt_get_int),
	OPT_NUMBER(ACCEPTCONN, NULL, wsp_opt_get_bool),
	OPT_BOOL(KEEPALIVE),
	OPT_BOOL(BROADCAST),
	OPT_BOOL(OOBINLINE),
	OPT_BOOL(DEBUG),
	OPT_BOOL(DONTROUTE),
	{
		WS_SOL_SOCKET, WS_SO_REUSEADDR, SOL_SOCKET, SO_REUSEADDR, WSP_OPT_BOOL,
		opt_set_reuse, opt_get_reuse, NULL,
	},
	{
		WS_SOL_SOCKET, WS_SO_EXCLUSIVEADDRUSE, SOL_SOCKET, SO_REUSEADDR, WSP_OPT_BOOL,
		opt_set_exclusive, opt_get_exclusive, NULL,
	},
	{
		WS_SOL_SOCKET, WS_SO_CONDITIONAL_ACCEPT, SOL_SOCKET, SO_ACCEPTCONN,
		WSP_OPT_BOOL | WSP_OPT_NOT_DGRAM, opt_set_conditional, opt_get_conditional, NULL,
	},
	{
		WS_SOL_SOCKET, WS_SO_MAX_MSG_SIZE, SOL_SOCKET, SO_DOMAIN, WSP_OPT_DGRAM_ONLY,
		NULL, opt_get_max_msg, NULL,
	},
};

const struct wsp_opt_table wsp_opt_sock = { opt_sock, ARRAY_SIZE(opt_sock) };
