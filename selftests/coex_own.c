// SPDX-License-Identifier: GPL-2.0
/*
 * Who holds an attached socket: duplicates, descriptors passed to other
 * processes, fork, and the socket's next life after connect(AF_UNSPEC).
 */
#define _GNU_SOURCE
#include "kselftest_harness.h"
#include "reg_io.h"

#include <signal.h>
#include <sys/wait.h>

#define SEED	5
#define BYE	20

FIXTURE(own) {
	struct reg_conf conf;
	int fd[2];
};

FIXTURE_VARIANT(own) {
	enum reg_family family;
};

FIXTURE_VARIANT_ADD(own, v4) {
	.family = REG_V4,
};

FIXTURE_VARIANT_ADD(own, v6) {
	.family = REG_V6,
};

FIXTURE_SETUP(own)
{
	self->conf = (struct reg_conf) {
		.family = variant->family,
		.attach = REG_BOTH,
	};
	ASSERT_EQ(0, reg_ns_lo());
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
}

FIXTURE_TEARDOWN(own)
{
}

/* The peer gets @len bytes, the end, and the disconnect data if there is. */
static bool own_arrives(int fd, ssize_t len, bool data)
{
	return reg_drain(fd, SEED, 0) == len &&
	       !reg_disc_check(fd, BYE, REG_DISC_LEN, data);
}

static bool own_ends(int fd)
{
	return reg_disc_end(fd, BYE, REG_DISC_LEN, REG_DATA) == 1;
}

/* Waits for a child and gives its exit status. */
static int own_wait(pid_t pid)
{
	int status = -1;

	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -1;
	return WEXITSTATUS(status);
}

/* --- duplicates ------------------------------------------------------ */

TEST_F(own, ended_through_one_duplicate_seen_by_the_other)
{
	int other = dup(self->fd[0]);

	ASSERT_LE(0, other);
	ASSERT_TRUE(own_ends(other));
	EXPECT_EQ(ESHUTDOWN, reg_disc_send(self->fd[0], "x", 1));
	EXPECT_TRUE(reg_info_flags(self->fd[0]) & WSP_INFO_SEND_CLOSED);
	ASSERT_EQ(0, close(other));
	EXPECT_TRUE(own_arrives(self->fd[1], 0, true));
	ASSERT_EQ(0, reg_send_all(self->fd[1], 900, SEED));
	ASSERT_TRUE(own_ends(self->fd[1]));
	EXPECT_TRUE(own_arrives(self->fd[0], 900, true));
}

TEST_F(own, closing_a_duplicate_ends_nothing)
{
	int i;

	for (i = 0; i < 50; i++)
		ASSERT_EQ(0, close(dup(self->fd[i % 2])));
	EXPECT_EQ(0, reg_exchange_both(self->fd, REG_DATA));
}

TEST_F(own, duplicate_of_a_listener)
{
	int listener = reg_listen(&self->conf), other = dup(listener);

	ASSERT_EQ(0, close(listener));
	self->fd[0] = reg_client(&self->conf);
	self->fd[1] = reg_join(&self->conf, other, self->fd[0]);
	EXPECT_EQ(0, reg_exchange_both(self->fd, REG_DATA));
}

TEST_F(own, duplicate_over_the_last_descriptor_closes)
{
	int null = open("/dev/null", O_RDWR);

	ASSERT_EQ(0, reg_send_all(self->fd[0], 900, SEED));
	ASSERT_TRUE(own_ends(self->fd[0]));
	ASSERT_EQ(self->fd[0], dup2(null, self->fd[0]));
	EXPECT_TRUE(own_arrives(self->fd[1], 900, true));
}

/* --- fork ------------------------------------------------------------ */

TEST_F(own, child_closes_parent_goes_on)
{
	pid_t pid = fork();

	ASSERT_LE(0, pid);
	if (!pid) {
		close(self->fd[0]);
		close(self->fd[1]);
		_exit(0);
	}
	ASSERT_EQ(0, own_wait(pid));
	EXPECT_EQ(0, reg_exchange_both(self->fd, REG_DATA));
}

