// SPDX-License-Identifier: LGPL-2.1-or-later
/* Start-up, the provider's table, errors per thread, calls from callbacks. */
#include <kselftest_harness.h>
#include <netinet/in.h>
#include <pthread.h>

#include "internal.h"
#include "upcall.h"
#include "util.h"
#include "wsa.h"

TEST(IN_1_versions)
{
	WSADATA data;

	memset(&data, 0xcc, sizeof(data));
	EXPECT_EQ(WSAVERNOTSUPPORTED, WSAStartup(MAKEWORD(0, 9), &data));
	EXPECT_EQ(WSAEFAULT, WSAStartup(MAKEWORD(2, 2), NULL));
	EXPECT_EQ(WSANOTINITIALISED, util_err(WSACleanup()));
	ASSERT_EQ(0, WSAStartup(MAKEWORD(3, 7), &data));
	EXPECT_EQ(MAKEWORD(2, 2), data.wVersion);
	EXPECT_EQ(MAKEWORD(2, 2), data.wHighVersion);
	ASSERT_EQ(0, WSAStartup(MAKEWORD(1, 1), &data));
	EXPECT_EQ(MAKEWORD(1, 1), data.wVersion);
	ASSERT_EQ(0, WSAStartup(MAKEWORD(1, 0), &data));
	EXPECT_EQ(MAKEWORD(1, 0), data.wVersion);
	ASSERT_EQ(0, WSAStartup(MAKEWORD(2, 0), &data));
	EXPECT_EQ(MAKEWORD(2, 0), data.wVersion);
}

TEST(IN_1_as_many_cleanups_as_startups)
{
	SOCKET s;

	util_start();
	util_start();
	s = wsp_socket(AF_INET, SOCK_STREAM, 0);
	ASSERT_NE(INVALID_SOCKET, s);
	EXPECT_EQ(0, WSACleanup());
	EXPECT_EQ(WSAENOTCONN, util_err(WSASendDisconnect(s, NULL)));
	EXPECT_EQ(0, WSACleanup());
	EXPECT_EQ(WSANOTINITIALISED, util_err(WSACleanup()));
}

TEST(IN_1_last_cleanup_destroys_sockets_but_not_adopted_ones)
{
	struct util_pair p;
	struct linger l;
	socklen_t len = sizeof(l);
	int end, own;

	util_start();
	own = socket(AF_INET, SOCK_STREAM, 0);
	ASSERT_TRUE(util_pair(AF_INET, &p));
	EXPECT_EQ(WSAENOTCONN, util_err(WSASendDisconnect(own, NULL)));
	/* A peer the library does not know, to see the end from. */
	end = dup((int)p.server);
	EXPECT_EQ(0, WSACleanup());
	EXPECT_EQ(-1, getsockopt((int)p.client, SOL_SOCKET, SO_LINGER, &l, &len));
	EXPECT_EQ(ENOTSOCK, errno);
	EXPECT_EQ(0, getsockopt(own, SOL_SOCKET, SO_LINGER, &l, &len));
	EXPECT_TRUE(util_wait_readable(end));
	EXPECT_EQ(0, recv(end, &l, sizeof(l), MSG_DONTWAIT));
}

TEST(SD_9_RD_9_CL_3_nothing_works_before_startup_or_after_cleanup)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	uint32_t arg = 0;
	char c;

	for (int i = 0; i < 2; i++) {
		WSASetLastError(0);
		EXPECT_EQ(WSANOTINITIALISED, util_err(WSASendDisconnect(fd, NULL)));
		EXPECT_EQ(WSANOTINITIALISED, util_err(WSARecvDisconnect(fd, NULL)));
		EXPECT_EQ(WSANOTINITIALISED, util_err(closesocket(fd)));
		EXPECT_EQ(WSANOTINITIALISED, util_err(ioctlsocket(fd, WS_FIONBIO, &arg)));
		EXPECT_EQ(WSANOTINITIALISED, util_err(wsp_send(fd, &c, 1, 0)));
		EXPECT_EQ(WSANOTINITIALISED, util_err(wsp_recv(fd, &c, 1, 0)));
		EXPECT_EQ(WSANOTINITIALISED, util_err(wsp_shutdown(fd, SD_SEND)));
		EXPECT_EQ(WSANOTINITIALISED,
			  util_sock_err(wsp_socket(AF_INET, SOCK_STREAM, 0)));
		/* Whatever else is wrong. */
		EXPECT_EQ(WSANOTINITIALISED, util_err(WSASendDisconnect(-1, UTIL_BAD_PTR)));
		util_start();
		EXPECT_EQ(0, WSACleanup());
	}
}

