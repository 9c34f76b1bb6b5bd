#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Module parameters: described by modinfo, bounded, and what new network
# namespaces start with. Needs a machine without the module.
set -euo pipefail
# shellcheck source=selftests/net_lib.sh
. "$(dirname "$0")/net_lib.sh"

params=/sys/module/wsp/parameters
ko=${WSP_KO:?}

# params_are FILES… = VALUES…: what is in the files of that directory.
params_are() {
	local dir=$1 want=$2 got

	got=$(cd "$dir" && cat enable urg_probe max_data linger_async | xargs)
	[ "$got" = "$want" ] || { echo "$dir: $got, not $want"; return 1; }
}

params_described() {
	local p type

	[ "$(modinfo -F parm "$ko" | wc -l)" = 4 ] || return 1
	for p in enable urg_probe max_data linger_async; do
		modinfo -F parm "$ko" |
			grep -E "^$p:.*net\\.wsp\\.$p of new .*\\(default [0-9]+\\)" ||
			return 1
	done
	for type in "alias: tcp-ulp-wsp" "license: GPL"; do
		modinfo -F "${type%%:*}" "$ko" | grep -qx "${type#*: }" || return 1
	done
}

# Out of bounds the module does not load at all.
params_refused() {
	! insmod "$ko" "$1" || { rmmod wsp; return 1; }
	[ ! -d /sys/module/wsp ]
}

params_unload() {
	local end=$((SECONDS + 30))

	until rmmod wsp; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.1
	done
}

params_load() { # ARG… VALUES
	local want=${!#}

	insmod "$ko" "${@:1:$#-1}" || return 1
	params_are $params "$want" && params_are /proc/sys/net/wsp "$want"
}

params_in_netns() {
	ip netns exec "$1" bash -c "$(declare -f params_are)
		params_are /proc/sys/net/wsp '$2'"
}

# The namespaces that are there keep what they have.
params_at_run_time() {
	ip netns add obs_old
	for pair in enable=0 urg_probe=0 max_data=99 linger_async=1; do
		echo "${pair#*=}" > "$params/${pair%=*}" || return 1
	done
	ip netns add obs_new
	params_in_netns obs_old "1 1 1024 0" &&
		params_in_netns obs_new "0 0 99 1" &&
		params_are /proc/sys/net/wsp "1 1 1024 0"
}

params_bounded() {
	local pair

	for pair in enable=2 urg_probe=-1 max_data=4097 linger_async=x; do
		! echo "${pair#*=}" 2> /dev/null > "$params/${pair%=*}" || return 1
	done
	params_are $params "0 0 99 1"
}

# What a parameter says is what connections do.
params_effective() {
	grep -q '^FallbackDisabled *0$' /proc/net/wsp_stat || return 1
	ip link set lo up
	"$net_bin/mbox_peer" -n 1 -C fallback -S fallback 127.0.0.1 || return 1
	grep '^FallbackDisabled *2$' /proc/net/wsp_stat
}

[ ! -d /sys/module/wsp ] || ktap_bail "the module is loaded"
trap 'ip netns del obs_old; ip netns del obs_new; rm -f "$net_tmp"' EXIT
exec 2>&1

ktap_plan 12
ktap_run "modinfo describes them" params_described
for bad in enable=2 urg_probe=2 max_data=4097 linger_async=-1 max_data=many; do
	ktap_run "insmod $bad is refused" params_refused "$bad"
done
ktap_run "defaults" params_load "1 1 1024 0"
ktap_run "written later, for new namespaces" params_at_run_time
ktap_run "written out of bounds" params_bounded
ktap_run "unload" params_unload
ktap_run "given to insmod" params_load enable=0 urg_probe=0 max_data=0 \
	linger_async=1 "0 0 0 1"
ktap_run "enable=0 disables" params_effective
ktap_end
