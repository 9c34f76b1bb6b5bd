// SPDX-License-Identifier: GPL-2.0
/*
 * Finding and taking in the peer's record.
 *
 *	OFF --handshake--> OPEN --header verified at the mark--> BODY --> DONE
 *	                    |  `--FIN, footer leads to a header--^
 *	                    `--FIN, no record--> PLAIN
 *
 * The record's bytes are read out of the receive queue by sequence number.
 * They are consumed as they arrive once the reader has reached the mark, or a
 * record larger than the receive window would never arrive whole.
 */
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <net/tcp.h>

#include "wsp.h"

enum mark_verdict {
	MARK_UNDECIDED,
	MARK_FOREIGN,
	MARK_RECORD,
};

static void rx_stop_hold(struct sock *sk, struct wsp_sock *ws)
{
	if (timer_pending(&ws->hold_timer))
		sk_stop_timer(sk, &ws->hold_timer);
}

static void wsp_rx_set_state(struct sock *sk, struct wsp_sock *ws,
			     enum wsp_rx_state state)
{
	sock_owned_by_me(sk);

	WRITE_ONCE(ws->rx.state, state);
	ws->rx.holding = false;
	rx_stop_hold(sk, ws);
}

/* First sequence number behind the stream's bytes received in order. */
static u32 rx_end(const struct sock *sk)
{
	return tcp_sk(sk)->rcv_nxt - sock_flag(sk, SOCK_DONE);
}

/*
 * Copies the bytes at @seq that are there, up to @len.  Never looks with
 * tcp_recv_skb(): that frees buffers which lie before @seq.
 */
static unsigned int rx_peek(const struct sock *sk, u32 seq, void *buf,
			    unsigned int len)
{
	unsigned int done = 0;
	struct sk_buff *skb;

	skb_queue_walk(&sk->sk_receive_queue, skb) {
		u32 off = seq + done - TCP_SKB_CB(skb)->seq;
		unsigned int n;

		if (TCP_SKB_CB(skb)->tcp_flags & TCPHDR_SYN)
			off--;
		if (off >= skb->len)
			continue;
		n = min(skb->len - off, len - done);
		if (skb_copy_bits(skb, off, buf + done, n))
			break;
		done += n;
		if (done == len)
			break;
	}
	return done;
}

/*
 * The peer's TCP announced our mark in place of the application's, and ours
 * may have dropped the byte that stood there: put both back.
 */
static void rx_restore_oob(struct sock *sk, struct wsp_sock *ws, u32 oob)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 back = oob & WSP_OOB_BACK_MAX;
	u32 seq = ws->rx.mark - back;

	WRITE_ONCE(tp->urg_data, 0);
	if (!back || before(seq + 1, tp->copied_seq))
		return;
	if (ws->rx.has_foreign && ws->rx.foreign == seq && ws->rx.oob_taken) {
		if (before(seq, tp->copied_seq))
			return;
		WRITE_ONCE(tp->urg_data, TCP_URG_READ);
	} else {
		if (before(seq, tp->copied_seq) &&
		    sock_flag(sk, SOCK_URGINLINE))
			return;
		WRITE_ONCE(tp->urg_data, TCP_URG_VALID | oob >> 24);
	}
	WRITE_ONCE(tp->urg_seq, seq);
	ws->rx.has_foreign = true;
	ws->rx.foreign = seq;
}

/* Enters WSP_RX_BODY.  Without memory the data is lost, the close is not. */
static void rx_begin(struct sock *sk, struct wsp_sock *ws, u32 mark,
		     const struct wsp_record_hdr *hdr)
{
	struct wsp_rx *rx = &ws->rx;

	rx->mark = mark;
	rx->len = be16_to_cpu(hdr->len);
	rx->got = 0;
	rx->data = kmalloc(rx->len, GFP_KERNEL_ACCOUNT);
	/* Shown by `ss -m`; limited by there being one at most. */
	if (rx->data)
		atomic_add(rx->len, &sk->sk_omem_alloc);
	rx->room = rx->data ? rx->len : 0;
	wsp_rx_set_state(sk, ws, WSP_RX_BODY);
}

