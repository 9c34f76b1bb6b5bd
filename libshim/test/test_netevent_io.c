// SPDX-License-Identifier: LGPL-2.1-or-later
/* Network events: which call has which event recorded again. */
#include <fcntl.h>
#include <kselftest_harness.h>
#include <netinet/in.h>
#include <unistd.h>

#include <wsp/mswsock.h>

#include "events.h"
#include "extension.h"
#include "internal.h"

FIXTURE(io)
{
	struct util_pair p;
	struct sockaddr_storage ss;
	int len;
	struct events e;
};

FIXTURE_SETUP(io)
{
	util_start();
	ASSERT_TRUE(util_pair(AF_INET, &self->p));
	self->len = sizeof(self->ss);
	ASSERT_EQ(0, wsp_getsockname(self->p.listener, (struct sockaddr *)&self->ss, &self->len));
}

FIXTURE_TEARDOWN(io)
{
}

TEST_F(io, FD_READ_once_until_a_receive_and_then_while_data_is_left)
{
	char c;

	ASSERT_TRUE(events_select(&self->e, self->p.client, FD_READ));
	EXPECT_TRUE(events_quiet(&self->e));
	ASSERT_EQ(2, wsp_send(self->p.server, "xy", 2, 0));
	ASSERT_TRUE(events_wait(&self->e, FD_READ));
	ASSERT_EQ(1, wsp_send(self->p.server, "z", 1, 0));
	EXPECT_TRUE(events_quiet(&self->e));
	ASSERT_EQ(1, wsp_recv(self->p.client, &c, 1, 0));
	EXPECT_EQ(FD_READ, events_take(&self->e));
	EXPECT_TRUE(events_quiet(&self->e));
	ASSERT_EQ(1, wsp_recv(self->p.client, &c, 1, WS_MSG_PEEK));
	EXPECT_EQ(FD_READ, events_take(&self->e));
	/* A call that fails re-enables too. */
	EXPECT_EQ(WSAEFAULT, util_err(wsp_recv(self->p.client, UTIL_BAD_PTR, 1, 0)));
	EXPECT_EQ(FD_READ, events_take(&self->e));
	ASSERT_EQ(1, wsp_recv(self->p.client, &c, 1, 0));
	EXPECT_EQ(FD_READ, events_take(&self->e));
	ASSERT_EQ(1, wsp_recv(self->p.client, &c, 1, 0));
	EXPECT_TRUE(events_quiet(&self->e));
	EXPECT_EQ(WSAEWOULDBLOCK, util_err(wsp_recv(self->p.client, &c, 1, 0)));
	EXPECT_TRUE(events_quiet(&self->e));
	for (int i = 0; i < 50; i++) {
		events_clear(&self->e);
		ASSERT_EQ(1, wsp_send(self->p.server, "x", 1, 0));
		ASSERT_TRUE(events_wait(&self->e, FD_READ));
		ASSERT_EQ(1, self->e.told[FD_READ_BIT]);
		ASSERT_EQ(1, wsp_recv(self->p.client, &c, 1, 0));
	}
}

TEST_F(io, FD_READ_data_before_the_selection)
{
	ASSERT_EQ(1, wsp_send(self->p.server, "x", 1, 0));
	ASSERT_TRUE(util_wait_readable(self->p.client));
	ASSERT_TRUE(events_select(&self->e, self->p.client, FD_READ));
	EXPECT_EQ(FD_READ, events_take(&self->e));
}

TEST_F(io, FD_READ_not_once_receiving_was_ended)
{
	ASSERT_TRUE(events_select(&self->e, self->p.client, FD_READ | FD_CLOSE));
	ASSERT_EQ(0, wsp_shutdown(self->p.client, SD_RECEIVE));
	ASSERT_EQ(1, wsp_send(self->p.server, "x", 1, 0));
	EXPECT_TRUE(events_quiet(&self->e));
	/* RD-17: the peer's end still is told, and what it brought can be had. */
	ASSERT_EQ(0, wsp_shutdown(self->p.server, SD_SEND));
	EXPECT_TRUE(events_wait(&self->e, FD_CLOSE));
	EXPECT_EQ(FD_CLOSE, self->e.seen);
}

