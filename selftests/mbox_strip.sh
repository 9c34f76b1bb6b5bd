#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A box that overwrites the option with NOPs.  Each direction depends on one
# option alone: a server that saw the SYN's may send, whatever became of its
# own, since the client knows the tag it gave out.

set -euo pipefail
# shellcheck source=selftests/net_lib.sh
. "$(dirname "$0")/net_lib.sh"

syn='tcp flags & (syn|ack) == syn tcp option 254 exists counter reset tcp option 254'
synack='tcp flags & (syn|ack) == (syn|ack) tcp option 254 exists counter reset tcp option 254'

ktap_plan 9
net_router

net_forward "$syn"
net_peers "stripped from the SYN: neither side may send" -C fallback -S fallback
ktap_run "the SYN rule was hit" net_hit_all

net_forward "$synack"
net_peers "stripped from the SYN-ACK: only the server may send" -C fallback -S data
ktap_run "the SYN-ACK rule was hit" net_hit_all

# Without the option in the SYN the server has none to be stripped.
net_forward "$syn" "${synack/counter /}"
net_peers "stripped from both: neither side may send" -C fallback -S fallback
ktap_run "the rule for both was hit" net_hit_all
ktap_end
