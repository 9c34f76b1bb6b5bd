// SPDX-License-Identifier: LGPL-2.1-or-later
/* The headers beside libc's, in either order, as C11 and as C++17. */
#include <wsp/wsp.h>

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <linux/wsp.h>
#include <wsp/winsock2.h>
#include <wsp/ws2spi.h>

static_assert(WS_SOL_SOCKET != SOL_SOCKET, "two worlds");
static_assert(sizeof(struct linger) == 8 && sizeof(struct ws_linger) == 4, "two worlds");

SOCKET headers_use(struct sockaddr *sa, LPWSPPROC_TABLE table);

SOCKET headers_use(struct sockaddr *sa, LPWSPPROC_TABLE table)
{
	SOCKET s = wsp_socket(AF_INET, SOCK_STREAM, 0);

	if (s == INVALID_SOCKET || connect((int)s, sa, sizeof(*sa)))
		return INVALID_SOCKET;
	table->lpWSPShutdown(s, SD_SEND, NULL);
	return s;
}
