// SPDX-License-Identifier: GPL-2.0
/*
 * TCP_REPAIR on an attached socket: its queues and numbers can be read, it
 * goes on afterwards, and what is restored from them is plain TCP.
 */
#define _GNU_SOURCE
#include "kselftest_harness.h"
#include "reg_io.h"

#ifndef TCP_REPAIR_ON
#define TCP_REPAIR_ON	1
#define TCP_REPAIR_OFF	0
#endif
#ifndef TCP_REPAIR_OFF_NO_WP
#define TCP_REPAIR_OFF_NO_WP	-1
#endif

#define SEED	6
#define BYE	20

FIXTURE(repair) {
	struct reg_conf conf;
	int fd[2];
};

FIXTURE_VARIANT(repair) {
	enum reg_family family;
};

FIXTURE_VARIANT_ADD(repair, v4) {
	.family = REG_V4,
};

FIXTURE_VARIANT_ADD(repair, v6) {
	.family = REG_V6,
};

FIXTURE_SETUP(repair)
{
	self->conf = (struct reg_conf) {
		.family = variant->family,
		.attach = REG_BOTH,
	};
	ASSERT_EQ(0, reg_ns_lo());
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
}

FIXTURE_TEARDOWN(repair)
{
}

static int repair_set(int fd, int on)
{
	return reg_setint(fd, IPPROTO_TCP, TCP_REPAIR, on);
}

/* Chooses a queue and tells the sequence number it stands at. */
static int repair_queue(int fd, int queue, unsigned int *seq)
{
	socklen_t len = sizeof(*seq);

	if (reg_setint(fd, IPPROTO_TCP, TCP_REPAIR_QUEUE, queue))
		return reg_fail("TCP_REPAIR_QUEUE");
	return getsockopt(fd, IPPROTO_TCP, TCP_QUEUE_SEQ, seq, &len);
}

/* Bytes in the chosen queue, compared with the end of @len bytes of stream. */
static ssize_t repair_peek(int fd, size_t len)
{
	static unsigned char buf[16 << 20];
	ssize_t n = recv(fd, buf, sizeof(buf), MSG_PEEK | MSG_DONTWAIT);

	if (n > 0 && ((size_t)n > len || !reg_is(buf, n, SEED, len - n))) {
		errno = EBADMSG;
		return reg_fail("queue");
	}
	return n;
}

static bool repair_acked(int fd)
{
	long end = reg_ms() + REG_SOON_MS;
	int n = -1;

	while (!ioctl(fd, TIOCOUTQ, &n) && n && reg_ms() < end)
		reg_tick();
	return !n;
}

static bool repair_arrives(int fd, ssize_t len, bool data)
{
	return reg_drain(fd, SEED, 0) == len &&
	       !reg_disc_check(fd, BYE, REG_DISC_LEN, data);
}

TEST_F(repair, receive_queue_is_dumped)
{
	unsigned int seq;

	ASSERT_EQ(0, reg_send_all(self->fd[0], 3000, SEED));
	ASSERT_TRUE(reg_poll(self->fd[1], POLLIN, REG_SOON_MS) & POLLIN);
	ASSERT_EQ(0, repair_set(self->fd[1], TCP_REPAIR_ON));
	ASSERT_EQ(0, repair_queue(self->fd[1], TCP_RECV_QUEUE, &seq));
	EXPECT_EQ(3000, repair_peek(self->fd[1], 3000));
	/* Without the peek it is forbidden, as on any socket. */
	EXPECT_EQ(-1, recv(self->fd[1], &seq, 1, MSG_DONTWAIT));
	EXPECT_EQ(EPERM, errno);
	ASSERT_EQ(0, repair_set(self->fd[1], TCP_REPAIR_OFF));
	EXPECT_EQ(1, reg_disc_end(self->fd[0], BYE, REG_DISC_LEN, REG_DATA));
	EXPECT_TRUE(repair_arrives(self->fd[1], 3000, true));
}

TEST_F(repair, send_queue_is_dumped)
{
	unsigned int seq, sent;
	ssize_t len;
	int n = 0;

	len = reg_stuff(self->fd[0], SEED);
	ASSERT_LT(0, len);
	ASSERT_EQ(0, repair_set(self->fd[0], TCP_REPAIR_ON));
	ASSERT_EQ(0, repair_queue(self->fd[0], TCP_SEND_QUEUE, &seq));
	ASSERT_EQ(0, ioctl(self->fd[0], TIOCOUTQ, &n));
	ASSERT_LT(0, n);
	/* More where its first buffer is acknowledged in part. */
	EXPECT_LE(n, repair_peek(self->fd[0], len));
	ASSERT_EQ(0, repair_queue(self->fd[0], TCP_SEND_QUEUE, &sent));
	EXPECT_EQ(seq, sent);
	ASSERT_EQ(0, repair_set(self->fd[0], TCP_REPAIR_OFF));
	EXPECT_EQ(1, reg_disc_end(self->fd[0], BYE, REG_DISC_LEN, REG_DATA));
	EXPECT_TRUE(repair_arrives(self->fd[1], len, true));
}

