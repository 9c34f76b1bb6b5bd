// SPDX-License-Identifier: LGPL-2.1-or-later
/* Addresses as text, and the 16-bit strings they come in. */
#include <arpa/inet.h>
#include <kselftest_harness.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/mman.h>

#include "internal.h"
#include "util.h"
#include "wide.h"

FIXTURE(addrstr)
{
	struct sockaddr_storage ss;
	struct sockaddr_in *sin;
	struct sockaddr_in6 *sin6;
};

FIXTURE_SETUP(addrstr)
{
	util_start();
	memset(&self->ss, 0, sizeof(self->ss));
	self->sin = (struct sockaddr_in *)&self->ss;
	self->sin6 = (struct sockaddr_in6 *)&self->ss;
}

FIXTURE_TEARDOWN(addrstr)
{
}

static const struct {
	int af;
	const char *addr;
	uint32_t scope;
	uint16_t port;
	const char *text;
} addrstr_pairs[] = {
	{ AF_INET, "1.2.3.4", 0, 0, "1.2.3.4" },
	{ AF_INET, "1.2.3.4", 0, 80, "1.2.3.4:80" },
	{ AF_INET, "255.255.255.255", 0, 65535, "255.255.255.255:65535" },
	{ AF_INET, "0.0.0.0", 0, 0, "0.0.0.0" },
	{ WS_AF_INET6, "::", 0, 0, "::" },
	{ WS_AF_INET6, "::1", 0, 0, "::1" },
	{ WS_AF_INET6, "::1", 0, 443, "[::1]:443" },
	{ WS_AF_INET6, "fe80::1", 3, 0, "fe80::1%3" },
	{ WS_AF_INET6, "fe80::1", 3, 80, "[fe80::1%3]:80" },
	{ WS_AF_INET6, "::ffff:1.2.3.4", 0, 9, "[::ffff:1.2.3.4]:9" },
	{ WS_AF_INET6, "fd00:1111:2222:3333:4444:5555:6666:7777", 4294967295u, 65535,
	  "[fd00:1111:2222:3333:4444:5555:6666:7777%4294967295]:65535" },
	{ AF_INET6, "2001:db8::8:0:1", 0, 1, "[2001:db8::8:0:1]:1" },
};

static int addrstr_make(size_t i, struct sockaddr_storage *ss)
{
	struct sockaddr_in6 *sin6 = (struct sockaddr_in6 *)ss;
	struct sockaddr_in *sin = (struct sockaddr_in *)ss;

	memset(ss, 0, sizeof(*ss));
	ss->ss_family = addrstr_pairs[i].af;
	sin->sin_port = htons(addrstr_pairs[i].port);
	if (addrstr_pairs[i].af == AF_INET) {
		inet_pton(AF_INET, addrstr_pairs[i].addr, &sin->sin_addr);
		return sizeof(*sin);
	}
	inet_pton(AF_INET6, addrstr_pairs[i].addr, &sin6->sin6_addr);
	sin6->sin6_scope_id = addrstr_pairs[i].scope;
	return sizeof(*sin6);
}

TEST_F(addrstr, as_windows_writes_them)
{
	for (size_t i = 0; i < ARRAY_SIZE(addrstr_pairs); i++) {
		int salen = addrstr_make(i, &self->ss);
		WCHAR wide[100];
		char text[100];
		DWORD len = sizeof(text);

		memset(text, 0xcc, sizeof(text));
		ASSERT_EQ(0, WSAAddressToStringA((struct sockaddr *)&self->ss, salen, NULL, text,
						 &len));
		EXPECT_STREQ(addrstr_pairs[i].text, text);
		EXPECT_EQ(strlen(text) + 1, len);
		len = ARRAY_SIZE(wide);
		ASSERT_EQ(0, WSAAddressToStringW((struct sockaddr *)&self->ss, salen, NULL, wide,
						 &len));
		ASSERT_EQ(len, wsp_wide_to_utf8(text, sizeof(text), wide));
		EXPECT_STREQ(addrstr_pairs[i].text, text);
	}
}

