// SPDX-License-Identifier: LGPL-2.1-or-later
/* What is in the catalogue, with the module and without. */
#include <kselftest_harness.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "catalog.h"
#include "internal.h"
#include "util.h"

#define MAX_ENTRIES	32

/* In the kernel's own words. */
static bool module_loaded(void)
{
	return !access("/proc/net/wsp_stat", F_OK);
}

FIXTURE(catalog)
{
	WSAPROTOCOL_INFOW list[MAX_ENTRIES];
	int n;
};

FIXTURE_SETUP(catalog)
{
	DWORD len = sizeof(self->list);

	setenv("WSP_PROVIDERS", "/nonexistent/providers.conf", 1);
	util_start();
	memset(self->list, 0xcc, sizeof(self->list));
	self->n = WSAEnumProtocolsW(NULL, self->list, &len);
	ASSERT_GT(self->n, 0);
}

FIXTURE_TEARDOWN(catalog)
{
}

static const WSAPROTOCOL_INFOW *find(const WSAPROTOCOL_INFOW *list, int n, int af, int type,
				     bool disc)
{
	for (int i = 0; i < n; i++)
		if (list[i].iAddressFamily == af && list[i].iSocketType == type &&
		    !!(list[i].dwServiceFlags1 & XP1_DISCONNECT_DATA) == disc)
			return &list[i];
	return NULL;
}

TEST_F(catalog, IN_3_too_little_room_tells_the_size)
{
	WSAPROTOCOL_INFOW buf[MAX_ENTRIES];
	DWORD len = 0, need = self->n * sizeof(*buf);

	EXPECT_EQ(WSAENOBUFS, util_err(WSAEnumProtocolsW(NULL, NULL, &len)));
	EXPECT_EQ(need, len);
	len = 1000000;
	EXPECT_EQ(WSAENOBUFS, util_err(WSAEnumProtocolsW(NULL, NULL, &len)));
	EXPECT_EQ(need, len);
	len = need - 1;
	memset(buf, 0xcc, sizeof(buf));
	EXPECT_EQ(WSAENOBUFS, util_err(WSAEnumProtocolsW(NULL, buf, &len)));
	EXPECT_EQ(need, len);
	EXPECT_EQ(0xcc, *(unsigned char *)buf);
	EXPECT_EQ(self->n, WSAEnumProtocolsW(NULL, buf, &len));
	EXPECT_EQ(need, len);
	EXPECT_EQ(0, memcmp(buf, self->list, need));
	EXPECT_EQ(0xcc, *((unsigned char *)buf + need));
}

TEST_F(catalog, IN_3_narrow_names)
{
	WSAPROTOCOL_INFOA buf[MAX_ENTRIES];
	DWORD len = 0;

	EXPECT_EQ(WSAENOBUFS, util_err(WSAEnumProtocolsA(NULL, NULL, &len)));
	EXPECT_EQ(self->n * sizeof(*buf), len);
	memset(buf, 0xcc, sizeof(buf));
	ASSERT_EQ(self->n, WSAEnumProtocolsA(NULL, buf, &len));
	for (int i = 0; i < self->n; i++) {
		EXPECT_EQ(0, memcmp(&buf[i], &self->list[i],
				    offsetof(WSAPROTOCOL_INFOA, szProtocol)));
		for (size_t c = 0; c <= WSAPROTOCOL_LEN; c++)
			ASSERT_EQ(self->list[i].szProtocol[c], (WCHAR)buf[i].szProtocol[c]);
	}
}

TEST_F(catalog, IN_3_filters_by_protocol)
{
	int tcp[] = { IPPROTO_TCP, 0 }, both[] = { IPPROTO_UDP, IPPROTO_TCP, 0 };
	int none[] = { 250, 0 }, empty[] = { 0 };
	WSAPROTOCOL_INFOW buf[MAX_ENTRIES];
	DWORD len = sizeof(buf);
	int n = WSAEnumProtocolsW(tcp, buf, &len);

	EXPECT_EQ(self->n - 2, n);
	for (int i = 0; i < n; i++)
		EXPECT_EQ(IPPROTO_TCP, buf[i].iProtocol);
	EXPECT_EQ(self->n, WSAEnumProtocolsW(both, buf, &len));
	EXPECT_EQ(0, WSAEnumProtocolsW(none, buf, &len));
	EXPECT_EQ(0, WSAEnumProtocolsW(empty, buf, &len));
}

