# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Paths and messages shared by the scripts in this directory; sourced.
# shellcheck disable=SC2034 # for those that source it

vm_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
vm_top=$(cd "$vm_dir/../.." && pwd -P)
vm_cache=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/wsp
vm_build=$vm_top/build/vm

# Each script names itself in $vm_self.
vm_say() { printf '%s: %s\n' "${vm_self:-vm}" "$*" >&2; }
vm_die() { vm_say "$*"; exit 1; }

# The leading comment block of a script is its manual.
vm_usage() {
	awk 'NR > 2 && /^#/ { sub(/^# ?/, ""); print; next } NR > 2 { exit }' "$1"
}

# What counts as a splat in a kernel log. Every pattern is a prefix or phrase
# that the kernel prints only for a defect; plain words such as "warning",
# "lockdep" or "leak" also occur in harmless boot lines. Two that look missing
# are meant to be: clocksource "timekeeping watchdog" complaints, which an
# emulated CPU provokes, and "loading out-of-tree module taints kernel".
vm_splat='BUG:|kernel BUG at|WARNING:|KASAN:|KCSAN:|KFENCE:|KMSAN:|UBSAN:'
vm_splat+='|possible (recursive|circular|irq lock inversion|unsafe locking)'
vm_splat+='|INFO: possible|suspicious RCU|inconsistent lock state'
vm_splat+='|refcount_t:|Oops[: ]|general protection fault'
vm_splat+='|[Uu]nable to handle|soft lockup|hard LOCKUP|blocked for more than'
vm_splat+='|rcu.*(stall|self-detected)|Kernel panic|Call Trace:|invalid opcode'
vm_splat+='|double fault|new suspected memory leak|memory leak|leaked '
vm_splat+='|unregister_netdevice: waiting for|Bad page|list_(add|del) corruption'
vm_splat+='|scheduling while atomic|sleeping function called|Out of memory:'
vm_splat+='|Attempt to release alive'

# A kernel log from stdin, without what is not to be looked at for splats.
vm_log() { awk -f "$vm_dir/races.awk"; }
