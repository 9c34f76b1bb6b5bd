// SPDX-License-Identifier: LGPL-2.1-or-later
/* Network events: the end of a connection, and the rules of the record. */
#include <fcntl.h>
#include <kselftest_harness.h>
#include <netinet/in.h>
#include <unistd.h>

#include "events.h"
#include "internal.h"

#define STATE_CLOSE	7
#define STATE_CLOSE_WAIT	8

FIXTURE(ev)
{
	struct util_pair p;
	struct events e;
};

FIXTURE_VARIANT(ev)
{
	int af;
};

FIXTURE_VARIANT_ADD(ev, v4) { AF_INET };
FIXTURE_VARIANT_ADD(ev, v6) { AF_INET6 };

FIXTURE_SETUP(ev)
{
	util_start();
	ASSERT_TRUE(util_pair(variant->af, &self->p));
}

FIXTURE_TEARDOWN(ev)
{
}

/* What comes with the selection of an open connection is of no interest. */
static bool ev_begin(struct events *e, SOCKET s, int32_t mask)
{
	bool ok = events_select(e, s, mask) && events_take(e) >= 0;

	events_clear(e);
	return ok;
}

static bool ev_reset(SOCKET *s)
{
	return util_set_linger(*s, 1, 0) && !closesocket(*s);
}

TEST_F(ev, EV_1_a_graceful_end_is_told_once)
{
	char c;

	ASSERT_TRUE(ev_begin(&self->e, self->p.client, EVENTS_ALL));
	ASSERT_EQ(0, wsp_shutdown(self->p.server, SD_SEND));
	ASSERT_TRUE(events_wait(&self->e, FD_CLOSE));
	EXPECT_EQ(FD_CLOSE, self->e.seen);
	EXPECT_EQ(0, self->e.error[FD_CLOSE_BIT]);
	EXPECT_TRUE(events_quiet(&self->e));
	/* Nor does the rest of the close add one. */
	ASSERT_EQ(0, wsp_shutdown(self->p.client, SD_SEND));
	ASSERT_EQ(0, closesocket(self->p.server));
	ASSERT_TRUE(util_wait_tcp_state(self->p.client, STATE_CLOSE));
	EXPECT_TRUE(events_quiet(&self->e));
	EXPECT_EQ(0, wsp_recv(self->p.client, &c, 1, 0));
	EXPECT_TRUE(events_quiet(&self->e));
}

TEST_F(ev, EV_1_the_end_waits_until_all_is_received)
{
	char c;

	ASSERT_TRUE(ev_begin(&self->e, self->p.client, FD_READ | FD_CLOSE));
	ASSERT_EQ(2, wsp_send(self->p.server, "xy", 2, 0));
	ASSERT_EQ(0, wsp_shutdown(self->p.server, SD_SEND));
	ASSERT_TRUE(util_wait_tcp_state(self->p.client, STATE_CLOSE_WAIT));
	ASSERT_TRUE(events_wait(&self->e, FD_READ));
	EXPECT_TRUE(events_quiet(&self->e));
	EXPECT_EQ(FD_READ, self->e.seen);
	/* Told before the call is back. */
	ASSERT_EQ(1, wsp_recv(self->p.client, &c, 1, 0));
	EXPECT_EQ(FD_READ, events_take(&self->e));
	ASSERT_EQ(1, wsp_recv(self->p.client, &c, 1, 0));
	EXPECT_EQ(FD_CLOSE, events_take(&self->e));
	EXPECT_TRUE(events_quiet(&self->e));
	EXPECT_EQ(1, self->e.told[FD_CLOSE_BIT]);
}

