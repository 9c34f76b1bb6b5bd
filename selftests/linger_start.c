// SPDX-License-Identifier: GPL-2.0
/*
 * WSP_LINGER_START and its companions on a descriptor that stays open (CL-18):
 * every result, in every state of the connection that it may be called in, and
 * every error.
 */
#define _GNU_SOURCE
#include "kselftest_harness.h"
#include "linger.h"

FIXTURE(start) {
	struct reg_conf conf;
	ssize_t sent;
	int fd[2];
};

FIXTURE_VARIANT(start) {
	enum reg_family family;
};

FIXTURE_VARIANT_ADD(start, v4) {
	.family = REG_V4,
};

FIXTURE_VARIANT_ADD(start, v6) {
	.family = REG_V6,
};

FIXTURE_SETUP(start)
{
	self->conf = linger_conf(variant->family);
	ASSERT_EQ(0, reg_ns_lo());
	self->sent = linger_stalled_pair(&self->conf, self->fd);
	ASSERT_LT(0, self->sent);
}

FIXTURE_TEARDOWN(start)
{
}

#define START_TEST(name)	TEST_F_TIMEOUT(start, name, 60)

/*
 * The deadline comes: a reset in time, and what was not acknowledged is just
 * what the peer has not got.
 */
static void check_expiry(struct __test_metadata *_metadata,
			 const int fd[2], ssize_t sent, int state)
{
	struct wsp_linger_info info;
	struct wsp_info all;
	long start = reg_ms();
	ssize_t got;

	ASSERT_EQ(0, linger_start(fd[0], LINGER_MS));
	EXPECT_EQ(state, reg_tcp_state(fd[0]));
	ASSERT_EQ(0, linger_get(fd[0], &info));
	EXPECT_EQ(WSP_LINGER_PENDING, info.state);
	EXPECT_LT(0, info.left);
	EXPECT_GE(LINGER_MS, info.left);
	EXPECT_EQ(0, info.reserved[0] | info.reserved[1]);

	EXPECT_TRUE(linger_reset_in_time(fd[1], start, LINGER_MS));
	EXPECT_EQ(ECONNRESET, linger_read(fd[1], &got));
	ASSERT_EQ(0, linger_get(fd[0], &info));
	EXPECT_EQ(WSP_LINGER_EXPIRED, info.state);
	EXPECT_EQ(0, info.left);
	EXPECT_EQ(sent + 1, got + (ssize_t)info.unacked);
	EXPECT_LT(1, info.unacked);
	ASSERT_EQ(0, reg_info(fd[0], &all));
	EXPECT_EQ(WSP_LINGER_EXPIRED, all.linger);
	EXPECT_EQ(info.unacked, all.unacked);
	EXPECT_EQ(TCP_CLOSE, reg_tcp_state(fd[0]));
	EXPECT_EQ(ENOTCONN, linger_start(fd[0], LINGER_MS));
	EXPECT_EQ(ENOENT, linger_cancel(fd[0]));
}

/* All arrives, in good order, and the other direction is still open. */
static void check_drained(struct __test_metadata *_metadata,
			  const int fd[2], ssize_t sent, bool peer_open)
{
	struct wsp_linger_info info;
	ssize_t got;

	EXPECT_EQ(WSP_LINGER_PENDING, linger_state(fd[0]));
	EXPECT_EQ(0, linger_read(fd[1], &got));
	EXPECT_EQ(sent, got);
	EXPECT_EQ(WSP_LINGER_DRAINED, linger_wait(fd[0]));
	ASSERT_EQ(0, linger_get(fd[0], &info));
	EXPECT_EQ(0, info.unacked);
	EXPECT_EQ(0, info.left);
	EXPECT_FALSE(reg_poll(fd[1], 0, 0) & POLLERR);
	if (!peer_open)
		return;
	ASSERT_EQ(0, reg_send_all(fd[1], 1000, 2));
	ASSERT_EQ(0, shutdown(fd[1], SHUT_WR));
	EXPECT_EQ(1000, reg_drain(fd[0], 2, 0));
	EXPECT_EQ(WSP_LINGER_DRAINED, linger_state(fd[0]));
}

/* --- the results ------------------------------------------------------ */

START_TEST(expires_with_a_reset)
{
	EXPECT_EQ(WSP_LINGER_NONE, linger_state(self->fd[0]));
	check_expiry(_metadata, self->fd, self->sent, TCP_FIN_WAIT1);
	EXPECT_EQ(-1, send(self->fd[0], "x", 1, MSG_NOSIGNAL));
}

