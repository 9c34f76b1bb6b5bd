// SPDX-License-Identifier: GPL-2.0
/*
 * recvmsg(), splice() and poll() in front of TCP's own.
 *
 * TCP's read is only ever asked, without waiting, for bytes known to lie
 * before a record; the waiting is done here.  So it is towards a plain peer:
 * a reader waiting in TCP would not learn that receiving was shut.
 */
#include <linux/poll.h>
#include <linux/sched/signal.h>
#include <net/busy_poll.h>
#include <net/rps.h>
#include <net/sock.h>
#include <net/tcp.h>

#include "wsp.h"

/**
 * struct recv_view - what one look at the socket told
 * @avail: bytes that may be read now
 * @end: no more will come than @avail
 * @ret: with no bytes: 0 at the end of the stream, or a negative errno;
 *	-EAGAIN if waiting may help
 * @rcv_nxt: up to where the look reached
 * @copied_seq: from where
 * @state: wsp_rx.state at that time
 * @hold: a mark is being held back; look again at @hold_until at the latest
 * @hold_until: jiffies
 */
struct recv_view {
	int avail;
	int ret;
	u32 rcv_nxt;
	u32 copied_seq;
	u8 state;
	bool end;
	bool hold;
	unsigned long hold_until;
};

/*
 * Bytes up to a rcv_nxt are the stream's if no FIN came with them.  TCP moves
 * rcv_nxt before it notes the FIN, hence the look at the lock: unlocked after
 * rcv_nxt was read means that the segment has been dealt with wholly.
 */
static bool recv_look_fast(struct sock *sk, const struct wsp_sock *ws,
			   struct recv_view *v)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	u32 nxt, copied;
	int avail;
	u8 state;

	/* Before everything that is looked at below. */
	nxt = smp_load_acquire(&tp->rcv_nxt);
	state = READ_ONCE(ws->rx.state);
	if (state > WSP_RX_OPEN || READ_ONCE(tp->urg_data))
		return false;
	/* Written plainly, under the lock that is looked at next. */
	if (data_race(READ_ONCE(sk->sk_lock.owned)) ||
	    raw_spin_is_locked(&sk->sk_lock.slock.rlock))
		return false;
	/* Pairs with the unlock by whoever moved rcv_nxt. */
	smp_rmb();
	copied = READ_ONCE(tp->copied_seq);
	avail = nxt - copied;
	if (READ_ONCE(tp->urg_data) || sock_flag(sk, SOCK_DONE))
		return false;
	if (avail <= 0 && (READ_ONCE(sk->sk_err) ||
			   READ_ONCE(sk->sk_shutdown) & RCV_SHUTDOWN ||
			   inet_sk_state_load(sk) == TCP_CLOSE))
		return false;

	v->avail = max(avail, 0);
	v->ret = -EAGAIN;
	v->rcv_nxt = nxt;
	v->copied_seq = copied;
	v->state = state;
	v->end = false;
	v->hold = false;
	return true;
}

/* Context: socket lock held. */
static bool recv_ended(const struct sock *sk, const struct wsp_sock *ws)
{
	return ws->rx.state == WSP_RX_DONE || sock_flag(sk, SOCK_DONE) ||
	       sk->sk_err || sk->sk_shutdown & RCV_SHUTDOWN ||
	       sk->sk_state == TCP_CLOSE;
}

/* The order is tcp_recvmsg()'s; with bytes to return the error stays. */
static int recv_end_status(struct sock *sk, const struct wsp_sock *ws,
			   int copied)
{
	if (copied || READ_ONCE(ws->rx.state) == WSP_RX_DONE ||
	    sock_flag(sk, SOCK_DONE))
		return 0;
	if (READ_ONCE(sk->sk_err))
		return sock_error(sk);
	return READ_ONCE(sk->sk_shutdown) & RCV_SHUTDOWN ? 0 : -ENOTCONN;
}

/*
 * @copied: bytes that the caller has already.  @all: it wants to know about the
 * end although there are bytes.
 */
