// SPDX-License-Identifier: GPL-2.0
/*
 * shutdown() of either direction.
 */
#include <net/tcp.h>

#include "wsp.h"

/**
 * wsp_prot_shutdown() - TCP's half of shutdown(), behind what is armed
 * @sk: the socket
 * @how: RCV_SHUTDOWN, SEND_SHUTDOWN or both
 *
 * Context: socket lock held.
 */
void wsp_prot_shutdown(struct sock *sk, int how)
{
	struct wsp_sock *ws = wsp_sk(sk);

	if (ws && how & SEND_SHUTDOWN && wsp_connected(sk, ws) &&
	    !ws->tx.closed) {
		wsp_arm_send(sk, ws);
		ws->tx.closed = true;
	}
	wsp_family(sk)->base->shutdown(sk, how);
}

/**
 * wsp_shutdown() - shutdown() of an attached socket
 * @sock: the socket
 * @how: SHUT_RD, SHUT_WR or SHUT_RDWR
 *
 * SHUT_RD stays above TCP, which goes on taking what arrives (RD-12); a
 * socket that is not connected keeps TCP's own meaning of it.
 *
 * Return: 0 or a negative errno.
 */
int wsp_shutdown(struct socket *sock, int how)
{
	struct sock *sk = sock->sk;
	const struct proto_ops *base = wsp_family(sk)->base_ops;
	struct wsp_sock *ws = wsp_sk(sk);
	bool connected;
	int err;

	if (!ws || (how != SHUT_RD && how != SHUT_RDWR))
		return base->shutdown(sock, how);

	lock_sock(sk);
	connected = wsp_connected(sk, ws);
	release_sock(sk);
	if (!connected)
		return base->shutdown(sock, how);

	if (how == SHUT_RDWR) {
		err = base->shutdown(sock, SHUT_WR);
		if (err)
			return err;
	}
	lock_sock(sk);
	wsp_rx_shut(sk, ws);
	release_sock(sk);
	return 0;
}
