// SPDX-License-Identifier: LGPL-2.1-or-later
/* Completion ports. */
#include <kselftest_harness.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "overlapped.h"
#include "util.h"

#define KEY	0x1234567812345678

FIXTURE(port)
{
	struct util_pair p;
	HANDLE port;
	WSAOVERLAPPED ov;
	WSABUF wb;
	char buf[64];
	DWORD count;
	ULONG_PTR key;
	LPWSAOVERLAPPED got;
};

FIXTURE_SETUP(port)
{
	util_start();
	ASSERT_TRUE(util_pair(AF_INET, &self->p));
	memset(&self->ov, 0, sizeof(self->ov));
	self->wb.buf = self->buf;
	self->wb.len = sizeof(self->buf);
	self->port = CreateIoCompletionPort((HANDLE)self->p.server, NULL, KEY, 0);
	ASSERT_NE(NULL, self->port);
}

FIXTURE_TEARDOWN(port)
{
}

#define take(ms) \
	GetQueuedCompletionStatus(self->port, &self->count, &self->key, &self->got, ms)

static int port_recv(SOCKET s, WSABUF *wb, WSAOVERLAPPED *ov)
{
	DWORD flags = 0;

	return WSARecv(s, wb, 1, NULL, &flags, ov, NULL) ? WSAGetLastError() : 0;
}

TEST_F(port, OV_3_a_packet_for_what_is_pending_and_for_what_is_done_at_once)
{
	ASSERT_EQ(WSA_IO_PENDING, port_recv(self->p.server, &self->wb, &self->ov));
	EXPECT_FALSE(take(0));
	EXPECT_EQ(WAIT_TIMEOUT, GetLastError());
	EXPECT_EQ(NULL, self->got);
	ASSERT_EQ(3, wsp_send(self->p.client, "abc", 3, 0));
	ASSERT_TRUE(take(UTIL_SOON_MS));
	EXPECT_EQ(3, self->count);
	EXPECT_EQ(KEY, self->key);
	EXPECT_EQ(&self->ov, self->got);
	ASSERT_EQ(0, WSASend(self->p.server, &self->wb, 1, NULL, 0, &self->ov, NULL));
	ASSERT_TRUE(take(0));
	EXPECT_EQ(sizeof(self->buf), self->count);
	EXPECT_FALSE(take(0));
}

/* Neither at once nor behind a send that waits; the peer sees both. */
TEST_F(port, SD_17_ending_a_direction_queues_no_packet)
{
	WSABUF none = { 0 }, fill = { 65536, calloc(1, 65536) };
	int code, end;

	do {
		memset(&self->ov, 0, sizeof(self->ov));
		code = WSASend(self->p.server, &fill, 1, NULL, 0, &self->ov, NULL);
		ASSERT_TRUE(!code || WSAGetLastError() == WSA_IO_PENDING);
	} while (!code && take(0));
	ASSERT_EQ(SOCKET_ERROR, code);
	EXPECT_EQ(0, WSASendDisconnect(self->p.server, &none));
	EXPECT_FALSE(take(50));
	util_drain(self->p.client, &end);
	EXPECT_EQ(0, end);
	ASSERT_TRUE(take(UTIL_SOON_MS));
	EXPECT_EQ(&self->ov, self->got);
	EXPECT_FALSE(take(50));
	free(fill.buf);
}

static void port_no_routine(DWORD error, DWORD count, LPWSAOVERLAPPED ov, DWORD flags)
{
	(void)error;
	(void)count;
	(void)ov;
	(void)flags;
}

