// SPDX-License-Identifier: GPL-2.0
/*
 * Armed disconnect data goes with whatever ends the send direction: calls that
 * do, with room in the send queue and without, and the last descriptor going.
 */
#define _GNU_SOURCE
#include "kselftest_harness.h"
#include "arm_lib.h"
#include "reg_task.h"

FIXTURE(ends) {
	int a;	/* the armed end; -1 once closed */
	int b;	/* its peer */
};

FIXTURE_VARIANT(ends) {
	enum reg_family family;
	bool server;	/* it is the armed end */
};

FIXTURE_VARIANT_ADD(ends, v4_client) { REG_V4, false };
FIXTURE_VARIANT_ADD(ends, v6_client) { REG_V6, false };
FIXTURE_VARIANT_ADD(ends, v4_server) { REG_V4, true };
FIXTURE_VARIANT_ADD(ends, v6_server) { REG_V6, true };
FIXTURE_VARIANT_ADD(ends, mapped_client) { REG_MAPPED, false };

FIXTURE_SETUP(ends)
{
	ASSERT_EQ(0, reg_ns_lo());
	ASSERT_EQ(0, arm_pair(variant->family, variant->server, &self->a,
			      &self->b));
}

FIXTURE_TEARDOWN(ends)
{
	if (self->a >= 0)
		reg_abort(self->a);
	reg_abort(self->b);
}

/* The armed end is given up, without waiting for anything. */
static void ends_close(struct __test_metadata *_metadata, int *fd)
{
	long start = reg_ms();

	EXPECT_EQ(0, close(*fd));
	EXPECT_GT(ARM_AT_ONCE_MS, reg_ms() - start);
	*fd = -1;
}

/* --- calls ------------------------------------------------------------- */

TEST_F(ends, shutdown_of_sending)
{
	ASSERT_EQ(0, shutdown(self->a, SHUT_WR));
	EXPECT_EQ(0, arm_len(self->a));
	EXPECT_EQ(0, arm_got_it(self->b));
	/* Once. */
	EXPECT_EQ(0, shutdown(self->a, SHUT_WR));
	ends_close(_metadata, &self->a);
	EXPECT_EQ(0, arm_got_it(self->b));
}

TEST_F(ends, shutdown_of_both)
{
	ASSERT_EQ(0, shutdown(self->a, SHUT_RDWR));
	EXPECT_EQ(0, arm_got_it(self->b));
}

TEST_F(ends, shutdown_of_receiving_does_not)
{
	ASSERT_EQ(0, shutdown(self->a, SHUT_RD));
	EXPECT_TRUE(arm_is_quiet(self->b));
	EXPECT_EQ(ARM_LEN, arm_len(self->a));
	ASSERT_EQ(0, shutdown(self->a, SHUT_WR));
	EXPECT_EQ(0, arm_got_it(self->b));
}

TEST_F(ends, disc_send_without_data)
{
	ASSERT_EQ(0, reg_disc_send(self->a, NULL, 0));
	EXPECT_EQ(0, arm_len(self->a));
	EXPECT_EQ(0, arm_got_it(self->b));
}

TEST_F(ends, sendmsg_with_an_empty_cmsg)
{
	char control[CMSG_SPACE(0)] = { 0 };
	struct msghdr msg = {
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);

	cmsg->cmsg_level = SOL_WSP;
	cmsg->cmsg_type = WSP_CMSG_DISC;
	cmsg->cmsg_len = CMSG_LEN(0);
	ASSERT_EQ(0, sendmsg(self->a, &msg, 0));
	EXPECT_EQ(0, arm_got_it(self->b));
}

TEST_F(ends, linger_start)
{
	struct wsp_linger_args args = { .timeout = ARM_LINGER_S * 1000 };

	ASSERT_EQ(0, reg_send_all(self->a, 1000, ARM_SEED));
	ASSERT_EQ(0, ioctl(self->a, WSP_LINGER_START, &args));
	EXPECT_EQ(0, arm_len(self->a));
	EXPECT_EQ(0, arm_got(self->b, 1000, ARM_BYE, ARM_LEN));
}

