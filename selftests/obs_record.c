// SPDX-License-Identifier: GPL-2.0
/*
 * Counters of disconnect data: sent, found at its mark or by its footer, cut
 * short, forged, given up on.
 */
#define _GNU_SOURCE
#include "obs_fixture.h"
#include "obs_forge.h"

#define BYE		9
#define BYE_LEN		100

TEST_F(obs, both_ways)
{
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	ASSERT_EQ(0, reg_exchange_both(self->fd, REG_DATA));
	OBS_EXPECT(OBS_C_OPEN " DiscSent=1 DiscReceived=1",
		   OBS_S_OPEN " DiscSent=1 DiscReceived=1");
}

TEST_F(obs, refused_ones_are_not_counted)
{
	char data[WSP_DISC_MAX] = { 0 };

	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	EXPECT_EQ(EMSGSIZE, reg_disc_send(self->fd[0], data, sizeof(data)));
	EXPECT_EQ(0, reg_disc_send(self->fd[0], NULL, 0));
	EXPECT_EQ(ESHUTDOWN, reg_disc_send(self->fd[0], data, 1));
	ASSERT_EQ(0, reg_drain(self->fd[1], 0, 0));
	OBS_EXPECT(OBS_C_OPEN, OBS_S_OPEN);
}

TEST_F(obs, read_again_and_again)
{
	int i;

	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	ASSERT_EQ(1, reg_disc_end(self->fd[0], BYE, BYE_LEN, REG_DATA));
	ASSERT_EQ(0, reg_drain(self->fd[1], 0, 0));
	for (i = 0; i < 5; i++)
		EXPECT_EQ(0, reg_disc_check(self->fd[1], BYE, BYE_LEN, true));
	OBS_EXPECT(OBS_C_OPEN " DiscSent=1", OBS_S_OPEN " DiscReceived=1");
}

TEST_F(obs, found_by_its_footer)
{
	ASSERT_EQ(0, obs_rules(obs_ns[1], OBS_CLEAR_DATA));
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	ASSERT_EQ(0, reg_send_all(self->fd[0], 500, 3));
	ASSERT_EQ(1, reg_disc_end(self->fd[0], BYE, BYE_LEN, REG_DATA));
	ASSERT_EQ(500, reg_drain(self->fd[1], 3, 0));
	ASSERT_EQ(0, reg_disc_check(self->fd[1], BYE, BYE_LEN, true));
	/* The SYN's urgent flag is not data's, and came. */
	OBS_EXPECT(OBS_C_OPEN " DiscSent=1",
		   OBS_S_OPEN " DiscReceived=1 DiscReceivedTail=1");
}

/* Three timeouts, then without the flag; then the footer is what is left. */
TEST_F(obs, retransmitted_without_urg)
{
	ASSERT_EQ(0, obs_rules(obs_ns[1],
			       "tcp flags & (syn|urg) == urg drop;"));
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	ASSERT_EQ(1, reg_disc_end(self->fd[0], BYE, BYE_LEN, REG_DATA));
	ASSERT_EQ(0, reg_drain(self->fd[1], 0, 0));
	ASSERT_EQ(0, reg_disc_check(self->fd[1], BYE, BYE_LEN, true));
	OBS_EXPECT(OBS_C_OPEN " DiscSent=1 DiscRetransNoUrg=1",
		   OBS_S_OPEN " DiscReceived=1 DiscReceivedTail=1");
}

/* Connects @self; the server's tag, or 0. */
static uint32_t record_join(const struct reg_conf *conf, int fd[2])
{
	uint32_t tag = 0;
	int sniff;

	if (reg_ns_enter(conf->ns[0]))
		return 0;
	sniff = forge_listen();
	if (sniff >= 0 && !reg_pair(conf, fd))
		tag = forge_tag(sniff);
	close(sniff);
	return tag;
}

/* A record as it should be, made here: the forger knows its trade. */
TEST_F(obs, forged_well)
{
	unsigned char rec[FORGE_HDR + 5 + FORGE_FTR];
	uint32_t tag = record_join(&self->conf, self->fd);

	ASSERT_NE(0, tag);
	forge_header(rec, tag, 5);
	memcpy(rec + FORGE_HDR, "hello", 5);
	forge_footer(rec + FORGE_HDR + 5, rec);
	ASSERT_EQ(0, forge_send(self->fd[0], rec, sizeof(rec), true));
	ASSERT_EQ(0, shutdown(self->fd[0], SHUT_WR));
	ASSERT_EQ(0, reg_drain(self->fd[1], 0, 0));
	OBS_EXPECT(OBS_C_OPEN, OBS_S_OPEN " DiscReceived=1");
}

TEST_F(obs, cut_short_in_the_data)
{
	unsigned char rec[FORGE_HDR + 5];
	uint32_t tag = record_join(&self->conf, self->fd);

	ASSERT_NE(0, tag);
	forge_header(rec, tag, 50);
	memcpy(rec + FORGE_HDR, "hello", 5);
	ASSERT_EQ(0, forge_send(self->fd[0], rec, sizeof(rec), true));
	ASSERT_EQ(0, shutdown(self->fd[0], SHUT_WR));
	ASSERT_EQ(0, reg_drain(self->fd[1], 0, 0));
	OBS_EXPECT(OBS_C_OPEN, OBS_S_OPEN " DiscTruncated=1");
}

