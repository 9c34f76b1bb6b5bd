#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Usage: obs_bpftrace.sh
#
# The scripts of Documentation/bpftrace count what a few connections do.
set -euo pipefail

dir=$(cd "$(dirname "$0")" && pwd -P)
# shellcheck source=selftests/net_lib.sh
. "$dir/net_lib.sh"

scripts=$dir/../Documentation/bpftrace
events=/sys/kernel/tracing/events/wsp
tmp=$(mktemp -d /tmp/obs.XXXXXX)
tracer=
trap 'kill $tracer 2> /dev/null || true; rm -rf "$tmp"; net_cleanup; rm -f "$net_tmp"' EXIT

# The numbers the scripts give their names are those the events print. Without a
# process for each, which takes an emulated processor long.
numbers_agree() {
	local bad=0 formats name value

	formats=$(cat "$events"/*/format)
	while read -r _ name value; do
		[[ $formats = *"{ $value, \"$name\" }"* ]] ||
			{ echo "$name is not $value"; bad=1; }
	done < <(cat "$scripts"/*.bt | grep '^#define WSP_')
	return "$bad"
}

# Those of one event that a script tells apart.
names_complete() {
	local script event=$2 name bad=0

	script=$(tr '\t' ' ' < "$scripts/$1")
	while read -r name; do
		case $name in
		*_NONE|WSP_SEND_NO_URG|WSP_RECV_BAD_MAC|WSP_RECV_HOLD_EXPIRED)	continue ;;
		esac
		[[ $script = *"#define $name "* ]] || { echo "$1 does not know $name"; bad=1; }
	done < <(grep -o '"WSP_[A-Z_]*"' "$events/$event/format" | tr -d '"')
	return "$bad"
}

# All scripts in one program, for it takes an emulated processor long to start; much
# of that is reading which functions kprobes can have. The first and the last probe
# together tell that all are there.
start() {
	{
		cat "$scripts"/*.bt | grep '^#define'
		echo 'interval:ms:200 /@ready == 0/ { @ready = 1; }'
		cat "$scripts"/*.bt | grep -v '^#'
		printf "%s\n" 'interval:ms:200 /@ready == 1/ { @ready = 2; printf("ready\n"); }'
	} > "$tmp/all.bt"
	BPFTRACE_AVAILABLE_FUNCTIONS_TEST=/dev/null bpftrace "$tmp/all.bt" > "$tmp/out" 2>&1 &
	tracer=$!
	until grep -q '^ready' "$tmp/out"; do
		kill -0 "$tracer" 2> /dev/null || return 1
		sleep 1
	done
}

not_running() { ! pgrep -x bpftrace; }

stop() {
	kill -INT "$tracer"
	# It is no child of this shell, which is in a pipe.
	net_wait 100 not_running
	cat "$tmp/out"
}

# counted LINE…: as the scripts print it.
counted() {
	local line

	for line; do
		grep -qxF -- "$line" "$tmp/out" || { echo "not there: $line"; return 1; }
	done
}

ktap_plan 10
net_direct
ktap_run "the names' numbers are the module's" numbers_agree
ktap_run "no way of sending is missed" names_complete wsp-ends.bt wsp_disc_send
ktap_run "no way of receiving is missed" names_complete wsp-ends.bt wsp_disc_recv
ktap_run "no cause is missed" names_complete wsp-fallback.bt wsp_fallback
ktap_run "no end of lingering is missed" names_complete wsp-linger.bt wsp_linger
start || { cat "$tmp/out"; ktap_bail "bpftrace does not start"; }
ktap_run "connections of every kind" python3 "$dir/obs_ends.py"
ktap_run "bpftrace ends" stop
ktap_run "why connections ended" counted '@ended[by both sides]: 7' \
	'@ended[reset by the peer]: 2' '@ended[here: abort, linger time up, or peer silent]: 2' \
	'@disconnect_data[received]: 2' '@disconnect_data[sent by a call]: 1' \
	'@disconnect_data[sent armed: close, exit or death]: 1' \
	'@disconnect_data[dropped: reset, or plain peer]: 1'
ktap_run "what became of lingering" counted '@started: 2' \
	'@outcome[drained: all acknowledged]: 1' '@outcome[expired: time up, reset]: 1'
ktap_run "why connections are plain" counted '@negotiated[0]: 5' '@negotiated[1]: 5' \
	'@plain[no option came, 0]: 1' '@plain_peers[::ffff:10.79.2.2]: 1'
ktap_end
