// SPDX-License-Identifier: LGPL-2.1-or-later
/* select() and WSAPoll(). */
#include <kselftest_harness.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "internal.h"
#include "util.h"

static const struct ws_timeval at_once = { 0, 0 };
static const struct ws_timeval soon = { UTIL_SOON_MS / 1000, 0 };

enum { READ_SET, WRITE_SET, EXCEPT_SET };

/* Which of the three sets @s is in after a select() for all of them. */
static int select_bits(SOCKET s, const struct ws_timeval *tv)
{
	struct ws_fd_set set[3] = { { 1, { s } }, { 1, { s } }, { 1, { s } } };
	int n = wsp_select(0, &set[0], &set[1], &set[2], tv);
	int bits = 0;

	if (n < 0)
		return -WSAGetLastError();
	for (int k = 0; k < 3; k++)
		if (WS_FD_ISSET(s, &set[k]))
			bits |= 1 << k;
	return __builtin_popcount(bits) == n ? bits : -1;
}

/* One set alone; 1 if @s is in it at last. */
static int select_one(SOCKET s, int which, const struct ws_timeval *tv)
{
	struct ws_fd_set set = { 1, { s } };
	int n = wsp_select(0, which == READ_SET ? &set : NULL, which == WRITE_SET ? &set : NULL,
			   which == EXCEPT_SET ? &set : NULL, tv);

	return n < 0 ? -WSAGetLastError() : n == 1 && set.fd_count == 1 && set.fd_array[0] == s;
}

static int poll_one(SOCKET s, int events, int ms)
{
	WSAPOLLFD p = { s, events, 0x7777 };
	int n = WSAPoll(&p, 1, ms);

	if (n < 0)
		return -WSAGetLastError();
	return n == !!p.revents ? p.revents : -1;
}

FIXTURE(select)
{
	struct util_pair p;
};

FIXTURE_SETUP(select)
{
	util_start();
	ASSERT_TRUE(util_pair(AF_INET, &self->p));
}

FIXTURE_TEARDOWN(select)
{
}

TEST_F(select, bad_arguments)
{
	const struct ws_timeval negative = { 0, -1 };
	struct ws_fd_set set = { 0 };
	int err = 0;

	EXPECT_EQ(WSAEINVAL, util_err(wsp_select(0, NULL, NULL, NULL, &at_once)));
	EXPECT_EQ(WSAEINVAL, util_err(wsp_select(0, &set, &set, &set, &at_once)));
	EXPECT_EQ(-WSAEINVAL, select_one(self->p.client, READ_SET, &negative));
	EXPECT_EQ(WSAEFAULT, util_err(wsp_select(0, UTIL_BAD_PTR, NULL, NULL, &at_once)));
	EXPECT_EQ(-WSAEFAULT, select_one(self->p.client, READ_SET, UTIL_BAD_PTR));
	set.fd_count = 0xfffffff0;
	EXPECT_EQ(WSAEFAULT, util_err(wsp_select(0, &set, NULL, NULL, &at_once)));
	EXPECT_EQ(-WSAENOTSOCK, select_one(STDIN_FILENO, READ_SET, &at_once));
	EXPECT_EQ(-WSAENOTSOCK, select_one(INVALID_SOCKET, WRITE_SET, &at_once));
	/* On failure the sets are as they were. */
	WS_FD_ZERO(&set);
	WS_FD_SET(self->p.client, &set);
	WS_FD_SET(1023, &set);
	EXPECT_EQ(WSAENOTSOCK, util_err(wsp_select(0, NULL, &set, NULL, &at_once)));
	EXPECT_EQ(2, set.fd_count);
	EXPECT_EQ(SOCKET_ERROR, wsp_select_spi(0, NULL, NULL, NULL, NULL, &err));
	EXPECT_EQ(WSAEINVAL, err);
}

