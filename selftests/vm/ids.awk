# SPDX-License-Identifier: GPL-2.0
# Reads the list of ids, then logs; see ids. Variables: kernels; where, set
# between the files: "host" or a kernel.

# After the table.
function say(text) {
	said[++nsaid] = text
}

function bad(text) {
	say(text)
	failed = 1
}

function missing(id, place) {
	bad(id " was covered, and no test on " place " showed it")
	lost[id]
}

BEGIN {
	nkernels = split(kernels, kernel)
}

# The list.
where == "" {
	sub(/#.*/, "")
	if (!NF)
		next
	if ($1 in want)
		bad($1 " is listed twice")
	if ($1 !~ /^[A-Z][A-Z]-[0-9]+$/ || $2 !~ /^(vm|host|none)$/ || ($2 == "none") != (NF > 2))
		bad("cannot read: " $0)
	order[++n] = $1
	want[$1] = $2
	why[$1] = $0
	sub(/^[^ \t]+[ \t]+none[ \t]+/, "", why[$1])
	next
}

{ sub(/\r$/, "") }

# A log. The name is what follows the fixture and its variant.
/^ok [0-9]+ / && !/# *(SKIP|XFAIL|TODO)/ {
	name = $3
	sub(/.*\./, "", name)
	while (match(name, /^[A-Z][A-Z]_[0-9]+(_|$)/)) {
		id = substr(name, 1, RLENGTH)
		name = substr(name, RLENGTH + 1)
		sub(/_$/, "", id)
		sub(/_/, "-", id)
		seen[id, where]++
		if (!(id in want))
			stray[id] = $3
	}
}

function row(first, i) {
	line = sprintf("%-6s %-8s %6d", first, want[first], seen[first, "host"])
	for (i = 1; i <= nkernels; i++)
		line = line sprintf(" %6d", seen[first, kernel[i]])
	if (want[first] == "none")
		line = line "  " why[first]
	print line
}

END {
	line = sprintf("%-6s %-8s %6s", "id", "covered", "host")
	for (i = 1; i <= nkernels; i++)
		line = line sprintf(" %6s", kernel[i])
	print line "  tests that passed"
	for (k = 1; k <= n; k++) {
		id = order[k]
		row(id)
		count[want[id]]++
		if (want[id] == "host" && !seen[id, "host"])
			missing(id, "this machine")
		for (i = 1; want[id] == "vm" && i <= nkernels; i++)
			if (!seen[id, kernel[i]])
				missing(id, kernel[i])
		for (i = 1; want[id] == "none" && i <= nkernels; i++)
			if (seen[id, kernel[i]])
				say(id " is shown on " kernel[i] ", the list says none")
	}
	for (id in stray)
		bad(stray[id] " names " id ", which is not in the list")
	for (i = 1; i <= nsaid; i++)
		print "ids: " said[i]
	for (id in lost)
		nlost++
	printf "ids: %d covered, %d lost, %d not covered\n",
		count["vm"] + count["host"] - nlost, nlost, count["none"]
	exit failed
}
