// SPDX-License-Identifier: LGPL-2.1-or-later
/* Winsock in C++17, whose headers bring <unistd.h> and <sys/select.h>. */
#include <atomic>
#include <chrono>
#include <mutex>
#include <string>
#include <thread>

#include <winsock2.h>
#include <ws2tcpip.h>
#include <mswsock.h>
#include <ws2spi.h>
#include <windows.h>
#include <process.h>

#include <condition_variable>
#include <vector>

#include "win.h"

/* Methods under Winsock's names, calling Winsock. */
class Channel {
public:
	explicit Channel(SOCKET s) : sock(s) { }
	~Channel() { ::closesocket(sock); }
	bool bind(const SOCKADDR_IN &sin)
	{
		return !::bind(sock, reinterpret_cast<const sockaddr *>(&sin), sizeof(sin));
	}
	bool connect(const SOCKADDR_IN &sin)
	{
		return !::connect(sock, reinterpret_cast<const sockaddr *>(&sin), sizeof(sin));
	}
	SOCKADDR_IN name() const
	{
		SOCKADDR_IN sin{};
		int len = sizeof(sin);

		::getsockname(sock, reinterpret_cast<sockaddr *>(&sin), &len);
		return sin;
	}
	int send(const char *text) { return ::send(sock, text, (int)strlen(text), 0); }
	int recv(char *buf, int len) { return ::recv(sock, buf, len, 0); }
	int select(int seconds)
	{
		timeval tv{ seconds, 0 };
		fd_set set;

		FD_ZERO(&set);
		FD_SET(sock, &set);
		return ::select(0, &set, NULL, NULL, &tv);
	}
	int ioctlsocket(long cmd, unsigned long arg) { return ::ioctlsocket(sock, cmd, &arg); }

private:
	SOCKET sock;
};

int win_cxx(void)
{
	int (*call)(SOCKET, const char *, int, int) = &::send;
	Channel a(socket(AF_INET, SOCK_DGRAM, 0)), b(socket(AF_INET, SOCK_DGRAM, 0));
	SOCKADDR_IN any{};
	char buf[8];

	any.sin_family = AF_INET;
	any.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	WIN_CHECK(reinterpret_cast<win_function>(call) == win_send());
	WIN_CHECK(a.bind(any) && b.connect(a.name()));
	WIN_CHECK(b.send("abc") == 3 && a.select(10) == 1 && a.recv(buf, sizeof(buf)) == 3);
	WIN_CHECK(!a.ioctlsocket(FIONBIO, 1) && a.recv(buf, sizeof(buf)) == SOCKET_ERROR);
	WIN_CHECK(::WSAGetLastError() == WSAEWOULDBLOCK);
	WIN_CHECK(::gethostname(buf, 1) == SOCKET_ERROR && ::GetLastError() == WSAEFAULT);
	return 0;
}

int win_cxx_modes(void)
{
	SOCKET s = socket(AF_INET, SOCK_STREAM, 0);
	unsigned long on = 1;
	u_long off = 0;
	DWORD dw = 0;

	WIN_CHECK(!ioctlsocket(s, FIONBIO, &on) && !ioctlsocket(s, FIONBIO, &off));
	WIN_CHECK(!ioctlsocket(s, FIONBIO, &dw));
	WIN_CHECK(ioctlsocket(s, FIONBIO, NULL) == SOCKET_ERROR);
	WIN_CHECK(ioctlsocket(s, FIONBIO, nullptr) == SOCKET_ERROR);
	WIN_CHECK(!closesocket(s));
	return 0;
}

struct Io : OVERLAPPED {
	int tag;
	OVERLAPPED second;
};

int win_cxx_interlocked(void)
{
	volatile LONG n = 1;
	volatile long wide = 1;
	LONGLONG big = 1;
	PVOID p = NULL;
	Io io{};
	const WCHAR *w = u"text";

	WIN_CHECK(w[0] == 't');
	io.tag = 4711;
	WIN_CHECK(static_cast<Io *>(static_cast<OVERLAPPED *>(&io))->tag == 4711);
	WIN_CHECK(CONTAINING_RECORD(&io.second, Io, second)->tag == 4711);
	WIN_CHECK(::InterlockedIncrement(&n) == 2 && ::InterlockedExchange(&n, 5) == 2);
	WIN_CHECK(::InterlockedDecrement(&wide) == 0);
	WIN_CHECK(::InterlockedExchangeAdd64(&big, 3) == 1 && big == 4);
	WIN_CHECK(::InterlockedCompareExchange(&n, 6, 5) == 5 && n == 6);
	WIN_CHECK(!::InterlockedCompareExchangePointer(&p, &io, NULL) && p == &io);
	WIN_CHECK(::InterlockedExchangePointer(&p, NULL) == &io && !p);
	return 0;
}
