// SPDX-License-Identifier: LGPL-2.1-or-later
/* Options of IP, IPv6, TCP and UDP: Windows' numbers reach the kernel's options. */
#include <kselftest_harness.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include "internal.h"
#include "util.h"

FIXTURE(ip)
{
	SOCKET tcp;
	SOCKET udp;
	SOCKET tcp6;
	SOCKET udp6;
};

FIXTURE_SETUP(ip)
{
	util_start();
	self->tcp = wsp_socket(AF_INET, SOCK_STREAM, 0);
	self->udp = wsp_socket(AF_INET, SOCK_DGRAM, 0);
	self->tcp6 = wsp_socket(WS_AF_INET6, SOCK_STREAM, 0);
	self->udp6 = wsp_socket(WS_AF_INET6, SOCK_DGRAM, 0);
}

FIXTURE_TEARDOWN(ip)
{
}

static int ip_set(SOCKET s, int level, int name, int val)
{
	return wsp_setsockopt(s, level, name, (char *)&val, sizeof(val));
}

static int ip_get(SOCKET s, int level, int name)
{
	int val = -1, len = sizeof(val);

	if (wsp_getsockopt(s, level, name, (char *)&val, &len) || len != sizeof(val))
		return -2;
	return val;
}

static int ip_kernel(SOCKET s, int level, int name)
{
	int val = -1;
	socklen_t len = sizeof(val);

	return getsockopt((int)s, level, name, &val, &len) ? -2 : val;
}

struct ip_case {
	int level;
	int theirs;
	int linux_level;
	int ours;
	int val;
	int kernel;
};

static const struct ip_case ip_cases_udp[] = {
	{ IPPROTO_IP, WS_IP_TTL, IPPROTO_IP, IP_TTL, 33, 33 },
	{ IPPROTO_IP, WS_IP_TOS, IPPROTO_IP, IP_TOS, 8, 8 },
	{ IPPROTO_IP, WS_IP_MULTICAST_TTL, IPPROTO_IP, IP_MULTICAST_TTL, 5, 5 },
	{ IPPROTO_IP, WS_IP_MULTICAST_LOOP, IPPROTO_IP, IP_MULTICAST_LOOP, 0, 0 },
	{ IPPROTO_IP, WS_IP_DONTFRAGMENT, IPPROTO_IP, IP_MTU_DISCOVER, 1, IP_PMTUDISC_DO },
	{ IPPROTO_IP, WS_IP_DONTFRAGMENT, IPPROTO_IP, IP_MTU_DISCOVER, 0, IP_PMTUDISC_DONT },
	{ IPPROTO_IP, WS_IP_MTU_DISCOVER, IPPROTO_IP, IP_MTU_DISCOVER, WS_IP_PMTUDISC_NOT_SET,
	  IP_PMTUDISC_WANT },
	{ IPPROTO_IP, WS_IP_MTU_DISCOVER, IPPROTO_IP, IP_MTU_DISCOVER, WS_IP_PMTUDISC_DO,
	  IP_PMTUDISC_DO },
	{ IPPROTO_IP, WS_IP_MTU_DISCOVER, IPPROTO_IP, IP_MTU_DISCOVER, WS_IP_PMTUDISC_DONT,
	  IP_PMTUDISC_DONT },
	{ IPPROTO_IP, WS_IP_MTU_DISCOVER, IPPROTO_IP, IP_MTU_DISCOVER, WS_IP_PMTUDISC_PROBE,
	  IP_PMTUDISC_PROBE },
	{ IPPROTO_IP, WS_IP_PKTINFO, IPPROTO_IP, IP_PKTINFO, 1, 1 },
	{ IPPROTO_IP, WS_IP_HOPLIMIT, IPPROTO_IP, IP_RECVTTL, 1, 1 },
	{ IPPROTO_IP, WS_IP_RECVTOS, IPPROTO_IP, IP_RECVTOS, 1, 1 },
	{ IPPROTO_UDP, WS_UDP_NOCHECKSUM, SOL_SOCKET, SO_NO_CHECK, 1, 1 },
};

