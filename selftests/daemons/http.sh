# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# nginx with curl and wrk, and haproxy in front of it.
# shellcheck disable=SC2034,SC2154 # lib.sh's variables

dm_get=$'GET / HTTP/1.1\r\nHost: x\r\n\r\n'

# nginx_conf PORT [LINE…]
nginx_conf() {
	local port=$1
	shift

	mkdir -p "$tmp/www" "$tmp/var"
	echo 'hello from nginx' > "$tmp/www/index.html"
	head -c 3000000 /dev/urandom > "$tmp/www/big"
	chmod 755 "$tmp/www"
	cat > "$tmp/nginx.conf" <<-END
		$(printf '%s\n' "$@")
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
			server { listen $port; root $tmp/www; }
		}
	END
}

# By its path, which it executes again.
nginx_up() { up "$(command -v nginx)" -p "$tmp" -c "$tmp/nginx.conf"; }

nginx_worker() { children "$server"; }

nginx_again() { wait_for http "$port"; }

# reloads VICTIM RELOAD…: RELOAD has a new process serve. Idle connections end, one that is
# in use goes on.
reloads() {
	local old=$1
	shift

	peers idle
	held download "$tmp/www/big" /big
	"$@"
	ended idle "$program closed"
	kill -0 "$old"
	http "$port"
	released download "$program closed"
	wait_for not kill -0 "$old"
}

t_nginx() {
	local mode program=nginx stop=QUIT ask=$dm_get answer='hello from nginx' old

	nginx_conf "$port" 'daemon off;'
	for mode in $dm_modes; do
		nginx_up
		same "$(curl -sS -m 60 "http://$server_ip:$port/")" 'hello from nginx'
		wrk -t 1 -c 4 -d 1 "http://$server_ip:$port/" > "$tmp/wrk"
		not grep -E 'Socket errors|Non-2xx' "$tmp/wrk"
		old=$(nginx_worker)
		reloads "$old" kill -HUP "$server"
		# Its workers; the master makes new ones.
		signals nginx_worker 'nginx closed' nginx_again
		peers quit
		kill -QUIT "$server"
		gone "$server"
		ended quit 'nginx closed'
	done
}

nginx_pid() { cat "$tmp/nginx.pid"; }
nginx_upgraded() { [ "$(nginx_pid)" != "$1" ] && [ -e "$tmp/nginx.pid.oldbin" ]; }

nginx_upgrade() {
	kill -USR2 "$1"
	wait_for nginx_upgraded "$1"
	kill -QUIT "$1"
}

# Another program file takes the listener over. nginx hands it those variables alone that
# its configuration names.
t_nginx_upgrade() {
	local mode program=nginx ask=$dm_get answer='hello from nginx' old

	[ -n "$dm_all" ] || return 0
	nginx_conf "$port" 'env LD_PRELOAD;' 'env WSP_DISCONNECT_DATA;' 'env WSP_LOG;' \
		'env LD_LIBRARY_PATH;'
	for mode in $dm_modes; do
		nginx_up
		gone "$server"
		wait_for test -s "$tmp/nginx.pid"
		old=$(nginx_pid)
		reloads "$(children "$old")" nginx_upgrade "$old"
		wait_for not test -e "$tmp/nginx.pid.oldbin"
		peers quit
		kill -QUIT "$(nginx_pid)"
		ended quit 'nginx closed'
		wait_for not test -e "$tmp/nginx.pid"
	done
}

haproxy_conf() {
	cat > "$tmp/haproxy.cfg" <<-END
		defaults
			mode http
			timeout connect 60s
			timeout client 600s
			timeout server 600s
		frontend front
			bind 0.0.0.0:$port
			default_backend back
		backend back
			server nginx 127.0.0.1:$((port + 1))
	END
}

haproxy_up() {
	up haproxy -W -S "$tmp/master" -db -f "$tmp/haproxy.cfg"
	wait_for http "$port"
}

haproxy_worker() { children "$server"; }

# The master goes with its worker.
haproxy_again() {
	gone "$server"
	haproxy_up
}

t_haproxy() {
	local mode program=haproxy stop=USR1 ask=$dm_get answer='hello from nginx' old nginx

	nginx_conf "$((port + 1))" 'daemon off;'
	haproxy_conf
	for mode in $dm_modes; do
		port=$((port + 1)) nginx_up
		nginx=$server
		haproxy_up
		# The master executes itself, and its new worker gets the listener from the old.
		old=$(haproxy_worker)
		reloads "$old" kill -USR2 "$server"
		signals haproxy_worker 'haproxy closed' haproxy_again
		kill -TERM "$server"
		gone "$server"
		kill -QUIT "$nginx"
		gone "$nginx"
	done
}
