// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * SendDisconnect, RecvDisconnect and shutdown on plain TCP, as a host without
 * the module has it.
 */
#include <kselftest_harness.h>
#include <netinet/in.h>
#include <sys/mman.h>

#include "internal.h"
#include "util.h"

#define STATE_LISTEN	10
#define STATE_CLOSE	7

FIXTURE(plain)
{
	struct util_pair p;
	WSABUF text;
};

FIXTURE_VARIANT(plain)
{
	int af;
};

FIXTURE_VARIANT_ADD(plain, v4)
{
	.af = AF_INET,
};

FIXTURE_VARIANT_ADD(plain, v6)
{
	.af = AF_INET6,
};

FIXTURE_SETUP(plain)
{
	util_start();
	ASSERT_TRUE(util_pair(variant->af, &self->p));
	if (wsp_tcp_attached((int)self->p.client))
		SKIP(return, "the module is loaded");
	self->text.len = 4;
	self->text.buf = "text";
}

FIXTURE_TEARDOWN(plain)
{
}

static bool is_sendable(SOCKET from, SOCKET to)
{
	char c = 0;

	return wsp_send(from, "!", 1, 0) == 1 && recv((int)to, &c, 1, 0) == 1 && c == '!';
}

TEST_F(plain, SD_1_like_shutdown)
{
	char c;

	EXPECT_EQ(0, WSASendDisconnect(self->p.client, NULL));
	EXPECT_EQ(0, wsp_recv(self->p.server, &c, 1, 0));
}

TEST_F(plain, SD_3_data_is_refused_and_nothing_changes)
{
	EXPECT_EQ(WSAENOPROTOOPT, util_err(WSASendDisconnect(self->p.client, &self->text)));
	EXPECT_TRUE(is_sendable(self->p.client, self->p.server));
}

TEST_F(plain, SD_4_unconnected_or_listening)
{
	SOCKET s = wsp_socket(variant->af, SOCK_STREAM, 0);

	EXPECT_EQ(WSAENOTCONN, util_err(WSASendDisconnect(s, NULL)));
	EXPECT_EQ(WSAENOTCONN, util_err(WSASendDisconnect(s, &self->text)));
	EXPECT_EQ(WSAENOTCONN, util_err(WSASendDisconnect(self->p.listener, NULL)));
	EXPECT_EQ(WSAENOTCONN, util_err(WSASendDisconnect(self->p.listener, &self->text)));
	EXPECT_TRUE(util_wait_tcp_state((int)self->p.listener, STATE_LISTEN));
}

TEST_F(plain, SD_5_RD_6_not_a_socket)
{
	SOCKET closed = wsp_socket(variant->af, SOCK_STREAM, 0);
	int p[2];

	ASSERT_EQ(0, pipe(p));
	ASSERT_EQ(0, closesocket(closed));
	EXPECT_EQ(WSAENOTSOCK, util_err(WSASendDisconnect(p[0], NULL)));
	EXPECT_EQ(WSAENOTSOCK, util_err(WSASendDisconnect(closed, NULL)));
	EXPECT_EQ(WSAENOTSOCK, util_err(WSASendDisconnect(INVALID_SOCKET, NULL)));
	EXPECT_EQ(WSAENOTSOCK, util_err(WSASendDisconnect((SOCKET)1 << 32, NULL)));
	EXPECT_EQ(WSAENOTSOCK, util_err(WSASendDisconnect(999999, UTIL_BAD_PTR)));
	EXPECT_EQ(WSAENOTSOCK, util_err(WSARecvDisconnect(p[0], NULL)));
	EXPECT_EQ(WSAENOTSOCK, util_err(WSARecvDisconnect(closed, NULL)));
}

TEST_F(plain, SD_6_bad_WSABUF)
{
	char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ASSERT_EQ(0, mprotect(page + 4096, 4096, PROT_NONE));
	EXPECT_EQ(WSAEFAULT, util_err(WSASendDisconnect(self->p.client, UTIL_BAD_PTR)));
	/* One that ends on a page that is not there. */
	EXPECT_EQ(WSAEFAULT,
		  util_err(WSASendDisconnect(self->p.client, (LPWSABUF)(page + 4096 - 8))));
	EXPECT_TRUE(is_sendable(self->p.client, self->p.server));
	EXPECT_EQ(WSAEFAULT, util_err(WSARecvDisconnect(self->p.client, UTIL_BAD_PTR)));
	EXPECT_EQ(WSAEFAULT, util_err(WSARecvDisconnect(self->p.client, (LPWSABUF)(page + 4096))));
	EXPECT_TRUE(is_sendable(self->p.server, self->p.client));
}

