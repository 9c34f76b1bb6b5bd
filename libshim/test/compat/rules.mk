# SPDX-License-Identifier: LGPL-2.1-or-later
# Sources from Windows, for test_compat, and the headers' layouts.

compat := $(here)/test/compat
COMPAT := -I$(here)/../include/wsp/compat $(INCLUDES) -Wall -Wextra -Wpedantic -Werror
compat_c := $(filter-out layout,$(basename $(notdir $(wildcard $(compat)/*.c))))
compat_cc := $(basename $(notdir $(wildcard $(compat)/*.cc)))
# The test is linked without C++'s library.
COMPAT_CXX := -std=c++17 -fno-exceptions -fno-rtti

define compat_variant
$(obj)/$(1)/test/compat/%.o: $(compat)/%.c
	@mkdir -p $$(@D)
	$$(CC) -std=c11 $$(COMPAT) -MMD -MP $$(CFLAGS) $$($(1)_flags) -c -o $$@ $$<

$(obj)/$(1)/test/compat/%.o: $(compat)/%.cc
	@mkdir -p $$(@D)
	$$(CXX) $$(COMPAT_CXX) $$(COMPAT) -MMD -MP $$(CFLAGS) $$($(1)_flags) -c -o $$@ $$<

$(obj)/$(1)/test/test_compat: $(patsubst %,$(obj)/$(1)/test/compat/%.o,$(compat_c) $(compat_cc))
endef
$(foreach v,rel asan tsan,$(eval $(call compat_variant,$(v))))

.PHONY: check-compat check-ports
check: check-ports
check-cxx: check-compat
check-compat: $(compat)/layout.c
	$(CC) -std=c11 $(COMPAT) -fsyntax-only $<
	$(CXX) -std=c++17 $(COMPAT) -x c++ -fsyntax-only $<

# They are sources from Windows in earnest.
check-ports:
	$(here)/test/windows.sh $(abspath $(here)/..)

-include $(wildcard $(obj)/*/test/compat/*.d)
