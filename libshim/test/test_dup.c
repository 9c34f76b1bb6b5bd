// SPDX-License-Identifier: LGPL-2.1-or-later
/* Sockets shared with another process by WSADuplicateSocket(). */
#include <errno.h>
#include <fcntl.h>
#include <kselftest_harness.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "internal.h"
#include "util.h"

#define CHILD_OK	0

/* A connection, and another process that is not part of it yet. */
struct peer {
	struct util_pair p;
	pid_t child;
	int to, from;
};

FIXTURE(dup)
{
	struct peer o;
};

/* What the other process does with its own socket; its exit status. */
typedef int (*child_fn)(SOCKET s);

static int child_read_info(int fd, WSAPROTOCOL_INFOW *info)
{
	size_t got = 0;

	while (got < sizeof(*info)) {
		ssize_t n = read(fd, (char *)info + got, sizeof(*info) - got);

		if (n <= 0)
			return -1;
		got += n;
	}
	return 0;
}

/*
 * Another process that has none of this one's sockets: forked before they were
 * made.  It takes what it is sent, does @fn and waits to be told to go.
 */
static pid_t child_start(int to[2], int from[2], child_fn fn)
{
	WSAPROTOCOL_INFOW info;
	int code = 0;
	char go = 0;
	pid_t pid;
	SOCKET s;

	if (pipe(to) || pipe(from))
		return -1;
	pid = fork();
	if (pid)
		return pid;
	alarm(60);
	close(to[1]);
	close(from[0]);
	util_start();
	if (child_read_info(to[0], &info))
		_exit(100);
	s = WSASocketW(FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, FROM_PROTOCOL_INFO, &info, 0,
		       WSA_FLAG_OVERLAPPED);
	if (s == INVALID_SOCKET)
		code = WSAGetLastError();
	else
		code = fn(s);
	if (write(from[1], &code, sizeof(code)) != sizeof(code) || read(to[0], &go, 1) < 0)
		_exit(101);
	_exit(0);
}

static bool start(struct peer *o, child_fn fn, int family)
{
	int to[2], from[2];

	o->child = child_start(to, from, fn);
	if (o->child < 0)
		return false;
	close(to[0]);
	close(from[1]);
	o->to = to[1];
	o->from = from[0];
	util_start();
	return util_pair(family, &o->p);
}

/* What the child's function returned. */
static int pass(struct peer *o, const WSAPROTOCOL_INFOW *info)
{
	int code = -1;

	if (write(o->to, info, sizeof(*info)) != sizeof(*info) ||
	    read(o->from, &code, sizeof(code)) != sizeof(code))
		return -1;
	return code;
}

static int finish(struct peer *o)
{
	int status;

	close(o->to);
	waitpid(o->child, &status, 0);
	return status;
}

FIXTURE_SETUP(dup)
{
	self->o.to = -1;
	self->o.from = -1;
}

FIXTURE_TEARDOWN(dup)
{
}

static int talk(SOCKET s)
{
	struct sockaddr_storage ss;
	int len = sizeof(ss);
	char c;

	if (wsp_getpeername(s, (struct sockaddr *)&ss, &len) || wsp_send(s, "c", 1, 0) != 1)
		return WSAGetLastError();
	if (wsp_recv(s, &c, 1, 0) != 1 || c != 'p')
		return WSAGetLastError();
	return ss.ss_family;
}

TEST_F(dup, CL_4_both_processes_have_the_connection)
{
	WSAPROTOCOL_INFOW info;
	char c;

	ASSERT_TRUE(start(&self->o, talk, AF_INET));
	ASSERT_EQ(1, wsp_send(self->o.p.server, "p", 1, 0));
	memset(&info, 0xcc, sizeof(info));
	ASSERT_EQ(0, WSADuplicateSocketW(self->o.p.client, self->o.child, &info));
	EXPECT_EQ(SOCK_STREAM, info.iSocketType);
	EXPECT_EQ(AF_INET, pass(&self->o, &info));
	EXPECT_EQ(1, wsp_recv(self->o.p.server, &c, 1, 0));
	EXPECT_EQ('c', c);
	EXPECT_EQ(1, wsp_send(self->o.p.client, "q", 1, 0));
	EXPECT_EQ(1, wsp_recv(self->o.p.server, &c, 1, 0));
	EXPECT_EQ('q', c);
	EXPECT_EQ(0, finish(&self->o));
}

TEST_F(dup, the_family_stays_as_the_caller_counts_it)
{
	WSAPROTOCOL_INFOW info;

	ASSERT_TRUE(start(&self->o, talk, WS_AF_INET6));
	ASSERT_EQ(1, wsp_send(self->o.p.server, "p", 1, 0));
	ASSERT_EQ(0, WSADuplicateSocketW(self->o.p.client, self->o.child, &info));
	EXPECT_EQ(WS_AF_INET6, pass(&self->o, &info));
	EXPECT_EQ(0, finish(&self->o));
}

