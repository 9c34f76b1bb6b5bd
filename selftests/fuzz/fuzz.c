// SPDX-License-Identifier: GPL-2.0
/*
 * fuzz [-n OPERATIONS] [-s SEED] [-p PROCESSES] [-t THREADS] [-T SECONDS] [-v]
 *
 * What a worker does depends on the seed and its number alone; what the
 * kernel makes of it depends on timing too.
 */
#include "fuzz.h"

#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <sys/wait.h>

static unsigned int procs = 3, threads = 3;
static bool verbose;
static long start_ms, limit_ms;
static int passing[2];
static pid_t pids[FZ_WORKERS], peer;
static pid_t box;

static void *worker_main(void *arg)
{
	struct fz_worker *w = arg;

	while (w->op < fz->per_worker && !fz->stop) {
		w->rng = fz_seed_rng(fz->seed, w->index, w->op);
		fz_one(w, false);
		w->op++;
		w->status->next = w->op;
	}
	fz_uring_exit();
	w->status->done = true;
	return NULL;
}

static struct fz_worker *worker_new(unsigned int index, unsigned int proc)
{
	struct fz_worker *w = calloc(1, sizeof(*w));

	w->index = index;
	w->proc = proc;
	w->status = &fz->status[index];
	w->op = w->status->next;
	w->net = -1;
	w->uds = passing[fz_below(w, 2)];
	w->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (pipe2(w->pipe, O_CLOEXEC | O_NONBLOCK))
		reg_fail("pipe");
	fcntl(w->pipe[0], F_SETPIPE_SZ, FZ_BUF);
	w->status->since = reg_ms();
	w->op_name = "start";
	return w;
}

static void process_main(unsigned int proc)
{
	struct fz_worker *w[FZ_WORKERS];
	pthread_t thread[FZ_WORKERS];
	unsigned int i;

	signal(SIGPIPE, SIG_IGN);
	for (i = 0; i < threads; i++)
		w[i] = worker_new(proc * threads + i, proc);
	w[0]->rng = fz_seed_rng(fz->seed, proc, -1);
	fz_sock_listeners(w[0]);
	for (i = 0; i < threads; i++)
		if (pthread_create(&thread[i], NULL, worker_main, w[i]))
			_exit(2);
	for (i = 0; i < threads; i++)
		pthread_join(thread[i], NULL);
	_exit(0);
}

static pid_t process_start(void (*func)(unsigned int), unsigned int arg)
{
	pid_t pid = fork();

	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		setsid();
		func(arg);
		_exit(0);
	}
	return pid;
}

static void peer_process(unsigned int arg)
{
	(void)arg;
	fz_peer_main();
}

/* The box between the second pair of namespaces, see mangle.c. */
static void box_process(unsigned int mid)
{
	/* Such as leave the stream what it is. */
	static const char * const modes[][2] = {
		{ "split", "33" }, { "split", "400" }, { "reverse", "300" },
		{ "double", "500" }, { "join", "1300" }, { "split", "90" },
	};
	const char * const *m = modes[fz->seed % FZ_ARRAY_SIZE(modes)];
	char path[512];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 10);
	int null = open("/dev/null", O_WRONLY);

	while (n > 0 && path[n - 1] != '/')
		n--;
	snprintf(path + n, sizeof(path) - n, "mangle");
	dup2(null, STDOUT_FILENO);
	if (!reg_ns_enter(mid))
		execl(path, path, "m0", "m1", m[0], m[1], NULL);
	_exit(1);
}

/* The path and its sockets must not keep dead things for minutes. */
static int net_sysctls(void)
{
	static const char * const sysctls[][2] = {
		{ "net/ipv4/tcp_retries2", "8" },
		{ "net/ipv4/tcp_orphan_retries", "3" },
		{ "net/ipv4/tcp_fin_timeout", "2" },
		{ "net/ipv4/tcp_syn_retries", "2" },
		{ "net/ipv4/tcp_synack_retries", "2" },
		{ "net/ipv4/tcp_tw_reuse", "1" },
		{ "net/ipv4/tcp_max_tw_buckets", "1000" },
		{ "net/ipv4/tcp_fastopen", "515" },
	};
	unsigned int i;

	for (i = 0; i < FZ_ARRAY_SIZE(sysctls); i++)
		if (reg_sysctl(sysctls[i][0], sysctls[i][1]))
			return -1;
	return 0;
}

