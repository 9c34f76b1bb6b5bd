// SPDX-License-Identifier: LGPL-2.1-or-later
/* Network events: upcalls, fork(), descriptors that change hands, threads. */
#include <fcntl.h>
#include <kselftest_harness.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

#include "events.h"
#include "internal.h"

#define SPI_WND		((HWND)0x1234)
#define SPI_MSG		0x400

struct spi_message {
	HWND wnd;
	unsigned int msg;
	WPARAM wparam;
	LPARAM lparam;
};

/* Messages and events go through a pipe, to be waited for. */
static int spi_pipe[2];
static WSPPROC_TABLE spi_table;
static atomic_int spi_inside;

static BOOL spi_post(HWND wnd, unsigned int msg, WPARAM wparam, LPARAM lparam)
{
	struct spi_message m = { wnd, msg, wparam, lparam };
	int err = 0;

	/* SD-8: the library's calls are not for here. */
	spi_table.lpWSPShutdown(wparam, SD_SEND, &err);
	atomic_store(&spi_inside, err);
	return write(spi_pipe[1], &m, sizeof(m)) == sizeof(m);
}

static BOOL spi_set(WSAEVENT event, int *err)
{
	struct spi_message m = { .wnd = event };

	*err = 0;
	return write(spi_pipe[1], &m, sizeof(m)) == sizeof(m);
}

static BOOL spi_reset(WSAEVENT event, int *err)
{
	*err = 0;
	return event == SPI_WND;
}

static bool spi_get(struct spi_message *m, int ms)
{
	struct pollfd p = { .fd = spi_pipe[0], .events = POLLIN };

	return poll(&p, 1, ms) > 0 && read(spi_pipe[0], m, sizeof(*m)) == sizeof(*m);
}

static bool spi_start(bool post, bool set)
{
	WSPUPCALLTABLE upcalls = {
		.lpWPUPostMessage = post ? spi_post : NULL,
		.lpWPUSetEvent = set ? spi_set : NULL,
		.lpWPUResetEvent = set ? spi_reset : NULL,
	};
	WSAPROTOCOL_INFOW info = { .iVersion = 2 };
	WSPDATA data;

	return !pipe(spi_pipe) &&
	       !WSPStartup(MAKEWORD(2, 2), &data, &info, upcalls, &spi_table);
}

FIXTURE(spi)
{
	struct util_pair p;
	struct spi_message m;
	int err;
};

FIXTURE_SETUP(spi)
{
	util_start();
	ASSERT_TRUE(util_pair(AF_INET, &self->p));
}

FIXTURE_TEARDOWN(spi)
{
}

static int32_t message_event(const struct spi_message *m)
{
	return m->lparam & 0xffff;
}

static int message_error(const struct spi_message *m)
{
	return m->lparam >> 16;
}

TEST_F(spi, messages_one_per_event)
{
	SOCKET s = self->p.client;
	char c;

	ASSERT_TRUE(spi_start(true, false));
	ASSERT_EQ(0, spi_table.lpWSPAsyncSelect(s, SPI_WND, SPI_MSG, FD_READ | FD_WRITE | FD_CLOSE,
						&self->err));
	ASSERT_TRUE(spi_get(&self->m, 0));
	EXPECT_EQ(SPI_WND, self->m.wnd);
	EXPECT_EQ(SPI_MSG, self->m.msg);
	EXPECT_EQ(s, self->m.wparam);
	EXPECT_EQ(FD_WRITE, self->m.lparam);
	EXPECT_EQ(WSAEINPROGRESS, atomic_load(&spi_inside));
	ASSERT_EQ(2, wsp_send(self->p.server, "xy", 2, 0));
	ASSERT_TRUE(spi_get(&self->m, UTIL_SOON_MS));
	EXPECT_EQ(FD_READ, self->m.lparam);
	EXPECT_FALSE(spi_get(&self->m, EVENTS_QUIET_MS));
	ASSERT_EQ(1, wsp_recv(s, &c, 1, 0));
	ASSERT_TRUE(spi_get(&self->m, 0));
	EXPECT_EQ(FD_READ, self->m.lparam);
	ASSERT_EQ(1, wsp_recv(s, &c, 1, 0));
	ASSERT_TRUE(util_set_linger(self->p.server, 1, 0));
	ASSERT_EQ(0, closesocket(self->p.server));
	ASSERT_TRUE(spi_get(&self->m, UTIL_SOON_MS));
	EXPECT_EQ(FD_CLOSE, message_event(&self->m));
	EXPECT_EQ(WSAECONNRESET, message_error(&self->m));
	EXPECT_FALSE(spi_get(&self->m, EVENTS_QUIET_MS));
}

