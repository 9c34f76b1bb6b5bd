#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Usage: obs_traffic.sh FILE	connections worth looking at, captured at the client
#
# To make the capture that is kept with the dissector anew:
#
#	selftests/vm/run -- selftests/obs_traffic.sh /dev/stdout \
#		> Documentation/wireshark/wsp.pcap
set -euo pipefail

case ${1:-} in ''|-h|--help) sed -n 's/^# \{0,1\}//p' "$0"; exit 2 ;; esac

# shellcheck source=selftests/net_lib.sh
. "$(dirname "$0")/net_lib.sh"

pcap=$net_tmp.pcap
last=7108

traffic_fins() {
	local n

	n=$(tcpdump -nr "$pcap" "tcp port $last and tcp[tcpflags] & tcp-fin != 0" 2> /dev/null |
		wc -l)
	[ "$n" -ge 2 ]
}

net_router
net_sysctl mb_c net.wsp.max_data 4096
# So that long records are in several segments in the capture too.
ip -n mb_c link set veth0 gso_max_segs 1
# 7104 loses the option of its SYN, 7105 that of its SYN-ACK, 7106 URG on data.
net_forward 'tcp dport 7104 tcp flags & (syn|ack) == syn reset tcp option 254' \
	'tcp sport 7105 tcp flags & (syn|ack) == (syn|ack) reset tcp option 254' \
	'tcp dport 7106 tcp flags == 0x31 tcp flags set 0x11' \
	'tcp dport 7106 tcp flags == 0x39 tcp flags set 0x19' \
	'tcp sport 7106 tcp flags == 0x31 tcp flags set 0x11' \
	'tcp sport 7106 tcp flags == 0x39 tcp flags set 0x19'
ip netns exec mb_c tcpdump -i veth0 -U --immediate-mode -w "$pcap" tcp 2> "$net_tmp" &
net_wait 60 grep -q "listening on" "$net_tmp" || ktap_bail "tcpdump does not listen"
python3 "$net_dir/obs_traffic.py" >&2
net_wait 60 traffic_fins || ktap_bail "the last connection was not captured"
kill $!
wait $! || true
cat "$pcap" > "$1"
rm "$pcap"
