// SPDX-License-Identifier: LGPL-2.1-or-later
/* CloseSocket on plain TCP: quarantine, duplicates, linger. */
#include <fcntl.h>
#include <kselftest_harness.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "internal.h"
#include "util.h"

#define QUARANTINE	64
#define FOREVER_S	60

FIXTURE(plain)
{
	struct util_pair p;
};

FIXTURE_SETUP(plain)
{
	util_start();
	ASSERT_TRUE(util_pair(AF_INET, &self->p));
	if (wsp_tcp_attached((int)self->p.client))
		SKIP(return, "the module is loaded");
}

FIXTURE_TEARDOWN(plain)
{
}

TEST_F(plain, CL_1_CL_2_closed_handle)
{
	struct sockaddr_storage ss;
	int len = sizeof(ss);
	int p[2];
	char c;

	EXPECT_EQ(0, closesocket(self->p.client));
	EXPECT_EQ(WSAENOTSOCK, util_err(closesocket(self->p.client)));
	EXPECT_EQ(WSAENOTSOCK, util_err(wsp_send(self->p.client, "x", 1, 0)));
	EXPECT_EQ(WSAENOTSOCK, util_err(wsp_recv(self->p.client, &c, 1, 0)));
	EXPECT_EQ(WSAENOTSOCK,
		  util_err(wsp_getpeername(self->p.client, (struct sockaddr *)&ss, &len)));
	EXPECT_EQ(-1, send((int)self->p.client, "x", 1, 0));
	EXPECT_EQ(ENOTSOCK, errno);
	ASSERT_EQ(0, pipe(p));
	EXPECT_EQ(WSAENOTSOCK, util_err(closesocket(p[0])));
	EXPECT_NE(-1, fcntl(p[0], F_GETFD));
	EXPECT_EQ(WSAENOTSOCK, util_err(closesocket(INVALID_SOCKET)));
	EXPECT_EQ(0, wsp_recv(self->p.server, &c, 1, 0));
}

TEST_F(plain, CL_1_number_is_kept_back_for_64_closes)
{
	int number = (int)self->p.client;
	int tries = 2 * QUARANTINE;

	ASSERT_EQ(0, closesocket(self->p.client));
	for (int i = 0; i < QUARANTINE; i++) {
		SOCKET s = wsp_socket(AF_INET, SOCK_STREAM, 0);

		ASSERT_NE(INVALID_SOCKET, s);
		ASSERT_NE(number, (int)s);
		ASSERT_EQ(0, closesocket(s));
	}
	/* But not for good. */
	while (tries-- && fcntl(number, F_GETFD) != -1)
		ASSERT_EQ(0, closesocket(wsp_socket(AF_INET, SOCK_STREAM, 0)));
	EXPECT_EQ(-1, fcntl(number, F_GETFD));
}

TEST_F(plain, CL_1_number_taken_by_a_stranger_is_left_alone)
{
	int number = (int)self->p.client;
	int p[2];

	ASSERT_EQ(0, pipe(p));
	ASSERT_EQ(0, closesocket(self->p.client));
	ASSERT_EQ(number, dup2(p[1], number));
	for (int i = 0; i < 2 * QUARANTINE; i++)
		ASSERT_EQ(0, closesocket(wsp_socket(AF_INET, SOCK_STREAM, 0)));
	EXPECT_EQ(1, write(number, "x", 1));
}

TEST_F(plain, CL_1_numbers_come_back_when_they_run_out)
{
	struct rlimit lim = { 48, 48 };

	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &lim));
	for (int i = 0; i < 4 * QUARANTINE; i++) {
		SOCKET s = wsp_socket(AF_INET, SOCK_STREAM, 0);

		ASSERT_NE(INVALID_SOCKET, s);
		ASSERT_EQ(0, closesocket(s));
	}
}

/* Each call is timed: nothing may wait for the minute of linger. */
static bool close_at_once(SOCKET s, int *code)
{
	int64_t start = util_now_ms();

	*code = closesocket(s) ? WSAGetLastError() : 0;
	return util_now_ms() - start < UTIL_AT_ONCE_MS;
}

TEST_F(plain, CL_4_duplicate_in_this_process)
{
	int nonblock, code, end;

	for (nonblock = 0; nonblock < 2; nonblock++) {
		struct util_pair p;
		size_t sent;
		int copy;

		ASSERT_TRUE(util_pair(AF_INET, &p));
		ASSERT_TRUE(util_set_linger(p.client, 1, FOREVER_S));
		ASSERT_TRUE(util_set_nonblocking(p.client, nonblock));
		sent = util_fill(p.client);
		copy = dup((int)p.client);
		EXPECT_TRUE(close_at_once(p.client, &code));
		EXPECT_EQ(0, code);
		EXPECT_EQ(WSAENOTSOCK, util_err(closesocket(p.client)));
		ASSERT_EQ(0, fcntl(copy, F_SETFL, 0));
		ASSERT_EQ(0, shutdown(copy, SHUT_WR));
		EXPECT_EQ(sent, util_drain(p.server, &end));
		EXPECT_EQ(0, end);
		close(copy);
	}
}

