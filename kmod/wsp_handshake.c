// SPDX-License-Identifier: GPL-2.0
/*
 * Negotiation: each side tells the other a tag in a TCP option, the client
 * on its SYN, the server on its SYN-ACK.
 *
 *	client                                 server
 *	connect(): tag chosen
 *	  SYN [tag, URG]  ------------------>  SYN kept with the request
 *	                  <------------------  SYN-ACK [tag]   (output hook)
 *	rx_dst_set(): tag read                 clone(): both tags known
 *
 * A side may send a record once it saw the peer's tag, and looks for one
 * once it sent its own.  A box that strips either option turns one direction
 * off, or both; the connection is plain TCP then.
 */
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <linux/random.h>
#include <net/inet_sock.h>
#include <net/request_sock.h>
#include <net/sock_reuseport.h>
#include <net/tcp.h>

#include "wsp.h"

static siphash_key_t tag_secret __read_mostly;

/**
 * wsp_handshake_init() - choose the secret the servers' tags come from
 *
 * Return: 0.
 */
int wsp_handshake_init(void)
{
	get_random_bytes(&tag_secret, sizeof(tag_secret));
	return 0;
}

static u32 server_tag(const struct request_sock *req, bool urg_seen)
{
	const struct tcp_request_sock *treq = tcp_rsk(req);
	const struct inet_request_sock *ireq = inet_rsk(req);

	return wsp_tag_server((u64)treq->rcv_isn << 32 | treq->snt_isn,
			      (u32)(__force u16)ireq->ir_rmt_port << 16 |
			      ireq->ir_num, urg_seen, &tag_secret);
}

static bool tag_usable(const struct sock *sk, const struct wsp_net *wn,
		       u8 *fallback)
{
	if (!READ_ONCE(wn->enable))
		*fallback = WSP_FALLBACK_DISABLED;
	else if (READ_ONCE(sock_net(sk)->ipv4.sysctl_tcp_stdurg))
		*fallback = WSP_FALLBACK_STDURG; /* our mark would be off by 1 */
	else
		return true;
	return false;
}

/* Reads the client's option from the SYN that the listener kept. */
static bool saved_syn_tag(const struct request_sock *req, u32 *tag, bool *urg)
{
	const struct saved_syn *syn = req->saved_syn;
	const struct tcphdr *th;

	if (!syn)
		return false;
	th = (const struct tcphdr *)(syn->data + syn->mac_hdrlen +
				     syn->network_hdrlen);
	*urg = th->urg;
	return wsp_option_find(th, tag) && *tag;
}

static void handshake_settle(struct sock *sk, struct wsp_sock *ws,
			     const struct tcphdr *th)
{
	u32 tag;

	if (!ws->local_tag)
		return;
	if (!ws->tx.syns) {
		/* No SYN of ours carried the option: nobody sends a record. */
		wsp_rx_off(sk, ws);
		return;
	}
	/* A simultaneous open gets here with some later segment. */
	if (!th->syn || !th->ack || !wsp_option_find(th, &tag) || !tag)
		return;
	WSP_INC_SK_STATS(ws, WSP_MIB_OPTSYNACKSEEN);
	ws->peer_ok = true;
	ws->peer_tag = tag;
	if (ws->local_tag & WSP_TAG_URG && !(tag & WSP_TAG_URG)) {
		ws->fallback = WSP_FALLBACK_URG;
		return;
	}
	ws->fallback = WSP_FALLBACK_NONE;
	ws->can_send = true;
}

/**
 * wsp_handshake_rx_dst_set() - the SYN-ACK is in; one shot
 * @sk: the connecting socket
 * @skb: the segment
 *
 * Context: still under the lock of the handshake.
 */
void wsp_handshake_rx_dst_set(struct sock *sk, const struct sk_buff *skb)
{
	struct wsp_sock *ws = wsp_sk(sk);

	wsp_xmit_restore(sk);
	inet_csk(sk)->icsk_af_ops->sk_rx_dst_set(sk, skb);

	WRITE_ONCE(ws->connected, true);
	handshake_settle(sk, ws, tcp_hdr(skb));
	wsp_trace_negotiated(sk, ws, NULL);
}

/**
 * wsp_handshake_accept() - settle the negotiation for a new child
 * @ws: the child's ULP context
 * @listener: the listener's
 * @req: the request it comes from
 *
 * Context: softirq or process, the child is still private.
 */
void wsp_handshake_accept(struct wsp_sock *ws, const struct wsp_sock *listener,
			  struct request_sock *req)
{
	bool usable = tag_usable(ws->sk, ws->net, &ws->fallback);
	bool urg;
	u32 tag;

