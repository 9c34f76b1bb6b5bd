// SPDX-License-Identifier: GPL-2.0
/* Closing a nonblocking socket whose peer does not read: CL-10 to CL-16. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "wsp_level.h"

FIXTURE(nonblock)
{
	struct wt_full full;
};

FIXTURE_VARIANT(nonblock)
{
	const struct wt_level *level;
	enum wt_family family;
};

FIXTURE_VARIANT_ADD(nonblock, v4_spi) { &wt_spi, WT_V4 };
FIXTURE_VARIANT_ADD(nonblock, v6_api) { &wt_api, WT_V6 };
FIXTURE_VARIANT_ADD(nonblock, mapped_spi) { &wt_spi, WT_MAPPED };
FIXTURE_VARIANT_ADD(nonblock, v4_raw) { &wt_raw, WT_V4 };
FIXTURE_VARIANT_ADD(nonblock, v6_raw) { &wt_raw, WT_V6 };

FIXTURE_SETUP(nonblock)
{
	ASSERT_EQ(0, wt_full_setup(variant->level, variant->family,
				   &self->full));
	ASSERT_EQ(0, wt_nonblock(self->full.c, true));
}

FIXTURE_TEARDOWN(nonblock)
{
	/* The client's end is closed, or its number taken by another file. */
	close(self->full.s);
}

/* Three refusals, whatever comes next. */
static void keeps_refusing(struct __test_metadata *_metadata,
			   const struct wt_level *level, int fd)
{
	int i;

	ASSERT_EQ(0, level->linger(fd, 1, WT_FOREVER_S));
	for (i = 0; i < 3; i++)
		EXPECT_EQ(-WSAEWOULDBLOCK, level->close(fd));
}

/* Success, without waiting for anything. */
static void closes(struct __test_metadata *_metadata,
		   const struct wt_level *level, int fd)
{
	long start = wt_ms();

	EXPECT_EQ(0, level->close(fd));
	EXPECT_LT(wt_ms() - start, WT_AT_ONCE_MS);
}

WT_TEST(nonblock, CL_10_without_linger_at_once_and_nothing_is_lost)
{
	ASSERT_EQ(0, variant->level->linger(self->full.c, 0, WT_FOREVER_S));
	closes(_metadata, variant->level, self->full.c);
	EXPECT_EQ(self->full.queued, wt_drain(self->full.s, 0));
}

WT_TEST(nonblock, CL_11_linger_0_resets_at_once)
{
	ASSERT_EQ(0, variant->level->linger(self->full.c, 1, 0));
	closes(_metadata, variant->level, self->full.c);
	EXPECT_EQ(0, wt_full_state(&self->full));
	EXPECT_TRUE(wt_full_was_reset(variant->level, &self->full));
}

WT_TEST(nonblock, CL_14_is_EWOULDBLOCK_at_once_and_the_peer_sees_nothing)
{
	long start;

	ASSERT_EQ(0, variant->level->linger(self->full.c, 1, WT_FOREVER_S));
	start = wt_ms();
	EXPECT_EQ(-WSAEWOULDBLOCK, variant->level->close(self->full.c));
	EXPECT_LT(wt_ms() - start, WT_AT_ONCE_MS);
	EXPECT_EQ(WT_ESTABLISHED, wt_tcp_state(self->full.c));
	EXPECT_EQ(WT_ESTABLISHED, wt_tcp_state(self->full.s));
	EXPECT_EQ(0, wt_poll(self->full.s, POLLRDHUP, 0));
	ASSERT_TRUE(wt_full_take(variant->level, &self->full));
	EXPECT_TRUE(wt_is_quiet(self->full.s));
	closes(_metadata, variant->level, self->full.c);
}

WT_TEST(nonblock, CL_14_the_handle_stays_as_good_as_before)
{
	ASSERT_EQ(0, variant->level->linger(self->full.c, 1, WT_FOREVER_S));
	EXPECT_EQ(-WSAEWOULDBLOCK, variant->level->close(self->full.c));
	EXPECT_TRUE(wt_passes(self->full.s, self->full.c));
	ASSERT_TRUE(wt_full_take(variant->level, &self->full));
	EXPECT_TRUE(wt_passes(self->full.c, self->full.s));
	ASSERT_EQ(0, variant->level->send_disc(self->full.c, "bye", 3));
	EXPECT_TRUE(wt_wait(wt_has_data, self->full.s, WT_SOON_MS));
	closes(_metadata, variant->level, self->full.c);
}

WT_TEST(nonblock, CL_15_nothing_unacknowledged_closes_gracefully)
{
	char buf[8];

	ASSERT_TRUE(wt_full_take(variant->level, &self->full));
	ASSERT_EQ(0, variant->level->linger(self->full.c, 1, WT_FOREVER_S));
	closes(_metadata, variant->level, self->full.c);
	EXPECT_EQ(0, variant->level->recv(self->full.s, buf, sizeof(buf)));
	EXPECT_TRUE(wt_saw_fin(self->full.s));
}

WT_TEST(nonblock, CL_16_until_linger_is_turned_off)
{
	keeps_refusing(_metadata, variant->level, self->full.c);
	ASSERT_EQ(0, variant->level->linger(self->full.c, 0, 0));
	closes(_metadata, variant->level, self->full.c);
	EXPECT_EQ(self->full.queued, wt_drain(self->full.s, 0));
}

WT_TEST(nonblock, CL_16_until_linger_is_0)
{
	keeps_refusing(_metadata, variant->level, self->full.c);
	ASSERT_EQ(0, variant->level->linger(self->full.c, 1, 0));
	closes(_metadata, variant->level, self->full.c);
	EXPECT_TRUE(wt_full_was_reset(variant->level, &self->full));
}

WT_TEST(nonblock, CL_16_until_the_data_has_drained)
{
	char buf[8];

	keeps_refusing(_metadata, variant->level, self->full.c);
	ASSERT_TRUE(wt_full_take(variant->level, &self->full));
	closes(_metadata, variant->level, self->full.c);
	EXPECT_EQ(0, variant->level->recv(self->full.s, buf, sizeof(buf)));
}

WT_TEST(nonblock, CL_16_until_shutdown_has_begun_the_release)
{
	keeps_refusing(_metadata, variant->level, self->full.c);
	ASSERT_EQ(0, variant->level->shutdown(self->full.c, SD_SEND));
	closes(_metadata, variant->level, self->full.c);
	EXPECT_EQ(self->full.queued, wt_drain(self->full.s, 0));
}

WT_TEST(nonblock, CL_16_until_SendDisconnect_has_begun_the_release)
{
	char buf[8];
	uint32_t len = sizeof(buf);

	keeps_refusing(_metadata, variant->level, self->full.c);
	ASSERT_EQ(0, variant->level->send_disc(self->full.c, "bye", 3));
	closes(_metadata, variant->level, self->full.c);
	EXPECT_EQ(self->full.queued, wt_drain(self->full.s, 0));
	ASSERT_EQ(0, variant->level->recv_disc(self->full.s, buf, &len));
	EXPECT_EQ(3, len);
}

TEST_HARNESS_MAIN
