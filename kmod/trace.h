/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tracepoints; see /sys/kernel/tracing/events/wsp.  Use the functions of
 * wsp_trace.h, which count too.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM wsp

#if !defined(_WSP_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _WSP_TRACE_H

#include <linux/socket.h>
#include <linux/tracepoint.h>

#include "wsp_trace.h"

#ifndef _WSP_TRACE_ADDR
#define _WSP_TRACE_ADDR
/**
 * struct wsp_trace_addr - which connection it is
 * @cookie: the socket's, as SO_COOKIE and ``ss -e`` show it
 * @family: the socket's
 * @sport: local port, host order
 * @dport: the peer's, host order
 * @saddr: local IPv4 address, 0 where the connection is IPv6
 * @daddr: the peer's
 * @saddr_v6: local IPv6 address, v4-mapped where the connection is IPv4
 * @daddr_v6: the peer's
 */
struct wsp_trace_addr {
	u64 cookie;
	u16 family;
	u16 sport;
	u16 dport;
	__be32 saddr;
	__be32 daddr;
	u8 saddr_v6[16];
	u8 daddr_v6[16];
};

void wsp_trace_addr(struct sock *sk, const struct request_sock *req,
		    struct wsp_trace_addr *addr);
#endif

#define wsp_show_families		\
	EM(AF_INET)			\
	EMe(AF_INET6)

#define wsp_show_causes			\
	EM(WSP_FALLBACK_NONE)		\
	EM(WSP_FALLBACK_NO_OPTION)	\
	EM(WSP_FALLBACK_DISABLED)	\
	EM(WSP_FALLBACK_STDURG)		\
	EM(WSP_FALLBACK_SPACE)		\
	EM(WSP_FALLBACK_RETRANS)	\
	EM(WSP_FALLBACK_URG)		\
	EMe(WSP_FALLBACK_NOMEM)

#define wsp_show_sends			\
	EM(WSP_SEND_QUEUED)		\
	EM(WSP_SEND_ARMED)		\
	EM(WSP_SEND_DROPPED)		\
	EM(WSP_SEND_NOMEM)		\
	EMe(WSP_SEND_NO_URG)

#define wsp_show_recvs			\
	EM(WSP_RECV_MARK)		\
	EM(WSP_RECV_TAIL)		\
	EM(WSP_RECV_TRUNCATED)		\
	EM(WSP_RECV_NOMEM)		\
	EM(WSP_RECV_BAD_MAC)		\
	EMe(WSP_RECV_HOLD_EXPIRED)

#define wsp_show_lingers		\
	EM(WSP_LINGER_PENDING)		\
	EM(WSP_LINGER_DRAINED)		\
	EM(WSP_LINGER_EXPIRED)		\
	EM(WSP_LINGER_RESET)		\
	EMe(WSP_LINGER_CANCELLED)

/* The values go to user space's parsers, then the names to print. */
#undef EM
#undef EMe
#define EM(a)	TRACE_DEFINE_ENUM(a);
#define EMe(a)	TRACE_DEFINE_ENUM(a);

wsp_show_causes
wsp_show_sends
wsp_show_recvs
wsp_show_lingers

#undef EM
#undef EMe
#define EM(a)	{ a, #a },
#define EMe(a)	{ a, #a }

/* What all events have in common. */
#define WSP_TRACE_FIELDS				\
	__field(__u64, cookie)				\
	__field(__u16, family)				\
	__field(__u16, sport)				\
	__field(__u16, dport)				\
	__array(__u8, saddr, 4)				\
	__array(__u8, daddr, 4)				\
	__array(__u8, saddr_v6, 16)			\
	__array(__u8, daddr_v6, 16)

#define WSP_TRACE_ASSIGN(sk, req)			\
	do {						\
		struct wsp_trace_addr a;		\
							\
		wsp_trace_addr(sk, req, &a);		\
		__entry->cookie = a.cookie;		\
		__entry->family = a.family;		\
		__entry->sport = a.sport;		\
		__entry->dport = a.dport;		\
		memcpy(__entry->saddr, &a.saddr, 4);	\
		memcpy(__entry->daddr, &a.daddr, 4);	\
		memcpy(__entry->saddr_v6, a.saddr_v6, 16); \
		memcpy(__entry->daddr_v6, a.daddr_v6, 16); \
	} while (0)