/* All of the data, but no footer. */
TEST_F(obs, cut_short_in_the_footer)
{
	unsigned char rec[FORGE_HDR + 5];
	uint32_t tag = record_join(&self->conf, self->fd);

	ASSERT_NE(0, tag);
	forge_header(rec, tag, 5);
	memcpy(rec + FORGE_HDR, "hello", 5);
	ASSERT_EQ(0, forge_send(self->fd[0], rec, sizeof(rec), true));
	ASSERT_EQ(0, shutdown(self->fd[0], SHUT_WR));
	ASSERT_EQ(0, reg_drain(self->fd[1], 0, 0));
	OBS_EXPECT(OBS_C_OPEN, OBS_S_OPEN " DiscTruncated=1");
}

/* The wrong MAC makes it the application's own bytes, and counts once. */
static ssize_t record_bad_mac(const struct reg_conf *conf, int fd[2],
			      bool mark)
{
	unsigned char rec[FORGE_HDR + 5 + FORGE_FTR], buf[64];
	uint32_t tag = record_join(conf, fd);
	ssize_t got = 0, n;

	if (!tag)
		return reg_fail("no tag");
	forge_header(rec, tag, 5);
	rec[15] ^= 1;
	memcpy(rec + FORGE_HDR, "hello", 5);
	forge_footer(rec + FORGE_HDR + 5, rec);
	if (reg_setint(fd[1], SOL_SOCKET, SO_OOBINLINE, 1) ||
	    forge_send(fd[0], rec, sizeof(rec), mark) ||
	    shutdown(fd[0], SHUT_WR))
		return reg_fail("forge");
	while ((n = recv(fd[1], buf + got, sizeof(buf) - got, 0)) > 0)
		got += n;
	return n || got != sizeof(rec) || memcmp(buf, rec, sizeof(rec)) ?
		reg_fail("stream") : 0;
}

TEST_F(obs, wrong_mac_at_the_mark)
{
	ASSERT_EQ(0, record_bad_mac(&self->conf, self->fd, true));
	OBS_EXPECT(OBS_C_OPEN, OBS_S_OPEN " DiscBadMac=1");
}

TEST_F(obs, wrong_mac_at_the_end)
{
	ASSERT_EQ(0, record_bad_mac(&self->conf, self->fd, false));
	OBS_EXPECT(OBS_C_OPEN, OBS_S_OPEN " DiscBadMac=1");
}

/* Another magic is the application's own urgent data; nothing to count. */
TEST_F(obs, wrong_magic)
{
	unsigned char rec[FORGE_HDR];
	uint32_t tag = record_join(&self->conf, self->fd);

	ASSERT_NE(0, tag);
	forge_header(rec, tag, 5);
	rec[1] ^= 1;
	ASSERT_EQ(0, forge_send(self->fd[0], rec, sizeof(rec), true));
	ASSERT_EQ(0, shutdown(self->fd[0], SHUT_WR));
	while (recv(self->fd[1], rec, sizeof(rec), 0) > 0)
		;
	OBS_EXPECT(OBS_C_OPEN, OBS_S_OPEN);
}

/* One byte that fits is held for half a second, and given up once. */
TEST_F(obs, hold_that_expires)
{
	unsigned char rec[FORGE_HDR];
	uint32_t tag = record_join(&self->conf, self->fd);

	ASSERT_NE(0, tag);
	forge_header(rec, tag, 5);
	ASSERT_EQ(0, forge_send(self->fd[0], rec, 1, true));
	EXPECT_TRUE(reg_poll(self->fd[1], POLLPRI, REG_SOON_MS) & POLLPRI);
	OBS_EXPECT(OBS_C_OPEN, OBS_S_OPEN " HoldExpired=1");
	/* Looking again and again does not count again. */
	EXPECT_TRUE(reg_poll(self->fd[1], POLLPRI, 0) & POLLPRI);
	EXPECT_EQ(1, recv(self->fd[1], rec, 1, MSG_OOB));
	OBS_EXPECT(OBS_C_OPEN, OBS_S_OPEN " HoldExpired=1");
}

/* Bytes that end the doubt end the hold: it did not expire. */
TEST_F(obs, hold_that_is_resolved)
{
	unsigned char rec[FORGE_HDR], byte;
	uint32_t tag = record_join(&self->conf, self->fd);
	long until;

	ASSERT_NE(0, tag);
	forge_header(rec, tag, 5);
	ASSERT_EQ(0, forge_send(self->fd[0], rec, 1, true));
	EXPECT_EQ(0, reg_poll(self->fd[1], POLLIN | POLLPRI, 50));
	rec[1] ^= 1;
	ASSERT_EQ(0, forge_send(self->fd[0], rec + 1, 1, false));
	EXPECT_TRUE(reg_poll(self->fd[1], POLLIN, REG_SOON_MS) & POLLIN);
	/* Past the time at which the hold would have ended. */
	until = reg_ms() + 1000;
	while (reg_ms() < until)
		reg_poll(self->fd[1], POLLERR, 100);
	EXPECT_EQ(1, recv(self->fd[1], &byte, 1, 0));
	OBS_EXPECT(OBS_C_OPEN, OBS_S_OPEN);
}

TEST_HARNESS_MAIN
