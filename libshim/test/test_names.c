// SPDX-License-Identifier: LGPL-2.1-or-later
/* Names, byte order and inet_*().  Nothing here asks a name server. */
#include <arpa/inet.h>
#include <kselftest_harness.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>

#include "internal.h"
#include "util.h"
#include "wide.h"

FIXTURE(names)
{
	ADDRINFOA hints;
	ADDRINFOA *res;
};

FIXTURE_SETUP(names)
{
	util_start();
	memset(&self->hints, 0, sizeof(self->hints));
	self->res = UTIL_BAD_PTR;
}

FIXTURE_TEARDOWN(names)
{
}

TEST_F(names, one_entry_an_address_in_windows_numbers)
{
	struct sockaddr_in6 *sin6;

	ASSERT_EQ(0, wsp_getaddrinfo("::1", "80", NULL, &self->res));
	sin6 = (struct sockaddr_in6 *)self->res->ai_addr;
	EXPECT_EQ(WS_AF_INET6, self->res->ai_family);
	EXPECT_EQ(0, self->res->ai_socktype);
	EXPECT_EQ(0, self->res->ai_protocol);
	EXPECT_EQ(sizeof(*sin6), self->res->ai_addrlen);
	EXPECT_EQ(NULL, self->res->ai_canonname);
	EXPECT_EQ(NULL, self->res->ai_next);
	EXPECT_EQ(WS_AF_INET6, sin6->sin6_family);
	EXPECT_EQ(htons(80), sin6->sin6_port);
	EXPECT_EQ(0, memcmp(&in6addr_loopback, &sin6->sin6_addr, 16));
	wsp_freeaddrinfo(self->res);
	wsp_freeaddrinfo(NULL);
}

TEST_F(names, hints_choose_family_and_type)
{
	self->hints.ai_family = AF_INET6;
	self->hints.ai_socktype = SOCK_DGRAM;
	self->hints.ai_flags = WS_AI_PASSIVE | WS_AI_NUMERICSERV | WS_AI_DNS_ONLY;
	ASSERT_EQ(0, wsp_getaddrinfo(NULL, "7", &self->hints, &self->res));
	EXPECT_EQ(AF_INET6, self->res->ai_family);
	EXPECT_EQ(AF_INET6, self->res->ai_addr->sa_family);
	EXPECT_EQ(SOCK_DGRAM, self->res->ai_socktype);
	EXPECT_EQ(self->hints.ai_flags, self->res->ai_flags);
	wsp_freeaddrinfo(self->res);
	self->hints.ai_family = WS_AF_INET6;
	ASSERT_EQ(0, wsp_getaddrinfo(NULL, "7", &self->hints, &self->res));
	EXPECT_EQ(WS_AF_INET6, self->res->ai_family);
	EXPECT_EQ(0, memcmp(&in6addr_any, &((struct sockaddr_in6 *)self->res->ai_addr)->sin6_addr,
			    16));
	wsp_freeaddrinfo(self->res);
}

TEST_F(names, what_it_gives_can_be_used)
{
	struct sockaddr_storage ss;
	SOCKET listener, s;
	char port[8];
	int len;

	ASSERT_TRUE(util_listen(AF_INET, &listener, &ss, &len));
	snprintf(port, sizeof(port), "%u", ntohs(((struct sockaddr_in *)&ss)->sin_port));
	self->hints.ai_family = AF_INET;
	ASSERT_EQ(0, wsp_getaddrinfo("localhost", port, &self->hints, &self->res));
	s = wsp_socket(self->res->ai_family, self->res->ai_socktype, self->res->ai_protocol);
	EXPECT_EQ(0, wsp_connect(s, self->res->ai_addr, self->res->ai_addrlen));
	wsp_freeaddrinfo(self->res);
}