TEST_F(catalog, IN_3_bad_pointers)
{
	DWORD len = 1000000;

	EXPECT_EQ(WSAEFAULT, util_err(WSAEnumProtocolsW(NULL, UTIL_BAD_PTR, &len)));
	EXPECT_EQ(WSAEFAULT, util_err(WSAEnumProtocolsW(UTIL_BAD_PTR, self->list, &len)));
	EXPECT_EQ(WSAEFAULT, util_err(WSAEnumProtocolsW(NULL, self->list, UTIL_BAD_PTR)));
	EXPECT_EQ(WSAEFAULT, util_err(WSAEnumProtocolsA(NULL, UTIL_BAD_PTR, &len)));
	EXPECT_EQ(0, WSACleanup());
	EXPECT_EQ(WSANOTINITIALISED, util_err(WSAEnumProtocolsW(NULL, NULL, &len)));
	EXPECT_EQ(WSANOTINITIALISED, util_err(WSAEnumProtocolsA(NULL, NULL, &len)));
}

TEST_F(catalog, IN_4_service_flags)
{
	const int families[] = { AF_INET, WS_AF_INET6 };

	for (int i = 0; i < 2; i++) {
		const WSAPROTOCOL_INFOW *e;

		e = find(self->list, self->n, families[i], SOCK_STREAM, false);
		ASSERT_NE(NULL, e);
		EXPECT_EQ(0x20066, e->dwServiceFlags1);
		e = find(self->list, self->n, families[i], SOCK_DGRAM, false);
		ASSERT_NE(NULL, e);
		EXPECT_EQ(0x20609, e->dwServiceFlags1);
		e = find(self->list, self->n, families[i], SOCK_STREAM, true);
		EXPECT_EQ(module_loaded(), !!e);
		if (e)
			EXPECT_EQ(0x20166, e->dwServiceFlags1);
	}
	EXPECT_EQ(module_loaded() ? 6 : 4, self->n);
}

TEST_F(catalog, IN_4_other_fields)
{
	for (int i = 0; i < self->n; i++) {
		const WSAPROTOCOL_INFOW *e = &self->list[i];
		bool v4 = e->iAddressFamily == AF_INET, dgram = e->iSocketType == SOCK_DGRAM;

		EXPECT_EQ(0, e->dwServiceFlags2 | e->dwServiceFlags3 | e->dwServiceFlags4);
		EXPECT_EQ(PFL_MATCHES_PROTOCOL_ZERO, e->dwProviderFlags);
		EXPECT_EQ(BASE_PROTOCOL, e->ProtocolChain.ChainLen);
		EXPECT_EQ(e->dwCatalogEntryId, e->ProtocolChain.ChainEntries[0]);
		EXPECT_EQ(2, e->iVersion);
		EXPECT_EQ(v4 ? AF_INET : 23, e->iAddressFamily);
		EXPECT_EQ(v4 ? 16 : 28, e->iMaxSockAddr);
		EXPECT_EQ(v4 ? 16 : 28, e->iMinSockAddr);
		EXPECT_EQ(dgram ? IPPROTO_UDP : IPPROTO_TCP, e->iProtocol);
		EXPECT_EQ(0, e->iProtocolMaxOffset);
		EXPECT_EQ(BIGENDIAN, e->iNetworkByteOrder);
		EXPECT_EQ(SECURITY_PROTOCOL_NONE, e->iSecurityScheme);
		EXPECT_EQ(0, e->dwProviderReserved);
		EXPECT_NE(0, e->szProtocol[0]);
		for (int j = 0; j < i; j++)
			EXPECT_NE(self->list[j].dwCatalogEntryId, e->dwCatalogEntryId);
	}
}

