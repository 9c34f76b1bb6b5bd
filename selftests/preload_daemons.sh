#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0
# Usage: preload_daemons.sh [--all] [CASE…]	(in the guest)
#
# Servers from Debian, plain and under wsp-run: they work as before; a peer with the
# module learns why its connection ended, be it by a stop, a crash or SIGKILL; one
# without it notices nothing; what survives a reload or restart survives it.
#
# Without --all plain servers are not crashed and killed, and what is slow is left out.
set -euo pipefail

# A peer's way to the servers is short from here.
if [ "${DM_NS-}" != client ]; then
	DM_NS=client exec nsenter --net=/run/netns/client "$0" "$@"
fi

# shellcheck source=selftests/preload_lib.sh
. "$(dirname "$0")/preload_lib.sh"

# The machine has none of its own; vm/daemons has fetched them.
# shellcheck source=/dev/null
root=$(. /run/wsp-job/vars && echo "$VM_CACHE/daemons")
[ -d "$root" ] || { echo "Bail out! no $root: selftests/vm/daemons"; exit 1; }
export LD_LIBRARY_PATH=$root/usr/lib/x86_64-linux-gnu:$root/lib/x86_64-linux-gnu
PATH=$root/usr/sbin:$root/usr/bin:/usr/sbin:/usr/bin:/sbin:/bin
unset PYENV_ROOT

for part in lib http store python login systemd; do
	# shellcheck source=/dev/null
	. "$pl_dir/daemons/$part.sh"
done

dm_main "$@"
