// SPDX-License-Identifier: GPL-2.0
/*
 * The disconnect control message: through sendmsg() and through IORING_OP_SENDMSG
 * it ends the send direction behind the payload, or nothing happens at all.
 */
#define _GNU_SOURCE
#include "kselftest_harness.h"
#include "uring_lib.h"

#include <sys/wait.h>

#define PAYLOAD		5000
/* More than any socket takes at once. */
#define HUGE		(16 << 20)

enum via { CALL, RING, SQPOLL };

FIXTURE(disc) {
	struct reg_conf conf;
	struct io_uring ring;
	struct uring_msg msg;
	unsigned char payload[PAYLOAD];
	int a;
	int b;
};

FIXTURE_VARIANT(disc) {
	enum reg_family family;
	enum via via;
};

FIXTURE_VARIANT_ADD(disc, v4_call) { REG_V4, CALL };
FIXTURE_VARIANT_ADD(disc, v6_call) { REG_V6, CALL };
FIXTURE_VARIANT_ADD(disc, v4_ring) { REG_V4, RING };
FIXTURE_VARIANT_ADD(disc, v6_ring) { REG_V6, RING };
FIXTURE_VARIANT_ADD(disc, v4_sqpoll) { REG_V4, SQPOLL };
FIXTURE_VARIANT_ADD(disc, v6_sqpoll) { REG_V6, SQPOLL };

FIXTURE_SETUP(disc)
{
	int fd[2];

	self->conf = (struct reg_conf) {
		.family = variant->family,
		.attach = REG_BOTH,
	};
	reg_fill(self->payload, PAYLOAD, ARM_SEED, 0);
	ASSERT_EQ(0, uring_open(&self->ring, variant->via == SQPOLL));
	ASSERT_EQ(0, reg_ns_lo());
	ASSERT_EQ(0, reg_pair(&self->conf, fd));
	self->a = fd[0];
	self->b = fd[1];
}

FIXTURE_TEARDOWN(disc)
{
	io_uring_queue_exit(&self->ring);
	reg_abort(self->a);
	reg_abort(self->b);
}

/* Bytes sent or a negative errno. */
static int disc_via(struct io_uring *ring, enum via via, int fd,
		    struct msghdr *hdr, int flags)
{
	ssize_t n;

	flags |= MSG_NOSIGNAL;
	if (via == CALL) {
		n = sendmsg(fd, hdr, flags);
		return n < 0 ? -errno : n;
	}
	io_uring_prep_sendmsg(io_uring_get_sqe(ring), fd, hdr, flags);
	if (uring_submit(ring))
		return URING_LOST;
	return uring_wait(ring, NULL);
}

#define disc_send(fd, len, flags)					\
	disc_via(&self->ring, variant->via, fd,				\
		 uring_msg(&self->msg, self->payload, len), flags)

/* Nothing was sent and nothing has ended: the connection is as good as new. */
static void disc_untouched(struct __test_metadata *_metadata, int a, int b)
{
	EXPECT_TRUE(arm_is_quiet(b));
	EXPECT_FALSE(reg_info_flags(a) & WSP_INFO_SEND_CLOSED);
}

static int disc_is_open(int a, int b)
{
	int fd[2] = { a, b };

	if (reg_send_all(fd[0], 100, ARM_SEED) ||
	    reg_disc_end(fd[0], ARM_OTHER, 9, REG_DATA) != 1)
		return -1;
	return arm_got(fd[1], 100, ARM_OTHER, 9);
}

/* --- accepted ----------------------------------------------------------- */

TEST_F(disc, alone)
{
	uring_ctl_disc(&self->msg.ctl, ARM_LEN);
	ASSERT_EQ(0, disc_send(self->a, 0, 0));
	EXPECT_TRUE(reg_info_flags(self->a) & WSP_INFO_SEND_CLOSED);
	EXPECT_EQ(0, arm_got_it(self->b));
}

TEST_F(disc, payload_then_data)
{
	uring_ctl_disc(&self->msg.ctl, ARM_LEN);
	ASSERT_EQ(PAYLOAD, disc_send(self->a, PAYLOAD, 0));
	EXPECT_TRUE(reg_info_flags(self->a) & WSP_INFO_SEND_CLOSED);
	EXPECT_EQ(0, arm_got(self->b, PAYLOAD, ARM_BYE, ARM_LEN));
}

