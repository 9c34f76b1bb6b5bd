// SPDX-License-Identifier: GPL-2.0
/*
 * The close modes of libwsp-preload.so, on a non-blocking socket with a linger time
 * whose peer does not read, closed in ways it sees and in others.
 */
#define _GNU_SOURCE
#include "kselftest_harness.h"
#include "preload_lib.h"

/* Never waited for, and one that is. */
#define LONG_S	60
#define SHORT_S	2

FIXTURE(mode) {
	struct preload_prog prog;
	int peer;
};

FIXTURE_VARIANT(mode) {
	const char *mode;	/* NULL: without the preloaded object */
	const char *how;
	int seconds;
	bool waits;		/* the call takes SO_LINGER's time */
	bool refused;		/* it fails with EWOULDBLOCK */
	bool late;		/* no deadline: the rest is delivered */
};

FIXTURE_VARIANT_ADD(mode, async_close) { "async", "close", SHORT_S };
FIXTURE_VARIANT_ADD(mode, async_fclose) { "async", "fclose", SHORT_S };
FIXTURE_VARIANT_ADD(mode, async_dup2) { "async", "dup2", SHORT_S };
FIXTURE_VARIANT_ADD(mode, async_dup) { "async", "dup", SHORT_S };
FIXTURE_VARIANT_ADD(mode, async_close_range) { "async", "close_range", SHORT_S };
FIXTURE_VARIANT_ADD(mode, async_closefrom) { "async", "closefrom", SHORT_S };
FIXTURE_VARIANT_ADD(mode, async_raw) { "async", "raw", SHORT_S };
FIXTURE_VARIANT_ADD(mode, async_uring) { "async", "uring", SHORT_S };
FIXTURE_VARIANT_ADD(mode, plain_close) { "plain", "close", SHORT_S, .waits = true };
FIXTURE_VARIANT_ADD(mode, plain_raw) { "plain", "raw", SHORT_S, .waits = true };
FIXTURE_VARIANT_ADD(mode, strict_close) { "strict", "close", LONG_S, .refused = true };
/* Closing one of two changes nothing; the second is refused. */
FIXTURE_VARIANT_ADD(mode, strict_dup) { "strict", "dup", LONG_S, .refused = true };
/* No way to refuse these: as async. */
FIXTURE_VARIANT_ADD(mode, strict_fclose) { "strict", "fclose", SHORT_S };
FIXTURE_VARIANT_ADD(mode, strict_dup2) { "strict", "dup2", SHORT_S };
FIXTURE_VARIANT_ADD(mode, strict_close_range) { "strict", "close_range", SHORT_S };
FIXTURE_VARIANT_ADD(mode, strict_raw) { "strict", "raw", SHORT_S };
/* For comparison: TCP's own waits, and delivers late. */
FIXTURE_VARIANT_ADD(mode, none_close) { NULL, "close", SHORT_S, .waits = true, .late = true };

FIXTURE_SETUP(mode)
{
	struct reg_conf conf = { .family = REG_V4, .attach = REG_SERVER, .rcvbuf = 8192 };
	const char *const env[] = {
		"WSP_DISCONNECT_DATA", "",
		"WSP_CLOSE", variant->mode ? variant->mode : "async",
		variant->mode ? "LD_PRELOAD" : NULL, "libwsp-preload.so",
		NULL
	};
	char args[64];
	int listener;

	alarm(120);
	ASSERT_EQ(0, reg_ns_lo());
	listener = reg_listen(&conf);
	ASSERT_LE(0, listener);
	snprintf(args, sizeof(args), "%d %s linger %d nonblock fill", reg_port(listener),
		 variant->how, variant->seconds);
	ASSERT_EQ(0, preload_start(&self->prog, env, args));
	self->peer = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	ASSERT_LE(0, self->peer);
	ASSERT_TRUE(preload_said(&self->prog, "ready"));
	close(listener);
}

FIXTURE_TEARDOWN(mode)
{
	kill(self->prog.pid, SIGKILL);
	if (self->peer >= 0)
		reg_abort(self->peer);
}

/* Reads until the end; whether it was a reset. */
static bool mode_ends_in_reset(int fd)
{
	char buf[4096];
	ssize_t n = 1;

	while (n > 0 && reg_poll(fd, POLLIN, REG_SOON_MS))
		n = recv(fd, buf, sizeof(buf), 0);
	return n < 0 && errno == ECONNRESET;
}

TEST_F_TIMEOUT(mode, CL_14_CL_18_close_of_a_nonblocking_socket, 120)
{
	struct preload_end end;
	long start = reg_ms();

	ASSERT_EQ(0, preload_end(&self->prog, &end));
	EXPECT_EQ(variant->refused ? -1 : 0, end.ret);
	EXPECT_EQ(variant->refused, end.err == EWOULDBLOCK);
	EXPECT_EQ(variant->waits, end.ms >= variant->seconds * 1000 / 2);
	/* What is refused stays open, and the peer notices nothing. */
	EXPECT_EQ(variant->refused || !strcmp(variant->how, "dup2"), end.open);
	if (variant->refused) {
		EXPECT_TRUE(reg_tcp_state(self->peer) == TCP_ESTABLISHED);
		ASSERT_EQ(0, preload_end(&self->prog, &end));
		EXPECT_EQ(-1, end.ret);
		return;
	}
	if (!variant->late)
		EXPECT_TRUE(linger_reset_in_time(self->peer, start, variant->seconds * 1000));
	EXPECT_EQ(!variant->late, mode_ends_in_reset(self->peer));
}

/* Once everything is read there is nothing to wait for. */
TEST_F_TIMEOUT(mode, CL_15_close_with_everything_acknowledged, 120)
{
	struct preload_end end;
	char buf[4096];
	int left = 1;

	while (reg_poll(self->peer, POLLIN, 1000))
		ASSERT_LT(0, recv(self->peer, buf, sizeof(buf), 0));
	ASSERT_EQ(0, preload_end(&self->prog, &end));
	EXPECT_EQ(0, end.ret);
	if (variant->mode)
		EXPECT_GT(LONG_S * 1000 / 2, end.ms);
	while (left > 0 && reg_poll(self->peer, POLLIN, REG_SOON_MS))
		left = recv(self->peer, buf, sizeof(buf), 0);
	EXPECT_EQ(0, left);
}

TEST_HARNESS_MAIN
