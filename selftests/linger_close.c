// SPDX-License-Identifier: GPL-2.0
/*
 * WSP_LINGER_MODE_ASYNC: a non-blocking socket with linger time and a stalled
 * peer is closed at once, whatever closes it, and the time still holds.
 */
#define _GNU_SOURCE
#include "kselftest_harness.h"
#include "linger.h"

#include <liburing.h>
#include <signal.h>
#include <sys/wait.h>

/* SO_LINGER counts in seconds; a close that waited would take all of them. */
#define LINGER_S	2

/* Above every other descriptor, for what closes ranges. */
#define HIGH_FD		700

FIXTURE(by) {
	struct reg_conf conf;
	ssize_t sent;
	int fd[2];
};

FIXTURE_VARIANT(by) {
	int (*drop)(int fd);
};

static int drop_dup2(int fd)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	return null < 0 || dup2(null, fd) != fd;
}

static int drop_dup3(int fd)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	return null < 0 || dup3(null, fd, O_CLOEXEC) != fd;
}

static int drop_fclose(int fd)
{
	FILE *f = fdopen(fd, "r+");

	return !f || fclose(f);
}

static int drop_close_range(int fd)
{
	return close_range(fd, fd, 0);
}

static int drop_closefrom(int fd)
{
	int high = fcntl(fd, F_DUPFD, HIGH_FD);

	if (high < 0 || close(fd))
		return -1;
	closefrom(high);
	return 0;
}

static int drop_uring(int fd)
{
	struct io_uring_cqe *cqe;
	struct io_uring ring;
	int ret;

	if (io_uring_queue_init(2, &ring, 0))
		return -1;
	io_uring_prep_close(io_uring_get_sqe(&ring), fd);
	if (io_uring_submit(&ring) != 1 || io_uring_wait_cqe(&ring, &cqe))
		return -1;
	ret = cqe->res;
	io_uring_queue_exit(&ring);
	return ret;
}

/* A pending request has a reference, which goes when it is cancelled. */
static int drop_request(int fd)
{
	struct io_uring_sqe *sqe;
	struct io_uring ring;

	if (io_uring_queue_init(2, &ring, 0))
		return -1;
	sqe = io_uring_get_sqe(&ring);
	io_uring_prep_poll_add(sqe, fd, 0);
	io_uring_sqe_set_data64(sqe, 1);
	if (io_uring_submit(&ring) != 1 || close(fd))
		return -1;
	io_uring_prep_cancel64(io_uring_get_sqe(&ring), 1, 0);
	if (io_uring_submit_and_wait(&ring, 2) != 1)
		return -1;
	io_uring_queue_exit(&ring);
	return 0;
}

static int drop_in_flight(int fd)
{
	char control[CMSG_SPACE(sizeof(int))] = { 0 }, byte = 0;
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *cm = CMSG_FIRSTHDR(&msg);
	int un[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, un))
		return -1;
	cm->cmsg_level = SOL_SOCKET;
	cm->cmsg_type = SCM_RIGHTS;
	cm->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(cm), &fd, sizeof(int));
	if (sendmsg(un[0], &msg, 0) != 1 || close(fd))
		return -1;
	/* Nobody has received it when the last reference to it goes. */
	return close(un[1]) || close(un[0]);
}

/* The last reference is a child's, which does @last with it. */
static int drop_child(int fd, void (*last)(int fd))
{
	int status, alone[2];
	char byte;
	pid_t pid;

	if (pipe(alone))
		return -1;
	pid = fork();
	if (pid < 0)
		return -1;
	if (!pid) {
		close(alone[1]);
		/* The end of file: the parent holds the socket no longer. */
		if (read(alone[0], &byte, 1))
			_exit(1);
		last(fd);
		_exit(0);
	}
	if (close(fd))
		return -1;
	close(alone[0]);
	close(alone[1]);
	if (waitpid(pid, &status, 0) != pid)
		return -1;
	return WIFSIGNALED(status) ? 0 : WEXITSTATUS(status);
}

static void last_close(int fd)
{
	if (close(fd))
		_exit(1);
}

static int drop_elsewhere(int fd)
{
	return drop_child(fd, last_close);
}

static void last_exec(int fd)
{
	(void)fd;
	execl("/bin/true", "true", NULL);
	_exit(1);
}

static int drop_exec(int fd)
{
	return drop_child(fd, last_exec);
}

