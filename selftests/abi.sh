#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Usage: abi.sh [--update] LIBRARY
#
# The interfaces that programs are compiled against are those of the last release, or
# more: libwsp.so's functions and types (abidiff against selftests/abi/libwsp.xml),
# the numbers and structures of <linux/wsp.h> (selftests/abi/uapi). --update records
# what there is now; Documentation/abi.rst says when. Prints KTAP.
set -euo pipefail

update=
[ "${1:-}" != --update ] || { update=1; shift; }
lib=$(realpath "$1")
cd "$(dirname "$0")/.."
uapi=include/uapi/linux/wsp.h
reference=selftests/abi
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
number=0
failed=0

# report STATUS NAME: what there is to say is in $tmp/log.
report()
{
	number=$((number + 1))
	sed 's/^/# /' "$tmp/log"
	if [ "$1" = 0 ]; then
		echo "ok $number $2"
	else
		failed=1
		echo "not ok $number $2"
	fi
}

# Without what depends on the place it was built in, and one line for a function or type.
library_interface()
{
	abidw --no-corpus-path --no-comp-dir-path --no-show-locs --no-parameter-names \
		--no-write-default-sizes --no-elf-needed --drop-undefined-syms \
		--exported-interfaces-only --drop-private-types --headers-dir include/wsp "$lib" |
		perl -0pe "s{\\n\\s*(?=<(?:parameter|return|data-member|var-decl|subrange)\\b|</(?:function|data|class|array|union))}{}g;
			s{^ +}{}mg; s{='type-id-}{='t}g; s{ path='[^']*/}{ path='}g;
			s{ mangled-name='[^']*'}{}g;
			s{ visibility='default'}{}g"
}

# "NAME value" of all macros and enumerators.
uapi_numbers()
{
	{
		sed -nE 's/^#define[[:space:]]+((SOL_)?WSP[A-Z0-9_]*)[[:space:]].*/\1/p' "$uapi"
		sed -nE 's/^[[:space:]]+(WSP_[A-Z0-9_]+)( = .*)?,$/\1/p' "$uapi"
	} | grep -v '^WSP_ULP_NAME$\|^WSP_DIAG_MAX$' > "$tmp/names"
	{
		printf '#include <stdio.h>\n#include <linux/wsp.h>\n\nint main(void)\n{\n'
		sed 's/.*/\tprintf("& %#llx\\n", (unsigned long long)&);/' "$tmp/names"
		printf '\tputs("WSP_ULP_NAME " WSP_ULP_NAME);\n\treturn 0;\n}\n'
	} > "$tmp/numbers.c"
	"${CC:-cc}" -Iinclude/uapi -o "$tmp/numbers" "$tmp/numbers.c"
	"$tmp/numbers"
}

# "struct NAME size" and "struct NAME.FIELD type offset size"; $@: for the compiler.
uapi_structures()
{
	local name

	sed -nE 's/^struct (wsp_[a-z_]+) \{$/\1/p' "$uapi" > "$tmp/structs"
	{
		echo '#include <linux/wsp.h>'
		sed 's/.*/struct & the_&;/' "$tmp/structs"
	} > "$tmp/structs.c"
	"${CC:-cc}" "$@" -g -c -Iinclude/uapi -isystem "/usr/include/$("${CC:-cc}" -print-multiarch)" \
		-o "$tmp/structs.o" "$tmp/structs.c"
	while read -r name; do
		pahole -C "$name" "$tmp/structs.o" | awk -v name="$name" '
		/\/\* size: / { sub(/,.*/, "", $0); print "struct", name, $3 }
		/; +\/\* +[0-9]+ +[0-9]+ \*\// {
			type = $1
			sub(/;.*/, "", $2)
			print "struct " name "." $2, type, $(NF - 2), $(NF - 1)
		}'
	done < "$tmp/structs"
}

if [ -n "$update" ]; then
	{
		library_interface
		echo "<!-- SPDX-License-Identifier: LGPL-2.1-or-later -->"
	} > "$reference/libwsp.xml"
	{
		echo "# SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note"
		uapi_numbers
		uapi_structures
	} > "$reference/uapi"
	wc -l "$reference"/*
	exit
fi

# Its status does not tell additions from changed types.
rc=0
abidiff --harmless "$reference/libwsp.xml" "$lib" > "$tmp/log" || rc=$?
[ "$rc" != 4 ] || ! grep -q '^Functions changes summary: 0 Removed, 0 Changed,' "$tmp/log" || rc=0
report "$rc" "libwsp.so has the interface of $reference/libwsp.xml"

# What is reserved may become a field; all else stays.
{ uapi_numbers; uapi_structures; } | sort > "$tmp/now"
grep -v '^#' "$reference/uapi" | sort > "$tmp/then"
comm -13 "$tmp/then" "$tmp/now" | sed 's/^/new: /' > "$tmp/log"
comm -23 "$tmp/then" "$tmp/now" | grep -v '\.reserved' | sed 's/^/gone: /' > "$tmp/gone" || true
cat "$tmp/gone" >> "$tmp/log"
report "$([ ! -s "$tmp/gone" ]; echo $?)" "<linux/wsp.h> has all of $reference/uapi"

uapi_structures > "$tmp/64"
uapi_structures -m32 -ffreestanding > "$tmp/32"
rc=0
diff "$tmp/64" "$tmp/32" > "$tmp/log" || rc=1
[ -s "$tmp/64" ] || rc=1
report "$rc" "structures are the same for 32-bit programs"

echo "1..$number"
[ "$failed" = 0 ] || echo "# selftests/abi.sh --update records a change that Documentation/abi.rst allows"
exit "$failed"
