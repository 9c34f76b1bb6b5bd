// SPDX-License-Identifier: GPL-2.0
/*
 * The end of a stream as io_uring's receiving operations and polls see it, and
 * what cancelling them leaves behind.
 */
#define _GNU_SOURCE
#include "kselftest_harness.h"
#include "uring_lib.h"

#define GROUP		3
#define BUFFERS		8
#define BUFFER_SIZE	2048

FIXTURE(recv) {
	struct io_uring ring;
	struct uring_msg msg;
	unsigned char buf[BUFFERS * BUFFER_SIZE];
	int a;	/* sends */
	int b;	/* receives, through the ring */
};

FIXTURE_VARIANT(recv) {
	enum reg_family family;
	bool sqpoll;
};

FIXTURE_VARIANT_ADD(recv, v4) { REG_V4, false };
FIXTURE_VARIANT_ADD(recv, v6) { REG_V6, false };
FIXTURE_VARIANT_ADD(recv, v4_sqpoll) { REG_V4, true };
FIXTURE_VARIANT_ADD(recv, v6_sqpoll) { REG_V6, true };

FIXTURE_SETUP(recv)
{
	struct reg_conf conf = {
		.family = variant->family,
		.attach = REG_BOTH,
	};
	int fd[2];

	ASSERT_EQ(0, uring_open(&self->ring, variant->sqpoll));
	ASSERT_EQ(0, reg_ns_lo());
	ASSERT_EQ(0, reg_pair(&conf, fd));
	self->a = fd[0];
	self->b = fd[1];
}

FIXTURE_TEARDOWN(recv)
{
	io_uring_queue_exit(&self->ring);
	reg_abort(self->a);
	reg_abort(self->b);
}

static int recv_end(int fd)
{
	return reg_disc_end(fd, ARM_BYE, ARM_LEN, REG_DATA) == 1 ? 0 : -1;
}

#define recvmsg_start(len) do {						\
	io_uring_prep_recvmsg(io_uring_get_sqe(&self->ring), self->b,	\
			      uring_room(&self->msg, self->buf, len,	\
					 CMSG_SPACE(ARM_LEN)), 0);	\
	ASSERT_EQ(0, uring_submit(&self->ring));			\
} while (0)

/* --- RECVMSG ------------------------------------------------------------ */

TEST_F(recv, recvmsg_of_data_that_lies_there)
{
	ASSERT_EQ(0, recv_end(self->a));
	ASSERT_TRUE(reg_poll(self->b, POLLIN, REG_SOON_MS));
	recvmsg_start(100);
	ASSERT_EQ(0, uring_wait(&self->ring, NULL));
	EXPECT_TRUE(uring_has_disc(&self->msg.hdr, ARM_BYE, ARM_LEN));
}

TEST_F(recv, recvmsg_stream_first_then_the_data)
{
	ASSERT_EQ(0, reg_send_all(self->a, 150, ARM_SEED));
	ASSERT_EQ(0, recv_end(self->a));
	recvmsg_start(100);
	ASSERT_EQ(100, uring_wait(&self->ring, NULL));
	EXPECT_TRUE(reg_is(self->buf, 100, ARM_SEED, 0));
	EXPECT_EQ(0, self->msg.hdr.msg_controllen);
	recvmsg_start(100);
	ASSERT_EQ(50, uring_wait(&self->ring, NULL));
	EXPECT_TRUE(reg_is(self->buf, 50, ARM_SEED, 100));
	EXPECT_EQ(0, self->msg.hdr.msg_controllen);
	recvmsg_start(100);
	ASSERT_EQ(0, uring_wait(&self->ring, NULL));
	EXPECT_TRUE(uring_has_disc(&self->msg.hdr, ARM_BYE, ARM_LEN));
	/* And again. */
	recvmsg_start(100);
	ASSERT_EQ(0, uring_wait(&self->ring, NULL));
	EXPECT_TRUE(uring_has_disc(&self->msg.hdr, ARM_BYE, ARM_LEN));
}

