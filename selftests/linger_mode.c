// SPDX-License-Identifier: GPL-2.0
/*
 * Which closes are asynchronous: the socket's mode, what accepted sockets
 * inherit, the namespace's sysctl, and all that is to stay as it was.
 */
#define _GNU_SOURCE
#include "kselftest_harness.h"
#include "linger.h"

/* SO_LINGER counts in seconds. */
#define LINGER_S	1
#define LINGER_LONG_S	(LINGER_LONG_MS / 1000)

FIXTURE(mode) {
	struct reg_conf conf;
	ssize_t sent;
	int fd[2];
};

FIXTURE_VARIANT(mode) {
	enum reg_family family;
};

FIXTURE_VARIANT_ADD(mode, v4) {
	.family = REG_V4,
};

FIXTURE_VARIANT_ADD(mode, v6) {
	.family = REG_V6,
};

FIXTURE_SETUP(mode)
{
	self->conf = linger_conf(variant->family);
	ASSERT_EQ(0, reg_ns_lo());
	self->sent = linger_stalled_pair(&self->conf, self->fd);
	ASSERT_LT(0, self->sent);
	ASSERT_EQ(0, reg_nonblock(self->fd[0], true));
}

FIXTURE_TEARDOWN(mode)
{
}

#define MODE_TEST(name)	TEST_F_TIMEOUT(mode, name, 60)

/* close() that waits: it returns when the peer has been reset. */
static void check_waits(struct __test_metadata *_metadata, int fd, int peer)
{
	long start = reg_ms();

	ASSERT_EQ(0, linger_option(fd, 1, LINGER_S));
	ASSERT_EQ(0, close(fd));
	EXPECT_LE(LINGER_S * 1000 / 2, reg_ms() - start);
	EXPECT_TRUE(reg_poll(peer, 0, REG_SOON_MS) & POLLERR);
}

/* close() that leaves the rest to the kernel, with a deadline. */
static void check_leaves(struct __test_metadata *_metadata, int fd, int peer)
{
	long start = reg_ms();

	ASSERT_EQ(0, linger_option(fd, 1, 2 * LINGER_S));
	ASSERT_EQ(0, close(fd));
	EXPECT_GT(LINGER_S * 1000, reg_ms() - start);
	EXPECT_TRUE(linger_reset_in_time(peer, start, 2 * LINGER_S * 1000));
}

MODE_TEST(waits_by_default)
{
	EXPECT_EQ(WSP_LINGER_MODE_NETNS, linger_mode(self->fd[0]));
	check_waits(_metadata, self->fd[0], self->fd[1]);
}

MODE_TEST(async_by_the_socket)
{
	ASSERT_EQ(0, linger_set_mode(self->fd[0], WSP_LINGER_MODE_ASYNC));
	EXPECT_EQ(WSP_LINGER_MODE_ASYNC, linger_mode(self->fd[0]));
	check_leaves(_metadata, self->fd[0], self->fd[1]);
}

MODE_TEST(async_by_the_namespace)
{
	ASSERT_EQ(0, reg_sysctl("net/wsp/linger_async", "1"));
	EXPECT_EQ(WSP_LINGER_MODE_NETNS, linger_mode(self->fd[0]));
	check_leaves(_metadata, self->fd[0], self->fd[1]);
}

MODE_TEST(wait_of_the_socket_beats_the_namespace)
{
	ASSERT_EQ(0, reg_sysctl("net/wsp/linger_async", "1"));
	ASSERT_EQ(0, linger_set_mode(self->fd[0], WSP_LINGER_MODE_WAIT));
	EXPECT_EQ(WSP_LINGER_MODE_WAIT, linger_mode(self->fd[0]));
	check_waits(_metadata, self->fd[0], self->fd[1]);
}

MODE_TEST(back_to_the_namespace)
{
	ASSERT_EQ(0, reg_sysctl("net/wsp/linger_async", "1"));
	ASSERT_EQ(0, linger_set_mode(self->fd[0], WSP_LINGER_MODE_WAIT));
	ASSERT_EQ(0, linger_set_mode(self->fd[0], WSP_LINGER_MODE_NETNS));
	check_leaves(_metadata, self->fd[0], self->fd[1]);
}

