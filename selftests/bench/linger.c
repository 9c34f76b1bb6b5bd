// SPDX-License-Identifier: GPL-2.0
/*
 * Thousands of closes that linger at the same time, on peers that do not read
 * until all of them have begun: WSP_LINGER_START in one thread, which then waits
 * for all of them by epoll, or a thread for each that sleeps in close().
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>

#include "../linger.h"
#include "bench.h"

#define LINGER_COUNT		10000
#define LINGER_QUICK		500
#define LINGER_S		120
#define LINGER_BUF		4608
#define LINGER_STACK		16384

static struct {
	int fd;
	int peer;
	pthread_t thread;
} *conn;

static int count;
static atomic_int closing;

/* These are the machine's, and it is ours alone. */
static void linger_limits(void)
{
	if (reg_sysctl("net/ipv4/tcp_max_orphans", "65536") ||
	    reg_sysctl("net/ipv4/tcp_mem", "200000 250000 300000") ||
	    reg_sysctl("net/core/netdev_max_backlog", "20000") ||
	    reg_ns_lo())
		die("limits");
	mem_limit(2 * count + 1000);
}

/* What the closes add to the machine's memory, in bytes. */
static double linger_memory(void)
{
	static const char *const kinds[] = { "AnonPages:", "Slab:", "KernelStack:",
					     "PageTables:" };
	FILE *f = mem_file("/proc/meminfo");
	char name[64], line[128];
	unsigned long kib;
	double sum = 0;
	size_t i;

	while (fgets(line, sizeof(line), f))
		for (i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
			if (sscanf(line, "%63s %lu", name, &kib) == 2 &&
			    !strcmp(name, kinds[i]))
				sum += kib * 1024.0;
	fclose(f);
	return sum;
}

static double linger_cpu(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return ts.tv_sec * 1e9 + ts.tv_nsec;
}

static void linger_connect(const struct arm *arm, int listener, int i)
{
	static const char buf[4096];

	conn[i].fd = sock_new(arm);
	if (reg_setint(conn[i].fd, SOL_SOCKET, SO_SNDBUF, LINGER_BUF))
		die("SO_SNDBUF");
	sock_attach(arm, conn[i].fd);
	sock_connect(conn[i].fd, listener);
	conn[i].peer = sock_accept(listener);
	while (send(conn[i].fd, buf, sizeof(buf), MSG_DONTWAIT) > 0)
		;
	if (errno != EAGAIN || linger_option(conn[i].fd, 1, LINGER_S))
		die("a full connection");
}

static void linger_connect_all(const struct arm *arm, int peers)
{
	int listener = sock_listen(arm), i;
	struct epoll_event ev = { .events = EPOLLIN };

	if (reg_setint(listener, SOL_SOCKET, SO_RCVBUF, LINGER_BUF))
		die("SO_RCVBUF");
	for (i = 0; i < count; i++) {
		linger_connect(arm, listener, i);
		ev.data.fd = conn[i].peer;
		if (epoll_ctl(peers, EPOLL_CTL_ADD, conn[i].peer, &ev))
			die("epoll_ctl");
	}
}

static void *linger_thread(void *arg)
{
	int i = (intptr_t)arg;

	atomic_fetch_add(&closing, 1);
	if (close(conn[i].fd))
		die("close");
	return NULL;
}

static void linger_begin_threads(void)
{
	pthread_attr_t attr;
	int i;

	pthread_attr_init(&attr);
	if (pthread_attr_setstacksize(&attr, LINGER_STACK))
		die("stack size");
	for (i = 0; i < count; i++)
		if (pthread_create(&conn[i].thread, &attr, linger_thread,
				   (void *)(intptr_t)i))
			die("pthread_create");
	while (atomic_load(&closing) < count)
		sched_yield();
}

static void linger_begin_async(int ends)
{
	struct epoll_event ev = { .events = 0 };
	int i;

	for (i = 0; i < count; i++) {
		ev.data.fd = conn[i].fd;
		if (linger_start(conn[i].fd, LINGER_S * 1000) ||
		    epoll_ctl(ends, EPOLL_CTL_ADD, conn[i].fd, &ev))
			die("WSP_LINGER_START");
	}
}

/* The peers read all there is, up to the end of the stream. */
static void linger_drain(int peers)
{
	struct epoll_event ev[64];
	char buf[8192];
	int i, n, open = count;
	ssize_t got;

	while (open) {
		n = epoll_wait(peers, ev, 64, -1);
		for (i = 0; i < n; i++) {
			got = recv(ev[i].data.fd, buf, sizeof(buf), MSG_DONTWAIT);
			if (got > 0 || (got < 0 && errno == EAGAIN))
				continue;
			if (got)
				die("a reset");
			close(ev[i].data.fd);
			open--;
		}
	}
}

static void linger_end_async(int ends)
{
	struct epoll_event ev[64];
	int i, n, open = count;

	while (open) {
		n = epoll_wait(ends, ev, 64, -1);
		for (i = 0; i < n; i++) {
			if (linger_state(ev[i].data.fd) != WSP_LINGER_DRAINED)
				die("not drained");
			close(ev[i].data.fd);
			open--;
		}
	}
}

static void linger_end_threads(void)
{
	int i;

	for (i = 0; i < count; i++)
		if (pthread_join(conn[i].thread, NULL))
			die("pthread_join");
}

/**
 * linger() - measure closes that linger
 * @arm: "wsp", asynchronously, or another, by threads
 */
void linger(const struct arm *arm)
{
	int peers = epoll_create1(0), ends = epoll_create1(0);
	double memory, cpu;
	uint64_t start;

	count = opt_quick ? LINGER_QUICK : LINGER_COUNT;
	conn = calloc(count, sizeof(*conn));
	if (peers < 0 || ends < 0 || !conn)
		die("set-up");
	linger_limits();
	linger_connect_all(arm, peers);
	mem_shrink();
	memory = linger_memory();
	cpu = linger_cpu();
	start = now();
	if (arm->ulp)
		linger_begin_async(ends);
	else
		linger_begin_threads();
	emit("linger_begin", (double)(now() - start) / count);
	emit("linger_memory", (linger_memory() - memory) / count);
	linger_drain(peers);
	if (arm->ulp)
		linger_end_async(ends);
	else
		linger_end_threads();
	emit("linger_cpu", (linger_cpu() - cpu) / count);
	emit("linger_elapsed", (double)(now() - start) / count);
}
