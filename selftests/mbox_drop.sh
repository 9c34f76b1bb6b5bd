#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A box that drops packets for the option they carry.  The sender gives the
# option up at its second retransmission, 2 s (linear timeouts, Linux 6.5 and
# newer) or 3 s after the first try, so a connect takes that long at most.

set -euo pipefail
# shellcheck source=selftests/net_lib.sh
. "$(dirname "$0")/net_lib.sh"

syn='tcp flags & (syn|ack) == syn tcp option 254 exists counter drop'
synack='tcp flags & (syn|ack) == (syn|ack) tcp option 254 exists counter drop'

ktap_plan 9
net_router

net_forward "$syn"
net_peers "SYN with the option dropped: neither side may send" \
	-t 5000 -C fallback -S fallback
ktap_run "the SYN rule was hit" net_hit_all

# The server did see the client's option, and the client did give out a tag.
net_forward "$synack"
net_peers "SYN-ACK with the option dropped: only the server may send" \
	-t 5000 -C fallback -S data
ktap_run "the SYN-ACK rule was hit" net_hit_all

net_forward "$syn" "${synack/counter /}"
net_peers "either with the option dropped: neither side may send" \
	-t 5000 -C fallback -S fallback
ktap_run "the rule for both was hit" net_hit_all
ktap_end
