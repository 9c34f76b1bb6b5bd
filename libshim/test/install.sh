#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# install.sh DIR PREFIX: what make install put below DIR is enough to build with.
# shellcheck disable=SC2317 # report calls the functions
set -euo pipefail

dir=$1
prefix=$2
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
export PKG_CONFIG_PATH=$dir$prefix/lib/pkgconfig PKG_CONFIG_SYSROOT_DIR=$dir

cat > "$tmp/prog.c" << 'END'
#include <wsp/wsp.h>

int main(void)
{
	WSADATA data;
	SOCKET s;

	if (WSAStartup(MAKEWORD(2, 2), &data))
		return 1;
	s = wsp_socket(2, 1, 0);
	return s == INVALID_SOCKET || closesocket(s) || WSACleanup();
}
END

# $@: a command; what it says goes to the log of a failure.
report() {
	local number=$1 name=$2
	shift 2

	if "$@" > "$tmp/log" 2>&1; then
		echo "ok $number $name"
	else
		sed 's/^/# /' "$tmp/log"
		echo "not ok $number $name"
		status=1
	fi
}

install_shared() {
	# shellcheck disable=SC2046 # words
	"${CC:-cc}" -o "$tmp/shared" "$tmp/prog.c" $(pkg-config --cflags --libs libwsp) &&
		readelf -d "$tmp/shared" | grep 'NEEDED.*libwsp\.so\.0' &&
		LD_LIBRARY_PATH=$dir$prefix/lib "$tmp/shared"
}

install_static() {
	# shellcheck disable=SC2046
	"${CC:-cc}" -o "$tmp/static" "$tmp/prog.c" -Wl,-Bstatic \
		$(pkg-config --static --cflags --libs libwsp) -Wl,-Bdynamic &&
		! readelf -d "$tmp/static" | grep 'NEEDED.*libwsp' &&
		"$tmp/static"
}

# Each header on its own, in both languages.
install_headers() {
	local header

	for header in "$dir$prefix"/include/wsp/*.h; do
		printf '#include <wsp/%s>\nextern int one;\n' "${header##*/}" > "$tmp/one.c"
		"${CC:-cc}" -std=c11 -Wall -Wextra -Wpedantic -Werror -fsyntax-only \
			-I"$dir$prefix/include" "$tmp/one.c" || return 1
		"${CXX:-c++}" -std=c++17 -Wall -Wextra -Wpedantic -Werror -fsyntax-only \
			-x c++ -I"$dir$prefix/include" "$tmp/one.c" || return 1
	done
}

install_relocated() {
	! grep -rlF "$dir" "$dir$prefix/lib/pkgconfig" "$dir$prefix/include" &&
		grep -qx "prefix=$prefix" "$dir$prefix/lib/pkgconfig/libwsp.pc"
}

# Each call's page, which may be the name of another.
install_pages() {
	local man=$dir$prefix/share/man name page rc=0

	while read -r name; do
		page=$man/man3/$name.3
		if [ -f "$page" ] && read -r so page < "$page" && [ "$so" = .so ]; then
			page=$man/$page
		else
			page=$man/man3/$name.3
		fi
		grep -qx "\.Nm $name\( ,\)\?" "$page" || { echo "no page: $name"; rc=1; }
	done < <(nm -D --defined-only "$dir$prefix/lib/libwsp.so" |
		sed -n 's/.* T \([^@]*\).*/\1/p')
	return "$rc"
}

install_settings() {
	WSP_CONFIG=$dir/etc/wsp/preload.conf "$dir$prefix/bin/wsp-run" --check
}

install_found() {
	"$dir$prefix/bin/wsp-run" -- true || return 1
	mkdir -p "$tmp/bin" "$tmp/lib/wsp"
	cp "$dir$prefix/bin/wsp-run" "$tmp/bin/"
	! "$tmp/bin/wsp-run" -- true || return 1
	cp "$dir$prefix/lib/libwsp-preload.so" "$tmp/lib/wsp/"
	# shellcheck disable=SC2016 # for the other shell
	"$tmp/bin/wsp-run" -- sh -c '[ "$LD_PRELOAD" = "$1" ]' sh "$tmp/lib/wsp/libwsp-preload.so"
}

status=0
echo "TAP version 13"
echo "1..7"
if command -v pkg-config > /dev/null; then
	report 1 "builds with the shared library" install_shared
	report 2 "builds with the static library" install_static
else
	echo "ok 1 builds with the shared library # SKIP no pkg-config"
	echo "ok 2 builds with the static library # SKIP no pkg-config"
fi
report 3 "each header stands on its own" install_headers
report 4 "nothing names the staging directory" install_relocated
report 5 "each call has its manual page" install_pages
report 6 "the settings are there, and without errors" install_settings
report 7 "wsp-run finds its library in lib and in lib/wsp" install_found
exit "$status"
