#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# run.sh BUILD: wsp-run without the module: what it runs, refuses and writes.
# shellcheck disable=SC2016 # other shells expand those
set -euo pipefail

build=$1
run=$build/bin/wsp-run
lib=$build/lib/libwsp-preload.so
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
chmod 755 "$tmp"
unset LD_PRELOAD "${!WSP_@}"
# shellcheck source=libshim/test/tap.sh
. "$(dirname "$0")/../../test/tap.sh"

# $1 times PATTERN $2 in what CMD prints.
counts() {
	local want=$1 pattern=$2 out
	shift 2

	out=$("$@" 2>&1 < /dev/null) || true
	echo "$out"
	[ "$(grep -cE "$pattern" <<< "$out")" = "$want" ]
}

sockets='import socket
a, b = socket.socket(), socket.socket()
a.bind(("127.0.0.1", 0)); a.listen(); b.connect(a.getsockname())
c, _ = a.accept(); c.sendall(b"x"); d = c.dup(); c.close(); d.close()
assert b.recv(9) == b"x" and b.recv(9) == b""
print("works")'

as_nobody() { setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }

programs() {
	local c='int main(void) { return 0; }'

	gcc -x c -o "$tmp/plain" - <<< "$c"
	gcc -static -nostdlib -ffreestanding -x c -o "$tmp/static" - \
		<<< 'void _start(void) { for (;;); }'
	gcc -x c -o "$tmp/go" - <<< "$c
__asm__(\".section .note.go.buildid,\\\"a\\\",@note; .long 4, 4, 4; .ascii \\\"Go\\\\0\\\\0abcd\\\"; .text\");"
	gcc -Wl,--dynamic-linker=/lib/ld-musl-x86_64.so.1 -x c -o "$tmp/musl" - <<< "$c"
	gcc -m32 -static -nostdlib -ffreestanding -fno-pic -no-pie -x c -o "$tmp/small" - \
		<<< 'void _start(void) { for (;;); }'
	printf '#!%s\n' "$tmp/static" > "$tmp/script"
	printf '#!/usr/bin/env -S A=b bash\necho "script $LD_PRELOAD"\n' > "$tmp/good"
	cp "$tmp/plain" "$tmp/suid"
	cp "$tmp/plain" "$tmp/caps"
	chmod 755 "$tmp"/{plain,static,go,musl,small,script,good,caps}
	if [ "$(id -u)" = 0 ]; then
		chmod 4755 "$tmp/suid"
		python3 -c 'import os, struct, sys
os.setxattr(sys.argv[1], "security.capability",
	    struct.pack("<5I", 0x02000001, 1 << 13, 0, 0, 0))' "$tmp/caps" || rm "$tmp/caps"
	fi
}

service() {
	mkdir -p "$tmp/root/usr/lib/systemd/system" "$tmp/root/etc/systemd/system" "$tmp/root$tmp"
	cp "$tmp/static" "$tmp/plain" "$tmp/root$tmp/"
	printf '[Service]\nExecStart=-%s -x\n' "$tmp/plain" \
		> "$tmp/root/usr/lib/systemd/system/good.service"
	printf '[Service]\nExecStart=%s -x\n' "$tmp/static" \
		> "$tmp/root/usr/lib/systemd/system/static.service"
	printf '[Service]\nEnvironment=LD_PRELOAD=x.so\nExecStart=/bin/true\n' \
		> "$tmp/root/usr/lib/systemd/system/taken@.service"
}

drop_in=$tmp/root/etc/systemd/system/good.service.d/50-wsp.conf
services() { "$run" --root "$tmp/root" "$@"; }

service_text() {
	grep -qxF "Environment=\"LD_PRELOAD=$lib\"" "$drop_in" &&
		grep -qxF 'Environment="WSP_DISCONNECT_DATA=%%n \"%%s\" \\ 100%%%%"' "$drop_in" &&
		grep -qxF 'Environment="WSP_LINGER=5"' "$drop_in" &&
		[ "$(grep -c Environment "$drop_in")" = 3 ] &&
		[ "$(stat -c %a "$drop_in")" = 644 ]
}

gone() { [ ! -e "$1" ]; }

programs
service
printf 'linger = 3\n[python3*]\nclose = often\n' > "$tmp/bad.conf"
printf 'linger = 3\n[nginx]\nlinger = 9\ndisconnect-data = "\\x01%%s"\n' > "$tmp/good.conf"

echo "TAP version 13"
t "--help" says 0 'Usage: wsp-run .*--service' "$run" --help
t "--version" says 0 '^wsp-run [0-9]+\.[0-9]+' "$run" --version
t "no command" says 125 'wsp-run --help' "$run"
t "unknown option" says 125 'wsp-run --help' "$run" --nonsense true
t "exit status is the command's" says 3 '' "$run" -- bash -c 'exit 3'
t "command not found" says 127 'not found' "$run" nonexistent-command
t "not executable" says 127 'ermission|not found' "$run" "$tmp/bad.conf"
t "library first, alone" says 0 "LD=$lib\$" "$run" bash -c 'echo LD=$LD_PRELOAD'
t "library first, before others" says 0 "LD=$lib:/x.so\$" \
	env LD_PRELOAD=/x.so "$run" bash -c 'echo LD=$LD_PRELOAD'
t "library once" says 0 "LD=$lib\$" "$run" "$run" bash -c 'echo LD=$LD_PRELOAD'
t "script through env" says 0 "script $lib" "$run" "$tmp/good"
t "refuses a static program" says 126 'statically linked' "$run" "$tmp/static"
t "refuses a script of one" says 126 'statically linked' "$run" "$tmp/script"
t "refuses Go" says 126 'Go program' "$run" "$tmp/go"
t "refuses another C library" says 126 'another C library' "$run" "$tmp/musl"
t "refuses 32 bit" says 126 'another kind' "$run" "$tmp/small"
if [ "$(id -u)" = 0 ]; then
	# Where others can read it.
	mkdir "$tmp"/{bin,lib}
	cp "$run" "$tmp/bin/"
	cp "$lib" "$tmp/lib/"
	t "refuses setuid" says 126 'is setuid' as_nobody "$tmp/bin/wsp-run" "$tmp/suid"
	t "setuid root as root" says 0 '' "$run" "$tmp/suid"
	[ ! -e "$tmp/caps" ] || t "refuses file capabilities" \
		says 126 'capabilities' as_nobody "$tmp/bin/wsp-run" "$tmp/caps"
fi

if [ ! -d /sys/module/wsp ]; then
	t "--status without the module" says 1 'module +not loaded' "$run" --status
	t "works without the module" says 0 works "$run" python3 -c "$sockets"
	t "one warning without the module" counts 1 'wsp: python3.* not loaded' \
		"$run" python3 -c "$sockets"
fi
t "no warning without sockets" counts 0 'wsp: ' env LD_PRELOAD="$lib" python3 -c pass
t "works where attaching is off" says 0 '^works$' \
	env LD_PRELOAD="$lib" WSP_ATTACH=none python3 -c "$sockets"
t "log in a file" says 0 '^works$' \
	env LD_PRELOAD="$lib" WSP_LOG="$tmp/x.log" python3 -c "$sockets"

t "--check finds the line" says 1 "bad.conf:3: close is" "$run" -c "$tmp/bad.conf" --check
t "nothing runs then" says 125 "bad.conf:3: close is" "$run" -c "$tmp/bad.conf" true
t "nor with a bad option" says 125 "linger is" "$run" -l soon true
t "nor without the file" says 125 "No such file" "$run" -c "$tmp/none.conf" true
t "the library says so once" counts 1 "bad.conf:3: close is.*left as they are" \
	env LD_PRELOAD="$lib" WSP_CONFIG="$tmp/bad.conf" python3 -c "$sockets"
t "--check of a program" says 0 'disconnect-data = "\\x01%s"'$'\n''linger = 9' \
	"$run" -c "$tmp/good.conf" --check /usr/sbin/nginx
t "--check of another" says 0 'linger = 3' "$run" -c "$tmp/good.conf" --check cat
t "options override" says 0 'linger = 4' "$run" -c "$tmp/good.conf" -l 4 --check nginx

t "--service writes a drop-in" says 0 'daemon-reload' \
	services -l 5 -d '%n "%s" \ 100%%' --service good
t "as it should be" service_text
t "--service again" says 0 'wrote' services -l 5 -d '%n "%s" \ 100%%' --service good.service
t "the same" service_text
t "--remove-service" says 0 'removed' services --remove-service good
t "all of it" gone "$(dirname "$drop_in")"
t "nothing to remove" says 125 'not there' services --remove-service good
t "no such unit" says 125 'no unit' services --service none
t "no unit's name" says 125 'no name' services --service ../good
t "unit with a static program" says 125 'statically' services --service static
t "unit with LD_PRELOAD" says 125 'sets LD_PRELOAD' services --service taken@x
mkdir -p "$(dirname "$drop_in")"
echo '[Service]' > "$drop_in"
t "keeps a stranger's file" says 125 'not one of ours' services --service good
t "does not remove it" says 125 'not one of ours' services --remove-service good

offers=$(dirname "$0")/../completion/wsp-run
t "completes options" completes '--service --status' "$offers" _wsp_run wsp-run --s
t "completes values" completes strict "$offers" _wsp_run wsp-run --close s
t "completes files" completes "$tmp/bad.conf" "$offers" _wsp_run wsp-run -c "$tmp/bad"
t "completes commands" completes "$tmp/static" "$offers" _wsp_run wsp-run -l 5 "$tmp/stati"
echo "1..$number"
[ $failed = 0 ]
