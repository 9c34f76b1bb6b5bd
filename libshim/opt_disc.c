// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * SO_DISCDATA and SO_DISCDATALEN, which are older than the disconnect calls:
 * what is set goes out with the release, whatever causes it; what is read is
 * what the peer's release brought.  OP-7
 */
#include <errno.h>
#include <linux/wsp.h>
#include <sys/ioctl.h>

#include "opt.h"

/* The kernel reads a struct ifreq's size for an ioctl it cannot place. */
union opt_disc_arg {
	struct wsp_disc_args args;
	struct wsp_info info;
	char ifreq[64];
};

static int opt_disc_code(int errnum)
{
	return errnum == ENOTTY ? WSAENOPROTOOPT : wsp_err_from_errno(errnum);
}

static int opt_disc_info(const struct wsp_handle *h, struct wsp_info *info)
{
	union opt_disc_arg arg = { 0 };
	int code = ioctl(h->fd, WSP_INFO_GET, &arg) ? opt_disc_code(errno) : 0;

	*info = arg.info;
	return code;
}

/* A peer without support is known once connected; the kernel would drop the data. */
static int opt_disc_can_send(const struct wsp_handle *h, struct wsp_info *info)
{
	const uint32_t decided = WSP_INFO_CONNECTED | WSP_INFO_CAN_SEND | WSP_INFO_SEND_CLOSED;
	int code = opt_disc_info(h, info);

	if (!code && (info->flags & decided) == WSP_INFO_CONNECTED)
		code = WSAENOPROTOOPT;
	return code;
}

static int opt_set_discdata(const struct wsp_handle *h, const struct wsp_opt *d, const char *val,
			    int len)
{
	union opt_disc_arg arg = { 0 };
	struct wsp_info info;
	int code;

	(void)d;
	if (len < 0)
		return WSAEFAULT;
	code = opt_disc_can_send(h, &info);
	if (code)
		return code;
	arg.args.data = len ? (uintptr_t)val : 0;
	arg.args.len = len;
	return ioctl(h->fd, WSP_DISC_ARM, &arg) ? opt_disc_code(errno) : 0;
}

/* Receiving goes on, as for any look at an option. */
static int opt_get_discdata(const struct wsp_handle *h, const struct wsp_opt *d, char *val,
			    int *len)
{
	union opt_disc_arg arg = { .args.flags = WSP_DISC_KEEP_RECV };
	int room, size, errnum = 0;

	(void)d;
	if (!wsp_mem_read(&room, len, sizeof(room)) || room < 0)
		return WSAEFAULT;
	arg.args.data = room ? (uintptr_t)val : 0;
	arg.args.len = room;
	if (ioctl(h->fd, WSP_DISC_RECV, &arg))
		errnum = errno;
	if (errnum && errnum != EMSGSIZE)
		return opt_disc_code(errnum);
	size = arg.args.len;
	if (!wsp_mem_write(len, &size, sizeof(size)) || errnum)
		return WSAEFAULT;
	return 0;
}

/* Windows makes that much room for what will come; here there always is. */
static int opt_set_discdatalen(const struct wsp_handle *h, const struct wsp_opt *d,
			       const char *val, int len)
{
	struct wsp_info info;
	int n = 0, code;

	(void)d;
	code = opt_disc_can_send(h, &info);
	if (!code)
		code = wsp_opt_read_int(val, len, &n);
	if (!code && n < 0)
		code = WSAEINVAL;
	if (!code && n > WSP_DISC_MAX)
		code = WSAEMSGSIZE;
	return code;
}

static int opt_get_discdatalen(const struct wsp_handle *h, const struct wsp_opt *d, void *val,
			       int *len)
{
	struct wsp_info info;
	int code = opt_disc_info(h, &info);

	(void)d;
	*(int *)val = code ? 0 : info.recv_len;
	*len = sizeof(int);
	return code;
}

static const struct wsp_opt opt_disc[] = {
	{
		.level = WS_SOL_SOCKET, .name = WS_SO_DISCDATA, .flags = WSP_OPT_NO_VALUE |
		WSP_OPT_NOT_DGRAM, .set = opt_set_discdata, .get_user = opt_get_discdata,
	},
	{
		.level = WS_SOL_SOCKET, .name = WS_SO_DISCDATALEN, .flags = WSP_OPT_NOT_DGRAM,
		.set = opt_set_discdatalen, .get = opt_get_discdatalen,
	},
};

const struct wsp_opt_table wsp_opt_disc = { opt_disc, ARRAY_SIZE(opt_disc) };
