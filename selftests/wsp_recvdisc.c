// SPDX-License-Identifier: GPL-2.0
/* RecvDisconnect on one connection; tests are named after what they prove. */
#include <errno.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "wsp_level.h"

FIXTURE(conn)
{
	int c;
	int s;
};

FIXTURE_VARIANT(conn)
{
	const struct wt_level *level;
	enum wt_family family;
};

FIXTURE_VARIANT_ADD(conn, v4_spi) { &wt_spi, WT_V4 };
FIXTURE_VARIANT_ADD(conn, v6_api) { &wt_api, WT_V6 };
FIXTURE_VARIANT_ADD(conn, mapped_spi) { &wt_spi, WT_MAPPED };
FIXTURE_VARIANT_ADD(conn, v4_raw) { &wt_raw, WT_V4 };
FIXTURE_VARIANT_ADD(conn, v6_raw) { &wt_raw, WT_V6 };

FIXTURE_SETUP(conn)
{
	struct wt_conf conf = {
		.family = variant->family,
		.attach = WT_ATTACH_BOTH,
		.sndbuf = WT_STALL_SNDBUF,
		.rcvbuf = WT_STALL_RCVBUF,
	};
	int fd[2];

	ASSERT_EQ(0, wt_lib_start());
	ASSERT_EQ(0, wt_level_pair(variant->level, &conf, fd));
	self->c = fd[0];
	self->s = fd[1];
}

FIXTURE_TEARDOWN(conn)
{
	close(self->c);
	close(self->s);
}

/* RecvDisconnect on @fd gives exactly @data. */
static void has_disc(struct __test_metadata *_metadata,
		     const struct wt_level *level, int fd, const char *data)
{
	char buf[64];
	uint32_t len = sizeof(buf);

	ASSERT_EQ(0, level->recv_disc(fd, buf, &len));
	ASSERT_EQ(strlen(data), len);
	EXPECT_EQ(0, memcmp(buf, data, len));
}

/* RecvDisconnect succeeds and tells that there is nothing. */
static void has_nothing(struct __test_metadata *_metadata,
			const struct wt_level *level, int fd)
{
	char buf[64];
	uint32_t len = sizeof(buf);

	memset(buf, 0xcc, sizeof(buf));
	ASSERT_EQ(0, level->recv_disc(fd, buf, &len));
	EXPECT_EQ(0, len);
	EXPECT_TRUE(wt_is_all(buf, 0xcc, sizeof(buf)));
}

WT_TEST(conn, RD_1_with_room_for_exactly_the_data)
{
	char buf[8];
	uint32_t len = sizeof(buf);

	ASSERT_EQ(0, variant->level->send_disc(self->c, "farewell", 8));
	ASSERT_TRUE(wt_wait(wt_has_data, self->s, WT_SOON_MS));
	ASSERT_EQ(0, variant->level->recv_disc(self->s, buf, &len));
	ASSERT_EQ(8, len);
	EXPECT_EQ(0, memcmp(buf, "farewell", 8));
}

WT_TEST(conn, RD_1_behind_bytes_that_nobody_read)
{
	ASSERT_EQ(0, wt_send_pattern(self->c, 5000, 0));
	ASSERT_EQ(0, variant->level->send_disc(self->c, "farewell", 8));
	ASSERT_TRUE(wt_wait(wt_saw_fin, self->s, WT_SOON_MS));
	has_disc(_metadata, variant->level, self->s, "farewell");
}

WT_TEST(conn, RD_2_too_little_room_keeps_the_data_and_tells_the_size)
{
	char buf[7];
	uint32_t len = sizeof(buf);

	ASSERT_EQ(0, variant->level->send_disc(self->c, "farewell", 8));
	ASSERT_TRUE(wt_wait(wt_has_data, self->s, WT_SOON_MS));
	EXPECT_EQ(-WSAEFAULT, variant->level->recv_disc(self->s, buf, &len));
	EXPECT_EQ(8, len);
	has_disc(_metadata, variant->level, self->s, "farewell");
}