#define WSP_TRACE_FORMAT						\
	"cookie=%llu family=%s sport=%hu dport=%hu saddr=%pI4 daddr=%pI4 saddrv6=%pI6c daddrv6=%pI6c "

#define WSP_TRACE_ARGS							\
	__entry->cookie,						\
	__print_symbolic(__entry->family, wsp_show_families),		\
	__entry->sport, __entry->dport, __entry->saddr, __entry->daddr,	\
	__entry->saddr_v6, __entry->daddr_v6

/* A handshake is over: one of the two events for each attached socket. */
DECLARE_EVENT_CLASS(wsp_handshake,
	TP_PROTO(struct sock *sk, const struct request_sock *req, bool peer,
		 u8 cause),
	TP_ARGS(sk, req, peer, cause),
	TP_STRUCT__entry(
		WSP_TRACE_FIELDS
		__field(__u8, server)
		__field(__u8, peer)
		__field(__u8, cause)
	),
	TP_fast_assign(
		WSP_TRACE_ASSIGN(sk, req);
		__entry->server = !!req;
		__entry->peer = peer;
		__entry->cause = cause;
	),
	TP_printk(WSP_TRACE_FORMAT "server=%u peer=%u cause=%s",
		  WSP_TRACE_ARGS, __entry->server, __entry->peer,
		  __print_symbolic(__entry->cause, wsp_show_causes))
);

DEFINE_EVENT(wsp_handshake, wsp_negotiate,
	TP_PROTO(struct sock *sk, const struct request_sock *req, bool peer,
		 u8 cause),
	TP_ARGS(sk, req, peer, cause)
);

DEFINE_EVENT(wsp_handshake, wsp_fallback,
	TP_PROTO(struct sock *sk, const struct request_sock *req, bool peer,
		 u8 cause),
	TP_ARGS(sk, req, peer, cause)
);

/* The class prints what was sent; what was received has outcomes of its own. */
DECLARE_EVENT_CLASS(wsp_disc,
	TP_PROTO(struct sock *sk, u8 outcome, u32 len),
	TP_ARGS(sk, outcome, len),
	TP_STRUCT__entry(
		WSP_TRACE_FIELDS
		__field(__u8, outcome)
		__field(__u32, len)
	),
	TP_fast_assign(
		WSP_TRACE_ASSIGN(sk, NULL);
		__entry->outcome = outcome;
		__entry->len = len;
	),
	TP_printk(WSP_TRACE_FORMAT "outcome=%s len=%u", WSP_TRACE_ARGS,
		  __print_symbolic(__entry->outcome, wsp_show_sends),
		  __entry->len)
);

DEFINE_EVENT(wsp_disc, wsp_disc_send,
	TP_PROTO(struct sock *sk, u8 outcome, u32 len),
	TP_ARGS(sk, outcome, len)
);

DEFINE_EVENT_PRINT(wsp_disc, wsp_disc_recv,
	TP_PROTO(struct sock *sk, u8 outcome, u32 len),
	TP_ARGS(sk, outcome, len),
	TP_printk(WSP_TRACE_FORMAT "outcome=%s len=%u", WSP_TRACE_ARGS,
		  __print_symbolic(__entry->outcome, wsp_show_recvs),
		  __entry->len)
);

TRACE_EVENT(wsp_linger,
	TP_PROTO(struct sock *sk, u8 outcome, u32 unacked),
	TP_ARGS(sk, outcome, unacked),
	TP_STRUCT__entry(
		WSP_TRACE_FIELDS
		__field(__u8, outcome)
		__field(__u32, unacked)
	),
	TP_fast_assign(
		WSP_TRACE_ASSIGN(sk, NULL);
		__entry->outcome = outcome;
		__entry->unacked = unacked;
	),
	TP_printk(WSP_TRACE_FORMAT "outcome=%s unacked=%u", WSP_TRACE_ARGS,
		  __print_symbolic(__entry->outcome, wsp_show_lingers),
		  __entry->unacked)
);

#endif /* _WSP_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
