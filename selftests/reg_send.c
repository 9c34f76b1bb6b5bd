// SPDX-License-Identifier: GPL-2.0
/*
 * Disconnect data against full buffers, a closed window, no memory, corked
 * and blocked writers, and closes that linger.
 */
#define _GNU_SOURCE
#include "kselftest_harness.h"
#include "reg_io.h"
#include "reg_task.h"

#include <linux/errqueue.h>
#include <linux/sockios.h>

/* Far above what the call needs, far below any retransmission give-up. */
#define AT_ONCE_MS	2000
#define SEED		5
#define BYE_SEED	6

FIXTURE(send) {
	int fd[2];
	struct reg_conf conf;
};

FIXTURE_VARIANT(send) {
	enum reg_family family;
};

FIXTURE_VARIANT_ADD(send, v4) {
	.family = REG_V4,
};

FIXTURE_VARIANT_ADD(send, v6) {
	.family = REG_V6,
};

FIXTURE_SETUP(send)
{
	self->fd[0] = -1;
	self->fd[1] = -1;
	self->conf = (struct reg_conf) {
		.family = variant->family,
		.attach = REG_BOTH,
	};
	ASSERT_EQ(0, reg_ns_lo());
	ASSERT_EQ(0, reg_sysctl("net/wsp/max_data", "4096"));
}

FIXTURE_TEARDOWN(send)
{
	close(self->fd[0]);
	close(self->fd[1]);
}

/* Sends @len bytes of disconnect data; false unless it succeeds at once. */
static bool send_bye(int fd, __u32 len)
{
	long start = reg_ms();

	return reg_disc_end(fd, BYE_SEED, len, REG_DATA) == 1 &&
	       reg_ms() - start < AT_ONCE_MS;
}

static bool send_bye_arrived(int fd, __u32 len)
{
	return !reg_disc_check(fd, BYE_SEED, len, true);
}

/* A receiver too small for a record, and a sender with little room. */
static void send_small(struct reg_conf *conf)
{
	conf->rcvbuf = 1;
	conf->sndbuf = 8192;
}

TEST_F(send, full_buffer)
{
	ssize_t len;

	self->conf.rcvbuf = 8192;
	self->conf.sndbuf = 32768;
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	len = reg_stuff(self->fd[0], SEED);
	ASSERT_LT(0, len);
	EXPECT_TRUE(send_bye(self->fd[0], 4096));
	EXPECT_EQ(len, reg_drain(self->fd[1], SEED, 0));
	EXPECT_TRUE(send_bye_arrived(self->fd[1], 4096));
}

TEST_F(send, full_buffer_of_a_nonblocking_socket)
{
	ssize_t len;

	self->conf.rcvbuf = 8192;
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	ASSERT_EQ(0, reg_nonblock(self->fd[0], true));
	len = reg_stuff(self->fd[0], SEED);
	ASSERT_LT(0, len);
	EXPECT_TRUE(send_bye(self->fd[0], 1));
	EXPECT_EQ(len, reg_drain(self->fd[1], SEED, 0));
	EXPECT_TRUE(send_bye_arrived(self->fd[1], 1));
}

TEST_F(send, full_buffer_then_close)
{
	ssize_t len;

	self->conf.rcvbuf = 8192;
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	len = reg_stuff(self->fd[0], SEED);
	EXPECT_TRUE(send_bye(self->fd[0], 4096));
	close(self->fd[0]);
	self->fd[0] = -1;
	EXPECT_EQ(len, reg_drain(self->fd[1], SEED, 0));
	EXPECT_TRUE(send_bye_arrived(self->fd[1], 4096));
}

TEST_F(send, record_larger_than_the_window)
{
	send_small(&self->conf);
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	EXPECT_TRUE(send_bye(self->fd[0], 4096));
	EXPECT_EQ(0, reg_drain(self->fd[1], SEED, 0));
	EXPECT_TRUE(send_bye_arrived(self->fd[1], 4096));
}