TEST_F(recv, pending_recvmsg)
{
	recvmsg_start(100);
	EXPECT_TRUE(uring_is_quiet(&self->ring));
	ASSERT_EQ(0, recv_end(self->a));
	ASSERT_EQ(0, uring_wait(&self->ring, NULL));
	EXPECT_TRUE(uring_has_disc(&self->msg.hdr, ARM_BYE, ARM_LEN));
}

TEST_F(recv, recvmsg_of_a_plain_end)
{
	recvmsg_start(100);
	ASSERT_EQ(0, shutdown(self->a, SHUT_WR));
	ASSERT_EQ(0, uring_wait(&self->ring, NULL));
	EXPECT_EQ(0, self->msg.hdr.msg_controllen);
}

TEST_F(recv, recvmsg_with_little_room_for_the_data)
{
	struct msghdr *hdr = uring_room(&self->msg, self->buf, 1,
					CMSG_SPACE(10));

	io_uring_prep_recvmsg(io_uring_get_sqe(&self->ring), self->b, hdr, 0);
	ASSERT_EQ(0, uring_submit(&self->ring));
	ASSERT_EQ(0, recv_end(self->a));
	ASSERT_EQ(0, uring_wait(&self->ring, NULL));
	EXPECT_TRUE(hdr->msg_flags & MSG_CTRUNC);
	EXPECT_EQ(0, reg_disc_check(self->b, ARM_BYE, ARM_LEN, true));
}

TEST_F(recv, RC_6_pending_recvmsg_of_a_reset)
{
	recvmsg_start(100);
	EXPECT_TRUE(uring_is_quiet(&self->ring));
	reg_abort(self->a);
	self->a = -1;
	EXPECT_EQ(-ECONNRESET, uring_wait(&self->ring, NULL));
}

/* --- RECV --------------------------------------------------------------- */

TEST_F(recv, RC_1_the_end_again_and_again)
{
	int i;

	ASSERT_EQ(0, recv_end(self->a));
	for (i = 0; i < 3; i++) {
		io_uring_prep_recv(io_uring_get_sqe(&self->ring), self->b,
				   self->buf, 100, 0);
		ASSERT_EQ(0, uring_submit(&self->ring));
		EXPECT_EQ(0, uring_wait(&self->ring, NULL));
	}
}

TEST_F(recv, waitall_across_the_end)
{
	io_uring_prep_recv(io_uring_get_sqe(&self->ring), self->b, self->buf,
			   200, MSG_WAITALL);
	ASSERT_EQ(0, uring_submit(&self->ring));
	ASSERT_EQ(0, reg_send_all(self->a, 150, ARM_SEED));
	EXPECT_TRUE(uring_is_quiet(&self->ring));
	ASSERT_EQ(0, recv_end(self->a));
	ASSERT_EQ(150, uring_wait(&self->ring, NULL));
	EXPECT_TRUE(reg_is(self->buf, 150, ARM_SEED, 0));
}

/* Receives into provided buffers until one completion is the last. */
static int multishot_start(struct io_uring *ring, int fd, unsigned char *buf)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

	io_uring_prep_provide_buffers(sqe, buf, BUFFER_SIZE, BUFFERS, GROUP, 0);
	if (uring_submit(ring) || uring_wait(ring, NULL) < 0)
		return reg_fail("buffers");
	sqe = io_uring_get_sqe(ring);
	io_uring_prep_recv_multishot(sqe, fd, NULL, 0, 0);
	sqe->flags |= IOSQE_BUFFER_SELECT;
	sqe->buf_group = GROUP;
	return uring_submit(ring);
}

/* Takes completions; the last one's result, and the bytes that came before. */
static int multishot_end(struct io_uring *ring, unsigned char *buf, size_t *off)
{
	unsigned int flags;
	int res, id;

	for (;;) {
		res = uring_wait(ring, &flags);
		if (res > 0) {
			id = flags >> IORING_CQE_BUFFER_SHIFT;
			if (!reg_is(buf + id * BUFFER_SIZE, res, ARM_SEED, *off))
				return URING_LOST;
			*off += res;
		}
		if (!(flags & IORING_CQE_F_MORE) || res == URING_LOST)
			return res;
	}
}

