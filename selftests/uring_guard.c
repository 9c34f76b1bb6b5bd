// SPDX-License-Identifier: GPL-2.0
/*
 * The disconnect control message on sockets without the ULP: with the guard
 * beside it the whole call is refused; without, its bytes go nowhere.
 */
#define _GNU_SOURCE
#include "kselftest_harness.h"
#include "uring_lib.h"

#define PAYLOAD		100

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP	262
#endif

enum kind { TCP, UDP, UNIX_STREAM, UNIX_DGRAM };

FIXTURE(guard) {
	struct io_uring ring;
	struct uring_msg msg;
	unsigned char payload[PAYLOAD];
	int a;
	int b;
};

FIXTURE_VARIANT(guard) {
	enum kind kind;
	enum reg_family family;
	bool ring;
};

FIXTURE_VARIANT_ADD(guard, tcp_v4_call) { TCP, REG_V4, false };
FIXTURE_VARIANT_ADD(guard, tcp_v6_call) { TCP, REG_V6, false };
FIXTURE_VARIANT_ADD(guard, tcp_v4_ring) { TCP, REG_V4, true };
FIXTURE_VARIANT_ADD(guard, tcp_v6_ring) { TCP, REG_V6, true };
FIXTURE_VARIANT_ADD(guard, udp_v4_call) { UDP, REG_V4, false };
FIXTURE_VARIANT_ADD(guard, udp_v6_call) { UDP, REG_V6, false };
FIXTURE_VARIANT_ADD(guard, udp_v4_ring) { UDP, REG_V4, true };
FIXTURE_VARIANT_ADD(guard, udp_v6_ring) { UDP, REG_V6, true };
FIXTURE_VARIANT_ADD(guard, unix_stream_call) { UNIX_STREAM, REG_V4, false };
FIXTURE_VARIANT_ADD(guard, unix_stream_ring) { UNIX_STREAM, REG_V4, true };
FIXTURE_VARIANT_ADD(guard, unix_dgram_call) { UNIX_DGRAM, REG_V4, false };
FIXTURE_VARIANT_ADD(guard, unix_dgram_ring) { UNIX_DGRAM, REG_V4, true };

