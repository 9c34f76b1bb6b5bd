// SPDX-License-Identifier: GPL-2.0
/*
 * The socket ioctls of <linux/wsp.h>, and the few of TCP's own that would
 * otherwise count a record as data.
 */
#include <linux/compat.h>
#include <linux/pagemap.h>
#include <linux/slab.h>
#include <linux/sockios.h>
#include <linux/uaccess.h>
#include <net/tcp.h>
#include <asm/ioctls.h>

#include "wsp.h"

static_assert(sizeof(struct wsp_disc_args) == 32);
static_assert(offsetof(struct wsp_disc_args, data) == 0);
static_assert(offsetof(struct wsp_disc_args, len) == 8);
static_assert(offsetof(struct wsp_disc_args, flags) == 12);
static_assert(offsetof(struct wsp_disc_args, reserved) == 16);

static_assert(sizeof(struct wsp_info) == 64);
static_assert(offsetof(struct wsp_info, version) == 0);
static_assert(offsetof(struct wsp_info, flags) == 4);
static_assert(offsetof(struct wsp_info, max_len) == 8);
static_assert(offsetof(struct wsp_info, recv_len) == 12);
static_assert(offsetof(struct wsp_info, send_len) == 16);
static_assert(offsetof(struct wsp_info, unacked) == 20);
static_assert(offsetof(struct wsp_info, fallback) == 24);
static_assert(offsetof(struct wsp_info, armed_len) == 28);
static_assert(offsetof(struct wsp_info, linger) == 32);
static_assert(offsetof(struct wsp_info, reserved) == 36);

static_assert(sizeof(struct wsp_linger_args) == 16);
static_assert(offsetof(struct wsp_linger_args, timeout) == 0);
static_assert(offsetof(struct wsp_linger_args, flags) == 4);
static_assert(offsetof(struct wsp_linger_args, reserved) == 8);

static_assert(sizeof(struct wsp_linger_info) == 32);
static_assert(offsetof(struct wsp_linger_info, state) == 0);
static_assert(offsetof(struct wsp_linger_info, unacked) == 4);
static_assert(offsetof(struct wsp_linger_info, left) == 8);
static_assert(offsetof(struct wsp_linger_info, mode) == 12);
static_assert(offsetof(struct wsp_linger_info, reserved) == 16);

static_assert(_IOC_TYPE(WSP_DISC_SEND) == SOCK_IOC_TYPE);
static_assert(_IOC_NR(WSP_DISC_SEND) == _IOC_NR(SIOCPROTOPRIVATE));

static int args_get(struct wsp_disc_args *args, void __user *argp, u32 flags)
{
	if (copy_from_user(args, argp, sizeof(*args)))
		return -EFAULT;
	if (args->flags & ~flags || args->reserved[0] || args->reserved[1])
		return -EINVAL;
	return 0;
}