static int nets_make(void)
{
	int ns[2], mid, i;

	if (reg_ns_pair(ns, NULL))
		return -1;
	fz_nets[FZ_CLIENT] = ns[0];
	fz_nets[FZ_SERVER] = ns[1];
	if (reg_ns_pair(ns, &mid))
		return -1;
	fz_nets[FZ_BOX_CLIENT] = ns[0];
	fz_nets[FZ_BOX_SERVER] = ns[1];
	box = process_start(box_process, mid);
	close(mid);
	fz_nets[FZ_VICTIM] = fz_peer_net();
	if (fz_nets[FZ_VICTIM] < 0)
		return -1;
	for (i = 0; i < FZ_NETS; i++)
		if (reg_ns_enter(fz_nets[i]) || net_sysctls())
			return -1;
	return 0;
}

static void dump(void)
{
	unsigned int i;

	for (i = 0; i < fz->workers; i++)
		printf("# worker %u: op %llu %s: %s, %ld ms%s\n", i,
		       fz->status[i].next,
		       fz->status[i].op ?: "", fz->status[i].what ?: "",
		       reg_ms() - fz->status[i].since,
		       fz->status[i].done ? ", done" : "");
	fflush(stdout);
}

static void run_sums(void)
{
	printf("%u connections, %llu bytes, %u records; ", fz->conns,
	       fz->bytes, fz->records);
	printf("forger: %llu frames in, %llu out, %u records\n",
	       fz->frames_in, fz->frames_out, fz->forged);
}

/* Watches over the workers; false if one got stuck. */
static bool run_watch(void)
{
	unsigned int i, left;
	long shown = reg_ms();

	do {
		poll(NULL, 0, 200);
		if (limit_ms && reg_ms() - start_ms > limit_ms)
			fz->stop = true;
		for (i = left = 0; i < fz->workers; i++) {
			if (fz->status[i].done)
				continue;
			left++;
			if (reg_ms() - fz->status[i].since < FZ_STUCK_MS)
				continue;
			fz_fail(NULL, FZ_HANG, "worker %u is stuck", i);
			dump();
			reg_sh("echo w > /proc/sysrq-trigger; dmesg | tail -n 150");
			return false;
		}
		if (reg_ms() - shown > 30000) {
			shown = reg_ms();
			printf("# worker 0 at %llu of %llu; ", fz->status[0].next,
			       (unsigned long long)fz->per_worker);
			run_sums();
		}
	} while (left);
	return true;
}

static void run_tally(void)
{
	unsigned long long done = 0;
	unsigned int i;

	for (i = 0; verbose && fz_ops[i].name; i++)
		printf("# %-12s %9u ok %9u failed %8llu ms, last with %s\n",
		       fz_ops[i].name, fz->tally[i].ok, fz->tally[i].err,
		       (unsigned long long)fz->tally[i].us / 1000,
		       strerror(fz->tally[i].last_errno));
	printf("# %ld ms\n", reg_ms() - start_ms);
	for (i = 0; i < fz->workers; i++)
		done += fz->status[i].next;
	printf("# %llu operations, ", done);
	run_sums();
}

static void run_again(uint64_t count)
{
	struct utsname uts = { .release = "" };
	unsigned int dots = 0, n = 0;

	uname(&uts);
	while (uts.release[n] && (uts.release[n] != '.' || ++dots < 2))
		n++;
	printf("make fuzz K=%.*s N=%llu SEED=%llu\n", (int)n, uts.release,
	       (unsigned long long)count, (unsigned long long)fz->seed);
}