TEST_F(select, sets)
{
	struct ws_fd_set set;

	WS_FD_ZERO(&set);
	for (SOCKET s = 0; s < 2 * WS_FD_SETSIZE; s++)
		WS_FD_SET(s / 2, &set);
	EXPECT_EQ(WS_FD_SETSIZE, set.fd_count);
	WS_FD_SET(1000, &set);
	EXPECT_EQ(0, WS_FD_ISSET(1000, &set));
	EXPECT_EQ(1, WS_FD_ISSET(63, &set));
	WS_FD_CLR(5, &set);
	WS_FD_CLR(1000, &set);
	EXPECT_EQ(WS_FD_SETSIZE - 1, set.fd_count);
	EXPECT_EQ(0, WS_FD_ISSET(5, &set));
	EXPECT_EQ(6, set.fd_array[5]);
}

TEST_F(select, data_room_and_time)
{
	int64_t start = util_now_ms();
	const struct ws_timeval tv = { 0, 50001 };

	EXPECT_EQ(1 << WRITE_SET, select_bits(self->p.client, &at_once));
	EXPECT_EQ(0, select_one(self->p.client, READ_SET, &tv));
	EXPECT_GE(util_now_ms() - start, 50);
	ASSERT_EQ(1, wsp_send(self->p.server, "x", 1, 0));
	EXPECT_EQ(1, select_one(self->p.client, READ_SET, &soon));
	EXPECT_EQ(1 << READ_SET | 1 << WRITE_SET, select_bits(self->p.client, &at_once));
	ASSERT_TRUE(util_set_nonblocking(self->p.client, true));
	EXPECT_GT(util_fill(self->p.client), 0);
	EXPECT_EQ(0, select_one(self->p.client, WRITE_SET, &at_once));
}

TEST_F(select, RC_1_the_peer_s_end_is_readable)
{
	char c;

	ASSERT_EQ(1, wsp_send(self->p.server, "x", 1, 0));
	ASSERT_EQ(0, wsp_shutdown(self->p.server, SD_SEND));
	EXPECT_EQ(1, select_one(self->p.client, READ_SET, NULL));
	EXPECT_EQ(1, wsp_recv(self->p.client, &c, 1, 0));
	EXPECT_EQ(1, select_one(self->p.client, READ_SET, NULL));
	EXPECT_EQ(0, wsp_recv(self->p.client, &c, 1, 0));
	EXPECT_EQ(1, select_one(self->p.client, READ_SET, NULL));
	EXPECT_EQ(0, select_one(self->p.client, EXCEPT_SET, &at_once));
}

TEST_F(select, RC_3_a_reset_is_readable_and_no_exception)
{
	char c;

	ASSERT_TRUE(util_set_linger(self->p.server, 1, 0));
	ASSERT_EQ(0, closesocket(self->p.server));
	EXPECT_EQ(1, select_one(self->p.client, READ_SET, &soon));
	EXPECT_EQ(0, select_one(self->p.client, EXCEPT_SET, &(struct ws_timeval){ 0, 20000 }));
	EXPECT_EQ(WSAECONNRESET, util_err(wsp_recv(self->p.client, &c, 1, 0)));
	EXPECT_EQ(1, select_one(self->p.client, READ_SET, &at_once));
	EXPECT_EQ(WSAECONNRESET, util_err(wsp_recv(self->p.client, &c, 1, 0)));
}

TEST_F(select, RD_10_an_ended_direction_is_readable)
{
	char c;

	ASSERT_EQ(0, wsp_shutdown(self->p.client, SD_RECEIVE));
	EXPECT_EQ(1, select_one(self->p.client, READ_SET, NULL));
	EXPECT_EQ(WS_POLLRDNORM, poll_one(self->p.client, WS_POLLIN, -1));
	EXPECT_EQ(WSAESHUTDOWN, util_err(wsp_recv(self->p.client, &c, 1, 0)));
}

