# SPDX-License-Identifier: LGPL-2.1-or-later
# wsp-run; included from libshim/Makefile.

bin := $(BUILD)/bin
run_obj := $(patsubst $(here)/run/%.c,$(obj)/run/%.o,$(wildcard $(here)/run/*.c))
run_conf := $(obj)/preload/conf.o $(obj)/preload/conf_file.o
completion := $(DESTDIR)$(PREFIX)/share/bash-completion/completions

.PHONY: check-run install-run

lib: $(bin)/wsp-run
check: check-run
install: install-run

$(obj)/run/%.o: $(here)/run/%.c
	@mkdir -p $(@D)
	$(CC) $(BASE) $(CFLAGS) -DWSP_VERSION='"$(VERSION)"' -c -o $@ $<

$(bin)/wsp-run: $(run_obj) $(run_conf)
	@mkdir -p $(@D)
	$(CC) -pie $(LDFLAGS) -o $@ $^

check-run: $(bin)/wsp-run $(lib)/libwsp-preload.so
	@echo "# wsp-run"; timeout 300 $(here)/run/test/run.sh $(BUILD)

install-run: $(bin)/wsp-run
	install -d $(DESTDIR)$(PREFIX)/bin $(completion)
	install -m 755 $< $(DESTDIR)$(PREFIX)/bin/
	install -m 644 $(here)/run/completion/wsp-run $(completion)/

-include $(wildcard $(obj)/run/*.d)
