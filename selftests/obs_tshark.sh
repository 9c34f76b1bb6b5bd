#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Usage: obs_tshark.sh [ROUNDS [SEED]]
#
# Documentation/wireshark/wsp.lua in tshark: over the capture beside it, over one
# taken in a virtual machine (K=6.1: the older kernel), and over ROUNDS spoilt copies
# of the first, which must not raise Lua errors. tshark runs here.
set -euo pipefail

dir=$(cd "$(dirname "$0")" && pwd -P)
# shellcheck source=selftests/net_lib.sh
. "$dir/net_lib.sh"

kept=$dir/../Documentation/wireshark/wsp.pcap
home=$HOME
tmp=$(mktemp -d)
trap 'rm -rf "$tmp" "$net_tmp"' EXIT
# No plugins of the user's.
export HOME=$tmp

look() { tshark -n -X "lua_script:$dir/../Documentation/wireshark/wsp.lua" "$@" 2> "$tmp/err"; }
capture() {
	HOME=$home "$dir/vm/run" --kernel "${K:-6.12}" -- "$dir/obs_traffic.sh" /dev/stdout > "$1"
}

# Port, side, URG report, who can send, length, MAC, how found, text. Segments may
# have been sent twice.
table() {
	look -r "$1" -Y 'wsp.tag or wsp.data or wsp.negotiated' -T fields -E separator='|' \
		-e tcp.srcport -e tcp.dstport -e wsp.tag.urg -e wsp.negotiated -e wsp.length \
		-e wsp.mac.status -e wsp.record.found -e wsp.text |
		awk -F '|' -v OFS='|' '{ if ($1 < 7200) $2 = $1 " server"; else $2 = $2 " client"
			print $2, $3, $4, $5, $6, $7, substr($8, 1, 30) }' | sort -u
}

# As obs_traffic.sh describes them; 1 as a status is a good MAC, 2 as how found
# the footer.
expected() {
	local port

	for port in 7101 7102 7106 7107 7108; do
		echo "$port client|1|||||"
		echo "$port server|1|1||||"
	done
	for port in 7103 7104 7105; do
		echo "$port client|1|||||"
		echo "$port server||0||||"
	done
	for port in 7101 7102 7106 7108; do
		echo "$port client|||12|1|1|client: done"
	done
	echo "7107 client|||3440|1|1|a record that takes more than "
	for port in 7101 7102 7105 7107 7108; do
		echo "$port server|||11|1|1|server: bye"
	done
	echo "7106 server|||11|1|2|server: bye"
}

decodes() {
	expected | sort -u > "$tmp/expected"
	table "$1" > "$tmp/table"
	diff "$tmp/expected" "$tmp/table"
}

filters() {
	look -r "$kept" -Y 'wsp.tag == 0x8fbfef3d or wsp.data contains "client: done"' \
		-T fields -e frame.number > "$tmp/frames"
	[ "$(xargs < "$tmp/frames")" = "2 6 14 46 68" ]
}

spoilt() {
	python3 "$dir/obs_mutate.py" "$kept" "$tmp/spoilt.pcap" "$@"
	look -r "$tmp/spoilt.pcap" -V > "$tmp/spoilt"
	if grep -m 3 -i 'lua error' "$tmp/spoilt" || grep -i lua "$tmp/err"; then
		return 1
	fi
}

# Of the unspoilt frames before, and some that the random ones left alone.
wrong_mac() {
	grep -m 1 -A 5 'MAC: .*' "$tmp/spoilt" | grep -q 'Expert Info .*The MAC does not hold'
	grep -q '\[MAC status: Good (1)\]' "$tmp/spoilt"
}

ktap_plan 6
ktap_run "the capture that is kept is decoded" decodes "$kept"
ktap_run "wsp.tag and wsp.data are filters" filters
ktap_run "connections are captured" capture "$tmp/fresh.pcap"
ktap_run "and decoded" decodes "$tmp/fresh.pcap"
ktap_run "spoilt frames raise no Lua error" spoilt "${1:-100}" "${2:-1}"
ktap_run "a wrong MAC is told from a good one" wrong_mac
ktap_end
