// SPDX-License-Identifier: GPL-2.0
/*
 * Usage: bench [-r ROUNDS] [-m MEM_ROUNDS] [-a ARM,…] [-s]
 *
 * Counts what sockets cost, by the time stamp counter of a machine started
 * with `selftests/vm/run --icount --no-module`. JSON goes to stdout, the same
 * as tables to stderr. $WSP_KO is the module to load and unload. -s: what
 * `profile` needs to know instead of the JSON.
 *
 * Each arm of each round runs in a process and a network namespace of its
 * own. The module is loaded in the second half of every round only: a hook
 * anywhere makes the kernel look for hooks everywhere, so that "plain" is
 * what it says only while there is no module.
 */
#include <math.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "../reg_module.h"
#include "bench.h"

static int opt_rounds = 11;
static int opt_mem = 3;
static bool opt_arm[ARM_MAX];
static bool opt_symbols;

static void write_to(const char *path, const char *val)
{
	int fd = open(path, O_WRONLY);

	/* Not every kernel has everything. */
	if (fd < 0)
		return;
	if (write(fd, val, strlen(val)) < 0)
		die(path);
	close(fd);
}

/* The loops are to have the processor for themselves. */
static void setup(void)
{
	write_to("/proc/sys/kernel/sched_rt_runtime_us", "-1");
	write_to("/sys/kernel/debug/sched/fair_server/cpu0/runtime", "0");
	write_to("/proc/sys/kernel/randomize_va_space", "0");
	/*
	 * Before Linux 6.4 packets wait for a ksoftirqd that was woken once,
	 * and SCHED_FIFO would keep it from running.
	 */
	if (system("modprobe tls && chrt -f -p 2 $(pgrep -x ksoftirqd/0)"))
		die("setup");
}

/* A listener that has the module register its hook in this namespace. */
static void hook(void)
{
	sock_listen(&arms[ARM_ATTACHED]);
}

/* The process that hooks another namespace; ended by the end of its pipe. */
static pid_t hook_elsewhere(int *pipe_end)
{
	int ready[2], stop[2];
	pid_t pid;
	char c;

	if (pipe2(ready, O_CLOEXEC) || pipe2(stop, O_CLOEXEC))
		die("pipe");
	pid = fork();
	if (pid < 0)
		die("fork");
	if (!pid) {
		close(stop[1]);
		if (reg_ns_lo())
			_exit(1);
		hook();
		close(ready[1]);
		_exit(read(stop[0], &c, 1) != 0);
	}
	close(ready[1]);
	close(stop[0]);
	if (read(ready[0], &c, 1))
		die("read");
	close(ready[0]);
	*pipe_end = stop[1];
	return pid;
}

static void measure(const struct arm *arm, bool mem, struct sample *s)
{
	int listener, i, stop = -1;
	pid_t pid = 0;

	if (arm->hook == HOOK_ELSEWHERE)
		pid = hook_elsewhere(&stop);
	if (reg_ns_lo())
		die("network namespace");
	if (arm->hook == HOOK_HERE)
		hook();
	listener = sock_listen(arm);
	for (i = 0; i < LOOP_MAX; i++)
		loops[i].run(arm, listener, s);
	if (mem)
		mem_per_connection(arm, listener, s);
	if (pid) {
		close(stop);
		if (waitpid(pid, NULL, 0) != pid)
			die("waitpid");
	}
}

/* In a process of its own, so that sockets and namespace go with it. */
static void run_arm(int id, int round)
{
	struct sample s[M_MAX];
	int fd[2], status, i;
	pid_t pid;

	if (!opt_arm[id])
		return;
	if (pipe(fd))
		die("pipe");
	pid = fork();
	if (pid < 0)
		die("fork");
	if (!pid) {
		for (i = 0; i < M_MAX; i++)
			s[i] = (struct sample){ i, NAN };
		measure(&arms[id], arms[id].mem && round < opt_mem, s);
		_exit(write(fd[1], s, sizeof(s)) != sizeof(s));
	}
	close(fd[1]);
	if (read(fd[0], s, sizeof(s)) != sizeof(s))
		die(arms[id].name);
	close(fd[0]);
	if (waitpid(pid, &status, 0) != pid || status)
		die(arms[id].name);
	for (i = 0; i < M_MAX; i++)
		samples[i][id][round] = s[i].value;
	for (i = 0; i < LOOP_MAX && opt_symbols; i++)
		printf("section %s %s %d\n", loops[i].name, arms[id].name,
		       loops[i].count);
	fflush(stdout);
	/* Let what it left be cleaned up; idle time takes no time here. */
	poll(NULL, 0, 1000);
}

static void run_round(int round)
{
	int i, pass;

	for (pass = 0; pass < 2; pass++) {
		if (pass && reg_module_load())
			die("module");
		/* Each load is to another place. */
		if (pass && opt_symbols && system("cat /proc/kallsyms"))
			die("kallsyms");
		/* Nobody is always first. */
		for (i = 0; i < ARM_MAX; i++) {
			int id = (i + round) % ARM_MAX;

			if (arms[id].module == pass)
				run_arm(id, round);
		}
	}
	if (!reg_module_idle() || reg_module_unload_soon())
		die("unload");
}

static void options(int argc, char **argv)
{
	bool chosen = false;
	char *name;
	int c, i;

	while ((c = getopt(argc, argv, "r:m:a:s")) != -1) {
		switch (c) {
		case 'r':
			opt_rounds = atoi(optarg);
			break;
		case 'm':
			opt_mem = atoi(optarg);
			break;
		case 'a':
			chosen = true;
			for (name = strtok(optarg, ","); name;
			     name = strtok(NULL, ","))
				for (i = 0; i < ARM_MAX; i++)
					opt_arm[i] |= !strcmp(name, arms[i].name);
			break;
		case 's':
			opt_symbols = true;
			break;
		default:
			exit(2);
		}
	}
	for (i = 0; i < ARM_MAX; i++)
		opt_arm[i] |= !chosen;
	opt_arm[ARM_PLAIN] = true;
	if (opt_rounds < 1 || opt_rounds > ROUNDS_MAX)
		exit(2);
}

int main(int argc, char **argv)
{
	int i, j, k;

	alarm(3600);
	options(argc, argv);
	setup();
	for (i = 0; i < M_MAX; i++)
		for (j = 0; j < ARM_MAX; j++)
			for (k = 0; k < ROUNDS_MAX; k++)
				samples[i][j][k] = NAN;
	for (i = 0; i < opt_rounds; i++)
		run_round(i);
	if (!opt_symbols)
		report_json(stdout, opt_rounds);
	report_table(stderr, opt_rounds);
	return 0;
}
