#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Two hosts joined by a bridge, and a host on the bridge itself: alone, with
# br_netfilter handing frames to the IP hooks, and with the bridge's own
# connection tracking; each drops what it calls invalid.

set -euo pipefail
# shellcheck source=selftests/net_lib.sh
. "$(dirname "$0")/net_lib.sh"

bridge_make() {
	local i=1 ns
	net_make mb_c mb_r mb_s
	ip -n mb_r link add br0 type bridge || ktap_bail "no bridge here"
	for ns in mb_c mb_s; do
		ip -n mb_r link add "r$i" type veth peer name veth0 netns "$ns"
		ip -n mb_r link set "r$i" master br0 up
		ip -n "$ns" addr add "10.79.2.$i/24" dev veth0
		ip -n "$ns" addr add "fd79:2::$i/64" dev veth0 nodad
		ip -n "$ns" link set veth0 up
		i=2
	done
	ip -n mb_r addr add 10.79.2.3/24 dev br0
	ip -n mb_r addr add fd79:2::3/64 dev br0 nodad
	ip -n mb_r link set br0 up
}

# Both kinds of server, both families.
bridge_peers() { # NAME
	local addr
	net_peers "$1" -n 4 -C data -S data
	for addr in 10.79.2.3 fd79:2::3; do
		net_port=$((net_port + 1))
		ktap_run "$1, server on the bridge, $addr" \
			"$net_bin/mbox_peer" -c mb_c -s mb_r -p "$net_port" \
			-n 4 -C data -S data "$addr"
	done
}

bridge_rules() { # FAMILY
	net_rules <<-END
	table $1 box {
		chain forward {
			type filter hook forward priority 0;
			ct state invalid counter name bad drop;
			ct state established,related counter name good accept;
		}
		counter bad { }
		counter good { }
	}
	END
}

bridge_count() { # NAME
	ip netns exec mb_r nft list counters | grep -A 1 "counter $1 " |
		sed -n 's/.*packets \([0-9]*\).*/\1/p'
}

# Otherwise the rules have seen no packet at all.
bridge_tracked() { [ "$(bridge_count bad)" = 0 ] && [ "$(bridge_count good)" -gt 0 ]; }

ktap_plan 14
bridge_make
bridge_peers "a bridge"

if modprobe br_netfilter 2>/dev/null; then
	net_sysctl mb_r net.bridge.bridge-nf-call-iptables 1
	net_sysctl mb_r net.bridge.bridge-nf-call-ip6tables 1
	bridge_rules inet
	bridge_peers "br_netfilter"
	ktap_run "br_netfilter tracked it, nothing invalid" bridge_tracked
	net_sysctl mb_r net.bridge.bridge-nf-call-iptables 0
	net_sysctl mb_r net.bridge.bridge-nf-call-ip6tables 0
else
	for name in v4 v6 "the bridge, v4" "the bridge, v6" tracked; do
		ktap_result 0 "br_netfilter, $name # SKIP not here"
	done
fi

bridge_rules bridge
bridge_peers "tracked by the bridge"
ktap_run "the bridge tracked it, nothing invalid" bridge_tracked
ktap_end