TEST_F(plain, SD_10_SD_11_sending_has_ended_receiving_works)
{
	DWORD count;
	char c;

	ASSERT_EQ(0, WSASendDisconnect(self->p.client, NULL));
	EXPECT_EQ(WSAESHUTDOWN, util_err(wsp_send(self->p.client, "x", 1, 0)));
	EXPECT_EQ(WSAESHUTDOWN, util_err(wsp_send(self->p.client, "", 0, 0)));
	EXPECT_EQ(WSAESHUTDOWN,
		  util_err(WSASend(self->p.client, &self->text, 1, &count, 0, NULL, NULL)));
	ASSERT_EQ(1, wsp_send(self->p.server, "y", 1, 0));
	EXPECT_EQ(1, wsp_recv(self->p.client, &c, 1, 0));
	EXPECT_EQ('y', c);
}

TEST_F(plain, SD_12_bytes_before_arrive_first)
{
	char buf[16] = "";

	ASSERT_EQ(5, wsp_send(self->p.client, "hello", 5, 0));
	ASSERT_EQ(0, WSASendDisconnect(self->p.client, NULL));
	EXPECT_EQ(5, wsp_recv(self->p.server, buf, sizeof(buf), WS_MSG_WAITALL));
	EXPECT_STREQ("hello", buf);
	EXPECT_EQ(0, wsp_recv(self->p.server, buf, sizeof(buf), 0));
}

TEST_F(plain, SD_13_stalled_peer_and_long_linger)
{
	int64_t start;

	ASSERT_TRUE(util_set_linger(self->p.client, 1, 60));
	util_fill(self->p.client);
	start = util_now_ms();
	EXPECT_EQ(0, WSASendDisconnect(self->p.client, NULL));
	EXPECT_LT(util_now_ms() - start, UTIL_AT_ONCE_MS);
}

TEST_F(plain, SD_14_handle_stays_valid)
{
	struct sockaddr_storage ss;
	int len = sizeof(ss);

	ASSERT_TRUE(util_set_linger(self->p.client, 1, 9));
	ASSERT_EQ(0, WSASendDisconnect(self->p.client, NULL));
	EXPECT_EQ(0, wsp_getpeername(self->p.client, (struct sockaddr *)&ss, &len));
	ASSERT_EQ(0, WSASendDisconnect(self->p.server, NULL));
	EXPECT_TRUE(util_wait_tcp_state((int)self->p.server, STATE_CLOSE));
	EXPECT_EQ(0, closesocket(self->p.client));
}

TEST_F(plain, SD_15_connect_afterwards)
{
	struct sockaddr_storage ss;
	int len = sizeof(ss);

	ASSERT_EQ(0, wsp_getsockname(self->p.listener, (struct sockaddr *)&ss, &len));
	ASSERT_EQ(0, WSASendDisconnect(self->p.client, NULL));
	EXPECT_EQ(WSAEISCONN, util_err(wsp_connect(self->p.client, (struct sockaddr *)&ss, len)));
}

TEST_F(plain, SD_16_again_and_after_both_have_closed)
{
	WSABUF empty = { 0, UTIL_BAD_PTR };

	ASSERT_EQ(0, WSASendDisconnect(self->p.client, NULL));
	EXPECT_EQ(0, WSASendDisconnect(self->p.client, NULL));
	EXPECT_EQ(0, WSASendDisconnect(self->p.client, &empty));
	ASSERT_EQ(0, WSASendDisconnect(self->p.server, NULL));
	ASSERT_TRUE(util_wait_tcp_state((int)self->p.server, STATE_CLOSE));
	EXPECT_EQ(0, WSASendDisconnect(self->p.client, NULL));
	EXPECT_EQ(0, WSASendDisconnect(self->p.server, NULL));
	EXPECT_EQ(0, wsp_shutdown(self->p.server, SD_SEND));
	EXPECT_EQ(0, wsp_shutdown(self->p.server, SD_BOTH));
}

TEST_F(plain, SD_16_after_shutdown_made_elsewhere)
{
	ASSERT_EQ(0, shutdown((int)self->p.client, SHUT_WR));
	EXPECT_EQ(0, WSASendDisconnect(self->p.client, NULL));
	EXPECT_EQ(WSAESHUTDOWN, util_err(wsp_send(self->p.client, "x", 1, 0)));
}

