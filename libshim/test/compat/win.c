// SPDX-License-Identifier: LGPL-2.1-or-later
/* Winsock under its own names, in strict C11, beside libc's usual headers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <winsock2.h>
#include <ws2tcpip.h>
#include <mswsock.h>
#include <ws2spi.h>
#include <windows.h>
#include <process.h>

/* Whatever comes afterwards must not clash. */
#include <errno.h>
#include <pthread.h>
#include <sys/time.h>
#include <sys/types.h>
#include <unistd.h>

#include "win.h"

struct operations {
	int (*send)(SOCKET s, const char *buf, int len, int flags);
	int (*recv)(SOCKET s, char *buf, int len, int flags);
	SOCKET (*accept)(SOCKET s, struct sockaddr *addr, int *addrlen);
};

win_function win_send(void)
{
	return (win_function)send;
}

int win_start(void)
{
	WSADATA data;

	return WSAStartup(MAKEWORD(2, 2), &data);
}

int win_listen(unsigned short *port, unsigned long long *listener)
{
	SOCKADDR_IN name;
	int len = sizeof(name);
	SOCKET s = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);

	WIN_CHECK(s != INVALID_SOCKET);
	ZeroMemory(&name, sizeof(name));
	name.sin_family = AF_INET;
	name.sin_addr.S_un.S_addr = htonl(INADDR_LOOPBACK);
	WIN_CHECK(!bind(s, (LPSOCKADDR)&name, sizeof(name)));
	WIN_CHECK(!listen(s, SOMAXCONN));
	WIN_CHECK(!getsockname(s, (SOCKADDR *)&name, &len));
	WIN_CHECK(name.sin_addr.s_addr == inet_addr("127.0.0.1"));
	*port = ntohs(name.sin_port);
	*listener = s;
	return 0;
}

/* Accepts one connection and sends back what comes, in capitals. */
int win_answer(unsigned long long s)
{
	struct operations ops = { send, recv, accept };
	TIMEVAL soon = { 10, 0 };
	SOCKADDR_STORAGE from;
	int i, n, len = sizeof(from);
	fd_set readable;
	char buf[64];
	SOCKET c;

	FD_ZERO(&readable);
	FD_SET((SOCKET)s, &readable);
	WIN_CHECK(select(0, &readable, NULL, NULL, &soon) == 1);
	WIN_CHECK(FD_ISSET((SOCKET)s, &readable));
	c = ops.accept((SOCKET)s, (struct sockaddr *)&from, &len);
	WIN_CHECK(c != INVALID_SOCKET);
	WIN_CHECK(from.ss_family == AF_INET && len == sizeof(SOCKADDR_IN));
	n = ops.recv(c, buf, sizeof(buf), 0);
	WIN_CHECK(n > 0);
	for (i = 0; i < n; i++)
		buf[i] &= ~0x20;
	WIN_CHECK(ops.send(c, buf, n, 0) == n);
	WIN_CHECK(!shutdown(c, SD_SEND));
	WIN_CHECK(!closesocket(c));
	WIN_CHECK(recv(c, buf, sizeof(buf), 0) == SOCKET_ERROR);
	WIN_CHECK(WSAGetLastError() == WSAENOTSOCK && GetLastError() == WSAENOTSOCK);
	WIN_CHECK(!closesocket((SOCKET)s));
	return 0;
}

int win_members(void)
{
	SOCKET s = socket(AF_INET6, SOCK_STREAM, 0);
	struct linger set = { 1, 7 }, got = { 0, 0 };
	int len = sizeof(got);
	struct sockaddr_in6 sin6 = { 0 };
	BOOL off;

	WIN_CHECK(s != INVALID_SOCKET);
	sin6.sin6_family = AF_INET6;
	sin6.sin6_addr = in6addr_loopback;
	WIN_CHECK(IN6_IS_ADDR_LOOPBACK(&sin6.sin6_addr) && sin6.sin6_addr.s6_addr[15] == 1);
	WIN_CHECK(!bind(s, (PSOCKADDR)&sin6, sizeof(sin6)));
	WIN_CHECK(!setsockopt(s, SOL_SOCKET, SO_LINGER, (char *)&set, sizeof(set)));
	WIN_CHECK(!getsockopt(s, SOL_SOCKET, SO_LINGER, (char *)&got, &len));
	WIN_CHECK(len == 4 && got.l_onoff == 1 && got.l_linger == 7);
	len = sizeof(off);
	WIN_CHECK(!getsockopt(s, SOL_SOCKET, SO_DONTLINGER, (char *)&off, &len));
	WIN_CHECK(!off);
	WIN_CHECK(!closesocket(s));
	return 0;
}