TEST_F(disc, from_the_server)
{
	uring_ctl_disc(&self->msg.ctl, 1);
	ASSERT_EQ(1, disc_send(self->b, 1, 0));
	EXPECT_EQ(0, arm_got(self->a, 1, ARM_BYE, 1));
}

TEST_F(disc, empty)
{
	uring_ctl_disc(&self->msg.ctl, 0);
	ASSERT_EQ(PAYLOAD, disc_send(self->a, PAYLOAD, 0));
	EXPECT_TRUE(reg_info_flags(self->a) & WSP_INFO_SEND_CLOSED);
	EXPECT_EQ(0, arm_got(self->b, PAYLOAD, 0, 0));
}

TEST_F(disc, exactly_the_limit)
{
	uring_ctl_disc(&self->msg.ctl, WSP_DISC_DEFAULT_MAX);
	ASSERT_EQ(PAYLOAD, disc_send(self->a, PAYLOAD, MSG_MORE));
	EXPECT_EQ(0, arm_got(self->b, PAYLOAD, ARM_BYE, WSP_DISC_DEFAULT_MAX));
}

TEST_F(disc, behind_the_guard)
{
	uring_ctl_guard(&self->msg.ctl);
	uring_ctl_disc(&self->msg.ctl, ARM_LEN);
	ASSERT_EQ(PAYLOAD, disc_send(self->a, PAYLOAD, 0));
	EXPECT_EQ(0, arm_got(self->b, PAYLOAD, ARM_BYE, ARM_LEN));
}

TEST_F(disc, before_the_guard)
{
	uring_ctl_disc(&self->msg.ctl, ARM_LEN);
	uring_ctl_guard(&self->msg.ctl);
	ASSERT_EQ(0, disc_send(self->a, 0, 0));
	EXPECT_EQ(0, arm_got_it(self->b));
}

TEST_F(disc, the_guard_alone_ends_nothing)
{
	uring_ctl_guard(&self->msg.ctl);
	ASSERT_EQ(100, disc_send(self->a, 100, 0));
	EXPECT_FALSE(reg_info_flags(self->a) & WSP_INFO_SEND_CLOSED);
	ASSERT_EQ(1, reg_disc_end(self->a, ARM_OTHER, 9, REG_DATA));
	EXPECT_EQ(0, arm_got(self->b, 100, ARM_OTHER, 9));
}

TEST_F(disc, wins_over_what_is_armed)
{
	ASSERT_EQ(0, arm_with(self->a, ARM_OTHER, 9, 0));
	uring_ctl_disc(&self->msg.ctl, ARM_LEN);
	ASSERT_EQ(0, disc_send(self->a, 0, 0));
	EXPECT_EQ(0, arm_len(self->a));
	EXPECT_EQ(0, arm_got_it(self->b));
}

/* As WSP_DISC_SEND, it needs no room. */
TEST_F(disc, alone_behind_a_full_queue)
{
	ssize_t len = uring_fill(self->a);

	ASSERT_LT(0, len);
	uring_ctl_disc(&self->msg.ctl, ARM_LEN);
	ASSERT_EQ(0, disc_send(self->a, 0, 0));
	EXPECT_EQ(0, arm_got(self->b, len, ARM_BYE, ARM_LEN));
}

/* --- short counts ------------------------------------------------------- */

TEST_F(disc, a_full_nonblocking_socket_stays_open)
{
	ssize_t len = uring_fill(self->a);

	ASSERT_LT(0, len);
	uring_ctl_disc(&self->msg.ctl, ARM_LEN);
	EXPECT_EQ(-EAGAIN, disc_send(self->a, PAYLOAD, MSG_DONTWAIT));
	EXPECT_FALSE(reg_info_flags(self->a) & WSP_INFO_SEND_CLOSED);
	ASSERT_EQ(1, reg_disc_end(self->a, ARM_OTHER, 9, REG_DATA));
	EXPECT_EQ(0, arm_got(self->b, len, ARM_OTHER, 9));
}

