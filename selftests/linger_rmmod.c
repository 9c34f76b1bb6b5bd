// SPDX-License-Identifier: GPL-2.0
/*
 * Asynchronous closes in the background, and the module or the namespace that
 * they are in about to go.
 */
#define _GNU_SOURCE
#include "kselftest_harness.h"
#include "linger.h"
#include "reg_module.h"

#define SOME	200

FIXTURE(rmmod) {
	struct reg_conf conf;
	int fd[2];
};

FIXTURE_VARIANT(rmmod) {
	enum reg_family family;
};

FIXTURE_VARIANT_ADD(rmmod, v4) {
	.family = REG_V4,
};

FIXTURE_VARIANT_ADD(rmmod, v6) {
	.family = REG_V6,
};

FIXTURE_SETUP(rmmod)
{
	self->conf = linger_conf(variant->family);
	/* Nothing but the lingering end is to hold the module. */
	self->conf.attach = REG_CLIENT;
	ASSERT_EQ(0, reg_module_load());
	ASSERT_EQ(0, reg_ns_lo());
}

/* The tests to come need it, however this one ended. */
FIXTURE_TEARDOWN_PARENT(rmmod)
{
	(void)self;
	(void)variant;
	reg_module_load();
}

#define RMMOD_TEST(name)	TEST_F_TIMEOUT(rmmod, name, 90)

RMMOD_TEST(refused_until_the_deadline)
{
	long start;

	ASSERT_LT(0, linger_stalled_pair(&self->conf, self->fd));
	start = reg_ms();
	ASSERT_EQ(0, linger_start(self->fd[0], 2 * LINGER_MS));
	ASSERT_EQ(0, close(self->fd[0]));
	EXPECT_EQ(EAGAIN, reg_module_unload());
	EXPECT_EQ(0, reg_module_unload_soon());
	EXPECT_LE(LINGER_MS, reg_ms() - start);
	EXPECT_TRUE(reg_poll(self->fd[1], 0, REG_SOON_MS) & POLLERR);
}

RMMOD_TEST(refused_until_it_drained)
{
	ssize_t sent = linger_stalled_pair(&self->conf, self->fd), got;

	ASSERT_LT(0, sent);
	ASSERT_EQ(0, linger_set_mode(self->fd[0], WSP_LINGER_MODE_ASYNC));
	ASSERT_EQ(0, linger_option(self->fd[0], 1, LINGER_LONG_MS / 1000));
	ASSERT_EQ(0, reg_nonblock(self->fd[0], true));
	ASSERT_EQ(0, close(self->fd[0]));
	EXPECT_EQ(EAGAIN, reg_module_unload());
	EXPECT_EQ(0, linger_read(self->fd[1], &got));
	EXPECT_EQ(sent, got);
	close(self->fd[1]);
	EXPECT_EQ(0, reg_module_unload_soon());
}

RMMOD_TEST(refused_with_a_result_to_be_read)
{
	ASSERT_LT(0, linger_stalled_pair(&self->conf, self->fd));
	ASSERT_EQ(0, linger_start(self->fd[0], 1));
	ASSERT_EQ(WSP_LINGER_EXPIRED, linger_wait(self->fd[0]));
	EXPECT_EQ(EAGAIN, reg_module_unload());
	ASSERT_EQ(0, close(self->fd[0]));
	EXPECT_EQ(0, reg_module_unload_soon());
}

RMMOD_TEST(goes_after_a_cancellation)
{
	ASSERT_LT(0, linger_stalled_pair(&self->conf, self->fd));
	ASSERT_EQ(0, linger_start(self->fd[0], LINGER_LONG_MS));
	ASSERT_EQ(0, linger_cancel(self->fd[0]));
	reg_abort(self->fd[0]);
	EXPECT_EQ(0, reg_module_unload_soon());
}