TEST_F(catalog, IN_4_message_size_is_the_longest_datagram)
{
	static char big[65536];

	for (int i = 0; i < self->n; i++) {
		WSAPROTOCOL_INFOW *e = &self->list[i];
		struct sockaddr_in6 in6 = {
			.sin6_family = WS_AF_INET6,
			.sin6_addr = in6addr_loopback,
		};
		struct sockaddr_in in = { .sin_family = AF_INET };
		bool v4 = e->iAddressFamily == AF_INET;
		struct sockaddr *to = v4 ? (struct sockaddr *)&in : (struct sockaddr *)&in6;
		int len = v4 ? sizeof(in) : sizeof(in6);
		SOCKET s;

		if (e->iSocketType != SOCK_DGRAM) {
			EXPECT_EQ(0, e->dwMessageSize);
			continue;
		}
		in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		s = WSASocketW(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, e, 0, 0);
		ASSERT_NE(INVALID_SOCKET, s);
		ASSERT_EQ(0, wsp_bind(s, to, len));
		ASSERT_EQ(0, wsp_getsockname(s, to, &len));
		EXPECT_EQ(e->dwMessageSize, wsp_sendto(s, big, e->dwMessageSize, 0, to, len));
		EXPECT_EQ(WSAEMSGSIZE,
			  util_err(wsp_sendto(s, big, e->dwMessageSize + 1, 0, to, len)));
	}
}

/* The entry says it, and so the socket is. */
TEST_F(catalog, IN_4_sockets_made_from_each_entry)
{
	for (int i = 0; i < self->n; i++) {
		WSAPROTOCOL_INFOW *e = &self->list[i], is;
		struct wsp_handle h;
		SOCKET s = WSASocketW(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO,
				      e, 0, WSA_FLAG_OVERLAPPED);

		ASSERT_NE(INVALID_SOCKET, s);
		EXPECT_EQ(!!(e->dwServiceFlags1 & XP1_DISCONNECT_DATA), wsp_tcp_attached(s));
		ASSERT_EQ(0, wsp_handle_get(s, &h));
		ASSERT_EQ(0, wsp_catalog_entry_for(&h, &is));
		EXPECT_EQ(e->dwCatalogEntryId, is.dwCatalogEntryId);
		EXPECT_EQ(0, memcmp(e, &is, sizeof(is)));
	}
}

TEST_F(catalog, IN_4_without_an_entry_a_socket_is_attached)
{
	EXPECT_EQ(module_loaded(), wsp_tcp_attached(wsp_socket(AF_INET, SOCK_STREAM, 0)));
	EXPECT_EQ(module_loaded(),
		  wsp_tcp_attached(wsp_socket(WS_AF_INET6, SOCK_STREAM, IPPROTO_TCP)));
}

TEST_F(catalog, a_narrow_entry_will_do)
{
	WSAPROTOCOL_INFOA buf[MAX_ENTRIES];
	DWORD len = sizeof(buf);

	ASSERT_EQ(self->n, WSAEnumProtocolsA(NULL, buf, &len));
	for (int i = 0; i < self->n; i++)
		EXPECT_NE(INVALID_SOCKET,
			  WSASocketA(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO,
				     &buf[i], 0, 0));
}

TEST_F(catalog, an_unknown_entry_is_refused)
{
	WSAPROTOCOL_INFOW e = self->list[0];

	e.dwCatalogEntryId = 999;
	EXPECT_EQ(WSAEINVAL, util_sock_err(WSASocketW(-1, -1, -1, &e, 0, 0)));
	EXPECT_EQ(WSAEFAULT, util_sock_err(WSASocketW(-1, -1, -1, UTIL_BAD_PTR, 0, 0)));
}

