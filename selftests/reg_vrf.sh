#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Both ends in a VRF: output passes the netfilter hook twice there, and the
# option must be in the packet once.

set -euo pipefail
# shellcheck source=selftests/net_lib.sh
. "$(dirname "$0")/net_lib.sh"

vrf_make() { # NETNS
	ip -n "$1" link add vrf0 type vrf table 10 || return 1
	ip -n "$1" link set vrf0 up
	ip -n "$1" link set veth0 master vrf0
	# Enslaving takes the IPv6 addresses away.
	ip -n "$1" addr add "$2" dev veth0 nodad 2>/dev/null || true
}

ktap_plan 2
net_direct
vrf_make mb_c fd79:2::1/64 || ktap_bail "VRF is not available"
vrf_make mb_s fd79:2::2/64
net_peers "data both ways inside a VRF" -d vrf0 -D vrf0 -C data -S data
ktap_end
