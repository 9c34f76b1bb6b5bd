// SPDX-License-Identifier: LGPL-2.1-or-later
/* Overlapped transfers: events, routines, results, cancelling. */
#include <sys/wait.h>

#include "fixture_overlapped.h"

TEST_F(tcp, OV_1_pending_incomplete_then_the_event_is_set)
{
	DWORD count = 77, flags = 77;

	ASSERT_TRUE(WSASetEvent(self->ov.hEvent));
	ASSERT_EQ(WSA_IO_PENDING, test_recv(self->p.server, &self->wb, &self->ov));
	EXPECT_EQ(WSA_WAIT_TIMEOUT, WSAWaitForMultipleEvents(1, &self->ov.hEvent, 1, 0, 0));
	EXPECT_FALSE(WSAGetOverlappedResult(self->p.server, &self->ov, &count, 0, &flags));
	EXPECT_EQ(WSA_IO_INCOMPLETE, WSAGetLastError());
	EXPECT_EQ(77, count);
	EXPECT_FALSE(HasOverlappedIoCompleted(&self->ov));
	EXPECT_EQ(STATUS_PENDING, (DWORD)__atomic_load_n(&self->ov.Internal, __ATOMIC_RELAXED));
	ASSERT_EQ(5, wsp_send(self->p.client, "hello", 5, 0));
	ASSERT_TRUE(test_wait(&self->ov));
	ASSERT_TRUE(WSAGetOverlappedResult(self->p.server, &self->ov, &count, 0, &flags));
	EXPECT_EQ(5, count);
	EXPECT_EQ(0, flags);
	EXPECT_EQ(0, memcmp(self->buf, "hello", 5));
	EXPECT_TRUE(HasOverlappedIoCompleted(&self->ov));
	if (getenv("WSP_TEST_ENGINE"))
		EXPECT_STREQ(getenv("WSP_TEST_ENGINE"), wsp_engine_name());
}

TEST_F(tcp, OV_2_another_immediate_error_has_no_completion)
{
	ASSERT_EQ(0, WSARecvDisconnect(self->p.server, NULL));
	EXPECT_EQ(WSAESHUTDOWN, test_recv(self->p.server, &self->wb, &self->ov));
	EXPECT_EQ(WSA_WAIT_TIMEOUT, WSAWaitForMultipleEvents(1, &self->ov.hEvent, 1, 100, 0));
	self->ov.hEvent = (WSAEVENT)0x1234;
	EXPECT_EQ(WSA_INVALID_HANDLE, test_recv(self->p.client, &self->wb, &self->ov));
	EXPECT_EQ(WSAENOTSOCK, test_recv(4711, &self->wb, &self->ov));
}

TEST_F(tcp, OV_3_done_at_once_the_event_is_set_all_the_same)
{
	DWORD count = 0;

	ASSERT_EQ(0, WSASend(self->p.client, &self->wb, 1, &count, 0, &self->ov, NULL));
	EXPECT_EQ(sizeof(self->buf), count);
	EXPECT_TRUE(test_wait(&self->ov));
	EXPECT_EQ(sizeof(self->buf), test_result(self->p.client, &self->ov));
	ASSERT_TRUE(util_wait_readable(self->p.server));
	ASSERT_EQ(0, test_recv(self->p.server, &self->wb, &self->ov));
	EXPECT_TRUE(test_wait(&self->ov));
}

TEST_F(tcp, OV_4_the_array_of_buffers_is_captured)
{
	char one[4] = "", two[4] = "";
	WSABUF wb[2] = { { 4, one }, { 4, two } };
	DWORD flags = 0;

	ASSERT_EQ(SOCKET_ERROR, WSARecv(self->p.server, wb, 2, NULL, &flags, &self->ov, NULL));
	ASSERT_EQ(WSA_IO_PENDING, WSAGetLastError());
	memset(wb, 0xcc, sizeof(wb));
	ASSERT_EQ(8, wsp_send(self->p.client, "abcdefgh", 8, 0));
	EXPECT_EQ(8, test_result(self->p.server, &self->ov));
	EXPECT_EQ(0, memcmp(one, "abcd", 4));
	EXPECT_EQ(0, memcmp(two, "efgh", 4));
}

