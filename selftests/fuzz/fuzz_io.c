// SPDX-License-Identifier: GPL-2.0
/* Sending, receiving and polling on the slots. */
#include "fuzz.h"

#include <linux/sockios.h>
#include <sys/epoll.h>
#include <sys/uio.h>

/* What a socket is that read something wrong. */
static void io_show(int fd, const void *buf, ssize_t n)
{
	const unsigned char *p = buf;
	struct wsp_info info = { 0 };
	struct tcp_info ti = { 0 };
	socklen_t len = sizeof(ti);
	char ulp[16] = "none";
	int i;

	getsockopt(fd, IPPROTO_TCP, TCP_INFO, &ti, &len);
	len = sizeof(ulp);
	getsockopt(fd, IPPROTO_TCP, TCP_ULP, ulp, &len);
	ioctl(fd, WSP_INFO_GET, &info);
	dprintf(STDOUT_FILENO,
		"# fd %d: ULP %.16s, state %d, wsp %#x, fallback %u, %u retransmissions, read %zd:",
		fd, len ? ulp : "none", ti.tcpi_state, info.flags,
		info.fallback, ti.tcpi_total_retrans, n);
	for (i = 0; i < 24 && i < n; i++)
		dprintf(STDOUT_FILENO, " %02x", p[i]);
	dprintf(STDOUT_FILENO, "\n");
}

/* On the good wire no byte of a record may be read as the stream's. */
static void io_check(struct fz_worker *w, int fd, const void *buf, ssize_t n)
{
	if (n <= 0 || fz_is_victim(fd))
		return;
	atomic_fetch_add_explicit(&fz->checked[FZ_STREAM], 1,
				  memory_order_relaxed);
	atomic_fetch_add_explicit(&fz->bytes, n, memory_order_relaxed);
	if (!fz_stream_is(buf, n)) {
		io_show(fd, buf, n);
		fz_fail(w, FZ_STREAM, "record bytes in the stream");
	}
}

void fz_io_send(struct fz_worker *w)
{
	static const int flags[] = {
		0, 0, MSG_DONTWAIT, MSG_DONTWAIT, MSG_MORE, MSG_OOB,
		MSG_OOB | MSG_DONTWAIT, MSG_ZEROCOPY | MSG_DONTWAIT,
		MSG_EOR | MSG_DONTWAIT, MSG_FASTOPEN | MSG_DONTWAIT,
	};
	uint32_t len = fz_size(w, FZ_BUF);
	int fd = fz_slot(w);
	int flag = flags[fz_below(w, FZ_ARRAY_SIZE(flags))] | MSG_NOSIGNAL;
	struct sockaddr_storage ss;
	struct iovec iov[2] = {
		{ w->buf, len / 2 }, { w->buf + len / 2, len - len / 2 },
	};
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 2 };

	if (flag & MSG_FASTOPEN) {
		msg.msg_name = &ss;
		msg.msg_namelen = fz_addr(fz_is_victim(fd) ? FZ_VICTIM :
					  FZ_SERVER, fz_one_in(w, 2), false,
					  FZ_PORT + fz_below(w, FZ_PORTS), &ss);
	}
	if (fz_one_in(w, 40))
		iov[fz_below(w, 2)].iov_base = fz_bad_src(w);
	fz_stream_fill(w, w->buf, len);
	fz_what(w, "sendmsg");
	fz_errno(w, sendmsg(fd, &msg, flag), fz_tcp_errnos);
	if (flag & MSG_ZEROCOPY)
		recv(fd, w->buf2, 1, MSG_ERRQUEUE | MSG_DONTWAIT);
}

static void io_cmsgs(struct fz_worker *w, int fd, struct msghdr *msg)
{
	struct cmsghdr *c;
	uint32_t nonce, len;

	for (c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level != SOL_WSP)
			continue;
		len = c->cmsg_len - CMSG_LEN(0);
		atomic_fetch_add_explicit(&fz->checked[FZ_DISC], 1,
					  memory_order_relaxed);
		if (c->cmsg_type != WSP_CMSG_DISC || len > WSP_DISC_MAX)
			fz_fail(w, FZ_DISC, "cmsg type %d, %u bytes",
				c->cmsg_type, len);
		else if (!fz_is_victim(fd) && !(msg->msg_flags & MSG_CTRUNC) &&
			 !fz_disc_is(CMSG_DATA(c), len, &nonce))
			fz_fail(w, FZ_DISC, "cmsg with wrong data");
	}
}

