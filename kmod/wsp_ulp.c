// SPDX-License-Identifier: GPL-2.0
/*
 * The upper layer protocol: attach, inheritance by accepted sockets, release.
 */
#include <linux/module.h>
#include <linux/slab.h>
#include <net/inet_common.h>
#include <net/transp_v6.h>
#include <net/tcp.h>

#include "wsp.h"

struct wsp_family wsp_families[WSP_FAMILY_MAX];
static bool family_ready[WSP_FAMILY_MAX];
static DEFINE_MUTEX(family_lock);

static void family_build(struct wsp_family *f, const struct sock *sk)
{
	f->base = sk->sk_prot;
	f->prot = *f->base;
	f->prot.connect = wsp_connect;
	f->prot.disconnect = wsp_disconnect;
	f->prot.close = wsp_close;
	f->prot.shutdown = wsp_prot_shutdown;
	f->prot.recvmsg = wsp_prot_recvmsg;
	f->prot.setsockopt = wsp_setsockopt;
	f->prot.getsockopt = wsp_getsockopt;

	f->base_ops = sk->sk_socket->ops;
	f->ops = *f->base_ops;
	/* __sock_release() puts it after our close() has returned. */
	f->ops.owner = THIS_MODULE;
	f->ops.listen = wsp_listen;
	f->ops.shutdown = wsp_shutdown;
	f->ops.sendmsg = wsp_sendmsg;
	f->ops.recvmsg = wsp_recvmsg;
	f->ops.setsockopt = wsp_ops_setsockopt;
	f->ops.splice_read = wsp_splice_read;
	f->ops.poll = wsp_poll;
	f->ops.ioctl = wsp_ioctl;
#ifdef CONFIG_COMPAT
	f->ops.compat_ioctl = wsp_compat_ioctl;
#endif
}

/* Only TCP's own: sockmap, kTLS, SMC or MPTCP on the socket rule us out. */
static bool family_is_plain(const struct sock *sk)
{
	const struct proto_ops *ops = sk->sk_socket->ops;

	if (sk->sk_protocol != IPPROTO_TCP || sk->sk_user_data)
		return false;
	if (sk->sk_family == AF_INET)
		return sk->sk_prot == &tcp_prot && ops == &inet_stream_ops;
#if IS_ENABLED(CONFIG_IPV6)
	if (sk->sk_family == AF_INET6)
		return sk->sk_prot == &tcpv6_prot && ops->family == PF_INET6 &&
		       ops->poll == inet_stream_ops.poll;
#endif
	return false;
}

static struct wsp_family *family_get(const struct sock *sk)
{
	struct wsp_family *f = wsp_family(sk);
	bool *ready = &family_ready[f - wsp_families];

	/* Socket operations inherited from a listener may be ours already. */
	if (smp_load_acquire(ready) && sk->sk_socket->ops == &f->ops &&
	    !sk->sk_user_data && sk->sk_prot == f->base)
		return f;
	if (!family_is_plain(sk))
		return NULL;

	mutex_lock(&family_lock);
	if (!*ready) {
		family_build(f, sk);
		/* Pairs with the acquire above: seen, it is filled. */
		smp_store_release(ready, true);
	}
	mutex_unlock(&family_lock);
	return f;
}

static struct wsp_sock *ulp_alloc(struct sock *sk, gfp_t gfp)
{
	struct wsp_sock *ws = kzalloc(sizeof(*ws), gfp);

	if (!ws)
		return NULL;
	mutex_init(&ws->rx_lock);
	timer_setup(&ws->hold_timer, wsp_rx_hold_expired, 0);
	ws->sk = sk;
	ws->net = wsp_pernet(sock_net(sk));
	return ws;
}

/**
 * wsp_ulp_adopt() - see that an attached socket has our operations
 * @sk: the socket
 *
 * An accept() that was waiting when its listener was attached brings a child
 * with the operations it had looked up before, as does a listener that took
 * over another's children.
 *
 * Context: process.
 * Return: true if they have been put in place just now.
 */
