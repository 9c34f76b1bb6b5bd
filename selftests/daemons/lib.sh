# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Servers for preload_daemons.sh, and their peers. A case runs in the client's
# namespace, in $tmp, with $port and the nine above it for its servers, and goes
# through $modes: plain, and run, which is under wsp-run.
# shellcheck disable=SC2154 # preload_lib.sh's variables
# shellcheck disable=SC2034 # set here for the cases

dm_peer=$pl_dir/../build/selftests/preload_peer
dm_modes='plain run'
# What starts a peer's conversation, and what it then waits for.
ask=
answer=
declare -A dm_pids

# No process for a moment's wait: nobody writes to that pipe.
dm_pause() { read -r -t 0.05 -u 9 || true; }

wait_for() {
	local end=$((SECONDS + 120))

	until "$@" > /dev/null 2>&1; do
		[ "$SECONDS" -lt "$end" ] || { echo "waited in vain for: $*"; return 1; }
		dm_pause
	done
}

not() { ! "$@"; }

same() { [ "$1" = "$2" ] || { echo "\"$1\" is not \"$2\""; return 1; }; }

# The namespace's table, of a process in it.
listens() {
	local hex table addr state

	printf -v hex ':%04X' "$1"
	for table in tcp tcp6; do
		while read -r _ addr _ state _; do
			[[ $addr != *$hex || $state != 0A ]] || return 0
		done < "/proc/$dm_ns/net/$table"
	done
	return 1
}

# up CMD…: in $mode, until it listens on $port; sets $server, its process. What peers end
# with goes to $log.
up() {
	if [ "$mode" = run ]; then
		set -- "$run" -d '%n %s' --log "${log:-none}" -- "$@"
	fi
	# Not by a function: $! is to be the server.
	nsenter --net=/run/netns/server "$@" >> "$tmp/server.out" 2>> "$tmp/server.err" \
		< /dev/null 9>&- &
	server=$!
	wait_for listens "$port"
}

# gone SERVER: it has been told to go; its status is in the log.
gone() { wait "$1" || echo "$mode: status $?"; }

# children PID: its children.
children() { pgrep -P "$1"; }

# peers NAME [OPTION…]: one with the module and one without, or the one that $peers
# names, once they have the answer.
peers() {
	local name=$1
	shift

	rm -f "$tmp/$mode.$name"
	"$dm_peer" -p "${peers:-all}" "$@" "$server_ip" "$port" "$ask" "$answer" > "$tmp/$mode.$name" \
		2>> "$tmp/peer.err" <&9 &
	dm_pids[$name]=$!
	wait_for dm_there "$name"
}

dm_there() {
	local line

	read -r line < "$tmp/$mode.$1" && [ "$line" = there ]
}

# dm_ends FILE: what is said of each peer, to $got.
dm_ends() {
	local who end

	got=()
	while read -r who end; do
		[ "$who" = there ] || got[$who]=$end
	done < "$1"
}

