/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * For tests that install providers: a catalogue of their own, and ways to find
 * and use what provider_layer.c has.
 */
#ifndef WSP_TEST_PROVIDER_FIXTURE_H
#define WSP_TEST_PROVIDER_FIXTURE_H

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

#endif /* WSP_TEST_PROVIDER_FIXTURE_H */