TEST_F(io, FD_OOB_beside_data)
{
	char c;

	ASSERT_TRUE(events_select(&self->e, self->p.client, FD_READ | FD_OOB));
	ASSERT_EQ(1, wsp_send(self->p.server, "a", 1, 0));
	ASSERT_TRUE(events_wait(&self->e, FD_READ));
	EXPECT_EQ(FD_READ, self->e.seen);
	events_clear(&self->e);
	ASSERT_EQ(1, wsp_send(self->p.server, "!", 1, WS_MSG_OOB));
	ASSERT_TRUE(events_wait(&self->e, FD_OOB));
	EXPECT_EQ(FD_OOB, self->e.seen);
	EXPECT_TRUE(events_quiet(&self->e));
	/* Still there after a receive of plain data. */
	ASSERT_EQ(1, wsp_recv(self->p.client, &c, 1, WS_MSG_PEEK));
	EXPECT_EQ(FD_READ | FD_OOB, events_take(&self->e));
	ASSERT_EQ(1, wsp_recv(self->p.client, &c, 1, WS_MSG_OOB));
	EXPECT_EQ('!', c);
	EXPECT_EQ(FD_READ, events_take(&self->e));
	ASSERT_EQ(1, wsp_recv(self->p.client, &c, 1, 0));
	EXPECT_EQ('a', c);
	EXPECT_TRUE(events_quiet(&self->e));
}

TEST_F(io, FD_OOB_inline_it_is_FD_READ)
{
	const int on = 1;
	char c;

	ASSERT_EQ(0, wsp_setsockopt(self->p.client, WS_SOL_SOCKET, WS_SO_OOBINLINE,
				    (const char *)&on, sizeof(on)));
	ASSERT_TRUE(events_select(&self->e, self->p.client, FD_READ | FD_OOB));
	ASSERT_EQ(1, wsp_send(self->p.server, "!", 1, WS_MSG_OOB));
	ASSERT_TRUE(events_wait(&self->e, FD_READ));
	EXPECT_EQ(FD_READ, self->e.seen);
	ASSERT_EQ(1, wsp_recv(self->p.client, &c, 1, 0));
	EXPECT_TRUE(events_quiet(&self->e));
}

static char io_buf[65536];

static int io_fill(SOCKET s)
{
	while (wsp_send(s, io_buf, sizeof(io_buf), 0) > 0)
		;
	return WSAGetLastError();
}

TEST_F(io, FD_WRITE_at_selection_and_after_WSAEWOULDBLOCK)
{
	int64_t deadline;

	ASSERT_TRUE(events_select(&self->e, self->p.client, FD_WRITE));
	EXPECT_EQ(FD_WRITE, events_take(&self->e));
	ASSERT_EQ(1, wsp_send(self->p.client, "x", 1, 0));
	EXPECT_TRUE(events_quiet(&self->e));
	EXPECT_EQ(WSAEWOULDBLOCK, io_fill(self->p.client));
	EXPECT_TRUE(events_quiet(&self->e));
	ASSERT_TRUE(util_set_nonblocking(self->p.server, true));
	events_clear(&self->e);
	deadline = util_now_ms() + UTIL_SOON_MS;
	do {
		while (wsp_recv(self->p.server, io_buf, sizeof(io_buf), 0) > 0)
			;
		WSAWaitForMultipleEvents(1, &self->e.e, 0, 10, 0);
	} while (!events_take(&self->e) && util_now_ms() < deadline);
	EXPECT_EQ(FD_WRITE, self->e.seen);
	EXPECT_EQ(1, wsp_send(self->p.client, "x", 1, 0));
	EXPECT_TRUE(events_quiet(&self->e));
}

TEST_F(io, FD_WRITE_not_after_the_end_of_sending)
{
	ASSERT_EQ(0, wsp_shutdown(self->p.client, SD_SEND));
	ASSERT_TRUE(events_select(&self->e, self->p.client, FD_WRITE));
	EXPECT_TRUE(events_quiet(&self->e));
}

