// SPDX-License-Identifier: GPL-2.0
/*
 * Every allocation that the module asks for, in whatever context, fails in
 * its turn: what a system call's own faults (reg_fault) do not reach is in
 * softirq, in a cloned socket and in a new namespace.  The streams stay exact;
 * a call that fails does the work when called again; the counters tell.
 *
 * Needs failslab and its filter by stack, as make check-debug has it on 6.12.
 */
#define _GNU_SOURCE
#include "kselftest_harness.h"
#include "obs_stat.h"

#define FAILSLAB	"/sys/kernel/debug/failslab/"
#define LEN		100
#define SEED		5
/* From the allocator outwards: deep enough for what others allocate for us. */
#define DEPTH		"10"
#define NTH_MAX		300
#define NOMEM_SWEEPS	5
/* Debug kernels are slow. */
#define NOMEM_SECONDS	280

static int nomem_set(const char *name, const char *val)
{
	char path[128];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), FAILSLAB "%s", name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	n = write(fd, val, strlen(val));
	close(fd);
	return n < 0 ? -1 : 0;
}

/* No other module is in the machine, so what lies behind ours is nobody's. */
static int nomem_range(void)
{
	unsigned long start = 0, size = 0;
	char text[32];
	FILE *f;
	int n;

	f = fopen("/sys/module/wsp/sections/.text", "r");
	if (!f)
		return -1;
	n = fscanf(f, "%lx", &start);
	fclose(f);
	f = fopen("/sys/module/wsp/coresize", "r");
	if (n != 1 || !f)
		return -1;
	n = fscanf(f, "%lu", &size);
	fclose(f);
	if (n != 1)
		return -1;
	snprintf(text, sizeof(text), "%#lx", start);
	if (nomem_set("require-start", text))
		return -1;
	snprintf(text, sizeof(text), "%#lx", start + size);
	return nomem_set("require-end", text);
}

/* kmemleak's notes on what is allocated can do without memory. */
static int nomem_reject(void)
{
	unsigned long addr, first = -1UL, last = 0;
	char line[256], name[128], text[32];
	FILE *f = fopen("/proc/kallsyms", "r");

	if (!f)
		return -1;
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%lx %*[tT] %127s", &addr, name) != 2 ||
		    (strcmp(name, "__alloc_object") && strcmp(name, "__create_object")))
			continue;
		first = addr < first ? addr : first;
		last = addr > last ? addr : last;
	}
	fclose(f);
	if (first > last)
		return 0;
	snprintf(text, sizeof(text), "%#lx", first);
	if (nomem_set("reject-start", text))
		return -1;
	/* To the end of the last one, at least. */
	snprintf(text, sizeof(text), "%#lx", last + 512);
	return nomem_set("reject-end", text);
}

static int nomem_open(void)
{
	if (nomem_set("probability", "0") || nomem_set("verbose", "0") ||
	    nomem_set("ignore-gfp-wait", "0") || nomem_set("task-filter", "0") ||
	    nomem_set("space", "0"))
		return -1;
	return nomem_range() || nomem_reject() ||
	       nomem_set("stacktrace-depth", DEPTH) ? -1 : 0;
}

static bool nomem_done(void)
{
	char text[16] = "";
	int fd = open(FAILSLAB "times", O_RDONLY | O_CLOEXEC);
	ssize_t n = read(fd, text, sizeof(text) - 1);

	close(fd);
	return n > 0 && !atoi(text);
}

/*
 * From here on the @nth allocation fails, and no other.  It is every @nth one
 * in truth, and nothing resets the count; so that is first brought to the end
 * of a round.
 */
static int nomem_arm(int nth)
{
	char text[16];
	int i, fd;

	snprintf(text, sizeof(text), "%d", nth);
	if (nomem_set("interval", text) || nomem_set("times", "1") ||
	    nomem_set("probability", "100"))
		return -1;
	for (i = 0; nth > 1 && i < nth && !nomem_done(); i++) {
		fd = reg_socket(REG_V4, 0);
		reg_attach(fd);
		close(fd);
	}
	return nth > 1 && !nomem_done() ? -1 : nomem_set("times", "1");
}

/* Ends that; whether it came to the @nth. */
static bool nomem_hit(void)
{
	bool done = nomem_done();

	nomem_set("probability", "0");
	return done;
}

FIXTURE(nomem) {
	long nomem[5];
};

static const char *const nomem_name[] = {
	"FallbackNomem", "CloneNomem", "DiscSendNomem", "DiscRecvNomem",
	"LingerNomem",
};

FIXTURE_VARIANT(nomem) {
	enum reg_family family;
};

FIXTURE_VARIANT_ADD(nomem, v4) {
	.family = REG_V4,
};

FIXTURE_VARIANT_ADD(nomem, v6) {
	.family = REG_V6,
};