/* An incomplete header: wait for more of it, but not for ever. */
static enum mark_verdict rx_hold(struct sock *sk, struct wsp_sock *ws,
				 unsigned int n)
{
	struct wsp_rx *rx = &ws->rx;

	if (!rx->holding || rx->hold_len != n) {
		rx->holding = true;
		rx->hold_len = n;
		rx->hold_until = jiffies + (n < sizeof(__be16) ?
					    WSP_HOLD_BYTE : WSP_HOLD_MAGIC);
		sk_reset_timer(sk, &ws->hold_timer, rx->hold_until);
	} else if (!time_before(jiffies, rx->hold_until)) {
		/* Not for good: the rest may still come and verify. */
		return MARK_FOREIGN;
	}
	return MARK_UNDECIDED;
}

/* Whether the urgent mark is the peer's record or the application's own. */
static enum mark_verdict rx_classify(struct sock *sk, struct wsp_sock *ws)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	u16 magic = wsp_magic(ws->local_tag);
	struct wsp_record_hdr hdr;
	u32 mark = tp->urg_seq;
	const u8 *p = (const u8 *)&hdr;
	unsigned int n;

	if (ws->rx.has_foreign && ws->rx.foreign == mark)
		return MARK_FOREIGN;
	if (before(mark, tp->copied_seq))
		return MARK_FOREIGN;

	n = rx_peek(sk, mark, &hdr, sizeof(hdr));
	if (n == sizeof(hdr) && wsp_record_verify(&hdr, ws->local_tag)) {
		rx_begin(sk, ws, mark, &hdr);
		rx_restore_oob(sk, ws, be32_to_cpu(hdr.oob));
		return MARK_RECORD;
	}
	/* Nothing at the mark yet: nothing to hold back either. */
	if (!n && !sock_flag(sk, SOCK_DONE))
		return MARK_UNDECIDED;
	if (n < sizeof(hdr) && !sock_flag(sk, SOCK_DONE) &&
	    p[0] == magic >> 8 && (n < 2 || p[1] == (magic & 0xff)) &&
	    (n < 4 || be16_to_cpu(hdr.len) <= WSP_DISC_MAX))
		return rx_hold(sk, ws, n);

	if (n == sizeof(hdr) && be16_to_cpu(hdr.magic) == magic)
		wsp_trace_recv(sk, WSP_RECV_BAD_MAC, be16_to_cpu(hdr.len));
	/* The next mark is held back for a time of its own. */
	ws->rx.holding = false;
	ws->rx.has_foreign = true;
	ws->rx.oob_taken = false;
	ws->rx.foreign = mark;
	return MARK_FOREIGN;
}

/* The FIN is in and no mark was ours: does a footer lead back to a header? */
static void rx_check_tail(struct sock *sk, struct wsp_sock *ws)
{
	u32 copied = tcp_sk(sk)->copied_seq;
	struct wsp_record_hdr hdr;
	struct wsp_record_ftr ftr;
	u32 end = rx_end(sk);
	u32 mark;

	if ((s32)(end - copied) < (s32)WSP_RECORD_OVERHEAD ||
	    rx_peek(sk, end - sizeof(ftr), &ftr, sizeof(ftr)) != sizeof(ftr) ||
	    be16_to_cpu(ftr.len) > WSP_DISC_MAX)
		goto plain;
	mark = end - WSP_RECORD_OVERHEAD - be16_to_cpu(ftr.len);
	if (before(mark, copied) ||
	    rx_peek(sk, mark, &hdr, sizeof(hdr)) != sizeof(hdr) ||
	    hdr.magic != ftr.magic || hdr.len != ftr.len)
		goto plain;
	if (!wsp_record_verify(&hdr, ws->local_tag)) {
		if (be16_to_cpu(hdr.magic) == wsp_magic(ws->local_tag) &&
		    !(ws->rx.has_foreign && ws->rx.foreign == mark))
			wsp_trace_recv(sk, WSP_RECV_BAD_MAC,
				       be16_to_cpu(hdr.len));
		goto plain;
	}
	ws->rx.by_tail = true;
	rx_begin(sk, ws, mark, &hdr);
	return;
plain:
	wsp_rx_set_state(sk, ws, WSP_RX_PLAIN);
}

