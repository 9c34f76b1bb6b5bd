// SPDX-License-Identifier: GPL-2.0
/*
 * WSP_DISC_ARM itself: when it may be called, what it refuses, what replaces
 * or discards the data, and what the peer gets then.
 */
#define _GNU_SOURCE
#include "kselftest_harness.h"
#include "arm_lib.h"

#include <linux/sock_diag.h>
#include <sys/mman.h>

FIXTURE(rules) {
	struct reg_conf conf;
	int a;
	int b;
};

FIXTURE_VARIANT(rules) {
	enum reg_family family;
};

FIXTURE_VARIANT_ADD(rules, v4) { REG_V4 };
FIXTURE_VARIANT_ADD(rules, v6) { REG_V6 };
FIXTURE_VARIANT_ADD(rules, mapped) { REG_MAPPED };

FIXTURE_SETUP(rules)
{
	self->conf = (struct reg_conf) {
		.family = variant->family,
		.attach = REG_BOTH,
	};
	self->a = -1;
	self->b = -1;
	ASSERT_EQ(0, reg_ns_lo());
}

FIXTURE_TEARDOWN(rules)
{
	if (self->a >= 0)
		reg_abort(self->a);
	if (self->b >= 0)
		reg_abort(self->b);
}

static int rules_pair(const struct reg_conf *conf, int *a, int *b)
{
	int fd[2];

	if (reg_pair(conf, fd))
		return -1;
	*a = fd[0];
	*b = fd[1];
	return 0;
}

/* Connects the unconnected @a. */
static int rules_join(const struct reg_conf *conf, int a, int *b)
{
	int listener = reg_listen(conf);

	if (listener < 0)
		return -1;
	*b = reg_join(conf, listener, a);
	close(listener);
	return *b < 0 ? -1 : 0;
}

/* Bytes of option memory that the socket is charged for. */
static long rules_charged(int fd)
{
	__u32 mem[SK_MEMINFO_VARS] = { 0 };
	socklen_t len = sizeof(mem);

	if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, mem, &len))
		return -1;
	return mem[SK_MEMINFO_OPTMEM];
}

/* --- when -------------------------------------------------------------- */

TEST_F(rules, before_connect)
{
	self->a = reg_client(&self->conf);
	ASSERT_LE(0, self->a);
	ASSERT_EQ(0, arm(self->a));
	EXPECT_EQ(ARM_LEN, arm_len(self->a));
	ASSERT_EQ(0, rules_join(&self->conf, self->a, &self->b));
	EXPECT_EQ(ARM_LEN, arm_len(self->a));
	ASSERT_EQ(0, shutdown(self->a, SHUT_WR));
	EXPECT_EQ(0, arm_got_it(self->b));
}

TEST_F(rules, while_connecting)
{
	struct wsp_info info;
	int listener;

	self->a = reg_client(&self->conf);
	ASSERT_LE(0, self->a);
	ASSERT_EQ(0, reg_sysctl("net/ipv4/tcp_syn_retries", "2"));
	listener = reg_listen_full(&self->conf, &self->b);
	ASSERT_LE(0, listener);
	ASSERT_EQ(0, reg_nonblock(self->a, true));
	ASSERT_EQ(-1, reg_connect(self->a, &self->conf, reg_port(listener)));
	ASSERT_EQ(EINPROGRESS, errno);
	ASSERT_EQ(TCP_SYN_SENT, reg_tcp_state(self->a));
	EXPECT_EQ(0, arm(self->a));
	EXPECT_EQ(ARM_LEN, arm_len(self->a));
	close(accept(listener, NULL, NULL));
	close(self->b);
	self->b = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	ASSERT_LE(0, self->b);
	ASSERT_TRUE(reg_wait_state(self->a, TCP_ESTABLISHED));
	ASSERT_EQ(0, reg_info(self->a, &info));
	close(self->a);
	self->a = -1;
	/* SYNs that went unanswered may have withdrawn the option. */
	EXPECT_EQ(0, arm_got(self->b, 0, ARM_BYE,
			     info.flags & WSP_INFO_CAN_SEND ? ARM_LEN : 0));
	close(listener);
}

TEST_F(rules, when_connected)
{
	ASSERT_EQ(0, rules_pair(&self->conf, &self->a, &self->b));
	EXPECT_EQ(0, arm_len(self->a));
	ASSERT_EQ(0, arm(self->a));
	EXPECT_EQ(ARM_LEN, arm_len(self->a));
	EXPECT_TRUE(arm_is_quiet(self->b));
	ASSERT_EQ(0, shutdown(self->a, SHUT_WR));
	EXPECT_EQ(0, arm_got_it(self->b));
}

