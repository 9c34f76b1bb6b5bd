// SPDX-License-Identifier: GPL-2.0
/*
 * Closing without anybody waiting, with a deadline all the same (CL-18).
 *
 *	NONE --start--> PENDING --all acknowledged--> DRAINED
 *	                   |`-----time is up--------> EXPIRED, after a reset
 *	                   |`-----connection broke--> RESET
 *	                    `-----cancel------------> CANCELLED
 *
 * TCP wakes the socket's waiters when it leaves PENDING; that it has is
 * noticed by whoever looks next.  A new connection starts at NONE.
 */
#include <linux/slab.h>
#include <linux/workqueue.h>
#include <net/sock.h>
#include <net/tcp.h>

#include "wsp.h"

static struct workqueue_struct *linger_wq;

static u32 linger_unacked(const struct sock *sk)
{
	return tcp_sk(sk)->write_seq - tcp_sk(sk)->snd_una;
}

/**
 * wsp_linger_outcome() - what became of a close, as far as TCP tells
 * @tcp_state: TCP_*
 * @unacked: bytes not acknowledged, the FIN included
 *
 * Return: WSP_LINGER_PENDING, _DRAINED or _RESET.
 */
enum wsp_linger_state wsp_linger_outcome(int tcp_state, u32 unacked)
{
	/* Its acknowledgment ends these: TCP had no memory for the FIN. */
	if (!unacked && (1 << tcp_state) & (TCPF_FIN_WAIT1 | TCPF_CLOSING |
					    TCPF_LAST_ACK))
		return WSP_LINGER_PENDING;
	if (!unacked)
		return WSP_LINGER_DRAINED;
	if (tcp_state == TCP_CLOSE || tcp_state == TCP_TIME_WAIT)
		return WSP_LINGER_RESET;
	return WSP_LINGER_PENDING;
}

/* Context: the last step before the socket is gone needs no lock. */
static void linger_set_state(struct sock *sk, struct wsp_sock *ws,
			     enum wsp_linger_state state)
{
	WRITE_ONCE(ws->linger_state, state);
	if (state != WSP_LINGER_NONE)
		wsp_trace_linger(sk, state, linger_unacked(sk));
}

static void linger_drop_work(struct wsp_sock *ws)
{
	struct wsp_linger *linger = ws->linger;

	ws->linger = NULL;
	/* If it is running, or about to, it finds itself disowned. */
	if (!linger || !cancel_delayed_work(&linger->work))
		return;
	sock_put(linger->sk);
	kfree(linger);
}

static void linger_settle(struct sock *sk, struct wsp_sock *ws)
{
	enum wsp_linger_state state;

	if (ws->linger_state != WSP_LINGER_PENDING)
		return;
	state = wsp_linger_outcome(sk->sk_state, linger_unacked(sk));
	if (state == WSP_LINGER_PENDING)
		return;
	linger_set_state(sk, ws, state);
	linger_drop_work(ws);
}

/* Returns whether the connection is to be reset. */
static bool linger_expire(struct sock *sk, struct wsp_sock *ws)
{
	sock_owned_by_me(sk);

	linger_settle(sk, ws);
	if (ws->linger_state != WSP_LINGER_PENDING)
		return false;
	linger_set_state(sk, ws, WSP_LINGER_EXPIRED);
	ws->linger = NULL;
	/* TCP does not reset in these, though the FIN may still be queued. */
	if ((1 << sk->sk_state) & (TCPF_CLOSING | TCPF_LAST_ACK))
		tcp_set_state(sk, TCP_FIN_WAIT1);
	return true;
}

static void linger_work(struct work_struct *work)
{
	struct wsp_linger *linger = container_of(to_delayed_work(work),
						 struct wsp_linger, work);
	struct sock *sk = linger->sk;
	struct wsp_sock *ws;
	bool reset = false;

	lock_sock(sk);
	/* Gone with a socket that was destroyed meanwhile. */
	ws = wsp_sk(sk);
	if (ws && ws->linger == linger)
		reset = linger_expire(sk, ws);
	release_sock(sk);
	if (reset)
		tcp_abort(sk, ETIMEDOUT);
	kfree(linger);
	sock_put(sk);
}

