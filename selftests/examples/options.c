// SPDX-License-Identifier: GPL-2.0
/* Options and controls. */
#include "example_wsp.h"

/* region: options */
/* The connection ends with this text, whatever ends it, and gives up after ten seconds. */
int prepare(SOCKET s, const char *text)
{
	struct ws_linger ten = { .l_onoff = 1, .l_linger = 10 };

	return wsp_setsockopt(s, WS_SOL_SOCKET, WS_SO_LINGER, (char *)&ten, sizeof(ten)) ||
	       wsp_setsockopt(s, WS_SOL_SOCKET, WS_SO_DISCDATA, text, strlen(text));
}

/* endregion */

/* region: ioctl */
/* Returns how many bytes a receive would give at once, and makes the socket nonblocking. */
int64_t waiting(SOCKET s)
{
	uint32_t on = 1, bytes;
	DWORD count;

	if (WSAIoctl(s, WS_FIONBIO, &on, sizeof(on), NULL, 0, &count, NULL, NULL) ||
	    WSAIoctl(s, WS_FIONREAD, NULL, 0, &bytes, sizeof(bytes), &count, NULL, NULL))
		return -1;
	return bytes;
}

/* endregion */

int main(void)
{
	SOCKET pair[2];
	char buf[8];

	example_wsp_pair(pair);
	example_ok(!prepare(pair[1], "gone"), "setsockopt");
	example_ok(wsp_send(pair[0], "hello", 5, 0) == 5, "send");
	example_ok(wsp_recv(pair[1], buf, 1, WS_MSG_PEEK) == 1, "recv");
	printf("%d bytes wait\n", (int)waiting(pair[1]));
	example_ok(wsp_recv(pair[1], buf, sizeof(buf), 0) == 5, "recv");
	example_ok(!closesocket(pair[1]), "closesocket");
	printf("the peer %s\n", example_wsp_told(pair[0], "gone") ? "was told nothing" : "knows");
	return 0;
}