TEST_F(port, OV_5_no_routine_and_the_low_bit_suppresses_the_packet)
{
	WSAEVENT event = WSACreateEvent();
	DWORD flags = 0;

	EXPECT_EQ(WSAEINVAL, util_err(WSARecv(self->p.server, &self->wb, 1, NULL, &flags,
					      &self->ov, port_no_routine)));
	self->ov.hEvent = (WSAEVENT)((uintptr_t)event | 1);
	ASSERT_EQ(WSA_IO_PENDING, port_recv(self->p.server, &self->wb, &self->ov));
	ASSERT_EQ(3, wsp_send(self->p.client, "abc", 3, 0));
	EXPECT_EQ(WSA_WAIT_EVENT_0, WSAWaitForMultipleEvents(1, &event, 1, UTIL_SOON_MS, 0));
	EXPECT_FALSE(take(50));
	self->ov.hEvent = event;
	ASSERT_EQ(0, WSASend(self->p.server, &self->wb, 1, NULL, 0, &self->ov, NULL));
	EXPECT_TRUE(take(0));
	EXPECT_EQ(WSA_WAIT_EVENT_0, WSAWaitForMultipleEvents(1, &event, 1, 0, 0));
}

TEST_F(port, OV_3_notification_modes)
{
	ASSERT_TRUE(SetFileCompletionNotificationModes((HANDLE)self->p.server,
						       FILE_SKIP_COMPLETION_PORT_ON_SUCCESS |
						       FILE_SKIP_SET_EVENT_ON_HANDLE));
	ASSERT_EQ(0, WSASend(self->p.server, &self->wb, 1, NULL, 0, &self->ov, NULL));
	EXPECT_FALSE(take(50));
	ASSERT_EQ(WSA_IO_PENDING, port_recv(self->p.server, &self->wb, &self->ov));
	ASSERT_EQ(3, wsp_send(self->p.client, "abc", 3, 0));
	EXPECT_TRUE(take(UTIL_SOON_MS));
	EXPECT_FALSE(SetFileCompletionNotificationModes((HANDLE)self->p.server, 4));
	EXPECT_FALSE(SetFileCompletionNotificationModes(self->port, 1));
}

TEST_F(port, CL_6_RC_6_failures_come_as_packets)
{
	WSAOVERLAPPED ov2 = { 0 };

	ASSERT_EQ(WSA_IO_PENDING, port_recv(self->p.server, &self->wb, &self->ov));
	ASSERT_TRUE(util_set_linger(self->p.client, 1, 0));
	ASSERT_EQ(0, closesocket(self->p.client));
	EXPECT_FALSE(take(UTIL_SOON_MS));
	EXPECT_EQ(&self->ov, self->got);
	EXPECT_EQ(ERROR_NETNAME_DELETED, GetLastError());
	ASSERT_TRUE(util_pair(AF_INET, &self->p));
	ASSERT_EQ(self->port, CreateIoCompletionPort((HANDLE)self->p.server, self->port, 2, 0));
	ASSERT_EQ(WSA_IO_PENDING, port_recv(self->p.server, &self->wb, &self->ov));
	ASSERT_EQ(WSA_IO_PENDING, port_recv(self->p.server, &self->wb, &ov2));
	ASSERT_EQ(0, closesocket(self->p.server));
	for (int i = 0; i < 2; i++) {
		EXPECT_FALSE(take(UTIL_SOON_MS));
		EXPECT_EQ(i ? &ov2 : &self->ov, self->got);
		EXPECT_EQ(2, self->key);
		EXPECT_EQ(ERROR_OPERATION_ABORTED, GetLastError());
	}
	EXPECT_FALSE(take(50));
	EXPECT_EQ(NULL, self->got);
}

TEST_F(port, OV_3_association)
{
	int fds[2];

	EXPECT_EQ(NULL, CreateIoCompletionPort((HANDLE)self->p.server, self->port, 1, 0));
	EXPECT_EQ(WSA_INVALID_PARAMETER, (int)GetLastError());
	EXPECT_EQ(NULL, CreateIoCompletionPort((HANDLE)self->p.client, (HANDLE)4711, 1, 0));
	EXPECT_EQ(WSA_INVALID_HANDLE, (int)GetLastError());
	EXPECT_EQ(NULL, CreateIoCompletionPort(INVALID_HANDLE_VALUE, self->port, 1, 0));
	ASSERT_EQ(0, pipe(fds));
	EXPECT_EQ(NULL, CreateIoCompletionPort((HANDLE)(intptr_t)fds[0], self->port, 1, 0));
	EXPECT_EQ(WSA_INVALID_HANDLE, (int)GetLastError());
	EXPECT_FALSE(GetQueuedCompletionStatus((HANDLE)4711, &self->count, &self->key, &self->got,
					       0));
	EXPECT_EQ(WSA_INVALID_HANDLE, (int)GetLastError());
}

