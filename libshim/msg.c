// SPDX-License-Identifier: LGPL-2.1-or-later
/* WSASendMsg and WSARecvMsg: datagrams with control messages. */
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "extension.h"
#include "io.h"
#include "netevent.h"
#include "overlapped.h"
#include "wsa.h"

#define MSG_CONTROL_MAX	512

/**
 * struct msg_op - a transfer
 * @op: first
 * @msg: as for sendmsg() and recvmsg()
 * @name: address
 * @control: control messages as Linux has them
 * @align: for their alignment
 * @flags: MSG_* bits
 * @theirs: the caller's, to be filled in
 * @vec: buffers
 */
struct msg_op {
	struct wsp_op op;
	struct msghdr msg;
	struct sockaddr_storage name;
	union {
		char control[MSG_CONTROL_MAX];
		struct cmsghdr align;
	};
	int flags;
	LPWSAMSG theirs;
	struct iovec vec[];
};

/* IPv4's packet information is laid out differently, the rest is the same. */
static const struct {
	int level;
	int theirs;
	int ours;
	bool send;
} msg_types[] = {
	{ IPPROTO_IP, 19, IP_PKTINFO, true },
	{ IPPROTO_IP, 21, IP_TTL, false },
	{ IPPROTO_IPV6, 19, IPV6_PKTINFO, true },
	{ IPPROTO_IPV6, 21, IPV6_HOPLIMIT, true },
};

static bool msg_is_pktinfo4(int level, int ours)
{
	return level == IPPROTO_IP && ours == IP_PKTINFO;
}

static bool msg_add(struct msghdr *m, int level, int type, const void *data, size_t len)
{
	struct cmsghdr *c;

	if (m->msg_controllen + CMSG_SPACE(len) > MSG_CONTROL_MAX)
		return false;
	c = (struct cmsghdr *)((char *)m->msg_control + m->msg_controllen);
	memset(c, 0, CMSG_SPACE(len));
	c->cmsg_level = level;
	c->cmsg_type = type;
	c->cmsg_len = CMSG_LEN(len);
	memcpy(CMSG_DATA(c), data, len);
	m->msg_controllen += CMSG_SPACE(len);
	return true;
}

static bool msg_add_theirs(struct msghdr *m, const WSACMSGHDR *c, const char *data, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(msg_types); i++) {
		struct in_pktinfo ours = { 0 };
		struct ws_in_pktinfo theirs;

		if (!msg_types[i].send || msg_types[i].level != c->cmsg_level ||
		    msg_types[i].theirs != c->cmsg_type)
			continue;
		if (!msg_is_pktinfo4(c->cmsg_level, msg_types[i].ours))
			return msg_add(m, c->cmsg_level, msg_types[i].ours, data, len);
		if (len < sizeof(theirs))
			return false;
		memcpy(&theirs, data, sizeof(theirs));
		ours.ipi_spec_dst.s_addr = theirs.ipi_addr;
		ours.ipi_ifindex = (int)theirs.ipi_ifindex;
		return msg_add(m, IPPROTO_IP, IP_PKTINFO, &ours, sizeof(ours));
	}
	return false;
}

/* The caller's control messages, for sending. */
static int msg_take_control(struct msghdr *m, const WSABUF *control)
{
	char copy[MSG_CONTROL_MAX];
	size_t at = 0;

	m->msg_controllen = 0;
	if (control->len > sizeof(copy))
		return WSAEINVAL;
	if (control->len && !wsp_mem_read(copy, control->buf, control->len))
		return WSAEFAULT;
	while (at + sizeof(WSACMSGHDR) <= control->len) {
		WSACMSGHDR c;

		memcpy(&c, copy + at, sizeof(c));
		if (c.cmsg_len < sizeof(c) || c.cmsg_len > control->len - at ||
		    !msg_add_theirs(m, &c, copy + at + sizeof(c), c.cmsg_len - sizeof(c)))
			return WSAEINVAL;
		at += WSA_CMSGDATA_ALIGN(c.cmsg_len);
	}
	return 0;
}

