// SPDX-License-Identifier: GPL-2.0
/* Closing a blocking socket whose peer does not read: CL-10 to CL-13, CL-17. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "wsp_level.h"

/* A linger that tests do sit through. */
#define SHORT_S		1

FIXTURE(blocking)
{
	struct wt_full full;
};

FIXTURE_VARIANT(blocking)
{
	const struct wt_level *level;
	enum wt_family family;
};

FIXTURE_VARIANT_ADD(blocking, v4_spi) { &wt_spi, WT_V4 };
FIXTURE_VARIANT_ADD(blocking, v6_api) { &wt_api, WT_V6 };
FIXTURE_VARIANT_ADD(blocking, mapped_spi) { &wt_spi, WT_MAPPED };
FIXTURE_VARIANT_ADD(blocking, v4_raw) { &wt_raw, WT_V4 };
FIXTURE_VARIANT_ADD(blocking, v6_raw) { &wt_raw, WT_V6 };

FIXTURE_SETUP(blocking)
{
	ASSERT_EQ(0, wt_full_setup(variant->level, variant->family,
				   &self->full));
}

FIXTURE_TEARDOWN(blocking)
{
	/* The client's end is closed, or its number taken by another file. */
	close(self->full.s);
}

WT_TEST(blocking, CL_10_without_linger_at_once_and_nothing_is_lost)
{
	long start;

	ASSERT_EQ(0, variant->level->linger(self->full.c, 0, WT_FOREVER_S));
	start = wt_ms();
	EXPECT_EQ(0, variant->level->close(self->full.c));
	EXPECT_LT(wt_ms() - start, WT_AT_ONCE_MS);
	EXPECT_EQ(self->full.queued, wt_drain(self->full.s, 0));
}

WT_TEST(blocking, CL_10_with_disconnect_data_queued)
{
	char buf[8];
	uint32_t len = sizeof(buf);
	long start;

	ASSERT_EQ(0, variant->level->send_disc(self->full.c, "bye", 3));
	start = wt_ms();
	EXPECT_EQ(0, variant->level->close(self->full.c));
	EXPECT_LT(wt_ms() - start, WT_AT_ONCE_MS);
	EXPECT_EQ(self->full.queued, wt_drain(self->full.s, 0));
	ASSERT_EQ(0, variant->level->recv_disc(self->full.s, buf, &len));
	ASSERT_EQ(3, len);
	EXPECT_EQ(0, memcmp(buf, "bye", 3));
}

WT_TEST(blocking, CL_11_linger_0_resets_at_once)
{
	long start;

	ASSERT_EQ(0, variant->level->linger(self->full.c, 1, 0));
	start = wt_ms();
	EXPECT_EQ(0, variant->level->close(self->full.c));
	EXPECT_LT(wt_ms() - start, WT_AT_ONCE_MS);
	EXPECT_EQ(0, wt_full_state(&self->full));
	EXPECT_TRUE(wt_full_was_reset(variant->level, &self->full));
}

WT_TEST(blocking, CL_12_blocks_until_all_is_acknowledged)
{
	int pid, status;
	long start;

	ASSERT_EQ(0, variant->level->linger(self->full.c, 1, WT_FOREVER_S));
	pid = wt_full_drain_later(&self->full);
	ASSERT_GT(pid, 0);
	start = wt_ms();
	EXPECT_EQ(0, variant->level->close(self->full.c));
	EXPECT_TRUE(wt_saw_fin(self->full.s));
	EXPECT_LT(wt_ms() - start, WT_FOREVER_S * 1000 / 2);
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
}

WT_TEST(blocking, CL_12_the_disconnect_data_included)
{
	char buf[8];
	uint32_t len = sizeof(buf);
	int pid, status;

	ASSERT_EQ(0, variant->level->linger(self->full.c, 1, WT_FOREVER_S));
	ASSERT_EQ(0, variant->level->send_disc(self->full.c, "farewell", 8));
	pid = wt_full_drain_later(&self->full);
	ASSERT_GT(pid, 0);
	EXPECT_EQ(0, variant->level->close(self->full.c));
	EXPECT_TRUE(wt_saw_fin(self->full.s));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	ASSERT_EQ(0, variant->level->recv_disc(self->full.s, buf, &len));
	ASSERT_EQ(8, len);
	EXPECT_EQ(0, memcmp(buf, "farewell", 8));
}

WT_TEST(blocking, CL_13_resets_when_the_time_is_over)
{
	long start, took;

	ASSERT_EQ(0, variant->level->linger(self->full.c, 1, SHORT_S));
	start = wt_ms();
	EXPECT_EQ(0, variant->level->close(self->full.c));
	took = wt_ms() - start;
	/* Gone from the table when close() is back: not left to FIN_WAIT1. */
	EXPECT_EQ(0, wt_full_state(&self->full));
	EXPECT_GE(took, SHORT_S * 1000 - 50);
	EXPECT_LT(took, SHORT_S * 1000 + WT_AT_ONCE_MS);
	EXPECT_TRUE(wt_full_was_reset(variant->level, &self->full));
}

WT_TEST(blocking, CL_13_also_behind_a_queued_record)
{
	long start;

	ASSERT_EQ(0, variant->level->linger(self->full.c, 1, SHORT_S));
	ASSERT_EQ(0, variant->level->send_disc(self->full.c, "farewell", 8));
	start = wt_ms();
	EXPECT_EQ(0, variant->level->close(self->full.c));
	EXPECT_GE(wt_ms() - start, SHORT_S * 1000 - 50);
	EXPECT_EQ(0, wt_full_state(&self->full));
	EXPECT_TRUE(wt_full_was_reset(variant->level, &self->full));
}

WT_TEST(blocking, CL_17_a_killed_process_does_not_linger)
{
	long start = wt_ms();

	ASSERT_EQ(0, variant->level->linger(self->full.c, 1, WT_FOREVER_S));
	EXPECT_EQ(SIGKILL, wt_full_die(&self->full, SIGKILL));
	EXPECT_LT(wt_ms() - start, WT_AT_ONCE_MS);
	EXPECT_EQ(self->full.queued, wt_drain(self->full.s, 0));
}

WT_TEST(blocking, CL_17_nor_does_one_that_exits)
{
	long start = wt_ms();

	ASSERT_EQ(0, variant->level->linger(self->full.c, 1, WT_FOREVER_S));
	EXPECT_EQ(0, wt_full_die(&self->full, 0));
	EXPECT_LT(wt_ms() - start, WT_AT_ONCE_MS);
	EXPECT_EQ(self->full.queued, wt_drain(self->full.s, 0));
}

WT_TEST(blocking, CL_17_and_nothing_is_reset_when_the_time_is_over)
{
	ASSERT_EQ(0, variant->level->linger(self->full.c, 1, SHORT_S));
	EXPECT_EQ(SIGKILL, wt_full_die(&self->full, SIGKILL));
	/* Time has to pass here: what is waited for must not happen. */
	EXPECT_EQ(0, wt_poll(self->full.s, POLLRDHUP, SHORT_S * 1500));
	EXPECT_EQ(self->full.queued, wt_drain(self->full.s, 0));
}

TEST_HARNESS_MAIN