TEST_F(own, child_exits_parent_goes_on)
{
	pid_t pid = fork();

	ASSERT_LE(0, pid);
	if (!pid)
		_exit(0);
	ASSERT_EQ(0, own_wait(pid));
	EXPECT_EQ(0, reg_exchange_both(self->fd, REG_DATA));
}

TEST_F(own, child_is_killed_parent_goes_on)
{
	pid_t pid = fork();
	int status;

	ASSERT_LE(0, pid);
	if (!pid) {
		pause();
		_exit(1);
	}
	ASSERT_EQ(0, kill(pid, SIGKILL));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, reg_exchange_both(self->fd, REG_DATA));
}

TEST_F(own, child_ends_for_the_parent)
{
	pid_t pid = fork();

	ASSERT_LE(0, pid);
	if (!pid)
		_exit(reg_send_all(self->fd[0], 900, SEED) ||
		      !own_ends(self->fd[0]));
	ASSERT_EQ(0, own_wait(pid));
	EXPECT_EQ(-1, send(self->fd[0], "", 1, MSG_NOSIGNAL));
	EXPECT_EQ(EPIPE, errno);
	EXPECT_EQ(0, close(self->fd[0]));
	EXPECT_TRUE(own_arrives(self->fd[1], 900, true));
}

/* Both ends read what the other process sees of the same stream. */
TEST_F(own, child_receives_for_the_parent)
{
	pid_t pid;

	ASSERT_EQ(0, reg_send_all(self->fd[0], 900, SEED));
	ASSERT_TRUE(own_ends(self->fd[0]));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		_exit(!own_arrives(self->fd[1], 900, true));
	ASSERT_EQ(0, own_wait(pid));
	EXPECT_TRUE(own_arrives(self->fd[1], 0, true));
}

/* A lingering time counts from the last close, whoever does it. */
TEST_F(own, child_closing_does_not_linger)
{
	struct linger linger = { .l_onoff = 1, .l_linger = 60 };
	ssize_t len;
	long start;
	pid_t pid;

	ASSERT_EQ(0, setsockopt(self->fd[0], SOL_SOCKET, SO_LINGER, &linger,
				sizeof(linger)));
	len = reg_stuff(self->fd[0], SEED);
	ASSERT_LT(0, len);
	start = reg_ms();
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		_exit(!!close(self->fd[0]));
	ASSERT_EQ(0, own_wait(pid));
	EXPECT_GT(20000, reg_ms() - start);
	EXPECT_EQ(TCP_ESTABLISHED, reg_tcp_state(self->fd[0]));
	ASSERT_TRUE(own_ends(self->fd[0]));
	EXPECT_TRUE(own_arrives(self->fd[1], len, true));
}

/* --- descriptors passed on ------------------------------------------- */

static int own_pass(int to, int fd)
{
	char control[CMSG_SPACE(sizeof(fd))] = { 0 };
	struct iovec iov = { .iov_base = "", .iov_len = 1 };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *cm = CMSG_FIRSTHDR(&msg);

	cm->cmsg_level = SOL_SOCKET;
	cm->cmsg_type = SCM_RIGHTS;
	cm->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(cm), &fd, sizeof(fd));
	return sendmsg(to, &msg, 0) == 1 ? 0 : reg_fail("SCM_RIGHTS");
}

static int own_take(int from)
{
	char control[CMSG_SPACE(sizeof(int))], byte;
	struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *cm;
	int fd = -1;

	if (recvmsg(from, &msg, 0) != 1)
		return reg_fail("SCM_RIGHTS");
	cm = CMSG_FIRSTHDR(&msg);
	if (cm && cm->cmsg_type == SCM_RIGHTS)
		memcpy(&fd, CMSG_DATA(cm), sizeof(fd));
	return fd;
}

