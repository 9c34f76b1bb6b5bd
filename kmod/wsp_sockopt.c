// SPDX-License-Identifier: GPL-2.0
/*
 * The few socket options that an attached socket cannot leave to TCP alone.
 */
#include <linux/in6.h>
#include <net/tcp.h>

#include "wsp.h"

/**
 * wsp_setsockopt() - setsockopt() of an attached socket
 * @sk: the socket
 * @level: protocol level
 * @optname: option
 * @optval: its value
 * @optlen: its length
 *
 * A listener keeps its SYNs for us too: TCP_SAVE_SYN of the application
 * decides only whether the children keep them.
 *
 * Return: 0 or a negative errno.
 */
int wsp_setsockopt(struct sock *sk, int level, int optname, sockptr_t optval,
		   unsigned int optlen)
{
	int err = wsp_family(sk)->base->setsockopt(sk, level, optname, optval,
						   optlen);
	struct wsp_sock *ws = wsp_sk(sk);

	wsp_ulp_adopt(sk);
	if (err || level != SOL_TCP || optname != TCP_SAVE_SYN || !ws)
		return err;

	lock_sock(sk);
	ws->own_save_syn = false;
	if (sk->sk_state == TCP_LISTEN)
		wsp_handshake_listen(sk, ws);
	release_sock(sk);
	return 0;
}

/**
 * wsp_ops_setsockopt() - setsockopt() of a socket with our operations
 * @sock: the socket
 * @level: protocol level
 * @optname: option
 * @optval: its value
 * @optlen: its length
 *
 * A plain child can have them from a listener that was attached before it was
 * accepted.  IPV6_ADDRFORM would exchange them, and with them lose the module
 * reference that __sock_release() is to put; on an attached socket TCP itself
 * refuses it like this.
 *
 * Return: 0 or a negative errno.
 */
int wsp_ops_setsockopt(struct socket *sock, int level, int optname,
		       sockptr_t optval, unsigned int optlen)
{
	if (level == SOL_IPV6 && optname == IPV6_ADDRFORM)
		return -EBUSY;
	return wsp_family(sock->sk)->base_ops->setsockopt(sock, level, optname,
							  optval, optlen);
}

/**
 * wsp_getsockopt() - getsockopt() of an attached socket
 * @sk: the socket
 * @level: protocol level
 * @optname: option
 * @optval: where to
 * @optlen: its length
 *
 * TCP_ZEROCOPY_RECEIVE would map pages past a record and is refused.
 *
 * Return: 0 or a negative errno.
 */
int wsp_getsockopt(struct sock *sk, int level, int optname,
		   char __user *optval, int __user *optlen)
{
	struct wsp_sock *ws = wsp_sk(sk);

	if (level == SOL_TCP && optname == TCP_ZEROCOPY_RECEIVE && ws)
		return -EOPNOTSUPP;
	if (level == SOL_TCP && optname == TCP_SAVED_SYN && ws &&
	    READ_ONCE(ws->drop_syn))
		wsp_handshake_drop_syn(sk, ws);
	return wsp_family(sk)->base->getsockopt(sk, level, optname, optval,
						optlen);
}
