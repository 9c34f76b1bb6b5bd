// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "wsp_level.h"

int wt_full_setup(const struct wt_level *level, enum wt_family family,
		  struct wt_full *full)
{
	struct wt_conf conf = {
		.family = family,
		.attach = WT_ATTACH_BOTH,
		.sndbuf = WT_STALL_SNDBUF,
		.rcvbuf = WT_STALL_RCVBUF,
	};
	int fd[2], ret;

	ret = wt_lib_start();
	if (!ret)
		ret = wt_level_pair(level, &conf, fd);
	if (ret)
		return ret;
	full->c = fd[0];
	full->s = fd[1];
	full->family = family;
	full->local = wt_port(fd[0]);
	full->remote = wt_port(fd[1]);
	full->queued = wt_fill(full->c);
	return full->queued > 0 ? 0 : -1;
}

int wt_full_state(const struct wt_full *full)
{
	return wt_port_state(full->family, full->local, full->remote);
}

bool wt_full_was_reset(const struct wt_level *level, const struct wt_full *full)
{
	ssize_t total = 0;
	char buf[8192];
	int ret;

	if (!wt_wait(wt_is_closed, full->s, WT_SOON_MS))
		return false;
	while ((ret = level->recv(full->s, buf, sizeof(buf))) > 0)
		total += ret;
	return ret == -WSAECONNRESET && total < full->queued;
}

bool wt_full_take(const struct wt_level *level, const struct wt_full *full)
{
	ssize_t total = 0;
	char buf[8192];

	while (total < full->queued) {
		int ret = level->recv(full->s, buf, sizeof(buf));

		if (ret <= 0)
			return false;
		total += ret;
	}
	return wt_wait(wt_is_acked, full->c, WT_SOON_MS);
}

int wt_full_die(const struct wt_full *full, int sig)
{
	int pid, status, alone[2];
	char buf[1];

	if (pipe(alone))
		return -1;
	pid = fork();
	if (!pid) {
		close(alone[1]);
		/* End of file: the parent's copy of the descriptor is gone. */
		if (read(alone[0], buf, 1))
			_exit(1);
		if (sig)
			raise(sig);
		_exit(0);
	}
	close(alone[0]);
	close(full->c);
	close(alone[1]);
	return pid < 0 || waitpid(pid, &status, 0) != pid ? -1 : status;
}

int wt_full_drain_later(const struct wt_full *full)
{
	long end = wt_ms() + WT_SOON_MS;
	int pid, alone[2];
	char buf[1];

	if (pipe(alone))
		return -1;
	pid = fork();
	if (pid) {
		/* End of file: the child's copy of the descriptor is gone. */
		close(alone[1]);
		if (read(alone[0], buf, 1))
			pid = -1;
		close(alone[0]);
		return pid;
	}
	close(full->c);
	close(alone[1]);
	while (wt_full_state(full) != WT_FIN_WAIT1) {
		if (wt_ms() > end)
			_exit(1);
		poll(NULL, 0, 5);
	}
	_exit(wt_drain(full->s, 0) == full->queued ? 0 : 2);
}
