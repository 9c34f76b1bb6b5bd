// SPDX-License-Identifier: GPL-2.0
/*
 * Urgent data of the application's own, before and around the record.  What
 * the receiver gets must be what it gets over plain TCP with a plain FIN.
 */
#define _GNU_SOURCE
#include "kselftest_harness.h"
#include "reg_io.h"

#define BYE_LEN	100

/* When and how the receiver asks for the urgent byte. */
enum oob_reader {
	OOB_FIRST,	/* MSG_OOB, then the stream */
	OOB_NEVER,	/* the stream alone */
	OOB_INLINE,	/* SO_OOBINLINE, the stream alone */
	OOB_AT_MARK,	/* MSG_OOB when SIOCATMARK says so */
};

/* What came: stream bytes, and urgent bytes in brackets. */
struct oob_seen {
	char text[256];
	size_t len;
};

FIXTURE(oob) {
	struct reg_conf conf;
};

FIXTURE_VARIANT(oob) {
	enum reg_family family;
};

FIXTURE_VARIANT_ADD(oob, v4) {
	.family = REG_V4,
};

FIXTURE_VARIANT_ADD(oob, v6) {
	.family = REG_V6,
};

FIXTURE_SETUP(oob)
{
	self->conf = (struct reg_conf) {
		.family = variant->family,
		.attach = REG_BOTH,
	};
	ASSERT_EQ(0, reg_ns_lo());
}

FIXTURE_TEARDOWN(oob)
{
}

/* Sends @script, each character by itself; one behind a '!' is urgent. */
static int oob_send(int fd, const char *script)
{
	for (; *script; script++) {
		bool urgent = *script == '!';

		script += urgent;
		if (send(fd, script, 1, urgent ? MSG_OOB : 0) != 1)
			return reg_fail("send");
	}
	return 0;
}

static bool oob_take(int fd, struct oob_seen *seen)
{
	char c;

	if (recv(fd, &c, 1, MSG_OOB | MSG_DONTWAIT) != 1)
		return false;
	seen->len += snprintf(seen->text + seen->len,
			      sizeof(seen->text) - seen->len, "[%c]", c);
	return true;
}

/* Reads everything there is, up to the end of the stream. */
static int oob_read(int fd, enum oob_reader reader, struct oob_seen *seen)
{
	if (reader == OOB_FIRST)
		oob_take(fd, seen);
	for (;;) {
		ssize_t n;

		if (reader == OOB_AT_MARK && sockatmark(fd) == 1)
			oob_take(fd, seen);
		if (!(reg_poll(fd, POLLIN, REG_SOON_MS) & POLLIN))
			return reg_fail("poll");
		n = recv(fd, seen->text + seen->len,
			 sizeof(seen->text) - 1 - seen->len, MSG_DONTWAIT);
		if (n < 0)
			return reg_fail("recv");
		if (!n)
			break;
		seen->len += n;
	}
	seen->text[seen->len] = 0;
	return 0;
}

/* Sends @script and a close over one connection; all of it is in then. */
static int oob_arrive(const struct reg_conf *conf, enum oob_reader reader,
		      const char *script, int fd[2])
{
	if (reg_pair(conf, fd))
		return -1;
	if (reader == OOB_INLINE &&
	    reg_setint(fd[1], SOL_SOCKET, SO_OOBINLINE, 1))
		return reg_fail("SO_OOBINLINE");
	if (oob_send(fd[0], script))
		return -1;
	if (reg_disc_end(fd[0], 9, BYE_LEN, conf->attach == REG_BOTH ?
			 REG_DATA : REG_FALLBACK) < 0)
		return -1;
	if (!(reg_poll(fd[1], POLLRDHUP, REG_SOON_MS) & POLLRDHUP))
		return reg_fail("no end");
	return 0;
}

/*
 * Runs @script over plain TCP and over the ULP and compares what came.
 * MSG_OOB may come at another place in the text when the record restores a
 * byte, so it is compared by itself.
 */
