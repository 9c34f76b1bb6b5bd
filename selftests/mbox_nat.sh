#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Connection tracking that drops whatever it calls invalid, without and with
# NAT in both directions: everything passes, nothing counts as invalid.

set -euo pipefail
# shellcheck source=selftests/net_lib.sh
. "$(dirname "$0")/net_lib.sh"

ktap_plan 6
net_router

net_rules <<'EOF'
table inet box {
	chain forward {
		type filter hook forward priority 0;
		ct state invalid counter drop;
		ct state new,established,related accept;
		drop;
	}
}
EOF
net_peers "conntrack passes data both ways" -n 8 -C data -S data
ktap_run "conntrack found nothing invalid" net_hit_none

net_rules <<'EOF'
table inet box {
	chain pre {
		type nat hook prerouting priority dstnat;
		ip daddr 10.79.1.1 dnat ip to 10.79.2.2;
		ip6 daddr fd79:1::1 dnat ip6 to fd79:2::2;
	}
	chain post {
		type nat hook postrouting priority srcnat;
		oifname "r2" masquerade;
	}
	chain forward {
		type filter hook forward priority 0;
		ct state invalid counter drop;
		ct status dnat accept;
		drop;
	}
}
EOF
# shellcheck disable=SC2034 # both are net_peers'
net_v4=10.79.1.1
# shellcheck disable=SC2034
net_v6=fd79:1::1
net_peers "NAT passes data both ways" -n 8 -C data -S data
ktap_run "NAT found nothing invalid" net_hit_none
ktap_end
