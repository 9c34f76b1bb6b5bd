# SPDX-License-Identifier: GPL-2.0
# The module for Debian's kernels, the library, the tests and the demo.
# Everything built goes to build/.

KERNELS := 6.12 6.1
BUILD := $(CURDIR)/build
VM := selftests/vm
PREFIX ?= /usr/local
SHELL := /bin/bash

# For the scripts.
export K T N SEED TIME QUICK

.DEFAULT_GOAL := help
MAKEFLAGS += --jobs=$(shell nproc)
# Scripts that call make again are not of this one's jobs.
script := env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL
.DELETE_ON_ERROR:

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-12s %s\n", $$1, $$2 }' \
		$(firstword $(MAKEFILE_LIST))

.PHONY: all
all: kmod lib selftests ## module, library and tests

.PHONY: deps
deps: ## install the Debian packages that all this needs, or say which
	@$(VM)/deps

.PHONY: tools
tools: deps
	@$(VM)/kernel tools > /dev/null

.PHONY: kmod
ifeq ($(KDIR),)
kmod: $(KERNELS:%=kmod-%) ## the module, for Debian's 6.1 and 6.12, or KDIR=kernel tree

kmod-%: deps
	@set -e; out=$$($(VM)/kernel $*); \
	$(MAKE) --no-print-directory -C kmod BUILD=$(BUILD)/kmod-$* W=1 C=0 \
		KDIR=$$(sed -n 's/^HEADERS=//p' <<< "$$out")
else
kmod:
	@$(MAKE) --no-print-directory -C kmod BUILD=$(BUILD)/kmod W=1 C=0 \
		KDIR=$(abspath $(KDIR))
endif

.PHONY: lib
lib: deps ## libwsp, libwsp-preload.so, wsp-run, wspctl
	@$(MAKE) --no-print-directory -C libshim all

.PHONY: selftests
selftests: lib tools ## the tests' programs
	@$(MAKE) --no-print-directory -C libshim vm-tests
	@$(MAKE) --no-print-directory -C selftests

.PHONY: demo
demo: kmod lib ## show the product in a virtual machine; K=6.1 for the older kernel
	@$(script) selftests/demo/run

.PHONY: fuzz
fuzz: kmod selftests ## random operations on both kernels; N=1000000 or TIME=600, SEED=1 K=6.12
	@$(script) selftests/fuzz/run

.PHONY: fuzz-lib
fuzz-lib: ## random input for the parsers of library and module; TIME=600 SEED=1
	@$(VM)/deps --fuzz
	@$(script) $(MAKE) --no-print-directory -s -C selftests/fuzz/lib -j$(shell nproc) fuzz

.PHONY: test
test: all ## all tests on both kernels; T=REGEX some of them, K=6.12 one kernel
	@$(script) $(VM)/suite

.PHONY: bench
bench: kmod lib tools ## measure what sockets and the library cost; K=6.1: on the older kernel, QUICK=1: roughly
	@$(script) selftests/bench/run

.PHONY: bench-docs
bench-docs: ## put what make bench has measured into the documentation
	@$(script) selftests/bench/to-docs

.PHONY: check-debug
check-debug: selftests kmod-debug-$(or $(K),6.12) ## all that on a debug kernel (K=6.1: an older one), KUnit, leaks
	@$(script) $(VM)/check-debug $(or $(K),6.12)

.PHONY: check-kcsan
check-kcsan: selftests kmod-kcsan-$(or $(K),6.12) ## tests that race on a kernel that looks for data races
	@$(script) $(VM)/check-debug --races $(or $(K),6.12)

.PHONY: check-daemons
check-daemons: all ## real servers in every way; K=6.12 one kernel
	@$(script) $(VM)/check-daemons $(or $(K),$(KERNELS))

.PHONY: coverage
coverage: deps ## which lines of module and library the tests reach
	@$(script) $(VM)/coverage $(K)

.PHONY: lint
lint: ## everything that finds mistakes without running: checkpatch to clang-tidy
	@$(VM)/deps --lint
	@$(script) $(VM)/lint $(KERNELS)

.PHONY: install
install: lib ## library, tools, manual pages and headers to $(DESTDIR)$(PREFIX)
	@$(MAKE) --no-print-directory -C libshim install

.PHONY: install-kmod
install-kmod: deps ## the module for KDIR, this machine's kernel by default, loaded at boot
	@$(MAKE) --no-print-directory -C kmod install BUILD=$(BUILD)/kmod-install \
		$(if $(KDIR),KDIR=$(abspath $(KDIR)))

.PHONY: install-dkms
install-dkms: ## the module's sources for DKMS, loaded at boot
	@$(MAKE) --no-print-directory -C kmod install-dkms

.PHONY: deb
deb: ## Debian packages in build/deb, checked by lintian
	@$(VM)/deps --deb
	@.debian/build

.PHONY: check-deb
check-deb: deb ## install, upgrade and purge them in a new Debian, booted in a virtual machine
	@$(script) selftests/deb/check

.PHONY: clean
clean: ## remove build/
	rm -rf build