	WRITE_ONCE(ws->connected, true);
	if (!saved_syn_tag(req, &tag, &urg)) {
		if (usable)
			ws->fallback = WSP_FALLBACK_NO_OPTION;
		goto out;
	}
	/* What has been turned off by now may have been on for the SYN-ACK. */
	ws->local_tag = server_tag(req, urg);
	wsp_rx_open(ws);
	if (!usable)
		goto out;

	WSP_INC_SK_STATS(ws, WSP_MIB_OPTSYNSEEN);
	ws->peer_tag = tag;
	ws->peer_ok = true;
	if (tag & WSP_TAG_URG && !urg) {
		ws->fallback = WSP_FALLBACK_URG;
		goto out;
	}
	ws->fallback = WSP_FALLBACK_NONE;
	ws->can_send = true;
out:
	wsp_trace_negotiated(ws->sk, ws, req);
	/*
	 * Two processors can make a child of one request, and the second must
	 * find the SYN too: it stays, and TCP gives it to the one that wins.
	 */
	ws->drop_syn = listener->own_save_syn && req->saved_syn;
}

/**
 * wsp_handshake_drop_syn() - free what only we wanted kept, once
 * @sk: the socket
 * @ws: its ULP context
 *
 * Context: process.
 */
void wsp_handshake_drop_syn(struct sock *sk, struct wsp_sock *ws)
{
	lock_sock(sk);
	if (ws->drop_syn)
		tcp_saved_syn_free(tcp_sk(sk));
	WRITE_ONCE(ws->drop_syn, false);
	release_sock(sk);
}

/*
 * A request socket is not a socket: only request fields may be touched.  The
 * listener behind it is pinned by it.
 */
static void hook_synack(struct sk_buff *skb, struct request_sock *req,
			unsigned int th_off)
{
	const struct sock *listener = req->rsk_listener;
	const struct wsp_sock *ws;
	u8 fallback;
	bool urg;
	u32 tag;

	if (!listener)
		return;
	ws = wsp_sk(listener);
	if (!ws)
		return;
	/* num_retrans is counted up only after a SYN-ACK was sent again. */
	if (req->num_retrans >= WSP_OPT_TRIES - 1)
		return;
	if (!tag_usable(listener, ws->net, &fallback) ||
	    !saved_syn_tag(req, &tag, &urg))
		return;
	if (!wsp_option_add(skb, th_off, server_tag(req, urg), false))
		WSP_INC_SK_STATS(ws, WSP_MIB_OPTSYNACKSENT);
}

static void hook_full_sock(struct sk_buff *skb, struct sock *sk,
			   const struct tcphdr *th, unsigned int th_off)
{
	struct wsp_sock *ws;

	if (sk->sk_protocol != IPPROTO_TCP)
		return;
	ws = wsp_sk(sk);
	if (!ws)
		return;
	if (th->ack) {
		/* Fast Open: the child exists before its SYN-ACK goes out. */
		if (sk->sk_state == TCP_SYN_RECV && ws->peer_ok &&
		    !wsp_option_add(skb, th_off, ws->local_tag, false))
			WSP_INC_SK_STATS(ws, WSP_MIB_OPTSYNACKSENT);
	} else if (sk->sk_state == TCP_SYN_SENT &&
		   !wsp_xmit_installed(sk)) {
		/* v4-mapped: connect() exchanged our icsk_af_ops. */
		wsp_xmit_syn(sk, ws, skb, th_off);
	}
}

/* A tunnel's packet still has the socket of what it carries. */
static bool hook_is_tcp(const struct sk_buff *skb, u8 pf)
{
	if (!skb_transport_header_was_set(skb))
		return false;
	if (pf == NFPROTO_IPV4)
		return ip_hdr(skb)->protocol == IPPROTO_TCP &&
		       skb_transport_offset(skb) == ip_hdrlen(skb);
	return ipv6_hdr(skb)->nexthdr == IPPROTO_TCP &&
	       skb_transport_offset(skb) == sizeof(struct ipv6hdr);
}

/* Other people's handshakes are not to pay for more than this. */
static bool hook_is_ours(struct sock *sk)
{
	if (sk->sk_state == TCP_NEW_SYN_RECV)
		sk = inet_reqsk(sk)->rsk_listener;
	return sk && sk->sk_protocol == IPPROTO_TCP && wsp_sk(sk);
}

