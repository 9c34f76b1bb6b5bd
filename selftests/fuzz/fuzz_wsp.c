// SPDX-License-Identifier: GPL-2.0
/* The module's own calls on the slots, with good and with bad arguments. */
#include "fuzz.h"

#define KNOWN_FLAGS	((WSP_INFO_PEER_CLOSED << 1) - 1)

static const int send_errnos[] = {
	EBADF, ENOTTY, EFAULT, EINVAL, ENOTCONN, ENOPROTOOPT, EMSGSIZE,
	ESHUTDOWN, ENOBUFS, EPERM, 0
};

static const int recv_errnos[] = {
	EBADF, ENOTTY, EFAULT, EINVAL, ENOTCONN, ENOPROTOOPT, EMSGSIZE, 0
};

static const int arm_errnos[] = {
	EBADF, ENOTTY, EFAULT, EINVAL, EMSGSIZE, ESHUTDOWN, ENOMEM, 0
};

static uint32_t wsp_len(struct fz_worker *w)
{
	static const uint32_t edges[] = {
		0, 1, 4, 1023, 1024, 1025, 4095, 4096, 4097, 65535, 65536,
		0x7fffffff, 0xffffffff,
	};

	if (fz_one_in(w, 4))
		return edges[fz_below(w, FZ_ARRAY_SIZE(edges))];
	return fz_size(w, 1200);
}

/* Good arguments mostly; the data is in w->buf. */
static void wsp_args(struct fz_worker *w, struct wsp_disc_args *args,
		     unsigned int flags)
{
	*args = (struct wsp_disc_args) {
		.data = (uintptr_t)w->buf,
		.len = wsp_len(w),
		.flags = fz_u64(&w->rng) & flags,
	};
	if (fz_one_in(w, 32)) {
		args->data = (uintptr_t)fz_bad_src(w);
		/* More than there may be. */
		args->len = args->len ? 100 : 0;
	}
	if (fz_one_in(w, 64))
		args->flags = fz_u64(&w->rng);
	if (fz_one_in(w, 64))
		args->reserved[fz_below(w, 2)] = fz_u64(&w->rng);
	fz_disc_fill(w->buf, args->len < FZ_BUF ? args->len : FZ_BUF,
		     fz_u64(&w->rng) & 0xfffffff);
}

void fz_wsp_disc_send(struct fz_worker *w)
{
	struct wsp_disc_args args;

	wsp_args(w, &args, 0);
	fz_what(w, "DISC_SEND");
	fz_errno(w, ioctl(fz_slot(w), WSP_DISC_SEND, &args), send_errnos);
}

void fz_wsp_arm(struct fz_worker *w)
{
	struct wsp_disc_args args;

	wsp_args(w, &args, WSP_DISC_INHERIT);
	fz_what(w, "DISC_ARM");
	fz_errno(w, ioctl(fz_slot(w), WSP_DISC_ARM, &args), arm_errnos);
}

void fz_wsp_disc_recv(struct fz_worker *w)
{
	struct wsp_disc_args args;
	int fd = fz_slot(w);
	uint32_t nonce;

	wsp_args(w, &args, WSP_DISC_KEEP_RECV);
	if (!fz_one_in(w, 4)) {
		args.data = (uintptr_t)w->buf2;
		args.len = FZ_BUF;
		args.flags |= WSP_DISC_KEEP_RECV;
	}
	fz_what(w, "DISC_RECV");
	if (!fz_errno(w, ioctl(fd, WSP_DISC_RECV, &args), recv_errnos))
		return;
	if (args.len > WSP_DISC_MAX) {
		fz_fail(w, FZ_DISC, "%u bytes", args.len);
		return;
	}
	if (args.len)
		atomic_fetch_add(&fz->records, 1);
	if (args.data != (uintptr_t)w->buf2 || fz_is_victim(fd))
		return;
	atomic_fetch_add_explicit(&fz->checked[FZ_DISC], 1,
				  memory_order_relaxed);
	if (!fz_disc_is(w->buf2, args.len, &nonce))
		fz_fail(w, FZ_DISC, "%u wrong bytes", args.len);
}

