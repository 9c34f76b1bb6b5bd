/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A connection and an operation on it; for one test program each. */
#ifndef WSP_TEST_OVERLAPPED_H
#define WSP_TEST_OVERLAPPED_H

#include <kselftest_harness.h>
#include <netinet/in.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "engine.h"
#include "overlapped.h"
#include "util.h"

FIXTURE(tcp)
{
	struct util_pair p;
	WSAOVERLAPPED ov;
	WSABUF wb;
	char buf[64];
};

FIXTURE_SETUP(tcp)
{
	util_start();
	ASSERT_TRUE(util_pair(AF_INET, &self->p));
	memset(&self->ov, 0, sizeof(self->ov));
	self->ov.hEvent = WSACreateEvent();
	self->wb.buf = self->buf;
	self->wb.len = sizeof(self->buf);
}

FIXTURE_TEARDOWN(tcp)
{
}

static int test_recv(SOCKET s, WSABUF *wb, WSAOVERLAPPED *ov)
{
	DWORD flags = 0;

	return WSARecv(s, wb, 1, NULL, &flags, ov, NULL) ? WSAGetLastError() : 0;
}

static bool test_wait(WSAOVERLAPPED *ov)
{
	return WSAWaitForMultipleEvents(1, &ov->hEvent, 1, UTIL_SOON_MS, 0) == WSA_WAIT_EVENT_0;
}

/* The operation's result once it is there: bytes, or the negative code. */
static int test_result(SOCKET s, WSAOVERLAPPED *ov)
{
	DWORD count, flags;

	return WSAGetOverlappedResult(s, ov, &count, 1, &flags) ? (int)count : -WSAGetLastError();
}

struct test_thread {
	SOCKET s;
	WSABUF wb;
	WSAOVERLAPPED ov;
	int code;
};

#endif /* WSP_TEST_OVERLAPPED_H */
