# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Which accelerator qemu is to use; sourced after common.sh.
# shellcheck disable=SC2034,SC2154 # accel is for those that source it, vm_* common.sh's

# vm_accel KERNEL: kvm or tcg in $accel.
# A processor that claims virtualisation may still not grant it to us.
vm_accel() {
	local kernel=$1 stamp

	accel=${WSP_ACCEL:-}
	case $accel in
	kvm|tcg)	return ;;
	?*)		vm_die "WSP_ACCEL=$accel: neither kvm nor tcg" ;;
	esac
	accel=tcg
	grep -qwE 'vmx|svm' /proc/cpuinfo && [ -w /dev/kvm ] || return 0
	stamp=$vm_build/kvm-$(cat /proc/sys/kernel/random/boot_id)
	if [ ! -f "$stamp" ]; then
		if WSP_ACCEL=kvm "$vm_dir/run" --kernel "$kernel" --timeout 30 \
			--no-module --no-netns -- true > /dev/null 2>&1; then
			echo kvm > "$stamp"
		else
			echo tcg > "$stamp"
		fi
	fi
	accel=$(cat "$stamp")
}
