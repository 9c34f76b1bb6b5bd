// SPDX-License-Identifier: GPL-2.0
/* Tells its client what it makes of the client's reason: in the Winsock style. */
#include "example.h"
#include <wsp/wsp.h>

/* region: serve */
int serve(SOCKET listener)
{
	char rest[512], reason[1024], text[64];
	WSABUF in = { .len = sizeof(reason), .buf = reason }, out = { .buf = text };
	SOCKET s = wsp_accept(listener, NULL, NULL);

	while (wsp_recv(s, rest, sizeof(rest), 0) > 0)
		;
	if (WSARecvDisconnect(s, &in) == SOCKET_ERROR)
		in.len = 0;	/* WSAENOPROTOOPT, or the connection was reset */
	printf("peer: %.*s\n", (int)in.len, reason);
	out.len = snprintf(text, sizeof(text), "%u bytes of reason", in.len);
	WSASendDisconnect(s, &out);
	return closesocket(s);
}

/* endregion */

int main(int argc, char **argv)
{
	struct sockaddr_in at;
	WSADATA data;
	SOCKET s;

	if (argc != 3 || example_address(&at, argv[1], argv[2]))
		return example_usage("winsock_server IPV4 PORT");
	if (WSAStartup(MAKEWORD(2, 2), &data))
		return 1;
	s = wsp_socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
	if (s == INVALID_SOCKET || wsp_bind(s, (struct sockaddr *)&at, sizeof(at)) ||
	    wsp_listen(s, 1) || serve(s)) {
		fprintf(stderr, "error %d\n", WSAGetLastError());
		return 1;
	}
	return WSACleanup() ? 1 : 0;
}
