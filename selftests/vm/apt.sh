# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Debian packages, downloaded and never installed; sourced after common.sh.
# shellcheck disable=SC2154 # vm_cache is common.sh's

# Root's apt would otherwise complain that its own user cannot write here.
apt_opts=(-o "APT::Sandbox::User=$(id -un)")

# The system's lists may be absent or name packages that the mirror has already
# superseded. Only root could refresh those; our own copy serves everybody.
apt_private_lists() {
	local a=$vm_cache/apt

	mkdir -p "$a/lists/partial" "$a/cache/archives/partial"
	apt_opts+=(-o "Dir::State::Lists=$a/lists" -o "Dir::Cache=$a/cache"
		-o "Debug::NoLocking=1")
	[ -n "${1:-}" ] || return 0
	vm_say "refreshing package lists"
	apt-get "${apt_opts[@]}" -q -q update >&2
}

# Newest version of a package, or nothing.
apt_candidate() {
	apt-cache "${apt_opts[@]}" policy "$1" 2>/dev/null |
		awk '$1 == "Candidate:" && $2 != "(none)" { print $2 }'
}

# apt_download DIR PACKAGE…
apt_download() {
	local dir=$1
	shift

	mkdir -p "$dir"
	(cd "$dir" && apt-get "${apt_opts[@]}" -q -q download "$@") >&2
}
