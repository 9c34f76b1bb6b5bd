// SPDX-License-Identifier: GPL-2.0
/* Waiting for one of several sockets. */
#include "example_wsp.h"

/* region: select */
/* Returns a socket that can be read within a second, or INVALID_SOCKET. */
SOCKET readable(const SOCKET *sockets, int n)
{
	struct ws_timeval second = { .tv_sec = 1 };
	struct ws_fd_set set;
	int i;

	WS_FD_ZERO(&set);
	for (i = 0; i < n; i++)
		WS_FD_SET(sockets[i], &set);
	return wsp_select(0, &set, NULL, NULL, &second) > 0 ? set.fd_array[0] : INVALID_SOCKET;
}

/* endregion */

/* region: poll */
/* Whether the peer has ended and everything it sent was read. */
int has_ended(SOCKET s)
{
	WSAPOLLFD fd = { .fd = s, .events = WS_POLLRDNORM };

	return WSAPoll(&fd, 1, 1000) == 1 && fd.revents & WS_POLLHUP;
}

/* endregion */

int main(void)
{
	SOCKET pair[2];
	char c;

	example_wsp_pair(pair);
	example_ok(wsp_send(pair[0], "x", 1, 0) == 1, "send");
	example_ok(readable(pair, 2) == pair[1], "select");
	printf("ended with a byte unread: %d\n", has_ended(pair[1]));
	wsp_shutdown(pair[0], SD_SEND);
	example_ok(wsp_recv(pair[1], &c, 1, 0) == 1, "recv");
	printf("ended: %d\n", has_ended(pair[1]));
	return 0;
}