TEST_F(ev, EV_1_without_FD_READ_selected)
{
	char c;

	ASSERT_TRUE(ev_begin(&self->e, self->p.client, FD_CLOSE));
	ASSERT_EQ(1, wsp_send(self->p.server, "x", 1, 0));
	ASSERT_EQ(0, closesocket(self->p.server));
	ASSERT_TRUE(util_wait_tcp_state(self->p.client, STATE_CLOSE_WAIT));
	EXPECT_TRUE(events_quiet(&self->e));
	ASSERT_EQ(1, wsp_recv(self->p.client, &c, 1, 0));
	EXPECT_EQ(FD_CLOSE, events_take(&self->e));
}

TEST_F(ev, EV_2_the_peer_s_SD_RECEIVE_is_not_told)
{
	ASSERT_TRUE(ev_begin(&self->e, self->p.client, EVENTS_ALL));
	ASSERT_EQ(0, wsp_shutdown(self->p.server, SD_RECEIVE));
	EXPECT_TRUE(events_quiet(&self->e));
}

TEST_F(ev, EV_2_nor_one_s_own_SD_BOTH)
{
	ASSERT_TRUE(ev_begin(&self->e, self->p.client, EVENTS_ALL));
	ASSERT_EQ(0, wsp_shutdown(self->p.client, SD_BOTH));
	EXPECT_TRUE(events_quiet(&self->e));
	/* That the peer ends too then is, though data is left that nobody will read. */
	ASSERT_EQ(1, wsp_send(self->p.server, "x", 1, 0));
	EXPECT_TRUE(events_quiet(&self->e));
	ASSERT_EQ(0, wsp_shutdown(self->p.server, SD_SEND));
	EXPECT_TRUE(events_wait(&self->e, FD_CLOSE));
	EXPECT_EQ(FD_CLOSE, self->e.seen);
	EXPECT_EQ(0, self->e.error[FD_CLOSE_BIT]);
}

TEST_F(ev, EV_3_no_call_enables_FD_CLOSE_again)
{
	WSABUF none = { 0, NULL };
	char c;

	ASSERT_TRUE(ev_begin(&self->e, self->p.client, EVENTS_ALL));
	ASSERT_EQ(0, wsp_shutdown(self->p.server, SD_SEND));
	ASSERT_TRUE(events_wait(&self->e, FD_CLOSE));
	EXPECT_EQ(0, wsp_recv(self->p.client, &c, 1, 0));
	EXPECT_EQ(0, wsp_recv(self->p.client, &c, 1, WS_MSG_PEEK));
	EXPECT_EQ(1, wsp_send(self->p.client, "x", 1, 0));
	EXPECT_EQ(0, WSARecvDisconnect(self->p.client, &none));
	EXPECT_EQ(0, wsp_shutdown(self->p.client, SD_SEND));
	EXPECT_TRUE(events_quiet(&self->e));
}

TEST_F(ev, EV_3_closed_before_the_selection_is_told_at_once)
{
	char c;

	ASSERT_EQ(1, wsp_send(self->p.server, "x", 1, 0));
	ASSERT_EQ(0, closesocket(self->p.server));
	ASSERT_TRUE(util_wait_tcp_state(self->p.client, STATE_CLOSE_WAIT));
	ASSERT_EQ(1, wsp_recv(self->p.client, &c, 1, 0));
	ASSERT_TRUE(events_select(&self->e, self->p.client, FD_CLOSE | FD_READ));
	EXPECT_EQ(FD_CLOSE, events_take(&self->e));
	/* And to a new selection again. */
	ASSERT_TRUE(events_select(&self->e, self->p.client, FD_CLOSE | FD_READ));
	EXPECT_EQ(FD_CLOSE, events_take(&self->e));
	EXPECT_TRUE(events_quiet(&self->e));
}

