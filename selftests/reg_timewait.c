// SPDX-License-Identifier: GPL-2.0
/*
 * Children of an attached listener in TIME_WAIT outlive the module: it
 * unloads under them, and their end a minute later touches nothing of it.
 * Slow, for the minute is the kernel's.
 */
#define _GNU_SOURCE
#include "kselftest_harness.h"
#include "reg_io.h"
#include "reg_module.h"

#define TW_CHILDREN	20
/* TCP_TIMEWAIT_LEN is 60 s, and timers may be late. */
#define TW_END_MS	75000

FIXTURE(timewait) {
	struct reg_conf conf;
};

FIXTURE_SETUP(timewait)
{
	self->conf = (struct reg_conf) {
		.family = REG_V4,
		.attach = REG_BOTH,
	};
	ASSERT_EQ(0, reg_module_load());
	ASSERT_EQ(0, reg_ns_lo());
}

FIXTURE_TEARDOWN_PARENT(timewait)
{
	(void)self;
	reg_module_load();
}

/* Sockets in TIME_WAIT in this namespace. */
static int timewait_count(const char *path)
{
	char line[512];
	int n = 0, state;
	FILE *f = fopen(path, "r");

	if (!f)
		return -1;
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, " %*d: %*s %*s %x", &state) == 1 &&
		    state == TCP_TIME_WAIT)
			n++;
	fclose(f);
	return n;
}

static int timewait_all(void)
{
	return timewait_count("/proc/thread-self/net/tcp") +
	       timewait_count("/proc/thread-self/net/tcp6");
}

/* The server closes first, so that its child ends in TIME_WAIT. */
static int timewait_make(const struct reg_conf *conf, bool data)
{
	int fd[2];

	if (reg_pair(conf, fd) ||
	    reg_send_all(fd[1], 100, 1) ||
	    (data && reg_disc_end(fd[1], 2, 50, REG_DATA) != 1))
		return -1;
	close(fd[1]);
	if (reg_drain(fd[0], 1, 0) != 100)
		return -1;
	close(fd[0]);
	return 0;
}

TEST_F_TIMEOUT(timewait, children_outlive_the_module, 150)
{
	long end;
	int i, n;

	for (i = 0; i < TW_CHILDREN; i++) {
		self->conf.family = i % 2 ? REG_V6 : REG_V4;
		ASSERT_EQ(0, timewait_make(&self->conf, i % 3));
	}
	n = timewait_all();
	EXPECT_LE(TW_CHILDREN, n);
	ASSERT_EQ(0, reg_module_unload_soon());
	EXPECT_LE(TW_CHILDREN, timewait_all());

	end = reg_ms() + TW_END_MS;
	while (timewait_all() > 0 && reg_ms() < end)
		poll(NULL, 0, 500);
	EXPECT_EQ(0, timewait_all());

	ASSERT_EQ(0, reg_module_load());
	ASSERT_EQ(0, timewait_make(&self->conf, true));
}

TEST_HARNESS_MAIN