TEST_F(port, OV_3_posted_packets_come_in_order)
{
	OVERLAPPED_ENTRY e[8];
	ULONG n = 0;

	for (int i = 0; i < 6; i++)
		ASSERT_TRUE(PostQueuedCompletionStatus(self->port, i, 100 + i,
						       (LPWSAOVERLAPPED)(uintptr_t)(i * 8)));
	ASSERT_TRUE(take(0));
	EXPECT_EQ(0, self->count);
	EXPECT_EQ(100, self->key);
	ASSERT_TRUE(GetQueuedCompletionStatusEx(self->port, e, 3, &n, 0, 0));
	ASSERT_EQ(3, n);
	for (int i = 0; i < 3; i++) {
		EXPECT_EQ(101 + i, e[i].lpCompletionKey);
		EXPECT_EQ(1 + i, e[i].dwNumberOfBytesTransferred);
	}
	ASSERT_TRUE(GetQueuedCompletionStatusEx(self->port, e, 8, &n, 0, 0));
	EXPECT_EQ(2, n);
	EXPECT_FALSE(GetQueuedCompletionStatusEx(self->port, e, 8, &n, 0, 0));
	EXPECT_EQ(WAIT_TIMEOUT, GetLastError());
}

static int port_apc_calls;

static void port_apc(ULONG_PTR data)
{
	port_apc_calls += (int)data;
}

TEST_F(port, OV_8_alertable_wait_for_packets)
{
	OVERLAPPED_ENTRY e;
	ULONG n;

	ASSERT_TRUE(QueueUserAPC(port_apc, GetCurrentThread(), 5));
	EXPECT_FALSE(GetQueuedCompletionStatusEx(self->port, &e, 1, &n, 0, 0));
	EXPECT_EQ(0, port_apc_calls);
	EXPECT_FALSE(GetQueuedCompletionStatusEx(self->port, &e, 1, &n, WSA_INFINITE, 1));
	EXPECT_EQ(WAIT_IO_COMPLETION, GetLastError());
	EXPECT_EQ(5, port_apc_calls);
}

struct port_thread {
	HANDLE port;
	pthread_t thread;
	atomic_int ready;
	DWORD error;
	DWORD count;
	LPWSAOVERLAPPED got;
	bool ok;
	int rounds;
};

static void *port_take_one(void *arg)
{
	struct port_thread *t = arg;
	ULONG_PTR key;

	t->ready = 1;
	t->ok = GetQueuedCompletionStatus(t->port, &t->count, &key, &t->got, WSA_INFINITE);
	t->error = t->ok ? 0 : GetLastError();
	return NULL;
}

TEST_F(port, OV_3_closing_the_port_wakes_who_waits)
{
	struct port_thread t[3];

	for (int i = 0; i < 3; i++) {
		t[i] = (struct port_thread){ .port = self->port };
		ASSERT_EQ(0, pthread_create(&t[i].thread, NULL, port_take_one, &t[i]));
		while (!t[i].ready)
			usleep(1000);
	}
	usleep(20000);
	ASSERT_TRUE(CloseHandle(self->port));
	for (int i = 0; i < 3; i++) {
		ASSERT_EQ(0, pthread_join(t[i].thread, NULL));
		EXPECT_FALSE(t[i].ok);
		EXPECT_TRUE(t[i].error == ERROR_ABANDONED_WAIT_0 ||
			    t[i].error == WSA_INVALID_HANDLE);
		EXPECT_EQ(NULL, t[i].got);
	}
	/* What is under way has nowhere to tell of its end. */
	ASSERT_EQ(WSA_IO_PENDING, port_recv(self->p.server, &self->wb, &self->ov));
	EXPECT_EQ(0, closesocket(self->p.server));
	EXPECT_TRUE(HasOverlappedIoCompleted(&self->ov));
}

