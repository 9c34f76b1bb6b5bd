// SPDX-License-Identifier: GPL-2.0
/* The loops that are measured. Each warms up first. */
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"
#include "mark.h"

#define TRIP_SIZE	32
#define TRIP_WARM	100
#define TRIP_COUNT	1000

#define WRITE_SIZE	65536
#define WRITE_WARM	64
#define WRITE_COUNT	512

#define CYCLE_WARM	64
#define CYCLE_COUNT	640

#define WAY_WARM	100
#define WAY_COUNT	1000

/*
 * Among equals a task that was woken runs when the other one blocks, never
 * earlier: that way each pass through a loop takes the same course.
 */
static void loop_fifo(bool on)
{
	struct sched_param param = { .sched_priority = on ? 1 : 0 };

	if (sched_setscheduler(0, on ? SCHED_FIFO : SCHED_OTHER, &param))
		die("sched_setscheduler");
}

/* The marks are for `profile`, and cost a few instructions in all. */
static uint64_t loop_begin(void)
{
	mark_begin();
	return now();
}

static uint64_t loop_end(void)
{
	uint64_t t = now();

	mark_end();
	return t;
}

static pid_t loop_fork(void)
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	return pid;
}

static void loop_join(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid || status)
		die("the peer process");
}

static void put(int fd, const void *buf, size_t len)
{
	if (send(fd, buf, len, 0) != (ssize_t)len)
		die("send");
}

static void get(int fd, void *buf, size_t len)
{
	if (recv(fd, buf, len, 0) != (ssize_t)len)
		die("recv");
}

/* Two processes, each asleep while the other works. */
static void loop_trip(const struct arm *arm, int listener, struct sample *s)
{
	char buf[TRIP_SIZE] = { 0 };
	uint64_t start = 0;
	int fd[2];
	pid_t pid;
	int i;

	sock_pair(arm, listener, fd);
	loop_fifo(true);
	pid = loop_fork();
	if (!pid) {
		close(fd[0]);
		while (recv(fd[1], buf, sizeof(buf), 0) == sizeof(buf))
			put(fd[1], buf, sizeof(buf));
		_exit(0);
	}
	close(fd[1]);
	for (i = 0; i < TRIP_WARM + TRIP_COUNT; i++) {
		if (i == TRIP_WARM)
			start = loop_begin();
		put(fd[0], buf, sizeof(buf));
		get(fd[0], buf, sizeof(buf));
	}
	s[M_TRIP].value = (double)(loop_end() - start) / TRIP_COUNT;
	close(fd[0]);
	loop_join(pid);
	loop_fifo(false);
}

/* A writer and a reader, each blocking on the other. */
static void loop_write(const struct arm *arm, int listener, struct sample *s)
{
	static char buf[WRITE_SIZE];
	size_t got = 0, warm = 0;
	uint64_t start = 0;
	int fd[2];
	ssize_t n;
	pid_t pid;
	int i;

	sock_pair(arm, listener, fd);
	loop_fifo(true);
	pid = loop_fork();
	if (!pid) {
		close(fd[1]);
		for (i = 0; i < WRITE_WARM + WRITE_COUNT; i++)
			put(fd[0], buf, sizeof(buf));
		_exit(0);
	}
	close(fd[0]);
	while ((n = recv(fd[1], buf, sizeof(buf), 0)) > 0) {
		got += n;
		if (!start && got >= WRITE_WARM * sizeof(buf)) {
			start = loop_begin();
			warm = got;
		}
		if (got == (WRITE_WARM + WRITE_COUNT) * sizeof(buf))
			s[M_WRITE].value = (double)(loop_end() - start) /
					   (got - warm) * WRITE_SIZE;
	}
	if (n || got != (WRITE_WARM + WRITE_COUNT) * sizeof(buf))
		die("the stream");
	close(fd[1]);
	loop_join(pid);
	loop_fifo(false);
}

/* One connection, from socket() to the second close(). */
static void cycle(const struct arm *arm, int listener, uint64_t step[M_MAX])
{
	uint64_t t[8];
	int fd[2];

	t[0] = now();
	fd[0] = sock_new(arm);
	t[1] = now();
	if (!arm->late)
		sock_attach(arm, fd[0]);
	t[2] = now();
	sock_connect(fd[0], listener);
	t[3] = now();
	fd[1] = sock_accept(listener);
	t[4] = now();
	if (arm->late) {
		sock_attach(arm, fd[0]);
		sock_attach(arm, fd[1]);
	}
	t[5] = now();
	close(fd[0]);
	t[6] = now();
	close(fd[1]);
	t[7] = now();

	step[M_CYCLE] = t[7] - t[0];
	step[M_SOCKET] = t[1] - t[0];
	step[M_ATTACH] = t[2] - t[1] + t[5] - t[4];
	step[M_CONNECT] = t[3] - t[2];
	step[M_ACCEPT] = t[4] - t[3];
	step[M_CLOSE_CLIENT] = t[6] - t[5];
	step[M_CLOSE_SERVER] = t[7] - t[6];
}

static int cmp_u64(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/*
 * The whole is a mean, with all that timers, RCU and kernel threads do later.
 * A step is a median: it tells what the call itself does.
 *
 * Not with SCHED_FIFO: kernel threads (MPTCP's worker, RCU's) are to run.
 */
static void loop_cycle(const struct arm *arm, int listener, struct sample *s)
{
	static uint64_t steps[M_MAX][CYCLE_COUNT];
	uint64_t step[M_MAX];
	double sum = 0;
	int i, m;

	for (i = 0; i < CYCLE_WARM; i++)
		cycle(arm, listener, step);
	loop_begin();
	for (i = 0; i < CYCLE_COUNT; i++) {
		cycle(arm, listener, step);
		sum += step[M_CYCLE];
		for (m = M_SOCKET; m <= M_CLOSE_SERVER; m++)
			steps[m][i] = step[m];
	}
	loop_end();
	s[M_CYCLE].value = sum / CYCLE_COUNT;
	for (m = M_SOCKET; m <= M_CLOSE_SERVER; m++) {
		qsort(steps[m], CYCLE_COUNT, sizeof(uint64_t), cmp_u64);
		s[m].value = steps[m][CYCLE_COUNT / 2];
	}
}

/* One process: each recv() finds its bytes there. */
static void loop_one_way(const struct arm *arm, int listener, struct sample *s)
{
	uint64_t t[3], send_sum = 0, recv_sum = 0;
	char buf[TRIP_SIZE] = { 0 };
	int fd[2];
	int i;

	sock_pair(arm, listener, fd);
	loop_fifo(true);
	for (i = 0; i < WAY_WARM + WAY_COUNT; i++) {
		if (i == WAY_WARM) {
			loop_begin();
			send_sum = 0;
			recv_sum = 0;
		}
		t[0] = now();
		put(fd[0], buf, sizeof(buf));
		t[1] = now();
		get(fd[1], buf, sizeof(buf));
		t[2] = now();
		send_sum += t[1] - t[0];
		recv_sum += t[2] - t[1];
	}
	loop_end();
	s[M_SEND].value = (double)send_sum / WAY_COUNT;
	s[M_RECV].value = (double)recv_sum / WAY_COUNT;
	loop_fifo(false);
	close(fd[0]);
	close(fd[1]);
}

const struct loop loops[LOOP_MAX] = {
	{ "trip", loop_trip, TRIP_COUNT },
	{ "way", loop_one_way, WAY_COUNT },
	{ "write", loop_write, WRITE_COUNT },
	{ "cycle", loop_cycle, CYCLE_COUNT },
};