TEST_F(rules, after_an_own_send)
{
	ASSERT_EQ(0, rules_pair(&self->conf, &self->a, &self->b));
	ASSERT_EQ(0, reg_send_all(self->a, 5000, ARM_SEED));
	ASSERT_EQ(0, arm(self->a));
	ASSERT_EQ(0, shutdown(self->a, SHUT_WR));
	EXPECT_EQ(0, arm_got(self->b, 5000, ARM_BYE, ARM_LEN));
}

TEST_F(rules, before_an_own_send)
{
	ASSERT_EQ(0, rules_pair(&self->conf, &self->a, &self->b));
	ASSERT_EQ(0, arm(self->a));
	ASSERT_EQ(0, reg_send_all(self->a, 5000, ARM_SEED));
	ASSERT_EQ(0, shutdown(self->a, SHUT_WR));
	EXPECT_EQ(0, arm_got(self->b, 5000, ARM_BYE, ARM_LEN));
}

/* Sending is not over when the peer has ended. */
TEST_F(rules, after_the_peers_end)
{
	ASSERT_EQ(0, rules_pair(&self->conf, &self->a, &self->b));
	ASSERT_EQ(1, reg_disc_end(self->b, ARM_OTHER, 20, REG_DATA));
	ASSERT_TRUE(reg_wait_state(self->a, TCP_CLOSE_WAIT));
	ASSERT_EQ(0, arm(self->a));
	ASSERT_EQ(0, shutdown(self->a, SHUT_WR));
	EXPECT_EQ(0, arm_got_it(self->b));
	EXPECT_EQ(0, arm_got(self->a, 0, ARM_OTHER, 20));
}

TEST_F(rules, both_ends)
{
	ASSERT_EQ(0, rules_pair(&self->conf, &self->a, &self->b));
	ASSERT_EQ(0, arm(self->a));
	ASSERT_EQ(0, arm_with(self->b, ARM_OTHER, 40, 0));
	ASSERT_EQ(0, shutdown(self->a, SHUT_WR));
	ASSERT_EQ(0, shutdown(self->b, SHUT_WR));
	EXPECT_EQ(0, arm_got_it(self->b));
	EXPECT_EQ(0, arm_got(self->a, 0, ARM_OTHER, 40));
}

/* --- replaced, cleared, overruled --------------------------------------- */

TEST_F(rules, replaced)
{
	ASSERT_EQ(0, rules_pair(&self->conf, &self->a, &self->b));
	ASSERT_EQ(0, arm_with(self->a, ARM_OTHER, 1000, 0));
	ASSERT_EQ(0, arm_with(self->a, ARM_OTHER, 1, 0));
	EXPECT_EQ(1, arm_len(self->a));
	ASSERT_EQ(0, arm(self->a));
	EXPECT_EQ(ARM_LEN, arm_len(self->a));
	ASSERT_EQ(0, shutdown(self->a, SHUT_WR));
	EXPECT_EQ(0, arm_got_it(self->b));
}

TEST_F(rules, the_caller_may_reuse_its_buffer)
{
	unsigned char data[ARM_LEN];

	ASSERT_EQ(0, rules_pair(&self->conf, &self->a, &self->b));
	reg_fill(data, sizeof(data), ARM_BYE, 0);
	ASSERT_EQ(0, arm_raw(self->a, data, sizeof(data), 0));
	memset(data, 0xcc, sizeof(data));
	ASSERT_EQ(0, shutdown(self->a, SHUT_WR));
	EXPECT_EQ(0, arm_got_it(self->b));
}

TEST_F(rules, cleared)
{
	ASSERT_EQ(0, rules_pair(&self->conf, &self->a, &self->b));
	ASSERT_EQ(0, arm(self->a));
	/* Without data its address is not looked at. */
	ASSERT_EQ(0, arm_raw(self->a, (void *)8, 0, 0));
	EXPECT_EQ(0, arm_len(self->a));
	ASSERT_EQ(0, arm_raw(self->a, NULL, 0, 0));
	ASSERT_EQ(0, shutdown(self->a, SHUT_WR));
	EXPECT_EQ(0, arm_got(self->b, 0, 0, 0));
}

TEST_F(rules, disc_send_with_data_wins)
{
	ASSERT_EQ(0, rules_pair(&self->conf, &self->a, &self->b));
	ASSERT_EQ(0, arm(self->a));
	ASSERT_EQ(1, reg_disc_end(self->a, ARM_OTHER, 77, REG_DATA));
	EXPECT_EQ(0, arm_len(self->a));
	close(self->a);
	self->a = -1;
	EXPECT_EQ(0, arm_got(self->b, 0, ARM_OTHER, 77));
}

