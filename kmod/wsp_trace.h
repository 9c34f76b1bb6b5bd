/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is worth counting and tracing.  Each function counts its outcome in
 * the socket's netns and fires the tracepoint of its name.
 */
#ifndef _WSP_TRACE_API_H
#define _WSP_TRACE_API_H

#include <linux/types.h>
#include <uapi/linux/wsp.h>

struct request_sock;
struct sock;
struct wsp_sock;

/**
 * enum wsp_send_outcome - disconnect data on its way out
 * @WSP_SEND_QUEUED: the record is in the send queue
 * @WSP_SEND_ARMED: the same, and it had been armed beforehand
 * @WSP_SEND_DROPPED: armed, but the connection ended without it
 * @WSP_SEND_NOMEM: no memory to send it
 * @WSP_SEND_NO_URG: retransmitted without the urgent flag
 */
enum wsp_send_outcome {
	WSP_SEND_QUEUED,
	WSP_SEND_ARMED,
	WSP_SEND_DROPPED,
	WSP_SEND_NOMEM,
	WSP_SEND_NO_URG,
};

/**
 * enum wsp_recv_outcome - disconnect data on its way in
 * @WSP_RECV_MARK: a record came whole, found at its urgent mark
 * @WSP_RECV_TAIL: the same, found by its footer
 * @WSP_RECV_TRUNCATED: the FIN came before its end
 * @WSP_RECV_NOMEM: no memory to keep it
 * @WSP_RECV_BAD_MAC: a header with our magic and a wrong MAC
 * @WSP_RECV_HOLD_EXPIRED: what could have been a header was given up on
 */
enum wsp_recv_outcome {
	WSP_RECV_MARK,
	WSP_RECV_TAIL,
	WSP_RECV_TRUNCATED,
	WSP_RECV_NOMEM,
	WSP_RECV_BAD_MAC,
	WSP_RECV_HOLD_EXPIRED,
};

void wsp_trace_negotiated(struct sock *sk, const struct wsp_sock *ws,
			  const struct request_sock *req);
void wsp_trace_send(struct sock *sk, enum wsp_send_outcome outcome, u32 len);
void wsp_trace_recv(struct sock *sk, enum wsp_recv_outcome outcome, u32 len);
void wsp_trace_linger(struct sock *sk, enum wsp_linger_state state,
		      u32 unacked);

#endif /* _WSP_TRACE_API_H */
