// SPDX-License-Identifier: GPL-2.0
/* The ioctls on files that are no connected sockets with the ULP. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "wsp_test.h"

static const unsigned int all[] = {
	WSP_DISC_SEND, WSP_DISC_RECV, WSP_INFO_GET, WSP_LINGER_CHECK,
};

/* Sockets that are not, or not yet, connected. */
FIXTURE(state)
{
	int fd;
};

enum state { FRESH, BOUND, LISTENING, CONNECTING };

FIXTURE_VARIANT(state)
{
	enum wt_family family;
	enum state state;
};

FIXTURE_VARIANT_ADD(state, v4_fresh) { WT_V4, FRESH };
FIXTURE_VARIANT_ADD(state, v6_fresh) { WT_V6, FRESH };
FIXTURE_VARIANT_ADD(state, v4_bound) { WT_V4, BOUND };
FIXTURE_VARIANT_ADD(state, v6_bound) { WT_V6, BOUND };
FIXTURE_VARIANT_ADD(state, v4_listening) { WT_V4, LISTENING };
FIXTURE_VARIANT_ADD(state, v6_listening) { WT_V6, LISTENING };
FIXTURE_VARIANT_ADD(state, v4_connecting) { WT_V4, CONNECTING };
FIXTURE_VARIANT_ADD(state, v6_connecting) { WT_V6, CONNECTING };

FIXTURE_SETUP(state)
{
	struct wt_conf conf = {
		.family = variant->family,
		.attach = WT_ATTACH_SERVER,
	};
	struct sockaddr_storage ss;
	socklen_t len;

	if (variant->state == LISTENING) {
		self->fd = wt_listen(&conf);
		ASSERT_GE(self->fd, 0);
		return;
	}
	self->fd = wt_socket(WT_CLIENT, variant->family, SOCK_STREAM);
	ASSERT_GE(self->fd, 0);
	ASSERT_EQ(0, wt_attach(self->fd));
	if (variant->state == BOUND) {
		len = wt_addr(WT_CLIENT, variant->family, 0, &ss);
		ASSERT_EQ(0, bind(self->fd, (struct sockaddr *)&ss, len));
	}
	if (variant->state == CONNECTING)
		ASSERT_EQ(0, wt_start_connect(self->fd, variant->family));
}

FIXTURE_TEARDOWN(state)
{
	close(self->fd);
}

WT_TEST(state, SD_4_send_is_ENOTCONN)
{
	WT_EXPECT_ERR(ENOTCONN, wt_disc_send(self->fd, NULL, 0));
	WT_EXPECT_ERR(ENOTCONN, wt_disc_send(self->fd, "bye", 3));
}

WT_TEST(state, RD_5_recv_is_ENOTCONN)
{
	struct wsp_disc_args args = { 0 }, copy;
	char buf[8];

	WT_EXPECT_ERR(ENOTCONN, ioctl(self->fd, WSP_DISC_RECV, &args));
	args.data = (uintptr_t)buf;
	args.len = sizeof(buf);
	copy = args;
	WT_EXPECT_ERR(ENOTCONN, ioctl(self->fd, WSP_DISC_RECV, &args));
	EXPECT_EQ(0, memcmp(&args, &copy, sizeof(args)));
}

WT_TEST(state, refused_calls_leave_the_state)
{
	struct wsp_info before, now;
	int tcp_state = wt_tcp_state(self->fd);
	uint32_t len = 0;

	ASSERT_EQ(0, wt_info(self->fd, &before));
	EXPECT_EQ(0, before.flags & (WSP_INFO_CONNECTED | WSP_INFO_CAN_SEND));
	EXPECT_EQ(-1, wt_disc_send(self->fd, NULL, 0));
	EXPECT_EQ(-1, wt_disc_recv(self->fd, NULL, &len, 0));
	ASSERT_EQ(0, wt_info(self->fd, &now));
	EXPECT_EQ(0, memcmp(&before, &now, sizeof(now)));
	EXPECT_EQ(tcp_state, wt_tcp_state(self->fd));
}

