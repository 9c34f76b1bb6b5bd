// SPDX-License-Identifier: GPL-2.0
/*
 * Network namespaces that come and go while attached listeners, connections,
 * TIME_WAIT, FIN_WAIT2 and orphans are in them.  None may be left behind.
 */
#define _GNU_SOURCE
#include "kselftest_harness.h"
#include "reg_io.h"

#include <sys/wait.h>

#define ROUNDS		50
#define SEED		8
#define BYE		20
#define GONE_MS		60000
/* A look takes this many, which then need their time to go as well. */
#define LOOK		4
/* For looks and rounds whose namespaces are still going; less than ROUNDS. */
#define ROOM		24

FIXTURE(netns) {
	struct reg_conf conf;
	char limit[32];
};

FIXTURE_VARIANT(netns) {
	enum reg_family family;
};

FIXTURE_VARIANT_ADD(netns, v4) {
	.family = REG_V4,
};

FIXTURE_VARIANT_ADD(netns, v6) {
	.family = REG_V6,
};

static int netns_limit(int limit)
{
	char val[16];

	snprintf(val, sizeof(val), "%d", limit);
	return reg_sysctl("user/max_net_namespaces", val);
}

/* Whether a child of ours can have @n namespaces at the same time. */
static bool netns_can_have(int n)
{
	int status = -1;
	pid_t pid = fork();

	if (!pid) {
		for (; n && !unshare(CLONE_NEWNET); n--)
			reg_ns_fd();
		_exit(!!n);
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && !status;
}

/*
 * They are taken down in the background, and so is what a look has taken:
 * the next one has to leave them time.
 */
static bool netns_free(int n)
{
	long end = reg_ms() + GONE_MS;
	int ms = 50;

	while (!netns_can_have(n)) {
		if (reg_ms() > end)
			return false;
		poll(NULL, 0, ms);
		if (ms < 5000)
			ms *= 2;
	}
	return true;
}

/* How many there are now, those that are still going included. */
static int netns_count(void)
{
	int limit = 1;

	while (!netns_limit(limit) && limit < 500 && !netns_can_have(1))
		limit++;
	return limit - 1;
}

/* How many there are for good. */
static int netns_settled(void)
{
	int least = 500, i, n;

	for (i = 0; i < 10; i++) {
		n = netns_count();
		if (n < least) {
			least = n;
			i = 0;
		}
		poll(NULL, 0, 100);
	}
	return least;
}

FIXTURE_SETUP(netns)
{
	int fd = open("/proc/sys/user/max_net_namespaces", O_RDONLY);
	ssize_t n = read(fd, self->limit, sizeof(self->limit) - 1);

	ASSERT_LT(0, n);
	self->limit[n] = 0;
	close(fd);
	self->conf = (struct reg_conf) {
		.family = variant->family,
		.attach = REG_BOTH,
	};
	ASSERT_EQ(0, netns_limit(netns_settled() + ROOM));
}

FIXTURE_TEARDOWN_PARENT(netns)
{
	netns_limit(self->limit[0] ? atoi(self->limit) : 7000);
}

/* Each kind of leftover, in the namespace that ends with the process. */
static int netns_leftovers(const struct reg_conf *conf)
{
	int pair[2], listener;

	if (reg_ns_lo() || reg_sysctl("net/ipv4/tcp_orphan_retries", "1") ||
	    reg_sysctl("net/ipv4/tcp_fin_timeout", "1"))
		return -1;
	listener = reg_listen(conf);
	if (listener < 0)
		return -1;

	/* TIME_WAIT. */
	if (reg_pair(conf, pair) || reg_exchange_both(pair, REG_DATA))
		return -1;

	/* FIN_WAIT2 without an owner: the peer lives, and does not close. */
	if (reg_pair(conf, pair) ||
	    reg_disc_end(pair[0], BYE, REG_DISC_LEN, REG_DATA) != 1 ||
	    !reg_wait_state(pair[0], TCP_FIN_WAIT2))
		return reg_fail("FIN_WAIT2");
	close(pair[0]);

	/* Data and disconnect data that the peer has no room for. */
	if (reg_pair(conf, pair) || reg_stuff(pair[0], SEED) <= 0 ||
	    reg_disc_end(pair[0], BYE, REG_DISC_LEN, REG_DATA) != 1)
		return reg_fail("orphan");
	close(pair[0]);

	/* Connected, never accepted. */
	pair[0] = reg_client(conf);
	if (reg_connect(pair[0], conf, reg_port(listener)) ||
	    reg_send_all(pair[0], 100, SEED))
		return -1;

	/* Disconnect data that nobody fetches. */
	if (reg_pair(conf, pair) ||
	    reg_disc_end(pair[0], BYE, REG_DISC_LEN, REG_DATA) != 1 ||
	    !(reg_poll(pair[1], POLLRDHUP, REG_SOON_MS) & POLLRDHUP))
		return reg_fail("record");
	return 0;
}

TEST_F_TIMEOUT(netns, rounds_leave_nothing_behind, 400)
{
	int i, status;

	for (i = 0; i < ROUNDS; i++) {
		pid_t pid;

		ASSERT_TRUE(netns_free(LOOK)) TH_LOG("round %d", i);
		pid = fork();
		ASSERT_LE(0, pid);
		if (!pid)
			_exit(!!netns_leftovers(&self->conf));
		ASSERT_EQ(pid, waitpid(pid, &status, 0));
		ASSERT_EQ(0, status) TH_LOG("round %d", i);
	}
	/* Not one is missing. */
	EXPECT_TRUE(netns_free(ROOM));
}

/* The listener is in one, its hook too; the connection ends elsewhere. */
TEST_F_TIMEOUT(netns, the_servers_namespace_goes_first, 400)
{
	int i, status;

	for (i = 0; i < 8; i++) {
		pid_t pid;

		ASSERT_TRUE(netns_free(LOOK)) TH_LOG("round %d", i);
		pid = fork();
		ASSERT_LE(0, pid);
		if (!pid) {
			struct reg_conf conf = self->conf;
			int fd[2];

			if (reg_ns_pair(conf.ns, NULL) ||
			    reg_sysctl("net/ipv4/tcp_orphan_retries", "1") ||
			    reg_ns_enter(conf.ns[1]) ||
			    reg_sysctl("net/ipv4/tcp_orphan_retries", "1") ||
			    reg_pair(&conf, fd) ||
			    reg_disc_end(fd[0], BYE, REG_DISC_LEN, REG_DATA) != 1 ||
			    reg_ns_enter(conf.ns[0]))
				_exit(1);
			/* The last of it, but for what is on its way. */
			close(fd[1]);
			close(conf.ns[1]);
			_exit(0);
		}
		ASSERT_EQ(pid, waitpid(pid, &status, 0));
		ASSERT_EQ(0, status) TH_LOG("round %d", i);
	}
	/* Not one is missing. */
	EXPECT_TRUE(netns_free(ROOM));
}

/* A socket keeps its namespace, wherever its process has gone. */
TEST_F(netns, socket_outlives_its_last_process)
{
	int fd[2], ns;

	ASSERT_EQ(0, reg_ns_lo());
	ASSERT_EQ(0, reg_pair(&self->conf, fd));
	ASSERT_EQ(0, reg_ns_lo());
	/* Another one, with sysctls of its own, while the first lives on. */
	ASSERT_EQ(0, reg_sysctl("net/wsp/enable", "0"));
	ns = reg_ns_fd();
	ASSERT_LE(0, ns);
	EXPECT_EQ(0, reg_exchange_both(fd, REG_DATA));
	ASSERT_EQ(0, reg_pair(&self->conf, fd));
	EXPECT_EQ(WSP_FALLBACK_DISABLED, reg_info_fallback(fd[0]));
	EXPECT_EQ(0, reg_exchange_both(fd, REG_FALLBACK));
}

TEST_HARNESS_MAIN