TEST_F(select, urgent_data_is_an_exception_unless_inline)
{
	const int on = 1;
	char c;

	ASSERT_EQ(1, wsp_send(self->p.server, "!", 1, WS_MSG_OOB));
	EXPECT_EQ(1, select_one(self->p.client, EXCEPT_SET, &soon));
	EXPECT_EQ(WS_POLLRDBAND, poll_one(self->p.client, WS_POLLIN, 0));
	EXPECT_EQ(WS_POLLPRI, poll_one(self->p.client, WS_POLLPRI, 0));
	EXPECT_EQ(1, wsp_recv(self->p.client, &c, 1, WS_MSG_OOB));
	EXPECT_EQ(0, select_one(self->p.client, EXCEPT_SET, &at_once));
	ASSERT_EQ(0, wsp_setsockopt(self->p.client, WS_SOL_SOCKET, WS_SO_OOBINLINE,
				    (const char *)&on, sizeof(on)));
	ASSERT_EQ(1, wsp_send(self->p.server, "!", 1, WS_MSG_OOB));
	EXPECT_EQ(1, select_one(self->p.client, READ_SET, &soon));
	EXPECT_EQ(0, select_one(self->p.client, EXCEPT_SET, &at_once));
}

static bool refused_address(struct sockaddr_storage *ss, int *len)
{
	SOCKET listener;

	return util_listen(AF_INET, &listener, ss, len) && !closesocket(listener);
}

TEST_F(select, connecting)
{
	SOCKET s = wsp_socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_storage ss;
	int len = sizeof(ss);

	ASSERT_TRUE(util_set_nonblocking(s, true));
	ASSERT_EQ(0, wsp_getsockname(self->p.listener, (struct sockaddr *)&ss, &len));
	ASSERT_EQ(WSAEWOULDBLOCK, util_err(wsp_connect(s, (struct sockaddr *)&ss, len)));
	EXPECT_EQ(1, select_one(s, WRITE_SET, &soon));
	EXPECT_EQ(1 << WRITE_SET, select_bits(s, &at_once));
	EXPECT_EQ(1, select_one(self->p.listener, READ_SET, &soon));
	EXPECT_EQ(1 << READ_SET, select_bits(self->p.listener, &at_once));
	EXPECT_EQ(WS_POLLRDNORM, poll_one(self->p.listener, WS_POLLIN | WS_POLLOUT, 0));
}

TEST_F(select, failed_connecting_is_an_exception)
{
	SOCKET s = wsp_socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_storage ss;
	int len, error = 0, size = sizeof(error);

	ASSERT_TRUE(refused_address(&ss, &len));
	ASSERT_TRUE(util_set_nonblocking(s, true));
	ASSERT_EQ(WSAEWOULDBLOCK, util_err(wsp_connect(s, (struct sockaddr *)&ss, len)));
	EXPECT_EQ(1, select_one(s, EXCEPT_SET, &soon));
	EXPECT_EQ(1 << EXCEPT_SET, select_bits(s, &at_once));
	EXPECT_EQ(WS_POLLERR | WS_POLLHUP | WS_POLLWRNORM, poll_one(s, WS_POLLIN | WS_POLLOUT, 0));
	ASSERT_EQ(0, wsp_getsockopt(s, WS_SOL_SOCKET, WS_SO_ERROR, (char *)&error, &size));
	EXPECT_EQ(WSAECONNREFUSED, error);
}

struct connect_ctx {
	SOCKET s;
	struct sockaddr_storage ss;
	int len;
	int rc;
};

static void *connect_thread(void *arg)
{
	struct connect_ctx *ctx = arg;

	/* Give the other thread time to sleep; without, the test proves less. */
	poll(NULL, 0, 50);
	ctx->rc = wsp_connect(ctx->s, (struct sockaddr *)&ctx->ss, ctx->len);
	return NULL;
}