TEST_F(ev, EV_4_a_reset_is_told_with_its_code)
{
	int error = 0, len = sizeof(error);
	char c;

	ASSERT_TRUE(ev_begin(&self->e, self->p.client, EVENTS_ALL));
	ASSERT_TRUE(ev_reset(&self->p.server));
	ASSERT_TRUE(events_wait(&self->e, FD_CLOSE));
	EXPECT_EQ(FD_CLOSE, self->e.seen);
	EXPECT_EQ(WSAECONNRESET, self->e.error[FD_CLOSE_BIT]);
	EXPECT_TRUE(events_quiet(&self->e));
	/* What it took from the kernel is not lost to others.  RC-3 */
	EXPECT_EQ(WSAECONNRESET, util_err(wsp_recv(self->p.client, &c, 1, 0)));
	EXPECT_EQ(WSAECONNRESET, util_err(wsp_send(self->p.client, "x", 1, 0)));
	EXPECT_TRUE(events_quiet(&self->e));
	ASSERT_EQ(0, wsp_getsockopt(self->p.client, WS_SOL_SOCKET, WS_SO_ERROR, (char *)&error,
				    &len));
	EXPECT_EQ(WSAECONNRESET, error);
	ASSERT_EQ(0, wsp_getsockopt(self->p.client, WS_SOL_SOCKET, WS_SO_ERROR, (char *)&error,
				    &len));
	EXPECT_EQ(0, error);
}

TEST_F(ev, EV_4_also_before_the_selection_and_behind_data)
{
	ASSERT_EQ(1, wsp_send(self->p.server, "x", 1, 0));
	ASSERT_TRUE(ev_reset(&self->p.server));
	ASSERT_TRUE(util_wait_tcp_state(self->p.client, STATE_CLOSE));
	ASSERT_TRUE(events_select(&self->e, self->p.client, FD_CLOSE));
	EXPECT_EQ(FD_CLOSE, events_take(&self->e));
	EXPECT_EQ(WSAECONNRESET, self->e.error[FD_CLOSE_BIT]);
}

TEST_F(ev, EV_4_a_reset_that_a_call_was_told_first)
{
	char c;

	ASSERT_TRUE(ev_begin(&self->e, self->p.client, EVENTS_ALL & ~FD_CLOSE));
	ASSERT_TRUE(ev_reset(&self->p.server));
	ASSERT_TRUE(util_wait_tcp_state(self->p.client, STATE_CLOSE));
	EXPECT_EQ(WSAECONNRESET, util_err(wsp_recv(self->p.client, &c, 1, 0)));
	ASSERT_TRUE(events_select(&self->e, self->p.client, EVENTS_ALL));
	EXPECT_TRUE(events_wait(&self->e, FD_CLOSE));
	EXPECT_EQ(WSAECONNRESET, self->e.error[FD_CLOSE_BIT]);
}

TEST_F(ev, EV_5_selecting_makes_nonblocking_and_keeps_it_so)
{
	int fd = (int)self->p.client;

	ASSERT_TRUE(events_select(&self->e, self->p.client, FD_CLOSE));
	EXPECT_NE(0, fcntl(fd, F_GETFL) & O_NONBLOCK);
	EXPECT_FALSE(util_set_nonblocking(self->p.client, false));
	EXPECT_EQ(WSAEINVAL, WSAGetLastError());
	EXPECT_TRUE(util_set_nonblocking(self->p.client, true));
	ASSERT_EQ(0, WSAEventSelect(self->p.client, NULL, 0));
	EXPECT_NE(0, fcntl(fd, F_GETFL) & O_NONBLOCK);
	EXPECT_TRUE(util_set_nonblocking(self->p.client, false));
	EXPECT_EQ(0, fcntl(fd, F_GETFL) & O_NONBLOCK);
}

TEST_F(ev, EV_5_a_selection_ends_the_one_before_and_its_record)
{
	struct events other;

	ASSERT_TRUE(events_select(&self->e, self->p.client, FD_READ | FD_WRITE));
	ASSERT_EQ(1, wsp_send(self->p.server, "x", 1, 0));
	ASSERT_TRUE(util_wait_readable(self->p.client));
	ASSERT_EQ(WSA_WAIT_EVENT_0, WSAWaitForMultipleEvents(1, &self->e.e, 0, 0, 0));
	ASSERT_TRUE(events_select(&other, self->p.client, FD_CLOSE));
	EXPECT_TRUE(events_quiet(&other));
	ASSERT_EQ(0, WSAResetEvent(self->e.e) ? 0 : 1);
	ASSERT_EQ(0, wsp_shutdown(self->p.server, SD_SEND));
	EXPECT_TRUE(events_quiet(&self->e));
}

