# SPDX-License-Identifier: LGPL-2.1-or-later
# wspctl; included from libshim/Makefile.

ctl_obj := $(patsubst $(here)/ctl/%.c,$(obj)/ctl/%.o,$(wildcard $(here)/ctl/*.c))

.PHONY: check-ctl install-ctl

lib: $(bin)/wspctl
check: check-ctl
install: install-ctl

$(obj)/ctl/%.o: $(here)/ctl/%.c
	@mkdir -p $(@D)
	$(CC) $(BASE) $(CFLAGS) -DWSP_VERSION='"$(VERSION)"' -c -o $@ $<

$(bin)/wspctl: $(ctl_obj) $(obj)/preload/text.o
	@mkdir -p $(@D)
	$(CC) -pie $(LDFLAGS) -o $@ $^

check-ctl: $(bin)/wspctl
	@echo "# wspctl"; timeout 300 $(here)/ctl/test/ctl.sh $(BUILD)

install-ctl: $(bin)/wspctl
	install -d $(DESTDIR)$(PREFIX)/sbin $(completion)
	install -m 755 $< $(DESTDIR)$(PREFIX)/sbin/
	install -m 644 $(here)/ctl/completion/wspctl $(completion)/

-include $(wildcard $(obj)/ctl/*.d)
