// SPDX-License-Identifier: GPL-2.0
/* CloseSocket and the handle itself: CL-1, CL-2, CL-4. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "wsp_level.h"

/* Closes for which a number stays out of use. */
#define QUARANTINE	64

FIXTURE(lib)
{
	int c;
	int s;
};

FIXTURE_VARIANT(lib)
{
	const struct wt_level *level;
	enum wt_family family;
};

FIXTURE_VARIANT_ADD(lib, v4_spi) { &wt_spi, WT_V4 };
FIXTURE_VARIANT_ADD(lib, v6_api) { &wt_api, WT_V6 };
FIXTURE_VARIANT_ADD(lib, v6_spi) { &wt_spi, WT_V6 };
FIXTURE_VARIANT_ADD(lib, v4_api) { &wt_api, WT_V4 };

FIXTURE_SETUP(lib)
{
	struct wt_conf conf = {
		.family = variant->family,
		.attach = WT_ATTACH_BOTH,
	};
	int fd[2];

	ASSERT_EQ(0, wt_lib_start());
	ASSERT_EQ(0, wt_level_pair(variant->level, &conf, fd));
	self->c = fd[0];
	self->s = fd[1];
}

FIXTURE_TEARDOWN(lib)
{
	close(self->s);
}

WT_TEST(lib, CL_1_later_use_is_ENOTSOCK)
{
	const struct wt_level *lv = variant->level;
	uint32_t len = 0;
	char buf[8];

	ASSERT_EQ(0, lv->close(self->c));
	EXPECT_EQ(-WSAENOTSOCK, lv->send(self->c, "x", 1));
	EXPECT_EQ(-WSAENOTSOCK, lv->recv(self->c, buf, sizeof(buf)));
	EXPECT_EQ(-WSAENOTSOCK, lv->shutdown(self->c, SD_BOTH));
	EXPECT_EQ(-WSAENOTSOCK, lv->linger(self->c, 1, 1));
	EXPECT_EQ(-WSAENOTSOCK, lv->listen(self->c, 1));
	EXPECT_EQ(-WSAENOTSOCK, lv->accept(self->c));
	EXPECT_EQ(-WSAENOTSOCK, lv->send_disc(self->c, NULL, 0));
	EXPECT_EQ(-WSAENOTSOCK, lv->recv_disc(self->c, NULL, &len));
}

WT_TEST(lib, CL_1_the_peer_sees_a_graceful_close)
{
	char buf[8];

	ASSERT_EQ(0, variant->level->close(self->c));
	ASSERT_NE(0, wt_poll(self->s, POLLRDHUP, WT_SOON_MS));
	EXPECT_EQ(0, variant->level->recv(self->s, buf, sizeof(buf)));
}

WT_TEST(lib, CL_1_the_number_rests_for_the_next_64_closes)
{
	int i, fd;

	ASSERT_EQ(0, variant->level->close(self->c));
	for (i = 0; i < QUARANTINE; i++) {
		fd = wt_level_socket(variant->level, WT_CLIENT,
				     variant->family, true);
		ASSERT_GE(fd, 0);
		ASSERT_NE(self->c, fd);
		/* POSIX calls must not get it either. */
		EXPECT_EQ(-1, send(self->c, "x", 1, MSG_NOSIGNAL));
		EXPECT_EQ(ENOTSOCK, errno);
		ASSERT_EQ(0, variant->level->close(fd));
	}
}

WT_TEST(lib, CL_2_not_a_socket_is_ENOTSOCK)
{
	int fd = eventfd(0, EFD_CLOEXEC);
	uint64_t one = 1;

	ASSERT_GE(fd, 0);
	EXPECT_EQ(-WSAENOTSOCK, variant->level->close(fd));
	/* It was not closed. */
	EXPECT_EQ(sizeof(one), write(fd, &one, sizeof(one)));
	close(fd);
	EXPECT_EQ(-WSAENOTSOCK, variant->level->close(1023));
	EXPECT_EQ(-WSAENOTSOCK, variant->level->close(-1));
}

WT_TEST(lib, CL_2_closed_twice_is_ENOTSOCK)
{
	ASSERT_EQ(0, variant->level->close(self->c));
	EXPECT_EQ(-WSAENOTSOCK, variant->level->close(self->c));
	EXPECT_EQ(-WSAENOTSOCK, variant->level->close(self->c));
}

