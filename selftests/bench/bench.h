/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a TCP socket costs: kinds of socket (arms) and things done with them
 * (loops, in parts), in instructions or in nanoseconds. Each figure of each
 * round is a line of output, of which report.py makes statistics.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>
#include <time.h>
#include <x86intrin.h>

/* Parts of the measurement, as bits. */
#define PART_SOCKETS	(1U << 0)
#define PART_SCALE	(1U << 1)
#define PART_LINGER	(1U << 2)
#define PART_MAX	3

/**
 * struct arm - a kind of socket
 * @name: for the report
 * @ulp: attached to both ends; NULL for none
 * @late: the ULP wants an established socket
 * @framed: every message has a header, so that a last word can be told from data
 * @proto: for socket()
 * @module: 0 without our module, 1 with it loaded
 * @hook: there is an attached listener in the same namespace, or in another
 * @parts: what is measured with it
 * @mem: also measure memory
 */
struct arm {
	const char *name;
	const char *ulp;
	bool late;
	bool framed;
	int proto;
	bool module;
	enum { HOOK_NONE, HOOK_ELSEWHERE, HOOK_HERE } hook;
	unsigned int parts;
	bool mem;
};

/**
 * struct loop - a loop that is measured
 * @name: for `profile`
 * @run: runs it with @arm's sockets, and calls emit()
 * @count: how often the body runs
 */
struct loop {
	const char *name;
	void (*run)(const struct arm *arm, int listener);
	int count;
};

extern const struct arm arms[];
extern const int arms_max;
extern const struct loop loops[];
extern const int loops_max;
extern bool opt_wall;
extern bool opt_quick;

/* Under icount the time stamp counter advances by one per instruction. */
static inline uint64_t now(void)
{
	struct timespec ts;

	if (!opt_wall)
		return __rdtsc();
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

/* bench.c */
void emit(const char *metric, double value);
void emit_at(const char *metric, int at, double value);

/* sock.c */
_Noreturn void die(const char *what);
int sock_listen(const struct arm *arm);
int sock_new(const struct arm *arm);
void sock_attach(const struct arm *arm, int fd);
void sock_connect(int fd, int listener);
int sock_accept(int listener);
void sock_ready(const struct arm *arm, int fd);
int sock_client(const struct arm *arm, int listener);
void sock_pair(const struct arm *arm, int listener, int fd[2]);

/* message.c */
void put(const struct arm *arm, int fd, const void *buf, size_t len);
void get(const struct arm *arm, int fd, void *buf, size_t len);
size_t message_size(const struct arm *arm, size_t len);

/* loop.c */
void loop_fifo(bool on);
uint64_t loop_begin(void);
uint64_t loop_end(void);
pid_t loop_fork(void);
void loop_join(pid_t pid);
uint64_t loop_quantile(uint64_t *v, int n, double q);

/* farewell.c */
#define FAREWELL_COUNT	300
void farewell(const struct arm *arm, int listener);
void farewell_cmsg(const struct arm *arm, int listener);
void farewell_again(const struct arm *arm, int listener);

/* mem.c */
void mem_limit(int files);
FILE *mem_file(const char *path);
double mem_slab(void);
void mem_shrink(void);
void mem_per_connection(const struct arm *arm, int listener);

/* scale.c, linger.c */
void scale(const struct arm *arm);
void linger(const struct arm *arm);

#endif /* BENCH_H */