TEST_F(recv, multishot)
{
	size_t off = 0;

	ASSERT_EQ(0, multishot_start(&self->ring, self->b, self->buf));
	ASSERT_EQ(0, reg_send_all(self->a, 1500, ARM_SEED));
	ASSERT_EQ(0, recv_end(self->a));
	EXPECT_EQ(0, multishot_end(&self->ring, self->buf, &off));
	EXPECT_EQ(1500, off);
	EXPECT_EQ(0, reg_disc_check(self->b, ARM_BYE, ARM_LEN, true));
}

TEST_F(recv, RC_6_multishot_of_a_reset)
{
	size_t off = 0;

	ASSERT_EQ(0, multishot_start(&self->ring, self->b, self->buf));
	EXPECT_TRUE(uring_is_quiet(&self->ring));
	reg_abort(self->a);
	self->a = -1;
	EXPECT_EQ(-ECONNRESET,
		  multishot_end(&self->ring, self->buf, &off));
}

/* --- POLL_ADD ----------------------------------------------------------- */

TEST_F(recv, poll_for_the_peers_end)
{
	io_uring_prep_poll_add(io_uring_get_sqe(&self->ring), self->b,
			       POLLRDHUP);
	ASSERT_EQ(0, uring_submit(&self->ring));
	ASSERT_EQ(0, reg_send_all(self->a, 10, ARM_SEED));
	EXPECT_TRUE(uring_is_quiet(&self->ring));
	ASSERT_EQ(0, recv_end(self->a));
	/* The rest of the stream comes before its end. */
	ASSERT_EQ(10, recv(self->b, self->buf, 100, 0));
	EXPECT_TRUE(uring_wait(&self->ring, NULL) & POLLRDHUP);
	EXPECT_EQ(0, reg_disc_check(self->b, ARM_BYE, ARM_LEN, true));
}

TEST_F(recv, poll_multishot_of_data_and_end)
{
	unsigned int flags = 0;
	ssize_t n = 0;
	int res;

	io_uring_prep_poll_multishot(io_uring_get_sqe(&self->ring), self->b,
				     POLLIN);
	ASSERT_EQ(0, uring_submit(&self->ring));
	ASSERT_EQ(0, reg_send_all(self->a, 10, ARM_SEED));
	res = uring_wait(&self->ring, &flags);
	EXPECT_TRUE(res > 0 && res & POLLIN);
	EXPECT_TRUE(flags & IORING_CQE_F_MORE);
	ASSERT_EQ(10, recv(self->b, self->buf, 100, 0));
	ASSERT_EQ(0, recv_end(self->a));
	/* Wake-ups may be more than events; the end must be among them. */
	do {
		res = uring_wait(&self->ring, &flags);
		ASSERT_TRUE(res > 0 && res & POLLIN);
		n = recv(self->b, self->buf, 100, MSG_DONTWAIT);
	} while (n < 0 && errno == EAGAIN);
	EXPECT_EQ(0, n);
	EXPECT_EQ(0, reg_disc_check(self->b, ARM_BYE, ARM_LEN, true));
}

TEST_F(recv, poll_for_the_end_of_a_lingering_close)
{
	struct wsp_linger_args args = { .timeout = ARM_LINGER_S * 1000 };
	struct wsp_linger_info info;
	ssize_t len = uring_fill(self->a);

	ASSERT_LT(0, len);
	ASSERT_EQ(0, ioctl(self->a, WSP_LINGER_START, &args));
	/* POLLHUP needs no asking for. */
	io_uring_prep_poll_add(io_uring_get_sqe(&self->ring), self->a, 0);
	ASSERT_EQ(0, uring_submit(&self->ring));
	EXPECT_TRUE(uring_is_quiet(&self->ring));
	EXPECT_EQ(len, reg_drain(self->b, ARM_SEED, 0));
	EXPECT_TRUE(uring_wait(&self->ring, NULL) & POLLHUP);
	ASSERT_EQ(0, ioctl(self->a, WSP_LINGER_GET, &info));
	EXPECT_EQ(WSP_LINGER_DRAINED, info.state);
}

/* --- ASYNC_CANCEL ------------------------------------------------------- */

