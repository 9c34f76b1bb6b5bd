// SPDX-License-Identifier: GPL-2.0
/*
 * What inet_diag tells about an attached socket: the ULP's name, and our
 * attributes with the same values as WSP_INFO_GET's.
 */
#define _GNU_SOURCE
#include "obs_fixture.h"

#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>

#define BYE		4
#define BYE_LEN		77

/**
 * struct diag_ulp - INET_DIAG_ULP_INFO of one socket
 * @found: the socket was in the answer
 * @name: of the ULP, empty where none is told
 * @attrs: how many attributes of ours came
 * @seen: which, by enum wsp_diag_attr
 * @val: their values
 */
struct diag_ulp {
	bool found;
	char name[32];
	int attrs;
	bool seen[WSP_DIAG_MAX + 1];
	__u32 val[WSP_DIAG_MAX + 1];
};

static void diag_ours(struct rtattr *rta, struct diag_ulp *ulp)
{
	struct rtattr *a = RTA_DATA(rta);
	int len = RTA_PAYLOAD(rta);

	for (; RTA_OK(a, len); a = RTA_NEXT(a, len)) {
		ulp->attrs++;
		if (a->rta_type > WSP_DIAG_MAX || RTA_PAYLOAD(a) != 4)
			continue;
		ulp->seen[a->rta_type] = true;
		memcpy(&ulp->val[a->rta_type], RTA_DATA(a), 4);
	}
}

static void diag_parse(struct nlmsghdr *nlh, struct diag_ulp *ulp)
{
	struct inet_diag_msg *msg = NLMSG_DATA(nlh);
	struct rtattr *a = (struct rtattr *)(msg + 1);
	int len = nlh->nlmsg_len - NLMSG_LENGTH(sizeof(*msg));

	ulp->found = true;
	for (; RTA_OK(a, len); a = RTA_NEXT(a, len)) {
		struct rtattr *in = RTA_DATA(a);
		int left = RTA_PAYLOAD(a);

		if ((a->rta_type & NLA_TYPE_MASK) != INET_DIAG_ULP_INFO)
			continue;
		for (; RTA_OK(in, left); in = RTA_NEXT(in, left)) {
			int type = in->rta_type & NLA_TYPE_MASK;

			if (type == INET_ULP_INFO_NAME)
				snprintf(ulp->name, sizeof(ulp->name), "%s",
					 (char *)RTA_DATA(in));
			else if (type == WSP_DIAG_NEST)
				diag_ours(in, ulp);
		}
	}
}

/* Sends a request about @id, in the namespace we are in, and reads the answer. */
static int diag_ask(int family, const struct inet_diag_sockid *id, bool dump,
		    struct diag_ulp *ulp)
{
	struct {
		struct nlmsghdr nlh;
		struct inet_diag_req_v2 req;
	} ask = {
		.nlh.nlmsg_len = sizeof(ask),
		.nlh.nlmsg_type = SOCK_DIAG_BY_FAMILY,
		.nlh.nlmsg_flags = NLM_F_REQUEST | (dump ? NLM_F_DUMP : 0),
		.req.sdiag_family = family,
		.req.sdiag_protocol = IPPROTO_TCP,
		.req.idiag_ext = 1 << (INET_DIAG_INFO - 1),
		.req.idiag_states = ~0,
		.req.id = *id,
	};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC,
			NETLINK_SOCK_DIAG);
	static char buf[32768];
	bool done = false;

	memset(ulp, 0, sizeof(*ulp));
	if (fd < 0 || send(fd, &ask, sizeof(ask), 0) != sizeof(ask))
		return reg_fail("NETLINK_SOCK_DIAG");
	while (!done) {
		struct nlmsghdr *nlh = (struct nlmsghdr *)buf;
		int len = recv(fd, buf, sizeof(buf), 0);

		if (len <= 0)
			return reg_fail("recv");
		for (; NLMSG_OK(nlh, len); nlh = NLMSG_NEXT(nlh, len)) {
			if (nlh->nlmsg_type == NLMSG_DONE ||
			    nlh->nlmsg_type == NLMSG_ERROR)
				done = true;
			else
				diag_parse(nlh, ulp);
		}
		done |= !dump;
	}
	close(fd);
	return 0;
}