TEST_F(plain, CL_4_copy_in_a_child)
{
	size_t sent;
	int code, end, p[2];
	pid_t pid;
	char c;

	ASSERT_EQ(0, pipe(p));
	ASSERT_TRUE(util_set_linger(self->p.client, 1, 1));
	sent = util_fill(self->p.client);
	pid = fork();
	if (!pid) {
		close(p[1]);
		if (read(p[0], &c, 1))
			_exit(1);
		_exit(send((int)self->p.client, "child", 5, MSG_NOSIGNAL) != 5);
	}
	EXPECT_TRUE(close_at_once(self->p.client, &code));
	EXPECT_EQ(0, code);
	close(p[1]);
	EXPECT_EQ(sent + 5, util_drain(self->p.server, &end));
	EXPECT_EQ(0, end);
	ASSERT_EQ(pid, waitpid(pid, &code, 0));
	EXPECT_EQ(0, code);
}

TEST_F(plain, CL_10_no_linger)
{
	size_t sent = util_fill(self->p.client);
	int code, end;

	EXPECT_TRUE(close_at_once(self->p.client, &code));
	EXPECT_EQ(0, code);
	EXPECT_EQ(sent, util_drain(self->p.server, &end));
	EXPECT_EQ(0, end);
}

TEST_F(plain, CL_11_hard_close)
{
	int nonblock, code, end;

	for (nonblock = 0; nonblock < 2; nonblock++) {
		struct util_pair p;

		ASSERT_TRUE(util_pair(AF_INET, &p));
		ASSERT_TRUE(util_set_linger(p.client, 1, 0));
		ASSERT_TRUE(util_set_nonblocking(p.client, nonblock));
		util_fill(p.client);
		EXPECT_TRUE(close_at_once(p.client, &code));
		EXPECT_EQ(0, code);
		util_drain(p.server, &end);
		EXPECT_EQ(ECONNRESET, end);
	}
}

struct close_drain {
	SOCKET s;
	size_t total;
	int end;
};

static void *close_drain_thread(void *arg)
{
	struct close_drain *d = arg;

	d->total = util_drain(d->s, &d->end);
	return NULL;
}

TEST_F(plain, CL_12_blocking_close_waits_until_all_is_acknowledged)
{
	struct close_drain d = { .s = self->p.server };
	size_t sent = util_fill(self->p.client);
	pthread_t t;
	int code;

	ASSERT_TRUE(util_set_linger(self->p.client, 1, FOREVER_S));
	ASSERT_EQ(0, pthread_create(&t, NULL, close_drain_thread, &d));
	code = closesocket(self->p.client);
	EXPECT_EQ(0, code);
	ASSERT_EQ(0, pthread_join(t, NULL));
	EXPECT_EQ(sent, d.total);
	EXPECT_EQ(0, d.end);
}

TEST_F(plain, CL_12_idle_connection_closes_at_once)
{
	int code;
	char c;

	ASSERT_TRUE(util_set_linger(self->p.client, 1, FOREVER_S));
	EXPECT_TRUE(close_at_once(self->p.client, &code));
	EXPECT_EQ(0, code);
	EXPECT_EQ(0, wsp_recv(self->p.server, &c, 1, 0));
}

TEST_F(plain, CL_13_time_runs_out)
{
	int64_t start, took;
	int end;

	ASSERT_TRUE(util_set_linger(self->p.client, 1, 1));
	util_fill(self->p.client);
	start = util_now_ms();
	EXPECT_EQ(0, closesocket(self->p.client));
	took = util_now_ms() - start;
	EXPECT_GE(took, 900);
	EXPECT_LT(took, 1000 + UTIL_AT_ONCE_MS);
	util_drain(self->p.server, &end);
	EXPECT_EQ(ECONNRESET, end);
}

static bool plain_refuses(SOCKET s)
{
	int code;

	return close_at_once(s, &code) && code == WSAEWOULDBLOCK;
}

