// SPDX-License-Identifier: GPL-2.0
/* A connection that is accepted with its first data, and a file sent over it. */
#include "example_wsp.h"
#include <fcntl.h>

/* region: accept */
#define ROOM	(sizeof(struct sockaddr_in6) + 16)	/* for an address */

/* Accepts a connection as s, which is fresh, together with the first bytes it brings. */
int accept_with_data(SOCKET listener, SOCKET s, char *out, DWORD len, DWORD *count)
{
	WSAOVERLAPPED ov = { .hEvent = WSACreateEvent() };
	DWORD flags;
	BOOL ok = AcceptEx(listener, s, out, len - 2 * ROOM, ROOM, ROOM, count, &ov);

	if (!ok && WSAGetLastError() == WSA_IO_PENDING)
		ok = WSAGetOverlappedResult(listener, &ov, count, 1, &flags);
	WSACloseEvent(ov.hEvent);
	return ok ? 0 : -1;
}

/* endregion */

/* region: transmit */
/* Sends a file with a line in front of it, and ends sending. */
int send_file(SOCKET s, int fd, char *line)
{
	TRANSMIT_FILE_BUFFERS around = { .Head = line, .HeadLength = strlen(line) };

	return TransmitFile(s, (HANDLE)(intptr_t)fd, 0, 0, NULL, &around, TF_DISCONNECT) ? 0 : -1;
}

/* endregion */

int main(void)
{
	struct sockaddr_in at;
	SOCKET listener, client, s;
	char out[256], line[] = "the head of ", got[32];
	int n, fd = open("/proc/self/exe", O_RDONLY);
	DWORD count;

	example_wsp_start();
	listener = example_wsp_listener(&at);
	client = wsp_socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
	s = wsp_socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
	example_ok(!wsp_connect(client, (struct sockaddr *)&at, sizeof(at)), "connect");
	example_ok(wsp_send(client, "hello", 5, 0) == 5, "send");
	example_ok(!accept_with_data(listener, s, out, sizeof(out), &count), "AcceptEx");
	printf("with the connection came: %.*s\n", (int)count, out);
	wsp_shutdown(client, SD_SEND);
	example_ok(!send_file(s, fd, line), "TransmitFile");
	n = wsp_recv(client, got, 12, WS_MSG_WAITALL);
	example_ok(n == 12, "recv");
	printf("%.*sthe file\n", n, got);
	while (wsp_recv(client, out, sizeof(out), 0) > 0)
		;
	return 0;
}
