// SPDX-License-Identifier: GPL-2.0
/* The catalogue: a socket of a chosen entry, and one that is passed on. */
#include "example_wsp.h"

/* region: catalog */
/* Makes a TCP socket that supports disconnect data, or none. */
SOCKET tcp_with_reasons(void)
{
	WSAPROTOCOL_INFOW entries[64];
	DWORD len = sizeof(entries);
	int protocols[] = { IPPROTO_TCP, 0 };
	int i, n = WSAEnumProtocolsW(protocols, entries, &len);

	for (i = 0; i < n; i++)
		if (entries[i].dwServiceFlags1 & XP1_DISCONNECT_DATA)
			return WSASocketW(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO,
					  FROM_PROTOCOL_INFO, &entries[i], 0,
					  WSA_FLAG_OVERLAPPED);
	return INVALID_SOCKET;
}

/* endregion */

/* region: duplicate */
/* The other process calls receive() with what give() filled, which is all it needs. */
int give(SOCKET s, DWORD process, WSAPROTOCOL_INFOW *info)
{
	return WSADuplicateSocketW(s, process, info);
}

SOCKET receive(WSAPROTOCOL_INFOW *info)
{
	return WSASocketW(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, info, 0, 0);
}

/* endregion */

int main(void)
{
	WSAPROTOCOL_INFOW info;
	SOCKET s, again;

	example_wsp_start();
	s = tcp_with_reasons();
	example_ok(s != INVALID_SOCKET, "WSASocketW");
	example_ok(!give(s, getpid(), &info), "WSADuplicateSocketW");
	again = receive(&info);
	example_ok(again != INVALID_SOCKET && again != s, "WSASocketW");
	puts("two handles of one socket");
	return 0;
}