static bool msg_put(char *out, size_t room, size_t *at, int level, int type, const void *data,
		    size_t len)
{
	WSACMSGHDR c = { WSA_CMSG_LEN(len), level, type };

	if (*at + WSA_CMSG_SPACE(len) > room)
		return false;
	memset(out + *at, 0, WSA_CMSG_SPACE(len));
	memcpy(out + *at, &c, sizeof(c));
	memcpy(out + *at + sizeof(c), data, len);
	*at += WSA_CMSG_SPACE(len);
	return true;
}

static bool msg_put_ours(char *out, size_t room, size_t *at, struct cmsghdr *c)
{
	size_t len = c->cmsg_len - CMSG_LEN(0);

	for (size_t i = 0; i < ARRAY_SIZE(msg_types); i++) {
		struct ws_in_pktinfo theirs;
		struct in_pktinfo ours;

		if (msg_types[i].level != c->cmsg_level || msg_types[i].ours != c->cmsg_type)
			continue;
		if (!msg_is_pktinfo4(c->cmsg_level, c->cmsg_type))
			return msg_put(out, room, at, c->cmsg_level, msg_types[i].theirs,
				       CMSG_DATA(c), len);
		memcpy(&ours, CMSG_DATA(c), sizeof(ours));
		theirs.ipi_addr = ours.ipi_addr.s_addr;
		theirs.ipi_ifindex = (ULONG)ours.ipi_ifindex;
		return msg_put(out, room, at, IPPROTO_IP, msg_types[i].theirs, &theirs,
			       sizeof(theirs));
	}
	return true;
}

/* What came, into the caller's WSAMSG. */
static int msg_give(struct msg_op *x, WSAMSG *m, int fd)
{
	char out[MSG_CONTROL_MAX];
	size_t at = 0;
	bool all = true;

	if (m->name && x->msg.msg_namelen) {
		int code = wsp_addr_out(wsp_handle_peek(fd), &x->name, x->msg.msg_namelen, m->name,
					&m->namelen);

		if (code)
			return code;
	}
	m->dwFlags = 0;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&x->msg); c; c = CMSG_NXTHDR(&x->msg, c))
		all &= msg_put_ours(out, m->Control.len < sizeof(out) ? m->Control.len :
				    sizeof(out), &at, c);
	if (at && !wsp_mem_write(m->Control.buf, out, at))
		return WSAEFAULT;
	m->Control.len = (ULONG)at;
	if (!all || (x->msg.msg_flags & MSG_CTRUNC))
		m->dwFlags |= WS_MSG_CTRUNC;
	if (x->msg.msg_flags & MSG_TRUNC)
		m->dwFlags |= WS_MSG_TRUNC;
	return 0;
}

