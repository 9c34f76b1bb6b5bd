// SPDX-License-Identifier: GPL-2.0
/*
 * Counting and tracing what became of connections and disconnect data.
 */
#include <linux/sock_diag.h>
#include <net/inet_sock.h>
#include <net/ipv6.h>

#include "wsp.h"

#define CREATE_TRACE_POINTS
#include "trace.h"

static const int fallback_mib[] = {
	[WSP_FALLBACK_NONE]		= WSP_MIB_NEGOTIATED,
	[WSP_FALLBACK_NO_OPTION]	= WSP_MIB_FALLBACKNOOPTION,
	[WSP_FALLBACK_DISABLED]		= WSP_MIB_FALLBACKDISABLED,
	[WSP_FALLBACK_STDURG]		= WSP_MIB_FALLBACKSTDURG,
	[WSP_FALLBACK_SPACE]		= WSP_MIB_FALLBACKSPACE,
	[WSP_FALLBACK_RETRANS]		= WSP_MIB_FALLBACKRETRANS,
	[WSP_FALLBACK_URG]		= WSP_MIB_FALLBACKURG,
	[WSP_FALLBACK_NOMEM]		= WSP_MIB_FALLBACKNOMEM,
};

static const int send_mib[] = {
	[WSP_SEND_QUEUED]		= WSP_MIB_DISCSENT,
	[WSP_SEND_ARMED]		= WSP_MIB_DISCSENTARMED,
	[WSP_SEND_DROPPED]		= WSP_MIB_DISCARMEDDROPPED,
	[WSP_SEND_NOMEM]		= WSP_MIB_DISCSENDNOMEM,
	[WSP_SEND_NO_URG]		= WSP_MIB_DISCRETRANSNOURG,
};

static const int recv_mib[] = {
	[WSP_RECV_MARK]			= WSP_MIB_DISCRECEIVED,
	[WSP_RECV_TAIL]			= WSP_MIB_DISCRECEIVEDTAIL,
	[WSP_RECV_TRUNCATED]		= WSP_MIB_DISCTRUNCATED,
	[WSP_RECV_NOMEM]		= WSP_MIB_DISCRECVNOMEM,
	[WSP_RECV_BAD_MAC]		= WSP_MIB_DISCBADMAC,
	[WSP_RECV_HOLD_EXPIRED]		= WSP_MIB_HOLDEXPIRED,
};

static const int linger_mib[] = {
	[WSP_LINGER_PENDING]		= WSP_MIB_LINGERSTARTED,
	[WSP_LINGER_DRAINED]		= WSP_MIB_LINGERDRAINED,
	[WSP_LINGER_EXPIRED]		= WSP_MIB_LINGEREXPIRED,
	[WSP_LINGER_RESET]		= WSP_MIB_LINGERRESET,
	[WSP_LINGER_CANCELLED]		= WSP_MIB_LINGERCANCELLED,
};

static void addr_v4(struct wsp_trace_addr *addr, __be32 saddr, __be32 daddr)
{
	addr->saddr = saddr;
	addr->daddr = daddr;
	ipv6_addr_set_v4mapped(saddr, (struct in6_addr *)addr->saddr_v6);
	ipv6_addr_set_v4mapped(daddr, (struct in6_addr *)addr->daddr_v6);
}

#if IS_ENABLED(CONFIG_IPV6)
static void addr_v6(struct wsp_trace_addr *addr, const struct in6_addr *saddr,
		    const struct in6_addr *daddr)
{
	memcpy(addr->saddr_v6, saddr, sizeof(addr->saddr_v6));
	memcpy(addr->daddr_v6, daddr, sizeof(addr->daddr_v6));
}
#endif

/**
 * wsp_trace_addr() - which connection an event is about
 * @sk: the socket
 * @req: the request it is being made from, whose addresses it has not got
 *	yet; else NULL
 * @addr: filled
 *
 * Context: any; the socket must not be connecting elsewhere meanwhile.
 */