void fz_io_recv(struct fz_worker *w)
{
	static const int flags[] = {
		0, 0, MSG_DONTWAIT, MSG_DONTWAIT, MSG_PEEK, MSG_PEEK | MSG_DONTWAIT,
		MSG_WAITALL, MSG_WAITALL | MSG_PEEK, MSG_OOB, MSG_OOB | MSG_PEEK,
		MSG_TRUNC | MSG_DONTWAIT, MSG_ERRQUEUE,
	};
	static const char * const names[] = {
		"recv", "recv", "recv nowait", "recv nowait", "recv peek",
		"recv peek nowait", "recv waitall", "recv waitall peek",
		"recv oob", "recv oob peek", "recv trunc", "recv errqueue",
	};
	unsigned int i = fz_below(w, FZ_ARRAY_SIZE(flags));
	uint32_t len = fz_size(w, FZ_BUF);
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(WSP_DISC_MAX)];
	} control;
	struct iovec iov[2] = {
		{ w->buf2, len / 3 }, { w->buf2 + len / 3, len - len / 3 },
	};
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 2 };
	bool bad = fz_one_in(w, 40);
	int fd = fz_slot(w);
	ssize_t n;

	if (bad)
		iov[fz_below(w, 2)].iov_base = fz_bad_ptr(w);
	if (fz_one_in(w, 2)) {
		msg.msg_control = &control;
		msg.msg_controllen = fz_one_in(w, 3) ?
			fz_size(w, sizeof(control)) : sizeof(control);
		if (fz_one_in(w, 20))
			msg.msg_control = fz_bad_ptr(w);
	}
	fz_what(w, names[i]);
	n = recvmsg(fd, &msg, flags[i]);
	fz_errno(w, n, fz_tcp_errnos);
	if (!bad && !(flags[i] & (MSG_TRUNC | MSG_ERRQUEUE)))
		io_check(w, fd, w->buf2, n);
	if (n >= 0 && msg.msg_control == &control)
		io_cmsgs(w, fd, &msg);
}

/* Through a pipe, out of which it is read at once. */
void fz_io_splice(struct fz_worker *w)
{
	uint32_t len = fz_size(w, FZ_BUF);
	int fd = fz_slot(w);
	ssize_t n, m;

	if (fz_one_in(w, 2)) {
		fz_what(w, "splice from");
		n = splice(fd, NULL, w->pipe[1], NULL, len,
			   fz_one_in(w, 2) ? SPLICE_F_NONBLOCK : 0);
		fz_errno(w, n, fz_tcp_errnos);
		while ((m = read(w->pipe[0], w->buf2, FZ_BUF)) > 0)
			io_check(w, fd, w->buf2, m);
		return;
	}
	fz_stream_fill(w, w->buf, len);
	n = write(w->pipe[1], w->buf, len);
	fz_what(w, "splice to");
	fz_errno(w, splice(w->pipe[0], NULL, fd, NULL, len,
			   SPLICE_F_NONBLOCK | (fz_one_in(w, 2) ?
						SPLICE_F_MORE : 0)),
		 fz_tcp_errnos);
	while (read(w->pipe[0], w->buf2, FZ_BUF) > 0)
		;
}

void fz_io_poll(struct fz_worker *w)
{
	struct epoll_event ev[8] = { 0 };
	struct pollfd pfd[4];
	int i, fd = fz_slot(w);

	if (fz_one_in(w, 2)) {
		for (i = 0; i < 4; i++)
			pfd[i] = (struct pollfd) {
				.fd = fz_slot(w), .events = fz_u64(&w->rng),
			};
		fz_what(w, "poll");
		fz_errno(w, poll(pfd, 4, fz_below(w, 4)), fz_tcp_errnos);
		return;
	}
	ev[0].events = fz_u64(&w->rng) & (EPOLLIN | EPOLLOUT | EPOLLPRI |
		EPOLLRDHUP | EPOLLET | EPOLLONESHOT);
	ev[0].data.fd = fd;
	fz_what(w, "epoll_ctl");
	i = epoll_ctl(w->epoll, 1 + fz_below(w, 3), fd, ev);
	fz_errno(w, i, (const int[]){ EBADF, EEXIST, ENOENT, ENOMEM, ENOSPC, 0 });
	fz_what(w, "epoll_wait");
	fz_errno(w, epoll_wait(w->epoll, ev, 8, fz_below(w, 3)),
		 (const int[]){ EINTR, EBADF, 0 });
}

void fz_io_shutdown(struct fz_worker *w)
{
	int how = fz_below(w, 3);

	if (fz_one_in(w, 30))
		how = fz_u64(&w->rng);
	fz_what(w, "shutdown");
	fz_errno(w, shutdown(fz_slot(w), how), fz_tcp_errnos);
}

void fz_io_ioctl(struct fz_worker *w)
{
	static const unsigned int cmds[] = {
		SIOCINQ, SIOCATMARK, SIOCOUTQ, SIOCOUTQNSD, FIONBIO,
	};
	unsigned int cmd = cmds[fz_below(w, FZ_ARRAY_SIZE(cmds))];
	int fd = fz_slot(w), val = fz_one_in(w, 4) ? 0 : 1;

	fz_what(w, "ioctl");
	fz_errno(w, ioctl(fd, cmd, fz_one_in(w, 30) ? fz_bad_ptr(w) : &val),
		 fz_tcp_errnos);
	if (cmd == SIOCINQ && val < 0)
		fz_fail(w, FZ_STATE, "SIOCINQ says %d", val);
}
