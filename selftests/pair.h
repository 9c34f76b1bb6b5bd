/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One half of a test between two machines on one wire, eth0.  Both run the
 * same tests in the same order; selftests/vm/pair sets, on each,
 *
 *	PAIR_SIDE	0 or 1: which of the two machines this is
 *	PAIR_CLIENT	the one that connects
 *	PAIR_MODULE	bit 0, bit 1: the machine has the module
 *	PAIR_OFFLOAD	on or off: what the network card does for TCP
 */
#ifndef PAIR_H
#define PAIR_H

#include "reg_io.h"

#include <linux/ethtool.h>
#include <linux/sockios.h>

#define PAIR_PORT	7000

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#endif

struct pair {
	int side;
	bool client;
	bool has_module;
	bool both;	/* have the module */
	bool offload;
	int ctl;	/* a plain connection that lasts for the whole run */
};

static struct pair pair;

static inline int pair_env(const char *name)
{
	const char *val = getenv(name);

	if (!val) {
		fprintf(stderr, "%s is not set: run selftests/vm/pair\n", name);
		exit(2);
	}
	return atoi(val);
}

static inline socklen_t pair_addr(enum reg_family family, int side, int port,
				  struct sockaddr_storage *ss)
{
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)ss;
	struct sockaddr_in *in4 = (struct sockaddr_in *)ss;
	char text[64];

	memset(ss, 0, sizeof(*ss));
	snprintf(text, sizeof(text), family == REG_V4 ? "10.80.0.%d" :
		 family == REG_V6 ? "fd80::%d" : "::ffff:10.80.0.%d", side + 1);
	/* sin_port and sin6_port are at the same place. */
	in4->sin_port = htons(port);
	if (family == REG_V4) {
		in4->sin_family = AF_INET;
		inet_pton(AF_INET, text, &in4->sin_addr);
		return sizeof(*in4);
	}
	in6->sin6_family = AF_INET6;
	inet_pton(AF_INET6, text, &in6->sin6_addr);
	return sizeof(*in6);
}

static inline int pair_listen(enum reg_family family, int port, bool attach)
{
	struct sockaddr_storage ss;
	socklen_t len = pair_addr(family, pair.side, port, &ss);
	int fd = reg_socket(family, 0);

	if (fd < 0)
		return -1;
	reg_setint(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (attach && reg_attach(fd))
		return reg_fail("attach listener");
	if (bind(fd, (struct sockaddr *)&ss, len) || listen(fd, 256))
		return reg_fail("listen");
	return fd;
}

static inline int pair_accept(int listener)
{
	int fd;

	if (!(reg_poll(listener, POLLIN, 2 * REG_SOON_MS) & POLLIN))
		return reg_fail("nobody connects");
	fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	return fd < 0 ? reg_fail("accept") : fd;
}

/* Until the other machine listens there. */
static inline int pair_connect(enum reg_family family, int port, bool attach)
{
	struct sockaddr_storage ss;
	socklen_t len = pair_addr(family, !pair.side, port, &ss);
	long end = reg_ms() + 2 * REG_SOON_MS;
	int fd;

	do {
		fd = reg_socket(family, 0);
		if (fd < 0)
			return -1;
		if (attach && reg_attach(fd))
			return reg_fail("attach client");
		if (!connect(fd, (struct sockaddr *)&ss, len))
			return fd;
		close(fd);
		reg_tick();
	} while ((errno == ECONNREFUSED || errno == EHOSTUNREACH ||
		  errno == ETIMEDOUT) && reg_ms() < end);
	return reg_fail("connect");
}

/* One connection; this machine's end of it. */
static inline int pair_open(enum reg_family family, int port)
{
	int listener, fd;

	if (pair.client)
		return pair_connect(family, port, pair.has_module);
	listener = pair_listen(family, port, pair.has_module);
	if (listener < 0)
		return -1;
	fd = pair_accept(listener);
	close(listener);
	return fd;
}

/*
 * Something different for each connection and known to both of its ends, of
 * which what the client and what the server sends is made.  -1 once closed.
 */
static inline int pair_number(int fd)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);

	if (pair.client ? getsockname(fd, (struct sockaddr *)&ss, &len) :
			  getpeername(fd, (struct sockaddr *)&ss, &len))
		return reg_fail("the client's port");
	return ntohs(((struct sockaddr_in *)&ss)->sin_port);
}