static int oob_compare(const struct reg_conf *conf, enum oob_reader reader,
		       const char *script)
{
	struct reg_conf plain = *conf;
	struct oob_seen want = { 0 }, seen = { 0 };
	int fd[2];

	plain.attach = REG_NEITHER;
	if (oob_arrive(&plain, reader, script, fd) ||
	    oob_read(fd[1], reader, &want))
		return -1;
	close(fd[0]);
	close(fd[1]);
	if (oob_arrive(conf, reader, script, fd) ||
	    oob_read(fd[1], reader, &seen))
		return -1;
	if (strcmp(want.text, seen.text)) {
		fprintf(stderr, "# '%s', reader %d: '%s', over TCP '%s'\n",
			script, reader, seen.text, want.text);
		return -1;
	}
	if (reg_disc_check(fd[1], 9, BYE_LEN, true))
		return -1;
	close(fd[0]);
	close(fd[1]);
	return 0;
}

static int oob_compare_all(const struct reg_conf *conf, const char *script)
{
	int reader, failed = 0;

	for (reader = OOB_FIRST; reader <= OOB_AT_MARK; reader++)
		failed -= oob_compare(conf, reader, script);
	return failed;
}

TEST_F(oob, in_the_middle)
{
	EXPECT_EQ(0, oob_compare_all(&self->conf, "ab!Xcd"));
}

TEST_F(oob, right_before_the_record)
{
	EXPECT_EQ(0, oob_compare_all(&self->conf, "ab!X"));
}

TEST_F(oob, first_byte)
{
	EXPECT_EQ(0, oob_compare_all(&self->conf, "!Xab"));
}

TEST_F(oob, only_byte)
{
	EXPECT_EQ(0, oob_compare_all(&self->conf, "!X"));
}

TEST_F(oob, two_apart)
{
	EXPECT_EQ(0, oob_compare_all(&self->conf, "a!Xb!Yc"));
}

TEST_F(oob, two_in_a_row)
{
	EXPECT_EQ(0, oob_compare_all(&self->conf, "a!X!Yb"));
}

TEST_F(oob, two_right_before_the_record)
{
	EXPECT_EQ(0, oob_compare_all(&self->conf, "!X!Y"));
}

TEST_F(oob, none)
{
	EXPECT_EQ(0, oob_compare_all(&self->conf, "abcd"));
}

TEST_F(oob, unread_byte_stays_urgent)
{
	struct oob_seen seen = { 0 };
	char buf[64];
	int fd[2];

	ASSERT_EQ(0, oob_arrive(&self->conf, OOB_FIRST, "ab!Xcd", fd));
	ASSERT_EQ(1, recv(fd[1], buf, 1, MSG_OOB));
	EXPECT_EQ('X', buf[0]);
	EXPECT_EQ(0, oob_read(fd[1], OOB_NEVER, &seen));
	EXPECT_STREQ("abcd", seen.text);
	EXPECT_EQ(0, reg_disc_check(fd[1], 9, BYE_LEN, true));
}

TEST_F(oob, unread_byte_is_there_once)
{
	char buf[64];
	int fd[2];

	ASSERT_EQ(0, oob_arrive(&self->conf, OOB_FIRST, "ab!Xcd", fd));
	ASSERT_EQ(1, recv(fd[1], buf, 1, MSG_OOB));
	EXPECT_EQ(-1, recv(fd[1], buf, 1, MSG_OOB));
	EXPECT_EQ(EINVAL, errno);
}

TEST_F(oob, unread_byte_can_be_peeked)
{
	char buf[64];
	int fd[2];

	ASSERT_EQ(0, oob_arrive(&self->conf, OOB_FIRST, "ab!Xcd", fd));
	EXPECT_EQ(1, recv(fd[1], buf, 1, MSG_OOB | MSG_PEEK));
	EXPECT_EQ('X', buf[0]);
	EXPECT_EQ(1, recv(fd[1], buf, 1, MSG_OOB));
	EXPECT_EQ('X', buf[0]);
}

