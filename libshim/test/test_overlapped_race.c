// SPDX-License-Identifier: LGPL-2.1-or-later
/* The close race on plain sockets, once for each way the engine works. */
#include <kselftest_harness.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "engine.h"
#include "race.h"
#include "util.h"

#define ROUNDS	4000

static struct sockaddr_storage race_name;
static int race_name_len;
static SOCKET race_listener;
static pthread_mutex_t race_lock = PTHREAD_MUTEX_INITIALIZER;

static bool race_pair(SOCKET s[2])
{
	bool ok = false;

	pthread_mutex_lock(&race_lock);
	s[1] = wsp_socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
	if (s[1] != INVALID_SOCKET &&
	    !wsp_connect(s[1], (struct sockaddr *)&race_name, race_name_len)) {
		s[0] = wsp_accept(race_listener, NULL, NULL);
		ok = s[0] != INVALID_SOCKET;
	}
	pthread_mutex_unlock(&race_lock);
	return ok;
}

/* io_uring_setup() says EPERM from now on. */
static bool race_forbid_ring(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_io_uring_setup, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = { ARRAY_SIZE(code), code };

	return !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) &&
	       !prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog);
}

FIXTURE(race)
{
	struct race_result r;
};

FIXTURE_VARIANT(race)
{
	bool forbid;
};

FIXTURE_VARIANT_ADD(race, usual) { false };
FIXTURE_VARIANT_ADD(race, epoll) { true };

FIXTURE_SETUP(race)
{
	util_start();
	ASSERT_TRUE(util_listen(AF_INET, &race_listener, &race_name, &race_name_len));
	if (variant->forbid)
		ASSERT_TRUE(race_forbid_ring());
}

FIXTURE_TEARDOWN(race)
{
}

TEST_F_TIMEOUT(race, CL_5_CL_6_CL_8_OV_1_each_operation_completes_once, 400)
{
	int rounds = race_rounds(ROUNDS);

	race_run(race_pair, rounds, &self->r);
	printf("# %s: %d operations, %d closes, %d aborted\n", wsp_engine_name(), self->r.ops,
	       self->r.closes, self->r.aborted);
	if (variant->forbid)
		EXPECT_STREQ("epoll", wsp_engine_name());
	EXPECT_LE(rounds, self->r.closes);
	EXPECT_LE(rounds * 13, self->r.ops);
	EXPECT_LT(rounds, self->r.aborted);
	EXPECT_EQ(0, self->r.lost);
	EXPECT_EQ(0, self->r.twice);
	EXPECT_EQ(0, self->r.illegal);
	EXPECT_EQ(0, self->r.stale);
	EXPECT_EQ(0, self->r.stuck);
	EXPECT_EQ(0, self->r.failed);
}

TEST_HARNESS_MAIN