bool wsp_ulp_adopt(struct sock *sk)
{
	struct wsp_family *family = wsp_family(sk);
	struct socket *sock = sk->sk_socket;

	if (likely(!sock || READ_ONCE(sock->ops) == &family->ops) ||
	    !wsp_sk(sk))
		return false;
	/* The reference for ops->owner, put by __sock_release(). */
	__module_get(THIS_MODULE);
	if (cmpxchg(&sock->ops, family->base_ops, &family->ops) ==
	    family->base_ops)
		return true;
	module_put(THIS_MODULE);
	return false;
}

/* Context: process; socket lock held by setsockopt(). */
static int ulp_init(struct sock *sk)
{
	struct wsp_family *family;
	struct socket *sock = sk->sk_socket;
	struct wsp_sock *ws;
	int err;

	sock_owned_by_me(sk);

	if (!sock)
		return -EINVAL;
	family = family_get(sk);
	/* Cleared by our caller.  All of TCP's have it, attached or refused. */
	if (family)
		set_bit(SOCK_SUPPORT_ZC, &sock->flags);
	if (sk->sk_state != TCP_CLOSE && sk->sk_state != TCP_LISTEN)
		return -EISCONN;
	if (!family)
		return -EOPNOTSUPP;
	if (sk->sk_state == TCP_LISTEN) {
		err = wsp_handshake_hook(sock_net(sk));
		if (err)
			return err;
	}

	ws = ulp_alloc(sk, sk->sk_allocation);
	if (!ws)
		return -ENOMEM;
	if (sk->sk_state == TCP_LISTEN)
		wsp_handshake_listen(sk, ws);

	rcu_assign_pointer(inet_csk(sk)->icsk_ulp_data, ws);
	WRITE_ONCE(sk->sk_prot, &family->prot);
	if (sock->ops != &family->ops) {
		/* The reference for ops->owner, put by __sock_release(). */
		__module_get(THIS_MODULE);
		WRITE_ONCE(sock->ops, &family->ops);
	}
	return 0;
}

/*
 * Context: softirq mostly; the child is still private.  All its fields were
 * copied from the listener, ULP included.
 */
static void ulp_clone(const struct request_sock *req, struct sock *newsk,
		      const gfp_t priority)
{
	struct inet_connection_sock *icsk = inet_csk(newsk);
	const struct wsp_family *family = wsp_family(newsk);
	const struct wsp_sock *listener = wsp_sk(newsk);
	struct wsp_sock *ws;

	/* TIME_WAIT keeps the creator; it may outlive the module. */
	newsk->sk_prot_creator = family->base;

	ws = ulp_alloc(newsk, priority);
	if (!ws) {
		WSP_INC_STATS(sock_net(newsk), WSP_MIB_CLONENOMEM);
		newsk->sk_prot = family->base;
		icsk->icsk_ulp_ops = NULL;
		rcu_assign_pointer(icsk->icsk_ulp_data, NULL);
		return;
	}
	__module_get(THIS_MODULE);
	rcu_assign_pointer(icsk->icsk_ulp_data, ws);
	if (listener->own_save_syn)
		tcp_sk(newsk)->save_syn = 0;
	ws->linger_mode = READ_ONCE(listener->linger_mode);
	wsp_arm_inherit(newsk, ws, listener);
	wsp_handshake_accept(ws, listener, (struct request_sock *)req);
}

/*
 * Context: the socket is being destroyed.  icsk_ulp_data stays: a child of a
 * closing listener may be copied from it in this very RCU section.
 */
static void ulp_release(struct sock *sk)
{
	struct wsp_family *family = wsp_family(sk);
	struct wsp_sock *ws = wsp_sk(sk);

	wsp_linger_release(sk, ws);
	wsp_arm_drop(sk, ws);
	wsp_xmit_restore(sk);
	wsp_rx_reset(sk, ws);
	if (sk->sk_prot == &family->prot)
		WRITE_ONCE(sk->sk_prot, family->base);
	kfree_rcu(ws, rcu);
}

struct tcp_ulp_ops wsp_ulp_ops __read_mostly = {
	.name = WSP_ULP_NAME,
	.owner = THIS_MODULE,
	.init = ulp_init,
	.clone = ulp_clone,
	.release = ulp_release,
	.get_info = WSP_ULP_INFO(wsp_diag_info),
	.get_info_size = WSP_ULP_INFO(wsp_diag_info_size),
};
