// SPDX-License-Identifier: GPL-2.0
/*
 * Closes that linger, abort or leave an orphan behind, zero-copy sends, and
 * the receive direction shut on its own.
 */
#define _GNU_SOURCE
#include "kselftest_harness.h"
#include "reg_io.h"
#include "reg_task.h"

#include <linux/errqueue.h>
#include <linux/sockios.h>
#include <sys/wait.h>

#define SEED	5

FIXTURE(close) {
	struct reg_conf conf;
	int fd[2];
};

FIXTURE_VARIANT(close) {
	enum reg_family family;
};

FIXTURE_VARIANT_ADD(close, v4) {
	.family = REG_V4,
};

FIXTURE_VARIANT_ADD(close, v6) {
	.family = REG_V6,
};

FIXTURE_SETUP(close)
{
	self->conf = (struct reg_conf) {
		.family = variant->family,
		.attach = REG_BOTH,
		.rcvbuf = 8192,
		.sndbuf = 32768,
	};
	ASSERT_EQ(0, reg_ns_lo());
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
}

FIXTURE_TEARDOWN(close)
{
}

static int close_linger(int fd, int onoff, int seconds)
{
	struct linger linger = { .l_onoff = onoff, .l_linger = seconds };

	return setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
}

/* Reads what is queued; the errno that ended it, 0 for an end of stream. */
static int close_read(int fd)
{
	char buf[4096];
	ssize_t n;

	do {
		errno = ETIME;
		n = -1;
		if (reg_poll(fd, POLLIN, REG_SOON_MS))
			n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT);
	} while (n > 0 || (n < 0 && errno == EAGAIN));
	return n ? errno : 0;
}

TEST_F(close, expired_linger_resets)
{
	long start;

	ASSERT_LT(0, reg_stuff(self->fd[0], SEED));
	ASSERT_EQ(0, close_linger(self->fd[0], 1, 1));
	start = reg_ms();
	ASSERT_EQ(0, close(self->fd[0]));
	EXPECT_LE(900, reg_ms() - start);
	EXPECT_GT(5000, reg_ms() - start);
	EXPECT_EQ(ECONNRESET, close_read(self->fd[1]));
}

TEST_F(close, expired_linger_resets_after_disconnect_data)
{
	long start;

	ASSERT_LT(0, reg_stuff(self->fd[0], SEED));
	ASSERT_EQ(0, close_linger(self->fd[0], 1, 1));
	ASSERT_EQ(1, reg_disc_end(self->fd[0], 7, 100, REG_DATA));
	start = reg_ms();
	ASSERT_EQ(0, close(self->fd[0]));
	EXPECT_LE(900, reg_ms() - start);
	EXPECT_EQ(ECONNRESET, close_read(self->fd[1]));
}

TEST_F(close, plain_linger_does_not_reset)
{
	struct reg_conf plain = self->conf;

	/* What makes the tests above worth their time. */
	plain.attach = REG_NEITHER;
	ASSERT_EQ(0, reg_pair(&plain, self->fd));
	ASSERT_LT(0, reg_stuff(self->fd[0], SEED));
	ASSERT_EQ(0, close_linger(self->fd[0], 1, 1));
	ASSERT_EQ(0, close(self->fd[0]));
	EXPECT_EQ(0, close_read(self->fd[1]));
}

TEST_F(close, linger_that_drains_is_graceful)
{
	ASSERT_EQ(0, reg_send_all(self->fd[0], 1000, SEED));
	ASSERT_EQ(0, close_linger(self->fd[0], 1, 30));
	ASSERT_EQ(1, reg_disc_end(self->fd[0], 7, 100, REG_DATA));
	ASSERT_EQ(0, close(self->fd[0]));
	EXPECT_EQ(1000, reg_drain(self->fd[1], SEED, 0));
	EXPECT_EQ(0, reg_disc_check(self->fd[1], 7, 100, true));
}

TEST_F(close, zero_linger_resets_at_once)
{
	ASSERT_LT(0, reg_stuff(self->fd[0], SEED));
	ASSERT_EQ(0, close_linger(self->fd[0], 1, 0));
	ASSERT_EQ(0, close(self->fd[0]));
	EXPECT_EQ(ECONNRESET, close_read(self->fd[1]));
}

TEST_F(close, data_survives_a_later_reset)
{
	ASSERT_EQ(1, reg_disc_end(self->fd[0], 7, 100, REG_DATA));
	ASSERT_EQ(0, reg_drain(self->fd[1], 0, 0));
	ASSERT_EQ(0, close_linger(self->fd[0], 1, 0));
	ASSERT_EQ(0, close(self->fd[0]));
	ASSERT_TRUE(reg_wait_state(self->fd[1], TCP_CLOSE));
	EXPECT_EQ(0, reg_disc_check(self->fd[1], 7, 100, true));
}

static ssize_t close_call(struct reg_task *task)
{
	return close(task->fd);
}

/* The linger ends as soon as the peer has read everything. */
TEST_F(close, linger_ends_early)
{
	struct reg_task task = { .call = close_call, .fd = self->fd[0] };
	ssize_t len = reg_stuff(self->fd[0], SEED);

	ASSERT_EQ(0, close_linger(self->fd[0], 1, 60));
	ASSERT_EQ(1, reg_disc_end(self->fd[0], 7, 100, REG_DATA));
	ASSERT_TRUE(reg_task_block(&task));
	EXPECT_EQ(len, reg_drain(self->fd[1], SEED, 0));
	EXPECT_TRUE(reg_task_join(&task));
	EXPECT_EQ(0, task.ret);
	EXPECT_EQ(0, reg_disc_check(self->fd[1], 7, 100, true));
}

