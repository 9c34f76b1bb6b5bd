/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Client and server namespaces joined by a wire, and a third that nothing
 * happens in.  All tests of a program share them: they take longest to make.
 */
#ifndef OBS_WIRE_H
#define OBS_WIRE_H

#include "obs_stat.h"

/* Data to the server, sent without the urgent flag by some box. */
#define OBS_CLEAR_DATA						\
	"tcp flags & urg == urg tcp urgptr set 0;"		\
	"tcp flags == 0x30 tcp flags set 0x10;"			\
	"tcp flags == 0x31 tcp flags set 0x11;"			\
	"tcp flags == 0x38 tcp flags set 0x18;"			\
	"tcp flags == 0x39 tcp flags set 0x19;"

static int obs_ns[2], obs_other;
static struct obs_stat obs_none;

__attribute__((constructor))
static void obs_wire(void)
{
	obs_other = reg_ns_new();
	if (obs_other < 0 || obs_read(0, &obs_none) || reg_ns_pair(obs_ns, NULL))
		exit(1);
}

/* What a box before @ns does to the packets that come there. */
static inline int obs_rules(int ns, const char *rules)
{
	if (reg_ns_enter(ns))
		return reg_fail("setns");
	return reg_sh("nft -f - <<-'EOF'\n"
		      "flush ruleset\n"
		      "table inet box {\n"
		      "chain in { type filter hook prerouting priority -300; %s }\n"
		      "}\n"
		      "EOF", rules);
}

static inline int obs_sysctl(int ns, const char *name, const char *val)
{
	return reg_ns_enter(ns) ? reg_fail("setns") : reg_sysctl(name, val);
}

/* As in fresh namespaces. */
static inline int obs_reset(void)
{
	int i;

	for (i = 0; i < 2; i++)
		if (obs_rules(obs_ns[i], "") ||
		    obs_sysctl(obs_ns[i], "net/wsp/enable", "1") ||
		    obs_sysctl(obs_ns[i], "net/wsp/urg_probe", "1") ||
		    obs_sysctl(obs_ns[i], "net/ipv4/tcp_stdurg", "0") ||
		    obs_sysctl(obs_ns[i], "net/ipv4/tcp_syncookies", "1") ||
		    obs_sysctl(obs_ns[i], "net/ipv4/tcp_fastopen", "1"))
			return -1;
	return 0;
}

#endif /* OBS_WIRE_H */