FIXTURE_VARIANT_ADD(nomem, mapped) {
	.family = REG_MAPPED,
};

FIXTURE_SETUP(nomem)
{
	memset(self->nomem, 0, sizeof(self->nomem));
	if (nomem_open())
		SKIP(return, "no failslab with a filter in this kernel");
}

FIXTURE_TEARDOWN(nomem)
{
	nomem_set("probability", "0");
	nomem_set("require-start", "0");
	nomem_set("require-end", "0xffffffffffffffff");
	nomem_set("reject-start", "0");
	nomem_set("reject-end", "0");
}

/* What the namespace has counted. */
static int nomem_count(long val[])
{
	struct obs_stat st;
	int i, j, found = 0;

	if (obs_read(0, &st))
		return -1;
	for (i = 0; i < st.count; i++) {
		for (j = 0; j < 5; j++) {
			if (strcmp(st.name[i], nomem_name[j]))
				continue;
			val[j] = st.val[i];
			found++;
		}
	}
	return found == 5 ? 0 : -1;
}

/* The second time nothing fails. */
#define TWICE(call) ({				\
	int twice_ret, twice_left = 2;		\
						\
	do {					\
		twice_ret = (call);		\
	} while (twice_ret && --twice_left);	\
	twice_ret;				\
})

static int nomem_disc_send(int fd)
{
	unsigned char data[LEN];

	reg_fill(data, LEN, SEED, 0);
	return reg_disc_send(fd, data, LEN);
}

static int nomem_disc_arm(int fd)
{
	unsigned char data[LEN];
	struct wsp_disc_args args = {
		.data = (uintptr_t)data,
		.len = LEN,
		.flags = WSP_DISC_INHERIT,
	};

	reg_fill(data, LEN, SEED, 0);
	return ioctl(fd, WSP_DISC_ARM, &args) ? errno : 0;
}

static int nomem_linger(int fd)
{
	struct wsp_linger_args args = { .timeout = 60000 };

	return ioctl(fd, WSP_LINGER_START, &args) ? errno : 0;
}

/* An armed listener, its client and the socket accepted. */
static int nomem_connect(const struct reg_conf *conf, int fd[2])
{
	int listener = reg_socket(conf->family, 0);

	if (listener < 0 || TWICE(reg_attach(listener)) ||
	    TWICE(nomem_disc_arm(listener)) || reg_bind(listener, conf, 0) ||
	    TWICE(listen(listener, 8)))
		return reg_fail("listener");
	fd[0] = reg_socket(conf->family, 0);
	if (fd[0] < 0 || TWICE(reg_attach(fd[0])) ||
	    TWICE(reg_connect(fd[0], conf, reg_port(listener))))
		return reg_fail("client");
	fd[1] = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	close(listener);
	return fd[1] < 0 ? reg_fail("accept") : 0;
}

/* The whole stream; behind it what a plain peer makes of a record. */
static int nomem_stream(int fd, bool record)
{
	unsigned char buf[4 * LEN];
	ssize_t n, len = 0;

	do {
		if (!(reg_poll(fd, POLLIN, REG_SOON_MS) & ~POLLPRI))
			return reg_fail("end of stream");
		n = recv(fd, buf + len, sizeof(buf) - len, MSG_DONTWAIT);
		if (n < 0 && errno != EAGAIN)
			return reg_fail("recv");
		len += n > 0 ? n : 0;
	} while (n && len < (ssize_t)sizeof(buf));
	if (len < LEN || !reg_is(buf, LEN, SEED + 1, 0) || (len > LEN && !record)) {
		fprintf(stderr, "# stream of %zd bytes\n", len);
		return -1;
	}
	return 0;
}

/* 0 if @fd's peer's data is here, 1 if it is lost and counted so, or -1. */
static int nomem_data(int fd)
{
	unsigned char data[LEN];
	__u32 len = LEN;
	int err;

	err = reg_disc_recv(fd, data, &len);
	if (err == ENOMEM) {
		len = LEN;
		err = reg_disc_recv(fd, data, &len);
	}
	if (!err && len == LEN)
		return reg_is(data, LEN, SEED, 0) ? 0 : -1;
	return (!err && !len) || err == ENOPROTOOPT ? 1 : -1;
}

/*
 * One connection with all there is; the number of ends that did not get the
 * peer's data, or -1.
 */
