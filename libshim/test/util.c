// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "util.h"

/* Large enough to fill any loopback queue, small enough to be quick. */
#define UTIL_BUF	65536

void util_start(void)
{
	WSADATA data;

	if (WSAStartup(MAKEWORD(2, 2), &data))
		abort();
}

static int util_any(int af, struct sockaddr_storage *ss)
{
	memset(ss, 0, sizeof(*ss));
	ss->ss_family = af;
	if (af == AF_INET) {
		((struct sockaddr_in *)ss)->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		return sizeof(struct sockaddr_in);
	}
	((struct sockaddr_in6 *)ss)->sin6_addr = in6addr_loopback;
	return sizeof(struct sockaddr_in6);
}

/* @af as libc counts families, @shown as the library is to count them. */
bool util_listen_family(int af, int shown, SOCKET *listener, struct sockaddr_storage *ss, int *len)
{
	*len = util_any(af, ss);
	*listener = wsp_socket(shown, SOCK_STREAM, IPPROTO_TCP);
	if (*listener == INVALID_SOCKET || wsp_bind(*listener, (struct sockaddr *)ss, *len) ||
	    wsp_listen(*listener, 16))
		return false;
	*len = sizeof(*ss);
	return !wsp_getsockname(*listener, (struct sockaddr *)ss, len);
}

bool util_listen(int af, SOCKET *listener, struct sockaddr_storage *ss, int *len)
{
	return util_listen_family(af, af, listener, ss, len);
}

bool util_pair(int af, struct util_pair *p)
{
	struct sockaddr_storage ss;
	int len;

	if (!util_listen(af, &p->listener, &ss, &len))
		return false;
	p->client = wsp_socket(af, SOCK_STREAM, IPPROTO_TCP);
	if (p->client == INVALID_SOCKET || wsp_connect(p->client, (struct sockaddr *)&ss, len))
		return false;
	p->server = wsp_accept(p->listener, NULL, NULL);
	return p->server != INVALID_SOCKET;
}

bool util_udp_pair(struct util_pair *p)
{
	struct sockaddr_storage ss;
	int len = util_any(AF_INET, &ss);

	p->listener = INVALID_SOCKET;
	p->server = wsp_socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP);
	p->client = wsp_socket(AF_INET, SOCK_DGRAM, 0);
	if (p->server == INVALID_SOCKET || p->client == INVALID_SOCKET)
		return false;
	if (wsp_bind(p->server, (struct sockaddr *)&ss, len))
		return false;
	len = sizeof(ss);
	if (wsp_getsockname(p->server, (struct sockaddr *)&ss, &len))
		return false;
	return !wsp_connect(p->client, (struct sockaddr *)&ss, len);
}

/* Until neither the peer's buffer nor ours takes more. */
size_t util_fill(SOCKET s)
{
	static char buf[UTIL_BUF];
	size_t total = 0;

	for (;;) {
		struct pollfd p = { .fd = (int)s, .events = POLLOUT };
		ssize_t n = send((int)s, buf, sizeof(buf), MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n > 0)
			total += n;
		else if (poll(&p, 1, 200) <= 0)
			return total;
	}
}

/* Until end of file (errno 0) or an error. */
size_t util_drain(SOCKET s, int *end_errno)
{
	static char buf[UTIL_BUF];
	size_t total = 0;

	for (;;) {
		ssize_t n;

		if (!util_wait_readable(s)) {
			*end_errno = ETIMEDOUT;
			return total;
		}
		n = recv((int)s, buf, sizeof(buf), MSG_DONTWAIT);
		if (n <= 0) {
			*end_errno = n ? errno : 0;
			return total;
		}
		total += n;
	}
}

bool util_set_linger(SOCKET s, uint16_t onoff, uint16_t seconds)
{
	struct ws_linger l = { onoff, seconds };

	return !wsp_setsockopt(s, WS_SOL_SOCKET, WS_SO_LINGER, (char *)&l, sizeof(l));
}

bool util_set_nonblocking(SOCKET s, bool on)
{
	uint32_t val = on;

	return !ioctlsocket(s, WS_FIONBIO, &val);
}

bool util_wait_readable(SOCKET s)
{
	struct pollfd p = { .fd = (int)s, .events = POLLIN };

	return poll(&p, 1, UTIL_SOON_MS) > 0;
}

/* No event tells of every transition, so it is asked for. */
bool util_wait_tcp_state(int fd, int state)
{
	int64_t deadline = util_now_ms() + UTIL_SOON_MS;

	while (util_now_ms() < deadline) {
		struct tcp_info ti;
		socklen_t len = sizeof(ti);

		if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &ti, &len))
			return false;
		if (ti.tcpi_state == state)
			return true;
		poll(NULL, 0, 1);
	}
	return false;
}

int64_t util_now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}
