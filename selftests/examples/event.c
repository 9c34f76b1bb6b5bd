// SPDX-License-Identifier: GPL-2.0
/* Network events: a server's connection, watched by an event object. */
#include "example_wsp.h"

/* region: events */
/* Prints what comes, and at the end why the peer ended. */
int watch(SOCKET s)
{
	char buf[512];
	WSABUF reason = { .len = sizeof(buf), .buf = buf };
	WSANETWORKEVENTS now = { .lNetworkEvents = 0 };
	WSAEVENT event = WSACreateEvent();
	int n;

	if (WSAEventSelect(s, event, FD_READ | FD_CLOSE))	/* s is nonblocking now */
		return -1;
	while (!(now.lNetworkEvents & FD_CLOSE)) {
		WSAWaitForMultipleEvents(1, &event, 0, WSA_INFINITE, 0);
		if (WSAEnumNetworkEvents(s, event, &now))
			return -1;
		if (now.lNetworkEvents & FD_READ) {
			n = wsp_recv(s, buf, sizeof(buf), 0);
			printf("read: %.*s\n", n > 0 ? n : 0, buf);
		}
	}
	WSACloseEvent(event);
	if (now.iErrorCode[FD_CLOSE_BIT] || WSARecvDisconnect(s, &reason))
		return -1;
	printf("closed: %.*s\n", (int)reason.len, buf);
	return 0;
}

/* endregion */

int main(void)
{
	WSABUF bye = { .len = 3, .buf = "bye" };
	SOCKET pair[2];

	example_wsp_pair(pair);
	example_ok(wsp_send(pair[0], "news", 4, 0) == 4, "send");
	example_ok(!WSASendDisconnect(pair[0], &bye), "WSASendDisconnect");
	example_ok(!watch(pair[1]), "watch");
	return 0;
}
