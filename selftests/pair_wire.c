// SPDX-License-Identifier: GPL-2.0
/*
 * Two machines, perhaps with different kernels, and a wire with network cards
 * at its ends, which cut large packets and make checksums.  Each machine runs
 * its own half of every test here; see pair.h and selftests/vm/pair.
 */
#define _GNU_SOURCE
#include "kselftest_harness.h"
#include "pair.h"

#include <pthread.h>

#define MEBI		1048576
#define MANY		200
#define LOSSY		16

/* A port for each test, so that a half of one never meets that of another. */
enum pair_port {
	PORT_PLAIN = PAIR_PORT + 10, PORT_SIZES = PAIR_PORT + 20,
	PORT_MEBI = PAIR_PORT + 30, PORT_MANY = PAIR_PORT + 40,
	PORT_WHOLE = PAIR_PORT + 50, PORT_DRAIN = PAIR_PORT + 60,
	PORT_ABORT = PAIR_PORT + 70, PORT_LOSSY = PAIR_PORT + 80,
};

/**
 * struct half - this machine's end of a connection
 * @fd: its socket
 * @number: see pair_number()
 * @seed: of the bytes the client sends, and the server
 * @stream: bytes to send, and to get
 * @disc: the same for disconnect data
 * @want: what must become of that
 * @sent: what did
 */
struct half {
	int fd;
	int number;
	unsigned int seed[2];
	size_t stream;
	__u32 disc;
	enum reg_want want;
	int sent;
};

static bool half_set(struct half *half, int fd)
{
	int number = fd < 0 ? -1 : pair_number(fd);

	half->fd = fd;
	half->number = number;
	half->seed[0] = number * 4;
	half->seed[1] = number * 4 + 2;
	return number >= 0;
}

static bool half_open(struct half *half, enum reg_family family, int port)
{
	return half_set(half, pair_open(family, port + family));
}

static unsigned int half_mine(const struct half *half)
{
	return half->seed[!pair.client];
}

static unsigned int half_theirs(const struct half *half)
{
	return half->seed[pair.client];
}

static bool half_send(struct half *half)
{
	half->sent = -1;
	if (!reg_send_all(half->fd, half->stream, half_mine(half)))
		half->sent = reg_disc_end(half->fd, half_mine(half) + 1,
					  half->disc, half->want);
	return half->sent >= 0;
}

static bool half_recv(const struct half *half)
{
	ssize_t n = reg_drain(half->fd, half_theirs(half), 0);

	if (n == (ssize_t)half->stream &&
	    !reg_disc_check(half->fd, half_theirs(half) + 1, half->disc,
			    half->want == REG_DATA))
		return true;
	fprintf(stderr, "# stream of %zd bytes, not %zu; disconnect data %u\n",
		n, half->stream, half->disc);
	return false;
}

static void *half_send_thread(void *arg)
{
	half_send(arg);
	return NULL;
}

/* Both at once: more than the buffers take needs a reader on the other side. */
static bool half_exchange(struct half *half)
{
	pthread_t thread;
	bool ok;

	if (pthread_create(&thread, NULL, half_send_thread, half))
		return false;
	ok = half_recv(half);
	return !pthread_join(thread, NULL) && half->sent >= 0 && ok;
}

/* A connection for one exchange. */
static bool exchange(enum reg_family family, int port, size_t stream, __u32 disc)
{
	struct half half = { .stream = stream, .disc = disc };
	bool ok = half_open(&half, family, port) && half_exchange(&half);

	close(half.fd);
	return ok;
}

/* --- one machine lacks the module ------------------------------------ */

FIXTURE(plain) {
	struct half half;
};

FIXTURE_VARIANT(plain) {
	enum reg_family family;
};

FIXTURE_VARIANT_ADD(plain, v4) { .family = REG_V4, };
FIXTURE_VARIANT_ADD(plain, v6) { .family = REG_V6, };

FIXTURE_SETUP(plain)
{
	ASSERT_FALSE(pair.both);
	ASSERT_TRUE(half_open(&self->half, variant->family, PORT_PLAIN));
}

FIXTURE_TEARDOWN(plain)
{
	close(self->half.fd);
}

/* SD-3: the stream is exact both ways, and only NULL data ends it. */
TEST_F(plain, falls_back)
{
	struct wsp_info info;

	ASSERT_EQ(pair.has_module, !reg_info(self->half.fd, &info));
	if (pair.has_module) {
		EXPECT_EQ(WSP_FALLBACK_NO_OPTION, info.fallback);
		EXPECT_EQ(0, info.flags & (WSP_INFO_PEER | WSP_INFO_CAN_SEND));
	}
	self->half.stream = 200000;
	self->half.disc = 100;
	self->half.want = REG_FALLBACK;
	EXPECT_TRUE(half_exchange(&self->half));
}

/* --- both have it ---------------------------------------------------- */

FIXTURE(wire) {
	struct half half;
};

FIXTURE_VARIANT(wire) {
	enum reg_family family;
};

FIXTURE_VARIANT_ADD(wire, v4) { .family = REG_V4, };
FIXTURE_VARIANT_ADD(wire, v6) { .family = REG_V6, };

FIXTURE_SETUP(wire)
{
	ASSERT_TRUE(pair.both);
	ASSERT_EQ(0, reg_sysctl("net/wsp/max_data", "4096"));
}

FIXTURE_TEARDOWN(wire)
{
}

