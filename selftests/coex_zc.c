// SPDX-License-Identifier: GPL-2.0
/*
 * Zero-copy sends, whose pages still belong to the application when the
 * disconnect data goes out behind them: each is completed once, none is lost.
 */
#define _GNU_SOURCE
#include "kselftest_harness.h"
#include "reg_io.h"

#include <liburing.h>
#include <linux/errqueue.h>

#define SEED	7
#define BYE	20

FIXTURE(zc) {
	struct reg_conf conf;
	int fd[2];
};

FIXTURE_VARIANT(zc) {
	enum reg_family family;
};

FIXTURE_VARIANT_ADD(zc, v4) {
	.family = REG_V4,
};

FIXTURE_VARIANT_ADD(zc, v6) {
	.family = REG_V6,
};

FIXTURE_SETUP(zc)
{
	self->conf = (struct reg_conf) {
		.family = variant->family,
		.attach = REG_BOTH,
	};
	ASSERT_EQ(0, reg_ns_lo());
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	ASSERT_EQ(0, reg_setint(self->fd[0], SOL_SOCKET, SO_ZEROCOPY, 1));
}

FIXTURE_TEARDOWN(zc)
{
}

/* Sends @len bytes of @buf, which stay in use until they are completed. */
static int zc_send(int fd, unsigned char *buf, size_t len, size_t off)
{
	reg_fill(buf, len, SEED, off);
	return send(fd, buf, len, MSG_ZEROCOPY | MSG_NOSIGNAL) ==
	       (ssize_t)len ? 0 : reg_fail("MSG_ZEROCOPY");
}

/*
 * Collects notifications until @want sends are completed, each once and in
 * order; the number that came.
 */
static unsigned int zc_complete(int fd, unsigned int want)
{
	long end = reg_ms() + REG_SOON_MS;
	unsigned int next = 0;

	while (next < want && reg_ms() < end) {
		struct sock_extended_err *ee;
		char control[128];
		struct msghdr msg = {
			.msg_control = control,
			.msg_controllen = sizeof(control),
		};
		struct cmsghdr *cm;

		if (recvmsg(fd, &msg, MSG_ERRQUEUE) < 0) {
			if (errno != EAGAIN)
				break;
			reg_poll(fd, 0, 100);
			continue;
		}
		cm = CMSG_FIRSTHDR(&msg);
		if (!cm)
			break;
		ee = (struct sock_extended_err *)CMSG_DATA(cm);
		if (ee->ee_origin != SO_EE_ORIGIN_ZEROCOPY || ee->ee_errno ||
		    ee->ee_info != next || ee->ee_data < ee->ee_info)
			break;
		next = ee->ee_data + 1;
	}
	return next;
}

TEST_F(zc, completed_before_and_behind_the_disconnect_data)
{
	static unsigned char buf[16][4096];
	int i;

	for (i = 0; i < 16; i++)
		ASSERT_EQ(0, zc_send(self->fd[0], buf[i], sizeof(buf[i]),
				     i * sizeof(buf[i])));
	ASSERT_EQ(1, reg_disc_end(self->fd[0], BYE, REG_DISC_LEN, REG_DATA));
	EXPECT_EQ((ssize_t)sizeof(buf), reg_drain(self->fd[1], SEED, 0));
	EXPECT_EQ(0, reg_disc_check(self->fd[1], BYE, REG_DISC_LEN, true));
	EXPECT_EQ(16, zc_complete(self->fd[0], 16));
	/* Nothing for the record, which was copied. */
	EXPECT_EQ(0, reg_poll(self->fd[0], 0, 200) & POLLERR);
}

/* A page that is only partly taken, then copied sends, then the record. */
TEST_F(zc, mixed_with_copied_sends)
{
	static unsigned char buf[1000];
	unsigned char copy[777];
	size_t off = 0;
	int i;

	for (i = 0; i < 8; i++) {
		ASSERT_EQ(0, zc_send(self->fd[0], buf, sizeof(buf), off));
		off += sizeof(buf);
		reg_fill(copy, sizeof(copy), SEED, off);
		ASSERT_EQ((ssize_t)sizeof(copy),
			  send(self->fd[0], copy, sizeof(copy), MSG_NOSIGNAL));
		off += sizeof(copy);
		/* The page is ours again before it is written anew. */
		ASSERT_EQ((ssize_t)(sizeof(buf) + sizeof(copy)),
			  recv(self->fd[1], NULL, sizeof(buf) + sizeof(copy),
			       MSG_TRUNC | MSG_WAITALL));
	}
	ASSERT_EQ(1, reg_disc_end(self->fd[0], BYE, REG_DISC_LEN, REG_DATA));
	EXPECT_EQ(0, reg_drain(self->fd[1], SEED, off));
	EXPECT_EQ(0, reg_disc_check(self->fd[1], BYE, REG_DISC_LEN, true));
	EXPECT_EQ(8, zc_complete(self->fd[0], 8));
}