static void rx_collect(struct sock *sk, struct wsp_sock *ws)
{
	struct wsp_rx *rx = &ws->rx;
	u32 data = rx->mark + sizeof(struct wsp_record_hdr);
	u32 stop = rx->mark + WSP_RECORD_OVERHEAD + rx->len;
	bool whole = !before(rx_end(sk), stop);
	enum wsp_recv_outcome outcome = rx->by_tail ? WSP_RECV_TAIL :
						      WSP_RECV_MARK;

	if (rx->data)
		rx->got += rx_peek(sk, data + rx->got, rx->data + rx->got,
				   rx->len - rx->got);
	if (!whole && !sock_flag(sk, SOCK_DONE))
		return;

	/* Cut short it is no record; its bytes are no stream either. */
	if (!whole)
		outcome = WSP_RECV_TRUNCATED;
	else if (!rx->data || rx->got < rx->len)
		outcome = WSP_RECV_NOMEM;
	wsp_trace_recv(sk, outcome, rx->len);
	if (outcome != WSP_RECV_MARK && outcome != WSP_RECV_TAIL)
		rx->len = 0;
	wsp_rx_set_state(sk, ws, WSP_RX_DONE);
	if (!sock_flag(sk, SOCK_DEAD))
		sk->sk_data_ready(sk);
}

/* What lies at or behind the mark is not the application's, urgent or not. */
static void rx_consume(struct sock *sk, const struct wsp_sock *ws)
{
	struct tcp_sock *tp = tcp_sk(sk);
	u32 copied = tp->copied_seq;
	u32 end = rx_end(sk);

	if (tp->urg_data && !before(tp->urg_seq, ws->rx.mark))
		WRITE_ONCE(tp->urg_data, 0);
	if (!before(copied, ws->rx.mark) && after(end, copied))
		tcp_read_done(sk, end - copied);
}

/**
 * wsp_rx_update() - take note of what has arrived
 * @sk: the socket
 * @ws: its ULP context
 *
 * To be called before anything is read, counted or polled, whenever the
 * urgent mark or the FIN may be in, and again after a reader moved on.
 *
 * Context: process; socket lock held.
 */
void wsp_rx_update(struct sock *sk, struct wsp_sock *ws)
{
	const struct tcp_sock *tp = tcp_sk(sk);

	sock_owned_by_me(sk);

	if (ws->rx.state == WSP_RX_OPEN && tp->urg_data &&
	    rx_classify(sk, ws) == MARK_UNDECIDED)
		return;
	if (ws->rx.state == WSP_RX_OPEN && sock_flag(sk, SOCK_DONE))
		rx_check_tail(sk, ws);
	if (ws->rx.state == WSP_RX_BODY)
		rx_collect(sk, ws);
	if (ws->rx.state == WSP_RX_BODY || ws->rx.state == WSP_RX_DONE)
		rx_consume(sk, ws);
}

/**
 * wsp_rx_undecided() - whether the reader must wait for the mark's verdict
 * @sk: the socket
 * @ws: its ULP context
 *
 * Context: socket lock held, right after wsp_rx_update().
 * Return: true if an urgent mark may still turn out to be a record.
 */
bool wsp_rx_undecided(const struct sock *sk, const struct wsp_sock *ws)
{
	const struct tcp_sock *tp = tcp_sk(sk);

	if (ws->rx.state != WSP_RX_OPEN || !tp->urg_data ||
	    before(tp->urg_seq, tp->copied_seq) ||
	    (ws->rx.has_foreign && ws->rx.foreign == tp->urg_seq))
		return false;
	return !ws->rx.holding || time_before(jiffies, ws->rx.hold_until);
}

/**
 * wsp_rx_avail() - how many stream bytes the kernel's own read may be asked for
 * @sk: the socket
 * @ws: its ULP context
 *
 * That read neither sleeps nor starts at a mark with nothing behind it when
 * given at most this many.
 *
 * Context: socket lock held, right after wsp_rx_update().
 * Return: bytes, 0 if none.
 */