static inline int pair_ethtool(void *cmd)
{
	struct ifreq ifr = { .ifr_name = "eth0", .ifr_data = cmd };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int ret = ioctl(fd, SIOCETHTOOL, &ifr);

	close(fd);
	return ret;
}

static inline int pair_set_offload(bool on)
{
	static const struct { __u32 get, set; } what[] = {
		{ ETHTOOL_GTXCSUM, ETHTOOL_STXCSUM },
		{ ETHTOOL_GRXCSUM, ETHTOOL_SRXCSUM },
		{ ETHTOOL_GSG, ETHTOOL_SSG },
		{ ETHTOOL_GTSO, ETHTOOL_STSO },
		{ ETHTOOL_GGSO, ETHTOOL_SGSO },
		{ ETHTOOL_GGRO, ETHTOOL_SGRO },
	};
	struct ethtool_value val;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(what); i++) {
		val = (struct ethtool_value){ .cmd = what[i].set, .data = on };
		if (pair_ethtool(&val))
			return reg_fail("ethtool");
	}
	/* Some depend on others: what counts is what came of it. */
	for (i = 0; i < ARRAY_SIZE(what); i++) {
		val = (struct ethtool_value){ .cmd = what[i].get };
		if (pair_ethtool(&val) || !!val.data != on) {
			errno = ENOTSUP;
			return reg_fail("offload");
		}
	}
	return 0;
}

/* How many large packets the card has cut to segments, or -1. */
static inline long pair_tso_count(void)
{
	struct {
		struct ethtool_sset_info info;
		__u32 count;
	} sset = {
		.info.cmd = ETHTOOL_GSSET_INFO,
		.info.sset_mask = 1ULL << ETH_SS_STATS,
	};
	struct ethtool_gstrings *names;
	struct ethtool_stats *stats;
	long found = -1;
	__u32 i, n;

	if (pair_ethtool(&sset))
		return reg_fail("ethtool");
	n = sset.count;
	names = calloc(1, sizeof(*names) + n * ETH_GSTRING_LEN);
	stats = calloc(1, sizeof(*stats) + n * sizeof(stats->data[0]));
	names->cmd = ETHTOOL_GSTRINGS;
	names->string_set = ETH_SS_STATS;
	names->len = n;
	stats->cmd = ETHTOOL_GSTATS;
	stats->n_stats = n;
	if (!pair_ethtool(names) && !pair_ethtool(stats))
		for (i = 0; i < n; i++)
			if (!strcmp((char *)names->data + i * ETH_GSTRING_LEN,
				    "tx_tcp_seg_good"))
				found = stats->data[i];
	free(names);
	free(stats);
	return found;
}

static inline bool pair_carrier(void)
{
	char c = 0;
	int fd = open("/sys/class/net/eth0/carrier", O_RDONLY | O_CLOEXEC);
	bool up = fd >= 0 && read(fd, &c, 1) == 1 && c == '1';

	close(fd);
	return up;
}

/* The harness runs each test in a child, which must find all this made. */
__attribute__((constructor))
static void pair_begin(void)
{
	long end = reg_ms() + 2 * REG_SOON_MS;
	int modules = pair_env("PAIR_MODULE");

	/* The harness sets its own for each test. */
	alarm(90);
	pair.side = pair_env("PAIR_SIDE");
	pair.client = pair_env("PAIR_CLIENT") == pair.side;
	pair.has_module = modules & 1 << pair.side;
	pair.both = modules == 3;
	pair.offload = pair_env("PAIR_OFFLOAD");
	if (pair_set_offload(pair.offload))
		exit(1);
	/* Checksum offload restarts the card. */
	while (!pair_carrier() && reg_ms() < end)
		reg_tick();
	pair.ctl = -1;
	if (pair.client) {
		pair.ctl = pair_connect(REG_V4, PAIR_PORT, false);
	} else {
		int listener = pair_listen(REG_V4, PAIR_PORT, false);

		if (listener >= 0)
			pair.ctl = pair_accept(listener);
		close(listener);
	}
	if (pair.ctl < 0)
		exit(1);
}

/*
 * The machine goes soon after this, and with it what it would have to send
 * again: not before the other says that it has everything.
 */
__attribute__((destructor))
static void pair_end(void)
{
	char c;

	shutdown(pair.ctl, SHUT_WR);
	while (reg_poll(pair.ctl, POLLIN, 2 * REG_SOON_MS) &&
	       recv(pair.ctl, &c, 1, MSG_DONTWAIT) > 0)
		;
}

#endif /* PAIR_H */
