// SPDX-License-Identifier: GPL-2.0
/* Ends a connection with a reason, and prints the peer's: in the Winsock style. */
#include "example.h"

/* region: goodbye */
#include <stdio.h>
#include <string.h>
#include <wsp/wsp.h>

/* Ends a connection with a reason; prints the peer's. */
int say_goodbye(SOCKET s, char *reason)
{
	char answer[1024], rest[512];
	WSABUF out = { .len = strlen(reason), .buf = reason };
	WSABUF in = { .len = sizeof(answer), .buf = answer };

	if (WSASendDisconnect(s, &out) == SOCKET_ERROR)
		wsp_shutdown(s, SD_SEND);	/* WSAENOPROTOOPT: the peer speaks plain TCP */
	while (wsp_recv(s, rest, sizeof(rest), 0) > 0)
		;
	if (WSARecvDisconnect(s, &in) == 0)
		printf("peer: %.*s\n", (int)in.len, answer);
	return closesocket(s);
}

/* endregion */

int main(int argc, char **argv)
{
	struct sockaddr_in to;
	WSADATA data;
	SOCKET s;

	if (argc != 4 || example_address(&to, argv[1], argv[2]))
		return example_usage("winsock_client IPV4 PORT REASON");
	if (WSAStartup(MAKEWORD(2, 2), &data))
		return 1;
	s = wsp_socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
	if (s == INVALID_SOCKET || wsp_connect(s, (struct sockaddr *)&to, sizeof(to)) ||
	    say_goodbye(s, argv[3])) {
		fprintf(stderr, "error %d\n", WSAGetLastError());
		return 1;
	}
	return WSACleanup() ? 1 : 0;
}