TEST_F(names, canonical_name_and_this_computer)
{
	char own[256];

	ASSERT_EQ(0, wsp_gethostname(own, sizeof(own)));
	self->hints.ai_flags = WS_AI_CANONNAME;
	ASSERT_EQ(0, wsp_getaddrinfo("127.0.0.1", NULL, &self->hints, &self->res));
	EXPECT_STREQ("127.0.0.1", self->res->ai_canonname);
	wsp_freeaddrinfo(self->res);
	/* Where the computer's name resolves at all, "" means it. */
	if (!wsp_getaddrinfo(own, NULL, NULL, &self->res)) {
		wsp_freeaddrinfo(self->res);
		ASSERT_EQ(0, wsp_getaddrinfo("", NULL, NULL, &self->res));
		wsp_freeaddrinfo(self->res);
	}
}

#define EXPECT_GAI(code, call) do { \
		const int want = (code); \
		WSASetLastError(0); \
		EXPECT_EQ(want, (call)); \
		EXPECT_EQ(want, WSAGetLastError()); \
		EXPECT_EQ(NULL, self->res); \
	} while (0)

TEST_F(names, errors_of_getaddrinfo)
{
	ADDRINFOA *h = &self->hints, **res = &self->res;
	static char endless[2000];

	memset(endless, 'a', sizeof(endless) - 1);
	EXPECT_GAI(WSAHOST_NOT_FOUND, wsp_getaddrinfo(NULL, NULL, NULL, res));
	EXPECT_GAI(WSAHOST_NOT_FOUND, wsp_getaddrinfo(endless, NULL, NULL, res));
	EXPECT_GAI(WSATYPE_NOT_FOUND, wsp_getaddrinfo("::1", endless, NULL, res));
	EXPECT_GAI(WSATYPE_NOT_FOUND, wsp_getaddrinfo("::1", "no-such-service", NULL, res));
	EXPECT_GAI(WSAEFAULT, wsp_getaddrinfo(UTIL_BAD_PTR, NULL, NULL, res));
	EXPECT_GAI(WSAEFAULT, wsp_getaddrinfo("::1", UTIL_BAD_PTR, NULL, res));
	EXPECT_GAI(WSAEFAULT, wsp_getaddrinfo("::1", NULL, UTIL_BAD_PTR, res));
	h->ai_flags = WS_AI_NUMERICHOST;
	EXPECT_GAI(WSAHOST_NOT_FOUND, wsp_getaddrinfo("localhost", NULL, h, res));
	h->ai_flags = 0x40000000;
	EXPECT_GAI(WSAEINVAL, wsp_getaddrinfo("::1", NULL, h, res));
	h->ai_flags = WS_AI_CANONNAME | WS_AI_FQDN;
	EXPECT_GAI(WSAEINVAL, wsp_getaddrinfo("::1", NULL, h, res));
	h->ai_flags = WS_AI_CANONNAME;
	EXPECT_GAI(WSAEINVAL, wsp_getaddrinfo(NULL, "80", h, res));
	h->ai_flags = 0;
	h->ai_family = 77;
	EXPECT_GAI(WSAEAFNOSUPPORT, wsp_getaddrinfo("::1", NULL, h, res));
	h->ai_family = 0;
	h->ai_socktype = 77;
	EXPECT_GAI(WSAESOCKTNOSUPPORT, wsp_getaddrinfo("::1", NULL, h, res));
	h->ai_socktype = 0;
	h->ai_addrlen = 1;
	EXPECT_GAI(WSANO_RECOVERY, wsp_getaddrinfo("::1", NULL, h, res));
	EXPECT_EQ(WSAEFAULT, wsp_getaddrinfo("::1", NULL, NULL, NULL));
}

TEST_F(names, wide_getaddrinfo)
{
	static const WCHAR node[] = { '1', '2', '7', '.', '0', '.', '0', '.', '1', 0 };
	static const WCHAR service[] = { '4', '4', '3', 0 };
	ADDRINFOW hints = { .ai_flags = WS_AI_CANONNAME, .ai_socktype = SOCK_STREAM };
	ADDRINFOW *res;

	ASSERT_EQ(0, GetAddrInfoW(node, service, &hints, &res));
	EXPECT_EQ(AF_INET, res->ai_family);
	EXPECT_EQ(SOCK_STREAM, res->ai_socktype);
	EXPECT_EQ(htons(443), ((struct sockaddr_in *)res->ai_addr)->sin_port);
	ASSERT_NE(NULL, res->ai_canonname);
	EXPECT_EQ(0, memcmp(node, res->ai_canonname, sizeof(node)));
	FreeAddrInfoW(res);
	EXPECT_EQ(WSAHOST_NOT_FOUND, GetAddrInfoW(NULL, NULL, NULL, &res));
	EXPECT_EQ(NULL, res);
}

