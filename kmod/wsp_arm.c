// SPDX-License-Identifier: GPL-2.0
/*
 * Disconnect data armed in advance: it goes out with whatever ends the send
 * direction, the death of the process included.
 *
 * A listener's is shared by its children, so that a reason common to
 * thousands of connections exists once.
 */
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <net/sock.h>
#include <net/tcp.h>

#include "wsp.h"

static u32 arm_size(const struct wsp_armed *armed)
{
	return struct_size(armed, data, armed->len);
}

static struct wsp_armed *arm_get(const struct wsp_sock *ws)
{
	return rcu_dereference_protected(ws->armed,
					 lockdep_sock_is_held(ws->sk));
}

/* Takes over the caller's reference to @armed, which may be NULL. */
static void arm_replace(struct sock *sk, struct wsp_sock *ws,
			struct wsp_armed *armed)
{
	/* Also at the end of the socket's life, without the lock. */
	struct wsp_armed *old = rcu_replace_pointer(ws->armed, armed, true);

	/* Shown by `ss -m`; limited by there being one at most. */
	if (armed)
		atomic_add(arm_size(armed), &sk->sk_omem_alloc);
	if (!old)
		return;
	atomic_sub(arm_size(old), &sk->sk_omem_alloc);
	if (refcount_dec_and_test(&old->refs))
		kfree_rcu(old, rcu);
}

/**
 * wsp_arm() - WSP_DISC_ARM
 * @sk: the socket
 * @ws: its ULP context
 * @data: the bytes, in kernel memory
 * @len: how many, at most WSP_DISC_MAX; 0 clears
 * @inherit: whether accepted sockets are armed with it too
 *
 * Context: process; socket lock held.
 * Return: 0, -ESHUTDOWN, -EMSGSIZE or -ENOMEM.
 */
int wsp_arm(struct sock *sk, struct wsp_sock *ws, const u8 *data, u32 len,
	    bool inherit)
{
	struct wsp_armed *armed = NULL;

	sock_owned_by_me(sk);

	if (len) {
		if (ws->tx.closed)
			return -ESHUTDOWN;
		if (len > READ_ONCE(wsp_pernet(sock_net(sk))->max_data))
			return -EMSGSIZE;
		armed = kmalloc(struct_size(armed, data, len),
				GFP_KERNEL_ACCOUNT);
		if (!armed)
			return -ENOMEM;
		refcount_set(&armed->refs, 1);
		armed->inherit = inherit;
		armed->len = len;
		memcpy(armed->data, data, len);
	}
	arm_replace(sk, ws, armed);
	return 0;
}

/**
 * wsp_arm_clear() - forget what was armed
 * @sk: the socket
 * @ws: its ULP context
 *
 * Context: any; socket lock held, or nobody else can reach the socket.
 */
void wsp_arm_clear(struct sock *sk, struct wsp_sock *ws)
{
	if (rcu_access_pointer(ws->armed))
		arm_replace(sk, ws, NULL);
}

/**
 * wsp_arm_drop() - the connection has ended without what was armed
 * @sk: the socket
 * @ws: its ULP context
 *
 * Context: any; socket lock held, or nobody else can reach the socket.
 */
void wsp_arm_drop(struct sock *sk, struct wsp_sock *ws)
{
	const struct wsp_armed *armed =
		rcu_dereference_protected(ws->armed, true);

	if (likely(!armed))
		return;
	/* A listener's, or one for a connection that never was, is not lost. */
	if (ws->connected)
		wsp_trace_send(sk, WSP_SEND_DROPPED, armed->len);
	wsp_arm_clear(sk, ws);
}

/**
 * wsp_arm_inherit() - arm a new child as its listener asks for
 * @sk: the child, still private
 * @ws: its ULP context
 * @listener: the listener's, which may be armed anew at this moment
 *
 * Context: softirq or process.
 */
void wsp_arm_inherit(struct sock *sk, struct wsp_sock *ws,
		     const struct wsp_sock *listener)
{
	struct wsp_armed *armed;

	if (likely(!rcu_access_pointer(listener->armed)))
		return;
	rcu_read_lock();
	/* Without a reference left it has been replaced: look again. */
	do {
		armed = rcu_dereference(listener->armed);
		if (armed && !armed->inherit)
			armed = NULL;
	} while (armed && !refcount_inc_not_zero(&armed->refs));
	if (armed)
		arm_replace(sk, ws, armed);
	rcu_read_unlock();
}

/**
 * wsp_arm_len() - size of what is armed
 * @ws: a ULP context
 *
 * Context: socket lock held.
 * Return: bytes, 0 for nothing.
 */
u32 wsp_arm_len(const struct wsp_sock *ws)
{
	const struct wsp_armed *armed = arm_get(ws);

	return armed ? armed->len : 0;
}

/**
 * wsp_arm_send() - send what is armed; the end of the direction follows
 * @sk: the socket
 * @ws: its ULP context
 *
 * Where it cannot be sent it is discarded: the close must not fail for it.
 *
 * Context: process; socket lock held.
 */
void wsp_arm_send(struct sock *sk, struct wsp_sock *ws)
{
	const struct wsp_armed *armed = arm_get(ws);

	if (likely(!armed))
		return;
	if (wsp_send_check(sk, ws, armed->len, 0)) {
		wsp_arm_drop(sk, ws);
		return;
	}
	if (!wsp_send_record(sk, ws, armed->data, armed->len))
		wsp_trace_send(sk, WSP_SEND_ARMED, armed->len);
	wsp_arm_clear(sk, ws);
}
