// SPDX-License-Identifier: LGPL-2.1-or-later
/* WSAAccept() and what its condition function may say and see. */
#include <kselftest_harness.h>
#include <netinet/in.h>
#include <pthread.h>

#include "internal.h"
#include "util.h"

struct condition_seen {
	int answer;
	int calls;
	int send_disc;
	int recv_disc;
	int close;
	int socket;
	int bad_handle;
	ULONG caller_len;
	struct sockaddr_storage caller;
	struct sockaddr_storage callee;
	bool caller_data;
	ULONG callee_room;
	GROUP group;
	SOCKET other;
};

static int condition(LPWSABUF caller_id, LPWSABUF caller_data, LPQOS sqos, LPQOS gqos,
		     LPWSABUF callee_id, LPWSABUF callee_data, GROUP *g, DWORD_PTR callback_data)
{
	struct condition_seen *seen = (struct condition_seen *)callback_data;

	seen->calls++;
	seen->caller_len = caller_id->len;
	memcpy(&seen->caller, caller_id->buf, caller_id->len);
	memcpy(&seen->callee, callee_id->buf, callee_id->len);
	seen->caller_data = caller_data || sqos || gqos;
	seen->callee_room = callee_data->len;
	seen->group = *g;
	/* Groups are not offered, so this does nothing. */
	*g = 1;
	seen->send_disc = util_err(WSASendDisconnect(seen->other, NULL));
	seen->recv_disc = util_err(WSARecvDisconnect(seen->other, NULL));
	seen->close = util_err(closesocket(seen->other));
	seen->socket = util_sock_err(wsp_socket(AF_INET, SOCK_STREAM, 0));
	seen->bad_handle = util_err(WSASendDisconnect(INVALID_SOCKET, NULL));
	return seen->answer;
}

FIXTURE(accepting)
{
	SOCKET listener;
	SOCKET client;
	struct sockaddr_storage ss;
	int len;
	struct condition_seen seen;
};

FIXTURE_VARIANT(accepting)
{
	int af;
};

FIXTURE_VARIANT_ADD(accepting, v4) { AF_INET };
FIXTURE_VARIANT_ADD(accepting, v6) { WS_AF_INET6 };

static SOCKET accepting_connect(int af, struct sockaddr_storage *ss, int len)
{
	SOCKET s = wsp_socket(af, SOCK_STREAM, 0);

	return wsp_connect(s, (struct sockaddr *)ss, len) ? INVALID_SOCKET : s;
}

FIXTURE_SETUP(accepting)
{
	int linux_af = wsp_addr_family(variant->af);

	util_start();
	ASSERT_TRUE(util_listen_family(linux_af, variant->af, &self->listener, &self->ss,
				       &self->len));
	self->client = accepting_connect(variant->af, &self->ss, self->len);
	ASSERT_NE(INVALID_SOCKET, self->client);
	self->seen.other = self->client;
}

FIXTURE_TEARDOWN(accepting)
{
}

#define accepting_ask() \
	WSAAccept(self->listener, NULL, NULL, condition, (DWORD_PTR)&self->seen)

TEST_F(accepting, SD_8_RD_8_CL_3_calls_from_a_condition_function)
{
	self->seen.answer = CF_ACCEPT;
	EXPECT_NE(INVALID_SOCKET, accepting_ask());
	EXPECT_EQ(1, self->seen.calls);
	EXPECT_EQ(WSAEINPROGRESS, self->seen.send_disc);
	EXPECT_EQ(WSAEINPROGRESS, self->seen.recv_disc);
	EXPECT_EQ(WSAEINPROGRESS, self->seen.close);
	EXPECT_EQ(WSAEINPROGRESS, self->seen.socket);
	/* SD-23: what is no socket comes first. */
	EXPECT_EQ(WSAENOTSOCK, self->seen.bad_handle);
	/* Nothing was done to it, and it is over. */
	EXPECT_EQ(1, wsp_send(self->client, "x", 1, 0));
	EXPECT_EQ(0, WSASendDisconnect(self->client, NULL));
}

