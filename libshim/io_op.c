// SPDX-License-Identifier: LGPL-2.1-or-later
/* Transfers with an OVERLAPPED. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "io.h"
#include "netevent.h"
#include "overlapped.h"

/**
 * struct io_op - a transfer that waits
 * @op: the operation; first
 * @msg: the rest of it
 * @name: an address to send to, or one received
 * @flags: MSG_* bits
 * @room: bytes of the buffers
 * @from: the caller's room for the sender's address, or NULL
 * @fromlen: its size
 * @vec: the caller's buffers
 */
struct io_op {
	struct wsp_op op;
	struct msghdr msg;
	struct sockaddr_storage name;
	int flags;
	size_t room;
	struct sockaddr *from;
	int *fromlen;
	struct iovec vec[];
};

static int io_op_send(struct wsp_op *op)
{
	struct io_op *io = (struct io_op *)op;
	int fd = op->chan->fd;
	bool stream = wsp_handle_peek(fd) & WSP_H_TCP;

	for (;;) {
		ssize_t n = wsp_io_try_send(fd, &io->msg, io->flags);

		if (n < 0) {
			if (wsp_io_again(fd, errno))
				continue;
			return errno == EAGAIN ? WSP_OP_AGAIN : wsp_io_error(fd, errno, true);
		}
		op->count += n;
		wsp_io_advance(&io->msg, n);
		if (!io->msg.msg_iovlen || !stream)
			return 0;
	}
}

/* The kernel would take no room for nothing to wait for. */
static int io_op_recv_nothing(struct io_op *io)
{
	int fd = io->op.chan->fd;
	char c;

	if (recv(fd, &c, 1, MSG_PEEK | MSG_DONTWAIT) >= 0)
		return 0;
	return errno == EAGAIN ? WSP_OP_AGAIN : wsp_io_error(fd, errno, false);
}

static int io_op_recv(struct wsp_op *op)
{
	struct io_op *io = (struct io_op *)op;
	int fd = op->chan->fd;
	bool stream = wsp_handle_peek(fd) & WSP_H_TCP;

	if (stream && !op->count && !io->room)
		return io_op_recv_nothing(io);
	for (;;) {
		ssize_t n;
		int code;

		if (io->from) {
			io->msg.msg_name = &io->name;
			io->msg.msg_namelen = sizeof(io->name);
		}
		n = wsp_io_try_recv(fd, &io->msg, io->flags, stream);
		if (n < 0) {
			if (wsp_io_again(fd, errno))
				continue;
			if (errno == EAGAIN)
				return WSP_OP_AGAIN;
			code = wsp_io_error(fd, errno, false);
			return op->count ? 0 : code;
		}
		op->count += n;
		if (n && stream && (io->flags & MSG_WAITALL)) {
			wsp_io_advance(&io->msg, n);
			if (io->msg.msg_iovlen)
				continue;
			return 0;
		}
		if (!n && op->count)
			return 0;
		op->drained = stream && n > 0 && !(io->flags & (MSG_PEEK | MSG_OOB)) &&
			      (size_t)n < io->room;
		code = wsp_io_received(fd, n, &io->msg, io->from, io->fromlen);
		if (code == WSAEMSGSIZE)
			op->flags = WS_MSG_PARTIAL;
		return code;
	}
}

static void io_op_recv_end(struct wsp_op *op, int code)
{
	(void)code;
	if (op->chan)
		wsp_netevent_after_recv(op->chan->fd);
}

static const struct wsp_op_type io_op_send_type = { .attempt = io_op_send };
static const struct wsp_op_type io_op_recv_type = {
	.attempt = io_op_recv,
	.end = io_op_recv_end,
};

static struct io_op *io_op_new(const struct msghdr *msg, int flags)
{
	struct io_op *io;

	io = wsp_packet_alloc(sizeof(*io) + msg->msg_iovlen * sizeof(io->vec[0]));
	if (!io)
		return NULL;
	memcpy(io->vec, msg->msg_iov, msg->msg_iovlen * sizeof(io->vec[0]));
	io->msg = *msg;
	io->msg.msg_iov = io->vec;
	if (msg->msg_name && msg->msg_namelen) {
		memcpy(&io->name, msg->msg_name, msg->msg_namelen);
		io->msg.msg_name = &io->name;
	}
	io->flags = flags;
	io->room = 0;
	for (size_t i = 0; i < msg->msg_iovlen; i++)
		io->room += io->vec[i].iov_len;
	io->from = NULL;
	io->fromlen = NULL;
	return io;
}