TEST_F(spi, EV_5_messages_and_events_end_each_other)
{
	SOCKET s = self->p.client;
	struct events e;

	ASSERT_TRUE(spi_start(true, false));
	ASSERT_EQ(0, spi_table.lpWSPAsyncSelect(s, SPI_WND, SPI_MSG, FD_READ, &self->err));
	EXPECT_NE(0, fcntl((int)s, F_GETFL) & O_NONBLOCK);
	ASSERT_TRUE(events_select(&e, s, FD_READ));
	ASSERT_EQ(1, wsp_send(self->p.server, "x", 1, 0));
	ASSERT_TRUE(events_wait(&e, FD_READ));
	EXPECT_FALSE(spi_get(&self->m, EVENTS_QUIET_MS));
	ASSERT_EQ(0, spi_table.lpWSPAsyncSelect(s, SPI_WND, SPI_MSG, FD_READ | FD_CLOSE,
						&self->err));
	ASSERT_TRUE(spi_get(&self->m, 0));
	EXPECT_EQ(FD_READ, self->m.lparam);
	EXPECT_TRUE(events_quiet(&e));
	ASSERT_EQ(0, spi_table.lpWSPAsyncSelect(s, SPI_WND, 0, 0, &self->err));
	ASSERT_EQ(0, closesocket(self->p.server));
	EXPECT_FALSE(spi_get(&self->m, EVENTS_QUIET_MS));
	EXPECT_TRUE(events_quiet(&e));
}

TEST_F(spi, CL_7_no_message_after_closing)
{
	ASSERT_TRUE(spi_start(true, false));
	ASSERT_EQ(0, spi_table.lpWSPAsyncSelect(self->p.client, SPI_WND, SPI_MSG,
						FD_READ | FD_CLOSE, &self->err));
	ASSERT_EQ(0, closesocket(self->p.client));
	ASSERT_EQ(0, closesocket(self->p.server));
	EXPECT_FALSE(spi_get(&self->m, EVENTS_QUIET_MS));
}

TEST_F(spi, messages_without_a_window_or_a_way)
{
	ASSERT_TRUE(spi_start(true, false));
	EXPECT_EQ(SOCKET_ERROR, spi_table.lpWSPAsyncSelect(self->p.client, NULL, SPI_MSG, FD_READ,
							   &self->err));
	EXPECT_EQ(WSAEINVAL, self->err);
	EXPECT_EQ(SOCKET_ERROR, spi_table.lpWSPAsyncSelect(self->p.client, SPI_WND, SPI_MSG, 0x400,
							   &self->err));
	EXPECT_EQ(WSAEINVAL, self->err);
	ASSERT_TRUE(spi_start(false, false));
	EXPECT_EQ(SOCKET_ERROR, spi_table.lpWSPAsyncSelect(self->p.client, SPI_WND, SPI_MSG,
							   FD_READ, &self->err));
	EXPECT_EQ(WSAEOPNOTSUPP, self->err);
	EXPECT_EQ(SOCKET_ERROR, spi_table.lpWSPAsyncSelect(STDIN_FILENO, SPI_WND, SPI_MSG,
							   FD_READ, &self->err));
	EXPECT_EQ(WSAENOTSOCK, self->err);
}

TEST_F(spi, the_caller_s_events_are_set_by_its_upcall)
{
	WSANETWORKEVENTS ne;

	ASSERT_TRUE(spi_start(false, true));
	ASSERT_EQ(0, spi_table.lpWSPEventSelect(self->p.client, SPI_WND, FD_READ, &self->err));
	ASSERT_EQ(1, wsp_send(self->p.server, "x", 1, 0));
	ASSERT_TRUE(spi_get(&self->m, UTIL_SOON_MS));
	EXPECT_EQ(SPI_WND, self->m.wnd);
	EXPECT_EQ(SOCKET_ERROR, spi_table.lpWSPEnumNetworkEvents(self->p.client, (WSAEVENT)4, &ne,
								 &self->err));
	EXPECT_EQ(WSAEINVAL, self->err);
	ASSERT_EQ(0, spi_table.lpWSPEnumNetworkEvents(self->p.client, SPI_WND, &ne, &self->err));
	EXPECT_EQ(FD_READ, ne.lNetworkEvents);
}

FIXTURE(life)
{
	struct util_pair p;
	struct events e;
};

FIXTURE_SETUP(life)
{
	util_start();
	ASSERT_TRUE(util_pair(AF_INET, &self->p));
	ASSERT_TRUE(events_select(&self->e, self->p.client, FD_READ | FD_CLOSE));
}