static int guard_udp(enum reg_family family, int fd[2])
{
	struct reg_conf conf = { .family = family };
	int domain = family == REG_V4 ? AF_INET : AF_INET6;
	int i;

	for (i = 0; i < 2; i++) {
		fd[i] = socket(domain, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		if (fd[i] < 0 || reg_bind(fd[i], &conf, 0))
			return reg_fail("udp");
	}
	for (i = 0; i < 2; i++)
		if (reg_connect(fd[i], &conf, reg_port(fd[!i])))
			return reg_fail("udp connect");
	return 0;
}

static int guard_pair(enum kind kind, enum reg_family family, int fd[2])
{
	struct reg_conf conf = { .family = family };

	switch (kind) {
	case TCP:
		return reg_pair(&conf, fd);
	case UDP:
		return guard_udp(family, fd);
	case UNIX_STREAM:
		return socketpair(AF_UNIX, SOCK_STREAM, 0, fd);
	case UNIX_DGRAM:
		return socketpair(AF_UNIX, SOCK_DGRAM, 0, fd);
	}
	return -1;
}

FIXTURE_SETUP(guard)
{
	int fd[2];

	reg_fill(self->payload, PAYLOAD, ARM_SEED, 0);
	ASSERT_EQ(0, uring_open(&self->ring, false));
	ASSERT_EQ(0, reg_ns_lo());
	ASSERT_EQ(0, guard_pair(variant->kind, variant->family, fd));
	self->a = fd[0];
	self->b = fd[1];
}

FIXTURE_TEARDOWN(guard)
{
	io_uring_queue_exit(&self->ring);
	close(self->a);
	close(self->b);
}

static int guard_send(struct io_uring *ring, bool use, int fd,
		      struct msghdr *hdr)
{
	ssize_t n;

	if (use) {
		io_uring_prep_sendmsg(io_uring_get_sqe(ring), fd, hdr,
				      MSG_NOSIGNAL);
		return uring_submit(ring) ? URING_LOST :
					    uring_wait(ring, NULL);
	}
	n = sendmsg(fd, hdr, MSG_NOSIGNAL);
	return n < 0 ? -errno : n;
}

/* Exactly the payload comes out, and then whatever is sent next. */
static void guard_only_payload(struct __test_metadata *_metadata, int a, int b)
{
	unsigned char buf[PAYLOAD + 500];

	EXPECT_EQ(PAYLOAD, recv(b, buf, sizeof(buf), 0));
	EXPECT_TRUE(reg_is(buf, PAYLOAD, ARM_SEED, 0));
	EXPECT_EQ(-1, recv(b, buf, sizeof(buf), MSG_DONTWAIT));
	EXPECT_EQ(EAGAIN, errno);
	ASSERT_EQ(3, send(a, "end", 3, 0));
	EXPECT_EQ(3, recv(b, buf, sizeof(buf), 0));
}

TEST_F(guard, with_it_nothing_is_sent)
{
	int first;

	for (first = 0; first < 2; first++) {
		memset(&self->msg.ctl, 0, sizeof(self->msg.ctl));
		if (first)
			uring_ctl_guard(&self->msg.ctl);
		uring_ctl_disc(&self->msg.ctl, ARM_LEN);
		if (!first)
			uring_ctl_guard(&self->msg.ctl);
		EXPECT_EQ(-EINVAL, guard_send(&self->ring, variant->ring,
					      self->a,
					      uring_msg(&self->msg,
							self->payload,
							PAYLOAD)));
		EXPECT_EQ(-EINVAL, guard_send(&self->ring, variant->ring,
					      self->a,
					      uring_msg(&self->msg, NULL, 0)));
		EXPECT_EQ(0, reg_poll(self->b, POLLIN | POLLRDHUP, 0));
	}
	ASSERT_EQ(PAYLOAD, send(self->a, self->payload, PAYLOAD, 0));
	guard_only_payload(_metadata, self->a, self->b);
}

TEST_F(guard, without_it_the_bytes_go_nowhere)
{
	uring_ctl_disc(&self->msg.ctl, ARM_LEN);
	EXPECT_EQ(PAYLOAD, guard_send(&self->ring, variant->ring, self->a,
				      uring_msg(&self->msg, self->payload,
						PAYLOAD)));
	guard_only_payload(_metadata, self->a, self->b);
}

/* Where there is a ULP, as a comparison. */
TEST_F(guard, the_same_call_on_an_attached_socket)
{
	struct reg_conf conf = {
		.family = variant->family,
		.attach = REG_BOTH,
	};
	int fd[2];

	ASSERT_EQ(0, reg_pair(&conf, fd));
	uring_ctl_guard(&self->msg.ctl);
	uring_ctl_disc(&self->msg.ctl, ARM_LEN);
	EXPECT_EQ(PAYLOAD, guard_send(&self->ring, variant->ring, fd[0],
				      uring_msg(&self->msg, self->payload,
						PAYLOAD)));
	EXPECT_EQ(0, arm_got(fd[1], PAYLOAD, ARM_BYE, ARM_LEN));
	close(fd[0]);
	close(fd[1]);
}

/*
 * Multipath TCP looks at no control message: the guard does not stop it, but
 * nothing leaks either.
 */
FIXTURE(mptcp) {
	struct uring_msg msg;
	unsigned char payload[PAYLOAD];
	int listener;
	int a;
	int b;
};

FIXTURE_VARIANT(mptcp) {
	enum reg_family family;
};

FIXTURE_VARIANT_ADD(mptcp, v4) { REG_V4 };
FIXTURE_VARIANT_ADD(mptcp, v6) { REG_V6 };

FIXTURE_SETUP(mptcp)
{
	struct reg_conf conf = { .family = variant->family };
	int domain = variant->family == REG_V4 ? AF_INET : AF_INET6;

	reg_fill(self->payload, PAYLOAD, ARM_SEED, 0);
	ASSERT_EQ(0, reg_ns_lo());
	self->listener = socket(domain, SOCK_STREAM | SOCK_CLOEXEC,
				IPPROTO_MPTCP);
	self->a = socket(domain, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_MPTCP);
	ASSERT_LE(0, self->listener);
	ASSERT_LE(0, self->a);
	ASSERT_EQ(0, reg_bind(self->listener, &conf, 0));
	ASSERT_EQ(0, listen(self->listener, 1));
	self->b = reg_join(&conf, self->listener, self->a);
	ASSERT_LE(0, self->b);
}

FIXTURE_TEARDOWN(mptcp)
{
	close(self->listener);
	close(self->a);
	close(self->b);
}

TEST_F(mptcp, the_bytes_go_nowhere_with_or_without_it)
{
	int guarded;

	for (guarded = 0; guarded < 2; guarded++) {
		memset(&self->msg.ctl, 0, sizeof(self->msg.ctl));
		if (guarded)
			uring_ctl_guard(&self->msg.ctl);
		uring_ctl_disc(&self->msg.ctl, ARM_LEN);
		EXPECT_EQ(PAYLOAD, guard_send(NULL, false, self->a,
					      uring_msg(&self->msg,
							self->payload,
							PAYLOAD)));
		guard_only_payload(_metadata, self->a, self->b);
	}
}

TEST_HARNESS_MAIN