static void recv_look(struct sock *sk, struct wsp_sock *ws, int copied,
		      bool all, struct recv_view *v)
{
	lockdep_assert_held(&ws->rx_lock);

	if (!all && recv_look_fast(sk, ws, v))
		return;

	lock_sock(sk);
	wsp_rx_update(sk, ws);
	v->avail = wsp_rx_avail(sk, ws);
	v->rcv_nxt = tcp_sk(sk)->rcv_nxt;
	v->state = ws->rx.state;
	v->hold = ws->rx.holding && wsp_rx_undecided(sk, ws);
	v->hold_until = ws->rx.hold_until;
	v->end = recv_ended(sk, ws);
	v->ret = v->end && !v->avail ? recv_end_status(sk, ws, copied) :
				       -EAGAIN;
	release_sock(sk);
}

static bool recv_changed(const struct sock *sk, const struct wsp_sock *ws,
			 const struct recv_view *v)
{
	return READ_ONCE(tcp_sk(sk)->rcv_nxt) != v->rcv_nxt ||
	       READ_ONCE(ws->rx.state) != v->state ||
	       READ_ONCE(ws->rx.shut) || READ_ONCE(sk->sk_err) ||
	       READ_ONCE(sk->sk_shutdown) & RCV_SHUTDOWN ||
	       inet_sk_state_load(sk) == TCP_CLOSE ||
	       (v->hold && !time_before(jiffies, v->hold_until));
}

/* Waits, without the socket lock, until another look may show more. */
static int recv_wait(struct sock *sk, const struct wsp_sock *ws,
		     const struct recv_view *v, long *timeo)
{
	DEFINE_WAIT_FUNC(wait, woken_wake_function);
	int ret = 0;

	if (!*timeo)
		return -EAGAIN;

	add_wait_queue(sk_sleep(sk), &wait);
	sk_set_bit(SOCKWQ_ASYNC_WAITDATA, sk);
	while (!recv_changed(sk, ws, v)) {
		if (signal_pending(current)) {
			ret = sock_intr_errno(*timeo);
			break;
		}
		if (!*timeo) {
			ret = -EAGAIN;
			break;
		}
		/* The hold timer wakes us as data does. */
		*timeo = wait_woken(&wait, TASK_INTERRUPTIBLE, *timeo);
	}
	sk_clear_bit(SOCKWQ_ASYNC_WAITDATA, sk);
	remove_wait_queue(sk_sleep(sk), &wait);
	return ret;
}

/* At the end of the stream: the peer's disconnect data as a control message. */
static void recv_eof(struct sock *sk, struct wsp_sock *ws, struct msghdr *msg,
		     int flags)
{
	lock_sock(sk);
	if (!(flags & MSG_PEEK))
		wsp_rx_eof(sk, ws);
	if (msg->msg_control && msg->msg_controllen &&
	    ws->rx.state == WSP_RX_DONE && ws->rx.len)
		put_cmsg(msg, SOL_WSP, WSP_CMSG_DISC, ws->rx.len, ws->rx.data);
	release_sock(sk);
}

static int recv_stream(struct sock *sk, struct wsp_sock *ws,
		       struct msghdr *msg, size_t len, int flags, long timeo)
{
	const struct proto *base = wsp_family(sk)->base;
	int target = sock_rcvlowat(sk, flags & MSG_WAITALL,
				   min_t(size_t, len, INT_MAX));
	int nflags = (flags & ~MSG_WAITALL) | MSG_DONTWAIT;
	/* A peek does not move on: all it wants must be there at once. */
	int want = flags & MSG_PEEK ? target : 1;
	int peek_off = max(sk_peek_offset(sk, flags), 0);
	int addr_len = 0;
	struct recv_view v;
	int copied = 0;
	int ret;

	if (sk_can_busy_loop(sk) &&
	    skb_queue_empty_lockless(&sk->sk_receive_queue) &&
	    inet_sk_state_load(sk) == TCP_ESTABLISHED)
		sk_busy_loop(sk, !timeo);

