// SPDX-License-Identifier: LGPL-2.1-or-later
/* Options at IPPROTO_IPV6.  Windows' numbers are not Linux's. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "opt.h"

/* An index: network byte order for Linux, the host's for Windows. */
static int opt_set_unicast_if(const struct wsp_handle *h, const struct wsp_opt *d,
			      const char *val, int len)
{
	uint32_t index;

	if (len < (int)sizeof(index) || !wsp_mem_read(&index, val, sizeof(index)))
		return WSAEFAULT;
	index = htonl(index);
	return wsp_opt_set_raw(h, d, &index, sizeof(index));
}

static int opt_get_unicast_if(const struct wsp_handle *h, const struct wsp_opt *d, void *val,
			      int *len)
{
	int code = wsp_opt_get_int(h, d, val, len);

	*(uint32_t *)val = ntohl(*(uint32_t *)val);
	return code;
}

#define OPT_IP6(theirs, ours, flags, set, get) \
	{ IPPROTO_IPV6, WS_IPV6_ ## theirs, IPPROTO_IPV6, ours, flags, set, get, NULL }
#define OPT_INT(theirs, ours)	OPT_IP6(theirs, ours, 0, wsp_opt_set_int, wsp_opt_get_int)
#define OPT_BOOL(theirs, ours) \
	OPT_IP6(theirs, ours, WSP_OPT_BOOL, wsp_opt_set_bool, wsp_opt_get_bool)

static const struct wsp_opt opt_ip6[] = {
	OPT_INT(UNICAST_HOPS, IPV6_UNICAST_HOPS),
	OPT_INT(MULTICAST_IF, IPV6_MULTICAST_IF),
	OPT_INT(MULTICAST_HOPS, IPV6_MULTICAST_HOPS),
	OPT_BOOL(MULTICAST_LOOP, IPV6_MULTICAST_LOOP),
	OPT_IP6(ADD_MEMBERSHIP, IPV6_JOIN_GROUP, 0, wsp_opt_set_same, NULL),
	OPT_IP6(DROP_MEMBERSHIP, IPV6_LEAVE_GROUP, 0, wsp_opt_set_same, NULL),
	OPT_BOOL(DONTFRAG, IPV6_DONTFRAG),
	OPT_BOOL(PKTINFO, IPV6_RECVPKTINFO),
	OPT_BOOL(HOPLIMIT, IPV6_RECVHOPLIMIT),
	OPT_INT(CHECKSUM, IPV6_CHECKSUM),
	OPT_BOOL(V6ONLY, IPV6_V6ONLY),
	OPT_IP6(UNICAST_IF, IPV6_UNICAST_IF, 0, opt_set_unicast_if, opt_get_unicast_if),
	OPT_INT(TCLASS, IPV6_TCLASS),
	OPT_BOOL(RECVTCLASS, IPV6_RECVTCLASS),
	OPT_IP6(MTU_DISCOVER, IPV6_MTU_DISCOVER, 0, wsp_opt_set_mtu_discover,
		wsp_opt_get_mtu_discover),
	OPT_IP6(MTU, IPV6_MTU, 0, NULL, wsp_opt_get_int),
};

const struct wsp_opt_table wsp_opt_ip6 = { opt_ip6, ARRAY_SIZE(opt_ip6) };
