// SPDX-License-Identifier: GPL-2.0
/*
 * Every single allocation and copy of a call fails in its turn.  The call
 * then succeeds all the same, or fails as documented with nothing changed, so
 * that the next one without a fault does all of the work.  Needs a kernel with
 * fault injection, as make check-debug has one.
 */
#define _GNU_SOURCE
#include "kselftest_harness.h"
#include "reg_io.h"

#define SEED		7
#define LEN		200
/* No call has this many places to fail at. */
#define FAULT_MAX	300
/* Debug kernels are slow. */
#define FAULT_SECONDS	240

static int fault_debugfs(const char *dir, const char *name)
{
	char path[128];
	int fd, ret;

	snprintf(path, sizeof(path), "/sys/kernel/debug/%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	ret = write(fd, "0", 1) == 1 ? 0 : -1;
	close(fd);
	return ret;
}

/* Those that may sleep fail too, and none of them prints a backtrace. */
static int fault_open(void)
{
	if (fault_debugfs("failslab", "ignore-gfp-wait") ||
	    fault_debugfs("failslab", "verbose") ||
	    fault_debugfs("fail_page_alloc", "ignore-gfp-wait") ||
	    fault_debugfs("fail_page_alloc", "verbose") ||
	    fault_debugfs("fail_usercopy", "verbose"))
		return -1;
	return open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
}

/* From here on the @nth place to fail at does. */
static void fault_arm(int fault, int nth)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%d", nth);

	/* An earlier one, not reached yet, may be here. */
	while (pwrite(fault, text, len, 0) != len)
		if (errno != EFAULT)
			abort();
}

/*
 * Ends that; whether there was such a place.  If this call is the next one, it
 * fails by itself.
 */
static bool fault_hit(int fault)
{
	char text[16] = "";
	int err = errno;
	bool hit;

	hit = pread(fault, text, sizeof(text) - 1, 0) > 0 && !atoi(text);
	fault_arm(fault, 0);
	errno = err;
	return hit;
}

FIXTURE(fault) {
	int fault;
	bool hit;
	int nth;
	int fd[2];
	struct reg_conf conf;
};

FIXTURE_VARIANT(fault) {
	enum reg_family family;
};

FIXTURE_VARIANT_ADD(fault, v4) {
	.family = REG_V4,
};

FIXTURE_VARIANT_ADD(fault, v6) {
	.family = REG_V6,
};

FIXTURE_VARIANT_ADD(fault, mapped) {
	.family = REG_MAPPED,
};

FIXTURE_SETUP(fault)
{
	self->hit = true;
	self->nth = 0;
	self->fd[0] = -1;
	self->fd[1] = -1;
	self->conf = (struct reg_conf) {
		.family = variant->family,
		.attach = REG_BOTH,
	};
	self->fault = fault_open();
	if (self->fault < 0)
		SKIP(return, "no fault injection in this kernel");
	ASSERT_EQ(0, reg_ns_lo());
}

FIXTURE_TEARDOWN(fault)
{
	close(self->fault);
	close(self->fd[0]);
	close(self->fd[1]);
}

static void fault_close(int fd[2])
{
	close(fd[0]);
	close(fd[1]);
	fd[0] = -1;
	fd[1] = -1;
}

/* To the next place; false after the call that found none left. */
static bool fault_next(bool hit, int *nth)
{
	return hit && ++*nth < FAULT_MAX;
}

/*
 * @call, with its errno as value, faces the fault.  Its failure must be @err
 * or EFAULT.  Evaluates to whether it failed.
 */
#define FAULT_TURN(call, err) ({					\
	int fault_ret;							\
									\
	fault_arm(self->fault, self->nth);				\
	fault_ret = (call);						\
	self->hit = fault_hit(self->fault);				\
	if (fault_ret)							\
		EXPECT_TRUE(self->hit && (fault_ret == (err) ||		\
					  fault_ret == EFAULT)) {	\
			TH_LOG("nth %d: %s", self->nth, strerror(fault_ret)); \
		}							\
	fault_ret != 0;							\
})

#define FAULT_ERRNO(expr)	((expr) ? errno : 0)

