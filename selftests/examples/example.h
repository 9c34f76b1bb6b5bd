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
#include <sys/socket.h>

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

#endif