void fz_wsp_info(struct fz_worker *w)
{
	struct wsp_linger_info li;
	struct wsp_info info;
	unsigned int i, bits = 0;
	int fd = fz_slot(w);

	memset(&info, 0xcc, sizeof(info));
	fz_what(w, "INFO_GET");
	if (fz_errno(w, ioctl(fd, WSP_INFO_GET, &info),
		     (const int[]){ EBADF, ENOTTY, 0 })) {
		for (i = 0; i < FZ_ARRAY_SIZE(info.reserved); i++)
			bits |= info.reserved[i];
		atomic_fetch_add(&fz->checked[FZ_STATE], 1);
		if (bits || info.version != WSP_ABI_VERSION ||
		    info.flags & ~KNOWN_FLAGS || info.max_len > WSP_DISC_MAX ||
		    info.recv_len > WSP_DISC_MAX ||
		    info.send_len > WSP_DISC_MAX ||
		    info.armed_len > WSP_DISC_MAX ||
		    info.fallback > WSP_FALLBACK_NOMEM ||
		    info.linger > WSP_LINGER_CANCELLED)
			fz_fail(w, FZ_STATE, "wsp_info: flags %#x lens %u %u %u %u linger %u",
				info.flags, info.max_len, info.recv_len,
				info.send_len, info.armed_len, info.linger);
	}
	memset(&li, 0xcc, sizeof(li));
	fz_what(w, "LINGER_GET");
	if (!fz_errno(w, ioctl(fd, WSP_LINGER_GET, &li),
		      (const int[]){ EBADF, ENOTTY, 0 }))
		return;
	atomic_fetch_add(&fz->checked[FZ_STATE], 1);
	if (li.state > WSP_LINGER_CANCELLED || li.reserved[0] ||
	    li.reserved[1] || li.mode > WSP_LINGER_MODE_ASYNC ||
	    (li.left && li.state != WSP_LINGER_PENDING) ||
	    (!li.unacked && li.state == WSP_LINGER_PENDING))
		fz_fail(w, FZ_STATE, "wsp_linger_info: state %u unacked %u left %u mode %u",
			li.state, li.unacked, li.left, li.mode);
}

void fz_wsp_linger(struct fz_worker *w)
{
	struct wsp_linger_args args = { .timeout = 1 + fz_size(w, 3000) };
	uint32_t mode = fz_below(w, 3 + fz_one_in(w, 16));
	int fd = fz_slot(w);

	if (fz_one_in(w, 40))
		args.timeout = 0;
	if (fz_one_in(w, 40))
		args.timeout = 0xffffffff - fz_below(w, 2) * 0x7fffffffU;
	if (fz_one_in(w, 40))
		args.flags = fz_u64(&w->rng);
	if (fz_one_in(w, 40))
		args.reserved = fz_u64(&w->rng);
	switch (fz_below(w, 4)) {
	case 0:
		fz_what(w, "LINGER_START");
		fz_errno(w, ioctl(fd, WSP_LINGER_START, &args),
			 (const int[]){ EBADF, ENOTTY, EFAULT, EINVAL, ENOTCONN,
					EALREADY, ENOMEM, 0 });
		if (fz_one_in(w, 4))
			close(fd);
		break;
	case 1:
		fz_what(w, "LINGER_CANCEL");
		fz_errno(w, ioctl(fd, WSP_LINGER_CANCEL, fz_bad_ptr(w)),
			 (const int[]){ EBADF, ENOTTY, EFAULT, ENOENT, 0 });
		break;
	case 2:
		fz_what(w, "LINGER_CHECK");
		fz_errno(w, ioctl(fd, WSP_LINGER_CHECK, w->buf),
			 (const int[]){ EBADF, ENOTTY, EWOULDBLOCK, 0 });
		break;
	default:
		fz_what(w, "LINGER_MODE");
		memcpy(w->buf, &mode, sizeof(mode));
		fz_errno(w, ioctl(fd, WSP_LINGER_MODE, w->buf),
			 (const int[]){ EBADF, ENOTTY, EINVAL, 0 });
	}
}

