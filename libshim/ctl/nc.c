// SPDX-License-Identifier: LGPL-2.1-or-later
/* wspctl nc: standard input and output over a connection, and disconnect data. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "ctl.h"

#define NC_BUF	65536

/* One direction. */
struct nc_pipe {
	int from;
	int to;
	bool ended;	/* @from is at its end */
	size_t off;
	size_t len;
	char buf[NC_BUF];
};

struct nc {
	struct ctl_conn conn;
	struct nc_pipe out;	/* to the peer */
	struct nc_pipe in;
};

static int nc_fill(struct nc_pipe *p)
{
	ssize_t n = read(p->from, p->buf, sizeof(p->buf));

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return 0;
	if (n < 0) {
		ctl_say("read: %s", strerror(errno));
		return CTL_FAILED;
	}
	p->ended = !n;
	p->off = 0;
	p->len = n;
	return 0;
}

static int nc_flush(struct nc_pipe *p)
{
	ssize_t n = write(p->to, p->buf + p->off, p->len - p->off);

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return 0;
	if (n < 0) {
		ctl_say("write: %s", strerror(errno));
		return CTL_FAILED;
	}
	p->off += n;
	return 0;
}

static bool nc_full(const struct nc_pipe *p)
{
	return p->off < p->len;
}

/* What a direction waits for, in @from's or @to's slot. */
static void nc_want(const struct nc_pipe *p, struct pollfd *from, struct pollfd *to)
{
	*from = (struct pollfd) { .fd = -1 };
	*to = (struct pollfd) { .fd = -1 };
	if (nc_full(p))
		*to = (struct pollfd) { .fd = p->to, .events = POLLOUT };
	else if (!p->ended)
		*from = (struct pollfd) { .fd = p->from, .events = POLLIN };
}

static int nc_step(struct nc_pipe *p, const struct pollfd *from, const struct pollfd *to)
{
	if (to->fd >= 0 && to->revents)
		return nc_flush(p);
	if (from->fd >= 0 && from->revents)
		return nc_fill(p);
	return 0;
}

static bool nc_done(const struct nc_pipe *p)
{
	return p->ended && !nc_full(p);
}

/* One turn: what may move moves. */
static int nc_turn(struct nc *nc)
{
	struct pollfd pfd[4];
	int n, ret;

	nc_want(&nc->out, &pfd[0], &pfd[1]);
	nc_want(&nc->in, &pfd[2], &pfd[3]);
	n = poll(pfd, 4, ctl_conn_left(&nc->conn));
	if (!n) {
		ctl_say("timeout");
		return CTL_TIMEOUT;
	}
	if (n < 0)
		return 0;
	ret = nc_step(&nc->out, &pfd[0], &pfd[1]);
	return ret ? ret : nc_step(&nc->in, &pfd[2], &pfd[3]);
}

/* Until both directions have ended. */
static int nc_relay(struct nc *nc, const struct ctl_options *opt)
{
	size_t len = opt->data ? strlen(opt->data) : 0;
	bool sent = false, reported = false;
	int ret = 0, how = 0;

	while (!ret && !(nc_done(&nc->in) && nc_done(&nc->out))) {
		ret = nc_turn(nc);
		if (!ret && nc_done(&nc->out) && !sent) {
			how = ctl_conn_send(&nc->conn, opt->data, len);
			sent = true;
		}
		if (!ret && nc_done(&nc->in) && !reported) {
			ctl_conn_report(&nc->conn, opt, stderr);
			reported = true;
		}
	}
	return ret ? ret : how;
}

/**
 * ctl_nc() - wspctl nc
 * @opt: options
 * @argc: arguments: address
 * @argv: them
 */
int ctl_nc(const struct ctl_options *opt, int argc, char **argv)
{
	static struct nc nc;
	int ret, on = 1;

	ret = ctl_conn_open(&nc.conn, opt, argc, argv);
	if (ret)
		return ret;
	/* Neither direction is to wait for the other. */
	ioctl(nc.conn.fd, FIONBIO, &on);
	nc.out.from = STDIN_FILENO;
	nc.out.to = nc.conn.fd;
	nc.in.from = nc.conn.fd;
	nc.in.to = STDOUT_FILENO;
	ret = nc_relay(&nc, opt);
	close(nc.conn.fd);
	return ret;
}