TEST_F_TIMEOUT(fault, attach, FAULT_SECONDS)
{
	int failed = 0;

	while (fault_next(self->hit, &self->nth)) {
		int fd = reg_socket(variant->family, 0);

		ASSERT_LE(0, fd);
		if (FAULT_TURN(FAULT_ERRNO(reg_attach(fd)), ENOMEM)) {
			failed++;
			EXPECT_FALSE(reg_is_attached(fd));
			EXPECT_EQ(0, reg_attach(fd));
		}
		EXPECT_TRUE(reg_is_attached(fd));
		close(fd);
	}
	EXPECT_FALSE(self->hit);
	EXPECT_LT(0, failed);
}

/* A listener that could not be hooked must not pretend. */
TEST_F_TIMEOUT(fault, listen, FAULT_SECONDS)
{
	const enum reg_want want[2] = { REG_DATA, REG_DATA };

	while (fault_next(self->hit, &self->nth)) {
		int fd;

		/* The hooks stay for as long as the namespace. */
		ASSERT_EQ(0, reg_ns_lo());
		fd = reg_socket(variant->family, 0);
		ASSERT_LE(0, fd);
		ASSERT_EQ(0, reg_attach(fd));
		ASSERT_EQ(0, reg_bind(fd, &self->conf, 0));
		if (FAULT_TURN(FAULT_ERRNO(listen(fd, 8)), ENOMEM))
			ASSERT_EQ(0, listen(fd, 8));
		self->fd[0] = reg_client(&self->conf);
		self->fd[1] = reg_join(&self->conf, fd, self->fd[0]);
		ASSERT_LE(0, self->fd[1]);
		EXPECT_EQ(0, reg_exchange(self->fd, want, 100));
		close(fd);
	}
	EXPECT_FALSE(self->hit);
}

/* What cannot be negotiated for want of memory is plain TCP, and says so. */
TEST_F_TIMEOUT(fault, connect, FAULT_SECONDS)
{
	const enum reg_want want[2] = { REG_EITHER, REG_EITHER };

	while (fault_next(self->hit, &self->nth)) {
		int listener, ret;

		ASSERT_EQ(0, reg_ns_lo());
		listener = reg_listen(&self->conf);
		ASSERT_LE(0, listener);
		self->fd[0] = reg_client(&self->conf);
		fault_arm(self->fault, self->nth);
		ret = FAULT_ERRNO(reg_connect(self->fd[0], &self->conf, reg_port(listener)));
		self->hit = fault_hit(self->fault);
		EXPECT_TRUE(!ret || self->hit) {
			TH_LOG("nth %d: %s", self->nth, strerror(ret));
		}
		if (ret)
			ret = FAULT_ERRNO(reg_connect(self->fd[0], &self->conf,
						      reg_port(listener)));
		EXPECT_EQ(0, ret);
		self->fd[1] = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		ASSERT_LE(0, self->fd[1]);
		EXPECT_EQ(0, reg_exchange(self->fd, want, 100));
		close(listener);
	}
	EXPECT_FALSE(self->hit);
}

TEST_F_TIMEOUT(fault, disc_send, FAULT_SECONDS)
{
	unsigned char data[LEN];
	int failed = 0;

	reg_fill(data, LEN, SEED, 0);
	while (fault_next(self->hit, &self->nth)) {
		char got[8];
		int extra = 0;

		ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
		if (FAULT_TURN(reg_disc_send(self->fd[0], data, LEN), ENOBUFS)) {
			failed++;
			EXPECT_FALSE(reg_info_flags(self->fd[0]) & WSP_INFO_SEND_CLOSED);
			extra = 3;
			EXPECT_EQ(3, send(self->fd[0], "abc", 3, MSG_NOSIGNAL));
			EXPECT_EQ(0, reg_disc_send(self->fd[0], data, LEN));
		}
		EXPECT_EQ(extra, recv(self->fd[1], got, sizeof(got), MSG_WAITALL));
		EXPECT_EQ(0, reg_disc_check(self->fd[1], SEED, LEN, true));
		fault_close(self->fd);
	}
	EXPECT_FALSE(self->hit);
	EXPECT_LT(0, failed);
}

static int fault_do_arm(int fd, unsigned int seed)
{
	unsigned char data[LEN];
	struct wsp_disc_args args = {
		.data = (uintptr_t)data,
		.len = LEN,
	};

	reg_fill(data, LEN, seed, 0);
	return FAULT_ERRNO(ioctl(fd, WSP_DISC_ARM, &args));
}