static int just_have_it(SOCKET s)
{
	(void)s;
	return CHILD_OK;
}

TEST_F(dup, CL_4_a_close_here_ends_nothing_there)
{
	struct pollfd p = { .events = POLLIN };
	WSAPROTOCOL_INFOW info;
	char c;

	ASSERT_TRUE(start(&self->o, just_have_it, AF_INET));
	ASSERT_EQ(0, WSADuplicateSocketW(self->o.p.client, self->o.child, &info));
	ASSERT_EQ(CHILD_OK, pass(&self->o, &info));
	/* {1, 0}: the last one would reset. */
	ASSERT_TRUE(util_set_linger(self->o.p.client, 1, 0));
	EXPECT_EQ(0, closesocket(self->o.p.client));
	p.fd = self->o.p.server;
	EXPECT_EQ(0, poll(&p, 1, 100));
	EXPECT_EQ(0, finish(&self->o));
	EXPECT_EQ(WSAECONNRESET, util_err(wsp_recv(self->o.p.server, &c, 1, 0)));
}

TEST_F(dup, CL_4_a_lingering_close_does_not_wait_for_one_of_two)
{
	WSAPROTOCOL_INFOW info;
	int64_t begin;

	ASSERT_TRUE(start(&self->o, just_have_it, AF_INET));
	ASSERT_EQ(0, WSADuplicateSocketW(self->o.p.client, self->o.child, &info));
	ASSERT_EQ(CHILD_OK, pass(&self->o, &info));
	ASSERT_GT(util_fill(self->o.p.client), 0);
	ASSERT_TRUE(util_set_linger(self->o.p.client, 1, 30));
	begin = util_now_ms();
	EXPECT_EQ(0, closesocket(self->o.p.client));
	EXPECT_LT(util_now_ms() - begin, 15000);
	/* No reset either: it lives on. */
	EXPECT_TRUE(util_wait_readable(self->o.p.server));
	EXPECT_LT(0, recv((int)self->o.p.server, &info, sizeof(info), MSG_DONTWAIT));
	kill(self->o.child, SIGKILL);
	finish(&self->o);
}

static int close_it_lingering(SOCKET s)
{
	return closesocket(s) ? WSAGetLastError() : CHILD_OK;
}

TEST_F(dup, CL_4_a_close_there_ends_nothing_here)
{
	WSAPROTOCOL_INFOW info;
	char c;

	ASSERT_TRUE(start(&self->o, close_it_lingering, AF_INET));
	ASSERT_TRUE(util_set_linger(self->o.p.client, 1, 0));
	ASSERT_EQ(0, WSADuplicateSocketW(self->o.p.client, self->o.child, &info));
	EXPECT_EQ(CHILD_OK, pass(&self->o, &info));
	EXPECT_EQ(0, finish(&self->o));
	EXPECT_EQ(1, wsp_send(self->o.p.client, "s", 1, 0));
	EXPECT_EQ(1, wsp_recv(self->o.p.server, &c, 1, 0));
	EXPECT_EQ('s', c);
}

static int send_end(SOCKET s)
{
	char c;

	if (wsp_recv(s, &c, 1, 0) != SOCKET_ERROR)
		return 1;
	if (WSAGetLastError() != WSAESHUTDOWN)
		return 2;
	return WSASendDisconnect(s, NULL) ? WSAGetLastError() : CHILD_OK;
}

TEST_F(dup, ended_directions_are_shared)
{
	WSAPROTOCOL_INFOW info;
	char c;

	ASSERT_TRUE(start(&self->o, send_end, AF_INET));
	ASSERT_EQ(0, WSARecvDisconnect(self->o.p.client, NULL));
	ASSERT_EQ(0, WSADuplicateSocketW(self->o.p.client, self->o.child, &info));
	EXPECT_EQ(CHILD_OK, pass(&self->o, &info));
	EXPECT_EQ(0, wsp_recv(self->o.p.server, &c, 1, 0));
	EXPECT_EQ(WSAESHUTDOWN, util_err(wsp_send(self->o.p.client, "x", 1, 0)));
	EXPECT_EQ(0, finish(&self->o));
}

TEST_F(dup, the_descriptor_was_reused)
{
	WSAPROTOCOL_INFOW info;
	int other;

	ASSERT_TRUE(start(&self->o, just_have_it, AF_INET));
	ASSERT_EQ(0, WSADuplicateSocketW(self->o.p.client, self->o.child, &info));
	other = socket(AF_INET, SOCK_STREAM, 0);
	ASSERT_LE(0, dup2(other, (int)self->o.p.client));
	EXPECT_EQ(WSAEINVAL, pass(&self->o, &info));
	EXPECT_EQ(0, finish(&self->o));
}