/* The kernel cannot tell a duplicate from a call in another thread. */
WT_TEST(lib, CL_4_a_nonblocking_duplicate_is_not_refused)
{
	struct wt_full full;
	int copy;

	ASSERT_EQ(0, wt_full_setup(variant->level, variant->family, &full));
	copy = dup(full.c);
	ASSERT_GE(copy, 0);
	ASSERT_EQ(0, variant->level->linger(full.c, 1, WT_FOREVER_S));
	ASSERT_EQ(0, wt_nonblock(full.c, true));
	EXPECT_EQ(0, variant->level->close(full.c));
	ASSERT_EQ(0, shutdown(copy, SHUT_WR));
	EXPECT_EQ(full.queued, wt_drain(full.s, 0));
	close(copy);
	close(full.s);
}

FIXTURE(dup)
{
	int c;
	int s;
	int copy;
};

FIXTURE_VARIANT(dup)
{
	const struct wt_level *level;
	enum wt_family family;
};

FIXTURE_VARIANT_ADD(dup, v4_spi) { &wt_spi, WT_V4 };
FIXTURE_VARIANT_ADD(dup, v6_api) { &wt_api, WT_V6 };
FIXTURE_VARIANT_ADD(dup, mapped_spi) { &wt_spi, WT_MAPPED };
FIXTURE_VARIANT_ADD(dup, v4_raw) { &wt_raw, WT_V4 };
FIXTURE_VARIANT_ADD(dup, v6_raw) { &wt_raw, WT_V6 };

FIXTURE_SETUP(dup)
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
	self->copy = dup(self->c);
	ASSERT_GE(self->copy, 0);
}

FIXTURE_TEARDOWN(dup)
{
	wt_linger(self->copy, 0, 0);
	close(self->copy);
	close(self->s);
}

WT_TEST(dup, CL_4_only_this_descriptor_goes)
{
	EXPECT_EQ(0, variant->level->close(self->c));
	EXPECT_TRUE(wt_passes(self->copy, self->s));
	EXPECT_TRUE(wt_passes(self->s, self->copy));
	EXPECT_TRUE(wt_is_quiet(self->s));
}

WT_TEST(dup, CL_4_linger_0_does_not_reset)
{
	ASSERT_EQ(0, variant->level->linger(self->c, 1, 0));
	EXPECT_EQ(0, variant->level->close(self->c));
	EXPECT_TRUE(wt_passes(self->copy, self->s));
	EXPECT_TRUE(wt_is_quiet(self->s));
}

WT_TEST(dup, CL_4_linger_does_not_wait)
{
	ssize_t queued;
	long start;

	ASSERT_EQ(0, variant->level->linger(self->c, 1, WT_FOREVER_S));
	queued = wt_fill(self->c);
	ASSERT_GT(queued, 0);
	start = wt_ms();
	EXPECT_EQ(0, variant->level->close(self->c));
	EXPECT_LT(wt_ms() - start, WT_AT_ONCE_MS);
	ASSERT_EQ(0, shutdown(self->copy, SHUT_WR));
	EXPECT_EQ(queued, wt_drain(self->s, 0));
}

WT_TEST(dup, CL_4_the_last_one_closes)
{
	char buf[8];

	ASSERT_EQ(0, variant->level->close(self->c));
	ASSERT_EQ(0, variant->level->close(self->copy));
	ASSERT_TRUE(wt_wait(wt_saw_fin, self->s, WT_SOON_MS));
	EXPECT_EQ(0, variant->level->recv(self->s, buf, sizeof(buf)));
}

WT_TEST(dup, CL_4_disconnect_data_is_for_all_descriptors)
{
	ASSERT_EQ(0, variant->level->send_disc(self->c, "bye", 3));
	ASSERT_EQ(0, variant->level->close(self->c));
	EXPECT_TRUE(wt_wait(wt_has_data, self->s, WT_SOON_MS));
	EXPECT_EQ(-WSAESHUTDOWN,
		  variant->level->send(self->copy, "x", 1));
}

TEST_HARNESS_MAIN
