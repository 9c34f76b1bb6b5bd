// SPDX-License-Identifier: LGPL-2.1-or-later
/* Options at IPPROTO_IP.  Windows' numbers are not Linux's. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "opt.h"

/* DF on every packet; off, TCP goes on looking for the path's MTU. */
static int opt_set_dontfragment(const struct wsp_handle *h, const struct wsp_opt *d,
				const char *val, int len)
{
	int on, mode;
	int code = wsp_opt_read_int(val, len, &on);

	if (code)
		return code;
	mode = on ? IP_PMTUDISC_DO : h->state & WSP_H_TCP ? IP_PMTUDISC_WANT : IP_PMTUDISC_DONT;
	return wsp_opt_set_raw(h, d, &mode, sizeof(mode));
}

static int opt_get_dontfragment(const struct wsp_handle *h, const struct wsp_opt *d, void *val,
				int *len)
{
	int code = wsp_opt_get_int(h, d, val, len);
	int mode = *(int *)val;

	*(BOOL *)val = mode == IP_PMTUDISC_DO || mode == IP_PMTUDISC_PROBE;
	return code;
}

/* Windows takes an index in place of an interface's address: 0.x.x.x. */
static void opt_interface(uint32_t given, struct ip_mreqn *mreq)
{
	if (ntohl(given) >> 24)
		mreq->imr_address.s_addr = given;
	else
		mreq->imr_ifindex = ntohl(given);
}

static int opt_set_multicast_if(const struct wsp_handle *h, const struct wsp_opt *d,
				const char *val, int len)
{
	struct ip_mreqn mreq = { 0 };
	uint32_t given;

	if (len < (int)sizeof(given) || !wsp_mem_read(&given, val, sizeof(given)))
		return WSAEFAULT;
	opt_interface(given, &mreq);
	return wsp_opt_set_raw(h, d, &mreq, sizeof(mreq));
}

static int opt_set_membership(const struct wsp_handle *h, const struct wsp_opt *d,
			      const char *val, int len)
{
	struct ip_mreqn mreq = { 0 };
	struct ip_mreq theirs;

	if (len < (int)sizeof(theirs) || !wsp_mem_read(&theirs, val, sizeof(theirs)))
		return WSAEFAULT;
	mreq.imr_multiaddr = theirs.imr_multiaddr;
	opt_interface(theirs.imr_interface.s_addr, &mreq);
	return wsp_opt_set_raw(h, d, &mreq, sizeof(mreq));
}

/* The fields have another order. */
static int opt_set_source(const struct wsp_handle *h, const struct wsp_opt *d, const char *val,
			  int len)
{
	struct ws_ip_mreq_source theirs;
	struct ip_mreq_source ours;

	if (len < (int)sizeof(theirs) || !wsp_mem_read(&theirs, val, sizeof(theirs)))
		return WSAEFAULT;
	ours.imr_multiaddr.s_addr = theirs.imr_multiaddr;
	ours.imr_sourceaddr.s_addr = theirs.imr_sourceaddr;
	ours.imr_interface.s_addr = theirs.imr_interface;
	return wsp_opt_set_raw(h, d, &ours, sizeof(ours));
}

#define OPT_IP(theirs, ours, flags, set, get) \
	{ IPPROTO_IP, WS_IP_ ## theirs, IPPROTO_IP, ours, flags, set, get, NULL }
#define OPT_INT(theirs, ours)	OPT_IP(theirs, ours, 0, wsp_opt_set_int, wsp_opt_get_int)
#define OPT_BOOL(theirs, ours) \
	OPT_IP(theirs, ours, WSP_OPT_BOOL, wsp_opt_set_bool, wsp_opt_get_bool)

static const struct wsp_opt opt_ip[] = {
	{
		IPPROTO_IP, WS_IP_OPTIONS, IPPROTO_IP, IP_OPTIONS, 0,
		wsp_opt_set_same, NULL, wsp_opt_get_same,
	},
	OPT_BOOL(HDRINCL, IP_HDRINCL),
	OPT_INT(TOS, IP_TOS),
	OPT_INT(TTL, IP_TTL),
	OPT_IP(MULTICAST_IF, IP_MULTICAST_IF, 0, opt_set_multicast_if, wsp_opt_get_int),
	OPT_INT(MULTICAST_TTL, IP_MULTICAST_TTL),
	OPT_BOOL(MULTICAST_LOOP, IP_MULTICAST_LOOP),
	OPT_IP(ADD_MEMBERSHIP, IP_ADD_MEMBERSHIP, 0, opt_set_membership, NULL),
	OPT_IP(DROP_MEMBERSHIP, IP_DROP_MEMBERSHIP, 0, opt_set_membership, NULL),
	OPT_IP(DONTFRAGMENT, IP_MTU_DISCOVER, WSP_OPT_BOOL, opt_set_dontfragment,
	       opt_get_dontfragment),
	OPT_IP(ADD_SOURCE_MEMBERSHIP, IP_ADD_SOURCE_MEMBERSHIP, 0, opt_set_source, NULL),
	OPT_IP(DROP_SOURCE_MEMBERSHIP, IP_DROP_SOURCE_MEMBERSHIP, 0, opt_set_source, NULL),
	OPT_IP(BLOCK_SOURCE, IP_BLOCK_SOURCE, 0, opt_set_source, NULL),
	OPT_IP(UNBLOCK_SOURCE, IP_UNBLOCK_SOURCE, 0, opt_set_source, NULL),
	OPT_BOOL(PKTINFO, IP_PKTINFO),
	OPT_BOOL(HOPLIMIT, IP_RECVTTL),
	/* An index, in network byte order in both worlds. */
	OPT_INT(UNICAST_IF, IP_UNICAST_IF),
	OPT_BOOL(RECVTOS, IP_RECVTOS),
	OPT_IP(MTU_DISCOVER, IP_MTU_DISCOVER, 0, wsp_opt_set_mtu_discover,
	       wsp_opt_get_mtu_discover),
	OPT_IP(MTU, IP_MTU, 0, NULL, wsp_opt_get_int),
};

const struct wsp_opt_table wsp_opt_ip = { opt_ip, ARRAY_SIZE(opt_ip) };
