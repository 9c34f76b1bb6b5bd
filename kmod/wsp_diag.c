// SPDX-License-Identifier: GPL-2.0
/*
 * What inet_diag, and with it ``ss -ti``, tells about an attached socket.
 */
#include <net/netlink.h>
#include <net/tcp.h>

#include "wsp.h"

static u32 diag_flags(const struct sock *sk, const struct wsp_sock *ws)
{
	u8 rx_state = READ_ONCE(ws->rx.state);
	u32 flags = 0;

	if (READ_ONCE(ws->connected))
		flags |= WSP_INFO_CONNECTED;
	if (READ_ONCE(ws->peer_ok))
		flags |= WSP_INFO_PEER;
	if (READ_ONCE(ws->can_send))
		flags |= WSP_INFO_CAN_SEND;
	if (READ_ONCE(ws->tx.closed))
		flags |= WSP_INFO_SEND_CLOSED;
	if (READ_ONCE(ws->rx.shut))
		flags |= WSP_INFO_RECV_CLOSED;
	if (rx_state == WSP_RX_DONE && READ_ONCE(ws->rx.len))
		flags |= WSP_INFO_RECV_DATA;
	if (rx_state == WSP_RX_DONE || sock_flag(sk, SOCK_DONE))
		flags |= WSP_INFO_PEER_CLOSED;
	return flags;
}

/* Context: RCU read side. */
static u32 diag_armed_len(const struct wsp_sock *ws)
{
	const struct wsp_armed *armed = rcu_dereference(ws->armed);

	return armed ? armed->len : 0;
}

static int diag_put(struct sk_buff *skb, const struct sock *sk,
		    const struct wsp_sock *ws)
{
	bool received = READ_ONCE(ws->rx.state) == WSP_RX_DONE;
	struct nlattr *nest = nla_nest_start(skb, WSP_DIAG_NEST);

	if (!nest)
		return -EMSGSIZE;
	if (nla_put_u32(skb, WSP_DIAG_FLAGS, diag_flags(sk, ws)) ||
	    nla_put_u32(skb, WSP_DIAG_FALLBACK, READ_ONCE(ws->fallback)) ||
	    nla_put_u32(skb, WSP_DIAG_SEND_LEN, READ_ONCE(ws->tx.len)) ||
	    nla_put_u32(skb, WSP_DIAG_RECV_LEN,
			received ? READ_ONCE(ws->rx.len) : 0) ||
	    nla_put_u32(skb, WSP_DIAG_ARMED_LEN, diag_armed_len(ws)) ||
	    nla_put_u32(skb, WSP_DIAG_LINGER, READ_ONCE(ws->linger_state))) {
		nla_nest_cancel(skb, nest);
		return -EMSGSIZE;
	}
	nla_nest_end(skb, nest);
	return 0;
}

/**
 * wsp_diag_info() - add our attributes to a socket's INET_DIAG_ULP_INFO
 * @sk: the socket
 * @skb: the answer
 * @net_admin: whether the asker has CAP_NET_ADMIN
 *
 * Takes no notice of what arrived since the application last looked, and
 * takes no lock: the answer is a snapshot.
 *
 * Context: process, perhaps under a spinlock; @sk may be going away.
 * Return: 0 or -EMSGSIZE.
 */
int wsp_diag_info(struct sock *sk, struct sk_buff *skb, bool net_admin)
{
	const struct wsp_sock *ws;
	int err = 0;

	if (!net_admin)
		return 0;
	/* The context is freed an RCU grace period after the ULP is left. */
	rcu_read_lock();
	ws = wsp_sk(sk);
	if (ws)
		err = diag_put(skb, sk, ws);
	rcu_read_unlock();
	return err;
}

/**
 * wsp_diag_info_size() - what wsp_diag_info() may add at most
 * @sk: the socket
 * @net_admin: whether the asker has CAP_NET_ADMIN
 *
 * Return: bytes.
 */
size_t wsp_diag_info_size(const struct sock *sk, bool net_admin)
{
	if (!net_admin)
		return 0;
	return nla_total_size(0) +
	       WSP_DIAG_MAX * nla_total_size(sizeof(u32));
}
