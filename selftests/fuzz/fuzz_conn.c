// SPDX-License-Identifier: GPL-2.0
/*
 * Connections whose both ends belong to one worker, which therefore knows
 * what each must see: every byte in order, the disconnect data that was sent
 * or armed and no other, and at a clean end all of it.
 */
#include "fuzz.h"

#include <linux/sockios.h>
#include <sys/uio.h>

/* For the end to come in, retransmissions on a bad path included. */
#define FINISH_MS	60000

static const int conn_send_errnos[] = {
	EAGAIN, EPIPE, ECONNRESET, ETIMEDOUT, EHOSTUNREACH, EMSGSIZE, EINVAL, 0
};

static const int conn_recv_errnos[] = {
	EAGAIN, ECONNRESET, ETIMEDOUT, ESHUTDOWN, EHOSTUNREACH, ENOTCONN, EPIPE,
	EMSGSIZE, 0
};

static const int conn_arm_errnos[] = { ENOTTY, EMSGSIZE, ESHUTDOWN, ENOMEM, 0 };
static const int conn_disc_errnos[] = { ENOTTY, ENOTCONN, ENOPROTOOPT, 0 };

static unsigned char conn_byte(const struct fz_conn *c, int way, uint64_t off)
{
	unsigned int b = (c->id + way * 17 + off * 7 + (off >> 8) * 13) & 0x7f;

	return b == FZ_OOB ? 0 : b;
}

static struct fz_conn *conn_pick(struct fz_worker *w, int *way)
{
	struct fz_conn *c = &w->conns[fz_below(w, FZ_CONNS)];

	*way = fz_below(w, 2);
	return c->open && c->fd[*way] >= 0 ? c : NULL;
}

/* A send failed, and took the error that a read would have seen. */
static void conn_broke(struct fz_conn *c, int way)
{
	if (reg_tcp_state(c->fd[way]) == TCP_CLOSE)
		c->reset = true;
}

static void conn_fill(const struct fz_conn *c, int way, unsigned char *buf,
		      uint32_t len)
{
	uint64_t off = c->way[way].tx;
	uint32_t i;

	for (i = 0; i < len; i++)
		buf[i] = conn_byte(c, way, off + i);
}

/* Out of reach of those who work on lower numbers. */
static int conn_move(int fd)
{
	int to = fcntl(fd, F_DUPFD_CLOEXEC, FZ_FD_CONN);

	close(fd);
	return to;
}

static void conn_close(struct fz_conn *c, int end)
{
	if (c->fd[end] >= 0)
		close(c->fd[end]);
	c->fd[end] = -1;
	if (c->fd[!end] < 0)
		c->open = false;
}

static void conn_drop(struct fz_conn *c)
{
	int i;

	for (i = 0; i < 2; i++)
		if (c->fd[i] >= 0)
			reg_abort(c->fd[i]);
	c->open = false;
}

