/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Loopback connections and waits for the host tests. */
#ifndef WSP_TEST_UTIL_H
#define WSP_TEST_UTIL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include <wsp/wsp.h>

/* Longest a call may take that must not block. */
#define UTIL_AT_ONCE_MS	2000
/* Deadline of what is expected to happen soon. */
#define UTIL_SOON_MS	10000

#define UTIL_BAD_PTR	((void *)8)

/**
 * struct util_pair - a connection made through the library
 * @listener: bound and listening socket
 * @client: connected end
 * @server: accepted end
 */
struct util_pair {
	SOCKET listener;
	SOCKET client;
	SOCKET server;
};

void util_start(void);
bool util_listen_family(int af, int shown, SOCKET *listener, struct sockaddr_storage *ss, int *len);
bool util_listen(int af, SOCKET *listener, struct sockaddr_storage *ss, int *len);
bool util_pair(int af, struct util_pair *p);
bool util_udp_pair(struct util_pair *p);
size_t util_fill(SOCKET s);
size_t util_drain(SOCKET s, int *end_errno);
bool util_set_linger(SOCKET s, uint16_t onoff, uint16_t seconds);
bool util_set_nonblocking(SOCKET s, bool on);
bool util_wait_readable(SOCKET s);
bool util_wait_tcp_state(int fd, int state);
int64_t util_now_ms(void);

/* The error of a call that has to fail; -1 if it did not. */
#define util_err(call) ((call) == SOCKET_ERROR ? WSAGetLastError() : -1)
#define util_sock_err(call) ((call) == INVALID_SOCKET ? WSAGetLastError() : -1)

#endif /* WSP_TEST_UTIL_H */
