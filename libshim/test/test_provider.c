// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Installing providers and calling them.  Linked to the shared library, as a
 * layer in a shared object and the program must have the same one.
 */
#include <errno.h>
#include <fcntl.h>
#include <kselftest_harness.h>
#include <libgen.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util.h"

#define MAX_ENTRIES	32
#define TEXT_MAX	65536

static const GUID layer_guid = { 0x6f0c93a1, 0x52d3, 0x4b7e, { 1, 2, 3, 4, 5, 6, 7, 0xff } };
static const char layer_guid_text[] = "{6f0c93a1-52d3-4b7e-0102-0304050607ff}";

/* Where the object with the providers is: beside this program. */
static void layer_path(char *path, size_t size)
{
	char exe[512];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);

	exe[n > 0 ? n : 0] = '\0';
	snprintf(path, size, "%s/provider_layer.so", dirname(exe));
}

static void widen(WCHAR *dst, const char *src)
{
	do {
		*dst++ = (unsigned char)*src;
	} while (*src++);
}

FIXTURE(provider)
{
	char dir[64];
	char conf[128];
	WCHAR path[512];
	GUID guid;
	char text[TEXT_MAX];
};

FIXTURE_SETUP(provider)
{
	char path[512];

	self->guid = layer_guid;
	snprintf(self->dir, sizeof(self->dir), "/tmp/wsp-provider-XXXXXX");
	ASSERT_NE(NULL, mkdtemp(self->dir));
	snprintf(self->conf, sizeof(self->conf), "%s/etc/providers.conf", self->dir);
	setenv("WSP_PROVIDERS", self->conf, 1);
	layer_path(path, sizeof(path));
	widen(self->path, path);
}

FIXTURE_TEARDOWN(provider)
{
	char etc[128];

	unlink(self->conf);
	snprintf(etc, sizeof(etc), "%s/etc", self->dir);
	rmdir(etc);
	EXPECT_EQ(0, rmdir(self->dir));
}

static int list_all(WSAPROTOCOL_INFOW *list)
{
	DWORD len = MAX_ENTRIES * sizeof(*list);
	int err;

	return WSCEnumProtocols(NULL, list, &len, &err);
}

static WSAPROTOCOL_INFOW entry_of(const char *name, const WSAPROTOCOL_INFOW *like)
{
	WSAPROTOCOL_INFOW e = *like;

	memset(e.szProtocol, 0, sizeof(e.szProtocol));
	widen(e.szProtocol, name);
	return e;
}

/* The entries of the library for IPv4 come first, those of streams before datagrams. */
static int install(GUID *id, const WCHAR *path, const char *name, int *err)
{
	WSAPROTOCOL_INFOW list[MAX_ENTRIES], e;

	*err = -1;
	if (list_all(list) < 2)
		return -2;
	e = entry_of(name, &list[0]);
	return WSCInstallProvider(id, path, &e, 1, err);
}

/* The entry called so, as anybody would look for it. */
static bool find(const char *name, WSAPROTOCOL_INFOW *e)
{
	WSAPROTOCOL_INFOW list[MAX_ENTRIES];
	int n = list_all(list);
	WCHAR wide[64];

	widen(wide, name);
	for (int i = 0; i < n; i++)
		if (!memcmp(list[i].szProtocol, wide, 2 * (strlen(name) + 1))) {
			*e = list[i];
			return true;
		}
	return false;
}

static SOCKET socket_of(WSAPROTOCOL_INFOW *e)
{
	return WSASocketW(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, e, 0,
			  WSA_FLAG_OVERLAPPED);
}

static bool pair_of(WSAPROTOCOL_INFOW *e, struct util_pair *p)
{
	struct sockaddr_storage ss;
	int len;

	p->client = socket_of(e);
	if (p->client == INVALID_SOCKET || !util_listen(AF_INET, &p->listener, &ss, &len) ||
	    wsp_connect(p->client, (struct sockaddr *)&ss, len))
		return false;
	p->server = wsp_accept(p->listener, NULL, NULL);
	return p->server != INVALID_SOCKET;
}

/* With the module the words arrive; without it the layer's call reached ours. */
static void expect_prefixed(struct __test_metadata *_metadata, struct util_pair *p)
{
	char out[] = "bye", in[64] = "", c;
	WSABUF data = { 3, out }, room = { sizeof(in), in };

	if (WSASendDisconnect(p->client, &data)) {
		EXPECT_EQ(WSAENOPROTOOPT, WSAGetLastError());
		EXPECT_EQ(0, access("/proc/net/wsp_stat", F_OK) + 1);
		return;
	}
	EXPECT_EQ(0, access("/proc/net/wsp_stat", F_OK));
	EXPECT_EQ(0, wsp_recv(p->server, &c, 1, 0));
	EXPECT_EQ(0, WSARecvDisconnect(p->server, &room));
	EXPECT_EQ(10, room.len);
	EXPECT_EQ(0, memcmp(in, "layer: bye", 10));
}

