# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Tests of programs, for scripts that source this and have a directory $tmp.
# shellcheck disable=SC2154 # that one

number=0
failed=0

# t NAME CMD…: a test that passes if CMD does.
t() {
	local name=$1
	shift

	number=$((number + 1))
	if "$@" > "$tmp/log" 2>&1; then
		echo "ok $number $name"
	else
		failed=$((failed + 1))
		sed 's/^/# /' "$tmp/log"
		echo "not ok $number $name"
	fi
}

# says STATUS PATTERN CMD…: CMD's exit status, and what it prints.
says() {
	local status=$1 pattern=$2 rc=0 out
	shift 2

	out=$("$@" 2>&1 < /dev/null) || rc=$?
	echo "status $rc: $out"
	[ "$rc" = "$status" ] && [[ $out =~ $pattern ]]
}

# completes WANT FILE FUNCTION WORD…: what bash would offer for the last word.
completes() {
	local want=$1 got
	shift

	# shellcheck disable=SC2016 # the other shell expands those
	got=$(bash -c '. "$1"; COMP_WORDS=("${@:3}"); COMP_CWORD=$(($# - 3)); "$2"
		printf "%s\n" "${COMPREPLY[@]}"' bash "$@" | sort -u | paste -sd " ")
	echo "offers $got"
	[ "$got" = "$want" ]
}
