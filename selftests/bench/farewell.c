// SPDX-License-Identifier: GPL-2.0
/*
 * From the call that ends one direction to the moment when the peer, asleep in
 * recv(), has the last word in its hands and knows that it was the last: sent
 * as disconnect data, as a framed message before shutdown(), or, where there is
 * none to send, shutdown() and the end of the stream.
 */
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/wsp.h>

#include "bench.h"

#define BYE_SIZE	64
#define BYE_WARM	20

static bool bye_is_ours(const struct arm *arm)
{
	return arm->ulp && !strcmp(arm->ulp, WSP_ULP_NAME);
}

static void bye_send(const struct arm *arm, int fd)
{
	char buf[BYE_SIZE] = "the reason why this connection ends";
	struct wsp_disc_args args = {
		.data = (uintptr_t)buf,
		.len = sizeof(buf),
	};

	if (bye_is_ours(arm)) {
		if (ioctl(fd, WSP_DISC_SEND, &args))
			die("WSP_DISC_SEND");
		return;
	}
	if (arm->framed)
		put(arm, fd, buf, sizeof(buf));
	if (shutdown(fd, SHUT_WR))
		die("shutdown");
}

/* recv() to the end, then the data if that is how they come. */
static void bye_recv(const struct arm *arm, int fd)
{
	char buf[2 * BYE_SIZE];
	struct wsp_disc_args args = {
		.data = (uintptr_t)buf,
		.len = sizeof(buf),
	};

	if (arm->framed)
		get(arm, fd, buf, BYE_SIZE);
	if (recv(fd, buf, sizeof(buf), 0))
		die("the end");
	if (bye_is_ours(arm) &&
	    (ioctl(fd, WSP_DISC_RECV, &args) || args.len != BYE_SIZE))
		die("WSP_DISC_RECV");
}

/* The same in one call. */
static void bye_recvmsg(const struct arm *arm, int fd)
{
	char buf[BYE_SIZE], control[CMSG_SPACE(2 * BYE_SIZE)];
	struct iovec iov = { buf, sizeof(buf) };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *cmsg;

	if (!bye_is_ours(arm)) {
		bye_recv(arm, fd);
		return;
	}
	if (recvmsg(fd, &msg, 0))
		die("the end");
	cmsg = CMSG_FIRSTHDR(&msg);
	if (!cmsg || cmsg->cmsg_level != SOL_WSP ||
	    cmsg->cmsg_len != CMSG_LEN(BYE_SIZE))
		die("the control message");
}

/*
 * The peer's process. It wakes the other with a byte, and under SCHED_FIFO goes
 * on until it sleeps in recv().
 */
static void bye_peer(const struct arm *arm, int listener, uint64_t *end,
		     void (*receive)(const struct arm *arm, int fd))
{
	char c = 0;
	int i, fd;

	for (i = 0; i < BYE_WARM + FAREWELL_COUNT; i++) {
		fd = sock_accept(listener);
		sock_ready(arm, fd);
		if (send(fd, &c, 1, 0) != 1)
			die("send");
		receive(arm, fd);
		*end = now();
		close(fd);
	}
}

static void bye_loop(const struct arm *arm, int listener, const char *metric,
		     const char *call_metric,
		     void (*receive)(const struct arm *arm, int fd))
{
	uint64_t *end = mmap(NULL, sizeof(*end), PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	uint64_t took[FAREWELL_COUNT], call[FAREWELL_COUNT], start, sent;
	pid_t pid;
	int i, fd;
	char c;

	if (end == MAP_FAILED)
		die("mmap");
	loop_fifo(true);
	pid = loop_fork();
	if (!pid) {
		bye_peer(arm, listener, end, receive);
		_exit(0);
	}
	for (i = 0; i < BYE_WARM + FAREWELL_COUNT; i++) {
		if (i == BYE_WARM)
			loop_begin();
		fd = sock_client(arm, listener);
		if (recv(fd, &c, 1, 0) != 1)
			die("recv");
		start = now();
		bye_send(arm, fd);
		sent = now();
		/* Till the peer has closed its end too. */
		if (recv(fd, &c, 1, 0))
			die("the peer's end");
		if (i >= BYE_WARM) {
			took[i - BYE_WARM] = *end - start;
			call[i - BYE_WARM] = sent - start;
		}
		close(fd);
	}
	loop_end();
	loop_join(pid);
	loop_fifo(false);
	munmap(end, sizeof(*end));
	emit(metric, loop_quantile(took, FAREWELL_COUNT, 0.5));
	if (call_metric)
		emit(call_metric, loop_quantile(call, FAREWELL_COUNT, 0.5));
}

void farewell(const struct arm *arm, int listener)
{
	bye_loop(arm, listener, "farewell", "farewell_call", bye_recv);
}

void farewell_cmsg(const struct arm *arm, int listener)
{
	bye_loop(arm, listener, "farewell_cmsg", NULL, bye_recvmsg);
}

/*
 * The call again, on another connection, without another process in between:
 * code that has just run is cheaper, with an emulator's translations and a
 * processor's caches alike.
 */
void farewell_again(const struct arm *arm, int listener)
{
	uint64_t took[FAREWELL_COUNT], start;
	int i, j, fd[2][2];

	loop_begin();
	for (i = 0; i < FAREWELL_COUNT; i++) {
		for (j = 0; j < 2; j++)
			sock_pair(arm, listener, fd[j]);
		bye_send(arm, fd[0][0]);
		start = now();
		bye_send(arm, fd[1][0]);
		took[i] = now() - start;
		for (j = 0; j < 2; j++) {
			close(fd[j][0]);
			close(fd[j][1]);
		}
	}
	loop_end();
	emit("farewell_again", loop_quantile(took, FAREWELL_COUNT, 0.5));
}