TEST_F(send, record_larger_than_the_window_behind_unread_data)
{
	ssize_t len;

	send_small(&self->conf);
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	len = reg_stuff(self->fd[0], SEED);
	ASSERT_LT(0, len);
	EXPECT_TRUE(send_bye(self->fd[0], 4096));
	EXPECT_EQ(len, reg_drain(self->fd[1], SEED, 0));
	EXPECT_TRUE(send_bye_arrived(self->fd[1], 4096));
}

/* Only poll() runs on the receiver until the end is in. */
TEST_F(send, record_larger_than_the_window_driven_by_poll)
{
	send_small(&self->conf);
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	EXPECT_TRUE(send_bye(self->fd[0], 4096));
	EXPECT_EQ(POLLIN, reg_poll(self->fd[1], POLLIN, REG_SOON_MS));
	EXPECT_TRUE(send_bye_arrived(self->fd[1], 4096));
}

static ssize_t send_recv(struct reg_task *task)
{
	char buf[64];

	return recv(task->fd, buf, sizeof(buf), 0);
}

TEST_F(send, record_larger_than_the_window_wakes_a_blocked_recv)
{
	struct reg_task task = { .call = send_recv };

	send_small(&self->conf);
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	task.fd = self->fd[1];
	ASSERT_TRUE(reg_task_block(&task));
	EXPECT_TRUE(send_bye(self->fd[0], 4096));
	ASSERT_TRUE(reg_task_join(&task));
	EXPECT_EQ(0, task.ret);
	EXPECT_TRUE(send_bye_arrived(self->fd[1], 4096));
}

TEST_F(send, every_size_of_record)
{
	static const __u32 sizes[] = {
		1, 2, 3, 4, 15, 16, 255, 256, 535, 536, 1023, 1024, 1025,
		1400, 1428, 1429, 1460, 2048, 4095, 4096,
	};
	unsigned int i;

	for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
		ASSERT_EQ(0, reg_send_all(self->fd[0], sizes[i], SEED));
		ASSERT_TRUE(send_bye(self->fd[0], sizes[i]));
		EXPECT_EQ(sizes[i], reg_drain(self->fd[1], SEED, 0));
		EXPECT_TRUE(send_bye_arrived(self->fd[1], sizes[i]))
			TH_LOG("size %u", sizes[i]);
		close(self->fd[0]);
		close(self->fd[1]);
	}
}

/* Small segments: the record starts anywhere in one and spans several. */
TEST_F(send, record_across_segments)
{
	int len;

	self->conf.maxseg = 200;
	for (len = 150; len < 420; len += 9) {
		ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
		ASSERT_EQ(0, reg_send_all(self->fd[0], len, SEED));
		ASSERT_TRUE(send_bye(self->fd[0], 300));
		EXPECT_EQ(len, reg_drain(self->fd[1], SEED, 0));
		EXPECT_TRUE(send_bye_arrived(self->fd[1], 300))
			TH_LOG("stream of %d", len);
		close(self->fd[0]);
		close(self->fd[1]);
	}
}

TEST_F(send, corked_data_goes_first)
{
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	ASSERT_EQ(0, reg_setint(self->fd[0], IPPROTO_TCP, TCP_CORK, 1));
	ASSERT_EQ(0, reg_send_all(self->fd[0], 100, SEED));
	EXPECT_TRUE(send_bye(self->fd[0], 50));
	EXPECT_EQ(100, reg_drain(self->fd[1], SEED, 0));
	EXPECT_TRUE(send_bye_arrived(self->fd[1], 50));
}

TEST_F(send, pending_msg_more_goes_first)
{
	unsigned char buf[100];

	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	reg_fill(buf, sizeof(buf), SEED, 0);
	ASSERT_EQ(100, send(self->fd[0], buf, sizeof(buf), MSG_MORE));
	EXPECT_TRUE(send_bye(self->fd[0], 50));
	EXPECT_EQ(100, reg_drain(self->fd[1], SEED, 0));
	EXPECT_TRUE(send_bye_arrived(self->fd[1], 50));
}