TEST_F(ev, EV_5_mask_0_cancels)
{
	ASSERT_TRUE(events_select(&self->e, self->p.client, EVENTS_ALL));
	ASSERT_EQ(0, WSAEventSelect(self->p.client, self->e.e, 0));
	WSAResetEvent(self->e.e);
	ASSERT_EQ(1, wsp_send(self->p.server, "x", 1, 0));
	ASSERT_EQ(0, closesocket(self->p.server));
	EXPECT_TRUE(events_quiet(&self->e));
	EXPECT_EQ(0, WSAEventSelect(self->p.client, NULL, 0));
}

TEST_F(ev, EV_6_copies_clears_and_resets_in_one)
{
	WSANETWORKEVENTS ne;
	char c;

	ASSERT_TRUE(events_select(&self->e, self->p.client, FD_READ | FD_WRITE));
	ASSERT_EQ(1, wsp_send(self->p.server, "x", 1, 0));
	ASSERT_TRUE(util_wait_readable(self->p.client));
	/* FD_READ's may come a moment later. */
	EXPECT_EQ(1, wsp_recv(self->p.client, &c, 1, WS_MSG_PEEK));
	memset(&ne, 0x55, sizeof(ne));
	ASSERT_EQ(0, WSAEnumNetworkEvents(self->p.client, self->e.e, &ne));
	EXPECT_EQ(FD_READ | FD_WRITE, ne.lNetworkEvents);
	EXPECT_EQ(0, ne.iErrorCode[FD_READ_BIT]);
	EXPECT_EQ(0, ne.iErrorCode[FD_WRITE_BIT]);
	for (int i = FD_WRITE_BIT + 1; i < FD_MAX_EVENTS; i++)
		EXPECT_EQ(0x55555555, ne.iErrorCode[i]);
	EXPECT_EQ(WSA_WAIT_TIMEOUT, WSAWaitForMultipleEvents(1, &self->e.e, 0, 0, 0));
	ASSERT_EQ(0, WSAEnumNetworkEvents(self->p.client, NULL, &ne));
	EXPECT_EQ(0, ne.lNetworkEvents);
}

TEST_F(ev, EV_6_failing_it_changes_nothing)
{
	WSAEVENT gone = WSACreateEvent();
	WSANETWORKEVENTS ne;

	ASSERT_TRUE(WSACloseEvent(gone));
	ASSERT_TRUE(events_select(&self->e, self->p.client, FD_WRITE));
	EXPECT_EQ(WSAEFAULT, util_err(WSAEnumNetworkEvents(self->p.client, self->e.e, NULL)));
	EXPECT_EQ(WSAEFAULT, util_err(WSAEnumNetworkEvents(self->p.client, self->e.e,
							   UTIL_BAD_PTR)));
	memset(&ne, 0x55, sizeof(ne));
	EXPECT_EQ(WSAEINVAL, util_err(WSAEnumNetworkEvents(self->p.client, gone, &ne)));
	EXPECT_EQ(0x55555555, ne.lNetworkEvents);
	EXPECT_EQ(WSAENOTSOCK, util_err(WSAEnumNetworkEvents(STDIN_FILENO, self->e.e, &ne)));
	EXPECT_EQ(WSA_WAIT_EVENT_0, WSAWaitForMultipleEvents(1, &self->e.e, 0, 0, 0));
	EXPECT_EQ(FD_WRITE, events_take(&self->e));
}