TEST_F(provider, CE_2_a_layer_supplies_what_the_profile_lacks)
{
	char out[] = "bye", in[64] = "";
	WSABUF data = { 3, out };
	WSAPROTOCOL_INFOW e;
	struct util_pair p;
	int err;

	setenv("WSP_PROFILE", "ce", 1);
	util_start();
	ASSERT_EQ(0, install(&self->guid, self->path, "prefix", &err));
	ASSERT_TRUE(find("prefix", &e));
	ASSERT_TRUE(pair_of(&e, &p));
	EXPECT_EQ(0, WSASendDisconnect(p.client, &data));
	EXPECT_EQ(10, wsp_recv(p.server, in, sizeof(in), WS_MSG_WAITALL));
	EXPECT_EQ(0, strcmp(in, "layer: bye"));
	/* The other end is the profile's. */
	EXPECT_EQ(WSASYSCALLFAILURE, util_err(WSASendDisconnect(p.server, NULL)));
	EXPECT_EQ(0, closesocket(p.client));
	EXPECT_EQ(0, closesocket(p.server));
}

TEST_F(provider, a_layer_is_installed_and_called)
{
	WSAPROTOCOL_INFOW e;
	struct util_pair p;
	int err;

	util_start();
	ASSERT_EQ(0, install(&self->guid, self->path, "prefix", &err));
	EXPECT_EQ(0, err);
	ASSERT_TRUE(find("prefix", &e));
	EXPECT_EQ(0, memcmp(&e.ProviderId, &layer_guid, sizeof(layer_guid)));
	ASSERT_TRUE(pair_of(&e, &p));
	expect_prefixed(_metadata, &p);
	EXPECT_EQ(0, closesocket(p.client));
	EXPECT_EQ(WSAENOTSOCK, util_err(closesocket(p.client)));
	/* Ours are as before. */
	ASSERT_TRUE(util_pair(AF_INET, &p));
	EXPECT_EQ(0, WSASendDisconnect(p.client, NULL));
}

TEST_F(provider, accepted_sockets_are_the_layers_too)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	struct util_pair p = { 0 };
	int err, len = sizeof(sin);
	WSAPROTOCOL_INFOW e;
	WSABUF none = { 0 };

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	util_start();
	ASSERT_EQ(0, install(&self->guid, self->path, "mute", &err));
	ASSERT_TRUE(find("mute", &e));
	p.listener = socket_of(&e);
	ASSERT_EQ(0, wsp_bind(p.listener, (struct sockaddr *)&sin, sizeof(sin)));
	ASSERT_EQ(0, wsp_listen(p.listener, 1));
	ASSERT_EQ(0, wsp_getsockname(p.listener, (struct sockaddr *)&sin, &len));
	p.client = wsp_socket(AF_INET, SOCK_STREAM, 0);
	ASSERT_EQ(0, wsp_connect(p.client, (struct sockaddr *)&sin, sizeof(sin)));
	p.server = wsp_accept(p.listener, NULL, NULL);
	ASSERT_NE(INVALID_SOCKET, p.server);
	EXPECT_EQ(WSASYSCALLFAILURE, util_err(WSASendDisconnect(p.server, &none)));
	EXPECT_EQ(0, WSASendDisconnect(p.client, &none));
}

TEST_F(provider, IN_6_a_failure_without_a_code)
{
	WSAPROTOCOL_INFOW e;
	struct util_pair p;
	int err;

	util_start();
	ASSERT_EQ(0, install(&self->guid, self->path, "mute", &err));
	ASSERT_TRUE(find("mute", &e));
	ASSERT_TRUE(pair_of(&e, &p));
	EXPECT_EQ(WSASYSCALLFAILURE, util_err(WSASendDisconnect(p.client, NULL)));
}