/* u_long is meant, and unsigned long is what many write. */
int win_modes(void)
{
	SOCKET s = socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP);
	struct sockaddr_in any = { 0 };
	unsigned long on = 1, waiting = ~0ul;
	u_long off = 0;
	DWORD n;
	char c;

	any.sin_family = AF_INET;
	WIN_CHECK(!bind(s, (struct sockaddr *)&any, sizeof(any)));
	WIN_CHECK(!ioctlsocket(s, FIONBIO, &on));
	WIN_CHECK(recv(s, &c, 1, 0) == SOCKET_ERROR && WSAGetLastError() == WSAEWOULDBLOCK);
	WIN_CHECK(!ioctlsocket(s, FIONREAD, &waiting) && !waiting);
	WIN_CHECK(!WSAIoctl(s, FIONBIO, &off, sizeof(off), NULL, 0, &n, NULL, NULL));
	WIN_CHECK(ioctlsocket(s, FIONBIO, NULL) == SOCKET_ERROR);
	WIN_CHECK(WSAGetLastError() == WSAEFAULT);
	WIN_CHECK(!closesocket(s));
	return 0;
}

int win_interlocked(void)
{
	volatile LONG n = 0;
	volatile long wide = 5;
	volatile LONGLONG big = 1ll << 40;
	PVOID p = NULL;

	WIN_CHECK(InterlockedIncrement(&n) == 1 && InterlockedExchangeAdd(&n, 9) == 1);
	WIN_CHECK(InterlockedDecrement(&n) == 9 && InterlockedExchange(&n, -1) == 9);
	WIN_CHECK(InterlockedCompareExchange(&n, 3, 0) == -1 && n == -1);
	WIN_CHECK(InterlockedCompareExchange(&n, 3, -1) == -1 && n == 3);
	WIN_CHECK(InterlockedDecrement(&wide) == 4);
	WIN_CHECK(InterlockedIncrement64(&big) == (1ll << 40) + 1);
	WIN_CHECK(!InterlockedCompareExchangePointer(&p, (PVOID)&n, NULL) && p == &n);
	WIN_CHECK(InterlockedExchangePointer(&p, NULL) == &n && !p);
	return 0;
}

static unsigned int __stdcall win_thread(void *arg)
{
	Sleep(1);
	WIN_CHECK(SetEvent(arg));
	_endthreadex(7);
	return 0;
}

int win_names(void)
{
	struct addrinfo hints = { 0 }, *res = NULL;
	char name[NI_MAXHOST];
	struct hostent *he;
	HANDLE event, thread;
	unsigned int id;
	DWORD code;

	hints.ai_flags = AI_NUMERICHOST;
	hints.ai_socktype = SOCK_STREAM;
	WIN_CHECK(!getaddrinfo("::1", "80", &hints, &res));
	WIN_CHECK(res->ai_family == AF_INET6 && res->ai_addrlen == sizeof(SOCKADDR_IN6));
	WIN_CHECK(!getnameinfo(res->ai_addr, (socklen_t)res->ai_addrlen, name, sizeof(name), NULL,
			       0, NI_NUMERICHOST));
	WIN_CHECK(!strcmp(name, "::1"));
	WIN_CHECK(inet_ntop(AF_INET6, &((PSOCKADDR_IN6)res->ai_addr)->sin6_addr, name,
			    sizeof(name)));
	freeaddrinfo(res);
	he = gethostbyname("127.0.0.1");
	WIN_CHECK(he && he->h_addrtype == AF_INET && he->h_length == 4);
	WIN_CHECK(!strcmp(inet_ntoa(*(struct in_addr *)he->h_addr_list[0]), "127.0.0.1"));
	WIN_CHECK(!gethostname(name, sizeof(name)));
	WIN_CHECK(gethostname(name, 1) == SOCKET_ERROR && WSAGetLastError() == WSAEFAULT);

	event = CreateEvent(NULL, TRUE, FALSE, NULL);
	thread = (HANDLE)_beginthreadex(NULL, 0, win_thread, event, 0, &id);
	WIN_CHECK(event && thread);
	WIN_CHECK(WaitForSingleObject(event, 10000) == WAIT_OBJECT_0);
	WIN_CHECK(WaitForSingleObject(thread, INFINITE) == WAIT_OBJECT_0);
	WIN_CHECK(GetExitCodeThread(thread, &code) && code == 7);
	WIN_CHECK(CloseHandle(thread) && CloseHandle(event));
	return 0;
}
