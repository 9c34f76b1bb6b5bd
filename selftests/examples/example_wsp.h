/* SPDX-License-Identifier: GPL-2.0 */
/* What the examples of libwsp would only bore with. */
#ifndef EXAMPLE_WSP_H
#define EXAMPLE_WSP_H

#include "example.h"
#include <wsp/wsp.h>

static inline void example_ok(int ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "%s: error %d\n", what, WSAGetLastError());
	exit(1);
}

static inline SOCKET example_wsp_listener(struct sockaddr_in *at)
{
	SOCKET s = wsp_socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
	int len = sizeof(*at);

	*at = (struct sockaddr_in){ .sin_family = AF_INET,
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	example_ok(s != INVALID_SOCKET && !wsp_bind(s, (struct sockaddr *)at, len) &&
		   !wsp_listen(s, 1) && !wsp_getsockname(s, (struct sockaddr *)at, &len), "listen");
	return s;
}

static inline void example_wsp_start(void)
{
	WSADATA data;

	alarm(60);
	example_ok(!WSAStartup(MAKEWORD(2, 2), &data), "WSAStartup");
}

/* Both ends of a connection over the loopback. */
static inline void example_wsp_pair(SOCKET pair[2])
{
	struct sockaddr_in at;
	SOCKET listener;

	example_wsp_start();
	listener = example_wsp_listener(&at);
	pair[0] = wsp_socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
	example_ok(!wsp_connect(pair[0], (struct sockaddr *)&at, sizeof(at)), "connect");
	pair[1] = wsp_accept(listener, NULL, NULL);
	example_ok(pair[1] != INVALID_SOCKET, "accept");
	closesocket(listener);
}

/* Disconnect data of the peer's; 0 if it is this text. */
static inline int example_wsp_told(SOCKET s, const char *text)
{
	char got[1024], rest[512];
	WSABUF in = { .len = sizeof(got), .buf = got };

	while (wsp_recv(s, rest, sizeof(rest), 0) > 0)
		;
	return WSARecvDisconnect(s, &in) || in.len != strlen(text) || memcmp(got, text, in.len);
}

#endif