TEST_F(provider, a_reused_number_is_not_the_layers)
{
	WSAPROTOCOL_INFOW e;
	SOCKET s;
	int err, fd;

	util_start();
	ASSERT_EQ(0, install(&self->guid, self->path, "mute", &err));
	ASSERT_TRUE(find("mute", &e));
	s = socket_of(&e);
	EXPECT_EQ(WSASYSCALLFAILURE, util_err(WSASendDisconnect(s, NULL)));
	/* Behind the library's back. */
	fd = socket(AF_INET, SOCK_STREAM, 0);
	ASSERT_EQ((int)s, dup2(fd, (int)s));
	EXPECT_EQ(WSAENOTCONN, util_err(WSASendDisconnect(s, NULL)));
}

TEST_F(provider, IN_5_a_provider_that_does_not_start_well)
{
	static const struct {
		const char *name;
		int code;
	} bad[] = {
		{ "refuse", WSAEPROVIDERFAILEDINIT },
		{ "hole", WSAEINVALIDPROCTABLE },
		{ "old", WSAEINVALIDPROVIDER },
	};
	WSAPROTOCOL_INFOW e;
	int err;

	util_start();
	for (int i = 0; i < 3; i++) {
		self->guid.Data1++;
		ASSERT_EQ(0, install(&self->guid, self->path, bad[i].name, &err));
		ASSERT_TRUE(find(bad[i].name, &e));
		EXPECT_EQ(bad[i].code, util_sock_err(socket_of(&e)));
		EXPECT_EQ(bad[i].code, util_sock_err(socket_of(&e)));
	}
	/* Nothing of that concerns others. */
	EXPECT_NE(INVALID_SOCKET, wsp_socket(AF_INET, SOCK_STREAM, 0));
}

TEST_F(provider, IN_5_an_object_that_is_no_provider)
{
	WCHAR path[512];
	WSAPROTOCOL_INFOW e;
	char *end;
	int err;

	util_start();
	widen(path, "/nonexistent.so");
	ASSERT_EQ(0, install(&self->guid, path, "absent", &err));
	ASSERT_TRUE(find("absent", &e));
	EXPECT_EQ(WSAEPROVIDERFAILEDINIT, util_sock_err(socket_of(&e)));
	/* It depends on the library, which has a WSPStartup(). */
	layer_path(self->text, sizeof(self->text));
	end = strrchr(self->text, '/');
	snprintf(end, sizeof(self->text) - (end - self->text), "/provider_empty.so");
	widen(path, self->text);
	self->guid.Data1++;
	ASSERT_EQ(0, install(&self->guid, path, "empty", &err));
	ASSERT_TRUE(find("empty", &e));
	EXPECT_EQ(WSAEPROVIDERFAILEDINIT, util_sock_err(socket_of(&e)));
}

/* The file that keeps the number of such a handle. */
static bool is_placeholder(SOCKET s)
{
	char link[64], target[64] = "";

	snprintf(link, sizeof(link), "/proc/self/fd/%d", (int)s);
	return readlink(link, target, sizeof(target) - 1) > 0 && strstr(target, "wsp-socket");
}

TEST_F(provider, handles_that_are_no_sockets_of_the_kernels)
{
	WSAPROTOCOL_INFOW e;
	char buf[8] = "";
	SOCKET s, t;
	int err;

	util_start();
	ASSERT_EQ(0, install(&self->guid, self->path, "own", &err));
	ASSERT_TRUE(find("own", &e));
	s = socket_of(&e);
	t = socket_of(&e);
	ASSERT_NE(INVALID_SOCKET, s);
	ASSERT_NE(INVALID_SOCKET, t);
	EXPECT_EQ(5, wsp_send(s, "first", 5, 0));
	EXPECT_EQ(6, wsp_send(t, "second", 6, 0));
	EXPECT_EQ(5, wsp_recv(s, buf, sizeof(buf), 0));
	EXPECT_EQ(0, memcmp(buf, "first", 5));
	EXPECT_EQ(-1, send((int)s, "x", 1, MSG_NOSIGNAL));
	EXPECT_EQ(ENOTSOCK, errno);
	EXPECT_EQ(WSAENOTSOCK, util_err(wsp_listen(s, 1)));
	EXPECT_EQ(0, closesocket(s));
	EXPECT_EQ(WSAENOTSOCK, util_err(wsp_send(s, "x", 1, 0)));
	EXPECT_EQ(WSAENOTSOCK, util_err(closesocket(s)));
	EXPECT_TRUE(is_placeholder(t));
	EXPECT_FALSE(is_placeholder(s));
	/* IN_1: the last clean-up takes what is left, of whatever provider. */
	EXPECT_EQ(0, WSACleanup());
	EXPECT_FALSE(is_placeholder(t));
	util_start();
	EXPECT_EQ(WSAENOTSOCK, util_err(wsp_send(t, "x", 1, 0)));
}

