// SPDX-License-Identifier: GPL-2.0
/* SendDisconnect as only the library can be asked: handles and WSABUFs. */
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "wsp_level.h"

FIXTURE(lib)
{
	int c;
	int s;
};

FIXTURE_VARIANT(lib)
{
	const struct wt_level *level;
	enum wt_family family;
};

FIXTURE_VARIANT_ADD(lib, v4_spi) { &wt_spi, WT_V4 };
FIXTURE_VARIANT_ADD(lib, v6_api) { &wt_api, WT_V6 };
FIXTURE_VARIANT_ADD(lib, v6_spi) { &wt_spi, WT_V6 };
FIXTURE_VARIANT_ADD(lib, v4_api) { &wt_api, WT_V4 };

FIXTURE_SETUP(lib)
{
	struct wt_conf conf = {
		.family = variant->family,
		.attach = WT_ATTACH_BOTH,
	};
	int fd[2];

	ASSERT_EQ(0, wt_lib_start());
	ASSERT_EQ(0, wt_level_pair(variant->level, &conf, fd));
	self->c = fd[0];
	self->s = fd[1];
}

FIXTURE_TEARDOWN(lib)
{
	close(self->c);
	close(self->s);
}

/* SendDisconnect with a WSABUF at @wb, valid or not. */
static int send_at(const struct wt_level *level, int fd, void *wb)
{
	int err = 0, ret;

	if (level == &wt_spi) {
		ret = wt_table.lpWSPSendDisconnect(fd, wb, &err);
		return ret ? -err : 0;
	}
	ret = WSASendDisconnect(fd, wb);
	return ret ? -WSAGetLastError() : 0;
}

WT_TEST(lib, SD_4_never_connected_is_ENOTCONN)
{
	int fd = wt_level_socket(variant->level, WT_CLIENT, variant->family,
				 true);

	ASSERT_GE(fd, 0);
	EXPECT_EQ(-WSAENOTCONN, variant->level->send_disc(fd, NULL, 0));
	EXPECT_EQ(-WSAENOTCONN, variant->level->send_disc(fd, "bye", 3));
	EXPECT_EQ(0, variant->level->close(fd));
}

WT_TEST(lib, SD_4_never_connected_plain_tcp_is_ENOTCONN)
{
	int fd = wt_level_socket(variant->level, WT_CLIENT, variant->family,
				 false);

	ASSERT_GE(fd, 0);
	EXPECT_EQ(-WSAENOTCONN, variant->level->send_disc(fd, NULL, 0));
	EXPECT_EQ(-WSAENOTCONN, variant->level->send_disc(fd, "bye", 3));
	EXPECT_EQ(0, variant->level->close(fd));
}

WT_TEST(lib, SD_4_connecting_is_ENOTCONN)
{
	int fd = wt_level_socket(variant->level, WT_CLIENT, variant->family,
				 true);

	ASSERT_GE(fd, 0);
	ASSERT_EQ(0, wt_start_connect(fd, variant->family));
	EXPECT_EQ(-WSAENOTCONN, variant->level->send_disc(fd, NULL, 0));
	EXPECT_EQ(-WSAENOTCONN, variant->level->send_disc(fd, "bye", 3));
	EXPECT_EQ(WT_SYN_SENT, wt_tcp_state(fd));
	EXPECT_EQ(0, variant->level->close(fd));
}

WT_TEST(lib, SD_4_a_listener_keeps_listening)
{
	struct wt_conf conf = {
		.family = variant->family,
		.attach = WT_ATTACH_BOTH,
	};
	int fd[2], listener;

	listener = wt_level_listen(variant->level, &conf);
	ASSERT_GE(listener, 0);
	EXPECT_EQ(-WSAENOTCONN, variant->level->send_disc(listener, NULL, 0));
	EXPECT_EQ(-WSAENOTCONN, variant->level->send_disc(listener, "bye", 3));
	ASSERT_EQ(0, wt_level_connect(variant->level, &conf, listener, fd));
	EXPECT_TRUE(wt_passes(fd[0], fd[1]));
	EXPECT_EQ(0, variant->level->close(fd[0]));
	EXPECT_EQ(0, variant->level->close(fd[1]));
	EXPECT_EQ(0, variant->level->close(listener));
}

