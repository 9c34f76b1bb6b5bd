// SPDX-License-Identifier: LGPL-2.1-or-later
/* WSAIoctl()'s codes and the exact lengths they want; calls that are not offered. */
#include <arpa/inet.h>
#include <kselftest_harness.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>

#include "internal.h"
#include "util.h"

FIXTURE(ctl)
{
	struct util_pair p;
	SOCKET udp;
	SOCKET udp6;
};

FIXTURE_SETUP(ctl)
{
	util_start();
	ASSERT_TRUE(util_pair(AF_INET, &self->p));
	self->udp = wsp_socket(AF_INET, SOCK_DGRAM, 0);
	self->udp6 = wsp_socket(WS_AF_INET6, SOCK_DGRAM, 0);
}

FIXTURE_TEARDOWN(ctl)
{
}

/* The size put out, or the negative code. */
static int ctl(SOCKET s, DWORD code, const void *in, DWORD inlen, void *out, DWORD outlen)
{
	DWORD count = 0xcccccccc;

	if (WSAIoctl(s, code, (void *)in, inlen, out, outlen, &count, NULL, NULL))
		return -WSAGetLastError();
	return count;
}

static int ctl_kernel(SOCKET s, int level, int name)
{
	int val = -1;
	socklen_t len = sizeof(val);

	return getsockopt((int)s, level, name, &val, &len) ? -2 : val;
}

TEST_F(ctl, blocking_mode_and_readable_bytes)
{
	uint32_t yes = 1, n = 0;
	char c;

	EXPECT_EQ(0, ctl(self->p.server, WS_FIONBIO, &yes, 4, NULL, 0));
	EXPECT_EQ(WSAEWOULDBLOCK, util_err(wsp_recv(self->p.server, &c, 1, 0)));
	EXPECT_EQ(-WSAEFAULT, ctl(self->p.server, WS_FIONBIO, &yes, 3, NULL, 0));
	EXPECT_EQ(-WSAEFAULT, ctl(self->p.server, WS_FIONBIO, NULL, 4, NULL, 0));
	ASSERT_EQ(3, wsp_send(self->p.client, "abc", 3, 0));
	ASSERT_TRUE(util_wait_readable(self->p.server));
	EXPECT_EQ(4, ctl(self->p.server, WS_FIONREAD, NULL, 0, &n, 4));
	EXPECT_EQ(3, n);
	EXPECT_EQ(4, ctl(self->p.server, FIONREAD, NULL, 0, &n, 4));
	EXPECT_EQ(-WSAEFAULT, ctl(self->p.server, WS_FIONREAD, NULL, 0, &n, 3));
	EXPECT_EQ(-WSAEFAULT, ctl(self->p.server, WS_FIONREAD, NULL, 0, UTIL_BAD_PTR, 4));
	EXPECT_EQ(-WSAENOTSOCK, ctl(INVALID_SOCKET, WS_FIONREAD, NULL, 0, &n, 4));
	EXPECT_EQ(WSAEFAULT, util_err(WSAIoctl(self->p.server, WS_FIONREAD, NULL, 0, &n, 4, NULL,
					       NULL, NULL)));
	EXPECT_EQ(WSAEFAULT, util_err(WSAIoctl(self->p.server, WS_FIONREAD, NULL, 0, &n, 4,
					       UTIL_BAD_PTR, NULL, NULL)));
}

static int ctl_mark(SOCKET s)
{
	int at = -1;

	return ctl(s, WS_SIOCATMARK, NULL, 0, &at, 4) == 4 ? at : -1;
}

/* Yes where nothing urgent is to come, no in front of it, yes at it. */
TEST_F(ctl, at_the_mark)
{
	int yes = 1;
	char buf[8];

	ASSERT_EQ(0, wsp_setsockopt(self->p.server, WS_SOL_SOCKET, WS_SO_OOBINLINE, (char *)&yes,
				    4));
	EXPECT_EQ(1, ctl_mark(self->p.server));
	ASSERT_EQ(2, wsp_send(self->p.client, "ab", 2, 0));
	ASSERT_TRUE(util_wait_readable(self->p.server));
	EXPECT_EQ(1, ctl_mark(self->p.server));
	ASSERT_EQ(1, wsp_send(self->p.client, "!", 1, WS_MSG_OOB));
	ASSERT_EQ(1, poll(&(struct pollfd){ (int)self->p.server, POLLPRI, 0 }, 1, UTIL_SOON_MS));
	EXPECT_EQ(0, ctl_mark(self->p.server));
	EXPECT_EQ(2, wsp_recv(self->p.server, buf, 8, 0));
	EXPECT_EQ(1, ctl_mark(self->p.server));
	EXPECT_EQ(1, wsp_recv(self->p.server, buf, 8, 0));
	EXPECT_EQ(1, ctl_mark(self->p.server));
	EXPECT_EQ(-WSAEINVAL, ctl(self->udp, WS_SIOCATMARK, NULL, 0, buf, 4));
	EXPECT_EQ(-WSAEFAULT, ctl(self->p.server, WS_SIOCATMARK, NULL, 0, buf, 3));
}

