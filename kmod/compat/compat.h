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

#endif /* _WSP_COMPAT_H */
