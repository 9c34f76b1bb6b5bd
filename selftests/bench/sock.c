// SPDX-License-Identifier: GPL-2.0
/* The sockets of each arm. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench.h"

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

const struct arm arms[] = {
	{ .name = "plain", .parts = -1, .mem = true },
	{ .name = "again", .parts = -1, .mem = true },
	{ .name = "nohook", .parts = PART_SOCKETS, .module = true,
	  .hook = HOOK_ELSEWHERE },
	{ .name = "hook", .parts = PART_SOCKETS, .module = true,
	  .hook = HOOK_HERE },
	{ .name = "wsp", .parts = -1, .module = true, .ulp = "wsp",
	  .mem = true },
	{ .name = "tls", .parts = PART_SOCKETS, .ulp = "tls", .late = true,
	  .mem = true },
	{ .name = "mptcp", .parts = PART_SOCKETS, .proto = IPPROTO_MPTCP,
	  .mem = true },
	{ .name = "framed", .parts = PART_SOCKETS, .framed = true },
};

const int arms_max = sizeof(arms) / sizeof(*arms);

/* A figure from a broken set-up is worse than none. */
_Noreturn void die(const char *what)
{
	fprintf(stderr, "bench: %s: %s\n", what, strerror(errno));
	_exit(1);
}

int sock_listen(const struct arm *arm)
{
	struct sockaddr_in addr = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = sock_new(arm);

	if (!arm->late)
		sock_attach(arm, fd);
	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)) ||
	    listen(fd, 128))
		die("listen");
	return fd;
}

int sock_new(const struct arm *arm)
{
	int fd = socket(AF_INET, SOCK_STREAM, arm->proto);

	if (fd < 0)
		die("socket");
	return fd;
}

void sock_attach(const struct arm *arm, int fd)
{
	if (arm->ulp && setsockopt(fd, IPPROTO_TCP, TCP_ULP, arm->ulp, 3))
		die("TCP_ULP");
}

void sock_connect(int fd, int listener)
{
	struct sockaddr_in addr;
	socklen_t len = sizeof(addr);

	if (getsockname(listener, (struct sockaddr *)&addr, &len) ||
	    connect(fd, (struct sockaddr *)&addr, len))
		die("connect");
}

int sock_accept(int listener)
{
	int fd = accept(listener, NULL, NULL);

	if (fd < 0)
		die("accept");
	return fd;
}

/* What is done to each end once it is connected. */
void sock_ready(const struct arm *arm, int fd)
{
	int one = 1;

	if (arm->late)
		sock_attach(arm, fd);
	if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)))
		die("TCP_NODELAY");
}

/* A connected socket, which nobody has accepted yet. */
int sock_client(const struct arm *arm, int listener)
{
	int fd = sock_new(arm);

	if (!arm->late)
		sock_attach(arm, fd);
	sock_connect(fd, listener);
	sock_ready(arm, fd);
	return fd;
}

/* fd[0] is the client's end, fd[1] the server's. */
void sock_pair(const struct arm *arm, int listener, int fd[2])
{
	fd[0] = sock_client(arm, listener);
	fd[1] = sock_accept(listener);
	sock_ready(arm, fd[1]);
}
