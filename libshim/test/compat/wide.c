// SPDX-License-Identifier: LGPL-2.1-or-later
/* A program of 16-bit strings. */
#define UNICODE
#define WIN32_LEAN_AND_MEAN
#include <assert.h>
#include <windows.h>
#include <winsock2.h>
#include <ws2tcpip.h>

#include "win.h"

int win_wide(void)
{
	WSAPROTOCOL_INFO *info = NULL;
	SOCKADDR_IN sin;
	INT len = sizeof(sin);
	TCHAR text[] = TEXT("127.0.0.1:80");
	LPCTSTR none = NULL;
	HANDLE h = CreateEvent(NULL, FALSE, TRUE, none);
	SOCKET s = WSASocket(AF_INET, SOCK_STREAM, IPPROTO_TCP, info, 0, WSA_FLAG_OVERLAPPED);

	static_assert(sizeof(TCHAR) == 2, "UNICODE");
	WIN_CHECK(h && s != INVALID_SOCKET);
	WIN_CHECK(WaitForSingleObject(h, 0) == WAIT_OBJECT_0);
	WIN_CHECK(WaitForSingleObject(h, 0) == WAIT_TIMEOUT);
	WIN_CHECK(!WSAStringToAddress(text, AF_INET, NULL, (LPSOCKADDR)&sin, &len));
	WIN_CHECK(ntohs(sin.sin_port) == 80 && sin.sin_addr.S_un.S_un_b.s_b1 == 127);
	WIN_CHECK(InetPton(AF_INET, TEXT("1.2.3.4"), &sin.sin_addr) == 1);
	WIN_CHECK(sin.sin_addr.s_addr == htonl(0x01020304));
	WIN_CHECK(CloseHandle(h) && !closesocket(s));
	return 0;
}