START_TEST(drains)
{
	ASSERT_EQ(0, linger_start(self->fd[0], LINGER_LONG_MS));
	EXPECT_EQ(-1, send(self->fd[0], "x", 1, MSG_NOSIGNAL));
	EXPECT_EQ(EPIPE, errno);
	check_drained(_metadata, self->fd, self->sent, true);
}

START_TEST(drains_when_nothing_is_queued)
{
	int fd[2];

	ASSERT_EQ(0, reg_pair(&self->conf, fd));
	ASSERT_EQ(0, linger_start(fd[0], LINGER_LONG_MS));
	EXPECT_EQ(WSP_LINGER_DRAINED, linger_wait(fd[0]));
	EXPECT_EQ(0, linger_unacked(fd[0]));
	EXPECT_EQ(0, reg_drain(fd[1], 0, 0));
}

START_TEST(peer_resets)
{
	struct wsp_linger_info info;

	ASSERT_EQ(0, linger_start(self->fd[0], LINGER_LONG_MS));
	reg_abort(self->fd[1]);
	EXPECT_EQ(WSP_LINGER_RESET, linger_wait(self->fd[0]));
	ASSERT_EQ(0, linger_get(self->fd[0], &info));
	EXPECT_LT(1, info.unacked);
	EXPECT_GE(self->sent + 1, (ssize_t)info.unacked);
	EXPECT_EQ(0, info.left);
	EXPECT_EQ(-1, recv(self->fd[0], &info, 1, MSG_DONTWAIT));
	EXPECT_EQ(ECONNRESET, errno);
}

START_TEST(peer_closes_with_data_unread)
{
	ASSERT_EQ(0, linger_start(self->fd[0], LINGER_LONG_MS));
	ASSERT_EQ(0, close(self->fd[1]));
	EXPECT_EQ(WSP_LINGER_RESET, linger_wait(self->fd[0]));
	EXPECT_LT(1, linger_unacked(self->fd[0]));
}

START_TEST(cancelled_drains_without_limit)
{
	ssize_t got;

	ASSERT_EQ(0, linger_start(self->fd[0], LINGER_MS));
	ASSERT_EQ(0, linger_cancel(self->fd[0]));
	EXPECT_EQ(WSP_LINGER_CANCELLED, linger_state(self->fd[0]));
	EXPECT_EQ(ENOENT, linger_cancel(self->fd[0]));
	EXPECT_TRUE(linger_no_reset_for(self->fd[1], 2 * LINGER_MS));
	EXPECT_EQ(0, linger_read(self->fd[1], &got));
	EXPECT_EQ(self->sent, got);
	EXPECT_EQ(WSP_LINGER_CANCELLED, linger_state(self->fd[0]));
}

START_TEST(restarted_with_a_nearer_deadline)
{
	ASSERT_EQ(0, linger_start(self->fd[0], LINGER_LONG_MS));
	ASSERT_EQ(0, linger_cancel(self->fd[0]));
	check_expiry(_metadata, self->fd, self->sent, TCP_FIN_WAIT1);
}

/* The first deadline is gone for good. */
START_TEST(restarted_with_a_farther_deadline)
{
	ASSERT_EQ(0, linger_start(self->fd[0], LINGER_MS));
	ASSERT_EQ(0, linger_cancel(self->fd[0]));
	ASSERT_EQ(0, linger_start(self->fd[0], LINGER_LONG_MS));
	EXPECT_TRUE(linger_no_reset_for(self->fd[1], 2 * LINGER_MS));
	check_drained(_metadata, self->fd, self->sent, true);
}

START_TEST(second_start_changes_nothing)
{
	struct wsp_linger_info info;

	ASSERT_EQ(0, linger_start(self->fd[0], LINGER_LONG_MS));
	EXPECT_EQ(EALREADY, linger_start(self->fd[0], 1));
	ASSERT_EQ(0, linger_get(self->fd[0], &info));
	EXPECT_LT(LINGER_LONG_MS / 2, info.left);
	EXPECT_TRUE(linger_no_reset_for(self->fd[1], LINGER_MS));
	check_drained(_metadata, self->fd, self->sent, true);
}

START_TEST(longest_time)
{
	struct wsp_linger_info info;

	ASSERT_EQ(0, linger_start(self->fd[0], UINT32_MAX));
	ASSERT_EQ(0, linger_get(self->fd[0], &info));
	EXPECT_EQ(WSP_LINGER_PENDING, info.state);
	EXPECT_LT(INT32_MAX, info.left);
	check_drained(_metadata, self->fd, self->sent, true);
}

