# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# redis with its tools, and memcached.
# shellcheck disable=SC2034,SC2154 # lib.sh's variables

redis() { redis-cli -h "$server_ip" -p "$port" "$@"; }

redis_saved() { [[ $(redis info persistence) = *rdb_bgsave_in_progress:0* ]]; }

redis_works() {
	same "$(redis set key value)" OK
	same "$(redis get key)" value
	redis-benchmark -h "$server_ip" -p "$port" -q -n 200 -c 5 -t get,set
	peers bgsave
	# A child that saves has the connections too, and leaves them alone.
	redis bgsave
	wait_for redis_saved
	same "$(redis client kill type normal skipme yes)" 2
	ended bgsave 'redis-server closed'
}

t_redis() {
	local mode program=redis-server ask=$'PING\r\n' answer=PONG
	local -a command

	for mode in $dm_modes; do
		mkdir "$tmp/$mode"
		# A crash tests all memory, by default.
		command=(redis-server --port "$port" --bind 0.0.0.0 --protected-mode no
			--dir "$tmp/$mode" --crash-memcheck-enabled no)
		works=redis_works process 'redis-server exit status 0' "${command[@]}"
		# A restart keeps what was stored.
		up "${command[@]}"
		same "$(redis get key)" value
		redis shutdown nosave
		gone "$server"
	done
}

# To a peer that has never heard of the module.
memcached_works() {
	local -a lines

	exec 5<> "/dev/tcp/$server_ip/$port"
	printf 'set k 0 0 2\r\nhi\r\nget k\r\nquit\r\n' >&5
	mapfile -t -u 5 lines
	exec 5>&-
	same "${lines[*]}" $'STORED\r VALUE k 0 2\r hi\r END\r'
	ask=$'version\r\nquit\r\n' peers quits
	ended quits 'memcached closed'
}

t_memcached() {
	local mode program=memcached ask=$'version\r\n' answer=VERSION

	for mode in $dm_modes; do
		works=memcached_works process 'memcached exit status 0' \
			memcached -u root -l 0.0.0.0 -p "$port" -t 2
	done
}