TEST_F(io, FD_ACCEPT_while_there_are_connections)
{
	SOCKET c[2];

	ASSERT_TRUE(events_select(&self->e, self->p.listener, FD_ACCEPT));
	EXPECT_TRUE(events_quiet(&self->e));
	for (int i = 0; i < 2; i++) {
		c[i] = wsp_socket(AF_INET, SOCK_STREAM, 0);
		ASSERT_EQ(0, wsp_connect(c[i], (struct sockaddr *)&self->ss, self->len));
	}
	ASSERT_TRUE(events_wait(&self->e, FD_ACCEPT));
	EXPECT_TRUE(events_quiet(&self->e));
	ASSERT_NE(INVALID_SOCKET, wsp_accept(self->p.listener, NULL, NULL));
	EXPECT_EQ(FD_ACCEPT, events_take(&self->e));
	ASSERT_NE(INVALID_SOCKET, wsp_accept(self->p.listener, NULL, NULL));
	EXPECT_TRUE(events_quiet(&self->e));
	EXPECT_EQ(WSAEWOULDBLOCK, util_sock_err(wsp_accept(self->p.listener, NULL, NULL)));
	EXPECT_TRUE(events_quiet(&self->e));
}

TEST_F(io, FD_ACCEPT_selected_before_listening)
{
	SOCKET l = wsp_socket(AF_INET, SOCK_STREAM, 0), c = wsp_socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_in sin = { .sin_family = AF_INET };
	int len = sizeof(sin);

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ASSERT_TRUE(events_select(&self->e, l, EVENTS_ALL));
	ASSERT_EQ(0, wsp_bind(l, (struct sockaddr *)&sin, len));
	ASSERT_EQ(0, wsp_listen(l, 4));
	EXPECT_TRUE(events_quiet(&self->e));
	ASSERT_EQ(0, wsp_getsockname(l, (struct sockaddr *)&sin, &len));
	ASSERT_EQ(0, wsp_connect(c, (struct sockaddr *)&sin, len));
	ASSERT_TRUE(events_wait(&self->e, FD_ACCEPT));
	EXPECT_EQ(FD_ACCEPT, self->e.seen);
}

static int io_defer(LPWSABUF caller_id, LPWSABUF caller_data, LPQOS sqos, LPQOS gqos,
		    LPWSABUF callee_id, LPWSABUF callee_data, GROUP *g, DWORD_PTR data)
{
	return CF_DEFER;
}

TEST_F(io, FD_ACCEPT_a_deferred_connection_is_told_with_the_next_accept)
{
	SOCKET c = wsp_socket(AF_INET, SOCK_STREAM, 0);
	char small;
	int len = 1;

	ASSERT_TRUE(events_select(&self->e, self->p.listener, FD_ACCEPT));
	ASSERT_EQ(0, wsp_connect(c, (struct sockaddr *)&self->ss, self->len));
	ASSERT_TRUE(events_wait(&self->e, FD_ACCEPT));
	EXPECT_EQ(WSATRY_AGAIN,
		  util_sock_err(WSAAccept(self->p.listener, NULL, NULL, io_defer, 0)));
	EXPECT_TRUE(events_quiet(&self->e));
	EXPECT_EQ(WSAEFAULT, util_sock_err(wsp_accept(self->p.listener,
						      (struct sockaddr *)&small, &len)));
	EXPECT_EQ(FD_ACCEPT, events_take(&self->e));
	EXPECT_NE(INVALID_SOCKET, wsp_accept(self->p.listener, NULL, NULL));
	EXPECT_TRUE(events_quiet(&self->e));
}

TEST_F(io, accepted_sockets_inherit_the_selection)
{
	SOCKET c = wsp_socket(AF_INET, SOCK_STREAM, 0);
	struct events child = { 0 };

	ASSERT_TRUE(events_select(&self->e, self->p.listener, EVENTS_ALL));
	ASSERT_EQ(0, wsp_connect(c, (struct sockaddr *)&self->ss, self->len));
	ASSERT_TRUE(events_wait(&self->e, FD_ACCEPT));
	child.e = self->e.e;
	child.s = wsp_accept(self->p.listener, NULL, NULL);
	ASSERT_NE(INVALID_SOCKET, child.s);
	EXPECT_NE(0, fcntl((int)child.s, F_GETFL) & O_NONBLOCK);
	EXPECT_EQ(FD_WRITE, events_take(&child));
	EXPECT_TRUE(events_quiet(&self->e));
	ASSERT_EQ(1, wsp_send(c, "x", 1, 0));
	ASSERT_TRUE(events_wait(&child, FD_READ));
	EXPECT_EQ(FD_WRITE | FD_READ, child.seen);
	/* One's own selection takes its place. */
	ASSERT_TRUE(events_select(&child, child.s, FD_READ));
	EXPECT_EQ(FD_READ, events_take(&child));
}

