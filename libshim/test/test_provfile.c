// SPDX-License-Identifier: LGPL-2.1-or-later
/* Installing providers, and the file they are kept in. */
#include "provider_fixture.h"

TEST_F(provider, whoever_is_first_in_order_makes_the_sockets)
{
	WSAPROTOCOL_INFOW e, list[MAX_ENTRIES];
	DWORD ids[2];
	SOCKET s;
	int err;

	util_start();
	ASSERT_EQ(0, install(&self->guid, self->path, "mute", &err));
	ASSERT_TRUE(find("mute", &e));
	s = wsp_socket(AF_INET, SOCK_STREAM, 0);
	EXPECT_EQ(WSAENOTCONN, util_err(WSASendDisconnect(s, NULL)));
	ids[0] = e.dwCatalogEntryId;
	ids[1] = 1003;
	ASSERT_EQ(0, WSCWriteProviderOrder(ids, 2));
	ASSERT_LE(3, list_all(list));
	EXPECT_EQ(ids[0], list[0].dwCatalogEntryId);
	EXPECT_EQ(ids[1], list[1].dwCatalogEntryId);
	s = wsp_socket(AF_INET, SOCK_STREAM, 0);
	EXPECT_EQ(WSASYSCALLFAILURE, util_err(WSASendDisconnect(s, NULL)));
	s = wsp_socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
	EXPECT_EQ(WSASYSCALLFAILURE, util_err(WSASendDisconnect(s, NULL)));
	s = wsp_socket(WS_AF_INET6, SOCK_STREAM, 0);
	EXPECT_EQ(WSAENOTCONN, util_err(WSASendDisconnect(s, NULL)));
	s = wsp_socket(AF_INET, SOCK_DGRAM, 0);
	EXPECT_EQ(0, WSASendDisconnect(s, NULL));
	ids[0] = 1002;
	ids[1] = e.dwCatalogEntryId;
	ASSERT_EQ(0, WSCWriteProviderOrder(ids, 2));
	s = wsp_socket(AF_INET, SOCK_STREAM, 0);
	EXPECT_EQ(WSAENOTCONN, util_err(WSASendDisconnect(s, NULL)));
	ids[1] = 1002;
	EXPECT_EQ(WSAEINVAL, WSCWriteProviderOrder(ids, 2));
	ids[1] = 4711;
	EXPECT_EQ(WSAEINVAL, WSCWriteProviderOrder(ids, 2));
	EXPECT_EQ(WSAEINVAL, WSCWriteProviderOrder(ids, 0));
	EXPECT_EQ(WSAEFAULT, WSCWriteProviderOrder(UTIL_BAD_PTR, 2));
}

TEST_F(provider, deinstalling)
{
	WSAPROTOCOL_INFOW e;
	struct util_pair p;
	int err = -1;

	util_start();
	ASSERT_EQ(0, install(&self->guid, self->path, "prefix", &err));
	ASSERT_TRUE(find("prefix", &e));
	ASSERT_TRUE(pair_of(&e, &p));
	ASSERT_EQ(0, WSCDeinstallProvider(&self->guid, &err));
	EXPECT_EQ(0, err);
	EXPECT_EQ(WSAEINVAL, util_sock_err(socket_of(&e)));
	EXPECT_FALSE(find("prefix", &e));
	/* What it made goes on. */
	expect_prefixed(_metadata, &p);
	EXPECT_EQ(SOCKET_ERROR, WSCDeinstallProvider(&self->guid, &err));
	EXPECT_EQ(WSAEINVAL, err);
}

