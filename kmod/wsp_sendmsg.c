// SPDX-License-Identifier: GPL-2.0
/*
 * sendmsg() in front of TCP's own: the disconnect control message, and the
 * application's urgent byte.
 */
#include <linux/socket.h>
#include <linux/uio.h>
#include <net/inet_common.h>
#include <net/tcp.h>

#include "wsp.h"

/**
 * struct sendmsg_disc - what the control messages ask for
 * @end: end the send direction behind the payload
 * @data: with this, in the kernel's copy of the control messages
 * @len: bytes of it
 */
struct sendmsg_disc {
	bool end;
	const u8 *data;
	u32 len;
};

static int disc_parse(struct msghdr *msg, struct sendmsg_disc *disc)
{
	struct cmsghdr *cmsg;

	for_each_cmsghdr(cmsg, msg) {
		size_t len;

		if (!CMSG_OK(msg, cmsg))
			return -EINVAL;
		len = cmsg->cmsg_len - sizeof(*cmsg);
		if (cmsg->cmsg_type == WSP_CMSG_GUARD &&
		    (cmsg->cmsg_level == SOL_SOCKET ||
		     cmsg->cmsg_level == SOL_WSP)) {
			if (len)
				return -EINVAL;
			/* TCP refuses it where it stands; this is a copy. */
			cmsg->cmsg_level = SOL_WSP;
		} else if (cmsg->cmsg_level == SOL_WSP) {
			if (cmsg->cmsg_type != WSP_CMSG_DISC || disc->end)
				return -EINVAL;
			disc->end = true;
			disc->data = CMSG_DATA(cmsg);
			disc->len = min_t(size_t, len, U32_MAX);
		}
	}
	if (!disc->end)
		return 0;
	/* io_uring sends the rest of such a payload without control messages. */
	if (msg->msg_flags & MSG_WAITALL && iov_iter_count(&msg->msg_iter))
		return -EINVAL;
	return msg->msg_flags & MSG_OOB ? -EINVAL : 0;
}

/* Remembers the urgent byte: a record's mark will take its place. */
static int sendmsg_oob(struct sock *sk, struct wsp_sock *ws,
		       struct msghdr *msg, size_t size)
{
	struct iov_iter iter = msg->msg_iter;
	u8 byte;
	int ret;

	lock_sock(sk);
	ret = tcp_sendmsg_locked(sk, msg, size);
	if (ret > 0) {
		iov_iter_advance(&iter, ret - 1);
		ws->tx.has_oob = copy_from_iter(&byte, 1, &iter) == 1;
		ws->tx.oob_byte = byte;
		ws->tx.oob_seq = tcp_sk(sk)->write_seq - 1;
	}
	release_sock(sk);
	return ret;
}

/*
 * What can be refused is refused before a byte of the payload is taken.
 * Waiting for room lets go of the lock, hence the second look.
 */
static int sendmsg_end(struct sock *sk, struct wsp_sock *ws,
		       struct msghdr *msg, size_t size,
		       const struct sendmsg_disc *disc)
{
	int ret;

	lock_sock(sk);
	ret = wsp_send_check(sk, ws, disc->len, 0);
	if (ret)
		goto out;
	if (size) {
		ret = tcp_sendmsg_locked(sk, msg, size);
		if (ret < 0 || ret < size)
			goto out;
	}
	size = ret;
	ret = wsp_send_disconnect(sk, ws, disc->data, disc->len, 0) ?: size;
out:
	release_sock(sk);
	return ret;
}

/* What TCP's own does not know.  Returns -ENOIOCTLCMD where there is none. */
static int sendmsg_special(struct sock *sk, struct wsp_sock *ws,
			   struct msghdr *msg, size_t size)
{
	struct sendmsg_disc disc = { };
	int err;

	if (msg->msg_controllen) {
		err = disc_parse(msg, &disc);
		if (err)
			return err;
		if (disc.end)
			return sendmsg_end(sk, ws, msg, size, &disc);
	}
	if (msg->msg_flags & MSG_OOB)
		return sendmsg_oob(sk, ws, msg, size);
	return -ENOIOCTLCMD;
}

/**
 * wsp_sendmsg() - send on an attached socket
 * @sock: the socket
 * @msg: what to send
 * @size: its length
 *
 * Stands in front of inet_sendmsg() and not of TCP's, to add no call.
 *
 * Return: what TCP's own returns, or WSP_DISC_SEND's errors.
 */
int wsp_sendmsg(struct socket *sock, struct msghdr *msg, size_t size)
{
	struct sock *sk = sock->sk;
	struct wsp_sock *ws;
	int ret;

	if (unlikely(inet_send_prepare(sk)))
		return -EAGAIN;
	if (unlikely(msg->msg_flags & MSG_OOB || msg->msg_controllen)) {
		ws = wsp_sk(sk);
		ret = ws ? sendmsg_special(sk, ws, msg, size) : -ENOIOCTLCMD;
		if (ret != -ENOIOCTLCMD)
			return ret;
	}
	return tcp_sendmsg(sk, msg, size);
}
