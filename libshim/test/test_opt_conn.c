// SPDX-License-Identifier: LGPL-2.1-or-later
/* Options about sharing, connections and what a socket is. */
#include <kselftest_harness.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>

#include "internal.h"
#include "util.h"

FIXTURE(conn)
{
	struct util_pair p;
	SOCKET tcp;
	SOCKET udp;
};

FIXTURE_SETUP(conn)
{
	util_start();
	ASSERT_TRUE(util_pair(AF_INET, &self->p));
	self->tcp = wsp_socket(AF_INET, SOCK_STREAM, 0);
	self->udp = wsp_socket(AF_INET, SOCK_DGRAM, 0);
}

FIXTURE_TEARDOWN(conn)
{
}

static int conn_set(SOCKET s, int name, const void *val, int len)
{
	return wsp_setsockopt(s, WS_SOL_SOCKET, name, val, len);
}

static int conn_set_int(SOCKET s, int name, int val)
{
	return conn_set(s, name, &val, sizeof(val));
}

static int conn_get(SOCKET s, int name)
{
	int val = -1, len = sizeof(val);

	if (wsp_getsockopt(s, WS_SOL_SOCKET, name, (char *)&val, &len) || len != sizeof(val))
		return -2;
	return val;
}

static int conn_bind(SOCKET s)
{
	struct sockaddr_in sin = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};

	return wsp_bind(s, (struct sockaddr *)&sin, sizeof(sin));
}

TEST_F(conn, exclusive_use_and_reuse_exclude_each_other)
{
	EXPECT_EQ(0, conn_get(self->tcp, WS_SO_EXCLUSIVEADDRUSE));
	EXPECT_EQ(0, conn_set_int(self->tcp, WS_SO_EXCLUSIVEADDRUSE, 1));
	EXPECT_EQ(1, conn_get(self->tcp, WS_SO_EXCLUSIVEADDRUSE));
	EXPECT_EQ(WSAEINVAL, util_err(conn_set_int(self->tcp, WS_SO_REUSEADDR, 1)));
	EXPECT_EQ(0, conn_get(self->tcp, WS_SO_REUSEADDR));
	EXPECT_EQ(0, conn_set_int(self->tcp, WS_SO_EXCLUSIVEADDRUSE, 0));
	EXPECT_EQ(0, conn_set_int(self->tcp, WS_SO_REUSEADDR, 1));
	EXPECT_EQ(WSAEINVAL, util_err(conn_set_int(self->tcp, WS_SO_EXCLUSIVEADDRUSE, 1)));
	EXPECT_EQ(0, conn_get(self->tcp, WS_SO_EXCLUSIVEADDRUSE));
	ASSERT_EQ(0, conn_bind(self->udp));
	EXPECT_EQ(WSAEINVAL, util_err(conn_set_int(self->udp, WS_SO_EXCLUSIVEADDRUSE, 1)));
}

TEST_F(conn, exclusive_means_that_nobody_else_binds)
{
	SOCKET other = wsp_socket(AF_INET, SOCK_DGRAM, 0);
	struct sockaddr_in sin;
	int len = sizeof(sin);

	ASSERT_EQ(0, conn_set_int(self->udp, WS_SO_EXCLUSIVEADDRUSE, 1));
	ASSERT_EQ(0, conn_bind(self->udp));
	ASSERT_EQ(0, wsp_getsockname(self->udp, (struct sockaddr *)&sin, &len));
	ASSERT_EQ(0, conn_set_int(other, WS_SO_REUSEADDR, 1));
	EXPECT_EQ(WSAEADDRINUSE, util_err(wsp_bind(other, (struct sockaddr *)&sin, len)));
}

/* A listener's port, held by a connection that its end closed first. */
static bool conn_past(struct util_pair *p, struct sockaddr_in *sin)
{
	int len = sizeof(*sin);
	char c;

	return !wsp_getsockname(p->listener, (struct sockaddr *)sin, &len) &&
	       !closesocket(p->listener) && !closesocket(p->server) &&
	       !wsp_recv(p->client, &c, 1, 0) && !closesocket(p->client);
}

