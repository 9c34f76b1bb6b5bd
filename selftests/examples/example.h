/* SPDX-License-Identifier: GPL-2.0 */
/* What the examples would only bore with: addresses, a pair of sockets, failing. */
#ifndef EXAMPLE_H
#define EXAMPLE_H

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

static inline int example_usage(const char *text)
{
	fprintf(stderr, "usage: %s\n", text);
	return 2;
}

static inline void example_check(int ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "%s: %s\n", what, strerror(errno));
	exit(1);
}

/* Returns 0, or -1 for an address or port that is none. */
static inline int example_address(struct sockaddr_in *to, const char *ip, const char *port)
{
	*to = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(atoi(port)) };
	return to->sin_port && inet_pton(AF_INET, ip, &to->sin_addr) == 1 ? 0 : -1;
}

/* A listener of the loopback's, attached; at: where. */
static inline int example_listener(struct sockaddr_in *at)
{
	socklen_t len = sizeof(*at);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	*at = (struct sockaddr_in){ .sin_family = AF_INET,
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	example_check(!setsockopt(fd, IPPROTO_TCP, TCP_ULP, "wsp", 3), "attach");
	example_check(!bind(fd, (struct sockaddr *)at, len) && !listen(fd, 1) &&
		      !getsockname(fd, (struct sockaddr *)at, &len), "listen");
	return fd;
}

/* A connection to there, attached. */
static inline int example_connect(const struct sockaddr_in *to)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	example_check(!setsockopt(fd, IPPROTO_TCP, TCP_ULP, "wsp", 3) &&
		      !connect(fd, (const struct sockaddr *)to, sizeof(*to)), "connect");
	return fd;
}

/* Both ends of one; a hang ends the program. */
static inline void example_pair(int pair[2])
{
	struct sockaddr_in at;
	int listener = example_listener(&at);

	alarm(60);
	pair[0] = example_connect(&at);
	pair[1] = accept(listener, NULL, NULL);
	example_check(pair[1] >= 0, "accept");
	close(listener);
}

#endif
