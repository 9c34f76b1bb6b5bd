// SPDX-License-Identifier: GPL-2.0
/* Echo servers of libwsp. */
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#include <wsp/wsp.h>

#include "echo.h"

struct echo_conn {
	WSAOVERLAPPED recv;
	WSAOVERLAPPED send;
	SOCKET s;
	char buf[ECHO_ROOM];
};

static struct echo_conn conn[ECHO_MAX];

uintptr_t echo_wsp_listen(unsigned short *port)
{
	struct sockaddr_in sa = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int len = sizeof(sa);
	WSADATA data;
	SOCKET s;

	if (WSAStartup(MAKEWORD(2, 2), &data))
		echo_die("WSAStartup");
	s = wsp_socket(AF_INET, SOCK_STREAM, 0);
	if (wsp_bind(s, (struct sockaddr *)&sa, len) || wsp_listen(s, ECHO_MAX) ||
	    wsp_getsockname(s, (struct sockaddr *)&sa, &len))
		echo_die("listen");
	*port = ntohs(sa.sin_port);
	return s;
}

uintptr_t echo_wsp_accept(uintptr_t listener)
{
	return wsp_accept(listener, NULL, NULL);
}

static bool wsp_pending(int ret)
{
	return !ret || WSAGetLastError() == WSA_IO_PENDING;
}

static bool wsp_recv_start(struct echo_conn *c)
{
	WSABUF wb = { sizeof(c->buf), c->buf };
	DWORD flags = 0;

	return wsp_pending(WSARecv(c->s, &wb, 1, NULL, &flags, &c->recv, NULL));
}

static void wsp_send_start(struct echo_conn *c, DWORD n)
{
	WSABUF wb = { n, c->buf };

	if (!wsp_pending(WSASend(c->s, &wb, 1, NULL, 0, &c->send, NULL)))
		echo_die("WSASend");
}

void echo_wsp_port(const uintptr_t *fd, int conns)
{
	HANDLE port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 0);
	int open = conns, i;

	for (i = 0; i < conns; i++) {
		ULONG_PTR key = (ULONG_PTR)(conn + i);

		conn[i].s = fd[i];
		CreateIoCompletionPort((HANDLE)fd[i], port, key, 0);
		if (!wsp_recv_start(&conn[i]))
			echo_die("WSARecv");
	}
	while (open) {
		LPWSAOVERLAPPED ov;
		ULONG_PTR key;
		DWORD n;
		BOOL ok = GetQueuedCompletionStatus(port, &n, &key, &ov, WSA_INFINITE);
		struct echo_conn *c = (struct echo_conn *)key;

		if (!ov)
			echo_die("the port");
		if (ov == &c->send)
			continue;
		if (!ok || !n) {
			open--;
			continue;
		}
		wsp_send_start(c, n);
		if (!wsp_recv_start(c))
			open--;
	}
}

/* The last one takes the place of one that has ended. */
static void wsp_remove(WSAEVENT *events, struct echo_conn **at, int i, int *open)
{
	(*open)--;
	events[i] = events[*open];
	at[i] = at[*open];
}

/* One that has been signalled. */
static DWORD wsp_wait(WSAEVENT *events, int n)
{
	DWORD i = WSAWaitForMultipleEvents(n, events, false, WSA_INFINITE, false);

	if (i >= WSA_WAIT_EVENT_0 + (DWORD)n)
		echo_die("WSAWaitForMultipleEvents");
	return i - WSA_WAIT_EVENT_0;
}

void echo_wsp_event(const uintptr_t *fd, int conns)
{
	struct echo_conn *at[ECHO_EVENTS];
	WSAEVENT events[ECHO_EVENTS];
	DWORD n, flags, i;
	int open = conns, k;

	for (k = 0; k < conns; k++) {
		at[k] = &conn[k];
		events[k] = WSACreateEvent();
		conn[k].s = fd[k];
		conn[k].recv.hEvent = events[k];
		if (!wsp_recv_start(&conn[k]))
			echo_die("WSARecv");
	}
	while (open) {
		i = wsp_wait(events, open);
		if (!WSAGetOverlappedResult(at[i]->s, &at[i]->recv, &n, false, &flags) || !n) {
			wsp_remove(events, at, i, &open);
			continue;
		}
		wsp_send_start(at[i], n);
		WSAResetEvent(events[i]);
		if (!wsp_recv_start(at[i]))
			wsp_remove(events, at, i, &open);
	}
}

void echo_wsp_select(const uintptr_t *fd, int conns)
{
	struct echo_conn *at[ECHO_EVENTS];
	WSAEVENT events[ECHO_EVENTS];
	WSANETWORKEVENTS what;
	int open = conns, k, n;
	DWORD i;

	for (k = 0; k < conns; k++) {
		at[k] = &conn[k];
		events[k] = WSACreateEvent();
		conn[k].s = fd[k];
		if (WSAEventSelect(fd[k], events[k], FD_READ | FD_CLOSE))
			echo_die("WSAEventSelect");
	}
	while (open) {
		i = wsp_wait(events, open);
		if (WSAEnumNetworkEvents(at[i]->s, events[i], &what))
			echo_die("WSAEnumNetworkEvents");
		if (what.lNetworkEvents & FD_READ) {
			n = wsp_recv(at[i]->s, at[i]->buf, ECHO_ROOM, 0);
			if (n > 0 && wsp_send(at[i]->s, at[i]->buf, n, 0) != n)
				echo_die("send");
		}
		if (what.lNetworkEvents & FD_CLOSE)
			wsp_remove(events, at, i, &open);
	}
}

void echo_wsp_calls(const uintptr_t *fd, int conns)
{
	char *buf = conn[0].buf;
	int n;

	(void)conns;
	while ((n = wsp_recv(fd[0], buf, ECHO_ROOM, 0)) > 0)
		if (wsp_send(fd[0], buf, n, 0) != n)
			echo_die("send");
}