/* What was armed before stands. */
TEST_F_TIMEOUT(fault, disc_arm, FAULT_SECONDS)
{
	int failed = 0;

	while (fault_next(self->hit, &self->nth)) {
		unsigned int seed = SEED + 1;

		ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
		ASSERT_EQ(0, fault_do_arm(self->fd[0], SEED));
		if (FAULT_TURN(fault_do_arm(self->fd[0], seed), ENOMEM)) {
			failed++;
			seed = SEED;
		}
		EXPECT_EQ(0, shutdown(self->fd[0], SHUT_WR));
		EXPECT_EQ(0, reg_drain(self->fd[1], 0, 0));
		EXPECT_EQ(0, reg_disc_check(self->fd[1], seed, LEN, true));
		fault_close(self->fd);
	}
	EXPECT_FALSE(self->hit);
	EXPECT_LT(0, failed);
}

/* The last close has no one to tell, so it has to work. */
TEST_F_TIMEOUT(fault, close_armed, FAULT_SECONDS)
{
	while (fault_next(self->hit, &self->nth)) {
		ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
		ASSERT_EQ(0, fault_do_arm(self->fd[0], SEED));
		fault_arm(self->fault, self->nth);
		close(self->fd[0]);
		self->hit = fault_hit(self->fault);
		self->fd[0] = -1;
		EXPECT_EQ(0, reg_drain(self->fd[1], 0, 0));
		EXPECT_EQ(0, reg_disc_check(self->fd[1], SEED, LEN, true)) {
			TH_LOG("nth %d", self->nth);
		}
		close(self->fd[1]);
		self->fd[1] = -1;
	}
	EXPECT_FALSE(self->hit);
}

TEST_F_TIMEOUT(fault, disc_recv, FAULT_SECONDS)
{
	unsigned char data[LEN];
	int failed = 0;

	reg_fill(data, LEN, SEED, 0);
	while (fault_next(self->hit, &self->nth)) {
		__u32 len = LEN;

		ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
		ASSERT_EQ(0, reg_disc_send(self->fd[0], data, LEN));
		ASSERT_EQ(0, reg_drain(self->fd[1], 0, 0));
		if (FAULT_TURN(reg_disc_recv(self->fd[1], data, &len), ENOMEM))
			failed++;
		EXPECT_EQ(0, reg_disc_check(self->fd[1], SEED, LEN, true));
		fault_close(self->fd);
	}
	EXPECT_FALSE(self->hit);
	EXPECT_LT(0, failed);
}

static int fault_do_linger(int fd)
{
	struct wsp_linger_args args = { .timeout = 5000 };

	return FAULT_ERRNO(ioctl(fd, WSP_LINGER_START, &args));
}

TEST_F_TIMEOUT(fault, linger_start, FAULT_SECONDS)
{
	int failed = 0;

	while (fault_next(self->hit, &self->nth)) {
		struct wsp_linger_info info = { 0 };

		ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
		if (FAULT_TURN(fault_do_linger(self->fd[0]), ENOMEM)) {
			failed++;
			ASSERT_EQ(0, ioctl(self->fd[0], WSP_LINGER_GET, &info));
			EXPECT_EQ(WSP_LINGER_NONE, info.state);
			EXPECT_FALSE(reg_info_flags(self->fd[0]) & WSP_INFO_SEND_CLOSED);
			EXPECT_EQ(0, fault_do_linger(self->fd[0]));
		}
		EXPECT_TRUE(reg_poll(self->fd[0], 0, REG_SOON_MS) & POLLHUP);
		ASSERT_EQ(0, ioctl(self->fd[0], WSP_LINGER_GET, &info));
		if (self->hit && info.state == WSP_LINGER_EXPIRED) {
			/* TCP does not try again to find memory for a FIN. */
			EXPECT_EQ(-1, reg_drain(self->fd[1], 0, 0));
			EXPECT_EQ(ECONNRESET, errno);
		} else {
			EXPECT_EQ(WSP_LINGER_DRAINED, info.state);
			EXPECT_EQ(0, reg_drain(self->fd[1], 0, 0));
		}
		fault_close(self->fd);
	}
	EXPECT_FALSE(self->hit);
	EXPECT_LT(0, failed);
}

TEST_HARNESS_MAIN