TEST_F(send, spliced_pages_go_first)
{
	unsigned char buf[4000];
	int p[2];

	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	ASSERT_EQ(0, pipe(p));
	reg_fill(buf, sizeof(buf), SEED, 0);
	ASSERT_EQ(4000, write(p[1], buf, sizeof(buf)));
	ASSERT_EQ(4000, splice(p[0], NULL, self->fd[0], NULL, 4000,
			       SPLICE_F_MORE));
	EXPECT_TRUE(send_bye(self->fd[0], 50));
	EXPECT_EQ(4000, reg_drain(self->fd[1], SEED, 0));
	EXPECT_TRUE(send_bye_arrived(self->fd[1], 50));
}

TEST_F(send, sndbuf_is_not_reported_larger)
{
	socklen_t len = sizeof(int);
	int before, after;

	self->conf.sndbuf = 16384;
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	ASSERT_EQ(0, getsockopt(self->fd[0], SOL_SOCKET, SO_SNDBUF, &before,
				&len));
	ASSERT_TRUE(send_bye(self->fd[0], 50));
	ASSERT_EQ(0, getsockopt(self->fd[0], SOL_SOCKET, SO_SNDBUF, &after,
				&len));
	EXPECT_EQ(before, after);
}

/* --- blocked writers ------------------------------------------------- */

#define WRITER_LEN	(8 << 20)

static ssize_t send_lots(struct reg_task *task)
{
	unsigned char *buf = malloc(task->len);
	ssize_t n;

	reg_fill(buf, task->len, SEED, 0);
	n = send(task->fd, buf, task->len, MSG_NOSIGNAL);
	free(buf);
	return n;
}

TEST_F(send, blocked_writer_returns_its_count)
{
	struct reg_task task = { .call = send_lots, .len = WRITER_LEN };
	ssize_t len;

	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	task.fd = self->fd[0];
	ASSERT_TRUE(reg_task_block(&task));
	EXPECT_TRUE(send_bye(self->fd[0], 77));
	ASSERT_TRUE(reg_task_join(&task));
	EXPECT_LT(0, task.ret);
	EXPECT_GT(WRITER_LEN, task.ret);
	len = reg_drain(self->fd[1], SEED, 0);
	EXPECT_EQ(task.ret, len);
	EXPECT_TRUE(send_bye_arrived(self->fd[1], 77));
}

static ssize_t send_one(struct reg_task *task)
{
	char c = 0;

	return send(task->fd, &c, 1, MSG_NOSIGNAL);
}

TEST_F(send, blocked_writer_without_a_byte_gets_epipe)
{
	struct reg_task task = { .call = send_one };
	unsigned char c;
	ssize_t len;

	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	len = reg_stuff(self->fd[0], SEED);
	/* The last buffer may have room for single bytes. */
	do
		c = reg_byte(SEED, len);
	while (send(self->fd[0], &c, 1, MSG_DONTWAIT) == 1 && ++len);
	task.fd = self->fd[0];
	ASSERT_TRUE(reg_task_block(&task));
	EXPECT_TRUE(send_bye(self->fd[0], 77));
	ASSERT_TRUE(reg_task_join(&task));
	EXPECT_EQ(-1, task.ret);
	EXPECT_EQ(EPIPE, task.err);
	EXPECT_EQ(len, reg_drain(self->fd[1], SEED, 0));
	EXPECT_TRUE(send_bye_arrived(self->fd[1], 77));
}

/* --- no memory ------------------------------------------------------- */

FIXTURE(nomem) {
	int fd[2];
	int mem;
	char limits[128];
};

/* tcp_mem belongs to the first namespace, so the parent keeps hold of it. */
FIXTURE_SETUP(nomem)
{
	ssize_t n;

	self->mem = open("/proc/sys/net/ipv4/tcp_mem", O_RDWR);
	if (self->mem < 0)
		SKIP(return, "no tcp_mem in this namespace");
	n = pread(self->mem, self->limits, sizeof(self->limits) - 1, 0);
	ASSERT_LT(0, n);
	self->limits[n] = 0;
	ASSERT_EQ(0, reg_ns_lo());
}

