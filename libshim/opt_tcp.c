// SPDX-License-Identifier: LGPL-2.1-or-later
/* Options of TCP and of UDP. */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "opt.h"

/* For WS_TCP_MAXRT and WS_TCP_MAXRTMS: try for ever. */
#define OPT_FOREVER	0xffffffffu

/* How long data may stay unacknowledged; the kernel counts in milliseconds. */
static int opt_set_maxrt(const struct wsp_handle *h, const struct wsp_opt *d, const char *val,
			 int len)
{
	uint32_t scale = d->name == WS_TCP_MAXRT ? 1000 : 1;
	uint32_t n, ms = INT_MAX;

	if (len < (int)sizeof(n) || !wsp_mem_read(&n, val, sizeof(n)))
		return WSAEFAULT;
	if (n != OPT_FOREVER && n <= INT_MAX / scale)
		ms = n * scale;
	return wsp_opt_set_raw(h, d, &ms, sizeof(ms));
}

static int opt_get_maxrt(const struct wsp_handle *h, const struct wsp_opt *d, void *val, int *len)
{
	uint32_t scale = d->name == WS_TCP_MAXRT ? 1000 : 1;
	uint32_t ms = 0;
	int code = wsp_opt_get_raw(h, d, &ms, sizeof(ms));

	*(uint32_t *)val = ms >= INT_MAX ? OPT_FOREVER : ms / scale;
	*len = sizeof(uint32_t);
	return code;
}

#define OPT_TCP(name) \
	{ IPPROTO_TCP, WS_TCP_ ## name, IPPROTO_TCP, TCP_ ## name, 0, \
	  wsp_opt_set_int, wsp_opt_get_int, NULL }

static const struct wsp_opt opt_tcp[] = {
	OPT_TCP(KEEPIDLE),
	OPT_TCP(MAXSEG),
	OPT_TCP(KEEPCNT),
	OPT_TCP(KEEPINTVL),
	{
		IPPROTO_TCP, WS_TCP_NODELAY, IPPROTO_TCP, TCP_NODELAY, WSP_OPT_BOOL,
		wsp_opt_set_bool, wsp_opt_get_bool, NULL,
	},
	{
		IPPROTO_TCP, WS_TCP_MAXRT, IPPROTO_TCP, TCP_USER_TIMEOUT, 0,
		opt_set_maxrt, opt_get_maxrt, NULL,
	},
	{
		IPPROTO_TCP, WS_TCP_MAXRTMS, IPPROTO_TCP, TCP_USER_TIMEOUT, 0,
		opt_set_maxrt, opt_get_maxrt, NULL,
	},
	{
		IPPROTO_UDP, WS_UDP_NOCHECKSUM, SOL_SOCKET, SO_NO_CHECK,
		WSP_OPT_BOOL | WSP_OPT_DGRAM_ONLY, wsp_opt_set_bool, wsp_opt_get_bool, NULL,
	},
};

const struct wsp_opt_table wsp_opt_tcp = { opt_tcp, ARRAY_SIZE(opt_tcp) };
