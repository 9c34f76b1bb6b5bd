// SPDX-License-Identifier: GPL-2.0
/*
 * Whatever closes a socket, the peer gets what is armed: by ways that
 * libwsp-preload.so sees, with the reason; by others, with the reason armed at the
 * start.  And what leaves the connection alone does not touch what is armed.
 */
#define _GNU_SOURCE
#include "kselftest_harness.h"
#include "preload_lib.h"

#define CLOSED	PRELOAD_PROG " closed"
#define DIED	PRELOAD_PROG " killed or crashed"
#define EXITED	PRELOAD_PROG " exit status 7"

static const char *const bypass_env[] = {
	"LD_PRELOAD", "libwsp-preload.so",
	"WSP_DISCONNECT_DATA", PRELOAD_TEXT,
	NULL
};

FIXTURE(bypass) {
	struct preload_prog prog;
	int listener;
	int peer;
};

FIXTURE_VARIANT(bypass) {
	const char *how;
	const char *text;	/* what the peer gets */
	bool lives;		/* until the program's end */
	bool dies;		/* the program, too */
	bool server;		/* it accepts */
};

FIXTURE_VARIANT_ADD(bypass, close) { "close", CLOSED };
FIXTURE_VARIANT_ADD(bypass, fclose) { "fclose", CLOSED };
FIXTURE_VARIANT_ADD(bypass, dup_then_close) { "dup", CLOSED };
FIXTURE_VARIANT_ADD(bypass, fcntl_then_close) { "fcntl", CLOSED };
FIXTURE_VARIANT_ADD(bypass, dup2_over) { "dup2", CLOSED };
FIXTURE_VARIANT_ADD(bypass, close_range) { "close_range", CLOSED };
FIXTURE_VARIANT_ADD(bypass, closefrom) { "closefrom", CLOSED };
FIXTURE_VARIANT_ADD(bypass, shutdown) { "shutdown", CLOSED };
FIXTURE_VARIANT_ADD(bypass, accepted_close) { "close", CLOSED, .server = true };
FIXTURE_VARIANT_ADD(bypass, served_by_a_child) { "served", CLOSED, .server = true };
/* Not seen. */
FIXTURE_VARIANT_ADD(bypass, raw_syscall) { "raw", DIED };
FIXTURE_VARIANT_ADD(bypass, ioring_op_close) { "uring", DIED };
FIXTURE_VARIANT_ADD(bypass, exec_cloexec) { "exec", DIED, .dies = true };
/* Ends of the process. */
FIXTURE_VARIANT_ADD(bypass, exit) { "exit", EXITED, .dies = true };
FIXTURE_VARIANT_ADD(bypass, accepted_exit) { "exit", EXITED, .dies = true, .server = true };
FIXTURE_VARIANT_ADD(bypass, _exit) { "_exit", DIED, .dies = true };
FIXTURE_VARIANT_ADD(bypass, sigkill) { "kill", DIED, .dies = true };
FIXTURE_VARIANT_ADD(bypass, sigsegv) { "segv", DIED, .dies = true };
FIXTURE_VARIANT_ADD(bypass, sigkill_of_a_serving_child) { "handed", DIED, .server = true };
/* Another process's copy. */
FIXTURE_VARIANT_ADD(bypass, vfork_child) { "vfork", EXITED, .lives = true };
FIXTURE_VARIANT_ADD(bypass, posix_spawn) { "spawn", EXITED, .lives = true };
FIXTURE_VARIANT_ADD(bypass, fork_and_exec) { "forkexec", EXITED, .lives = true };

static int bypass_connect(int port)
{
	struct reg_conf conf = { .family = REG_V4, .attach = REG_CLIENT };
	int fd = reg_client(&conf);

	return reg_connect(fd, &conf, port) ? reg_fail("connect") : fd;
}

FIXTURE_SETUP(bypass)
{
	struct reg_conf conf = { .family = REG_V4, .attach = REG_SERVER };
	char args[64];

	alarm(120);
	ASSERT_EQ(0, reg_ns_lo());
	self->listener = reg_listen(&conf);
	ASSERT_LE(0, self->listener);
	if (variant->server)
		snprintf(args, sizeof(args), "0 %s port 4711", variant->how);
	else
		snprintf(args, sizeof(args), "%d %s", reg_port(self->listener), variant->how);
	ASSERT_EQ(0, preload_start(&self->prog, bypass_env, args));
	if (variant->server) {
		ASSERT_TRUE(preload_said(&self->prog, "listening"));
		self->peer = bypass_connect(4711);
	} else {
		self->peer = accept4(self->listener, NULL, NULL, SOCK_CLOEXEC);
	}
	ASSERT_LE(0, self->peer);
	ASSERT_TRUE(preload_said(&self->prog, "ready"));
}

FIXTURE_TEARDOWN(bypass)
{
	kill(self->prog.pid, SIGKILL);
	close(self->listener);
	close(self->peer);
}

TEST_F(bypass, peer_gets_what_is_armed)
{
	struct preload_end end;

	EXPECT_TRUE(reg_info_flags(self->peer) & WSP_INFO_PEER);
	EXPECT_TRUE(preload_lives(self->peer));
	if (variant->dies) {
		ASSERT_EQ(0, preload_go(&self->prog));
	} else {
		ASSERT_EQ(0, preload_end(&self->prog, &end));
		EXPECT_EQ(0, end.ret);
	}
	if (variant->lives) {
		EXPECT_TRUE(preload_lives(self->peer));
		preload_finish(&self->prog);
	}
	EXPECT_TRUE(preload_peer_got(self->peer, variant->text));
}

TEST_HARNESS_MAIN