TEST_F(conn, a_server_starts_again_beside_connections_of_the_past)
{
	SOCKET other = wsp_socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_in sin;

	ASSERT_TRUE(conn_past(&self->p, &sin));
	ASSERT_EQ(0, wsp_bind(self->tcp, (struct sockaddr *)&sin, sizeof(sin)));
	/* Bound once, and then listened to, it is nobody else's. */
	EXPECT_EQ(WSAEADDRINUSE, util_err(wsp_bind(other, (struct sockaddr *)&sin, sizeof(sin))));
	ASSERT_EQ(0, wsp_listen(self->tcp, 5));
	EXPECT_EQ(WSAEADDRINUSE, util_err(wsp_bind(other, (struct sockaddr *)&sin, sizeof(sin))));
	ASSERT_EQ(0, conn_set_int(other, WS_SO_REUSEADDR, 1));
	EXPECT_EQ(WSAEADDRINUSE, util_err(wsp_bind(other, (struct sockaddr *)&sin, sizeof(sin))));
	EXPECT_EQ(0, conn_get(self->tcp, WS_SO_REUSEADDR));
}

TEST_F(conn, an_exclusive_server_waits_for_them)
{
	struct sockaddr_in sin;

	ASSERT_TRUE(conn_past(&self->p, &sin));
	ASSERT_EQ(0, conn_set_int(self->tcp, WS_SO_EXCLUSIVEADDRUSE, 1));
	EXPECT_EQ(WSAEADDRINUSE, util_err(wsp_bind(self->tcp, (struct sockaddr *)&sin,
						   sizeof(sin))));
}

TEST_F(conn, reuse_is_not_seen_where_it_was_not_asked_for)
{
	EXPECT_EQ(0, conn_get(self->p.listener, WS_SO_REUSEADDR));
	EXPECT_EQ(0, conn_get(self->p.server, WS_SO_REUSEADDR));
	EXPECT_EQ(0, conn_get(self->p.client, WS_SO_REUSEADDR));
	EXPECT_EQ(0, conn_set_int(self->p.listener, WS_SO_REUSEADDR, 1));
	EXPECT_EQ(1, conn_get(self->p.listener, WS_SO_REUSEADDR));
}

TEST_F(conn, conditional_accept_is_set_before_listening)
{
	EXPECT_EQ(0, conn_get(self->tcp, WS_SO_CONDITIONAL_ACCEPT));
	EXPECT_EQ(0, conn_set_int(self->tcp, WS_SO_CONDITIONAL_ACCEPT, 1));
	EXPECT_EQ(1, conn_get(self->tcp, WS_SO_CONDITIONAL_ACCEPT));
	EXPECT_EQ(WSAEINVAL, util_err(conn_set_int(self->p.listener, WS_SO_CONDITIONAL_ACCEPT,
						   1)));
	EXPECT_EQ(WSAENOPROTOOPT, util_err(conn_set_int(self->udp, WS_SO_CONDITIONAL_ACCEPT, 1)));
	EXPECT_EQ(1, conn_get(self->p.listener, WS_SO_ACCEPTCONN));
	EXPECT_EQ(0, conn_get(self->p.client, WS_SO_ACCEPTCONN));
}

TEST_F(conn, update_accept_context)
{
	SOCKET *listener = &self->p.listener;

	EXPECT_EQ(0, conn_set(self->p.server, WS_SO_UPDATE_ACCEPT_CONTEXT, listener, 8));
	EXPECT_EQ(WSAEFAULT, util_err(conn_set(self->p.server, WS_SO_UPDATE_ACCEPT_CONTEXT,
					       listener, 7)));
	EXPECT_EQ(WSAEFAULT, util_err(conn_set(self->p.server, WS_SO_UPDATE_ACCEPT_CONTEXT, NULL,
					       8)));
	EXPECT_EQ(WSAENOTCONN, util_err(conn_set(self->tcp, WS_SO_UPDATE_ACCEPT_CONTEXT, listener,
						 8)));
	EXPECT_EQ(WSAEINVAL, util_err(conn_set(self->p.server, WS_SO_UPDATE_ACCEPT_CONTEXT,
					       &self->p.client, 8)));
	*listener = INVALID_SOCKET;
	EXPECT_EQ(WSAENOTSOCK, util_err(conn_set(self->p.server, WS_SO_UPDATE_ACCEPT_CONTEXT,
						 listener, 8)));
}

TEST_F(conn, update_connect_context)
{
	EXPECT_EQ(0, conn_set(self->p.client, WS_SO_UPDATE_CONNECT_CONTEXT, NULL, 0));
	EXPECT_EQ(WSAENOTCONN, util_err(conn_set(self->tcp, WS_SO_UPDATE_CONNECT_CONTEXT, NULL,
						 0)));
	EXPECT_EQ(WSAENOPROTOOPT, util_err(conn_set(self->udp, WS_SO_UPDATE_CONNECT_CONTEXT, NULL,
						    0)));
}

