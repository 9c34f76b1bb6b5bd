#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Usage: returns.sh MAP HEADER…	each function the library exports has a comment
#				that tells what it returns
set -euo pipefail

map=$1
shift
# Comments of functions with "Return:", or of those that return nothing.
told=$(awk '
	/^\/\*\*/		{ name = ""; told = 0; inside = 1 }
	inside && /^ \* [A-Za-z_0-9]+\(\) - / && name == "" {
		name = $2; sub(/\(.*/, "", name)
	}
	inside && /^ \* Return: ./	{ told = 1 }
	/^ \*\//		{ inside = 0; ended = 1; next }
	ended && NF && name != ""	{ if (told || /^void /) print name; ended = 0 }
' "$@" | sort -u)
exported=$(sed -n 's/^\t\t\([A-Za-z_0-9]*\);$/\1/p' "$map" | sort -u)
silent=$(printf '%s\n' "$exported" | grep -vxF "$told" || true)

echo "TAP version 13"
echo "1..1"
if [ -n "$exported" ] && [ -z "$silent" ]; then
	echo "ok 1 each exported function's comment tells what it returns"
else
	printf '# no comment with Return: %s\n' "${silent:-in a map without names}"
	echo "not ok 1 each exported function's comment tells what it returns"
	exit 1
fi
