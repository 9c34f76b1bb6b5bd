// SPDX-License-Identifier: LGPL-2.1-or-later
/* Multicast groups of either family, at IPPROTO_IP and IPPROTO_IPV6. */
#include <netinet/in.h>
#include <sys/socket.h>

#include "opt.h"

static_assert(sizeof(struct group_req) == 136 && sizeof(struct group_source_req) == 264,
	      "as Windows lays them out");

static int opt_set_group(const struct wsp_handle *h, const struct wsp_opt *d, const char *val,
			 int len)
{
	struct group_req req;

	if (len < (int)sizeof(req) || !wsp_mem_read(&req, val, sizeof(req)))
		return WSAEFAULT;
	req.gr_group.ss_family = wsp_addr_family(req.gr_group.ss_family);
	return wsp_opt_set_raw(h, d, &req, sizeof(req));
}

static int opt_set_group_source(const struct wsp_handle *h, const struct wsp_opt *d,
				const char *val, int len)
{
	struct group_source_req req;

	if (len < (int)sizeof(req) || !wsp_mem_read(&req, val, sizeof(req)))
		return WSAEFAULT;
	req.gsr_group.ss_family = wsp_addr_family(req.gsr_group.ss_family);
	req.gsr_source.ss_family = wsp_addr_family(req.gsr_source.ss_family);
	return wsp_opt_set_raw(h, d, &req, sizeof(req));
}

#define OPT_MCAST4(name, set) \
	{ IPPROTO_IP, WS_MCAST_ ## name, IPPROTO_IP, MCAST_ ## name, 0, set, NULL, NULL }
#define OPT_MCAST6(name, set) \
	{ IPPROTO_IPV6, WS_MCAST_ ## name, IPPROTO_IPV6, MCAST_ ## name, 0, set, NULL, NULL }

static const struct wsp_opt opt_mcast[] = {
	OPT_MCAST4(JOIN_GROUP, opt_set_group),
	OPT_MCAST4(LEAVE_GROUP, opt_set_group),
	OPT_MCAST4(BLOCK_SOURCE, opt_set_group_source),
	OPT_MCAST4(UNBLOCK_SOURCE, opt_set_group_source),
	OPT_MCAST4(JOIN_SOURCE_GROUP, opt_set_group_source),
	OPT_MCAST4(LEAVE_SOURCE_GROUP, opt_set_group_source),
	OPT_MCAST6(JOIN_GROUP, opt_set_group),
	OPT_MCAST6(LEAVE_GROUP, opt_set_group),
	OPT_MCAST6(BLOCK_SOURCE, opt_set_group_source),
	OPT_MCAST6(UNBLOCK_SOURCE, opt_set_group_source),
	OPT_MCAST6(JOIN_SOURCE_GROUP, opt_set_group_source),
	OPT_MCAST6(LEAVE_SOURCE_GROUP, opt_set_group_source),
};

const struct wsp_opt_table wsp_opt_mcast = { opt_mcast, ARRAY_SIZE(opt_mcast) };
