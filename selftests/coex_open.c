// SPDX-License-Identifier: GPL-2.0
/*
 * TCP_FASTOPEN in every form: whichever way the first bytes travel, the
 * options still meet and disconnect data goes both ways.
 */
#define _GNU_SOURCE
#include "kselftest_harness.h"
#include "reg_io.h"

#define SEED		3
/* Client and server, with cookies; and with none asked for or sent. */
#define OPEN_COOKIES	"3"
#define OPEN_BARE	"519"

FIXTURE(open) {
	struct reg_conf conf;
	int listener;
	int fd[2];
};

FIXTURE_VARIANT(open) {
	enum reg_family family;
	const char *mode;
};

FIXTURE_VARIANT_ADD(open, v4_cookie) {
	.family = REG_V4,
	.mode = OPEN_COOKIES,
};

FIXTURE_VARIANT_ADD(open, v4_bare) {
	.family = REG_V4,
	.mode = OPEN_BARE,
};

FIXTURE_VARIANT_ADD(open, v6_cookie) {
	.family = REG_V6,
	.mode = OPEN_COOKIES,
};

FIXTURE_VARIANT_ADD(open, v6_bare) {
	.family = REG_V6,
	.mode = OPEN_BARE,
};

FIXTURE_VARIANT_ADD(open, mapped_bare) {
	.family = REG_MAPPED,
	.mode = OPEN_BARE,
};

static bool open_used(int fd)
{
	struct tcp_info ti = { 0 };
	socklen_t len = sizeof(ti);

	getsockopt(fd, IPPROTO_TCP, TCP_INFO, &ti, &len);
	return ti.tcpi_options & TCPI_OPT_SYN_DATA;
}

/* Sends @len bytes as the first thing; the number that was taken, or -1. */
static ssize_t open_send(const struct reg_conf *conf, int listener, int fd,
			 size_t len)
{
	struct sockaddr_storage ss;
	socklen_t slen = reg_addr(conf, reg_port(listener), &ss);
	unsigned char buf[32768];

	reg_fill(buf, len, SEED, 0);
	return sendto(fd, buf, len, MSG_FASTOPEN, (struct sockaddr *)&ss, slen);
}

/* A connection whose client sent @len bytes with MSG_FASTOPEN. */
static int open_join(const struct reg_conf *conf, int listener, size_t len,
		     int fd[2])
{
	fd[0] = reg_client(conf);
	if (open_send(conf, listener, fd[0], len) != (ssize_t)len)
		return reg_fail("MSG_FASTOPEN");
	fd[1] = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	if (fd[1] < 0)
		return reg_fail("accept");
	if (!reg_wait_state(fd[0], TCP_ESTABLISHED) ||
	    !reg_wait_state(fd[1], TCP_ESTABLISHED))
		return reg_fail("established");
	return 0;
}

/* Ends the directions as @want says; the client had sent @len bytes. */
static int open_end(int fd[2], size_t len, const enum reg_want want[2])
{
	int sent[2], i;

	if (reg_send_all(fd[1], 1500, SEED))
		return -1;
	for (i = 0; i < 2; i++) {
		sent[i] = reg_disc_end(fd[i], i + 20, REG_DISC_LEN, want[i]);
		if (sent[i] < 0)
			return -1;
	}
	if (reg_drain(fd[1], SEED, 0) != (ssize_t)len ||
	    reg_drain(fd[0], SEED, 0) != 1500)
		return reg_fail("stream length");
	for (i = 0; i < 2; i++)
		if (reg_disc_check(fd[!i], i + 20, REG_DISC_LEN, sent[i]))
			return -1;
	close(fd[0]);
	close(fd[1]);
	return 0;
}

static int open_finish(int fd[2], size_t len, enum reg_want want)
{
	const enum reg_want both[2] = { want, want };

	return open_end(fd, len, both);
}

static int open_listen(const struct reg_conf *conf)
{
	int fd = reg_listen(conf);

	if (reg_setint(fd, IPPROTO_TCP, TCP_FASTOPEN, 16))
		return reg_fail("TCP_FASTOPEN");
	return fd;
}