TEST_F(addrstr, as_windows_reads_them)
{
	for (size_t i = 0; i < ARRAY_SIZE(addrstr_pairs); i++) {
		struct sockaddr_storage want;
		int need = addrstr_make(i, &want);
		int len = sizeof(self->ss);
		WCHAR wide[100];

		memset(&self->ss, 0xcc, sizeof(self->ss));
		ASSERT_EQ(0, WSAStringToAddressA((char *)addrstr_pairs[i].text,
						 addrstr_pairs[i].af, NULL,
						 (struct sockaddr *)&self->ss, &len));
		EXPECT_EQ(need, len);
		EXPECT_EQ(0, memcmp(&want, &self->ss, len));
		wsp_wide_from_utf8(wide, ARRAY_SIZE(wide), addrstr_pairs[i].text);
		memset(&self->ss, 0xcc, sizeof(self->ss));
		ASSERT_EQ(0, WSAStringToAddressW(wide, addrstr_pairs[i].af, NULL,
						 (struct sockaddr *)&self->ss, &len));
		EXPECT_EQ(0, memcmp(&want, &self->ss, len));
	}
}

TEST_F(addrstr, more_spellings)
{
	char named[8 + IF_NAMESIZE] = "fe80::1%lo";
	int len = sizeof(self->ss);
	struct sockaddr *sa = (struct sockaddr *)&self->ss;

	ASSERT_EQ(0, WSAStringToAddressA("0x7f.0.0.01:0x50", AF_INET, NULL, sa, &len));
	EXPECT_EQ(htonl(INADDR_LOOPBACK), self->sin->sin_addr.s_addr);
	EXPECT_EQ(htons(80), self->sin->sin_port);
	len = sizeof(self->ss);
	ASSERT_EQ(0, WSAStringToAddressA("[::1]", WS_AF_INET6, NULL, sa, &len));
	EXPECT_EQ(0, self->sin6->sin6_port);
	len = sizeof(self->ss);
	ASSERT_EQ(0, WSAStringToAddressA(named, WS_AF_INET6, NULL, sa, &len));
	EXPECT_EQ(if_nametoindex("lo"), self->sin6->sin6_scope_id);
}

TEST_F(addrstr, what_is_no_address_is_WSAEINVAL)
{
	DWORD size = 64;
	char text[64];
	static char endless[256] = "1.2.3.4:80";
	static const struct {
		int af;
		char *text;
	} bad[] = {
		{ AF_INET, "" }, { AF_INET, " " }, { AF_INET, "1.2.3" }, { AF_INET, "1" },
		{ AF_INET, "1.2.3.4.5" }, { AF_INET, "256.1.1.1" }, { AF_INET, "1.2.3.4:" },
		{ AF_INET, "1.2.3.4:0" }, { AF_INET, "1.2.3.4:65536" }, { AF_INET, "1.2.3.4:-1" },
		{ AF_INET, "1.2.3.4:80x" }, { AF_INET, "1.2.3.4 " }, { AF_INET, "::1" },
		{ AF_INET, "host" }, { AF_INET, "1.2.3.4:99999999999999999999" },
		{ WS_AF_INET6, "" }, { WS_AF_INET6, "1.2.3.4" }, { WS_AF_INET6, "[::1" },
		{ WS_AF_INET6, "::1]" }, { WS_AF_INET6, "[::1]80" }, { WS_AF_INET6, "[::1]:" },
		{ WS_AF_INET6, "::1%" }, { WS_AF_INET6, "::1%nosuchif" },
		{ WS_AF_INET6, "::1%4294967296" }, { WS_AF_INET6, ":::" },
		{ AF_UNIX, "1.2.3.4" }, { 0, "1.2.3.4" },
		{ AF_INET, endless },
	};

	memset(endless + 8, '0', sizeof(endless) - 9);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		int len = sizeof(self->ss);

		EXPECT_EQ(WSAEINVAL, util_err(WSAStringToAddressA(bad[i].text, bad[i].af, NULL,
								  (struct sockaddr *)&self->ss,
								  &len))) {
			TH_LOG("%s", bad[i].text);
		}
	}
	self->ss.ss_family = AF_UNIX;
	EXPECT_EQ(WSAEINVAL, util_err(WSAAddressToStringA((struct sockaddr *)&self->ss, 28, NULL,
							  text, &size)));
	self->ss.ss_family = AF_INET;
	EXPECT_EQ(WSAEINVAL, util_err(WSAAddressToStringA((struct sockaddr *)&self->ss, 15, NULL,
							  text, &size)));
}

