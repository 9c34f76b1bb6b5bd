// SPDX-License-Identifier: GPL-2.0
/* Echo servers without libwsp. */
#include <liburing.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "echo.h"

static char bufs[ECHO_MAX][ECHO_ROOM];

void echo_epoll(const uintptr_t *fd, int conns)
{
	int epoll = epoll_create1(0), open = conns, i, n;
	struct epoll_event ev[64];
	ssize_t got;

	for (i = 0; i < conns; i++) {
		ev[0] = (struct epoll_event){ .events = EPOLLIN, .data.u32 = i };
		if (epoll_ctl(epoll, EPOLL_CTL_ADD, (int)fd[i], ev))
			echo_die("epoll_ctl");
	}
	while (open) {
		n = epoll_wait(epoll, ev, 64, -1);
		for (i = 0; i < n; i++) {
			int k = ev[i].data.u32;

			got = recv((int)fd[k], bufs[k], ECHO_ROOM, 0);
			if (got > 0 && send((int)fd[k], bufs[k], got, MSG_NOSIGNAL) == got)
				continue;
			epoll_ctl(epoll, EPOLL_CTL_DEL, (int)fd[k], NULL);
			open--;
		}
	}
}

void echo_calls(const uintptr_t *fd, int conns)
{
	ssize_t got;

	(void)conns;
	while ((got = recv((int)fd[0], bufs[0], ECHO_ROOM, 0)) > 0)
		if (send((int)fd[0], bufs[0], got, MSG_NOSIGNAL) != got)
			echo_die("send");
}

static struct io_uring_sqe *uring_sqe(struct io_uring *ring)
{
	struct io_uring_sqe *sqe = io_uring_get_sqe(ring);

	if (sqe)
		return sqe;
	io_uring_submit(ring);
	return io_uring_get_sqe(ring);
}

static void uring_recv(struct io_uring *ring, const uintptr_t *fd, int k)
{
	struct io_uring_sqe *sqe = uring_sqe(ring);

	io_uring_prep_recv(sqe, (int)fd[k], bufs[k], ECHO_ROOM, 0);
	io_uring_sqe_set_data64(sqe, k);
}

/* The answer and the next recv() in one submission, one completion for both. */
static void uring_answer(struct io_uring *ring, const uintptr_t *fd, int k, int len)
{
	struct io_uring_sqe *sqe;

	if (io_uring_sq_space_left(ring) < 2)
		io_uring_submit(ring);
	sqe = uring_sqe(ring);
	io_uring_prep_send(sqe, (int)fd[k], bufs[k], len, MSG_NOSIGNAL | MSG_WAITALL);
	io_uring_sqe_set_flags(sqe, IOSQE_IO_LINK | IOSQE_CQE_SKIP_SUCCESS);
	io_uring_sqe_set_data64(sqe, k | 1ULL << 32);
	uring_recv(ring, fd, k);
}

void echo_uring(const uintptr_t *fd, int conns)
{
	struct io_uring_params params = {
		.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN,
	};
	struct io_uring_cqe *cqe;
	struct io_uring ring;
	int open = conns, i;
	unsigned int head, n;

	if (io_uring_queue_init_params(512, &ring, &params))
		echo_die("io_uring");
	for (i = 0; i < conns; i++)
		uring_recv(&ring, fd, i);
	while (open) {
		if (io_uring_submit_and_wait(&ring, 1) < 0)
			echo_die("io_uring_enter");
		n = 0;
		io_uring_for_each_cqe(&ring, head, cqe) {
			n++;
			/* A send that failed, whose recv() fails too. */
			if (cqe->user_data >> 32)
				continue;
			if (cqe->res > 0)
				uring_answer(&ring, fd, cqe->user_data, cqe->res);
			else
				open--;
		}
		io_uring_cq_advance(&ring, n);
	}
	io_uring_queue_exit(&ring);
}