FIXTURE_SETUP(open)
{
	struct reg_conf plain = { .family = variant->family };
	int listener, fd[2];

	self->conf = (struct reg_conf) {
		.family = variant->family,
		.attach = REG_BOTH,
	};
	ASSERT_EQ(0, reg_ns_lo());
	ASSERT_EQ(0, reg_sysctl("net/ipv4/tcp_fastopen", variant->mode));
	/* Fetches the cookie, so that tests find one. */
	listener = open_listen(&plain);
	ASSERT_EQ(0, open_join(&plain, listener, 100, fd));
	ASSERT_EQ(0, open_finish(fd, 100, REG_FALLBACK));
	close(listener);
	self->listener = open_listen(&self->conf);
	ASSERT_LE(0, self->listener);
}

FIXTURE_TEARDOWN(open)
{
}

TEST_F(open, data_in_the_syn)
{
	ASSERT_EQ(0, open_join(&self->conf, self->listener, 300, self->fd));
	EXPECT_TRUE(open_used(self->fd[0]));
	EXPECT_EQ(0, open_finish(self->fd, 300, REG_DATA));
}

TEST_F(open, more_data_than_a_syn_takes)
{
	ASSERT_EQ(0, reg_setint(self->listener, SOL_SOCKET, SO_RCVBUF, 65536));
	ASSERT_EQ(0, open_join(&self->conf, self->listener, 32768, self->fd));
	EXPECT_TRUE(open_used(self->fd[0]));
	EXPECT_EQ(0, open_finish(self->fd, 32768, REG_DATA));
}

TEST_F(open, no_data_in_the_syn)
{
	ASSERT_EQ(0, open_join(&self->conf, self->listener, 0, self->fd));
	EXPECT_EQ(0, open_finish(self->fd, 0, REG_DATA));
}

/* The attached client's own first SYN asks for the cookie. */
TEST_F(open, cookie_asked_for_by_an_attached_client)
{
	int i;

	ASSERT_EQ(0, reg_sysctl("net/ipv4/tcp_fastopen", "3"));
	ASSERT_EQ(0, reg_sysctl("net/ipv4/tcp_fastopen_key",
				"00010203-04050607-08090a0b-0c0d0e0f"));
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, open_join(&self->conf, self->listener, 300,
				       self->fd));
		/* The cookie of the old key, if any, is no good. */
		if (i)
			EXPECT_TRUE(open_used(self->fd[0]));
		EXPECT_EQ(0, open_finish(self->fd, 300, REG_DATA));
	}
}

TEST_F(open, deferred_connect_with_data)
{
	self->fd[0] = reg_client(&self->conf);
	ASSERT_EQ(0, reg_setint(self->fd[0], IPPROTO_TCP,
				TCP_FASTOPEN_CONNECT, 1));
	ASSERT_EQ(0, reg_connect(self->fd[0], &self->conf,
				 reg_port(self->listener)));
	ASSERT_EQ(0, reg_send_all(self->fd[0], 300, SEED));
	self->fd[1] = accept(self->listener, NULL, NULL);
	ASSERT_LE(0, self->fd[1]);
	ASSERT_TRUE(reg_wait_state(self->fd[0], TCP_ESTABLISHED));
	ASSERT_TRUE(reg_wait_state(self->fd[1], TCP_ESTABLISHED));
	EXPECT_TRUE(open_used(self->fd[0]));
	EXPECT_EQ(0, open_finish(self->fd, 300, REG_DATA));
}

/* No SYN has gone out yet: not connected is the answer, and no harm done. */
TEST_F(open, deferred_connect_without_data)
{
	struct wsp_info info;
	char c = 0;

	self->fd[0] = reg_client(&self->conf);
	ASSERT_EQ(0, reg_setint(self->fd[0], IPPROTO_TCP,
				TCP_FASTOPEN_CONNECT, 1));
	ASSERT_EQ(0, reg_connect(self->fd[0], &self->conf,
				 reg_port(self->listener)));
	if (reg_tcp_state(self->fd[0]) == TCP_SYN_SENT) {
		EXPECT_EQ(ENOTCONN, reg_disc_send(self->fd[0], &c, 1));
		EXPECT_EQ(ENOTCONN, reg_disc_send(self->fd[0], NULL, 0));
		ASSERT_EQ(0, reg_info(self->fd[0], &info));
		EXPECT_EQ(0, info.flags);
	}
	ASSERT_EQ(0, send(self->fd[0], &c, 0, 0));
	self->fd[1] = accept(self->listener, NULL, NULL);
	ASSERT_LE(0, self->fd[1]);
	ASSERT_TRUE(reg_wait_state(self->fd[0], TCP_ESTABLISHED));
	EXPECT_EQ(0, open_finish(self->fd, 0, REG_DATA));
}