/*
 * A process that has none of our sockets until it is passed one; it answers
 * with its exit status, after the parent has closed its own descriptor.
 */
static pid_t own_heir(int sock[2], int fd[2], int (*job)(int fd))
{
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, sock))
		return reg_fail("socketpair");
	pid = fork();
	if (!pid) {
		char go;
		int got;

		close(fd[0]);
		close(fd[1]);
		close(sock[0]);
		got = own_take(sock[1]);
		_exit(got < 0 || read(sock[1], &go, 1) != 1 || job(got));
	}
	close(sock[1]);
	return pid;
}

static int own_let_go(int sock, int *fd)
{
	close(*fd);
	*fd = -1;
	return write(sock, "", 1) == 1 ? 0 : -1;
}

static int own_job_end(int fd)
{
	return reg_send_all(fd, 900, SEED) || !own_ends(fd);
}

static int own_job_close(int fd)
{
	return close(fd);
}

static int own_job_accept(int fd)
{
	int child = accept(fd, NULL, NULL);

	return child < 0 || !reg_is_attached(child) || own_job_end(child);
}

TEST_F(own, heir_sends_the_disconnect_data_and_dies)
{
	int sock[2];
	pid_t pid = own_heir(sock, self->fd, own_job_end);

	ASSERT_LT(0, pid);
	ASSERT_EQ(0, own_pass(sock[0], self->fd[0]));
	ASSERT_EQ(0, own_let_go(sock[0], &self->fd[0]));
	ASSERT_EQ(0, own_wait(pid));
	EXPECT_TRUE(own_arrives(self->fd[1], 900, true));
}

/* What was said before the descriptor was passed on stands. */
TEST_F(own, heir_closes_last)
{
	int sock[2];
	pid_t pid = own_heir(sock, self->fd, own_job_close);

	ASSERT_LT(0, pid);
	ASSERT_EQ(0, reg_send_all(self->fd[0], 900, SEED));
	ASSERT_TRUE(own_ends(self->fd[0]));
	ASSERT_EQ(0, own_pass(sock[0], self->fd[0]));
	ASSERT_EQ(0, own_let_go(sock[0], &self->fd[0]));
	ASSERT_EQ(0, own_wait(pid));
	EXPECT_TRUE(own_arrives(self->fd[1], 900, true));
}

TEST_F(own, heir_closes_last_without_disconnect_data)
{
	int sock[2];
	pid_t pid = own_heir(sock, self->fd, own_job_close);

	ASSERT_LT(0, pid);
	ASSERT_EQ(0, reg_send_all(self->fd[0], 900, SEED));
	ASSERT_EQ(0, own_pass(sock[0], self->fd[0]));
	ASSERT_EQ(0, own_let_go(sock[0], &self->fd[0]));
	ASSERT_EQ(0, own_wait(pid));
	EXPECT_TRUE(own_arrives(self->fd[1], 900, false));
}

TEST_F(own, heir_accepts)
{
	int sock[2], listener = reg_listen(&self->conf), client;
	pid_t pid = own_heir(sock, self->fd, own_job_accept);

	ASSERT_LT(0, pid);
	ASSERT_EQ(0, own_pass(sock[0], listener));
	client = reg_client(&self->conf);
	ASSERT_EQ(0, reg_connect(client, &self->conf, reg_port(listener)));
	ASSERT_EQ(0, own_let_go(sock[0], &listener));
	ASSERT_EQ(0, own_wait(pid));
	EXPECT_TRUE(own_arrives(client, 900, true));
}

/* The last reference is a message that nobody ever takes. */
TEST_F(own, descriptor_in_flight_is_the_last)
{
	int sock[2];

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, sock));
	ASSERT_EQ(0, reg_send_all(self->fd[0], 900, SEED));
	ASSERT_TRUE(own_ends(self->fd[0]));
	ASSERT_EQ(0, own_pass(sock[0], self->fd[0]));
	ASSERT_EQ(0, close(self->fd[0]));
	ASSERT_EQ(0, close(sock[0]));
	ASSERT_EQ(0, close(sock[1]));
	EXPECT_TRUE(own_arrives(self->fd[1], 900, true));
}

