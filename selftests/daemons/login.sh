# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# dropbear with its client, and iperf3.
# shellcheck disable=SC2034,SC2154 # lib.sh's variables

dropbear_keys() {
	dropbearkey -t ed25519 -f "$tmp/host" > /dev/null 2>&1
	dropbearkey -t ed25519 -f "$tmp/id" 2> /dev/null | grep ^ssh- > "$tmp/id.pub"
	mkdir -p /root/.ssh
	cp "$tmp/id.pub" /root/.ssh/authorized_keys
	# What the machine's owner has a login shell do takes its time.
	: > /root/.bashrc
	chmod 700 /root /root/.ssh
	chmod 600 /root/.ssh/authorized_keys
}

dropbear_up() { up dropbear -F -E -r "$tmp/host" -p "$port"; }

# The servers of connections, not the one that waits for others.
dropbear_children() { children "$server"; }

# login CMD: with wsp-run on this side too, in mode run.
login() {
	local -a side=()

	[ "$mode" = plain ] || side=("$run" -d '%n %s' --log none --)
	"${side[@]}" dbclient -y -y -i "$tmp/id" -p "$port" root@"$server_ip" "$@"
}

# A session outlives the server that has accepted it, and its restart.
dropbear_restart() {
	local session
	# shellcheck disable=SC2016 # the other shell expands that
	local remote='read -r a; echo "$a"; read -r a; echo "$a"'

	mkfifo "$tmp/$mode.in"
	exec 6<> "$tmp/$mode.in"
	login "$remote" > "$tmp/$mode.out" 2>> "$tmp/login.err" <&6 9>&- &
	session=$!
	echo before >&6
	wait_for grep -qx before "$tmp/$mode.out"
	kill "$server"
	gone "$server"
	dropbear_up
	echo after >&6
	wait "$session"
	exec 6>&-
	same "$(cat "$tmp/$mode.out")" $'before\nafter'
}

t_dropbear() {
	local mode program=dropbear log=$tmp/server.log ask=$'SSH-2.0-x\r\n' answer=ed25519

	dropbear_keys
	for mode in $dm_modes; do
		dropbear_up
		same "$(login 'echo shell; exit' < /dev/null 2>> "$tmp/login.err")" shell
		dropbear_restart
		signals dropbear_children 'dropbear exit status 1' :
		kill "$server"
		gone "$server"
	done
	cat "$log"
	same "$(grep -c 'ended with "dbclient exit status 0"' "$log")" 2
}

iperf3_works() {
	iperf3 -c "$server_ip" -p "$port" -n 1M
	"$run" -d '%s' --log none -- iperf3 -c "$server_ip" -p "$port" -n 1M
}

# It serves one at a time.
t_iperf3() {
	local mode peers program=iperf3 works=iperf3_works
	# A test's name, and then the server asks for its parameters.
	local ask=0123456789abcdefghijklmnopqrstuvwxyz= answer=$'\t'

	for peers in wsp plain; do
		for mode in $dm_modes; do
			process 'iperf3 exit status 1' iperf3 -s -p "$port"
		done
		works=:
	done
}
