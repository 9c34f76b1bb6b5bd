#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Servers from Debian, plain and under wsp-run: they work as before; a peer with the
# module learns why its connection ended; one without it notices nothing.
set -euo pipefail

# shellcheck source=selftests/preload_lib.sh
. "$(dirname "$0")/preload_lib.sh"

# The machine has none of its own; vm/daemons has fetched them.
# shellcheck source=/dev/null
root=$(. /run/wsp-job/vars && echo "$VM_CACHE/daemons")
[ -d "$root" ] || { echo "Bail out! no $root: selftests/vm/daemons"; exit 1; }
export LD_LIBRARY_PATH=$root/usr/lib/x86_64-linux-gnu:$root/lib/x86_64-linux-gnu
PATH=$root/usr/sbin:$root/usr/bin:/usr/sbin:/usr/bin:/sbin:/bin
unset PYENV_ROOT

# serve MODE PORT CMD…: in the server's namespace; sets $server, its process.
serve() {
	local mode=$1 port=$2
	shift 2

	if [ "$mode" = run ]; then
		set -- "$run" -d '%n %s' --log none -- "$@"
	fi
	# Not by a function: $! is to be the server.
	ip netns exec server "$@" > "$tmp/server.out" 2> "$tmp/server.err" < /dev/null &
	server=$!
	wait_for pl_listens "$port"
}

# watch NAME PORT [TEXT]: a peer with the module that sends TEXT and stays.
watch() {
	{ printf '%b' "${3-}"; exec sleep 600; } |
		on_client "$ctl" nc -t 600 $server_ip "$2" > "$tmp/$1" 2> "$tmp/$1.err" &
	wait_for watch_is_there "$1" "$2"
}

# Connected, or ended already.
watch_is_there() {
	[ -s "$tmp/$1.err" ] || on_client ss -Htn state established "dport = :$2" | grep -q .
}

# told NAME TEXT: its server ended the connection with TEXT.
told() { wait_for grep -qx "wspctl: the peer ended with \"$2\"" "$tmp/$1.err"; }

# After all of that the module has dropped or lost nothing.
no_losses() {
	on_server "$ctl" stat -j > "$tmp/stat"
	json "$tmp/stat" 'd["counters"]["DiscTruncated"] == 0 and d["counters"]["DiscBadMac"] == 0'
}

not() { ! "$@"; }

fetch() { on_client curl -sS -m 60 "http://$server_ip:$1/"; }