/* Reads what there is, and compares; bytes, or -1. */
static ssize_t disc_take(int fd, size_t off)
{
	static unsigned char buf[1 << 16];
	size_t start = off;
	ssize_t n;

	while ((n = recv(fd, buf, sizeof(buf), MSG_DONTWAIT)) > 0) {
		if (!reg_is(buf, n, ARM_SEED, off))
			return -1;
		off += n;
	}
	return off - start;
}

/* For room, or for more to take, without which there may never be room. */
static int disc_wait(int to, int from)
{
	struct pollfd fds[] = {
		{ .fd = to, .events = POLLOUT },
		{ .fd = from, .events = POLLIN },
	};

	return poll(fds, 2, REG_SOON_MS);
}

TEST_F(disc, a_short_count_means_still_open)
{
	size_t sent = 0, seen = 0;
	unsigned char *buf = malloc(HUGE);
	int shorts = 0, n = 0;
	ssize_t got;

	ASSERT_NE(NULL, buf);
	reg_fill(buf, HUGE, ARM_SEED, 0);
	ASSERT_EQ(0, reg_nonblock(self->a, true));
	uring_ctl_disc(&self->msg.ctl, ARM_LEN);
	for (;;) {
		n = disc_via(&self->ring, variant->via, self->a,
			     uring_msg(&self->msg, buf + sent, HUGE - sent), 0);
		if (n > 0)
			sent += n;
		if (sent == HUGE)
			break;
		ASSERT_TRUE(n > 0 || n == -EAGAIN);
		shorts += n > 0;
		ASSERT_FALSE(reg_info_flags(self->a) & WSP_INFO_SEND_CLOSED);
		got = disc_take(self->b, seen);
		ASSERT_LE(0, got);
		seen += got;
		ASSERT_LT(0, disc_wait(self->a, self->b));
	}
	EXPECT_LT(0, shorts);
	EXPECT_TRUE(reg_info_flags(self->a) & WSP_INFO_SEND_CLOSED);
	EXPECT_EQ(HUGE - seen, reg_drain(self->b, ARM_SEED, seen));
	EXPECT_EQ(0, reg_disc_check(self->b, ARM_BYE, ARM_LEN, true));
	free(buf);
}

/* --- refused, with nothing sent ------------------------------------------ */

TEST_F(disc, too_long)
{
	static const int sizes[] = {
		WSP_DISC_DEFAULT_MAX + 1, WSP_DISC_MAX, WSP_DISC_MAX + 1, 16000,
	};
	unsigned int i;

	for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		memset(&self->msg.ctl, 0, sizeof(self->msg.ctl));
		uring_ctl_disc(&self->msg.ctl, sizes[i]);
		EXPECT_EQ(-EMSGSIZE, disc_send(self->a, 0, 0));
		EXPECT_EQ(-EMSGSIZE, disc_send(self->a, PAYLOAD, 0));
		disc_untouched(_metadata, self->a, self->b);
	}
	EXPECT_EQ(0, disc_is_open(self->a, self->b));
}

TEST_F(disc, repeated)
{
	uring_ctl_disc(&self->msg.ctl, 10);
	uring_ctl_disc(&self->msg.ctl, 10);
	EXPECT_EQ(-EINVAL, disc_send(self->a, 0, 0));
	EXPECT_EQ(-EINVAL, disc_send(self->a, PAYLOAD, 0));
	disc_untouched(_metadata, self->a, self->b);
	EXPECT_EQ(0, disc_is_open(self->a, self->b));
}

TEST_F(disc, repeated_empty)
{
	uring_ctl_disc(&self->msg.ctl, 0);
	uring_ctl_guard(&self->msg.ctl);
	uring_ctl_disc(&self->msg.ctl, 0);
	EXPECT_EQ(-EINVAL, disc_send(self->a, PAYLOAD, 0));
	disc_untouched(_metadata, self->a, self->b);
}

TEST_F(disc, of_an_unknown_type)
{
	static const int types[] = { 0, 2, -1, WSP_CMSG_DISC << 16 };
	unsigned int i;

	for (i = 0; i < sizeof(types) / sizeof(*types); i++) {
		memset(&self->msg.ctl, 0, sizeof(self->msg.ctl));
		uring_ctl_add(&self->msg.ctl, SOL_WSP, types[i], ARM_BYE, 10);
		EXPECT_EQ(-EINVAL, disc_send(self->a, PAYLOAD, 0));
	}
	disc_untouched(_metadata, self->a, self->b);
	EXPECT_EQ(0, disc_is_open(self->a, self->b));
}