TEST_F(accepting, condition_sees_both_names_and_no_data)
{
	struct sockaddr_storage own;
	int len = sizeof(own);

	self->seen.answer = CF_ACCEPT;
	EXPECT_NE(INVALID_SOCKET, accepting_ask());
	ASSERT_EQ(0, wsp_getsockname(self->client, (struct sockaddr *)&own, &len));
	EXPECT_EQ(len, self->seen.caller_len);
	EXPECT_EQ(variant->af, self->seen.caller.ss_family);
	EXPECT_EQ(0, memcmp(&own, &self->seen.caller, len));
	EXPECT_EQ(0, memcmp(&self->ss, &self->seen.callee, len));
	EXPECT_FALSE(self->seen.caller_data);
	EXPECT_EQ(0, self->seen.callee_room);
	EXPECT_EQ(0, self->seen.group);
}

TEST_F(accepting, condition_refuses)
{
	SOCKET next;
	char c;

	self->seen.answer = CF_REJECT;
	EXPECT_EQ(WSAECONNREFUSED, util_sock_err(accepting_ask()));
	EXPECT_EQ(WSAECONNRESET, util_err(wsp_recv(self->client, &c, 1, 0)));
	/* It was the only one, and the listener goes on. */
	ASSERT_TRUE(util_set_nonblocking(self->listener, true));
	EXPECT_EQ(WSAEWOULDBLOCK, util_sock_err(accepting_ask()));
	EXPECT_EQ(1, self->seen.calls);
	next = accepting_connect(variant->af, &self->ss, self->len);
	ASSERT_NE(INVALID_SOCKET, next);
	self->seen.answer = CF_ACCEPT;
	ASSERT_TRUE(util_wait_readable(self->listener));
	EXPECT_NE(INVALID_SOCKET, accepting_ask());
}

TEST_F(accepting, an_unknown_answer_refuses)
{
	char c;

	self->seen.answer = 3;
	EXPECT_EQ(WSAECONNREFUSED, util_sock_err(accepting_ask()));
	EXPECT_EQ(WSAECONNRESET, util_err(wsp_recv(self->client, &c, 1, 0)));
}

TEST_F(accepting, condition_defers)
{
	SOCKET s;
	char c;

	self->seen.answer = CF_DEFER;
	EXPECT_EQ(WSATRY_AGAIN, util_sock_err(accepting_ask()));
	EXPECT_EQ(WSATRY_AGAIN, util_sock_err(accepting_ask()));
	EXPECT_EQ(2, self->seen.calls);
	EXPECT_EQ(1, wsp_send(self->client, "d", 1, 0));
	s = wsp_accept(self->listener, NULL, NULL);
	ASSERT_NE(INVALID_SOCKET, s);
	EXPECT_EQ(1, wsp_recv(s, &c, 1, 0));
	EXPECT_EQ('d', c);
}

TEST_F(accepting, a_deferred_connection_ends_with_the_listener)
{
	char c;

	self->seen.answer = CF_DEFER;
	EXPECT_EQ(WSATRY_AGAIN, util_sock_err(accepting_ask()));
	ASSERT_EQ(0, closesocket(self->listener));
	EXPECT_EQ(0, wsp_recv(self->client, &c, 1, 0));
}

struct deferring {
	SOCKET listener;
	pthread_barrier_t inside;
};

static int defer_together(LPWSABUF caller_id, LPWSABUF caller_data, LPQOS sqos, LPQOS gqos,
			  LPWSABUF callee_id, LPWSABUF callee_data, GROUP *g,
			  DWORD_PTR callback_data)
{
	(void)caller_id;
	(void)caller_data;
	(void)sqos;
	(void)gqos;
	(void)callee_id;
	(void)callee_data;
	(void)g;
	pthread_barrier_wait((pthread_barrier_t *)callback_data);
	return CF_DEFER;
}

static void *deferring_thread(void *arg)
{
	struct deferring *d = arg;

	return (void *)WSAAccept(d->listener, NULL, NULL, defer_together, (DWORD_PTR)&d->inside);
}

