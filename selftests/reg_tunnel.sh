#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Through tunnels: the outer packet passes the netfilter hook with the socket
# of the inner one, and must be left alone.

set -euo pipefail
# shellcheck source=selftests/net_lib.sh
. "$(dirname "$0")/net_lib.sh"

tunnel_make() { # TYPE NETNS HERE THERE
	ip -n "$2" link add tun0 type "$1" local "10.79.2.$3" \
		remote "10.79.2.$4" || return 1
	ip -n "$2" addr add "10.80.2.$3/24" dev tun0
	ip -n "$2" addr add "fd80:2::$3/64" dev tun0 nodad
	ip -n "$2" link set tun0 up
}

ktap_plan 2
net_direct
net_v4=10.80.2.2
net_v6=fd80:2::2
tunnel_make gre mb_c 1 2 || ktap_bail "GRE is not available"
tunnel_make gre mb_s 2 1
net_peers "data both ways through GRE" -C data -S data
ktap_end
