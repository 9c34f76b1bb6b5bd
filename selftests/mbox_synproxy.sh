#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# SYN proxy: it answers the client itself and opens a connection of its own to
# the server, neither with the option.

set -euo pipefail
# shellcheck source=selftests/net_lib.sh
. "$(dirname "$0")/net_lib.sh"

ktap_plan 4
net_router

net_rules <<'EOF'
table inet box {
	chain raw {
		type filter hook prerouting priority raw;
		tcp flags & (fin|syn|rst|ack) == syn counter notrack;
	}
	chain forward {
		type filter hook forward priority 0;
		meta l4proto tcp ct state invalid,untracked counter synproxy mss 1460 wscale 7 timestamp sack-perm;
		ct state invalid drop;
	}
}
EOF
net_sysctl mb_r net.netfilter.nf_conntrack_tcp_loose 0
net_peers "synproxy: neither side may send" -n 8 -C fallback -S fallback
ktap_run "synproxy was used" net_hit_all

net_rules <<'EOF'
table inet box {
	chain forward {
		type filter hook forward priority 0;
		tcp option 254 exists tcp flags & (syn|urg) == (syn|urg) counter;
	}
}
EOF
net_peers_probe() {
	net_port=$((net_port + 1))
	"$net_bin/mbox_peer" -c mb_c -s mb_s -p "$net_port" -C data -S data \
		10.79.2.2
}
ktap_run "the same pair delivers without the proxy" net_peers_probe
ktap_end
