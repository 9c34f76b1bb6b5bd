// SPDX-License-Identifier: GPL-2.0
/* Armed disconnect data goes with the end of the last process (SD-22). */
#define _GNU_SOURCE
#include "kselftest_harness.h"
#include "arm_lib.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

FIXTURE(death) {
	int a;	/* the armed end; -1 once closed */
	int b;	/* its peer */
};

FIXTURE_VARIANT(death) {
	enum reg_family family;
	bool server;	/* it is the armed end */
};

FIXTURE_VARIANT_ADD(death, v4_client) { REG_V4, false };
FIXTURE_VARIANT_ADD(death, v6_client) { REG_V6, false };
FIXTURE_VARIANT_ADD(death, v4_server) { REG_V4, true };
FIXTURE_VARIANT_ADD(death, v6_server) { REG_V6, true };
FIXTURE_VARIANT_ADD(death, mapped_client) { REG_MAPPED, false };

FIXTURE_SETUP(death)
{
	ASSERT_EQ(0, reg_ns_lo());
	ASSERT_EQ(0, arm_pair(variant->family, variant->server, &self->a,
			      &self->b));
}

FIXTURE_TEARDOWN(death)
{
	if (self->a >= 0)
		reg_abort(self->a);
	reg_abort(self->b);
}

enum death { EXIT, KILL, SEGV, CLOSE, EXEC, EXEC_KEEP };

static void death_die(enum death how, int fd)
{
	struct rlimit none = { 0, 0 };
	char *page;

	switch (how) {
	case EXIT:
		_exit(0);
	case KILL:
		raise(SIGKILL);
		break;
	case SEGV:
		setrlimit(RLIMIT_CORE, &none);
		signal(SIGSEGV, SIG_DFL);
		page = mmap(NULL, 1, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
			    -1, 0);
		*page = 1;
		break;
	case CLOSE:
		close(fd);
		_exit(0);
	case EXEC_KEEP:
		fcntl(fd, F_SETFD, 0);
		execlp("cat", "cat", NULL);
		break;
	case EXEC:
		execlp("cat", "cat", NULL);
		break;
	}
	_exit(99);
}

/**
 * struct death_child - a process that alone has the armed end
 * @pid: of it
 * @go: closed: it may end, or an exec'ed cat finds the end of its input
 */
struct death_child {
	int pid;
	int go;
};

/* The parent's descriptors are closed when this returns. */
static struct death_child death_fork(enum death how, int *a, int b)
{
	struct death_child child = { -1, -1 };
	int go[2], alone[2];
	char c;

	if (pipe2(go, O_CLOEXEC) || pipe2(alone, O_CLOEXEC))
		return child;
	child.pid = fork();
	if (!child.pid) {
		close(b);
		close(go[1]);
		close(alone[1]);
		/* End of file: the parent has closed its descriptor. */
		if (read(alone[0], &c, 1))
			_exit(98);
		if (how == EXEC || how == EXEC_KEEP)
			dup2(go[0], 0);
		else if (read(go[0], &c, 1))
			_exit(97);
		death_die(how, *a);
	}
	close(go[0]);
	close(alone[0]);
	close(*a);
	*a = -1;
	close(alone[1]);
	child.go = go[1];
	return child;
}

static int death_reap(struct death_child child)
{
	int status;

	return waitpid(child.pid, &status, 0) == child.pid ? status : -1;
}

/* Ends the child; its status, or -1. */
static int death_let_die(struct death_child child)
{
	close(child.go);
	return death_reap(child);
}

TEST_F(death, exit_of_the_last_process)
{
	struct death_child child = death_fork(EXIT, &self->a, self->b);

	ASSERT_LT(0, child.pid);
	EXPECT_TRUE(arm_is_quiet(self->b));
	EXPECT_EQ(0, death_let_die(child));
	EXPECT_EQ(0, arm_got_it(self->b));
}

TEST_F(death, exit_although_lingering)
{
	struct death_child child;
	ssize_t len = reg_stuff(self->a, ARM_SEED);
	long start;

	ASSERT_EQ(0, arm_linger(self->a, 1, ARM_LINGER_S));
	child = death_fork(EXIT, &self->a, self->b);
	ASSERT_LT(0, child.pid);
	start = reg_ms();
	EXPECT_EQ(0, death_let_die(child));
	EXPECT_GT(ARM_LINGER_S * 1000 / 2, reg_ms() - start);
	EXPECT_EQ(0, arm_got(self->b, len, ARM_BYE, ARM_LEN));
}

