# SPDX-License-Identifier: LGPL-2.1-or-later
# Manual pages; included from libshim/Makefile.

man_pages := $(wildcard $(here)/../Documentation/man/*.[1-8])

.PHONY: install-man

install: install-man

# Each name a page describes leads to it, which man(1) follows.
install-man:
	for page in $(man_pages); do \
		section=$${page##*.}; \
		dir=$(DESTDIR)$(PREFIX)/share/man/man$$section; \
		install -D -m 644 -t "$$dir" "$$page" || exit; \
		for name in $$(sed -n '/^\.Nd/q; s/^\.Nm \([^ ]*\).*/\1/p' "$$page"); do \
			[ "$$name.$$section" = "$${page##*/}" ] || \
				echo ".so man$$section/$${page##*/}" > "$$dir/$$name.$$section" || exit; \
		done; \
	done
