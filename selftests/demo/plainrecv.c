// SPDX-License-Identifier: GPL-2.0
/* Receive a file and print its digest: a server that never heard of wsp. */
#include <err.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "digest.h"

int main(int argc, char **argv)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	static char buf[1 << 16];
	char text[DIGEST_TEXT];
	struct digest d;
	ssize_t n;
	int l, fd;

	if (argc != 2)
		errx(2, "usage: plainrecv PORT");
	at.sin_port = htons(atoi(argv[1]));
	alarm(60);
	setlinebuf(stdout);

	l = socket(AF_INET, SOCK_STREAM, 0);
	if (l < 0 || bind(l, (struct sockaddr *)&at, sizeof(at)) || listen(l, 1))
		err(1, "listen");
	puts("listening");
	fd = accept(l, NULL, NULL);
	if (fd < 0)
		err(1, "accept");
	digest_start(&d);
	while ((n = read(fd, buf, sizeof(buf))) > 0)
		digest_add(&d, buf, n);
	if (n < 0)
		err(1, "read");
	digest_finish(&d, text);
	printf("server: received, own digest %s\n", text);
	return 0;
}