static void *last_error_thread(void *arg)
{
	int *seen = arg;

	seen[0] = WSAGetLastError();
	WSASetLastError(WSAEALREADY);
	seen[1] = WSAGetLastError();
	return NULL;
}

TEST(IN_2_last_error_is_per_thread_and_needs_no_startup)
{
	int seen[2] = { -1, -1 };
	pthread_t t;

	EXPECT_EQ(0, WSAGetLastError());
	WSASetLastError(WSAEINTR);
	ASSERT_EQ(0, pthread_create(&t, NULL, last_error_thread, seen));
	ASSERT_EQ(0, pthread_join(t, NULL));
	EXPECT_EQ(0, seen[0]);
	EXPECT_EQ(WSAEALREADY, seen[1]);
	EXPECT_EQ(WSAEINTR, WSAGetLastError());
}

TEST(IN_5_provider_startup)
{
	WSAPROTOCOL_INFOW info = { .iVersion = 2 };
	WSPUPCALLTABLE upcalls = { 0 };
	WSPPROC_TABLE table;
	void *entries[30];
	WSPDATA data;
	int err = -1;

	memset(&table, 0, sizeof(table));
	EXPECT_EQ(WSAVERNOTSUPPORTED,
		  WSPStartup(MAKEWORD(2, 1), &data, &info, upcalls, &table));
	EXPECT_EQ(WSAEFAULT, WSPStartup(MAKEWORD(2, 2), NULL, &info, upcalls, &table));
	EXPECT_EQ(WSAEFAULT, WSPStartup(MAKEWORD(2, 2), &data, NULL, upcalls, &table));
	EXPECT_EQ(WSAEFAULT, WSPStartup(MAKEWORD(2, 2), &data, &info, upcalls, NULL));
	ASSERT_EQ(0, WSPStartup(MAKEWORD(2, 2), &data, &info, upcalls, &table));
	EXPECT_EQ(MAKEWORD(2, 2), data.wVersion);
	EXPECT_EQ('W', data.szDescription[0]);
	memcpy(entries, &table, sizeof(table));
	for (int i = 0; i < 30; i++) {
		EXPECT_NE(NULL, entries[i]) {
			TH_LOG("entry %d", i);
		}
	}
	EXPECT_EQ(0, table.lpWSPCleanup(&err));
	EXPECT_EQ(0, err);
	EXPECT_EQ(SOCKET_ERROR, table.lpWSPCleanup(&err));
	EXPECT_EQ(WSANOTINITIALISED, err);
}

TEST(IN_5_newest_upcall_table_wins)
{
	WSAPROTOCOL_INFOW info = { .iVersion = 2 };
	WSPUPCALLTABLE upcalls = { 0 };
	WSPPROC_TABLE table;
	WSPDATA data;

	ASSERT_EQ(0, WSPStartup(MAKEWORD(2, 2), &data, &info, upcalls, &table));
	upcalls.lpWPUPostMessage = (LPWPUPOSTMESSAGE)UTIL_BAD_PTR;
	ASSERT_EQ(0, WSPStartup(MAKEWORD(2, 2), &data, &info, upcalls, &table));
	memset(&upcalls, 0, sizeof(upcalls));
	wsp_upcall_get(&upcalls);
	EXPECT_EQ(UTIL_BAD_PTR, (void *)upcalls.lpWPUPostMessage);
}

TEST(IN_5_entries_not_offered_say_so)
{
	WSPPROC_TABLE t;
	int err;

	wsp_spi_table(&t);
}

TEST(IN_6_failure_without_a_code_is_a_system_call_failure)
{
	const int none = 0;

	EXPECT_EQ(WSASYSCALLFAILURE, util_err(wsa_leave(SOCKET_ERROR, &none)));
	EXPECT_EQ(WSASYSCALLFAILURE, util_sock_err(wsa_leave_socket(INVALID_SOCKET, &none)));
	WSASetLastError(WSAEINTR);
	EXPECT_EQ(7, wsa_leave(7, &none));
	EXPECT_EQ(WSAEINTR, WSAGetLastError());
}

TEST_HARNESS_MAIN
