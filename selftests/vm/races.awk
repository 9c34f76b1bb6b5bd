# SPDX-License-Identifier: GPL-2.0
# Passes a kernel log on, without those of KCSAN's reports in which neither access
# was the module's own: the rest of the kernel has races of its own.
# all=1: only the first line of each report, of whosever, and a mark at ours.

function frame(line) {
	sub(/^\[[^]]*\] */, "", line)
	sub(/^ +/, "", line)
	return line
}

function finish() {
	if (all)
		print (ours ? "wsp: " : "core: ") title
	else if (ours)
		printf "%s", report
	inside = ours = access = 0
	report = ""
}

{ sub(/\r$/, "") }

# In a test's own output it stands again, behind "# ".
/BUG: KCSAN: / && !(all && /^#/) {
	inside = 1
	title = $0
	sub(/.*BUG: KCSAN: /, "", title)
}

inside {
	report = report $0 "\n"
	# Both stacks begin behind such a line.
	if (/ (to|of) .*(bytes? by |by (task|interrupt))|race at unknown origin/)
		access = 1
	else if (access && /\+0x[0-9a-f]+\/0x[0-9a-f]+/) {
		# These are called for us.
		if (frame($0) !~ /^(__)?(mem(cpy|set|move|cmp)|copy_|_copy|kcsan_|__tsan_)/) {
			if (/\[(wsp|splat)\]/)
				ours = 1
			access = 0
		}
	}
	if (/==================/)
		finish()
	next
}

!all { print }

END {
	if (inside)
		finish()
}