TEST_F(addrstr, too_little_room_tells_the_size)
{
	int salen = addrstr_make(1, &self->ss), need = salen - 1;
	char text[] = "~~~~~~~~~~~~~";
	WCHAR wide[10];
	DWORD len = 10;

	EXPECT_EQ(WSAEFAULT, util_err(WSAAddressToStringA((struct sockaddr *)&self->ss, salen,
							  NULL, text, &len)));
	EXPECT_EQ(11, len);
	EXPECT_STREQ("~~~~~~~~~~~~~", text);
	EXPECT_EQ(0, WSAAddressToStringA((struct sockaddr *)&self->ss, salen, NULL, text, &len));
	EXPECT_STREQ("1.2.3.4:80", text);
	len = 10;
	EXPECT_EQ(WSAEFAULT, util_err(WSAAddressToStringW((struct sockaddr *)&self->ss, salen,
							  NULL, wide, &len)));
	EXPECT_EQ(11, len);
	EXPECT_EQ(WSAEFAULT, util_err(WSAStringToAddressA("1.2.3.4", AF_INET, NULL,
							  (struct sockaddr *)&self->ss, &need)));
	EXPECT_EQ(salen, need);
}

TEST_F(addrstr, bad_pointers)
{
	int salen = addrstr_make(1, &self->ss), len = sizeof(self->ss);
	struct sockaddr *sa = (struct sockaddr *)&self->ss;
	DWORD size = 64;
	char text[64];

	EXPECT_EQ(WSAEFAULT, util_err(WSAAddressToStringA(NULL, salen, NULL, text, &size)));
	EXPECT_EQ(WSAEFAULT, util_err(WSAAddressToStringA(UTIL_BAD_PTR, salen, NULL, text,
							  &size)));
	EXPECT_EQ(WSAEFAULT, util_err(WSAAddressToStringA(sa, salen, NULL, NULL, &size)));
	EXPECT_EQ(WSAEFAULT, util_err(WSAAddressToStringA(sa, salen, NULL, text, NULL)));
	EXPECT_EQ(WSAEFAULT, util_err(WSAAddressToStringA(sa, salen, UTIL_BAD_PTR, text, &size)));
	EXPECT_EQ(WSAEFAULT, util_err(WSAAddressToStringW(sa, salen, UTIL_BAD_PTR, (WCHAR *)text,
							  &size)));
	EXPECT_EQ(WSAEFAULT, util_err(WSAStringToAddressA(NULL, AF_INET, NULL, sa, &len)));
	EXPECT_EQ(WSAEFAULT, util_err(WSAStringToAddressW(UTIL_BAD_PTR, AF_INET, NULL, sa, &len)));
	EXPECT_EQ(WSAEFAULT, util_err(WSAStringToAddressA("1.2.3.4", AF_INET, NULL, NULL, &len)));
	EXPECT_EQ(WSAEFAULT, util_err(WSAStringToAddressA("1.2.3.4", AF_INET, NULL, sa, NULL)));
}

TEST_F(addrstr, the_catalogue_entry_must_be_of_the_family)
{
	WSAPROTOCOL_INFOW info = { .iAddressFamily = WS_AF_INET6 };
	WSAPROTOCOL_INFOA narrow = { .iAddressFamily = AF_INET };
	int salen = addrstr_make(5, &self->ss), len = sizeof(self->ss);
	struct sockaddr *sa = (struct sockaddr *)&self->ss;
	DWORD size = 64;
	char text[64];
	WCHAR wide[64];

	EXPECT_EQ(0, WSAAddressToStringW(sa, salen, &info, wide, &size));
	EXPECT_EQ(WSAEINVAL, util_err(WSAAddressToStringA(sa, salen, &narrow, text, &size)));
	EXPECT_EQ(0, WSAStringToAddressA("1.1.1.1", AF_INET, &narrow, sa, &len));
	EXPECT_EQ(WSAEINVAL, util_err(WSAStringToAddressA("::1", WS_AF_INET6, &narrow, sa, &len)));
}