/* Asks for the one socket with these ports: of an id, a dump looks at no more. */
static int diag_get(int family, unsigned short sport, unsigned short dport,
		    struct diag_ulp *ulp)
{
	const struct inet_diag_sockid id = {
		.idiag_sport = htons(sport),
		.idiag_dport = htons(dport),
	};

	return diag_ask(family, &id, true, ulp);
}

static void diag_address(__be32 *to, const struct sockaddr_storage *ss)
{
	if (ss->ss_family == AF_INET)
		memcpy(to, &((struct sockaddr_in *)ss)->sin_addr, 4);
	else
		memcpy(to, &((struct sockaddr_in6 *)ss)->sin6_addr, 16);
}

/*
 * About @fd, which is connected, without a dump: the answer is made in a buffer
 * of the size that it was said to have.
 */
static int diag_exact(int ns, int fd, struct diag_ulp *ulp)
{
	struct inet_diag_sockid id = {
		.idiag_cookie = { INET_DIAG_NOCOOKIE, INET_DIAG_NOCOOKIE },
	};
	struct sockaddr_storage here, there;
	socklen_t len[] = { sizeof(here), sizeof(there) };

	if (getsockname(fd, (struct sockaddr *)&here, &len[0]) ||
	    getpeername(fd, (struct sockaddr *)&there, &len[1]))
		return reg_fail("name");
	diag_address(id.idiag_src, &here);
	diag_address(id.idiag_dst, &there);
	id.idiag_sport = ((struct sockaddr_in *)&here)->sin_port;
	id.idiag_dport = ((struct sockaddr_in *)&there)->sin_port;
	if (reg_ns_enter(ns))
		return reg_fail("setns");
	return diag_ask(here.ss_family, &id, false, ulp);
}

static int diag_fd(int ns, int fd, struct diag_ulp *ulp)
{
	unsigned short dport = 0;
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);

	if (!getpeername(fd, (struct sockaddr *)&ss, &len))
		dport = ntohs(((struct sockaddr_in *)&ss)->sin_port);
	else if (getsockname(fd, (struct sockaddr *)&ss, &len))
		return reg_fail("getsockname");
	if (reg_ns_enter(ns))
		return reg_fail("setns");
	return diag_get(ss.ss_family, reg_port(fd), dport, ulp);
}

/* Whether inet_diag and WSP_INFO_GET agree about @fd. */
static bool diag_agrees(int ns, int fd)
{
	__u32 want[WSP_DIAG_MAX + 1] = { 0 };
	struct wsp_info info;
	struct diag_ulp ulp;
	bool ok = true;
	int i;

	if (reg_info(fd, &info) || diag_fd(ns, fd, &ulp) || !ulp.found)
		return false;
	want[WSP_DIAG_FLAGS] = info.flags;
	want[WSP_DIAG_FALLBACK] = info.fallback;
	want[WSP_DIAG_SEND_LEN] = info.send_len;
	want[WSP_DIAG_RECV_LEN] = info.recv_len;
	want[WSP_DIAG_ARMED_LEN] = info.armed_len;
	want[WSP_DIAG_LINGER] = info.linger;
	for (i = 1; i <= WSP_DIAG_MAX; i++) {
		if (ulp.seen[i] && ulp.val[i] == want[i])
			continue;
		fprintf(stderr, "# attribute %d: %u, not %u\n", i, ulp.val[i],
			want[i]);
		ok = false;
	}
	return ok && ulp.attrs == WSP_DIAG_MAX && !strcmp(ulp.name, WSP_ULP_NAME);
}

TEST_F(obs, negotiated)
{
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	EXPECT_TRUE(diag_agrees(obs_ns[0], self->fd[0]));
	EXPECT_TRUE(diag_agrees(obs_ns[1], self->fd[1]));
}

TEST_F(obs, asked_for_without_a_dump)
{
	struct diag_ulp exact, dumped;
	int i;

	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, diag_fd(obs_ns[i], self->fd[i], &dumped));
		ASSERT_EQ(0, diag_exact(obs_ns[i], self->fd[i], &exact));
		EXPECT_TRUE(exact.found);
		EXPECT_EQ(WSP_DIAG_MAX, exact.attrs);
		EXPECT_EQ(0, memcmp(&dumped, &exact, sizeof(exact)));
	}
}

