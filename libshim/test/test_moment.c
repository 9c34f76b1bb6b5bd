// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A thread that receives from one socket again and again, which soon waits in a
 * way of its own, does all that a first receive does.
 */
#include <fcntl.h>
#include <kselftest_harness.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/time.h>
#include <unistd.h>

#include "internal.h"
#include "util.h"

#define MOMENT_WARM	8

/**
 * struct moment_reader - a thread that receives bytes until an error
 * @t: the thread
 * @s: from here
 * @nonblock: after MOMENT_WARM, make the socket nonblocking behind the library's back
 * @timeout_ms: after MOMENT_WARM, set a timeout likewise
 * @got: so many
 * @code: the error, 0: the end of the stream
 */
struct moment_reader {
	pthread_t t;
	SOCKET s;
	bool nonblock;
	int timeout_ms;
	atomic_int got;
	atomic_int code;
};

static void *moment_read(void *arg)
{
	struct moment_reader *r = arg;
	char c;
	int n;

	while ((n = wsp_recv(r->s, &c, 1, 0)) == 1) {
		if (atomic_fetch_add(&r->got, 1) + 1 != MOMENT_WARM)
			continue;
		if (r->nonblock)
			fcntl((int)r->s, F_SETFL, fcntl((int)r->s, F_GETFL) | O_NONBLOCK);
		if (r->timeout_ms) {
			struct timeval tv = { .tv_usec = r->timeout_ms * 1000 };

			setsockopt((int)r->s, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
		}
	}
	atomic_store(&r->code, n ? WSAGetLastError() : 0);
	return NULL;
}

FIXTURE(moment)
{
	struct util_pair p;
	struct moment_reader r;
};

FIXTURE_SETUP(moment)
{
	util_start();
	ASSERT_TRUE(util_pair(AF_INET, &self->p));
	self->r = (struct moment_reader){ .s = self->p.server, .code = -1 };
}

FIXTURE_TEARDOWN(moment)
{
}

static bool moment_until(struct moment_reader *r, int got)
{
	int64_t end = util_now_ms() + UTIL_SOON_MS;

	while (atomic_load(&r->got) < got && util_now_ms() < end)
		usleep(200);
	return atomic_load(&r->got) == got;
}

/* One byte at a time, so that the reader waits before each. */
static bool moment_warm(struct util_pair *p, struct moment_reader *r)
{
	if (pthread_create(&r->t, NULL, moment_read, r))
		return false;
	for (int i = 0; i < MOMENT_WARM; i++)
		if (wsp_send(p->client, "x", 1, 0) != 1 || !moment_until(r, i + 1))
			return false;
	return true;
}

TEST_F(moment, CL_5_close_ends_it)
{
	ASSERT_TRUE(moment_warm(&self->p, &self->r));
	usleep(5000);
	EXPECT_EQ(0, closesocket(self->p.server));
	pthread_join(self->r.t, NULL);
	EXPECT_EQ(WSAEINTR, self->r.code);
}

TEST_F(moment, CL_5_close_ends_one_that_lasts)
{
	ASSERT_TRUE(moment_warm(&self->p, &self->r));
	usleep(200000);
	EXPECT_EQ(0, closesocket(self->p.server));
	pthread_join(self->r.t, NULL);
	EXPECT_EQ(WSAEINTR, self->r.code);
}

TEST_F(moment, bytes_after_a_pause)
{
	ASSERT_TRUE(moment_warm(&self->p, &self->r));
	for (int i = 0; i < 4; i++) {
		usleep(70000);
		ASSERT_EQ(1, wsp_send(self->p.client, "y", 1, 0));
		ASSERT_TRUE(moment_until(&self->r, MOMENT_WARM + i + 1));
	}
	ASSERT_EQ(0, wsp_shutdown(self->p.client, SD_SEND));
	pthread_join(self->r.t, NULL);
	EXPECT_EQ(0, self->r.code);
}

TEST_F(moment, a_mode_set_by_others_counts)
{
	self->r.nonblock = true;
	ASSERT_TRUE(moment_warm(&self->p, &self->r));
	pthread_join(self->r.t, NULL);
	EXPECT_EQ(WSAEWOULDBLOCK, self->r.code);
}

TEST_F(moment, a_timeout_set_by_others_counts)
{
	int64_t start = util_now_ms();

	self->r.timeout_ms = 150;
	ASSERT_TRUE(moment_warm(&self->p, &self->r));
	pthread_join(self->r.t, NULL);
	EXPECT_EQ(WSAETIMEDOUT, self->r.code);
	EXPECT_LE(100, util_now_ms() - start);
}

TEST_F(moment, RC_3_a_reset_stays)
{
	char c;

	ASSERT_TRUE(moment_warm(&self->p, &self->r));
	ASSERT_TRUE(util_set_linger(self->p.client, 1, 0));
	ASSERT_EQ(0, closesocket(self->p.client));
	pthread_join(self->r.t, NULL);
	EXPECT_EQ(WSAECONNRESET, self->r.code);
	for (int i = 0; i < 3; i++)
		EXPECT_EQ(WSAECONNRESET, util_err(wsp_recv(self->p.server, &c, 1, 0)));
}

/* The old socket is open elsewhere, and its bytes are nobody's business here. */
TEST_F(moment, another_socket_under_the_number)
{
	struct moment_reader r = { .code = -1 };
	struct util_pair p;
	int kept;

	ASSERT_TRUE(moment_warm(&self->p, &self->r));
	kept = dup((int)self->p.server);
	ASSERT_LE(0, kept);
	ASSERT_EQ(0, closesocket(self->p.server));
	pthread_join(self->r.t, NULL);
	ASSERT_TRUE(util_pair(AF_INET, &p));
	r.s = p.server;
	ASSERT_TRUE(moment_warm(&p, &r));
	ASSERT_EQ(1, wsp_send(self->p.client, "z", 1, 0));
	usleep(50000);
	EXPECT_EQ(MOMENT_WARM, r.got);
	EXPECT_EQ(-1, r.code);
	EXPECT_EQ(0, closesocket(p.server));
	pthread_join(r.t, NULL);
	EXPECT_EQ(WSAEINTR, r.code);
	close(kept);
}

TEST_HARNESS_MAIN
