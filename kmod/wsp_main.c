// SPDX-License-Identifier: GPL-2.0
/*
 * Module entry, and what each network namespace keeps.
 */
#include <linux/module.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>
#include <net/tcp.h>

#include "wsp.h"

unsigned int wsp_net_id __read_mostly;

/**
 * wsp_pernet() - our part of a netns
 * @net: the netns
 *
 * Return: never NULL while the netns has sockets.
 */
struct wsp_net *wsp_pernet(const struct net *net)
{
	return net_generic(net, wsp_net_id);
}

static int __net_init wsp_net_init(struct net *net)
{
	struct wsp_net *wn = wsp_pernet(net);
	int err;

	mutex_init(&wn->hook_lock);
	err = wsp_proc_register(net);
	if (err)
		return err;
	err = wsp_sysctl_register(net);
	if (err)
		wsp_proc_unregister(net);
	return err;
}

static void __net_exit wsp_net_pre_exit(struct net *net)
{
	wsp_handshake_unhook(net);
}

static void __net_exit wsp_net_exit(struct net *net)
{
	wsp_sysctl_unregister(net);
	wsp_proc_unregister(net);
}

static struct pernet_operations wsp_net_ops = {
	.init = wsp_net_init,
	.pre_exit = wsp_net_pre_exit,
	.exit = wsp_net_exit,
	.id = &wsp_net_id,
	.size = sizeof(struct wsp_net),
};

static int __init wsp_init(void)
{
	int err;

	wsp_handshake_init();
	err = wsp_linger_init();
	if (err)
		return err;
	err = register_pernet_subsys(&wsp_net_ops);
	if (err)
		goto err_linger;
	err = tcp_register_ulp(&wsp_ulp_ops);
	if (err)
		goto err_pernet;
	return 0;

err_pernet:
	unregister_pernet_subsys(&wsp_net_ops);
err_linger:
	wsp_linger_exit();
	return err;
}

static void __exit wsp_exit(void)
{
	tcp_unregister_ulp(&wsp_ulp_ops);
	unregister_pernet_subsys(&wsp_net_ops);
	wsp_linger_exit();
	/* Contexts freed by kfree_rcu(), and hold timers still returning. */
	synchronize_net();
	rcu_barrier();
}

module_init(wsp_init);
module_exit(wsp_exit);

MODULE_AUTHOR("The wsp authors");
MODULE_DESCRIPTION("Disconnect data and linger-timed close for TCP sockets");
MODULE_LICENSE("GPL");
MODULE_VERSION("0.1");
MODULE_ALIAS_TCP_ULP("wsp");