/* --- states of the connection ----------------------------------------- */

START_TEST(expires_after_shutdown)
{
	ASSERT_EQ(0, shutdown(self->fd[0], SHUT_WR));
	check_expiry(_metadata, self->fd, self->sent, TCP_FIN_WAIT1);
}

START_TEST(drains_after_shutdown)
{
	ASSERT_EQ(0, shutdown(self->fd[0], SHUT_WR));
	ASSERT_EQ(0, linger_start(self->fd[0], LINGER_LONG_MS));
	check_drained(_metadata, self->fd, self->sent, true);
}

START_TEST(drained_already)
{
	ssize_t got;

	ASSERT_EQ(0, shutdown(self->fd[0], SHUT_WR));
	ASSERT_EQ(0, linger_read(self->fd[1], &got));
	ASSERT_TRUE(reg_wait_state(self->fd[0], TCP_FIN_WAIT2));
	ASSERT_EQ(0, linger_start(self->fd[0], LINGER_MS));
	EXPECT_EQ(WSP_LINGER_DRAINED, linger_state(self->fd[0]));
	EXPECT_TRUE(linger_no_reset_for(self->fd[1], 2 * LINGER_MS));
}

/* LAST_ACK: TCP alone would not reset there. */
START_TEST(expires_in_CLOSE_WAIT)
{
	ASSERT_EQ(0, shutdown(self->fd[1], SHUT_WR));
	ASSERT_TRUE(reg_wait_state(self->fd[0], TCP_CLOSE_WAIT));
	check_expiry(_metadata, self->fd, self->sent, TCP_LAST_ACK);
}

START_TEST(drains_in_CLOSE_WAIT)
{
	ASSERT_EQ(0, shutdown(self->fd[1], SHUT_WR));
	ASSERT_TRUE(reg_wait_state(self->fd[0], TCP_CLOSE_WAIT));
	ASSERT_EQ(0, linger_start(self->fd[0], LINGER_LONG_MS));
	check_drained(_metadata, self->fd, self->sent, false);
	EXPECT_EQ(TCP_CLOSE, reg_tcp_state(self->fd[0]));
}

/* The peer's FIN comes while ours is still queued. */
START_TEST(expires_in_CLOSING)
{
	long start = reg_ms();
	ssize_t got;

	ASSERT_EQ(0, linger_start(self->fd[0], LINGER_MS));
	ASSERT_EQ(0, shutdown(self->fd[1], SHUT_WR));
	ASSERT_TRUE(reg_wait_state(self->fd[0], TCP_CLOSING));
	EXPECT_EQ(WSP_LINGER_PENDING, linger_state(self->fd[0]));
	EXPECT_TRUE(linger_reset_in_time(self->fd[1], start, LINGER_MS));
	EXPECT_EQ(ECONNRESET, linger_read(self->fd[1], &got));
	EXPECT_EQ(WSP_LINGER_EXPIRED, linger_state(self->fd[0]));
	EXPECT_EQ(self->sent + 1, got + linger_unacked(self->fd[0]));
}

START_TEST(drains_in_CLOSING)
{
	ASSERT_EQ(0, linger_start(self->fd[0], LINGER_LONG_MS));
	ASSERT_EQ(0, shutdown(self->fd[1], SHUT_WR));
	ASSERT_TRUE(reg_wait_state(self->fd[0], TCP_CLOSING));
	check_drained(_metadata, self->fd, self->sent, false);
}

START_TEST(both_ends_drain)
{
	ssize_t got;

	ASSERT_EQ(0, linger_start(self->fd[0], LINGER_LONG_MS));
	ASSERT_EQ(0, linger_start(self->fd[1], LINGER_LONG_MS));
	EXPECT_EQ(0, linger_read(self->fd[1], &got));
	EXPECT_EQ(self->sent, got);
	EXPECT_EQ(WSP_LINGER_DRAINED, linger_wait(self->fd[0]));
	EXPECT_EQ(WSP_LINGER_DRAINED, linger_wait(self->fd[1]));
}