TEST_F(ends, last_close)
{
	ends_close(_metadata, &self->a);
	EXPECT_EQ(0, arm_got_it(self->b));
}

TEST_F(ends, close_behind_data)
{
	ASSERT_EQ(0, reg_send_all(self->a, 1000, ARM_SEED));
	ends_close(_metadata, &self->a);
	EXPECT_EQ(0, arm_got(self->b, 1000, ARM_BYE, ARM_LEN));
}

TEST_F(ends, close_after_the_peers_end)
{
	ASSERT_EQ(1, reg_disc_end(self->b, ARM_OTHER, 50, REG_DATA));
	ASSERT_EQ(0, reg_drain(self->a, ARM_SEED, 0));
	ends_close(_metadata, &self->a);
	EXPECT_EQ(0, arm_got_it(self->b));
}

/* The peer's record counts as read, by whomever. */
TEST_F(ends, close_with_the_peers_record_unread)
{
	ASSERT_EQ(1, reg_disc_end(self->b, ARM_OTHER, 50, REG_DATA));
	ASSERT_TRUE(reg_wait_state(self->a, TCP_CLOSE_WAIT));
	ends_close(_metadata, &self->a);
	EXPECT_EQ(0, arm_got_it(self->b));
}

/* --- full send queues -------------------------------------------------- */

TEST_F(ends, shutdown_behind_a_full_queue)
{
	ssize_t len = reg_stuff(self->a, ARM_SEED);
	long start = reg_ms();

	ASSERT_LT(0, len);
	ASSERT_EQ(0, shutdown(self->a, SHUT_WR));
	EXPECT_GT(ARM_AT_ONCE_MS, reg_ms() - start);
	EXPECT_EQ(0, arm_got(self->b, len, ARM_BYE, ARM_LEN));
}

TEST_F(ends, close_behind_a_full_queue)
{
	ssize_t len = reg_stuff(self->a, ARM_SEED);

	ASSERT_LT(0, len);
	ends_close(_metadata, &self->a);
	EXPECT_EQ(0, arm_got(self->b, len, ARM_BYE, ARM_LEN));
}

static ssize_t ends_task_close(struct reg_task *task)
{
	return close(task->fd);
}

TEST_F(ends, lingering_close_behind_a_full_queue)
{
	struct reg_task task = { .call = ends_task_close, .fd = self->a };
	ssize_t len = reg_stuff(self->a, ARM_SEED);

	ASSERT_LT(0, len);
	ASSERT_EQ(0, arm_linger(self->a, 1, ARM_LINGER_S));
	ASSERT_TRUE(reg_task_block(&task));
	self->a = -1;
	EXPECT_EQ(0, arm_got(self->b, len, ARM_BYE, ARM_LEN));
	ASSERT_TRUE(reg_task_join(&task));
	EXPECT_EQ(0, task.ret);
	EXPECT_GT(ARM_LINGER_S * 1000 / 2, task.ms);
}

/* What a lingering close waits for includes the data. */
TEST_F(ends, lingering_close_with_nothing_else_queued)
{
	ASSERT_EQ(0, arm_linger(self->a, 1, ARM_LINGER_S));
	ends_close(_metadata, &self->a);
	EXPECT_TRUE(reg_info_flags(self->b) & WSP_INFO_RECV_DATA);
	EXPECT_EQ(0, arm_got_it(self->b));
}

TEST_F(ends, lingering_close_whose_time_is_up_resets)
{
	ASSERT_LT(0, reg_stuff(self->a, ARM_SEED));
	ASSERT_EQ(0, arm_linger(self->a, 1, 1));
	ends_close(_metadata, &self->a);
	EXPECT_EQ(0, arm_got_reset(self->b));
}

TEST_F(ends, nonblocking_lingering_close)
{
	ASSERT_EQ(0, arm_linger(self->a, 1, ARM_LINGER_S));
	ASSERT_EQ(0, reg_nonblock(self->a, true));
	ends_close(_metadata, &self->a);
	EXPECT_EQ(0, arm_got_it(self->b));
}

