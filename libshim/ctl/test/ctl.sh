#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# ctl.sh BUILD: wspctl on plain TCP.
set -euo pipefail

ctl=$1/bin/wspctl
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
# shellcheck source=libshim/test/tap.sh
. "$(dirname "$0")/../../test/tap.sh"

# Starts "$@" with a port behind it, none of those that connections are given.
listen_once() {
	port=$((20000 + RANDOM % 12000))
	"$@" "$port" > "$tmp/out" 2> "$tmp/err" < "$tmp/in" &
	server=$!
	until grep -qi ":$(printf %04X "$port") [0-9A-F:]* 0A " /proc/net/tcp /proc/net/tcp6; do
		kill -0 "$server" 2> /dev/null || return 1
	done
	kill -0 "$server"
}

# The same with a free port; sets $port and $server once it listens.
listen() {
	for _ in {1..20}; do
		listen_once "$@" && return
	done
	return 1
}

both_ways() {
	local rc=0

	head -c 300000 /dev/urandom > "$tmp/in"
	head -c 400000 /dev/urandom > "$tmp/other"
	listen "$ctl" nc -t 20 -l
	"$ctl" nc -t 20 localhost "$port" < "$tmp/other" > "$tmp/got" || rc=1
	wait "$server" || rc=1
	cmp "$tmp/in" "$tmp/got" && cmp "$tmp/other" "$tmp/out" && [ "$rc" = 0 ]
}

# ended STATUS CMD…: with a peer that ends when it is asked to.
ended() {
	local status=$1 rc=0
	shift

	: > "$tmp/in"
	listen "$ctl" nc -t 20 -l
	"$@" localhost "$port" < /dev/null || rc=$?
	wait "$server"
	echo "status $rc"
	[ "$rc" = "$status" ]
}

# silent STATUS CMD…: with one that does not.
silent() {
	local status=$1 rc=0
	shift

	[ -p "$tmp/pipe" ] || mkfifo "$tmp/pipe"
	exec 8<> "$tmp/pipe"
	ln -sf pipe "$tmp/in"
	listen "$ctl" nc -t 20 -l
	"$@" localhost "$port" < /dev/null || rc=$?
	kill "$server"
	wait "$server" || true
	exec 8>&-
	rm "$tmp/in"
	echo "status $rc"
	[ "$rc" = "$status" ]
}

echo "TAP version 13"
t "--help" says 0 'wspctl sockets' "$ctl" --help
t "--version" says 0 '^wspctl [0-9]+' "$ctl" --version
t "no command" says 2 'wspctl --help' "$ctl"
t "unknown command" says 2 'no such command: x' "$ctl" x
t "unknown option" says 2 'wspctl --help' "$ctl" stat --nonsense
t "too many arguments" says 2 'wspctl --help' "$ctl" stat x
t "no port" says 2 'wspctl --help' "$ctl" nc localhost
t "interval" says 2 'no number of seconds' "$ctl" stat -i x
t "count" says 2 'no number' "$ctl" stat -n 0
t "nobody listens" says 1 'refused' "$ctl" recv 127.0.0.1 1
t "no such host" says 1 'host.invalid' "$ctl" recv host.invalid 1
t "nobody connects" says 4 'timeout' "$ctl" recv -t 0.2 -l 127.0.0.1 0
[ -e /proc/net/wsp_stat ] || t "stat without the module" says 1 'not loaded' "$ctl" stat
[ "$(id -u)" != 0 ] || t "sockets" says 0 'STATE +LOCAL' "$ctl" sockets
[ "$(id -u)" != 0 ] || t "sockets as JSON" says 0 '^\[.*\]$' "$ctl" sockets --json
[ "$(id -u)" != 0 ] || t "sockets without privilege" says 1 CAP_NET_ADMIN \
	setpriv --bounding-set -net_admin --inh-caps -net_admin "$ctl" sockets
t "nc passes both ways" both_ways
if [ ! -d /sys/module/wsp ]; then
	t "send-disconnect to plain TCP" ended 3 "$ctl" send-disconnect -t 20 -d bye
	t "recv from plain TCP" silent 4 "$ctl" recv -t 0.5
	t "nc -d to plain TCP" ended 3 "$ctl" nc -t 20 -d bye
fi
t "send-disconnect of nothing" ended 0 "$ctl" send-disconnect -t 20
t "timeout" silent 4 "$ctl" nc -t 0.5
offers=$(dirname "$0")/../completion/wspctl
t "completes commands" completes 'send-disconnect sockets stat' "$offers" _wspctl wspctl s
t "completes options" completes --interval "$offers" _wspctl wspctl stat --i
t "completes those of a command" completes --listen "$offers" _wspctl wspctl sockets -j --l
echo "1..$number"
[ $failed = 0 ]
