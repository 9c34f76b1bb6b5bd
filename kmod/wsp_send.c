// SPDX-License-Identifier: GPL-2.0
/*
 * Sending disconnect data, and what else touches the send direction.
 */
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/uio.h>
#include <net/tcp.h>

#include "wsp.h"

/* Room for what the options of a data segment may grow by. */
#define SEND_OPT_SLACK	40

/* How often to try for memory: before the first byte, and once it is queued. */
#define SEND_TRIES_FIRST	3
#define SEND_TRIES_REST		HZ

/* What the record must not be refused for, and put back afterwards. */
struct send_limits {
	int sndbuf;
	u8 locked;
	u32 notsent_lowat;
	unsigned int noreclaim;
};

static void send_lift_limits(struct sock *sk, struct send_limits *old)
{
	struct tcp_sock *tp = tcp_sk(sk);

	old->sndbuf = sk->sk_sndbuf;
	old->locked = sk->sk_userlocks & SOCK_SNDBUF_LOCK;
	old->notsent_lowat = tp->notsent_lowat;
	old->noreclaim = memalloc_noreclaim_save();
	sk->sk_userlocks |= SOCK_SNDBUF_LOCK;
	WRITE_ONCE(tp->notsent_lowat, UINT_MAX);
}

static void send_restore_limits(struct sock *sk, const struct send_limits *old)
{
	WRITE_ONCE(sk->sk_sndbuf, old->sndbuf);
	WRITE_ONCE(tcp_sk(sk)->notsent_lowat, old->notsent_lowat);
	if (!old->locked)
		sk->sk_userlocks &= ~SOCK_SNDBUF_LOCK;
	memalloc_noreclaim_restore(old->noreclaim);
}

/*
 * Appends @len bytes as segments of their own, none longer than the path
 * takes: the mark must not be segmented again, and FIN and record should
 * leave together.
 *
 * Just past sk_wmem_queued is where TCP both accepts a new buffer and charges
 * it by force, whatever the memory pressure.
 */
static int send_append(struct sock *sk, const u8 *buf, u32 len)
{
	u32 chunk = max_t(u32, tcp_sk(sk)->mss_cache, 2 * SEND_OPT_SLACK) -
		    SEND_OPT_SLACK;
	struct sk_buff *tail = tcp_write_queue_tail(sk);
	unsigned int tries = 0;
	u32 done = 0;

	if (tail)
		TCP_SKB_CB(tail)->eor = 1;

	while (done < len) {
		u32 n = min(chunk - done % chunk, len - done);
		struct kvec vec = { .iov_base = (u8 *)buf + done, .iov_len = n };
		struct msghdr msg = {
			.msg_flags = MSG_DONTWAIT | MSG_NOSIGNAL | MSG_MORE |
				     MSG_EOR,
		};
		int ret;

		iov_iter_kvec(&msg.msg_iter, ITER_SOURCE, &vec, 1, n);
		WRITE_ONCE(sk->sk_sndbuf, sk->sk_wmem_queued + 1);
		ret = tcp_sendmsg_locked(sk, &msg, n);
		if (ret > 0) {
			done += ret;
			continue;
		}
		/* Reporting an ICMP error has cleared it; the next try counts. */
		tries++;
		if (!done && tries == SEND_TRIES_FIRST)
			goto err_nothing_sent;
		if (done && tries >= SEND_TRIES_REST)
			goto err_half_sent;
		if (done)
			schedule_timeout_uninterruptible(1);
	}
	return 0;

err_half_sent:
	/* Half a record can be neither taken back nor left there. */
	wsp_disconnect(sk, 0);
	return -ENOTCONN;
err_nothing_sent:
	if (tail)
		TCP_SKB_CB(tail)->eor = 0;
	return -ENOBUFS;
}

static u32 send_oob_field(const struct wsp_tx *tx, u32 mark)
{
	u32 back = mark - tx->oob_seq;

	if (!tx->has_oob || back > WSP_OOB_BACK_MAX)
		return 0;
	return (u32)tx->oob_byte << 24 | back;
}

static int send_record(struct sock *sk, struct wsp_sock *ws, const u8 *data,
		       u32 len)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 total = WSP_RECORD_OVERHEAD + len;
	struct send_limits old;
	u32 mark, snd_up;
	u8 *buf;
	int err;

	buf = kmalloc(total, GFP_KERNEL);
	if (!buf)
		return -ENOBUFS;
	mark = tp->write_seq;
	memcpy(buf + sizeof(struct wsp_record_hdr), data, len);
	wsp_record_build(buf, ws->peer_tag, len, send_oob_field(&ws->tx, mark));

	/* In urgent mode it would leave at once, without the FIN. */
	snd_up = tp->snd_up;
	tp->snd_up = tp->snd_una;
	wsp_xmit_install(sk, ws, NULL);
	ws->tx.mark = mark;
	ws->tx.has_mark = true;

	send_lift_limits(sk, &old);
	err = send_append(sk, buf, total);
	send_restore_limits(sk, &old);
	tp->snd_up = snd_up;
	kfree(buf);
	if (err) {
		ws->tx.has_mark = false;
		wsp_xmit_restore(sk, ws);
		return err;
	}
	ws->tx.len = len;
	return 0;
}