TEST_F(tcp, OV_6_failure_leaves_the_count_alone)
{
	DWORD count = 77, flags = 77;

	ASSERT_EQ(WSA_IO_PENDING, test_recv(self->p.server, &self->wb, &self->ov));
	ASSERT_TRUE(CancelIoEx((HANDLE)self->p.server, &self->ov));
	ASSERT_TRUE(test_wait(&self->ov));
	EXPECT_FALSE(WSAGetOverlappedResult(self->p.server, &self->ov, &count, 1, &flags));
	EXPECT_EQ(WSA_OPERATION_ABORTED, WSAGetLastError());
	EXPECT_EQ(77, count);
	EXPECT_EQ(77, flags);
	EXPECT_EQ(0, self->ov.InternalHigh);
}

TEST_F(tcp, OV_1_several_receives_in_order)
{
	WSAOVERLAPPED ov[8] = { 0 };
	char buf[8][4];

	for (int i = 0; i < 8; i++) {
		WSABUF wb = { 4, buf[i] };

		ASSERT_EQ(WSA_IO_PENDING, test_recv(self->p.server, &wb, &ov[i]));
	}
	ASSERT_EQ(32, wsp_send(self->p.client, "aaaabbbbccccddddeeeeffffgggghhhh", 32, 0));
	for (int i = 0; i < 8; i++) {
		ASSERT_EQ(4, test_result(self->p.server, &ov[i]));
		EXPECT_EQ('a' + i, buf[i][0]);
		EXPECT_EQ('a' + i, buf[i][3]);
	}
}

TEST_F(tcp, OV_1_a_large_send_goes_out_whole_and_in_order)
{
	const size_t len = 32 << 20;
	char *out = malloc(len), *in = malloc(len);
	WSABUF wb = { (ULONG)(len / 2), out }, wb2 = { (ULONG)(len / 2), out + len / 2 };
	WSAOVERLAPPED ov2 = { 0 };
	size_t got = 0;

	for (size_t i = 0; i < len; i++)
		out[i] = (char)(i * 7 + i / 251);
	ASSERT_EQ(SOCKET_ERROR, WSASend(self->p.client, &wb, 1, NULL, 0, &self->ov, NULL));
	ASSERT_EQ(WSA_IO_PENDING, WSAGetLastError());
	ASSERT_EQ(SOCKET_ERROR, WSASend(self->p.client, &wb2, 1, NULL, 0, &ov2, NULL));
	ASSERT_EQ(WSA_IO_PENDING, WSAGetLastError());
	while (got < len) {
		int n = wsp_recv(self->p.server, in + got, (int)(len - got), 0);

		ASSERT_GT(n, 0);
		got += n;
	}
	EXPECT_EQ(0, memcmp(out, in, len));
	EXPECT_EQ(len / 2, test_result(self->p.client, &self->ov));
	EXPECT_EQ(len / 2, test_result(self->p.client, &ov2));
}

TEST_F(tcp, OV_1_receive_without_room_waits_for_data)
{
	WSABUF none = { 0, self->buf };

	ASSERT_EQ(WSA_IO_PENDING, test_recv(self->p.server, &none, &self->ov));
	EXPECT_EQ(WSA_WAIT_TIMEOUT, WSAWaitForMultipleEvents(1, &self->ov.hEvent, 1, 100, 0));
	ASSERT_EQ(1, wsp_send(self->p.client, "x", 1, 0));
	ASSERT_TRUE(test_wait(&self->ov));
	EXPECT_EQ(0, test_result(self->p.server, &self->ov));
	EXPECT_EQ(1, wsp_recv(self->p.server, self->buf, 1, 0));
}