TEST_F(provider, WSC_errors)
{
	WSAPROTOCOL_INFOW list[MAX_ENTRIES], e;
	int err, len = 512, n = list_all(list);
	WCHAR path[512], relative[16];

	ASSERT_LE(2, n);
	e = entry_of("prefix", &list[0]);
	widen(relative, "layer.so");
#define REFUSED(code, ...) do { \
	err = 0; \
	EXPECT_EQ(SOCKET_ERROR, WSCInstallProvider(__VA_ARGS__, &err)); \
	EXPECT_EQ(code, err); \
} while (0)
	REFUSED(WSAEFAULT, NULL, self->path, &e, 1);
	REFUSED(WSAEFAULT, &self->guid, NULL, &e, 1);
	REFUSED(WSAEFAULT, &self->guid, self->path, UTIL_BAD_PTR, 1);
	REFUSED(WSAEINVAL, &self->guid, self->path, &e, 0);
	REFUSED(WSAEINVAL, &self->guid, relative, &e, 1);
	REFUSED(WSAEINVAL, &list[0].ProviderId, self->path, &e, 1);
	e.iVersion = 1;
	REFUSED(WSAEINVAL, &self->guid, self->path, &e, 1);
	e.iVersion = 2;
	e.ProtocolChain.ChainLen = 8;
	REFUSED(WSAEINVAL, &self->guid, self->path, &e, 1);
	e = entry_of("two\nlines", &list[0]);
	REFUSED(WSAEINVAL, &self->guid, self->path, &e, 1);
	EXPECT_EQ(-1, access(self->conf, F_OK));
	ASSERT_EQ(0, install(&self->guid, self->path, "prefix", &err));
	e = entry_of("prefix", &list[0]);
	REFUSED(WSAEINVAL, &self->guid, self->path, &e, 1);

	ASSERT_EQ(0, WSCGetProviderPath(&self->guid, path, &len, &err));
	EXPECT_EQ(0, memcmp(path, self->path, 2 * len));
	EXPECT_EQ(0, self->path[len - 1]);
	len--;
	EXPECT_EQ(SOCKET_ERROR, WSCGetProviderPath(&self->guid, path, &len, &err));
	EXPECT_EQ(WSAEFAULT, err);
	EXPECT_EQ(0, WSCGetProviderPath(&self->guid, path, &len, &err));
	self->guid.Data2++;
	EXPECT_EQ(SOCKET_ERROR, WSCGetProviderPath(&self->guid, path, &len, &err));
	EXPECT_EQ(WSAEINVAL, err);
	len = 512;
	EXPECT_EQ(0, WSCGetProviderPath(&list[0].ProviderId, path, &len, &err));
	EXPECT_EQ(SOCKET_ERROR, WSCDeinstallProvider(&list[0].ProviderId, &err));
	EXPECT_EQ(WSAEINVAL, err);
	setenv("WSP_PROVIDERS", "/proc/no/providers.conf", 1);
	REFUSED(WSANO_RECOVERY, &self->guid, self->path, &e, 1);
	EXPECT_EQ(SOCKET_ERROR, WSCDeinstallProvider(&self->guid, &err));
	EXPECT_EQ(WSANO_RECOVERY, err);
}

/* Another file each time, however soon after the last one. */
static void write_conf(struct __test_metadata *_metadata, const char *conf, const char *text)
{
	char dir[128], tmp[136];
	FILE *f;

	snprintf(dir, sizeof(dir), "%s", conf);
	mkdir(dirname(dir), 0755);
	snprintf(tmp, sizeof(tmp), "%s.new", conf);
	f = fopen(tmp, "w");
	ASSERT_NE(NULL, f);
	fputs(text, f);
	ASSERT_EQ(0, fclose(f));
	ASSERT_EQ(0, rename(tmp, conf));
}

static bool read_conf(const char *conf, char *text)
{
	FILE *f = fopen(conf, "r");
	size_t n;

	if (!f)
		return false;
	n = fread(text, 1, TEXT_MAX - 1, f);
	text[n] = '\0';
	return !fclose(f);
}

