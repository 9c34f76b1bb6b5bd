// SPDX-License-Identifier: GPL-2.0
/*
 * preload_prog PORT HOW [port P | inherit] [linger S] [nonblock] [fill] [drain]
 *
 * A plain POSIX program, to run with and without libwsp-preload.so: connects to
 * PORT on 127.0.0.1, or, if PORT is 0, accepts from a listener on port P or from
 * descriptor 3; with drain, reads all that comes; waits for a
 * byte on its standard input; ends the connection in the way HOW; writes what that
 * gave to its standard output; waits for the end of its input and exits with 7.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <liburing.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define EXIT_STATUS	7
#define INHERITED	3

static long prog_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void prog_die(const char *what)
{
	perror(what);
	exit(99);
}

static int end_close(int fd)
{
	return close(fd);
}

static int end_fclose(int fd)
{
	return fclose(fdopen(fd, "r+"));
}

static int end_dup2(int fd)
{
	return dup2(STDERR_FILENO, fd) == fd ? 0 : -1;
}

static int end_dup(int fd)
{
	int copy = dup(fd);

	return close(copy) ? -1 : close(fd);
}

static int end_fcntl(int fd)
{
	int copy = fcntl(fd, F_DUPFD_CLOEXEC, 100);

	return close(fd) ? -1 : close(copy);
}

static int end_close_range(int fd)
{
	return close_range(fd, ~0U, 0);
}

static int end_closefrom(int fd)
{
	closefrom(fd);
	return 0;
}

static int end_raw(int fd)
{
	return syscall(SYS_close, fd);
}

static int end_uring(int fd)
{
	struct io_uring_cqe *cqe;
	struct io_uring ring;
	int ret;

	if (io_uring_queue_init(4, &ring, 0))
		prog_die("io_uring");
	io_uring_prep_close(io_uring_get_sqe(&ring), fd);
	if (io_uring_submit_and_wait(&ring, 1) != 1 || io_uring_wait_cqe(&ring, &cqe))
		prog_die("io_uring");
	ret = cqe->res;
	io_uring_queue_exit(&ring);
	errno = -ret;
	return ret ? -1 : 0;
}

static int end_shutdown(int fd)
{
	return shutdown(fd, SHUT_WR);
}

static int end_exit(int fd)
{
	(void)fd;
	exit(EXIT_STATUS);
}

static int end__exit(int fd)
{
	(void)fd;
	_exit(EXIT_STATUS);
}

static int end_signal(int sig)
{
	struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_CORE, &none);
	raise(sig);
	return -1;
}

static int end_kill(int fd)
{
	(void)fd;
	return end_signal(SIGKILL);
}

static int end_segv(int fd)
{
	(void)fd;
	return end_signal(SIGSEGV);
}

static int end_exec(int fd)
{
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	execlp("cat", "cat", NULL);
	return -1;
}

static int prog_reap(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid || status)
		prog_die("child");
	return 0;
}

/* These leave the connection alone: the parent still has it. */
static int end_vfork(int fd)
{
	pid_t pid = vfork();

	if (!pid) {
		close(fd);
		close_range(fd, ~0U, 0);
		_exit(0);
	}
	return prog_reap(pid);
}

static int end_spawn(int fd)
{
	char *argv[2] = { "true" };
	posix_spawn_file_actions_t fa;
	pid_t pid;

	posix_spawn_file_actions_init(&fa);
	posix_spawn_file_actions_addclose(&fa, fd);
	if (posix_spawnp(&pid, "true", &fa, NULL, argv, environ))
		prog_die("posix_spawn");
	posix_spawn_file_actions_destroy(&fa);
	return prog_reap(pid);
}

static int end_forkexec(int fd)
{
	pid_t pid = fork();

	if (!pid) {
		close(fd);
		execlp("true", "true", NULL);
		_exit(1);
	}
	return prog_reap(pid);
}

/* A server of one process per connection: the child has it, and is killed. */
static int end_handed(int fd)
{
	pid_t pid = fork();
	int status;

	if (!pid)
		raise(SIGSTOP);
	if (waitpid(pid, &status, WUNTRACED) != pid || !WIFSTOPPED(status))
		prog_die("waitpid");
	if (close(fd) || kill(pid, SIGKILL))
		return -1;
	return waitpid(pid, NULL, 0) == pid ? 0 : -1;
}