TEST_F(names, getnameinfo)
{
	struct sockaddr_in6 sin6 = { .sin6_family = WS_AF_INET6, .sin6_port = htons(8080) };
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_port = htons(8080) };
	const int numbers = WS_NI_NUMERICHOST | WS_NI_NUMERICSERV;
	struct sockaddr *sa = (struct sockaddr *)&sin6;
	WCHAR wide[64];
	char node[64], service[8];

	inet_pton(AF_INET6, "fe80::1", &sin6.sin6_addr);
	sin6.sin6_scope_id = 1;
	ASSERT_EQ(0, wsp_getnameinfo(sa, sizeof(sin6), node, 64, service, 8, numbers));
	EXPECT_STREQ("fe80::1%1", node);
	EXPECT_STREQ("8080", service);
	sin.sin_addr.s_addr = htonl(0x7f000002);
	ASSERT_EQ(0, GetNameInfoW((struct sockaddr *)&sin, sizeof(sin), wide, 10, NULL, 0,
				  numbers));
	EXPECT_EQ(10, wsp_wide_to_utf8(node, sizeof(node), wide));
	EXPECT_STREQ("127.0.0.2", node);
	EXPECT_EQ(ERROR_INSUFFICIENT_BUFFER, GetNameInfoW((struct sockaddr *)&sin, sizeof(sin),
							  wide, 9, NULL, 0, numbers));
	EXPECT_EQ(ERROR_INSUFFICIENT_BUFFER, wsp_getnameinfo(sa, sizeof(sin6), node, 9, NULL, 0,
							     numbers));
	EXPECT_EQ(ERROR_INSUFFICIENT_BUFFER, wsp_getnameinfo(sa, sizeof(sin6), NULL, 0, service, 4,
							     numbers));
	EXPECT_EQ(ERROR_INSUFFICIENT_BUFFER, WSAGetLastError());
	EXPECT_EQ(WSAEFAULT, wsp_getnameinfo(sa, 27, node, 64, NULL, 0, numbers));
	EXPECT_EQ(WSAEFAULT, wsp_getnameinfo(UTIL_BAD_PTR, 28, node, 64, NULL, 0, numbers));
	EXPECT_EQ(WSAEFAULT, wsp_getnameinfo(sa, 28, UTIL_BAD_PTR, 64, NULL, 0, numbers));
	EXPECT_EQ(WSAEINVAL, wsp_getnameinfo(sa, 28, node, 64, NULL, 0, 0x100));
	EXPECT_EQ(WSAHOST_NOT_FOUND, wsp_getnameinfo(sa, 28, NULL, 0, NULL, 0, numbers));
	sin.sin_family = 77;
	EXPECT_EQ(WSAEAFNOSUPPORT, wsp_getnameinfo((struct sockaddr *)&sin, 16, node, 64, NULL, 0,
						   numbers));
}

TEST_F(names, gethostname)
{
	char name[256], want[256];
	WCHAR wide[256];

	ASSERT_EQ(0, gethostname(want, sizeof(want)));
	ASSERT_EQ(0, wsp_gethostname(name, sizeof(name)));
	EXPECT_STREQ(want, name);
	ASSERT_EQ(0, wsp_gethostname(name, strlen(want) + 1));
	EXPECT_EQ(WSAEFAULT, util_err(wsp_gethostname(name, strlen(want))));
	EXPECT_EQ(WSAEFAULT, util_err(wsp_gethostname(name, -1)));
	EXPECT_EQ(WSAEFAULT, util_err(wsp_gethostname(NULL, 256)));
	EXPECT_EQ(WSAEFAULT, util_err(wsp_gethostname(UTIL_BAD_PTR, 256)));
	ASSERT_EQ(0, GetHostNameW(wide, 256));
	wsp_wide_to_utf8(name, sizeof(name), wide);
	EXPECT_STREQ(want, name);
	EXPECT_EQ(WSAEFAULT, util_err(GetHostNameW(wide, strlen(want))));
}

