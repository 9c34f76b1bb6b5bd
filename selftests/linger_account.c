// SPDX-License-Identifier: GPL-2.0
/*
 * What armed data and deadlines cost, who pays, and that nobody needs a
 * privilege for any of it.
 */
#define _GNU_SOURCE
#include "kselftest_harness.h"
#include "linger.h"

#include <grp.h>
#include <linux/sock_diag.h>
#include <sys/wait.h>

#define NOBODY		65534
#define ROUNDS		100000

FIXTURE(account) {
	struct reg_conf conf;
	int fd[2];
};

FIXTURE_VARIANT(account) {
	enum reg_family family;
};

FIXTURE_VARIANT_ADD(account, v4) {
	.family = REG_V4,
};

FIXTURE_VARIANT_ADD(account, v6) {
	.family = REG_V6,
};

FIXTURE_SETUP(account)
{
	self->conf = linger_conf(variant->family);
	ASSERT_EQ(0, reg_ns_lo());
	ASSERT_EQ(0, reg_sysctl("net/wsp/max_data", "4096"));
}

FIXTURE_TEARDOWN(account)
{
}

/* With what a debug kernel does for every allocation. */
#define ACCOUNT_TEST(name)	TEST_F_TIMEOUT(account, name, 500)

/* --- privilege ---------------------------------------------------------- */

/* No more rights than anybody has; the module is in already. */
static int become_nobody(void)
{
	if (setgroups(0, NULL) || setresgid(NOBODY, NOBODY, NOBODY) ||
	    setresuid(NOBODY, NOBODY, NOBODY))
		return reg_fail("become nobody");
	return 0;
}

/* Every ioctl there is, on both ends. */
static int use_everything(const struct reg_conf *conf)
{
	struct wsp_linger_info linger;
	struct wsp_info info;
	unsigned char data[4096];
	__u32 len = sizeof(data);
	int fd[2];

	reg_fill(data, sizeof(data), 9, 0);
	if (reg_pair(conf, fd))
		return -1;
	if (linger_set_mode(fd[0], WSP_LINGER_MODE_ASYNC) ||
	    linger_get(fd[0], &linger) || linger.mode != WSP_LINGER_MODE_ASYNC)
		return reg_fail("MODE, GET");
	if (linger_arm(fd[0], data, sizeof(data), 0) ||
	    reg_info(fd[0], &info) || info.armed_len != sizeof(data))
		return reg_fail("ARM, INFO");
	if (ioctl(fd[0], WSP_LINGER_CHECK))
		return reg_fail("CHECK");
	if (linger_start(fd[0], LINGER_LONG_MS) ||
	    linger_wait(fd[0]) != WSP_LINGER_DRAINED)
		return reg_fail("START");
	if (reg_drain(fd[1], 0, 0) || reg_disc_recv(fd[1], data, &len) ||
	    len != sizeof(data) || !reg_is(data, len, 9, 0))
		return reg_fail("RECV");
	if (reg_disc_send(fd[1], data, 1))
		return reg_fail("SEND");
	close(fd[0]);
	close(fd[1]);

	if (linger_stalled_pair(conf, fd) < 0 ||
	    linger_start(fd[0], LINGER_LONG_MS) || linger_cancel(fd[0]))
		return reg_fail("START, CANCEL");
	return 0;
}

/* What a child running @call as nobody came to. */
#define as_nobody(call) ({						\
	int as_status = -1;						\
	pid_t as_pid = fork();						\
									\
	if (!as_pid)							\
		_exit(become_nobody() || (call) ? 1 : 0);		\
	waitpid(as_pid, &as_status, 0);					\
	as_status;							\
})

ACCOUNT_TEST(nobody_can_use_every_ioctl)
{
	EXPECT_EQ(0, as_nobody(use_everything(&self->conf)));
}

/* A namespace of one's own, where max_data is what every netns starts with. */
static int in_own_namespaces(const struct reg_conf *conf)
{
	if (unshare(CLONE_NEWUSER))
		return reg_fail("unshare");
	return reg_ns_lo() || reg_sysctl("net/wsp/max_data", "4096") ||
	       use_everything(conf);
}

ACCOUNT_TEST(nobody_can_in_a_namespace_of_his_own)
{
	EXPECT_EQ(0, as_nobody(in_own_namespaces(&self->conf)));
}

static int set_all_sysctls(void)
{
	static const char *const name[] = {
		"enable", "urg_probe", "max_data", "linger_async",
	};
	char path[64];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(name); i++) {
		snprintf(path, sizeof(path), "/proc/sys/net/wsp/%s", name[i]);
		if (access(path, R_OK) || open(path, O_WRONLY) >= 0 ||
		    errno != EACCES)
			return reg_fail(path);
	}
	return 0;
}

ACCOUNT_TEST(nobody_can_read_the_sysctls_and_not_write_them)
{
	EXPECT_EQ(0, as_nobody(set_all_sysctls()));
}

/* --- memory ------------------------------------------------------------- */

