// SPDX-License-Identifier: GPL-2.0
/* An echo server on a completion port, which one thread drives. */
#include "example_wsp.h"

/* region: echo */
struct client {
	WSAOVERLAPPED ov;	/* first: the port's packets bring its address back */
	SOCKET s;
	WSABUF buf;
	BOOL sending;
	char room[4096];
};

static int receive(struct client *c)
{
	DWORD flags = 0;

	c->buf = (WSABUF){ .len = sizeof(c->room), .buf = c->room };
	c->sending = 0;
	return WSARecv(c->s, &c->buf, 1, NULL, &flags, &c->ov, NULL) &&
	       WSAGetLastError() != WSA_IO_PENDING;
}

static int answer(struct client *c, DWORD count)
{
	c->buf = (WSABUF){ .len = count, .buf = c->room };
	c->sending = 1;
	return WSASend(c->s, &c->buf, 1, NULL, 0, &c->ov, NULL) &&
	       WSAGetLastError() != WSA_IO_PENDING;
}

/* Ends with the first client's connection. */
void echo(HANDLE port)
{
	LPWSAOVERLAPPED ov;
	ULONG_PTR key;
	DWORD count;

	while (GetQueuedCompletionStatus(port, &count, &key, &ov, WSA_INFINITE)) {
		struct client *c = (struct client *)(void *)ov;

		if (!c->sending && count == 0)
			break;		/* the peer ended */
		if (c->sending ? receive(c) : answer(c, count))
			break;
	}
}

/* endregion */

/* region: join */
/* From now on what ends on this client's socket becomes a packet of the port's. */
int join(HANDLE port, struct client *c)
{
	return !CreateIoCompletionPort((HANDLE)c->s, port, (ULONG_PTR)c, 0) || receive(c);
}

/* endregion */

static DWORD serve(void *port)
{
	echo(port);
	return 0;
}

int main(void)
{
	HANDLE thread, port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 0);
	static struct client c;
	SOCKET pair[2];
	char room[64];

	example_wsp_pair(pair);
	c.s = pair[1];
	example_ok(!join(port, &c), "join");
	thread = CreateThread(NULL, 0, serve, port, 0, NULL);
	example_ok(wsp_send(pair[0], "echo", 4, 0) == 4, "send");
	example_ok(wsp_recv(pair[0], room, 4, WS_MSG_WAITALL) == 4, "recv");
	printf("back came: %.4s\n", room);
	wsp_shutdown(pair[0], SD_SEND);
	WaitForSingleObject(thread, WSA_INFINITE);
	CloseHandle(thread);
	CloseHandle(port);
	return 0;
}
