// SPDX-License-Identifier: GPL-2.0
/*
 * Sending disconnect data.
 */
#include <linux/sched/mm.h>
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
 * Appends all of @iter as segments of their own, none longer than the path
 * takes: the mark must not be segmented again, and FIN and record should
 * leave together.
 *
 * Just past sk_wmem_queued is where TCP both accepts a new buffer and charges
 * it by force, whatever the memory pressure.
 */
static int send_append(struct sock *sk, struct iov_iter *iter)
{
	u32 len = iov_iter_count(iter);
	u32 chunk = max_t(u32, tcp_sk(sk)->mss_cache, 2 * SEND_OPT_SLACK) -
		    SEND_OPT_SLACK;
	struct sk_buff *tail = tcp_write_queue_tail(sk);
	unsigned int tries = 0;
	u32 done = 0;

	if (tail)
		TCP_SKB_CB(tail)->eor = 1;

	while (done < len) {
		u32 n = min(chunk - done % chunk, len - done);
		struct msghdr msg = {
			.msg_flags = MSG_DONTWAIT | MSG_NOSIGNAL | MSG_MORE |
				     MSG_EOR,
			.msg_iter = *iter,
		};
		int ret;

		iov_iter_truncate(&msg.msg_iter, n);
		WRITE_ONCE(sk->sk_sndbuf, sk->sk_wmem_queued + 1);
		ret = tcp_sendmsg_locked(sk, &msg, n);
		if (ret > 0) {
			iov_iter_advance(iter, ret);
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

/**
 * wsp_send_record() - append a record; the FIN must follow under the same lock
 * @sk: the socket
 * @ws: its ULP context
 * @data: the bytes, in kernel memory
 * @len: how many
 *
 * Context: process; socket lock held, wsp_send_check() passed.
 * Return: 0; -ENOBUFS with nothing changed; -ENOTCONN if memory ran out in
 * the middle, and the connection with it.
 */
int wsp_send_record(struct sock *sk, struct wsp_sock *ws, const u8 *data,
		    u32 len)
{
	struct tcp_sock *tp = tcp_sk(sk);
	struct wsp_record_hdr hdr;
	struct wsp_record_ftr ftr;
	struct kvec vec[] = {
		{ .iov_base = &hdr, .iov_len = sizeof(hdr) },
		{ .iov_base = (u8 *)data, .iov_len = len },
		{ .iov_base = &ftr, .iov_len = sizeof(ftr) },
	};
	u8 shutdown = sk->sk_shutdown;
	struct send_limits old;
	struct iov_iter iter;
	u32 mark, snd_up;
	int err;

	sock_owned_by_me(sk);

	if (!wsp_xmit_install(sk, false)) {
		wsp_trace_send(sk, WSP_SEND_NOMEM, len);
		return -ENOBUFS;
	}
	mark = tp->write_seq;
	wsp_record_build(&hdr, &ftr, ws->peer_tag, len,
			 send_oob_field(&ws->tx, mark));
	iov_iter_kvec(&iter, ITER_SOURCE, vec, ARRAY_SIZE(vec),
		      WSP_RECORD_OVERHEAD + len);

	/* In urgent mode it would leave at once, without the FIN. */
	snd_up = tp->snd_up;
	tp->snd_up = tp->snd_una;
	ws->tx.mark = mark;
	ws->tx.has_mark = true;
	/* shutdown() notes itself before it tells us. */
	WRITE_ONCE(sk->sk_shutdown, shutdown & ~SEND_SHUTDOWN);

	send_lift_limits(sk, &old);
	err = send_append(sk, &iter);
	send_restore_limits(sk, &old);
	tp->snd_up = snd_up;
	if (err)
		wsp_trace_send(sk, WSP_SEND_NOMEM, len);
	if (err == -ENOTCONN)
		return err;
	WRITE_ONCE(sk->sk_shutdown, shutdown);
	if (err) {
		ws->tx.has_mark = false;
		wsp_xmit_restore(sk);
		return err;
	}
	ws->tx.len = len;
	return 0;
}

/* A Fast Open server may write, and close, before the handshake is over. */
static bool send_state_ok(const struct sock *sk)
{
	return (1 << sk->sk_state) & (TCPF_ESTABLISHED | TCPF_CLOSE_WAIT) ||
	       (sk->sk_state == TCP_SYN_RECV &&
		rcu_access_pointer(tcp_sk(sk)->fastopen_rsk));
}

/**
 * wsp_send_check() - whether the send direction may be ended like this
 * @sk: the socket
 * @ws: its ULP context
 * @len: bytes of data
 * @data_err: what copying them gave
 *
 * In the order of SD-23.
 *
 * Context: socket lock held.
 * Return: 0; -ESHUTDOWN, -ENOTCONN, -EPERM, -ENOPROTOOPT, @data_err or
 * -EMSGSIZE.
 */
int wsp_send_check(const struct sock *sk, const struct wsp_sock *ws, u32 len,
		   int data_err)
{
	sock_owned_by_me(sk);

	if (ws->tx.closed)
		return len ? -ESHUTDOWN : 0;
	if (!send_state_ok(sk))
		return -ENOTCONN;
	if (!len)
		return 0;
	/* It would be written into the queue under repair. */
	if (tcp_sk(sk)->repair)
		return -EPERM;
	if (!ws->can_send)
		return -ENOPROTOOPT;
	if (data_err)
		return data_err;
	if (len > READ_ONCE(wsp_pernet(sock_net(sk))->max_data))
		return -EMSGSIZE;
	return 0;
}

/**
 * wsp_send_end() - end the send direction, with data or without
 * @sk: the socket
 * @ws: its ULP context
 * @data: the bytes, in kernel memory
 * @len: how many; with 0 what is armed goes
 *
 * Context: process; socket lock held, wsp_send_check() passed.
 * Return: 0 or as wsp_send_record().
 */
int wsp_send_end(struct sock *sk, struct wsp_sock *ws, const u8 *data,
		 u32 len)
{
	int err;

	if (ws->tx.closed)
		return 0;
	if (len) {
		err = wsp_send_record(sk, ws, data, len);
		if (err)
			return err;
		wsp_trace_send(sk, WSP_SEND_QUEUED, len);
		wsp_arm_clear(sk, ws);
	}
	WRITE_ONCE(sk->sk_shutdown, sk->sk_shutdown | SEND_SHUTDOWN);
	wsp_prot_shutdown(sk, SEND_SHUTDOWN);
	sk->sk_state_change(sk);
	return 0;
}

/**
 * wsp_send_disconnect() - WSP_DISC_SEND
 * @sk: the socket
 * @ws: its ULP context
 * @data: the bytes, in kernel memory; NULL if @len is 0 or too large
 * @len: how many
 * @data_err: what copying them gave
 *
 * Never blocks, and never fails for a full send queue or exhausted TCP
 * memory (SD-13).
 *
 * Context: process; socket lock held.
 * Return: 0 or as wsp_send_check() and wsp_send_record().
 */
int wsp_send_disconnect(struct sock *sk, struct wsp_sock *ws, const u8 *data,
			u32 len, int data_err)
{
	int err = wsp_send_check(sk, ws, len, data_err);

	return err ?: wsp_send_end(sk, ws, data, len);
}