TEST_F(repair, nothing_in_either_queue)
{
	unsigned int seq;

	ASSERT_EQ(0, repair_set(self->fd[0], TCP_REPAIR_ON));
	/* No queue chosen: TCP's own answer. */
	EXPECT_EQ(-1, repair_peek(self->fd[0], 0));
	EXPECT_EQ(EINVAL, errno);
	ASSERT_EQ(0, repair_queue(self->fd[0], TCP_SEND_QUEUE, &seq));
	EXPECT_EQ(0, repair_peek(self->fd[0], 0));
	ASSERT_EQ(0, repair_set(self->fd[0], TCP_REPAIR_OFF));
	EXPECT_EQ(0, reg_exchange_both(self->fd, REG_DATA));
}

/* Disconnect data would become part of a queue: refused, nothing changed. */
TEST_F(repair, disconnect_data_is_refused_meanwhile)
{
	static const int queue[] = {
		TCP_NO_QUEUE, TCP_RECV_QUEUE, TCP_SEND_QUEUE
	};
	unsigned int seq;
	int i;

	ASSERT_EQ(0, repair_set(self->fd[0], TCP_REPAIR_ON));
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, reg_setint(self->fd[0], IPPROTO_TCP,
					TCP_REPAIR_QUEUE, queue[i]));
		EXPECT_EQ(EPERM, reg_disc_send(self->fd[0], "x", 1));
	}
	ASSERT_EQ(0, repair_queue(self->fd[0], TCP_RECV_QUEUE, &seq));
	EXPECT_GE(0, repair_peek(self->fd[0], 0));
	ASSERT_EQ(0, repair_set(self->fd[0], TCP_REPAIR_OFF));
	EXPECT_EQ(0, reg_exchange_both(self->fd, REG_DATA));
}

/* A record in the receive queue while somebody looks at it. */
TEST_F(repair, record_received_before)
{
	unsigned char buf[8192];
	unsigned int seq;

	ASSERT_EQ(0, reg_send_all(self->fd[0], 3000, SEED));
	ASSERT_EQ(1, reg_disc_end(self->fd[0], BYE, REG_DISC_LEN, REG_DATA));
	ASSERT_TRUE(reg_poll(self->fd[1], POLLRDHUP, REG_SOON_MS) & POLLRDHUP);
	ASSERT_EQ(0, repair_set(self->fd[1], TCP_REPAIR_ON));
	ASSERT_EQ(0, repair_queue(self->fd[1], TCP_RECV_QUEUE, &seq));
	/* The queue as it is: the record stands behind the stream. */
	EXPECT_EQ(3000 + 20 + REG_DISC_LEN,
		  recv(self->fd[1], buf, sizeof(buf), MSG_PEEK));
	EXPECT_TRUE(reg_is(buf, 3000, SEED, 0));
	ASSERT_EQ(0, repair_set(self->fd[1], TCP_REPAIR_OFF));
	EXPECT_TRUE(repair_arrives(self->fd[1], 3000, true));
}

/* Neither FIN nor reset: the peer does not notice. */
TEST_F(repair, close_is_silent)
{
	ASSERT_EQ(0, repair_set(self->fd[0], TCP_REPAIR_ON));
	ASSERT_EQ(0, close(self->fd[0]));
	EXPECT_EQ(0, reg_poll(self->fd[1], POLLIN | POLLRDHUP, 200));
	EXPECT_EQ(TCP_ESTABLISHED, reg_tcp_state(self->fd[1]));
	/* Nobody is there any more. */
	ASSERT_EQ(1, reg_disc_end(self->fd[1], BYE, REG_DISC_LEN, REG_DATA));
	ASSERT_TRUE(reg_poll(self->fd[1], POLLIN, REG_SOON_MS) & POLLERR);
}