static bool send_state_ok(const struct sock *sk)
{
	return (1 << sk->sk_state) & (TCPF_ESTABLISHED | TCPF_CLOSE_WAIT);
}

/**
 * wsp_send_disconnect() - end the send direction, with data or without
 * @sk: the socket
 * @ws: its ULP context
 * @data: the bytes, in kernel memory; NULL if @len is 0 or too large
 * @len: how many
 * @data_err: what copying them gave
 *
 * Never blocks, and never fails for a full send queue or exhausted TCP
 * memory (SD-13).  The checks come in the order of SD-23.
 *
 * Context: process; socket lock held.
 * Return: 0; -ESHUTDOWN, -ENOTCONN, -ENOPROTOOPT, @data_err, -EMSGSIZE or
 * -ENOBUFS, with nothing changed.
 */
int wsp_send_disconnect(struct sock *sk, struct wsp_sock *ws, const u8 *data,
			u32 len, int data_err)
{
	int err;

	sock_owned_by_me(sk);

	if (ws->tx.closed)
		return len ? -ESHUTDOWN : 0;
	if (!send_state_ok(sk))
		return -ENOTCONN;
	if (len) {
		if (!ws->can_send)
			return -ENOPROTOOPT;
		if (data_err)
			return data_err;
		if (len > READ_ONCE(wsp_pernet(sock_net(sk))->max_data))
			return -EMSGSIZE;
		err = send_record(sk, ws, data, len);
		if (err)
			return err;
	}

	WRITE_ONCE(sk->sk_shutdown, sk->sk_shutdown | SEND_SHUTDOWN);
	wsp_prot_shutdown(sk, SEND_SHUTDOWN);
	sk->sk_state_change(sk);
	return 0;
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

/**
 * wsp_sendmsg() - send on an attached socket
 * @sk: the socket
 * @msg: what to send
 * @size: its length
 *
 * Return: what TCP's own returns.
 */
int wsp_sendmsg(struct sock *sk, struct msghdr *msg, size_t size)
{
	struct wsp_sock *ws;

	if (likely(!(msg->msg_flags & MSG_OOB)))
		return wsp_family(sk)->base->sendmsg(sk, msg, size);
	ws = wsp_sk(sk);
	if (!ws)
		return wsp_family(sk)->base->sendmsg(sk, msg, size);
	return sendmsg_oob(sk, ws, msg, size);
}

/**
 * wsp_prot_shutdown() - TCP's half of shutdown(), with the end noted
 * @sk: the socket
 * @how: RCV_SHUTDOWN, SEND_SHUTDOWN or both
 *
 * Context: socket lock held.
 */
void wsp_prot_shutdown(struct sock *sk, int how)
{
	struct wsp_sock *ws = wsp_sk(sk);

	if (ws && how & SEND_SHUTDOWN && wsp_connected(sk, ws))
		ws->tx.closed = true;
	wsp_family(sk)->base->shutdown(sk, how);
}

/**
 * wsp_shutdown() - shutdown() of an attached socket
 * @sock: the socket
 * @how: SHUT_RD, SHUT_WR or SHUT_RDWR
 *
 * SHUT_RD stays above TCP, which goes on taking what arrives (RD-12); a
 * socket that is not connected keeps TCP's own meaning of it.
 *
 * Return: 0 or a negative errno.
 */
int wsp_shutdown(struct socket *sock, int how)
{
	struct sock *sk = sock->sk;
	const struct proto_ops *base = wsp_family(sk)->base_ops;
	struct wsp_sock *ws = wsp_sk(sk);
	bool connected;
	int err;

	if (!ws || (how != SHUT_RD && how != SHUT_RDWR))
		return base->shutdown(sock, how);

	lock_sock(sk);
	connected = wsp_connected(sk, ws);
	release_sock(sk);
	if (!connected)
		return base->shutdown(sock, how);

	if (how == SHUT_RDWR) {
		err = base->shutdown(sock, SHUT_WR);
		if (err)
			return err;
	}
	lock_sock(sk);
	wsp_rx_shut(sk, ws);
	release_sock(sk);
	return 0;
}