TEST_F(death, exit_of_one_of_two_processes_does_not)
{
	int copy = fcntl(self->a, F_DUPFD_CLOEXEC, 0);
	struct death_child child = death_fork(EXIT, &self->a, self->b);

	self->a = copy;
	ASSERT_LT(0, child.pid);
	EXPECT_EQ(0, death_let_die(child));
	EXPECT_TRUE(arm_is_quiet(self->b));
	close(self->a);
	self->a = -1;
	EXPECT_EQ(0, arm_got_it(self->b));
}

TEST_F(death, sigkill)
{
	struct death_child child = death_fork(KILL, &self->a, self->b);

	ASSERT_LT(0, child.pid);
	EXPECT_TRUE(arm_is_quiet(self->b));
	EXPECT_EQ(SIGKILL, death_let_die(child));
	EXPECT_EQ(0, arm_got_it(self->b));
}

TEST_F(death, sigkill_behind_a_full_queue)
{
	ssize_t len = reg_stuff(self->a, ARM_SEED);
	struct death_child child = death_fork(KILL, &self->a, self->b);

	ASSERT_LT(0, child.pid);
	EXPECT_EQ(SIGKILL, death_let_die(child));
	EXPECT_EQ(0, arm_got(self->b, len, ARM_BYE, ARM_LEN));
}

TEST_F(death, sigsegv)
{
	struct death_child child = death_fork(SEGV, &self->a, self->b);

	ASSERT_LT(0, child.pid);
	EXPECT_EQ(SIGSEGV, death_let_die(child));
	EXPECT_EQ(0, arm_got_it(self->b));
}

/* The process goes on as another program, without the descriptor. */
TEST_F(death, exec_of_another_program)
{
	struct death_child child = death_fork(EXEC, &self->a, self->b);

	ASSERT_LT(0, child.pid);
	EXPECT_EQ(0, arm_got_it(self->b));
	EXPECT_EQ(0, waitpid(child.pid, NULL, WNOHANG));
	EXPECT_EQ(0, death_let_die(child));
}

static bool death_is_cat(int pid)
{
	long end = reg_ms() + REG_SOON_MS;
	char path[32], comm[16] = "";
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	while (strcmp(comm, "cat\n") && reg_ms() < end) {
		f = fopen(path, "re");
		if (!f)
			return false;
		if (!fgets(comm, sizeof(comm), f))
			comm[0] = 0;
		fclose(f);
		reg_tick();
	}
	return !strcmp(comm, "cat\n");
}

TEST_F(death, exec_that_keeps_the_descriptor_does_not)
{
	struct death_child child = death_fork(EXEC_KEEP, &self->a, self->b);

	ASSERT_LT(0, child.pid);
	EXPECT_TRUE(death_is_cat(child.pid));
	EXPECT_TRUE(arm_is_quiet(self->b));
	EXPECT_EQ(0, death_let_die(child));
	EXPECT_EQ(0, arm_got_it(self->b));
}

/* Asleep for good, as far as can be told. */
static bool death_sleeps(int pid)
{
	long end = reg_ms() + REG_SOON_MS;
	char path[32], state = '?';
	int asleep = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	while (reg_ms() < end && asleep < 5) {
		f = fopen(path, "re");
		if (!f || fscanf(f, "%*d (%*[^)]) %c", &state) != 1)
			state = '?';
		if (f)
			fclose(f);
		asleep = state == 'D' ? asleep + 1 : 0;
		reg_tick();
	}
	return asleep == 5;
}

/* Its close waits in vain; being killed, it does not linger any longer. */
TEST_F(death, sigkill_of_a_lingering_close)
{
	ssize_t len = reg_stuff(self->a, ARM_SEED);
	struct death_child child;

	ASSERT_EQ(0, arm_linger(self->a, 1, ARM_LINGER_S));
	child = death_fork(CLOSE, &self->a, self->b);
	ASSERT_LT(0, child.pid);
	close(child.go);
	EXPECT_TRUE(death_sleeps(child.pid));
	ASSERT_EQ(0, kill(child.pid, SIGKILL));
	EXPECT_EQ(SIGKILL, death_reap(child));
	EXPECT_EQ(0, arm_got(self->b, len, ARM_BYE, ARM_LEN));
}

TEST_HARNESS_MAIN
