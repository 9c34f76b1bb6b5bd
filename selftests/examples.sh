#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# The examples of the documentation do what it says of them.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd -P)
programs=${WSP_SELFTESTS:-$here/../build/selftests}/examples
tmp=$(mktemp -d /tmp/examples.XXXXXX)
trap 'rm -rf "$tmp"' EXIT
number=0
failed=0

inside() { nsenter --net="/run/netns/$1" timeout 60 "${@:2}"; }

# report STATUS NAME: what went wrong is in $tmp/log.
report() {
	number=$((number + 1))
	if [ "$1" = 0 ]; then
		echo "ok $number $2"
	else
		failed=1
		sed 's/^/# /' "$tmp/log"
		echo "not ok $number $2"
	fi
}

# says PROGRAM LINE…: that is what it prints, ports apart.
says() {
	local rc=0

	{
		inside server "$programs/$1" > "$tmp/out" &&
			sed -E 's/(127\.0\.0\.1):[0-9]+/\1:PORT/' "$tmp/out" |
				diff <(printf '%s\n' "${@:2}") -
	} > "$tmp/log" 2>&1 || rc=1
	report "$rc" "$1"
}

listens() {
	local end=$((SECONDS + 60))

	until inside server ss -Hltn "sport = :$1" | grep -q .; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.1
	done
}

# pair CLIENT SERVER PORT: each tells the other its reason.
pair() {
	local rc=0 server

	{
		inside server "$programs/$2" 10.77.0.2 "$3" > "$tmp/server" &
		server=$!
		listens "$3" || rc=1
		inside client "$programs/$1" 10.77.0.2 "$3" "that is all" > "$tmp/client" || rc=1
		wait "$server" || rc=1
		diff "$tmp/server" - <<< "peer: that is all" || rc=1
		diff "$tmp/client" - <<< "peer: 11 bytes of reason" || rc=1
	} > "$tmp/log" 2>&1
	report "$rc" "$1 $2"
}

# A provider's file: its entry is the first one, and what it names is not there.
providers() {
	local rc=0

	{
		! inside server env WSP_PROVIDERS="$here/examples/providers.conf" \
			"$programs/catalog" > "$tmp/out" 2>&1 &&
			tail -n 1 "$tmp/out" | diff - <(echo "WSASocketW: error 10106")
	} > "$tmp/log" || rc=1
	report "$rc" "providers.conf"
}

preload() {
	local rc=0

	"$here/../build/bin/wsp-run" -c "$here/examples/preload.conf" --check > "$tmp/log" 2>&1 ||
		rc=1
	report "$rc" "preload.conf"
}

# Each program in the directory is run here.
all_run() {
	local program name rc=0

	for program in "$here"/examples/*.c; do
		name=$(basename "$program" .c)
		grep -qE "^(says|pair|pair [a-z_]+) $name\b" "$0" || {
			echo "not run: $name"
			rc=1
		}
	done > "$tmp/log"
	report "$rc" "all programs are run"
}

echo "TAP version 13"
pair winsock_client winsock_server 4001
pair winsock_client ioctl_server 4002
pair ioctl_client ioctl_server 4003
pair ioctl_client winsock_server 4004
says arm "peer: killed or crashed"
says linger "a reader: 0 left" "nobody reads: some left"
says cmsg "stream: last bytes" "reason: done"
says info "attached peer: some" "plain peer: 0" "not attached: -1"
says startup "version 2.2"
says socket "accepted"
says io "to:whom?"
says close "with data on its way: still open" "when all was read: closed"
says options "5 bytes wait" "the peer knows"
says overlapped "received: at last"
says acceptex "with the connection came: hello" "the head of the file"
says port "back came: echo"
says event "read: news" "closed: bye"
says select "ended with a byte unread: 0" "ended: 1"
says names "trying 127.0.0.1:PORT" "connected"
says thread "counted to 3"
says hook "interrupted"
says catalog "two handles of one socket"
says spi "not connected: WSAENOTCONN"
providers
preload
all_run
echo "1..$number"
exit $failed
