// SPDX-License-Identifier: GPL-2.0
/*
 * 10,000 sockets lingering at the same time in one process with one thread
 * (CL-18): the loop that closes them does not stall, and each comes to its own
 * end: the peers of one half read, those of the other half do not. $WSP_MANY: how
 * many, for a kernel on which all takes longer.
 */
#define _GNU_SOURCE
#include "kselftest_harness.h"
#include "linger.h"

#include <sys/epoll.h>
#include <sys/resource.h>

#define MANY		10000
#define MANY_FDS	(2 * MANY + 100)
/* Longer than closing and draining all of them takes. */
#define MANY_MS		20000

/* The kernel's least. */
#define MANY_BUF	4608

/**
 * struct many - one of the connections
 * @fd: the lingering end, -1 once it is closed
 * @peer: the other end
 * @sent: bytes written to @fd
 * @got: bytes read from @peer
 * @start: when the close began
 * @over: whether @peer has seen the end that it should
 */
struct many {
	int fd;
	int peer;
	unsigned int sent;
	unsigned int got;
	long start;
	bool over;
};

static struct many many[MANY];
static int many_count;

static bool many_reads(const struct many *m)
{
	return (m - many) % 2 == 0;
}

FIXTURE(many) {
	int epoll;
};

FIXTURE_VARIANT(many) {
	enum reg_family family;
	bool keep;
};

/* Closed at once, or kept to look at the result. */
FIXTURE_VARIANT_ADD(many, v4_close) { REG_V4, false };
FIXTURE_VARIANT_ADD(many, v6_start) { REG_V6, true };

/* These are the machine's, not a namespace's, and it is ours alone. */
static int many_limits(void)
{
	struct rlimit lim = { MANY_FDS, MANY_FDS };

	if (setrlimit(RLIMIT_NOFILE, &lim))
		return reg_fail("RLIMIT_NOFILE");
	return reg_sysctl("net/ipv4/tcp_max_orphans", "65536") ||
	       reg_sysctl("net/ipv4/tcp_mem", "200000 250000 300000") ||
	       /* Of thousands of resets at one moment none is sent again. */
	       reg_sysctl("net/core/netdev_max_backlog", "20000") ||
	       reg_ns_lo() ? -1 : 0;
}

static int many_connect(const struct reg_conf *conf, int listener,
			unsigned short port, struct many *m)
{
	static unsigned char buf[4096];
	ssize_t n;

	m->fd = reg_client(conf);
	if (m->fd < 0 || reg_connect(m->fd, conf, port))
		return reg_fail("connect");
	m->peer = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (m->peer < 0)
		return reg_fail("accept");
	reg_fill(buf, sizeof(buf), m - many, 0);
	/* Until the buffers are full; how full is all the same. */
	while ((n = send(m->fd, buf, sizeof(buf),
			 MSG_NOSIGNAL | MSG_DONTWAIT)) > 0) {
		m->sent += n;
		reg_fill(buf, sizeof(buf), m - many, m->sent);
	}
	return errno == EAGAIN ? 0 : reg_fail("send");
}

FIXTURE_SETUP(many)
{
	struct reg_conf conf = {
		.family = variant->family,
		.attach = REG_BOTH,
		.rcvbuf = MANY_BUF,
		.sndbuf = MANY_BUF,
	};
	const char *count = getenv("WSP_MANY");
	int i, listener;

	many_count = count ? atoi(count) : MANY;
	ASSERT_TRUE(many_count > 0 && many_count <= MANY);
	ASSERT_EQ(0, many_limits());
	self->epoll = epoll_create1(EPOLL_CLOEXEC);
	ASSERT_LE(0, self->epoll);
	listener = reg_listen(&conf);
	ASSERT_LE(0, listener);
	for (i = 0; i < many_count; i++) {
		struct many *m = many + i;
		struct epoll_event ev = { .data.ptr = m };

		ASSERT_EQ(0, many_connect(&conf, listener, reg_port(listener),
					  m));
		ASSERT_EQ(0, linger_option(m->fd, 1, MANY_MS / 1000));
		ASSERT_EQ(0, reg_nonblock(m->fd, true));
		ASSERT_EQ(0, linger_set_mode(m->fd, WSP_LINGER_MODE_ASYNC));
		/* The others only care for a reset, which comes unasked. */
		if (many_reads(m))
			ev.events = EPOLLIN;
		ASSERT_EQ(0, epoll_ctl(self->epoll, EPOLL_CTL_ADD, m->peer,
				       &ev));
	}
}