TEST_F(oob, unread_byte_shows_in_poll)
{
	int fd[2];

	ASSERT_EQ(0, oob_arrive(&self->conf, OOB_FIRST, "ab!Xcd", fd));
	EXPECT_TRUE(reg_poll(fd[1], POLLPRI, 0) & POLLPRI);
}

TEST_F(oob, byte_read_before_the_record_does_not_return)
{
	char buf[64];
	int fd[2];

	ASSERT_EQ(0, reg_pair(&self->conf, fd));
	ASSERT_EQ(0, oob_send(fd[0], "ab!X"));
	ASSERT_TRUE(reg_poll(fd[1], POLLPRI, REG_SOON_MS) & POLLPRI);
	ASSERT_EQ(1, recv(fd[1], buf, 1, MSG_OOB));
	ASSERT_EQ(1, reg_disc_end(fd[0], 9, BYE_LEN, REG_DATA));
	ASSERT_TRUE(reg_poll(fd[1], POLLRDHUP, REG_SOON_MS));
	EXPECT_EQ(-1, recv(fd[1], buf, 1, MSG_OOB));
	EXPECT_FALSE(reg_poll(fd[1], POLLPRI, 0) & POLLPRI);
	EXPECT_EQ(2, recv(fd[1], buf, sizeof(buf), MSG_WAITALL));
	EXPECT_EQ(0, memcmp(buf, "ab", 2));
	EXPECT_EQ(0, recv(fd[1], buf, sizeof(buf), 0));
	EXPECT_EQ(0, reg_disc_check(fd[1], 9, BYE_LEN, true));
}

TEST_F(oob, own_mark_works_as_ever)
{
	char buf[64];
	int fd[2];

	ASSERT_EQ(0, reg_pair(&self->conf, fd));
	ASSERT_EQ(0, oob_send(fd[0], "ab!Xcd"));
	ASSERT_TRUE(reg_poll(fd[1], POLLPRI, REG_SOON_MS) & POLLPRI);
	/* Nagle may have kept the rest back until the first was seen. */
	ASSERT_EQ(2, recv(fd[1], buf, sizeof(buf), 0));
	EXPECT_EQ(1, sockatmark(fd[1]));
	EXPECT_EQ(1, recv(fd[1], buf, 1, MSG_OOB));
	EXPECT_EQ('X', buf[0]);
	ASSERT_EQ(2, recv(fd[1], buf, 2, MSG_WAITALL));
	EXPECT_EQ(0, memcmp(buf, "cd", 2));
	EXPECT_EQ(0, sockatmark(fd[1]));
}

/* At the mark with nothing behind it plain TCP has nothing to give. */
TEST_F(oob, recv_at_own_mark_blocks_as_ever)
{
	char buf[64];
	int fd[2];

	ASSERT_EQ(0, reg_pair(&self->conf, fd));
	ASSERT_EQ(0, oob_send(fd[0], "!X"));
	ASSERT_TRUE(reg_poll(fd[1], POLLPRI, REG_SOON_MS) & POLLPRI);
	EXPECT_EQ(-1, recv(fd[1], buf, sizeof(buf), MSG_DONTWAIT));
	EXPECT_EQ(EAGAIN, errno);
	EXPECT_EQ(1, recv(fd[1], buf, 1, MSG_OOB));
	EXPECT_EQ('X', buf[0]);
}

/*
 * One of the 256 values starts the record's magic, which depends on a random
 * tag: none may wait for bytes that never come.
 */