TEST_F(disc, a_guard_with_data)
{
	uring_ctl_add(&self->msg.ctl, SOL_SOCKET, WSP_CMSG_GUARD, ARM_BYE, 1);
	EXPECT_EQ(-EINVAL, disc_send(self->a, PAYLOAD, 0));
	disc_untouched(_metadata, self->a, self->b);
}

TEST_F(disc, a_wrong_length)
{
	static const long lens[] = { 0, 1, sizeof(struct cmsghdr) - 1,
				     CMSG_LEN(10) + 16, 1L << 32, -1, -16 };
	struct cmsghdr *cmsg;
	unsigned int i, second;

	for (second = 0; second < 2; second++) {
		for (i = 0; i < sizeof(lens) / sizeof(*lens); i++) {
			memset(&self->msg.ctl, 0, sizeof(self->msg.ctl));
			if (second)
				uring_ctl_guard(&self->msg.ctl);
			cmsg = uring_ctl_disc(&self->msg.ctl, 10);
			cmsg->cmsg_len = lens[i];
			EXPECT_EQ(-EINVAL, disc_send(self->a, PAYLOAD, 0))
				TH_LOG("length %ld", lens[i]);
		}
	}
	disc_untouched(_metadata, self->a, self->b);
	EXPECT_EQ(0, disc_is_open(self->a, self->b));
}

TEST_F(disc, something_else_unknown_beside_it)
{
	uring_ctl_disc(&self->msg.ctl, 10);
	uring_ctl_add(&self->msg.ctl, SOL_SOCKET, 0x7777, 0, 0);
	EXPECT_EQ(-EINVAL, disc_send(self->a, PAYLOAD, 0));
	disc_untouched(_metadata, self->a, self->b);
	EXPECT_EQ(0, disc_is_open(self->a, self->b));
}

TEST_F(disc, urgent)
{
	uring_ctl_disc(&self->msg.ctl, 10);
	EXPECT_EQ(-EINVAL, disc_send(self->a, 1, MSG_OOB));
	disc_untouched(_metadata, self->a, self->b);
}

TEST_F(disc, bad_pointers)
{
	struct msghdr *hdr;

	uring_ctl_disc(&self->msg.ctl, 10);
	hdr = uring_msg(&self->msg, (void *)8, 100);
	EXPECT_EQ(-EFAULT, disc_via(&self->ring, variant->via, self->a, hdr, 0));
	hdr = uring_msg(&self->msg, self->payload, 100);
	hdr->msg_control = (void *)8;
	EXPECT_EQ(-EFAULT, disc_via(&self->ring, variant->via, self->a, hdr, 0));
	disc_untouched(_metadata, self->a, self->b);
	EXPECT_EQ(0, disc_is_open(self->a, self->b));
}

TEST_F(disc, more_than_control_messages_may_take)
{
	static char large[1 << 20];
	struct cmsghdr *cmsg = (struct cmsghdr *)large;
	struct msghdr *hdr = uring_msg(&self->msg, self->payload, 100);

	cmsg->cmsg_level = SOL_WSP;
	cmsg->cmsg_type = WSP_CMSG_DISC;
	cmsg->cmsg_len = sizeof(large);
	hdr->msg_control = large;
	hdr->msg_controllen = sizeof(large);
	EXPECT_EQ(-ENOBUFS, disc_via(&self->ring, variant->via, self->a, hdr, 0));
	disc_untouched(_metadata, self->a, self->b);
}

TEST_F(disc, after_the_end_it_is_ESHUTDOWN)
{
	uring_ctl_disc(&self->msg.ctl, 10);
	ASSERT_EQ(1, reg_disc_end(self->a, ARM_OTHER, 9, REG_DATA));
	EXPECT_EQ(-ESHUTDOWN, disc_send(self->a, 0, 0));
	EXPECT_EQ(-ESHUTDOWN, disc_send(self->a, PAYLOAD, 0));
	EXPECT_EQ(0, arm_got(self->b, 0, ARM_OTHER, 9));
}

