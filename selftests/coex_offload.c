// SPDX-License-Identifier: GPL-2.0
/*
 * Every combination of checksum, TSO, GSO and GRO on a veth pair, with
 * streams that are long enough to be merged and cut: exact, to the last byte.
 */
#define _GNU_SOURCE
#include "kselftest_harness.h"
#include "reg_io.h"

#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <sys/wait.h>

#define BYE	20

FIXTURE(offload) {
	struct reg_conf conf;
	int fd[2];
};

FIXTURE_VARIANT(offload) {
	enum reg_family family;
};

FIXTURE_VARIANT_ADD(offload, v4) {
	.family = REG_V4,
};

FIXTURE_VARIANT_ADD(offload, v6) {
	.family = REG_V6,
};

FIXTURE_VARIANT_ADD(offload, mapped) {
	.family = REG_MAPPED,
};

FIXTURE_SETUP(offload)
{
	int i;

	self->conf = (struct reg_conf) {
		.family = variant->family,
		.attach = REG_BOTH,
	};
	ASSERT_EQ(0, reg_ns_pair(self->conf.ns, NULL));
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, reg_ns_enter(self->conf.ns[i]));
		ASSERT_EQ(0, reg_sysctl("net/wsp/max_data", "4096"));
	}
}

FIXTURE_TEARDOWN(offload)
{
}

/* In an order in which each can be switched: TSO needs checksums and GSO. */
static const struct {
	__u32 set, get;
} features[] = {
	{ ETHTOOL_STXCSUM, ETHTOOL_GTXCSUM },
	{ ETHTOOL_SGSO, ETHTOOL_GGSO },
	{ ETHTOOL_STSO, ETHTOOL_GTSO },
	{ ETHTOOL_SGRO, ETHTOOL_GGRO },
};

static int offload_ioctl(int fd, __u32 cmd, __u32 *val)
{
	struct ethtool_value ev = { .cmd = cmd, .data = *val };
	struct ifreq ifr = { .ifr_name = "veth0", .ifr_data = (void *)&ev };

	if (ioctl(fd, SIOCETHTOOL, &ifr))
		return reg_fail("SIOCETHTOOL");
	*val = ev.data;
	return 0;
}

/* Bit n of @mask is features[n]; the bits that came out, or -1. */
static int offload_set(int ns, unsigned int mask)
{
	int fd = reg_socket(REG_V4, ns), got = 0;
	unsigned int i;

	for (i = 0; i < 4; i++) {
		__u32 val = !!(mask & 1 << i);

		if (offload_ioctl(fd, features[i].set, &val))
			return -1;
	}
	for (i = 0; i < 4; i++) {
		__u32 val = 0;

		if (offload_ioctl(fd, features[i].get, &val))
			return -1;
		got |= !!val << i;
	}
	close(fd);
	return got;
}

/* One direction: @len bytes, then @bye bytes of disconnect data. */
static int offload_send(int from, int to, size_t len, __u32 bye)
{
	pid_t pid = fork();
	int status;

	if (!pid)
		_exit(reg_send_all(from, len, 1) ||
		      reg_disc_end(from, BYE, bye, REG_DATA) != 1);
	if (reg_drain(to, 1, 0) != (ssize_t)len ||
	    reg_disc_check(to, BYE, bye, true))
		return reg_fail("stream");
	return waitpid(pid, &status, 0) == pid && !status ? 0 : -1;
}

static int offload_exchange(const struct reg_conf *conf, size_t len, __u32 bye)
{
	int fd[2], ret;

	if (reg_pair(conf, fd))
		return -1;
	ret = offload_send(fd[0], fd[1], len, bye) ||
	      offload_send(fd[1], fd[0], len / 2, bye);
	close(fd[0]);
	close(fd[1]);
	return ret ? -1 : 0;
}

TEST_F_TIMEOUT(offload, every_combination, 200)
{
	static const size_t len[] = { 0, 1, 150000 };
	int mask, got, i, seen = 0;

	for (mask = 0; mask < 16; mask++) {
		got = offload_set(self->conf.ns[0], mask);
		ASSERT_LE(0, got);
		/* Some imply others; each has to be seen both on and off. */
		seen |= got | (~got & 15) << 4;
		ASSERT_EQ(got, offload_set(self->conf.ns[1], mask));
		for (i = 0; i < 3; i++)
			ASSERT_EQ(0, offload_exchange(&self->conf, len[i],
						      i ? REG_DISC_LEN : 4096))
				TH_LOG("features %x, %zu bytes", got, len[i]);
	}
	EXPECT_EQ(0xff, seen);
}

/* What one end merges the other has not: nothing needs to be symmetrical. */
TEST_F_TIMEOUT(offload, different_on_each_end, 120)
{
	ASSERT_LE(0, offload_set(self->conf.ns[0], 0));
	ASSERT_EQ(15, offload_set(self->conf.ns[1], 15));
	EXPECT_EQ(0, offload_exchange(&self->conf, 150000, 1024));
	ASSERT_EQ(15, offload_set(self->conf.ns[0], 15));
	ASSERT_LE(0, offload_set(self->conf.ns[1], 0));
	EXPECT_EQ(0, offload_exchange(&self->conf, 150000, 1024));
}

/* Larger than 64 KiB in one buffer, for IPv6 by a jumbo payload option. */
TEST_F_TIMEOUT(offload, big_tcp, 120)
{
	int i;

	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, reg_ns_enter(self->conf.ns[i]));
		if (reg_sh("ip link set veth0 gso_max_size 180000 gro_max_size 180000"))
			SKIP(return, "no BIG TCP here");
		ASSERT_EQ(15, offload_set(self->conf.ns[i], 15));
	}
	EXPECT_EQ(0, offload_exchange(&self->conf, 2000000, 4096));
}

TEST_HARNESS_MAIN