TEST_F(dup, the_descriptor_is_closed)
{
	WSAPROTOCOL_INFOW info;

	ASSERT_TRUE(start(&self->o, just_have_it, AF_INET));
	ASSERT_EQ(0, WSADuplicateSocketW(self->o.p.client, self->o.child, &info));
	close((int)self->o.p.client);
	EXPECT_EQ(WSAEINVAL, pass(&self->o, &info));
	EXPECT_EQ(0, finish(&self->o));
}

/* Who may not trace a process cannot take its sockets. */
TEST_F(dup, the_kernel_refuses)
{
	WSAPROTOCOL_INFOW info;

	if (geteuid())
		SKIP(return, "wants to be root");
	util_start();
	ASSERT_TRUE(util_pair(AF_INET, &self->o.p));
	ASSERT_EQ(0, WSADuplicateSocketW(self->o.p.client, 1, &info));
	self->o.child = fork();
	if (!self->o.child) {
		SOCKET s;

		if (setresuid(65534, 65534, 65534))
			_exit(1);
		s = WSASocketW(-1, -1, -1, &info, 0, 0);
		_exit(s == INVALID_SOCKET && WSAGetLastError() == WSAEACCES ? 0 : 2);
	}
	EXPECT_EQ(0, finish(&self->o));
}

TEST_F(dup, within_one_process)
{
	WSAPROTOCOL_INFOA narrow;
	WSAPROTOCOL_INFOW info;
	SOCKET a, b;
	char c;

	util_start();
	ASSERT_TRUE(util_pair(AF_INET, &self->o.p));
	ASSERT_EQ(0, WSADuplicateSocketW(self->o.p.client, getpid(), &info));
	a = WSASocketW(-1, -1, -1, &info, 0, 0);
	ASSERT_NE(INVALID_SOCKET, a);
	EXPECT_NE(self->o.p.client, a);
	ASSERT_EQ(0, WSADuplicateSocketA(self->o.p.client, getpid(), &narrow));
	b = WSASocketA(-1, -1, -1, &narrow, 0, 0);
	ASSERT_NE(INVALID_SOCKET, b);
	EXPECT_EQ(FD_CLOEXEC, fcntl((int)b, F_GETFD));
	ASSERT_TRUE(util_set_linger(a, 1, 0));
	EXPECT_EQ(0, closesocket(self->o.p.client));
	EXPECT_EQ(0, closesocket(a));
	EXPECT_EQ(1, wsp_send(b, "b", 1, 0));
	EXPECT_EQ(1, wsp_recv(self->o.p.server, &c, 1, 0));
	EXPECT_EQ(0, closesocket(b));
	EXPECT_EQ(WSAECONNRESET, util_err(wsp_recv(self->o.p.server, &c, 1, 0)));
}

TEST_F(dup, errors)
{
	WSAPROTOCOL_INFOW info;
	struct rlimit none = { .rlim_cur = 3, .rlim_max = 3 };
	int other[2];

	ASSERT_TRUE(start(&self->o, just_have_it, AF_INET));
	EXPECT_EQ(WSAENOTSOCK, util_err(WSADuplicateSocketW(INVALID_SOCKET, getpid(), &info)));
	EXPECT_EQ(WSAENOTSOCK, util_err(WSADuplicateSocketW(self->o.to, getpid(), &info)));
	EXPECT_EQ(WSAEINVAL, util_err(WSADuplicateSocketW(self->o.p.client, 0, &info)));
	EXPECT_EQ(WSAEINVAL, util_err(WSADuplicateSocketW(self->o.p.client, -1, &info)));
	EXPECT_EQ(WSAEINVAL, util_err(WSADuplicateSocketW(self->o.p.client, 0x7ffffffe, &info)));
	EXPECT_EQ(WSAEFAULT, util_err(WSADuplicateSocketW(self->o.p.client, getpid(),
							  UTIL_BAD_PTR)));
	EXPECT_EQ(WSAEFAULT, util_err(WSADuplicateSocketA(self->o.p.client, getpid(), NULL)));
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, other));
	EXPECT_EQ(WSAEINVAL, util_err(WSADuplicateSocketW(other[0], getpid(), &info)));
	ASSERT_EQ(0, WSADuplicateSocketW(self->o.p.client, getpid(), &info));
	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &none));
	EXPECT_EQ(WSAEMFILE, util_sock_err(WSASocketW(-1, -1, -1, &info, 0, 0)));
	EXPECT_EQ(0, WSACleanup());
	EXPECT_EQ(WSANOTINITIALISED,
		  util_err(WSADuplicateSocketW(self->o.p.client, getpid(), &info)));
}

TEST_HARNESS_MAIN