/* Around what fits one segment with the record's 20 bytes, or two or three. */
TEST_F_TIMEOUT(wire, sizes, 60)
{
	static const __u32 sizes[] = {
		0, 1, 2, 3, 4, 15, 16, 17, 255, 256, 1000, 1024, 1340, 1380,
		1388, 1389, 1408, 1409, 1428, 1429, 1448, 1500, 2816, 2876,
		2896, 4095, 4096,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		ASSERT_TRUE(exchange(variant->family, PORT_SIZES, i * 7,
				     sizes[i]));
	}
}

TEST_F_TIMEOUT(wire, mebibyte, 60)
{
	long before = pair_tso_count();

	ASSERT_LE(0, before);
	ASSERT_TRUE(exchange(variant->family, PORT_MEBI, MEBI, 1024));
	ASSERT_TRUE(exchange(variant->family, PORT_MEBI, MEBI + 1, 4096));
	/* The card does it for IPv4 alone. */
	EXPECT_EQ(pair.offload && variant->family == REG_V4,
		  pair_tso_count() > before);
}

/* All open at once; the disconnect data's size differs with each. */
static bool many_open(enum reg_family family, int port, struct half *half,
		      unsigned int count, size_t stream)
{
	int listener = -1;
	unsigned int i;

	port += family;
	if (!pair.client)
		listener = pair_listen(family, port, true);
	for (i = 0; i < count; i++) {
		if (!half_set(&half[i], pair.client ?
			      pair_connect(family, port, true) :
			      pair_accept(listener)))
			return false;
		half[i].stream = stream;
		half[i].disc = half[i].number * 31 % (WSP_DISC_MAX + 1);
	}
	close(listener);
	return true;
}

static bool many_exchange(struct half *half, unsigned int count)
{
	bool ok = true;
	unsigned int i;

	for (i = 0; ok && i < count; i++)
		ok = half_send(&half[i]);
	for (i = 0; ok && i < count; i++)
		ok = half_recv(&half[i]);
	return ok;
}

static void many_close(struct half *half, unsigned int count)
{
	while (count--)
		close(half[count].fd);
}

TEST_F_TIMEOUT(wire, many, 90)
{
	struct half half[MANY] = { 0 };

	ASSERT_TRUE(many_open(variant->family, PORT_MANY, half, MANY, 500));
	EXPECT_TRUE(many_exchange(half, MANY));
	many_close(half, MANY);
}

/* RD-21: the server closes at once behind its answer, which is not lost. */
TEST_F(wire, whole_sequence)
{
	struct half *half = &self->half;

	ASSERT_TRUE(half_open(half, variant->family, PORT_WHOLE));
	half->stream = 5000;
	half->disc = 1000;
	if (pair.client) {
		ASSERT_TRUE(half_send(half));
		ASSERT_TRUE(half_recv(half));
	} else {
		ASSERT_TRUE(half_recv(half));
		ASSERT_TRUE(half_send(half));
	}
	ASSERT_EQ(0, close(half->fd));
}

static int wire_linger(int fd, int seconds)
{
	struct linger linger = { .l_onoff = 1, .l_linger = seconds };

	return setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
}

/* CL-12: everything is acknowledged in time. */
TEST_F_TIMEOUT(wire, linger_drains, 90)
{
	struct half *half = &self->half;
	long start;

	ASSERT_TRUE(half_open(half, variant->family, PORT_DRAIN));
	half->stream = 300000;
	half->disc = 1000;
	if (!pair.client) {
		ASSERT_TRUE(half_recv(half));
		return;
	}
	start = reg_ms();
	ASSERT_EQ(0, wire_linger(half->fd, 60));
	ASSERT_TRUE(half_send(half));
	ASSERT_EQ(0, close(half->fd));
	EXPECT_GT(60000, reg_ms() - start);
}

/* CL-13: nobody reads, time is up, and the other machine sees a reset. */
TEST_F_TIMEOUT(wire, linger_aborts, 90)
{
	struct half *half = &self->half;
	__u32 len = 0;
	long start;

	ASSERT_TRUE(half_open(half, variant->family, PORT_ABORT));
	if (!pair.client) {
		ASSERT_TRUE(reg_poll(half->fd, 0, 2 * REG_SOON_MS) & POLLERR);
		/* What had arrived is exact, but is not all. */
		EXPECT_EQ(-1, reg_drain(half->fd, half_theirs(half), 0));
		EXPECT_EQ(ECONNRESET, errno);
		EXPECT_EQ(ENOTCONN, reg_disc_recv(half->fd, NULL, &len));
		return;
	}
	ASSERT_LT(0, reg_stuff(half->fd, half_mine(half)));
	ASSERT_EQ(1, reg_disc_end(half->fd, half_mine(half) + 1, 1000,
				  REG_DATA));
	ASSERT_EQ(0, wire_linger(half->fd, 1));
	start = reg_ms();
	ASSERT_EQ(0, close(half->fd));
	EXPECT_LE(990, reg_ms() - start);
	EXPECT_GT(15000, reg_ms() - start);
}

/* Whole packets are lost before the card cuts them, and sent again so. */
TEST_F_TIMEOUT(wire, lossy, 90)
{
	struct half half[LOSSY] = { 0 };
	unsigned int i;

	ASSERT_TRUE(many_open(variant->family, PORT_LOSSY, half, LOSSY,
			      40000));
	ASSERT_EQ(0, reg_sh("tc qdisc replace dev eth0 root netem loss 4%%"));
	for (i = 0; i < LOSSY; i++)
		EXPECT_TRUE(half_exchange(&half[i]));
	EXPECT_EQ(0, reg_sh("tc -s qdisc show dev eth0 | grep -q 'dropped [1-9]'"));
	EXPECT_EQ(0, reg_sh("tc qdisc del dev eth0 root"));
	many_close(half, LOSSY);
}

TEST_HARNESS_MAIN
