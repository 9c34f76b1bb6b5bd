# SPDX-License-Identifier: LGPL-2.1-or-later
# Manual pages; included from libshim/Makefile.

man_pages := $(wildcard $(here)/../Documentation/man/*.[1-8])

.PHONY: install-man

install: install-man

install-man:
	for page in $(man_pages); do \
		install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/man/man$${page##*.} "$$page" || exit; \
	done
