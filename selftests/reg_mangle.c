// SPDX-License-Identifier: GPL-2.0
/*
 * Records that arrive in pieces, twice, backwards, joined with the data before
 * them, without their FIN, under other sequence numbers, or only in part: a
 * middlebox (mangle) carries the frames.
 */
#define _GNU_SOURCE
#include "kselftest_harness.h"
#include "reg_io.h"
#include "reg_task.h"

#include <libgen.h>
#include <linux/sockios.h>
#include <signal.h>
#include <sys/prctl.h>

#define SEED	5
#define BYE	7

/* The wire is the same for all: its namespaces take longest to make. */
static int mangle_ns[2], mangle_mid;

__attribute__((constructor))
static void mangle_wire(void)
{
	if (reg_ns_pair(mangle_ns, &mangle_mid))
		exit(1);
}

/* Runs mangle from this program's directory between m0 and m1. */
static pid_t mangle_start(const char *mode, const char *amount)
{
	char path[512], line[16] = "";
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);
	pid_t pid;
	int p[2];

	if (n < 0 || pipe(p))
		return reg_fail("mangle");
	path[n] = 0;
	dirname(path);
	strncat(path, "/mangle", sizeof(path) - strlen(path) - 1);
	pid = fork();
	if (pid < 0)
		return reg_fail("fork");
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(p[1], STDOUT_FILENO);
		if (!reg_ns_enter(mangle_mid))
			execl(path, path, "m0", "m1", mode, amount, NULL);
		reg_fail(path);
		_exit(1);
	}
	close(p[1]);
	/* It says so when it has both ends of the wire. */
	n = read(p[0], line, sizeof(line) - 1);
	close(p[0]);
	return n > 0 ? pid : -1;
}

FIXTURE(mangle) {
	struct reg_conf conf;
	int fd[2];
};

FIXTURE_VARIANT(mangle) {
	enum reg_family family;
	const char *mode;
	const char *amount;
};

FIXTURE_VARIANT_ADD(mangle, whole) {
	.family = REG_V4, .mode = "split", .amount = "1300",
};

FIXTURE_VARIANT_ADD(mangle, bytes) {
	.family = REG_V4, .mode = "split", .amount = "1",
};

FIXTURE_VARIANT_ADD(mangle, bytes_v6) {
	.family = REG_V6, .mode = "split", .amount = "1",
};

FIXTURE_VARIANT_ADD(mangle, threes) {
	.family = REG_V4, .mode = "split", .amount = "3",
};

FIXTURE_VARIANT_ADD(mangle, sevens_v6) {
	.family = REG_V6, .mode = "split", .amount = "7",
};

FIXTURE_VARIANT_ADD(mangle, backwards) {
	.family = REG_V4, .mode = "reverse", .amount = "1",
};

FIXTURE_VARIANT_ADD(mangle, backwards_v6) {
	.family = REG_V6, .mode = "reverse", .amount = "5",
};

FIXTURE_VARIANT_ADD(mangle, twice) {
	.family = REG_V4, .mode = "double", .amount = "11",
};

FIXTURE_VARIANT_ADD(mangle, twice_whole) {
	.family = REG_V4, .mode = "double", .amount = "1300",
};

FIXTURE_VARIANT_ADD(mangle, joined) {
	.family = REG_V4, .mode = "join", .amount = "1300",
};

FIXTURE_VARIANT_ADD(mangle, joined_v6) {
	.family = REG_V6, .mode = "join", .amount = "1300",
};

FIXTURE_VARIANT_ADD(mangle, renumbered) {
	.family = REG_V4, .mode = "renumber", .amount = "3",
};

FIXTURE_VARIANT_ADD(mangle, renumbered_v6) {
	.family = REG_V6, .mode = "renumber", .amount = "77",
};

FIXTURE_VARIANT_ADD(mangle, fin_never) {
	.family = REG_V4, .mode = "nofin", .amount = "1000",
};

FIXTURE_VARIANT_ADD(mangle, fin_lost_twice_v6) {
	.family = REG_V6, .mode = "nofin", .amount = "2",
};

FIXTURE_SETUP(mangle)
{
	self->conf = (struct reg_conf) {
		.family = variant->family,
		.attach = REG_BOTH,
	};
	memcpy(self->conf.ns, mangle_ns, sizeof(mangle_ns));
	ASSERT_LT(0, mangle_start(variant->mode, variant->amount));
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
}

FIXTURE_TEARDOWN(mangle)
{
	reg_abort(self->fd[0]);
	reg_abort(self->fd[1]);
}