FIXTURE_VARIANT_ADD(by, close) { close };
FIXTURE_VARIANT_ADD(by, fclose) { drop_fclose };
FIXTURE_VARIANT_ADD(by, dup2_over_it) { drop_dup2 };
FIXTURE_VARIANT_ADD(by, dup3_over_it) { drop_dup3 };
FIXTURE_VARIANT_ADD(by, close_range) { drop_close_range };
FIXTURE_VARIANT_ADD(by, closefrom) { drop_closefrom };
FIXTURE_VARIANT_ADD(by, IORING_OP_CLOSE) { drop_uring };
FIXTURE_VARIANT_ADD(by, end_of_a_request) { drop_request };
FIXTURE_VARIANT_ADD(by, SCM_RIGHTS_in_flight) { drop_in_flight };
FIXTURE_VARIANT_ADD(by, another_process) { drop_elsewhere };
FIXTURE_VARIANT_ADD(by, execve) { drop_exec };

FIXTURE_SETUP(by)
{
	ASSERT_EQ(0, reg_ns_lo());
}

FIXTURE_TEARDOWN(by)
{
}

/* A stalled pair whose fd[0] is to be closed in the background. */
static ssize_t async_pair(const struct reg_conf *conf, int seconds, int fd[2])
{
	ssize_t sent = linger_stalled_pair(conf, fd);

	if (sent < 0 || linger_set_mode(fd[0], WSP_LINGER_MODE_ASYNC) ||
	    linger_option(fd[0], 1, seconds) || reg_nonblock(fd[0], true))
		return -1;
	return sent;
}

TEST_F_TIMEOUT(by, returns_at_once_and_the_time_holds, 60)
{
	enum reg_family family;
	long start, took;
	ssize_t got;

	for (family = REG_V4; family <= REG_V6; family++) {
		self->conf = linger_conf(family);
		self->sent = async_pair(&self->conf, LINGER_S, self->fd);
		ASSERT_LT(0, self->sent);
		start = reg_ms();
		ASSERT_EQ(0, variant->drop(self->fd[0]));
		took = reg_ms() - start;
		/* Had it waited, this would be over. */
		EXPECT_TRUE(linger_no_reset_for(self->fd[1], 0));
		EXPECT_GT(LINGER_S * 1000 / 2, took);
		EXPECT_TRUE(linger_reset_in_time(self->fd[1], start,
						 LINGER_S * 1000));
		EXPECT_EQ(ECONNRESET, linger_read(self->fd[1], &got));
		EXPECT_GT(self->sent, got);
	}
}

TEST_F_TIMEOUT(by, returns_at_once_and_drains, 60)
{
	enum reg_family family;
	ssize_t got;
	long start;

	for (family = REG_V4; family <= REG_V6; family++) {
		self->conf = linger_conf(family);
		self->sent = async_pair(&self->conf, LINGER_LONG_MS / 1000,
					self->fd);
		ASSERT_LT(0, self->sent);
		start = reg_ms();
		ASSERT_EQ(0, variant->drop(self->fd[0]));
		EXPECT_GT(LINGER_AT_ONCE_MS, reg_ms() - start);
		EXPECT_EQ(0, linger_read(self->fd[1], &got));
		EXPECT_EQ(self->sent, got);
	}
}

/* --- a process that dies does not linger (CL-17) ------------------------ */

FIXTURE(dying) {
	struct reg_conf conf;
	int fd[2];
};

FIXTURE_VARIANT(dying) {
	void (*die)(int fd);
};

static void last_exit(int fd)
{
	(void)fd;
	_exit(0);
}

static void last_sigkill(int fd)
{
	(void)fd;
	raise(SIGKILL);
}

static void last_sigsegv(int fd)
{
	(void)fd;
	signal(SIGSEGV, SIG_DFL);
	raise(SIGSEGV);
}

FIXTURE_VARIANT_ADD(dying, exit) { last_exit };
FIXTURE_VARIANT_ADD(dying, SIGKILL) { last_sigkill };
FIXTURE_VARIANT_ADD(dying, SIGSEGV) { last_sigsegv };

FIXTURE_SETUP(dying)
{
	ASSERT_EQ(0, reg_ns_lo());
}

FIXTURE_TEARDOWN(dying)
{
}

TEST_F_TIMEOUT(dying, sets_no_deadline_and_drains, 60)
{
	enum reg_family family;
	ssize_t sent, got;
	long start;

	for (family = REG_V4; family <= REG_V6; family++) {
		self->conf = linger_conf(family);
		sent = async_pair(&self->conf, 1, self->fd);
		ASSERT_LT(0, sent);
		start = reg_ms();
		ASSERT_EQ(0, drop_child(self->fd[0], variant->die));
		EXPECT_GT(LINGER_AT_ONCE_MS, reg_ms() - start);
		EXPECT_TRUE(linger_no_reset_for(self->fd[1], 2000));
		EXPECT_EQ(0, linger_read(self->fd[1], &got));
		EXPECT_EQ(sent, got);
	}
}

TEST_HARNESS_MAIN
