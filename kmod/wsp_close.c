// SPDX-License-Identifier: GPL-2.0
/*
 * close() that keeps its SO_LINGER time: what is not acknowledged by then is
 * given up with a reset, instead of being delivered some time later.
 */
#include <linux/sched/signal.h>
#include <net/sock.h>
#include <net/tcp.h>

#include "wsp.h"

#define CLOSE_SENDING	(TCPF_ESTABLISHED | TCPF_CLOSE_WAIT)
#define CLOSE_CLOSING	(TCPF_FIN_WAIT1 | TCPF_CLOSING | TCPF_LAST_ACK)

static u32 close_unacked(const struct sock *sk)
{
	return tcp_sk(sk)->write_seq - tcp_sk(sk)->snd_una;
}

/* The struct file is still there when its release closes us. */
static bool close_nonblock(const struct sock *sk)
{
	const struct socket *sock = sk->sk_socket;

	return sock && sock->file && sock->file->f_flags & O_NONBLOCK;
}

/**
 * wsp_close_blocks() - whether close() would have to wait (CL-14 to CL-16)
 * @sk: the socket
 *
 * Once the FIN is queued it need not: the release has begun, and the rest
 * may go in the background.
 *
 * Context: socket lock held.
 * Return: true if so.
 */
bool wsp_close_blocks(const struct sock *sk)
{
	return close_nonblock(sk) && sock_flag(sk, SOCK_LINGER) &&
	       sk->sk_lingertime && (1 << sk->sk_state) & CLOSE_SENDING &&
	       !(sk->sk_shutdown & SEND_SHUTDOWN) && close_unacked(sk);
}

/* Ends the send direction, armed data first, if it is open. */
static void close_begin(struct sock *sk)
{
	if (!((1 << sk->sk_state) & CLOSE_SENDING))
		return;
	WRITE_ONCE(sk->sk_shutdown, sk->sk_shutdown | SEND_SHUTDOWN);
	wsp_prot_shutdown(sk, SEND_SHUTDOWN);
}

/* TCP wakes interruptible sleepers only, which close_wait()'s is not. */
static int close_wake(struct wait_queue_entry *entry, unsigned int mode,
		      int sync, void *key)
{
	return woken_wake_function(entry, TASK_NORMAL, sync, key);
}

/*
 * Only a signal that ends the process ends the wait; it does not linger then
 * (CL-17).  Others would let every deadline be missed.
 */
static void close_wait(struct sock *sk, long timeout)
{
	DEFINE_WAIT_FUNC(wait, close_wake);

	add_wait_queue(sk_sleep(sk), &wait);
	while (timeout && (1 << sk->sk_state) & CLOSE_CLOSING &&
	       !fatal_signal_pending(current)) {
		release_sock(sk);
		timeout = wait_woken(&wait, TASK_KILLABLE, timeout);
		lock_sock(sk);
	}
	remove_wait_queue(sk_sleep(sk), &wait);
}

/* Context: socket lock held. */
static void close_linger(struct sock *sk, long timeout)
{
	enum wsp_linger_state state;

	close_begin(sk);
	close_wait(sk, timeout);

	state = wsp_linger_outcome(sk->sk_state, close_unacked(sk));
	if ((1 << sk->sk_state) & CLOSE_CLOSING) {
		if (fatal_signal_pending(current))
			return;
		/* Time is up: TCP's close() resets for a linger time of 0. */
		state = WSP_LINGER_EXPIRED;
		sock_set_flag(sk, SOCK_LINGER);
		sk->sk_lingertime = 0;
	}
	wsp_trace_linger(sk, state, close_unacked(sk));
}

/* Where TCP's close() resets, nothing is sent and nothing is waited for. */
static bool close_resets(const struct sock *sk, const struct wsp_sock *ws)
{
	return wsp_rx_avail(sk, ws) || tcp_sk(sk)->repair ||
	       (sock_flag(sk, SOCK_LINGER) && !sk->sk_lingertime);
}

static bool close_async(const struct sock *sk, const struct wsp_sock *ws)
{
	if (ws->linger_mode != WSP_LINGER_MODE_NETNS)
		return ws->linger_mode == WSP_LINGER_MODE_ASYNC;
	return READ_ONCE(wsp_pernet(sock_net(sk))->linger_async);
}

/*
 * A non-blocking socket that has everything acknowledged, or that was shut
 * down before, does not wait for the FIN's acknowledgment (CL-15, CL-16).
 */
static void close_gracefully(struct sock *sk, struct wsp_sock *ws,
			     long timeout)
{
	if (ws->linger_state == WSP_LINGER_PENDING)
		timeout = 0;
	if (timeout && close_nonblock(sk)) {
		if (close_async(sk, ws) &&
		    (close_unacked(sk) || wsp_arm_len(ws)) &&
		    !wsp_linger_start(sk, ws, timeout))
			return;
		if (!wsp_close_blocks(sk))
			timeout = 0;
	}
	if (timeout)
		close_linger(sk, timeout);
	else if (wsp_arm_len(ws))
		close_begin(sk);
}

/* Nothing of ours can be in TCP's way: most closes need no lock of ours. */
static bool close_is_plain(const struct sock *sk, const struct wsp_sock *ws,
			   long timeout)
{
	u32 unread = READ_ONCE(tcp_sk(sk)->rcv_nxt) -
		     READ_ONCE(tcp_sk(sk)->copied_seq);

	/* No record without bytes unread; the FIN counts as one. */
	return !timeout && !rcu_access_pointer(ws->armed) &&
	       !ws->linger_state && inet_sk_state_load(sk) != TCP_LISTEN &&
	       (unread <= sock_flag(sk, SOCK_DONE) ||
		READ_ONCE(ws->rx.state) == WSP_RX_OFF ||
		READ_ONCE(ws->rx.state) == WSP_RX_PLAIN);
}

/**
 * wsp_close() - last close() of an attached socket
 * @sk: the socket
 * @timeout: SO_LINGER's time in jiffies, 0 if it is off or the process dies
 *
 * Context: process.
 */
void wsp_close(struct sock *sk, long timeout)
{
	const struct proto *base = wsp_family(sk)->base;
	struct wsp_sock *ws = wsp_sk(sk);

	if (!ws || close_is_plain(sk, ws, timeout))
		goto out;

	lock_sock(sk);
	wsp_handshake_unlisten(sk);
	/* A record left in the queue is not unread data. */
	wsp_rx_update(sk, ws);
	if (!close_resets(sk, ws)) {
		if ((1 << sk->sk_state) & (CLOSE_SENDING | CLOSE_CLOSING)) {
			close_gracefully(sk, ws, timeout);
			timeout = 0;
		} else {
			/* A Fast Open server before the handshake is over. */
			wsp_arm_send(sk, ws);
		}
	}
	release_sock(sk);
out:
	base->close(sk, timeout);
}