TEST_F(mangle, stream_and_record)
{
	ASSERT_EQ(0, reg_send_all(self->fd[0], 60, SEED));
	ASSERT_EQ(1, reg_disc_end(self->fd[0], BYE, 64, REG_DATA));
	EXPECT_EQ(60, reg_drain(self->fd[1], SEED, 0));
	EXPECT_EQ(0, reg_disc_check(self->fd[1], BYE, 64, true));
}

TEST_F(mangle, record_alone)
{
	ASSERT_EQ(1, reg_disc_end(self->fd[0], BYE, 3, REG_DATA));
	EXPECT_EQ(0, reg_drain(self->fd[1], SEED, 0));
	EXPECT_EQ(0, reg_disc_check(self->fd[1], BYE, 3, true));
}

TEST_F(mangle, both_ways)
{
	const enum reg_want both[2] = { REG_DATA, REG_DATA };

	EXPECT_EQ(0, reg_exchange(self->fd, both, 100));
}

/* The end is the record's, not the FIN's, which TCP goes on waiting for. */
TEST(end_without_fin)
{
	struct reg_conf conf = { .family = REG_V4, .attach = REG_BOTH };
	int fd[2];

	memcpy(conf.ns, mangle_ns, sizeof(mangle_ns));
	ASSERT_LT(0, mangle_start("nofin", "1000"));
	ASSERT_EQ(0, reg_pair(&conf, fd));
	ASSERT_EQ(0, reg_send_all(fd[0], 60, SEED));
	ASSERT_EQ(1, reg_disc_end(fd[0], BYE, 64, REG_DATA));
	EXPECT_EQ(60, reg_drain(fd[1], SEED, 0));
	EXPECT_EQ(TCP_ESTABLISHED, reg_tcp_state(fd[1]));
	EXPECT_EQ(0, reg_disc_check(fd[1], BYE, 64, true));
	reg_abort(fd[0]);
	reg_abort(fd[1]);
}

static ssize_t mangle_recv(struct reg_task *task)
{
	char buf[512];

	return recv(task->fd, buf, sizeof(buf), MSG_WAITALL);
}

/* The reader is inside recv() while the pieces come in. */
TEST_F(mangle, blocked_reader)
{
	struct reg_task task = { .call = mangle_recv, .fd = self->fd[1] };

	ASSERT_TRUE(reg_task_block(&task));
	ASSERT_EQ(0, reg_send_all(self->fd[0], 60, SEED));
	ASSERT_EQ(1, reg_disc_end(self->fd[0], BYE, 64, REG_DATA));
	ASSERT_TRUE(reg_task_join(&task));
	EXPECT_EQ(60, task.ret);
	EXPECT_EQ(0, reg_disc_check(self->fd[1], BYE, 64, true));
}

TEST_F(mangle, urgent_byte_before_the_record)
{
	char c = 0;

	ASSERT_EQ(0, reg_send_all(self->fd[0], 20, SEED));
	ASSERT_EQ(1, send(self->fd[0], "X", 1, MSG_OOB));
	ASSERT_TRUE(reg_poll(self->fd[1], POLLPRI, REG_SOON_MS) & POLLPRI);
	ASSERT_EQ(1, reg_disc_end(self->fd[0], BYE, 64, REG_DATA));
	ASSERT_TRUE(reg_poll(self->fd[1], POLLRDHUP, REG_SOON_MS));
	EXPECT_EQ(1, recv(self->fd[1], &c, 1, MSG_OOB));
	EXPECT_EQ('X', c);
	EXPECT_EQ(20, reg_drain(self->fd[1], SEED, 0));
	EXPECT_EQ(0, reg_disc_check(self->fd[1], BYE, 64, true));
}

/* --- the rest of the record is late ---------------------------------- */

FIXTURE(late) {
	struct reg_conf conf;
	int fd[2];
	pid_t box;
};

FIXTURE_VARIANT(late) {
	const char *amount;
	int quiet_ms;
};

/* No byte of the record, half a header, a header but one, some data. */
FIXTURE_VARIANT_ADD(late, from_0) { .amount = "0", .quiet_ms = 700, };
FIXTURE_VARIANT_ADD(late, from_8) { .amount = "8", .quiet_ms = 700, };
FIXTURE_VARIANT_ADD(late, from_15) { .amount = "15", .quiet_ms = 700, };
FIXTURE_VARIANT_ADD(late, from_30) { .amount = "30", .quiet_ms = 700, };
/* A lone byte must not be held for long: it may be the application's. */
FIXTURE_VARIANT_ADD(late, from_1) { .amount = "1", .quiet_ms = 150, };