/* One of the deadlines is the other's reset, at the latest. */
START_TEST(both_ends_stalled)
{
	int state[2], i, expired = 0;

	ASSERT_LT(0, reg_stuff(self->fd[1], LINGER_SEED));
	for (i = 0; i < 2; i++)
		ASSERT_EQ(0, linger_start(self->fd[i], LINGER_MS));
	for (i = 0; i < 2; i++) {
		state[i] = linger_wait(self->fd[i]);
		EXPECT_TRUE(state[i] == WSP_LINGER_EXPIRED ||
			    state[i] == WSP_LINGER_RESET);
		expired += state[i] == WSP_LINGER_EXPIRED;
		EXPECT_LT(1, linger_unacked(self->fd[i]));
	}
	EXPECT_LE(1, expired);
}

START_TEST(takes_armed_data_along)
{
	unsigned char data[100];
	ssize_t got;

	reg_fill(data, sizeof(data), 9, 0);
	ASSERT_EQ(0, linger_arm(self->fd[0], data, sizeof(data), 0));
	ASSERT_EQ(0, linger_start(self->fd[0], LINGER_LONG_MS));
	EXPECT_EQ(0, linger_read(self->fd[1], &got));
	EXPECT_EQ(self->sent, got);
	EXPECT_EQ(0, reg_disc_check(self->fd[1], 9, sizeof(data), true));
	EXPECT_EQ(WSP_LINGER_DRAINED, linger_wait(self->fd[0]));
}

/* A record, unsent like the rest, goes with it. */
START_TEST(expires_behind_disconnect_data)
{
	struct wsp_info info;
	long start;

	ASSERT_EQ(1, reg_disc_end(self->fd[0], 9, 100, REG_DATA));
	start = reg_ms();
	ASSERT_EQ(0, linger_start(self->fd[0], LINGER_MS));
	EXPECT_TRUE(linger_reset_in_time(self->fd[1], start, LINGER_MS));
	ASSERT_EQ(0, reg_info(self->fd[0], &info));
	EXPECT_EQ(WSP_LINGER_EXPIRED, info.linger);
	EXPECT_LT(100, info.unacked);
	EXPECT_FALSE(reg_info_flags(self->fd[1]) & WSP_INFO_RECV_DATA);
}

/* The socket starts anew, and the old deadline does not find it. */
START_TEST(forgotten_by_a_new_connection)
{
	struct sockaddr sa = { .sa_family = AF_UNSPEC };
	int listener, fd[2] = { self->fd[0] };

	ASSERT_EQ(0, linger_start(fd[0], LINGER_MS));
	ASSERT_EQ(0, connect(fd[0], &sa, sizeof(sa)));
	EXPECT_EQ(WSP_LINGER_NONE, linger_state(fd[0]));
	EXPECT_EQ(ENOENT, linger_cancel(fd[0]));
	listener = reg_listen(&self->conf);
	ASSERT_LE(0, listener);
	fd[1] = reg_join(&self->conf, listener, fd[0]);
	ASSERT_LE(0, fd[1]);
	EXPECT_EQ(WSP_LINGER_NONE, linger_state(fd[0]));
	EXPECT_TRUE(linger_no_reset_for(fd[1], 2 * LINGER_MS));
	EXPECT_EQ(0, reg_exchange_both(fd, REG_DATA));
}

/* Deadline against cancellation against close, many times over. */
START_TEST(races)
{
	int i, err, listener = reg_listen(&self->conf);
	static const char bulk[4096];

	ASSERT_LE(0, listener);
	for (i = 0; i < 300; i++) {
		struct reg_conf conf = self->conf;
		int fd[2] = { reg_client(&conf) };

		fd[1] = reg_join(&conf, listener, fd[0]);
		ASSERT_LE(0, fd[1]);
		while (send(fd[0], bulk, sizeof(bulk),
			    MSG_DONTWAIT | MSG_NOSIGNAL) > 0)
			;
		ASSERT_EQ(0, linger_start(fd[0], 1 + i % 4));
		if (i % 3 == 0) {
			err = linger_cancel(fd[0]);
			EXPECT_EQ(err ? WSP_LINGER_EXPIRED :
					WSP_LINGER_CANCELLED,
				  linger_state(fd[0]));
		}
		if (i % 3 == 1)
			EXPECT_EQ(WSP_LINGER_EXPIRED, linger_wait(fd[0]));
		if (i % 2)
			close(fd[1]);
		close(fd[0]);
		if (i % 2 == 0)
			close(fd[1]);
	}
}

/* --- errors ------------------------------------------------------------ */

