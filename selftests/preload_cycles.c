// SPDX-License-Identifier: GPL-2.0
/*
 * Ten thousand connections made and closed under libwsp-preload.so, or $WSP_MANY, in
 * each close mode: no descriptor is left, and none of the sockets.
 */
#define _GNU_SOURCE
#include "kselftest_harness.h"
#include "preload_lib.h"

#include <dirent.h>
#include <sys/prctl.h>

#define CYCLES		10000
#define CYCLES_LIMIT	900

static int cycles_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = 0;

	while (dir && readdir(dir))
		n++;
	if (dir)
		closedir(dir);
	return n;
}

/* Strict mode refuses what is not acknowledged yet. */
static int cycles_close(int fd, long *refused)
{
	while (close(fd)) {
		if (errno != EWOULDBLOCK)
			return -1;
		++*refused;
		poll(NULL, 0, 1);
	}
	return 0;
}

static int cycles_one(int listener, const struct reg_conf *conf, int i, long *refused)
{
	int fd[2], copy, err;

	fd[0] = reg_client(conf);
	fd[1] = fd[0] < 0 ? -1 : reg_join(conf, listener, fd[0]);
	if (fd[1] < 0)
		return -1;
	if (linger_option(fd[0], 1, 5) || reg_nonblock(fd[0], true) ||
	    linger_option(fd[1], 1, 5) || reg_nonblock(fd[1], true))
		return reg_fail("linger");
	if (send(fd[i & 1], "hello", 5, MSG_NOSIGNAL) != 5)
		return reg_fail("send");
	/* Every way of making a copy in its turn. */
	copy = i % 3 ? dup(fd[0]) : fcntl(fd[0], F_DUPFD_CLOEXEC, 50);
	if (copy < 0 || cycles_close(copy, refused))
		return reg_fail("copy");
	if (i % 5 == 0)
		shutdown(fd[0], SHUT_WR);
	err = cycles_close(fd[0], refused);
	/* Each end first. */
	return cycles_close(fd[1], refused) || err ? reg_fail("close") : 0;
}

/* What runs under the preloaded object. */
static int cycles_run(void)
{
	struct reg_conf conf = { .family = REG_V4 };
	int listener, before, i;
	const char *many = getenv("WSP_MANY");
	int cycles = many ? atoi(many) : CYCLES;
	long refused = 0;

	if (cycles < 1 || reg_ns_lo())
		return 1;
	listener = reg_listen(&conf);
	if (listener < 0 || cycles_one(listener, &conf, 0, &refused))
		return 1;
	before = cycles_fds();
	for (i = 0; i < cycles; i++) {
		if (cycles_one(listener, &conf, i, &refused))
			return 1;
	}
	printf("# %d cycles, %ld closes refused\n", cycles, refused);
	if (cycles_fds() != before) {
		printf("# %d descriptors, %d before\n", cycles_fds(), before);
		return 2;
	}
	/* The object was there, and was asked for data. */
	return reg_is_attached(listener) ? 0 : 3;
}

FIXTURE(cycles) {
	int unused;
};

FIXTURE_VARIANT(cycles) {
	const char *mode;
};

FIXTURE_SETUP(cycles)
{
}

FIXTURE_TEARDOWN(cycles)
{
}

FIXTURE_VARIANT_ADD(cycles, async) { "async" };
FIXTURE_VARIANT_ADD(cycles, plain) { "plain" };
FIXTURE_VARIANT_ADD(cycles, strict) { "strict" };

TEST_F_TIMEOUT(cycles, no_descriptor_is_left, CYCLES_LIMIT)
{
	int status;
	pid_t pid = fork();

	ASSERT_LE(0, pid);
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		setenv("LD_PRELOAD", "libwsp-preload.so", 1);
		setenv("WSP_DISCONNECT_DATA", "%n[%p]: %s", 1);
		setenv("WSP_CLOSE", variant->mode, 1);
		setenv("WSP_LOG_PEER", "yes", 1);
		setenv("WSP_LOG", "/dev/null", 1);
		execl("/proc/self/exe", "preload_cycles", "--run", NULL);
		_exit(97);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "--run"))
		return cycles_run();
	return test_harness_run(argc, argv);
}
