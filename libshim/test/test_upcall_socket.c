// SPDX-License-Identifier: LGPL-2.1-or-later
/* Upcalls that deal with socket handles, from both sides. */
#include <fcntl.h>
#include <kselftest_harness.h>
#include <netinet/in.h>
#include <stdlib.h>

#include "catalog.h"
#include "internal.h"
#include "upcall.h"
#include "util.h"

static struct {
	int calls;
	DWORD entry;
	SOCKET proposed;
	bool refuse;
} seen;

static SOCKET modify(DWORD entry_id, SOCKET proposed, int *err)
{
	seen.calls++;
	seen.entry = entry_id;
	seen.proposed = proposed;
	*err = seen.refuse ? WSAEMFILE : 0;
	return seen.refuse ? INVALID_SOCKET : proposed;
}

FIXTURE(client)
{
	WSPPROC_TABLE t;
	WSAPROTOCOL_INFOW plain;
};

FIXTURE_SETUP(client)
{
	WSPUPCALLTABLE upcalls = { .lpWPUModifyIFSHandle = modify };
	WSPDATA data;

	setenv("WSP_PROVIDERS", "/nonexistent/providers.conf", 1);
	wsp_catalog_refresh();
	memset(&seen, 0, sizeof(seen));
	ASSERT_TRUE(wsp_catalog_by_id(1002, &self->plain));
	ASSERT_EQ(0, WSPStartup(MAKEWORD(2, 2), &data, &self->plain, upcalls, &self->t));
}

FIXTURE_TEARDOWN(client)
{
}

static SOCKET client_socket(const WSPPROC_TABLE *t, WSAPROTOCOL_INFOW *info, int *err)
{
	return t->lpWSPSocket(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, info, 0,
			      WSA_FLAG_OVERLAPPED, err);
}

TEST_F(client, is_told_of_each_socket)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	int err = -1, len = sizeof(sin);
	SOCKET l, c, s;

	l = client_socket(&self->t, &self->plain, &err);
	ASSERT_NE(INVALID_SOCKET, l);
	EXPECT_EQ(0, err);
	EXPECT_EQ(1, seen.calls);
	EXPECT_EQ(l, seen.proposed);
	EXPECT_EQ(1002, seen.entry);
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ASSERT_EQ(0, self->t.lpWSPBind(l, (struct sockaddr *)&sin, sizeof(sin), &err));
	ASSERT_EQ(0, self->t.lpWSPListen(l, 1, &err));
	ASSERT_EQ(0, self->t.lpWSPGetSockName(l, (struct sockaddr *)&sin, &len, &err));
	c = self->t.lpWSPSocket(AF_INET, SOCK_DGRAM, 0, NULL, 0, 0, &err);
	EXPECT_EQ(1003, seen.entry);
	EXPECT_EQ(0, self->t.lpWSPCloseSocket(c, &err));
	c = client_socket(&self->t, &self->plain, &err);
	ASSERT_EQ(0, self->t.lpWSPConnect(c, (struct sockaddr *)&sin, sizeof(sin), NULL, NULL,
					  NULL, NULL, &err));
	s = self->t.lpWSPAccept(l, NULL, NULL, NULL, 0, &err);
	ASSERT_NE(INVALID_SOCKET, s);
	EXPECT_EQ(4, seen.calls);
	EXPECT_EQ(s, seen.proposed);
	EXPECT_EQ(1002, seen.entry);
}

TEST_F(client, refuses)
{
	int err = 0;

	seen.refuse = true;
	EXPECT_EQ(INVALID_SOCKET, client_socket(&self->t, &self->plain, &err));
	EXPECT_EQ(WSAEMFILE, err);
	EXPECT_EQ(SOCKET_ERROR, self->t.lpWSPSendDisconnect(seen.proposed, NULL, &err));
	EXPECT_EQ(WSAENOTSOCK, err);
}

TEST(the_librarys_own_upcalls_look_at_their_arguments)
{
	WSPUPCALLTABLE up;
	DWORD_PTR context;
	int err, fd;

	setenv("WSP_PROVIDERS", "/nonexistent/providers.conf", 1);
	util_start();
	wsp_upcall_own(&up);
	EXPECT_EQ(INVALID_SOCKET, up.lpWPUCreateSocketHandle(4711, 0, &err));
	EXPECT_EQ(WSAEINVAL, err);
	/* The library's own sockets are the kernel's. */
	EXPECT_EQ(INVALID_SOCKET, up.lpWPUCreateSocketHandle(1002, 0, &err));
	EXPECT_EQ(WSAEINVAL, err);
	EXPECT_EQ(INVALID_SOCKET, up.lpWPUModifyIFSHandle(4711, 0, &err));
	EXPECT_EQ(WSAEINVAL, err);
	EXPECT_EQ(INVALID_SOCKET, up.lpWPUModifyIFSHandle(1011, INVALID_SOCKET, &err));
	EXPECT_EQ(WSAENOTSOCK, err);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	EXPECT_EQ(fd, up.lpWPUModifyIFSHandle(1002, fd, &err));
	EXPECT_EQ(0, err);
	EXPECT_EQ(WSAENOTCONN, util_err(WSASendDisconnect(fd, NULL)));
	EXPECT_EQ(fd, up.lpWPUModifyIFSHandle(1011, fd, &err));
	EXPECT_EQ(WSASYSCALLFAILURE, util_err(WSASendDisconnect(fd, NULL)));
	EXPECT_EQ(SOCKET_ERROR, up.lpWPUQuerySocketHandleContext(fd, &context, &err));
	EXPECT_EQ(WSAENOTSOCK, err);
	EXPECT_EQ(SOCKET_ERROR, up.lpWPUCloseSocketHandle(fd, &err));
	EXPECT_EQ(WSAENOTSOCK, err);
	EXPECT_LE(0, fcntl(fd, F_GETFD));
	EXPECT_EQ(SOCKET_ERROR, up.lpWPUCloseSocketHandle(INVALID_SOCKET, NULL));
}

TEST_HARNESS_MAIN