TEST_F(obs, fallback)
{
	struct diag_ulp ulp;

	self->conf.attach = REG_CLIENT;
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	EXPECT_TRUE(diag_agrees(obs_ns[0], self->fd[0]));
	ASSERT_EQ(0, diag_fd(obs_ns[0], self->fd[0], &ulp));
	EXPECT_EQ(WSP_FALLBACK_NO_OPTION, ulp.val[WSP_DIAG_FALLBACK]);
	EXPECT_EQ(WSP_INFO_CONNECTED, ulp.val[WSP_DIAG_FLAGS]);
}

TEST_F(obs, plain_socket)
{
	struct diag_ulp ulp;

	self->conf.attach = REG_CLIENT;
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	ASSERT_EQ(0, diag_fd(obs_ns[1], self->fd[1], &ulp));
	EXPECT_TRUE(ulp.found);
	EXPECT_STREQ("", ulp.name);
	EXPECT_EQ(0, ulp.attrs);
}

TEST_F(obs, listener)
{
	struct diag_ulp ulp;
	int listener = reg_listen(&self->conf);

	ASSERT_LE(0, listener);
	ASSERT_EQ(0, diag_fd(obs_ns[1], listener, &ulp));
	ASSERT_TRUE(ulp.found);
	EXPECT_STREQ(WSP_ULP_NAME, ulp.name);
	EXPECT_EQ(WSP_DIAG_MAX, ulp.attrs);
	EXPECT_EQ(0, ulp.val[WSP_DIAG_FLAGS]);
}

TEST_F(obs, data_both_ways)
{
	struct diag_ulp ulp;

	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	ASSERT_EQ(1, reg_disc_end(self->fd[0], BYE, BYE_LEN, REG_DATA));
	ASSERT_EQ(0, reg_drain(self->fd[1], 0, 0));
	EXPECT_TRUE(diag_agrees(obs_ns[0], self->fd[0]));
	EXPECT_TRUE(diag_agrees(obs_ns[1], self->fd[1]));
	ASSERT_EQ(0, diag_fd(obs_ns[0], self->fd[0], &ulp));
	EXPECT_EQ(BYE_LEN, ulp.val[WSP_DIAG_SEND_LEN]);
	EXPECT_TRUE(ulp.val[WSP_DIAG_FLAGS] & WSP_INFO_SEND_CLOSED);
	ASSERT_EQ(0, diag_fd(obs_ns[1], self->fd[1], &ulp));
	EXPECT_EQ(BYE_LEN, ulp.val[WSP_DIAG_RECV_LEN]);
	EXPECT_TRUE(ulp.val[WSP_DIAG_FLAGS] & WSP_INFO_RECV_DATA);
	EXPECT_TRUE(ulp.val[WSP_DIAG_FLAGS] & WSP_INFO_PEER_CLOSED);
	ASSERT_EQ(0, ioctl(self->fd[1], WSP_DISC_RECV,
			   &(struct wsp_disc_args){ 0 }));
	ASSERT_EQ(0, shutdown(self->fd[1], SHUT_RD));
	ASSERT_EQ(0, diag_fd(obs_ns[1], self->fd[1], &ulp));
	EXPECT_TRUE(ulp.val[WSP_DIAG_FLAGS] & WSP_INFO_RECV_CLOSED);
}

