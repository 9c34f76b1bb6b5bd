// SPDX-License-Identifier: GPL-2.0
/*
 * WSP_LINGER_START on a socket that nobody holds any more: the descriptor is
 * closed at once, or its process is gone, and the deadline still holds.
 */
#define _GNU_SOURCE
#include "kselftest_harness.h"
#include "linger.h"

#include <signal.h>
#include <sys/wait.h>

enum orphan_by { BY_CLOSE, BY_EXIT, BY_SIGKILL };

FIXTURE(orphan) {
	struct reg_conf conf;
	ssize_t sent;
	int fd[2];
};

FIXTURE_VARIANT(orphan) {
	enum reg_family family;
	enum orphan_by by;
};

FIXTURE_VARIANT_ADD(orphan, v4_close) { REG_V4, BY_CLOSE };
FIXTURE_VARIANT_ADD(orphan, v6_close) { REG_V6, BY_CLOSE };
FIXTURE_VARIANT_ADD(orphan, v4_exit) { REG_V4, BY_EXIT };
FIXTURE_VARIANT_ADD(orphan, v6_exit) { REG_V6, BY_EXIT };
FIXTURE_VARIANT_ADD(orphan, v4_kill) { REG_V4, BY_SIGKILL };
FIXTURE_VARIANT_ADD(orphan, v6_kill) { REG_V6, BY_SIGKILL };

FIXTURE_SETUP(orphan)
{
	self->conf = linger_conf(variant->family);
	ASSERT_EQ(0, reg_ns_lo());
	self->sent = linger_stalled_pair(&self->conf, self->fd);
	ASSERT_LT(0, self->sent);
}

FIXTURE_TEARDOWN(orphan)
{
}

/* Starts it and lets go of the socket; 0, or what START gave. */
static int orphan_make(int fd, enum orphan_by by, __u32 ms)
{
	int status, alone[2], err;
	char byte;
	pid_t pid;

	if (by == BY_CLOSE) {
		err = linger_start(fd, ms);
		close(fd);
		return err;
	}
	if (pipe(alone))
		return errno;
	pid = fork();
	if (pid < 0)
		return errno;
	if (!pid) {
		close(alone[1]);
		/* The end of file: the parent holds the socket no longer. */
		if (read(alone[0], &byte, 1))
			_exit(EIO);
		err = linger_start(fd, ms);
		if (!err && by == BY_SIGKILL)
			raise(SIGKILL);
		_exit(err);
	}
	close(fd);
	close(alone[0]);
	close(alone[1]);
	if (waitpid(pid, &status, 0) != pid)
		return errno;
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
		return by == BY_SIGKILL ? 0 : EINTR;
	return WEXITSTATUS(status);
}

#define ORPHAN_TEST(name)	TEST_F_TIMEOUT(orphan, name, 60)

ORPHAN_TEST(is_reset_at_the_deadline)
{
	long start = reg_ms();
	ssize_t got;

	ASSERT_EQ(0, orphan_make(self->fd[0], variant->by, LINGER_MS));
	EXPECT_TRUE(linger_reset_in_time(self->fd[1], start, LINGER_MS));
	EXPECT_EQ(ECONNRESET, linger_read(self->fd[1], &got));
	EXPECT_GT(self->sent, got);
}

/* The peer is half closed, and TCP alone would not reset it. */
ORPHAN_TEST(is_reset_at_the_deadline_in_LAST_ACK)
{
	long start = reg_ms();
	ssize_t got;

	ASSERT_EQ(0, shutdown(self->fd[1], SHUT_WR));
	ASSERT_TRUE(reg_wait_state(self->fd[0], TCP_CLOSE_WAIT));
	ASSERT_EQ(0, orphan_make(self->fd[0], variant->by, LINGER_MS));
	EXPECT_TRUE(linger_reset_in_time(self->fd[1], start, LINGER_MS));
	EXPECT_EQ(ECONNRESET, linger_read(self->fd[1], &got));
	EXPECT_GT(self->sent, got);
}

ORPHAN_TEST(is_reset_at_the_deadline_in_CLOSING)
{
	long start = reg_ms();
	ssize_t got;

	ASSERT_EQ(0, orphan_make(self->fd[0], variant->by, LINGER_MS));
	ASSERT_EQ(0, shutdown(self->fd[1], SHUT_WR));
	EXPECT_TRUE(linger_reset_in_time(self->fd[1], start, LINGER_MS));
	EXPECT_EQ(ECONNRESET, linger_read(self->fd[1], &got));
}

ORPHAN_TEST(drains)
{
	ssize_t got;

	ASSERT_EQ(0, orphan_make(self->fd[0], variant->by, LINGER_LONG_MS));
	EXPECT_EQ(0, linger_read(self->fd[1], &got));
	EXPECT_EQ(self->sent, got);
}

/* A deadline that was met does not come back. */
ORPHAN_TEST(that_drained_is_left_alone)
{
	ssize_t got;

	ASSERT_EQ(0, orphan_make(self->fd[0], variant->by, 3 * LINGER_MS));
	EXPECT_EQ(0, linger_read(self->fd[1], &got));
	EXPECT_EQ(self->sent, got);
	EXPECT_TRUE(linger_no_reset_for(self->fd[1], 4 * LINGER_MS));
}

ORPHAN_TEST(takes_armed_data_along)
{
	unsigned char data[100];
	ssize_t got;

	reg_fill(data, sizeof(data), 9, 0);
	ASSERT_EQ(0, linger_arm(self->fd[0], data, sizeof(data), 0));
	ASSERT_EQ(0, orphan_make(self->fd[0], variant->by, LINGER_LONG_MS));
	EXPECT_EQ(0, linger_read(self->fd[1], &got));
	EXPECT_EQ(self->sent, got);
	EXPECT_EQ(0, reg_disc_check(self->fd[1], 9, sizeof(data), true));
}

/* SO_LINGER's time has nothing to say once a deadline is set. */
ORPHAN_TEST(keeps_the_nearer_deadline_of_its_start)
{
	long start = reg_ms();

	ASSERT_EQ(0, linger_option(self->fd[0], 1, LINGER_LONG_MS / 1000));
	ASSERT_EQ(0, orphan_make(self->fd[0], variant->by, LINGER_MS));
	EXPECT_GT(LINGER_AT_ONCE_MS, reg_ms() - start);
	EXPECT_TRUE(linger_reset_in_time(self->fd[1], start, LINGER_MS));
}

/* Another descriptor sees it through. */
ORPHAN_TEST(is_none_while_a_duplicate_is_open)
{
	int other = dup(self->fd[0]);
	ssize_t got;

	ASSERT_LE(0, other);
	ASSERT_EQ(0, orphan_make(self->fd[0], variant->by, LINGER_LONG_MS));
	EXPECT_EQ(WSP_LINGER_PENDING, linger_state(other));
	EXPECT_EQ(0, linger_read(self->fd[1], &got));
	EXPECT_EQ(self->sent, got);
	EXPECT_EQ(WSP_LINGER_DRAINED, linger_wait(other));
}

TEST_HARNESS_MAIN
