// SPDX-License-Identifier: GPL-2.0
/*
 * Counters of armed disconnect data and of lingering closes.
 */
#define _GNU_SOURCE
#include "obs_fixture.h"

#include <signal.h>
#include <sys/wait.h>

#define ARM_LEN		3

static int linger_arm(int fd, __u32 len, __u32 flags)
{
	struct wsp_disc_args args = {
		.data = (uintptr_t)"why",
		.len = len,
		.flags = flags,
	};

	return ioctl(fd, WSP_DISC_ARM, &args) ? reg_fail("WSP_DISC_ARM") : 0;
}

static int linger_start(int fd, __u32 ms)
{
	struct wsp_linger_args args = { .timeout = ms };

	return ioctl(fd, WSP_LINGER_START, &args) ?
		reg_fail("WSP_LINGER_START") : 0;
}

static int linger_option(int fd, int sec)
{
	struct linger linger = { .l_onoff = 1, .l_linger = sec };

	return setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
}

/* Connects; then the client has sent all that the server takes unread. */
static int linger_stall(struct reg_conf *conf, int fd[2])
{
	conf->rcvbuf = 4096;
	if (reg_pair(conf, fd))
		return -1;
	return reg_stuff(fd[0], 1) > 0 ? 0 : -1;
}

static bool linger_over(int fd)
{
	return reg_poll(fd, POLLHUP, REG_SOON_MS) & POLLHUP;
}

/* --- armed data ------------------------------------------------------- */

TEST_F(obs, armed_goes_with_close)
{
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	ASSERT_EQ(0, linger_arm(self->fd[0], ARM_LEN, 0));
	OBS_EXPECT(OBS_C_OPEN, OBS_S_OPEN);
	close(self->fd[0]);
	ASSERT_EQ(0, reg_drain(self->fd[1], 0, 0));
	OBS_EXPECT(OBS_C_OPEN " DiscSent=1 DiscSentArmed=1",
		   OBS_S_OPEN " DiscReceived=1");
}

TEST_F(obs, armed_goes_with_shutdown_once)
{
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	ASSERT_EQ(0, linger_arm(self->fd[0], ARM_LEN, 0));
	ASSERT_EQ(0, shutdown(self->fd[0], SHUT_WR));
	close(self->fd[0]);
	ASSERT_EQ(0, reg_drain(self->fd[1], 0, 0));
	OBS_EXPECT(OBS_C_OPEN " DiscSent=1 DiscSentArmed=1",
		   OBS_S_OPEN " DiscReceived=1");
}

TEST_F(obs, armed_goes_with_a_killed_process)
{
	int status, ready[2];
	char byte;
	pid_t pid;

	ASSERT_EQ(0, pipe(ready));
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		linger_arm(self->fd[0], ARM_LEN, 0);
		if (write(ready[1], "", 1) != 1)
			_exit(1);
		pause();
		_exit(0);
	}
	close(self->fd[0]);
	ASSERT_EQ(1, read(ready[0], &byte, 1));
	kill(pid, SIGKILL);
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	ASSERT_EQ(0, reg_drain(self->fd[1], 0, 0));
	OBS_EXPECT(OBS_C_OPEN " DiscSent=1 DiscSentArmed=1",
		   OBS_S_OPEN " DiscReceived=1");
}

TEST_F(obs, armed_and_cleared)
{
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	ASSERT_EQ(0, linger_arm(self->fd[0], ARM_LEN, 0));
	ASSERT_EQ(0, linger_arm(self->fd[0], 0, 0));
	close(self->fd[0]);
	ASSERT_EQ(0, reg_drain(self->fd[1], 0, 0));
	OBS_EXPECT(OBS_C_OPEN, OBS_S_OPEN);
}

/* Other data in its place is not a loss. */
TEST_F(obs, armed_and_superseded)
{
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	ASSERT_EQ(0, linger_arm(self->fd[0], ARM_LEN, 0));
	ASSERT_EQ(1, reg_disc_end(self->fd[0], 1, 50, REG_DATA));
	close(self->fd[0]);
	ASSERT_EQ(0, reg_drain(self->fd[1], 0, 0));
	ASSERT_EQ(0, reg_disc_check(self->fd[1], 1, 50, true));
	OBS_EXPECT(OBS_C_OPEN " DiscSent=1", OBS_S_OPEN " DiscReceived=1");
}