/* Bytes of option memory charged to the socket, `ss -m` calls it "o". */
static int option_memory(int fd)
{
	__u32 mem[SK_MEMINFO_VARS] = { 0 };
	socklen_t len = sizeof(mem);

	if (getsockopt(fd, SOL_SOCKET, SO_MEMINFO, mem, &len))
		return -1;
	return mem[SK_MEMINFO_OPTMEM];
}

ACCOUNT_TEST(armed_data_is_charged_while_it_is_there)
{
	static unsigned char data[WSP_DISC_MAX + 1];
	int none, most, i;

	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	none = option_memory(self->fd[0]);
	ASSERT_LE(0, none);
	ASSERT_EQ(0, linger_arm(self->fd[0], data, 100, 0));
	EXPECT_LE(none + 100, option_memory(self->fd[0]));
	EXPECT_GT(none + 200, option_memory(self->fd[0]));
	for (i = 0; i < 10; i++)
		ASSERT_EQ(0, linger_arm(self->fd[0], data, WSP_DISC_MAX, 0));
	most = option_memory(self->fd[0]);
	EXPECT_LE(none + WSP_DISC_MAX, most);
	EXPECT_GT(none + WSP_DISC_MAX + 100, most);
	EXPECT_EQ(EMSGSIZE, linger_arm(self->fd[0], data, sizeof(data), 0));
	EXPECT_EQ(most, option_memory(self->fd[0]));
	ASSERT_EQ(0, linger_arm(self->fd[0], NULL, 0, 0));
	EXPECT_EQ(none, option_memory(self->fd[0]));

	ASSERT_EQ(0, linger_arm(self->fd[0], data, WSP_DISC_MAX, 0));
	ASSERT_EQ(0, shutdown(self->fd[0], SHUT_WR));
	EXPECT_EQ(none, option_memory(self->fd[0]));
}

ACCOUNT_TEST(ss_shows_it)
{
	static unsigned char data[3000];

	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	ASSERT_EQ(0, linger_arm(self->fd[0], data, sizeof(data), 0));
	EXPECT_EQ(0, reg_sh("ss -tnmO 'dport = :%u' | grep -q ',o%d,'",
			    reg_port(self->fd[1]),
			    option_memory(self->fd[0])));
}

ACCOUNT_TEST(a_listeners_data_exists_once_and_is_charged_to_each)
{
	static unsigned char data[1000];
	int listener = reg_listen(&self->conf), mem;
	int client = reg_client(&self->conf);

	ASSERT_EQ(0, linger_arm(listener, data, sizeof(data),
				WSP_DISC_INHERIT));
	self->fd[1] = reg_join(&self->conf, listener, client);
	ASSERT_LE(0, self->fd[1]);
	mem = option_memory(self->fd[1]);
	EXPECT_LE((int)sizeof(data), mem);
	EXPECT_EQ(mem, option_memory(listener));
	ASSERT_EQ(0, linger_arm(listener, NULL, 0, 0));
	EXPECT_EQ(0, option_memory(listener));
	EXPECT_EQ(mem, option_memory(self->fd[1]));
}

static long slab_kb(void)
{
	char line[128];
	long kb = -1;
	FILE *f = fopen("/proc/meminfo", "r");

	if (!f)
		return -1;
	while (kb < 0 && fgets(line, sizeof(line), f))
		if (sscanf(line, "SUnreclaim: %ld", &kb) != 1)
			kb = -1;
	fclose(f);
	return kb;
}

/*
 * Freed in the background; true once slabs have grown by less than half of what
 * @size bytes would take, leaked in every round. KASAN keeps some of the rest.
 */
static bool slab_settles(long before, long size)
{
	long end = reg_ms() + REG_SOON_MS;

	while (slab_kb() > before + ROUNDS / 2 * size / 1024) {
		if (reg_ms() > end)
			return false;
		reg_tick();
	}
	return true;
}

ACCOUNT_TEST(replaced_data_is_freed)
{
	static unsigned char data[WSP_DISC_MAX];
	long before, now, peak = 0;
	int i;

	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	before = slab_kb();
	ASSERT_LT(0, before);
	for (i = 0; i < ROUNDS; i++) {
		ASSERT_EQ(0, linger_arm(self->fd[0], data, sizeof(data), 0));
		if (i % 1000)
			continue;
		now = slab_kb() - before;
		peak = now > peak ? now : peak;
	}
	TH_LOG("slabs grew by up to %ld KiB", peak);
	EXPECT_TRUE(slab_settles(before, sizeof(data)));
}

ACCOUNT_TEST(deadlines_taken_away_are_freed)
{
	long before;
	int i;

	ASSERT_LT(0, linger_stalled_pair(&self->conf, self->fd));
	before = slab_kb();
	for (i = 0; i < ROUNDS; i++) {
		ASSERT_EQ(0, linger_start(self->fd[0], LINGER_LONG_MS));
		ASSERT_EQ(0, linger_cancel(self->fd[0]));
	}
	EXPECT_TRUE(slab_settles(before, 128));
}

TEST_HARNESS_MAIN