TEST_F(io, FD_CONNECT_success)
{
	SOCKET s = wsp_socket(AF_INET, SOCK_STREAM, 0);
	int error = 1, len = sizeof(error);

	ASSERT_TRUE(events_select(&self->e, s, EVENTS_ALL));
	EXPECT_TRUE(events_quiet(&self->e));
	ASSERT_EQ(WSAEWOULDBLOCK, util_err(wsp_connect(s, (struct sockaddr *)&self->ss,
						       self->len)));
	ASSERT_TRUE(events_wait(&self->e, FD_CONNECT | FD_WRITE));
	EXPECT_EQ(FD_CONNECT | FD_WRITE, self->e.seen);
	EXPECT_EQ(0, self->e.error[FD_CONNECT_BIT]);
	EXPECT_EQ(1, self->e.told[FD_WRITE_BIT]);
	EXPECT_EQ(WSAEISCONN, util_err(wsp_connect(s, (struct sockaddr *)&self->ss, self->len)));
	EXPECT_TRUE(events_quiet(&self->e));
	ASSERT_EQ(0, wsp_getsockopt(s, WS_SOL_SOCKET, WS_SO_ERROR, (char *)&error, &len));
	EXPECT_EQ(0, error);
	/* A selection while there is a connection tells so. */
	ASSERT_TRUE(events_select(&self->e, s, FD_CONNECT));
	EXPECT_EQ(FD_CONNECT, events_take(&self->e));
}

/* The watcher looks at the new socket while it is being connected. */
TEST_F(io, FD_CONNECT_again_and_again)
{
	for (int i = 0; i < 300; i++) {
		SOCKET s = wsp_socket(AF_INET, SOCK_STREAM, 0), child;
		struct events e;

		ASSERT_TRUE(events_select(&e, s, EVENTS_ALL));
		ASSERT_EQ(WSAEWOULDBLOCK, util_err(wsp_connect(s, (struct sockaddr *)&self->ss,
							       self->len)));
		ASSERT_TRUE(events_wait(&e, FD_CONNECT | FD_WRITE));
		ASSERT_EQ(FD_CONNECT | FD_WRITE, e.seen);
		child = wsp_accept(self->p.listener, NULL, NULL);
		ASSERT_NE(INVALID_SOCKET, child);
		ASSERT_EQ(0, closesocket(s));
		ASSERT_EQ(0, closesocket(child));
		WSACloseEvent(e.e);
	}
}

TEST_F(io, FD_CONNECT_failure_and_another_attempt)
{
	SOCKET s = wsp_socket(AF_INET, SOCK_STREAM, 0), l;
	struct sockaddr_storage refused;
	int error = 0, len = sizeof(error), ss_len;

	ASSERT_TRUE(util_listen(AF_INET, &l, &refused, &ss_len));
	ASSERT_EQ(0, closesocket(l));
	ASSERT_TRUE(events_select(&self->e, s, EVENTS_ALL));
	ASSERT_EQ(WSAEWOULDBLOCK, util_err(wsp_connect(s, (struct sockaddr *)&refused, ss_len)));
	ASSERT_TRUE(events_wait(&self->e, FD_CONNECT));
	EXPECT_EQ(FD_CONNECT, self->e.seen);
	EXPECT_EQ(WSAECONNREFUSED, self->e.error[FD_CONNECT_BIT]);
	EXPECT_TRUE(events_quiet(&self->e));
	ASSERT_EQ(0, wsp_getsockopt(s, WS_SOL_SOCKET, WS_SO_ERROR, (char *)&error, &len));
	EXPECT_EQ(WSAECONNREFUSED, error);
	events_clear(&self->e);
	ASSERT_EQ(WSAEWOULDBLOCK, util_err(wsp_connect(s, (struct sockaddr *)&self->ss,
						       self->len)));
	ASSERT_TRUE(events_wait(&self->e, FD_CONNECT | FD_WRITE));
	EXPECT_EQ(0, self->e.error[FD_CONNECT_BIT]);
	ASSERT_NE(INVALID_SOCKET, wsp_accept(self->p.listener, NULL, NULL));
	EXPECT_EQ(1, wsp_send(s, "x", 1, 0));
}

