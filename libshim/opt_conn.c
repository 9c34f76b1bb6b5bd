// SPDX-License-Identifier: LGPL-2.1-or-later
/* Options about what a socket is and what it is connected to. */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "catalog.h"
#include "info.h"
#include "opt.h"

#define OPT_NOT_CONNECTED	0xffffffffu

/* IPv6's; both addresses start at such a border. */
#define OPT_NAME_ROOM		32

static_assert(sizeof(WSAPROTOCOL_INFOW) <= WSP_OPT_VALUE_MAX, "WSAPROTOCOL_INFOW");

static bool opt_connected(const struct wsp_handle *h)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);

	if (h->state & WSP_H_TCP)
		return wsp_tcp_state(h) >= WSP_TCP_OPEN;
	return !getpeername(h->fd, (struct sockaddr *)&ss, &len);
}

/* The accepted socket already is what the listener was; see that both are such. */
static int opt_set_accept_context(const struct wsp_handle *h, const struct wsp_opt *d,
				  const char *val, int len)
{
	struct wsp_handle listener;
	SOCKET s;
	int code;

	(void)d;
	if (len < (int)sizeof(s) || !wsp_mem_read(&s, val, sizeof(s)))
		return WSAEFAULT;
	code = wsp_handle_get(s, &listener);
	if (code)
		return code;
	if (!(listener.state & WSP_H_TCP) || wsp_tcp_state(&listener) != WSP_TCP_LISTEN)
		return WSAEINVAL;
	if (!opt_connected(h))
		return WSAENOTCONN;
	wsp_handle_set_linger(h, listener.linger);
	return 0;
}

/* Everything works on the connection already. */
static int opt_set_connect_context(const struct wsp_handle *h, const struct wsp_opt *d,
				   const char *val, int len)
{
	(void)d;
	(void)val;
	(void)len;
	return opt_connected(h) ? 0 : WSAENOTCONN;
}

static int opt_get_connect_time(const struct wsp_handle *h, const struct wsp_opt *d, void *val,
				int *len)
{
	(void)d;
	*(uint32_t *)val = opt_connected(h) ? wsp_handle_connect_time(h) : OPT_NOT_CONNECTED;
	*len = sizeof(uint32_t);
	return 0;
}

static int opt_get_info_w(const struct wsp_handle *h, const struct wsp_opt *d, void *val, int *len)
{
	(void)d;
	*len = sizeof(WSAPROTOCOL_INFOW);
	return wsp_catalog_entry_for(h, val);
}

static int opt_get_info_a(const struct wsp_handle *h, const struct wsp_opt *d, void *val, int *len)
{
	WSAPROTOCOL_INFOW wide;
	int code = wsp_catalog_entry_for(h, &wide);

	(void)d;
	*len = sizeof(WSAPROTOCOL_INFOA);
	if (!code)
		wsp_info_narrow(val, &wide);
	return code;
}

struct opt_state {
	CSADDR_INFO info;
	char local[OPT_NAME_ROOM];
	char remote[OPT_NAME_ROOM];
};

/* @user is where the caller will find @room. */
static void opt_name(const struct wsp_handle *h, struct sockaddr_storage *ss, socklen_t len,
		     char *room, char *user, SOCKET_ADDRESS *out)
{
	if (ss->ss_family == AF_INET6 && (h->state & WSP_H_WINFAM))
		ss->ss_family = WS_AF_INET6;
	if (len > OPT_NAME_ROOM)
		len = OPT_NAME_ROOM;
	memcpy(room, ss, len);
	out->lpSockaddr = (struct sockaddr *)user;
	out->iSockaddrLength = len;
}

/* The pointers lead into the caller's own buffer. */
static int opt_get_state(const struct wsp_handle *h, const struct wsp_opt *d, char *val, int *len)
{
	const int need = sizeof(struct opt_state);
	struct opt_state st = { 0 };
	struct sockaddr_storage ss;
	socklen_t sslen = sizeof(ss), intlen = sizeof(int);
	int room;

	(void)d;
	if (!wsp_mem_read(&room, len, sizeof(room)))
		return WSAEFAULT;
	if (getsockopt(h->fd, SOL_SOCKET, SO_TYPE, &st.info.iSocketType, &intlen) ||
	    getsockopt(h->fd, SOL_SOCKET, SO_PROTOCOL, &st.info.iProtocol, &intlen) ||
	    getsockname(h->fd, (struct sockaddr *)&ss, &sslen))
		return wsp_err_from_errno(errno);
	opt_name(h, &ss, sslen, st.local, val + offsetof(struct opt_state, local),
		 &st.info.LocalAddr);
	sslen = sizeof(ss);
	if (!getpeername(h->fd, (struct sockaddr *)&ss, &sslen))
		opt_name(h, &ss, sslen, st.remote, val + offsetof(struct opt_state, remote),
			 &st.info.RemoteAddr);
	if (room < need || !wsp_mem_write(val, &st, need))
		return WSAEFAULT;
	return wsp_mem_write(len, &need, sizeof(need)) ? 0 : WSAEFAULT;
}

static const struct wsp_opt opt_conn[] = {
	{
		.level = WS_SOL_SOCKET, .name = WS_SO_UPDATE_ACCEPT_CONTEXT,
		.flags = WSP_OPT_NOT_DGRAM, .set = opt_set_accept_context,
	},
	{
		.level = WS_SOL_SOCKET, .name = WS_SO_UPDATE_CONNECT_CONTEXT,
		.flags = WSP_OPT_NOT_DGRAM | WSP_OPT_NO_VALUE, .set = opt_set_connect_context,
	},
	{
		.level = WS_SOL_SOCKET, .name = WS_SO_CONNECT_TIME, .flags = WSP_OPT_NOT_DGRAM,
		.get = opt_get_connect_time,
	},
	{ .level = WS_SOL_SOCKET, .name = WS_SO_PROTOCOL_INFOW, .get = opt_get_info_w },
	{ .level = WS_SOL_SOCKET, .name = WS_SO_PROTOCOL_INFOA, .get = opt_get_info_a },
	{ .level = WS_SOL_SOCKET, .name = WS_SO_BSP_STATE, .get_user = opt_get_state },
};

const struct wsp_opt_table wsp_opt_conn = { opt_conn, ARRAY_SIZE(opt_conn) };
