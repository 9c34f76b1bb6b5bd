#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Loss, duplication and reordering, 200 connections: each delivers the exact
# data or says that the peer lacks support, and most deliver.

set -euo pipefail
# shellcheck source=selftests/net_lib.sh
. "$(dirname "$0")/net_lib.sh"

netem() { # OPTION...
	local ns
	for ns in mb_c mb_s; do
		ip netns exec "$ns" tc qdisc replace dev veth0 root netem "$@" ||
			ktap_bail "netem is not available"
	done
}

netem_dropped() {
	ip netns exec mb_c tc -s qdisc show dev veth0 |
		grep -q 'dropped [1-9]'
}

ktap_plan 4
net_direct
# netem on one end of a veth hands over clones: duplicates share their bytes.
netem limit 20000 delay 3ms 2ms loss 4% duplicate 5% reorder 20% 50%
net_v4=10.79.2.2
# shellcheck disable=SC2034
net_v6=fd79:2::2
for family in v4 v6; do
	net_port=$((net_port + 1))
	addr=net_$family
	ktap_run "200 connections over a bad path, $family" \
		"$net_bin/mbox_peer" -c mb_c -s mb_s -p "$net_port" -n 200 \
		-C either -S either -t 30000 -e 45000 -m 150 "${!addr}"
done
ktap_run "the path did lose packets" netem_dropped

netem limit 20000 duplicate 100%
net_port=$((net_port + 1))
ktap_run "every packet twice" "$net_bin/mbox_peer" -c mb_c -s mb_s \
	-p "$net_port" -n 20 -C data -S data "$net_v4"
ktap_end