TEST_F(rules, disc_send_that_fails_leaves_it_armed)
{
	static unsigned char large[WSP_DISC_MAX];

	ASSERT_EQ(0, rules_pair(&self->conf, &self->a, &self->b));
	ASSERT_EQ(0, arm(self->a));
	EXPECT_EQ(EFAULT, reg_disc_send(self->a, (void *)8, 5));
	EXPECT_EQ(EMSGSIZE, reg_disc_send(self->a, large, sizeof(large)));
	EXPECT_EQ(ARM_LEN, arm_len(self->a));
	EXPECT_TRUE(arm_is_quiet(self->b));
	ASSERT_EQ(0, shutdown(self->a, SHUT_WR));
	EXPECT_EQ(0, arm_got_it(self->b));
}

/* --- refused ------------------------------------------------------------ */

TEST_F(rules, exactly_the_limit)
{
	ASSERT_EQ(0, rules_pair(&self->conf, &self->a, &self->b));
	ASSERT_EQ(0, arm_with(self->a, ARM_BYE, WSP_DISC_DEFAULT_MAX, 0));
	EXPECT_EQ(WSP_DISC_DEFAULT_MAX, arm_len(self->a));
	ASSERT_EQ(0, shutdown(self->a, SHUT_WR));
	EXPECT_EQ(0, arm_got(self->b, 0, ARM_BYE, WSP_DISC_DEFAULT_MAX));
}

TEST_F(rules, exactly_the_ceiling)
{
	ASSERT_EQ(0, reg_sysctl("net/wsp/max_data", "4096"));
	ASSERT_EQ(0, rules_pair(&self->conf, &self->a, &self->b));
	EXPECT_EQ(EMSGSIZE, arm_with(self->a, ARM_BYE, WSP_DISC_MAX + 1, 0));
	ASSERT_EQ(0, arm_with(self->a, ARM_BYE, WSP_DISC_MAX, 0));
	ASSERT_EQ(0, shutdown(self->a, SHUT_WR));
	EXPECT_EQ(0, arm_got(self->b, 0, ARM_BYE, WSP_DISC_MAX));
}

