#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Connection tracking on both ends and on the router between them, each of
# which drops what it calls invalid, coming in and going out: everything
# passes, with and without disconnect data, and nothing counts as invalid.

set -euo pipefail
# shellcheck source=selftests/net_lib.sh
. "$(dirname "$0")/net_lib.sh"

ct_rules() { # NETNS HOOK...
	local ns=$1 hook
	shift
	{
		printf 'table inet box {\n'
		for hook; do
			cat <<-END
			chain $hook {
				type filter hook $hook priority 0;
				ct state invalid counter drop;
				meta l4proto { icmp, icmpv6 } accept;
				ct state new tcp flags & (syn|ack) == syn accept;
				ct state established,related accept;
				drop;
			}
			END
		done
		printf '}\n'
	} >"$net_tmp"
	ip netns exec "$ns" nft -f "$net_tmp" || ktap_bail "nft refuses the rules"
}

ct_counters() {
	local ns
	for ns in mb_c mb_r mb_s; do
		ip netns exec "$ns" nft list ruleset
	done | sed -n 's/.*counter packets \([0-9]*\).*/\1/p'
}

ct_nothing_invalid() { ! ct_counters | grep -qvx 0; }

ct_strict() { # VALUE
	local ns
	for ns in mb_c mb_r mb_s; do
		net_sysctl "$ns" net.netfilter.nf_conntrack_tcp_loose "$1"
	done
}

ktap_plan 9
net_router
ct_rules mb_c input output
ct_rules mb_s input output
ct_rules mb_r forward

net_peers "tracked at three places" -n 8 -C data -S data
ktap_run "nothing was invalid" ct_nothing_invalid

# Connections that are picked up midway are invalid then.
ct_strict 0
net_peers "tracked strictly" -n 8 -C data -S data
ktap_run "nothing was invalid, strictly" ct_nothing_invalid

for ns in mb_c mb_s; do
	net_sysctl "$ns" net.wsp.enable 0
done
net_peers "tracked without disconnect data" -n 4 -C fallback -S fallback
ktap_run "nothing was invalid without it" ct_nothing_invalid
ktap_end