WT_TEST(conn, RD_2_too_little_room_leaves_receiving_on)
{
	char buf[8] = { 0 };
	uint32_t len = 1;

	ASSERT_EQ(5, variant->level->send(self->c, "hello", 5));
	ASSERT_EQ(0, variant->level->send_disc(self->c, "farewell", 8));
	ASSERT_TRUE(wt_wait(wt_saw_fin, self->s, WT_SOON_MS));
	EXPECT_EQ(-WSAEFAULT, variant->level->recv_disc(self->s, buf, &len));
	EXPECT_EQ(5, variant->level->recv(self->s, buf, sizeof(buf)));
	EXPECT_EQ(0, memcmp(buf, "hello", 5));
	EXPECT_EQ(0, variant->level->recv(self->s, buf, sizeof(buf)));
	has_disc(_metadata, variant->level, self->s, "farewell");
}

WT_TEST(conn, RD_4_without_a_buffer_the_data_is_kept)
{
	uint32_t len = 0;
	char buf[8];

	ASSERT_EQ(0, variant->level->send_disc(self->c, "farewell", 8));
	ASSERT_TRUE(wt_wait(wt_has_data, self->s, WT_SOON_MS));
	EXPECT_EQ(0, variant->level->recv_disc(self->s, NULL, &len));
	EXPECT_EQ(-WSAESHUTDOWN,
		  variant->level->recv(self->s, buf, sizeof(buf)));
	has_disc(_metadata, variant->level, self->s, "farewell");
}

WT_TEST(conn, RD_4_with_a_buffer_of_length_0_too)
{
	uint32_t len = 0;
	char buf[8];

	ASSERT_EQ(0, variant->level->send_disc(self->c, NULL, 0));
	ASSERT_TRUE(wt_wait(wt_saw_fin, self->s, WT_SOON_MS));
	EXPECT_EQ(0, variant->level->recv_disc(self->s, buf, &len));
	EXPECT_EQ(-WSAESHUTDOWN,
		  variant->level->recv(self->s, buf, sizeof(buf)));
}

WT_TEST(conn, RD_10_queued_bytes_can_no_longer_be_had)
{
	char buf[8];
	int i;

	ASSERT_EQ(4, variant->level->send(self->c, "ping", 4));
	ASSERT_NE(0, wt_poll(self->s, POLLIN, WT_SOON_MS));
	has_nothing(_metadata, variant->level, self->s);
	for (i = 0; i < 3; i++) {
		EXPECT_EQ(-WSAESHUTDOWN,
			  variant->level->recv(self->s, buf, sizeof(buf)));
	}
}

WT_TEST(conn, RD_10_nor_later_bytes_nor_the_end)
{
	char buf[8];

	has_nothing(_metadata, variant->level, self->s);
	EXPECT_EQ(-WSAESHUTDOWN,
		  variant->level->recv(self->s, buf, sizeof(buf)));
	ASSERT_EQ(4, variant->level->send(self->c, "ping", 4));
	ASSERT_TRUE(wt_wait(wt_is_acked, self->c, WT_SOON_MS));
	EXPECT_EQ(-WSAESHUTDOWN,
		  variant->level->recv(self->s, buf, sizeof(buf)));
	ASSERT_EQ(0, variant->level->send_disc(self->c, NULL, 0));
	ASSERT_TRUE(wt_wait(wt_saw_fin, self->s, WT_SOON_MS));
	EXPECT_EQ(-WSAESHUTDOWN,
		  variant->level->recv(self->s, buf, sizeof(buf)));
}