TEST_F(provider, a_file_written_by_hand)
{
	WSAPROTOCOL_INFOW e;
	char path[512], text[2048];
	struct util_pair p;
	int err;

	layer_path(path, sizeof(path));
	snprintf(text, sizeof(text),
		 "# mine\n\n[provider %s]\t# a comment\n  path=%s\n"
		 "# about the entry\n[entry 2001]\nname = prefix\nservices = 0x20166\n"
		 "family = 2\r\ntype = 1\nprotocol = 6\nflags = 8\n\n# the end\n",
		 layer_guid_text, path);
	write_conf(_metadata, self->conf, text);
	util_start();
	ASSERT_TRUE(find("prefix", &e));
	EXPECT_EQ(2001, e.dwCatalogEntryId);
	EXPECT_EQ(0x20166, e.dwServiceFlags1);
	EXPECT_EQ(2, e.iVersion);
	EXPECT_EQ(BASE_PROTOCOL, e.ProtocolChain.ChainLen);
	ASSERT_TRUE(pair_of(&e, &p));
	expect_prefixed(_metadata, &p);
	/* Changes leave what is others'. */
	self->guid.Data1++;
	ASSERT_EQ(0, install(&self->guid, self->path, "mute", &err));
	ASSERT_TRUE(find("mute", &e));
	EXPECT_EQ(2002, e.dwCatalogEntryId);
	ASSERT_EQ(0, WSCWriteProviderOrder((DWORD[]){ 2002, 1001 }, 2));
	ASSERT_EQ(0, WSCWriteProviderOrder((DWORD[]){ 2001 }, 1));
	ASSERT_TRUE(read_conf(self->conf, self->text));
	EXPECT_EQ(0, strncmp(self->text, text, strlen(text)));
	EXPECT_NE(NULL, strstr(self->text, "first = 2001\n"));
	EXPECT_EQ(NULL, strstr(self->text, "2002 1001"));
	ASSERT_EQ(0, WSCDeinstallProvider(&self->guid, &err));
	EXPECT_TRUE(find("prefix", &e));
	EXPECT_FALSE(find("mute", &e));
	self->guid = e.ProviderId;
	ASSERT_EQ(0, WSCDeinstallProvider(&self->guid, &err));
	EXPECT_FALSE(find("prefix", &e));
	ASSERT_TRUE(read_conf(self->conf, self->text));
	EXPECT_EQ(0, strncmp(self->text, "# mine\n\n\n# the end\n", 19)) {
		TH_LOG("%s", self->text);
	}
}

TEST_F(provider, everything_an_entry_says_is_kept)
{
	WSAPROTOCOL_INFOW e, got;
	int err;

	memset(&e, 0, sizeof(e));
	e.dwServiceFlags1 = 0xfffffff1;
	e.dwServiceFlags2 = 2;
	e.dwServiceFlags3 = 3;
	e.dwServiceFlags4 = 4;
	e.dwProviderFlags = 0xf;
	e.ProtocolChain.ChainLen = 3;
	e.ProtocolChain.ChainEntries[0] = 2001;
	e.ProtocolChain.ChainEntries[1] = 1001;
	e.ProtocolChain.ChainEntries[2] = 77;
	e.iVersion = 2;
	e.iAddressFamily = -5;
	e.iMaxSockAddr = 100;
	e.iMinSockAddr = 10;
	e.iSocketType = 5;
	e.iProtocol = INT32_MIN;
	e.iProtocolMaxOffset = 9;
	e.iNetworkByteOrder = LITTLEENDIAN;
	e.iSecurityScheme = 12345678;
	e.dwMessageSize = 0xffffffff;
	widen(e.szProtocol, "all of it, = [even this]");
	e.szProtocol[0] = 0x20ac;
	ASSERT_EQ(0, WSCInstallProvider(&self->guid, self->path, &e, 1, &err));
	self->text[0] = '\0';
	ASSERT_TRUE(read_conf(self->conf, self->text));
	e.ProviderId = self->guid;
	e.dwCatalogEntryId = 2001;
	for (int i = 0; i < 2; i++) {
		WSAPROTOCOL_INFOW list[MAX_ENTRIES];
		int n = list_all(list);

		ASSERT_LE(2, n);
		got = list[n - 1];
		EXPECT_EQ(0, memcmp(&e, &got, sizeof(e))) {
			TH_LOG("%s", self->text);
		}
		ASSERT_EQ(0, WSCWriteProviderOrder((DWORD[]){ 1001 }, 1));
	}
}

