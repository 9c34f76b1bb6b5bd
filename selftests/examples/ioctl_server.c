// SPDX-License-Identifier: GPL-2.0
/* Tells its client what it makes of the client's reason: the ioctls alone. */
#include "example.h"
#include <linux/wsp.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* region: attach */
/* Before connect(), or on a listener. */
int attach(int fd)
{
	return setsockopt(fd, IPPROTO_TCP, TCP_ULP, "wsp", 3);
}

/* endregion */

/* region: serve */
/* Accepted sockets take part because the listener does. */
int serve(int listener)
{
	char rest[512], reason[WSP_DISC_MAX], answer[64];
	struct wsp_disc_args in = { .data = (uintptr_t)reason, .len = sizeof(reason) };
	struct wsp_disc_args out = { .data = (uintptr_t)answer };
	int fd = accept(listener, NULL, NULL);

	while (read(fd, rest, sizeof(rest)) > 0)
		;
	if (ioctl(fd, WSP_DISC_RECV, &in))
		return -1;
	out.len = snprintf(answer, sizeof(answer), "%u bytes of reason", in.len);
	printf("peer: %.*s\n", (int)in.len, reason);
	return ioctl(fd, WSP_DISC_SEND, &out) || close(fd) ? -1 : 0;
}

/* endregion */

int main(int argc, char **argv)
{
	struct sockaddr_in at;
	int listener = socket(AF_INET, SOCK_STREAM, 0);

	if (argc != 3 || example_address(&at, argv[1], argv[2]))
		return example_usage("ioctl_server IPV4 PORT");
	example_check(!attach(listener), "attach");
	example_check(!bind(listener, (struct sockaddr *)&at, sizeof(at)), "bind");
	example_check(!listen(listener, 1), "listen");
	example_check(!serve(listener), "serve");
	return 0;
}
