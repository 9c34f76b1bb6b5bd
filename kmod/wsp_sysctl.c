// SPDX-License-Identifier: GPL-2.0
/*
 * net.wsp.*, per network namespace.
 */
#include <linux/slab.h>
#include <linux/sysctl.h>
#include <net/net_namespace.h>

#include "wsp.h"

static int max_data_limit = WSP_DISC_MAX;

static const struct ctl_table wsp_table[] = {
	{
		.procname = "enable",
		.data = (void *)offsetof(struct wsp_net, enable),
		.maxlen = sizeof(int),
		.mode = 0644,
		.proc_handler = proc_dointvec_minmax,
		.extra1 = SYSCTL_ZERO,
		.extra2 = SYSCTL_ONE,
	},
	{
		.procname = "urg_probe",
		.data = (void *)offsetof(struct wsp_net, urg_probe),
		.maxlen = sizeof(int),
		.mode = 0644,
		.proc_handler = proc_dointvec_minmax,
		.extra1 = SYSCTL_ZERO,
		.extra2 = SYSCTL_ONE,
	},
	{
		.procname = "max_data",
		.data = (void *)offsetof(struct wsp_net, max_data),
		.maxlen = sizeof(int),
		.mode = 0644,
		.proc_handler = proc_dointvec_minmax,
		.extra1 = SYSCTL_ZERO,
		.extra2 = &max_data_limit,
	},
	{
		.procname = "linger_async",
		.data = (void *)offsetof(struct wsp_net, linger_async),
		.maxlen = sizeof(int),
		.mode = 0644,
		.proc_handler = proc_dointvec_minmax,
		.extra1 = SYSCTL_ZERO,
		.extra2 = SYSCTL_ONE,
	},
};

/**
 * wsp_sysctl_register() - create net.wsp in a new netns
 * @net: the netns
 *
 * Return: 0 or -ENOMEM.
 */
int wsp_sysctl_register(struct net *net)
{
	struct wsp_net *wn = wsp_pernet(net);
	struct ctl_table *table;
	size_t i;

	/* One empty entry more: older kernels look for it, newer do not. */
	table = kcalloc(ARRAY_SIZE(wsp_table) + 1, sizeof(*table), GFP_KERNEL);
	if (!table)
		return -ENOMEM;
	for (i = 0; i < ARRAY_SIZE(wsp_table); i++) {
		table[i] = wsp_table[i];
		table[i].data = (u8 *)wn + (unsigned long)table[i].data;
	}
	wn->sysctls = register_net_sysctl_sz(net, "net/wsp", table,
					     ARRAY_SIZE(wsp_table));
	if (!wn->sysctls) {
		kfree(table);
		return -ENOMEM;
	}
	return 0;
}

/**
 * wsp_sysctl_unregister() - the netns goes, or the module
 * @net: the netns
 */
void wsp_sysctl_unregister(struct net *net)
{
	struct wsp_net *wn = wsp_pernet(net);
	const struct ctl_table *table = wn->sysctls->ctl_table_arg;

	unregister_net_sysctl_table(wn->sysctls);
	kfree(table);
}