/* The same, but the child closes in order. */
static int end_served(int fd)
{
	pid_t pid = fork();

	if (!pid)
		_exit(close(fd));
	if (close(fd))
		return -1;
	return prog_reap(pid);
}

static const struct prog_end {
	const char *name;
	int (*end)(int fd);
} prog_ends[] = {
	{ "close", end_close },
	{ "fclose", end_fclose },
	{ "dup", end_dup },
	{ "fcntl", end_fcntl },
	{ "dup2", end_dup2 },
	{ "close_range", end_close_range },
	{ "closefrom", end_closefrom },
	{ "raw", end_raw },
	{ "uring", end_uring },
	{ "shutdown", end_shutdown },
	{ "exit", end_exit },
	{ "_exit", end__exit },
	{ "kill", end_kill },
	{ "segv", end_segv },
	{ "exec", end_exec },
	{ "vfork", end_vfork },
	{ "spawn", end_spawn },
	{ "forkexec", end_forkexec },
	{ "handed", end_handed },
	{ "served", end_served },
	{ }
};

static int prog_accept(int fd)
{
	int conn;

	puts("listening");
	fflush(stdout);
	conn = accept(fd, NULL, NULL);
	if (conn < 0 || close(fd))
		prog_die("accept");
	return conn;
}

static int prog_connect(int port, int own)
{
	struct sockaddr_in sin = {
		.sin_family = AF_INET,
		.sin_port = htons(port ? port : own),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM, 0), small = 32768, on = 1;

	if (fd < 0)
		prog_die("socket");
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
	if (port) {
		if (connect(fd, (struct sockaddr *)&sin, sizeof(sin)))
			prog_die("connect");
		return fd;
	}
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&sin, sizeof(sin)) || listen(fd, 5))
		prog_die("listen");
	return prog_accept(fd);
}

/* Until the peer, which does not read, takes no more. */
static void prog_fill(int fd)
{
	static char buf[4096];
	struct pollfd pfd = { .fd = fd, .events = POLLOUT };

	do {
		while (send(fd, buf, sizeof(buf), MSG_DONTWAIT | MSG_NOSIGNAL) > 0)
			;
	} while (poll(&pfd, 1, 300) > 0);
}

static void prog_drain(int fd)
{
	char buf[4096];

	while (read(fd, buf, sizeof(buf)) > 0)
		;
}

static void prog_options(int fd, char **arg)
{
	struct linger linger = { .l_onoff = 1 };

	for (; *arg; arg++) {
		if (!strcmp(*arg, "linger") && arg[1]) {
			linger.l_linger = atoi(*++arg);
			if (setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)))
				prog_die("SO_LINGER");
		} else if (!strcmp(*arg, "nonblock")) {
			fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
		} else if (!strcmp(*arg, "fill")) {
			prog_fill(fd);
		} else if (!strcmp(*arg, "drain")) {
			prog_drain(fd);
		}
	}
}

/* For each line: the end once more, and what it gave. */
static void prog_end(const struct prog_end *e, int fd)
{
	int ret, err;
	long start;
	char c;

	while (read(STDIN_FILENO, &c, 1) == 1) {
		start = prog_ms();
		errno = 0;
		ret = e->end(fd);
		err = errno;
		printf("%d %d %ld %d\n", ret, err, prog_ms() - start, fcntl(fd, F_GETFD) >= 0);
		fflush(stdout);
	}
}

int main(int argc, char **argv)
{
	const struct prog_end *e;
	int fd, own = 0;

	if (argc < 3)
		return 2;
	for (e = prog_ends; e->name && strcmp(e->name, argv[2]);)
		e++;
	if (!e->name)
		return 2;
	alarm(120);
	if (argc > 4 && !strcmp(argv[3], "port"))
		own = atoi(argv[4]);
	if (argc > 3 && !strcmp(argv[3], "inherit"))
		fd = prog_accept(INHERITED);
	else
		fd = prog_connect(atoi(argv[1]), own);
	prog_options(fd, argv + 3);
	puts("ready");
	fflush(stdout);
	prog_end(e, fd);
	return EXIT_STATUS;
}