TEST_F(open, server_without_fast_open)
{
	int listener = reg_listen(&self->conf);

	ASSERT_EQ(0, open_join(&self->conf, listener, 300, self->fd));
	EXPECT_FALSE(open_used(self->fd[0]));
	EXPECT_EQ(0, open_finish(self->fd, 300, REG_DATA));
}

TEST_F(open, plain_server)
{
	int listener;

	self->conf.attach = REG_CLIENT;
	listener = open_listen(&self->conf);
	ASSERT_EQ(0, open_join(&self->conf, listener, 300, self->fd));
	EXPECT_TRUE(open_used(self->fd[0]));
	EXPECT_EQ(WSP_FALLBACK_NO_OPTION, reg_info_fallback(self->fd[0]));
	EXPECT_EQ(0, open_finish(self->fd, 300, REG_FALLBACK));
}

TEST_F(open, plain_client)
{
	struct reg_conf plain = self->conf;

	plain.attach = REG_NEITHER;
	ASSERT_EQ(0, open_join(&plain, self->listener, 300, self->fd));
	EXPECT_TRUE(open_used(self->fd[0]));
	EXPECT_EQ(WSP_FALLBACK_NO_OPTION, reg_info_fallback(self->fd[1]));
	EXPECT_EQ(0, open_finish(self->fd, 300, REG_FALLBACK));
}

TEST_F(open, disabled)
{
	ASSERT_EQ(0, reg_sysctl("net/wsp/enable", "0"));
	ASSERT_EQ(0, open_join(&self->conf, self->listener, 300, self->fd));
	EXPECT_EQ(WSP_FALLBACK_DISABLED, reg_info_fallback(self->fd[0]));
	EXPECT_EQ(WSP_FALLBACK_DISABLED, reg_info_fallback(self->fd[1]));
	EXPECT_EQ(0, open_finish(self->fd, 300, REG_FALLBACK));
}

/* --- while the handshake is not over --------------------------------- */

/* Segments to @port, or from it, do not arrive, but for the client's SYN. */
static int open_block(const char *dir, int port, const char *what)
{
	return reg_sh("nft -f - <<-EOF\n"
		      "table inet t { chain c { "
		      "type filter hook input priority 0; "
		      "tcp %s %d tcp flags & (syn|ack) == %s counter drop; }; }\n"
		      "EOF", dir, port, what);
}

static int open_unblock(void)
{
	return reg_sh("nft flush ruleset");
}

static int open_start(const struct reg_conf *conf, int listener, int fd[2])
{
	fd[0] = reg_client(conf);
	if (reg_nonblock(fd[0], true))
		return -1;
	if (open_send(conf, listener, fd[0], 300) != 300 &&
	    errno != EINPROGRESS)
		return reg_fail("MSG_FASTOPEN");
	if (reg_nonblock(fd[0], false))
		return -1;
	fd[1] = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	return fd[1] < 0 ? reg_fail("accept") : 0;
}

/* The server has the request before the client's ACK, and answers it. */
TEST_F_TIMEOUT(open, server_ends_before_the_handshake_does, 60)
{
	ASSERT_EQ(0, open_block("dport", reg_port(self->listener), "ack"));
	ASSERT_EQ(0, open_start(&self->conf, self->listener, self->fd));
	ASSERT_EQ(TCP_SYN_RECV, reg_tcp_state(self->fd[1]));
	ASSERT_EQ(0, reg_send_all(self->fd[1], 1500, SEED));
	EXPECT_EQ(1, reg_disc_end(self->fd[1], 21, REG_DISC_LEN, REG_DATA));
	EXPECT_EQ(-1, send(self->fd[1], "", 1, MSG_NOSIGNAL));
	EXPECT_EQ(EPIPE, errno);
	ASSERT_EQ(0, open_unblock());
	ASSERT_TRUE(reg_wait_state(self->fd[0], TCP_ESTABLISHED) ||
		    reg_tcp_state(self->fd[0]) == TCP_CLOSE_WAIT);
	EXPECT_EQ(1500, reg_drain(self->fd[0], SEED, 0));
	EXPECT_EQ(0, reg_disc_check(self->fd[0], 21, REG_DISC_LEN, true));
	EXPECT_EQ(1, reg_disc_end(self->fd[0], 20, REG_DISC_LEN, REG_DATA));
	EXPECT_EQ(300, reg_drain(self->fd[1], SEED, 0));
	EXPECT_EQ(0, reg_disc_check(self->fd[1], 20, REG_DISC_LEN, true));
}

