// SPDX-License-Identifier: LGPL-2.1-or-later
/* Many threads: two closes of one handle, traffic beside closing, start-ups. */
#include <kselftest_harness.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>

#include "internal.h"
#include "util.h"

#define THREADS		4
#define ROUNDS		200

struct thread_ctx {
	pthread_barrier_t barrier;
	SOCKET s;
	atomic_int closed;
	atomic_int refused;
	atomic_int other;
};

static void *thread_close(void *arg)
{
	struct thread_ctx *ctx = arg;

	for (int i = 0; i < ROUNDS; i++) {
		pthread_barrier_wait(&ctx->barrier);
		if (!closesocket(ctx->s))
			atomic_fetch_add(&ctx->closed, 1);
		else if (WSAGetLastError() == WSAENOTSOCK)
			atomic_fetch_add(&ctx->refused, 1);
		else
			atomic_fetch_add(&ctx->other, 1);
		pthread_barrier_wait(&ctx->barrier);
	}
	return NULL;
}

TEST(CL_2_of_many_closes_one_succeeds)
{
	struct thread_ctx ctx = { .s = INVALID_SOCKET };
	pthread_t t[THREADS];

	util_start();
	ASSERT_EQ(0, pthread_barrier_init(&ctx.barrier, NULL, THREADS + 1));
	for (int i = 0; i < THREADS; i++)
		ASSERT_EQ(0, pthread_create(&t[i], NULL, thread_close, &ctx));
	for (int i = 0; i < ROUNDS; i++) {
		ctx.s = wsp_socket(AF_INET, SOCK_STREAM, 0);
		pthread_barrier_wait(&ctx.barrier);
		pthread_barrier_wait(&ctx.barrier);
	}
	for (int i = 0; i < THREADS; i++)
		ASSERT_EQ(0, pthread_join(t[i], NULL));
	EXPECT_EQ(ROUNDS, ctx.closed);
	EXPECT_EQ(ROUNDS * (THREADS - 1), ctx.refused);
	EXPECT_EQ(0, ctx.other);
}

static void *thread_traffic(void *arg)
{
	struct thread_ctx *ctx = arg;

	for (int i = 0; i < ROUNDS / 4; i++) {
		struct util_pair p;
		WSADATA data;
		char c = 0;

		if (WSAStartup(MAKEWORD(2, 2), &data) || !util_pair(AF_INET, &p) ||
		    !util_set_linger(p.client, 1, 5) ||
		    wsp_send(p.client, "x", 1, 0) != 1 ||
		    wsp_recv(p.server, &c, 1, 0) != 1 || c != 'x' ||
		    WSASendDisconnect(p.client, NULL) ||
		    util_err(wsp_send(p.client, "x", 1, 0)) != WSAESHUTDOWN ||
		    wsp_recv(p.server, &c, 1, 0) ||
		    WSARecvDisconnect(p.server, NULL) ||
		    util_err(wsp_recv(p.server, &c, 1, 0)) != WSAESHUTDOWN ||
		    closesocket(p.client) || closesocket(p.server) ||
		    closesocket(p.listener) || WSACleanup())
			atomic_fetch_add(&ctx->other, 1);
	}
	return NULL;
}

TEST(independent_connections_do_not_disturb_each_other)
{
	struct thread_ctx ctx = { .s = INVALID_SOCKET };
	pthread_t t[THREADS];

	util_start();
	for (int i = 0; i < THREADS; i++)
		ASSERT_EQ(0, pthread_create(&t[i], NULL, thread_traffic, &ctx));
	for (int i = 0; i < THREADS; i++)
		ASSERT_EQ(0, pthread_join(t[i], NULL));
	EXPECT_EQ(0, ctx.other);
}

static void *thread_shutdown(void *arg)
{
	struct thread_ctx *ctx = arg;

	if (WSASendDisconnect(ctx->s, NULL) || WSARecvDisconnect(ctx->s, NULL) ||
	    wsp_shutdown(ctx->s, SD_BOTH))
		atomic_fetch_add(&ctx->other, 1);
	return NULL;
}

TEST(SD_8_threads_on_one_socket_are_not_in_progress)
{
	struct thread_ctx ctx = { .s = INVALID_SOCKET };
	struct util_pair p;
	pthread_t t[THREADS];

	util_start();
	ASSERT_TRUE(util_pair(AF_INET, &p));
	ctx.s = p.client;
	for (int i = 0; i < THREADS; i++)
		ASSERT_EQ(0, pthread_create(&t[i], NULL, thread_shutdown, &ctx));
	for (int i = 0; i < THREADS; i++)
		ASSERT_EQ(0, pthread_join(t[i], NULL));
	EXPECT_EQ(0, ctx.other);
}

TEST_HARNESS_MAIN