WT_TEST(conn, RD_10_by_any_system_call)
{
	char buf[8];
	struct iovec iov = { .iov_base = buf, .iov_len = sizeof(buf) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	ASSERT_EQ(4, variant->level->send(self->c, "ping", 4));
	ASSERT_NE(0, wt_poll(self->s, POLLIN, WT_SOON_MS));
	has_nothing(_metadata, variant->level, self->s);
	WT_EXPECT_ERR(ESHUTDOWN, read(self->s, buf, sizeof(buf)));
	WT_EXPECT_ERR(ESHUTDOWN, recvmsg(self->s, &msg, 0));
	WT_EXPECT_ERR(ESHUTDOWN, recv(self->s, buf, sizeof(buf), MSG_PEEK));
	WT_EXPECT_ERR(ESHUTDOWN, recv(self->s, buf, sizeof(buf), MSG_DONTWAIT));
	WT_EXPECT_ERR(ESHUTDOWN, recv(self->s, buf, sizeof(buf), MSG_WAITALL));
}

WT_TEST(conn, RD_11_sending_still_works)
{
	has_nothing(_metadata, variant->level, self->s);
	EXPECT_TRUE(wt_passes(self->s, self->c));
	ASSERT_EQ(0, variant->level->send_disc(self->s, "bye", 3));
	ASSERT_TRUE(wt_wait(wt_has_data, self->c, WT_SOON_MS));
	has_disc(_metadata, variant->level, self->c, "bye");
}

static unsigned int segs_out(int fd)
{
	struct tcp_info ti = { 0 };
	socklen_t len = sizeof(ti);

	getsockopt(fd, IPPROTO_TCP, TCP_INFO, &ti, &len);
	return ti.tcpi_segs_out;
}

static unsigned int send_window(int fd)
{
	struct tcp_info ti = { 0 };
	socklen_t len = sizeof(ti);

	getsockopt(fd, IPPROTO_TCP, TCP_INFO, &ti, &len);
	return ti.tcpi_snd_wnd;
}

WT_TEST(conn, RD_12_the_call_itself_sends_nothing)
{
	unsigned int segs, window;

	ASSERT_EQ(4, variant->level->send(self->c, "ping", 4));
	ASSERT_TRUE(wt_wait(wt_is_acked, self->c, WT_SOON_MS));
	segs = segs_out(self->s);
	window = send_window(self->c);
	has_nothing(_metadata, variant->level, self->s);
	EXPECT_EQ(segs, segs_out(self->s));
	EXPECT_EQ(window, send_window(self->c));
	EXPECT_EQ(WT_ESTABLISHED, wt_tcp_state(self->s));
	EXPECT_TRUE(wt_is_quiet(self->c));
}

WT_TEST(conn, RD_12_the_peer_sends_until_the_window_closes)
{
	has_nothing(_metadata, variant->level, self->s);
	ASSERT_GT(wt_fill(self->c), WT_STALL_RCVBUF / 4);
	EXPECT_TRUE(wt_is_stalled(self->c));
	/* Neither reset nor FIN, in either direction. */
	EXPECT_TRUE(wt_is_quiet(self->c));
	EXPECT_EQ(WT_ESTABLISHED, wt_tcp_state(self->c));
	EXPECT_EQ(WT_ESTABLISHED, wt_tcp_state(self->s));
	EXPECT_TRUE(wt_passes(self->s, self->c));
}

/* SO_LINGER, then RecvDisconnect while nothing has arrived. */
static void at_once(struct __test_metadata *_metadata,
		    const struct wt_level *level, int fd, int onoff, int t)
{
	long start;

	ASSERT_EQ(0, level->linger(fd, onoff, t));
	start = wt_ms();
	has_nothing(_metadata, level, fd);
	EXPECT_LT(wt_ms() - start, WT_AT_ONCE_MS);
	ASSERT_EQ(0, level->linger(fd, 0, 0));
}

WT_TEST(conn, RD_14_never_blocks_without_linger)
{
	at_once(_metadata, variant->level, self->s, 0, 0);
}

WT_TEST(conn, RD_14_never_blocks_with_linger_0)
{
	at_once(_metadata, variant->level, self->s, 1, 0);
}

WT_TEST(conn, RD_14_never_blocks_with_linger_and_unacknowledged_data)
{
	ASSERT_GT(wt_fill(self->c), 0);
	at_once(_metadata, variant->level, self->c, 1, WT_FOREVER_S);
}

WT_TEST(conn, RD_15_does_not_close)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);

	has_nothing(_metadata, variant->level, self->s);
	EXPECT_EQ(0, getpeername(self->s, (struct sockaddr *)&ss, &len));
	EXPECT_EQ(WT_ESTABLISHED, wt_tcp_state(self->s));
	EXPECT_EQ(WT_ESTABLISHED, wt_tcp_state(self->c));
	EXPECT_EQ(0, variant->level->close(self->s));
}

