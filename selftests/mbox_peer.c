// SPDX-License-Identifier: GPL-2.0
/*
 * Both ends of many connections at once, across whatever lies between two
 * named namespaces: data both ways, then disconnect data both ways.  One
 * result per connection: the streams have to be exact with nothing extra,
 * and the disconnect data of each direction delivered or refused as told.
 */
#include "reg_io.h"

#include <getopt.h>

#define MBOX_MAX	256
#define MBOX_DISC	200
#define MBOX_ROOM	4096
#define MBOX_ACCEPT_MS	30000

struct mbox_opt {
	const char *ns[2];
	const char *addr;
	const char *dev[2];
	int port;
	int conns;
	int connect_ms;
	int end_ms;
	int min_data;
	enum reg_want want[2];
};

/* One end; @id is its own number, @peer the number the other end sent. */
struct mbox_end {
	int fd;
	int id;
	int peer;
	int sent;
	int connect_ms;
	bool eof;
	const char *bad;
	size_t got;
	unsigned char buf[MBOX_ROOM];
};

static struct mbox_opt opt = {
	.port = 7000,
	.conns = 5,
	.connect_ms = 5000,
	.end_ms = 20000,
};

/* The client's ends and the server's. */
static struct mbox_end ends[2][MBOX_MAX];
static const size_t mbox_len[2] = { 3000, 2000 };

static unsigned int mbox_seed(int side, int id)
{
	return id * 2 + side;
}

static void mbox_die(const char *what)
{
	printf("Bail out! %s: %s\n", what, strerror(errno));
	exit(1);
}

static void mbox_enter(int side)
{
	char path[128];
	int fd;

	if (!opt.ns[side])
		return;
	snprintf(path, sizeof(path), "/run/netns/%s", opt.ns[side]);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		mbox_die(path);
	close(fd);
}

static socklen_t mbox_addr(bool any, struct sockaddr_storage *ss)
{
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)ss;
	struct sockaddr_in *in4 = (struct sockaddr_in *)ss;

	memset(ss, 0, sizeof(*ss));
	in4->sin_port = htons(opt.port);
	if (inet_pton(AF_INET, any ? "0.0.0.0" : opt.addr,
		      &in4->sin_addr) == 1 && !strchr(opt.addr, ':')) {
		in4->sin_family = AF_INET;
		return sizeof(*in4);
	}
	memset(ss, 0, sizeof(*ss));
	in6->sin6_port = htons(opt.port);
	in6->sin6_family = AF_INET6;
	if (inet_pton(AF_INET6, any ? "::" : opt.addr, &in6->sin6_addr) != 1)
		mbox_die(opt.addr);
	return sizeof(*in6);
}

static int mbox_socket(int side)
{
	struct sockaddr_storage ss;
	const char *dev = opt.dev[side];
	int fd;

	mbox_addr(true, &ss);
	fd = socket(ss.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		mbox_die("socket");
	if (reg_attach(fd))
		mbox_die("attach");
	if (dev && setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, dev,
			      strlen(dev)))
		mbox_die("SO_BINDTODEVICE");
	return fd;
}