TEST_F(catalog, an_installer_sees_hidden_entries_too_and_needs_no_startup)
{
	WSAPROTOCOL_INFOW buf[MAX_ENTRIES];
	DWORD len = sizeof(buf);
	int err = -1, hidden = 0;
	int n;

	EXPECT_EQ(0, WSACleanup());
	n = WSCEnumProtocols(NULL, buf, &len, &err);
	EXPECT_EQ(0, err);
	for (int i = 0; i < n; i++)
		hidden += !!(buf[i].dwProviderFlags & PFL_HIDDEN);
	EXPECT_EQ(4, hidden);
	EXPECT_EQ(self->n, n - hidden);
	EXPECT_EQ(SOCKET_ERROR, WSCEnumProtocols(NULL, NULL, &len, &err));
	EXPECT_EQ(WSAENOBUFS, err);
	EXPECT_EQ(n * sizeof(*buf), len);
}

static _Atomic bool stop_listing;

static void *list_and_make(void *arg)
{
	WSAPROTOCOL_INFOW buf[MAX_ENTRIES];

	(void)arg;
	while (!stop_listing) {
		DWORD len = sizeof(buf);

		if (WSAEnumProtocolsW(NULL, buf, &len) <= 0)
			abort();
		/* Through the table of other providers' sockets. */
		wsp_catalog_by_id(1011, buf);
		closesocket(WSASocketW(-1, -1, -1, buf, 0, 0));
	}
	return NULL;
}

TEST_F(catalog, a_child_can_use_it_whatever_other_threads_did)
{
	pthread_t t;

	ASSERT_EQ(0, pthread_create(&t, NULL, list_and_make, NULL));
	for (int i = 0; i < 30; i++) {
		DWORD len = sizeof(self->list);
		int status;
		pid_t pid = fork();

		if (!pid) {
			SOCKET s;

			alarm(20);
			if (WSAEnumProtocolsW(NULL, self->list, &len) != self->n ||
			    !wsp_catalog_by_id(1011, &self->list[0]))
				_exit(1);
			s = WSASocketW(-1, -1, -1, &self->list[0], 0, 0);
			_exit(util_err(WSASendDisconnect(s, NULL)) != WSASYSCALLFAILURE);
		}
		ASSERT_EQ(pid, waitpid(pid, &status, 0));
		EXPECT_EQ(0, status);
	}
	stop_listing = true;
	EXPECT_EQ(0, pthread_join(t, NULL));
}

/* CE_1 in full: neither call does anything, whatever it is given. */
static void expect_ce(struct __test_metadata *_metadata, SOCKET a, SOCKET b)
{
	char c = 'x';
	WSABUF data = { 1, &c };

	EXPECT_EQ(WSASYSCALLFAILURE, util_err(WSASendDisconnect(a, &data)));
	EXPECT_EQ(WSASYSCALLFAILURE, util_err(WSASendDisconnect(a, NULL)));
	EXPECT_EQ(WSASYSCALLFAILURE, util_err(WSASendDisconnect(a, UTIL_BAD_PTR)));
	EXPECT_EQ(WSASYSCALLFAILURE, util_err(WSARecvDisconnect(a, &data)));
	EXPECT_EQ(WSASYSCALLFAILURE, util_err(WSARecvDisconnect(a, NULL)));
	EXPECT_EQ(1, data.len);
	/* Both directions are as before. */
	EXPECT_EQ(1, wsp_send(a, "1", 1, 0));
	EXPECT_EQ(1, wsp_recv(b, &c, 1, 0));
	EXPECT_EQ(1, wsp_send(b, "2", 1, 0));
	EXPECT_EQ(1, wsp_recv(a, &c, 1, 0));
	EXPECT_EQ('2', c);
	/* CE_2 */
	EXPECT_EQ(0, wsp_shutdown(a, SD_SEND));
	EXPECT_EQ(0, wsp_recv(b, &c, 1, 0));
	EXPECT_TRUE(util_set_linger(b, 1, 0));
	EXPECT_EQ(0, closesocket(b));
	EXPECT_EQ(WSAENOTSOCK, util_err(wsp_send(b, &c, 1, 0)));
	EXPECT_EQ(WSAECONNRESET, util_err(wsp_recv(a, &c, 1, 0)));
	EXPECT_EQ(0, closesocket(a));
}

