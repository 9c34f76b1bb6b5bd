// SPDX-License-Identifier: LGPL-2.1-or-later
/* Socket options with Windows' numbers and layouts, and Linux's beside them. */
#include <kselftest_harness.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include "internal.h"
#include "util.h"

FIXTURE(opt)
{
	SOCKET tcp;
	SOCKET udp;
};

FIXTURE_SETUP(opt)
{
	util_start();
	self->tcp = wsp_socket(AF_INET, SOCK_STREAM, 0);
	self->udp = wsp_socket(AF_INET, SOCK_DGRAM, 0);
}

FIXTURE_TEARDOWN(opt)
{
}

static int opt_set(SOCKET s, int name, int val)
{
	return wsp_setsockopt(s, WS_SOL_SOCKET, name, (char *)&val, sizeof(val));
}

static int opt_get(SOCKET s, int name)
{
	int val = -1, len = sizeof(val);

	if (wsp_getsockopt(s, WS_SOL_SOCKET, name, (char *)&val, &len) || len != sizeof(val))
		return -1;
	return val;
}

static struct ws_linger opt_linger(SOCKET s)
{
	struct ws_linger l[2];
	int len = sizeof(l);

	memset(l, 0xcc, sizeof(l));
	if (wsp_getsockopt(s, WS_SOL_SOCKET, WS_SO_LINGER, (char *)l, &len) || len != 4)
		l[0].l_onoff = 0xffff;
	return l[0];
}

TEST_F(opt, OP_1_default)
{
	EXPECT_EQ(1, opt_get(self->tcp, WS_SO_DONTLINGER));
	EXPECT_EQ(0, opt_linger(self->tcp).l_onoff);
	EXPECT_EQ(0, opt_linger(self->tcp).l_linger);
}