TEST_F_TIMEOUT(open, server_ends_and_closes_before_the_handshake_does, 60)
{
	unsigned char buf[300];

	ASSERT_EQ(0, open_block("dport", reg_port(self->listener), "ack"));
	ASSERT_EQ(0, open_start(&self->conf, self->listener, self->fd));
	ASSERT_EQ(TCP_SYN_RECV, reg_tcp_state(self->fd[1]));
	ASSERT_EQ(300, recv(self->fd[1], buf, sizeof(buf), MSG_WAITALL));
	EXPECT_TRUE(reg_is(buf, sizeof(buf), SEED, 0));
	ASSERT_EQ(0, reg_send_all(self->fd[1], 1500, SEED));
	EXPECT_EQ(1, reg_disc_end(self->fd[1], 21, REG_DISC_LEN, REG_DATA));
	ASSERT_EQ(0, close(self->fd[1]));
	ASSERT_EQ(0, open_unblock());
	EXPECT_EQ(1500, reg_drain(self->fd[0], SEED, 0));
	EXPECT_EQ(0, reg_disc_check(self->fd[0], 21, REG_DISC_LEN, true));
}

/* Without data the end is TCP's own, which it puts off until the ACK. */
TEST_F_TIMEOUT(open, server_ends_plainly_before_the_handshake_does, 60)
{
	ASSERT_EQ(0, open_block("dport", reg_port(self->listener), "ack"));
	ASSERT_EQ(0, open_start(&self->conf, self->listener, self->fd));
	ASSERT_EQ(0, reg_disc_send(self->fd[1], NULL, 0));
	ASSERT_EQ(0, open_unblock());
	EXPECT_EQ(0, reg_drain(self->fd[0], SEED, 0));
	EXPECT_EQ(0, reg_disc_check(self->fd[0], 21, REG_DISC_LEN, false));
}

/* The second has no option, so that only the server's data goes. */
TEST_F_TIMEOUT(open, first_synack_lost, 60)
{
	const enum reg_want want[2] = { REG_FALLBACK, REG_DATA };
	int cause;

	ASSERT_EQ(0, open_block("sport", reg_port(self->listener),
				"(syn|ack)"));
	ASSERT_EQ(0, open_start(&self->conf, self->listener, self->fd));
	ASSERT_EQ(0, open_unblock());
	ASSERT_TRUE(reg_wait_state(self->fd[0], TCP_ESTABLISHED));
	ASSERT_TRUE(reg_wait_state(self->fd[1], TCP_ESTABLISHED));
	/* On a slow machine the client has given its own option up by then. */
	cause = reg_info_fallback(self->fd[0]);
	EXPECT_TRUE(cause == WSP_FALLBACK_NO_OPTION ||
		    cause == WSP_FALLBACK_RETRANS);
	EXPECT_EQ(WSP_FALLBACK_NONE, reg_info_fallback(self->fd[1]));
	EXPECT_EQ(0, open_end(self->fd, 300, want));
}

/* --- the SYN that the listener keeps --------------------------------- */

static int open_saved(int fd)
{
	unsigned char syn[512];
	socklen_t len = sizeof(syn);

	return getsockopt(fd, IPPROTO_TCP, TCP_SAVED_SYN, syn, &len) ?
	       -errno : (int)len;
}

TEST_F(open, syn_is_not_kept_for_nothing)
{
	ASSERT_EQ(0, open_join(&self->conf, self->listener, 300, self->fd));
	EXPECT_EQ(0, open_saved(self->fd[1]));
	EXPECT_EQ(0, open_finish(self->fd, 300, REG_DATA));
}

TEST_F(open, syn_is_kept_for_the_application)
{
	ASSERT_EQ(0, reg_setint(self->listener, IPPROTO_TCP, TCP_SAVE_SYN, 1));
	ASSERT_EQ(0, open_join(&self->conf, self->listener, 300, self->fd));
	EXPECT_LT(40, open_saved(self->fd[1]));
	EXPECT_EQ(0, open_saved(self->fd[1]));
	EXPECT_EQ(0, open_finish(self->fd, 300, REG_DATA));
}

TEST_HARNESS_MAIN
