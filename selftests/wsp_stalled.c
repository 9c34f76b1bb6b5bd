// SPDX-License-Identifier: GPL-2.0
/*
 * SendDisconnect with a full send queue and a peer that does not read (SD-13),
 * and by a process that does not wait for it (SD-22).
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "wsp_level.h"

FIXTURE(stalled)
{
	struct wt_full full;
};

FIXTURE_VARIANT(stalled)
{
	const struct wt_level *level;
	enum wt_family family;
	int onoff;
	int seconds;
	bool nonblock;
};

FIXTURE_VARIANT_ADD(stalled, v4_spi_off) { &wt_spi, WT_V4, 0, 0, false };
FIXTURE_VARIANT_ADD(stalled, v6_api_off) { &wt_api, WT_V6, 0, 0, false };
FIXTURE_VARIANT_ADD(stalled, v4_raw_off_nonblock) {
	&wt_raw, WT_V4, 0, 0, true
};

FIXTURE_VARIANT_ADD(stalled, v6_spi_off_nonblock) {
	&wt_spi, WT_V6, 0, 0, true
};

FIXTURE_VARIANT_ADD(stalled, v4_api_hard) { &wt_api, WT_V4, 1, 0, false };
FIXTURE_VARIANT_ADD(stalled, v6_raw_hard) { &wt_raw, WT_V6, 1, 0, false };
FIXTURE_VARIANT_ADD(stalled, v4_spi_hard_nonblock) {
	&wt_spi, WT_V4, 1, 0, true
};

FIXTURE_VARIANT_ADD(stalled, v6_raw_hard_nonblock) {
	&wt_raw, WT_V6, 1, 0, true
};

FIXTURE_VARIANT_ADD(stalled, v4_raw_timed) {
	&wt_raw, WT_V4, 1, WT_FOREVER_S, false
};

FIXTURE_VARIANT_ADD(stalled, v6_spi_timed) {
	&wt_spi, WT_V6, 1, WT_FOREVER_S, false
};

FIXTURE_VARIANT_ADD(stalled, v4_api_timed_nonblock) {
	&wt_api, WT_V4, 1, WT_FOREVER_S, true
};

FIXTURE_VARIANT_ADD(stalled, v6_raw_timed_nonblock) {
	&wt_raw, WT_V6, 1, WT_FOREVER_S, true
};

FIXTURE_SETUP(stalled)
{
	ASSERT_EQ(0, wt_full_setup(variant->level, variant->family,
				   &self->full));
	ASSERT_EQ(0, variant->level->linger(self->full.c, variant->onoff,
					    variant->seconds));
	ASSERT_EQ(0, wt_nonblock(self->full.c, variant->nonblock));
}

FIXTURE_TEARDOWN(stalled)
{
	wt_linger(self->full.c, 0, 0);
	close(self->full.c);
	close(self->full.s);
}

WT_TEST(stalled, SD_13_does_not_block_and_loses_nothing)
{
	uint8_t data[WSP_DISC_DEFAULT_MAX], got[sizeof(data)];
	uint32_t len = sizeof(got);
	long start = wt_ms();

	wt_pattern(data, sizeof(data), 5);
	EXPECT_EQ(0, variant->level->send_disc(self->full.c, data, sizeof(data)));
	EXPECT_LT(wt_ms() - start, WT_AT_ONCE_MS);
	EXPECT_FALSE(wt_saw_fin(self->full.s));

	EXPECT_EQ(self->full.queued, wt_drain(self->full.s, 0));
	ASSERT_EQ(0, variant->level->recv_disc(self->full.s, got, &len));
	ASSERT_EQ(sizeof(data), len);
	EXPECT_EQ(0, memcmp(got, data, len));
	EXPECT_TRUE(wt_wait(wt_is_acked, self->full.c, WT_SOON_MS));
}

WT_TEST(stalled, SD_13_without_data)
{
	long start = wt_ms();

	EXPECT_EQ(0, variant->level->send_disc(self->full.c, NULL, 0));
	EXPECT_LT(wt_ms() - start, WT_AT_ONCE_MS);
	EXPECT_EQ(self->full.queued, wt_drain(self->full.s, 0));
	EXPECT_FALSE(wt_has_data(self->full.s));
}

WT_TEST(stalled, SD_13_a_second_call_does_not_block_either)
{
	long start = wt_ms();

	EXPECT_EQ(0, variant->level->send_disc(self->full.c, "bye", 3));
	EXPECT_EQ(0, variant->level->send_disc(self->full.c, NULL, 0));
	EXPECT_EQ(-WSAESHUTDOWN, variant->level->send_disc(self->full.c, "x", 1));
	EXPECT_EQ(-WSAESHUTDOWN, variant->level->send(self->full.c, "x", 1));
	EXPECT_LT(wt_ms() - start, WT_AT_ONCE_MS);
}

enum ending { EXIT, SIGKILLED, CLOSE };

FIXTURE(dying)
{
	int c;
	int s;
};

FIXTURE_VARIANT(dying)
{
	const struct wt_level *level;
	enum wt_family family;
	enum ending ending;
};

FIXTURE_VARIANT_ADD(dying, v4_spi_exit) { &wt_spi, WT_V4, EXIT };
FIXTURE_VARIANT_ADD(dying, v6_raw_exit) { &wt_raw, WT_V6, EXIT };
FIXTURE_VARIANT_ADD(dying, v4_raw_kill) { &wt_raw, WT_V4, SIGKILLED };
FIXTURE_VARIANT_ADD(dying, v6_api_kill) { &wt_api, WT_V6, SIGKILLED };
FIXTURE_VARIANT_ADD(dying, v4_api_close) { &wt_api, WT_V4, CLOSE };
FIXTURE_VARIANT_ADD(dying, v6_spi_close) { &wt_spi, WT_V6, CLOSE };
FIXTURE_VARIANT_ADD(dying, mapped_raw_close) { &wt_raw, WT_MAPPED, CLOSE };

FIXTURE_SETUP(dying)
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

FIXTURE_TEARDOWN(dying)
{
	close(self->s);
}

/* A child that owns the client's end alone, disconnects, and ends. */
static void send_and_die(struct __test_metadata *_metadata,
			 const struct wt_level *level, enum ending ending,
			 int c, int s)
{
	int pid, status, alone[2];
	char buf[1];

	ASSERT_EQ(0, pipe(alone));
	pid = fork();
	ASSERT_GE(pid, 0);
	if (!pid) {
		close(alone[1]);
		/* End of file: the parent has closed its descriptor. */
		if (read(alone[0], buf, 1))
			_exit(1);
		close(s);
		if (level->send_disc(c, "last words", 10))
			_exit(2);
		if (ending == SIGKILLED)
			raise(SIGKILL);
		if (ending == CLOSE && level->close(c))
			_exit(3);
		_exit(0);
	}
	close(alone[0]);
	close(c);
	close(alone[1]);
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(ending == SIGKILLED ? SIGKILL : 0, status);
}

static void gets_last_words(struct __test_metadata *_metadata,
			    const struct wt_level *level, int fd)
{
	char buf[64];
	uint32_t len = sizeof(buf);

	ASSERT_EQ(0, level->recv_disc(fd, buf, &len));
	ASSERT_EQ(10, len);
	EXPECT_EQ(0, memcmp(buf, "last words", 10));
}

WT_TEST(dying, SD_22_the_data_still_arrives)
{
	char buf[8];

	send_and_die(_metadata, variant->level, variant->ending, self->c,
		     self->s);
	ASSERT_NE(0, wt_poll(self->s, POLLIN, WT_SOON_MS));
	ASSERT_EQ(0, variant->level->recv(self->s, buf, sizeof(buf)));
	gets_last_words(_metadata, variant->level, self->s);
}

WT_TEST(dying, SD_22_behind_a_full_send_queue)
{
	ssize_t queued = wt_fill(self->c);

	ASSERT_GT(queued, 0);
	send_and_die(_metadata, variant->level, variant->ending, self->c,
		     self->s);
	EXPECT_EQ(queued, wt_drain(self->s, 0));
	gets_last_words(_metadata, variant->level, self->s);
}

TEST_HARNESS_MAIN
