#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Usage: docs_lists.sh [TREE]
#
# What users meet is in a manual page or in Documentation/*.rst, and nothing else is:
# functions with their prototypes, ioctls, options, variables of the environment, keys
# of files, sysctls, counters, tracepoints, options of commands. docs_agree.sh compares
# the wording of the .rst files besides. Prints KTAP.
# shellcheck disable=SC2016 # backquotes are reStructuredText's
set -euo pipefail

cd "${1:-$(dirname "$0")/..}"
man=Documentation/man
calls=("$man"/*.3)
pages=("$man"/*.[1-8])
uapi=include/uapi/linux/wsp.h
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
number=0
failed=0

# agree WHAT: $tmp/is (sources) and $tmp/said (documentation), in any order.
agree()
{
	local wrong

	number=$((number + 1))
	sort "$tmp/is" > "$tmp/is.sorted"
	sort "$tmp/said" > "$tmp/said.sorted"
	wrong=$(comm -3 "$tmp/is.sorted" "$tmp/said.sorted" |
		sed 's/^\t/# not there, or twice in the documentation: /; t; s/^/# not documented: /')
	[ -s "$tmp/is" ] || wrong="# nothing found in the sources"
	if [ -z "$wrong" ]; then
		echo "ok $number $1 ($(wc -l < "$tmp/is"))"
	else
		printf '%s\n' "$wrong"
		echo "not ok $number $1"
		failed=1
	fi
}

# macro NAME FILE…: what stands behind .NAME or .It NAME, each argument on a line.
macro()
{
	sed -nE "s/^\\.(It )?$1 //p" "${@:2}" | sed 's/ \(Ar\|Cm\|Op\|Ns\|Ev\|Fl\)\b.*//' |
		tr -d ',' | tr ' ' '\n' | sed '/^$/d'
}

its() { grep -h "^\\.It $1 " "${@:2}" | macro "$1" /dev/stdin; }

between() { sed -n "/$1/,/$2/p" "$3"; }

# Prototypes: "type name(argument, argument)".
prototypes_in_headers()
{
	sed -e ':a; /\\$/ { N; s/\\\n//; ba }' include/wsp/*.h | sed '/^[[:space:]]*#/d' |
		perl -0pe 's{/\*.*?\*/}{}gs; s{[[:space:]]+}{ }g; s{[;\{\}]}{\n}g' |
		sed -E 's/^ *//; s/ *(__attribute__\(\(noreturn\)\))?$//' |
		grep -E '^[A-Za-z_][A-Za-z_0-9 ]*[ *][A-Za-z_0-9]+\([^()]*\)$' |
		grep -Ev '^(typedef|static|return) ' | sed 's/"C" //'
}

