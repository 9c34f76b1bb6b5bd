// SPDX-License-Identifier: GPL-2.0
/* Network events: FD_CLOSE beside disconnect data, and the record's rules. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "wsp_events.h"

FIXTURE(ev)
{
	struct wt_events e;
	int c;
	int s;
	bool disc;
};

FIXTURE_VARIANT(ev)
{
	const struct wt_level *level;
	enum wt_family family;
	unsigned int attach;
};

FIXTURE_VARIANT_ADD(ev, v4_spi) { &wt_spi, WT_V4, WT_ATTACH_BOTH };
FIXTURE_VARIANT_ADD(ev, v6_api) { &wt_api, WT_V6, WT_ATTACH_BOTH };
FIXTURE_VARIANT_ADD(ev, mapped_api) { &wt_api, WT_MAPPED, WT_ATTACH_BOTH };
FIXTURE_VARIANT_ADD(ev, v4_api_plain) { &wt_api, WT_V4, 0 };
FIXTURE_VARIANT_ADD(ev, v6_spi_peer) { &wt_spi, WT_V6, WT_ATTACH_CLIENT };

FIXTURE_SETUP(ev)
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
	ASSERT_EQ(0, wt_events_select(&self->e, variant->level, self->c,
				      WT_EVENTS_ALL));
	ASSERT_GE(wt_events_take(&self->e), 0);
	wt_events_clear(&self->e);
}

FIXTURE_TEARDOWN(ev)
{
	close(self->c);
	close(self->s);
}

/* The peer says farewell, with data where there can be some. */
static int ev_end(const struct wt_level *level, int fd, bool disc)
{
	return level->send_disc(fd, disc ? "farewell" : NULL, disc ? 8 : 0);
}

/* What it said can be had. */
static bool ev_has_farewell(const struct wt_level *level, int fd, bool disc)
{
	char buf[16];
	uint32_t len = disc ? sizeof(buf) : 0;

	if (level->recv_disc(fd, disc ? buf : NULL, &len))
		return false;
	return !disc || (len == 8 && !memcmp(buf, "farewell", 8));
}

WT_TEST(ev, EV_1_RD_16_the_end_is_told_once_and_its_data_can_be_had)
{
	ASSERT_EQ(0, ev_end(variant->level, self->s, self->disc));
	ASSERT_TRUE(wt_events_wait(&self->e, FD_CLOSE));
	EXPECT_EQ(FD_CLOSE, self->e.seen);
	EXPECT_EQ(0, self->e.error[FD_CLOSE_BIT]);
	EXPECT_TRUE(ev_has_farewell(variant->level, self->c, self->disc));
	EXPECT_TRUE(wt_events_quiet(&self->e));
	ASSERT_EQ(0, variant->level->close(self->s));
	ASSERT_EQ(0, ev_end(variant->level, self->c, false));
	ASSERT_TRUE(wt_wait(wt_is_closed, self->c, WT_SOON_MS));
	EXPECT_TRUE(wt_events_quiet(&self->e));
	EXPECT_EQ(1, self->e.told[FD_CLOSE_BIT]);
}

WT_TEST(ev, EV_1_not_before_all_is_received)
{
	char buf[8];

	ASSERT_EQ(4, variant->level->send(self->s, "last", 4));
	ASSERT_EQ(0, ev_end(variant->level, self->s, self->disc));
	ASSERT_TRUE(wt_wait(wt_saw_fin, self->c, WT_SOON_MS));
	ASSERT_TRUE(wt_events_wait(&self->e, FD_READ));
	EXPECT_TRUE(wt_events_quiet(&self->e));
	EXPECT_EQ(FD_READ, self->e.seen);
	ASSERT_EQ(2, variant->level->recv(self->c, buf, 2));
	EXPECT_EQ(FD_READ, wt_events_take(&self->e));
	ASSERT_EQ(2, variant->level->recv(self->c, buf, 2));
	EXPECT_EQ(FD_CLOSE, wt_events_take(&self->e));
	EXPECT_EQ(0, variant->level->recv(self->c, buf, 2));
	EXPECT_TRUE(ev_has_farewell(variant->level, self->c, self->disc));
	EXPECT_TRUE(wt_events_quiet(&self->e));
}

WT_TEST(ev, EV_2_the_peer_s_SD_RECEIVE_is_not_told)
{
	ASSERT_EQ(0, variant->level->shutdown(self->s, SD_RECEIVE));
	EXPECT_TRUE(wt_events_quiet(&self->e));
	/* Nor what becomes of data sent to it. */
	ASSERT_EQ(1, variant->level->send(self->c, "x", 1));
	ASSERT_TRUE(wt_wait(wt_is_acked, self->c, WT_SOON_MS));
	EXPECT_TRUE(wt_events_quiet(&self->e));
}