FIXTURE_TEARDOWN(life)
{
}

/* 0 if all is as it should be in a forked child. */
static int life_in_child(struct util_pair *p, struct events *e)
{
	struct util_pair mine;
	struct events other;
	char c;

	if (events_take(e) || wsp_recv(p->client, &c, 1, 0) != SOCKET_ERROR ||
	    WSAGetLastError() != WSAEWOULDBLOCK || !util_set_nonblocking(p->client, false))
		return 1;
	/* And it can have its own. */
	if (!util_pair(AF_INET, &mine) || !events_select(&other, mine.client, FD_READ) ||
	    wsp_send(mine.server, "x", 1, 0) != 1 || !events_wait(&other, FD_READ))
		return 2;
	return closesocket(p->client) ? 3 : 0;
}

TEST_F(life, a_forked_child_starts_without_and_takes_nothing_from_the_parent)
{
	int status;
	pid_t pid = fork();

	if (!pid)
		_exit(life_in_child(&self->p, &self->e));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	ASSERT_EQ(1, wsp_send(self->p.server, "x", 1, 0));
	EXPECT_TRUE(events_wait(&self->e, FD_READ));
}

TEST_F(life, a_number_that_was_closed_and_reused_elsewhere)
{
	int fd = (int)self->p.client;
	struct util_pair other;
	struct events e;
	char c;

	ASSERT_TRUE(util_pair(AF_INET, &other));
	ASSERT_EQ(fd, dup2((int)other.client, fd));
	ASSERT_EQ(1, wsp_send(other.server, "x", 1, 0));
	ASSERT_EQ(1, wsp_recv(self->p.client, &c, 1, 0));
	EXPECT_EQ(WSA_WAIT_TIMEOUT,
		  WSAWaitForMultipleEvents(1, &self->e.e, 0, EVENTS_QUIET_MS, 0));
	EXPECT_EQ(0, events_take(&self->e));
	ASSERT_TRUE(events_select(&e, self->p.client, FD_READ));
	ASSERT_EQ(1, wsp_send(other.server, "x", 1, 0));
	EXPECT_TRUE(events_wait(&e, FD_READ));
	ASSERT_EQ(0, closesocket(fd));
	EXPECT_EQ(0, closesocket(other.client));
}

TEST_F(life, after_all_other_descriptors_were_closed)
{
	struct util_pair p;
	struct events e;

	ASSERT_EQ(0, close_range(3, ~0U, 0));
	ASSERT_TRUE(util_pair(AF_INET, &p));
	ASSERT_TRUE(events_select(&e, p.client, FD_READ));
	ASSERT_EQ(1, wsp_send(p.server, "x", 1, 0));
	EXPECT_TRUE(events_wait(&e, FD_READ));
}

TEST_F(life, the_last_clean_up_ends_it)
{
	int peer = dup((int)self->p.server);

	ASSERT_EQ(0, WSACleanup());
	close(peer);
	EXPECT_EQ(WSA_WAIT_TIMEOUT, WaitForSingleObject(self->e.e, EVENTS_QUIET_MS));
}

#define MANY	100

TEST_F(life, many_sockets_with_one_event)
{
	WSAEVENT event = WSACreateEvent();
	struct util_pair p[MANY];
	int left = MANY;

	for (int i = 0; i < MANY; i++) {
		ASSERT_TRUE(util_pair(AF_INET, &p[i]));
		ASSERT_EQ(0, WSAEventSelect(p[i].client, event, FD_READ));
		ASSERT_EQ(0, closesocket(p[i].listener));
	}
	for (int i = 0; i < MANY; i++)
		ASSERT_EQ(1, wsp_send(p[i].server, "x", 1, 0));
	while (left) {
		ASSERT_EQ(WSA_WAIT_EVENT_0,
			  WSAWaitForMultipleEvents(1, &event, 0, UTIL_SOON_MS, 0));
		WSAResetEvent(event);
		for (int i = 0; i < MANY; i++) {
			WSANETWORKEVENTS ne;

			ASSERT_EQ(0, WSAEnumNetworkEvents(p[i].client, NULL, &ne));
			left -= ne.lNetworkEvents == FD_READ;
		}
	}
}

#define STREAM_BYTES	200000

static void *stream_peer(void *arg)
{
	static const char buf[97];
	int sent = 0;

	while (sent < STREAM_BYTES) {
		int len = sent % (int)sizeof(buf) + 1;
		int n = wsp_send(*(SOCKET *)arg, buf, len, 0);

		if (n <= 0)
			break;
		sent += n;
	}
	wsp_shutdown(*(SOCKET *)arg, SD_SEND);
	return NULL;
}

