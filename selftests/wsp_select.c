// SPDX-License-Identifier: GPL-2.0
/* select() and WSAPoll() beside disconnect data. */
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "wsp_level.h"

enum { READ_SET = 1, WRITE_SET = 2, EXCEPT_SET = 4 };

FIXTURE(sel)
{
	int c;
	int s;
	bool disc;
};

FIXTURE_VARIANT(sel)
{
	const struct wt_level *level;
	enum wt_family family;
	unsigned int attach;
};

FIXTURE_VARIANT_ADD(sel, v4_spi) { &wt_spi, WT_V4, WT_ATTACH_BOTH };
FIXTURE_VARIANT_ADD(sel, v6_api) { &wt_api, WT_V6, WT_ATTACH_BOTH };
FIXTURE_VARIANT_ADD(sel, v4_api_plain) { &wt_api, WT_V4, 0 };

FIXTURE_SETUP(sel)
{
	struct wt_conf conf = {
		.family = variant->family,
		.attach = variant->attach,
	};
	int fd[2];

	ASSERT_EQ(0, wt_lib_start());
	ASSERT_EQ(0, wt_level_pair(variant->level, &conf, fd));
	self->c = fd[0];
	self->s = fd[1];
	self->disc = variant->attach == WT_ATTACH_BOTH;
}

FIXTURE_TEARDOWN(sel)
{
	close(self->c);
	close(self->s);
}

/* Which of the sets in @which @fd is in at last; a negative WSA code. */
static int sel_wait(const struct wt_level *level, int fd, int which, int ms)
{
	const struct ws_timeval tv = { ms / 1000, ms % 1000 * 1000 };
	struct ws_fd_set set[3], *p[3];
	int i, n, err = 0, in = 0;

	for (i = 0; i < 3; i++) {
		WS_FD_ZERO(&set[i]);
		WS_FD_SET(fd, &set[i]);
		p[i] = which & 1 << i ? &set[i] : NULL;
	}
	if (level == &wt_spi) {
		n = wt_table.lpWSPSelect(0, p[0], p[1], p[2],
					 ms < 0 ? NULL : &tv, &err);
	} else {
		n = wsp_select(0, p[0], p[1], p[2], ms < 0 ? NULL : &tv);
		err = n < 0 ? WSAGetLastError() : 0;
	}
	if (n < 0)
		return -err;
	for (i = 0; i < 3; i++)
		if (p[i] && WS_FD_ISSET(fd, p[i]))
			in |= 1 << i;
	return in;
}

static int sel_poll(int fd, int events, int ms)
{
	WSAPOLLFD p = { .fd = fd, .events = events };

	return WSAPoll(&p, 1, ms) < 0 ? -WSAGetLastError() : p.revents;
}

static int sel_end(const struct wt_level *level, int fd, bool disc)
{
	return level->send_disc(fd, disc ? "farewell" : NULL, disc ? 8 : 0);
}

WT_TEST(sel, RC_1_RD_16_the_end_is_readable_and_no_exception)
{
	char buf[16];
	uint32_t len = sizeof(buf);

	EXPECT_EQ(WRITE_SET, sel_wait(variant->level, self->c, 7, 0));
	ASSERT_EQ(0, sel_end(variant->level, self->s, self->disc));
	EXPECT_EQ(READ_SET, sel_wait(variant->level, self->c, READ_SET, -1));
	/* The record's mark is not the application's urgent data. */
	EXPECT_EQ(0, sel_wait(variant->level, self->c, EXCEPT_SET, 100));
	EXPECT_EQ(WS_POLLHUP, sel_poll(self->c, WS_POLLIN | WS_POLLPRI, -1));
	EXPECT_EQ(0, variant->level->recv(self->c, buf, sizeof(buf)));
	if (self->disc) {
		EXPECT_EQ(0, variant->level->recv_disc(self->c, buf, &len));
		EXPECT_EQ(8, len);
	}
	EXPECT_EQ(READ_SET, sel_wait(variant->level, self->c, READ_SET, -1));
}

WT_TEST(sel, data_comes_before_the_end)
{
	char buf[8];

	ASSERT_EQ(4, variant->level->send(self->s, "last", 4));
	ASSERT_EQ(0, sel_end(variant->level, self->s, self->disc));
	ASSERT_TRUE(wt_wait(wt_saw_fin, self->c, WT_SOON_MS));
	EXPECT_EQ(WS_POLLRDNORM, sel_poll(self->c, WS_POLLIN, -1));
	ASSERT_EQ(4, variant->level->recv(self->c, buf, sizeof(buf)));
	EXPECT_EQ(WS_POLLHUP, sel_poll(self->c, WS_POLLIN, -1));
}

