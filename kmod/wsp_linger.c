// SPDX-License-Identifier: GPL-2.0
/*
 * close() that keeps its SO_LINGER time: what is not acknowledged by then is
 * given up with a reset, instead of being delivered some time later.
 */
#include <linux/sched/signal.h>
#include <net/sock.h>
#include <net/tcp.h>

#include "wsp.h"

#define LINGER_SENDING	(TCPF_ESTABLISHED | TCPF_CLOSE_WAIT)
#define LINGER_CLOSING	(TCPF_FIN_WAIT1 | TCPF_CLOSING | TCPF_LAST_ACK)

static bool linger_unacked(const struct sock *sk)
{
	return tcp_sk(sk)->write_seq != tcp_sk(sk)->snd_una;
}

/* The struct file is still there when its release closes us. */
static bool linger_nonblock(const struct sock *sk)
{
	const struct socket *sock = sk->sk_socket;

	return sock && sock->file && sock->file->f_flags & O_NONBLOCK;
}

/**
 * wsp_linger_blocks() - whether close() would have to wait (CL-14 to CL-16)
 * @sk: the socket
 *
 * Once the FIN is queued it need not: the release has begun, and the rest
 * may go in the background.
 *
 * Context: socket lock held.
 */
bool wsp_linger_blocks(const struct sock *sk)
{
	return linger_nonblock(sk) && sock_flag(sk, SOCK_LINGER) &&
	       sk->sk_lingertime && (1 << sk->sk_state) & LINGER_SENDING &&
	       !(sk->sk_shutdown & SEND_SHUTDOWN) && linger_unacked(sk);
}

/* TCP wakes interruptible sleepers only, which linger_wait()'s is not. */
static int linger_wake(struct wait_queue_entry *entry, unsigned int mode,
		       int sync, void *key)
{
	return woken_wake_function(entry, TASK_NORMAL, sync, key);
}

/*
 * Only a signal that ends the process ends the wait; it does not linger then
 * (CL-17).  Others would let every deadline be missed.
 */
static void linger_wait(struct sock *sk, long timeout)
{
	DEFINE_WAIT_FUNC(wait, linger_wake);

	add_wait_queue(sk_sleep(sk), &wait);
	while (timeout && (1 << sk->sk_state) & LINGER_CLOSING &&
	       !fatal_signal_pending(current)) {
		release_sock(sk);
		timeout = wait_woken(&wait, TASK_KILLABLE, timeout);
		lock_sock(sk);
	}
	remove_wait_queue(sk_sleep(sk), &wait);
}

/* Context: socket lock held. */
static void linger_close(struct sock *sk, long timeout)
{
	if ((1 << sk->sk_state) & LINGER_SENDING) {
		WRITE_ONCE(sk->sk_shutdown, sk->sk_shutdown | SEND_SHUTDOWN);
		wsp_prot_shutdown(sk, SEND_SHUTDOWN);
	}
	linger_wait(sk, timeout);

	if ((1 << sk->sk_state) & LINGER_CLOSING &&
	    !fatal_signal_pending(current)) {
		/* Time is up: TCP's close() resets for a linger time of 0. */
		sock_set_flag(sk, SOCK_LINGER);
		sk->sk_lingertime = 0;
	}
}

/**
 * wsp_close() - last close() of an attached socket
 * @sk: the socket
 * @timeout: SO_LINGER's time in jiffies, 0 if it is off or the process dies
 *
 * A non-blocking socket that has everything acknowledged, or that was shut
 * down before, does not wait for the FIN's acknowledgment (CL-15, CL-16).
 *
 * Context: process.
 */
void wsp_close(struct sock *sk, long timeout)
{
	const struct proto *base = wsp_family(sk)->base;
	struct wsp_sock *ws = wsp_sk(sk);

	if (ws) {
		lock_sock(sk);
		/* A record left in the queue is not unread data. */
		wsp_rx_update(sk, ws);
		if (timeout && linger_nonblock(sk) && !wsp_linger_blocks(sk))
			timeout = 0;
		if (timeout && !wsp_rx_avail(sk, ws) && !tcp_sk(sk)->repair &&
		    (1 << sk->sk_state) & (LINGER_SENDING | LINGER_CLOSING)) {
			linger_close(sk, timeout);
			timeout = 0;
		}
		release_sock(sk);
	}
	base->close(sk, timeout);
}
