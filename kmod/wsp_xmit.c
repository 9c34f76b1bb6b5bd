// SPDX-License-Identifier: GPL-2.0
/*
 * Our copy of icsk_af_ops, in place only while segments need a touch: SYNs
 * during the handshake, the record after a disconnect with data.
 */
#include <net/tcp.h>

#include "wsp.h"

/**
 * wsp_xmit_syn() - put our option on an outgoing SYN, or note why not
 * @sk: the connecting socket
 * @ws: its ULP context
 * @skb: the segment
 * @th_off: offset of the TCP header from skb->data
 *
 * Context: socket lock held.
 */
void wsp_xmit_syn(struct sock *sk, struct wsp_sock *ws, struct sk_buff *skb,
		  unsigned int th_off)
{
	bool urg = ws->local_tag & WSP_TAG_URG;

	sock_owned_by_me(sk);

	if (!ws->local_tag)
		return;
	if (ws->syns >= WSP_OPT_TRIES) {
		/* The path may eat it; a plain connection beats none. */
		ws->fallback = WSP_FALLBACK_RETRANS;
		return;
	}
	switch (wsp_option_add(skb, th_off, ws->local_tag, urg)) {
	case 0:
		ws->syns++;
		break;
	case -EALREADY:
		break;
	default:
		ws->fallback = WSP_FALLBACK_SPACE;
	}
}

/*
 * The mark is set here and not by tp->snd_up: urgent mode would turn TSO off
 * for everything queued before the record and announce it far too early.
 */
static void xmit_mark_record(struct sock *sk, struct wsp_sock *ws,
			     struct sk_buff *skb)
{
	struct tcphdr *th = (struct tcphdr *)skb->data;
	u32 off = ws->tx.mark - ntohl(th->seq);

	if (off >= skb->len - th->doff * 4)
		return;
	if (inet_csk(sk)->icsk_retransmits >= WSP_URG_TRIES)
		ws->tx.no_urg = true;

	/* Segmentation would copy the mark to each segment. */
	if (ws->tx.no_urg || skb_shinfo(skb)->gso_segs > 1 || off > 0xfffe)
		return;
	th->urg = 1;
	th->urg_ptr = htons(off + 1);
}

static int xmit_queue(struct sock *sk, struct sk_buff *skb, struct flowi *fl)
{
	struct wsp_sock *ws = wsp_sk(sk);
	struct tcphdr *th = (struct tcphdr *)skb->data;

	if (th->syn && !th->ack)
		wsp_xmit_syn(sk, ws, skb, 0);
	else if (ws->tx.has_mark)
		xmit_mark_record(sk, ws, skb);
	return ws->saved_af_ops->queue_xmit(sk, skb, fl);
}

/**
 * wsp_xmit_install() - stand in front of the socket's icsk_af_ops
 * @sk: the socket
 * @ws: its ULP context
 * @rx_dst_set: replaces sk_rx_dst_set; NULL leaves it
 *
 * Copies the operations the socket has right now: a connect to a v4-mapped
 * address exchanges them.  Installed already, it only sets @rx_dst_set.
 *
 * Context: socket lock held.
 */
void wsp_xmit_install(struct sock *sk, struct wsp_sock *ws,
		      void (*rx_dst_set)(struct sock *sk,
					 const struct sk_buff *skb))
{
	struct inet_connection_sock *icsk = inet_csk(sk);

	sock_owned_by_me(sk);

	if (icsk->icsk_af_ops != &ws->af_ops) {
		ws->saved_af_ops = icsk->icsk_af_ops;
		ws->af_ops = *icsk->icsk_af_ops;
		ws->af_ops.queue_xmit = xmit_queue;
	}
	if (rx_dst_set)
		ws->af_ops.sk_rx_dst_set = rx_dst_set;
	WRITE_ONCE(icsk->icsk_af_ops, &ws->af_ops);
}

/**
 * wsp_xmit_restore() - undo wsp_xmit_install(), if it is in force
 * @sk: the socket
 * @ws: its ULP context
 *
 * Context: socket lock held, or nobody else knows the socket any more.
 */
void wsp_xmit_restore(struct sock *sk, struct wsp_sock *ws)
{
	struct inet_connection_sock *icsk = inet_csk(sk);

	if (icsk->icsk_af_ops == &ws->af_ops)
		WRITE_ONCE(icsk->icsk_af_ops, ws->saved_af_ops);
}