TEST_F(names, gethostbyname)
{
	struct ws_hostent *h = wsp_gethostbyname("127.0.0.3");
	const uint32_t want = htonl(0x7f000003);

	ASSERT_NE(NULL, h);
	EXPECT_STREQ("127.0.0.3", h->h_name);
	EXPECT_EQ(NULL, h->h_aliases[0]);
	EXPECT_EQ(AF_INET, h->h_addrtype);
	EXPECT_EQ(4, h->h_length);
	EXPECT_EQ(0, memcmp(&want, h->h_addr_list[0], 4));
	EXPECT_EQ(NULL, h->h_addr_list[1]);
	WSASetLastError(0);
	EXPECT_EQ(NULL, wsp_gethostbyname(UTIL_BAD_PTR));
	EXPECT_EQ(WSAEFAULT, WSAGetLastError());
}

/* What the machine knows, libc and the library tell alike. */
TEST_F(names, services_and_protocols)
{
	struct servent *want = getservbyname("domain", "udp");
	struct protoent *proto = getprotobynumber(IPPROTO_UDP);
	struct ws_servent *s;
	struct ws_protoent *p;

	WSASetLastError(0);
	EXPECT_EQ(NULL, wsp_getservbyname("no-such-service", NULL));
	EXPECT_EQ(WSANO_DATA, WSAGetLastError());
	EXPECT_EQ(NULL, wsp_getservbyname(UTIL_BAD_PTR, NULL));
	EXPECT_EQ(WSAEFAULT, WSAGetLastError());
	EXPECT_EQ(NULL, wsp_getservbyport(htons(1), "no-such-protocol"));
	EXPECT_EQ(WSANO_DATA, WSAGetLastError());
	EXPECT_EQ(NULL, wsp_getservbyport(htons(53), UTIL_BAD_PTR));
	EXPECT_EQ(WSAEFAULT, WSAGetLastError());
	EXPECT_EQ(NULL, wsp_getprotobyname("no-such-protocol"));
	EXPECT_EQ(WSANO_DATA, WSAGetLastError());
	EXPECT_EQ(NULL, wsp_getprotobynumber(-1));
	EXPECT_EQ(NULL, wsp_getprotobyname(NULL));
	EXPECT_EQ(WSAEFAULT, WSAGetLastError());
	if (!want || !proto)
		SKIP(return, "no /etc/services or no /etc/protocols");
	s = wsp_getservbyname("domain", "udp");
	ASSERT_NE(NULL, s);
	EXPECT_STREQ("domain", s->s_name);
	EXPECT_STREQ("udp", s->s_proto);
	EXPECT_EQ((int16_t)htons(53), s->s_port);
	s = wsp_getservbyport(htons(53), NULL);
	ASSERT_NE(NULL, s);
	EXPECT_STREQ("domain", s->s_name);
	p = wsp_getprotobyname("udp");
	ASSERT_NE(NULL, p);
	EXPECT_EQ(IPPROTO_UDP, p->p_proto);
	p = wsp_getprotobynumber(IPPROTO_UDP);
	ASSERT_NE(NULL, p);
	EXPECT_STREQ("udp", p->p_name);
}

