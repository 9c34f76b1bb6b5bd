#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# windows.sh TREE: sources that claim to come from Windows compile for Windows,
# and the layouts are those of Windows' own headers.  Needs mingw-w64, which
# `selftests/vm/deps --windows` sees to; without it all is skipped.
set -euo pipefail

tree=$1
cc=x86_64-w64-mingw32-gcc-posix
cxx=x86_64-w64-mingw32-g++-posix
# Windows 7's calls.
flags=(-Wall -Wextra -Werror -O1 -D_WIN32_WINNT=0x0601)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
number=0
status=0

# windows_compile NAME COMPILER…
windows_compile()
{
	local name=$1
	shift

	number=$((number + 1))
	if ! command -v "$1" > /dev/null; then
		echo "ok $number $name # SKIP no $1"
	elif "$@" "${flags[@]}" > "$tmp/out" 2>&1; then
		echo "ok $number $name"
	else
		sed 's/^/# /' "$tmp/out"
		echo "not ok $number $name"
		status=1
	fi
}

ports=("$tree"/selftests/ports/*.c)
compat=$tree/libshim/test/compat
echo "TAP version 13"
echo "1..$((${#ports[@]} + 5))"
for f in "${ports[@]}"; do
	name=${f##*/}
	# The provider is a DLL there, which no import library names.
	if grep -q WSPStartup "$f"; then
		windows_compile "windows ${name%.c}" "$cc" -std=gnu11 -c -o "$tmp/o" "$f"
	else
		windows_compile "windows ${name%.c}" "$cc" -std=gnu11 -o "$tmp/exe" "$f" -lws2_32
	fi
done
for name in win sets wide; do
	windows_compile "windows test $name" "$cc" -std=gnu11 -c -o "$tmp/o" "$compat/$name.c"
done
windows_compile "windows layout C11" "$cc" -std=gnu11 -fsyntax-only "$compat/layout.c"
windows_compile "windows layout C++17" "$cxx" -std=gnu++17 -x c++ -fsyntax-only "$compat/layout.c"
exit "$status"
