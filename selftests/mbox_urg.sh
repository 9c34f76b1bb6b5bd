#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Boxes that do not let the urgent flag through: cleared or dropped, on every
# segment (the probe on the SYN notices) or on data alone (it cannot).

set -euo pipefail
# shellcheck source=selftests/net_lib.sh
. "$(dirname "$0")/net_lib.sh"

# nft cannot set one bit, so each combination of flags has a rule.
clear=('tcp flags & urg == urg counter tcp urgptr set 0'
	'tcp flags == 0x30 tcp flags set 0x10' 'tcp flags == 0x31 tcp flags set 0x11'
	'tcp flags == 0x38 tcp flags set 0x18' 'tcp flags == 0x39 tcp flags set 0x19')
clear_syn=('tcp flags == 0x22 tcp flags set 0x02'
	'tcp flags == 0xe2 tcp flags set 0xc2')

ktap_plan 15
net_router

net_forward "${clear[@]}" "${clear_syn[@]}"
net_peers "URG cleared everywhere: neither side may send" \
	-C fallback -S fallback
ktap_run "the clearing rule was hit" net_hit_all

net_forward 'tcp flags & (syn|urg) == (syn|urg) accept' "${clear[@]}"
net_peers "URG cleared on data: the tail check finds the record" \
	-C data -S data
ktap_run "the clearing rule was hit by data" net_hit_all

net_sysctl mb_c net.wsp.urg_probe 0
net_forward "${clear[@]}" "${clear_syn[@]}"
net_peers "URG cleared everywhere, no probe: the tail check finds the record" \
	-C data -S data
ktap_run "the clearing rule was hit without a probe" net_hit_all
net_sysctl mb_c net.wsp.urg_probe 1

net_forward 'tcp flags & urg == urg counter drop'
net_peers "URG dropped everywhere: neither side may send" \
	-t 5000 -C fallback -S fallback
ktap_run "the dropping rule was hit" net_hit_all

# Three timeouts of the record come before it goes without URG.
net_forward 'tcp flags & (syn|urg) == urg counter drop'
net_peers "URG dropped on data: the record goes again without" \
	-e 20000 -C data -S data
ktap_run "the dropping rule was hit by data" net_hit_all
ktap_end
