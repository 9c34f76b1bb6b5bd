/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The newest kernel's names on older ones.  Included before every file; the
 * WSP_HAVE_* come from compat/Makefile's probes.
 */
#ifndef _WSP_COMPAT_H
#define _WSP_COMPAT_H

#ifndef WSP_HAVE_REGISTER_NET_SYSCTL_SZ
#include <linux/sysctl.h>
#include <net/net_namespace.h>

static inline struct ctl_table_header *
register_net_sysctl_sz(struct net *net, const char *path,
		       struct ctl_table *table, size_t table_size)
{
	/* The table ends with an empty entry; that is all it looks for. */
	return register_net_sysctl(net, path, table);
}
#endif

/*
 * WSP_ULP_INFO(fn): a tcp_ulp_ops.get_info or get_info_size with a net_admin
 * argument.  Older kernels call them for CAP_NET_ADMIN only.
 */
#ifdef WSP_HAVE_ULP_INFO_NET_ADMIN
#define WSP_ULP_INFO(fn) fn
#else
#include <linux/types.h>

struct sk_buff;
struct sock;

int wsp_diag_info(struct sock *sk, struct sk_buff *skb, bool net_admin);
size_t wsp_diag_info_size(const struct sock *sk, bool net_admin);

static inline int wsp_diag_info_admin(struct sock *sk, struct sk_buff *skb)
{
	return wsp_diag_info(sk, skb, true);
}

static inline size_t wsp_diag_info_size_admin(const struct sock *sk)
{
	return wsp_diag_info_size(sk, true);
}

#define WSP_ULP_INFO(fn) fn##_admin
#endif

#endif /* _WSP_COMPAT_H */
