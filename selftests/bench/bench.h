/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a TCP socket costs, in instructions: kinds of socket (arms), things
 * done with them (metrics), and the statistics of many rounds of both.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <x86intrin.h>

enum arm_id {
	ARM_PLAIN,
	ARM_PLAIN2,
	ARM_UNHOOKED,
	ARM_HOOKED,
	ARM_ATTACHED,
	ARM_TLS,
	ARM_MPTCP,
	ARM_MAX,
};

/**
 * struct arm - a kind of socket
 * @name: for the report
 * @ulp: attached to both ends; NULL for none
 * @late: the ULP wants an established socket
 * @proto: for socket()
 * @module: 0 without our module, 1 with it loaded
 * @hook: there is an attached listener in the same namespace, or in another
 * @mem: also measure memory
 */
struct arm {
	const char *name;
	const char *ulp;
	bool late;
	int proto;
	bool module;
	enum { HOOK_NONE, HOOK_ELSEWHERE, HOOK_HERE } hook;
	bool mem;
};

enum metric_id {
	M_TRIP,
	M_WRITE,
	M_CYCLE,
	M_SOCKET,
	M_ATTACH,
	M_CONNECT,
	M_ACCEPT,
	M_CLOSE_CLIENT,
	M_CLOSE_SERVER,
	M_SEND,
	M_RECV,
	M_MEM,
	M_MAX,
};

/**
 * struct metric - something measured
 * @key: in JSON
 * @name: in the table
 * @kind: what is made of an arm's figure and the plain one
 */
struct metric {
	const char *key;
	const char *name;
	enum { KIND_COST, KIND_SPEED, KIND_EXTRA, KIND_NONE } kind;
};

/* One figure of one round, as it comes from the process that measured. */
struct sample {
	int metric;
	double value;
};

/**
 * struct loop - a loop that is measured
 * @name: for `profile`
 * @run: runs it with @arm's sockets; fills in the samples it is for
 * @count: how often the body runs
 */
struct loop {
	const char *name;
	void (*run)(const struct arm *arm, int listener, struct sample *s);
	int count;
};

#define LOOP_MAX	4
#define ROUNDS_MAX	64

extern const struct arm arms[ARM_MAX];
extern const struct metric metrics[M_MAX];
extern const struct loop loops[LOOP_MAX];
extern double samples[M_MAX][ARM_MAX][ROUNDS_MAX];

/* Under icount the time stamp counter advances by one per instruction. */
static inline uint64_t now(void)
{
	return __rdtsc();
}

/* sock.c */
_Noreturn void die(const char *what);
int sock_listen(const struct arm *arm);
int sock_new(const struct arm *arm);
void sock_attach(const struct arm *arm, int fd);
void sock_connect(int fd, int listener);
int sock_accept(int listener);
void sock_pair(const struct arm *arm, int listener, int fd[2]);

/* mem.c */
void mem_per_connection(const struct arm *arm, int listener, struct sample *s);

/* report.c */
void report_table(FILE *f, int rounds);
void report_json(FILE *f, int rounds);

#endif /* BENCH_H */
