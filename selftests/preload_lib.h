/* SPDX-License-Identifier: GPL-2.0 */
/* preload_prog as a child, with libwsp-preload.so or without, and its peer. */
#ifndef PRELOAD_LIB_H
#define PRELOAD_LIB_H

#include "linger.h"

#include <signal.h>
#include <sys/wait.h>

#define PRELOAD_TEXT	"%n %s"
#define PRELOAD_PROG	"preload_prog"

/**
 * struct preload_prog - a running preload_prog
 * @pid: of it
 * @in: write end of its standard input
 * @out: its standard output
 * @err: its standard error
 */
struct preload_prog {
	pid_t pid;
	int in;
	FILE *out;
	int err;
};

/* What ending the connection gave. */
struct preload_end {
	int ret;
	int err;
	long ms;
	int open;
};

/* @listener: what the program is to find as descriptor 3, or -1. */
static inline void preload_exec(const char *const *env, char *const *argv, int listener)
{
	char pid[16];

	if (listener >= 0) {
		snprintf(pid, sizeof(pid), "%d", getpid());
		setenv("LISTEN_PID", pid, 1);
		dup2(listener, 3);
	}
	for (; *env; env += 2)
		setenv(env[0], env[1], 1);
	execvp(argv[0], argv);
	_exit(97);
}

/* @env: names and values, NULL at the end; @args: behind the program's name. */
static inline int preload_start_with(struct preload_prog *p, const char *const *env, char *args,
				     int listener)
{
	char *argv[16] = { PRELOAD_PROG };
	int in[2], out[2], err[2], n = 1;

	for (char *a = strtok(args, " "); a && n < 15; a = strtok(NULL, " "))
		argv[n++] = a;
	if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC) || pipe2(err, O_CLOEXEC))
		return reg_fail("pipe");
	p->pid = fork();
	if (!p->pid) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		dup2(err[1], 2);
		preload_exec(env, argv, listener);
	}
	close(in[0]);
	close(out[1]);
	close(err[1]);
	p->in = in[1];
	p->out = fdopen(out[0], "re");
	p->err = err[0];
	return p->pid < 0 ? reg_fail("fork") : 0;
}

static inline int preload_start(struct preload_prog *p, const char *const *env, char *args)
{
	return preload_start_with(p, env, args, -1);
}

/* Whether its next line is @want. */
static inline bool preload_said(struct preload_prog *p, const char *want)
{
	char line[128] = "";

	if (!fgets(line, sizeof(line), p->out))
		return false;
	line[strcspn(line, "\n")] = 0;
	return !strcmp(line, want);
}

static inline int preload_go(struct preload_prog *p)
{
	return write(p->in, "\n", 1) == 1 ? 0 : reg_fail("write");
}

/* Lets it end the connection, and says how that went. */
static inline int preload_end(struct preload_prog *p, struct preload_end *end)
{
	char line[128] = "";

	if (preload_go(p) || !fgets(line, sizeof(line), p->out) ||
	    sscanf(line, "%d %d %ld %d", &end->ret, &end->err, &end->ms, &end->open) != 4)
		return reg_fail("end");
	return 0;
}

/* Its wait status, when it has read the end of its input. */
static inline int preload_finish(struct preload_prog *p)
{
	int status = -1;

	close(p->in);
	fclose(p->out);
	waitpid(p->pid, &status, 0);
	return status;
}

/* All that it wrote to standard error, when it is gone. */
static inline void preload_errors(struct preload_prog *p, char *buf, size_t size)
{
	size_t len = 0;
	ssize_t n;

	while (len + 1 < size && (n = read(p->err, buf + len, size - 1 - len)) > 0)
		len += n;
	buf[len] = 0;
	close(p->err);
}

/* The end of @fd's stream, and @want as disconnect data; "" for none. */
static inline bool preload_peer_got(int fd, const char *want)
{
	char buf[WSP_DISC_MAX] = "", all[4096];
	__u32 len = sizeof(buf) - 1;
	ssize_t n;

	do {
		if (!reg_poll(fd, POLLIN, REG_SOON_MS))
			return false;
		n = recv(fd, all, sizeof(all), 0);
	} while (n > 0);
	if (n || reg_disc_recv(fd, buf, &len))
		return false;
	if (strlen(want) == len && !memcmp(buf, want, len))
		return true;
	fprintf(stderr, "# got \"%.*s\", not \"%s\"\n", (int)len, buf, want);
	return false;
}

/* Nothing has ended @fd's connection. */
static inline bool preload_lives(int fd)
{
	return !reg_poll(fd, POLLIN | POLLRDHUP, 200) && reg_tcp_state(fd) == TCP_ESTABLISHED;
}

#endif /* PRELOAD_LIB_H */