/* A listener armed for its children is armed with @nonce. */
static int conn_make(struct fz_worker *w, struct reg_conf *conf, int fd[2],
		     uint32_t *armed, uint32_t *armed_len)
{
	struct wsp_disc_args args = { .flags = WSP_DISC_INHERIT };
	int l = reg_listen(conf);

	if (l < 0)
		return -1;
	if (conf->attach & REG_SERVER && fz_one_in(w, 4)) {
		args.len = 5 + fz_size(w, 600);
		*armed = (fz_u64(&w->rng) & 0xfffffff) | 1;
		args.data = (uintptr_t)w->buf;
		fz_disc_fill(w->buf, args.len, *armed);
		*armed_len = args.len;
		if (ioctl(l, WSP_DISC_ARM, &args))
			*armed = 0;
	}
	fz_timeouts(l, 20);
	fd[0] = reg_client(conf);
	reg_nonblock(fd[0], true);
	fz_timeouts(fd[0], 20);
	fz_what(w, "connect");
	fd[1] = -1;
	if (reg_connect(fd[0], conf, reg_port(l)) && errno != EINPROGRESS)
		goto out;
	fz_what(w, "accept");
	if (reg_poll(l, POLLIN, 2000))
		fd[1] = accept4(l, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
out:
	close(l);
	if (fd[1] < 0) {
		reg_abort(fd[0]);
		return -1;
	}
	return 0;
}

void fz_conn_open(struct fz_worker *w)
{
	/* Plain ones only now and then. */
	static const enum reg_attach attach[] = {
		REG_BOTH, REG_BOTH, REG_BOTH, REG_BOTH, REG_BOTH,
		REG_CLIENT, REG_SERVER, REG_NEITHER,
	};
	struct fz_conn *c = &w->conns[fz_below(w, FZ_CONNS)];
	struct reg_conf conf = {
		.family = fz_below(w, 3),
		.attach = attach[fz_below(w, FZ_ARRAY_SIZE(attach))],
		.rcvbuf = fz_one_in(w, 3) ? fz_size(w, 100000) : 0,
		.sndbuf = fz_one_in(w, 3) ? fz_size(w, 100000) : 0,
		.maxseg = fz_one_in(w, 6) ? 88 + fz_below(w, 1400) : 0,
	};
	bool box = fz_one_in(w, 3);
	uint32_t armed = 0, armed_len = 0;
	int fd[2];

	if (c->open)
		return;
	conf.ns[0] = fz_nets[box ? FZ_BOX_CLIENT : FZ_CLIENT];
	conf.ns[1] = fz_nets[box ? FZ_BOX_SERVER : FZ_SERVER];
	w->net = -1;
	if (conn_make(w, &conf, fd, &armed, &armed_len)) {
		fz_count(w, -1);
		return;
	}
	fz_count(w, 0);
	memset(c, 0, sizeof(*c));
	c->fd[0] = conn_move(fd[0]);
	c->fd[1] = conn_move(fd[1]);
	c->box = box;
	c->id = w->index * 31 + (unsigned int)w->op;
	c->way[1].armed = armed;
	c->way[1].armed_len = armed_len;
	c->open = true;
	atomic_fetch_add(&fz->conns, 1);
}

void fz_conn_send(struct fz_worker *w)
{
	int way, flags = MSG_NOSIGNAL | (fz_one_in(w, 3) ? 0 : MSG_DONTWAIT);
	struct fz_conn *c = conn_pick(w, &way);
	uint32_t len = fz_size(w, 40000);
	struct fz_way *d;
	struct iovec iov;
	ssize_t n;

	if (!c)
		return;
	d = &c->way[way];
	conn_fill(c, way, w->buf, len);
	if (fz_one_in(w, 4))
		flags |= MSG_MORE;
	if (fz_one_in(w, 4))
		flags |= MSG_EOR;
	fz_what(w, "send");
	if (fz_one_in(w, 6)) {
		iov = (struct iovec){ w->buf, len };
		n = writev(c->fd[way], &iov, 1);
	} else {
		n = send(c->fd[way], w->buf, len, flags);
	}
	if (fz_errno(w, n, conn_send_errnos))
		d->tx += n;
	else if (errno != EAGAIN)
		conn_broke(c, way);
	if (n > 0 && d->ended)
		fz_fail(w, FZ_STATE, "%zd bytes sent behind the end", n);
}

void fz_conn_oob(struct fz_worker *w)
{
	unsigned char byte = FZ_OOB;
	struct fz_conn *c;
	int way;
	ssize_t n;

	c = conn_pick(w, &way);
	if (!c)
		return;
	if (fz_one_in(w, 2)) {
		fz_what(w, "send oob");
		n = send(c->fd[way], &byte, 1,
			 MSG_OOB | MSG_NOSIGNAL | MSG_DONTWAIT);
		if (fz_errno(w, n, fz_tcp_errnos))
			c->way[way].oob_tx++;
		else
			conn_broke(c, way);
		return;
	}
	if (fz_one_in(w, 4))
		reg_setint(c->fd[way], SOL_SOCKET, SO_OOBINLINE,
			   fz_below(w, 2));
	fz_what(w, "recv oob");
	n = recv(c->fd[way], &byte, 1, MSG_OOB | MSG_DONTWAIT |
		 (fz_one_in(w, 3) ? MSG_PEEK : 0));
	fz_errno(w, n, fz_tcp_errnos);
	if (n == 1 && byte != FZ_OOB)
		fz_fail(w, FZ_STREAM, "urgent byte %#x", byte);
}

/* Both ends of the way to fd[@end], for the reader of a failure. */
static void conn_show(const struct fz_worker *w, const struct fz_conn *c,
		      int end)
{
	const struct fz_way *d = &c->way[!end];
	struct wsp_info info = { 0 };
	struct tcp_info ti = { 0 };
	socklen_t len = sizeof(ti);
	int i, queued = -1;

	dprintf(STDOUT_FILENO,
		"# worker %u:%s%s, %u bytes of disconnect data%s\n", w->index,
		c->box ? " through the box" : "", d->ended ? ", ended" : "",
		d->len, d->sure ? "" : ", perhaps");
	for (i = 0; i < 2; i++) {
		getsockopt(c->fd[i], IPPROTO_TCP, TCP_INFO, &ti, &len);
		ioctl(c->fd[i], WSP_INFO_GET, &info);
		ioctl(c->fd[i], SIOCOUTQ, &queued);
		dprintf(STDOUT_FILENO,
			"# %s: state %d, wsp %#x, mss %u, %d not acknowledged, %u timeouts now, %u retransmissions in all\n",
			i == end ? "reader" : "writer", ti.tcpi_state,
			info.flags, ti.tcpi_snd_mss, queued,
			ti.tcpi_retransmits, ti.tcpi_total_retrans);
	}
}

/* @n bytes in w->buf2 that fd[@end] read. */
static void conn_check(struct fz_worker *w, struct fz_conn *c, int end,
		       ssize_t n, bool peek)
{
	struct fz_way *d = &c->way[!end], now = *d;
	ssize_t i;

	if (n <= 0)
		return;
	atomic_fetch_add_explicit(&fz->checked[FZ_STREAM], 1,
				  memory_order_relaxed);
	atomic_fetch_add_explicit(&fz->bytes, n, memory_order_relaxed);
	for (i = 0; i < n; i++) {
		unsigned char want = conn_byte(c, !end, now.rx);

		if (w->buf2[i] == FZ_OOB && now.oob_rx < now.oob_tx) {
			now.oob_rx++;
			continue;
		}
		if (w->buf2[i] != want || now.rx >= now.tx) {
			conn_show(w, c, end);
			fz_fail(w, FZ_STREAM,
				"byte %llu of %llu is %#x, not %#x, %zd of %zd read; urgent %u of %u%s",
				(unsigned long long)now.rx,
				(unsigned long long)now.tx, w->buf2[i], want,
				i, n, now.oob_rx, now.oob_tx,
				peek ? ", peeked" : "");
			conn_drop(c);
			return;
		}
		now.rx++;
	}
	if (d->eof)
		fz_fail(w, FZ_STREAM, "%zd bytes behind the end, urgent %u of %u",
			n, now.oob_rx, now.oob_tx);
	if (!peek)
		*d = now;
}

static ssize_t conn_splice(struct fz_worker *w, int fd, uint32_t len)
{
	ssize_t n = splice(fd, NULL, w->pipe[1], NULL, len, SPLICE_F_NONBLOCK);
	ssize_t got = 0, m;

	while (n > 0 && (m = read(w->pipe[0], w->buf2 + got, FZ_BUF - got)) > 0)
		got += m;
	if (n > 0 && got != n)
		fz_fail(w, FZ_STREAM, "splice: %zd of %zd bytes", got, n);
	return n;
}

static void conn_recv(struct fz_worker *w, struct fz_conn *c, int end,
		      uint32_t len, int flags)
{
	struct fz_way *d = &c->way[!end];
	ssize_t n;

	if (flags < 0)
		n = conn_splice(w, c->fd[end], len);
	else
		n = recv(c->fd[end], w->buf2, len, flags);
	fz_errno(w, n, conn_recv_errnos);
	if (n < 0 && errno != EAGAIN)
		d->broken = true;
	/* TCP's splice() says 0 also at an urgent byte it cannot pass. */
	if (!n && len && (flags >= 0 || !d->oob_tx))
		d->eof = true;
	conn_check(w, c, end, n, flags > 0 && flags & MSG_PEEK);
}

void fz_conn_recv(struct fz_worker *w)
{
	static const int flags[] = {
		0, MSG_DONTWAIT, MSG_DONTWAIT, MSG_PEEK | MSG_DONTWAIT,
		MSG_WAITALL, MSG_WAITALL | MSG_PEEK, -1,
	};
	struct fz_conn *c;
	int end;

	c = conn_pick(w, &end);
	if (!c)
		return;
	fz_what(w, "recv");
	conn_recv(w, c, end, 1 + fz_size(w, FZ_BUF - 1),
		  flags[fz_below(w, FZ_ARRAY_SIZE(flags))]);
}

/* The send direction has ended without data of its own. */
static void conn_ended(struct fz_way *d)
{
	if (d->ended)
		return;
	d->ended = true;
	d->nonce = d->armed;
	d->len = d->armed_len;
	d->armed = 0;
}

void fz_conn_arm(struct fz_worker *w)
{
	struct wsp_disc_args args = { .data = (uintptr_t)w->buf };
	struct fz_conn *c;
	struct fz_way *d;
	uint32_t nonce;
	int way;

	c = conn_pick(w, &way);
	if (!c)
		return;
	d = &c->way[way];
	args.len = fz_one_in(w, 4) ? 0 : 5 + fz_size(w, 4200);
	nonce = (fz_u64(&w->rng) & 0xfffffff) | 1;
	fz_disc_fill(w->buf, args.len, nonce);
	fz_what(w, "DISC_ARM");
	if (!fz_errno(w, ioctl(c->fd[way], WSP_DISC_ARM, &args),
		      conn_arm_errnos))
		return;
	if (d->ended && args.len)
		fz_fail(w, FZ_STATE, "armed behind the end");
	d->armed = args.len ? nonce : 0;
	d->armed_len = args.len;
}

/* Ends a direction in one of the ways that leave the descriptor. */
static void conn_end(struct fz_worker *w, struct fz_conn *c, int way)
{
	struct wsp_disc_args args = { .data = (uintptr_t)w->buf };
	struct fz_way *d = &c->way[way];
	int errnos[] = {
		ENOTTY, ENOTCONN, ENOPROTOOPT, EMSGSIZE, ESHUTDOWN, ENOBUFS, 0
	};
	uint32_t nonce = (fz_u64(&w->rng) & 0xfffffff) | 1;
	union {
		struct cmsghdr hdr;
		char room[CMSG_SPACE(WSP_DISC_MAX + 300)];
	} control;
	struct iovec iov = { w->buf2, 0 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control,
	};
	ssize_t n;

	if (fz_one_in(w, 3)) {
		fz_what(w, "shutdown");
		if (fz_errno(w, shutdown(c->fd[way], SHUT_WR),
			     (const int[]){ ENOTCONN, 0 }))
			conn_ended(d);
		return;
	}
	args.len = fz_one_in(w, 8) ? 0 : 5 + fz_size(w, 4200);
	fz_disc_fill(w->buf, args.len, nonce);
	if (fz_one_in(w, 2)) {
		fz_what(w, "DISC_SEND");
		n = ioctl(c->fd[way], WSP_DISC_SEND, &args);
		if (!fz_errno(w, n, errnos))
			return;
	} else {
		/* The last bytes of the stream with it. */
		iov.iov_len = fz_one_in(w, 2) ? 0 : fz_size(w, 3000);
		conn_fill(c, way, w->buf2, iov.iov_len);
		control.hdr.cmsg_level = SOL_WSP;
		control.hdr.cmsg_type = WSP_CMSG_DISC;
		control.hdr.cmsg_len = CMSG_LEN(args.len);
		memcpy(CMSG_DATA(&control.hdr), w->buf, args.len);
		msg.msg_controllen = CMSG_SPACE(args.len);
		fz_what(w, "sendmsg end");
		n = sendmsg(c->fd[way], &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (!fz_errno(w, n, fz_tcp_errnos)) {
			conn_broke(c, way);
			return;
		}
		d->tx += n;
		if (n && d->ended)
			fz_fail(w, FZ_STATE, "sent behind the end");
		/* A plain socket ignores the message; a short one is open. */
		if ((size_t)n < iov.iov_len ||
		    ioctl(c->fd[way], WSP_LINGER_CHECK))
			return;
	}
	if (args.len && d->ended)
		fz_fail(w, FZ_STATE, "data sent behind the end");
	if (!args.len) {
		conn_ended(d);
		return;
	}
	d->ended = true;
	d->sure = true;
	d->nonce = nonce;
	d->len = args.len;
	d->armed = 0;
}

void fz_conn_end(struct fz_worker *w)
{
	struct fz_conn *c;
	int way;

	c = conn_pick(w, &way);
	if (c)
		conn_end(w, c, way);
}

/* What fd[@end] has, against what was sent to it. */
static void conn_disc(struct fz_worker *w, struct fz_conn *c, int end,
		      bool final)
{
	struct wsp_disc_args args = {
		.data = (uintptr_t)w->buf2, .len = FZ_BUF,
		.flags = WSP_DISC_KEEP_RECV,
	};
	struct fz_way *d = &c->way[!end];
	uint32_t nonce;
	int ret;

	fz_what(w, "DISC_RECV");
	ret = ioctl(c->fd[end], WSP_DISC_RECV, &args);
	if (!fz_errno(w, ret, conn_disc_errnos)) {
		if (final && d->sure)
			fz_fail(w, FZ_DISC, "data of %u bytes sent, then",
				d->len);
		return;
	}
	atomic_fetch_add_explicit(&fz->checked[FZ_DISC], 1,
				  memory_order_relaxed);
	if (!args.len) {
		if (final && d->sure)
			fz_fail(w, FZ_DISC, "%u bytes sent, none came", d->len);
		return;
	}
	atomic_fetch_add(&fz->records, 1);
	if (!fz_disc_is(w->buf2, args.len, &nonce) || !d->nonce ||
	    nonce != d->nonce || args.len != d->len)
		fz_fail(w, FZ_DISC, "%u bytes %#x came, not %u bytes %#x",
			args.len, nonce, d->len, d->nonce);
}

void fz_conn_disc(struct fz_worker *w)
{
	struct fz_conn *c;
	int end;

	c = conn_pick(w, &end);
	if (c)
		conn_disc(w, c, end, false);
}

void fz_conn_linger(struct fz_worker *w)
{
	struct wsp_linger_args args = { .timeout = 1 + fz_size(w, 10000) };
	struct fz_conn *c;
	int way;

	c = conn_pick(w, &way);
	if (!c || !fz_one_in(w, 4))
		return;
	fz_what(w, "LINGER_START");
	if (fz_errno(w, ioctl(c->fd[way], WSP_LINGER_START, &args),
		     (const int[]){ ENOTTY, ENOTCONN, EALREADY, ENOMEM, 0 })) {
		conn_ended(&c->way[way]);
		c->reset = true;
	}
	if (fz_one_in(w, 3))
		ioctl(c->fd[way], WSP_LINGER_CANCEL);
}

/* One end goes; what it armed may arrive, what it did not read resets. */
void fz_conn_close(struct fz_worker *w)
{
	struct fz_conn *c;
	int way;

	c = conn_pick(w, &way);
	if (!c || !fz_one_in(w, 4))
		return;
	if (fz_one_in(w, 3))
		fz_linger(c->fd[way], 1, fz_below(w, 2));
	if (fz_one_in(w, 8))
		reg_nonblock(c->fd[way], false);
	c->reset = true;
	fz_what(w, "close");
	conn_ended(&c->way[way]);
	conn_close(c, way);
}

/* Everything must come in, if nothing was done that may break it. */
static bool conn_drain(struct fz_worker *w, struct fz_conn *c, int end)
{
	struct fz_way *d = &c->way[!end];
	long limit = reg_ms() + (c->reset ? 2000 : FINISH_MS);
	uint64_t start = d->rx;

	while (c->open && !d->eof && !d->broken) {
		if (reg_ms() > limit) {
			/* Nobody tells the reader of a writer that gave up. */
			if (!c->reset && c->fd[!end] >= 0 && d->rx == start &&
			    reg_tcp_state(c->fd[!end]) != TCP_CLOSE) {
				conn_show(w, c, end);
				fz_fail(w, FZ_HANG,
					"no end of the stream, byte %llu of %llu",
					(unsigned long long)d->rx,
					(unsigned long long)d->tx);
			}
			/* Tiny windows on a bad path take for ever. */
			c->reset = true;
			return false;
		}
		fz_what(w, "drain");
		reg_poll(c->fd[end], POLLIN, 1000);
		conn_recv(w, c, end, 1 + fz_size(w, FZ_BUF - 1), MSG_DONTWAIT);
	}
	atomic_fetch_add_explicit(&fz->checked[FZ_HANG], 1,
				  memory_order_relaxed);
	return c->open && d->eof;
}

void fz_conn_finish(struct fz_worker *w)
{
	struct fz_conn *c = &w->conns[fz_below(w, FZ_CONNS)];
	int i;

	if (!c->open)
		return;
	for (i = 0; i < 2; i++) {
		if (c->fd[i] < 0)
			continue;
		conn_end(w, c, i);
		fz_what(w, "shutdown");
		if (!shutdown(c->fd[i], SHUT_WR))
			conn_ended(&c->way[i]);
		else if (!c->way[i].ended)
			c->reset = true;
	}
	for (i = 0; i < 2; i++) {
		struct fz_way *d = &c->way[!i];

		if (!c->open || c->fd[i] < 0 || !conn_drain(w, c, i))
			continue;
		if (!c->reset && d->rx != d->tx)
			fz_fail(w, FZ_STREAM, "%llu of %llu bytes, then the end",
				(unsigned long long)d->rx,
				(unsigned long long)d->tx);
		conn_disc(w, c, i, !c->reset);
	}
	fz_what(w, "close");
	for (i = 0; i < 2; i++)
		conn_close(c, i);
	c->open = false;
}