TEST_F(io, FD_CONNECT_failed_before_the_selection)
{
	SOCKET s = wsp_socket(AF_INET, SOCK_STREAM, 0), l;
	struct sockaddr_storage refused;
	int ss_len;

	ASSERT_TRUE(util_listen(AF_INET, &l, &refused, &ss_len));
	ASSERT_EQ(0, closesocket(l));
	ASSERT_TRUE(util_set_nonblocking(s, true));
	ASSERT_EQ(WSAEWOULDBLOCK, util_err(wsp_connect(s, (struct sockaddr *)&refused, ss_len)));
	ASSERT_TRUE(util_wait_readable(s));
	ASSERT_TRUE(events_select(&self->e, s, EVENTS_ALL));
	EXPECT_EQ(FD_CONNECT, events_take(&self->e));
	EXPECT_EQ(WSAECONNREFUSED, self->e.error[FD_CONNECT_BIT]);
}

TEST_F(io, a_connection_reset_at_once_was_one)
{
	SOCKET s = wsp_socket(AF_INET, SOCK_STREAM, 0), child;

	ASSERT_TRUE(util_set_nonblocking(s, true));
	ASSERT_EQ(WSAEWOULDBLOCK, util_err(wsp_connect(s, (struct sockaddr *)&self->ss,
						       self->len)));
	child = wsp_accept(self->p.listener, NULL, NULL);
	ASSERT_TRUE(util_set_linger(child, 1, 0));
	ASSERT_EQ(0, closesocket(child));
	ASSERT_TRUE(util_wait_readable(s));
	ASSERT_TRUE(events_select(&self->e, s, EVENTS_ALL));
	ASSERT_TRUE(events_wait(&self->e, FD_CLOSE));
	EXPECT_EQ(FD_CONNECT | FD_CLOSE, self->e.seen);
	EXPECT_EQ(0, self->e.error[FD_CONNECT_BIT]);
	EXPECT_EQ(WSAECONNRESET, self->e.error[FD_CLOSE_BIT]);
}

TEST_F(io, overlapped_receives_enable_FD_READ)
{
	char c;
	WSABUF wb = { 1, &c };
	WSAOVERLAPPED ov = { .hEvent = WSACreateEvent() };
	DWORD n, flags = 0;

	ASSERT_TRUE(events_select(&self->e, self->p.client, FD_READ | FD_CLOSE));
	ASSERT_EQ(WSA_IO_PENDING, util_err(WSARecv(self->p.client, &wb, 1, &n, &flags, &ov, NULL)));
	ASSERT_EQ(2, wsp_send(self->p.server, "xy", 2, 0));
	ASSERT_TRUE(WSAGetOverlappedResult(self->p.client, &ov, &n, 1, &flags));
	EXPECT_EQ(1, n);
	ASSERT_TRUE(events_wait(&self->e, FD_READ));
	events_take(&self->e);
	ASSERT_EQ(0, WSARecv(self->p.client, &wb, 1, &n, &flags, &ov, NULL));
	ASSERT_EQ(0, wsp_shutdown(self->p.server, SD_SEND));
	EXPECT_TRUE(events_wait(&self->e, FD_CLOSE));
}

TEST_F(io, AcceptEx_keeps_the_selection_and_ConnectEx_tells)
{
	char out[2 * (sizeof(struct sockaddr_in) + 16)];
	SOCKET c = wsp_socket(AF_INET, SOCK_STREAM, 0), s = wsp_socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_in any = { .sin_family = AF_INET };
	WSAOVERLAPPED ova = { .hEvent = WSACreateEvent() }, ovc = { .hEvent = WSACreateEvent() };
	struct events server, l;
	DWORD n, flags;

	ASSERT_TRUE(events_select(&l, self->p.listener, FD_ACCEPT));
	ASSERT_TRUE(events_select(&server, s, FD_READ | FD_WRITE));
	ASSERT_TRUE(events_select(&self->e, c, EVENTS_ALL));
	ASSERT_FALSE(AcceptEx(self->p.listener, s, out, 0, sizeof(out) / 2, sizeof(out) / 2, &n,
			      &ova));
	ASSERT_EQ(WSA_IO_PENDING, WSAGetLastError());
	ASSERT_EQ(0, wsp_bind(c, (struct sockaddr *)&any, sizeof(any)));
	if (!wsp_connectex(c, (struct sockaddr *)&self->ss, self->len, NULL, 0, &n, &ovc))
		ASSERT_EQ(WSA_IO_PENDING, WSAGetLastError());
	ASSERT_TRUE(WSAGetOverlappedResult(c, &ovc, &n, 1, &flags));
	ASSERT_TRUE(WSAGetOverlappedResult(self->p.listener, &ova, &n, 1, &flags));
	ASSERT_TRUE(events_wait(&self->e, FD_CONNECT | FD_WRITE));
	EXPECT_EQ(0, self->e.error[FD_CONNECT_BIT]);
	ASSERT_TRUE(events_wait(&server, FD_WRITE));
	ASSERT_EQ(1, wsp_send(c, "x", 1, 0));
	EXPECT_TRUE(events_wait(&server, FD_READ));
}