TEST_F(opt, OP_2_round_trip)
{
	static const struct ws_linger values[] = {
		{ 1, 5 }, { 1, 0 }, { 0, 0 }, { 0, 7 }, { 1, 0xffff }, { 0, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		struct ws_linger got;

		ASSERT_TRUE(util_set_linger(self->tcp, values[i].l_onoff, values[i].l_linger));
		got = opt_linger(self->tcp);
		EXPECT_EQ(values[i].l_onoff, got.l_onoff);
		EXPECT_EQ(values[i].l_linger, got.l_linger);
		EXPECT_EQ(!values[i].l_onoff, opt_get(self->tcp, WS_SO_DONTLINGER));
	}
}

TEST_F(opt, OP_3_bad_pointers_and_lengths)
{
	struct ws_linger l = { 1, 5 };
	int len = 3;

	EXPECT_EQ(WSAEFAULT, util_err(wsp_setsockopt(self->tcp, WS_SOL_SOCKET, WS_SO_LINGER, NULL,
						     4)));
	EXPECT_EQ(WSAEFAULT, util_err(wsp_setsockopt(self->tcp, WS_SOL_SOCKET, WS_SO_LINGER,
						     UTIL_BAD_PTR, 4)));
	EXPECT_EQ(WSAEFAULT, util_err(wsp_setsockopt(self->tcp, WS_SOL_SOCKET, WS_SO_LINGER,
						     (char *)&l, 3)));
	EXPECT_EQ(WSAEFAULT, util_err(wsp_setsockopt(self->tcp, WS_SOL_SOCKET, WS_SO_LINGER,
						     (char *)&l, -1)));
	EXPECT_EQ(0, opt_linger(self->tcp).l_onoff);
	EXPECT_EQ(WSAEFAULT, util_err(wsp_getsockopt(self->tcp, WS_SOL_SOCKET, WS_SO_LINGER,
						     (char *)&l, &len)));
	EXPECT_EQ(WSAEFAULT, util_err(wsp_getsockopt(self->tcp, WS_SOL_SOCKET, WS_SO_LINGER,
						     (char *)&l, NULL)));
	len = 4;
	EXPECT_EQ(WSAEFAULT, util_err(wsp_getsockopt(self->tcp, WS_SOL_SOCKET, WS_SO_LINGER, NULL,
						     &len)));
	EXPECT_EQ(WSAENOTSOCK, util_err(wsp_setsockopt(INVALID_SOCKET, WS_SOL_SOCKET, WS_SO_LINGER,
						       NULL, 0)));
}

TEST_F(opt, OP_4_no_linger_on_udp)
{
	struct ws_linger l = { 1, 5 };
	int len = sizeof(l), one = 1;

	EXPECT_EQ(WSAENOPROTOOPT, util_err(wsp_setsockopt(self->udp, WS_SOL_SOCKET, WS_SO_LINGER,
							  (char *)&l, sizeof(l))));
	EXPECT_EQ(WSAENOPROTOOPT, util_err(wsp_getsockopt(self->udp, WS_SOL_SOCKET, WS_SO_LINGER,
							  (char *)&l, &len)));
	EXPECT_EQ(WSAENOPROTOOPT, util_err(wsp_setsockopt(self->udp, WS_SOL_SOCKET,
							  WS_SO_DONTLINGER, (char *)&one,
							  sizeof(one))));
}

TEST_F(opt, OP_5_accepted_sockets_inherit)
{
	struct sockaddr_storage ss;
	SOCKET listener, s;
	int len;

	ASSERT_TRUE(util_listen(AF_INET, &listener, &ss, &len));
	ASSERT_TRUE(util_set_linger(listener, 1, 33));
	ASSERT_EQ(0, wsp_connect(self->tcp, (struct sockaddr *)&ss, len));
	s = wsp_accept(listener, NULL, NULL);
	ASSERT_NE(INVALID_SOCKET, s);
	EXPECT_EQ(1, opt_linger(s).l_onoff);
	EXPECT_EQ(33, opt_linger(s).l_linger);
	/* Switched off and on again it is the same. */
	EXPECT_EQ(0, opt_set(s, WS_SO_DONTLINGER, 1));
	EXPECT_EQ(33, opt_linger(s).l_linger);
}

TEST_F(opt, OP_6_time_comes_back)
{
	ASSERT_TRUE(util_set_linger(self->tcp, 1, 12));
	ASSERT_EQ(0, opt_set(self->tcp, WS_SO_DONTLINGER, 1));
	EXPECT_EQ(0, opt_linger(self->tcp).l_onoff);
	ASSERT_EQ(0, opt_set(self->tcp, WS_SO_DONTLINGER, 0));
	EXPECT_EQ(1, opt_linger(self->tcp).l_onoff);
	EXPECT_EQ(12, opt_linger(self->tcp).l_linger);
}

TEST_F(opt, linux_numbers_and_layouts_beside_windows)
{
	struct linger l = { 1, 70000 };
	int len = sizeof(l);

	ASSERT_EQ(0, wsp_setsockopt(self->tcp, SOL_SOCKET, SO_LINGER, (char *)&l, sizeof(l)));
	memset(&l, 0xcc, sizeof(l));
	ASSERT_EQ(0, wsp_getsockopt(self->tcp, SOL_SOCKET, SO_LINGER, (char *)&l, &len));
	EXPECT_EQ(sizeof(l), len);
	EXPECT_EQ(1, l.l_onoff);
	EXPECT_EQ(70000, l.l_linger);
}

TEST_F(opt, plain_values)
{
	static const int flags[] = {
		WS_SO_KEEPALIVE, WS_SO_REUSEADDR, WS_SO_OOBINLINE, WS_SO_BROADCAST,
	};
	char byte = 1;

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		EXPECT_EQ(0, opt_get(self->tcp, flags[i]));
		EXPECT_EQ(0, opt_set(self->tcp, flags[i], 1));
		EXPECT_EQ(1, opt_get(self->tcp, flags[i]));
	}
	EXPECT_EQ(0, opt_set(self->tcp, WS_SO_SNDBUF, 20000));
	EXPECT_EQ(20000, opt_get(self->tcp, WS_SO_SNDBUF));
	EXPECT_EQ(0, opt_set(self->tcp, WS_SO_RCVBUF, 30000));
	EXPECT_EQ(30000, opt_get(self->tcp, WS_SO_RCVBUF));
	EXPECT_EQ(0, opt_set(self->tcp, WS_SO_SNDTIMEO, 1500));
	EXPECT_EQ(1500, opt_get(self->tcp, WS_SO_SNDTIMEO));
	EXPECT_EQ(0, opt_get(self->tcp, WS_SO_RCVTIMEO));
	EXPECT_EQ(SOCK_STREAM, opt_get(self->tcp, WS_SO_TYPE));
	EXPECT_EQ(SOCK_DGRAM, opt_get(self->udp, WS_SO_TYPE));
	EXPECT_EQ(0, wsp_setsockopt(self->tcp, IPPROTO_TCP, TCP_NODELAY, &byte, 1));
}

TEST_F(opt, unknown_options_and_levels)
{
	EXPECT_EQ(WSAENOPROTOOPT, util_err(opt_set(self->tcp, 0x7777, 1)));
	EXPECT_EQ(WSAENOPROTOOPT, util_err(opt_set(self->tcp, WS_SO_TYPE, 1)));
	EXPECT_EQ(WSAENOPROTOOPT, util_err(wsp_setsockopt(self->tcp, IPPROTO_TCP, 99, "", 1)));
	EXPECT_EQ(WSAEINVAL, util_err(wsp_setsockopt(self->tcp, 4711, 1, "", 1)));
}

TEST_F(opt, SO_ERROR_speaks_windows_and_the_reset_stays)
{
	struct util_pair p;
	char c;

	ASSERT_TRUE(util_pair(AF_INET, &p));
	EXPECT_EQ(0, opt_get(p.client, WS_SO_ERROR));
	ASSERT_TRUE(util_set_linger(p.server, 1, 0));
	ASSERT_EQ(0, closesocket(p.server));
	ASSERT_TRUE(util_wait_readable(p.client));
	EXPECT_EQ(WSAECONNRESET, opt_get(p.client, WS_SO_ERROR));
	EXPECT_EQ(0, opt_get(p.client, WS_SO_ERROR));
	EXPECT_EQ(WSAECONNRESET, util_err(wsp_recv(p.client, &c, 1, 0)));
}

TEST_HARNESS_MAIN