/* Too long anyway; but memory that is not there is the first thing to say. */
static int data_probe(u64 addr, u32 len)
{
	const u32 step = SZ_1M;
	u32 n;

	for (; len; len -= n, addr += n) {
		n = min(len, step);
		if (fault_in_readable(u64_to_user_ptr(addr), n))
			return -EFAULT;
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	return 0;
}

/* Returns what copying gave; with 0, @data is to be freed. */
static int data_get(const struct wsp_disc_args *args, u8 **data)
{
	*data = NULL;
	if (args->len > WSP_DISC_MAX)
		return data_probe(args->data, args->len);
	if (!args->len)
		return 0;
	*data = memdup_user(u64_to_user_ptr(args->data), args->len);
	return PTR_ERR_OR_ZERO(*data);
}

static int ioctl_disc_send(struct sock *sk, struct wsp_sock *ws,
			   void __user *argp)
{
	struct wsp_disc_args args;
	int data_err;
	u8 *data;
	int err;

	err = args_get(&args, argp, 0);
	if (err)
		return err;
	data_err = data_get(&args, &data);
	if (data_err == -ENOMEM)
		data_err = -ENOBUFS;

	lock_sock(sk);
	err = wsp_send_disconnect(sk, ws, data, args.len, data_err);
	/* Without memory for the record it has been counted there. */
	if (data_err == -ENOBUFS && err == data_err)
		wsp_trace_send(sk, WSP_SEND_NOMEM, args.len);
	release_sock(sk);
	if (!data_err)
		kfree(data);
	return err;
}

static int ioctl_disc_arm(struct sock *sk, struct wsp_sock *ws,
			  void __user *argp)
{
	struct wsp_disc_args args;
	u8 *data;
	int err;

	err = args_get(&args, argp, WSP_DISC_INHERIT);
	if (err)
		return err;
	err = data_get(&args, &data);
	if (err)
		return err;

	lock_sock(sk);
	err = wsp_arm(sk, ws, data, args.len, args.flags & WSP_DISC_INHERIT);
	release_sock(sk);
	kfree(data);
	return err;
}

/* Context: socket lock held. */
static int disc_recv(struct sock *sk, struct wsp_sock *ws,
		     struct wsp_disc_args *args)
{
	const struct wsp_rx *rx = &ws->rx;
	u32 room = args->len;

	if (!wsp_connected(sk, ws))
		return -ENOTCONN;
	wsp_rx_update(sk, ws);
	args->len = rx->state == WSP_RX_DONE ? rx->len : 0;
	if (!args->len) {
		if (sk->sk_state == TCP_CLOSE && !sock_flag(sk, SOCK_DONE) &&
		    rx->state != WSP_RX_DONE)
			return -ENOTCONN;
		if (room && !ws->peer_ok)
			return -ENOPROTOOPT;
	} else if (room) {
		if (room < args->len)
			return -EMSGSIZE;
		if (copy_to_user(u64_to_user_ptr(args->data), rx->data,
				 args->len))
			return -EFAULT;
	}
	return 0;
}

static int ioctl_disc_recv(struct sock *sk, struct wsp_sock *ws,
			   void __user *argp)
{
	struct wsp_disc_args args;
	int err;

	err = args_get(&args, argp, WSP_DISC_KEEP_RECV);
	if (err)
		return err;

	lock_sock(sk);
	err = disc_recv(sk, ws, &args);
	if ((!err || err == -EMSGSIZE) &&
	    put_user(args.len, &((struct wsp_disc_args __user *)argp)->len))
		err = -EFAULT;
	if (!err && !(args.flags & WSP_DISC_KEEP_RECV))
		wsp_rx_shut(sk, ws);
	release_sock(sk);
	return err;
}

static int ioctl_info_get(struct sock *sk, struct wsp_sock *ws,
			  void __user *argp)
{
	struct wsp_info info = { .version = WSP_ABI_VERSION };

	lock_sock(sk);
	wsp_rx_update(sk, ws);
	if (wsp_connected(sk, ws)) {
		info.flags |= WSP_INFO_CONNECTED;
		info.unacked = tcp_sk(sk)->write_seq - tcp_sk(sk)->snd_una;
	}
	if (ws->peer_ok)
		info.flags |= WSP_INFO_PEER;
	if (ws->can_send)
		info.flags |= WSP_INFO_CAN_SEND;
	if (ws->tx.closed)
		info.flags |= WSP_INFO_SEND_CLOSED;
	if (ws->rx.shut)
		info.flags |= WSP_INFO_RECV_CLOSED;
	if (ws->rx.state == WSP_RX_DONE) {
		info.flags |= WSP_INFO_PEER_CLOSED;
		if (ws->rx.len)
			info.flags |= WSP_INFO_RECV_DATA;
		info.recv_len = ws->rx.len;
	}
	if (sock_flag(sk, SOCK_DONE))
		info.flags |= WSP_INFO_PEER_CLOSED;
	info.max_len = READ_ONCE(wsp_pernet(sock_net(sk))->max_data);
	info.send_len = ws->tx.len;
	info.fallback = ws->fallback;
	info.armed_len = wsp_arm_len(ws);
	wsp_linger_over(sk, ws);
	info.linger = ws->linger_state;
	release_sock(sk);

	return copy_to_user(argp, &info, sizeof(info)) ? -EFAULT : 0;
}

static int ioctl_linger_check(struct sock *sk, struct wsp_sock *ws,
			      void __user *argp)
{
	bool blocks;

	lock_sock(sk);
	blocks = wsp_close_blocks(sk);
	release_sock(sk);
	return blocks ? -EWOULDBLOCK : 0;
}

static int ioctl_linger_start(struct sock *sk, struct wsp_sock *ws,
			      void __user *argp)
{
	struct wsp_linger_args args;
	int err;

	if (copy_from_user(&args, argp, sizeof(args)))
		return -EFAULT;
	if (!args.timeout || args.flags || args.reserved)
		return -EINVAL;

	lock_sock(sk);
	err = wsp_linger_start(sk, ws, msecs_to_jiffies(args.timeout));
	release_sock(sk);
	return err;
}

static int ioctl_linger_cancel(struct sock *sk, struct wsp_sock *ws,
			       void __user *argp)
{
	int err;

	lock_sock(sk);
	err = wsp_linger_cancel(sk, ws);
	release_sock(sk);
	return err;
}

static int ioctl_linger_get(struct sock *sk, struct wsp_sock *ws,
			    void __user *argp)
{
	struct wsp_linger_info info = { };

	lock_sock(sk);
	wsp_linger_over(sk, ws);
	info.state = ws->linger_state;
	info.mode = ws->linger_mode;
	if (wsp_connected(sk, ws))
		info.unacked = tcp_sk(sk)->write_seq - tcp_sk(sk)->snd_una;
	info.left = jiffies_to_msecs(wsp_linger_left(ws));
	release_sock(sk);

	return copy_to_user(argp, &info, sizeof(info)) ? -EFAULT : 0;
}

static int ioctl_linger_mode(struct sock *sk, struct wsp_sock *ws,
			     void __user *argp)
{
	u32 mode;

	if (get_user(mode, (u32 __user *)argp))
		return -EFAULT;
	if (mode > WSP_LINGER_MODE_ASYNC)
		return -EINVAL;
	lock_sock(sk);
	WRITE_ONCE(ws->linger_mode, mode);
	release_sock(sk);
	return 0;
}

/*
 * TCP counts what lies behind the mark when urgent data is wanted in line;
 * else up to the application's own mark, and no further.
 */
static int ioctl_inq(struct sock *sk, struct wsp_sock *ws, void __user *argp)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	bool ours;
	int avail;

	lock_sock(sk);
	wsp_rx_update(sk, ws);
	ours = wsp_rx_undecided(sk, ws) || ws->rx.state == WSP_RX_BODY ||
	       ws->rx.state == WSP_RX_DONE;
	avail = wsp_rx_avail(sk, ws);
	if (tp->urg_data && !sock_flag(sk, SOCK_URGINLINE) &&
	    !before(tp->urg_seq, tp->copied_seq))
		avail = min_t(int, avail, tp->urg_seq - tp->copied_seq);
	release_sock(sk);
	return ours ? put_user(avail, (int __user *)argp) : -ENOIOCTLCMD;
}