FIXTURE_TEARDOWN(many)
{
}

/* One event at a peer; false if it is not what must happen. */
static bool many_event(struct many *m)
{
	unsigned char buf[8192];
	ssize_t n;

	if (!many_reads(m)) {
		m->over = true;
		/* A reset, and not a moment early. */
		return reg_poll(m->peer, 0, 0) & POLLERR &&
		       reg_ms() - m->start >= MANY_MS / 2;
	}
	n = recv(m->peer, buf, sizeof(buf), MSG_DONTWAIT);
	if (n < 0)
		return errno == EAGAIN;
	m->over = !n;
	if (!n)
		return m->got == m->sent;
	if (!reg_is(buf, n, m - many, m->got))
		return false;
	m->got += n;
	return true;
}

/*
 * Serves all peers; how many of each kind came to their right end, and when
 * the last of each did.
 */
static void many_serve(int epoll, int ms, int end[2], long last[2])
{
	struct epoll_event ev[64];
	long limit = reg_ms() + ms;
	int i, n, bad = 0;

	while (end[0] + end[1] + bad < many_count && reg_ms() < limit) {
		n = epoll_wait(epoll, ev, 64, 1000);
		for (i = 0; i < n; i++) {
			struct many *m = ev[i].data.ptr;

			if (!many_event(m)) {
				bad++;
			} else if (m->over) {
				end[many_reads(m)]++;
				last[many_reads(m)] = reg_ms();
			} else {
				continue;
			}
			epoll_ctl(epoll, EPOLL_CTL_DEL, m->peer, NULL);
		}
	}
	if (bad)
		fprintf(stderr, "# %d came to a wrong end\n", bad);
}

/* POLLHUP at each that was kept; how many came to which result. */
static void many_results(int state[WSP_LINGER_CANCELLED + 1])
{
	struct epoll_event ev[64];
	long limit = reg_ms() + REG_SOON_MS;
	int i, n, left = many_count, epoll = epoll_create1(EPOLL_CLOEXEC);

	for (i = 0; i < many_count; i++) {
		ev[0] = (struct epoll_event) { .data.fd = many[i].fd };
		epoll_ctl(epoll, EPOLL_CTL_ADD, many[i].fd, ev);
	}
	while (left && reg_ms() < limit) {
		n = epoll_wait(epoll, ev, 64, 1000);
		for (i = 0; i < n; i++) {
			if (!(ev[i].events & EPOLLHUP))
				continue;
			state[linger_state(ev[i].data.fd)]++;
			close(ev[i].data.fd);
			left--;
		}
	}
}

TEST_F_TIMEOUT(many, CL_18_each_comes_to_its_end, 240)
{
	int state[WSP_LINGER_CANCELLED + 1] = { 0 }, end[2] = { 0 }, i;
	long start = reg_ms(), took, last[2] = { 0 };

	for (i = 0; i < many_count; i++) {
		struct many *m = many + i;

		m->start = reg_ms();
		ASSERT_EQ(0, variant->keep ? linger_start(m->fd, MANY_MS) :
					     close(m->fd));
	}
	took = reg_ms() - start;
	TH_LOG("%d closes took %ld ms, %d ms of linger each", many_count, took,
	       MANY_MS);
	/* Not even one of them has waited. */
	EXPECT_GT(MANY_MS / 2, took);

	many_serve(self->epoll, 2 * MANY_MS + REG_SOON_MS, end, last);
	EXPECT_EQ(many_count / 2, end[0]);
	EXPECT_EQ(many_count / 2, end[1]);
	TH_LOG("the last drained after %ld ms, the last was reset after %ld ms",
	       last[1] - start, last[0] - start);
	if (!variant->keep)
		return;
	many_results(state);
	EXPECT_EQ(many_count / 2, state[WSP_LINGER_DRAINED]);
	EXPECT_EQ(many_count / 2, state[WSP_LINGER_EXPIRED]);
}

TEST_HARNESS_MAIN