int wsp_rx_avail(const struct sock *sk, const struct wsp_sock *ws)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	u32 end = rx_end(sk);
	int avail;

	if (ws->rx.state == WSP_RX_BODY || ws->rx.state == WSP_RX_DONE)
		end = ws->rx.mark;
	else if (wsp_rx_undecided(sk, ws) && before(tp->urg_seq, end))
		end = tp->urg_seq;

	avail = end - tp->copied_seq;
	/* The urgent byte itself is skipped, unless it is wanted in line. */
	if (avail > 0 && tp->urg_data && tp->urg_seq == tp->copied_seq &&
	    !sock_flag(sk, SOCK_URGINLINE))
		avail--;
	return max(avail, 0);
}

/**
 * wsp_rx_eof() - a reader was told that the stream has ended
 * @sk: the socket
 * @ws: its ULP context
 *
 * As TCP's own read it steps over an urgent byte that stands last, so that
 * nothing is left unread at close().
 *
 * Context: process; socket lock held.
 */
void wsp_rx_eof(struct sock *sk, struct wsp_sock *ws)
{
	const struct tcp_sock *tp = tcp_sk(sk);

	if (ws->rx.state != WSP_RX_DONE)
		return;
	if (tp->urg_data && tp->urg_seq == tp->copied_seq &&
	    tp->copied_seq + 1 == ws->rx.mark)
		tcp_read_done(sk, 1);
	rx_consume(sk, ws);
}

/**
 * wsp_rx_open() - from now on a record may come
 * @ws: a ULP context whose local tag has been chosen
 */
void wsp_rx_open(struct wsp_sock *ws)
{
	WRITE_ONCE(ws->rx.state, WSP_RX_OPEN);
}

/**
 * wsp_rx_off() - no record will come after all
 * @sk: the socket
 * @ws: its ULP context
 *
 * Under TCP_REPAIR the application can have ended receiving by now, which
 * stays.
 *
 * Context: socket lock held.
 */
void wsp_rx_off(struct sock *sk, struct wsp_sock *ws)
{
	wsp_rx_set_state(sk, ws, WSP_RX_OFF);
}

/**
 * wsp_rx_shut() - end receiving for the application
 * @sk: the socket
 * @ws: its ULP context
 *
 * TCP below goes on: what arrives is taken until the window is full, and is
 * neither refused nor reset (RD-12).
 *
 * Context: socket lock held.
 */
void wsp_rx_shut(struct sock *sk, struct wsp_sock *ws)
{
	sock_owned_by_me(sk);

	WRITE_ONCE(ws->rx.shut, true);
	sk->sk_state_change(sk);
}

/**
 * wsp_rx_reset() - forget the connection that was received from
 * @sk: the socket
 * @ws: its ULP context
 *
 * Context: socket lock held, or nobody else can reach the socket.
 */
void wsp_rx_reset(struct sock *sk, struct wsp_sock *ws)
{
	rx_stop_hold(sk, ws);
	atomic_sub(ws->rx.room, &sk->sk_omem_alloc);
	kfree(ws->rx.data);
	memset(&ws->rx, 0, sizeof(ws->rx));
}

/**
 * wsp_rx_hold_expired() - have readers and pollers look again
 * @t: wsp_sock.hold_timer
 *
 * Context: softirq; owns a socket reference.
 */
void wsp_rx_hold_expired(struct timer_list *t)
{
	struct wsp_sock *ws = from_timer(ws, t, hold_timer);
	struct sock *sk = ws->sk;

	bh_lock_sock(sk);
	if (READ_ONCE(ws->rx.holding) &&
	    !time_before(jiffies, READ_ONCE(ws->rx.hold_until)))
		wsp_trace_recv(sk, WSP_RECV_HOLD_EXPIRED, ws->rx.hold_len);
	if (!sock_flag(sk, SOCK_DEAD))
		sk->sk_data_ready(sk);
	bh_unlock_sock(sk);
	sock_put(sk);
}