WT_TEST(ev, EV_2_nor_one_s_own_SD_BOTH)
{
	ASSERT_EQ(0, variant->level->shutdown(self->c, SD_BOTH));
	EXPECT_TRUE(wt_events_quiet(&self->e));
	/* Only that the peer has ended, too. */
	ASSERT_EQ(1, variant->level->send(self->s, "x", 1));
	EXPECT_TRUE(wt_events_quiet(&self->e));
	ASSERT_EQ(0, ev_end(variant->level, self->s, self->disc));
	ASSERT_TRUE(wt_events_wait(&self->e, FD_CLOSE));
	EXPECT_EQ(FD_CLOSE, self->e.seen);
	EXPECT_EQ(0, self->e.error[FD_CLOSE_BIT]);
	EXPECT_TRUE(ev_has_farewell(variant->level, self->c, self->disc));
}

WT_TEST(ev, EV_2_RD_17_after_ending_only_to_receive)
{
	uint32_t none = 0;

	ASSERT_EQ(0, variant->level->recv_disc(self->c, NULL, &none));
	ASSERT_EQ(1, variant->level->send(self->s, "x", 1));
	EXPECT_TRUE(wt_events_quiet(&self->e));
	ASSERT_EQ(0, ev_end(variant->level, self->s, self->disc));
	ASSERT_TRUE(wt_events_wait(&self->e, FD_CLOSE));
	EXPECT_EQ(FD_CLOSE, self->e.seen);
	EXPECT_TRUE(ev_has_farewell(variant->level, self->c, self->disc));
}

WT_TEST(ev, EV_3_no_call_enables_it_again)
{
	char buf[8];

	ASSERT_EQ(0, ev_end(variant->level, self->s, self->disc));
	ASSERT_TRUE(wt_events_wait(&self->e, FD_CLOSE));
	EXPECT_EQ(0, variant->level->recv(self->c, buf, sizeof(buf)));
	EXPECT_EQ(1, variant->level->send(self->c, "x", 1));
	EXPECT_TRUE(ev_has_farewell(variant->level, self->c, self->disc));
	EXPECT_EQ(0, variant->level->shutdown(self->c, SD_BOTH));
	EXPECT_TRUE(wt_events_quiet(&self->e));
}

WT_TEST(ev, EV_3_an_end_before_the_selection_is_told_at_once)
{
	struct wt_events e;

	ASSERT_EQ(0, ev_end(variant->level, self->s, self->disc));
	ASSERT_TRUE(wt_events_wait(&self->e, FD_CLOSE));
	ASSERT_EQ(0, wt_events_select(&e, variant->level, self->c,
				      FD_READ | FD_CLOSE));
	EXPECT_EQ(FD_CLOSE, wt_events_take(&e));
	EXPECT_TRUE(wt_events_quiet(&e));
	EXPECT_TRUE(ev_has_farewell(variant->level, self->c, self->disc));
}

WT_TEST(ev, EV_4_a_reset_is_told_as_one)
{
	char buf[8];

	ASSERT_EQ(0, variant->level->linger(self->s, 1, 0));
	ASSERT_EQ(0, variant->level->close(self->s));
	ASSERT_TRUE(wt_events_wait(&self->e, FD_CLOSE));
	EXPECT_EQ(FD_CLOSE, self->e.seen);
	EXPECT_EQ(WSAECONNRESET, self->e.error[FD_CLOSE_BIT]);
	EXPECT_EQ(-WSAECONNRESET,
		  variant->level->recv(self->c, buf, sizeof(buf)));
	EXPECT_TRUE(wt_events_quiet(&self->e));
}

WT_TEST(ev, EV_4_RD_20_a_reset_behind_the_end_adds_nothing)
{
	ASSERT_EQ(0, ev_end(variant->level, self->s, self->disc));
	ASSERT_TRUE(wt_events_wait(&self->e, FD_CLOSE));
	ASSERT_EQ(0, wt_linger(self->s, 1, 0));
	ASSERT_EQ(0, variant->level->close(self->s));
	ASSERT_TRUE(wt_wait(wt_is_closed, self->c, WT_SOON_MS));
	EXPECT_TRUE(wt_events_quiet(&self->e));
	EXPECT_EQ(0, self->e.error[FD_CLOSE_BIT]);
	if (self->disc)
		EXPECT_TRUE(ev_has_farewell(variant->level, self->c, true));
}

