# SPDX-License-Identifier: LGPL-2.1-or-later
# libwsp-preload.so; included from libshim/Makefile.

preload_src := $(notdir $(wildcard $(here)/preload/*.c))
preload_obj := $(patsubst %.c,$(obj)/preload/%.o,$(preload_src))

lib: $(lib)/libwsp-preload.so

$(obj)/preload/%.o: $(here)/preload/%.c
	@mkdir -p $(@D)
	$(CC) $(BASE) $(CFLAGS) -c -o $@ $<

# Calls among its own functions must not come back through the hooks of others.
$(lib)/libwsp-preload.so: $(preload_obj) $(here)/preload/preload.map
	@mkdir -p $(@D)
	$(CC) -shared -Wl,-z,defs -Wl,-z,now -Wl,-soname,libwsp-preload.so \
		-Wl,--version-script,$(here)/preload/preload.map $(LDFLAGS) -o $@ $(preload_obj)

-include $(wildcard $(obj)/preload/*.d)