TEST_F(ctl, keepalive_values_in_seconds_rounded_up)
{
	struct ws_tcp_keepalive ka = { 1, 2001, 1000 };
	SOCKET s = self->p.client;

	EXPECT_EQ(0, ctl(s, SIO_KEEPALIVE_VALS, &ka, sizeof(ka), NULL, 0));
	EXPECT_EQ(1, ctl_kernel(s, SOL_SOCKET, SO_KEEPALIVE));
	EXPECT_EQ(3, ctl_kernel(s, IPPROTO_TCP, TCP_KEEPIDLE));
	EXPECT_EQ(1, ctl_kernel(s, IPPROTO_TCP, TCP_KEEPINTVL));
	ka.keepalivetime = 0xffffffff;
	EXPECT_EQ(0, ctl(s, SIO_KEEPALIVE_VALS, &ka, sizeof(ka), NULL, 0));
	EXPECT_EQ(32767, ctl_kernel(s, IPPROTO_TCP, TCP_KEEPIDLE));
	ka.onoff = 0;
	EXPECT_EQ(0, ctl(s, SIO_KEEPALIVE_VALS, &ka, sizeof(ka), NULL, 0));
	EXPECT_EQ(0, ctl_kernel(s, SOL_SOCKET, SO_KEEPALIVE));
	EXPECT_EQ(-WSAEFAULT, ctl(s, SIO_KEEPALIVE_VALS, &ka, sizeof(ka) - 1, NULL, 0));
	EXPECT_EQ(-WSAEFAULT, ctl(s, SIO_KEEPALIVE_VALS, UTIL_BAD_PTR, sizeof(ka), NULL, 0));
	EXPECT_EQ(-WSAEINVAL, ctl(self->udp, SIO_KEEPALIVE_VALS, &ka, sizeof(ka), NULL, 0));
	ka.onoff = 1;
	ka.keepaliveinterval = 0;
	EXPECT_EQ(-WSAEINVAL, ctl(s, SIO_KEEPALIVE_VALS, &ka, sizeof(ka), NULL, 0));
}

TEST_F(ctl, extension_functions_by_identifier)
{
	const GUID unknown = { 1, 2, 3, { 4, 5, 6, 7, 8, 9, 10, 11 } };
	void *fn;

	EXPECT_EQ(-WSAEINVAL, ctl(self->udp, SIO_GET_EXTENSION_FUNCTION_POINTER, &unknown, 16, &fn,
				  8));
	EXPECT_EQ(-WSAEFAULT, ctl(self->udp, SIO_GET_EXTENSION_FUNCTION_POINTER, &unknown, 15, &fn,
				  8));
	EXPECT_EQ(-WSAEFAULT, ctl(self->udp, SIO_GET_EXTENSION_FUNCTION_POINTER, NULL, 16, &fn,
				  8));
}