	for (;;) {
		if (READ_ONCE(ws->rx.shut)) {
			ret = -ESHUTDOWN;
			break;
		}

		mutex_lock(&ws->rx_lock);
		recv_look(sk, ws, copied, want > 1, &v);
		v.avail = max(v.avail - peek_off, 0);
		if (v.state == WSP_RX_PLAIN ||
		    (v.state == WSP_RX_OFF && v.end))
			ret = base->recvmsg(sk, msg, len - copied, nflags,
					    &addr_len);
		else if (v.avail && (v.avail >= want || v.end || !timeo))
			ret = base->recvmsg(sk, msg,
					    min_t(size_t, len - copied, v.avail),
					    nflags, &addr_len);
		else
			ret = v.ret;
		mutex_unlock(&ws->rx_lock);

		if (ret > 0) {
			copied += ret;
			if (copied >= target || flags & MSG_PEEK)
				break;
			continue;
		}
		if (ret != -EAGAIN)
			break;
		/* The end is in sight, and all before it before the peek offset. */
		if (v.end) {
			ret = recv_end_status(sk, ws, copied);
			break;
		}
		ret = recv_wait(sk, ws, &v, &timeo);
		if (ret && v.avail && want > 1) {
			/* Then whatever there is. */
			want = 1;
			timeo = 0;
		} else if (ret) {
			break;
		}
	}

	if (copied)
		return copied;
	if (!ret)
		recv_eof(sk, ws, msg, flags);
	return ret;
}

static bool recv_is_plain(const struct sock *sk, int flags)
{
	return !(flags & ~(MSG_DONTWAIT | MSG_NOSIGNAL)) &&
	       READ_ONCE(sk->sk_rcvlowat) == 1 && !sk_can_busy_loop(sk);
}

/*
 * recv_stream() for the plainest of calls, as long as nothing but stream bytes
 * is in sight: what an attached socket costs is decided here.
 */
static int recv_plain(struct sock *sk, struct wsp_sock *ws,
		      struct msghdr *msg, size_t len, int flags)
{
	const struct proto *base = wsp_family(sk)->base;
	long timeo = sock_rcvtimeo(sk, flags & MSG_DONTWAIT);
	int addr_len = 0;
	struct recv_view v;
	int ret;

	while (recv_look_fast(sk, ws, &v)) {
		if (v.avail) {
			mutex_lock(&ws->rx_lock);
			/* What was seen holds if nobody has read since. */
			ret = -EAGAIN;
			if (READ_ONCE(tcp_sk(sk)->copied_seq) == v.copied_seq)
				ret = base->recvmsg(sk, msg,
						    min_t(size_t, len, v.avail),
						    flags | MSG_DONTWAIT,
						    &addr_len);
			mutex_unlock(&ws->rx_lock);
			if (ret <= 0)
				break;
			return ret;
		}
		ret = recv_wait(sk, ws, &v, &timeo);
		if (ret)
			return ret;
		if (READ_ONCE(ws->rx.shut))
			return -ESHUTDOWN;
	}
	return recv_stream(sk, ws, msg, len, flags, timeo);
}

static int recv_oob(struct sock *sk, struct wsp_sock *ws, struct msghdr *msg,
		    size_t len, int flags)
{
	bool undecided;
	int addr_len = 0;
	u32 seq;
	int ret;

	lock_sock(sk);
	wsp_rx_update(sk, ws);
	undecided = wsp_rx_undecided(sk, ws);
	seq = tcp_sk(sk)->urg_seq;
	release_sock(sk);
	if (undecided)
		return -EAGAIN;

	ret = wsp_family(sk)->base->recvmsg(sk, msg, len, flags, &addr_len);
	if (ret > 0 && !(flags & MSG_PEEK)) {
		lock_sock(sk);
		ws->rx.has_foreign = true;
		ws->rx.foreign = seq;
		ws->rx.oob_taken = true;
		release_sock(sk);
	}
	return ret;
}

