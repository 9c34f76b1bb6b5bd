// SPDX-License-Identifier: GPL-2.0
/*
 * Ending connections from a ring: linked chains, waiting for room, SHUTDOWN
 * and CLOSE of an armed socket, zero-copy sends before the disconnect data.
 */
#define _GNU_SOURCE
#include "kselftest_harness.h"
#include "uring_lib.h"

#define PAYLOAD		20000
#define SENDS		4

FIXTURE(chain) {
	struct reg_conf conf;
	struct io_uring ring;
	struct uring_msg out;
	struct uring_msg in;
	unsigned char payload[PAYLOAD];
	char buf[100];
	int a;	/* driven by the ring */
	int b;
};

FIXTURE_VARIANT(chain) {
	enum reg_family family;
	bool sqpoll;
};

FIXTURE_VARIANT_ADD(chain, v4) { REG_V4, false };
FIXTURE_VARIANT_ADD(chain, v6) { REG_V6, false };
FIXTURE_VARIANT_ADD(chain, v4_sqpoll) { REG_V4, true };
FIXTURE_VARIANT_ADD(chain, v6_sqpoll) { REG_V6, true };

FIXTURE_SETUP(chain)
{
	int fd[2];

	self->conf = (struct reg_conf) {
		.family = variant->family,
		.attach = REG_BOTH,
	};
	reg_fill(self->payload, PAYLOAD, ARM_SEED, 0);
	ASSERT_EQ(0, uring_open(&self->ring, variant->sqpoll));
	ASSERT_EQ(0, reg_ns_lo());
	ASSERT_EQ(0, reg_pair(&self->conf, fd));
	self->a = fd[0];
	self->b = fd[1];
}

FIXTURE_TEARDOWN(chain)
{
	io_uring_queue_exit(&self->ring);
	if (self->a >= 0)
		reg_abort(self->a);
	reg_abort(self->b);
}

/* @i is the place in the chain. */
static void chain_set(struct io_uring_sqe *sqe, int i, bool link)
{
	io_uring_sqe_set_data64(sqe, i);
	if (link)
		sqe->flags |= IOSQE_IO_LINK;
}

enum { SEND, DISC, RECV, CLOSE, STEPS };

/* send, disconnect, wait for the peer's answer, close. */
static void chain_build(struct io_uring *ring, int fd, void *payload,
			struct msghdr *out, struct msghdr *in)
{
	struct io_uring_sqe *sqe;

	sqe = io_uring_get_sqe(ring);
	io_uring_prep_send(sqe, fd, payload, PAYLOAD, MSG_WAITALL);
	chain_set(sqe, SEND, true);
	sqe = io_uring_get_sqe(ring);
	io_uring_prep_sendmsg(sqe, fd, out, MSG_NOSIGNAL);
	chain_set(sqe, DISC, true);
	sqe = io_uring_get_sqe(ring);
	io_uring_prep_recvmsg(sqe, fd, in, 0);
	chain_set(sqe, RECV, true);
	sqe = io_uring_get_sqe(ring);
	io_uring_prep_close(sqe, fd);
	chain_set(sqe, CLOSE, false);
}

#define chain_start(fd)							\
	chain_build(&self->ring, fd, self->payload,			\
		    uring_msg(&self->out, NULL, 0),			\
		    uring_room(&self->in, self->buf, sizeof(self->buf),	\
			       CMSG_SPACE(ARM_LEN)))

