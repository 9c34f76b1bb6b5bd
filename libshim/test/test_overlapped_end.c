// SPDX-License-Identifier: LGPL-2.1-or-later
/* Ends among overlapped operations: SendDisconnect, close, urgent data. */
#include "fixture_overlapped.h"

/* Sends that do not fit, and the end behind them, with data where that is offered. */
static int test_end_behind_sends(SOCKET s, WSAOVERLAPPED *ov, WSABUF *wb)
{
	WSABUF bye = { 3, "bye" };
	bool attached = wsp_tcp_attached((int)s);
	DWORD n;

	for (int i = 0; i < 2; i++)
		if (!WSASend(s, wb, 1, &n, 0, &ov[i], NULL) || WSAGetLastError() != WSA_IO_PENDING)
			return -1;
	if (!attached && util_err(WSASendDisconnect(s, &bye)) != WSAENOPROTOOPT)
		return -2;
	return WSASendDisconnect(s, attached ? &bye : NULL) ? WSAGetLastError() : 0;
}

static bool test_said_bye(SOCKET s)
{
	char buf[8] = "";
	WSABUF in = { sizeof(buf), buf };

	if (!wsp_tcp_attached((int)s))
		return true;
	return !WSARecvDisconnect(s, &in) && in.len == 3 && !memcmp(buf, "bye", 3);
}

TEST_F(tcp, SD_12_SD_13_the_end_comes_behind_pending_sends)
{
	WSAOVERLAPPED ov[2] = { 0 };
	WSABUF wb = { 16 << 20, calloc(1, 16 << 20) };
	int end;

	ASSERT_EQ(0, test_end_behind_sends(self->p.client, ov, &wb));
	EXPECT_EQ(WSAESHUTDOWN, util_err(wsp_send(self->p.client, "x", 1, 0)));
	EXPECT_FALSE(HasOverlappedIoCompleted(&ov[1]));
	EXPECT_EQ(2 * (size_t)wb.len, util_drain(self->p.server, &end));
	EXPECT_EQ(0, end);
	EXPECT_TRUE(test_said_bye(self->p.server));
	EXPECT_EQ(wb.len, test_result(self->p.client, &ov[0]));
	EXPECT_EQ(wb.len, test_result(self->p.client, &ov[1]));
	EXPECT_EQ(5, wsp_send(self->p.server, "still", 5, 0));
	EXPECT_EQ(5, wsp_recv(self->p.client, self->buf, 5, 0));
}

TEST_F(tcp, SD_22_CL_6_close_right_after_aborts_the_sends_but_not_the_end)
{
	WSAOVERLAPPED ov[2] = { 0 };
	WSABUF wb = { 16 << 20, calloc(1, 16 << 20) };
	int end;

	ASSERT_EQ(0, test_end_behind_sends(self->p.client, ov, &wb));
	ASSERT_EQ(0, closesocket(self->p.client));
	EXPECT_EQ(0xc0000120, (DWORD)ov[0].Internal);
	EXPECT_EQ(0xc0000120, (DWORD)ov[1].Internal);
	EXPECT_GT(2 * (size_t)wb.len, util_drain(self->p.server, &end));
	EXPECT_EQ(0, end);
	EXPECT_TRUE(test_said_bye(self->p.server));
}

static void *test_blocked_recv(void *arg)
{
	struct test_thread *t = arg;
	char c;

	t->code = util_err(wsp_recv(t->s, &c, 1, 0));
	return NULL;
}

static void *test_blocked_accept(void *arg)
{
	struct test_thread *t = arg;

	t->code = util_sock_err(wsp_accept(t->s, NULL, NULL));
	return NULL;
}

TEST_F(tcp, CL_5_close_ends_calls_that_block)
{
	struct test_thread t[2] = { { .s = self->p.server }, { .s = self->p.listener } };
	pthread_t thread[2];

	ASSERT_EQ(0, pthread_create(&thread[0], NULL, test_blocked_recv, &t[0]));
	ASSERT_EQ(0, pthread_create(&thread[1], NULL, test_blocked_accept, &t[1]));
	usleep(50000);
	for (int i = 0; i < 2; i++) {
		ASSERT_EQ(0, closesocket(t[i].s));
		ASSERT_EQ(0, pthread_join(thread[i], NULL));
		EXPECT_TRUE(t[i].code == WSAEINTR || t[i].code == WSAENOTSOCK);
	}
	/* Nobody holds the connection open. */
	EXPECT_EQ(0, wsp_recv(self->p.client, self->buf, 1, 0));
}

/* What lies behind urgent data is not forgotten. */
TEST_F(tcp, OV_1_urgent_data_in_between)
{
	WSAOVERLAPPED ov2 = { 0 };
	int n;

	ASSERT_EQ(WSA_IO_PENDING, test_recv(self->p.server, &self->wb, &self->ov));
	ASSERT_EQ(1, wsp_send(self->p.client, "a", 1, 0));
	ASSERT_EQ(1, test_result(self->p.server, &self->ov));
	ASSERT_EQ(1, wsp_send(self->p.client, "b", 1, 0));
	ASSERT_EQ(1, wsp_send(self->p.client, "!", 1, WS_MSG_OOB));
	ASSERT_EQ(2, wsp_send(self->p.client, "cd", 2, 0));
	ASSERT_TRUE(util_wait_readable(self->p.server));
	usleep(20000);
	n = test_recv(self->p.server, &self->wb, &self->ov);
	ASSERT_TRUE(!n || n == WSA_IO_PENDING);
	EXPECT_EQ(1, test_result(self->p.server, &self->ov));
	EXPECT_EQ('b', self->buf[0]);
	n = test_recv(self->p.server, &self->wb, &ov2);
	ASSERT_TRUE(!n || n == WSA_IO_PENDING);
	EXPECT_EQ(2, test_result(self->p.server, &ov2));
	EXPECT_EQ(0, memcmp(self->buf, "cd", 2));
}

TEST_HARNESS_MAIN