/**
 * wsp_linger_start() - close the send direction, with a deadline
 * @sk: the socket
 * @ws: its ULP context
 * @timeout: jiffies until the connection is reset
 *
 * Context: process; socket lock held.
 * Return: 0, -ENOTCONN, -EALREADY, or -ENOMEM with nothing changed.
 */
int wsp_linger_start(struct sock *sk, struct wsp_sock *ws, long timeout)
{
	struct wsp_linger *linger;

	sock_owned_by_me(sk);

	if (!wsp_connected(sk, ws) || sk->sk_state == TCP_CLOSE)
		return -ENOTCONN;
	linger_settle(sk, ws);
	if (ws->linger_state == WSP_LINGER_PENDING)
		return -EALREADY;

	linger = kmalloc(sizeof(*linger), GFP_KERNEL_ACCOUNT);
	if (!linger) {
		WSP_INC_STATS(sock_net(sk), WSP_MIB_LINGERNOMEM);
		return -ENOMEM;
	}
	INIT_DELAYED_WORK(&linger->work, linger_work);
	linger->sk = sk;
	sock_hold(sk);

	wsp_send_end(sk, ws, NULL, 0);
	ws->linger = linger;
	linger_set_state(sk, ws, WSP_LINGER_PENDING);
	queue_delayed_work(linger_wq, &linger->work, timeout);
	linger_settle(sk, ws);
	/* If all was acknowledged before, TCP has no reason to wake anybody. */
	if (ws->linger_state != WSP_LINGER_PENDING)
		sk->sk_state_change(sk);
	return 0;
}

/**
 * wsp_linger_cancel() - take the deadline away
 * @sk: the socket
 * @ws: its ULP context
 *
 * Context: socket lock held.
 * Return: 0 or -ENOENT.
 */
int wsp_linger_cancel(struct sock *sk, struct wsp_sock *ws)
{
	sock_owned_by_me(sk);

	linger_settle(sk, ws);
	if (ws->linger_state != WSP_LINGER_PENDING)
		return -ENOENT;
	linger_set_state(sk, ws, WSP_LINGER_CANCELLED);
	linger_drop_work(ws);
	sk->sk_state_change(sk);
	return 0;
}

/**
 * wsp_linger_release() - the connection, or the socket, is at its end
 * @sk: the socket
 * @ws: its ULP context
 *
 * Context: any; socket lock held, or nobody else can reach the socket.
 */
void wsp_linger_release(struct sock *sk, struct wsp_sock *ws)
{
	if (likely(!ws->linger_state))
		return;
	linger_settle(sk, ws);
	linger_drop_work(ws);
	linger_set_state(sk, ws, WSP_LINGER_NONE);
}

/**
 * wsp_linger_over() - whether an asynchronous close has come to its end
 * @sk: the socket
 * @ws: its ULP context
 *
 * Context: socket lock held.
 * Return: true if so.
 */
bool wsp_linger_over(struct sock *sk, struct wsp_sock *ws)
{
	sock_owned_by_me(sk);

	linger_settle(sk, ws);
	return ws->linger_state != WSP_LINGER_PENDING;
}

/**
 * wsp_linger_left() - time to the deadline
 * @ws: a ULP context
 *
 * Context: socket lock held.
 * Return: jiffies; 0 if none is pending or it is past.
 */
long wsp_linger_left(const struct wsp_sock *ws)
{
	if (!ws->linger)
		return 0;
	return max((long)(ws->linger->work.timer.expires - jiffies), 0L);
}

/**
 * wsp_linger_init() - at module load
 *
 * Return: 0 or -ENOMEM.
 */
int wsp_linger_init(void)
{
	linger_wq = alloc_workqueue("wsp_linger", WQ_UNBOUND, 0);
	return linger_wq ? 0 : -ENOMEM;
}

/**
 * wsp_linger_exit() - at module unload; waits for work that is still running
 */
void wsp_linger_exit(void)
{
	destroy_workqueue(linger_wq);
}