TEST_F(close, killed_process_does_not_linger)
{
	int status;
	ssize_t len;
	pid_t pid;
	long start;

	len = reg_stuff(self->fd[0], SEED);
	ASSERT_EQ(0, close_linger(self->fd[0], 1, 60));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		reg_disc_end(self->fd[0], 7, 100, REG_DATA);
		raise(SIGSTOP);
	}
	/* The child holds the only descriptor when it dies. */
	ASSERT_EQ(pid, waitpid(pid, &status, WUNTRACED));
	ASSERT_EQ(0, close(self->fd[0]));
	start = reg_ms();
	ASSERT_EQ(0, kill(pid, SIGKILL));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_GT(10000, reg_ms() - start);
	EXPECT_EQ(len, reg_drain(self->fd[1], SEED, 0));
	EXPECT_EQ(0, reg_disc_check(self->fd[1], 7, 100, true));
}

/* A receiver that goes away with the record undrained, and one in mid-air. */
TEST_F(close, receiver_closes_with_the_record_unread)
{
	ASSERT_EQ(0, reg_send_all(self->fd[0], 100, SEED));
	ASSERT_EQ(1, reg_disc_end(self->fd[0], 7, 100, REG_DATA));
	ASSERT_TRUE(reg_poll(self->fd[1], POLLRDHUP, REG_SOON_MS));
	EXPECT_EQ(0, close(self->fd[1]));
	EXPECT_EQ(ECONNRESET, close_read(self->fd[0]));
}

TEST_F(close, both_close_with_everything_unread)
{
	int i;

	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, reg_send_all(self->fd[i], 100, SEED));
		ASSERT_EQ(1, reg_disc_end(self->fd[i], 7, 100, REG_DATA));
	}
	for (i = 0; i < 2; i++)
		EXPECT_EQ(0, close(self->fd[i]));
}

TEST_F(close, duplicate_keeps_the_connection)
{
	int other = dup(self->fd[0]);

	ASSERT_EQ(0, close(self->fd[0]));
	self->fd[0] = other;
	EXPECT_EQ(0, reg_exchange_both(self->fd, REG_DATA));
}

/* --- zero-copy sends ------------------------------------------------- */

TEST_F(close, zerocopy_send)
{
	static unsigned char buf[8192];
	char control[128];
	struct msghdr msg = {
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *cm;

	ASSERT_EQ(0, reg_setint(self->fd[0], SOL_SOCKET, SO_ZEROCOPY, 1));
	reg_fill(buf, sizeof(buf), SEED, 0);
	ASSERT_EQ(4000, send(self->fd[0], buf, 4000, MSG_ZEROCOPY));
	ASSERT_EQ(1, reg_disc_end(self->fd[0], 7, 100, REG_DATA));
	EXPECT_EQ(4000, reg_drain(self->fd[1], SEED, 0));
	EXPECT_EQ(0, reg_disc_check(self->fd[1], 7, 100, true));
	ASSERT_TRUE(reg_poll(self->fd[0], 0, REG_SOON_MS) & POLLERR);
	ASSERT_EQ(0, recvmsg(self->fd[0], &msg, MSG_ERRQUEUE));
	cm = CMSG_FIRSTHDR(&msg);
	ASSERT_NE(NULL, cm);
	EXPECT_EQ(SO_EE_ORIGIN_ZEROCOPY,
		  ((struct sock_extended_err *)CMSG_DATA(cm))->ee_origin);
}

TEST_F(close, empty_error_queue)
{
	char buf[16];

	EXPECT_EQ(-1, recv(self->fd[0], buf, sizeof(buf), MSG_ERRQUEUE));
	EXPECT_EQ(EAGAIN, errno);
}

/* --- receive direction shut ------------------------------------------ */

static int close_unacked(int fd)
{
	int n = -1;

	return ioctl(fd, SIOCOUTQ, &n) ? -1 : n;
}

/* The window closes, and nothing resets the connection. */
TEST_F(close, sender_stalls_at_a_shut_receiver)
{
	ASSERT_EQ(0, shutdown(self->fd[1], SHUT_RD));
	ASSERT_LT(0, reg_stuff(self->fd[0], SEED));
	EXPECT_LT(0, close_unacked(self->fd[0]));
	EXPECT_EQ(TCP_ESTABLISHED, reg_tcp_state(self->fd[0]));
	EXPECT_EQ(TCP_ESTABLISHED, reg_tcp_state(self->fd[1]));
	ASSERT_EQ(0, reg_send_all(self->fd[1], 1000, 2));
	ASSERT_EQ(0, shutdown(self->fd[1], SHUT_WR));
	EXPECT_EQ(1000, reg_drain(self->fd[0], 2, 0));
}

static ssize_t close_recv(struct reg_task *task)
{
	char c;

	return recv(task->fd, &c, 1, 0);
}

TEST_F(close, blocked_recv_ends_when_the_receiver_shuts)
{
	struct reg_task task = { .call = close_recv, .fd = self->fd[1] };
	__u32 len = 0;

	ASSERT_TRUE(reg_task_block(&task));
	ASSERT_EQ(0, shutdown(self->fd[1], SHUT_RD));
	ASSERT_TRUE(reg_task_join(&task));
	EXPECT_GE(0, task.ret);
	EXPECT_EQ(0, reg_disc_recv(self->fd[1], NULL, &len));
}

TEST_HARNESS_MAIN
