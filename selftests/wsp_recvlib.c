// SPDX-License-Identifier: GPL-2.0
/* RecvDisconnect without support, without a connection, without a socket. */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "wsp_level.h"

/* One end, or both, without disconnect data. */
FIXTURE(plain)
{
	int c;
	int s;
};

FIXTURE_VARIANT(plain)
{
	const struct wt_level *level;
	enum wt_family family;
	unsigned int attach;
};

FIXTURE_VARIANT_ADD(plain, v4_spi_peer) { &wt_spi, WT_V4, WT_ATTACH_CLIENT };
FIXTURE_VARIANT_ADD(plain, v6_api_peer) { &wt_api, WT_V6, WT_ATTACH_CLIENT };
FIXTURE_VARIANT_ADD(plain, mapped_spi_peer) {
	&wt_spi, WT_MAPPED, WT_ATTACH_CLIENT
};

FIXTURE_VARIANT_ADD(plain, v4_raw_peer) { &wt_raw, WT_V4, WT_ATTACH_CLIENT };
FIXTURE_VARIANT_ADD(plain, v6_raw_peer) { &wt_raw, WT_V6, WT_ATTACH_CLIENT };
FIXTURE_VARIANT_ADD(plain, v4_api_self) { &wt_api, WT_V4, WT_ATTACH_SERVER };
FIXTURE_VARIANT_ADD(plain, v6_spi_self) { &wt_spi, WT_V6, WT_ATTACH_SERVER };

FIXTURE_SETUP(plain)
{
	struct wt_conf conf = {
		.family = variant->family,
		.attach = variant->attach,
		.rcvbuf = WT_STALL_RCVBUF,
	};
	int fd[2];

	ASSERT_EQ(0, wt_lib_start());
	ASSERT_EQ(0, wt_level_pair(variant->level, &conf, fd));
	self->c = fd[0];
	self->s = fd[1];
}

FIXTURE_TEARDOWN(plain)
{
	close(self->c);
	close(self->s);
}

WT_TEST(plain, RD_3_room_is_ENOPROTOOPT_and_changes_nothing)
{
	uint32_t len;
	char buf[8];

	ASSERT_EQ(4, variant->level->send(self->s, "ping", 4));
	ASSERT_NE(0, wt_poll(self->c, POLLIN, WT_SOON_MS));
	len = sizeof(buf);
	EXPECT_EQ(-WSAENOPROTOOPT,
		  variant->level->recv_disc(self->c, buf, &len));
	EXPECT_EQ(4, variant->level->recv(self->c, buf, sizeof(buf)));
	EXPECT_TRUE(wt_passes(self->s, self->c));
	EXPECT_TRUE(wt_passes(self->c, self->s));
}

WT_TEST(plain, RD_3_also_after_the_peer_closed)
{
	uint32_t len;
	char buf[8];

	ASSERT_EQ(0, shutdown(self->s, SHUT_WR));
	ASSERT_TRUE(wt_wait(wt_saw_fin, self->c, WT_SOON_MS));
	len = sizeof(buf);
	EXPECT_EQ(-WSAENOPROTOOPT,
		  variant->level->recv_disc(self->c, buf, &len));
	EXPECT_EQ(0, variant->level->recv(self->c, buf, sizeof(buf)));
}

WT_TEST(plain, RD_4_RD_10_without_a_buffer_receiving_ends)
{
	uint32_t len = 0;
	char buf[8];

	ASSERT_EQ(4, variant->level->send(self->s, "ping", 4));
	ASSERT_NE(0, wt_poll(self->c, POLLIN, WT_SOON_MS));
	EXPECT_EQ(0, variant->level->recv_disc(self->c, NULL, &len));
	EXPECT_EQ(-WSAESHUTDOWN,
		  variant->level->recv(self->c, buf, sizeof(buf)));
	ASSERT_EQ(4, variant->level->send(self->s, "more", 4));
	ASSERT_TRUE(wt_wait(wt_is_acked, self->s, WT_SOON_MS));
	EXPECT_EQ(-WSAESHUTDOWN,
		  variant->level->recv(self->c, buf, sizeof(buf)));
	/* RD-11, RD-12 */
	EXPECT_TRUE(wt_passes(self->c, self->s));
	EXPECT_EQ(WT_ESTABLISHED, wt_tcp_state(self->s));
	EXPECT_EQ(WT_ESTABLISHED, wt_tcp_state(self->c));
}

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