TEST_F(tcp, RC_1_the_end_of_the_stream_completes_with_0)
{
	ASSERT_EQ(WSA_IO_PENDING, test_recv(self->p.server, &self->wb, &self->ov));
	ASSERT_EQ(0, closesocket(self->p.client));
	ASSERT_TRUE(test_wait(&self->ov));
	EXPECT_EQ(0, test_result(self->p.server, &self->ov));
}

TEST_F(tcp, RC_5_shutdown_lets_a_pending_receive_complete)
{
	WSAOVERLAPPED ov2 = { 0 };

	ASSERT_EQ(WSA_IO_PENDING, test_recv(self->p.server, &self->wb, &self->ov));
	ASSERT_EQ(0, wsp_shutdown(self->p.server, SD_RECEIVE));
	EXPECT_EQ(WSAESHUTDOWN, test_recv(self->p.server, &self->wb, &ov2));
	ASSERT_EQ(2, wsp_send(self->p.client, "ok", 2, 0));
	EXPECT_EQ(2, test_result(self->p.server, &self->ov));
}

TEST_F(tcp, RC_6_reset_completes_a_pending_receive_with_an_error)
{
	ASSERT_EQ(WSA_IO_PENDING, test_recv(self->p.server, &self->wb, &self->ov));
	ASSERT_TRUE(util_set_linger(self->p.client, 1, 0));
	ASSERT_EQ(0, closesocket(self->p.client));
	EXPECT_EQ(-WSAECONNRESET, test_result(self->p.server, &self->ov));
	EXPECT_EQ(WSAECONNRESET, test_recv(self->p.server, &self->wb, &self->ov));
}

static struct {
	int calls;
	DWORD error;
	DWORD count;
	LPWSAOVERLAPPED ov;
	pthread_t thread;
	int disc_error;
} test_routine_seen;

static void test_routine(DWORD error, DWORD count, LPWSAOVERLAPPED ov, DWORD flags)
{
	(void)flags;
	test_routine_seen.calls++;
	test_routine_seen.error = error;
	test_routine_seen.count = count;
	test_routine_seen.ov = ov;
	test_routine_seen.thread = pthread_self();
	test_routine_seen.disc_error = util_err(WSASendDisconnect((SOCKET)ov->hEvent, NULL));
}

TEST_F(tcp, OV_8_routine_runs_in_an_alertable_wait_only)
{
	DWORD flags = 0;

	memset(&test_routine_seen, 0, sizeof(test_routine_seen));
	/* The event is the application's own then. */
	self->ov.hEvent = (WSAEVENT)self->p.server;
	ASSERT_EQ(SOCKET_ERROR, WSARecv(self->p.server, &self->wb, 1, NULL, &flags, &self->ov,
					test_routine));
	ASSERT_EQ(WSA_IO_PENDING, WSAGetLastError());
	ASSERT_EQ(3, wsp_send(self->p.client, "abc", 3, 0));
	EXPECT_EQ(3, test_result(self->p.server, &self->ov));
	Sleep(50);
	EXPECT_EQ(0, test_routine_seen.calls);
	EXPECT_EQ(WSA_WAIT_IO_COMPLETION, SleepEx(UTIL_SOON_MS, 1));
	EXPECT_EQ(1, test_routine_seen.calls);
	EXPECT_EQ(0, test_routine_seen.error);
	EXPECT_EQ(3, test_routine_seen.count);
	EXPECT_EQ(&self->ov, test_routine_seen.ov);
	EXPECT_TRUE(pthread_equal(pthread_self(), test_routine_seen.thread));
	/* SD-8 */
	EXPECT_EQ(WSAEINPROGRESS, test_routine_seen.disc_error);
	EXPECT_EQ(0, WSASendDisconnect(self->p.server, NULL));
}

