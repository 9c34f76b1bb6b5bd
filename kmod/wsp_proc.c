// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/net/wsp_stat: the counters of a network namespace.
 */
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <net/net_namespace.h>

#include "wsp.h"

static const char * const mib_names[] = {
	[WSP_MIB_OPTSYNSENT]		= "OptSynSent",
	[WSP_MIB_OPTSYNSEEN]		= "OptSynSeen",
	[WSP_MIB_OPTSYNACKSENT]		= "OptSynAckSent",
	[WSP_MIB_OPTSYNACKSEEN]		= "OptSynAckSeen",
	[WSP_MIB_NEGOTIATED]		= "Negotiated",
	[WSP_MIB_FALLBACKNOOPTION]	= "FallbackNoOption",
	[WSP_MIB_FALLBACKDISABLED]	= "FallbackDisabled",
	[WSP_MIB_FALLBACKSTDURG]	= "FallbackStdurg",
	[WSP_MIB_FALLBACKSPACE]		= "FallbackSpace",
	[WSP_MIB_FALLBACKRETRANS]	= "FallbackRetrans",
	[WSP_MIB_FALLBACKURG]		= "FallbackUrg",
	[WSP_MIB_FALLBACKNOMEM]		= "FallbackNomem",
	[WSP_MIB_DISCSENT]		= "DiscSent",
	[WSP_MIB_DISCSENTARMED]		= "DiscSentArmed",
	[WSP_MIB_DISCARMEDDROPPED]	= "DiscArmedDropped",
	[WSP_MIB_DISCSENDNOMEM]		= "DiscSendNomem",
	[WSP_MIB_DISCRETRANSNOURG]	= "DiscRetransNoUrg",
	[WSP_MIB_DISCRECEIVED]		= "DiscReceived",
	[WSP_MIB_DISCRECEIVEDTAIL]	= "DiscReceivedTail",
	[WSP_MIB_DISCTRUNCATED]		= "DiscTruncated",
	[WSP_MIB_DISCRECVNOMEM]		= "DiscRecvNomem",
	[WSP_MIB_DISCBADMAC]		= "DiscBadMac",
	[WSP_MIB_HOLDEXPIRED]		= "HoldExpired",
	[WSP_MIB_LINGERSTARTED]		= "LingerStarted",
	[WSP_MIB_LINGERDRAINED]		= "LingerDrained",
	[WSP_MIB_LINGEREXPIRED]		= "LingerExpired",
	[WSP_MIB_LINGERRESET]		= "LingerReset",
	[WSP_MIB_LINGERCANCELLED]	= "LingerCancelled",
	[WSP_MIB_LINGERNOMEM]		= "LingerNomem",
	[WSP_MIB_CLONENOMEM]		= "CloneNomem",
};

static_assert(ARRAY_SIZE(mib_names) == __WSP_MIB_MAX);

static unsigned long mib_sum(const struct wsp_net *wn, int field)
{
	unsigned long sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu_ptr(wn->stats, cpu)->mibs[field]);
	return sum;
}

static int proc_stat_show(struct seq_file *seq, void *v)
{
	const struct wsp_net *wn = wsp_pernet(seq->private);
	int i;

	for (i = 0; i < __WSP_MIB_MAX; i++)
		seq_printf(seq, "%-20s %lu\n", mib_names[i], mib_sum(wn, i));
	return 0;
}

/**
 * wsp_proc_register() - counters for a new netns
 * @net: the netns
 *
 * Context: process; may sleep.
 * Return: 0 or -ENOMEM.
 */
int wsp_proc_register(struct net *net)
{
	struct wsp_net *wn = wsp_pernet(net);

	wn->stats = alloc_percpu(struct wsp_mib);
	if (!wn->stats)
		return -ENOMEM;
	if (IS_ENABLED(CONFIG_PROC_FS) &&
	    !proc_create_net_single("wsp_stat", 0444, net->proc_net,
				    proc_stat_show, NULL)) {
		free_percpu(wn->stats);
		return -ENOMEM;
	}
	return 0;
}

/**
 * wsp_proc_unregister() - the netns goes, or the module
 * @net: the netns
 *
 * Context: process; nothing counts in @net any more.
 */
void wsp_proc_unregister(struct net *net)
{
	remove_proc_entry("wsp_stat", net->proc_net);
	free_percpu(wsp_pernet(net)->stats);
}
