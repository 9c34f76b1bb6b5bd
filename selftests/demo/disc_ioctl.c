// SPDX-License-Identifier: GPL-2.0
/* Send stdin over TCP, close with a reason, print the peer's: no library. */
#include <arpa/inet.h>
#include <err.h>
#include <linux/wsp.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	struct wsp_disc_args disc = {};
	char buf[WSP_DISC_MAX];
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	ssize_t n;

	if (argc != 4 || inet_pton(AF_INET, argv[1], &to.sin_addr) != 1)
		errx(2, "usage: disc_ioctl IPV4 PORT REASON <data");
	to.sin_port = htons(atoi(argv[2]));
	if (setsockopt(fd, IPPROTO_TCP, TCP_ULP, WSP_ULP_NAME, strlen(WSP_ULP_NAME)))
		err(1, "attach");
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)))
		err(1, "connect");
	while ((n = read(STDIN_FILENO, buf, sizeof(buf))) > 0)
		if (write(fd, buf, n) != n)
			err(1, "write");

	disc.data = (uintptr_t)argv[3];
	disc.len = strlen(argv[3]);
	if (ioctl(fd, WSP_DISC_SEND, &disc))
		err(1, "WSP_DISC_SEND");
	while ((n = read(fd, buf, sizeof(buf))) > 0)
		;
	disc = (struct wsp_disc_args){ .data = (uintptr_t)buf, .len = sizeof(buf) };
	if (n < 0 || ioctl(fd, WSP_DISC_RECV, &disc))
		err(1, "WSP_DISC_RECV");
	printf("%.*s\n", (int)disc.len, buf);
	return 0;
}