/* The last deadlines are still at work when the module may go. */
RMMOD_TEST(races_with_many_deadlines)
{
	int listener, i, round, err;
	long end;

	for (round = 0; round < 3; round++) {
		int fd[2 * SOME];

		ASSERT_EQ(0, reg_module_load());
		listener = reg_listen(&self->conf);
		ASSERT_LE(0, listener);
		for (i = 0; i < SOME; i++) {
			int *p = fd + 2 * i;

			p[0] = reg_client(&self->conf);
			ASSERT_LE(0, p[0]);
			p[1] = reg_join(&self->conf, listener, p[0]);
			ASSERT_LE(0, p[1]);
			while (send(p[0], fd, 1024,
				    MSG_DONTWAIT | MSG_NOSIGNAL) > 0)
				;
		}
		for (i = 0; i < SOME; i++) {
			ASSERT_EQ(0, linger_start(fd[2 * i], 200));
			close(fd[2 * i]);
		}
		end = reg_ms() + REG_SOON_MS;
		while ((err = reg_module_unload()) == EAGAIN && reg_ms() < end)
			;
		EXPECT_EQ(0, err);
		for (i = 0; i < SOME; i++)
			close(fd[2 * i + 1]);
		close(listener);
	}
}

/* --- namespaces ---------------------------------------------------------- */

FIXTURE(exit_ns) {
	struct reg_conf conf;
	ssize_t sent;
	int fd[2];
};

FIXTURE_VARIANT(exit_ns) {
	enum reg_family family;
};

FIXTURE_VARIANT_ADD(exit_ns, v4) {
	.family = REG_V4,
};

FIXTURE_VARIANT_ADD(exit_ns, v6) {
	.family = REG_V6,
};

/* Ours is the server's, so that only the client's sockets hold its own. */
FIXTURE_SETUP(exit_ns)
{
	ASSERT_EQ(0, reg_module_load());
	self->conf = linger_conf(variant->family);
	ASSERT_EQ(0, reg_ns_pair(self->conf.ns, NULL));
	self->sent = linger_stalled_pair(&self->conf, self->fd);
	ASSERT_LT(0, self->sent);
	ASSERT_EQ(0, reg_ns_enter(self->conf.ns[1]));
	ASSERT_EQ(0, close(self->conf.ns[0]));
	ASSERT_NE(0, if_nametoindex("veth0"));
}

FIXTURE_TEARDOWN(exit_ns)
{
}

/* Half of a veth pair lives as long as the other half's namespace. */
static bool exit_ns_gone(void)
{
	long end = reg_ms() + REG_SOON_MS;

	while (if_nametoindex("veth0") && reg_ms() < end)
		reg_tick();
	return !if_nametoindex("veth0");
}

TEST_F_TIMEOUT(exit_ns, waits_for_the_deadline, 60)
{
	long start = reg_ms();
	ssize_t got;

	ASSERT_EQ(0, linger_start(self->fd[0], 2 * LINGER_MS));
	ASSERT_EQ(0, close(self->fd[0]));
	EXPECT_TRUE(linger_no_reset_for(self->fd[1], LINGER_MS / 2));
	EXPECT_NE(0, if_nametoindex("veth0"));
	EXPECT_TRUE(linger_reset_in_time(self->fd[1], start, 2 * LINGER_MS));
	EXPECT_TRUE(exit_ns_gone());
	EXPECT_EQ(ECONNRESET, linger_read(self->fd[1], &got));
	EXPECT_GT(self->sent, got);
}

TEST_F_TIMEOUT(exit_ns, waits_until_drained, 60)
{
	ssize_t got;

	ASSERT_EQ(0, linger_start(self->fd[0], LINGER_LONG_MS));
	ASSERT_EQ(0, close(self->fd[0]));
	EXPECT_EQ(0, linger_read(self->fd[1], &got));
	EXPECT_EQ(self->sent, got);
	ASSERT_EQ(0, close(self->fd[1]));
	EXPECT_TRUE(exit_ns_gone());
}

/* No wire any more: the deadline is what ends it, and the namespace. */
TEST_F_TIMEOUT(exit_ns, goes_though_the_wire_is_cut, 60)
{
	ASSERT_EQ(0, linger_start(self->fd[0], 2 * LINGER_MS));
	ASSERT_EQ(0, close(self->fd[0]));
	ASSERT_EQ(0, reg_sh("ip link set veth0 down"));
	EXPECT_TRUE(exit_ns_gone());
}

TEST_HARNESS_MAIN