/* --- another life ---------------------------------------------------- */

static int own_unspec(int fd)
{
	struct sockaddr sa = { .sa_family = AF_UNSPEC };

	return connect(fd, &sa, sizeof(sa));
}

TEST_F(own, listener_disconnected_becomes_a_client)
{
	int listener = reg_listen(&self->conf);
	int fd[2] = { reg_listen(&self->conf), -1 };

	ASSERT_EQ(0, own_unspec(fd[0]));
	fd[1] = reg_join(&self->conf, listener, fd[0]);
	ASSERT_LE(0, fd[1]);
	EXPECT_EQ(0, reg_exchange_both(fd, REG_DATA));
}

TEST_F(own, client_becomes_a_listener_and_a_client_again)
{
	int listener = reg_listen(&self->conf), old = self->fd[0], fd[2];

	ASSERT_EQ(0, own_unspec(old));
	ASSERT_EQ(0, reg_bind(old, &self->conf, 0));
	ASSERT_EQ(0, listen(old, 8));
	fd[0] = reg_client(&self->conf);
	fd[1] = reg_join(&self->conf, old, fd[0]);
	ASSERT_EQ(0, reg_exchange_both(fd, REG_DATA));
	ASSERT_EQ(0, own_unspec(old));
	fd[0] = old;
	fd[1] = reg_join(&self->conf, listener, fd[0]);
	EXPECT_EQ(0, reg_exchange_both(fd, REG_DATA));
}

/* Receiving that was ended, data that was not fetched: all forgotten. */
TEST_F(own, disconnect_forgets_both_ends_of_both_directions)
{
	int listener = reg_listen(&self->conf), old = self->fd[0], fd[2];
	struct wsp_info info;
	__u32 len = 0;

	ASSERT_TRUE(own_ends(self->fd[1]));
	ASSERT_TRUE(reg_poll(old, POLLRDHUP, REG_SOON_MS) & POLLRDHUP);
	ASSERT_TRUE(own_ends(old));
	ASSERT_EQ(0, shutdown(old, SHUT_RD));
	ASSERT_EQ(0, own_unspec(old));
	ASSERT_EQ(0, reg_info(old, &info));
	EXPECT_EQ(0, info.flags);
	EXPECT_EQ(0, info.recv_len);
	EXPECT_EQ(0, info.send_len);
	EXPECT_EQ(ENOTCONN, reg_disc_recv(old, NULL, &len));
	EXPECT_EQ(ENOTCONN, reg_disc_send(old, NULL, 0));
	fd[0] = old;
	fd[1] = reg_join(&self->conf, listener, fd[0]);
	EXPECT_EQ(0, reg_exchange_both(fd, REG_DATA));
}

/* Each time another peer: with the module, without, signed off. */
TEST_F(own, many_lives)
{
	struct reg_conf plain = self->conf;
	int fd[2] = { self->fd[0], -1 }, listener[2], i;

	plain.attach = REG_NEITHER;
	listener[0] = reg_listen(&plain);
	listener[1] = reg_listen(&self->conf);
	for (i = 0; i < 30; i++) {
		int want = i % 3 ? REG_DATA : REG_FALLBACK;
		int spare;

		ASSERT_EQ(0, own_unspec(fd[0]));
		fd[1] = reg_join(&self->conf, listener[!!(i % 3)], fd[0]);
		ASSERT_LE(0, fd[1]);
		/* The exchange closes it. */
		spare = dup(fd[0]);
		ASSERT_EQ(0, reg_exchange_both(fd, want));
		fd[0] = spare;
	}
}

TEST_HARNESS_MAIN