/* Both are asked about before either is put back. */
TEST_F(accepting, two_threads_defer_and_nothing_is_lost)
{
	SOCKET second = accepting_connect(variant->af, &self->ss, self->len);
	struct deferring d = { .listener = self->listener };
	pthread_t t[2];
	char c;

	ASSERT_NE(INVALID_SOCKET, second);
	ASSERT_EQ(0, pthread_barrier_init(&d.inside, NULL, 2));
	for (int i = 0; i < 2; i++)
		ASSERT_EQ(0, pthread_create(&t[i], NULL, deferring_thread, &d));
	for (int i = 0; i < 2; i++)
		ASSERT_EQ(0, pthread_join(t[i], NULL));
	ASSERT_TRUE(util_set_nonblocking(self->listener, true));
	for (int i = 0; i < 2; i++) {
		SOCKET s = wsp_accept(self->listener, NULL, NULL);

		ASSERT_NE(INVALID_SOCKET, s);
		EXPECT_EQ(1, wsp_send(s, "!", 1, 0));
	}
	EXPECT_EQ(WSAEWOULDBLOCK, util_sock_err(wsp_accept(self->listener, NULL, NULL)));
	EXPECT_EQ(1, wsp_recv(self->client, &c, 1, 0));
	EXPECT_EQ(1, wsp_recv(second, &c, 1, 0));
}

TEST_F(accepting, too_little_room_for_the_address_loses_nothing)
{
	struct sockaddr_storage ss;
	int need = variant->af == AF_INET ? sizeof(struct sockaddr_in) :
					    sizeof(struct sockaddr_in6);
	int len = need - 1;

	EXPECT_EQ(WSAEFAULT, util_sock_err(wsp_accept(self->listener, (struct sockaddr *)&ss,
						      &len)));
	EXPECT_EQ(WSAEFAULT, util_sock_err(wsp_accept(self->listener, (struct sockaddr *)&ss,
						      UTIL_BAD_PTR)));
	len = need;
	EXPECT_EQ(WSAEFAULT, util_sock_err(wsp_accept(self->listener, UTIL_BAD_PTR, &len)));
	self->seen.answer = CF_ACCEPT;
	EXPECT_NE(INVALID_SOCKET, WSAAccept(self->listener, (struct sockaddr *)&ss, &len,
					    condition, (DWORD_PTR)&self->seen));
	EXPECT_EQ(need, len);
	EXPECT_EQ(variant->af, ss.ss_family);
	EXPECT_EQ(1, self->seen.calls);
}

TEST_F(accepting, one_of_address_and_length_alone_is_neither)
{
	struct sockaddr_storage ss;
	int len = 1;

	memset(&ss, 0xcc, sizeof(ss));
	EXPECT_NE(INVALID_SOCKET, wsp_accept(self->listener, NULL, &len));
	EXPECT_EQ(1, len);
	ASSERT_NE(INVALID_SOCKET, accepting_connect(variant->af, &self->ss, self->len));
	EXPECT_NE(INVALID_SOCKET, wsp_accept(self->listener, (struct sockaddr *)&ss, NULL));
	EXPECT_EQ(0xcc, ((unsigned char *)&ss)[0]);
}

/* Reset before it was asked about: there is no one to ask about. */
TEST_F(accepting, the_peer_is_gone_already)
{
	ASSERT_TRUE(util_set_linger(self->client, 1, 0));
	ASSERT_EQ(0, closesocket(self->client));
	self->seen.answer = CF_ACCEPT;
	EXPECT_EQ(WSAECONNRESET, util_sock_err(accepting_ask()));
	EXPECT_EQ(0, self->seen.calls);
}

TEST_F(accepting, only_listeners_accept)
{
	SOCKET udp = wsp_socket(variant->af, SOCK_DGRAM, 0);

	EXPECT_EQ(WSAEINVAL, util_sock_err(wsp_accept(self->client, NULL, NULL)));
	EXPECT_EQ(WSAEOPNOTSUPP, util_sock_err(wsp_accept(udp, NULL, NULL)));
	EXPECT_EQ(WSAENOTSOCK, util_sock_err(wsp_accept(INVALID_SOCKET, NULL, NULL)));
}

TEST_HARNESS_MAIN