static int ends_async(int fd, int seconds)
{
	__u32 mode = WSP_LINGER_MODE_ASYNC;

	if (arm_linger(fd, 1, seconds) || reg_nonblock(fd, true))
		return -1;
	return ioctl(fd, WSP_LINGER_MODE, &mode);
}

TEST_F(ends, asynchronously_lingering_close)
{
	ASSERT_EQ(0, ends_async(self->a, ARM_LINGER_S));
	ends_close(_metadata, &self->a);
	EXPECT_EQ(0, arm_got_it(self->b));
}

TEST_F(ends, asynchronously_lingering_close_behind_a_full_queue)
{
	ssize_t len = reg_stuff(self->a, ARM_SEED);

	ASSERT_LT(0, len);
	ASSERT_EQ(0, ends_async(self->a, ARM_LINGER_S));
	ends_close(_metadata, &self->a);
	EXPECT_EQ(0, arm_got(self->b, len, ARM_BYE, ARM_LEN));
}

TEST_F(ends, asynchronously_lingering_close_whose_time_is_up_resets)
{
	ASSERT_LT(0, reg_stuff(self->a, ARM_SEED));
	ASSERT_EQ(0, ends_async(self->a, 1));
	ends_close(_metadata, &self->a);
	EXPECT_TRUE(reg_wait_state(self->b, TCP_CLOSE));
	EXPECT_EQ(0, arm_got_reset(self->b));
}

/* --- references -------------------------------------------------------- */

TEST_F(ends, the_last_of_two_descriptors)
{
	int copy = fcntl(self->a, F_DUPFD_CLOEXEC, 0);

	ASSERT_LE(0, copy);
	ends_close(_metadata, &self->a);
	EXPECT_TRUE(arm_is_quiet(self->b));
	ends_close(_metadata, &copy);
	EXPECT_EQ(0, arm_got_it(self->b));
}

TEST_F(ends, another_file_put_in_its_place)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	ASSERT_LE(0, null);
	ASSERT_EQ(self->a, dup2(null, self->a));
	EXPECT_EQ(0, arm_got_it(self->b));
}

TEST_F(ends, close_range)
{
	ASSERT_EQ(0, close_range(self->a, self->a, 0));
	self->a = -1;
	EXPECT_EQ(0, arm_got_it(self->b));
}

static int ends_pass(int to, int fd)
{
	char control[CMSG_SPACE(sizeof(fd))] = { 0 }, byte = 0;
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);

	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(cmsg), &fd, sizeof(fd));
	return sendmsg(to, &msg, 0) == 1 ? 0 : reg_fail("SCM_RIGHTS");
}

static int ends_take(int from)
{
	char control[CMSG_SPACE(sizeof(int))], byte;
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *cmsg;
	int fd;

	if (recvmsg(from, &msg, MSG_CMSG_CLOEXEC) != 1)
		return reg_fail("SCM_RIGHTS");
	cmsg = CMSG_FIRSTHDR(&msg);
	if (!cmsg || cmsg->cmsg_type != SCM_RIGHTS)
		return reg_fail("SCM_RIGHTS");
	memcpy(&fd, CMSG_DATA(cmsg), sizeof(fd));
	return fd;
}

TEST_F(ends, passed_on_and_closed_there)
{
	int pass[2];

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pass));
	ASSERT_EQ(0, ends_pass(pass[0], self->a));
	ends_close(_metadata, &self->a);
	EXPECT_TRUE(arm_is_quiet(self->b));
	self->a = ends_take(pass[1]);
	ASSERT_LE(0, self->a);
	EXPECT_EQ(ARM_LEN, arm_len(self->a));
	ends_close(_metadata, &self->a);
	EXPECT_EQ(0, arm_got_it(self->b));
}

TEST_F(ends, passed_on_and_never_taken)
{
	int pass[2];

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pass));
	ASSERT_EQ(0, ends_pass(pass[0], self->a));
	ends_close(_metadata, &self->a);
	EXPECT_TRUE(arm_is_quiet(self->b));
	close(pass[0]);
	close(pass[1]);
	EXPECT_EQ(0, arm_got_it(self->b));
}

TEST_HARNESS_MAIN
