// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "wsp_prog.h"

static void prog_exec(char *const argv[], int in, int out)
{
	char path[512], *slash;
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 64);

	if (n < 0)
		_exit(127);
	path[n] = 0;
	slash = strrchr(path, '/');
	snprintf(slash, 64, "/ports/%s", argv[0]);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (dup2(in, 0) < 0 || dup2(out, 1) < 0)
		_exit(127);
	execv(path, argv);
	_exit(127);
}

int wt_prog_start(struct wt_prog *p, bool server, char *const argv[])
{
	int in[2], out[2], port = 0;
	char line[64];

	if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC))
		return -1;
	p->pid = fork();
	if (!p->pid)
		prog_exec(argv, in[0], out[1]);
	close(in[0]);
	close(out[1]);
	p->in = in[1];
	p->out = fdopen(out[0], "r");
	p->port = 0;
	if (p->pid < 0 || !p->out)
		return -1;
	if (server && (!fgets(line, sizeof(line), p->out) ||
		       sscanf(line, "listening on %d", &port) != 1))
		return -1;
	p->port = (uint16_t)port;
	return 0;
}

int wt_prog_stop(struct wt_prog *p, char *line, size_t size)
{
	struct pollfd pfd = { .fd = fileno(p->out), .events = POLLIN };
	char next[512];
	int status = -1;

	if (p->in >= 0)
		close(p->in);
	p->in = -1;
	*line = 0;
	for (;;) {
		if (poll(&pfd, 1, WT_PROG_MS) <= 0) {
			kill(p->pid, SIGKILL);
			break;
		}
		if (!fgets(next, sizeof(next), p->out))
			break;
		printf("# %s", next);
		snprintf(line, size, "%s", next);
	}
	line[strcspn(line, "\n")] = 0;
	fclose(p->out);
	waitpid(p->pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void wt_prog_net(void)
{
	/* On the host there are none. */
	wt_enter(WT_SERVER);
}

int wt_prog_connect(const struct wt_prog *p, bool attach)
{
	struct timeval limit = { .tv_sec = WT_PROG_MS / 1000 };
	struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_port = htons(p->port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	if ((attach && wt_attach(fd)) || connect(fd, (struct sockaddr *)&to, sizeof(to))) {
		close(fd);
		return -1;
	}
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	return fd;
}

int wt_prog_send(int fd, const void *data, size_t len)
{
	const char *p = data;

	while (len) {
		ssize_t n = send(fd, p, len, MSG_NOSIGNAL);

		if (n <= 0)
			return -1;
		p += n;
		len -= n;
	}
	return 0;
}

ssize_t wt_prog_read(int fd, void *buf, size_t len)
{
	size_t got = 0;

	while (got < len) {
		ssize_t n = recv(fd, (char *)buf + got, len - got, 0);

		if (n < 0)
			return -1;
		if (!n)
			break;
		got += n;
	}
	return got;
}

ssize_t wt_prog_line(int fd, char *buf, size_t size)
{
	size_t got = 0;

	while (got < size - 1) {
		ssize_t n = recv(fd, buf + got, 1, 0);

		if (n < 0)
			return -1;
		if (!n || buf[got] == '\n')
			break;
		got++;
	}
	buf[got] = 0;
	return got;
}

int wt_prog_words(int fd, char *buf, size_t size)
{
	uint32_t len = size - 1;
	char more;

	if (recv(fd, &more, 1, 0) || wt_disc_recv(fd, buf, &len, 0))
		return -1;
	buf[len] = 0;
	return 0;
}