static bool recv_repair(const struct sock *sk)
{
	/* Its byte holds other bits too, which the lock's owner changes. */
	return data_race(!!tcp_sk(sk)->repair);
}

/**
 * wsp_recvmsg() - receive from an attached socket
 * @sock: the socket
 * @msg: where to
 * @len: bytes wanted
 * @flags: MSG_*
 *
 * The record reads as the end of the stream; given a control buffer the call
 * that returns 0 there carries the data as SOL_WSP, WSP_CMSG_DISC.
 *
 * Stands in front of inet_recvmsg() and not of TCP's, to add no call.
 *
 * Return: bytes; 0 at the end; -ESHUTDOWN once receiving was ended (RD-10);
 * else what TCP's own returns.
 */
int wsp_recvmsg(struct socket *sock, struct msghdr *msg, size_t len, int flags)
{
	struct sock *sk = sock->sk;
	struct wsp_sock *ws = wsp_sk(sk);
	u8 state;
	int ret;

	/* Under TCP_REPAIR it is about the queues, the send queue included. */
	if (unlikely(!ws || flags & MSG_ERRQUEUE || recv_repair(sk)))
		goto base;
	if (READ_ONCE(ws->rx.shut))
		return -ESHUTDOWN;

	state = READ_ONCE(ws->rx.state);
	if (state == WSP_RX_PLAIN || !len ||
	    (state == WSP_RX_OFF && (flags & MSG_OOB || !READ_ONCE(ws->connected))))
		goto base;

	if (unlikely(READ_ONCE(ws->drop_syn)))
		wsp_handshake_drop_syn(sk, ws);
	sock_rps_record_flow(sk);
	if (likely(recv_is_plain(sk, flags)))
		ret = recv_plain(sk, ws, msg, len, flags);
	else if (flags & MSG_OOB)
		ret = recv_oob(sk, ws, msg, len, flags);
	else
		ret = recv_stream(sk, ws, msg, len, flags,
				  sock_rcvtimeo(sk, flags & MSG_DONTWAIT));
	if (ret >= 0)
		msg->msg_namelen = 0;
	return ret;
base:
	return wsp_family(sk)->base_ops->recvmsg(sock, msg, len, flags);
}

/**
 * wsp_prot_recvmsg() - what inet_recvmsg() calls
 * @sk: the socket
 * @msg: where to
 * @len: bytes wanted
 * @flags: MSG_*
 * @addr_len: as TCP's own
 *
 * Reached through wsp_recvmsg() where that has nothing to add, and directly
 * from a socket that has yet to get our operations.
 *
 * Return: as wsp_recvmsg().
 */
int wsp_prot_recvmsg(struct sock *sk, struct msghdr *msg, size_t len,
		     int flags, int *addr_len)
{
	if (unlikely(wsp_ulp_adopt(sk)))
		return wsp_recvmsg(sk->sk_socket, msg, len, flags);
	return wsp_family(sk)->base->recvmsg(sk, msg, len, flags, addr_len);
}

/**
 * wsp_splice_read() - splice() from an attached socket
 * @sock: the socket
 * @ppos: must point to 0
 * @pipe: where to
 * @len: bytes wanted
 * @flags: SPLICE_F_*
 *
 * Return: bytes, 0 at the end of the stream or a negative errno.
 */