TEST_F(ctl, the_way_to_an_address)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_port = htons(80),
		.sin_addr.s_addr = htonl(0x7f000009),
	};
	struct sockaddr_in6 to6 = {
		.sin6_family = WS_AF_INET6,
		.sin6_addr = IN6ADDR_LOOPBACK_INIT,
	};
	struct sockaddr_in from;
	struct sockaddr_in6 from6;
	DWORD count = 0;

	memset(&from, 0xcc, sizeof(from));
	ASSERT_EQ(16, ctl(self->udp, SIO_ROUTING_INTERFACE_QUERY, &to, 16, &from, 16));
	EXPECT_EQ(AF_INET, from.sin_family);
	EXPECT_EQ(0, from.sin_port);
	EXPECT_EQ(0x7f, ntohl(from.sin_addr.s_addr) >> 24);
	ASSERT_EQ(28, ctl(self->udp6, SIO_ROUTING_INTERFACE_QUERY, &to6, 28, &from6, 28));
	EXPECT_EQ(WS_AF_INET6, from6.sin6_family);
	EXPECT_EQ(0, memcmp(&in6addr_loopback, &from6.sin6_addr, 16));
	EXPECT_EQ(WSAEFAULT, util_err(WSAIoctl(self->udp, SIO_ROUTING_INTERFACE_QUERY, &to, 16,
					       &from, 15, &count, NULL, NULL)));
	EXPECT_EQ(16, count);
	EXPECT_EQ(-WSAEFAULT, ctl(self->udp, SIO_ROUTING_INTERFACE_QUERY, &to, 15, &from, 16));
	EXPECT_EQ(-WSAEFAULT, ctl(self->udp, SIO_ROUTING_INTERFACE_QUERY, NULL, 16, &from, 16));
	EXPECT_EQ(-WSAEAFNOSUPPORT, ctl(self->udp, SIO_ROUTING_INTERFACE_QUERY, &to6, 28, &from,
					16));
}

/* As many addresses as the machine has; none is loopback, and each can be bound to. */
TEST_F(ctl, the_list_of_addresses)
{
	uint64_t buf[512], shorter[512];
	struct ws_socket_address_list *list = (void *)buf;
	SOCKET_ADDRESS *entry = &list->Address;
	DWORD need = 0;
	int size = ctl(self->udp, SIO_ADDRESS_LIST_QUERY, NULL, 0, buf, sizeof(buf));

	ASSERT_GE(size, 8);
	for (int i = 0; i < list->iAddressCount; i++) {
		SOCKET s = wsp_socket(AF_INET, SOCK_DGRAM, 0);

		ASSERT_EQ(16, entry[i].iSockaddrLength);
		ASSERT_GE((char *)entry[i].lpSockaddr, (char *)buf);
		ASSERT_LE((char *)(entry[i].lpSockaddr + 1), (char *)buf + size);
		EXPECT_EQ(AF_INET, entry[i].lpSockaddr->sa_family);
		EXPECT_NE(htonl(INADDR_LOOPBACK),
			  ((struct sockaddr_in *)entry[i].lpSockaddr)->sin_addr.s_addr);
		EXPECT_EQ(0, wsp_bind(s, entry[i].lpSockaddr, entry[i].iSockaddrLength));
		closesocket(s);
	}
	EXPECT_EQ(WSAEFAULT, util_err(WSAIoctl(self->udp, SIO_ADDRESS_LIST_QUERY, NULL, 0, shorter,
					       size - 1, &need, NULL, NULL)));
	EXPECT_EQ(size, need);
	need = 0;
	EXPECT_EQ(WSAEFAULT, util_err(WSAIoctl(self->udp, SIO_ADDRESS_LIST_QUERY, NULL, 0, NULL, 0,
					       &need, NULL, NULL)));
	EXPECT_EQ(size, need);
	EXPECT_GE(ctl(self->udp6, SIO_ADDRESS_LIST_QUERY, NULL, 0, buf, sizeof(buf)), 8);
	for (int i = 0; i < list->iAddressCount; i++)
		EXPECT_EQ(WS_AF_INET6, entry[i].lpSockaddr->sa_family);
}

TEST_F(ctl, the_list_of_interfaces)
{
	struct ws_interface_info info[64];
	int n, size = ctl(self->udp, SIO_GET_INTERFACE_LIST, NULL, 0, info, sizeof(info));
	bool loopback = false;
	DWORD need = 0;

	ASSERT_GE(size, (int)sizeof(*info));
	EXPECT_EQ(0, size % sizeof(*info));
	n = size / sizeof(*info);
	for (int i = 0; i < n; i++) {
		EXPECT_TRUE(info[i].iiFlags & WS_IFF_UP);
		EXPECT_EQ(AF_INET, info[i].iiAddress.AddressIn.sin_family);
		if (info[i].iiAddress.AddressIn.sin_addr != htonl(INADDR_LOOPBACK))
			continue;
		loopback = true;
		EXPECT_TRUE(info[i].iiFlags & WS_IFF_LOOPBACK);
		EXPECT_EQ(htonl(0xff000000), info[i].iiNetmask.AddressIn.sin_addr);
	}
	EXPECT_TRUE(loopback);
	EXPECT_EQ(WSAEFAULT, util_err(WSAIoctl(self->udp, SIO_GET_INTERFACE_LIST, NULL, 0, info,
					       size - 1, &need, NULL, NULL)));
	EXPECT_EQ(size, need);
	EXPECT_EQ(-WSAEINVAL, ctl(self->udp6, SIO_GET_INTERFACE_LIST, NULL, 0, info,
				  sizeof(info)));
}