WT_TEST(state, linger_check_has_nothing_to_wait_for)
{
	ASSERT_EQ(0, wt_nonblock(self->fd, true));
	ASSERT_EQ(0, wt_linger(self->fd, 1, WT_FOREVER_S));
	EXPECT_EQ(0, ioctl(self->fd, WSP_LINGER_CHECK));
}

WT_TEST(state, bad_argument_comes_first)
{
	struct wsp_disc_args args = { .flags = 0x80000000 };

	WT_EXPECT_ERR(EFAULT, ioctl(self->fd, WSP_DISC_SEND, NULL));
	WT_EXPECT_ERR(EFAULT, ioctl(self->fd, WSP_DISC_RECV, NULL));
	WT_EXPECT_ERR(EINVAL, ioctl(self->fd, WSP_DISC_SEND, &args));
	WT_EXPECT_ERR(EINVAL, ioctl(self->fd, WSP_DISC_RECV, &args));
}

WT_TEST(state, second_attach_fails)
{
	WT_EXPECT_ERR(EEXIST, wt_attach(self->fd));
}

/* Files that never had the ULP. */
FIXTURE(other)
{
	int fd;
};

FIXTURE_VARIANT(other)
{
	int domain;
	int type;
	int protocol;
};

FIXTURE_VARIANT_ADD(other, tcp_v4) { AF_INET, SOCK_STREAM, 0 };
FIXTURE_VARIANT_ADD(other, tcp_v6) { AF_INET6, SOCK_STREAM, 0 };
FIXTURE_VARIANT_ADD(other, udp_v4) { AF_INET, SOCK_DGRAM, 0 };
FIXTURE_VARIANT_ADD(other, udp_v6) { AF_INET6, SOCK_DGRAM, 0 };
FIXTURE_VARIANT_ADD(other, raw_v4) { AF_INET, SOCK_RAW, 1 };
FIXTURE_VARIANT_ADD(other, raw_v6) { AF_INET6, SOCK_RAW, 58 };
FIXTURE_VARIANT_ADD(other, unix_stream) { AF_UNIX, SOCK_STREAM, 0 };
FIXTURE_VARIANT_ADD(other, unix_dgram) { AF_UNIX, SOCK_DGRAM, 0 };
FIXTURE_VARIANT_ADD(other, netlink) { AF_NETLINK, SOCK_RAW, 0 };
FIXTURE_VARIANT_ADD(other, eventfd) { -1, 0, 0 };

FIXTURE_SETUP(other)
{
	ASSERT_EQ(0, wt_enter(WT_CLIENT));
	self->fd = variant->domain < 0 ?
		eventfd(0, 0) :
		socket(variant->domain, variant->type, variant->protocol);
	ASSERT_GE(self->fd, 0);
}

FIXTURE_TEARDOWN(other)
{
	close(self->fd);
}

WT_TEST(other, every_ioctl_is_ENOTTY)
{
	union wt_arg arg;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(all); i++) {
		memset(&arg, 0xcc, sizeof(arg));
		WT_EXPECT_ERR(ENOTTY, ioctl(self->fd, all[i], &arg));
		EXPECT_TRUE(wt_is_all(&arg, 0xcc, sizeof(arg)));
	}
}

WT_TEST(other, unreadable_argument_does_no_harm)
{
	uint8_t *border = wt_page_border();
	size_t i;

	ASSERT_NE(NULL, border);
	for (i = 0; i < ARRAY_SIZE(all); i++) {
		EXPECT_EQ(-1, ioctl(self->fd, all[i], border));
		/* Only the socket layer looks at what it does not know. */
		EXPECT_EQ(variant->domain < 0 ? ENOTTY : EFAULT, errno);
	}
}

TEST(closed_descriptor_is_EBADF)
{
	union wt_arg arg;
	size_t i;

	memset(&arg, 0, sizeof(arg));
	for (i = 0; i < ARRAY_SIZE(all); i++)
		WT_EXPECT_ERR(EBADF, ioctl(1023, all[i], &arg));
}

TEST_HARNESS_MAIN