ssize_t wsp_splice_read(struct socket *sock, loff_t *ppos,
			struct pipe_inode_info *pipe, size_t len,
			unsigned int flags)
{
	struct sock *sk = sock->sk;
	const struct proto_ops *base = wsp_family(sk)->base_ops;
	struct wsp_sock *ws = wsp_sk(sk);
	struct recv_view v;
	ssize_t ret;
	long timeo;

	if (!ws || (READ_ONCE(ws->rx.state) == WSP_RX_OFF &&
		    !READ_ONCE(ws->connected)))
		return base->splice_read(sock, ppos, pipe, len, flags);

	timeo = sock_rcvtimeo(sk, sock->file->f_flags & O_NONBLOCK);
	do {
		if (READ_ONCE(ws->rx.shut))
			return -ESHUTDOWN;
		if (READ_ONCE(ws->rx.state) == WSP_RX_PLAIN)
			return base->splice_read(sock, ppos, pipe, len, flags);
		mutex_lock(&ws->rx_lock);
		recv_look(sk, ws, 0, false, &v);
		if (v.avail)
			ret = base->splice_read(sock, ppos, pipe,
						min_t(size_t, len, v.avail),
						flags);
		else
			ret = v.ret;
		mutex_unlock(&ws->rx_lock);
		if (ret != -EAGAIN || v.avail)
			return ret;
		ret = recv_wait(sk, ws, &v, &timeo);
	} while (!ret);
	return ret;
}

/* What TCP reports for bytes that are no stream's must not get out. */
static __poll_t poll_fix(struct sock *sk, struct wsp_sock *ws, __poll_t mask)
{
	bool undecided;

	lock_sock(sk);
	wsp_rx_update(sk, ws);
	undecided = wsp_rx_undecided(sk, ws);
	if (!undecided && ws->rx.state != WSP_RX_BODY &&
	    ws->rx.state != WSP_RX_DONE)
		goto out;

	mask &= ~(EPOLLIN | EPOLLRDNORM | EPOLLPRI);
	/* The application's own urgent byte, if the record's mark hid it. */
	if (!undecided && tcp_sk(sk)->urg_data & TCP_URG_VALID)
		mask |= EPOLLPRI;
	if (recv_ended(sk, ws) || wsp_rx_avail(sk, ws))
		mask |= EPOLLIN | EPOLLRDNORM;
	if (ws->rx.state == WSP_RX_DONE)
		mask |= EPOLLRDHUP;
out:
	release_sock(sk);
	return mask;
}

/* POLLHUP is the end of an asynchronous close, and nothing else's. */
static __poll_t poll_linger(struct sock *sk, struct wsp_sock *ws,
			    __poll_t mask)
{
	lock_sock(sk);
	if (!wsp_linger_over(sk, ws))
		mask &= ~EPOLLHUP;
	else if (ws->linger_state != WSP_LINGER_CANCELLED)
		mask |= EPOLLHUP;
	release_sock(sk);
	return mask;
}

/**
 * wsp_poll() - poll() of an attached socket
 * @file: its file
 * @sock: the socket
 * @wait: as ever
 *
 * Return: TCP's own events, with the record as the end of the stream, and
 * neither as urgent nor as readable data.
 */
__poll_t wsp_poll(struct file *file, struct socket *sock,
		  struct poll_table_struct *wait)
{
	struct sock *sk = sock->sk;
	__poll_t mask = wsp_family(sk)->base_ops->poll(file, sock, wait);
	struct wsp_sock *ws = wsp_sk(sk);
	u8 state;

	if (!ws)
		return mask;
	if (unlikely(READ_ONCE(ws->drop_syn)))
		wsp_handshake_drop_syn(sk, ws);
	if (READ_ONCE(ws->rx.shut)) {
		mask |= EPOLLIN | EPOLLRDNORM | EPOLLRDHUP;
		if (READ_ONCE(sk->sk_shutdown) & SEND_SHUTDOWN)
			mask |= EPOLLHUP;
	}
	if (unlikely(READ_ONCE(ws->linger_state)))
		mask = poll_linger(sk, ws, mask);

	state = READ_ONCE(ws->rx.state);
	if (state == WSP_RX_OFF || state == WSP_RX_PLAIN)
		return mask;
	if (likely(state == WSP_RX_OPEN && !READ_ONCE(tcp_sk(sk)->urg_data) &&
		   !sock_flag(sk, SOCK_DONE)))
		return mask;
	return poll_fix(sk, ws, mask);
}