/* Out of line, so that what every packet runs through is a few instructions. */
static noinline void hook_syn(struct sk_buff *skb, struct sock *sk, u8 pf)
{
	const struct tcphdr *th;
	unsigned int th_off;

	if (!hook_is_ours(sk) || !hook_is_tcp(skb, pf))
		return;
	th_off = skb_transport_offset(skb);
	if (skb_headlen(skb) < th_off + sizeof(*th))
		return;
	th = tcp_hdr(skb);
	if (!th->syn || skb_headlen(skb) < th_off + th->doff * 4)
		return;

	if (sk->sk_state == TCP_NEW_SYN_RECV)
		hook_synack(skb, inet_reqsk(sk), th_off);
	else
		hook_full_sock(skb, sk, th, th_off);
}

/* skb->sk and not state->sk: the latter is the listener for a SYN-ACK. */
static unsigned int hook_post_routing(void *priv, struct sk_buff *skb,
				      const struct nf_hook_state *state)
{
	struct sock *sk = skb->sk;

	if (unlikely(sk && (1 << sk->sk_state) &
			   (TCPF_NEW_SYN_RECV | TCPF_SYN_SENT | TCPF_SYN_RECV)))
		hook_syn(skb, sk, state->pf);
	return NF_ACCEPT;
}

/*
 * After routing and not in LOCAL_OUT: where AppArmor has its hooks already, one
 * more costs other packets least.
 */
static const struct nf_hook_ops wsp_hooks[] = {
	{
		.hook = hook_post_routing,
		.pf = NFPROTO_IPV4,
		.hooknum = NF_INET_POST_ROUTING,
		.priority = NF_IP_PRI_FIRST,
	},
#if IS_ENABLED(CONFIG_IPV6)
	{
		.hook = hook_post_routing,
		.pf = NFPROTO_IPV6,
		.hooknum = NF_INET_POST_ROUTING,
		.priority = NF_IP6_PRI_FIRST,
	},
#endif
};

/**
 * wsp_handshake_hook() - register the output hooks of a netns, once
 * @net: the netns
 *
 * They stay until the netns goes: toggling them with each listener would
 * patch static branches in the packet path again and again.
 *
 * Context: process; may sleep.
 * Return: 0 or a negative errno.
 */
int wsp_handshake_hook(struct net *net)
{
	struct wsp_net *wn = wsp_pernet(net);
	int err = 0;

	/* Pairs with the release below. */
	if (smp_load_acquire(&wn->hooked))
		return 0;
	mutex_lock(&wn->hook_lock);
	if (!wn->hooked) {
		err = nf_register_net_hooks(net, wsp_hooks,
					    ARRAY_SIZE(wsp_hooks));
		if (!err) {
			/* Pairs with the acquire above. */
			smp_store_release(&wn->hooked, true);
		}
	}
	mutex_unlock(&wn->hook_lock);
	return err;
}

/**
 * wsp_handshake_unhook() - the netns goes, or the module
 * @net: the netns
 */
void wsp_handshake_unhook(struct net *net)
{
	struct wsp_net *wn = wsp_pernet(net);

	if (wn->hooked)
		nf_unregister_net_hooks(net, wsp_hooks, ARRAY_SIZE(wsp_hooks));
	wn->hooked = false;
}

/**
 * wsp_handshake_listen() - have SYNs kept for the children of a listener
 * @sk: a listener, or a socket about to become one
 * @ws: its ULP context
 *
 * Context: socket lock held.
 */
void wsp_handshake_listen(struct sock *sk, struct wsp_sock *ws)
{
	struct tcp_sock *tp = tcp_sk(sk);

	sock_owned_by_me(sk);

	if (!tp->save_syn) {
		tp->save_syn = 1;
		ws->own_save_syn = true;
	}
}

/**
 * wsp_listen() - listen() of an attached socket
 * @sock: the socket
 * @backlog: as in listen(2)
 *
 * Return: 0 or a negative errno.
 */
int wsp_listen(struct socket *sock, int backlog)
{
	struct sock *sk = sock->sk;
	struct wsp_sock *ws = wsp_sk(sk);
	int err;

	if (ws) {
		err = wsp_handshake_hook(sock_net(sk));
		if (err)
			return err;
		lock_sock(sk);
		wsp_handshake_listen(sk, ws);
		release_sock(sk);
	}
	return wsp_family(sk)->base_ops->listen(sock, backlog);
}

static bool group_has_plain(const struct sock *sk)
{
	const struct sock_reuseport *reuse;
	bool found = false;
	unsigned int i, n;

	rcu_read_lock();
	reuse = rcu_dereference(sk->sk_reuseport_cb);
	if (reuse) {
		n = READ_ONCE(reuse->num_socks);
		/* Pairs with smp_wmb() in __reuseport_add_sock(). */
		smp_rmb();
		for (i = 0; i < n && !found; i++)
			found = !wsp_sk(reuse->socks[i]);
	}
	rcu_read_unlock();
	return found;
}