TEST_F(ctl, small_ones)
{
	const DWORD handles[] = {
		SIO_BASE_HANDLE, SIO_BSP_HANDLE, SIO_BSP_HANDLE_SELECT, SIO_BSP_HANDLE_POLL,
	};
	struct sockaddr_in sin;
	int val = 0;

	for (size_t i = 0; i < ARRAY_SIZE(handles); i++) {
		SOCKET s = 0;

		EXPECT_EQ(8, ctl(self->udp, handles[i], NULL, 0, &s, 8));
		EXPECT_EQ(self->udp, s);
		EXPECT_EQ(-WSAEFAULT, ctl(self->udp, handles[i], NULL, 0, &s, 7));
	}
	EXPECT_EQ(16, ctl(self->udp, SIO_GET_BROADCAST_ADDRESS, NULL, 0, &sin, 16));
	EXPECT_EQ(INADDR_BROADCAST, sin.sin_addr.s_addr);
	EXPECT_EQ(-WSAEINVAL, ctl(self->udp6, SIO_GET_BROADCAST_ADDRESS, NULL, 0, &sin, 16));
	EXPECT_EQ(0, ctl(self->udp, SIO_MULTIPOINT_LOOPBACK, &val, 4, NULL, 0));
	EXPECT_EQ(0, ctl_kernel(self->udp, IPPROTO_IP, IP_MULTICAST_LOOP));
	EXPECT_EQ(0, ctl(self->udp6, SIO_MULTIPOINT_LOOPBACK, &val, 4, NULL, 0));
	EXPECT_EQ(0, ctl_kernel(self->udp6, IPPROTO_IPV6, IPV6_MULTICAST_LOOP));
	val = 9;
	EXPECT_EQ(0, ctl(self->udp, SIO_MULTICAST_SCOPE, &val, 4, NULL, 0));
	EXPECT_EQ(9, ctl_kernel(self->udp, IPPROTO_IP, IP_MULTICAST_TTL));
	EXPECT_EQ(0, ctl(self->udp6, SIO_MULTICAST_SCOPE, &val, 4, NULL, 0));
	EXPECT_EQ(9, ctl_kernel(self->udp6, IPPROTO_IPV6, IPV6_MULTICAST_HOPS));
	EXPECT_EQ(-WSAEFAULT, ctl(self->udp, SIO_MULTICAST_SCOPE, &val, 3, NULL, 0));
	EXPECT_EQ(-WSAEINVAL, ctl(self->p.client, SIO_MULTICAST_SCOPE, &val, 4, NULL, 0));
}

/* Sends to a port that nobody has any more, until the answer is there. */
static bool ctl_hear_of_no_port(struct util_pair *p)
{
	struct pollfd pfd = { .fd = (int)p->client };

	return wsp_send(p->client, "x", 1, 0) == 1 && poll(&pfd, 1, UTIL_SOON_MS) == 1 &&
	       pfd.revents == POLLERR;
}

TEST_F(ctl, datagrams_to_a_missing_port)
{
	struct util_pair p;
	int on = 0;
	char c;

	ASSERT_TRUE(util_udp_pair(&p));
	ASSERT_EQ(0, closesocket(p.server));
	ASSERT_TRUE(util_set_nonblocking(p.client, true));
	ASSERT_TRUE(ctl_hear_of_no_port(&p));
	EXPECT_EQ(WSAECONNRESET, util_err(wsp_recv(p.client, &c, 1, 0)));
	EXPECT_EQ(0, ctl(p.client, SIO_UDP_CONNRESET, &on, 4, NULL, 0));
	ASSERT_TRUE(ctl_hear_of_no_port(&p));
	EXPECT_EQ(WSAEWOULDBLOCK, util_err(wsp_recv(p.client, &c, 1, 0)));
	/* The second send would be told of the first. */
	ASSERT_TRUE(ctl_hear_of_no_port(&p));
	ASSERT_TRUE(ctl_hear_of_no_port(&p));
	EXPECT_EQ(WSAEWOULDBLOCK, util_err(wsp_recv(p.client, &c, 1, 0)));
	on = 1;
	EXPECT_EQ(0, ctl(p.client, SIO_UDP_CONNRESET, &on, 4, NULL, 0));
	ASSERT_TRUE(ctl_hear_of_no_port(&p));
	EXPECT_EQ(WSAECONNRESET, util_err(wsp_recv(p.client, &c, 1, 0)));
	EXPECT_EQ(-WSAEFAULT, ctl(p.client, SIO_UDP_CONNRESET, &on, 3, NULL, 0));
	EXPECT_EQ(-WSAEINVAL, ctl(self->p.client, SIO_UDP_CONNRESET, &on, 4, NULL, 0));
}