WT_TEST(lib, SD_5_not_a_socket_is_ENOTSOCK)
{
	int fd = eventfd(0, EFD_CLOEXEC);

	ASSERT_GE(fd, 0);
	EXPECT_EQ(-WSAENOTSOCK, variant->level->send_disc(fd, NULL, 0));
	EXPECT_EQ(-WSAENOTSOCK, variant->level->send_disc(fd, "bye", 3));
	EXPECT_EQ(-WSAENOTSOCK, variant->level->send_disc(1023, NULL, 0));
	EXPECT_EQ(-WSAENOTSOCK, variant->level->send_disc(-1, NULL, 0));
	close(fd);
}

WT_TEST(lib, SD_5_closed_handle_is_ENOTSOCK)
{
	ASSERT_EQ(0, variant->level->close(self->c));
	EXPECT_EQ(-WSAENOTSOCK, variant->level->send_disc(self->c, NULL, 0));
	EXPECT_EQ(-WSAENOTSOCK, variant->level->send_disc(self->c, "bye", 3));
}

WT_TEST(lib, SD_6_a_WSABUF_outside_memory_changes_nothing)
{
	uint8_t *border = wt_page_border();

	ASSERT_NE(NULL, border);
	EXPECT_EQ(-WSAEFAULT, send_at(variant->level, self->c, border));
	EXPECT_EQ(-WSAEFAULT, send_at(variant->level, self->c, border - 8));
	EXPECT_EQ(-WSAEFAULT, send_at(variant->level, self->c, (void *)8));
	EXPECT_TRUE(wt_is_quiet(self->s));
	EXPECT_TRUE(wt_passes(self->c, self->s));
	EXPECT_EQ(0, variant->level->send_disc(self->c, "bye", 3));
	EXPECT_TRUE(wt_wait(wt_has_data, self->s, WT_SOON_MS));
}

WT_TEST(lib, SD_14_the_peer_name_outlives_both_closes)
{
	struct sockaddr_storage ss;
	char buf[8];

	ASSERT_EQ(0, variant->level->send_disc(self->c, "bye", 3));
	ASSERT_EQ(0, variant->level->send_disc(self->s, "bye", 3));
	ASSERT_EQ(0, variant->level->recv(self->s, buf, sizeof(buf)));
	ASSERT_EQ(0, variant->level->recv(self->c, buf, sizeof(buf)));
	ASSERT_TRUE(wt_wait(wt_is_closed, self->s, WT_SOON_MS));
	EXPECT_EQ(0, variant->level->peername(self->c, (struct sockaddr *)&ss,
					      &(int){ sizeof(ss) }));
	EXPECT_EQ(0, variant->level->peername(self->s, (struct sockaddr *)&ss,
					      &(int){ sizeof(ss) }));
}

WT_TEST(lib, SD_18_a_WSABUF_of_length_0_has_no_bytes)
{
	WSABUF wb = { .len = 0, .buf = (char *)~(uintptr_t)0 };

	EXPECT_EQ(0, send_at(variant->level, self->c, &wb));
	EXPECT_TRUE(wt_wait(wt_saw_fin, self->s, WT_SOON_MS));
	EXPECT_FALSE(wt_has_data(self->s));
}