static const struct ip_case ip_cases_udp6[] = {
	{ IPPROTO_IPV6, WS_IPV6_UNICAST_HOPS, IPPROTO_IPV6, IPV6_UNICAST_HOPS, 44, 44 },
	{ IPPROTO_IPV6, WS_IPV6_MULTICAST_HOPS, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, 3, 3 },
	{ IPPROTO_IPV6, WS_IPV6_MULTICAST_LOOP, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 0, 0 },
	{ IPPROTO_IPV6, WS_IPV6_DONTFRAG, IPPROTO_IPV6, IPV6_DONTFRAG, 1, 1 },
	{ IPPROTO_IPV6, WS_IPV6_PKTINFO, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1, 1 },
	{ IPPROTO_IPV6, WS_IPV6_HOPLIMIT, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1, 1 },
	{ IPPROTO_IPV6, WS_IPV6_V6ONLY, IPPROTO_IPV6, IPV6_V6ONLY, 1, 1 },
	{ IPPROTO_IPV6, WS_IPV6_V6ONLY, IPPROTO_IPV6, IPV6_V6ONLY, 0, 0 },
	{ IPPROTO_IPV6, WS_IPV6_TCLASS, IPPROTO_IPV6, IPV6_TCLASS, 16, 16 },
	{ IPPROTO_IPV6, WS_IPV6_RECVTCLASS, IPPROTO_IPV6, IPV6_RECVTCLASS, 1, 1 },
	{ IPPROTO_IPV6, WS_IPV6_MTU_DISCOVER, IPPROTO_IPV6, IPV6_MTU_DISCOVER,
	  WS_IP_PMTUDISC_DO, IPV6_PMTUDISC_DO },
};

static const struct ip_case ip_cases_tcp[] = {
	{ IPPROTO_TCP, WS_TCP_NODELAY, IPPROTO_TCP, TCP_NODELAY, 1, 1 },
	{ IPPROTO_TCP, WS_TCP_KEEPIDLE, IPPROTO_TCP, TCP_KEEPIDLE, 77, 77 },
	{ IPPROTO_TCP, WS_TCP_KEEPINTVL, IPPROTO_TCP, TCP_KEEPINTVL, 11, 11 },
	{ IPPROTO_TCP, WS_TCP_KEEPCNT, IPPROTO_TCP, TCP_KEEPCNT, 4, 4 },
	{ IPPROTO_TCP, WS_TCP_MAXRT, IPPROTO_TCP, TCP_USER_TIMEOUT, 9, 9000 },
	{ IPPROTO_TCP, WS_TCP_MAXRT, IPPROTO_TCP, TCP_USER_TIMEOUT, -1, INT_MAX },
	{ IPPROTO_TCP, WS_TCP_MAXRT, IPPROTO_TCP, TCP_USER_TIMEOUT, 0, 0 },
	{ IPPROTO_TCP, WS_TCP_MAXRTMS, IPPROTO_TCP, TCP_USER_TIMEOUT, 1234, 1234 },
	{ IPPROTO_IP, WS_IP_DONTFRAGMENT, IPPROTO_IP, IP_MTU_DISCOVER, 1, IP_PMTUDISC_DO },
	{ IPPROTO_IP, WS_IP_DONTFRAGMENT, IPPROTO_IP, IP_MTU_DISCOVER, 0, IP_PMTUDISC_WANT },
};

static void ip_run(struct __test_metadata *_metadata, SOCKET s, const struct ip_case *c, size_t n)
{
	for (; n; n--, c++) {
		EXPECT_EQ(0, ip_set(s, c->level, c->theirs, c->val)) {
			TH_LOG("level %d option %d", c->level, c->theirs);
		}
		EXPECT_EQ(c->kernel, ip_kernel(s, c->linux_level, c->ours)) {
			TH_LOG("level %d option %d", c->level, c->theirs);
		}
		EXPECT_EQ(c->val, ip_get(s, c->level, c->theirs)) {
			TH_LOG("level %d option %d", c->level, c->theirs);
		}
	}
}

TEST_F(ip, each_number_reaches_its_option)
{
	ip_run(_metadata, self->udp, ip_cases_udp, ARRAY_SIZE(ip_cases_udp));
	ip_run(_metadata, self->udp6, ip_cases_udp6, ARRAY_SIZE(ip_cases_udp6));
	ip_run(_metadata, self->tcp, ip_cases_tcp, ARRAY_SIZE(ip_cases_tcp));
}

TEST_F(ip, unicast_interface_in_each_byte_order)
{
	const int lo = if_nametoindex("lo");

	EXPECT_EQ(0, ip_set(self->udp, IPPROTO_IP, WS_IP_UNICAST_IF, htonl(lo)));
	EXPECT_EQ(htonl(lo), ip_get(self->udp, IPPROTO_IP, WS_IP_UNICAST_IF));
	EXPECT_EQ(0, ip_set(self->udp6, IPPROTO_IPV6, WS_IPV6_UNICAST_IF, lo));
	EXPECT_EQ(htonl(lo), ip_kernel(self->udp6, IPPROTO_IPV6, IPV6_UNICAST_IF));
	EXPECT_EQ(lo, ip_get(self->udp6, IPPROTO_IPV6, WS_IPV6_UNICAST_IF));
}