TEST_F(plain, SD_18_empty_buffer)
{
	WSABUF empty = { 0, UTIL_BAD_PTR };
	char c;

	EXPECT_EQ(0, WSASendDisconnect(self->p.client, &empty));
	EXPECT_EQ(0, wsp_recv(self->p.server, &c, 1, 0));
}

TEST_F(plain, SD_21_peer_has_reset)
{
	ASSERT_TRUE(util_set_linger(self->p.server, 1, 0));
	ASSERT_EQ(0, closesocket(self->p.server));
	ASSERT_TRUE(util_wait_tcp_state((int)self->p.client, STATE_CLOSE));
	EXPECT_EQ(WSAENOTCONN, util_err(WSASendDisconnect(self->p.client, NULL)));
	EXPECT_EQ(WSAENOTCONN, util_err(WSASendDisconnect(self->p.client, &self->text)));
	EXPECT_EQ(WSAENOTCONN, util_err(WSARecvDisconnect(self->p.client, NULL)));
}

TEST_F(plain, SD_23_what_is_checked_first)
{
	SOCKET s = wsp_socket(variant->af, SOCK_STREAM, 0);
	WSABUF bad = { 4, UTIL_BAD_PTR };

	EXPECT_EQ(WSAEFAULT, util_err(WSASendDisconnect(s, UTIL_BAD_PTR)));
	EXPECT_EQ(WSAENOTCONN, util_err(WSASendDisconnect(s, &bad)));
	EXPECT_EQ(WSAENOPROTOOPT, util_err(WSASendDisconnect(self->p.client, &bad)));
}

TEST_F(plain, RD_3_buffer_is_refused_and_nothing_changes)
{
	char room[8];
	WSABUF wb = { sizeof(room), room };

	EXPECT_EQ(WSAENOPROTOOPT, util_err(WSARecvDisconnect(self->p.client, &wb)));
	EXPECT_EQ(sizeof(room), wb.len);
	EXPECT_TRUE(is_sendable(self->p.server, self->p.client));
}

TEST_F(plain, RD_4_RD_10_RD_11_receiving_has_ended_sending_works)
{
	WSABUF empty = { 0, UTIL_BAD_PTR };
	char c;

	ASSERT_EQ(1, wsp_send(self->p.server, "q", 1, 0));
	ASSERT_TRUE(util_wait_readable(self->p.client));
	EXPECT_EQ(0, WSARecvDisconnect(self->p.client, &empty));
	EXPECT_EQ(WSAESHUTDOWN, util_err(wsp_recv(self->p.client, &c, 1, 0)));
	EXPECT_EQ(WSAESHUTDOWN, util_err(wsp_recvfrom(self->p.client, &c, 1, 0, NULL, NULL)));
	EXPECT_EQ(0, WSARecvDisconnect(self->p.client, NULL));
	EXPECT_TRUE(is_sendable(self->p.client, self->p.server));
}

TEST_F(plain, RD_5_unconnected_or_listening)
{
	SOCKET s = wsp_socket(variant->af, SOCK_STREAM, 0);
	char room[8];
	WSABUF wb = { sizeof(room), room };

	EXPECT_EQ(WSAENOTCONN, util_err(WSARecvDisconnect(s, NULL)));
	EXPECT_EQ(WSAENOTCONN, util_err(WSARecvDisconnect(s, &wb)));
	EXPECT_EQ(WSAENOTCONN, util_err(WSARecvDisconnect(self->p.listener, NULL)));
	EXPECT_TRUE(util_wait_tcp_state((int)self->p.listener, STATE_LISTEN));
}

/* The peer's writes are taken until the window is full, then it waits. */
TEST_F(plain, RD_12_lower_layer_goes_on)
{
	int budget = 1 << 20;

	ASSERT_EQ(0, WSARecvDisconnect(self->p.client, NULL));
	EXPECT_GT(util_fill(self->p.server), 10000);
	ASSERT_TRUE(util_set_nonblocking(self->p.server, true));
	while (budget-- && wsp_send(self->p.server, "x", 1, 0) == 1)
		;
	EXPECT_EQ(WSAEWOULDBLOCK, WSAGetLastError());
	EXPECT_TRUE(is_sendable(self->p.client, self->p.server));
}