TEST_F(chain, send_disconnect_receive_close)
{
	struct io_uring_cqe *cqe;
	int i;

	uring_ctl_guard(&self->out.ctl);
	uring_ctl_disc(&self->out.ctl, ARM_LEN);
	chain_start(self->a);
	ASSERT_EQ(0, uring_submit(&self->ring));
	EXPECT_EQ(0, arm_got(self->b, PAYLOAD, ARM_BYE, ARM_LEN));
	ASSERT_EQ(1, reg_disc_end(self->b, ARM_OTHER, 50, REG_DATA));
	for (i = 0; i < STEPS; i++) {
		cqe = uring_next(&self->ring);
		ASSERT_NE(NULL, cqe);
		EXPECT_EQ(i, cqe->user_data);
		EXPECT_EQ(i == SEND ? PAYLOAD : 0, cqe->res);
		io_uring_cqe_seen(&self->ring, cqe);
	}
	EXPECT_TRUE(uring_has_disc(&self->in.hdr, ARM_OTHER, 50));
	EXPECT_EQ(-1, fcntl(self->a, F_GETFD));
	self->a = -1;
}

TEST_F(chain, an_ordinary_answer_ends_the_chain_too)
{
	int res[STEPS];

	uring_ctl_disc(&self->out.ctl, ARM_LEN);
	ASSERT_EQ(0, reg_send_all(self->b, 30, ARM_SEED));
	chain_start(self->a);
	ASSERT_EQ(0, uring_run(&self->ring, res, STEPS));
	self->a = -1;
	EXPECT_EQ(PAYLOAD, res[SEND]);
	EXPECT_EQ(0, res[DISC]);
	EXPECT_EQ(30, res[RECV]);
	EXPECT_EQ(0, self->in.hdr.msg_controllen);
	EXPECT_EQ(0, res[CLOSE]);
	EXPECT_EQ(0, arm_got(self->b, PAYLOAD, ARM_BYE, ARM_LEN));
}

TEST_F(chain, a_refused_disconnect_stops_it)
{
	int res[STEPS];

	uring_ctl_disc(&self->out.ctl, WSP_DISC_DEFAULT_MAX + 1);
	chain_start(self->a);
	ASSERT_EQ(0, uring_run(&self->ring, res, STEPS));
	EXPECT_EQ(PAYLOAD, res[SEND]);
	EXPECT_EQ(-EMSGSIZE, res[DISC]);
	EXPECT_EQ(-ECANCELED, res[RECV]);
	EXPECT_EQ(-ECANCELED, res[CLOSE]);
	EXPECT_FALSE(reg_info_flags(self->a) & WSP_INFO_SEND_CLOSED);
	ASSERT_EQ(1, reg_disc_end(self->a, ARM_OTHER, 9, REG_DATA));
	EXPECT_EQ(0, arm_got(self->b, PAYLOAD, ARM_OTHER, 9));
}

TEST_F(chain, the_guard_stops_it_without_the_ulp)
{
	int fd[2], res[STEPS];

	self->conf.attach = REG_NEITHER;
	ASSERT_EQ(0, reg_pair(&self->conf, fd));
	uring_ctl_guard(&self->out.ctl);
	uring_ctl_disc(&self->out.ctl, ARM_LEN);
	chain_start(fd[0]);
	ASSERT_EQ(0, uring_run(&self->ring, res, STEPS));
	EXPECT_EQ(PAYLOAD, res[SEND]);
	EXPECT_EQ(-EINVAL, res[DISC]);
	EXPECT_EQ(-ECANCELED, res[RECV]);
	EXPECT_EQ(-ECANCELED, res[CLOSE]);
	EXPECT_EQ(0, shutdown(fd[0], SHUT_WR));
	EXPECT_EQ(PAYLOAD, reg_drain(fd[1], ARM_SEED, 0));
	close(fd[0]);
	close(fd[1]);
}