static bool ip_member(const char *file, const char *what)
{
	char line[256];
	bool found = false;
	FILE *f = fopen(file, "re");

	while (f && fgets(line, sizeof(line), f))
		found |= !!strcasestr(line, what);
	if (f)
		fclose(f);
	return found;
}

/* The file shows addresses as the machine reads them: 239.1.2.3 */
#define IP_GROUP4	"030201EF"
#define IP_GROUP6	"ff0200000000000000000000000000aa"

TEST_F(ip, groups_by_address_and_by_index)
{
	struct ip_mreq mreq = { { htonl(0xef010203) }, { htonl(INADDR_LOOPBACK) } };
	const uint32_t lo = htonl(if_nametoindex("lo"));

	ASSERT_FALSE(ip_member("/proc/self/net/igmp", IP_GROUP4));
	for (int i = 0; i < 2; i++) {
		ASSERT_EQ(0, wsp_setsockopt(self->udp, IPPROTO_IP, WS_IP_ADD_MEMBERSHIP,
					    (char *)&mreq, sizeof(mreq)));
		EXPECT_TRUE(ip_member("/proc/self/net/igmp", IP_GROUP4));
		ASSERT_EQ(0, wsp_setsockopt(self->udp, IPPROTO_IP, WS_IP_DROP_MEMBERSHIP,
					    (char *)&mreq, sizeof(mreq)));
		EXPECT_FALSE(ip_member("/proc/self/net/igmp", IP_GROUP4));
		/* Again with 0.x.x.x, which is an index. */
		mreq.imr_interface.s_addr = lo;
	}
	EXPECT_EQ(WSAEFAULT, util_err(wsp_setsockopt(self->udp, IPPROTO_IP, WS_IP_ADD_MEMBERSHIP,
						     (char *)&mreq, sizeof(mreq) - 1)));
	EXPECT_EQ(0, ip_set(self->udp, IPPROTO_IP, WS_IP_MULTICAST_IF, lo));
	EXPECT_EQ(0, ip_set(self->udp, IPPROTO_IP, WS_IP_MULTICAST_IF, htonl(INADDR_LOOPBACK)));
	EXPECT_EQ(htonl(INADDR_LOOPBACK), ip_get(self->udp, IPPROTO_IP, WS_IP_MULTICAST_IF));
}

TEST_F(ip, sources_in_windows_order)
{
	struct ws_ip_mreq_source req = {
		.imr_multiaddr = htonl(0xef010203),
		.imr_sourceaddr = htonl(0x7f000005),
		.imr_interface = htonl(INADDR_LOOPBACK),
	};

	ASSERT_EQ(0, wsp_setsockopt(self->udp, IPPROTO_IP, WS_IP_ADD_SOURCE_MEMBERSHIP,
				    (char *)&req, sizeof(req)));
	EXPECT_TRUE(ip_member("/proc/self/net/mcfilter", "0xef010203 0x7f000005"));
	ASSERT_EQ(0, wsp_setsockopt(self->udp, IPPROTO_IP, WS_IP_DROP_SOURCE_MEMBERSHIP,
				    (char *)&req, sizeof(req)));
	EXPECT_FALSE(ip_member("/proc/self/net/mcfilter", "0xef010203"));
	EXPECT_EQ(WSAEFAULT, util_err(wsp_setsockopt(self->udp, IPPROTO_IP, WS_IP_BLOCK_SOURCE,
						     (char *)&req, 11)));
}

TEST_F(ip, groups_of_either_family)
{
	struct group_req req = { .gr_interface = if_nametoindex("lo") };
	struct sockaddr_in6 *sin6 = (struct sockaddr_in6 *)&req.gr_group;
	struct ipv6_mreq mreq = { .ipv6mr_interface = req.gr_interface };

	sin6->sin6_family = WS_AF_INET6;
	sin6->sin6_addr.s6_addr[0] = 0xff;
	sin6->sin6_addr.s6_addr[1] = 0x02;
	sin6->sin6_addr.s6_addr[15] = 0xaa;
	mreq.ipv6mr_multiaddr = sin6->sin6_addr;
	ASSERT_EQ(0, wsp_setsockopt(self->udp6, IPPROTO_IPV6, WS_MCAST_JOIN_GROUP, (char *)&req,
				    sizeof(req)));
	EXPECT_TRUE(ip_member("/proc/self/net/igmp6", IP_GROUP6));
	ASSERT_EQ(0, wsp_setsockopt(self->udp6, IPPROTO_IPV6, WS_MCAST_LEAVE_GROUP, (char *)&req,
				    sizeof(req)));
	EXPECT_FALSE(ip_member("/proc/self/net/igmp6", IP_GROUP6));
	ASSERT_EQ(0, wsp_setsockopt(self->udp6, IPPROTO_IPV6, WS_IPV6_ADD_MEMBERSHIP,
				    (char *)&mreq, sizeof(mreq)));
	EXPECT_TRUE(ip_member("/proc/self/net/igmp6", IP_GROUP6));
	ASSERT_EQ(0, wsp_setsockopt(self->udp6, IPPROTO_IPV6, WS_IPV6_DROP_MEMBERSHIP,
				    (char *)&mreq, sizeof(mreq)));
	EXPECT_FALSE(ip_member("/proc/self/net/igmp6", IP_GROUP6));
}