# ended NAME TEXT: the server has ended them, in mode run with TEXT; the one without
# the module cannot tell the modes apart.
ended() {
	local plain count
	local -A got

	wait "${dm_pids[$1]}"
	cat "$tmp/$mode.$1"
	if [ "$mode" = plain ]; then
		not grep -q '"' "$tmp/plain.$1"
		return
	fi
	dm_ends "$tmp/$mode.$1"
	plain=${got[plain]-}
	count=${plain:-${got[wsp]}}
	count=${count#end }
	[ -z "${got[wsp]-}" ] || same "${got[wsp]}" "end ${count%% *} \"$2\""
	[ -n "$plain" ] || return 0
	[ ! -e "$tmp/plain.$1" ] || dm_ends "$tmp/plain.$1"
	same "$plain" "end ${count%% *}"
	same "$plain" "${got[plain]}"
}

# Whether the servers of $mode are to crash and be killed too: plain ones only where
# everything is asked for.
dies() { [ "$mode" = run ] || [ -n "$dm_all" ]; }

# signals VICTIMS TEXT: what VICTIMS, a command, prints is made to end, in three ways; TEXT
# goes out where it can say something. AGAIN, a command, makes the server ready for the
# next.
signals() {
	local victims=$1 text=$2 again=$3 sig

	for sig in "${stop:-TERM}" SEGV KILL; do
		[ "$sig" = "${stop:-TERM}" ] || dies || continue
		peers "$sig"
		# shellcheck disable=SC2046 # several
		kill "-$sig" $($victims)
		ended "$sig" "$text"
		text="$program killed or crashed"
		$again
	done
}

# process TEXT START…: a server of one process, stopped and started again and again. TEXT
# is what its peers get when it is told to stop.
the_server() { echo "$server"; }

process() {
	local text=$1
	shift

	started=("$@")
	up "$@"
	"$works"
	signals the_server "$text" process_again
	kill -KILL "$server"
	gone "$server"
}

process_again() {
	gone "$server"
	up "${started[@]}"
}

# http PORT: nginx's page. Without curl, which takes seconds to start.
http() {
	local -a lines

	exec 5<> "/dev/tcp/$server_ip/$1"
	printf 'GET / HTTP/1.0\r\n\r\n' >&5
	mapfile -t -u 5 lines
	exec 5>&-
	same "${lines[-1]}" 'hello from nginx'
}

# held NAME FILE PATH: peers in the middle of a download, which stay there.
held() {
	local ask=$'GET '$3$' HTTP/1.0\r\n\r\n' answer='200 OK'

	mkfifo "$tmp/$mode.hold"
	exec 6<> "$tmp/$mode.hold"
	peers "$1" -f "$2" 9<&6
}

# released NAME TEXT: they go on, and get all of it.
released() {
	echo >&6
	exec 6>&-
	ended "$1" "$2"
}

dm_case() {
	local name=$1

	port=$((5000 + 10 * $2))
	tmp=$pl_top/$name
	mkdir "$tmp"
	chmod 755 "$tmp"
	# Nor do crashes leave anything behind.
	ulimit -c 0
	trap 'dm_kill' EXIT
	"t_$name"
}

dm_kill() { jobs -p | xargs -r kill -9 2> /dev/null || true; }

dm_start() {
	# Not under an if, which would switch errexit off in there.
	(set -e; dm_case "$1" "$2") > "$pl_top/$1.log" 2>&1 &
	dm_names[$!]=$1
}

dm_result() {
	local name=$1 status=$2 skip=

	dm_number=$((dm_number + 1))
	if [ "$status" = 0 ]; then
		[ ! -e "$pl_top/$name.skip" ] || skip=" # SKIP $(cat "$pl_top/$name.skip")"
		echo "# $SECONDS s"
		echo "ok $dm_number $name$skip"
		return
	fi
	sed 's/^/# /' "$pl_top/$name.log"
	tail -n 20 "$pl_top/$name"/*.err 2> /dev/null | sed 's/^/# /' || true
	echo "not ok $dm_number $name"
	dm_failed=1
}

# The next one that is ready.
dm_reap() {
	local status=0 pid

	wait -n -p pid "${!dm_names[@]}" || status=$?
	dm_result "${dm_names[$pid]}" "$status"
	unset "dm_names[$pid]"
}

# The module has lost none of the data of all these ends.
dm_losses() {
	local ns

	for ns in client server; do
		nsenter --net=/run/netns/$ns "$ctl" stat -a > "$pl_top/$ns.stat"
		cat "$pl_top/$ns.stat"
		grep -qE '^DiscTruncated +0$' "$pl_top/$ns.stat" || return 1
		grep -qE '^DiscBadMac +0$' "$pl_top/$ns.stat" || return 1
	done
}

# dm_main [--all] [CASE…]: all cases or those named, some at a time: they mostly wait.
dm_main() {
	local -A dm_names=()
	local dm_number=0 dm_failed=0 name i=0 status=0
	local -a names

	dm_all=
	if [ "${1-}" = --all ]; then
		dm_all=1
		shift
	fi
	names=("$@")
	[ $# -gt 0 ] || mapfile -t names < <(declare -F | sed -n 's/^declare -f t_//p')
	pl_top=$(mktemp -d /tmp/preload.XXXXXX)
	chmod 755 "$pl_top"
	mkfifo "$pl_top/pause"
	exec 9<> "$pl_top/pause"
	nsenter --net=/run/netns/server sleep 3600 9>&- &
	dm_ns=$!
	echo "TAP version 13"
	echo "1..$((${#names[@]} + 1))"
	for name in "${names[@]}"; do
		[ "${#dm_names[@]}" -lt 3 ] || dm_reap
		dm_start "$name" $((i++))
	done
	while [ "${#dm_names[@]}" -gt 0 ]; do dm_reap; done
	dm_losses > "$pl_top/losses.log" || status=1
	dm_result losses $status
	kill "$dm_ns"
	return $dm_failed
}