WT_TEST(conn, RD_16_after_the_close_event)
{
	ASSERT_EQ(0, variant->level->send_disc(self->c, "farewell", 8));
	ASSERT_NE(0, wt_poll(self->s, POLLRDHUP, WT_SOON_MS));
	has_disc(_metadata, variant->level, self->s, "farewell");
}

WT_TEST(conn, RD_16_after_recv_returned_0)
{
	char buf[8];

	ASSERT_EQ(0, variant->level->send_disc(self->c, "farewell", 8));
	ASSERT_EQ(0, variant->level->recv(self->s, buf, sizeof(buf)));
	ASSERT_EQ(0, variant->level->recv(self->s, buf, sizeof(buf)));
	has_disc(_metadata, variant->level, self->s, "farewell");
}

WT_TEST(conn, RD_16_RD_20_after_a_reset_that_came_later)
{
	char buf[8];

	ASSERT_EQ(0, variant->level->send_disc(self->c, "farewell", 8));
	ASSERT_EQ(0, variant->level->recv(self->s, buf, sizeof(buf)));
	ASSERT_EQ(0, wt_linger(self->c, 1, 0));
	ASSERT_EQ(0, close(self->c));
	ASSERT_TRUE(wt_wait(wt_is_closed, self->s, WT_SOON_MS));
	has_disc(_metadata, variant->level, self->s, "farewell");
}

WT_TEST(conn, RD_20_data_not_looked_at_before_the_reset)
{
	ASSERT_EQ(0, variant->level->send_disc(self->c, "farewell", 8));
	ASSERT_TRUE(wt_wait(wt_saw_fin, self->s, WT_SOON_MS));
	ASSERT_EQ(0, wt_linger(self->c, 1, 0));
	ASSERT_EQ(0, close(self->c));
	ASSERT_TRUE(wt_wait(wt_is_closed, self->s, WT_SOON_MS));
	has_disc(_metadata, variant->level, self->s, "farewell");
}

WT_TEST(conn, RD_20_data_behind_unread_bytes_before_the_reset)
{
	ASSERT_EQ(0, wt_send_pattern(self->c, 5000, 0));
	ASSERT_EQ(0, variant->level->send_disc(self->c, "farewell", 8));
	ASSERT_TRUE(wt_wait(wt_saw_fin, self->s, WT_SOON_MS));
	ASSERT_EQ(0, wt_linger(self->c, 1, 0));
	ASSERT_EQ(0, close(self->c));
	ASSERT_TRUE(wt_wait(wt_is_closed, self->s, WT_SOON_MS));
	has_disc(_metadata, variant->level, self->s, "farewell");
}

WT_TEST(conn, RD_20_a_reset_provoked_by_our_own_bytes)
{
	char buf[8];

	ASSERT_EQ(0, variant->level->send_disc(self->c, "farewell", 8));
	ASSERT_EQ(0, variant->level->recv(self->s, buf, sizeof(buf)));
	ASSERT_EQ(0, close(self->c));
	ASSERT_EQ(4, variant->level->send(self->s, "late", 4));
	ASSERT_TRUE(wt_wait(wt_is_closed, self->s, WT_SOON_MS));
	has_disc(_metadata, variant->level, self->s, "farewell");
}

