// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A program of two worlds: this file knows libc's sockets, those in compat/
 * know Winsock's, under the same names.
 */
#include <arpa/inet.h>
#include <kselftest_harness.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

#include <wsp/wsp.h>

#include "compat/win.h"

FIXTURE(compat)
{
};

FIXTURE_SETUP(compat)
{
	ASSERT_EQ(0, win_start());
}

FIXTURE_TEARDOWN(compat)
{
	EXPECT_EQ(0, WSACleanup());
}

static void *compat_serve(void *arg)
{
	unsigned long long *s = arg;

	return (void *)(long)win_answer(*s);
}

TEST_F(compat, two_worlds_in_one_program)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	struct timeval soon = { 10, 0 };
	unsigned long long listener;
	unsigned short port;
	pthread_t server;
	char buf[16];
	fd_set set;
	void *line;
	int fd;

	EXPECT_NE((win_function)send, win_send());
	EXPECT_EQ((win_function)wsp_send, win_send());
	ASSERT_EQ(0, win_listen(&port, &listener));
	ASSERT_EQ(0, pthread_create(&server, NULL, compat_serve, &listener));
	sin.sin_port = htons(port);
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	ASSERT_EQ(0, connect(fd, (struct sockaddr *)&sin, sizeof(sin)));
	ASSERT_EQ(5, send(fd, "hello", 5, MSG_NOSIGNAL));
	FD_ZERO(&set);
	FD_SET(fd, &set);
	ASSERT_EQ(1, select(fd + 1, &set, NULL, NULL, &soon));
	EXPECT_EQ(5, recv(fd, buf, sizeof(buf), MSG_WAITALL));
	EXPECT_EQ(0, memcmp(buf, "HELLO", 5));
	pthread_join(server, &line);
	EXPECT_EQ(0, (long)line);
	EXPECT_EQ(0, close(fd));
}

TEST_F(compat, options_and_ipv6)
{
	EXPECT_EQ(0, win_members());
}

TEST_F(compat, long_is_not_u_long)
{
	EXPECT_EQ(0, win_modes());
	EXPECT_EQ(0, win_cxx_modes());
}

TEST_F(compat, sets_of_the_programs_size)
{
	EXPECT_EQ(0, win_sets());
}

TEST_F(compat, interlocked)
{
	EXPECT_EQ(0, win_interlocked());
	EXPECT_EQ(0, win_cxx_interlocked());
}

TEST_F(compat, names_and_threads)
{
	EXPECT_EQ(0, win_names());
}

TEST_F(compat, wide_strings)
{
	EXPECT_EQ(0, win_wide());
}

TEST_F(compat, headers_after_libcs)
{
	EXPECT_EQ(0, win_late());
}

TEST_F(compat, cxx_methods_under_winsocks_names)
{
	EXPECT_EQ(0, win_cxx());
}

TEST_HARNESS_MAIN
