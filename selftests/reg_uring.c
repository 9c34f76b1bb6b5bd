// SPDX-License-Identifier: GPL-2.0
/*
 * io_uring on an attached socket: zero-copy sends are still supported, and the
 * record ends pending operations as the end of a stream does.
 */
#define _GNU_SOURCE
#include "kselftest_harness.h"
#include "reg_io.h"

#include <liburing.h>

#define SEED	9
#define BYE	6

FIXTURE(uring) {
	struct io_uring ring;
	int fd[2];
};

FIXTURE_VARIANT(uring) {
	enum reg_family family;
};

FIXTURE_VARIANT_ADD(uring, v4) {
	.family = REG_V4,
};

FIXTURE_VARIANT_ADD(uring, v6) {
	.family = REG_V6,
};

FIXTURE_SETUP(uring)
{
	struct reg_conf conf = {
		.family = variant->family,
		.attach = REG_BOTH,
	};

	ASSERT_EQ(0, io_uring_queue_init(8, &self->ring, 0));
	ASSERT_EQ(0, reg_ns_lo());
	ASSERT_EQ(0, reg_pair(&conf, self->fd));
}

FIXTURE_TEARDOWN(uring)
{
	io_uring_queue_exit(&self->ring);
}

/* The next completion's result; its flags too, if wanted. */
static int uring_wait(struct io_uring *ring, unsigned int *flags)
{
	struct __kernel_timespec soon = { .tv_sec = REG_SOON_MS / 1000 };
	struct io_uring_cqe *cqe;
	int res = io_uring_wait_cqe_timeout(ring, &cqe, &soon);

	if (res)
		return res;
	res = cqe->res;
	if (flags)
		*flags = cqe->flags;
	io_uring_cqe_seen(ring, cqe);
	return res;
}

TEST_F(uring, send_zc_is_supported)
{
	static char buf[4000];
	unsigned int flags = 0;

	reg_fill(buf, sizeof(buf), SEED, 0);
	io_uring_prep_send_zc(io_uring_get_sqe(&self->ring), self->fd[0], buf,
			      sizeof(buf), 0, 0);
	ASSERT_EQ(1, io_uring_submit(&self->ring));
	ASSERT_EQ((int)sizeof(buf), uring_wait(&self->ring, &flags));
	ASSERT_TRUE(flags & IORING_CQE_F_MORE);
	ASSERT_EQ(1, reg_disc_end(self->fd[0], BYE, REG_DISC_LEN, REG_DATA));
	EXPECT_EQ((ssize_t)sizeof(buf), reg_drain(self->fd[1], SEED, 0));
	EXPECT_EQ(0, reg_disc_check(self->fd[1], BYE, REG_DISC_LEN, true));
	ASSERT_EQ(0, uring_wait(&self->ring, &flags));
	EXPECT_TRUE(flags & IORING_CQE_F_NOTIF);
}

TEST_F(uring, pending_recvmsg_ends_with_the_data)
{
	char control[CMSG_SPACE(REG_DISC_LEN)], byte;
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *cmsg;

	io_uring_prep_recvmsg(io_uring_get_sqe(&self->ring), self->fd[1], &msg, 0);
	ASSERT_EQ(1, io_uring_submit(&self->ring));
	ASSERT_EQ(1, reg_disc_end(self->fd[0], BYE, REG_DISC_LEN, REG_DATA));
	ASSERT_EQ(0, uring_wait(&self->ring, NULL));
	cmsg = CMSG_FIRSTHDR(&msg);
	ASSERT_NE(NULL, cmsg);
	EXPECT_EQ(SOL_WSP, cmsg->cmsg_level);
	EXPECT_EQ(WSP_CMSG_DISC, cmsg->cmsg_type);
	ASSERT_EQ(CMSG_LEN(REG_DISC_LEN), cmsg->cmsg_len);
	EXPECT_TRUE(reg_is(CMSG_DATA(cmsg), REG_DISC_LEN, BYE, 0));
}

TEST_F(uring, pending_poll_ends_with_the_record)
{
	io_uring_prep_poll_add(io_uring_get_sqe(&self->ring), self->fd[1], POLLIN);
	ASSERT_EQ(1, io_uring_submit(&self->ring));
	ASSERT_EQ(1, reg_disc_end(self->fd[0], BYE, REG_DISC_LEN, REG_DATA));
	EXPECT_EQ(POLLIN, uring_wait(&self->ring, NULL));
	/* The wake-up's own bits are coarse on any socket; the state is not. */
	EXPECT_EQ(POLLIN | POLLRDHUP,
		  reg_poll(self->fd[1], POLLIN | POLLPRI | POLLRDHUP, 0));
}

TEST_F(uring, pending_recv_can_be_cancelled)
{
	struct io_uring_sqe *sqe;
	char byte;
	int a, b;

	sqe = io_uring_get_sqe(&self->ring);
	io_uring_prep_recv(sqe, self->fd[1], &byte, 1, 0);
	io_uring_sqe_set_data64(sqe, 1);
	ASSERT_EQ(1, io_uring_submit(&self->ring));
	sqe = io_uring_get_sqe(&self->ring);
	io_uring_prep_cancel64(sqe, 1, 0);
	ASSERT_EQ(1, io_uring_submit(&self->ring));
	a = uring_wait(&self->ring, NULL);
	b = uring_wait(&self->ring, NULL);
	/* One completion each, in either order. */
	EXPECT_EQ(-ECANCELED, a + b);

	ASSERT_EQ(1, reg_disc_end(self->fd[0], BYE, REG_DISC_LEN, REG_DATA));
	EXPECT_EQ(0, reg_drain(self->fd[1], SEED, 0));
	EXPECT_EQ(0, reg_disc_check(self->fd[1], BYE, REG_DISC_LEN, true));
}

TEST_HARNESS_MAIN
