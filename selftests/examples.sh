#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# The examples of the documentation do what it says of them.
set -euo pipefail

# shellcheck source=selftests/preload_lib.sh
. "$(dirname "$0")/preload_lib.sh"

examples=${WSP_SELFTESTS:-$pl_dir/../build/selftests}/examples
port=4000

# Client $1 and server $2, one in each style, tell each other their reasons.
pair() {
	local server

	on_server timeout 60 "$examples/$2" $server_ip $port > "$tmp/server" 2> "$tmp/server.err" &
	server=$!
	wait_for pl_listens $port
	on_client timeout 60 "$examples/$1" $server_ip $port "that is all" > "$tmp/client"
	wait "$server"
	[ "$(cat "$tmp/server")" = "peer: that is all" ]
	[ "$(cat "$tmp/client")" = "peer: 11 bytes of reason" ]
}

t_winsock() { pair winsock_client winsock_server; }
t_ioctl() { pair ioctl_client ioctl_server; }
t_winsock_to_ioctl() { pair winsock_client ioctl_server; }
t_ioctl_to_winsock() { pair ioctl_client winsock_server; }

pl_main "$@"