TEST_F_TIMEOUT(oob, every_lone_inline_byte_is_prompt, 90)
{
	long worst = 0;
	int fd[2], i;

	ASSERT_EQ(0, reg_pair(&self->conf, fd));
	ASSERT_EQ(0, reg_setint(fd[1], SOL_SOCKET, SO_OOBINLINE, 1));
	for (i = 0; i < 256; i++) {
		unsigned char c = i, got = ~i;
		long start = reg_ms();

		ASSERT_EQ(1, send(fd[0], &c, 1, MSG_OOB));
		ASSERT_TRUE(reg_poll(fd[1], POLLIN, 5000) & POLLIN)
			TH_LOG("value %#x is held", i);
		ASSERT_EQ(1, recv(fd[1], &got, 1, MSG_DONTWAIT));
		ASSERT_EQ(c, got);
		if (reg_ms() - start > worst)
			worst = reg_ms() - start;
	}
	EXPECT_LT(worst, 3000);
	ASSERT_EQ(1, reg_disc_end(fd[0], 9, BYE_LEN, REG_DATA));
	EXPECT_EQ(0, reg_drain(fd[1], 0, 0));
	EXPECT_EQ(0, reg_disc_check(fd[1], 9, BYE_LEN, true));
}

/* The same for a reader that blocks instead of polling. */
TEST_F_TIMEOUT(oob, every_lone_inline_byte_wakes_recv, 90)
{
	struct timeval tv = { .tv_sec = 5 };
	int fd[2], i;

	ASSERT_EQ(0, reg_pair(&self->conf, fd));
	ASSERT_EQ(0, reg_setint(fd[1], SOL_SOCKET, SO_OOBINLINE, 1));
	ASSERT_EQ(0, setsockopt(fd[1], SOL_SOCKET, SO_RCVTIMEO, &tv,
				sizeof(tv)));
	for (i = 0; i < 256; i++) {
		unsigned char c = i, got = ~i;

		ASSERT_EQ(1, send(fd[0], &c, 1, MSG_OOB));
		ASSERT_EQ(1, recv(fd[1], &got, 1, 0))
			TH_LOG("value %#x is held", i);
		ASSERT_EQ(c, got);
	}
}

/* Many urgent bytes with an impatient end: whatever the magic, all arrive. */
TEST_F(oob, every_inline_byte_then_fin)
{
	unsigned char buf[512];
	int fd[2], i, n = 0;

	ASSERT_EQ(0, reg_pair(&self->conf, fd));
	ASSERT_EQ(0, reg_setint(fd[1], SOL_SOCKET, SO_OOBINLINE, 1));
	for (i = 0; i < 256; i++) {
		unsigned char c = i;

		ASSERT_EQ(1, send(fd[0], &c, 1, MSG_OOB));
	}
	ASSERT_EQ(0, shutdown(fd[0], SHUT_WR));
	for (;;) {
		ssize_t got;

		ASSERT_TRUE(reg_poll(fd[1], POLLIN, REG_SOON_MS) & POLLIN);
		got = recv(fd[1], buf + n, sizeof(buf) - n, MSG_DONTWAIT);
		if (!got)
			break;
		ASSERT_LT(0, got);
		n += got;
	}
	ASSERT_EQ(256, n);
	for (i = 0; i < 256; i++)
		EXPECT_EQ(i, buf[i]);
	EXPECT_EQ(0, reg_disc_check(fd[1], 9, BYE_LEN, false));
}

TEST_F(oob, from_the_other_side_after_the_record)
{
	struct oob_seen seen = { 0 };
	char buf[64];
	int fd[2];

	ASSERT_EQ(0, reg_pair(&self->conf, fd));
	ASSERT_EQ(1, reg_disc_end(fd[0], 9, BYE_LEN, REG_DATA));
	ASSERT_EQ(0, oob_send(fd[1], "ab!Xcd"));
	ASSERT_TRUE(reg_poll(fd[0], POLLPRI, REG_SOON_MS) & POLLPRI);
	EXPECT_EQ(1, recv(fd[0], buf, 1, MSG_OOB));
	EXPECT_EQ('X', buf[0]);
	ASSERT_EQ(1, reg_disc_end(fd[1], 8, BYE_LEN, REG_DATA));
	EXPECT_EQ(0, oob_read(fd[0], OOB_NEVER, &seen));
	EXPECT_STREQ("abcd", seen.text);
	EXPECT_EQ(0, reg_disc_check(fd[0], 8, BYE_LEN, true));
}

TEST_HARNESS_MAIN
