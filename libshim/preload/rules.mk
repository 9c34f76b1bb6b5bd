# SPDX-License-Identifier: LGPL-2.1-or-later
# libwsp-preload.so; included from libshim/Makefile.

preload_src := $(notdir $(wildcard $(here)/preload/*.c))
preload_obj := $(patsubst %.c,$(obj)/preload/%.o,$(preload_src))
# Without hooks, to be tested.
preload_parts := $(patsubst %,$(here)/preload/%.c,conf conf_file expand table text)

.PHONY: check-preload check-preload-asan install-preload

lib: $(lib)/libwsp-preload.so
check: check-preload
check-asan: check-preload-asan
install: install-preload

$(obj)/preload/%.o: $(here)/preload/%.c
	@mkdir -p $(@D)
	$(CC) $(BASE) $(CFLAGS) -c -o $@ $<

# All names are bound at the start: looking one up takes a lock.
$(lib)/libwsp-preload.so: $(preload_obj) $(here)/preload/preload.map
	@mkdir -p $(@D)
	$(CC) -shared -Wl,-z,defs -Wl,-z,now -Wl,-soname,libwsp-preload.so \
		-Wl,--version-script,$(here)/preload/preload.map $(LDFLAGS) -o $@ $(preload_obj)

$(obj)/%/preload-test_conf: $(here)/preload/test/test_conf.c $(preload_parts) \
		$(wildcard $(here)/preload/*.h)
	@mkdir -p $(@D)
	$(CC) $(filter-out -MMD -MP,$(BASE)) -Wno-missing-prototypes -Wno-unused \
		-I$(here)/preload -isystem $(KSFT_INC) $(CFLAGS) $($*_flags) -o $@ $(filter %.c,$^)

check-preload: $(obj)/rel/preload-test_conf
	@echo "# rel/preload-test_conf"; timeout 300 $<

check-preload-asan: $(obj)/asan/preload-test_conf
	@echo "# asan/preload-test_conf"; timeout 300 $<

install-preload: $(lib)/libwsp-preload.so
	install -d $(DESTDIR)$(PRELOADDIR) $(DESTDIR)$(SYSCONFDIR)/wsp
	install -m 755 $< $(DESTDIR)$(PRELOADDIR)/
	test -e $(DESTDIR)$(SYSCONFDIR)/wsp/preload.conf || \
		install -m 644 $(here)/preload/preload.conf $(DESTDIR)$(SYSCONFDIR)/wsp/

-include $(wildcard $(obj)/preload/*.d)