TEST_F(repair, close_with_linger_and_data_is_silent)
{
	struct linger linger = { .l_onoff = 1, .l_linger = 60 };
	long start = reg_ms();

	ASSERT_EQ(0, setsockopt(self->fd[0], SOL_SOCKET, SO_LINGER, &linger,
				sizeof(linger)));
	ASSERT_LT(0, reg_stuff(self->fd[0], SEED));
	ASSERT_EQ(0, repair_set(self->fd[0], TCP_REPAIR_ON));
	ASSERT_EQ(0, close(self->fd[0]));
	EXPECT_GT(20000, reg_ms() - start);
	EXPECT_EQ(TCP_ESTABLISHED, reg_tcp_state(self->fd[1]));
}

/*
 * An attached socket made up from the numbers of another, which is closed
 * silently.  @off ends the repair, with a probe to the peer or without.
 */
static int repair_move(const struct reg_conf *conf, int from, int off)
{
	struct sockaddr_storage self, peer;
	socklen_t slen = sizeof(self), plen = sizeof(peer);
	unsigned int out, in;
	int fd = reg_socket(conf->family, 0);

	if (getsockname(from, (struct sockaddr *)&self, &slen) ||
	    getpeername(from, (struct sockaddr *)&peer, &plen) ||
	    repair_set(from, TCP_REPAIR_ON) ||
	    repair_queue(from, TCP_SEND_QUEUE, &out) ||
	    repair_queue(from, TCP_RECV_QUEUE, &in) || close(from))
		return reg_fail("dump");
	if (reg_attach(fd) || repair_set(fd, TCP_REPAIR_ON) ||
	    reg_setint(fd, SOL_SOCKET, SO_REUSEADDR, 1) ||
	    bind(fd, (struct sockaddr *)&self, slen) ||
	    reg_setint(fd, IPPROTO_TCP, TCP_REPAIR_QUEUE, TCP_SEND_QUEUE) ||
	    reg_setint(fd, IPPROTO_TCP, TCP_QUEUE_SEQ, out) ||
	    reg_setint(fd, IPPROTO_TCP, TCP_REPAIR_QUEUE, TCP_RECV_QUEUE) ||
	    reg_setint(fd, IPPROTO_TCP, TCP_QUEUE_SEQ, in) ||
	    connect(fd, (struct sockaddr *)&peer, plen) ||
	    repair_set(fd, off))
		return reg_fail("restore");
	return fd;
}

TEST_F(repair, restored_as_an_attached_socket_it_is_plain)
{
	struct wsp_info info;

	/* The old one had no peer with the module, so none is missed. */
	close(self->fd[0]);
	close(self->fd[1]);
	ASSERT_EQ(0, reg_sysctl("net/ipv4/tcp_timestamps", "0"));
	ASSERT_EQ(0, reg_sysctl("net/ipv4/tcp_window_scaling", "0"));
	self->conf.attach = REG_CLIENT;
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	self->fd[0] = repair_move(&self->conf, self->fd[0],
				  TCP_REPAIR_OFF);
	ASSERT_LE(0, self->fd[0]);
	ASSERT_EQ(0, reg_info(self->fd[0], &info));
	EXPECT_EQ(WSP_INFO_CONNECTED, info.flags);
	EXPECT_EQ(WSP_FALLBACK_NO_OPTION, info.fallback);
	EXPECT_EQ(0, reg_exchange_both(self->fd, REG_FALLBACK));
}

/* Receiving ended before the first segment stays ended after it. */
TEST_F(repair, restored_and_receiving_ended)
{
	char c;

	ASSERT_EQ(0, reg_sysctl("net/ipv4/tcp_timestamps", "0"));
	ASSERT_EQ(0, reg_sysctl("net/ipv4/tcp_window_scaling", "0"));
	close(self->fd[0]);
	close(self->fd[1]);
	self->conf.attach = REG_CLIENT;
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	self->fd[0] = repair_move(&self->conf, self->fd[0],
				  TCP_REPAIR_OFF_NO_WP);
	ASSERT_LE(0, self->fd[0]);
	ASSERT_EQ(0, shutdown(self->fd[0], SHUT_RD));
	ASSERT_EQ(0, reg_send_all(self->fd[1], 100, SEED));
	ASSERT_EQ(-1, recv(self->fd[0], &c, 1, MSG_DONTWAIT));
	EXPECT_EQ(ESHUTDOWN, errno);
	/* Acknowledged, it has been dealt with. */
	ASSERT_TRUE(repair_acked(self->fd[1]));
	EXPECT_EQ(-1, recv(self->fd[0], &c, 1, MSG_DONTWAIT));
	EXPECT_EQ(ESHUTDOWN, errno);
}

TEST_HARNESS_MAIN
