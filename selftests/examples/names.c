// SPDX-License-Identifier: GPL-2.0
/* A name becomes addresses, and an address text. */
#include "example_wsp.h"

/* region: names */
/* Connects to the first address of a name that answers. */
SOCKET connect_to(const char *name, const char *service)
{
	ADDRINFOA hints = { .ai_socktype = SOCK_STREAM, .ai_protocol = IPPROTO_TCP };
	ADDRINFOA *list, *a;
	SOCKET s = INVALID_SOCKET;
	char text[64];
	DWORD len;

	if (wsp_getaddrinfo(name, service, &hints, &list))
		return INVALID_SOCKET;	/* WSAHOST_NOT_FOUND, ... */
	for (a = list; a; a = a->ai_next) {
		len = sizeof(text);
		if (WSAAddressToStringA(a->ai_addr, a->ai_addrlen, NULL, text, &len) == 0)
			printf("trying %s\n", text);
		s = wsp_socket(a->ai_family, a->ai_socktype, a->ai_protocol);
		if (wsp_connect(s, a->ai_addr, a->ai_addrlen) == 0)
			break;
		closesocket(s);
		s = INVALID_SOCKET;
	}
	wsp_freeaddrinfo(list);
	return s;
}

/* endregion */

int main(void)
{
	struct sockaddr_in at;
	char port[8];
	SOCKET s;

	example_wsp_start();
	example_wsp_listener(&at);
	snprintf(port, sizeof(port), "%u", ntohs(at.sin_port));
	s = connect_to("127.0.0.1", port);
	example_ok(s != INVALID_SOCKET, "connect");
	puts("connected");
	return 0;
}
