# SPDX-License-Identifier: GPL-2.0
# Reads guest-tests' output and reports: one line per test, and what a failing
# case printed. Variables: label in front of each line; out, the file for
# "passed failed skipped"; seen, the file for the names of finished tests.
#
# Beside its cases a test as a whole can fail: it died, ran out of time, gave a
# bad status or fewer results than it planned, or the kernel complained.

function reset() {
	ok = bad = skip = planned = plans = bailed = 0
	lines = 0
	report = ""
}

function keep(line) {
	block[++lines] = line
}

# The last lines before a result are what the case printed.
function dump(	i) {
	for (i = lines > 60 ? lines - 59 : 1; i <= lines; i++)
		report = report "    " block[i] "\n"
	lines = 0
}

function fail(why) {
	bad++
	report = report "    not ok - " why "\n"
}

function field(key,	i, a) {
	for (i = 4; i <= NF; i++)
		if (split($i, a, "=") == 2 && a[1] == key)
			return a[2]
	return 0
}

function whole(rc, splat) {
	if (rc == 124 || rc == 137)
		fail("timeout")
	else if (rc > 128)
		fail("killed by signal " rc - 128)
	else if (bailed)
		fail("bailed out")
	else if (rc != 0 && rc != 4 && !bad)
		fail("exit status " rc)
	else if (!plans)
		fail("no test plan")
	else if (ok + bad + skip != planned &&
		 !(planned == 0 && skip == 1))
		fail("planned " planned " results, gave " ok + bad + skip)
	if (splat)
		fail("the kernel log has a splat")
}

function finish(	text) {
	if (bad)
		dump()
	text = sprintf("%d passed", ok)
	if (bad)
		text = text sprintf(", %d FAILED", bad)
	if (skip)
		text = text sprintf(", %d skipped", skip)
	printf "%-6s %-24s %s  (%.1f s)\n", label, name, text, ms / 1000
	printf "%s", report
	fflush()
	passed += ok
	failed += bad
	skipped += skip
	if (seen != "")
		print name >> seen
	name = ""
}

BEGIN { reset() }

{ sub(/\r$/, "") }

/^@@ begin / {
	reset()
	name = $3
	next
}

/^@@ end / && $3 == name {
	ms = field("ms")
	whole(field("rc"), field("splat"))
	finish()
	next
}

/^1\.\.[0-9]+/ {
	plans++
	planned += substr($1, 4)
	if ($1 == "1..0")
		skip++
	next
}

# An expected failure is no success, so it is counted with the skipped.
/^(not )?ok .*# *(SKIP|XFAIL|TODO)/ {
	skip++
	lines = 0
	next
}

/^ok( |$)/ {
	ok++
	lines = 0
	next
}

/^not ok( |$)/ {
	bad++
	keep($0)
	dump()
	next
}

/^Bail out!/ { bailed = 1 }

{ keep($0) }

END {
	if (name != "") {
		fail("the machine ended during this test")
		finish()
	}
	if (out != "")
		print passed + 0, failed + 0, skipped + 0 > out
}
