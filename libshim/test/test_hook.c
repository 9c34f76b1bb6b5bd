// SPDX-License-Identifier: LGPL-2.1-or-later
/* Blocking hooks, and cancelling the call that blocks. */
#include <kselftest_harness.h>
#include <netinet/in.h>
#include <string.h>

#include "internal.h"
#include "util.h"

/* What the hook is to do, and what it has seen. */
static struct {
	int calls;
	int cancel_at;
	int send_at;
	SOCKET peer;
	int inside;
	int cancelled;
} hook;

static WSPPROC_TABLE hook_table;

static BOOL hook_run(DWORD_PTR context)
{
	int err = 0;

	if (context != 0x77)
		return 0;
	hook.calls++;
	hook_table.lpWSPShutdown(hook.peer, SD_SEND, &hook.inside);
	if (hook.calls == hook.send_at && send((int)hook.peer, "x", 1, 0) != 1)
		hook.cancel_at = hook.calls;
	if (hook.calls == hook.cancel_at)
		hook.cancelled = !hook_table.lpWSPCancelBlockingCall(&err) && !err;
	/* Called again at once every other time. */
	return hook.calls & 1;
}

static int hook_query(DWORD entry, LPBLOCKINGCALLBACK *callback, DWORD_PTR *context, int *err)
{
	*callback = hook_run;
	*context = 0x77;
	*err = 0;
	return 0;
}

FIXTURE(hook)
{
	struct util_pair p;
	int err;
};

FIXTURE_SETUP(hook)
{
	WSPUPCALLTABLE upcalls = { .lpWPUQueryBlockingCallback = hook_query };
	WSAPROTOCOL_INFOW info = { .iVersion = 2 };
	WSPDATA data;

	util_start();
	ASSERT_TRUE(util_pair(AF_INET, &self->p));
	ASSERT_EQ(0, WSPStartup(MAKEWORD(2, 2), &data, &info, upcalls, &hook_table));
	memset(&hook, 0, sizeof(hook));
	hook.peer = self->p.server;
}

FIXTURE_TEARDOWN(hook)
{
}

TEST_F(hook, SD_8_runs_while_a_receive_blocks)
{
	char c = 0;

	hook.send_at = 5;
	EXPECT_EQ(1, wsp_recv(self->p.client, &c, 1, 0));
	EXPECT_EQ('x', c);
	EXPECT_GE(hook.calls, 5);
	EXPECT_EQ(WSAEINPROGRESS, hook.inside);
	/* Nothing blocks: not called. */
	hook.calls = 0;
	hook.send_at = 0;
	ASSERT_EQ(1, wsp_send(self->p.server, "y", 1, 0));
	ASSERT_TRUE(util_wait_readable(self->p.client));
	EXPECT_EQ(1, wsp_recv(self->p.client, &c, 1, 0));
	EXPECT_EQ(0, hook.calls);
	EXPECT_EQ(0, wsp_shutdown(self->p.server, SD_SEND));
}

TEST_F(hook, cancelling_a_receive)
{
	char c;

	hook.cancel_at = 3;
	EXPECT_EQ(WSAEINTR, util_err(wsp_recv(self->p.client, &c, 1, 0)));
	EXPECT_TRUE(hook.cancelled);
	EXPECT_EQ(3, hook.calls);
	/* This one only. */
	hook.calls = 0;
	hook.cancel_at = 0;
	hook.send_at = 2;
	EXPECT_EQ(1, wsp_recv(self->p.client, &c, 1, 0));
}

TEST_F(hook, cancelling_an_accept_and_a_select)
{
	struct ws_fd_set set = { 1, { self->p.client } };

	hook.cancel_at = 2;
	EXPECT_EQ(WSAEINTR, util_sock_err(wsp_accept(self->p.listener, NULL, NULL)));
	hook.calls = 0;
	EXPECT_EQ(WSAEINTR, util_err(wsp_select(0, &set, NULL, NULL, NULL)));
	EXPECT_TRUE(hook.cancelled);
	hook.calls = 0;
	hook.cancel_at = 0;
	hook.send_at = 4;
	EXPECT_EQ(1, wsp_select(0, &set, NULL, NULL, NULL));
	EXPECT_GE(hook.calls, 4);
}

TEST_F(hook, a_timeout_is_kept)
{
	const DWORD ms = 100;
	int64_t start;
	char c;

	ASSERT_EQ(0, wsp_setsockopt(self->p.client, WS_SOL_SOCKET, WS_SO_RCVTIMEO,
				    (const char *)&ms, sizeof(ms)));
	start = util_now_ms();
	EXPECT_EQ(WSAETIMEDOUT, util_err(wsp_recv(self->p.client, &c, 1, 0)));
	EXPECT_GE(util_now_ms() - start, 95);
	EXPECT_GT(hook.calls, 1);
}

TEST_F(hook, nothing_to_cancel)
{
	EXPECT_EQ(SOCKET_ERROR, hook_table.lpWSPCancelBlockingCall(&self->err));
	EXPECT_EQ(WSAEINVAL, self->err);
	EXPECT_EQ(SOCKET_ERROR, hook_table.lpWSPCancelBlockingCall(NULL));
}

static int old_calls;

static intptr_t old_hook(void)
{
	if (++old_calls == 3)
		return WSAIsBlocking() ? WSACancelBlockingCall() : 1;
	return 0;
}

TEST(the_interface_of_version_1_has_its_own)
{
	struct util_pair p;
	WSADATA data;
	FARPROC before;
	char c;

	ASSERT_EQ(0, WSAStartup(MAKEWORD(1, 1), &data));
	ASSERT_TRUE(util_pair(AF_INET, &p));
	EXPECT_FALSE(WSAIsBlocking());
	EXPECT_EQ(WSAEINVAL, util_err(WSACancelBlockingCall()));
	before = WSASetBlockingHook(old_hook);
	ASSERT_NE(NULL, before);
	EXPECT_EQ(WSAEINTR, util_err(wsp_recv(p.client, &c, 1, 0)));
	EXPECT_EQ(3, old_calls);
	EXPECT_EQ(&old_hook, WSASetBlockingHook(before));
	ASSERT_NE(NULL, WSASetBlockingHook(old_hook));
	ASSERT_EQ(0, WSAUnhookBlockingHook());
	EXPECT_EQ(before, WSASetBlockingHook(before));
	EXPECT_EQ(NULL, WSASetBlockingHook(NULL));
	EXPECT_EQ(WSAEFAULT, WSAGetLastError());
}

TEST(that_of_version_2_has_none)
{
	util_start();
	EXPECT_EQ(NULL, WSASetBlockingHook(old_hook));
	EXPECT_EQ(WSAEOPNOTSUPP, WSAGetLastError());
	EXPECT_EQ(WSAEOPNOTSUPP, util_err(WSAUnhookBlockingHook()));
	EXPECT_EQ(WSAEOPNOTSUPP, util_err(WSACancelBlockingCall()));
	EXPECT_FALSE(WSAIsBlocking());
}

TEST_HARNESS_MAIN