TEST_F(tcp, OV_3_OV_8_routine_runs_for_what_is_done_at_once_too)
{
	DWORD count;

	memset(&test_routine_seen, 0, sizeof(test_routine_seen));
	ASSERT_EQ(0, WSASend(self->p.client, &self->wb, 1, &count, 0, &self->ov, test_routine));
	EXPECT_EQ(0, test_routine_seen.calls);
	EXPECT_EQ(WSA_WAIT_IO_COMPLETION, SleepEx(0, 1));
	EXPECT_EQ(1, test_routine_seen.calls);
	EXPECT_EQ(sizeof(self->buf), test_routine_seen.count);
}

static struct {
	SOCKET s;
	WSABUF wb;
	int left;
} test_chain;

static void test_chain_routine(DWORD error, DWORD count, LPWSAOVERLAPPED ov, DWORD flags)
{
	(void)count;
	flags = 0;
	if (!error && --test_chain.left)
		WSARecv(test_chain.s, &test_chain.wb, 1, NULL, &flags, ov, test_chain_routine);
	else if (!error)
		closesocket(test_chain.s);
}

TEST_F(tcp, OV_8_a_routine_may_receive_and_close)
{
	DWORD flags = 0;

	test_chain.s = self->p.server;
	test_chain.wb = self->wb;
	test_chain.left = 10;
	WSARecv(self->p.server, &self->wb, 1, NULL, &flags, &self->ov, test_chain_routine);
	for (int i = 0; i < 10; i++) {
		ASSERT_EQ(1, wsp_send(self->p.client, "x", 1, 0));
		ASSERT_EQ(WSA_WAIT_IO_COMPLETION, SleepEx(UTIL_SOON_MS, 1));
	}
	EXPECT_EQ(0, test_chain.left);
	EXPECT_EQ(0, wsp_recv(self->p.client, self->buf, 1, 0));
}

TEST_F(tcp, CL_6_close_aborts_what_is_pending)
{
	memset(&test_routine_seen, 0, sizeof(test_routine_seen));
	ASSERT_EQ(WSA_IO_PENDING, test_recv(self->p.server, &self->wb, &self->ov));
	ASSERT_EQ(0, closesocket(self->p.server));
	ASSERT_TRUE(test_wait(&self->ov));
	EXPECT_EQ(0xc0000120, self->ov.Internal);
	EXPECT_EQ(0, wsp_recv(self->p.client, self->buf, 1, 0));
	EXPECT_EQ(WSAENOTSOCK, test_recv(self->p.server, &self->wb, &self->ov));
}

TEST_F(tcp, CL_6_close_runs_the_routine)
{
	DWORD flags = 0;

	memset(&test_routine_seen, 0, sizeof(test_routine_seen));
	WSARecv(self->p.server, &self->wb, 1, NULL, &flags, &self->ov, test_routine);
	ASSERT_EQ(0, closesocket(self->p.server));
	EXPECT_EQ(WSA_WAIT_IO_COMPLETION, SleepEx(UTIL_SOON_MS, 1));
	EXPECT_EQ(1, test_routine_seen.calls);
	EXPECT_EQ(WSA_OPERATION_ABORTED, test_routine_seen.error);
	EXPECT_EQ(0, SleepEx(50, 1));
}

TEST_F(tcp, CL_14_refused_close_leaves_operations_alone)
{
	util_fill(self->p.server);
	ASSERT_TRUE(util_set_linger(self->p.server, 1, 60));
	ASSERT_TRUE(util_set_nonblocking(self->p.server, true));
	ASSERT_EQ(WSA_IO_PENDING, test_recv(self->p.server, &self->wb, &self->ov));
	EXPECT_EQ(WSAEWOULDBLOCK, util_err(closesocket(self->p.server)));
	EXPECT_FALSE(HasOverlappedIoCompleted(&self->ov));
	ASSERT_EQ(2, wsp_send(self->p.client, "ok", 2, 0));
	EXPECT_EQ(2, test_result(self->p.server, &self->ov));
}