/* One at a time: the second gets through only if the first is stuck. */
TEST_F(port, OV_3_concurrency_is_limited_but_nothing_stands_still)
{
	struct port_thread t = { 0 };
	HANDLE port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 1);
	DWORD count;
	ULONG_PTR key;
	LPWSAOVERLAPPED got;

	ASSERT_NE(NULL, port);
	t.port = port;
	ASSERT_TRUE(PostQueuedCompletionStatus(port, 1, 0, NULL));
	ASSERT_TRUE(GetQueuedCompletionStatus(port, &count, &key, &got, 0));
	ASSERT_EQ(0, pthread_create(&t.thread, NULL, port_take_one, &t));
	ASSERT_TRUE(PostQueuedCompletionStatus(port, 2, 0, NULL));
	/* This thread does not come back for it. */
	ASSERT_EQ(0, pthread_join(t.thread, NULL));
	EXPECT_TRUE(t.ok);
	EXPECT_EQ(2, t.count);
	ASSERT_TRUE(PostQueuedCompletionStatus(port, 3, 0, NULL));
	ASSERT_TRUE(GetQueuedCompletionStatus(port, &count, &key, &got, 0));
	EXPECT_EQ(3, count);
}

static void *port_worker(void *arg)
{
	struct port_thread *t = arg;
	LPWSAOVERLAPPED got;
	DWORD count;
	ULONG_PTR key;

	while (GetQueuedCompletionStatus(t->port, &count, &key, &got, WSA_INFINITE) && key)
		t->rounds++;
	return NULL;
}

TEST_F(port, OV_3_many_threads_no_packet_lost)
{
	enum { THREADS = 6, PACKETS = 20000 };
	struct port_thread t[THREADS];
	int sum = 0;

	for (int i = 0; i < THREADS; i++) {
		t[i] = (struct port_thread){ .port = self->port };
		ASSERT_EQ(0, pthread_create(&t[i].thread, NULL, port_worker, &t[i]));
	}
	for (int i = 0; i < PACKETS; i++)
		ASSERT_TRUE(PostQueuedCompletionStatus(self->port, 0, 1, NULL));
	for (int i = 0; i < THREADS; i++)
		ASSERT_TRUE(PostQueuedCompletionStatus(self->port, 0, 0, NULL));
	for (int i = 0; i < THREADS; i++) {
		ASSERT_EQ(0, pthread_join(t[i].thread, NULL));
		sum += t[i].rounds;
	}
	EXPECT_EQ(PACKETS, sum);
}

TEST_F(port, OV_1_order_of_packets_is_the_order_of_data)
{
	enum { OPS = 200 };
	static WSAOVERLAPPED ov[OPS];
	static char buf[OPS];
	static char out[OPS];

	for (int i = 0; i < OPS; i++)
		out[i] = (char)i;
	for (int i = 0; i < OPS / 2; i++)
		ASSERT_EQ(WSA_IO_PENDING, port_recv(self->p.server, &(WSABUF){ 1, &buf[i] },
						    &ov[i]));
	ASSERT_EQ(OPS, wsp_send(self->p.client, out, OPS, 0));
	for (int i = OPS / 2; i < OPS; i++) {
		int code = port_recv(self->p.server, &(WSABUF){ 1, &buf[i] }, &ov[i]);

		ASSERT_TRUE(!code || code == WSA_IO_PENDING);
	}
	for (int i = 0; i < OPS; i++) {
		ASSERT_TRUE(take(UTIL_SOON_MS));
		ASSERT_EQ(&ov[i], self->got);
		ASSERT_EQ((char)i, buf[i]);
	}
}

TEST_F(port, fork_keeps_the_association)
{
	int status;
	pid_t pid = fork();

	ASSERT_LE(0, pid);
	if (!pid) {
		/* Done at once, so no engine is needed. */
		if (WSASend(self->p.server, &self->wb, 1, NULL, 0, &self->ov, NULL))
			_exit(1);
		_exit(take(0) && self->key == KEY ? 0 : 2);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	EXPECT_FALSE(take(0));
}

TEST_HARNESS_MAIN