TEST_F(rules, more_than_the_limit_keeps_what_was_armed)
{
	size_t huge = 3 << 20;
	void *data = mmap(NULL, huge, PROT_READ,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ASSERT_NE(MAP_FAILED, data);
	ASSERT_EQ(0, rules_pair(&self->conf, &self->a, &self->b));
	ASSERT_EQ(0, arm(self->a));
	EXPECT_EQ(EMSGSIZE, arm_raw(self->a, data, WSP_DISC_DEFAULT_MAX + 1, 0));
	EXPECT_EQ(EMSGSIZE, arm_raw(self->a, data, WSP_DISC_MAX + 1, 0));
	EXPECT_EQ(EMSGSIZE, arm_raw(self->a, data, huge, 0));
	EXPECT_EQ(ARM_LEN, arm_len(self->a));
	ASSERT_EQ(0, shutdown(self->a, SHUT_WR));
	EXPECT_EQ(0, arm_got_it(self->b));
}

TEST_F(rules, bad_pointers_keep_what_was_armed)
{
	long page = sysconf(_SC_PAGESIZE);
	char *two = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ASSERT_NE(MAP_FAILED, two);
	ASSERT_EQ(0, mprotect(two + page, page, PROT_NONE));
	ASSERT_EQ(0, rules_pair(&self->conf, &self->a, &self->b));
	ASSERT_EQ(0, arm(self->a));
	EXPECT_EQ(EFAULT, arm_raw(self->a, NULL, 1, 0));
	EXPECT_EQ(EFAULT, arm_raw(self->a, (void *)-1L, 1, 0));
	EXPECT_EQ(EFAULT, arm_raw(self->a, two + page - 1, 2, 0));
	EXPECT_EQ(EFAULT, arm_raw(self->a, two, 5000, 0));
	EXPECT_EQ(EFAULT, arm_raw(self->a, two, UINT32_MAX, 0));
	EXPECT_EQ(-1, ioctl(self->a, WSP_DISC_ARM, NULL));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(-1, ioctl(self->a, WSP_DISC_ARM, two + page - 8));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(ARM_LEN, arm_len(self->a));
	ASSERT_EQ(0, shutdown(self->a, SHUT_WR));
	EXPECT_EQ(0, arm_got_it(self->b));
}

TEST_F(rules, unknown_flags_and_reserved_fields_keep_what_was_armed)
{
	struct wsp_disc_args args = { .data = (uintptr_t)"x", .len = 1 };
	int i;

	ASSERT_EQ(0, rules_pair(&self->conf, &self->a, &self->b));
	ASSERT_EQ(0, arm(self->a));
	for (i = 0; i < 32; i++) {
		if (1U << i == WSP_DISC_INHERIT)
			continue;
		EXPECT_EQ(EINVAL, arm_raw(self->a, "x", 1, 1U << i));
		EXPECT_EQ(EINVAL, arm_raw(self->a, NULL, 0, 1U << i));
	}
	for (i = 0; i < 2; i++) {
		args.reserved[i] = 1ULL << 63;
		EXPECT_EQ(-1, ioctl(self->a, WSP_DISC_ARM, &args));
		EXPECT_EQ(EINVAL, errno);
		args.reserved[i] = 0;
	}
	EXPECT_EQ(ARM_LEN, arm_len(self->a));
}

TEST_F(rules, after_the_end_data_is_ESHUTDOWN)
{
	ASSERT_EQ(0, rules_pair(&self->conf, &self->a, &self->b));
	ASSERT_EQ(0, shutdown(self->a, SHUT_WR));
	EXPECT_EQ(ESHUTDOWN, arm(self->a));
	EXPECT_EQ(0, arm_raw(self->a, NULL, 0, 0));
	EXPECT_EQ(0, arm_len(self->a));
	EXPECT_EQ(0, arm_got(self->b, 0, 0, 0));
}

TEST_F(rules, after_disconnect_data_it_is_ESHUTDOWN)
{
	ASSERT_EQ(0, rules_pair(&self->conf, &self->a, &self->b));
	ASSERT_EQ(1, reg_disc_end(self->a, ARM_OTHER, 3, REG_DATA));
	EXPECT_EQ(ESHUTDOWN, arm(self->a));
	EXPECT_EQ(0, arm_got(self->b, 0, ARM_OTHER, 3));
}

TEST_F(rules, without_the_ulp_is_ENOTTY)
{
	self->conf.attach = REG_NEITHER;
	ASSERT_EQ(0, rules_pair(&self->conf, &self->a, &self->b));
	EXPECT_EQ(ENOTTY, arm(self->a));
	EXPECT_TRUE(arm_is_quiet(self->b));
}

/* --- discarded ---------------------------------------------------------- */

TEST_F(rules, linger_0_resets_and_discards)
{
	ASSERT_EQ(0, rules_pair(&self->conf, &self->a, &self->b));
	ASSERT_EQ(0, arm(self->a));
	reg_abort(self->a);
	self->a = -1;
	EXPECT_EQ(0, arm_got_reset(self->b));
}

TEST_F(rules, unread_data_at_close_resets_and_discards)
{
	ASSERT_EQ(0, rules_pair(&self->conf, &self->a, &self->b));
	ASSERT_EQ(0, arm(self->a));
	ASSERT_EQ(0, reg_send_all(self->b, 10, ARM_SEED));
	ASSERT_TRUE(reg_poll(self->a, POLLIN, REG_SOON_MS));
	close(self->a);
	self->a = -1;
	EXPECT_EQ(0, arm_got_reset(self->b));
}

TEST_F(rules, unread_data_before_the_peers_record_too)
{
	ASSERT_EQ(0, rules_pair(&self->conf, &self->a, &self->b));
	ASSERT_EQ(0, arm(self->a));
	ASSERT_EQ(0, reg_send_all(self->b, 10, ARM_SEED));
	ASSERT_EQ(1, reg_disc_end(self->b, ARM_OTHER, 10, REG_DATA));
	ASSERT_TRUE(reg_wait_state(self->a, TCP_CLOSE_WAIT));
	close(self->a);
	self->a = -1;
	EXPECT_EQ(0, arm_got_reset(self->b));
}

TEST_F(rules, lingering_does_not_save_it_from_unread_data)
{
	ASSERT_EQ(0, rules_pair(&self->conf, &self->a, &self->b));
	ASSERT_EQ(0, arm(self->a));
	ASSERT_EQ(0, arm_linger(self->a, 1, ARM_LINGER_S));
	ASSERT_EQ(0, reg_send_all(self->b, 10, ARM_SEED));
	ASSERT_TRUE(reg_poll(self->a, POLLIN, REG_SOON_MS));
	close(self->a);
	self->a = -1;
	EXPECT_EQ(0, arm_got_reset(self->b));
}

TEST_F(rules, connect_to_nothing_resets_and_discards)
{
	struct sockaddr sa = { .sa_family = AF_UNSPEC };

	ASSERT_EQ(0, rules_pair(&self->conf, &self->a, &self->b));
	ASSERT_EQ(0, arm(self->a));
	ASSERT_EQ(0, connect(self->a, &sa, sizeof(sa)));
	EXPECT_EQ(0, arm_len(self->a));
	EXPECT_EQ(0, arm_got_reset(self->b));

	/* The next connection is like any other. */
	close(self->b);
	ASSERT_EQ(0, rules_join(&self->conf, self->a, &self->b));
	EXPECT_EQ(0, arm_len(self->a));
	ASSERT_EQ(0, arm_with(self->a, ARM_OTHER, 30, 0));
	ASSERT_EQ(0, shutdown(self->a, SHUT_WR));
	EXPECT_EQ(0, arm_got(self->b, 0, ARM_OTHER, 30));
}

TEST_F(rules, the_peers_reset_ends_it)
{
	ASSERT_EQ(0, rules_pair(&self->conf, &self->a, &self->b));
	ASSERT_EQ(0, arm(self->a));
	reg_abort(self->b);
	self->b = -1;
	EXPECT_EQ(0, arm_got_reset(self->a));
	shutdown(self->a, SHUT_WR);
	EXPECT_EQ(0, close(self->a));
	self->a = -1;
}

TEST_F(rules, a_plain_peer_sees_a_clean_end)
{
	self->conf.attach = REG_CLIENT;
	ASSERT_EQ(0, rules_pair(&self->conf, &self->a, &self->b));
	ASSERT_EQ(0, arm(self->a));
	EXPECT_EQ(ARM_LEN, arm_len(self->a));
	ASSERT_EQ(0, reg_send_all(self->a, 100, ARM_SEED));
	ASSERT_EQ(0, shutdown(self->a, SHUT_WR));
	EXPECT_EQ(0, arm_len(self->a));
	EXPECT_EQ(100, reg_drain(self->b, ARM_SEED, 0));
}

TEST_F(rules, a_plain_peer_sees_a_clean_close)
{
	self->conf.attach = REG_CLIENT;
	ASSERT_EQ(0, rules_pair(&self->conf, &self->a, &self->b));
	ASSERT_EQ(0, arm(self->a));
	ASSERT_EQ(0, reg_send_all(self->a, 100, ARM_SEED));
	ASSERT_EQ(0, arm_linger(self->a, 1, ARM_LINGER_S));
	EXPECT_EQ(0, close(self->a));
	self->a = -1;
	EXPECT_EQ(100, reg_drain(self->b, ARM_SEED, 0));
}

/* The limit counts when the data is to be sent, too. */
TEST_F(rules, a_limit_lowered_afterwards_discards)
{
	ASSERT_EQ(0, rules_pair(&self->conf, &self->a, &self->b));
	ASSERT_EQ(0, arm(self->a));
	ASSERT_EQ(0, reg_sysctl("net/wsp/max_data", "16"));
	EXPECT_EQ(ARM_LEN, arm_len(self->a));
	EXPECT_EQ(EMSGSIZE, arm(self->a));
	ASSERT_EQ(0, reg_send_all(self->a, 100, ARM_SEED));
	close(self->a);
	self->a = -1;
	EXPECT_EQ(0, arm_got(self->b, 100, 0, 0));
}

/* --- memory ------------------------------------------------------------- */

TEST_F(rules, is_charged_to_the_socket)
{
	long before;
	int i;

	ASSERT_EQ(0, rules_pair(&self->conf, &self->a, &self->b));
	before = rules_charged(self->a);
	ASSERT_LE(0, before);
	for (i = 0; i < 100; i++) {
		ASSERT_EQ(0, arm_with(self->a, ARM_BYE, 1 + i * 10, 0));
		EXPECT_LE(before + 1 + i * 10, rules_charged(self->a));
		EXPECT_GE(before + 1 + i * 10 + 64, rules_charged(self->a));
	}
	ASSERT_EQ(0, arm_raw(self->a, NULL, 0, 0));
	EXPECT_EQ(before, rules_charged(self->a));
	ASSERT_EQ(0, arm(self->a));
	ASSERT_EQ(0, shutdown(self->a, SHUT_WR));
	EXPECT_EQ(before, rules_charged(self->a));
}

TEST_HARNESS_MAIN
