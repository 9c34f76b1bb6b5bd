# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Tools of the lint that read C or text without building it; sourced by lint.
# shellcheck disable=SC2154 # vm_top and tools are the others'

# Rules about things that this module has none of (clocks, devices, the device
# tree, PCI, interrupts), one that wants min() for ?: and takes longer than all others.
cocci_not='bq27xxx|clk_put|device_|devm_|ifnulldev|iounmap|irqf_|minmax|of_table|pci_|platform_'
cocci_not+='|pm_runtime|put_device|resource_size|for_each_child'
# Those that hold for any C.
cocci_user='badty|boolconv|cond_no_effect|doublebitand|doubleinit|doubletest|excluded_middle'
cocci_user+='|flexible_array|ifcol|noderef|orplus|returnvar|semicolon|swap|uninitialized_var'

cocci_rules() {
	grep -rlw 'virtual report' "$tools/scripts/coccinelle" | sort
}

# lint_cocci_run RULE FILE…
lint_cocci_run() {
	# Its remarks on the rule itself go the same way as its findings.
	spatch -D report --very-quiet --no-show-diff --no-includes --include-headers \
		--sp-file "$@" 2>&1 | grep -vE '^warning: |OCaml compiler found'
}
export -f lint_cocci_run

# lint_cocci_all FILE…; the rules are read.
lint_cocci_all() {
	local out

	out=$(xargs -P "$(nproc)" -I '{}' bash -c 'lint_cocci_run "$@"' - '{}' "$@" || true)
	[ -z "$out" ] || { printf '%s\n' "$out"; return 1; }
}

lint_coccinelle() {
	local rc=0 defect=selftests/vm/splat/splat.c
	local -a kernel user

	mapfile -t kernel < <(lint_files 'kmod/*.[ch]' 'kmod/**/*.[ch]' | sort -u |
		grep -v ^kmod/compat/probes/)
	mapfile -t user < <(lint_shipped)
	cocci_rules | grep -vE "/($cocci_not)[^/]*$" | lint_cocci_all "${kernel[@]}" || rc=1
	cocci_rules | grep -E "/($cocci_user)\.cocci$" | lint_cocci_all "${user[@]}" || rc=1
	# Made to use what it freed.
	if ! lint_cocci_run "$tools/scripts/coccinelle/free/kfree.cocci" "$defect" |
		grep -q 'preceded by free'; then
		echo "coccinelle does not find the defect of $defect"
		rc=1
	fi
	return "$rc"
}

# The library's and the programs' sources.
lint_shipped() {
	lint_files 'libshim/*.c' | grep -v '/test/'
}

# lint_tidy_run [FLAG…]; the files are read. A path through a function may be a
# tenth of the usual length, for a tenth of the time; that lost none of the findings.
lint_tidy_run() {
	# shellcheck disable=SC2016 # for that shell
	xargs -P "$(nproc)" -n 8 sh -c 'flags=$1; shift; clang-tidy --quiet "$@" -- \
		-std=gnu11 -D_GNU_SOURCE "-DWSP_VERSION=\"\"" $flags \
		-Iinclude -Iinclude/uapi -Ilibshim \
		-Xclang -analyzer-config -Xclang max-nodes=30000 2>&1' - "$*" |
		grep -vE '^[0-9]*$| warnings? generated\.$' || true
}

lint_tidy() {
	local out

	# The preloaded object defines what others call.
	out=$(lint_shipped | grep -v /preload/ | lint_tidy_run -isystem selftests/vm/tidy
		lint_shipped | grep /preload/ | lint_tidy_run)
	[ -z "$out" ] || { printf '%s\n' "$out"; return 1; }
}

# Not the tests, whose harness's macros it does not take apart.
lint_cppcheck() {
	local -a files

	mapfile -t files < <(lint_files 'libshim/*.c' 'selftests/*.c' |
		grep -vE '^selftests/(vm|ports)/' | xargs -d '\n' grep -L '^TEST')
	cppcheck -q -j "$(nproc)" --error-exitcode=1 --std=c11 --template=gcc \
		--enable=warning,performance,portability \
		--suppressions-list=selftests/vm/cppcheck.supp --max-configs=2 \
		-D__linux__ -D__x86_64__ -D__GNUC__=12 \
		-Iinclude -Iinclude/uapi -Ilibshim -Iselftests "${files[@]}" 2>&1
}

# Manual pages begin with requests of two letters, Winsock's names are given, and
# a shell completes what is there of a word.
lint_spelling() {
	local -a files

	mapfile -t files < <(lint_files . | grep -vE '^LICENSES/|/fuzz/lib/corpus/')
	codespell --ignore-words-list=fo,inout,nd,parm,stati,tolen "${files[@]}"
}

lint_kernel_doc() {
	local out
	local -a public files

	mapfile -t public < <(lint_files 'kmod/*.[ch]' 'include/*.h' | sort -u)
	mapfile -t files < <(lint_files 'libshim/*.[ch]' 'selftests/*.[ch]' | sort -u)
	out=$("$tools/scripts/kernel-doc" -none -Wreturn "${public[@]}" 2>&1
		"$tools/scripts/kernel-doc" -none "${files[@]}" 2>&1)
	[ -z "$out" ] || { printf '%s\n' "$out"; return 1; }
}
