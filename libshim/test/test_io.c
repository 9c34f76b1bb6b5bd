// SPDX-License-Identifier: LGPL-2.1-or-later
/* Sockets, names, transfers and the errors Winsock has for them. */
#include <fcntl.h>
#include <kselftest_harness.h>
#include <netinet/in.h>
#include <sys/mman.h>

#include "internal.h"
#include "util.h"

static WSABUF io_buf(ULONG len, const char *buf)
{
	WSABUF wb = { len, (char *)buf };

	return wb;
}

FIXTURE(io)
{
	struct util_pair p;
};

FIXTURE_SETUP(io)
{
	util_start();
	ASSERT_TRUE(util_pair(AF_INET, &self->p));
}

FIXTURE_TEARDOWN(io)
{
}

TEST_F(io, gather_and_scatter)
{
	WSABUF out[40], in[2];
	char a[20] = "", b[40] = "";
	DWORD n = 0, flags = 0;

	for (int i = 0; i < 40; i++)
		out[i] = io_buf(1, &"abcdefghijklmnopqrstuvwxyz0123456789+-*/"[i]);
	ASSERT_EQ(0, WSASend(self->p.client, out, 40, &n, 0, NULL, NULL));
	EXPECT_EQ(40, n);
	in[0] = io_buf(19, a);
	in[1] = io_buf(21, b);
	flags = WS_MSG_WAITALL;
	ASSERT_EQ(0, WSARecv(self->p.server, in, 2, &n, &flags, NULL, NULL));
	EXPECT_EQ(40, n);
	EXPECT_EQ(0, flags);
	EXPECT_STREQ("abcdefghijklmnopqrs", a);
	EXPECT_STREQ("tuvwxyz0123456789+-*/", b);
}

TEST_F(io, peek_oob_and_wrong_flags)
{
	char c = 0;

	ASSERT_EQ(1, wsp_send(self->p.client, "p", 1, 0));
	EXPECT_EQ(1, wsp_recv(self->p.server, &c, 1, WS_MSG_PEEK));
	EXPECT_EQ('p', c);
	EXPECT_EQ(1, wsp_recv(self->p.server, &c, 1, 0));
	ASSERT_EQ(1, wsp_send(self->p.client, "o", 1, WS_MSG_OOB));
	EXPECT_EQ(WSAEOPNOTSUPP, util_err(wsp_send(self->p.client, "x", 1, WS_MSG_PEEK)));
	EXPECT_EQ(WSAEOPNOTSUPP, util_err(wsp_send(self->p.client, "x", 1, 0x100000)));
	EXPECT_EQ(WSAEOPNOTSUPP, util_err(wsp_recv(self->p.server, &c, 1, 0x10)));
}

TEST_F(io, bad_arguments)
{
	DWORD n, flags = 0;
	WSABUF wb = { 1, UTIL_BAD_PTR };

	EXPECT_EQ(WSAEFAULT, util_err(wsp_send(self->p.client, UTIL_BAD_PTR, 4, 0)));
	EXPECT_EQ(WSAEFAULT, util_err(wsp_send(self->p.client, "x", -1, 0)));
	EXPECT_EQ(WSAEFAULT, util_err(WSASend(self->p.client, NULL, 1, &n, 0, NULL, NULL)));
	EXPECT_EQ(WSAEFAULT, util_err(WSASend(self->p.client, &wb, 1, NULL, 0, NULL, NULL)));
	EXPECT_EQ(WSAEFAULT, util_err(WSARecv(self->p.client, &wb, 1, &n, NULL, NULL, NULL)));
	ASSERT_EQ(1, wsp_send(self->p.server, "x", 1, 0));
	EXPECT_EQ(WSAEFAULT, util_err(WSARecv(self->p.client, &wb, 1, &n, &flags, NULL, NULL)));
}

TEST_F(io, would_block_and_timeout)
{
	DWORD ms = 50;
	char c;

	ASSERT_EQ(0, wsp_setsockopt(self->p.client, WS_SOL_SOCKET, WS_SO_RCVTIMEO, (char *)&ms,
				    sizeof(ms)));
	EXPECT_EQ(WSAETIMEDOUT, util_err(wsp_recv(self->p.client, &c, 1, 0)));
	ASSERT_EQ(0, wsp_setsockopt(self->p.client, WS_SOL_SOCKET, WS_SO_SNDTIMEO, (char *)&ms,
				    sizeof(ms)));
	util_fill(self->p.client);
	while (wsp_send(self->p.client, "x", 1, 0) == 1)
		;
	EXPECT_EQ(WSAETIMEDOUT, WSAGetLastError());
	ASSERT_TRUE(util_set_nonblocking(self->p.client, true));
	EXPECT_EQ(WSAEWOULDBLOCK, util_err(wsp_recv(self->p.client, &c, 1, 0)));
	ASSERT_TRUE(util_set_nonblocking(self->p.client, false));
	EXPECT_EQ(WSAETIMEDOUT, util_err(wsp_recv(self->p.client, &c, 1, 0)));
}

