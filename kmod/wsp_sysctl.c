// SPDX-License-Identifier: GPL-2.0
/*
 * net.wsp.*, per network namespace, and the module parameters that say what
 * new namespaces start with.
 */
#include <linux/moduleparam.h>
#include <linux/slab.h>
#include <linux/sysctl.h>
#include <net/net_namespace.h>

#include "wsp.h"

static int max_data_limit = WSP_DISC_MAX;

static unsigned int start_enable = 1;
static unsigned int start_urg_probe = 1;
static unsigned int start_max_data = WSP_DISC_DEFAULT_MAX;
static unsigned int start_linger_async;

static int param_set_switch(const char *val, const struct kernel_param *kp)
{
	return param_set_uint_minmax(val, kp, 0, 1);
}

static int param_set_max_data(const char *val, const struct kernel_param *kp)
{
	return param_set_uint_minmax(val, kp, 0, WSP_DISC_MAX);
}

static const struct kernel_param_ops switch_ops = {
	.set = param_set_switch,
	.get = param_get_uint,
};

static const struct kernel_param_ops max_data_ops = {
	.set = param_set_max_data,
	.get = param_get_uint,
};

module_param_cb(enable, &switch_ops, &start_enable, 0644);
MODULE_PARM_DESC(enable, "net.wsp.enable of new network namespaces, 0 or 1 (default 1)");
module_param_cb(urg_probe, &switch_ops, &start_urg_probe, 0644);
MODULE_PARM_DESC(urg_probe, "net.wsp.urg_probe of new network namespaces, 0 or 1 (default 1)");
module_param_cb(max_data, &max_data_ops, &start_max_data, 0644);
MODULE_PARM_DESC(max_data, "net.wsp.max_data of new network namespaces, 0 to 4096 (default 1024)");
module_param_cb(linger_async, &switch_ops, &start_linger_async, 0644);
MODULE_PARM_DESC(linger_async, "net.wsp.linger_async of new network namespaces, 0 or 1 (default 0)");

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

	wn->enable = READ_ONCE(start_enable);
	wn->urg_probe = READ_ONCE(start_urg_probe);
	wn->max_data = READ_ONCE(start_max_data);
	wn->linger_async = READ_ONCE(start_linger_async);

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
