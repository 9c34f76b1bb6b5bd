// SPDX-License-Identifier: GPL-2.0
/* Operations on the slots through io_uring, left pending and cancelled. */
#include "fuzz.h"

#include <liburing.h>
#include <sys/epoll.h>

#define DEPTH		16
#define ROOM		4096

/* The buffers belong to whatever request is in flight, several at a time. */
static __thread struct uring {
	struct io_uring ring;
	bool up;
	pid_t pid;
	unsigned char in[ROOM], out[ROOM];
	unsigned char control[CMSG_SPACE(512)];
	struct msghdr send, recv;
	struct iovec iov_in, iov_out;
	struct sockaddr_storage addr;
} *uring;

/* The result is a descriptor, and nobody else's. */
#define ACCEPTED	((void *)1)

static bool uring_up(void)
{
	if (!uring) {
		uring = calloc(1, sizeof(*uring));
		if (!uring)
			return false;
		uring->up = !io_uring_queue_init(DEPTH, &uring->ring, 0);
		uring->pid = getpid();
	}
	/* A forked child would submit to its parent's. */
	return uring->up && uring->pid == getpid();
}

static void uring_messages(struct fz_worker *w)
{
	struct cmsghdr *c = (struct cmsghdr *)uring->control;
	uint32_t len = fz_size(w, 500);

	fz_stream_fill(w, uring->out, ROOM);
	uring->iov_in = (struct iovec){ uring->in, ROOM };
	uring->iov_out = (struct iovec){ uring->out, fz_size(w, ROOM) };
	uring->recv = (struct msghdr) {
		.msg_iov = &uring->iov_in, .msg_iovlen = 1,
	};
	uring->send = (struct msghdr) {
		.msg_iov = &uring->iov_out, .msg_iovlen = 1,
	};
	if (!fz_one_in(w, 8))
		return;
	c->cmsg_len = CMSG_LEN(len);
	c->cmsg_level = SOL_WSP;
	c->cmsg_type = WSP_CMSG_DISC;
	fz_disc_fill(CMSG_DATA(c), len, fz_u64(&w->rng) & 0xfffffff);
	uring->send.msg_control = c;
	uring->send.msg_controllen = CMSG_SPACE(len);
}

static void uring_prep(struct fz_worker *w, struct io_uring_sqe *sqe)
{
	int fd = fz_slot(w);

	switch (fz_below(w, 19)) {
	case 0:
	case 12:
	case 13:
		io_uring_prep_send(sqe, fd, uring->out, fz_size(w, ROOM),
				   MSG_NOSIGNAL | MSG_WAITALL);
		break;
	case 1:
		io_uring_prep_sendmsg(sqe, fd, &uring->send, MSG_NOSIGNAL);
		break;
	case 2:
	case 10:
	case 11:
		io_uring_prep_recv(sqe, fd, uring->in, ROOM, 0);
		break;
	case 3:
		io_uring_prep_recvmsg(sqe, fd, &uring->recv, MSG_WAITALL);
		break;
	case 4:
		io_uring_prep_poll_add(sqe, fd, EPOLLIN | EPOLLRDHUP);
		break;
	case 5:
		io_uring_prep_shutdown(sqe, fd, fz_below(w, 3));
		break;
	case 6:
		io_uring_prep_close(sqe, fd);
		break;
	case 14:
		io_uring_prep_accept(sqe, fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		break;
	case 15:
		io_uring_prep_connect(sqe, fd, (struct sockaddr *)&uring->addr,
				      fz_addr(fz_below(w, FZ_NETS), fz_one_in(w, 2),
					      fz_one_in(w, 4), FZ_PORT + fz_below(w, FZ_PORTS),
					      &uring->addr));
		break;
	case 7:
		io_uring_prep_send_zc(sqe, fd, uring->out, fz_size(w, ROOM),
				      MSG_NOSIGNAL, 0);
		break;
	case 8:
	case 9:
		io_uring_prep_poll_multishot(sqe, fd, EPOLLIN | EPOLLPRI);
		break;
	default:
		io_uring_prep_cancel_fd(sqe, fd, IORING_ASYNC_CANCEL_ALL);
	}
	io_uring_sqe_set_data(sqe, sqe->opcode == IORING_OP_ACCEPT ? ACCEPTED : NULL);
	if (fz_one_in(w, 4))
		sqe->flags |= IOSQE_ASYNC;
	if (fz_one_in(w, 4))
		sqe->flags |= IOSQE_IO_LINK;
}

/* Attached as its listener may be, it says something and goes. */
static void uring_accepted(struct fz_worker *w, int fd)
{
	uint32_t len = fz_size(w, 500);
	struct wsp_disc_args args = { .data = (uintptr_t)w->buf, .len = len };

	fz_disc_fill(w->buf, len, fz_u64(&w->rng) & 0xfffffff);
	ioctl(fd, WSP_DISC_SEND, &args);
	close(fd);
}

static void uring_reap(struct fz_worker *w)
{
	struct io_uring_cqe *cqe;

	while (!io_uring_peek_cqe(&uring->ring, &cqe)) {
		if (io_uring_cqe_get_data(cqe) == ACCEPTED && cqe->res >= 0)
			uring_accepted(w, cqe->res);
		/* Not kernel-internal ones. */
		if (cqe->res < -133)
			fz_fail(w, FZ_ERRNO, "io_uring: %d", cqe->res);
		atomic_fetch_add_explicit(&fz->checked[FZ_ERRNO], 1,
					  memory_order_relaxed);
		errno = cqe->res < 0 ? -cqe->res : 0;
		fz_count(w, cqe->res);
		io_uring_cqe_seen(&uring->ring, cqe);
	}
}

void fz_uring(struct fz_worker *w)
{
	struct __kernel_timespec soon = { .tv_nsec = 2000000 };
	struct io_uring_sync_cancel_reg reg = {
		.flags = IORING_ASYNC_CANCEL_ANY | IORING_ASYNC_CANCEL_ALL,
		.timeout = { -1, -1 },
	};
	unsigned int n = 1 + fz_below(w, 4);
	struct io_uring_sqe *sqe;
	struct io_uring_cqe *cqe;

	if (!uring_up())
		return;
	fz_what(w, "io_uring submit");
	uring_messages(w);
	while (n--) {
		sqe = io_uring_get_sqe(&uring->ring);
		if (sqe)
			uring_prep(w, sqe);
	}
	io_uring_submit(&uring->ring);
	fz_what(w, "io_uring wait");
	io_uring_wait_cqe_timeout(&uring->ring, &cqe, &soon);
	uring_reap(w);
	/* Pending ones keep sockets open. */
	fz_what(w, "io_uring cancel");
	if (fz_one_in(w, 2))
		io_uring_register_sync_cancel(&uring->ring, &reg);
	uring_reap(w);
}

void fz_uring_exit(void)
{
	if (uring && uring->up)
		io_uring_queue_exit(&uring->ring);
	free(uring);
	uring = NULL;
}