TEST_F(io, RC_1_end_of_stream_again_and_again)
{
	char c;

	ASSERT_EQ(0, closesocket(self->p.server));
	for (int i = 0; i < 3; i++)
		EXPECT_EQ(0, wsp_recv(self->p.client, &c, 1, 0));
}

TEST_F(io, RC_3_reset_stays_a_reset)
{
	char c;

	ASSERT_TRUE(util_set_linger(self->p.server, 1, 0));
	ASSERT_EQ(0, closesocket(self->p.server));
	for (int i = 0; i < 3; i++) {
		EXPECT_EQ(WSAECONNRESET, util_err(wsp_recv(self->p.client, &c, 1, 0)));
		EXPECT_EQ(WSAECONNRESET, util_err(wsp_send(self->p.client, "x", 1, 0)));
	}
}

TEST_F(io, EPIPE_tells_why)
{
	SOCKET s = wsp_socket(AF_INET, SOCK_STREAM, 0);
	char c;

	EXPECT_EQ(WSAENOTCONN, util_err(wsp_send(s, "x", 1, 0)));
	EXPECT_EQ(WSAENOTCONN, util_err(wsp_recv(s, &c, 1, 0)));
	EXPECT_EQ(WSAENOTCONN, util_err(wsp_send(self->p.listener, "x", 1, 0)));
	ASSERT_EQ(0, shutdown((int)self->p.client, SHUT_WR));
	EXPECT_EQ(WSAESHUTDOWN, util_err(wsp_send(self->p.client, "x", 1, 0)));
	ASSERT_TRUE(util_set_linger(self->p.client, 1, 0));
	ASSERT_EQ(0, closesocket(self->p.client));
	/* Whichever call meets the reset, all that follow say the same. */
	ASSERT_TRUE(util_wait_tcp_state((int)self->p.server, 7));
	EXPECT_EQ(WSAECONNRESET, util_err(wsp_send(self->p.server, "x", 1, 0)));
	EXPECT_EQ(WSAECONNRESET, util_err(wsp_send(self->p.server, "x", 1, 0)));
	EXPECT_EQ(WSAECONNRESET, util_err(wsp_recv(self->p.server, &c, 1, 0)));
}

TEST_F(io, readable_bytes)
{
	uint32_t n = 0;

	ASSERT_EQ(3, wsp_send(self->p.client, "abc", 3, 0));
	ASSERT_TRUE(util_wait_readable(self->p.server));
	EXPECT_EQ(0, ioctlsocket(self->p.server, (int32_t)WS_FIONREAD, &n));
	EXPECT_EQ(3, n);
	EXPECT_EQ(WSAEFAULT, util_err(ioctlsocket(self->p.server, (int32_t)WS_FIONREAD, NULL)));
	EXPECT_EQ(WSAEFAULT, util_err(ioctlsocket(self->p.server, (int32_t)WS_FIONBIO, NULL)));
	EXPECT_EQ(WSAEOPNOTSUPP, util_err(ioctlsocket(self->p.server, 1, &n)));
}

TEST_F(io, connecting)
{
	struct sockaddr_storage ss;
	WSABUF data = { 1, "x" };
	SOCKET s = wsp_socket(AF_INET, SOCK_STREAM, 0);
	int len = sizeof(ss);

	ASSERT_EQ(0, wsp_getsockname(self->p.listener, (struct sockaddr *)&ss, &len));
	EXPECT_EQ(WSAEISCONN, util_err(wsp_connect(self->p.client, (struct sockaddr *)&ss, len)));
	EXPECT_EQ(WSAEINVAL, util_err(wsp_connect(self->p.listener, (struct sockaddr *)&ss, len)));
	EXPECT_EQ(WSAEFAULT, util_err(wsp_connect(s, NULL, len)));
	EXPECT_EQ(WSAEFAULT, util_err(wsp_connect(s, (struct sockaddr *)&ss, 8)));
	EXPECT_EQ(WSAEPROTONOSUPPORT, util_err(WSAConnect(s, (struct sockaddr *)&ss, len, &data,
							  NULL, NULL, NULL)));
	ASSERT_EQ(0, closesocket(self->p.listener));
	EXPECT_EQ(WSAECONNREFUSED, util_err(wsp_connect(s, (struct sockaddr *)&ss, len)));
	EXPECT_EQ(WSAENOTCONN, util_err(WSASendDisconnect(s, NULL)));
}