static bool conn_waits(SOCKET s, int seconds)
{
	int64_t deadline = util_now_ms() + UTIL_SOON_MS;

	while (util_now_ms() < deadline) {
		if (conn_get(s, WS_SO_CONNECT_TIME) >= seconds)
			return true;
		poll(NULL, 0, 20);
	}
	return false;
}

TEST_F(conn, connect_time)
{
	int time = conn_get(self->p.client, WS_SO_CONNECT_TIME);

	EXPECT_EQ(-1, conn_get(self->tcp, WS_SO_CONNECT_TIME));
	EXPECT_EQ(-1, conn_get(self->p.listener, WS_SO_CONNECT_TIME));
	EXPECT_GE(time, 0);
	EXPECT_LE(time, UTIL_SOON_MS / 1000);
	EXPECT_TRUE(conn_waits(self->p.client, 1));
	EXPECT_TRUE(conn_waits(self->p.server, 1));
	EXPECT_EQ(-2, conn_get(self->udp, WS_SO_CONNECT_TIME));
	EXPECT_EQ(WSAENOPROTOOPT, WSAGetLastError());
}

TEST_F(conn, the_largest_message)
{
	SOCKET udp6 = wsp_socket(WS_AF_INET6, SOCK_DGRAM, 0);

	EXPECT_EQ(65507, conn_get(self->udp, WS_SO_MAX_MSG_SIZE));
	EXPECT_EQ(65527, conn_get(udp6, WS_SO_MAX_MSG_SIZE));
	EXPECT_EQ(-2, conn_get(self->tcp, WS_SO_MAX_MSG_SIZE));
	EXPECT_EQ(WSAENOPROTOOPT, WSAGetLastError());
	EXPECT_EQ(WSAENOPROTOOPT, util_err(conn_set_int(self->udp, WS_SO_MAX_MSG_SIZE, 1)));
}

TEST_F(conn, protocol_info)
{
	WSAPROTOCOL_INFOA narrow;
	WSAPROTOCOL_INFOW info;
	int len = sizeof(info);

	memset(&info, 0xcc, sizeof(info));
	ASSERT_EQ(0, wsp_getsockopt(self->udp, WS_SOL_SOCKET, WS_SO_PROTOCOL_INFOW, (char *)&info,
				    &len));
	EXPECT_EQ(sizeof(info), len);
	EXPECT_EQ(0x20609, info.dwServiceFlags1);
	EXPECT_EQ(IPPROTO_UDP, info.iProtocol);
	len = sizeof(narrow);
	ASSERT_EQ(0, wsp_getsockopt(self->tcp, WS_SOL_SOCKET, WS_SO_PROTOCOL_INFOA,
				    (char *)&narrow, &len));
	EXPECT_EQ(sizeof(narrow), len);
	EXPECT_EQ(SOCK_STREAM, narrow.iSocketType);
	EXPECT_EQ(AF_INET, narrow.iAddressFamily);
	EXPECT_GT(strlen(narrow.szProtocol), 0);
	len = sizeof(narrow) - 1;
	EXPECT_EQ(WSAEFAULT, util_err(wsp_getsockopt(self->tcp, WS_SOL_SOCKET,
						     WS_SO_PROTOCOL_INFOA, (char *)&narrow,
						     &len)));
}

TEST_F(conn, bsp_state_points_into_the_buffer)
{
	uint64_t buf[32];
	CSADDR_INFO *info = (CSADDR_INFO *)buf;
	struct sockaddr_in sin;
	int len = sizeof(buf), sinlen = sizeof(sin);

	memset(buf, 0xcc, sizeof(buf));
	ASSERT_EQ(0, wsp_getsockopt(self->p.client, WS_SOL_SOCKET, WS_SO_BSP_STATE, (char *)buf,
				    &len));
	EXPECT_EQ(SOCK_STREAM, info->iSocketType);
	EXPECT_EQ(IPPROTO_TCP, info->iProtocol);
	ASSERT_EQ(0, wsp_getsockname(self->p.client, (struct sockaddr *)&sin, &sinlen));
	ASSERT_EQ(sinlen, info->LocalAddr.iSockaddrLength);
	EXPECT_EQ(0, memcmp(&sin, info->LocalAddr.lpSockaddr, sinlen));
	ASSERT_EQ(0, wsp_getpeername(self->p.client, (struct sockaddr *)&sin, &sinlen));
	ASSERT_EQ(sinlen, info->RemoteAddr.iSockaddrLength);
	EXPECT_EQ(0, memcmp(&sin, info->RemoteAddr.lpSockaddr, sinlen));
	len = sizeof(CSADDR_INFO);
	EXPECT_EQ(WSAEFAULT, util_err(wsp_getsockopt(self->p.client, WS_SOL_SOCKET,
						     WS_SO_BSP_STATE, (char *)buf, &len)));
	len = sizeof(buf);
	ASSERT_EQ(0, wsp_getsockopt(self->udp, WS_SOL_SOCKET, WS_SO_BSP_STATE, (char *)buf, &len));
	EXPECT_EQ(NULL, info->RemoteAddr.lpSockaddr);
}