TEST_F(obs, armed_and_lingering)
{
	struct wsp_disc_args args = { .data = (uintptr_t)"why", .len = 3 };
	struct wsp_linger_args linger = { .timeout = 60000 };
	struct diag_ulp ulp;

	self->conf.rcvbuf = 4096;
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	ASSERT_EQ(0, ioctl(self->fd[0], WSP_DISC_ARM, &args));
	EXPECT_TRUE(diag_agrees(obs_ns[0], self->fd[0]));
	ASSERT_EQ(0, diag_fd(obs_ns[0], self->fd[0], &ulp));
	EXPECT_EQ(3, ulp.val[WSP_DIAG_ARMED_LEN]);
	EXPECT_EQ(WSP_LINGER_NONE, ulp.val[WSP_DIAG_LINGER]);
	ASSERT_LT(0, reg_stuff(self->fd[0], 1));
	ASSERT_EQ(0, ioctl(self->fd[0], WSP_LINGER_START, &linger));
	EXPECT_TRUE(diag_agrees(obs_ns[0], self->fd[0]));
	ASSERT_EQ(0, diag_fd(obs_ns[0], self->fd[0], &ulp));
	EXPECT_EQ(0, ulp.val[WSP_DIAG_ARMED_LEN]);
	EXPECT_EQ(3, ulp.val[WSP_DIAG_SEND_LEN]);
	EXPECT_EQ(WSP_LINGER_PENDING, ulp.val[WSP_DIAG_LINGER]);
	reg_abort(self->fd[1]);
}

/* A closed socket that still delivers is there to be seen. */
TEST_F(obs, orphan)
{
	unsigned short sport, dport;
	struct diag_ulp ulp;

	self->conf.rcvbuf = 4096;
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	ASSERT_LT(0, reg_stuff(self->fd[0], 1));
	ASSERT_EQ(1, reg_disc_end(self->fd[0], BYE, BYE_LEN, REG_DATA));
	sport = reg_port(self->fd[0]);
	{
		struct sockaddr_storage ss;
		socklen_t len = sizeof(ss);

		ASSERT_EQ(0, getpeername(self->fd[0], (struct sockaddr *)&ss,
					 &len));
		dport = ntohs(((struct sockaddr_in *)&ss)->sin_port);
		close(self->fd[0]);
		ASSERT_EQ(0, reg_ns_enter(obs_ns[0]));
		ASSERT_EQ(0, diag_get(ss.ss_family, sport, dport, &ulp));
	}
	EXPECT_TRUE(ulp.found);
	EXPECT_STREQ(WSP_ULP_NAME, ulp.name);
	EXPECT_EQ(BYE_LEN, ulp.val[WSP_DIAG_SEND_LEN]);
	reg_abort(self->fd[1]);
}

/* The kernels at hand tell unprivileged users nothing; newer, the name. */
TEST_F(obs, unprivileged)
{
	struct diag_ulp ulp;

	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	ASSERT_EQ(0, reg_ns_enter(obs_ns[0]));
	ASSERT_EQ(0, seteuid(65534));
	ASSERT_EQ(0, diag_fd(0, self->fd[0], &ulp));
	EXPECT_TRUE(ulp.found);
	EXPECT_EQ(0, ulp.attrs);
	ASSERT_EQ(0, seteuid(0));
}

/* How many of the current namespace's sockets ss shows with the ULP. */
static int diag_ss(const char *what, unsigned short sport)
{
	char cmd[128], line[4096];
	int found = 0;
	FILE *f;

	snprintf(cmd, sizeof(cmd), "ss -HOtin %s sport = :%hu", what, sport);
	f = popen(cmd, "r");
	if (!f)
		return reg_fail("ss");
	while (fgets(line, sizeof(line), f))
		found += !!strstr(line, " tcp-ulp-wsp");
	return pclose(f) ? reg_fail(cmd) : found;
}

TEST_F(obs, shown_by_ss)
{
	int listener = reg_listen(&self->conf);
	struct reg_conf plain = self->conf;
	int fd[2];

	self->fd[0] = reg_client(&self->conf);
	self->fd[1] = reg_join(&self->conf, listener, self->fd[0]);
	ASSERT_LE(0, self->fd[1]);
	plain.attach = REG_NEITHER;
	ASSERT_EQ(0, reg_pair(&plain, fd));

	ASSERT_EQ(0, reg_ns_enter(obs_ns[0]));
	EXPECT_EQ(1, diag_ss("", reg_port(self->fd[0])));
	EXPECT_EQ(0, diag_ss("", reg_port(fd[0])));
	ASSERT_EQ(0, reg_ns_enter(obs_ns[1]));
	EXPECT_EQ(1, diag_ss("", reg_port(listener)));
	EXPECT_EQ(1, diag_ss("state listening", reg_port(listener)));
	EXPECT_EQ(0, diag_ss("", reg_port(fd[1])));
}

TEST_HARNESS_MAIN
