/* SPDX-License-Identifier: GPL-2.0 */
/* Rings, and control messages to be sent. */
#ifndef URING_LIB_H
#define URING_LIB_H

#include "arm_lib.h"

#include <liburing.h>

#define URING_LOST	(-9999)

/* With @sqpoll a kernel thread submits; it must not spin for long here. */
static inline int uring_open(struct io_uring *ring, bool sqpoll)
{
	struct io_uring_params p = {
		.flags = sqpoll ? IORING_SETUP_SQPOLL : 0,
		.sq_thread_idle = 20,
	};

	return io_uring_queue_init_params(32, ring, &p);
}

/* Hands over what was prepared; with SQPOLL the kernel may have been faster. */
static inline int uring_submit(struct io_uring *ring)
{
	int ret = io_uring_submit(ring);

	if (ret >= 0)
		return 0;
	errno = -ret;
	return reg_fail("io_uring_submit");
}

/* The next completion, or NULL; to be given back by io_uring_cqe_seen(). */
static inline struct io_uring_cqe *uring_next(struct io_uring *ring)
{
	struct __kernel_timespec soon = { .tv_sec = REG_SOON_MS / 1000 };
	struct io_uring_cqe *cqe;
	int err = io_uring_wait_cqe_timeout(ring, &cqe, &soon);

	if (!err)
		return cqe;
	errno = -err;
	reg_fail("completion");
	return NULL;
}

/* The next completion's result; its flags too, if wanted. */
static inline int uring_wait(struct io_uring *ring, unsigned int *flags)
{
	struct io_uring_cqe *cqe = uring_next(ring);
	int res;

	if (!cqe)
		return URING_LOST;
	res = cqe->res;
	if (flags)
		*flags = cqe->flags;
	io_uring_cqe_seen(ring, cqe);
	return res;
}

/* Submits @n entries; their results, by user_data 0 to @n - 1. */
static inline int uring_run(struct io_uring *ring, int *res, int n)
{
	struct io_uring_cqe *cqe;
	int i;

	for (i = 0; i < n; i++)
		res[i] = URING_LOST;
	if (uring_submit(ring))
		return -1;
	for (i = 0; i < n; i++) {
		cqe = uring_next(ring);
		if (!cqe)
			return -1;
		res[cqe->user_data] = cqe->res;
		io_uring_cqe_seen(ring, cqe);
	}
	return 0;
}

/* Whether nothing has completed, and an earlier submission was looked at. */
static inline bool uring_is_quiet(struct io_uring *ring)
{
	int res;

	io_uring_prep_nop(io_uring_get_sqe(ring));
	if (uring_submit(ring))
		return false;
	res = uring_wait(ring, NULL);
	return !res && !io_uring_cq_ready(ring);
}

/* Sends until there is no room at all; the number of bytes. */
static inline ssize_t uring_fill(int fd)
{
	ssize_t off = reg_stuff(fd, ARM_SEED), n;
	unsigned char buf[4096];

	/* POLLOUT wants a third of the buffer; calls do with less. */
	for (; off > 0; off += n) {
		reg_fill(buf, sizeof(buf), ARM_SEED, off);
		n = send(fd, buf, sizeof(buf), MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0)
			return errno == EAGAIN ? off : reg_fail("send");
	}
	return off;
}

/**
 * struct uring_ctl - control messages being put together
 * @buf: the bytes, zero up to where they were added
 * @aligned: as headers have to be
 * @len: how many bytes
 */
struct uring_ctl {
	union {
		char buf[4 * WSP_DISC_MAX];
		struct cmsghdr aligned;
	};
	size_t len;
};

/* Appends one; its header, to be spoilt. */
static inline struct cmsghdr *uring_ctl_add(struct uring_ctl *ctl, int level,
					    int type, unsigned int seed,
					    size_t len)
{
	struct cmsghdr *cmsg = (struct cmsghdr *)(ctl->buf + ctl->len);

	cmsg->cmsg_level = level;
	cmsg->cmsg_type = type;
	cmsg->cmsg_len = CMSG_LEN(len);
	reg_fill(CMSG_DATA(cmsg), len, seed, 0);
	ctl->len += CMSG_SPACE(len);
	return cmsg;
}

static inline struct cmsghdr *uring_ctl_disc(struct uring_ctl *ctl, size_t len)
{
	return uring_ctl_add(ctl, SOL_WSP, WSP_CMSG_DISC, ARM_BYE, len);
}

static inline struct cmsghdr *uring_ctl_guard(struct uring_ctl *ctl)
{
	return uring_ctl_add(ctl, SOL_SOCKET, WSP_CMSG_GUARD, 0, 0);
}

/**
 * struct uring_msg - a message with all that it points to
 * @hdr: for sendmsg() or recvmsg()
 * @iov: the payload's place
 * @ctl: the control messages
 */
struct uring_msg {
	struct msghdr hdr;
	struct iovec iov;
	struct uring_ctl ctl;
};

/* After the control messages were added. */
static inline struct msghdr *uring_msg(struct uring_msg *msg, void *buf,
				       size_t len)
{
	msg->iov = (struct iovec){ buf, len };
	msg->hdr = (struct msghdr){
		.msg_iov = &msg->iov,
		.msg_iovlen = len ? 1 : 0,
		.msg_control = msg->ctl.buf,
		.msg_controllen = msg->ctl.len,
	};
	return &msg->hdr;
}

/* Room for @ctl bytes of control messages. */
static inline struct msghdr *uring_room(struct uring_msg *msg, void *buf,
					size_t len, size_t ctl)
{
	memset(&msg->ctl, 0, sizeof(msg->ctl));
	msg->ctl.len = ctl;
	return uring_msg(msg, buf, len);
}

/* Whether @hdr came back with the disconnect data, and nothing else. */
static inline bool uring_has_disc(struct msghdr *hdr, unsigned int seed,
				  size_t len)
{
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(hdr);

	return cmsg && cmsg->cmsg_level == SOL_WSP &&
	       cmsg->cmsg_type == WSP_CMSG_DISC &&
	       cmsg->cmsg_len == CMSG_LEN(len) &&
	       reg_is(CMSG_DATA(cmsg), len, seed, 0) &&
	       !CMSG_NXTHDR(hdr, cmsg) && !(hdr->msg_flags & MSG_CTRUNC);
}

#endif /* URING_LIB_H */