TEST_F(ctl, OV_3_with_an_event)
{
	WSAOVERLAPPED ov = { .hEvent = WSACreateEvent() };
	DWORD count = 0, flags;
	uint32_t n = 0;

	ASSERT_EQ(3, wsp_send(self->p.client, "abc", 3, 0));
	ASSERT_TRUE(util_wait_readable(self->p.server));
	EXPECT_EQ(0, WSAIoctl(self->p.server, WS_FIONREAD, NULL, 0, &n, 4, NULL, &ov, NULL));
	EXPECT_EQ(3, n);
	EXPECT_EQ(WSA_WAIT_EVENT_0, WSAWaitForMultipleEvents(1, &ov.hEvent, 1, 0, 0));
	ASSERT_TRUE(WSAGetOverlappedResult(self->p.server, &ov, &count, 0, &flags));
	EXPECT_EQ(4, count);
}

static int ctl_routine_calls;

static void ctl_routine(DWORD error, DWORD count, LPWSAOVERLAPPED ov, DWORD flags)
{
	(void)ov;
	(void)flags;
	ctl_routine_calls += !error && count == 8;
}

TEST_F(ctl, OV_8_with_a_routine)
{
	WSAOVERLAPPED ov = { 0 };
	DWORD count = 0;
	SOCKET s = 0;

	EXPECT_EQ(0, WSAIoctl(self->udp, SIO_BASE_HANDLE, NULL, 0, &s, 8, &count, &ov,
			      ctl_routine));
	EXPECT_EQ(8, count);
	EXPECT_EQ(0, ctl_routine_calls);
	EXPECT_EQ(WSA_WAIT_IO_COMPLETION, SleepEx(0, 1));
	EXPECT_EQ(1, ctl_routine_calls);
}

TEST_F(ctl, OV_2_a_failure_completes_nothing)
{
	WSAOVERLAPPED ov = { .hEvent = WSACreateEvent() };
	char buf[4];

	EXPECT_EQ(WSAEOPNOTSUPP, util_err(WSAIoctl(self->udp, SIO_FLUSH, NULL, 0, NULL, 0, NULL,
						   &ov, ctl_routine)));
	EXPECT_EQ(WSAEFAULT, util_err(WSAIoctl(self->udp, SIO_BASE_HANDLE, NULL, 0, buf, 4, NULL,
					       &ov, ctl_routine)));
	EXPECT_EQ(WSA_WAIT_TIMEOUT, WSAWaitForMultipleEvents(1, &ov.hEvent, 1, 0, 0));
	EXPECT_EQ(0, SleepEx(0, 1));
	EXPECT_EQ(0, ctl_routine_calls);
}

TEST_F(ctl, what_is_not_offered)
{
	const DWORD codes[] = {
		SIO_FLUSH, SIO_ADDRESS_LIST_CHANGE, SIO_ROUTING_INTERFACE_CHANGE,
		SIO_LOOPBACK_FAST_PATH, 0, 0xffffffff,
	};
	char buf[64] = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(codes); i++)
		EXPECT_EQ(-WSAEOPNOTSUPP, ctl(self->p.client, codes[i], buf, 64, buf, 64));
}

/* Bytes told are bytes there is room for, or nothing was put out. */
static void ctl_try(struct __test_metadata *_metadata, SOCKET s, DWORD code)
{
	static const DWORD lens[] = { 0, 1, 4, 8, 12, 16, 28, 128, 4096, 0xffffffff };
	char in[4096] = { 0 }, out[4096];

	for (size_t i = 0; i < ARRAY_SIZE(lens); i++) {
		DWORD len = lens[i] > sizeof(in) ? sizeof(in) : lens[i], n = 0;

		if (!WSAIoctl(s, code, in, len, out, len, &n, NULL, NULL))
			EXPECT_LE(n, len);
		if (!WSAIoctl(s, code, UTIL_BAD_PTR, lens[i], UTIL_BAD_PTR, lens[i], &n, NULL,
			      NULL))
			EXPECT_EQ(0, n);
		if (!WSAIoctl(s, code, NULL, lens[i], NULL, lens[i], &n, NULL, NULL))
			EXPECT_EQ(0, n);
	}
	EXPECT_EQ(SOCKET_ERROR, WSAIoctl(s, code, in, 4, out, 4, NULL, NULL, NULL));
}

