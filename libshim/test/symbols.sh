#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# symbols.sh LIBRARY MAP: the library exports what the map lists, and no name
# that libc has.
set -euo pipefail

lib=$1
map=$2
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

nm -D --defined-only "$lib" | awk '$2 ~ /[TDBRVW]/ { sub(/@.*/, "", $3); print $3 }' |
	sort -u > "$tmp/exported"
sed -n 's/^\t\t\([A-Za-z_0-9]*\);$/\1/p' "$map" | sort -u > "$tmp/listed"
libc=$(ldd "$lib" | awk '$1 ~ /^libc\.so/ { print $3 }')
nm -D --defined-only "$libc" | awk '{ sub(/@.*/, "", $3); print $3 }' | sort -u > "$tmp/libc"

echo "TAP version 13"
echo "1..4"
status=0
report() {
	if [ "$2" = 0 ]; then
		echo "ok $1 $3"
	else
		echo "not ok $1 $3"
		status=1
	fi
}

rc=0
diff "$tmp/listed" "$tmp/exported" | sed 's/^/# /' > "$tmp/diff"
[ ! -s "$tmp/diff" ] || { cat "$tmp/diff"; rc=1; }
[ -s "$tmp/exported" ] || rc=1
report 1 "$rc" "exports exactly what the map lists"

rc=0
comm -12 "$tmp/exported" "$tmp/libc" | sed 's/^/# /' > "$tmp/clash"
[ ! -s "$tmp/clash" ] || { cat "$tmp/clash"; rc=1; }
grep -qx socket "$tmp/libc" || rc=1
report 2 "$rc" "exports no name of libc"

rc=0
readelf -d "$lib" | grep -q 'SONAME.*\[libwsp\.so\.0\]' || rc=1
report 3 "$rc" "soname is libwsp.so.0"

rc=0
nm -D --defined-only "$lib" | awk '$2 ~ /[TDBRVW]/ && $3 !~ /@@LIBWSP_[0-9]+$/ { print "# " $3 }' \
	> "$tmp/unversioned"
[ ! -s "$tmp/unversioned" ] || { cat "$tmp/unversioned"; rc=1; }
report 4 "$rc" "each export has a version"
exit "$status"