static int ioctl_atmark(struct sock *sk, struct wsp_sock *ws,
			void __user *argp)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	int answer = -1;

	lock_sock(sk);
	wsp_rx_update(sk, ws);
	if (wsp_rx_undecided(sk, ws))
		answer = 0;
	else if (ws->rx.state != WSP_RX_OPEN && tp->urg_data & TCP_URG_VALID &&
		 (tp->urg_seq + 1 == tp->copied_seq ||
		  (tp->urg_seq + 1 == ws->rx.mark &&
		   before(tp->urg_seq, tp->copied_seq))))
		answer = 1; /* TCP stepped over the byte, the reader did not. */
	release_sock(sk);
	return answer < 0 ? -ENOIOCTLCMD :
			    put_user(answer, (int __user *)argp);
}

/*
 * -ENOIOCTLCMD passes the call on.  @record_only handlers matter only where a
 * record may have arrived.
 */
static const struct wsp_ioctl_desc {
	unsigned int cmd;
	bool record_only;
	int (*func)(struct sock *sk, struct wsp_sock *ws, void __user *argp);
} ioctl_table[] = {
	{ WSP_DISC_SEND, false, ioctl_disc_send },
	{ WSP_DISC_RECV, false, ioctl_disc_recv },
	{ WSP_INFO_GET, false, ioctl_info_get },
	{ WSP_LINGER_CHECK, false, ioctl_linger_check },
	{ WSP_DISC_ARM, false, ioctl_disc_arm },
	{ WSP_LINGER_START, false, ioctl_linger_start },
	{ WSP_LINGER_CANCEL, false, ioctl_linger_cancel },
	{ WSP_LINGER_GET, false, ioctl_linger_get },
	{ WSP_LINGER_MODE, false, ioctl_linger_mode },
	{ SIOCINQ, true, ioctl_inq },
	{ SIOCATMARK, true, ioctl_atmark },
};

/**
 * wsp_ioctl() - ioctl() of an attached socket
 * @sock: the socket
 * @cmd: command
 * @arg: its argument
 *
 * Return: 0 or a negative errno; -ENOIOCTLCMD for what nobody here knows.
 */
int wsp_ioctl(struct socket *sock, unsigned int cmd, unsigned long arg)
{
	struct sock *sk = sock->sk;
	struct wsp_sock *ws = wsp_sk(sk);
	const struct wsp_ioctl_desc *d;
	int err;

	if (!ws)
		goto base;
	for (d = ioctl_table; d < ioctl_table + ARRAY_SIZE(ioctl_table); d++) {
		if (d->cmd != cmd)
			continue;
		if (d->record_only && READ_ONCE(ws->rx.state) == WSP_RX_OFF)
			break;
		err = d->func(sk, ws, (void __user *)arg);
		if (err != -ENOIOCTLCMD)
			return err;
		break;
	}
base:
	return wsp_family(sk)->base_ops->ioctl(sock, cmd, arg);
}

#ifdef CONFIG_COMPAT
/**
 * wsp_compat_ioctl() - ioctl() of a 32-bit caller
 * @sock: the socket
 * @cmd: command
 * @arg: its argument
 *
 * Return: as wsp_ioctl(); our structures are the same.
 */
int wsp_compat_ioctl(struct socket *sock, unsigned int cmd, unsigned long arg)
{
	const struct proto_ops *base = wsp_family(sock->sk)->base_ops;

	if (_IOC_TYPE(cmd) == SOCK_IOC_TYPE &&
	    _IOC_NR(cmd) >= _IOC_NR(SIOCPROTOPRIVATE))
		return wsp_ioctl(sock, cmd, (unsigned long)compat_ptr(arg));
	return base->compat_ioctl ? base->compat_ioctl(sock, cmd, arg) :
				    -ENOIOCTLCMD;
}
#endif