FIXTURE_TEARDOWN_PARENT(nomem)
{
	int fd = open("/proc/sys/net/ipv4/tcp_mem", O_WRONLY);

	/* Whatever became of the test: the rest needs memory. */
	if (fd >= 0 && self->limits[0] &&
	    pwrite(fd, self->limits, strlen(self->limits), 0) < 0)
		perror("# tcp_mem");
	close(fd);
}

/* Uses memory up, then lowers the limits far below what is in use. */
static bool nomem_on(int mem)
{
	struct reg_conf hog = { .attach = REG_NEITHER };
	int size = 8 << 20, fd[2];

	if (reg_pair(&hog, fd) ||
	    reg_setint(fd[0], SOL_SOCKET, SO_SNDBUFFORCE, size) ||
	    reg_stuff(fd[0], 0) < size / 4)
		return false;
	return pwrite(mem, "1 1 1", 5, 0) == 5;
}

/* How much a plain socket that has nothing queued takes at once. */
static ssize_t nomem_takes(const int fd[2])
{
	static char buf[1 << 20];

	if (reg_setint(fd[0], SOL_SOCKET, SO_SNDBUFFORCE, sizeof(buf)))
		return -1;
	return send(fd[0], buf, sizeof(buf), MSG_DONTWAIT);
}

/* The other tests are worth something only if this one passes. */
TEST_F(nomem, plain_sends_are_cut_short)
{
	struct reg_conf plain = { .attach = REG_NEITHER };
	int fd[2][2], i;
	ssize_t n[2];

	for (i = 0; i < 2; i++)
		ASSERT_EQ(0, reg_pair(&plain, fd[i]));
	n[0] = nomem_takes(fd[0]);
	ASSERT_TRUE(nomem_on(self->mem));
	n[1] = nomem_takes(fd[1]);
	ASSERT_LT(0, n[0]);
	EXPECT_GT(n[0] / 2, n[1]);
}

static bool nomem_off(int fd, const char *limits)
{
	return pwrite(fd, limits, strlen(limits), 0) > 0;
}

TEST_F(nomem, disconnect_still_succeeds)
{
	struct reg_conf conf = { .attach = REG_BOTH, .rcvbuf = 8192 };
	ssize_t len;

	ASSERT_EQ(0, reg_pair(&conf, self->fd));
	len = reg_stuff(self->fd[0], SEED);
	ASSERT_TRUE(nomem_on(self->mem));
	EXPECT_TRUE(send_bye(self->fd[0], 1024));
	ASSERT_TRUE(nomem_off(self->mem, self->limits));
	EXPECT_EQ(len, reg_drain(self->fd[1], SEED, 0));
	EXPECT_TRUE(send_bye_arrived(self->fd[1], 1024));
}

TEST_F(nomem, disconnect_of_an_idle_connection_succeeds)
{
	struct reg_conf conf = { .attach = REG_BOTH };

	ASSERT_EQ(0, reg_pair(&conf, self->fd));
	ASSERT_TRUE(nomem_on(self->mem));
	EXPECT_TRUE(send_bye(self->fd[0], 1024));
	ASSERT_TRUE(nomem_off(self->mem, self->limits));
	EXPECT_EQ(0, reg_drain(self->fd[1], SEED, 0));
	EXPECT_TRUE(send_bye_arrived(self->fd[1], 1024));
}

TEST_F(nomem, disconnect_without_data_succeeds)
{
	struct reg_conf conf = { .attach = REG_BOTH };

	ASSERT_EQ(0, reg_pair(&conf, self->fd));
	ASSERT_TRUE(nomem_on(self->mem));
	EXPECT_EQ(0, reg_disc_send(self->fd[0], NULL, 0));
	ASSERT_TRUE(nomem_off(self->mem, self->limits));
	EXPECT_EQ(0, reg_drain(self->fd[1], SEED, 0));
}

TEST_HARNESS_MAIN