/* The socket's namespace, not that of the process which closes it. */
MODE_TEST(each_namespace_has_its_own)
{
	int fd[2], ns = reg_ns_fd();

	ASSERT_EQ(0, reg_sysctl("net/wsp/linger_async", "1"));
	EXPECT_EQ(-1, reg_sysctl("net/wsp/linger_async", "2"));
	EXPECT_EQ(-1, reg_sysctl("net/wsp/linger_async", "-1"));
	ASSERT_EQ(0, reg_ns_lo());
	ASSERT_LT(0, linger_stalled_pair(&self->conf, fd));
	ASSERT_EQ(0, reg_nonblock(fd[0], true));
	check_leaves(_metadata, self->fd[0], self->fd[1]);
	ASSERT_EQ(0, reg_ns_enter(ns));
	check_waits(_metadata, fd[0], fd[1]);
}

MODE_TEST(inherited_by_accepted_sockets)
{
	struct reg_conf conf = self->conf;
	int listener, client, fd;

	/* This time it is the client that does not read. */
	conf.rcvbuf = 0;
	conf.sndbuf = 0;
	listener = reg_listen(&conf);
	client = reg_client(&conf);
	ASSERT_EQ(0, reg_setint(listener, SOL_SOCKET, SO_SNDBUF, 32768));
	ASSERT_EQ(0, reg_setint(client, SOL_SOCKET, SO_RCVBUF, 8192));
	ASSERT_EQ(0, linger_set_mode(listener, WSP_LINGER_MODE_ASYNC));
	fd = reg_join(&conf, listener, client);
	ASSERT_LE(0, fd);
	EXPECT_EQ(WSP_LINGER_MODE_ASYNC, linger_mode(fd));
	/* Later changes are not for those that are there already. */
	ASSERT_EQ(0, linger_set_mode(listener, WSP_LINGER_MODE_WAIT));
	EXPECT_EQ(WSP_LINGER_MODE_ASYNC, linger_mode(fd));
	ASSERT_LT(0, reg_stuff(fd, LINGER_SEED));
	ASSERT_EQ(0, reg_nonblock(fd, true));
	check_leaves(_metadata, fd, client);

	client = reg_client(&conf);
	fd = reg_join(&conf, listener, client);
	ASSERT_LE(0, fd);
	EXPECT_EQ(WSP_LINGER_MODE_WAIT, linger_mode(fd));
}

MODE_TEST(blocking_socket_waits)
{
	ASSERT_EQ(0, linger_set_mode(self->fd[0], WSP_LINGER_MODE_ASYNC));
	ASSERT_EQ(0, reg_nonblock(self->fd[0], false));
	check_waits(_metadata, self->fd[0], self->fd[1]);
}

MODE_TEST(blocking_socket_waits_in_an_async_namespace)
{
	ASSERT_EQ(0, reg_sysctl("net/wsp/linger_async", "1"));
	ASSERT_EQ(0, reg_nonblock(self->fd[0], false));
	check_waits(_metadata, self->fd[0], self->fd[1]);
}

MODE_TEST(blocking_socket_with_a_deadline_does_not)
{
	long start = reg_ms();

	ASSERT_EQ(0, reg_nonblock(self->fd[0], false));
	ASSERT_EQ(0, linger_option(self->fd[0], 1, LINGER_LONG_S));
	ASSERT_EQ(0, linger_start(self->fd[0], LINGER_MS));
	ASSERT_EQ(0, close(self->fd[0]));
	EXPECT_GT(LINGER_AT_ONCE_MS, reg_ms() - start);
	EXPECT_TRUE(linger_reset_in_time(self->fd[1], start, LINGER_MS));
}

/* FIN_WAIT1: a deadline is set all the same. */
MODE_TEST(async_after_shutdown)
{
	ASSERT_EQ(0, linger_set_mode(self->fd[0], WSP_LINGER_MODE_ASYNC));
	ASSERT_EQ(0, shutdown(self->fd[0], SHUT_WR));
	check_leaves(_metadata, self->fd[0], self->fd[1]);
}

