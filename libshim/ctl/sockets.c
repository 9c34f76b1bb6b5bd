// SPDX-License-Identifier: LGPL-2.1-or-later
/* wspctl sockets: attached sockets, and what the module knows of them. */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "ctl.h"

#define SOCKETS_ADDR	(INET6_ADDRSTRLEN + 10)
#define SOCKETS_LISTEN	10
#define CAP_NET_ADMIN_BIT 12

static const struct sockets_flag {
	uint32_t flag;
	const char *name;	/* in JSON */
} sockets_flags[] = {
	{ WSP_INFO_CONNECTED, "connected" },
	{ WSP_INFO_PEER, "peer" },
	{ WSP_INFO_CAN_SEND, "can_send" },
	{ WSP_INFO_SEND_CLOSED, "send_closed" },
	{ WSP_INFO_RECV_CLOSED, "recv_closed" },
	{ WSP_INFO_RECV_DATA, "recv_data" },
	{ WSP_INFO_PEER_CLOSED, "peer_closed" },
	{ }
};

static void sockets_addr(const struct sockaddr_storage *ss, char *buf)
{
	const struct sockaddr_in6 *in6 = (const void *)ss;
	const struct sockaddr_in *in4 = (const void *)ss;
	char ip[INET6_ADDRSTRLEN] = "?";

	if (ss->ss_family == AF_INET6) {
		inet_ntop(AF_INET6, &in6->sin6_addr, ip, sizeof(ip));
		snprintf(buf, SOCKETS_ADDR, "[%s]:%u", ip, ntohs(in6->sin6_port));
	} else {
		inet_ntop(AF_INET, &in4->sin_addr, ip, sizeof(ip));
		snprintf(buf, SOCKETS_ADDR, "%s:%u", ip, ntohs(in4->sin_port));
	}
}

/* Whether disconnect data can come, go, both; for a listener nothing is known. */
static const char *sockets_support(const struct ctl_sock *s)
{
	uint32_t flags = s->attr[WSP_DIAG_FLAGS];

	if (!(flags & WSP_INFO_CONNECTED))
		return "-";
	if (flags & WSP_INFO_CAN_SEND)
		return "yes";
	return flags & WSP_INFO_PEER ? "recv" : "no";
}

static void sockets_print(const struct ctl_sock *s, const struct ctl_owner *owner)
{
	char local[SOCKETS_ADDR], remote[SOCKETS_ADDR];

	sockets_addr(&s->local, local);
	sockets_addr(&s->remote, remote);
	printf("%-10s %-24s %-24s %-7s %5u %5u %5u %-9s %-9s", ctl_tcp_name(s->state), local,
	       remote, sockets_support(s), s->attr[WSP_DIAG_ARMED_LEN],
	       s->attr[WSP_DIAG_SEND_LEN], s->attr[WSP_DIAG_RECV_LEN],
	       ctl_linger_name(s->attr[WSP_DIAG_LINGER]),
	       ctl_fallback_name(s->attr[WSP_DIAG_FALLBACK]));
	if (owner)
		printf(" %s[%d]", owner->name, owner->pid);
	putchar('\n');
}

static void sockets_json(struct ctl_json *j, const struct ctl_sock *s,
			 const struct ctl_owner *owner)
{
	const struct sockets_flag *f;
	char addr[SOCKETS_ADDR];

	ctl_json_open(j, NULL, '{');
	ctl_json_str(j, "state", ctl_tcp_name(s->state));
	sockets_addr(&s->local, addr);
	ctl_json_str(j, "local", addr);
	sockets_addr(&s->remote, addr);
	ctl_json_str(j, "remote", addr);
	for (f = sockets_flags; f->name; f++)
		ctl_json_bool(j, f->name, s->attr[WSP_DIAG_FLAGS] & f->flag);
	ctl_json_num(j, "armed_len", s->attr[WSP_DIAG_ARMED_LEN]);
	ctl_json_num(j, "send_len", s->attr[WSP_DIAG_SEND_LEN]);
	ctl_json_num(j, "recv_len", s->attr[WSP_DIAG_RECV_LEN]);
	ctl_json_str(j, "linger", ctl_linger_name(s->attr[WSP_DIAG_LINGER]));
	ctl_json_str(j, "fallback", ctl_fallback_name(s->attr[WSP_DIAG_FALLBACK]));
	ctl_json_num(j, "inode", s->inode);
	ctl_json_num(j, "cookie", s->cookie);
	if (owner) {
		ctl_json_num(j, "pid", owner->pid);
		ctl_json_str(j, "program", owner->name);
	}
	ctl_json_close(j, '{');
}

static bool sockets_privileged(void)
{
	FILE *f = fopen("/proc/self/status", "re");
	uint64_t caps = 0;
	char line[128];

	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "CapEff: %" SCNx64, &caps) == 1)
			break;
	}
	if (f)
		fclose(f);
	return caps >> CAP_NET_ADMIN_BIT & 1;
}

static void sockets_all(const struct ctl_options *opt, const struct ctl_socks *socks,
			const struct ctl_owners *owners)
{
	struct ctl_json j = { .f = stdout };

	if (opt->json)
		ctl_json_open(&j, NULL, '[');
	else
		printf("%-10s %-24s %-24s %-7s %5s %5s %5s %-9s %-9s %s\n", "STATE", "LOCAL",
		       "PEER", "SUPPORT", "ARMED", "SENT", "RECV", "LINGER", "FALLBACK", "PROGRAM");
	for (size_t i = 0; i < socks->count; i++) {
		const struct ctl_sock *s = &socks->sock[i];
		const struct ctl_owner *owner = ctl_owner_find(owners, s->inode);

		if (s->state == SOCKETS_LISTEN && !opt->all && !opt->listen)
			continue;
		if (s->state != SOCKETS_LISTEN && opt->listen && !opt->all)
			continue;
		if (opt->json)
			sockets_json(&j, s, owner);
		else
			sockets_print(s, owner);
	}
	if (opt->json)
		ctl_json_close(&j, '[');
}

/**
 * ctl_sockets() - wspctl sockets
 * @opt: options
 * @argc: arguments, none
 * @argv: them
 */
int ctl_sockets(const struct ctl_options *opt, int argc, char **argv)
{
	struct ctl_owners owners;
	struct ctl_socks socks;
	int ret = CTL_FAILED;

	(void)argv;
	if (argc)
		return CTL_USAGE;
	if (!sockets_privileged()) {
		ctl_say("the kernel shows this to those with CAP_NET_ADMIN only");
		return CTL_FAILED;
	}
	ctl_owners_read(&owners);
	if (ctl_diag(&socks)) {
		ctl_say("inet_diag: %s", strerror(errno));
	} else {
		sockets_all(opt, &socks, &owners);
		ret = CTL_OK;
	}
	free(socks.sock);
	free(owners.owner);
	return ret;
}