WT_TEST(ev, EV_5_a_selection_ends_the_one_before)
{
	struct wt_events e;

	EXPECT_NE(0, fcntl(self->c, F_GETFL) & O_NONBLOCK);
	ASSERT_EQ(0, wt_events_select(&e, variant->level, self->c, FD_CLOSE));
	ASSERT_EQ(1, variant->level->send(self->s, "x", 1));
	ASSERT_NE(0, wt_poll(self->c, POLLIN, WT_SOON_MS));
	EXPECT_TRUE(wt_events_quiet(&e));
	ASSERT_EQ(0, wt_events_select(&e, variant->level, self->c, 0));
	ASSERT_EQ(0, ev_end(variant->level, self->s, self->disc));
	ASSERT_TRUE(wt_wait(wt_saw_fin, self->c, WT_SOON_MS));
	EXPECT_TRUE(wt_events_quiet(&e));
	EXPECT_TRUE(wt_events_quiet(&self->e));
}

WT_TEST(ev, EV_6_copies_and_clears)
{
	WSANETWORKEVENTS ne;
	int i;

	ASSERT_EQ(1, variant->level->send(self->s, "x", 1));
	ASSERT_EQ(WSA_WAIT_EVENT_0,
		  WSAWaitForMultipleEvents(1, &self->e.event, 0, WT_SOON_MS, 0));
	memset(&ne, 0xcc, sizeof(ne));
	ASSERT_EQ(0, wt_events_enum(variant->level, self->c, self->e.event, &ne));
	EXPECT_EQ(FD_READ, ne.lNetworkEvents);
	EXPECT_EQ(0, ne.iErrorCode[FD_READ_BIT]);
	for (i = 1; i < FD_MAX_EVENTS; i++)
		EXPECT_EQ(0xcccccccc, (uint32_t)ne.iErrorCode[i]);
	EXPECT_TRUE(wt_events_quiet(&self->e));
	EXPECT_EQ(-WSAEFAULT, wt_events_enum(variant->level, self->c,
					     self->e.event, NULL));
	EXPECT_EQ(-WSAEINVAL, wt_events_enum(variant->level, self->c,
					     (WSAEVENT)4, &ne));
}

WT_TEST(ev, CL_7_closing_oneself_tells_nothing)
{
	ASSERT_EQ(0, variant->level->close(self->c));
	ASSERT_EQ(0, ev_end(variant->level, self->s, self->disc));
	ASSERT_EQ(0, variant->level->close(self->s));
	EXPECT_EQ(WSA_WAIT_TIMEOUT,
		  WSAWaitForMultipleEvents(1, &self->e.event, 0,
					   WT_EVENTS_QUIET_MS, 0));
}

WT_TEST(ev, urgent_data_is_told_and_the_record_s_mark_is_not)
{
	char c;

	ASSERT_EQ(1, send(self->s, "!", 1, MSG_OOB));
	ASSERT_TRUE(wt_events_wait(&self->e, FD_OOB));
	EXPECT_EQ(FD_OOB, self->e.seen & ~FD_READ);
	ASSERT_EQ(1, recv(self->c, &c, 1, MSG_OOB));
	/* What re-enables is a call of the library. */
	variant->level->recv(self->c, &c, 1);
	wt_events_clear(&self->e);
	ASSERT_EQ(0, ev_end(variant->level, self->s, self->disc));
	ASSERT_TRUE(wt_events_wait(&self->e, FD_CLOSE));
	EXPECT_EQ(0, self->e.told[FD_OOB_BIT]);
	EXPECT_TRUE(wt_events_quiet(&self->e));
}

/* The whole sequence, told by events on both sides. */
WT_TEST(ev, RD_21_EV_1_both_sides_say_farewell)
{
	struct wt_events server;
	char buf[8];

	ASSERT_EQ(0, wt_events_select(&server, variant->level, self->s,
				      FD_READ | FD_CLOSE));
	ASSERT_EQ(4, variant->level->send(self->c, "item", 4));
	ASSERT_EQ(0, ev_end(variant->level, self->c, self->disc));
	ASSERT_TRUE(wt_events_wait(&server, FD_READ));
	ASSERT_EQ(4, variant->level->recv(self->s, buf, sizeof(buf)));
	ASSERT_TRUE(wt_events_wait(&server, FD_CLOSE));
	EXPECT_TRUE(ev_has_farewell(variant->level, self->s, self->disc));
	ASSERT_EQ(0, ev_end(variant->level, self->s, self->disc));
	ASSERT_EQ(0, variant->level->close(self->s));
	ASSERT_TRUE(wt_events_wait(&self->e, FD_CLOSE));
	EXPECT_EQ(0, self->e.error[FD_CLOSE_BIT]);
	EXPECT_TRUE(ev_has_farewell(variant->level, self->c, self->disc));
	EXPECT_EQ(0, variant->level->close(self->c));
}

FIXTURE(conn)
{
	struct wt_events l;
	struct wt_events c;
	struct sockaddr_storage ss;
	socklen_t len;
};

