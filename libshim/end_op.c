// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Ends of a direction that wait for the operations queued before them.  The
 * caller does not wait; disconnect data is copied, and checked, at the call: it
 * is armed, so that it goes out with whatever ends the sending.
 */
#include <errno.h>
#include <linux/wsp.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "end_op.h"
#include "engine.h"
#include "overlapped.h"

/* The kernel reads a struct ifreq's size for an ioctl it cannot place. */
union end_arg {
	struct wsp_info info;
	struct wsp_disc_args disc;
	char ifreq[64];
};

static int end_send(struct wsp_op *op)
{
	shutdown(op->chan->fd, SHUT_WR);
	return 0;
}

/* The kernel's SHUT_RD is what is wanted only with the module. */
static int end_recv(struct wsp_op *op)
{
	if (wsp_tcp_attached(op->chan->fd))
		shutdown(op->chan->fd, SHUT_RD);
	return 0;
}

static const struct wsp_op_type end_send_type = { .attempt = end_send, .survives_close = true };
static const struct wsp_op_type end_recv_type = { .attempt = end_recv, .survives_close = true };

/* The channel locked, if something waits there that the end must not overtake. */
static struct wsp_chan *end_lock(const struct wsp_handle *h, enum wsp_dir d)
{
	struct wsp_chan *c;
	int code;

	if (!(h->state & WSP_H_TCP) || !wsp_chan_waiting(h->fd, d))
		return NULL;
	c = wsp_chan_lock(h->fd, &code);
	if (!c || c->queue[d].head)
		return c;
	wsp_chan_unlock(c);
	return NULL;
}

static int end_queue(struct wsp_chan *c, enum wsp_dir d, const struct wsp_op_type *type)
{
	struct wsp_op *op = malloc(sizeof(*op));

	if (!op)
		return WSAENOBUFS;
	wsp_op_init(op, type, NULL, NULL, NULL);
	op->owner = c->id;
	wsp_chan_push(c, d, op);
	return 0;
}

static int end_arm(int fd, const WSABUF *data)
{
	union end_arg arg = { 0 };

	if (ioctl(fd, WSP_INFO_GET, &arg.info) || !(arg.info.flags & WSP_INFO_CAN_SEND))
		return WSAENOPROTOOPT;
	arg.disc = (struct wsp_disc_args) { .data = (uintptr_t)data->buf, .len = data->len };
	return ioctl(fd, WSP_DISC_ARM, &arg.disc) ? wsp_err_from_errno(errno) : 0;
}

/* In the order of SD-23. */
static int end_check_send(const struct wsp_handle *h, const WSABUF *data)
{
	if (wsp_tcp_state(h) != WSP_TCP_OPEN)
		return WSAENOTCONN;
	if (!data || !data->len)
		return 0;
	return h->state & WSP_H_SEND_OFF ? WSAESHUTDOWN : end_arm(h->fd, data);
}

/**
 * wsp_end_op_send() - end sending behind the sends that are queued
 * @h: socket
 * @data: disconnect data, or NULL
 * @code: out: 0 or a WSA code
 *
 * Return: false if nothing is queued, and nothing was done.  SD-12, SD-13
 */
bool wsp_end_op_send(const struct wsp_handle *h, const WSABUF *data, int *code)
{
	struct wsp_chan *c = end_lock(h, WSP_OUT);

	if (!c)
		return false;
	*code = end_check_send(h, data);
	if (!*code && !(h->state & WSP_H_SEND_OFF)) {
		wsp_handle_add(h, WSP_H_SEND_ENDING);
		*code = end_queue(c, WSP_OUT, &end_send_type);
	}
	wsp_chan_unlock(c);
	if (!*code)
		wsp_handle_add(h, WSP_H_SEND_OFF);
	return true;
}

/**
 * wsp_end_op_recv() - end receiving behind the receives that are queued
 * @h: socket, connected
 *
 * Return: false if nothing is queued, and nothing was done.  RC-5
 */
bool wsp_end_op_recv(const struct wsp_handle *h)
{
	struct wsp_chan *c = end_lock(h, WSP_IN);

	if (!c)
		return false;
	end_queue(c, WSP_IN, &end_recv_type);
	wsp_chan_unlock(c);
	wsp_handle_add(h, WSP_H_RECV_OFF);
	return true;
}