TEST_F(io, listening)
{
	SOCKET s = wsp_socket(AF_INET, SOCK_STREAM, 0);
	SOCKET udp = wsp_socket(AF_INET, SOCK_DGRAM, 0);

	EXPECT_EQ(WSAEINVAL, util_err(wsp_listen(s, 1)));
	EXPECT_EQ(WSAEINVAL, util_sock_err(wsp_accept(s, NULL, NULL)));
	EXPECT_EQ(WSAEISCONN, util_err(wsp_listen(self->p.client, 1)));
	EXPECT_EQ(WSAEOPNOTSUPP, util_err(wsp_listen(udp, 1)));
	ASSERT_TRUE(util_set_nonblocking(self->p.listener, true));
	EXPECT_EQ(WSAEWOULDBLOCK, util_sock_err(wsp_accept(self->p.listener, NULL, NULL)));
}

TEST_F(io, names)
{
	struct sockaddr_in sin;
	int len = sizeof(sin) - 1;
	SOCKET s = wsp_socket(AF_INET, SOCK_STREAM, 0);

	EXPECT_EQ(WSAEFAULT,
		  util_err(wsp_getpeername(self->p.client, (struct sockaddr *)&sin, &len)));
	len = sizeof(sin);
	EXPECT_EQ(0, wsp_getpeername(self->p.client, (struct sockaddr *)&sin, &len));
	EXPECT_EQ(htonl(INADDR_LOOPBACK), sin.sin_addr.s_addr);
	EXPECT_EQ(WSAEINVAL, util_err(wsp_getsockname(s, (struct sockaddr *)&sin, &len)));
	EXPECT_EQ(WSAENOTCONN, util_err(wsp_getpeername(s, (struct sockaddr *)&sin, &len)));
}

TEST(windows_number_of_ipv6)
{
	struct sockaddr_in6 sin6 = { .sin6_family = WS_AF_INET6 };
	int len = sizeof(sin6);
	SOCKET a, b, c;

	util_start();
	a = wsp_socket(WS_AF_INET6, SOCK_STREAM, 0);
	b = wsp_socket(AF_INET6, SOCK_STREAM, 0);
	ASSERT_NE(INVALID_SOCKET, a);
	ASSERT_NE(INVALID_SOCKET, b);
	sin6.sin6_addr = in6addr_loopback;
	ASSERT_EQ(0, wsp_bind(a, (struct sockaddr *)&sin6, sizeof(sin6)));
	ASSERT_EQ(0, wsp_listen(a, 1));
	ASSERT_EQ(0, wsp_getsockname(a, (struct sockaddr *)&sin6, &len));
	EXPECT_EQ(WS_AF_INET6, sin6.sin6_family);
	EXPECT_EQ(sizeof(sin6), len);
	ASSERT_EQ(0, wsp_connect(b, (struct sockaddr *)&sin6, len));
	/* Each is answered in the number it came with. */
	ASSERT_EQ(0, wsp_getpeername(b, (struct sockaddr *)&sin6, &len));
	EXPECT_EQ(AF_INET6, sin6.sin6_family);
	c = wsp_accept(a, (struct sockaddr *)&sin6, &len);
	ASSERT_NE(INVALID_SOCKET, c);
	EXPECT_EQ(WS_AF_INET6, sin6.sin6_family);
	ASSERT_EQ(0, wsp_getsockname(c, (struct sockaddr *)&sin6, &len));
	EXPECT_EQ(WS_AF_INET6, sin6.sin6_family);
}