static void *test_start_and_exit(void *arg)
{
	struct test_thread *t = arg;

	t->code = test_recv(t->s, &t->wb, &t->ov);
	return NULL;
}

TEST_F(tcp, OV_7_end_of_the_thread_cancels)
{
	struct test_thread t = { .s = self->p.server, .wb = self->wb };
	pthread_t thread;

	t.ov.hEvent = self->ov.hEvent;
	ASSERT_EQ(0, pthread_create(&thread, NULL, test_start_and_exit, &t));
	ASSERT_EQ(0, pthread_join(thread, NULL));
	EXPECT_EQ(WSA_IO_PENDING, t.code);
	ASSERT_TRUE(test_wait(&t.ov));
	EXPECT_EQ(-WSA_OPERATION_ABORTED, test_result(self->p.server, &t.ov));
}

TEST_F(tcp, OV_7_CancelIo_cancels_this_thread_s_only)
{
	WSAOVERLAPPED mine = { 0 };
	struct test_thread t = { .s = self->p.server, .wb = self->wb };
	HANDLE port = CreateIoCompletionPort((HANDLE)self->p.server, NULL, 7, 0);
	pthread_t thread;

	/* With a port an operation outlives its thread. */
	ASSERT_NE(NULL, port);
	ASSERT_EQ(0, pthread_create(&thread, NULL, test_start_and_exit, &t));
	ASSERT_EQ(0, pthread_join(thread, NULL));
	ASSERT_EQ(WSA_IO_PENDING, test_recv(self->p.server, &self->wb, &mine));
	ASSERT_TRUE(CancelIo((HANDLE)self->p.server));
	EXPECT_EQ(-WSA_OPERATION_ABORTED, test_result(self->p.server, &mine));
	EXPECT_FALSE(HasOverlappedIoCompleted(&t.ov));
	ASSERT_TRUE(CancelIoEx((HANDLE)self->p.server, NULL));
	EXPECT_EQ(-WSA_OPERATION_ABORTED, test_result(self->p.server, &t.ov));
	EXPECT_FALSE(CancelIoEx((HANDLE)self->p.server, NULL));
	EXPECT_EQ(ERROR_NOT_FOUND, GetLastError());
	EXPECT_FALSE(CancelIoEx((HANDLE)4711, NULL));
	EXPECT_EQ(WSA_INVALID_HANDLE, (int)GetLastError());
}

TEST_F(tcp, OV_1_plain_calls_queue_behind_overlapped_ones)
{
	WSAOVERLAPPED ov = { 0 };
	char c = 0;

	ASSERT_EQ(WSA_IO_PENDING, test_recv(self->p.server, &(WSABUF){ 1, self->buf }, &ov));
	ASSERT_TRUE(util_set_nonblocking(self->p.server, true));
	EXPECT_EQ(WSAEWOULDBLOCK, util_err(wsp_recv(self->p.server, &c, 1, 0)));
	ASSERT_TRUE(util_set_nonblocking(self->p.server, false));
	ASSERT_EQ(2, wsp_send(self->p.client, "ab", 2, 0));
	EXPECT_EQ(1, wsp_recv(self->p.server, &c, 1, 0));
	EXPECT_EQ('b', c);
	EXPECT_EQ(1, test_result(self->p.server, &ov));
	EXPECT_EQ('a', self->buf[0]);
}

TEST_F(tcp, OV_1_a_nonblocking_socket_waits_as_well)
{
	ASSERT_TRUE(util_set_nonblocking(self->p.server, true));
	ASSERT_EQ(WSA_IO_PENDING, test_recv(self->p.server, &self->wb, &self->ov));
	ASSERT_EQ(2, wsp_send(self->p.client, "ok", 2, 0));
	EXPECT_EQ(2, test_result(self->p.server, &self->ov));
}