START_TEST(ENOTCONN_before_a_connection)
{
	int fd = reg_client(&self->conf);

	ASSERT_LE(0, fd);
	EXPECT_EQ(ENOTCONN, linger_start(fd, LINGER_MS));
	EXPECT_EQ(WSP_LINGER_NONE, linger_state(fd));
	EXPECT_EQ(ENOENT, linger_cancel(fd));
}

START_TEST(ENOTCONN_while_connecting)
{
	int client, listener = reg_listen_full(&self->conf, &client);
	int fd = reg_client(&self->conf);

	ASSERT_LE(0, listener);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, reg_nonblock(fd, true));
	ASSERT_EQ(-1, reg_connect(fd, &self->conf, reg_port(listener)));
	ASSERT_EQ(EINPROGRESS, errno);
	ASSERT_EQ(TCP_SYN_SENT, reg_tcp_state(fd));
	EXPECT_EQ(ENOTCONN, linger_start(fd, LINGER_MS));
	EXPECT_EQ(WSP_LINGER_NONE, linger_state(fd));
	EXPECT_EQ(TCP_SYN_SENT, reg_tcp_state(fd));
}

START_TEST(ENOTCONN_on_a_listener)
{
	int fd = reg_listen(&self->conf);

	ASSERT_LE(0, fd);
	EXPECT_EQ(ENOTCONN, linger_start(fd, LINGER_MS));
	EXPECT_EQ(TCP_LISTEN, reg_tcp_state(fd));
}

START_TEST(ENOTCONN_after_a_reset)
{
	reg_abort(self->fd[1]);
	ASSERT_TRUE(reg_wait_state(self->fd[0], TCP_CLOSE));
	EXPECT_EQ(ENOTCONN, linger_start(self->fd[0], LINGER_MS));
	EXPECT_EQ(WSP_LINGER_NONE, linger_state(self->fd[0]));
}

START_TEST(EINVAL_changes_nothing)
{
	struct wsp_linger_args bad[] = {
		{ .timeout = 0 },
		{ .timeout = 1, .flags = 1 },
		{ .timeout = 1, .flags = 1U << 31 },
		{ .timeout = 1, .reserved = 1 },
		{ .timeout = 1, .reserved = 1ULL << 63 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_EQ(-1, ioctl(self->fd[0], WSP_LINGER_START, &bad[i]));
		EXPECT_EQ(EINVAL, errno);
	}
	EXPECT_EQ(EINVAL, linger_set_mode(self->fd[0], 3));
	EXPECT_EQ(EINVAL, linger_set_mode(self->fd[0], UINT32_MAX));
	EXPECT_EQ(WSP_LINGER_MODE_NETNS, linger_mode(self->fd[0]));
	EXPECT_EQ(WSP_LINGER_NONE, linger_state(self->fd[0]));
	EXPECT_EQ(TCP_ESTABLISHED, reg_tcp_state(self->fd[0]));
}

START_TEST(EFAULT_changes_nothing)
{
	static const unsigned long cmd[] = {
		WSP_LINGER_START, WSP_LINGER_GET, WSP_LINGER_MODE,
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cmd); i++) {
		EXPECT_EQ(-1, ioctl(self->fd[0], cmd[i], 8));
		EXPECT_EQ(EFAULT, errno);
	}
	EXPECT_EQ(WSP_LINGER_NONE, linger_state(self->fd[0]));
	EXPECT_EQ(TCP_ESTABLISHED, reg_tcp_state(self->fd[0]));
}

START_TEST(ENOTTY_without_the_ULP)
{
	struct reg_conf plain = self->conf;
	struct wsp_linger_info info;
	/* The core reads a struct ifreq for numbers that it does not know. */
	char room[256] = { 1 };
	int fd[2];

	plain.attach = REG_NEITHER;
	ASSERT_EQ(0, reg_pair(&plain, fd));
	EXPECT_EQ(-1, ioctl(fd[0], WSP_LINGER_START, room));
	EXPECT_EQ(ENOTTY, errno);
	EXPECT_EQ(-1, ioctl(fd[0], WSP_LINGER_CANCEL, room));
	EXPECT_EQ(ENOTTY, errno);
	EXPECT_EQ(-1, ioctl(fd[0], WSP_LINGER_MODE, room));
	EXPECT_EQ(ENOTTY, errno);
	EXPECT_EQ(ENOTTY, linger_get(fd[0], &info));
	EXPECT_EQ(TCP_ESTABLISHED, reg_tcp_state(fd[0]));
}

TEST_HARNESS_MAIN
