// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Calls to providers in shared objects.  Linked to the shared library, as a
 * layer and the program must have the same one.
 */
#include "provider_fixture.h"

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