static bool ce_pair(struct util_pair *p, int family)
{
	WSAPROTOCOL_INFOW buf[MAX_ENTRIES];
	DWORD len = sizeof(buf);
	int err, n = WSCEnumProtocols(NULL, buf, &len, &err);
	struct sockaddr_storage ss;
	int sslen;

	for (int i = 0; i < n; i++) {
		if (!(buf[i].dwProviderFlags & PFL_HIDDEN) || buf[i].iAddressFamily != family ||
		    buf[i].iSocketType != SOCK_STREAM)
			continue;
		p->client = WSASocketW(-1, -1, -1, &buf[i], 0, 0);
		return util_listen(family, &p->listener, &ss, &sslen) &&
		       !wsp_connect(p->client, (struct sockaddr *)&ss, sslen) &&
		       (p->server = wsp_accept(p->listener, NULL, NULL)) != INVALID_SOCKET;
	}
	return false;
}

TEST_F(catalog, CE_1_CE_2_by_catalogue_entry)
{
	struct util_pair p;

	ASSERT_TRUE(ce_pair(&p, AF_INET));
	expect_ce(_metadata, p.client, p.server);
	/* Others are not concerned. */
	ASSERT_TRUE(util_pair(AF_INET, &p));
	EXPECT_EQ(0, WSASendDisconnect(p.client, NULL));
	ASSERT_TRUE(ce_pair(&p, WS_AF_INET6));
	expect_ce(_metadata, p.client, p.server);
}

TEST_F(catalog, CE_1_CE_2_accepted_sockets_are_of_the_listeners_kind)
{
	WSAPROTOCOL_INFOW e;
	struct sockaddr_in sin = { .sin_family = AF_INET };
	int len = sizeof(sin);
	SOCKET l, c, s;

	ASSERT_TRUE(wsp_catalog_by_id(1011, &e));
	l = WSASocketW(-1, -1, -1, &e, 0, 0);
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ASSERT_EQ(0, wsp_bind(l, (struct sockaddr *)&sin, sizeof(sin)));
	ASSERT_EQ(0, wsp_listen(l, 1));
	ASSERT_EQ(0, wsp_getsockname(l, (struct sockaddr *)&sin, &len));
	c = wsp_socket(AF_INET, SOCK_STREAM, 0);
	ASSERT_EQ(0, wsp_connect(c, (struct sockaddr *)&sin, sizeof(sin)));
	s = wsp_accept(l, NULL, NULL);
	ASSERT_NE(INVALID_SOCKET, s);
	expect_ce(_metadata, s, c);
}

/* The environment is looked at once, so in a process of its own. */
TEST(CE_1_CE_2_by_environment)
{
	WSAPROTOCOL_INFOW list[MAX_ENTRIES];
	DWORD len = sizeof(list);
	struct util_pair p;
	int n;

	setenv("WSP_PROFILE", "ce", 1);
	util_start();
	ASSERT_TRUE(util_pair(AF_INET, &p));
	expect_ce(_metadata, p.client, p.server);
	/* IN_4: nothing that supports disconnect data, nothing that says so. */
	n = WSAEnumProtocolsW(NULL, list, &len);
	EXPECT_EQ(4, n);
	for (int i = 0; i < n; i++)
		EXPECT_EQ(0, list[i].dwServiceFlags1 & XP1_DISCONNECT_DATA);
	EXPECT_EQ(WSASYSCALLFAILURE, util_err(WSASendDisconnect(INVALID_SOCKET, NULL)));
	EXPECT_EQ(0, WSACleanup());
	EXPECT_EQ(WSANOTINITIALISED, util_err(WSASendDisconnect(INVALID_SOCKET, NULL)));
}

TEST_HARNESS_MAIN