TEST_F(zc, unread_by_the_peer_and_closed)
{
	static unsigned char buf[32768];
	ssize_t len = 0;

	while (len < 4 << 20) {
		reg_fill(buf, sizeof(buf), SEED, 0);
		if (send(self->fd[0], buf, sizeof(buf), MSG_ZEROCOPY |
			 MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
			break;
		len += sizeof(buf);
	}
	ASSERT_LT(0, len);
	ASSERT_EQ(1, reg_disc_end(self->fd[0], BYE, REG_DISC_LEN, REG_DATA));
	EXPECT_EQ(0, close(self->fd[0]));
	/* The same bytes over and over: the length tells enough. */
	while ((len = recv(self->fd[1], buf, sizeof(buf), 0)) > 0)
		;
	EXPECT_EQ(0, len);
	EXPECT_EQ(0, reg_disc_check(self->fd[1], BYE, REG_DISC_LEN, true));
}

TEST_F(zc, peer_without_the_module)
{
	static unsigned char buf[4096];
	struct reg_conf conf = self->conf;

	conf.attach = REG_CLIENT;
	ASSERT_EQ(0, reg_pair(&conf, self->fd));
	ASSERT_EQ(0, reg_setint(self->fd[0], SOL_SOCKET, SO_ZEROCOPY, 1));
	ASSERT_EQ(0, zc_send(self->fd[0], buf, sizeof(buf), 0));
	ASSERT_EQ(0, reg_disc_end(self->fd[0], BYE, REG_DISC_LEN,
				  REG_FALLBACK));
	EXPECT_EQ((ssize_t)sizeof(buf), reg_drain(self->fd[1], SEED, 0));
	EXPECT_EQ(1, zc_complete(self->fd[0], 1));
}

/* Reset by the peer, and told so: every page comes back all the same. */
TEST_F(zc, completed_after_a_reset)
{
	static unsigned char buf[8][4096];
	int i;

	for (i = 0; i < 8; i++)
		ASSERT_EQ(0, zc_send(self->fd[0], buf[i], sizeof(buf[i]),
				     i * sizeof(buf[i])));
	ASSERT_EQ(1, reg_disc_end(self->fd[0], BYE, REG_DISC_LEN, REG_DATA));
	reg_abort(self->fd[1]);
	ASSERT_TRUE(reg_poll(self->fd[0], POLLIN, REG_SOON_MS) & POLLERR);
	EXPECT_EQ(8, zc_complete(self->fd[0], 8));
}

/* --- io_uring's zero-copy send --------------------------------------- */

/* What IORING_OP_SEND_ZC says: @len, or a negative errno. */
static int zc_uring(int fd, size_t len)
{
	struct __kernel_timespec soon = { .tv_sec = REG_SOON_MS / 1000 };
	static unsigned char buf[4096];
	struct io_uring_cqe *cqe;
	struct io_uring ring;
	int res;

	res = io_uring_queue_init(8, &ring, 0);
	if (res)
		return res;
	reg_fill(buf, len, SEED, 0);
	io_uring_prep_send_zc(io_uring_get_sqe(&ring), fd, buf, len, 0, 0);
	io_uring_submit(&ring);
	res = io_uring_wait_cqe_timeout(&ring, &cqe, &soon);
	if (!res)
		res = cqe->res;
	io_uring_queue_exit(&ring);
	return res;
}

TEST_F(zc, uring_on_accepted_and_connected)
{
	EXPECT_EQ(1000, zc_uring(self->fd[0], 1000));
	EXPECT_EQ(1000, zc_uring(self->fd[1], 1000));
}

/* An attach that fails leaves a plain socket what it could do before. */
TEST_F(zc, uring_after_a_refused_attach)
{
	struct reg_conf conf = self->conf;
	int i;

	conf.attach = REG_NEITHER;
	ASSERT_EQ(0, reg_pair(&conf, self->fd));
	for (i = 0; i < 2; i++) {
		EXPECT_EQ(1000, zc_uring(self->fd[i], 1000));
		EXPECT_EQ(-1, reg_attach(self->fd[i]));
		EXPECT_EQ(EISCONN, errno);
		EXPECT_EQ(1000, zc_uring(self->fd[i], 1000));
	}
}

TEST_HARNESS_MAIN