static const struct {
	const char *lines; /* from the ninth on */
	const char *told;
} mistakes[] = {
	{ "nonsense", ":9: neither" },
	{ "colour = red", ":9: unknown key: colour" },
	{ "path = /b.so", ":9: unknown key: path" },
	{ "maxaddr = one", ":9: wants one number, once: maxaddr" },
	{ "maxaddr = 1 2", ":9: wants one number" },
	{ "maxaddr =  # none", ":9: no value: maxaddr" },
	{ "maxaddr = 1\nmaxaddr = 1", ":10: wants one number" },
	{ "maxaddr = 99999999999", ":9: wants one number" },
	{ "name = again", ":9: a second name" },
	{ "chain = 1 0", ":9: bad chain" },
	{ "chain = 1 2 3 4 5 6 7 8", ":9: bad chain" },
	{ "chain = 1\nchain = 1", ":10: a second chain" },
	{ "[entry 5]", ":9: not a number above 2000: 5" },
	{ "[entry 2001]", ":9: there already: 2001" },
	{ "[entry 2002", ":9: no ] at the end" },
	{ "[entry 2002]\n", ":9: the entry has no name" },
	{ "[entry 2002]\nname = x", ":9: the entry lacks: services" },
	{ "[provider x]", ":9: not a provider's number: x" },
	{ "[provider {6f0c93a1-52d3-4b7e-0102-0304050607ff}]", ":9: there already" },
	{ "[provider {6f0c93a1-52d3-4b7e-0102-030405060700}]", ":9: the provider has no path" },
	{ "[provider {6f0c93a1-52d3-4b7e-0102-030405060700}]\npath = b.so",
	  ":10: the path is not" },
	{ "[strange]", ":9: unknown or repeated section: strange" },
	{ "[order]\nfirst = one", ":10: bad order" },
	{ "[order]\n[order]", ":10: unknown or repeated" },
	{ "[order]\n[entry 2002]", ":10: an entry belongs below" },
};

/* Told with its line, once, and nothing of the file counts. */
TEST_F(provider, a_file_with_a_mistake)
{
	char path[160], text[1024], told[1024];
	int saved = dup(2);

	snprintf(path, sizeof(path), "%s.err", self->conf);
	for (size_t i = 0; i < ARRAY_SIZE(mistakes); i++) {
		WSAPROTOCOL_INFOW e;
		int fd, err = 0;

		snprintf(text, sizeof(text),
			 "[provider %s]\npath = /a.so\n[entry 2001]\nname = prefix\n"
			 "services = 0\nfamily = 2\ntype = 1\nprotocol = 6\n%s\n",
			 layer_guid_text, mistakes[i].lines);
		write_conf(_metadata, self->conf, text);
		fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
		dup2(fd, 2);
		EXPECT_FALSE(find("prefix", &e));
		EXPECT_FALSE(find("prefix", &e));
		dup2(saved, 2);
		memset(told, 0, sizeof(told));
		EXPECT_LT(0, pread(fd, told, sizeof(told) - 1, 0));
		EXPECT_NE(NULL, strstr(told, mistakes[i].told)) {
			TH_LOG("%s: %s", mistakes[i].lines, told);
		}
		EXPECT_NE(NULL, strstr(told, self->conf));
		EXPECT_EQ(strlen(told) - 1, strcspn(told, "\n"));
		dup2(fd, 2);
		EXPECT_EQ(SOCKET_ERROR, WSCDeinstallProvider(&self->guid, &err));
		dup2(saved, 2);
		EXPECT_EQ(WSANO_RECOVERY, err);
		close(fd);
	}
	unlink(path);
}

TEST_HARNESS_MAIN
