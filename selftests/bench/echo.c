// SPDX-License-Identifier: GPL-2.0
/*
 * Usage: echo [-w] [-n MESSAGES] [-s SERVER] ROUND
 *
 * Processor time that servers take for an echo of 64 bytes, by libwsp, by epoll,
 * by io_uring and by plain calls, with 1, 60 and 200 connections. -w: all sockets
 * are attached; without the module none is. -s: only that server.
 * Each server is a process of its own; the client is another one, which keeps
 * one message on the way on each connection and is not counted. Prints lines
 * "metric arm round figure", of nanoseconds and of how often the server's threads
 * slept.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "echo.h"

static const struct echo_server servers[] = {
	{ "epoll", false, echo_epoll, ECHO_MAX },
	{ "again", false, echo_epoll, ECHO_MAX },
	{ "uring", false, echo_uring, ECHO_MAX },
	{ "calls", false, echo_calls, 1 },
	{ "port", true, echo_wsp_port, ECHO_MAX },
	{ "event", true, echo_wsp_event, ECHO_EVENTS },
	{ "netevent", true, echo_wsp_select, ECHO_EVENTS },
	{ "blocking", true, echo_wsp_calls, 1 },
};

#define SERVERS	((int)(sizeof(servers) / sizeof(*servers)))

static const int sizes[] = { 1, ECHO_EVENTS, ECHO_MAX };

static int messages = 10000;
static bool attached;

/* A figure from a broken set-up is worse than none. */
_Noreturn void echo_die(const char *what)
{
	fprintf(stderr, "echo: %s: %s\n", what, strerror(errno));
	_exit(1);
}

static double echo_cpu(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return ts.tv_sec * 1e9 + ts.tv_nsec;
}

static long echo_sleeps(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_nvcsw;
}

static void echo_emit(const char *metric, const struct echo_server *server, int conns,
		      int round, double value)
{
	dprintf(STDOUT_FILENO, "%s@%d %s%s %d %.6g\n", metric, conns, server->name,
		attached ? "+wsp" : "", round, value / messages);
}

static int echo_socket(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0)
		echo_die("socket");
	if (attached && setsockopt(fd, IPPROTO_TCP, TCP_ULP, "wsp", 3))
		echo_die("TCP_ULP");
	return fd;
}

static void echo_nodelay(int fd)
{
	int on = 1;

	if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)))
		echo_die("TCP_NODELAY");
}

static uintptr_t echo_listen(unsigned short *port)
{
	struct sockaddr_in sa = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t len = sizeof(sa);
	int fd = echo_socket();

	if (bind(fd, (struct sockaddr *)&sa, len) || listen(fd, ECHO_MAX) ||
	    getsockname(fd, (struct sockaddr *)&sa, &len))
		echo_die("listen");
	*port = ntohs(sa.sin_port);
	return fd;
}

static void echo_client_open(unsigned short port, int *fd, int conns, int epoll)
{
	struct sockaddr_in sa = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	struct epoll_event ev = { .events = EPOLLIN };
	int i;

	for (i = 0; i < conns; i++) {
		fd[i] = echo_socket();
		ev.data.fd = fd[i];
		if (connect(fd[i], (struct sockaddr *)&sa, sizeof(sa)) ||
		    epoll_ctl(epoll, EPOLL_CTL_ADD, fd[i], &ev))
			echo_die("connect");
		echo_nodelay(fd[i]);
	}
}

/*
 * Each message goes out when the one before it on that connection has come back;
 * @start: readable once the server has accepted all of them.
 */
static void echo_client(unsigned short port, int conns, int start)
{
	int epoll = epoll_create1(0), sent, back = 0, i, n;
	char buf[ECHO_SIZE] = { 0 };
	struct epoll_event ev[64];
	int fd[ECHO_MAX];

	echo_client_open(port, fd, conns, epoll);
	if (read(start, buf, 1) != 1)
		echo_die("start");
	for (sent = 0; sent < conns; sent++)
		if (send(fd[sent], buf, ECHO_SIZE, 0) != ECHO_SIZE)
			echo_die("send");
	while (back < messages) {
		n = epoll_wait(epoll, ev, 64, 60000);
		if (n <= 0)
			echo_die("no answer");
		for (i = 0; i < n; i++) {
			if (recv(ev[i].data.fd, buf, ECHO_SIZE, 0) != ECHO_SIZE)
				echo_die("short echo");
			back++;
			if (sent == messages)
				continue;
			sent++;
			if (send(ev[i].data.fd, buf, ECHO_SIZE, 0) != ECHO_SIZE)
				echo_die("send");
		}
	}
}

/* In a process of its own, with a library that has done nothing yet. */
static void echo_measure(const struct echo_server *server, int conns, int round)
{
	uintptr_t fd[ECHO_MAX], listener;
	unsigned short port;
	int start[2], status, i;
	double before;
	long sleeps;
	pid_t pid;

	listener = server->library ? echo_wsp_listen(&port) : echo_listen(&port);
	if (pipe(start))
		echo_die("pipe");
	pid = fork();
	if (pid < 0)
		echo_die("fork");
	if (!pid) {
		echo_client(port, conns, start[0]);
		_exit(0);
	}
	for (i = 0; i < conns; i++) {
		fd[i] = server->library ? echo_wsp_accept(listener) :
			(uintptr_t)accept((int)listener, NULL, NULL);
		if ((int)fd[i] < 0)
			echo_die("accept");
		echo_nodelay((int)fd[i]);
	}
	before = echo_cpu();
	sleeps = echo_sleeps();
	if (write(start[1], "", 1) != 1)
		echo_die("write");
	server->serve(fd, conns);
	echo_emit("echo", server, conns, round, echo_cpu() - before);
	echo_emit("echo_sleeps", server, conns, round, echo_sleeps() - sleeps);
	if (waitpid(pid, &status, 0) != pid || status)
		echo_die("the client");
}

static void echo_run(const struct echo_server *server, int conns, int round)
{
	pid_t pid = fork();
	int status;

	if (pid < 0)
		echo_die("fork");
	if (!pid) {
		alarm(300);
		echo_measure(server, conns, round);
		_exit(0);
	}
	if (waitpid(pid, &status, 0) != pid || status)
		echo_die(server->name);
}

int main(int argc, char **argv)
{
	const char *only = NULL;
	int round, size, i, c;

	while ((c = getopt(argc, argv, "wn:s:")) != -1) {
		if (c == 'w')
			attached = true;
		else if (c == 'n')
			messages = atoi(optarg);
		else if (c == 's')
			only = optarg;
		else
			return 2;
	}
	if (optind != argc - 1 || messages < ECHO_MAX)
		return 2;
	round = atoi(argv[optind]);
	signal(SIGPIPE, SIG_IGN);
	for (size = 0; size < 3; size++) {
		/* Nobody is always first. */
		for (i = 0; i < SERVERS; i++) {
			const struct echo_server *s = &servers[(i + round) % SERVERS];

			if (sizes[size] <= s->most && (!only || !strcmp(only, s->name)))
				echo_run(s, sizes[size], round);
		}
	}
	return 0;
}