TEST_F(names, gethostbyaddr)
{
	const uint32_t loopback = htonl(INADDR_LOOPBACK);
	const char *raw = (const char *)&loopback;
	struct ws_hostent *h;

	WSASetLastError(0);
	EXPECT_EQ(NULL, wsp_gethostbyaddr(raw, 4, 77));
	EXPECT_EQ(WSAEAFNOSUPPORT, WSAGetLastError());
	EXPECT_EQ(NULL, wsp_gethostbyaddr(raw, 4, WS_AF_INET6));
	EXPECT_EQ(WSAEFAULT, WSAGetLastError());
	WSASetLastError(0);
	EXPECT_EQ(NULL, wsp_gethostbyaddr(NULL, 4, AF_INET));
	EXPECT_EQ(WSAEFAULT, WSAGetLastError());
	h = wsp_gethostbyaddr(raw, 4, AF_INET);
	if (!h) {
		EXPECT_EQ(WSAHOST_NOT_FOUND, WSAGetLastError());
		SKIP(return, "127.0.0.1 has no name here");
	}
	EXPECT_EQ(AF_INET, h->h_addrtype);
	EXPECT_EQ(4, h->h_length);
	EXPECT_EQ(0, memcmp(raw, h->h_addr_list[0], 4));
	EXPECT_EQ(NULL, h->h_addr_list[1]);
	EXPECT_GT(strlen(h->h_name), 0);
}

TEST_F(names, byte_order_of_a_socket)
{
	SOCKET s = wsp_socket(AF_INET, SOCK_DGRAM, 0);
	uint32_t l;
	uint16_t h;

	EXPECT_EQ(0, WSAHtonl(s, 0x01020304, &l));
	EXPECT_EQ(htonl(0x01020304), l);
	EXPECT_EQ(0, WSANtohl(s, l, &l));
	EXPECT_EQ(0x01020304, l);
	EXPECT_EQ(0, WSAHtons(s, 0x0102, &h));
	EXPECT_EQ(htons(0x0102), h);
	EXPECT_EQ(0, WSANtohs(s, h, &h));
	EXPECT_EQ(0x0102, h);
	EXPECT_EQ(WSAENOTSOCK, util_err(WSAHtonl(INVALID_SOCKET, 1, &l)));
	EXPECT_EQ(WSAENOTSOCK, util_err(WSANtohs(0, 1, NULL)));
	EXPECT_EQ(WSAEFAULT, util_err(WSAHtons(s, 1, NULL)));
	EXPECT_EQ(WSAEFAULT, util_err(WSANtohl(s, 1, UTIL_BAD_PTR)));
}

TEST_F(names, inet_ntop_and_pton)
{
	const uint32_t v4 = htonl(0x01020304);
	struct in6_addr in6;
	char text[64];
	WCHAR wide[64];

	EXPECT_EQ(&text[0], wsp_inet_ntop(AF_INET, &v4, text, 8));
	EXPECT_STREQ("1.2.3.4", text);
	EXPECT_EQ(1, wsp_inet_pton(WS_AF_INET6, "fe80::5", &in6));
	EXPECT_EQ(0x05, in6.s6_addr[15]);
	EXPECT_EQ(&wide[0], InetNtopW(WS_AF_INET6, &in6, wide, 8));
	EXPECT_EQ(8, wsp_wide_to_utf8(text, sizeof(text), wide));
	EXPECT_STREQ("fe80::5", text);
	memset(&in6, 0, sizeof(in6));
	EXPECT_EQ(1, InetPtonW(AF_INET6, wide, &in6));
	EXPECT_EQ(0x05, in6.s6_addr[15]);

	WSASetLastError(77);
	EXPECT_EQ(0, wsp_inet_pton(AF_INET, "1.2.3", &in6));
	EXPECT_EQ(0, InetPtonW(AF_INET, wide, &in6));
	EXPECT_EQ(77, WSAGetLastError());
	EXPECT_EQ(WSAEAFNOSUPPORT, util_err(wsp_inet_pton(77, "1.2.3.4", &in6)));
	EXPECT_EQ(WSAEFAULT, util_err(wsp_inet_pton(AF_INET, NULL, &in6)));
	EXPECT_EQ(WSAEFAULT, util_err(wsp_inet_pton(AF_INET, "1.2.3.4", NULL)));
	EXPECT_EQ(NULL, wsp_inet_ntop(AF_INET, &v4, text, 7));
	EXPECT_EQ(WSA_INVALID_PARAMETER, WSAGetLastError());
	EXPECT_EQ(NULL, wsp_inet_ntop(77, &v4, text, 64));
	EXPECT_EQ(WSAEAFNOSUPPORT, WSAGetLastError());
	EXPECT_EQ(NULL, wsp_inet_ntop(AF_INET, UTIL_BAD_PTR, text, 64));
	EXPECT_EQ(WSAEFAULT, WSAGetLastError());
	EXPECT_EQ(NULL, InetNtopW(AF_INET, &v4, NULL, 64));
	EXPECT_EQ(WSA_INVALID_PARAMETER, WSAGetLastError());
}

