// SPDX-License-Identifier: GPL-2.0
/*
 * preload_cost: nanoseconds that calls take, for selftests/bench/preload, in whose
 * machine each instruction takes one.
 */
#define _GNU_SOURCE
#include "reg_net.h"

#define ROUNDS	40
#define FILES	100
#define CYCLES	200

static long cost_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000L + ts.tv_nsec;
}

/* close() of what is no socket. */
static long cost_close_file(void)
{
	long total = 0, start;
	int fd[FILES], i, j;

	for (i = 0; i < ROUNDS; i++) {
		for (j = 0; j < FILES; j++)
			fd[j] = open("/dev/null", O_RDONLY | O_CLOEXEC);
		start = cost_ns();
		for (j = 0; j < FILES; j++)
			close(fd[j]);
		total += cost_ns() - start;
	}
	return total / (ROUNDS * FILES);
}

/* A connection per request; @server: of accept() and close() of that end alone. */
static long cost_cycle(long *server)
{
	struct reg_conf conf = { .family = REG_V4 };
	int listener = reg_listen(&conf), fd[2], i;
	long start = cost_ns(), part;
	char c = 'x';

	if (listener < 0)
		return -1;
	*server = 0;
	for (i = 0; i < CYCLES; i++) {
		fd[0] = reg_client(&conf);
		if (reg_connect(fd[0], &conf, reg_port(listener)))
			return -1;
		part = cost_ns();
		fd[1] = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		*server += cost_ns() - part;
		if (send(fd[0], &c, 1, 0) != 1 || recv(fd[1], &c, 1, 0) != 1 ||
		    send(fd[1], &c, 1, 0) != 1 || recv(fd[0], &c, 1, 0) != 1)
			return -1;
		part = cost_ns();
		close(fd[1]);
		*server += cost_ns() - part;
		close(fd[0]);
	}
	*server /= CYCLES;
	return (cost_ns() - start) / CYCLES;
}

int main(void)
{
	long file, cycle, server = 0;

	alarm(600);
	if (reg_ns_lo())
		return 1;
	cost_close_file();
	file = cost_close_file();
	cost_cycle(&server);
	cycle = cost_cycle(&server);
	printf("%ld %ld %ld\n", file, cycle, server);
	return cycle < 0;
}
