#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Usage: docs_agree.sh [TREE]
#
# Documentation and sources name the same things, both ways: ioctls, flags, sysctls,
# counters, tracepoints, module parameters; the .rst files are clean. Prints KTAP.
set -euo pipefail

tree=${1:-$(cd "$(dirname "$0")/.." && pwd -P)}
cd "$tree"

uapi=include/uapi/linux/wsp.h
sysctls=kmod/wsp_sysctl.c
counters=kmod/wsp_proc.c
outcomes=kmod/wsp_trace.h
events=kmod/trace.h
docs=(README.md Documentation/*.rst)
manual=Documentation/wsp.rst
number=0
failed=0

# report NAME [WHAT_IS_WRONG…]
report()
{
	local name=$1
	shift

	number=$((number + 1))
	if [ $# = 0 ]; then
		echo "ok $number $name"
	else
		failed=$((failed + 1))
		printf '# %s\n' "$@"
		echo "not ok $number $name"
	fi
}

# Words of its input that match, each once.
words() { grep -ohE "$1" "${@:2}" | sort -u; }

# Reads two sorted lists; what the first has and the second has not.
missing()
{
	local -a left

	mapfile -t left < <(comm -23 "$2" "$3")
	[ ${#left[@]} = 0 ] || left=("${left[@]/#/$4: }")
	report "$1" ${left[@]+"${left[@]}"}
}

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# An ioctl, flag, cmsg or cause that users see is one the header defines: a
# macro, or a member of an enum.
{
	sed -nE 's/^#define[[:space:]]+((SOL_)?WSP[A-Z0-9_]*).*/\1/p' "$uapi"
	sed -nE 's/^[[:space:]]+(WSP_[A-Z0-9_]+)( = .*)?,$/\1/p' "$uapi"
} | sort -u > "$tmp/header"
# What tracepoints print is the module's own.
sed -nE 's/^[[:space:]]+(WSP_[A-Z0-9_]+),$/\1/p' "$outcomes" | sort -u > "$tmp/outcomes"
words '\b(SOL_WSP|WSP_[A-Z0-9_]*[A-Z0-9])\b' "${docs[@]}" > "$tmp/docs"
# Variables of the environment share the prefix.
{
	words '\bWSP_[A-Z0-9_]+\b' Makefile selftests/vm/* 2> /dev/null || true
	words '"WSP_[A-Z0-9_]+"' libshim/*.c | tr -d '"'
	grep -rohE '(\$\{?|getenv\(")WSP_[A-Z_]+' selftests libshim/test | sed 's/.*WSP/WSP/'
} > "$tmp/env"
# So do the settings of programs that are run with the preloaded object.
words '"WSP_[A-Z0-9_]+"' libshim/preload/*.c | tr -d '"' > "$tmp/settings"
sort -u "$tmp/header" "$tmp/outcomes" "$tmp/env" "$tmp/settings" > "$tmp/known"
missing "settings are in Documentation/preload.rst" "$tmp/settings" \
	<(words '\bWSP_[A-Z0-9_]+\b' Documentation/preload.rst) "not documented"
missing "documented names are in $uapi" "$tmp/docs" "$tmp/known" "not defined"

# The name of the ULP is written "wsp" in text.
grep -vx WSP_ULP_NAME "$tmp/header" > "$tmp/must"
words '\b(SOL_WSP|WSP_[A-Z0-9_]*[A-Z0-9])\b' "$manual" > "$tmp/manual"
missing "names of $uapi are in $manual" "$tmp/must" "$tmp/manual" "not documented"
missing "names of $outcomes are in $manual" "$tmp/outcomes" "$tmp/manual" "not documented"
sed -nE 's/^[[:space:]]+EMe?\((WSP_(SEND|RECV)_[A-Z0-9_]+)\).*/\1/p' "$events" |
	sort -u > "$tmp/printed"
missing "names of $outcomes are printed" "$tmp/outcomes" "$tmp/printed" "a number in $events"

sed -nE 's/.*\.procname = "([a-z_]+)".*/net.wsp.\1/p' "$sysctls" | sort -u > "$tmp/sysctl"
words 'net\.wsp\.[a-z_]+' "${docs[@]}" > "$tmp/docs"
missing "documented sysctls exist" "$tmp/docs" "$tmp/sysctl" "no such sysctl"
words 'net\.wsp\.[a-z_]+' "$manual" > "$tmp/manual"
missing "sysctls are in $manual" "$tmp/sysctl" "$tmp/manual" "not documented"

# reStructuredText's literals
q=$'\x60\x60'

# both_ways WHAT SOURCE PATTERN STRIP: $tmp/source has the sources' names; PATTERN
# finds those in the documentation, STRIP (sed) takes away what surrounds them.
both_ways()
{
	words "$3" "${docs[@]}" | sed -E "$4" | sort -u > "$tmp/docs"
	missing "documented $1 exist" "$tmp/docs" "$tmp/source" "not in $2"
	words "$3" "$manual" | sed -E "$4" | sort -u > "$tmp/manual"
	missing "$1 are in $manual" "$tmp/source" "$tmp/manual" "not documented"
}

sed -nE 's/.*\[WSP_MIB_[A-Z]+\].*= "([A-Za-z]+)",/\1/p' "$counters" | sort -u > "$tmp/source"
both_ways counters "$counters" \
	"${q}(Opt|Negotiated|Fallback|Disc|Hold|Linger|Clone)[A-Za-z]*$q" "s/$q//g"

sed -nE 's/^TRACE_EVENT\((wsp_[a-z_]+),/\1/p; s/^DEFINE_EVENT[A-Z_]*\([a-z_]+, (wsp_[a-z_]+),/\1/p' \
	"$events" | sort -u > "$tmp/source"
both_ways tracepoints "$events" "${q}wsp:[a-z_]+$q" "s/$q(wsp:)?//g"

sed -nE 's/^module_param[a-z_]*\(([a-z_]+),.*/\1/p' "$sysctls" | sort -u > "$tmp/source"
both_ways "module parameters" "$sysctls" "${q}wsp\.[a-z_]+$q" "s/$q(wsp\.)?//g"
sed -nE 's/^MODULE_PARM_DESC\(([a-z_]+),.*/\1/p' "$sysctls" | sort -u > "$tmp/described"
missing "module parameters have descriptions" "$tmp/source" "$tmp/described" "no MODULE_PARM_DESC"

# The fields of Wireshark's dissector.
sed -nE 's/.*ProtoField\.[a-z0-9]+\("(wsp\.[a-z_.]+)".*/\1/p' Documentation/wireshark/wsp.lua |
	sort -u > "$tmp/source"
{ grep -oE '(^|[^a-z/.])wsp\.[a-z_.]*[a-z_]' Documentation/wire.rst || true; } |
	sed -E 's/^[^a-z]//' | grep -vxE 'wsp\.(lua|pcap|rst)' | sort -u > "$tmp/docs"
missing "fields of wsp.lua are in Documentation/wire.rst" "$tmp/source" "$tmp/docs" "not documented"
missing "documented fields are in wsp.lua" "$tmp/docs" "$tmp/source" "no such field"

# Winsock names in the mapping are ones the library declares.
words '\b(WSA|WSP|wsp_)[A-Za-z0-9]+\(\)|\b(closesocket|ioctlsocket)\(\)' "${docs[@]}" |
	tr -d '()' > "$tmp/docs"
words '\b(WSA[A-Za-z0-9]+|WSP[A-Za-z0-9]+|LPWSP[A-Za-z0-9]+|wsp_[a-z0-9]+|(close|ioctl)socket)\b' \
	include/wsp/*.h | sed 's/^LP//' | sort -u > "$tmp/library"
missing "documented calls are declared in include/wsp" "$tmp/docs" "$tmp/library" "not declared"

# Files and make targets that the text sends the reader to; build/ is made.
sed -E 's,build/[^[:space:]`]*,,g' "${docs[@]}" > "$tmp/text"
words '\b(kmod|libshim|include|selftests|Documentation)/[A-Za-z0-9_./-]*[A-Za-z0-9_]' \
	"$tmp/text" > "$tmp/docs"
while read -r path; do
	[ -e "$path" ] || echo "$path"
done < "$tmp/docs" > "$tmp/absent"
missing "documented files exist" "$tmp/absent" /dev/null "no such file"

sed -nE 's/^([a-z][a-z-]*)( [a-z -]+)?:([^=].*)?$/\1\2/p' Makefile | tr ' ' '\n' |
	sort -u > "$tmp/targets"
words '`make [a-z][a-z-]*|^ {4,}(\$ )?make [a-z][a-z-]*' "${docs[@]}" |
	sed 's/.*make //' | sort -u > "$tmp/docs"
missing "documented make targets exist" "$tmp/docs" "$tmp/targets" "no such target"

# Every C block of the README is a whole piece of a program.
awk -v out="$tmp/block" '/^```c$/ { n++; on = 1; next } /^```$/ { on = 0 }
	on { print > (out n ".c") }' README.md
wrong=()
for block in "$tmp"/block*.c; do
	"${CC:-cc}" -std=gnu11 -fsyntax-only -Wall -Wextra -Werror -Iinclude -Iinclude/uapi \
		"$block" > "$tmp/cc" 2>&1 || mapfile -t -O ${#wrong[@]} wrong < "$tmp/cc"
done
report "README.md's C compiles" ${wrong[@]+"${wrong[@]}"}

if python3 -c 'import docutils' 2> /dev/null; then
	wrong=()
	for doc in Documentation/*.rst; do
		python3 -m docutils --halt=5 --report=1 "$doc" > /dev/null 2> "$tmp/rst" ||
			echo "$doc: docutils failed" >> "$tmp/rst"
		mapfile -t -O ${#wrong[@]} wrong < "$tmp/rst"
	done
	report "the .rst files are clean" ${wrong[@]+"${wrong[@]}"}
else
	number=$((number + 1))
	echo "ok $number the .rst files are clean # SKIP no python3-docutils"
fi

echo "1..$number"
[ $failed = 0 ]
