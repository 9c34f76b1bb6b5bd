// SPDX-License-Identifier: GPL-2.0
/* Receiving at the end of a stream, and shutdown(): RC-1, RC-3, RC-4, RD-12. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "wsp_level.h"

FIXTURE(ended)
{
	int c;
	int s;
};

FIXTURE_VARIANT(ended)
{
	const struct wt_level *level;
	enum wt_family family;
};

FIXTURE_VARIANT_ADD(ended, v4_spi) { &wt_spi, WT_V4 };
FIXTURE_VARIANT_ADD(ended, v6_api) { &wt_api, WT_V6 };
FIXTURE_VARIANT_ADD(ended, mapped_spi) { &wt_spi, WT_MAPPED };
FIXTURE_VARIANT_ADD(ended, v4_raw) { &wt_raw, WT_V4 };
FIXTURE_VARIANT_ADD(ended, v6_raw) { &wt_raw, WT_V6 };

FIXTURE_SETUP(ended)
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

FIXTURE_TEARDOWN(ended)
{
	close(self->c);
	close(self->s);
}

static void ends_again_and_again(struct __test_metadata *_metadata,
				 const struct wt_level *level, int fd)
{
	char buf[8];
	int i;

	for (i = 0; i < 3; i++)
		EXPECT_EQ(0, level->recv(fd, buf, sizeof(buf)));
}

WT_TEST(ended, RC_1_a_graceful_end_again_and_again)
{
	char buf[8];

	ASSERT_EQ(4, variant->level->send(self->c, "last", 4));
	ASSERT_EQ(0, variant->level->shutdown(self->c, SD_SEND));
	EXPECT_EQ(4, variant->level->recv(self->s, buf, sizeof(buf)));
	ends_again_and_again(_metadata, variant->level, self->s);
}

WT_TEST(ended, RC_1_with_disconnect_data_too)
{
	char buf[8];

	ASSERT_EQ(4, variant->level->send(self->c, "last", 4));
	ASSERT_EQ(0, variant->level->send_disc(self->c, "bye", 3));
	EXPECT_EQ(4, variant->level->recv(self->s, buf, sizeof(buf)));
	ends_again_and_again(_metadata, variant->level, self->s);
}

/* The library makes it stay; the kernel says it once. */
static void is_reset(struct __test_metadata *_metadata,
		     const struct wt_level *level, int fd)
{
	char buf[8];
	int i;

	ASSERT_TRUE(wt_wait(wt_is_closed, fd, WT_SOON_MS));
	for (i = 0; i < (level == &wt_raw ? 1 : 3); i++)
		EXPECT_EQ(-WSAECONNRESET, level->recv(fd, buf, sizeof(buf)));
}

WT_TEST(ended, RC_3_a_reset)
{
	ASSERT_EQ(0, wt_linger(self->c, 1, 0));
	ASSERT_EQ(0, close(self->c));
	is_reset(_metadata, variant->level, self->s);
}

WT_TEST(ended, RC_3_a_reset_behind_data_nobody_read)
{
	char buf[8];

	ASSERT_EQ(4, variant->level->send(self->c, "lost", 4));
	ASSERT_NE(0, wt_poll(self->s, POLLIN, WT_SOON_MS));
	ASSERT_EQ(0, wt_linger(self->c, 1, 0));
	ASSERT_EQ(0, close(self->c));
	ASSERT_TRUE(wt_wait(wt_is_closed, self->s, WT_SOON_MS));
	/* What had arrived may be had first, as TCP has it. */
	if (variant->level->recv(self->s, buf, sizeof(buf)) == 4)
		is_reset(_metadata, variant->level, self->s);
}

WT_TEST(ended, RC_4_an_unknown_direction_is_EINVAL)
{
	EXPECT_EQ(-WSAEINVAL, variant->level->shutdown(self->c, 3));
	EXPECT_EQ(-WSAEINVAL, variant->level->shutdown(self->c, -1));
	EXPECT_TRUE(wt_passes(self->c, self->s));
	EXPECT_TRUE(wt_passes(self->s, self->c));
}

WT_TEST(ended, RC_4_unconnected_is_ENOTCONN)
{
	int how, fd = wt_level_socket(variant->level, WT_CLIENT,
				      variant->family, true);

	ASSERT_GE(fd, 0);
	for (how = SD_RECEIVE; how <= SD_BOTH; how++)
		EXPECT_EQ(-WSAENOTCONN, variant->level->shutdown(fd, how));
	EXPECT_EQ(0, variant->level->close(fd));
}

WT_TEST(ended, RC_4_a_second_call_is_no_error)
{
	int how;

	for (how = SD_RECEIVE; how <= SD_BOTH; how++) {
		EXPECT_EQ(0, variant->level->shutdown(self->c, how));
		EXPECT_EQ(0, variant->level->shutdown(self->c, how));
	}
}

WT_TEST(ended, RD_12_shutdown_of_receiving_leaves_tcp_alone)
{
	char buf[8];

	ASSERT_EQ(0, variant->level->shutdown(self->s, SD_RECEIVE));
	EXPECT_TRUE(wt_is_quiet(self->c));
	EXPECT_EQ(-WSAESHUTDOWN,
		  variant->level->recv(self->s, buf, sizeof(buf)));
	ASSERT_GT(wt_fill(self->c), WT_STALL_RCVBUF / 4);
	EXPECT_TRUE(wt_is_stalled(self->c));
	EXPECT_TRUE(wt_is_quiet(self->c));
	EXPECT_EQ(WT_ESTABLISHED, wt_tcp_state(self->s));
	EXPECT_TRUE(wt_passes(self->s, self->c));
}

WT_TEST(ended, RD_12_shutdown_of_both_sends_no_more_than_the_end)
{
	char buf[8];

	ASSERT_EQ(0, variant->level->shutdown(self->s, SD_BOTH));
	EXPECT_EQ(-WSAESHUTDOWN, variant->level->send(self->s, "x", 1));
	EXPECT_EQ(-WSAESHUTDOWN,
		  variant->level->recv(self->s, buf, sizeof(buf)));
	EXPECT_EQ(0, variant->level->recv(self->c, buf, sizeof(buf)));
	ASSERT_GT(wt_fill(self->c), WT_STALL_RCVBUF / 4);
	EXPECT_TRUE(wt_is_stalled(self->c));
	EXPECT_EQ(WT_CLOSE_WAIT, wt_tcp_state(self->c));
	EXPECT_EQ(WT_FIN_WAIT2, wt_tcp_state(self->s));
}

/* Disconnect data goes on arriving and can be had. */
WT_TEST(ended, RD_17_shutdown_of_receiving_keeps_later_data)
{
	char buf[8];
	uint32_t len = sizeof(buf);

	ASSERT_EQ(0, variant->level->shutdown(self->s, SD_RECEIVE));
	ASSERT_EQ(0, variant->level->send_disc(self->c, "bye", 3));
	ASSERT_TRUE(wt_wait(wt_has_data, self->s, WT_SOON_MS));
	EXPECT_EQ(0, variant->level->recv_disc(self->s, buf, &len));
	ASSERT_EQ(3, len);
	EXPECT_EQ(0, memcmp(buf, "bye", 3));
}

TEST_HARNESS_MAIN
