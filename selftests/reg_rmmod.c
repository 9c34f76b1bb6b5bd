// SPDX-License-Identifier: GPL-2.0
/*
 * Unloading: refused while any socket needs the module, harmless otherwise,
 * again and again, also beside traffic.
 */
#define _GNU_SOURCE
#include "kselftest_harness.h"
#include "reg_io.h"
#include "reg_module.h"

#include <signal.h>
#include <sys/wait.h>

__attribute__((constructor))
static void module_settle(void)
{
	if (!reg_module_idle())
		fprintf(stderr, "# something keeps the module busy\n");
}

FIXTURE(module) {
	struct reg_conf conf;
	int fd[2];
};

FIXTURE_SETUP(module)
{
	self->conf = (struct reg_conf) { .attach = REG_BOTH };
	ASSERT_EQ(0, reg_module_load());
	ASSERT_EQ(0, reg_ns_lo());
}

/* The tests to come need it, however this one ended. */
FIXTURE_TEARDOWN_PARENT(module)
{
	(void)self;
	reg_module_load();
}

TEST_F(module, unloads_and_loads_when_idle)
{
	ASSERT_EQ(0, reg_module_unload_soon());
	EXPECT_EQ(ENOENT, reg_module_unload());
	ASSERT_EQ(0, reg_module_load());
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	EXPECT_EQ(0, reg_exchange_both(self->fd, REG_DATA));
}

TEST_F(module, refused_with_an_unconnected_socket)
{
	int fd = reg_client(&self->conf);

	ASSERT_LE(0, fd);
	EXPECT_EQ(EAGAIN, reg_module_unload());
	close(fd);
	EXPECT_EQ(0, reg_module_unload_soon());
}

TEST_F(module, refused_with_a_listener)
{
	int fd = reg_listen(&self->conf);

	ASSERT_LE(0, fd);
	EXPECT_EQ(EAGAIN, reg_module_unload());
	close(fd);
	EXPECT_EQ(0, reg_module_unload_soon());
}

TEST_F(module, refused_with_a_client)
{
	self->conf.attach = REG_CLIENT;
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	EXPECT_EQ(EAGAIN, reg_module_unload());
	close(self->fd[0]);
	EXPECT_EQ(0, reg_module_unload_soon());
}

TEST_F(module, refused_with_a_child)
{
	self->conf.attach = REG_SERVER;
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	EXPECT_EQ(EAGAIN, reg_module_unload());
	close(self->fd[1]);
	EXPECT_EQ(0, reg_module_unload_soon());
}

TEST_F(module, refused_with_a_child_not_yet_accepted)
{
	int listener, client;

	self->conf.attach = REG_SERVER;
	listener = reg_listen(&self->conf);
	client = reg_client(&self->conf);
	ASSERT_EQ(0, reg_connect(client, &self->conf, reg_port(listener)));
	EXPECT_EQ(EAGAIN, reg_module_unload());
	close(listener);
	EXPECT_EQ(0, reg_module_unload_soon());
}

TEST_F(module, refused_with_a_disconnected_socket)
{
	struct sockaddr sa = { .sa_family = AF_UNSPEC };

	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	ASSERT_EQ(0, connect(self->fd[0], &sa, sizeof(sa)));
	close(self->fd[1]);
	EXPECT_EQ(EAGAIN, reg_module_unload());
	close(self->fd[0]);
	EXPECT_EQ(0, reg_module_unload_soon());
}

TEST_F(module, refused_with_an_orphan)
{
	ssize_t len;

	self->conf.attach = REG_CLIENT;
	self->conf.rcvbuf = 8192;
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	len = reg_stuff(self->fd[0], 1);
	ASSERT_LT(0, len);
	ASSERT_EQ(0, close(self->fd[0]));
	EXPECT_EQ(EAGAIN, reg_module_unload());
	EXPECT_EQ(len, reg_drain(self->fd[1], 1, 0));
	close(self->fd[1]);
	EXPECT_EQ(0, reg_module_unload_soon());
}

TEST_F(module, refused_with_an_orphan_that_owes_a_record)
{
	ssize_t len;

	self->conf.rcvbuf = 8192;
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	len = reg_stuff(self->fd[0], 1);
	ASSERT_EQ(1, reg_disc_end(self->fd[0], 2, 100, REG_DATA));
	ASSERT_EQ(0, close(self->fd[0]));
	EXPECT_EQ(EAGAIN, reg_module_unload());
	EXPECT_EQ(len, reg_drain(self->fd[1], 1, 0));
	EXPECT_EQ(0, reg_disc_check(self->fd[1], 2, 100, true));
	close(self->fd[1]);
	EXPECT_EQ(0, reg_module_unload_soon());
}

/* The namespace lives on and had its hook; plain TCP goes on in it. */
TEST_F(module, hook_goes_with_the_module)
{
	struct reg_conf plain = { .attach = REG_NEITHER };
	int i;

	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, reg_module_load());
		ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
		ASSERT_EQ(0, reg_exchange_both(self->fd, REG_DATA));
		ASSERT_EQ(0, reg_module_unload_soon());
		ASSERT_EQ(0, reg_pair(&plain, self->fd));
		ASSERT_EQ(0, reg_exchange_both(self->fd, REG_FALLBACK));
	}
}

TEST_F(module, sysctls_go_with_the_module)
{
	ASSERT_EQ(0, reg_module_unload_soon());
	EXPECT_EQ(-1, access("/proc/sys/net/wsp", F_OK));
	ASSERT_EQ(0, reg_module_load());
	EXPECT_EQ(0, access("/proc/sys/net/wsp/enable", F_OK));
}

/* Connections all the while, attached when that is possible. */
static void module_load_until_killed(const struct reg_conf *want)
{
	struct reg_conf conf = *want;
	int fd[2], probe;

	freopen("/dev/null", "w", stderr);
	for (;;) {
		probe = reg_socket(REG_V4, 0);
		conf.attach = reg_attach(probe) ? REG_NEITHER : want->attach;
		close(probe);
		if (reg_pair(&conf, fd))
			continue;
		reg_exchange_both(fd, REG_EITHER);
		close(fd[0]);
		close(fd[1]);
	}
}

TEST_F_TIMEOUT(module, unloads_and_loads_under_load, 60)
{
	int i, err, unloaded = 0;
	pid_t pid = fork();

	ASSERT_LE(0, pid);
	if (!pid)
		module_load_until_killed(&self->conf);
	for (i = 0; i < 200 && unloaded < 10; i++) {
		err = reg_module_unload();
		ASSERT_TRUE(!err || err == EAGAIN);
		if (err) {
			reg_tick();
			continue;
		}
		unloaded++;
		ASSERT_EQ(0, reg_module_load());
		reg_tick();
	}
	EXPECT_LT(0, unloaded);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	EXPECT_EQ(0, reg_exchange_both(self->fd, REG_DATA));
}

TEST_F_TIMEOUT(module, unloads_and_loads_beside_plain_traffic, 60)
{
	pid_t pid;
	int i;

	/* The hook is in before the traffic starts. */
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	ASSERT_EQ(0, reg_exchange_both(self->fd, REG_DATA));
	self->conf.attach = REG_NEITHER;
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		module_load_until_killed(&self->conf);
	for (i = 0; i < 5; i++) {
		ASSERT_EQ(0, reg_module_unload_soon());
		ASSERT_EQ(0, reg_module_load());
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

TEST_HARNESS_MAIN
