// SPDX-License-Identifier: GPL-2.0
/* A server's way to a connection, and a client's. */
#include "example_wsp.h"

/* region: server */
/* Listens at an address, which comes back with the port that was chosen. */
SOCKET listen_at(struct sockaddr_in *at)
{
	SOCKET s = wsp_socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
	int len = sizeof(*at);

	if (s != INVALID_SOCKET && wsp_bind(s, (struct sockaddr *)at, len) == 0 &&
	    wsp_listen(s, 16) == 0 && wsp_getsockname(s, (struct sockaddr *)at, &len) == 0)
		return s;
	closesocket(s);
	return INVALID_SOCKET;
}

/* endregion */

/* region: condition */
/* Takes connections from this machine only; the others are reset. */
int from_here(LPWSABUF caller, LPWSABUF caller_data, LPQOS sqos, LPQOS gqos, LPWSABUF callee,
	      LPWSABUF callee_data, GROUP *g, DWORD_PTR data)
{
	struct sockaddr_in *from = (struct sockaddr_in *)(void *)caller->buf;

	return from->sin_addr.s_addr == htonl(INADDR_LOOPBACK) ? CF_ACCEPT : CF_REJECT;
}

/* endregion */

int main(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	SOCKET listener, client, s;

	example_wsp_start();
	listener = listen_at(&at);
	example_ok(listener != INVALID_SOCKET, "listen");
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	client = wsp_socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
	example_ok(!wsp_connect(client, (struct sockaddr *)&at, sizeof(at)), "connect");
	s = WSAAccept(listener, NULL, NULL, from_here, 0);
	example_ok(s != INVALID_SOCKET, "accept");
	example_ok(wsp_send(s, "hi", 2, 0) == 2, "send");
	puts("accepted");
	return 0;
}
