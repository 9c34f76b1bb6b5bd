// SPDX-License-Identifier: GPL-2.0
/* The provider interface, without the application's. */
#include "example_wsp.h"

/* region: spi */
/* Opens a TCP socket by the provider's own table, which comes back at spi. */
SOCKET open_by_table(WSPPROC_TABLE *spi, int *error)
{
	WSPUPCALLTABLE none = { 0 };	/* the library's own services */
	WSAPROTOCOL_INFOW entries[64];
	DWORD len = sizeof(entries);
	int protocols[] = { IPPROTO_TCP, 0 };
	WSPDATA data;

	if (WSCEnumProtocols(protocols, entries, &len, error) <= 0)
		return INVALID_SOCKET;
	*error = WSPStartup(MAKEWORD(2, 2), &data, &entries[0], none, spi);
	if (*error)
		return INVALID_SOCKET;
	return spi->lpWSPSocket(AF_INET, SOCK_STREAM, IPPROTO_TCP, &entries[0], 0, 0, error);
}

/* endregion */

int main(void)
{
	WSPPROC_TABLE spi;
	int error;
	SOCKET s = open_by_table(&spi, &error);

	if (s == INVALID_SOCKET) {
		fprintf(stderr, "error %d\n", error);
		return 1;
	}
	if (spi.lpWSPSendDisconnect(s, NULL, &error) == SOCKET_ERROR)
		printf("not connected: %s\n", error == WSAENOTCONN ? "WSAENOTCONN" : "?");
	return spi.lpWSPCloseSocket(s, &error) || spi.lpWSPCleanup(&error) ? 1 : 0;
}