static int io_op_start(SOCKET s, enum wsp_dir d, struct io_op *io, DWORD *count, DWORD *flags)
{
	if (io->op.ov)
		return wsp_op_submit(s, d, &io->op, count, flags);
	return wsp_op_wait(s, d, &io->op, count, flags);
}

/**
 * wsp_io_op_send() - send with an OVERLAPPED
 * @s: socket
 * @msg: what and where to; copied
 * @flags: MSG_* bits
 * @count: NULL, or out where it is done at once
 * @ov: the caller's; NULL: return at the end
 * @routine: the caller's
 * @thread: the caller's
 *
 * Return: as wsp_op_submit().
 */
int wsp_io_op_send(SOCKET s, const struct msghdr *msg, int flags, DWORD *count,
		   LPWSAOVERLAPPED ov, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
		   LPWSATHREADID thread)
{
	struct io_op *io = io_op_new(msg, flags);
	int code;

	if (!io)
		return WSAENOBUFS;
	code = wsp_op_init(&io->op, &io_op_send_type, ov, routine, thread);
	if (!code)
		return io_op_start(s, WSP_OUT, io, count, NULL);
	return wsp_op_init_failed(s, &io->op, code);
}

/**
 * wsp_io_op_send_rest() - go on with a send of which the first part is gone
 * @c: the socket's channel, locked
 * @rest: what is left
 * @done: bytes sent
 * @count: NULL, or out where it is done at once
 * @ov: the caller's, without an event
 *
 * Return: as wsp_op_submit_locked().
 */
int wsp_io_op_send_rest(struct wsp_chan *c, const struct iovec *rest, size_t done, DWORD *count,
			LPWSAOVERLAPPED ov)
{
	const struct msghdr msg = { .msg_iov = (struct iovec *)rest, .msg_iovlen = 1 };
	struct io_op *io = io_op_new(&msg, 0);

	if (!io)
		return WSAENOBUFS;
	wsp_op_init(&io->op, &io_op_send_type, ov, NULL, NULL);
	io->op.count = (DWORD)done;
	return wsp_op_submit_locked(c, WSP_OUT, &io->op, count, NULL);
}

/**
 * wsp_io_op_recv_later() - a receive into one buffer that has to wait
 * @c: the socket's channel, locked, which the engine watches
 * @buf: where to
 * @ov: the caller's, without an event
 *
 * Return: WSA_IO_PENDING or WSAENOBUFS.  OV-1
 */
int wsp_io_op_recv_later(struct wsp_chan *c, const WSABUF *buf, LPWSAOVERLAPPED ov)
{
	struct io_op *io = wsp_packet_alloc(sizeof(*io) + sizeof(io->vec[0]));

	if (!io)
		return WSAENOBUFS;
	io->vec[0] = (struct iovec){ .iov_base = buf->buf, .iov_len = buf->len };
	io->msg = (struct msghdr){ .msg_iov = io->vec, .msg_iovlen = 1 };
	io->flags = 0;
	io->room = buf->len;
	io->from = NULL;
	io->fromlen = NULL;
	wsp_op_init(&io->op, &io_op_recv_type, ov, NULL, NULL);
	io->op.owner = c->id;
	ov->InternalHigh = 0;
	__atomic_store_n(&ov->Internal, WSP_STATUS_PENDING, __ATOMIC_SEQ_CST);
	wsp_chan_push(c, WSP_IN, &io->op);
	return WSA_IO_PENDING;
}

/**
 * wsp_io_op_recv() - receive with an OVERLAPPED
 * @s: socket
 * @msg: where to; copied
 * @flags: MSG_* bits
 * @from: NULL or the caller's room for the sender's address
 * @fromlen: its size, in and out
 * @count: NULL, or out where it is done at once
 * @out_flags: out where it is done at once
 * @ov: the caller's; NULL: return at the end
 * @routine: the caller's
 * @thread: the caller's
 *
 * Return: as wsp_op_submit().
 */
int wsp_io_op_recv(SOCKET s, const struct msghdr *msg, int flags, struct sockaddr *from,
		   int *fromlen, DWORD *count, DWORD *out_flags, LPWSAOVERLAPPED ov,
		   LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread)
{
	struct io_op *io = io_op_new(msg, flags);
	int code;

	if (!io)
		return WSAENOBUFS;
	io->from = from;
	io->fromlen = fromlen;
	code = wsp_op_init(&io->op, &io_op_recv_type, ov, routine, thread);
	if (!code)
		return io_op_start(s, WSP_IN, io, count, out_flags);
	return wsp_op_init_failed(s, &io->op, code);
}
