// SPDX-License-Identifier: GPL-2.0
/*
 * Our copies of icsk_af_ops, in place only while segments need a touch: SYNs
 * during the handshake, the record after a disconnect with data.
 */
#include <linux/mutex.h>
#include <net/tcp.h>

#include "wsp.h"

/**
 * struct xmit_af - one of TCP's address families and our copies of it
 * @base: the kernel's
 * @record: with our queue_xmit
 * @handshake: and with our sk_rx_dst_set
 */
struct xmit_af {
	const struct inet_connection_sock_af_ops *base;
	struct inet_connection_sock_af_ops record;
	struct inet_connection_sock_af_ops handshake;
};

/* IPv4, IPv6 and IPv4-mapped: filled as sockets bring them, then constant. */
static struct xmit_af xmit_afs[3];
static unsigned int xmit_count;
static DEFINE_MUTEX(xmit_lock); /* guards additions to the two above */

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
	if (ws->tx.syns >= WSP_OPT_TRIES) {
		/* The path may eat it; a plain connection beats none. */
		ws->fallback = WSP_FALLBACK_RETRANS;
		return;
	}
	switch (wsp_option_add(skb, th_off, ws->local_tag, urg)) {
	case 0:
		ws->tx.syns++;
		WSP_INC_SK_STATS(ws, WSP_MIB_OPTSYNSENT);
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
 *
 * Return: false if the segment must not leave: it holds the header, and the
 * path has shrunk below what it was made for.
 */
static bool xmit_mark_record(struct sock *sk, struct wsp_sock *ws,
			     struct sk_buff *skb)
{
	struct tcphdr *th = (struct tcphdr *)skb->data;
	u32 off = ws->tx.mark - ntohl(th->seq);

	if (off >= skb->len - th->doff * 4)
		return true;
	if (!ws->tx.no_urg &&
	    inet_csk(sk)->icsk_retransmits >= WSP_URG_TRIES) {
		ws->tx.no_urg = true;
		wsp_trace_send(sk, WSP_SEND_NO_URG, ws->tx.len);
	}

	if (skb_shinfo(skb)->gso_segs > 1) {
		/* Segmentation would copy the mark to each segment. */
		sk->sk_gso_max_segs = 1;
		return false;
	}
	/* Unmarked, a first part could be read before the tail is there. */
	if ((ws->tx.no_urg && th->fin) || off > 0xfffe)
		return true;
	th->urg = 1;
	th->urg_ptr = htons(off + 1);
	return true;
}

/* Returns NULL where the socket has TCP's own. */
static const struct xmit_af *xmit_installed(const struct sock *sk)
{
	const struct inet_connection_sock_af_ops *ops =
		inet_csk(sk)->icsk_af_ops;
	const struct xmit_af *af;

	for (af = xmit_afs; af < xmit_afs + ARRAY_SIZE(xmit_afs); af++)
		if (ops == &af->record || ops == &af->handshake)
			return af;
	return NULL;
}

static int xmit_queue(struct sock *sk, struct sk_buff *skb, struct flowi *fl)
{
	struct wsp_sock *ws = wsp_sk(sk);
	struct tcphdr *th = (struct tcphdr *)skb->data;

	if (th->syn && !th->ack) {
		wsp_xmit_syn(sk, ws, skb, 0);
	} else if (ws->tx.has_mark && !xmit_mark_record(sk, ws, skb)) {
		/* Lost as it were in a queue; TCP makes it smaller next time. */
		kfree_skb(skb);
		return NET_XMIT_DROP;
	}
	return xmit_installed(sk)->base->queue_xmit(sk, skb, fl);
}

static const struct xmit_af *
xmit_find(const struct inet_connection_sock_af_ops *base)
{
	/* Pairs with the release when one is added. */
	unsigned int n = smp_load_acquire(&xmit_count);
	unsigned int i;

	for (i = 0; i < n; i++)
		if (xmit_afs[i].base == base)
			return &xmit_afs[i];
	return NULL;
}

/* Returns NULL for operations that are not TCP's own, and too many. */
static const struct xmit_af *
xmit_add(const struct inet_connection_sock_af_ops *base)
{
	const struct xmit_af *found;
	struct xmit_af *af;

	mutex_lock(&xmit_lock);
	found = xmit_find(base);
	if (!found && xmit_count < ARRAY_SIZE(xmit_afs)) {
		af = &xmit_afs[xmit_count];
		af->base = base;
		af->record = *base;
		af->record.queue_xmit = xmit_queue;
		af->handshake = af->record;
		af->handshake.sk_rx_dst_set = wsp_handshake_rx_dst_set;
		found = af;
		/* Pairs with xmit_find(): counted, it is filled. */
		smp_store_release(&xmit_count, xmit_count + 1);
	}
	mutex_unlock(&xmit_lock);
	return found;
}

/**
 * wsp_xmit_install() - stand in front of the socket's icsk_af_ops
 * @sk: the socket
 * @handshake: until the SYN-ACK is in, and look at it
 *
 * To be repeated after connect(), which exchanges them for an IPv4-mapped
 * address.
 *
 * Context: process; socket lock held.
 * Return: false if there are operations that are not TCP's own.
 */
bool wsp_xmit_install(struct sock *sk, bool handshake)
{
	struct inet_connection_sock *icsk = inet_csk(sk);
	const struct xmit_af *af = xmit_installed(sk);

	sock_owned_by_me(sk);

	if (!af)
		af = xmit_find(icsk->icsk_af_ops) ?:
		     xmit_add(icsk->icsk_af_ops);
	if (!af)
		return false;
	WRITE_ONCE(icsk->icsk_af_ops, handshake ? &af->handshake : &af->record);
	return true;
}

/**
 * wsp_xmit_restore() - undo wsp_xmit_install(), if it is in force
 * @sk: the socket
 *
 * Context: socket lock held, or nobody else knows the socket any more.
 */
void wsp_xmit_restore(struct sock *sk)
{
	const struct xmit_af *af = xmit_installed(sk);

	if (af)
		WRITE_ONCE(inet_csk(sk)->icsk_af_ops, af->base);
}

/**
 * wsp_xmit_installed() - whether wsp_xmit_install() is in force
 * @sk: the socket
 *
 * Context: any.
 * Return: true if so.
 */
bool wsp_xmit_installed(const struct sock *sk)
{
	return xmit_installed(sk);
}
