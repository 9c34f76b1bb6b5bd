#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# wspctl with the module: disconnect data both ways, counters, sockets, JSON.
set -euo pipefail

# shellcheck source=selftests/preload_lib.sh
. "$(dirname "$0")/preload_lib.sh"

# Starts "$@" on the server's side with port 4000; waits until it listens.
serve() {
	ip netns exec server "$@" 4000 > "$tmp/server" 2> "$tmp/server.err" < "${input:-/dev/null}" &
	server=$!
	wait_for pl_listens 4000
}

client() { on_client "$ctl" "$@" $server_ip 4000; }

t_data_both_ways() {
	serve "$ctl" nc -t 60 -l -d 'server: bye'
	echo hello | client nc -t 60 -d 'client: done' > "$tmp/client" 2> "$tmp/client.err"
	wait "$server"
	[ "$(cat "$tmp/server")" = hello ]
	grep -qx 'wspctl: the peer ended with "client: done"' "$tmp/server.err"
	grep -qx 'wspctl: the peer ended with "server: bye"' "$tmp/client.err"
}

t_recv_is_binary() {
	printf 'a\0\377b' > "$tmp/data"
	serve "$ctl" recv -t 60 -l
	client send-disconnect -t 60 < "$tmp/data"
	wait "$server"
	cmp "$tmp/data" "$tmp/server"
}

t_recv_json() {
	serve "$ctl" recv -t 60 -j -l
	client send-disconnect -t 60 -j -d '"bye" \ ö' > "$tmp/client"
	wait "$server"
	json "$tmp/server" 'd["peer"] and d["attached"] and d["data"] == "\"bye\" \\ ö"'
	json "$tmp/server" 'bytes.fromhex(d["data_hex"]).decode() == d["data"]'
	json "$tmp/client" 'd["sent_len"] == 10 and d["data"] is None'
}

t_no_data_is_3() {
	local rc=0

	serve "$ctl" recv -t 60 -l
	client nc -t 60 < /dev/null
	wait "$server" || rc=$?
	[ "$rc" = 3 ]
}

t_refused_is_3() {
	local rc=0

	on_server sysctl -q net.wsp.enable=0
	serve "$ctl" nc -t 60 -l
	client send-disconnect -t 60 -d x 2> "$tmp/client.err" || rc=$?
	wait "$server"
	on_server sysctl -q net.wsp.enable=1
	[ "$rc" = 3 ]
	grep -q 'peer does not support' "$tmp/client.err"
}

t_counters() {
	serve "$ctl" recv -t 60 -l
	client send-disconnect -t 60 -d x
	wait "$server"
	on_client "$ctl" stat > "$tmp/stat"
	grep -qE '^Negotiated +[1-9]' "$tmp/stat"
	! grep '^LingerReset' "$tmp/stat" || return 1
	on_client "$ctl" stat -a | grep -qE '^LingerReset +0$'
	on_client "$ctl" stat -j > "$tmp/stat"
	json "$tmp/stat" 'd["counters"]["DiscSent"] == 1'
}

t_rates() {
	on_client "$ctl" stat -i 3 -n 1 -j > "$tmp/rates" &
	serve "$ctl" recv -t 60 -l
	client send-disconnect -t 60 -d x
	wait "$server"
	wait
	json "$tmp/rates" 'd["rates"]["DiscSent"] >= 0 and d["seconds"] >= 3'
	on_client "$ctl" stat -i 0.1 -n 2 > "$tmp/rates"
	[ "$(grep -cE '^DiscSent +[0-9]+ +0.0/s$' "$tmp/rates")" = 2 ]
}

established() { on_server ss -Htn state established | grep -q .; }

# Both ends of one connection, armed and not, and a listener.
t_sockets() {
	mkfifo "$tmp/pipe"
	exec 8<> "$tmp/pipe"
	input=$tmp/pipe serve "$run" -d '%n' -- python3 -c 'import socket, sys
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("", int(sys.argv[1]))); s.listen(); c, _ = s.accept()
sys.stdin.readline()'
	client recv -t 100 > "$tmp/client" &
	wait_for established
	on_server "$ctl" sockets > "$tmp/text"
	on_server "$ctl" sockets -j > "$tmp/json"
	on_server "$ctl" sockets -l -j > "$tmp/listen"
	echo > "$tmp/pipe"
	wait
	exec 8>&-
	[ "$(cat "$tmp/client")" = python3 ]
	cat "$tmp/text"
	grep -qE '^ESTAB +10.77.0.2:4000 +10.77.0.1:[0-9]+ +yes +7 +0 +0 none +none +python3\[' \
		"$tmp/text"
	json "$tmp/json" 'len(d) == 1 and d[0]["can_send"] and d[0]["armed_len"] == 7'
	json "$tmp/json" 'd[0]["program"] == "python3" and d[0]["state"] == "ESTAB"'
	json "$tmp/listen" 'len(d) == 1 and d[0]["state"] == "LISTEN"'
}

t_status() {
	"$run" --status > "$tmp/status"
	grep -qE '^module +usable$' "$tmp/status"
	grep -qE '^net.wsp.max_data +1024$' "$tmp/status"
}

pl_main "$@"