python_works() {
	[ "$(echo hello | on_client /usr/bin/python3 -c 'import socket, sys
s = socket.create_connection((sys.argv[1], int(sys.argv[2])))
s.sendall(b"hello\n"); s.shutdown(socket.SHUT_WR)
print(s.makefile().read(), end="")' $server_ip "$1")" = hello ]
}

# python_server NAME SOURCE: an echo server that closes after a line.
python_server() {
	local mode

	echo "$2" > "$tmp/echo_$1.py"
	for mode in plain run; do
		serve $mode 5000 /usr/bin/python3 "$tmp/echo_$1.py"
		python_works 5000
		if [ $mode = run ]; then
			watch closed 5000 'hello\n'
			told closed 'python3 closed'
			watch killed 5000
		fi
		kill -9 "$server"
		wait_for not pl_listens 5000
		[ $mode = plain ] || told killed 'python3 killed or crashed'
	done
	no_losses
}

t_python_socketserver() {
	python_server socketserver 'import socketserver
class Echo(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(self.rfile.readline())
class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
Server(("0.0.0.0", 5000), Echo).serve_forever()'
}

t_python_forking() {
	python_server forking 'import socketserver
class Echo(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(self.rfile.readline())
class Server(socketserver.ForkingTCPServer):
    allow_reuse_address = True
    def process_request(self, request, client):
        # One that is killed must take its connection along.
        super().process_request(request, client)
import ctypes, os, signal
os.register_at_fork(after_in_child=lambda: ctypes.CDLL(None).prctl(1, signal.SIGKILL))
Server(("0.0.0.0", 5000), Echo).serve_forever()'
}

t_python_asyncio() {
	python_server asyncio 'import asyncio
async def echo(reader, writer):
    writer.write(await reader.readline())
    await writer.drain()
    writer.close()
async def main():
    async with await asyncio.start_server(echo, "0.0.0.0", 5000) as server:
        await server.serve_forever()
asyncio.run(main())'
}

redis() { on_client redis-cli -h $server_ip -p 5000 "$@"; }

t_redis() {
	local mode

	for mode in plain run; do
		serve $mode 5000 redis-server --port 5000 --bind 0.0.0.0 --save '' \
			--protected-mode no --dir "$tmp"
		[ "$(redis set key value)" = OK ]
		[ "$(redis get key)" = value ]
		on_client redis-benchmark -h $server_ip -p 5000 -q -n 300 -c 5 -t get,set
		if [ $mode = plain ]; then
			kill -9 "$server"
			wait_for not pl_listens 5000
			continue
		fi
		watch client 5000 'PING\r\n'
		wait_for grep -q PONG "$tmp/client"
		# A child that saves has the connection too, and leaves it alone.
		redis bgsave
		wait_for eval 'redis info persistence | grep -q rdb_bgsave_in_progress:0'
		redis client kill type normal skipme yes
		told client 'redis-server closed'
		watch stopped 5000
		redis shutdown nosave || true
		told stopped 'redis-server exit status 0'
		wait_for not pl_listens 5000
		serve $mode 5000 redis-server --port 5000 --bind 0.0.0.0 --save '' \
			--protected-mode no
		watch killed 5000
		kill -9 "$server"
		wait_for not pl_listens 5000
		told killed 'redis-server killed or crashed'
	done
	no_losses
}

t_memcached() {
	local mode

	for mode in plain run; do
		serve $mode 5000 memcached -u root -l 0.0.0.0 -p 5000 -t 2
		printf 'set k 0 0 2\r\nhi\r\nget k\r\nquit\r\n' |
			on_client "$ctl" nc -t 60 $server_ip 5000 > "$tmp/$mode" 2> "$tmp/$mode.err"
		grep -q '^VALUE k 0 2' "$tmp/$mode"
		[ $mode = plain ] || told run 'memcached closed'
		[ $mode = plain ] || watch killed 5000
		kill -9 "$server"
		wait_for not pl_listens 5000
		[ $mode = plain ] || told killed 'memcached killed or crashed'
	done
	no_losses
}

nginx_conf() {
	mkdir -p "$tmp/www" "$tmp/var"
	echo 'hello from nginx' > "$tmp/www/index.html"
	chmod 755 "$tmp" "$tmp/www"
	cat > "$tmp/nginx.conf" <<-END
		daemon off;
		user root;
		worker_processes 1;
		pid $tmp/nginx.pid;
		error_log $tmp/error.log;
		events { worker_connections 100; }
		http {
			access_log off;
			client_body_temp_path $tmp/var;
			proxy_temp_path $tmp/var;
			fastcgi_temp_path $tmp/var;
			uwsgi_temp_path $tmp/var;
			scgi_temp_path $tmp/var;
			keepalive_timeout 600;
			server { listen $1; root $tmp/www; }
		}
	END
}

nginx_worker() { pgrep -P "$(cat "$tmp/nginx.pid")" | tail -n 1; }
nginx_changed() { [ -n "$(nginx_worker)" ] && [ "$(nginx_worker)" != "$1" ]; }

# reloaded SIGNAL PID: a download that SIGNAL comes in between is whole.
reloaded() {
	local pid

	head -c 3000000 /dev/urandom > "$tmp/www/big"
	rm -f "$tmp/got"
	on_client curl -sS -m 300 --limit-rate 400k -o "$tmp/got" \
		"http://$server_ip:5000/big" &
	pid=$!
	wait_for test -s "$tmp/got"
	kill "-$1" "$2"
	wait "$pid"
	cmp "$tmp/www/big" "$tmp/got"
}

get='GET / HTTP/1.1\r\nHost: x\r\n\r\n'

t_nginx() {
	local mode old

	nginx_conf 5000
	for mode in plain run; do
		serve $mode 5000 nginx -p "$tmp" -c "$tmp/nginx.conf"
		wait_for test -s "$tmp/nginx.pid"
		[ "$(fetch 5000)" = 'hello from nginx' ]
		on_client wrk -t 1 -c 4 -d 1 "http://$server_ip:5000/" > "$tmp/wrk"
		not grep -E 'Socket errors|Non-2xx' "$tmp/wrk"
		reloaded HUP "$(cat "$tmp/nginx.pid")"
		[ "$(fetch 5000)" = 'hello from nginx' ]
		if [ $mode = run ]; then
			watch worker 5000 "$get"
			wait_for grep -q hello "$tmp/worker"
			old=$(nginx_worker)
			kill -9 "$old"
			told worker 'nginx killed or crashed'
			wait_for nginx_changed "$old"
			# The next worker, and one after a reload.
			watch reload 5000 "$get"
			wait_for grep -q hello "$tmp/reload"
			old=$(nginx_worker)
			kill -HUP "$(cat "$tmp/nginx.pid")"
			told reload 'nginx closed'
			wait_for nginx_changed "$old"
			[ "$(fetch 5000)" = 'hello from nginx' ]
			watch quit 5000 "$get"
			wait_for grep -q hello "$tmp/quit"
		fi
		kill -QUIT "$(cat "$tmp/nginx.pid")"
		wait_for not pl_listens 5000
		[ $mode = plain ] || told quit 'nginx closed'
		wait_for not test -e "$tmp/nginx.pid"
	done
	no_losses
}

haproxy_conf() {
	cat > "$tmp/haproxy.cfg" <<-END
		defaults
			mode http
			timeout connect 60s
			timeout client 600s
			timeout server 600s
		frontend front
			bind 0.0.0.0:5000
			default_backend back
		backend back
			server nginx 127.0.0.1:5001
	END
}

t_haproxy() {
	local mode

	nginx_conf 5001
	haproxy_conf
	for mode in plain run; do
		serve $mode 5001 nginx -p "$tmp" -c "$tmp/nginx.conf"
		serve $mode 5000 haproxy -db -f "$tmp/haproxy.cfg"
		[ "$(fetch 5000)" = 'hello from nginx' ]
		if [ $mode = run ]; then
			watch client 5000 "$get"
			wait_for grep -q hello "$tmp/client"
		fi
		kill -9 "$server"
		wait_for not pl_listens 5000
		[ $mode = plain ] || told client 'haproxy killed or crashed'
		kill -QUIT "$(cat "$tmp/nginx.pid")"
		wait_for not pl_listens 5001
		wait_for not test -e "$tmp/nginx.pid"
	done
	no_losses
}

# The master executes itself, and its new worker gets the listener from the old one.
t_haproxy_reload() {
	local mode old

	nginx_conf 5001
	haproxy_conf
	for mode in plain run; do
		serve $mode 5001 nginx -p "$tmp" -c "$tmp/nginx.conf"
		serve $mode 5000 haproxy -W -S "$tmp/master" -db -f "$tmp/haproxy.cfg"
		[ "$(fetch 5000)" = 'hello from nginx' ]
		old=$(pgrep -P "$server")
		reloaded USR2 "$server"
		wait_for not kill -0 "$old"
		[ "$(fetch 5000)" = 'hello from nginx' ]
		if [ $mode = run ]; then
			watch client 5000 "$get"
			wait_for grep -q hello "$tmp/client"
			pkill -9 -P "$server"
			told client 'haproxy killed or crashed'
		fi
		# It goes when its worker does.
		kill -9 "$server" || true
		pkill -9 -x haproxy || true
		wait_for not pl_listens 5000
		kill -QUIT "$(cat "$tmp/nginx.pid")"
		wait_for not pl_listens 5001
		wait_for not test -e "$tmp/nginx.pid"
	done
	no_losses
}

t_iperf3() {
	local mode side

	for mode in plain run; do
		for side in plain run; do
			serve $mode 5201 iperf3 -s -1
			if [ $side = run ]; then
				on_client "$run" -d '%s' --log none -- iperf3 -c $server_ip \
					-n 2M -J > "$tmp/$mode-$side"
			else
				on_client iperf3 -c $server_ip -n 2M -J > "$tmp/$mode-$side"
			fi
			wait "$server"
			json "$tmp/$mode-$side" 'd["end"]["sum_sent"]["bytes"] >= 2097152'
		done
	done
	no_losses
}

t_dropbear() {
	local mode side=()

	dropbearkey -t ed25519 -f "$tmp/host" > /dev/null 2>&1
	dropbearkey -t ed25519 -f "$tmp/id" 2> /dev/null | grep ^ssh- > "$tmp/id.pub"
	mkdir -p /root/.ssh
	cp "$tmp/id.pub" /root/.ssh/authorized_keys
	chmod 700 /root /root/.ssh
	chmod 600 /root/.ssh/authorized_keys
	for mode in plain run; do
		serve $mode 5000 dropbear -F -E -r "$tmp/host" -p 5000
		[ $mode = plain ] || side=("$run" -d '%n %s' --log none --)
		[ "$(on_client "${side[@]}" dbclient -y -y -i "$tmp/id" -p 5000 root@$server_ip \
			'echo shell; exit' < /dev/null 2> "$tmp/$mode.err")" = shell ]
		[ $mode = plain ] || watch banner 5000
		# The server of this connection, not the one that waits for others.
		pkill -9 -P "$server" -x dropbear || [ $mode = plain ]
		[ $mode = plain ] || told banner 'dropbear killed or crashed'
		kill "$server"
		wait_for not pl_listens 5000
	done
	no_losses
}

pl_main "$@"