/* Raw close(): the engine lets go by itself, and the peer sees the end. */
TEST_F(tcp, CL_10_raw_close_of_an_idle_socket_is_seen)
{
	ASSERT_EQ(WSA_IO_PENDING, test_recv(self->p.server, &self->wb, &self->ov));
	ASSERT_EQ(2, wsp_send(self->p.client, "ok", 2, 0));
	ASSERT_EQ(2, test_result(self->p.server, &self->ov));
	ASSERT_EQ(0, close((int)self->p.server));
	ASSERT_TRUE(util_wait_readable(self->p.client));
	EXPECT_EQ(0, wsp_recv(self->p.client, self->buf, 1, 0));
}

TEST_F(tcp, fork_leaves_operations_to_the_parent)
{
	int status;
	pid_t pid;

#ifdef __SANITIZE_THREAD__
	SKIP(return, "TSan takes no threads in a forked child");
#endif
	ASSERT_EQ(WSA_IO_PENDING, test_recv(self->p.server, &self->wb, &self->ov));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		WSAOVERLAPPED ov = { 0 };
		WSABUF wb = { sizeof(self->buf), self->buf };

		/* The child has an engine of its own when it needs one. */
		if (strcmp(wsp_engine_name(), "none") ||
		    test_recv(self->p.client, &wb, &ov) != WSA_IO_PENDING ||
		    strcmp(wsp_engine_name(), "none") == 0 ||
		    wsp_send(self->p.client, "one", 3, 0) != 3 ||
		    test_result(self->p.client, &ov) != 3)
			_exit(1);
		_exit(0);
	}
	EXPECT_EQ(3, test_result(self->p.server, &self->ov));
	EXPECT_EQ(3, wsp_send(self->p.server, "two", 3, 0));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
}

FIXTURE(udp)
{
	struct util_pair p;
	WSAOVERLAPPED ov;
	char buf[8];
};

FIXTURE_SETUP(udp)
{
	util_start();
	ASSERT_TRUE(util_udp_pair(&self->p));
	memset(&self->ov, 0, sizeof(self->ov));
}

FIXTURE_TEARDOWN(udp)
{
}

TEST_F(udp, OV_1_datagram_with_its_sender)
{
	struct sockaddr_storage from, self_name;
	int fromlen = sizeof(from), len = sizeof(self_name);
	WSABUF wb = { 8, self->buf };
	DWORD flags = 0;

	ASSERT_EQ(SOCKET_ERROR, WSARecvFrom(self->p.server, &wb, 1, NULL, &flags,
					    (struct sockaddr *)&from, &fromlen, &self->ov, NULL));
	ASSERT_EQ(WSA_IO_PENDING, WSAGetLastError());
	ASSERT_EQ(4, wsp_send(self->p.client, "dgrm", 4, 0));
	EXPECT_EQ(4, test_result(self->p.server, &self->ov));
	ASSERT_EQ(0, wsp_getsockname(self->p.client, (struct sockaddr *)&self_name, &len));
	EXPECT_EQ(len, fromlen);
	EXPECT_EQ(((struct sockaddr_in *)&self_name)->sin_port,
		  ((struct sockaddr_in *)&from)->sin_port);
}

TEST_F(udp, OV_6_cut_datagram_is_WSAEMSGSIZE)
{
	WSABUF wb = { 8, self->buf };

	ASSERT_EQ(WSA_IO_PENDING, test_recv(self->p.server, &wb, &self->ov));
	ASSERT_EQ(10, wsp_send(self->p.client, "0123456789", 10, 0));
	EXPECT_EQ(-WSAEMSGSIZE, test_result(self->p.server, &self->ov));
	EXPECT_EQ(8, self->ov.InternalHigh);
	EXPECT_EQ(0, memcmp(self->buf, "01234567", 8));
}

TEST_HARNESS_MAIN