static void not_connected(struct __test_metadata *_metadata,
			  const struct wt_level *level, int fd)
{
	uint32_t len = 0;
	char buf[8];

	EXPECT_EQ(-WSAENOTCONN, level->recv_disc(fd, NULL, &len));
	len = sizeof(buf);
	EXPECT_EQ(-WSAENOTCONN, level->recv_disc(fd, buf, &len));
}

WT_TEST(lib, RD_5_never_connected_is_ENOTCONN)
{
	int fd = wt_level_socket(variant->level, WT_CLIENT, variant->family,
				 true);

	ASSERT_GE(fd, 0);
	not_connected(_metadata, variant->level, fd);
	EXPECT_EQ(0, variant->level->close(fd));
}

WT_TEST(lib, RD_5_never_connected_plain_tcp_is_ENOTCONN)
{
	int fd = wt_level_socket(variant->level, WT_CLIENT, variant->family,
				 false);

	ASSERT_GE(fd, 0);
	not_connected(_metadata, variant->level, fd);
	EXPECT_EQ(0, variant->level->close(fd));
}

WT_TEST(lib, RD_5_connecting_is_ENOTCONN)
{
	int fd = wt_level_socket(variant->level, WT_CLIENT, variant->family,
				 true);

	ASSERT_GE(fd, 0);
	ASSERT_EQ(0, wt_start_connect(fd, variant->family));
	not_connected(_metadata, variant->level, fd);
	EXPECT_EQ(0, variant->level->close(fd));
}

WT_TEST(lib, RD_5_a_listener_keeps_listening)
{
	struct wt_conf conf = {
		.family = variant->family,
		.attach = WT_ATTACH_BOTH,
	};
	int fd[2], listener;

	listener = wt_level_listen(variant->level, &conf);
	ASSERT_GE(listener, 0);
	not_connected(_metadata, variant->level, listener);
	ASSERT_EQ(0, wt_level_connect(variant->level, &conf, listener, fd));
	EXPECT_TRUE(wt_passes(fd[0], fd[1]));
	EXPECT_EQ(0, variant->level->close(fd[0]));
	EXPECT_EQ(0, variant->level->close(fd[1]));
	EXPECT_EQ(0, variant->level->close(listener));
}

WT_TEST(lib, RD_6_not_a_socket_is_ENOTSOCK)
{
	int fd = eventfd(0, EFD_CLOEXEC);
	uint32_t len = 0;

	ASSERT_GE(fd, 0);
	EXPECT_EQ(-WSAENOTSOCK, variant->level->recv_disc(fd, NULL, &len));
	EXPECT_EQ(-WSAENOTSOCK, variant->level->recv_disc(1023, NULL, &len));
	EXPECT_EQ(-WSAENOTSOCK, variant->level->recv_disc(-1, NULL, &len));
	close(fd);
}

WT_TEST(lib, RD_6_closed_handle_is_ENOTSOCK)
{
	uint32_t len = 0;

	ASSERT_EQ(0, variant->level->close(self->c));
	EXPECT_EQ(-WSAENOTSOCK, variant->level->recv_disc(self->c, NULL, &len));
}