TEST_F(io, ConnectEx_is_left_its_failure)
{
	SOCKET c = wsp_socket(AF_INET, SOCK_STREAM, 0), l;
	struct sockaddr_in any = { .sin_family = AF_INET };
	WSAOVERLAPPED ov = { .hEvent = WSACreateEvent() };
	struct sockaddr_storage refused;
	DWORD n, flags;
	int len;

	ASSERT_TRUE(util_listen(AF_INET, &l, &refused, &len));
	ASSERT_EQ(0, closesocket(l));
	ASSERT_TRUE(events_select(&self->e, c, EVENTS_ALL));
	ASSERT_EQ(0, wsp_bind(c, (struct sockaddr *)&any, sizeof(any)));
	if (!wsp_connectex(c, (struct sockaddr *)&refused, len, NULL, 0, &n, &ov) &&
	    WSAGetLastError() == WSA_IO_PENDING)
		ASSERT_FALSE(WSAGetOverlappedResult(c, &ov, &n, 1, &flags));
	EXPECT_EQ(WSAECONNREFUSED, WSAGetLastError());
}

TEST(datagrams)
{
	struct util_pair p;
	struct events e;
	char c;

	util_start();
	ASSERT_TRUE(util_udp_pair(&p));
	ASSERT_TRUE(events_select(&e, p.server, EVENTS_ALL));
	EXPECT_EQ(FD_WRITE, events_take(&e));
	ASSERT_EQ(1, wsp_send(p.client, "x", 1, 0));
	ASSERT_EQ(1, wsp_send(p.client, "y", 1, 0));
	ASSERT_TRUE(events_wait(&e, FD_READ));
	ASSERT_EQ(1, wsp_recv(p.server, &c, 1, 0));
	ASSERT_TRUE(util_wait_readable(p.server));
	ASSERT_EQ(1, wsp_recv(p.server, &c, 1, 0));
	events_take(&e);
	EXPECT_TRUE(events_quiet(&e));
	EXPECT_EQ(0, e.told[FD_CONNECT_BIT]);
	EXPECT_EQ(0, e.told[FD_CLOSE_BIT]);
}

TEST(datagrams_FD_CONNECT_and_a_missing_peer)
{
	struct sockaddr_storage ss;
	int len = sizeof(ss);
	struct util_pair p;
	struct events e;
	char c;

	util_start();
	ASSERT_TRUE(util_udp_pair(&p));
	ASSERT_EQ(0, wsp_getsockname(p.server, (struct sockaddr *)&ss, &len));
	ASSERT_TRUE(events_select(&e, p.client, FD_READ | FD_CONNECT));
	EXPECT_EQ(FD_CONNECT, events_take(&e));
	ASSERT_EQ(0, wsp_connect(p.client, (struct sockaddr *)&ss, len));
	EXPECT_EQ(FD_CONNECT, events_take(&e));
	ASSERT_EQ(0, closesocket(p.server));
	ASSERT_EQ(1, wsp_send(p.client, "x", 1, 0));
	/* The receive it calls for tells of it. */
	ASSERT_TRUE(events_wait(&e, FD_READ));
	EXPECT_EQ(WSAECONNRESET, util_err(wsp_recv(p.client, &c, 1, 0)));
	EXPECT_TRUE(events_quiet(&e));
}

TEST_HARNESS_MAIN
