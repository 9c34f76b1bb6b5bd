// SPDX-License-Identifier: GPL-2.0
/*
 * Usage: bench [-w] [-q] [-p PART] [-r ROUNDS] [-m MEM_ROUNDS] [-a ARM,…] [-s]
 *
 * Measures what sockets cost, in a machine started with --no-module: by the time
 * stamp counter if that was with --icount, by the clock with -w. Prints lines
 * "metric arm round figure". $WSP_KO is the module to load and unload. Parts are
 * sockets, scale and linger; -q: less of everything; -s: what `profile` needs to
 * know, too.
 *
 * Each arm of each round runs in a process and a network namespace of its
 * own. The module is loaded in the second half of every round only: a hook
 * anywhere makes the kernel look for hooks everywhere, so that "plain" is
 * what it says only while there is no module.
 */
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "../reg_module.h"
#include "bench.h"

static int opt_rounds = 11;
static int opt_mem = 3;
static int opt_part;
static const char *opt_arms;
static bool opt_symbols;
bool opt_wall;
bool opt_quick;

static const char *const parts[PART_MAX] = { "sockets", "scale", "linger" };

static const char *current_arm;
static int current_round;

/**
 * emit() - print a figure of this arm in this round
 * @metric: its name
 * @value: the figure
 */
void emit(const char *metric, double value)
{
	dprintf(STDOUT_FILENO, "%s %s %d %.6g\n", metric, current_arm,
		current_round, value);
}

/**
 * emit_at() - print a figure that depends on a number
 * @metric: its name
 * @at: the number
 * @value: the figure
 */
void emit_at(const char *metric, int at, double value)
{
	char name[64];

	snprintf(name, sizeof(name), "%s@%d", metric, at);
	emit(name, value);
}

static void write_to(const char *path, const char *val)
{
	int fd = open(path, O_WRONLY);

	/* Not every kernel has everything. */
	if (fd < 0)
		return;
	/* Busy: an earlier run has set it, and real-time threads rely on it. */
	if (write(fd, val, strlen(val)) < 0 && errno != EBUSY)
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
	sock_listen(&(struct arm){ .ulp = "wsp" });
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

static void measure_sockets(const struct arm *arm, bool mem)
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
	for (i = 0; i < loops_max; i++) {
		loops[i].run(arm, listener);
		if (opt_symbols)
			dprintf(STDOUT_FILENO, "section %s %s %d\n",
				loops[i].name, arm->name, loops[i].count);
	}
	if (mem)
		mem_per_connection(arm, listener);
	if (pid) {
		close(stop);
		if (waitpid(pid, NULL, 0) != pid)
			die("waitpid");
	}
}

static void measure(const struct arm *arm, int round)
{
	current_arm = arm->name;
	current_round = round;
	switch (1U << opt_part) {
	case PART_SOCKETS:
		measure_sockets(arm, arm->mem && round < opt_mem);
		break;
	case PART_SCALE:
		scale(arm);
		break;
	case PART_LINGER:
		linger(arm);
		break;
	}
}

static bool chosen(const struct arm *arm)
{
	size_t n = strlen(arm->name);
	const char *p;

	if (!(arm->parts >> opt_part & 1))
		return false;
	if (!opt_arms || arm == &arms[0])
		return true;
	for (p = opt_arms; p; p = strchr(p, ',')) {
		p += *p == ',';
		if (!strncmp(p, arm->name, n) && (!p[n] || p[n] == ','))
			return true;
	}
	return false;
}

/* In a process of its own, so that sockets and namespace go with it. */
static void run_arm(const struct arm *arm, int round)
{
	int status;
	pid_t pid;

	pid = fork();
	if (pid < 0)
		die("fork");
	if (!pid) {
		measure(arm, round);
		_exit(0);
	}
	if (waitpid(pid, &status, 0) != pid || status)
		die(arm->name);
	/* Let what it left be cleaned up; under icount this takes no time. */
	poll(NULL, 0, opt_wall ? 300 : 1000);
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
		for (i = 0; i < arms_max; i++) {
			const struct arm *arm = &arms[(i + round) % arms_max];

			if (arm->module == pass && chosen(arm))
				run_arm(arm, round);
		}
	}
	if (!reg_module_idle() || reg_module_unload_soon())
		die("unload");
}

static int part_number(const char *name)
{
	int i;

	for (i = 0; i < PART_MAX; i++)
		if (!strcmp(name, parts[i]))
			return i;
	exit(2);
}

static void options(int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "wqp:r:m:a:s")) != -1) {
		switch (c) {
		case 'w':
			opt_wall = true;
			break;
		case 'q':
			opt_quick = true;
			break;
		case 'p':
			opt_part = part_number(optarg);
			break;
		case 'r':
			opt_rounds = atoi(optarg);
			break;
		case 'm':
			opt_mem = atoi(optarg);
			break;
		case 'a':
			opt_arms = optarg;
			break;
		case 's':
			opt_symbols = true;
			break;
		default:
			exit(2);
		}
	}
}

int main(int argc, char **argv)
{
	int i;

	alarm(3600);
	options(argc, argv);
	setup();
	for (i = 0; i < opt_rounds; i++)
		run_round(i);
	return 0;
}