static int nomem_turn(const struct reg_conf *conf)
{
	int fd[2], i, err, lost = 0;
	bool clone;

	if (nomem_connect(conf, fd))
		return -1;
	clone = reg_is_attached(fd[1]);
	for (i = 0; i < 2; i++)
		if (reg_send_all(fd[i], LEN, SEED + 1))
			return -1;
	/* Plain TCP, if that is what memory was enough for. */
	err = nomem_disc_send(fd[0]);
	if (err == ENOBUFS)
		err = nomem_disc_send(fd[0]);
	errno = err;
	if (err && (err != ENOPROTOOPT || shutdown(fd[0], SHUT_WR)))
		return reg_fail("end of the client");
	/* What the listener had armed goes out here. */
	if (clone ? TWICE(nomem_linger(fd[1])) : shutdown(fd[1], SHUT_WR))
		return reg_fail("end of the server");
	if (nomem_stream(fd[1], !clone) || nomem_stream(fd[0], false))
		return -1;
	for (i = 0; i < 2; i++) {
		int ret = !i || clone ? nomem_data(fd[i]) : 1;

		if (ret < 0)
			return reg_fail("disconnect data");
		lost += ret;
		close(fd[i]);
	}
	return lost;
}

/* Each allocation of a connection in turn; how many there are. */
static int nomem_sweep(struct __test_metadata *_metadata,
		       const struct reg_conf *conf, long val[5])
{
	long now[5] = { 0 };
	int nth = 0, ret, i;
	bool hit;

	do {
		long counted = 0;

		ASSERT_EQ(0, nomem_arm(++nth));
		ret = nomem_turn(conf);
		hit = nomem_hit();
		ASSERT_EQ(0, nomem_count(now));
		for (i = 0; i < 5; i++) {
			counted += now[i] - val[i];
			val[i] = now[i];
		}
		ASSERT_LE(0, ret) {
			TH_LOG("nth %d", nth);
		}
		/* Nothing is lost without a word, nor without a fault. */
		EXPECT_TRUE(!ret || (hit && counted)) {
			TH_LOG("nth %d: %d lost, %ld counted", nth, ret, counted);
		}
	} while (hit && nth < NTH_MAX);
	EXPECT_FALSE(hit);
	return nth - 1;
}

/*
 * What the two ends do at the same time on two processors has no order, so
 * that one allocation may escape one sweep.
 */
TEST_F_TIMEOUT(nomem, connection, NOMEM_SECONDS)
{
	struct reg_conf conf = { .family = variant->family };
	int sweeps = 0, i;
	bool all;

	ASSERT_EQ(0, reg_ns_lo());
	/* What a namespace needs once is not asked for again. */
	ASSERT_EQ(0, nomem_turn(&conf));
	do {
		TH_LOG("%d allocations",
		       nomem_sweep(_metadata, &conf, self->nomem));
		all = true;
		for (i = 1; i < 5; i++)
			all = all && self->nomem[i];
	} while (!all && ++sweeps < NOMEM_SWEEPS);
	for (i = 0; i < 5; i++) {
		TH_LOG("%s %ld", nomem_name[i], self->nomem[i]);
		/* The listener did what a client may lack memory for; see below. */
		EXPECT_EQ(i == 0, !self->nomem[i]);
	}
}

/* IPv4 over IPv6 needs a hook, and is plain without. */
TEST_F_TIMEOUT(nomem, fallback, NOMEM_SECONDS)
{
	struct reg_conf conf = { .family = variant->family, .attach = REG_CLIENT };
	int nth = 0, fell = 0;
	long now[5] = { 0 };
	bool hit;

	if (variant->family != REG_MAPPED)
		SKIP(return, "nothing to allocate");
	do {
		int listener, fd[2];

		ASSERT_EQ(0, reg_ns_lo());
		listener = reg_listen(&conf);
		ASSERT_LE(0, listener);
		fd[0] = reg_client(&conf);
		ASSERT_LE(0, fd[0]);
		ASSERT_EQ(0, nomem_arm(++nth));
		EXPECT_EQ(0, TWICE(reg_connect(fd[0], &conf, reg_port(listener))));
		hit = nomem_hit();
		fd[1] = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		ASSERT_LE(0, fd[1]);
		fell += reg_info_fallback(fd[0]) == WSP_FALLBACK_NOMEM;
		EXPECT_EQ(0, reg_exchange_both(fd, REG_FALLBACK));
		close(listener);
		ASSERT_EQ(0, nomem_count(now));
		self->nomem[0] += now[0];
	} while (hit && nth < NTH_MAX);
	EXPECT_FALSE(hit);
	EXPECT_LT(0, fell);
	EXPECT_EQ(fell, self->nomem[0]);
	TH_LOG("%d allocations, %d fell back", nth - 1, fell);
}

/*
 * Nothing is sent, and the next attempt does it all: first there is no memory
 * for the copy of the data, then only for that, as it is the smallest.
 */