/* How many operations bring each worker at least as far as the time let it get. */
static uint64_t run_reached(uint64_t count)
{
	unsigned long long most = 0;
	unsigned int i;

	for (i = 0; limit_ms && i < fz->workers; i++)
		if (fz->status[i].next > most)
			most = fz->status[i].next;
	return most ? most * fz->workers : count;
}

static int run_report(uint64_t count)
{
	static const char * const names[FZ_CHECKS] = {
		[FZ_STREAM] = "streams hold what was written",
		[FZ_DISC] = "disconnect data is what was sent or armed",
		[FZ_ERRNO] = "errors are documented ones",
		[FZ_STATE] = "state is consistent",
		[FZ_HANG] = "no call hangs",
		[FZ_LEAK] = "nothing leaks",
		[FZ_UNLOAD] = "the module can be unloaded",
	};
	int i, failed = 0;

	printf("TAP version 13\n1..%d\n", FZ_CHECKS);
	for (i = 0; i < FZ_CHECKS; i++) {
		failed += !!fz->failed[i];
		printf("%sok %d %s # %u checks, %u failed\n",
		       fz->failed[i] ? "not " : "", i + 1, names[i],
		       fz->checked[i], fz->failed[i]);
	}
	if (failed) {
		printf("# again: ");
		run_again(run_reached(count));
	}
	return failed ? 1 : 0;
}

static void run_end(bool ok)
{
	unsigned int i;

	fz->stop = true;
	for (i = 0; i < procs; i++) {
		int status;

		if (!ok)
			kill(pids[i], SIGKILL);
		if (ok && waitpid(pids[i], &status, 0) == pids[i] && status)
			fz_fail(NULL, FZ_STATE, "process %u: status %#x", i,
				status);
	}
	kill(peer, SIGKILL);
	waitpid(peer, NULL, 0);
	kill(box, SIGKILL);
	waitpid(box, NULL, 0);
}

/*
 * The first socket that wants timestamps and the last one have the kernel patch
 * its own code, which an emulated second processor can trip over.
 */
static int keep_timestamps(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	return reg_setint(fd, SOL_SOCKET, SO_TIMESTAMP, 1);
}

int main(int argc, char **argv)
{
	struct rlimit files = { 4096, 4096 };
	uint64_t seed = 0, count = 20000;
	unsigned int i;
	bool ok;
	int opt;

	while ((opt = getopt(argc, argv, "n:s:p:t:T:v")) != -1) {
		switch (opt) {
		case 'n':
			count = strtoull(optarg, NULL, 0);
			break;
		case 's':
			seed = strtoull(optarg, NULL, 0);
			break;
		case 'p':
			procs = atoi(optarg);
			break;
		case 't':
			threads = atoi(optarg);
			break;
		case 'T':
			limit_ms = atol(optarg) * 1000;
			break;
		case 'v':
			verbose = true;
			break;
		default:
			return 2;
		}
	}
	if (!seed)
		seed = (uint64_t)time(NULL) * 1000003 % 1000000007;
	if (!procs || !threads || procs * threads > FZ_WORKERS)
		return 2;
	setlinebuf(stdout);
	setrlimit(RLIMIT_NOFILE, &files);
	fz = mmap(NULL, sizeof(*fz), PROT_READ | PROT_WRITE,
		  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (fz == MAP_FAILED || socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC,
					   0, passing))
		return 2;
	if (keep_timestamps())
		return 2;
	fz_page();
	fz->seed = seed;
	fz->workers = procs * threads;
	fz->per_worker = (count + fz->workers - 1) / fz->workers;
	printf("# %u processes of %u threads; again: ", procs, threads);
	run_again(count);
	start_ms = reg_ms();
	fz_end_begin();
	if (nets_make())
		return 2;
	for (i = 0; i < fz->workers; i++)
		fz->status[i].since = reg_ms();
	peer = process_start(peer_process, 0);
	fz_peer_leave();
	for (i = 0; i < procs; i++)
		pids[i] = process_start(process_main, i);
	ok = run_watch();
	run_end(ok);
	run_tally();
	for (i = 0; i < 2; i++)
		close(passing[i]);
	if (ok)
		fz_end();
	else
		dump();
	return run_report(count);
}
