#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# WSADuplicateSocket() where only a chosen process may look into another, and
# for a user who has no rights beyond that.
set -euo pipefail

cd "$(dirname "$0")/.."
scope=/proc/sys/kernel/yama/ptrace_scope
if [ ! -f $scope ]; then
	echo "1..0 # SKIP no Yama"
	exit 4
fi
old=$(cat $scope)
trap 'echo "$old" > $scope' EXIT
echo 1 > $scope
# The directory may be nobody's business.
cp build/libshim/rel/test/test_dup /tmp/test_dup
nsenter --net=/run/netns/server setpriv --reuid 65534 --clear-groups /tmp/test_dup