prototypes_in_pages()
{
	awk '
	function arg(	s) { s = $0; sub(/^\.F[ta] /, "", s); gsub(/"/, "", s); return s }
	/^\.Ft / { type = arg() }
	/^\.Fo / { name = $2; args = ""; sep = "" }
	/^\.Fa / && name != "" { args = args sep arg(); sep = ", " }
	/^\.Fc/ {
		print type (type ~ /\*$/ ? "" : " ") name "(" args ")"
		name = ""
	}' "$@"
}

sed -n 's/^\t\t\([A-Za-z_0-9]*\);$/\1/p' libshim/libwsp.map > "$tmp/is"
for page in "${calls[@]}"; do
	sed '/^\.Nd/q' "$page" | sed -nE 's/^\.Nm ([^ ]+).*/\1/p'
done > "$tmp/said"
agree "functions of libwsp.map have their manual page"

prototypes_in_headers | while read -r line; do
	name=${line%%(*}
	name=${name##*[ *]}
	! grep -qx "$name" "$tmp/said" || printf '%s\n' "$line"
done > "$tmp/is"
prototypes_in_pages "${calls[@]}" > "$tmp/said"
agree "prototypes are those of include/wsp"

sed -n 's/^\t\t\([a-z0-9_]*\);$/\1/p' libshim/preload/preload.map | sed 's/fcntl64/fcntl/' |
	sort -u > "$tmp/is"
between '^It hooks' '^$' Documentation/preload.rst | grep -o '``[a-z_0-9]*()``' |
	tr -d '`()' > "$tmp/said"
agree "functions that libwsp-preload.so hooks are in preload.rst"

sed -nE 's/^#define (WSP_[A-Z_]+)[[:space:]]+_IO.*/\1/p' $uapi > "$tmp/is"
between '^\.It Em request' '^\.El' $man/wsp_ioctl.2 | macro Dv /dev/stdin > "$tmp/said"
agree "ioctls head wsp_ioctl(2)"
its Dv $man/wsp.7 | grep -v CMSG > "$tmp/said"
agree "ioctls are in wsp(7)"

# "REQUEST ERRNO" of those that wsp.rst has a table for.
awk 'FNR == NR { want[$1]; next }
	$1 in want && NF == 1 { request = $1 }
	request != "" && /^   E[A-Z]+  / { print request, $1 }' \
	<(echo WSP_DISC_SEND; echo WSP_DISC_ARM; echo WSP_DISC_RECV; echo WSP_LINGER_START) \
	<(sed '/^WSP_INFO_GET$/,/^WSP_LINGER_CHECK$/d' Documentation/wsp.rst) | sort -u > "$tmp/is"
awk '/^\.It Dv WSP_/ { request = $3; on = 0 }
	/^Errors/ { on = 1 }
	on && /^\.Er / { print request, $2 }' "$man/wsp_ioctl.2" |
	grep '^WSP_DISC\|^WSP_LINGER_START' | sort -u > "$tmp/said"
agree "errors are those of wsp.rst"

# Names that only inet_diag's readers meet are in wsp.rst, which docs_agree.sh reads.
{
	sed -nE 's/^#define[[:space:]]+((SOL_)?WSP[A-Z0-9_]*)[[:space:]].*/\1/p' $uapi
	sed -nE 's/^[[:space:]]+(WSP_[A-Z0-9_]+)( = .*)?,$/\1/p' $uapi
} | grep -v '^WSP_DIAG_\|^WSP_ULP_NAME' | sort -u > "$tmp/is"
grep -ohE '\b(SOL_)?WSP(_[A-Z0-9]+)*\b' $man/wsp_ioctl.2 | grep -v '^WSP_IOCTL\|^WSP$' |
	sort -u > "$tmp/said"
agree "names of $uapi are in wsp_ioctl(2)"

sed -nE 's/^#define[[:space:]]+((WS_(SO|TCP|UDP|IP|IPV6|MCAST)|SIO)_[A-Z0-9_]+|WS_(FION|SIOC)[A-Z]+)[[:space:]].*/\1/p' \
	include/wsp/{consts,options,ioctls}.h | grep -v '^WS_IP_PMTUDISC' > "$tmp/is"
its Dv $man/wsp_options.3 > "$tmp/said"
agree "socket options and control codes are in wsp_options(3)"

{
	sed -nE 's/.*getenv\("(WSP_[A-Z_]+)"\).*/\1/p' libshim/*.c libshim/{preload,run,ctl}/*.c
	sed -nE 's/^\t\{ "[a-z-]+", "(WSP_[A-Z_]+)", .*/\1/p' libshim/preload/conf.c
} | sort -u > "$tmp/is"
its Ev "${pages[@]}" | sort -u > "$tmp/said"
agree "variables of the environment are in manual pages"

# Those of the build and the tests.
{
	grep -rohE '\$\{?WSP_[A-Z_]+' selftests | tr -d '\$\{'
	grep -rohE 'getenv\("WSP_[A-Z_]+"' selftests libshim/test | cut -d '"' -f 2
} | sort -u > "$tmp/is"
between '^Variables$' '^The demo$' Documentation/testing.rst |
	grep -o '``WSP_[A-Z_]*``' | tr -d '`' > "$tmp/said"
agree "variables of the tests are in testing.rst"

sed -nE 's/^\t\{ "([a-z-]+)", "WSP_[A-Z_]+", .*/\1/p' libshim/preload/conf.c > "$tmp/is"
its Ic $man/preload.conf.5 > "$tmp/said"
agree "keys are in preload.conf(5)"
grep -oE '^   ``[a-z-]+`` +``WSP_' Documentation/preload.rst | cut -d '`' -f 3 > "$tmp/said"
agree "keys are in preload.rst"

{
	sed -nE 's/^\tCONF_FIELD\("([a-z0-9]+)".*/\1/p' libshim/provconf.c
	grep -oE 'strcmp\((key|line), "[a-z]+"\)' libshim/provconf.c | cut -d '"' -f 2
} | sort -u > "$tmp/is"
its Ic $man/providers.conf.5 > "$tmp/said"
agree "keys are in providers.conf(5)"

sed -nE 's/.*\.procname = "([a-z_]+)".*/\1/p' kmod/wsp_sysctl.c > "$tmp/is"
sed -nE 's,^\.It Pa /proc/sys/net/wsp/,,p' $man/wsp.7 > "$tmp/said"
agree "sysctls are in wsp(7)"

sed -nE 's/.*\[WSP_MIB_[A-Z]+\].*= "([A-Za-z]+)",/\1/p' kmod/wsp_proc.c > "$tmp/is"
between '^Counters$' '^Tracepoints$' Documentation/wsp.rst |
	sed -nE 's/^   ``([A-Za-z]+)``.*/\1/p' > "$tmp/said"
agree "counters are in wsp.rst"

sed -nE 's/^TRACE_EVENT\((wsp_[a-z_]+),/\1/p; s/^DEFINE_EVENT[A-Z_]*\([a-z_]+, (wsp_[a-z_]+),/\1/p' \
	kmod/trace.h > "$tmp/is"
between '^Tracepoints$' '^All have' Documentation/wsp.rst |
	sed -nE 's/^   ``wsp:(wsp_[a-z_]+)``.*/\1/p' > "$tmp/said"
agree "tracepoints are in wsp.rst"

# options SOURCE PAGE: long ones, and the letters of those that have one.
options()
{
	{
		sed -nE 's/^\t\{ "([a-z-]+)", [a-z]+_argument, NULL, .*/-\1/p' "$1"
		sed -nE "s/^\t\{ \"[a-z-]+\", [a-z]+_argument, NULL, '(.)' \}.*/\1/p" "$1"
	} > "$tmp/is"
	grep -h '^\.It Fl ' "$2" | grep -oE 'Fl -?[A-Za-z-]+|, -[a-z-]+' |
		sed -E 's/^(Fl|,) //' > "$tmp/said"
	agree "options of ${1#libshim/} are in ${2##*/}"

	sed -nE 's/^\t\{ "([a-z-]+)", [a-z]+_argument, NULL, .*/--\1/p' "$1" > "$tmp/is"
	grep -v systemctl "$3" | grep -oE -- '--[a-z][a-z-]+' | sort -u > "$tmp/said"
	agree "options of ${1#libshim/} are in its completion"
}
options libshim/run/main.c $man/wsp-run.1 libshim/run/completion/wsp-run
options libshim/ctl/main.c $man/wspctl.8 libshim/ctl/completion/wspctl

sed -nE 's/^\t\{ "([a-z-]+)", ctl_[a-z_]+ \},/\1/p' libshim/ctl/main.c > "$tmp/is"
grep -h '^\.It Cm ' $man/wspctl.8 | cut -d ' ' -f 3 > "$tmp/said"
agree "commands of wspctl are in wspctl(8)"

# Pages lead to pages.
sed -nE 's/^\.Xr ((wsp|preload|providers)[a-z_.-]* [1-8]).*/\1/p' "${pages[@]}" | sort -u > "$tmp/said"
for page in "${pages[@]}"; do
	name=${page##*/}
	echo "${name%.*} ${name##*.}"
done > "$tmp/is"
agree "each page is one that another refers to, and the other way round"

for page in "${pages[@]}" Documentation/*.rst; do
	name=${page##*/}
	case $page in
	*.rst)	echo "$name" ;;
	*)	echo "${name%.*}(${name##*.})" ;;
	esac
done | grep -vx index.rst > "$tmp/is"
grep -v '^ ' Documentation/index.rst | grep -oE '[A-Za-z][A-Za-z_.-]*(\.rst|\([1-8]\))' > "$tmp/said"
agree "index.rst names every page"

# What a page says a call fails with is a code there is.
sed -nE 's/^\.Er ([(] )*(WSA[A-Z_]+).*/\2/p' "${calls[@]}" | sort -u > "$tmp/said"
sed -nE 's/^#define (WSA[A-Z_]+)[[:space:]].*/\1/p' include/wsp/*.h | sort -u |
	comm -12 - "$tmp/said" > "$tmp/is"
agree "error codes in the pages are in include/wsp"

echo "1..$number"
exit "$failed"