TEST_F(provider, IN_1_last_cleanup_ends_the_layers_sockets)
{
	WSAPROTOCOL_INFOW e;
	struct util_pair p;
	int err, end;
	char c;

	util_start();
	ASSERT_EQ(0, install(&self->guid, self->path, "prefix", &err));
	ASSERT_TRUE(find("prefix", &e));
	ASSERT_TRUE(pair_of(&e, &p));
	end = dup((int)p.server);
	util_start();
	EXPECT_EQ(0, WSACleanup());
	EXPECT_EQ(1, wsp_send(p.client, "x", 1, 0));
	EXPECT_EQ(1, recv(end, &c, 1, 0));
	EXPECT_EQ(0, WSACleanup());
	EXPECT_EQ(0, recv(end, &c, 1, 0));
	/* And it starts again. */
	util_start();
	ASSERT_TRUE(pair_of(&e, &p));
	expect_prefixed(_metadata, &p);
}

TEST_F(provider, a_chain_stands_on_the_entry_it_names)
{
	WSAPROTOCOL_INFOW list[MAX_ENTRIES], e[2], got;
	struct util_pair p;
	int err, n;

	util_start();
	n = list_all(list);
	ASSERT_LE(2, n);
	e[0] = entry_of("layer", &list[0]);
	e[0].ProtocolChain.ChainLen = LAYERED_PROTOCOL;
	ASSERT_EQ(0, WSCInstallProvider(&self->guid, self->path, e, 1, &err));
	ASSERT_TRUE(find("layer", &got));
	EXPECT_EQ(LAYERED_PROTOCOL, got.ProtocolChain.ChainLen);
	e[1] = entry_of("prefix", &list[0]);
	e[1].ProtocolChain.ChainLen = 2;
	e[1].ProtocolChain.ChainEntries[0] = got.dwCatalogEntryId;
	e[1].ProtocolChain.ChainEntries[1] = list[0].dwCatalogEntryId;
	self->guid.Data1++;
	ASSERT_EQ(0, WSCInstallProvider(&self->guid, self->path, &e[1], 1, &err));
	ASSERT_TRUE(find("prefix", &got));
	EXPECT_EQ(2, got.ProtocolChain.ChainLen);
	EXPECT_EQ(list[0].dwCatalogEntryId, got.ProtocolChain.ChainEntries[1]);
	ASSERT_TRUE(pair_of(&got, &p));
	expect_prefixed(_metadata, &p);
}

TEST_F(provider, IN_3_applications_see_chains_but_no_layers)
{
	WSAPROTOCOL_INFOW list[MAX_ENTRIES], e[3];
	DWORD len = sizeof(list);
	int err, n;

	util_start();
	n = WSAEnumProtocolsW(NULL, list, &len);
	ASSERT_LE(2, n);
	e[0] = entry_of("layer", &list[0]);
	e[0].ProtocolChain.ChainLen = LAYERED_PROTOCOL;
	e[1] = entry_of("hidden", &list[0]);
	e[1].dwProviderFlags |= PFL_HIDDEN;
	e[2] = entry_of("range", &list[0]);
	e[2].iProtocol = 200;
	e[2].iProtocolMaxOffset = 5;
	ASSERT_EQ(0, WSCInstallProvider(&self->guid, self->path, e, 3, &err));
	len = sizeof(list);
	EXPECT_EQ(n + 1, WSAEnumProtocolsW(NULL, list, &len));
	EXPECT_EQ('r', list[n].szProtocol[0]);
	EXPECT_EQ(1, WSAEnumProtocolsW((int[]){ 205, 0 }, list, &len));
	EXPECT_EQ(0, WSAEnumProtocolsW((int[]){ 206, 0 }, list, &len));
}

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

TEST_F(provider, a_layers_socket_duplicated)
{
	WSAPROTOCOL_INFOW e, info;
	struct util_pair p;
	SOCKET s;
	int err;

	util_start();
	ASSERT_EQ(0, install(&self->guid, self->path, "prefix", &err));
	ASSERT_TRUE(find("prefix", &e));
	ASSERT_TRUE(pair_of(&e, &p));
	ASSERT_EQ(0, WSADuplicateSocketW(p.client, getpid(), &info));
	EXPECT_EQ(e.dwCatalogEntryId, info.dwCatalogEntryId);
	s = socket_of(&info);
	ASSERT_NE(INVALID_SOCKET, s);
	EXPECT_EQ(0, closesocket(p.client));
	p.client = s;
	expect_prefixed(_metadata, &p);
}

TEST_HARNESS_MAIN