WT_TEST(sel, RD_10_an_ended_direction_is_readable)
{
	uint32_t none = 0;

	ASSERT_EQ(0, variant->level->recv_disc(self->c, NULL, &none));
	EXPECT_EQ(READ_SET, sel_wait(variant->level, self->c, READ_SET, -1));
	EXPECT_EQ(0, sel_wait(variant->level, self->c, EXCEPT_SET, 100));
}

WT_TEST(sel, RC_3_a_reset_is_readable)
{
	ASSERT_EQ(0, variant->level->linger(self->s, 1, 0));
	ASSERT_EQ(0, variant->level->close(self->s));
	EXPECT_EQ(READ_SET, sel_wait(variant->level, self->c, READ_SET, -1));
	EXPECT_EQ(0, sel_wait(variant->level, self->c, EXCEPT_SET, 100));
	EXPECT_EQ(WS_POLLHUP | WS_POLLERR, sel_poll(self->c, WS_POLLIN, -1));
}

WT_TEST(sel, urgent_data_of_the_application_is_an_exception)
{
	char c;

	ASSERT_EQ(1, send(self->s, "!", 1, MSG_OOB));
	EXPECT_EQ(EXCEPT_SET, sel_wait(variant->level, self->c, EXCEPT_SET, -1));
	EXPECT_EQ(WS_POLLPRI, sel_poll(self->c, WS_POLLPRI, -1));
	ASSERT_EQ(1, recv(self->c, &c, 1, MSG_OOB));
	EXPECT_EQ(0, sel_wait(variant->level, self->c, EXCEPT_SET, 0));
}

struct sel_closer {
	const struct wt_level *level;
	int fd;
	int rc;
};

static void *sel_close(void *arg)
{
	struct sel_closer *cl = arg;

	/* For the other thread to sleep; without, the test shows less. */
	poll(NULL, 0, 200);
	cl->rc = cl->level->close(cl->fd);
	return NULL;
}

WT_TEST(sel, CL_5_closing_ends_it_and_the_connection)
{
	struct sel_closer cl = { variant->level, self->c, -1 };
	pthread_t t;

	ASSERT_EQ(0, pthread_create(&t, NULL, sel_close, &cl));
	EXPECT_EQ(-WSAENOTSOCK,
		  sel_wait(variant->level, self->c, READ_SET, -1));
	ASSERT_EQ(0, pthread_join(t, NULL));
	EXPECT_EQ(0, cl.rc);
	EXPECT_TRUE(wt_wait(wt_saw_fin, self->s, WT_SOON_MS));
}

/* Connecting, which attaching has a hand in, too. */
WT_TEST(sel, connecting_is_told_by_the_sets)
{
	struct wt_conf conf = {
		.family = variant->family,
		.attach = variant->attach,
	};
	int l = wt_level_listen(variant->level, &conf);
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	int fd;

	ASSERT_GE(l, 0);
	ASSERT_EQ(0, getsockname(l, (struct sockaddr *)&ss, &len));
	EXPECT_EQ(0, sel_wait(variant->level, l, READ_SET, 0));
	fd = wt_level_socket(variant->level, WT_CLIENT, variant->family,
			     self->disc);
	ASSERT_GE(fd, 0);
	EXPECT_EQ(0, sel_wait(variant->level, fd, 7, 100));
	ASSERT_EQ(0, wt_nonblock(fd, true));
	ASSERT_EQ(-WSAEWOULDBLOCK,
		  variant->level->connect(fd, (struct sockaddr *)&ss, len));
	EXPECT_EQ(WRITE_SET, sel_wait(variant->level, fd, 7, -1));
	EXPECT_EQ(READ_SET, sel_wait(variant->level, l, 7, -1));
	EXPECT_EQ(0, variant->level->close(fd));

	len = wt_addr(WT_SERVER, variant->family, 1, &ss);
	fd = wt_level_socket(variant->level, WT_CLIENT, variant->family,
			     self->disc);
	ASSERT_EQ(0, wt_nonblock(fd, true));
	ASSERT_EQ(-WSAEWOULDBLOCK,
		  variant->level->connect(fd, (struct sockaddr *)&ss, len));
	EXPECT_EQ(EXCEPT_SET, sel_wait(variant->level, fd, 7, -1));
	EXPECT_EQ(0, variant->level->close(fd));
	EXPECT_EQ(0, variant->level->close(l));
}

TEST_HARNESS_MAIN