TEST(creating)
{
	WSAPROTOCOL_INFOA info = {
		.dwServiceFlags1 = 0x20066,
		.iAddressFamily = AF_INET,
		.iSocketType = SOCK_STREAM,
		.iProtocol = IPPROTO_TCP,
	};
	const int from = FROM_PROTOCOL_INFO;
	SOCKET s;

	util_start();
	s = WSASocketA(from, from, from, &info, 0, WSA_FLAG_OVERLAPPED);
	ASSERT_NE(INVALID_SOCKET, s);
	EXPECT_EQ(FD_CLOEXEC, fcntl((int)s, F_GETFD));
	EXPECT_EQ(0, fcntl((int)s, F_GETFL) & O_NONBLOCK);
	EXPECT_FALSE(wsp_tcp_attached((int)s));
	EXPECT_EQ(WSAEINVAL, util_sock_err(WSASocketA(from, from, from, &info, 0, 0x4000)));
	EXPECT_EQ(WSAEFAULT, util_sock_err(WSASocketW(from, from, from, UTIL_BAD_PTR, 0, 0)));
	EXPECT_EQ(WSAEAFNOSUPPORT, util_sock_err(wsp_socket(4711, SOCK_STREAM, 0)));
	EXPECT_EQ(WSAESOCKTNOSUPPORT, util_sock_err(wsp_socket(AF_INET, 9, 0)));
	EXPECT_EQ(WSAESOCKTNOSUPPORT,
		  util_sock_err(wsp_socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0)));
	EXPECT_EQ(WSAEPROTONOSUPPORT, util_sock_err(wsp_socket(AF_INET, SOCK_STREAM, IPPROTO_UDP)));
}

TEST(datagrams)
{
	struct sockaddr_storage ss;
	struct util_pair p;
	int len = sizeof(ss);
	char buf[2];

	util_start();
	ASSERT_TRUE(util_udp_pair(&p));
	ASSERT_EQ(3, wsp_send(p.client, "abc", 3, 0));
	EXPECT_EQ(WSAEMSGSIZE, util_err(wsp_recvfrom(p.server, buf, sizeof(buf), 0,
						     (struct sockaddr *)&ss, &len)));
	EXPECT_EQ(0, memcmp(buf, "ab", 2));
	ASSERT_EQ(0, wsp_send(p.client, "", 0, 0));
	len = sizeof(ss);
	EXPECT_EQ(0, wsp_recvfrom(p.server, buf, sizeof(buf), 0, (struct sockaddr *)&ss, &len));
	EXPECT_EQ(sizeof(struct sockaddr_in), len);
	EXPECT_EQ(2, wsp_sendto(p.server, "re", 2, 0, (struct sockaddr *)&ss, len));
	EXPECT_EQ(2, wsp_recv(p.client, buf, sizeof(buf), 0));
	/* The port is gone: Winsock calls that a reset. */
	ASSERT_EQ(0, closesocket(p.server));
	ASSERT_EQ(1, wsp_send(p.client, "x", 1, 0));
	ASSERT_TRUE(util_wait_readable(p.client));
	EXPECT_EQ(WSAECONNRESET, util_err(wsp_recv(p.client, buf, sizeof(buf), 0)));
}

/* Made without WSA_FLAG_OVERLAPPED: what is overlapped about a call is ignored. */
TEST(OV_1_a_socket_that_is_not_overlapped)
{
	WSAOVERLAPPED ov = { .Internal = 42, .InternalHigh = 43 };
	DWORD n = 0, flags = 0;
	struct sockaddr_storage ss;
	SOCKET listener, server, s;
	char c = 'n';
	WSABUF wb = io_buf(1, &c);
	int len;

	util_start();
	ASSERT_TRUE(util_listen(AF_INET, &listener, &ss, &len));
	s = WSASocketW(AF_INET, SOCK_STREAM, 0, NULL, 0, 0);
	ASSERT_NE(INVALID_SOCKET, s);
	ASSERT_EQ(0, wsp_connect(s, (struct sockaddr *)&ss, len));
	server = wsp_accept(listener, NULL, NULL);
	ASSERT_NE(INVALID_SOCKET, server);
	ov.hEvent = WSACreateEvent();
	ASSERT_EQ(1, WSASetEvent(ov.hEvent));

	EXPECT_EQ(0, WSASend(s, &wb, 1, NULL, 0, &ov, NULL));
	ASSERT_EQ(1, wsp_recv(server, &c, 1, 0));
	ASSERT_EQ(1, wsp_send(server, "m", 1, 0));
	EXPECT_EQ(0, WSARecv(s, &wb, 1, &n, &flags, &ov, NULL));
	EXPECT_EQ(1, n);
	EXPECT_EQ('m', c);
	ASSERT_TRUE(util_set_nonblocking(s, true));
	EXPECT_EQ(WSAEWOULDBLOCK, util_err(WSARecv(s, &wb, 1, &n, &flags, &ov, NULL)));
	EXPECT_EQ(42, ov.Internal);
	EXPECT_EQ(43, ov.InternalHigh);
	EXPECT_EQ(WSA_WAIT_EVENT_0, WSAWaitForMultipleEvents(1, &ov.hEvent, 1, 0, 0));
	WSACloseEvent(ov.hEvent);
}

TEST_HARNESS_MAIN