static int msg_send_attempt(struct wsp_op *op)
{
	struct msg_op *x = (struct msg_op *)op;
	int fd = op->chan->fd;
	ssize_t n;

	do {
		n = sendmsg(fd, &x->msg, x->flags | MSG_DONTWAIT | MSG_NOSIGNAL);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EAGAIN ? WSP_OP_AGAIN : wsp_io_error(fd, errno, true);
	op->count = (DWORD)n;
	return 0;
}

static int msg_recv_attempt(struct wsp_op *op)
{
	struct msg_op *x = (struct msg_op *)op;
	int code, fd = op->chan->fd;
	WSAMSG m;
	ssize_t n;

	x->msg.msg_namelen = sizeof(x->name);
	x->msg.msg_controllen = sizeof(x->control);
	do {
		n = recvmsg(fd, &x->msg, x->flags | MSG_DONTWAIT);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EAGAIN ? WSP_OP_AGAIN : wsp_io_error(fd, errno, false);
	op->count = (DWORD)n;
	if (!wsp_mem_read(&m, x->theirs, sizeof(m)))
		return WSAEFAULT;
	code = msg_give(x, &m, fd);
	if (!code && !wsp_mem_write(x->theirs, &m, sizeof(m)))
		code = WSAEFAULT;
	if (!code && (x->msg.msg_flags & MSG_TRUNC))
		code = WSAEMSGSIZE;
	return code;
}

static void msg_recv_end(struct wsp_op *op, int code)
{
	(void)code;
	if (op->chan)
		wsp_netevent_after_recv(op->chan->fd);
}

static const struct wsp_op_type msg_send_type = { .attempt = msg_send_attempt };
static const struct wsp_op_type msg_recv_type = {
	.attempt = msg_recv_attempt,
	.end = msg_recv_end,
};

/* An operation on the caller's buffers. */
static int msg_new(const WSAMSG *m, struct msg_op **out)
{
	struct wsp_io_vec vec;
	struct msg_op *x;
	int code = wsp_io_gather(&vec, m->lpBuffers, m->dwBufferCount);

	if (code)
		return code;
	x = calloc(1, sizeof(*x) + vec.n * sizeof(x->vec[0]));
	if (x) {
		memcpy(x->vec, vec.v, vec.n * sizeof(x->vec[0]));
		x->msg.msg_iov = x->vec;
		x->msg.msg_iovlen = vec.n;
		x->msg.msg_control = x->control;
	}
	wsp_io_release(&vec);
	*out = x;
	return x ? 0 : WSAENOBUFS;
}

/* A blocking call is one that waits for itself; a nonblocking one just tries. */
static int msg_start(SOCKET s, enum wsp_dir d, struct msg_op *x, const struct wsp_op_type *type,
		     DWORD *count, LPWSAOVERLAPPED ov,
		     LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
	DWORD unused;
	int code;

	if (ov && wsp_io_is_sync(s)) {
		ov = NULL;
		routine = NULL;
		count = count ? count : &unused;
	}
	if (!ov && !count) {
		free(x);
		return WSAEFAULT;
	}
	code = wsp_op_init(&x->op, type, ov, routine, NULL);
	if (code)
		return wsp_op_init_failed(s, &x->op, code);
	if (ov)
		return wsp_op_submit(s, d, &x->op, count, NULL);
	code = wsp_op_run(s, d, &x->op, count);
	if (d == WSP_OUT)
		wsp_netevent_after_send(s, code);
	return code;
}

static int msg_begin(SOCKET s, uint32_t off, LPWSAMSG theirs, WSAMSG *m)
{
	int code = wsp_io_check(s, off);
	struct wsp_handle h;

	if (!code)
		code = wsp_handle_get(s, &h);
	if (!code && !(h.state & WSP_H_DGRAM))
		code = WSAEOPNOTSUPP;
	if (!code && !wsp_mem_read(m, theirs, sizeof(*m)))
		code = WSAEFAULT;
	return code;
}

WSA_EXPORT int WSASendMsg(SOCKET s, LPWSAMSG msg, DWORD flags, DWORD *count, LPWSAOVERLAPPED ov,
			  LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
	struct msg_op *x = NULL;
	WSAMSG m;
	int code = msg_begin(s, WSP_H_SEND_OFF, msg, &m);

	if (!code)
		code = msg_new(&m, &x);
	if (!code)
		code = wsp_io_flags(flags, true, &x->flags);
	if (!code && m.name) {
		code = wsp_addr_in(m.name, m.namelen, &x->name);
		x->msg.msg_name = &x->name;
		x->msg.msg_namelen = m.namelen;
	}
	if (!code)
		code = msg_take_control(&x->msg, &m.Control);
	if (!code)
		code = msg_start(s, WSP_OUT, x, &msg_send_type, count, ov, routine);
	else
		free(x);
	return wsp_extension_result(code) ? 0 : SOCKET_ERROR;
}

/**
 * wsp_recvmsg() - WSARecvMsg()
 * @s: datagram socket
 * @msg: in: room for the sender's address, data and control messages; dwFlags
 *	may be WS_MSG_PEEK.  Out: what came; it has to stay until the end
 * @count: out: bytes
 * @ov: as for WSARecv()
 * @routine: as there
 *
 * Errors: those of WSARecvFrom(), and WSAEOPNOTSUPP (a stream).
 */
int wsp_recvmsg(SOCKET s, LPWSAMSG msg, DWORD *count, LPWSAOVERLAPPED ov,
		LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
	struct msg_op *x = NULL;
	WSAMSG m;
	int code = msg_begin(s, WSP_H_RECV_OFF, msg, &m);

	if (!code)
		code = msg_new(&m, &x);
	if (!code)
		code = wsp_io_flags(m.dwFlags, false, &x->flags);
	if (!code) {
		x->msg.msg_name = &x->name;
		x->theirs = msg;
		code = msg_start(s, WSP_IN, x, &msg_recv_type, count, ov, routine);
	} else {
		free(x);
	}
	return wsp_extension_result(code) ? 0 : SOCKET_ERROR;
}