/* LAST_ACK: and here, where TCP does not reset. */
MODE_TEST(async_after_the_peers_end)
{
	ASSERT_EQ(0, linger_set_mode(self->fd[0], WSP_LINGER_MODE_ASYNC));
	ASSERT_EQ(0, shutdown(self->fd[1], SHUT_WR));
	ASSERT_TRUE(reg_wait_state(self->fd[0], TCP_CLOSE_WAIT));
	check_leaves(_metadata, self->fd[0], self->fd[1]);
}

/* The application took one deadline away; close() has its own. */
MODE_TEST(async_starts_anew_after_a_cancellation)
{
	ASSERT_EQ(0, linger_set_mode(self->fd[0], WSP_LINGER_MODE_ASYNC));
	ASSERT_EQ(0, linger_start(self->fd[0], LINGER_MS));
	ASSERT_EQ(0, linger_cancel(self->fd[0]));
	check_leaves(_metadata, self->fd[0], self->fd[1]);
}

MODE_TEST(no_deadline_without_linger)
{
	ssize_t got;

	ASSERT_EQ(0, linger_set_mode(self->fd[0], WSP_LINGER_MODE_ASYNC));
	ASSERT_EQ(0, linger_option(self->fd[0], 0, LINGER_S));
	ASSERT_EQ(0, close(self->fd[0]));
	EXPECT_TRUE(linger_no_reset_for(self->fd[1], 2 * LINGER_S * 1000));
	EXPECT_EQ(0, linger_read(self->fd[1], &got));
	EXPECT_EQ(self->sent, got);
}

MODE_TEST(linger_0_resets_at_once)
{
	long start = reg_ms();

	ASSERT_EQ(0, linger_set_mode(self->fd[0], WSP_LINGER_MODE_ASYNC));
	ASSERT_EQ(0, linger_option(self->fd[0], 1, 0));
	ASSERT_EQ(0, close(self->fd[0]));
	EXPECT_TRUE(reg_poll(self->fd[1], 0, REG_SOON_MS) & POLLERR);
	EXPECT_GT(LINGER_AT_ONCE_MS, reg_ms() - start);
}

MODE_TEST(linger_0_resets_a_pending_one_at_once)
{
	long start = reg_ms();

	ASSERT_EQ(0, linger_start(self->fd[0], LINGER_LONG_MS));
	ASSERT_EQ(0, linger_option(self->fd[0], 1, 0));
	ASSERT_EQ(0, close(self->fd[0]));
	EXPECT_TRUE(reg_poll(self->fd[1], 0, REG_SOON_MS) & POLLERR);
	EXPECT_GT(LINGER_AT_ONCE_MS, reg_ms() - start);
}

MODE_TEST(graceful_when_all_is_acknowledged)
{
	long start;
	int fd[2];

	ASSERT_EQ(0, reg_pair(&self->conf, fd));
	ASSERT_EQ(0, linger_set_mode(fd[0], WSP_LINGER_MODE_ASYNC));
	ASSERT_EQ(0, reg_nonblock(fd[0], true));
	ASSERT_EQ(0, linger_option(fd[0], 1, LINGER_S));
	start = reg_ms();
	ASSERT_EQ(0, close(fd[0]));
	EXPECT_GT(LINGER_S * 1000, reg_ms() - start);
	EXPECT_EQ(0, reg_drain(fd[1], 0, 0));
	EXPECT_TRUE(linger_no_reset_for(fd[1], 2 * LINGER_S * 1000));
}

MODE_TEST(armed_data_goes_with_it)
{
	unsigned char data[100];
	ssize_t got;

	reg_fill(data, sizeof(data), 9, 0);
	ASSERT_EQ(0, linger_arm(self->fd[0], data, sizeof(data), 0));
	ASSERT_EQ(0, linger_set_mode(self->fd[0], WSP_LINGER_MODE_ASYNC));
	ASSERT_EQ(0, linger_option(self->fd[0], 1, LINGER_LONG_S));
	ASSERT_EQ(0, close(self->fd[0]));
	EXPECT_EQ(0, linger_read(self->fd[1], &got));
	EXPECT_EQ(self->sent, got);
	EXPECT_EQ(0, reg_disc_check(self->fd[1], 9, sizeof(data), true));
}

TEST_HARNESS_MAIN