TEST_F(conn, a_byte_is_room_for_a_bool)
{
	char val[4] = { 7, 7, 7, 7 };
	int len = 1;

	ASSERT_EQ(0, conn_set_int(self->tcp, WS_SO_KEEPALIVE, 2));
	ASSERT_EQ(0, wsp_getsockopt(self->tcp, WS_SOL_SOCKET, WS_SO_KEEPALIVE, val, &len));
	EXPECT_EQ(1, len);
	EXPECT_EQ(1, val[0]);
	EXPECT_EQ(7, val[1]);
	len = 1;
	EXPECT_EQ(WSAEFAULT, util_err(wsp_getsockopt(self->tcp, WS_SOL_SOCKET, WS_SO_SNDBUF, val,
						     &len)));
	len = 0;
	EXPECT_EQ(WSAEFAULT, util_err(wsp_getsockopt(self->tcp, WS_SOL_SOCKET, WS_SO_KEEPALIVE,
						     val, &len)));
}

static void *conn_open_type_thread(void *arg)
{
	(void)arg;
	return (void *)(intptr_t)conn_get(INVALID_SOCKET, WS_SO_OPENTYPE);
}

TEST_F(conn, open_type_is_the_threads)
{
	pthread_t t;
	void *theirs;

	EXPECT_EQ(0, conn_get(INVALID_SOCKET, WS_SO_OPENTYPE));
	EXPECT_EQ(0, conn_set_int(INVALID_SOCKET, WS_SO_OPENTYPE, 0x20));
	EXPECT_EQ(0x20, conn_get(self->tcp, WS_SO_OPENTYPE));
	ASSERT_EQ(0, pthread_create(&t, NULL, conn_open_type_thread, NULL));
	ASSERT_EQ(0, pthread_join(t, &theirs));
	EXPECT_EQ(NULL, theirs);
	EXPECT_EQ(WSAEFAULT, util_err(conn_set(self->tcp, WS_SO_OPENTYPE, NULL, 4)));
	EXPECT_EQ(0x20, conn_get(self->tcp, WS_SO_OPENTYPE));
}

/* Without the kernel's part there is no disconnect data. */
TEST_F(conn, OP_7_discdata_needs_the_module)
{
	const int names[] = { WS_SO_DISCDATA, WS_SO_DISCDATALEN };
	int len;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		char val[4] = { 0 };

		EXPECT_EQ(WSAENOPROTOOPT, util_err(conn_set(self->udp, names[i], val, 4)));
		len = 4;
		EXPECT_EQ(WSAENOPROTOOPT, util_err(wsp_getsockopt(self->udp, WS_SOL_SOCKET,
								  names[i], val, &len)));
		if (wsp_tcp_attached((int)self->p.client))
			continue;
		EXPECT_EQ(WSAENOPROTOOPT, util_err(conn_set(self->p.client, names[i], val, 4)));
		len = 4;
		EXPECT_EQ(WSAENOPROTOOPT, util_err(wsp_getsockopt(self->p.client, WS_SOL_SOCKET,
								  names[i], val, &len)));
	}
}

TEST_F(conn, what_is_not_offered)
{
	const int names[] = {
		WS_SO_PORT_SCALABILITY, WS_SO_CONNDATA, WS_SO_CONNOPT, WS_SO_CONNDATALEN,
		WS_SO_DISCOPT, WS_SO_DISCOPTLEN,
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		EXPECT_EQ(WSAENOPROTOOPT, util_err(conn_set_int(self->tcp, names[i], 1)));
}

TEST_HARNESS_MAIN
