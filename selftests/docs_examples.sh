#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Usage: docs_examples.sh [--update] [TREE]
#
# Every block of C in the documentation is the marked part of a file that is compiled
# and run. The line in front of the block names both; blank lines may stand between.
# --update writes the parts into the documentation. Prints KTAP.
#
#	README.md, *.rst	<!-- example: FILE REGION -->	```c … ```
#				.. example: FILE REGION		::
#	Documentation/man	.\" example: FILE REGION	.Bd -literal … .Ed
#
# REGION is what stands between lines "region: REGION" and "endregion" in comments,
# "struct NAME" or "enum NAME" a definition, "all" a file without its SPDX line.
set -euo pipefail

update=
[ "${1:-}" != --update ] || { update=1; shift; }
cd "${1:-$(dirname "$0")/..}"
docs=(README.md Documentation/*.rst Documentation/man/*.[1-8])
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# part FILE REGION…
part()
{
	[ -f "$1" ] || return 0
	awk -v region="${*:2}" '
	function keep(line) { if (line ~ /[^ \t]/ || n) text[++n] = line }
	BEGIN { defined = region ~ /^(struct|enum) /; all = region == "all" }
	all { if (!/SPDX-License-Identifier/) keep($0); next }
	defined && $0 == region " {" { on = 1 }
	on && !defined && /endregion/ { on = 0 }
	on { keep($0) }
	on && defined && /^};/ { on = 0 }
	!defined && match($0, /region: [a-z0-9_-]+/) &&
		substr($0, RSTART + 8, RLENGTH - 8) == region { on = 1 }
	END {
		while (n && text[n] !~ /[^ \t]/)
			n--
		for (i = 1; i <= n; i++)
			print text[i]
	}' "$1"
}

# Reads a document; prints it with its blocks as $tmp/part-FILE-REGION has them, and to
# $tmp/wrong what is wrong.
render()
{
	awk -v doc="$1" -v dir="$tmp" -v wrong="$tmp/wrong" '
	function say(what) { print doc ":" NR ": " what > wrong }
	function escaped(line) {
		gsub(/\\/, "\\e", line)
		return line ~ /^[.\x27]/ ? "\\&" line : line
	}
	function insert(indent, man,	file, line) {
		file = part
		gsub(/[^A-Za-z0-9_.]/, "-", file)
		file = dir "/part-" file
		if ((getline line < file) <= 0) {
			say("no such part: " part)
			return
		}
		do
			print man ? escaped(line) : line == "" ? "" : indent line
		while ((getline line < file) > 0)
		close(file)
	}
	man && /^\.Ed/ || fence && /^```/ { skip = man = fence = 0 }
	rst && /^[^ ]/ { skip = rst = 0; print "" }
	skip { next }
	{ print }
	match($0, /(<!--|^\.\.|^\.\\") example: /) {
		part = substr($0, RSTART + RLENGTH)
		sub(/ *-->$/, "", part)
		next
	}
	/^```c$/ { begin = fence = 1 }
	/^::$/ && part != "" { begin = rst = 1; print "" }
	/^    [^ ].*[)}\]];$/ && doc ~ /rst$/ { say("C that is of no example") }
	/^\.Bd -literal/ && (doc ~ /\.[2357]$/ || part != "") { begin = man = 1 }
	begin && part == "" { say("a block of C that is of no example"); begin = man = rst = fence = 0 }
	begin { insert(rst ? "    " : "", man); skip = 1; begin = 0; part = "" }
	/[^ \t]/ && part != "" { say("no block for " part); part = "" }
	END { if (part != "") say("no block for " part) }
	' "$1"
}

number=0
failed=0
: > "$tmp/wrong"
for doc in "${docs[@]}"; do
	while read -r file region; do
		name=${file//[^A-Za-z0-9_.]/-}-${region//[^A-Za-z0-9_.]/-}
		part "$file" "$region" > "$tmp/part-$name"
	done < <(sed -nE 's/^(<!--|\.\.|\.\\") example: (.*[^ ])( *-->)?$/\2/p' "$doc" |
		sed 's/ *-->$//')
	: > "$tmp/wrong"
	render "$doc" > "$tmp/new"
	if [ -n "$update" ] && [ ! -s "$tmp/wrong" ]; then
		cmp -s "$tmp/new" "$doc" || cp "$tmp/new" "$doc"
	fi
	number=$((number + 1))
	diff -u --label "$doc" --label "as in its examples" "$doc" "$tmp/new" >> "$tmp/wrong" ||
		true
	if [ -s "$tmp/wrong" ]; then
		failed=$((failed + 1))
		sed 's/^/# /' "$tmp/wrong"
		echo "not ok $number $doc has its examples from files that are compiled"
	else
		echo "ok $number $doc has its examples from files that are compiled"
	fi
done
echo "1..$number"
[ "$failed" = 0 ] || echo "# selftests/docs_examples.sh --update writes them"
[ "$failed" = 0 ]