WT_TEST(lib, RD_13_datagrams_end_receiving_unconnected)
{
	struct sockaddr_storage ss;
	socklen_t len = wt_addr(WT_SERVER, variant->family, 0, &ss);
	const struct wt_level *lv = variant->level;
	int rx, tx, i, af = ss.ss_family;
	uint32_t none = 0;
	char buf[8];

	ASSERT_EQ(0, wt_enter(WT_SERVER));
	rx = lv->socket(af, SOCK_DGRAM, false);
	ASSERT_GE(rx, 0);
	ASSERT_EQ(0, lv->bind(rx, (struct sockaddr *)&ss, len));
	ASSERT_EQ(0, getsockname(rx, (struct sockaddr *)&ss, &len));
	EXPECT_EQ(0, lv->recv_disc(rx, NULL, &none));
	EXPECT_EQ(-WSAESHUTDOWN, lv->recv(rx, buf, sizeof(buf)));

	ASSERT_EQ(0, wt_enter(WT_CLIENT));
	tx = lv->socket(af, SOCK_DGRAM, false);
	ASSERT_GE(tx, 0);
	ASSERT_EQ(0, lv->connect(tx, (struct sockaddr *)&ss, len));
	/* An ICMP error would fail the next send. */
	for (i = 0; i < 5; i++) {
		EXPECT_EQ(1, lv->send(tx, "x", 1));
		EXPECT_NE(0, wt_poll(rx, POLLIN, WT_SOON_MS));
	}
	EXPECT_EQ(-WSAESHUTDOWN, lv->recv(rx, buf, sizeof(buf)));
	EXPECT_EQ(0, lv->close(rx));
	EXPECT_EQ(0, lv->close(tx));
}

WT_TEST(lib, RD_16_after_WSAECONNRESET)
{
	char buf[16];
	uint32_t len = sizeof(buf);

	ASSERT_EQ(0, variant->level->send_disc(self->c, "farewell", 8));
	ASSERT_TRUE(wt_wait(wt_saw_fin, self->s, WT_SOON_MS));
	ASSERT_EQ(0, wt_linger(self->c, 1, 0));
	ASSERT_EQ(0, close(self->c));
	ASSERT_TRUE(wt_wait(wt_is_closed, self->s, WT_SOON_MS));
	EXPECT_EQ(-WSAECONNRESET, variant->level->send(self->s, "x", 1));
	ASSERT_EQ(0, variant->level->recv_disc(self->s, buf, &len));
	ASSERT_EQ(8, len);
	EXPECT_EQ(0, memcmp(buf, "farewell", 8));
}

TEST(RD_9_the_api_before_startup_is_NOTINITIALISED)
{
	EXPECT_EQ(SOCKET_ERROR, WSARecvDisconnect(0, NULL));
	EXPECT_EQ(WSANOTINITIALISED, WSAGetLastError());
}

/* The end of the stream brings the data along, where there is room for it. */
TEST(RD_16_recvmsg_returns_0_with_the_data_as_cmsg)
{
	struct wt_conf conf = { .family = WT_V4, .attach = WT_ATTACH_BOTH };
	char control[CMSG_SPACE(WSP_DISC_MAX)], buf[8];
	struct iovec iov = { .iov_base = buf, .iov_len = sizeof(buf) };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *cm;
	int fd[2];

	ASSERT_EQ(0, wt_pair(&conf, fd));
	ASSERT_EQ(0, wt_disc_send(fd[0], "farewell", 8));
	ASSERT_NE(0, wt_poll(fd[1], POLLIN, WT_SOON_MS));
	ASSERT_EQ(0, recvmsg(fd[1], &msg, 0));
	EXPECT_EQ(0, msg.msg_flags & MSG_CTRUNC);
	cm = CMSG_FIRSTHDR(&msg);
	ASSERT_NE(NULL, cm);
	EXPECT_EQ(SOL_WSP, cm->cmsg_level);
	EXPECT_EQ(WSP_CMSG_DISC, cm->cmsg_type);
	ASSERT_EQ(CMSG_LEN(8), cm->cmsg_len);
	EXPECT_EQ(0, memcmp(CMSG_DATA(cm), "farewell", 8));
	EXPECT_EQ(NULL, CMSG_NXTHDR(&msg, cm));
}

TEST_HARNESS_MAIN