static void *names_ntoa_thread(void *arg)
{
	return strdup(wsp_inet_ntoa(*(uint32_t *)arg));
}

/* Before any start-up, and each thread has its own buffer. */
TEST(inet_addr_and_ntoa)
{
	uint32_t other = htonl(0x05060708);
	char *mine, *theirs;
	pthread_t t;

	EXPECT_EQ(htonl(0x01020304), wsp_inet_addr("1.2.3.4"));
	EXPECT_EQ(htonl(0x01000002), wsp_inet_addr("1.2"));
	EXPECT_EQ(htonl(0x7f000001), wsp_inet_addr("0x7f.1"));
	EXPECT_EQ(0, wsp_inet_addr(" "));
	EXPECT_EQ(INADDR_NONE, wsp_inet_addr(""));
	EXPECT_EQ(INADDR_NONE, wsp_inet_addr("1.2.3.256"));
	EXPECT_EQ(INADDR_NONE, wsp_inet_addr(NULL));
	EXPECT_EQ(INADDR_NONE, wsp_inet_addr(UTIL_BAD_PTR));
	mine = wsp_inet_ntoa(htonl(0x01020304));
	ASSERT_EQ(0, pthread_create(&t, NULL, names_ntoa_thread, &other));
	ASSERT_EQ(0, pthread_join(t, (void **)&theirs));
	EXPECT_STREQ("1.2.3.4", mine);
	EXPECT_STREQ("5.6.7.8", theirs);
	free(theirs);
}

TEST(IN_7_resolver_errors_have_words)
{
	static const int codes[] = {
		0, WSAEINVAL, WSAHOST_NOT_FOUND, WSATRY_AGAIN, WSANO_RECOVERY, WSANO_DATA,
		WSATYPE_NOT_FOUND, WSAEAFNOSUPPORT, WSAESOCKTNOSUPPORT, WSA_NOT_ENOUGH_MEMORY,
	};

	for (size_t i = 0; i < ARRAY_SIZE(codes); i++) {
		char narrow[256];

		EXPECT_NE(0, strcmp(gai_strerrorA(codes[i]), gai_strerrorA(4711)));
		wsp_wide_to_utf8(narrow, sizeof(narrow), gai_strerrorW(codes[i]));
		EXPECT_STREQ(gai_strerrorA(codes[i]), narrow);
	}
}

TEST(SD_9_names_need_startup)
{
	ADDRINFOA *res;
	char text[64];

	EXPECT_EQ(WSANOTINITIALISED, wsp_getaddrinfo("::1", NULL, NULL, &res));
	EXPECT_EQ(WSANOTINITIALISED, wsp_getnameinfo(NULL, 0, text, 64, NULL, 0, 0));
	EXPECT_EQ(WSANOTINITIALISED, util_err(wsp_gethostname(text, 64)));
	EXPECT_EQ(WSANOTINITIALISED, util_err(wsp_inet_pton(AF_INET, "1.1.1.1", text)));
	EXPECT_EQ(WSANOTINITIALISED, util_err(WSAHtonl(0, 1, NULL)));
	EXPECT_EQ(NULL, wsp_gethostbyname("127.0.0.1"));
	EXPECT_EQ(WSANOTINITIALISED, WSAGetLastError());
}

TEST_HARNESS_MAIN
