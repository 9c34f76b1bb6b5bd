// SPDX-License-Identifier: GPL-2.0
/* The loops that are measured. Each warms up first. */
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
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

#define BYTE_WARM	256
#define BYTE_COUNT	4096

#define CYCLE_WARM	64
#define CYCLE_COUNT	640

#define WAY_WARM	100
#define WAY_COUNT	1000

/*
 * Among equals a task that was woken runs when the other one blocks, never
 * earlier: that way each pass through a loop takes the same course.
 */
void loop_fifo(bool on)
{
	struct sched_param param = { .sched_priority = on ? 1 : 0 };

	if (sched_setscheduler(0, on ? SCHED_FIFO : SCHED_OTHER, &param))
		die("sched_setscheduler");
}

/* The marks are for `profile`, and cost a few instructions in all. */
uint64_t loop_begin(void)
{
	mark_begin();
	return now();
}

uint64_t loop_end(void)
{
	uint64_t t = now();

	mark_end();
	return t;
}

pid_t loop_fork(void)
{
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	return pid;
}

void loop_join(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid || status)
		die("the peer process");
}

static int cmp_u64(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/**
 * loop_quantile() - sort figures and choose one
 * @v: the figures, in any order
 * @n: how many
 * @q: 0 for the least, 0.5 for the median, below 1
 *
 * Return: the figure
 */
uint64_t loop_quantile(uint64_t *v, int n, double q)
{
	qsort(v, n, sizeof(*v), cmp_u64);
	return v[(int)(q * n)];
}

/* The peer's process of a round trip. */
static void loop_echo(const struct arm *arm, int fd)
{
	size_t size = message_size(arm, TRIP_SIZE);
	char buf[2 * TRIP_SIZE] = { 0 };

	while (recv(fd, buf, size, 0) == (ssize_t)size)
		put(arm, fd, buf + size - TRIP_SIZE, TRIP_SIZE);
}

/* Two processes, each asleep while the other works. */
static void loop_trip(const struct arm *arm, int listener)
{
	static uint64_t took[TRIP_COUNT];
	char buf[2 * TRIP_SIZE] = { 0 };
	uint64_t start = 0, last = 0, t;
	int fd[2];
	pid_t pid;
	int i;

	sock_pair(arm, listener, fd);
	loop_fifo(true);
	pid = loop_fork();
	if (!pid) {
		close(fd[0]);
		loop_echo(arm, fd[1]);
		_exit(0);
	}
	close(fd[1]);
	for (i = 0; i < TRIP_WARM + TRIP_COUNT; i++) {
		if (i == TRIP_WARM) {
			start = loop_begin();
			last = start;
		}
		put(arm, fd[0], buf, TRIP_SIZE);
		get(arm, fd[0], buf, TRIP_SIZE);
		if (i < TRIP_WARM)
			continue;
		t = now();
		took[i - TRIP_WARM] = t - last;
		last = t;
	}
	emit("trip", (double)(loop_end() - start) / TRIP_COUNT);
	emit("trip_p50", loop_quantile(took, TRIP_COUNT, 0.5));
	emit("trip_p99", loop_quantile(took, TRIP_COUNT, 0.99));
	close(fd[0]);
	loop_join(pid);
	loop_fifo(false);
}

/**
 * struct stream - messages of one size, one after the other
 * @metric: for emit()
 * @size: of a message, in bytes
 * @warm: messages before the measured ones
 * @count: measured messages
 * @burst: all that are measured fit into the buffers, so that the time runs
 *	from when the first of them is sent, not from when it is there
 */
struct stream {
	const char *metric;
	size_t size;
	size_t warm;
	size_t count;
	bool burst;
};

/* The writer's process. */
static void stream_write(const struct arm *arm, int fd, const struct stream *stream,
			 uint64_t *start)
{
	static const char buf[WRITE_SIZE];
	size_t i;

	for (i = 0; i < stream->warm + stream->count; i++) {
		if (stream->burst && i == stream->warm)
			*start = loop_begin();
		put(arm, fd, buf, stream->size);
	}
}

static void stream_read(const struct arm *arm, int fd, const struct stream *stream,
			uint64_t *start)
{
	size_t size = message_size(arm, stream->size), got = 0;
	size_t warm = stream->warm * size, all = warm + stream->count * size;
	static char buf[WRITE_SIZE];
	uint64_t end = 0;
	ssize_t n;

	while ((n = recv(fd, buf, sizeof(buf), 0)) > 0) {
		got += n;
		if (!stream->burst && !*start && got >= warm) {
			warm = got;
			*start = loop_begin();
		}
		if (got == all)
			end = loop_end();
	}
	if (n || got != all || !*start)
		die("the stream");
	emit(stream->metric, (double)(end - *start) / (all - warm) * size);
}

/* A writer and a reader, each blocking on the other. */
static void loop_stream(const struct arm *arm, int listener,
			const struct stream *stream)
{
	uint64_t *start = mmap(NULL, sizeof(*start), PROT_READ | PROT_WRITE,
			       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int fd[2];
	pid_t pid;

	if (start == MAP_FAILED)
		die("mmap");
	sock_pair(arm, listener, fd);
	loop_fifo(true);
	pid = loop_fork();
	if (!pid) {
		close(fd[1]);
		stream_write(arm, fd[0], stream, start);
		_exit(0);
	}
	close(fd[0]);
	stream_read(arm, fd[1], stream, start);
	close(fd[1]);
	loop_join(pid);
	loop_fifo(false);
	munmap(start, sizeof(*start));
}

static void loop_write(const struct arm *arm, int listener)
{
	static const struct stream stream = {
		"write_64k", WRITE_SIZE, WRITE_WARM, WRITE_COUNT, false,
	};

	loop_stream(arm, listener, &stream);
}

static void loop_byte(const struct arm *arm, int listener)
{
	static const struct stream stream = {
		"write_1", 1, BYTE_WARM, BYTE_COUNT, true,
	};

	loop_stream(arm, listener, &stream);
}

enum cycle_step {
	CYCLE_ALL,
	CYCLE_SOCKET,
	CYCLE_ATTACH,
	CYCLE_CONNECT,
	CYCLE_ACCEPT,
	CYCLE_CLOSE_CLIENT,
	CYCLE_CLOSE_SERVER,
	CYCLE_MAX,
};

/* One connection, from socket() to the second close(). */
static void cycle(const struct arm *arm, int listener, uint64_t step[CYCLE_MAX])
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

	step[CYCLE_ALL] = t[7] - t[0];
	step[CYCLE_SOCKET] = t[1] - t[0];
	step[CYCLE_ATTACH] = t[2] - t[1] + t[5] - t[4];
	step[CYCLE_CONNECT] = t[3] - t[2];
	step[CYCLE_ACCEPT] = t[4] - t[3];
	step[CYCLE_CLOSE_CLIENT] = t[6] - t[5];
	step[CYCLE_CLOSE_SERVER] = t[7] - t[6];
}

/*
 * The whole is a mean, with all that timers, RCU and kernel threads do later.
 * A step is a median: it tells what the call itself does.
 *
 * Not with SCHED_FIFO: kernel threads (MPTCP's worker, RCU's) are to run.
 */
static void loop_cycle(const struct arm *arm, int listener)
{
	static const char *const names[CYCLE_MAX] = {
		"connection_p50", "socket", "attach", "connect", "accept",
		"close_client", "close_server",
	};
	static uint64_t steps[CYCLE_MAX][CYCLE_COUNT];
	uint64_t step[CYCLE_MAX];
	double sum = 0;
	int i, m;

	for (i = 0; i < CYCLE_WARM; i++)
		cycle(arm, listener, step);
	loop_begin();
	for (i = 0; i < CYCLE_COUNT; i++) {
		cycle(arm, listener, step);
		sum += step[CYCLE_ALL];
		for (m = 0; m < CYCLE_MAX; m++)
			steps[m][i] = step[m];
	}
	loop_end();
	emit("connection", sum / CYCLE_COUNT);
	/* By the clock a mean tells how often others had the processor. */
	for (m = CYCLE_ALL; m < CYCLE_MAX; m++)
		emit(names[m], loop_quantile(steps[m], CYCLE_COUNT, 0.5));
}

/* One process: each recv() finds its bytes there. */
static void loop_one_way(const struct arm *arm, int listener)
{
	uint64_t t[3], send_sum = 0, recv_sum = 0;
	char buf[2 * TRIP_SIZE] = { 0 };
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
		put(arm, fd[0], buf, TRIP_SIZE);
		t[1] = now();
		get(arm, fd[1], buf, TRIP_SIZE);
		t[2] = now();
		send_sum += t[1] - t[0];
		recv_sum += t[2] - t[1];
	}
	loop_end();
	emit("send_32", (double)send_sum / WAY_COUNT);
	emit("recv_32", (double)recv_sum / WAY_COUNT);
	loop_fifo(false);
	close(fd[0]);
	close(fd[1]);
}

const struct loop loops[] = {
	{ "trip", loop_trip, TRIP_COUNT },
	{ "way", loop_one_way, WAY_COUNT },
	{ "write", loop_write, WRITE_COUNT },
	{ "byte", loop_byte, BYTE_COUNT },
	{ "cycle", loop_cycle, CYCLE_COUNT },
	{ "bye", farewell, FAREWELL_COUNT },
	{ "byemsg", farewell_cmsg, FAREWELL_COUNT },
	{ "byetwo", farewell_again, FAREWELL_COUNT },
};

const int loops_max = sizeof(loops) / sizeof(*loops);