TEST_F(ip, not_for_this_kind_of_socket)
{
	EXPECT_EQ(WSAENOPROTOOPT, util_err(ip_set(self->tcp, IPPROTO_UDP, WS_UDP_NOCHECKSUM, 1)));
	EXPECT_EQ(WSAENOPROTOOPT, util_err(ip_set(self->udp, IPPROTO_TCP, WS_TCP_KEEPCNT, 3)));
	EXPECT_EQ(WSAENOPROTOOPT, util_err(ip_set(self->udp, IPPROTO_IPV6, WS_IPV6_V6ONLY, 1)));
	EXPECT_EQ(WSAEINVAL, util_err(ip_set(self->udp, IPPROTO_IP, WS_IP_MTU_DISCOVER, 4)));
	EXPECT_EQ(WSAEINVAL, util_err(ip_set(self->udp, IPPROTO_IP, WS_IP_TTL, 256)));
	EXPECT_EQ(WSAENOTSOCK, util_err(ip_set(INVALID_SOCKET, IPPROTO_IP, WS_IP_TTL, 1)));
}

static void ip_try(struct __test_metadata *_metadata, SOCKET s, int level, int name)
{
	static const int lens[] = { INT_MIN, -1, 0, 1, 3, 4, 12, 136, 264, 4096 };
	char val[4096];

	for (size_t i = 0; i < ARRAY_SIZE(lens); i++) {
		int len = lens[i];

		memset(val, 0, sizeof(val));
		wsp_setsockopt(s, level, name, val, len);
		wsp_setsockopt(s, level, name, NULL, len);
		wsp_setsockopt(s, level, name, UTIL_BAD_PTR, len);
		wsp_getsockopt(s, level, name, val, &len);
		len = lens[i];
		wsp_getsockopt(s, level, name, NULL, &len);
		len = lens[i];
		/* Nothing gives more than 0 bytes there. */
		if (!wsp_getsockopt(s, level, name, UTIL_BAD_PTR, &len))
			EXPECT_EQ(0, len);
	}
	EXPECT_EQ(SOCKET_ERROR, wsp_getsockopt(s, level, name, val, NULL));
	EXPECT_EQ(SOCKET_ERROR, wsp_getsockopt(s, level, name, val, UTIL_BAD_PTR));
}

/* No number, length or pointer does more than fail. */
TEST_F_TIMEOUT(ip, whatever_a_caller_may_hand_in, 120)
{
	const SOCKET sockets[] = { self->tcp, self->udp, self->tcp6, self->udp6 };
	const int levels[] = { IPPROTO_IP, IPPROTO_TCP, IPPROTO_UDP, IPPROTO_IPV6 };
	const int ranges[][2] = { { 0, 0x110 }, { 0x1000, 0x1010 }, { 0x2000, 0x2008 },
				  { 0x3000, 0x3009 }, { 0x7000, 0x7012 }, { -0x110, 0 } };

	for (size_t s = 0; s < ARRAY_SIZE(sockets); s++) {
		for (size_t i = 0; i < ARRAY_SIZE(levels); i++)
			for (int name = 0; name < 80; name++)
				ip_try(_metadata, sockets[s], levels[i], name);
		for (size_t i = 0; i < ARRAY_SIZE(ranges); i++)
			for (int name = ranges[i][0]; name < ranges[i][1]; name++)
				ip_try(_metadata, sockets[s], WS_SOL_SOCKET, name);
	}
}

/* The path's MTU is known once connected. */
TEST_F(ip, mtu_of_the_path)
{
	struct util_pair p;

	EXPECT_EQ(-2, ip_get(self->udp, IPPROTO_IP, WS_IP_MTU));
	EXPECT_EQ(WSAENOTCONN, WSAGetLastError());
	ASSERT_TRUE(util_udp_pair(&p));
	EXPECT_GT(ip_get(p.client, IPPROTO_IP, WS_IP_MTU), 575);
}

TEST_HARNESS_MAIN