TEST_F(disc, after_the_end_without_data_it_succeeds_again)
{
	uring_ctl_disc(&self->msg.ctl, 0);
	ASSERT_EQ(1, reg_disc_end(self->a, ARM_OTHER, 9, REG_DATA));
	EXPECT_EQ(0, disc_send(self->a, 0, 0));
	EXPECT_EQ(-EPIPE, disc_send(self->a, PAYLOAD, 0));
	EXPECT_EQ(0, arm_got(self->b, 0, ARM_OTHER, 9));
}

TEST_F(disc, unconnected_it_is_ENOTCONN)
{
	int fd = reg_client(&self->conf);

	ASSERT_LE(0, fd);
	uring_ctl_disc(&self->msg.ctl, 10);
	EXPECT_EQ(-ENOTCONN, disc_send(fd, 0, 0));
	EXPECT_EQ(-ENOTCONN, disc_send(fd, PAYLOAD, 0));
	close(fd);
}

TEST_F(disc, to_a_plain_peer_it_is_ENOPROTOOPT)
{
	int fd[2];

	self->conf.attach = REG_CLIENT;
	ASSERT_EQ(0, reg_pair(&self->conf, fd));
	uring_ctl_disc(&self->msg.ctl, 10);
	EXPECT_EQ(-ENOPROTOOPT, disc_send(fd[0], PAYLOAD, 0));
	disc_untouched(_metadata, fd[0], fd[1]);
	memset(&self->msg.ctl, 0, sizeof(self->msg.ctl));
	uring_ctl_disc(&self->msg.ctl, 0);
	EXPECT_EQ(PAYLOAD, disc_send(fd[0], PAYLOAD, 0));
	EXPECT_EQ(PAYLOAD, reg_drain(fd[1], ARM_SEED, 0));
	close(fd[0]);
	close(fd[1]);
}

/* --- a 32-bit caller ------------------------------------------------------ */

FIXTURE(disc32) {
	int a;
	int b;
};

FIXTURE_VARIANT(disc32) {
	enum reg_family family;
};

FIXTURE_VARIANT_ADD(disc32, v4) { REG_V4 };
FIXTURE_VARIANT_ADD(disc32, v6) { REG_V6 };

FIXTURE_SETUP(disc32)
{
	struct reg_conf conf = {
		.family = variant->family,
		.attach = REG_BOTH,
	};
	int fd[2];

	ASSERT_EQ(0, reg_ns_lo());
	ASSERT_EQ(0, reg_pair(&conf, fd));
	self->a = fd[0];
	self->b = fd[1];
}

FIXTURE_TEARDOWN(disc32)
{
	reg_abort(self->a);
	reg_abort(self->b);
}

TEST_F(disc32, refused_accepted_and_received)
{
	struct uring_msg msg;
	char path[4096], buf[8];
	int pid, status;
	ssize_t n;

	n = readlink("/proc/self/exe", path, sizeof(path) - 16);
	ASSERT_LT(0, n);
	path[n] = 0;
	memcpy(strrchr(path, '/') + 1, "cmsg32", 7);
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		dup2(self->a, 0);
		execl(path, path, NULL);
		_exit(127);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	/* The exit status is the number of the step that went wrong. */
	EXPECT_EQ(0, status) TH_LOG("step %d", WEXITSTATUS(status));
	EXPECT_TRUE(reg_info_flags(self->a) & WSP_INFO_SEND_CLOSED);
	n = recv(self->b, buf, sizeof(buf), MSG_WAITALL);
	ASSERT_EQ(3, n);
	EXPECT_EQ(0, memcmp(buf, "abc", 3));
	ASSERT_EQ(0, recvmsg(self->b, uring_room(&msg, buf, 1, CMSG_SPACE(9)), 0));
	ASSERT_NE(NULL, CMSG_FIRSTHDR(&msg.hdr));
	EXPECT_EQ(0, memcmp(CMSG_DATA(CMSG_FIRSTHDR(&msg.hdr)),
			    "farewell!", 9));
}

TEST_HARNESS_MAIN