TEST_F(select, unconnected_is_never_ready_until_connected)
{
	struct connect_ctx ctx = { .s = wsp_socket(AF_INET, SOCK_STREAM, 0) };
	pthread_t t;

	EXPECT_EQ(0, select_bits(ctx.s, &(struct ws_timeval){ 0, 20000 }));
	EXPECT_EQ(0, poll_one(ctx.s, WS_POLLIN | WS_POLLOUT, 20));
	ctx.len = sizeof(ctx.ss);
	ASSERT_EQ(0, wsp_getsockname(self->p.listener, (struct sockaddr *)&ctx.ss, &ctx.len));
	ASSERT_EQ(0, pthread_create(&t, NULL, connect_thread, &ctx));
	EXPECT_EQ(1 << WRITE_SET, select_bits(ctx.s, &soon));
	ASSERT_EQ(0, pthread_join(t, NULL));
	EXPECT_EQ(0, ctx.rc);
}

TEST_F(select, waiting_for_what_does_not_come_costs_no_time)
{
	struct timespec start, end;

	ASSERT_TRUE(util_set_linger(self->p.server, 1, 0));
	ASSERT_EQ(0, closesocket(self->p.server));
	ASSERT_TRUE(util_wait_readable(self->p.client));
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start);
	EXPECT_EQ(0, select_one(self->p.client, EXCEPT_SET, &(struct ws_timeval){ 1, 0 }));
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
	EXPECT_LT((end.tv_sec - start.tv_sec) * 1000 + (end.tv_nsec - start.tv_nsec) / 1000000,
		  50);
}

#define MANY	150

/* A program's own FD_SETSIZE makes its type larger. */
struct large_set {
	uint32_t count;
	SOCKET s[MANY];
};

TEST_F(select, more_sockets_than_the_type_has_room_for)
{
	struct large_set set = { MANY, { 0 } };
	WSAPOLLFD p[MANY];

	for (int i = 0; i < MANY; i++) {
		set.s[i] = wsp_socket(AF_INET, SOCK_DGRAM, 0);
		ASSERT_NE(INVALID_SOCKET, set.s[i]);
		p[i] = (WSAPOLLFD){ set.s[i], WS_POLLOUT, 0 };
	}
	p[7] = (WSAPOLLFD){ self->p.client, WS_POLLIN, 0 };
	EXPECT_EQ(MANY - 1, WSAPoll(p, MANY, 0));
	EXPECT_EQ(0, p[7].revents);
	EXPECT_EQ(WS_POLLWRNORM, p[MANY - 1].revents);
	set.s[MANY - 1] = self->p.client;
	EXPECT_EQ(0, wsp_select(0, (struct ws_fd_set *)&set, NULL, NULL, &at_once));
	EXPECT_EQ(0, set.count);
	set.count = MANY;
	ASSERT_EQ(1, wsp_send(self->p.server, "x", 1, 0));
	EXPECT_EQ(1, wsp_select(0, (struct ws_fd_set *)&set, NULL, NULL, &soon));
	EXPECT_EQ(1, set.count);
	EXPECT_EQ(self->p.client, set.s[0]);
}

static void *close_thread(void *arg)
{
	/* As above. */
	poll(NULL, 0, 50);
	return (void *)(intptr_t)closesocket(*(SOCKET *)arg);
}

TEST_F(select, CL_5_closing_a_socket_ends_it)
{
	WSAPOLLFD p[2] = { { self->p.client, WS_POLLIN, 0 }, { self->p.server, WS_POLLIN, 0 } };
	pthread_t t;
	void *rc;

	ASSERT_EQ(0, pthread_create(&t, NULL, close_thread, &self->p.client));
	EXPECT_EQ(-WSAENOTSOCK, select_one(self->p.client, READ_SET, NULL));
	ASSERT_EQ(0, pthread_join(t, &rc));
	EXPECT_EQ(NULL, rc);
	/* The last descriptor went with it. */
	EXPECT_EQ(1, select_one(self->p.server, READ_SET, &soon));
	ASSERT_EQ(0, closesocket(self->p.server));

	ASSERT_TRUE(util_pair(AF_INET, &self->p));
	p[0].fd = self->p.client;
	p[1].fd = self->p.server;
	ASSERT_EQ(0, pthread_create(&t, NULL, close_thread, &self->p.server));
	EXPECT_EQ(WSAENOTSOCK, util_err(WSAPoll(p, 2, -1)));
	ASSERT_EQ(0, pthread_join(t, &rc));
	EXPECT_EQ(NULL, rc);
}