WT_TEST(conn, RD_17_nothing_yet_and_later_the_data)
{
	char buf[8];

	has_nothing(_metadata, variant->level, self->s);
	EXPECT_EQ(-WSAESHUTDOWN,
		  variant->level->recv(self->s, buf, sizeof(buf)));
	ASSERT_EQ(4, variant->level->send(self->c, "ping", 4));
	ASSERT_EQ(0, variant->level->send_disc(self->c, "farewell", 8));
	ASSERT_TRUE(wt_wait(wt_saw_fin, self->s, WT_SOON_MS));
	has_disc(_metadata, variant->level, self->s, "farewell");
}

WT_TEST(conn, RD_18_the_peer_ended_without_data)
{
	ASSERT_EQ(0, variant->level->shutdown(self->c, SD_SEND));
	ASSERT_TRUE(wt_wait(wt_saw_fin, self->s, WT_SOON_MS));
	has_nothing(_metadata, variant->level, self->s);
}

WT_TEST(conn, RD_18_the_peer_closed_without_data)
{
	ASSERT_EQ(0, variant->level->close(self->c));
	ASSERT_TRUE(wt_wait(wt_saw_fin, self->s, WT_SOON_MS));
	has_nothing(_metadata, variant->level, self->s);
}

WT_TEST(conn, RD_19_the_same_data_again_until_close)
{
	int i;

	ASSERT_EQ(0, variant->level->send_disc(self->c, "farewell", 8));
	ASSERT_TRUE(wt_wait(wt_saw_fin, self->s, WT_SOON_MS));
	for (i = 0; i < 3; i++)
		has_disc(_metadata, variant->level, self->s, "farewell");
	ASSERT_EQ(0, variant->level->send_disc(self->s, NULL, 0));
	ASSERT_TRUE(wt_wait(wt_is_closed, self->s, WT_SOON_MS));
	has_disc(_metadata, variant->level, self->s, "farewell");
}

WT_TEST(conn, RD_21_the_whole_sequence)
{
	struct wt_conf conf = {
		.family = variant->family,
		.attach = WT_ATTACH_BOTH,
	};
	const struct wt_level *lv = variant->level;
	int fd[2], status;
	pid_t pid;
	char buf[8];

	/* Default buffers: the reply fits, so that nobody has to wait. */
	ASSERT_EQ(0, wt_level_pair(lv, &conf, fd));
	ASSERT_EQ(0, wt_send_pattern(fd[0], 30000, 0));
	ASSERT_EQ(0, lv->send_disc(fd[0], "total 30000", 11));
	pid = fork();
	ASSERT_GE(pid, 0);
	if (!pid) {
		/* The server; the parent keeps no copy of its socket. */
		close(fd[0]);
		EXPECT_EQ(30000, wt_drain(fd[1], 0));
		EXPECT_EQ(0, lv->recv(fd[1], buf, sizeof(buf)));
		has_disc(_metadata, lv, fd[1], "total 30000");
		EXPECT_EQ(0, wt_send_pattern(fd[1], 20000, 7));
		EXPECT_EQ(0, lv->send_disc(fd[1], "grand total 50000", 17));
		EXPECT_EQ(0, lv->close(fd[1]));
		_exit(0);
	}
	close(fd[1]);
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	/* The server has closed; what it sent is all there. */
	ASSERT_NE(0, wt_poll(fd[0], POLLRDHUP, WT_SOON_MS));
	EXPECT_EQ(20000, wt_drain(fd[0], 7));
	EXPECT_EQ(0, lv->recv(fd[0], buf, sizeof(buf)));
	has_disc(_metadata, lv, fd[0], "grand total 50000");
	EXPECT_EQ(0, lv->close(fd[0]));
}

TEST_HARNESS_MAIN