TEST_F(ctl, whatever_a_caller_may_hand_in)
{
	const DWORD codes[] = {
		WS_FIONBIO, WS_FIONREAD, WS_SIOCATMARK, SIO_GET_EXTENSION_FUNCTION_POINTER,
		SIO_ADDRESS_LIST_QUERY, SIO_ROUTING_INTERFACE_QUERY, SIO_GET_BROADCAST_ADDRESS,
		SIO_BASE_HANDLE, SIO_BSP_HANDLE, SIO_BSP_HANDLE_SELECT, SIO_BSP_HANDLE_POLL,
		SIO_MULTIPOINT_LOOPBACK, SIO_MULTICAST_SCOPE, SIO_UDP_CONNRESET,
		SIO_KEEPALIVE_VALS, SIO_GET_INTERFACE_LIST, SIO_FLUSH,
	};
	const SOCKET sockets[] = { self->p.client, self->p.listener, self->udp, self->udp6 };

	for (size_t s = 0; s < ARRAY_SIZE(sockets); s++)
		for (size_t i = 0; i < ARRAY_SIZE(codes); i++)
			ctl_try(_metadata, sockets[s], codes[i]);
}

TEST_F(ctl, no_multipoint)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(0xe0000105) };
	struct sockaddr *sa = (struct sockaddr *)&sin;
	WSABUF data = { 4, UTIL_BAD_PTR };
	SOCKET s = self->udp;

	EXPECT_EQ(WSAEOPNOTSUPP, util_sock_err(WSAJoinLeaf(s, sa, 16, NULL, NULL, NULL, NULL,
							   JL_BOTH)));
	EXPECT_EQ(WSAEINVAL, util_sock_err(WSAJoinLeaf(s, sa, 16, NULL, NULL, NULL, NULL, 0)));
	EXPECT_EQ(WSAEINVAL, util_sock_err(WSAJoinLeaf(s, sa, 16, NULL, NULL, NULL, NULL, 8)));
	EXPECT_EQ(WSAEFAULT, util_sock_err(WSAJoinLeaf(s, sa, 16, &data, NULL, NULL, NULL, 0)));
	EXPECT_EQ(WSAEFAULT, util_sock_err(WSAJoinLeaf(s, sa, 15, NULL, NULL, NULL, NULL, 0)));
	EXPECT_EQ(WSAEFAULT, util_sock_err(WSAJoinLeaf(s, NULL, 16, NULL, NULL, NULL, NULL, 0)));
	EXPECT_EQ(WSAENOTSOCK, util_sock_err(WSAJoinLeaf(INVALID_SOCKET, NULL, 16, NULL, NULL,
							 NULL, NULL, 0)));
}

TEST_F(ctl, no_quality_of_service)
{
	uint64_t qos[10] = { 0 };
	WSABUF name = { 5, "G711" }, bad = { 5, UTIL_BAD_PTR };

	WSASetLastError(0);
	EXPECT_EQ(0, WSAGetQOSByName(self->udp, &name, (LPQOS)qos));
	EXPECT_EQ(WSAEOPNOTSUPP, WSAGetLastError());
	EXPECT_EQ(0, WSAGetQOSByName(self->udp, &bad, (LPQOS)qos));
	EXPECT_EQ(WSAEFAULT, WSAGetLastError());
	WSASetLastError(0);
	EXPECT_EQ(0, WSAGetQOSByName(self->udp, NULL, (LPQOS)qos));
	EXPECT_EQ(WSAEFAULT, WSAGetLastError());
	WSASetLastError(0);
	EXPECT_EQ(0, WSAGetQOSByName(self->udp, &name, NULL));
	EXPECT_EQ(WSAEFAULT, WSAGetLastError());
	EXPECT_EQ(0, WSAGetQOSByName(INVALID_SOCKET, &name, NULL));
	EXPECT_EQ(WSAENOTSOCK, WSAGetLastError());
}

TEST_HARNESS_MAIN
