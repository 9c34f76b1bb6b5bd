// SPDX-License-Identifier: GPL-2.0
/*
 * A socket is in a BPF sockmap or attached, never both: each way round the
 * second one gets an error and the first one goes on working.
 */
#define _GNU_SOURCE
#include "kselftest_harness.h"
#include "reg_io.h"

#include <linux/bpf.h>
#include <sys/syscall.h>

FIXTURE(map) {
	struct reg_conf conf;
	int fd[2];
	int map;
};

FIXTURE_VARIANT(map) {
	enum reg_family family;
	int type;
};

FIXTURE_VARIANT_ADD(map, v4_sockmap) {
	.family = REG_V4,
	.type = BPF_MAP_TYPE_SOCKMAP,
};

FIXTURE_VARIANT_ADD(map, v6_sockmap) {
	.family = REG_V6,
	.type = BPF_MAP_TYPE_SOCKMAP,
};

FIXTURE_VARIANT_ADD(map, v4_sockhash) {
	.family = REG_V4,
	.type = BPF_MAP_TYPE_SOCKHASH,
};

FIXTURE_VARIANT_ADD(map, v6_sockhash) {
	.family = REG_V6,
	.type = BPF_MAP_TYPE_SOCKHASH,
};

static int map_create(int type)
{
	union bpf_attr attr = {
		.map_type = type,
		.key_size = 4,
		.value_size = 4,
		.max_entries = 8,
	};

	return syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr));
}

/* 0 or an errno value. */
static int map_add(int map, int fd)
{
	__u32 key = 1, value = fd;
	union bpf_attr attr = {
		.map_fd = map,
		.key = (uintptr_t)&key,
		.value = (uintptr_t)&value,
	};

	return syscall(SYS_bpf, BPF_MAP_UPDATE_ELEM, &attr, sizeof(attr)) ?
	       errno : 0;
}

static int map_remove(int map)
{
	__u32 key = 1;
	union bpf_attr attr = { .map_fd = map, .key = (uintptr_t)&key };

	return syscall(SYS_bpf, BPF_MAP_DELETE_ELEM, &attr, sizeof(attr)) ?
	       errno : 0;
}

FIXTURE_SETUP(map)
{
	self->conf = (struct reg_conf) {
		.family = variant->family,
		.attach = REG_BOTH,
	};
	self->map = map_create(variant->type);
	if (self->map < 0)
		SKIP(return, "no sockmap here");
	ASSERT_EQ(0, reg_ns_lo());
}

FIXTURE_TEARDOWN(map)
{
}

TEST_F(map, adding_an_attached_socket_is_einval)
{
	int listener = reg_listen(&self->conf), i;

	EXPECT_EQ(EINVAL, map_add(self->map, listener));
	self->fd[0] = reg_client(&self->conf);
	/* Not connected, a plain one would be refused as well. */
	EXPECT_EQ(EOPNOTSUPP, map_add(self->map, self->fd[0]));
	self->fd[1] = reg_join(&self->conf, listener, self->fd[0]);
	ASSERT_LE(0, self->fd[1]);
	for (i = 0; i < 2; i++)
		EXPECT_EQ(EINVAL, map_add(self->map, self->fd[i]));
	/* Nothing of it is in there. */
	EXPECT_NE(0, map_remove(self->map));
	EXPECT_EQ(0, reg_exchange_both(self->fd, REG_DATA));
}

TEST_F(map, attaching_a_listener_in_the_map_is_eopnotsupp)
{
	struct reg_conf plain = self->conf;
	int listener;

	plain.attach = REG_CLIENT;
	listener = reg_listen(&plain);
	ASSERT_EQ(0, map_add(self->map, listener));
	EXPECT_EQ(-1, reg_attach(listener));
	EXPECT_EQ(EOPNOTSUPP, errno);
	self->fd[0] = reg_client(&plain);
	self->fd[1] = reg_join(&plain, listener, self->fd[0]);
	ASSERT_LE(0, self->fd[1]);
	EXPECT_EQ(WSP_FALLBACK_NO_OPTION, reg_info_fallback(self->fd[0]));
	EXPECT_EQ(0, reg_exchange_both(self->fd, REG_FALLBACK));
}

TEST_F(map, attaching_a_connected_socket_in_the_map_is_eisconn)
{
	struct reg_conf plain = self->conf;
	int i;

	plain.attach = REG_NEITHER;
	ASSERT_EQ(0, reg_pair(&plain, self->fd));
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, map_add(self->map, self->fd[i]));
		EXPECT_EQ(-1, reg_attach(self->fd[i]));
		EXPECT_EQ(EISCONN, errno);
	}
	EXPECT_EQ(0, reg_exchange_both(self->fd, REG_FALLBACK));
}

TEST_F(map, taken_out_of_the_map_a_listener_can_be_attached)
{
	struct reg_conf plain = self->conf;
	int listener;

	plain.attach = REG_CLIENT;
	listener = reg_listen(&plain);
	ASSERT_EQ(0, map_add(self->map, listener));
	ASSERT_EQ(0, map_remove(self->map));
	ASSERT_EQ(0, reg_attach(listener));
	EXPECT_EQ(EINVAL, map_add(self->map, listener));
	self->fd[0] = reg_client(&plain);
	self->fd[1] = reg_join(&plain, listener, self->fd[0]);
	EXPECT_EQ(0, reg_exchange_both(self->fd, REG_DATA));
}

/* The plain peer of an attached socket may be redirected, spliced, anything. */
TEST_F(map, the_plain_peer_may_be_in_a_map)
{
	struct reg_conf plain = self->conf;

	plain.attach = REG_SERVER;
	ASSERT_EQ(0, reg_pair(&plain, self->fd));
	ASSERT_EQ(0, map_add(self->map, self->fd[0]));
	EXPECT_EQ(WSP_FALLBACK_NO_OPTION, reg_info_fallback(self->fd[1]));
	EXPECT_EQ(0, reg_exchange_both(self->fd, REG_FALLBACK));
}

TEST_HARNESS_MAIN