TEST_F_TIMEOUT(nomem, send, NOMEM_SECONDS)
{
	struct reg_conf conf = { .family = variant->family, .attach = REG_BOTH };
	static const char *const space[2] = { "0", "129" };
	int fd[2], i;

	ASSERT_EQ(0, reg_ns_lo());
	ASSERT_EQ(0, reg_pair(&conf, fd));
	for (i = 0; i < 2; i++) {
		int err;

		ASSERT_EQ(0, nomem_set("interval", "1"));
		ASSERT_EQ(0, nomem_set("times", "16"));
		ASSERT_EQ(0, nomem_set("space", space[i]));
		ASSERT_EQ(0, nomem_set("probability", "100"));
		err = nomem_disc_send(fd[0]);
		nomem_set("probability", "0");
		EXPECT_EQ(ENOBUFS, err);
		ASSERT_EQ(0, nomem_count(self->nomem));
		EXPECT_EQ(i + 1, self->nomem[2]);
	}
	EXPECT_EQ(0, nomem_set("space", "0"));
	EXPECT_EQ(0, reg_send_all(fd[0], LEN, SEED + 1));
	EXPECT_EQ(0, nomem_disc_send(fd[0]));
	EXPECT_EQ(0, nomem_stream(fd[1], false));
	EXPECT_EQ(0, nomem_data(fd[1]));
	close(fd[0]);
	close(fd[1]);
}

/* A record's first segments are there, and for a second no memory for more. */
static int nomem_send_within(int fd, int space)
{
	char text[16];
	int err;

	snprintf(text, sizeof(text), "%d", space);
	if (nomem_set("interval", "1") || nomem_set("times", "-1") ||
	    nomem_set("space", text) || nomem_set("probability", "100"))
		return -1;
	err = nomem_disc_send(fd);
	nomem_set("probability", "0");
	nomem_set("space", "0");
	return err;
}

/*
 * Nothing is sent, all of it, or the connection is reset: the peer never takes
 * a part for the whole, nor for the stream.
 */
TEST_F_TIMEOUT(nomem, send_in_segments, NOMEM_SECONDS)
{
	struct reg_conf conf = {
		.family = variant->family,
		.attach = REG_BOTH,
		.maxseg = 88,
	};
	int fd[2], space, err, reset = 0;
	long counted = 0;
	char c = 0;

	ASSERT_EQ(0, reg_ns_lo());
	ASSERT_EQ(0, reg_pair(&conf, fd));
	for (space = 129; space < 20000; space += 256) {
		err = nomem_send_within(fd[0], space);
		counted += !!err;
		ASSERT_EQ(0, nomem_count(self->nomem));
		EXPECT_EQ(counted, self->nomem[2]);
		if (err == ENOBUFS)
			continue;
		if (!err)
			break;
		reset++;
		ASSERT_EQ(ENOTCONN, err) {
			TH_LOG("space %d", space);
		}
		EXPECT_EQ(TCP_CLOSE, reg_tcp_state(fd[0]));
		EXPECT_EQ(ENOTCONN, nomem_disc_send(fd[0]));
		/* Nor was there memory for the reset; now it is the answer. */
		send(fd[1], &c, 1, MSG_NOSIGNAL);
		ASSERT_TRUE(reg_wait_state(fd[1], TCP_CLOSE));
		EXPECT_EQ(-1, recv(fd[1], &c, 1, 0));
		EXPECT_EQ(ECONNRESET, errno);
		EXPECT_NE(0, nomem_data(fd[1]));
		close(fd[0]);
		close(fd[1]);
		ASSERT_EQ(0, reg_pair(&conf, fd));
	}
	ASSERT_EQ(0, err);
	EXPECT_LT(0, reset);
	EXPECT_EQ(0, recv(fd[1], &c, 1, 0));
	EXPECT_EQ(0, nomem_data(fd[1]));
	TH_LOG("%ld failed, %d reset", counted, reset);
	close(fd[0]);
	close(fd[1]);
}

/* A namespace is made as a whole, or not at all. */
TEST_F_TIMEOUT(nomem, namespace, NOMEM_SECONDS)
{
	int nth = 0, failed = 0, ret;
	bool hit;

	if (variant->family != REG_V4)
		SKIP(return, "once is enough");
	do {
		ASSERT_EQ(0, nomem_arm(++nth));
		ret = unshare(CLONE_NEWNET) ? errno : 0;
		hit = nomem_hit();
		failed += !!ret;
		EXPECT_TRUE(!ret || (hit && ret == ENOMEM)) {
			TH_LOG("nth %d: %s", nth, strerror(ret));
		}
		ASSERT_EQ(0, reg_ns_lo());
		EXPECT_EQ(0, nomem_turn(&(struct reg_conf){ .family = REG_V4 }));
	} while (hit && nth < NTH_MAX);
	EXPECT_FALSE(hit);
	EXPECT_LT(0, failed);
	TH_LOG("%d allocations", nth - 1);
}

TEST_HARNESS_MAIN
