// SPDX-License-Identifier: GPL-2.0
/* Overlapped operations that are told by an event. */
#include "example_wsp.h"

/* region: overlapped */
/* Receives while something else is done; returns bytes, 0 at the end, -1 for failure. */
int receive(SOCKET s, char *room, ULONG len, void (*meanwhile)(void))
{
	WSAOVERLAPPED ov = { .hEvent = WSACreateEvent() };
	WSABUF buf = { .len = len, .buf = room };
	DWORD flags = 0, count = 0;
	BOOL ok = 1;

	if (WSARecv(s, &buf, 1, NULL, &flags, &ov, NULL) == SOCKET_ERROR)
		ok = WSAGetLastError() == WSA_IO_PENDING;
	if (ok) {
		meanwhile();
		ok = WSAGetOverlappedResult(s, &ov, &count, 1, &flags);
	}
	WSACloseEvent(ov.hEvent);
	return ok ? (int)count : -1;
}

/* endregion */

static SOCKET pair[2];

static void meanwhile(void)
{
	example_ok(wsp_send(pair[1], "at last", 7, 0) == 7, "send");
}

int main(void)
{
	char room[64];
	int n;

	example_wsp_pair(pair);
	n = receive(pair[0], room, sizeof(room), meanwhile);
	printf("received: %.*s\n", n, room);
	return 0;
}