static int select_inside(LPWSABUF caller_id, LPWSABUF caller_data, LPQOS sqos, LPQOS gqos,
			 LPWSABUF callee_id, LPWSABUF callee_data, GROUP *g, DWORD_PTR data)
{
	int *got = (int *)data;

	got[0] = select_one(STDIN_FILENO, READ_SET, &at_once);
	got[1] = poll_one(STDIN_FILENO, WS_POLLIN, 0);
	return CF_ACCEPT;
}

TEST_F(select, SD_8_inside_a_callback)
{
	SOCKET s = wsp_socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_storage ss;
	int len = sizeof(ss);
	int got[2] = { 0 };

	ASSERT_EQ(0, wsp_getsockname(self->p.listener, (struct sockaddr *)&ss, &len));
	ASSERT_EQ(0, wsp_connect(s, (struct sockaddr *)&ss, len));
	ASSERT_NE(INVALID_SOCKET, WSAAccept(self->p.listener, NULL, NULL, select_inside,
					    (DWORD_PTR)got));
	EXPECT_EQ(-WSAEINPROGRESS, got[0]);
	EXPECT_EQ(-WSAEINPROGRESS, got[1]);
}

TEST_F(select, poll_bad_arguments)
{
	WSAPOLLFD p[2] = { { self->p.client, WS_POLLOUT, 0 }, { INVALID_SOCKET, WS_POLLIN, 0 } };

	EXPECT_EQ(WSAEINVAL, util_err(WSAPoll(p, 0, 0)));
	EXPECT_EQ(WSAEFAULT, util_err(WSAPoll(NULL, 1, 0)));
	EXPECT_EQ(WSAEFAULT, util_err(WSAPoll(UTIL_BAD_PTR, 1, 0)));
	EXPECT_EQ(-WSAEINVAL, poll_one(self->p.client, WS_POLLHUP, 0));
	EXPECT_EQ(-WSAENOTSOCK, poll_one(STDIN_FILENO, WS_POLLIN, 0));
	EXPECT_EQ(1, WSAPoll(p, 2, 0));
	EXPECT_EQ(WS_POLLWRNORM, p[0].revents);
	EXPECT_EQ(WS_POLLNVAL, p[1].revents);
}

TEST_F(select, poll_tells_data_end_and_reset)
{
	char c;

	EXPECT_EQ(0, poll_one(self->p.client, WS_POLLIN, 0));
	ASSERT_EQ(1, wsp_send(self->p.server, "x", 1, 0));
	ASSERT_EQ(0, wsp_shutdown(self->p.server, SD_SEND));
	ASSERT_TRUE(util_wait_tcp_state(self->p.client, 8));
	EXPECT_EQ(WS_POLLRDNORM, poll_one(self->p.client, WS_POLLIN, -1));
	EXPECT_EQ(1, wsp_recv(self->p.client, &c, 1, 0));
	EXPECT_EQ(WS_POLLHUP, poll_one(self->p.client, WS_POLLIN, -1));
	EXPECT_EQ(WS_POLLHUP | WS_POLLWRNORM, poll_one(self->p.client, WS_POLLOUT, 0));
	ASSERT_TRUE(util_set_linger(self->p.client, 1, 0));
	ASSERT_EQ(0, closesocket(self->p.client));
	EXPECT_EQ(WS_POLLHUP | WS_POLLERR, poll_one(self->p.server, WS_POLLIN, UTIL_SOON_MS));
}

TEST(SD_9_before_startup)
{
	WSAPOLLFD p = { 0, WS_POLLIN, 0 };

	EXPECT_EQ(WSANOTINITIALISED, util_err(wsp_select(0, NULL, NULL, NULL, NULL)));
	EXPECT_EQ(WSANOTINITIALISED, util_err(WSAPoll(&p, 1, 0)));
}

TEST_HARNESS_MAIN
