// SPDX-License-Identifier: LGPL-2.1-or-later
/* SO_LINGER and SO_DONTLINGER. */
#include <sys/socket.h>

#include "opt.h"

static int opt_set_linger(const struct wsp_handle *h, const struct wsp_opt *d, const char *val,
			  int len)
{
	struct ws_linger theirs;
	struct linger ours;
	int code;

	if (len < (int)sizeof(theirs) || !wsp_mem_read(&theirs, val, sizeof(theirs)))
		return WSAEFAULT;
	ours.l_onoff = theirs.l_onoff != 0;
	ours.l_linger = theirs.l_linger;
	code = wsp_opt_set_raw(h, d, &ours, sizeof(ours));
	if (!code)
		wsp_handle_set_linger(h, theirs.l_linger);
	return code;
}

/* The kernel keeps the last time that was on; OP-2 wants the last one set. */
static int opt_get_linger(const struct wsp_handle *h, const struct wsp_opt *d, void *val, int *len)
{
	struct ws_linger *theirs = val;
	struct linger ours = { 0 };
	int code = wsp_opt_get_raw(h, d, &ours, sizeof(ours));

	theirs->l_onoff = ours.l_onoff != 0;
	theirs->l_linger = ours.l_onoff ? ours.l_linger : h->linger;
	*len = sizeof(*theirs);
	return code;
}

/* OP-6: turned back on, the kernel's time is the earlier one. */
static int opt_set_dontlinger(const struct wsp_handle *h, const struct wsp_opt *d,
			      const char *val, int len)
{
	struct linger ours = { 0 };
	int off, code;

	code = wsp_opt_read_int(val, len, &off);
	if (!code)
		code = wsp_opt_get_raw(h, d, &ours, sizeof(ours));
	if (code)
		return code;
	ours.l_onoff = !off;
	return wsp_opt_set_raw(h, d, &ours, sizeof(ours));
}

static int opt_get_dontlinger(const struct wsp_handle *h, const struct wsp_opt *d, void *val,
			      int *len)
{
	struct linger ours = { 0 };
	int code = wsp_opt_get_raw(h, d, &ours, sizeof(ours));

	*(BOOL *)val = !ours.l_onoff;
	*len = sizeof(BOOL);
	return code;
}

/* Not for datagrams: OP-4 */
static const struct wsp_opt opt_linger[] = {
	{
		WS_SOL_SOCKET, WS_SO_LINGER, SOL_SOCKET, SO_LINGER, WSP_OPT_NOT_DGRAM,
		opt_set_linger, opt_get_linger, NULL,
	},
	{
		WS_SOL_SOCKET, WS_SO_DONTLINGER, SOL_SOCKET, SO_LINGER,
		WSP_OPT_NOT_DGRAM | WSP_OPT_BOOL, opt_set_dontlinger, opt_get_dontlinger, NULL,
	},
};

const struct wsp_opt_table wsp_opt_linger = { opt_linger, ARRAY_SIZE(opt_linger) };