TEST_F(plain, RC_4_shutdown)
{
	SOCKET s = wsp_socket(variant->af, SOCK_STREAM, 0);
	char c;

	EXPECT_EQ(WSAEINVAL, util_err(wsp_shutdown(self->p.client, 3)));
	EXPECT_EQ(WSAEINVAL, util_err(wsp_shutdown(self->p.client, -1)));
	EXPECT_EQ(WSAENOTCONN, util_err(wsp_shutdown(s, SD_SEND)));
	EXPECT_EQ(WSAENOTCONN, util_err(wsp_shutdown(s, SD_RECEIVE)));
	EXPECT_EQ(WSAENOTCONN, util_err(wsp_shutdown(self->p.listener, SD_RECEIVE)));
	EXPECT_EQ(WSAENOTCONN, util_err(wsp_shutdown(self->p.listener, SD_BOTH)));
	EXPECT_TRUE(util_wait_tcp_state((int)self->p.listener, STATE_LISTEN));
	EXPECT_EQ(0, wsp_shutdown(self->p.client, SD_RECEIVE));
	EXPECT_EQ(0, wsp_shutdown(self->p.client, SD_RECEIVE));
	EXPECT_EQ(WSAESHUTDOWN, util_err(wsp_recv(self->p.client, &c, 1, 0)));
	EXPECT_TRUE(is_sendable(self->p.client, self->p.server));
	EXPECT_EQ(0, wsp_shutdown(self->p.client, SD_BOTH));
	EXPECT_EQ(0, wsp_shutdown(self->p.client, SD_BOTH));
	EXPECT_EQ(WSAESHUTDOWN, util_err(wsp_send(self->p.client, "x", 1, 0)));
	EXPECT_EQ(0, wsp_recv(self->p.server, &c, 1, 0));
}

FIXTURE(udp)
{
	struct util_pair p;
};

FIXTURE_SETUP(udp)
{
	util_start();
	ASSERT_TRUE(util_udp_pair(&self->p));
}

FIXTURE_TEARDOWN(udp)
{
}

TEST_F(udp, SD_20_no_peer_is_needed_and_data_is_refused)
{
	WSABUF text = { 4, "text" };
	SOCKET s = wsp_socket(AF_INET, SOCK_DGRAM, 0);
	struct sockaddr_storage ss;
	int len = sizeof(ss);

	ASSERT_EQ(0, wsp_getsockname(self->p.server, (struct sockaddr *)&ss, &len));
	EXPECT_EQ(WSAENOPROTOOPT, util_err(WSASendDisconnect(s, &text)));
	EXPECT_EQ(1, wsp_sendto(s, "a", 1, 0, (struct sockaddr *)&ss, len));
	EXPECT_EQ(0, WSASendDisconnect(s, NULL));
	EXPECT_EQ(0, WSASendDisconnect(s, NULL));
	EXPECT_EQ(WSAESHUTDOWN, util_err(wsp_sendto(s, "a", 1, 0, (struct sockaddr *)&ss, len)));
	EXPECT_EQ(0, WSASendDisconnect(self->p.client, NULL));
	EXPECT_EQ(WSAESHUTDOWN, util_err(wsp_send(self->p.client, "a", 1, 0)));
}

TEST_F(udp, RD_13_datagrams_are_still_taken)
{
	char room[8], c;
	WSABUF wb = { sizeof(room), room };
	struct sockaddr_storage ss;
	int len = sizeof(ss);

	EXPECT_EQ(WSAENOPROTOOPT, util_err(WSARecvDisconnect(self->p.server, &wb)));
	EXPECT_EQ(0, WSARecvDisconnect(self->p.server, NULL));
	EXPECT_EQ(WSAESHUTDOWN,
		  util_err(wsp_recvfrom(self->p.server, &c, 1, 0, (struct sockaddr *)&ss, &len)));
	/* Twice, as an ICMP error for the first would fail the second. */
	EXPECT_EQ(1, wsp_send(self->p.client, "a", 1, 0));
	EXPECT_EQ(1, wsp_send(self->p.client, "b", 1, 0));
	EXPECT_EQ(1, recv((int)self->p.server, &c, 1, 0));
	EXPECT_EQ('a', c);
}

/* A socket the library did not make, and a number that changed hands. */
TEST(adopted_socket_and_reused_number)
{
	struct util_pair p;
	int fd;

	util_start();
	ASSERT_TRUE(util_pair(AF_INET, &p));
	ASSERT_EQ(0, WSASendDisconnect(p.client, NULL));
	ASSERT_EQ(0, WSARecvDisconnect(p.client, NULL));
	fd = dup((int)p.server);
	ASSERT_EQ((int)p.client, dup2(fd, (int)p.client));
	close(fd);
	/* Now p.client is the server's end, which can send. */
	EXPECT_EQ(1, wsp_send(p.client, "x", 1, 0));
}

TEST_HARNESS_MAIN