TEST_F(obs, armed_and_reset_by_us)
{
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	ASSERT_EQ(0, linger_arm(self->fd[0], ARM_LEN, 0));
	reg_abort(self->fd[0]);
	OBS_EXPECT(OBS_C_OPEN " DiscArmedDropped=1", OBS_S_OPEN);
}

TEST_F(obs, armed_and_reset_by_the_peer)
{
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	ASSERT_EQ(0, linger_arm(self->fd[0], ARM_LEN, 0));
	reg_abort(self->fd[1]);
	ASSERT_TRUE(reg_poll(self->fd[0], POLLHUP, REG_SOON_MS) & POLLHUP);
	close(self->fd[0]);
	OBS_EXPECT(OBS_C_OPEN " DiscArmedDropped=1", OBS_S_OPEN);
}

TEST_F(obs, armed_and_disconnected)
{
	struct sockaddr sa = { .sa_family = AF_UNSPEC };

	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	ASSERT_EQ(0, linger_arm(self->fd[0], ARM_LEN, 0));
	ASSERT_EQ(0, connect(self->fd[0], &sa, sizeof(sa)));
	OBS_EXPECT(OBS_C_OPEN " DiscArmedDropped=1", OBS_S_OPEN);
}

TEST_F(obs, armed_towards_a_plain_peer)
{
	self->conf.attach = REG_CLIENT;
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	ASSERT_EQ(0, linger_arm(self->fd[0], ARM_LEN, 0));
	close(self->fd[0]);
	ASSERT_EQ(0, reg_drain(self->fd[1], 0, 0));
	OBS_EXPECT("OptSynSent=1 FallbackNoOption=1 DiscArmedDropped=1", "");
}

/* Nothing was to be sent by a listener, or without any connection. */
TEST_F(obs, armed_without_a_connection)
{
	int listener = reg_listen(&self->conf);
	int fd = reg_client(&self->conf);

	ASSERT_EQ(0, linger_arm(listener, ARM_LEN, WSP_DISC_INHERIT));
	ASSERT_EQ(0, linger_arm(fd, ARM_LEN, 0));
	close(listener);
	close(fd);
	OBS_EXPECT("", "");
}

TEST_F(obs, armed_by_the_listener)
{
	int listener = reg_listen(&self->conf);

	ASSERT_EQ(0, linger_arm(listener, ARM_LEN, WSP_DISC_INHERIT));
	self->fd[0] = reg_client(&self->conf);
	self->fd[1] = reg_join(&self->conf, listener, self->fd[0]);
	close(self->fd[1]);
	ASSERT_EQ(0, reg_drain(self->fd[0], 0, 0));
	OBS_EXPECT(OBS_C_OPEN " DiscReceived=1",
		   OBS_S_OPEN " DiscSent=1 DiscSentArmed=1");
}

/* --- asynchronous closes ---------------------------------------------- */

TEST_F(obs, drained)
{
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	ASSERT_EQ(0, reg_send_all(self->fd[0], 3000, 0));
	ASSERT_EQ(0, linger_start(self->fd[0], 60000));
	ASSERT_TRUE(linger_over(self->fd[0]));
	OBS_EXPECT(OBS_C_OPEN " LingerStarted=1 LingerDrained=1", OBS_S_OPEN);
}

TEST_F(obs, expired)
{
	ASSERT_EQ(0, linger_stall(&self->conf, self->fd));
	ASSERT_EQ(0, linger_start(self->fd[0], 300));
	ASSERT_TRUE(linger_over(self->fd[0]));
	OBS_EXPECT(OBS_C_OPEN " LingerStarted=1 LingerExpired=1", OBS_S_OPEN);
	close(self->fd[0]);
	OBS_EXPECT(OBS_C_OPEN " LingerStarted=1 LingerExpired=1", OBS_S_OPEN);
}