/**
 * wsp_handshake_unlisten() - a listener is about to stop
 * @sk: the socket, in whatever state
 *
 * With net.ipv4.tcp_migrate_req, or a BPF program, its pending connections
 * go to others of the SO_REUSEPORT group.  The child of a plain one would
 * read a record as data: the SYN-ACK's option has promised otherwise.
 *
 * Context: process; socket lock held.
 */
void wsp_handshake_unlisten(struct sock *sk)
{
	sock_owned_by_me(sk);

	if (sk->sk_state == TCP_LISTEN && group_has_plain(sk))
		reuseport_detach_sock(sk);
}

static bool addr_is_mapped(const struct sock *sk, const struct sockaddr *uaddr,
			   int addr_len)
{
	const struct sockaddr_in6 *sin6 = (const struct sockaddr_in6 *)uaddr;

	if (sk->sk_family != AF_INET6 || addr_len < SIN6_LEN_RFC2133)
		return false;
	return ipv6_addr_v4mapped(&sin6->sin6_addr) ||
	       ipv6_addr_v4mapped(&sk->sk_v6_rcv_saddr);
}

static void handshake_reset(struct sock *sk, struct wsp_sock *ws)
{
	wsp_linger_release(sk, ws);
	wsp_xmit_restore(sk);
	wsp_rx_reset(sk, ws);
	memset(&ws->tx, 0, sizeof(ws->tx));
	ws->local_tag = 0;
	ws->peer_tag = 0;
	ws->peer_ok = false;
	ws->can_send = false;
	ws->connected = false;
	ws->fallback = WSP_FALLBACK_NONE;
}

/**
 * wsp_connect() - connect() of an attached socket
 * @sk: the socket
 * @uaddr: peer address
 * @addr_len: its length
 *
 * Context: process; socket lock held.
 * Return: what TCP's own returns; a failure on our side only means that the
 * connection will be plain.
 */
int wsp_connect(struct sock *sk, struct sockaddr *uaddr, int addr_len)
{
	struct wsp_sock *ws = wsp_sk(sk);
	const struct proto *base = wsp_family(sk)->base;
	struct net *net = sock_net(sk);
	int err;

	if (!ws)
		return base->connect(sk, uaddr, addr_len);

	handshake_reset(sk, ws);
	if ((addr_is_mapped(sk, uaddr, addr_len) && wsp_handshake_hook(net)) ||
	    !wsp_xmit_install(sk, false)) {
		ws->fallback = WSP_FALLBACK_NOMEM;
	} else if (tag_usable(sk, ws->net, &ws->fallback)) {
		ws->local_tag = wsp_tag(get_random_u32(),
					READ_ONCE(ws->net->urg_probe));
		ws->fallback = WSP_FALLBACK_NO_OPTION;
		wsp_rx_open(ws);
	}

	err = base->connect(sk, uaddr, addr_len);
	if (err)
		handshake_reset(sk, ws);
	else
		wsp_xmit_install(sk, true);
	return err;
}

/**
 * wsp_connected() - whether the handshake was completed, now or earlier
 * @sk: the socket
 * @ws: its ULP context
 *
 * A simultaneous open brings no SYN-ACK that would tell us.
 *
 * Context: socket lock held.
 * Return: true if so.
 */
bool wsp_connected(const struct sock *sk, struct wsp_sock *ws)
{
	sock_owned_by_me(sk);

	if ((1 << sk->sk_state) & ~(TCPF_CLOSE | TCPF_LISTEN | TCPF_SYN_SENT |
				    TCPF_SYN_RECV))
		WRITE_ONCE(ws->connected, true);
	return ws->connected;
}

/**
 * wsp_disconnect() - back to an unconnected, still attached socket
 * @sk: the socket
 * @flags: as TCP's own
 *
 * connect() to AF_UNSPEC and a close with zero linger time end here.
 *
 * Context: socket lock held.
 * Return: what TCP's own returns.
 */
int wsp_disconnect(struct sock *sk, int flags)
{
	struct wsp_sock *ws = wsp_sk(sk);
	int err;

	if (ws)
		wsp_handshake_unlisten(sk);
	err = wsp_family(sk)->base->disconnect(sk, flags);
	if (ws && !err) {
		/* After a connect() that failed the next one may bring it. */
		if (ws->connected)
			wsp_arm_drop(sk, ws);
		handshake_reset(sk, ws);
	}
	return err;
}