/* Only the first of these can have been taken: the rest wait for room. */
TEST_F(chain, behind_a_full_queue)
{
	ssize_t len = uring_fill(self->a);
	struct io_uring_sqe *sqe;
	int res[2] = { URING_LOST, URING_LOST };
	struct io_uring_cqe *cqe;
	unsigned char *buf = malloc(PAYLOAD);
	int i;

	ASSERT_LT(0, len);
	ASSERT_NE(NULL, buf);
	reg_fill(buf, PAYLOAD, ARM_SEED, len);
	uring_ctl_disc(&self->out.ctl, ARM_LEN);
	sqe = io_uring_get_sqe(&self->ring);
	io_uring_prep_send(sqe, self->a, buf, PAYLOAD, MSG_WAITALL);
	chain_set(sqe, 0, true);
	sqe = io_uring_get_sqe(&self->ring);
	io_uring_prep_sendmsg(sqe, self->a, uring_msg(&self->out, NULL, 0), 0);
	chain_set(sqe, 1, false);
	ASSERT_EQ(0, uring_submit(&self->ring));
	EXPECT_TRUE(uring_is_quiet(&self->ring));
	EXPECT_FALSE(reg_info_flags(self->a) & WSP_INFO_SEND_CLOSED);
	EXPECT_EQ(0, arm_got(self->b, len + PAYLOAD, ARM_BYE, ARM_LEN));
	for (i = 0; i < 2; i++) {
		cqe = uring_next(&self->ring);
		ASSERT_NE(NULL, cqe);
		res[cqe->user_data] = cqe->res;
		io_uring_cqe_seen(&self->ring, cqe);
	}
	EXPECT_EQ(PAYLOAD, res[0]);
	EXPECT_EQ(0, res[1]);
	free(buf);
}

/* --- room -------------------------------------------------------------- */

/* Waiting for room in a ring does not cost the control message. */
TEST_F(chain, waits_for_room_in_a_ring)
{
	unsigned char buf[100];
	ssize_t len = uring_fill(self->a);

	ASSERT_LT(0, len);
	reg_fill(buf, sizeof(buf), ARM_SEED, len);
	uring_ctl_disc(&self->out.ctl, ARM_LEN);
	io_uring_prep_sendmsg(io_uring_get_sqe(&self->ring), self->a,
			      uring_msg(&self->out, buf, sizeof(buf)), 0);
	ASSERT_EQ(0, uring_submit(&self->ring));
	EXPECT_TRUE(uring_is_quiet(&self->ring));
	EXPECT_FALSE(reg_info_flags(self->a) & WSP_INFO_SEND_CLOSED);
	EXPECT_EQ(0, arm_got(self->b, len + sizeof(buf), ARM_BYE, ARM_LEN));
	EXPECT_EQ(sizeof(buf), uring_wait(&self->ring, NULL));
}

/* The ring would send what is left without the control message. */
TEST_F(chain, waitall_with_a_payload_is_refused)
{
	unsigned char buf[100];

	reg_fill(buf, sizeof(buf), ARM_SEED, 0);
	uring_ctl_disc(&self->out.ctl, ARM_LEN);
	io_uring_prep_sendmsg(io_uring_get_sqe(&self->ring), self->a,
			      uring_msg(&self->out, buf, sizeof(buf)),
			      MSG_WAITALL | MSG_NOSIGNAL);
	ASSERT_EQ(0, uring_submit(&self->ring));
	ASSERT_EQ(-EINVAL, uring_wait(&self->ring, NULL));
	EXPECT_FALSE(reg_info_flags(self->a) & WSP_INFO_SEND_CLOSED);
	ASSERT_EQ(1, reg_disc_end(self->a, ARM_OTHER, 9, REG_DATA));
	EXPECT_EQ(0, arm_got(self->b, 0, ARM_OTHER, 9));
}

/* --- armed data --------------------------------------------------------- */

TEST_F(chain, shutdown_of_an_armed_socket)
{
	ASSERT_EQ(0, arm(self->a));
	io_uring_prep_shutdown(io_uring_get_sqe(&self->ring), self->a, SHUT_WR);
	ASSERT_EQ(0, uring_submit(&self->ring));
	ASSERT_EQ(0, uring_wait(&self->ring, NULL));
	EXPECT_EQ(0, arm_len(self->a));
	EXPECT_EQ(0, arm_got_it(self->b));
}