FIXTURE_VARIANT(conn)
{
	enum wt_family family;
	unsigned int attach;
};

FIXTURE_VARIANT_ADD(conn, v4) { WT_V4, WT_ATTACH_BOTH };
FIXTURE_VARIANT_ADD(conn, v6) { WT_V6, WT_ATTACH_BOTH };
FIXTURE_VARIANT_ADD(conn, v4_plain) { WT_V4, 0 };

FIXTURE_SETUP(conn)
{
	struct wt_conf conf = {
		.family = variant->family,
		.attach = variant->attach,
	};
	int fd;

	ASSERT_EQ(0, wt_lib_start());
	fd = wt_level_listen(&wt_api, &conf);
	ASSERT_GE(fd, 0);
	ASSERT_EQ(0, wt_events_select(&self->l, &wt_api, fd, WT_EVENTS_ALL));
	self->len = sizeof(self->ss);
	ASSERT_EQ(0, getsockname(fd, (struct sockaddr *)&self->ss, &self->len));
	fd = wt_level_socket(&wt_api, WT_CLIENT, variant->family,
			     variant->attach);
	ASSERT_GE(fd, 0);
	ASSERT_EQ(0, wt_events_select(&self->c, &wt_api, fd, WT_EVENTS_ALL));
}

FIXTURE_TEARDOWN(conn)
{
	close(self->c.fd);
	close(self->l.fd);
}

static int conn_start(struct wt_events *e, const struct sockaddr_storage *ss,
		      socklen_t len)
{
	wt_events_clear(e);
	return wt_api.connect(e->fd, (const struct sockaddr *)ss, len);
}

WT_TEST(conn, FD_CONNECT_FD_ACCEPT_and_what_is_inherited)
{
	struct wt_events s = { .level = &wt_api };

	ASSERT_EQ(-WSAEWOULDBLOCK, conn_start(&self->c, &self->ss, self->len));
	ASSERT_TRUE(wt_events_wait(&self->c, FD_CONNECT | FD_WRITE));
	EXPECT_EQ(FD_CONNECT | FD_WRITE, self->c.seen);
	EXPECT_EQ(0, self->c.error[FD_CONNECT_BIT]);
	ASSERT_TRUE(wt_events_wait(&self->l, FD_ACCEPT));
	EXPECT_EQ(FD_ACCEPT, self->l.seen);
	s.event = self->l.event;
	s.fd = wt_api.accept(self->l.fd);
	ASSERT_GE(s.fd, 0);
	EXPECT_EQ(FD_WRITE, wt_events_take(&s));
	ASSERT_EQ(0, ev_end(&wt_api, self->c.fd, variant->attach));
	ASSERT_TRUE(wt_events_wait(&s, FD_CLOSE));
	EXPECT_TRUE(ev_has_farewell(&wt_api, s.fd, variant->attach));
	EXPECT_EQ(0, wt_api.close(s.fd));
}

WT_TEST(conn, FD_CONNECT_refused_and_then_not)
{
	struct sockaddr_storage refused;
	socklen_t len = wt_addr(WT_SERVER, variant->family, 1, &refused);
	int s;

	ASSERT_EQ(-WSAEWOULDBLOCK, conn_start(&self->c, &refused, len));
	ASSERT_TRUE(wt_events_wait(&self->c, FD_CONNECT));
	EXPECT_EQ(FD_CONNECT, self->c.seen);
	EXPECT_EQ(WSAECONNREFUSED, self->c.error[FD_CONNECT_BIT]);
	EXPECT_TRUE(wt_events_quiet(&self->c));
	ASSERT_EQ(-WSAEWOULDBLOCK, conn_start(&self->c, &self->ss, self->len));
	ASSERT_TRUE(wt_events_wait(&self->c, FD_CONNECT | FD_WRITE));
	EXPECT_EQ(0, self->c.error[FD_CONNECT_BIT]);
	EXPECT_EQ(-WSAEISCONN, conn_start(&self->c, &self->ss, self->len));
	ASSERT_TRUE(wt_events_wait(&self->l, FD_ACCEPT));
	s = wt_api.accept(self->l.fd);
	ASSERT_GE(s, 0);
	EXPECT_TRUE(wt_passes(self->c.fd, s));
	EXPECT_TRUE(wt_passes(s, self->c.fd));
	ASSERT_EQ(0, ev_end(&wt_api, self->c.fd, variant->attach));
	ASSERT_TRUE(wt_wait(wt_saw_fin, s, WT_SOON_MS));
	EXPECT_TRUE(ev_has_farewell(&wt_api, s, variant->attach));
	EXPECT_EQ(0, wt_api.close(s));
}

TEST_HARNESS_MAIN