/* Cancels the pending operation 1; true if it was cancelled. */
static bool recv_cancel(struct io_uring *ring, int fd)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(ring);
	struct io_uring_cqe *cqe;
	int i, res[2] = { URING_LOST, URING_LOST };

	if (fd < 0)
		io_uring_prep_cancel64(sqe, 1, 0);
	else
		io_uring_prep_cancel_fd(sqe, fd, IORING_ASYNC_CANCEL_ALL);
	io_uring_sqe_set_data64(sqe, 0);
	if (uring_submit(ring))
		return false;
	for (i = 0; i < 2; i++) {
		cqe = uring_next(ring);
		if (!cqe || cqe->user_data > 1)
			return false;
		res[cqe->user_data] = cqe->res;
		io_uring_cqe_seen(ring, cqe);
	}
	/* By number: 0; by descriptor: how many. */
	return res[0] == (fd >= 0) && res[1] == -ECANCELED;
}

TEST_F(recv, cancelled_recvmsg_takes_nothing_along)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(&self->ring);

	io_uring_prep_recvmsg(sqe, self->b,
			      uring_room(&self->msg, self->buf, 100,
					 CMSG_SPACE(ARM_LEN)), 0);
	io_uring_sqe_set_data64(sqe, 1);
	ASSERT_EQ(0, uring_submit(&self->ring));
	EXPECT_TRUE(uring_is_quiet(&self->ring));
	ASSERT_TRUE(recv_cancel(&self->ring, -1));
	ASSERT_EQ(0, reg_send_all(self->a, 50, ARM_SEED));
	ASSERT_EQ(0, recv_end(self->a));
	recvmsg_start(100);
	ASSERT_EQ(50, uring_wait(&self->ring, NULL));
	EXPECT_TRUE(reg_is(self->buf, 50, ARM_SEED, 0));
	recvmsg_start(100);
	ASSERT_EQ(0, uring_wait(&self->ring, NULL));
	EXPECT_TRUE(uring_has_disc(&self->msg.hdr, ARM_BYE, ARM_LEN));
}

TEST_F(recv, recv_cancelled_by_its_descriptor)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(&self->ring);

	io_uring_prep_recv(sqe, self->b, self->buf, 100, 0);
	io_uring_sqe_set_data64(sqe, 1);
	ASSERT_EQ(0, uring_submit(&self->ring));
	EXPECT_TRUE(uring_is_quiet(&self->ring));
	ASSERT_TRUE(recv_cancel(&self->ring, self->b));
	ASSERT_EQ(0, reg_send_all(self->a, 50, ARM_SEED));
	ASSERT_EQ(0, recv_end(self->a));
	EXPECT_EQ(0, arm_got(self->b, 50, ARM_BYE, ARM_LEN));
}

/* Each either takes the data or has been cancelled; none is lost. */
TEST_F(recv, cancelling_while_the_end_comes)
{
	struct io_uring_sqe *sqe;
	struct io_uring_cqe *cqe;
	int i, end = 0;

	for (i = 1; i <= 8; i++) {
		sqe = io_uring_get_sqe(&self->ring);
		io_uring_prep_recv(sqe, self->b, self->buf, 100, 0);
		io_uring_sqe_set_data64(sqe, i);
	}
	ASSERT_EQ(0, uring_submit(&self->ring));
	for (i = 1; i <= 8; i++) {
		if (i == 4)
			ASSERT_EQ(0, recv_end(self->a));
		sqe = io_uring_get_sqe(&self->ring);
		io_uring_prep_cancel64(sqe, i, 0);
		io_uring_sqe_set_data64(sqe, 0);
		ASSERT_EQ(0, uring_submit(&self->ring));
	}
	for (i = 0; i < 16; i++) {
		cqe = uring_next(&self->ring);
		ASSERT_NE(NULL, cqe);
		if (cqe->user_data) {
			EXPECT_TRUE(cqe->res == 0 || cqe->res == -ECANCELED);
			end += !cqe->res;
		}
		io_uring_cqe_seen(&self->ring, cqe);
	}
	TH_LOG("%d of 8 saw the end", end);
	EXPECT_EQ(0, arm_got_it(self->b));
}

TEST_HARNESS_MAIN