void wsp_trace_addr(struct sock *sk, const struct request_sock *req,
		    struct wsp_trace_addr *addr)
{
	const struct inet_request_sock *ireq = inet_rsk(req);
	const struct inet_sock *inet = inet_sk(sk);
	u32 cookie[2];

	memset(addr, 0, sizeof(*addr));
	sock_diag_save_cookie(sk, cookie);
	addr->cookie = (u64)cookie[1] << 32 | cookie[0];
	addr->family = sk->sk_family;
	addr->sport = ntohs(inet->inet_sport);
	addr->dport = ntohs(inet->inet_dport);

#if IS_ENABLED(CONFIG_IPV6)
	if (req && ireq->ireq_family == AF_INET6 &&
	    !ipv6_addr_v4mapped(&ireq->ir_v6_rmt_addr)) {
		addr_v6(addr, &ireq->ir_v6_loc_addr, &ireq->ir_v6_rmt_addr);
		return;
	}
	if (!req && sk->sk_family == AF_INET6 &&
	    !ipv6_addr_v4mapped(&sk->sk_v6_daddr)) {
		addr_v6(addr, &inet6_sk(sk)->saddr, &sk->sk_v6_daddr);
		return;
	}
#endif
	if (req)
		addr_v4(addr, ireq->ir_loc_addr, ireq->ir_rmt_addr);
	else
		addr_v4(addr, inet->inet_saddr, inet->inet_daddr);
}

/**
 * wsp_trace_negotiated() - a handshake is over
 * @sk: the socket
 * @ws: its ULP context
 * @req: the request if @sk is a new child, NULL on the connecting side
 *
 * Once per connection, when it is established.
 *
 * Context: softirq or process; socket lock held, or nobody else knows @sk.
 */
void wsp_trace_negotiated(struct sock *sk, const struct wsp_sock *ws,
			  const struct request_sock *req)
{
	WSP_INC_SK_STATS(ws, fallback_mib[ws->fallback]);
	if (ws->fallback == WSP_FALLBACK_NONE)
		trace_wsp_negotiate(sk, req, ws->peer_ok, ws->fallback);
	else
		trace_wsp_fallback(sk, req, ws->peer_ok, ws->fallback);
}

/**
 * wsp_trace_send() - what became of disconnect data to be sent
 * @sk: the socket
 * @outcome: what
 * @len: bytes of data
 *
 * WSP_SEND_ARMED counts as sent too.
 *
 * Context: any; the socket is pinned.
 */
void wsp_trace_send(struct sock *sk, enum wsp_send_outcome outcome, u32 len)
{
	if (outcome == WSP_SEND_ARMED)
		WSP_INC_STATS(sock_net(sk), WSP_MIB_DISCSENT);
	WSP_INC_STATS(sock_net(sk), send_mib[outcome]);
	trace_wsp_disc_send(sk, outcome, len);
}

/**
 * wsp_trace_recv() - what became of the peer's disconnect data
 * @sk: the socket
 * @outcome: what
 * @len: bytes of data; of the header, for WSP_RECV_HOLD_EXPIRED
 *
 * WSP_RECV_TAIL counts as received too.
 *
 * Context: any; the socket is pinned.
 */
void wsp_trace_recv(struct sock *sk, enum wsp_recv_outcome outcome, u32 len)
{
	if (outcome == WSP_RECV_TAIL)
		WSP_INC_STATS(sock_net(sk), WSP_MIB_DISCRECEIVED);
	WSP_INC_STATS(sock_net(sk), recv_mib[outcome]);
	trace_wsp_disc_recv(sk, outcome, len);
}

/**
 * wsp_trace_linger() - a lingering close begins or is over
 * @sk: the socket
 * @state: how; WSP_LINGER_PENDING for the start of an asynchronous one
 * @unacked: bytes not acknowledged by then
 *
 * Context: any; the socket is pinned.
 */
void wsp_trace_linger(struct sock *sk, enum wsp_linger_state state,
		      u32 unacked)
{
	WSP_INC_STATS(sock_net(sk), linger_mib[state]);
	trace_wsp_linger(sk, state, unacked);
}