TEST_F(plain, CL_14_CL_16_nonblocking_refuses_until_drained)
{
	size_t sent;
	int tries;
	char c;

	ASSERT_TRUE(util_set_linger(self->p.client, 1, FOREVER_S));
	ASSERT_TRUE(util_set_nonblocking(self->p.client, true));
	sent = util_fill(self->p.client);
	EXPECT_TRUE(plain_refuses(self->p.client));
	EXPECT_TRUE(plain_refuses(self->p.client));
	/* Nothing has begun: the peer can write, and sees no end. */
	ASSERT_EQ(1, wsp_send(self->p.server, "r", 1, 0));
	ASSERT_TRUE(util_wait_readable(self->p.client));
	EXPECT_EQ(1, wsp_recv(self->p.client, &c, 1, 0));
	while (sent) {
		static char buf[65536];
		int n = wsp_recv(self->p.server, buf, sizeof(buf), 0);

		ASSERT_GT(n, 0);
		sent -= n;
	}
	for (tries = 0; tries < 1000 && plain_refuses(self->p.client); tries++)
		poll(NULL, 0, 1);
	EXPECT_EQ(WSAENOTSOCK, util_err(closesocket(self->p.client)));
	EXPECT_EQ(0, wsp_recv(self->p.server, &c, 1, 0));
}

TEST_F(plain, CL_15_nonblocking_and_nothing_to_send)
{
	int code;
	char c;

	ASSERT_TRUE(util_set_linger(self->p.client, 1, FOREVER_S));
	ASSERT_TRUE(util_set_nonblocking(self->p.client, true));
	EXPECT_TRUE(close_at_once(self->p.client, &code));
	EXPECT_EQ(0, code);
	EXPECT_EQ(0, wsp_recv(self->p.server, &c, 1, 0));
}

TEST_F(plain, CL_16_linger_turned_off)
{
	size_t sent;
	int code, end;

	ASSERT_TRUE(util_set_linger(self->p.client, 1, FOREVER_S));
	ASSERT_TRUE(util_set_nonblocking(self->p.client, true));
	sent = util_fill(self->p.client);
	ASSERT_TRUE(plain_refuses(self->p.client));
	ASSERT_TRUE(util_set_linger(self->p.client, 0, 0));
	EXPECT_TRUE(close_at_once(self->p.client, &code));
	EXPECT_EQ(0, code);
	EXPECT_EQ(sent, util_drain(self->p.server, &end));
	EXPECT_EQ(0, end);
}

TEST_F(plain, CL_16_linger_made_hard)
{
	int code, end;

	ASSERT_TRUE(util_set_linger(self->p.client, 1, FOREVER_S));
	ASSERT_TRUE(util_set_nonblocking(self->p.client, true));
	util_fill(self->p.client);
	ASSERT_TRUE(plain_refuses(self->p.client));
	ASSERT_TRUE(util_set_linger(self->p.client, 1, 0));
	EXPECT_TRUE(close_at_once(self->p.client, &code));
	EXPECT_EQ(0, code);
	util_drain(self->p.server, &end);
	EXPECT_EQ(ECONNRESET, end);
}

TEST_F(plain, CL_16_after_shutdown_the_rest_goes_in_the_background)
{
	size_t sent;
	int code, end;

	ASSERT_TRUE(util_set_linger(self->p.client, 1, FOREVER_S));
	ASSERT_TRUE(util_set_nonblocking(self->p.client, true));
	sent = util_fill(self->p.client);
	ASSERT_TRUE(plain_refuses(self->p.client));
	ASSERT_EQ(0, wsp_shutdown(self->p.client, SD_SEND));
	EXPECT_TRUE(close_at_once(self->p.client, &code));
	EXPECT_EQ(0, code);
	EXPECT_EQ(sent, util_drain(self->p.server, &end));
	EXPECT_EQ(0, end);
}

TEST_F(plain, CL_17_process_dies)
{
	size_t sent;
	int status, end, p[2];
	pid_t pid;
	char c;

	ASSERT_EQ(0, pipe(p));
	ASSERT_TRUE(util_set_linger(self->p.client, 1, 1));
	sent = util_fill(self->p.client);
	pid = fork();
	if (!pid) {
		close(p[1]);
		_exit(read(p[0], &c, 1));
	}
	close((int)self->p.client);
	close(p[1]);
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(sent, util_drain(self->p.server, &end));
	EXPECT_EQ(0, end);
}

TEST_F(plain, linger_does_not_concern_who_has_no_connection)
{
	SOCKET s = wsp_socket(AF_INET, SOCK_STREAM, 0);
	int code;

	ASSERT_TRUE(util_set_linger(s, 1, FOREVER_S));
	EXPECT_TRUE(close_at_once(s, &code));
	EXPECT_EQ(0, code);
	ASSERT_TRUE(util_set_linger(self->p.listener, 1, FOREVER_S));
	EXPECT_TRUE(close_at_once(self->p.listener, &code));
	EXPECT_EQ(0, code);
}

TEST_HARNESS_MAIN