/* Any number of ours, any address. */
void fz_wsp_poison(struct fz_worker *w)
{
	unsigned int nr = 0xe0 + fz_below(w, 16);
	unsigned int cmd = fz_below(w, 4) << 30 | fz_size(w, 64) << 16 |
			   0x89 << 8 | nr;
	static const unsigned int ours[] = {
		WSP_DISC_SEND, WSP_DISC_RECV, WSP_INFO_GET, WSP_LINGER_CHECK,
		WSP_DISC_ARM, WSP_LINGER_START, WSP_LINGER_CANCEL,
		WSP_LINGER_GET, WSP_LINGER_MODE,
	};

	if (!fz_one_in(w, 4))
		cmd = ours[fz_below(w, FZ_ARRAY_SIZE(ours))];
	fz_what(w, "bad argument");
	fz_errno(w, ioctl(fz_slot(w), cmd, fz_bad_ptr(w)), (const int[]){
		 EBADF, ENOTTY, EFAULT, EINVAL, ENOTCONN, ENOPROTOOPT, EMSGSIZE,
		 ESHUTDOWN, ENOBUFS, EWOULDBLOCK, EALREADY, ENOMEM, ENOENT, EPERM,
		 0 });
}

/* Control messages in any number, order and state of health. */
static size_t wsp_control(struct fz_worker *w, unsigned char *room, size_t size)
{
	unsigned int n = 1 + fz_size(w, 3), i;
	size_t at = 0;

	for (i = 0; i < n; i++) {
		uint32_t len = fz_size(w, 1100);
		struct cmsghdr c = {
			.cmsg_level = SOL_WSP, .cmsg_type = WSP_CMSG_DISC,
		};

		switch (fz_below(w, 8)) {
		case 0:
			c.cmsg_level = SOL_SOCKET;
			c.cmsg_type = WSP_CMSG_GUARD;
			len = fz_one_in(w, 4) ? len : 0;
			break;
		case 1:
			c.cmsg_level = fz_one_in(w, 2) ? SOL_SOCKET : SOL_TCP;
			c.cmsg_type = fz_size(w, 100);
			break;
		case 2:
			c.cmsg_type = fz_u64(&w->rng);
			break;
		default:
			break;
		}
		if (at + CMSG_SPACE(len) > size)
			break;
		c.cmsg_len = CMSG_LEN(len);
		fz_disc_fill(room + at + CMSG_LEN(0), len,
			     fz_u64(&w->rng) & 0xfffffff);
		if (fz_one_in(w, 16))
			c.cmsg_len = fz_one_in(w, 2) ? fz_size(w, 5000) :
						       fz_u64(&w->rng);
		memcpy(room + at, &c, sizeof(c));
		at += CMSG_SPACE(len);
	}
	return fz_one_in(w, 16) ? fz_size(w, at) : at;
}

void fz_wsp_cmsg(struct fz_worker *w)
{
	static const int flags[] = {
		0, MSG_DONTWAIT, MSG_DONTWAIT, MSG_MORE, MSG_OOB | MSG_DONTWAIT,
	};
	static __thread union {
		struct cmsghdr align;
		unsigned char room[4 * CMSG_SPACE(1100)];
	} control;
	uint32_t len = fz_one_in(w, 2) ? 0 : fz_size(w, 20000);
	struct iovec iov = { w->buf, len };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control,
		.msg_controllen = wsp_control(w, control.room, sizeof(control.room)),
	};

	fz_stream_fill(w, w->buf, len);
	if (fz_one_in(w, 32))
		msg.msg_control = fz_bad_src(w);
	fz_what(w, "sendmsg with cmsg");
	fz_errno(w, sendmsg(fz_slot(w), &msg, MSG_NOSIGNAL |
			    flags[fz_below(w, FZ_ARRAY_SIZE(flags))]),
		 fz_tcp_errnos);
}
