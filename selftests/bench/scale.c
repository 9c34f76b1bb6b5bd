// SPDX-License-Identifier: GPL-2.0
/*
 * How cost grows with the number of connections that are open beside: of
 * another connection, of a message on one after the other, of memory.
 */
#include <stdlib.h>

#include "../reg_net.h"
#include "bench.h"

#define SCALE_LEVELS	4
/* The range of ports is per address and port of the other side. */
#define SCALE_PER_PORT	2000
#define SCALE_CYCLES	300
#define SCALE_MESSAGES	2000
#define SCALE_SIZE	32

static const int levels[SCALE_LEVELS] = { 1, 100, 10000, 50000 };
static const int levels_quick[SCALE_LEVELS] = { 1, 10, 100, 1000 };

struct scale_conn {
	int fd[2];
};

static uint64_t scale_message(const struct arm *arm, const struct scale_conn *conn)
{
	char buf[2 * SCALE_SIZE] = { 0 };
	uint64_t start = now();

	put(arm, conn->fd[0], buf, SCALE_SIZE);
	get(arm, conn->fd[1], buf, SCALE_SIZE);
	return now() - start;
}

/* The first one of each, which finds what accept() has left to be done. */
static double scale_first(const struct arm *arm, const struct scale_conn *conn,
			  int from, int to)
{
	uint64_t sum = 0;
	int i;

	for (i = from; i < to; i++)
		sum += scale_message(arm, conn + i);
	return (double)sum / (to - from);
}

/* One after the other, in steps that no cache can guess. */
static double scale_messages(const struct arm *arm, const struct scale_conn *conn,
			     int n)
{
	unsigned int at = 0;
	uint64_t sum = 0;
	int i;

	for (i = 0; i < SCALE_MESSAGES; i++) {
		at = (at + 7919) % n;
		sum += scale_message(arm, conn + at);
	}
	return (double)sum / SCALE_MESSAGES;
}

/* A connection more, and closed again. */
static double scale_cycles(const struct arm *arm, int listener)
{
	uint64_t start, sum = 0;
	int fd[2];
	int i;

	for (i = -SCALE_CYCLES / 10; i < SCALE_CYCLES; i++) {
		start = now();
		sock_pair(arm, listener, fd);
		close(fd[0]);
		close(fd[1]);
		if (i >= 0)
			sum += now() - start;
	}
	return (double)sum / SCALE_CYCLES;
}

/* What opening a level's connections took, for each. */
static double scale_open(const struct arm *arm, struct scale_conn *conn, int from,
			 int to)
{
	static int listener = -1;
	uint64_t start = now();
	int i;

	for (i = from; i < to; i++) {
		if (i % SCALE_PER_PORT == 0)
			listener = sock_listen(arm);
		sock_pair(arm, listener, conn[i].fd);
	}
	return (double)(now() - start) / (to - from);
}

/**
 * scale() - measure with more and more connections open
 * @arm: their kind
 */
void scale(const struct arm *arm)
{
	const int *level = opt_quick ? levels_quick : levels;
	int most = level[SCALE_LEVELS - 1], listener, i, n = 0;
	struct scale_conn *conn = calloc(most, sizeof(*conn));
	double before;

	if (!conn)
		die("memory");
	mem_limit(2 * most + 1000);
	if (reg_ns_lo())
		die("network namespace");
	listener = sock_listen(arm);
	scale_cycles(arm, listener);
	mem_shrink();
	before = mem_slab();
	for (i = 0; i < SCALE_LEVELS; i++) {
		emit_at("scale_open", level[i],
			scale_open(arm, conn, n, level[i]));
		mem_shrink();
		if (level[i] >= 100)
			emit_at("scale_memory", level[i],
				(mem_slab() - before) / level[i]);
		emit_at("scale_first", level[i],
			scale_first(arm, conn, n, level[i]));
		n = level[i];
		emit_at("scale_message", n, scale_messages(arm, conn, n));
		emit_at("scale_connection", n, scale_cycles(arm, listener));
	}
}