TEST(SD_9_text_needs_startup)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	struct sockaddr *sa = (struct sockaddr *)&sin;
	DWORD size = 64;
	int len = sizeof(sin);
	char text[64];

	EXPECT_EQ(WSANOTINITIALISED, util_err(WSAAddressToStringA(sa, len, NULL, text, &size)));
	EXPECT_EQ(WSANOTINITIALISED, util_err(WSAStringToAddressA("1.1.1.1", AF_INET, NULL, sa,
								  &len)));
}

/* The end of a readable page right behind the string's, at every offset. */
TEST(strings_at_the_end_of_memory)
{
	size_t page = sysconf(_SC_PAGESIZE);
	char *p = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char out[16];

	ASSERT_NE(MAP_FAILED, p);
	ASSERT_EQ(0, mprotect(p + page, page, PROT_NONE));
	for (size_t n = 1; n < 9; n++) {
		memset(p + page - 16, 'x', 16);
		EXPECT_EQ(-1, wsp_mem_string(out, p + page - n, 16, 1));
		EXPECT_EQ(n, wsp_mem_string(out, p + page - n, n, 1));
		EXPECT_EQ(-1, wsp_mem_string(out, p + page - n, 8, 2));
		p[page - 1] = '\0';
		EXPECT_EQ(n - 1, wsp_mem_string(out, p + page - n, 16, 1));
		EXPECT_EQ(0, strcmp(out, p + page - n));
		p[page - 2] = '\0';
	}
	for (size_t n = 2; n <= 8; n += 2)
		EXPECT_EQ(n / 2 - 1, wsp_mem_string(out, p + page - n, 8, 2));
	EXPECT_EQ(-1, wsp_mem_string(out, NULL, 16, 1));
}

TEST(utf8_and_utf16)
{
	static const WCHAR wide[] = { 'a', 0xe4, 0x20ac, 0xd83d, 0xde00, 0 };
	static const char text[] = "a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80";
	static const WCHAR lone[] = { 0xdc00, 0xd800, 'x', 0xd800, 0 };
	WCHAR out[16];
	char back[16];

	EXPECT_EQ(ARRAY_SIZE(wide), wsp_wide_from_utf8(out, ARRAY_SIZE(out), text));
	EXPECT_EQ(0, memcmp(wide, out, sizeof(wide)));
	EXPECT_EQ(sizeof(text), wsp_wide_to_utf8(back, sizeof(back), wide));
	EXPECT_STREQ(text, back);
	/* The size is told where there is no room at all. */
	EXPECT_EQ(ARRAY_SIZE(wide), wsp_wide_from_utf8(NULL, 0, text));
	EXPECT_EQ(sizeof(text), wsp_wide_to_utf8(NULL, 0, wide));
	EXPECT_EQ(11, wsp_wide_to_utf8(back, sizeof(back), lone));
	EXPECT_STREQ("\xef\xbf\xbd\xef\xbf\xbdx\xef\xbf\xbd", back);
	/* Overlong, a surrogate, beyond the last character, cut off. */
	EXPECT_EQ(3, wsp_wide_from_utf8(out, 16, "\xc0\x80"));
	EXPECT_EQ(0xfffd, out[0]);
	EXPECT_EQ(4, wsp_wide_from_utf8(out, 16, "\xed\xa0\x80"));
	EXPECT_EQ(5, wsp_wide_from_utf8(out, 16, "\xf4\x90\x80\x80"));
	EXPECT_EQ(3, wsp_wide_from_utf8(out, 16, "\xe2\x82"));
	EXPECT_EQ(0xfffd, out[1]);
}

TEST_HARNESS_MAIN
