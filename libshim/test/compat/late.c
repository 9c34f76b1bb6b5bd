// SPDX-License-Identifier: LGPL-2.1-or-later
/* Winsock's headers after libc's, <unistd.h> among them. */
#define _GNU_SOURCE
#include <unistd.h>
#include <assert.h>
#include <stdlib.h>
#include <sys/select.h>
#include <sys/time.h>
#include <sys/types.h>

#include <winsock2.h>
#include <ws2tcpip.h>

#include "win.h"

struct waiter {
	int (*select)(int nfds, fd_set *rfds, fd_set *wfds, fd_set *efds,
		      const struct timeval *timeout);
};

int win_late(void)
{
	struct waiter w = { select };
	socklen_t len = sizeof(struct sockaddr_in);
	struct timeval at_once;
	struct sockaddr_in sin = { 0 };
	char name[256];
	u_long on = 1;
	fd_set set;
	SOCKET s = socket(AF_INET, SOCK_DGRAM, 0);

	static_assert(sizeof(u_long) == 4, "u_long");
	gettimeofday(&at_once, NULL);
	timerclear(&at_once);
	sin.sin_family = AF_INET;
	WIN_CHECK(!bind(s, (struct sockaddr *)&sin, len));
	WIN_CHECK(!getsockname(s, (struct sockaddr *)&sin, &len));
	WIN_CHECK(!ioctlsocket(s, FIONBIO, &on));
	FD_ZERO(&set);
	FD_SET(s, &set);
	WIN_CHECK(w.select(0, NULL, &set, NULL, &at_once) == 1);
	WIN_CHECK(gethostname(name, 1) == SOCKET_ERROR && WSAGetLastError() == WSAEFAULT);
	/* libc's calls are there all the same. */
	WIN_CHECK(getpid() == (pid_t)GetCurrentProcessId());
	WIN_CHECK(!closesocket(s));
	return 0;
}
