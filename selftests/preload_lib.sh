# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Shared by the shell tests of wsp-run, wspctl and real programs: cases are functions
# t_*, each in a shell of its own that ends at the first failing command.
# shellcheck disable=SC2034 # for those that source it

pl_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
pl_bin=$pl_dir/../build/bin
ctl=$pl_bin/wspctl
run=$pl_bin/wsp-run
server_ip=10.77.0.2

# Emulated processors are slow.
pl_soon=60

# wait_for CMD…: until CMD succeeds.
wait_for() {
	local end=$((SECONDS + pl_soon))

	until "$@" > /dev/null 2>&1; do
		if [ "$SECONDS" -ge "$end" ]; then
			echo "waited in vain for: $*"
			return 1
		fi
		sleep 0.3
	done
}

on_server() { ip netns exec server "$@"; }
on_client() { ip netns exec client "$@"; }

pl_listens() { on_server ss -Hltn "sport = :$1" | grep -q .; }

# json FILE EXPRESSION: a Python expression about d, the document.
json() { python3 -c 'import json, sys
d = json.load(open(sys.argv[1])); sys.exit(not eval(sys.argv[2]))' "$@"; }

# All cases, or those named in the arguments.
pl_main() {
	local name number=0 failed=0
	local -a names

	mapfile -t names < <(declare -F | sed -n 's/^declare -f t_//p')
	[ $# = 0 ] || names=("$@")
	pl_top=$(mktemp -d /tmp/preload.XXXXXX)
	chmod 755 "$pl_top"
	echo "TAP version 13"
	echo "1..${#names[@]}"
	for name in "${names[@]}"; do
		number=$((number + 1))
		tmp=$pl_top/$name
		mkdir "$tmp"
		"$pl_dir/vm/netns"
		# Not under an if, which would switch errexit off in there.
		(set -e; trap 'pl_sweep' EXIT; "t_$name") > "$tmp.log" 2>&1 &
		if wait $!; then
			echo "ok $number $name"
		else
			sed 's/^/# /' "$tmp.log"
			tail -n 20 "$tmp"/*.err 2> /dev/null | sed 's/^/# /' || true
			echo "not ok $number $name"
			failed=1
		fi
	done
	return $failed
}

# What the case has left running in the namespaces.
pl_sweep() {
	local ns

	for ns in client server; do
		ip netns pids "$ns" | xargs -r kill -9 2> /dev/null || true
	done
}