static int mbox_listen(void)
{
	struct sockaddr_storage ss;
	socklen_t len = mbox_addr(true, &ss);
	int fd;

	mbox_enter(1);
	fd = mbox_socket(1);
	reg_setint(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (bind(fd, (struct sockaddr *)&ss, len) || listen(fd, MBOX_MAX))
		mbox_die("listen");
	return fd;
}

/* Starts every connect at once: a box that eats SYNs costs its time once. */
static void mbox_connect(int listener)
{
	struct pollfd pfd[MBOX_MAX + 1];
	int i, connected = 0, accepted = 0;
	struct sockaddr_storage ss;
	long start[MBOX_MAX], end;
	socklen_t len = mbox_addr(false, &ss);

	mbox_enter(0);
	for (i = 0; i < opt.conns; i++) {
		int fd = mbox_socket(0);

		ends[0][i].fd = fd;
		ends[0][i].id = i;
		pfd[i].fd = fd;
		pfd[i].events = POLLOUT;
		start[i] = reg_ms();
		if (connect(fd, (struct sockaddr *)&ss, len) &&
		    errno != EINPROGRESS)
			mbox_die("connect");
	}
	pfd[i].fd = listener;
	pfd[i].events = POLLIN;

	end = reg_ms() + MBOX_ACCEPT_MS;
	while ((connected < opt.conns || accepted < opt.conns) &&
	       reg_ms() < end) {
		if (poll(pfd, opt.conns + 1, 100) <= 0)
			continue;
		for (i = 0; i < opt.conns; i++) {
			int err = 0;
			socklen_t elen = sizeof(err);

			if (pfd[i].fd < 0 || !pfd[i].revents)
				continue;
			getsockopt(pfd[i].fd, SOL_SOCKET, SO_ERROR, &err,
				   &elen);
			if (err)
				ends[0][i].bad = strerrorname_np(err);
			ends[0][i].connect_ms = reg_ms() - start[i];
			pfd[i].fd = -1;
			connected++;
		}
		if (pfd[i].revents && accepted < opt.conns) {
			int fd = accept4(listener, NULL, NULL,
					 SOCK_CLOEXEC | SOCK_NONBLOCK);

			if (fd < 0)
				continue;
			ends[1][accepted].id = accepted;
			ends[1][accepted++].fd = fd;
		}
	}
	for (i = 0; i < opt.conns; i++)
		if (pfd[i].fd >= 0)
			ends[0][i].bad = "never connected";
	for (; accepted < opt.conns; accepted++)
		ends[1][accepted].fd = -1;
}

static void mbox_send(int side, struct mbox_end *e)
{
	unsigned int seed = mbox_seed(side, e->id);
	unsigned char buf[MBOX_ROOM];
	__u32 id = htonl(e->id);

	reg_fill(buf, sizeof(buf), seed, 0);
	memcpy(buf, &id, sizeof(id));
	if (send(e->fd, buf, mbox_len[side], MSG_NOSIGNAL) !=
	    (ssize_t)mbox_len[side]) {
		e->bad = "send";
		return;
	}
	e->sent = reg_disc_end(e->fd, seed + 7, MBOX_DISC, opt.want[side]);
	if (e->sent < 0)
		e->bad = "disconnect";
}

static void mbox_recv(struct mbox_end *e)
{
	size_t room = sizeof(e->buf) - e->got;
	ssize_t n = recv(e->fd, e->buf + e->got, room, MSG_DONTWAIT);

	if (n > 0)
		e->got += n;
	else if (n < 0 && errno != EAGAIN)
		e->bad = strerrorname_np(errno);
	if (!n)
		e->eof = true;
	if (e->got == sizeof(e->buf))
		e->bad = "stream far too long";
}

static bool mbox_is_open(const struct mbox_end *e)
{
	return e->fd >= 0 && !e->eof && !e->bad;
}

static void mbox_transfer(void)
{
	static struct pollfd pfd[2 * MBOX_MAX];
	long end = reg_ms() + opt.end_ms;
	int i, side, open;

	for (i = 0; i < opt.conns; i++)
		for (side = 0; side < 2; side++)
			if (mbox_is_open(&ends[side][i]))
				mbox_send(side, &ends[side][i]);
	do {
		open = 0;
		for (i = 0; i < 2 * opt.conns; i++) {
			struct mbox_end *e = &ends[i % 2][i / 2];

			pfd[i].fd = mbox_is_open(e) ? e->fd : -1;
			pfd[i].events = POLLIN;
			open += mbox_is_open(e);
		}
		if (!open || poll(pfd, 2 * opt.conns, 100) < 0)
			break;
		for (i = 0; i < 2 * opt.conns; i++)
			if (pfd[i].fd >= 0 && pfd[i].revents)
				mbox_recv(&ends[i % 2][i / 2]);
	} while (reg_ms() < end);
}

/* What the end received, against what the end it names has sent. */
static const char *mbox_judge(int side, struct mbox_end *e)
{
	const struct mbox_end *from;
	unsigned int seed;
	__u32 id;

	if (e->bad)
		return e->bad;
	if (e->fd < 0)
		return "never accepted";
	if (!e->eof)
		return "no end of stream";
	if (e->got != mbox_len[!side])
		return "wrong stream length";
	memcpy(&id, e->buf, sizeof(id));
	e->peer = ntohl(id);
	if (e->peer < 0 || e->peer >= opt.conns)
		return "wrong stream start";
	from = &ends[!side][e->peer];
	seed = mbox_seed(!side, from->id);
	if (!reg_is(e->buf + 4, e->got - 4, seed, 4))
		return "wrong stream";
	if (from->sent >= 0 &&
	    reg_disc_check(e->fd, seed + 7, MBOX_DISC, from->sent))
		return "wrong disconnect data";
	return NULL;
}

/* The namespaces go as soon as we do, and with them the last packets. */
static void mbox_close(void)
{
	int i, side;

	for (i = 0; i < opt.conns; i++)
		for (side = 0; side < 2; side++)
			reg_abort(ends[side][i].fd);
}

static int mbox_report(void)
{
	int i, failed = 0, delivered = 0;

	printf("1..%d\n", opt.conns + !!opt.min_data);
	/* The servers first: they tell each client which one it got. */
	for (i = 0; i < opt.conns; i++)
		ends[1][i].bad = mbox_judge(1, &ends[1][i]);
	for (i = 0; i < opt.conns; i++) {
		struct mbox_end *c = &ends[0][i];
		const char *bad = mbox_judge(0, c);
		struct mbox_end *s = &ends[1][bad ? i : c->peer];

		if (!bad && s->bad)
			bad = s->bad;
		if (!bad && s->peer != i)
			bad = "ends do not match";
		if (!bad && c->connect_ms > opt.connect_ms)
			bad = "connected too late";
		if (!bad && c->sent > 0 && s->sent > 0)
			delivered++;
		printf("%sok %d connection: %d ms, to server %s, to client %s%s%s\n",
		       bad ? "not " : "", i + 1, c->connect_ms,
		       c->sent > 0 ? "data" : "fallback",
		       s->sent > 0 ? "data" : "fallback",
		       bad ? " # " : "", bad ? bad : "");
		failed += !!bad;
	}
	if (opt.min_data) {
		printf("%sok %d both directions delivered on %d of %d\n",
		       delivered < opt.min_data ? "not " : "", i + 1,
		       delivered, opt.conns);
		failed += delivered < opt.min_data;
	}
	return failed;
}

static enum reg_want mbox_want(const char *arg)
{
	static const char * const names[] = {
		[REG_DATA] = "data",
		[REG_FALLBACK] = "fallback",
		[REG_EITHER] = "either",
		NULL
	};
	unsigned int i;

	for (i = 0; names[i]; i++)
		if (!strcmp(arg, names[i]))
			return i;
	errno = EINVAL;
	mbox_die(arg);
	return REG_EITHER;
}

static void mbox_usage(void)
{
	fprintf(stderr,
		"usage: mbox_peer -c netns -s netns [-n conns] [-p port]\n"
		"  [-C data|fallback|either] [-S data|fallback|either]\n"
		"  [-t connect_ms] [-e end_ms] [-m min_delivered]\n"
		"  [-d client_dev] [-D server_dev] server_address\n");
	exit(2);
}

int main(int argc, char **argv)
{
	int c, listener, failed;

	while ((c = getopt(argc, argv, "c:s:n:p:C:S:t:e:m:d:D:")) != -1) {
		switch (c) {
		case 'c':
			opt.ns[0] = optarg;
			break;
		case 's':
			opt.ns[1] = optarg;
			break;
		case 'n':
			opt.conns = atoi(optarg);
			break;
		case 'p':
			opt.port = atoi(optarg);
			break;
		case 'C':
			opt.want[0] = mbox_want(optarg);
			break;
		case 'S':
			opt.want[1] = mbox_want(optarg);
			break;
		case 't':
			opt.connect_ms = atoi(optarg);
			break;
		case 'e':
			opt.end_ms = atoi(optarg);
			break;
		case 'm':
			opt.min_data = atoi(optarg);
			break;
		case 'd':
			opt.dev[0] = optarg;
			break;
		case 'D':
			opt.dev[1] = optarg;
			break;
		default:
			mbox_usage();
		}
	}
	if (optind + 1 != argc || opt.conns < 1 || opt.conns > MBOX_MAX)
		mbox_usage();
	opt.addr = argv[optind];

	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("KTAP version 1\n");
	/* Nothing here may hang a test run. */
	alarm((opt.connect_ms + opt.end_ms + MBOX_ACCEPT_MS) / 1000 + 10);
	listener = mbox_listen();
	mbox_connect(listener);
	mbox_transfer();
	failed = mbox_report();
	mbox_close();
	return failed ? 1 : 0;
}
