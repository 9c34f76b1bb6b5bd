// SPDX-License-Identifier: GPL-2.0
/* Sending from several places and receiving all of it. */
#include "example_wsp.h"

/* region: io */
/* Sends a header and what follows it in one call; returns bytes taken, or -1. */
int send_both(SOCKET s, WSABUF *header, WSABUF *body)
{
	WSABUF bufs[] = { *header, *body };
	DWORD count;

	if (WSASend(s, bufs, 2, &count, 0, NULL, NULL) == SOCKET_ERROR)
		return -1;	/* WSAEWOULDBLOCK, WSAECONNRESET, ... */
	return count;
}

/* Receives exactly len bytes; 0 says that the stream ended before. */
int receive_all(SOCKET s, char *buf, int len)
{
	int n, got = 0;

	while (got < len && (n = wsp_recv(s, buf + got, len - got, 0)) > 0)
		got += n;
	return got == len;
}

/* endregion */

int main(void)
{
	WSABUF header = { .len = 3, .buf = "to:" }, body = { .len = 5, .buf = "whom?" };
	SOCKET pair[2];
	char buf[8];

	example_wsp_pair(pair);
	example_ok(send_both(pair[0], &header, &body) == 8, "WSASend");
	example_ok(receive_all(pair[1], buf, sizeof(buf)), "recv");
	printf("%.8s\n", buf);
	return 0;
}