WT_TEST(lib, SD_20_datagrams_end_sending_without_data)
{
	struct sockaddr_storage ss;
	socklen_t len = wt_addr(WT_SERVER, variant->family, 9, &ss);
	int fd;

	ASSERT_EQ(0, wt_enter(WT_CLIENT));
	fd = variant->level->socket(ss.ss_family, SOCK_DGRAM, false);
	ASSERT_GE(fd, 0);
	ASSERT_EQ(0, variant->level->connect(fd, (struct sockaddr *)&ss, len));
	EXPECT_EQ(-WSAENOPROTOOPT, variant->level->send_disc(fd, "bye", 3));
	EXPECT_EQ(1, variant->level->send(fd, "x", 1));
	EXPECT_EQ(0, variant->level->send_disc(fd, NULL, 0));
	EXPECT_EQ(-WSAESHUTDOWN, variant->level->send(fd, "x", 1));
	EXPECT_EQ(0, variant->level->close(fd));
}

WT_TEST(lib, SD_20_datagrams_also_unconnected)
{
	int fd;

	ASSERT_EQ(0, wt_enter(WT_CLIENT));
	fd = variant->level->socket(AF_INET, SOCK_DGRAM, false);
	ASSERT_GE(fd, 0);
	EXPECT_EQ(-WSAENOPROTOOPT, variant->level->send_disc(fd, "bye", 3));
	EXPECT_EQ(0, variant->level->send_disc(fd, NULL, 0));
	EXPECT_EQ(-WSAESHUTDOWN, variant->level->send(fd, "x", 1));
	EXPECT_EQ(0, variant->level->close(fd));
}

WT_TEST(lib, SD_23_not_a_socket_before_a_bad_WSABUF)
{
	int fd = eventfd(0, EFD_CLOEXEC);

	ASSERT_GE(fd, 0);
	EXPECT_EQ(-WSAENOTSOCK, send_at(variant->level, fd, (void *)8));
	close(fd);
}

WT_TEST(lib, SD_23_a_bad_WSABUF_before_not_connected)
{
	int fd = wt_level_socket(variant->level, WT_CLIENT, variant->family,
				 true);

	ASSERT_GE(fd, 0);
	EXPECT_EQ(-WSAEFAULT, send_at(variant->level, fd, (void *)8));
	EXPECT_EQ(0, variant->level->close(fd));
}

WT_TEST(lib, SD_23_not_connected_before_bad_bytes)
{
	int fd = wt_level_socket(variant->level, WT_CLIENT, variant->family,
				 true);

	ASSERT_GE(fd, 0);
	EXPECT_EQ(-WSAENOTCONN,
		  variant->level->send_disc(fd, (void *)8, WSP_DISC_MAX + 1));
	EXPECT_EQ(0, variant->level->close(fd));
}

TEST(SD_9_the_api_before_startup_is_NOTINITIALISED)
{
	EXPECT_EQ(SOCKET_ERROR, WSASendDisconnect(0, NULL));
	EXPECT_EQ(WSANOTINITIALISED, WSAGetLastError());
}

TEST(SD_9_the_api_after_the_last_cleanup_is_NOTINITIALISED)
{
	WSADATA data;

	ASSERT_EQ(0, WSAStartup(MAKEWORD(2, 2), &data));
	ASSERT_EQ(0, WSACleanup());
	EXPECT_EQ(SOCKET_ERROR, WSASendDisconnect(0, NULL));
	EXPECT_EQ(WSANOTINITIALISED, WSAGetLastError());
}

TEST(SD_4_the_spi_tolerates_a_null_error_pointer)
{
	int fd;

	ASSERT_EQ(0, wt_lib_start());
	fd = wt_level_socket(&wt_spi, WT_CLIENT, WT_V4, true);
	ASSERT_GE(fd, 0);
	EXPECT_EQ(SOCKET_ERROR,
		  wt_table.lpWSPSendDisconnect(fd, NULL, NULL));
	EXPECT_EQ(SOCKET_ERROR,
		  wt_table.lpWSPRecvDisconnect(fd, NULL, NULL));
	EXPECT_EQ(0, wt_table.lpWSPCloseSocket(fd, NULL));
}

TEST_HARNESS_MAIN
