// SPDX-License-Identifier: GPL-2.0
/* A blocking hook of WinSock 1.1, which ends a receive that takes too long. */
#include "example_wsp.h"

/* region: hook */
static int patience = 20;

/* Called about every 10 ms while a call of this thread blocks. */
static intptr_t lose_patience(void)
{
	if (--patience == 0)
		WSACancelBlockingCall();
	return 0;
}

int receive_or_not(SOCKET s, char *buf, int len)
{
	int n;

	WSASetBlockingHook(lose_patience);
	n = wsp_recv(s, buf, len, 0);	/* WSAEINTR when patience is lost */
	WSAUnhookBlockingHook();
	return n;
}

/* endregion */

int main(void)
{
	struct sockaddr_in at;
	WSADATA data;
	SOCKET s;
	char c;

	alarm(60);
	example_ok(!WSAStartup(MAKEWORD(1, 1), &data), "WSAStartup");
	example_wsp_listener(&at);
	s = wsp_socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
	example_ok(!wsp_connect(s, (struct sockaddr *)&at, sizeof(at)), "connect");
	if (receive_or_not(s, &c, 1) == SOCKET_ERROR && WSAGetLastError() == WSAEINTR)
		puts("interrupted");
	return 0;
}
