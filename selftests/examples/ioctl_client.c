// SPDX-License-Identifier: GPL-2.0
/* Ends a connection with a reason, and prints the peer's: the ioctls alone. */
#include "example.h"
#include <string.h>

/* region: leave */
#include <linux/wsp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* Returns how long the peer's reason is, -1 for failure; fd is a fresh socket. */
int leave(int fd, struct sockaddr *to, socklen_t tolen, char *reason, uint32_t len, char *answer)
{
	struct wsp_disc_args out = { .data = (uintptr_t)reason, .len = len };
	struct wsp_disc_args in = { .data = (uintptr_t)answer, .len = WSP_DISC_MAX };
	char rest[512];

	if (setsockopt(fd, IPPROTO_TCP, TCP_ULP, "wsp", 3) || connect(fd, to, tolen) ||
	    ioctl(fd, WSP_DISC_SEND, &out))	/* like shutdown(fd, SHUT_WR), with a reason */
		return -1;
	while (read(fd, rest, sizeof(rest)) > 0)
		;
	return ioctl(fd, WSP_DISC_RECV, &in) ? -1 : (int)in.len;
}

/* endregion */

int main(int argc, char **argv)
{
	struct sockaddr_in to;
	char answer[WSP_DISC_MAX];
	int len;

	if (argc != 4 || example_address(&to, argv[1], argv[2]))
		return example_usage("ioctl_client IPV4 PORT REASON");
	len = leave(socket(AF_INET, SOCK_STREAM, 0), (struct sockaddr *)&to, sizeof(to), argv[3],
		    strlen(argv[3]), answer);
	example_check(len >= 0, "leave");
	printf("peer: %.*s\n", len, answer);
	return 0;
}