FIXTURE_SETUP(late)
{
	self->conf = (struct reg_conf) {
		.attach = REG_BOTH,
	};
	memcpy(self->conf.ns, mangle_ns, sizeof(mangle_ns));
	self->box = mangle_start("hold", variant->amount);
	ASSERT_LT(0, self->box);
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	ASSERT_EQ(0, reg_send_all(self->fd[0], 60, SEED));
	ASSERT_TRUE(reg_poll(self->fd[1], POLLIN, REG_SOON_MS) & POLLIN);
	ASSERT_EQ(1, reg_disc_end(self->fd[0], BYE, 64, REG_DATA));
}

FIXTURE_TEARDOWN(late)
{
	reg_abort(self->fd[0]);
	reg_abort(self->fd[1]);
}

static bool late_end(pid_t box, int fd)
{
	return !kill(box, SIGUSR1) && !reg_drain(fd, SEED, 60) &&
	       !reg_disc_check(fd, BYE, 64, true);
}

/* Reads the stream; true if poll and recv then both say "not yet". */
static bool late_undecided(int fd, int quiet_ms)
{
	unsigned char buf[256];
	ssize_t n, got = 0;

	while (got < 60) {
		if (!(reg_poll(fd, POLLIN, REG_SOON_MS) & POLLIN))
			return false;
		n = recv(fd, buf + got, sizeof(buf) - got, MSG_DONTWAIT);
		if (n <= 0)
			return false;
		got += n;
	}
	if (got != 60 || !reg_is(buf, got, SEED, 0))
		return false;
	/* Long enough for retransmissions to be held as well. */
	if (reg_poll(fd, POLLIN | POLLPRI | POLLRDHUP, quiet_ms))
		return false;
	return recv(fd, buf, sizeof(buf), MSG_DONTWAIT) < 0 &&
	       errno == EAGAIN;
}

TEST_F(late, stream_ends_only_when_the_record_is_whole)
{
	EXPECT_TRUE(late_undecided(self->fd[1], variant->quiet_ms));
	EXPECT_TRUE(late_end(self->box, self->fd[1]));
}

/* Nobody looks while it is late: no hold can have expired unseen. */
TEST_F(late, exact_if_nobody_reads_meanwhile)
{
	EXPECT_EQ(0, reg_poll(self->fd[0], POLLIN, 1500));
	ASSERT_EQ(0, kill(self->box, SIGUSR1));
	EXPECT_EQ(60, reg_drain(self->fd[1], SEED, 0));
	EXPECT_EQ(0, reg_disc_check(self->fd[1], BYE, 64, true));
}

TEST_F(late, blocked_reader_waits_for_the_rest)
{
	struct reg_task task = { .call = mangle_recv, .fd = self->fd[1] };

	ASSERT_TRUE(late_undecided(self->fd[1], variant->quiet_ms));
	ASSERT_TRUE(reg_task_block(&task));
	ASSERT_EQ(0, kill(self->box, SIGUSR1));
	ASSERT_TRUE(reg_task_join(&task));
	EXPECT_EQ(0, task.ret);
	EXPECT_EQ(0, reg_disc_check(self->fd[1], BYE, 64, true));
}

TEST_F(late, siocinq_counts_no_record_byte)
{
	int n = -1;

	ASSERT_TRUE(late_undecided(self->fd[1], variant->quiet_ms));
	ASSERT_EQ(0, ioctl(self->fd[1], SIOCINQ, &n));
	EXPECT_EQ(0, n);
	EXPECT_TRUE(late_end(self->box, self->fd[1]));
}

TEST_F(late, disconnect_data_is_not_there_yet)
{
	ASSERT_TRUE(late_undecided(self->fd[1], variant->quiet_ms));
	EXPECT_EQ(0, reg_disc_check(self->fd[1], BYE, 64, false));
	EXPECT_EQ(0, reg_info_flags(self->fd[1]) & WSP_INFO_RECV_DATA);
	EXPECT_TRUE(late_end(self->box, self->fd[1]));
}

TEST_F(late, reset_instead_of_the_rest)
{
	__u32 len = 0;
	char c;

	ASSERT_TRUE(late_undecided(self->fd[1], variant->quiet_ms));
	reg_abort(self->fd[0]);
	ASSERT_TRUE(reg_wait_state(self->fd[1], TCP_CLOSE));
	EXPECT_EQ(-1, recv(self->fd[1], &c, 1, 0));
	EXPECT_EQ(ECONNRESET, errno);
	EXPECT_EQ(ENOTCONN, reg_disc_recv(self->fd[1], NULL, &len));
	EXPECT_EQ(0, len);
}

TEST_F(late, receiver_closes_in_between)
{
	ASSERT_TRUE(late_undecided(self->fd[1], variant->quiet_ms));
	EXPECT_EQ(0, close(self->fd[1]));
	EXPECT_EQ(0, kill(self->box, SIGUSR1));
	EXPECT_TRUE(reg_wait_state(self->fd[0], TCP_CLOSE));
}

TEST_HARNESS_MAIN
