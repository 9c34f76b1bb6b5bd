// SPDX-License-Identifier: GPL-2.0
/* Whether a connection can carry disconnect data, and why not. */
#include "example.h"
#include <linux/wsp.h>
#include <sys/ioctl.h>

/* region: info */
/* Returns how much disconnect data the peer can be sent, 0 for none, -1 for no socket of wsp's. */
int room(int fd)
{
	struct wsp_info info;

	if (ioctl(fd, WSP_INFO_GET, &info))
		return -1;	/* ENOTTY: not attached */
	if (info.flags & WSP_INFO_CAN_SEND)
		return info.max_len;
	if (info.fallback == WSP_FALLBACK_NO_OPTION)
		fprintf(stderr, "the peer speaks plain TCP\n");
	return 0;
}

/* endregion */

int main(void)
{
	struct sockaddr_in at;
	int pair[2], listener = socket(AF_INET, SOCK_STREAM, 0);
	socklen_t len = sizeof(at);

	example_pair(pair);
	printf("attached peer: %s\n", room(pair[0]) > 0 ? "some" : "none");

	example_check(!listen(listener, 1) &&
		      !getsockname(listener, (struct sockaddr *)&at, &len), "listen");
	printf("plain peer: %d\n", room(example_connect(&at)));
	printf("not attached: %d\n", room(listener));
	return 0;
}