/* One receive for each FD_READ, of less than there may be. */
TEST_F(life, no_event_is_lost)
{
	int got = 0, n = 0;
	pthread_t t;
	char buf[64];

	ASSERT_EQ(0, pthread_create(&t, NULL, stream_peer, &self->p.server));
	while (!(self->e.seen & FD_CLOSE)) {
		events_clear(&self->e);
		ASSERT_EQ(WSA_WAIT_EVENT_0,
			  WSAWaitForMultipleEvents(1, &self->e.e, 0, UTIL_SOON_MS, 0));
		ASSERT_GE(events_take(&self->e), 0);
		if (!(self->e.seen & FD_READ))
			continue;
		n = wsp_recv(self->p.client, buf, sizeof(buf), 0);
		/* Whether the data it told of was there still, nobody promises. */
		if (n < 0)
			ASSERT_EQ(WSAEWOULDBLOCK, WSAGetLastError());
		got += n > 0 ? n : 0;
	}
	ASSERT_EQ(0, pthread_join(t, NULL));
	EXPECT_LE(STREAM_BYTES, got);
	EXPECT_EQ(0, wsp_recv(self->p.client, buf, sizeof(buf), 0));
}

#define ROUNDS		300

struct race {
	pthread_barrier_t barrier;
	struct util_pair p;
	atomic_bool posting;
	atomic_bool closed;
	atomic_int late;
	atomic_int other;
};

static struct race race;

/* Counts what is not over when closesocket() has returned. */
static BOOL race_post(HWND wnd, unsigned int msg, WPARAM wparam, LPARAM lparam)
{
	atomic_store(&race.posting, true);
	poll(NULL, 0, 1);
	if (atomic_load(&race.closed))
		atomic_fetch_add(&race.late, 1);
	return 1;
}

static void *race_peer(void *arg)
{
	for (int i = 0; i < ROUNDS; i++) {
		pthread_barrier_wait(&race.barrier);
		wsp_send(race.p.server, "x", 1, 0);
		closesocket(race.p.server);
		pthread_barrier_wait(&race.barrier);
	}
	return NULL;
}

static void *race_user(void *arg)
{
	for (int i = 0; i < ROUNDS; i++) {
		WSANETWORKEVENTS ne;
		char c;

		pthread_barrier_wait(&race.barrier);
		wsp_recv(race.p.client, &c, 1, 0);
		WSAEnumNetworkEvents(race.p.client, NULL, &ne);
		wsp_recv(race.p.client, &c, 1, 0);
		pthread_barrier_wait(&race.barrier);
	}
	return NULL;
}

TEST(CL_7_closing_races_with_events)
{
	WSPUPCALLTABLE upcalls = { .lpWPUPostMessage = race_post };
	WSAPROTOCOL_INFOW info = { .iVersion = 2 };
	pthread_t peer, user;
	WSPDATA data;
	int err;

	util_start();
	ASSERT_EQ(0, WSPStartup(MAKEWORD(2, 2), &data, &info, upcalls, &spi_table));
	ASSERT_EQ(0, pthread_barrier_init(&race.barrier, NULL, 3));
	ASSERT_EQ(0, pthread_create(&peer, NULL, race_peer, NULL));
	ASSERT_EQ(0, pthread_create(&user, NULL, race_user, NULL));
	for (int i = 0; i < ROUNDS; i++) {
		atomic_store(&race.closed, false);
		atomic_store(&race.posting, false);
		if (!util_pair(AF_INET, &race.p) ||
		    spi_table.lpWSPAsyncSelect(race.p.client, SPI_WND, SPI_MSG,
					       FD_READ | FD_CLOSE, &err))
			atomic_fetch_add(&race.other, 1);
		pthread_barrier_wait(&race.barrier);
		if (i & 1)
			spi_table.lpWSPAsyncSelect(race.p.client, SPI_WND, SPI_MSG, FD_CLOSE, &err);
		/* In the midst of a message, every other time; that the peer ends is one. */
		while (!(i & 1) && !atomic_load(&race.posting))
			sched_yield();
		if (closesocket(race.p.client))
			atomic_fetch_add(&race.other, 1);
		atomic_store(&race.closed, true);
		pthread_barrier_wait(&race.barrier);
		closesocket(race.p.listener);
	}
	ASSERT_EQ(0, pthread_join(peer, NULL));
	ASSERT_EQ(0, pthread_join(user, NULL));
	EXPECT_EQ(0, race.late);
	EXPECT_EQ(0, race.other);
}

TEST_HARNESS_MAIN