TEST_F(chain, close_of_an_armed_socket)
{
	ASSERT_EQ(0, arm(self->a));
	io_uring_prep_close(io_uring_get_sqe(&self->ring), self->a);
	ASSERT_EQ(0, uring_submit(&self->ring));
	ASSERT_EQ(0, uring_wait(&self->ring, NULL));
	self->a = -1;
	EXPECT_EQ(0, arm_got_it(self->b));
}

/* A pending operation holds the socket; the ring's end lets go of it. */
TEST_F(chain, the_end_of_the_ring_is_the_last_reference)
{
	struct io_uring ring;

	ASSERT_EQ(0, uring_open(&ring, variant->sqpoll));
	ASSERT_EQ(0, arm(self->a));
	io_uring_prep_recv(io_uring_get_sqe(&ring), self->a, self->buf, 1, 0);
	ASSERT_EQ(0, uring_submit(&ring));
	EXPECT_TRUE(uring_is_quiet(&ring));
	close(self->a);
	self->a = -1;
	EXPECT_TRUE(arm_is_quiet(self->b));
	io_uring_queue_exit(&ring);
	EXPECT_EQ(0, arm_got_it(self->b));
}

/* --- zero copy ---------------------------------------------------------- */

/* Each gives two completions: its result, then the notification. */
TEST_F(chain, zero_copy_sends_then_the_data)
{
	unsigned int results = 0, notes = 0;
	struct io_uring_sqe *sqe;
	struct io_uring_cqe *cqe;
	int i;

	uring_ctl_disc(&self->out.ctl, ARM_LEN);
	for (i = 0; i < SENDS; i++) {
		sqe = io_uring_get_sqe(&self->ring);
		io_uring_prep_send_zc(sqe, self->a,
				      self->payload + i * (PAYLOAD / SENDS),
				      PAYLOAD / SENDS, MSG_WAITALL, 0);
		chain_set(sqe, i, true);
	}
	sqe = io_uring_get_sqe(&self->ring);
	io_uring_prep_sendmsg(sqe, self->a, uring_msg(&self->out, NULL, 0), 0);
	chain_set(sqe, SENDS, false);
	ASSERT_EQ(0, uring_submit(&self->ring));
	EXPECT_EQ(0, arm_got(self->b, PAYLOAD, ARM_BYE, ARM_LEN));
	for (i = 0; i < 2 * SENDS + 1; i++) {
		cqe = uring_next(&self->ring);
		ASSERT_NE(NULL, cqe);
		if (cqe->flags & IORING_CQE_F_NOTIF) {
			notes |= 1U << cqe->user_data;
		} else {
			EXPECT_EQ(cqe->user_data == SENDS ? 0 : PAYLOAD / SENDS,
				  cqe->res);
			results |= 1U << cqe->user_data;
		}
		io_uring_cqe_seen(&self->ring, cqe);
	}
	EXPECT_EQ((1U << (SENDS + 1)) - 1, results);
	EXPECT_EQ((1U << SENDS) - 1, notes);
}

TEST_F(chain, zero_copy_sendmsg_with_the_data)
{
	unsigned int flags = 0;

	uring_ctl_guard(&self->out.ctl);
	uring_ctl_disc(&self->out.ctl, ARM_LEN);
	io_uring_prep_sendmsg_zc(io_uring_get_sqe(&self->ring), self->a,
				 uring_msg(&self->out, self->payload, PAYLOAD),
				 0);
	ASSERT_EQ(0, uring_submit(&self->ring));
	ASSERT_EQ(PAYLOAD, uring_wait(&self->ring, &flags));
	ASSERT_TRUE(flags & IORING_CQE_F_MORE);
	EXPECT_EQ(0, arm_got(self->b, PAYLOAD, ARM_BYE, ARM_LEN));
	ASSERT_EQ(0, uring_wait(&self->ring, &flags));
	EXPECT_TRUE(flags & IORING_CQE_F_NOTIF);
}

TEST_HARNESS_MAIN