TEST_F(obs, expired_behind_a_closed_descriptor)
{
	ASSERT_EQ(0, linger_stall(&self->conf, self->fd));
	ASSERT_EQ(0, linger_start(self->fd[0], 300));
	close(self->fd[0]);
	OBS_EXPECT(OBS_C_OPEN " LingerStarted=1 LingerExpired=1", OBS_S_OPEN);
}

TEST_F(obs, drained_behind_a_closed_descriptor)
{
	ASSERT_EQ(0, linger_stall(&self->conf, self->fd));
	ASSERT_EQ(0, linger_start(self->fd[0], 60000));
	close(self->fd[0]);
	OBS_EXPECT(OBS_C_OPEN " LingerStarted=1", OBS_S_OPEN);
	ASSERT_LT(0, reg_drain(self->fd[1], 1, 0));
	close(self->fd[1]);
	OBS_EXPECT(OBS_C_OPEN " LingerStarted=1 LingerDrained=1", OBS_S_OPEN);
}

TEST_F(obs, reset_by_the_peer)
{
	ASSERT_EQ(0, linger_stall(&self->conf, self->fd));
	ASSERT_EQ(0, linger_start(self->fd[0], 60000));
	reg_abort(self->fd[1]);
	ASSERT_TRUE(linger_over(self->fd[0]));
	OBS_EXPECT(OBS_C_OPEN " LingerStarted=1 LingerReset=1", OBS_S_OPEN);
}

TEST_F(obs, cancelled)
{
	ASSERT_EQ(0, linger_stall(&self->conf, self->fd));
	ASSERT_EQ(0, linger_start(self->fd[0], 60000));
	ASSERT_EQ(0, ioctl(self->fd[0], WSP_LINGER_CANCEL));
	OBS_EXPECT(OBS_C_OPEN " LingerStarted=1 LingerCancelled=1", OBS_S_OPEN);
	/* There is nothing to cancel any more. */
	ASSERT_EQ(-1, ioctl(self->fd[0], WSP_LINGER_CANCEL));
	reg_abort(self->fd[1]);
	close(self->fd[0]);
	OBS_EXPECT(OBS_C_OPEN " LingerStarted=1 LingerCancelled=1", OBS_S_OPEN);
}

TEST_F(obs, asynchronous_by_mode)
{
	__u32 mode = WSP_LINGER_MODE_ASYNC;

	ASSERT_EQ(0, linger_stall(&self->conf, self->fd));
	ASSERT_EQ(0, ioctl(self->fd[0], WSP_LINGER_MODE, &mode));
	ASSERT_EQ(0, linger_option(self->fd[0], 1));
	ASSERT_EQ(0, reg_nonblock(self->fd[0], true));
	close(self->fd[0]);
	OBS_EXPECT(OBS_C_OPEN " LingerStarted=1 LingerExpired=1", OBS_S_OPEN);
}

/* --- closes that wait ------------------------------------------------- */

TEST_F(obs, waiting_drained)
{
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	ASSERT_EQ(0, reg_send_all(self->fd[0], 3000, 0));
	ASSERT_EQ(0, linger_option(self->fd[0], 60));
	close(self->fd[0]);
	OBS_EXPECT(OBS_C_OPEN " LingerDrained=1", OBS_S_OPEN);
}

TEST_F(obs, waiting_expired)
{
	ASSERT_EQ(0, linger_stall(&self->conf, self->fd));
	ASSERT_EQ(0, linger_option(self->fd[0], 1));
	close(self->fd[0]);
	OBS_EXPECT(OBS_C_OPEN " LingerExpired=1", OBS_S_OPEN);
}

/* Off, or a reset at once: no lingering close. */
TEST_F(obs, not_lingering)
{
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	close(self->fd[0]);
	ASSERT_EQ(0, reg_drain(self->fd[1], 0, 0));
	reg_abort(self->fd[1]);
	OBS_EXPECT(OBS_C_OPEN, OBS_S_OPEN);
}

TEST_HARNESS_MAIN