TEST_F(ev, EV_6_without_resetting)
{
	WSANETWORKEVENTS ne;

	ASSERT_TRUE(events_select(&self->e, self->p.client, FD_WRITE));
	ASSERT_EQ(0, WSAEnumNetworkEvents(self->p.client, NULL, &ne));
	EXPECT_EQ(FD_WRITE, ne.lNetworkEvents);
	EXPECT_EQ(WSA_WAIT_EVENT_0, WSAWaitForMultipleEvents(1, &self->e.e, 0, 0, 0));
}

TEST_F(ev, bad_arguments)
{
	WSAEVENT gone = WSACreateEvent();

	ASSERT_TRUE(WSACloseEvent(gone));
	EXPECT_EQ(WSAEINVAL, util_err(WSAEventSelect(self->p.client, NULL, FD_READ)));
	EXPECT_EQ(WSAEINVAL, util_err(WSAEventSelect(self->p.client, gone, FD_READ)));
	EXPECT_EQ(WSAENOTSOCK, util_err(WSAEventSelect(STDIN_FILENO, gone, FD_READ)));
	gone = WSACreateEvent();
	EXPECT_EQ(WSAEINVAL, util_err(WSAEventSelect(self->p.client, gone, 0x400)));
	EXPECT_EQ(WSAEOPNOTSUPP, util_err(WSAAsyncSelect(self->p.client, gone, 1, FD_READ)));
	EXPECT_EQ(0, fcntl((int)self->p.client, F_GETFL) & O_NONBLOCK);
}

TEST_F(ev, CL_7_closing_oneself_tells_nothing)
{
	ASSERT_TRUE(ev_begin(&self->e, self->p.client, EVENTS_ALL));
	ASSERT_EQ(0, closesocket(self->p.client));
	ASSERT_EQ(0, closesocket(self->p.server));
	EXPECT_EQ(WSA_WAIT_TIMEOUT,
		  WSAWaitForMultipleEvents(1, &self->e.e, 0, EVENTS_QUIET_MS, 0));
	EXPECT_EQ(-1, events_take(&self->e));
	EXPECT_EQ(WSAENOTSOCK, WSAGetLastError());
}

TEST_F(ev, CL_7_nor_does_it_with_a_duplicate_that_lives_on)
{
	int dup_fd = dup((int)self->p.client);

	ASSERT_TRUE(ev_begin(&self->e, self->p.client, EVENTS_ALL));
	ASSERT_EQ(0, closesocket(self->p.client));
	ASSERT_EQ(1, wsp_send(self->p.server, "x", 1, 0));
	ASSERT_EQ(0, closesocket(self->p.server));
	ASSERT_TRUE(util_wait_tcp_state(dup_fd, STATE_CLOSE_WAIT));
	EXPECT_EQ(WSA_WAIT_TIMEOUT,
		  WSAWaitForMultipleEvents(1, &self->e.e, 0, EVENTS_QUIET_MS, 0));
	close(dup_fd);
}

TEST_F(ev, CL_14_a_refused_close_keeps_the_selection)
{
	ASSERT_TRUE(ev_begin(&self->e, self->p.client, FD_READ));
	ASSERT_TRUE(util_set_linger(self->p.client, 1, 60));
	ASSERT_GT(util_fill(self->p.client), 0);
	ASSERT_EQ(WSAEWOULDBLOCK, util_err(closesocket(self->p.client)));
	ASSERT_EQ(1, wsp_send(self->p.server, "x", 1, 0));
	EXPECT_TRUE(events_wait(&self->e, FD_READ));
}

TEST(SD_9_before_startup)
{
	WSANETWORKEVENTS ne;

	EXPECT_EQ(WSANOTINITIALISED, util_err(WSAEventSelect(0, NULL, 0)));
	EXPECT_EQ(WSANOTINITIALISED, util_err(WSAEnumNetworkEvents(0, NULL, &ne)));
	EXPECT_EQ(WSANOTINITIALISED, util_err(WSAAsyncSelect(0, NULL, 0, 0)));
}

TEST_HARNESS_MAIN
