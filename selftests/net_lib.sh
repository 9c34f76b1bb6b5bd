# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Shared by the shell tests: KTAP results, and a client and a server
# namespace with a router between them that a test gives its nftables rules.
# Sourced; the test calls ktap_plan, then its cases, then ktap_end.

net_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
net_bin=${WSP_SELFTESTS:-$net_dir/../build/selftests}
net_port=7000
# Where mbox_peer connects to; a test behind NAT changes it.
net_v4=10.79.2.2
net_v6=fd79:2::2

ktap_count=0
ktap_failed=0

ktap_plan() { printf 'KTAP version 1\n1..%d\n' "$1"; }

# ktap_result STATUS NAME: one result line; status 0 is a pass.
ktap_result() {
	ktap_count=$((ktap_count + 1))
	if [ "$1" -eq 0 ]; then
		printf 'ok %d %s\n' "$ktap_count" "$2"
	else
		ktap_failed=$((ktap_failed + 1))
		printf 'not ok %d %s\n' "$ktap_count" "$2"
	fi
}

# ktap_run NAME CMD...: passes when CMD does; its output is indented.
ktap_run() {
	local name=$1 status=0
	shift
	"$@" 2>&1 | sed 's/^/  # /' || status=1
	ktap_result "$status" "$name"
}

ktap_end() { [ "$ktap_failed" -eq 0 ]; }

ktap_bail() {
	printf 'Bail out! %s\n' "$*"
	exit 1
}

# net_wait SECONDS CMD...: until CMD succeeds.
net_wait() {
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.1
	done
}

net_sysctl() { # NETNS NAME VALUE
	ip netns exec "$1" sh -c "echo '$3' >/proc/sys/${2//.//}"
}

net_tmp=$(mktemp /tmp/wsp-net.XXXXXX)

net_cleanup() {
	local ns
	: >"$net_tmp"
	for ns in mb_c mb_r mb_s; do
		ip netns del "$ns" 2>/dev/null || true
	done
}

net_make() { # NETNS...
	local ns
	net_cleanup
	trap 'net_cleanup; rm -f "$net_tmp"' EXIT
	for ns; do
		ip netns add "$ns"
		# A tentative link-local address delays the first neighbour.
		net_sysctl "$ns" net.ipv6.conf.all.accept_dad 0
		net_sysctl "$ns" net.ipv6.conf.default.accept_dad 0
		ip -n "$ns" link set lo up
	done
}

# mb_c 10.79.1.2 -- 10.79.1.1 mb_r 10.79.2.1 -- 10.79.2.2 mb_s, v6 likewise.
net_router() {
	local i ns
	net_make mb_c mb_r mb_s
	i=1
	for ns in mb_c mb_s; do
		ip -n mb_r link add "r$i" type veth peer name veth0 netns "$ns"
		ip -n mb_r addr add "10.79.$i.1/24" dev "r$i"
		ip -n mb_r addr add "fd79:$i::1/64" dev "r$i" nodad
		ip -n mb_r link set "r$i" up
		ip -n "$ns" addr add "10.79.$i.2/24" dev veth0
		ip -n "$ns" addr add "fd79:$i::2/64" dev veth0 nodad
		ip -n "$ns" link set veth0 up
		ip -n "$ns" route add default via "10.79.$i.1"
		ip -n "$ns" -6 route add default via "fd79:$i::1"
		i=$((i + 1))
	done
	net_sysctl mb_r net.ipv4.ip_forward 1
	net_sysctl mb_r net.ipv6.conf.all.forwarding 1
}

# The two ends joined by one veth, no router: 10.79.2.1 and 10.79.2.2.
net_direct() {
	local i=1 ns
	net_make mb_c mb_s
	ip -n mb_c link add veth0 type veth peer name veth0 netns mb_s
	for ns in mb_c mb_s; do
		ip -n "$ns" addr add "10.79.2.$i/24" dev veth0
		ip -n "$ns" addr add "fd79:2::$i/64" dev veth0 nodad
		ip -n "$ns" link set veth0 up
		i=2
	done
}

# net_rules: the router's whole rule set, from stdin.
net_rules() {
	ip netns exec mb_r nft flush ruleset
	ip netns exec mb_r nft -f - || ktap_bail "nft refuses the rules"
}

# Rules for packets that pass the router, in a chain on the forward hook.
net_forward() {
	{
		printf 'table inet box {\n\tchain forward {\n'
		printf '\t\ttype filter hook forward priority 0;\n'
		printf '\t\t%s;\n' "$@"
		printf '\t}\n}\n'
	} >"$net_tmp"
	net_rules <"$net_tmp"
}

# Whether every counter in the router's rules was hit, or none was.
net_hit_all() { ! net_counters | grep -qx 0; }
net_hit_none() { ! net_counters | grep -qvx 0; }
net_counters() {
	ip netns exec mb_r nft list ruleset |
		sed -n 's/.*counter packets \([0-9]*\).*/\1/p'
}

# net_peers NAME OPTION...: connections from mb_c to mb_s over both families.
net_peers() {
	local name=$1
	shift
	net_port=$((net_port + 1))
	ktap_run "$name, v4" "$net_bin/mbox_peer" -c mb_c -s mb_s \
		-p "$net_port" "$@" "$net_v4"
	ktap_run "$name, v6" "$net_bin/mbox_peer" -c mb_c -s mb_s \
		-p "$net_port" "$@" "$net_v6"
}
