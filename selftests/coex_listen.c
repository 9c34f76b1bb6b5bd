// SPDX-License-Identifier: GPL-2.0
/*
 * What an application may ask of its listeners: SO_REUSEPORT groups, whole
 * and mixed, TCP_SAVE_SYN, TCP_DEFER_ACCEPT, TCP_MD5SIG.
 */
#define _GNU_SOURCE
#include "kselftest_harness.h"
#include "reg_io.h"
#include "reg_task.h"

#include <netinet/ip.h>
#include <netinet/ip6.h>

#define GROUP		4
#define ALL_ATTACHED	0xf
#define SEED		4

FIXTURE(listen) {
	struct reg_conf conf;
	int group[GROUP];
	int fd[2];
};

FIXTURE_VARIANT(listen) {
	enum reg_family family;
};

FIXTURE_VARIANT_ADD(listen, v4) {
	.family = REG_V4,
};

FIXTURE_VARIANT_ADD(listen, v6) {
	.family = REG_V6,
};

FIXTURE_VARIANT_ADD(listen, mapped) {
	.family = REG_MAPPED,
};

FIXTURE_SETUP(listen)
{
	self->conf = (struct reg_conf) {
		.family = variant->family,
		.attach = REG_BOTH,
	};
	ASSERT_EQ(0, reg_ns_lo());
}

FIXTURE_TEARDOWN(listen)
{
}

/* --- SO_REUSEPORT ---------------------------------------------------- */

/* One more listener for @port, or for a new one if that is 0. */
static int group_add(const struct reg_conf *conf, bool attach,
		     unsigned short port)
{
	int fd = reg_socket(conf->family, 0);

	if (attach && reg_attach(fd))
		return reg_fail("attach");
	if (reg_setint(fd, SOL_SOCKET, SO_REUSEPORT, 1) ||
	    reg_bind(fd, conf, port) || listen(fd, 16))
		return reg_fail("group member");
	return fd;
}

static int group_make(const struct reg_conf *conf, unsigned int attached,
		      int group[GROUP])
{
	int i;

	for (i = 0; i < GROUP; i++) {
		group[i] = group_add(conf, attached & 1 << i,
				     i ? reg_port(group[0]) : 0);
		if (group[i] < 0)
			return -1;
	}
	return 0;
}

/* Accepts from whichever member got the connection; its index, or -1. */
static int group_accept(const int group[GROUP], int *fd)
{
	struct pollfd pfd[GROUP];
	int i;

	for (i = 0; i < GROUP; i++)
		pfd[i] = (struct pollfd) { .fd = group[i], .events = POLLIN };
	if (poll(pfd, GROUP, REG_SOON_MS) <= 0)
		return reg_fail("poll");
	for (i = 0; i < GROUP; i++)
		if (pfd[i].revents & POLLIN) {
			*fd = accept4(group[i], NULL, NULL, SOCK_CLOEXEC);
			return *fd < 0 ? -1 : i;
		}
	return -1;
}

TEST_F(listen, group_all_attached)
{
	unsigned int seen = 0;
	int i, n;

	ASSERT_EQ(0, group_make(&self->conf, ALL_ATTACHED, self->group));
	for (i = 0; i < 40; i++) {
		self->fd[0] = reg_client(&self->conf);
		ASSERT_EQ(0, reg_connect(self->fd[0], &self->conf,
					 reg_port(self->group[0])));
		n = group_accept(self->group, &self->fd[1]);
		ASSERT_LE(0, n);
		seen |= 1 << n;
		ASSERT_EQ(0, reg_exchange_both(self->fd, REG_DATA));
	}
	EXPECT_LT(1, __builtin_popcount(seen));
}

/* Each connection goes by the member that got it. */
TEST_F(listen, group_half_attached)
{
	int got[2] = { 0 }, i, n;

	ASSERT_EQ(0, group_make(&self->conf, 0x5, self->group));
	for (i = 0; i < 60; i++) {
		bool attached;

		self->fd[0] = reg_client(&self->conf);
		ASSERT_EQ(0, reg_connect(self->fd[0], &self->conf,
					 reg_port(self->group[0])));
		n = group_accept(self->group, &self->fd[1]);
		ASSERT_LE(0, n);
		attached = 0x5 & 1 << n;
		got[attached]++;
		ASSERT_EQ(attached, reg_is_attached(self->fd[1]));
		ASSERT_EQ(attached ? WSP_FALLBACK_NONE : WSP_FALLBACK_NO_OPTION,
			  reg_info_fallback(self->fd[0]));
		ASSERT_EQ(0, reg_exchange_both(self->fd, attached ? REG_DATA :
					       REG_FALLBACK));
	}
	EXPECT_LT(0, got[0]);
	EXPECT_LT(0, got[1]);
}

TEST_F(listen, group_members_come_and_go)
{
	int i, k;

	ASSERT_EQ(0, group_make(&self->conf, ALL_ATTACHED, self->group));
	for (i = 0; i < 24; i++) {
		k = i % GROUP;
		close(self->group[k]);
		self->group[k] = group_add(&self->conf, true,
					   reg_port(self->group[!k]));
		ASSERT_LE(0, self->group[k]);
		self->fd[0] = reg_client(&self->conf);
		ASSERT_EQ(0, reg_connect(self->fd[0], &self->conf,
					 reg_port(self->group[0])));
		ASSERT_LE(0, group_accept(self->group, &self->fd[1]));
		ASSERT_EQ(0, reg_exchange_both(self->fd, REG_DATA));
	}
}

/* --- attached while somebody waits in accept() ----------------------- */

static ssize_t listen_accept(struct reg_task *task)
{
	return accept4(task->fd, NULL, NULL, SOCK_CLOEXEC);
}

/* The call was begun with a plain listener's operations. */
TEST_F(listen, attached_while_a_thread_accepts)
{
	struct reg_task task = { .call = listen_accept };
	struct reg_conf plain = self->conf;

	plain.attach = REG_CLIENT;
	task.fd = reg_listen(&plain);
	ASSERT_TRUE(reg_task_block(&task));
	ASSERT_EQ(0, reg_attach(task.fd));
	self->fd[0] = reg_client(&plain);
	ASSERT_EQ(0, reg_connect(self->fd[0], &plain, reg_port(task.fd)));
	ASSERT_TRUE(reg_task_join(&task));
	ASSERT_LE(0, task.ret);
	self->fd[1] = task.ret;
	EXPECT_EQ(WSP_FALLBACK_NONE, reg_info_fallback(self->fd[0]));
	ASSERT_EQ(0, reg_send_all(self->fd[0], 1000, SEED));
	ASSERT_EQ(1, reg_disc_end(self->fd[0], 20, REG_DISC_LEN, REG_DATA));
	EXPECT_EQ(1000, reg_drain(self->fd[1], SEED, 0));
	EXPECT_TRUE(reg_is_attached(self->fd[1]));
	EXPECT_EQ(0, reg_disc_check(self->fd[1], 20, REG_DISC_LEN, true));
	ASSERT_EQ(1, reg_disc_end(self->fd[1], 21, REG_DISC_LEN, REG_DATA));
	EXPECT_EQ(0, reg_drain(self->fd[0], SEED, 0));
	EXPECT_EQ(0, reg_disc_check(self->fd[0], 21, REG_DISC_LEN, true));
}

/* --- connections that move to another member ------------------------- */

/* Until then the client's ACKs and data to @port get lost. */
static int move_block(unsigned short port)
{
	return reg_sh("nft -f - <<-EOF\n"
		      "table inet t { chain c { "
		      "type filter hook input priority 0; "
		      "tcp dport %d tcp flags & (syn|ack) == ack drop; }; }\n"
		      "EOF", port);
}

/*
 * A client connects to a listener that closes before it has the ACK, or
 * before it accepts; the other member of the group takes over.
 */
static int move_start(const struct reg_conf *conf, bool early, bool from,
		      bool to, int *client)
{
	int a = group_add(conf, from, 0), b;
	unsigned short port = reg_port(a);

	if (reg_sysctl("net/ipv4/tcp_migrate_req", "1") ||
	    (early && move_block(port)))
		return -1;
	*client = reg_client(conf);
	if (reg_connect(*client, conf, port))
		return reg_fail("connect");
	if (!early && !(reg_poll(a, POLLIN, REG_SOON_MS) & POLLIN))
		return reg_fail("connection");
	b = group_add(conf, to, port);
	close(a);
	if (early && reg_sh("nft flush ruleset"))
		return -1;
	return b;
}

static int move_join(const struct reg_conf *conf, bool early, bool from,
		     bool to, int fd[2])
{
	int b = move_start(conf, early, from, to, &fd[0]);

	if (b < 0 || reg_send_all(fd[0], 1000, SEED))
		return -1;
	if (!(reg_poll(b, POLLIN, REG_SOON_MS) & POLLIN))
		return reg_fail("moved connection");
	fd[1] = accept4(b, NULL, NULL, SOCK_CLOEXEC);
	close(b);
	return fd[1] < 0 ? reg_fail("accept") : 0;
}

static int move_finish(int fd[2], enum reg_want client, enum reg_want server)
{
	const enum reg_want want[2] = { client, server };
	int sent[2], i;

	if (reg_send_all(fd[1], 700, SEED))
		return -1;
	for (i = 0; i < 2; i++) {
		sent[i] = reg_disc_end(fd[i], i + 20, REG_DISC_LEN, want[i]);
		if (sent[i] < 0)
			return -1;
	}
	if (reg_drain(fd[1], SEED, 0) != 1000 ||
	    reg_drain(fd[0], SEED, 0) != 700)
		return reg_fail("stream length");
	for (i = 0; i < 2; i++)
		if (reg_disc_check(fd[!i], i + 20, REG_DISC_LEN, sent[i]))
			return -1;
	return 0;
}

TEST_F(listen, request_moves_between_attached_members)
{
	ASSERT_EQ(0, move_join(&self->conf, true, true, true, self->fd));
	EXPECT_EQ(0, move_finish(self->fd, REG_DATA, REG_DATA));
}

/* The SYN-ACK had no option, and nothing is made of it afterwards. */
TEST_F(listen, request_moves_from_a_plain_member)
{
	ASSERT_EQ(0, move_join(&self->conf, true, false, true, self->fd));
	EXPECT_EQ(WSP_FALLBACK_NO_OPTION, reg_info_fallback(self->fd[0]));
	EXPECT_EQ(WSP_FALLBACK_NO_OPTION, reg_info_fallback(self->fd[1]));
	EXPECT_EQ(0, move_finish(self->fd, REG_FALLBACK, REG_FALLBACK));
}

/*
 * The SYN-ACK's option has promised what a plain child cannot keep: the
 * connection ends as it would without tcp_migrate_req.
 */
static bool move_is_reset(int client, int b)
{
	char c;

	return reg_poll(client, POLLIN, REG_SOON_MS) & POLLERR &&
	       recv(client, &c, 1, 0) < 0 && errno == ECONNRESET &&
	       !reg_poll(b, POLLIN, 0);
}

TEST_F(listen, request_does_not_move_to_a_plain_member)
{
	int b = move_start(&self->conf, true, true, false, &self->fd[0]);

	ASSERT_LE(0, b);
	ASSERT_EQ(1, send(self->fd[0], "", 1, MSG_NOSIGNAL));
	EXPECT_TRUE(move_is_reset(self->fd[0], b));
}

TEST_F(listen, child_does_not_move_to_a_plain_member)
{
	int b = move_start(&self->conf, false, true, false, &self->fd[0]);

	ASSERT_LE(0, b);
	EXPECT_TRUE(move_is_reset(self->fd[0], b));
}

/* Nor when the listener ends by shutdown() or a disconnect. */
TEST_F(listen, shut_down_listener_keeps_its_requests)
{
	struct sockaddr sa = { .sa_family = AF_UNSPEC };
	int a, b, i;

	ASSERT_EQ(0, reg_sysctl("net/ipv4/tcp_migrate_req", "1"));
	for (i = 0; i < 2; i++) {
		a = group_add(&self->conf, true, 0);
		self->fd[0] = reg_client(&self->conf);
		ASSERT_EQ(0, reg_connect(self->fd[0], &self->conf,
					 reg_port(a)));
		ASSERT_TRUE(reg_poll(a, POLLIN, REG_SOON_MS) & POLLIN);
		b = group_add(&self->conf, false, reg_port(a));
		ASSERT_LE(0, b);
		ASSERT_EQ(0, i ? shutdown(a, SHUT_RDWR) :
				 connect(a, &sa, sizeof(sa)));
		EXPECT_TRUE(move_is_reset(self->fd[0], b));
		close(b);
		close(a);
	}
}

TEST_F(listen, child_moves_between_attached_members)
{
	ASSERT_EQ(0, move_join(&self->conf, false, true, true, self->fd));
	EXPECT_EQ(0, move_finish(self->fd, REG_DATA, REG_DATA));
}

TEST_F(listen, child_moves_from_a_plain_member)
{
	ASSERT_EQ(0, move_join(&self->conf, false, false, true, self->fd));
	EXPECT_FALSE(reg_is_attached(self->fd[1]));
	EXPECT_EQ(0, move_finish(self->fd, REG_FALLBACK, REG_FALLBACK));
}

/* --- TCP_SAVE_SYN ---------------------------------------------------- */

/*
 * Whether @syn is, from its network header on, the SYN of @client: whole,
 * with the option and the probe that it went out with.
 */
static bool syn_is(const unsigned char *syn, size_t len, int client,
		   const struct reg_conf *conf)
{
	size_t off = conf->family == REG_V6 ? sizeof(struct ip6_hdr) :
					      sizeof(struct iphdr);
	const struct tcphdr *th = (const void *)(syn + off);
	size_t i;

	if (len < off + sizeof(*th) || len != off + th->doff * 4u)
		return false;
	if (syn[0] >> 4 != (conf->family == REG_V6 ? 6 : 4))
		return false;
	if (!th->syn || th->ack || !th->urg || th->urg_ptr ||
	    ntohs(th->source) != reg_port(client))
		return false;
	/* Kind, length and ExID; ours is the last of the options. */
	for (i = off + sizeof(*th); i + 8 <= len; i++)
		if (!memcmp(syn + i, "\xfe\x08WS", 4))
			return i + 8 == len;
	return false;
}

static int syn_get(int fd, unsigned char *syn, socklen_t len)
{
	return getsockopt(fd, IPPROTO_TCP, TCP_SAVED_SYN, syn, &len) ?
	       -errno : (int)len;
}

TEST_F(listen, saved_syn_is_whole_and_given_once)
{
	int listener = reg_listen(&self->conf), len;
	unsigned char syn[512];

	ASSERT_EQ(0, reg_setint(listener, IPPROTO_TCP, TCP_SAVE_SYN, 1));
	self->fd[0] = reg_client(&self->conf);
	self->fd[1] = reg_join(&self->conf, listener, self->fd[0]);
	ASSERT_LE(0, self->fd[1]);
	/* Too little room tells the length, and leaves it there. */
	EXPECT_EQ(-EINVAL, syn_get(self->fd[1], syn, 4));
	len = syn_get(self->fd[1], syn, sizeof(syn));
	ASSERT_LT(0, len);
	EXPECT_TRUE(syn_is(syn, len, self->fd[0], &self->conf));
	EXPECT_EQ(0, syn_get(self->fd[1], syn, sizeof(syn)));
	EXPECT_EQ(0, reg_exchange_both(self->fd, REG_DATA));
}

TEST_F(listen, saved_syn_with_its_link_header)
{
	int listener = reg_listen(&self->conf), len;
	const int mac = 14;
	unsigned char syn[512];

	ASSERT_EQ(0, reg_setint(listener, IPPROTO_TCP, TCP_SAVE_SYN, 2));
	self->fd[0] = reg_client(&self->conf);
	self->fd[1] = reg_join(&self->conf, listener, self->fd[0]);
	ASSERT_LE(0, self->fd[1]);
	len = syn_get(self->fd[1], syn, sizeof(syn));
	ASSERT_LT(mac, len);
	EXPECT_TRUE(syn_is(syn + mac, len - mac, self->fd[0], &self->conf));
	EXPECT_EQ(0, reg_exchange_both(self->fd, REG_DATA));
}

/* Asked for, not asked for, and never fetched. */
TEST_F(listen, saved_syn_switched_on_and_off)
{
	int listener = reg_listen(&self->conf), i, len;
	unsigned char syn[512];

	for (i = 0; i < 9; i++) {
		ASSERT_EQ(0, reg_setint(listener, IPPROTO_TCP, TCP_SAVE_SYN,
					i % 3));
		self->fd[0] = reg_client(&self->conf);
		self->fd[1] = reg_join(&self->conf, listener, self->fd[0]);
		ASSERT_LE(0, self->fd[1]);
		if (i < 6) {
			len = syn_get(self->fd[1], syn, sizeof(syn));
			ASSERT_EQ(i % 3 > 0, len > 0);
		}
		ASSERT_EQ(0, reg_exchange_both(self->fd, REG_DATA));
	}
}

/* --- TCP_DEFER_ACCEPT ------------------------------------------------ */

static int defer_listen(const struct reg_conf *conf)
{
	int fd = reg_listen(conf);

	if (reg_setint(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, 10))
		return reg_fail("TCP_DEFER_ACCEPT");
	return fd;
}

/* The record itself is the data that the server waits for. */
TEST_F(listen, deferred_until_the_record_comes)
{
	int listener = defer_listen(&self->conf);

	self->fd[0] = reg_client(&self->conf);
	ASSERT_EQ(0, reg_connect(self->fd[0], &self->conf,
				 reg_port(listener)));
	EXPECT_EQ(0, reg_poll(listener, POLLIN, 300));
	ASSERT_EQ(1, reg_disc_end(self->fd[0], 20, REG_DISC_LEN, REG_DATA));
	ASSERT_TRUE(reg_poll(listener, POLLIN, REG_SOON_MS) & POLLIN);
	self->fd[1] = accept(listener, NULL, NULL);
	ASSERT_LE(0, self->fd[1]);
	EXPECT_EQ(0, reg_drain(self->fd[1], SEED, 0));
	EXPECT_EQ(0, reg_disc_check(self->fd[1], 20, REG_DISC_LEN, true));
	ASSERT_EQ(0, reg_send_all(self->fd[1], 700, SEED));
	ASSERT_EQ(1, reg_disc_end(self->fd[1], 21, REG_DISC_LEN, REG_DATA));
	EXPECT_EQ(700, reg_drain(self->fd[0], SEED, 0));
	EXPECT_EQ(0, reg_disc_check(self->fd[0], 21, REG_DISC_LEN, true));
}

TEST_F(listen, deferred_until_a_plain_end_comes)
{
	int listener = defer_listen(&self->conf);

	self->fd[0] = reg_client(&self->conf);
	ASSERT_EQ(0, reg_connect(self->fd[0], &self->conf,
				 reg_port(listener)));
	ASSERT_EQ(0, reg_disc_send(self->fd[0], NULL, 0));
	self->fd[1] = accept(listener, NULL, NULL);
	ASSERT_LE(0, self->fd[1]);
	EXPECT_EQ(0, reg_drain(self->fd[1], SEED, 0));
	ASSERT_EQ(1, reg_disc_end(self->fd[1], 21, REG_DISC_LEN, REG_DATA));
	EXPECT_EQ(0, reg_drain(self->fd[0], SEED, 0));
	EXPECT_EQ(0, reg_disc_check(self->fd[0], 21, REG_DISC_LEN, true));
}

/* --- TCP_MD5SIG ------------------------------------------------------ */

static int md5_key(int fd, const struct reg_conf *conf, int keylen)
{
	struct tcp_md5sig md5 = { .tcpm_keylen = keylen, .tcpm_key = "key!" };
	struct sockaddr_storage ss;
	socklen_t len = reg_addr(conf, 0, &ss);

	memcpy(&md5.tcpm_addr, &ss, len);
	return setsockopt(fd, IPPROTO_TCP, TCP_MD5SIG, &md5, sizeof(md5));
}

TEST_F(listen, md5_names_its_cause_on_both_ends)
{
	int listener = reg_listen(&self->conf);

	self->fd[0] = reg_client(&self->conf);
	if (md5_key(listener, &self->conf, 4))
		SKIP(return, "no TCP_MD5SIG here");
	ASSERT_EQ(0, md5_key(self->fd[0], &self->conf, 4));
	self->fd[1] = reg_join(&self->conf, listener, self->fd[0]);
	ASSERT_LE(0, self->fd[1]);
	EXPECT_EQ(WSP_FALLBACK_SPACE, reg_info_fallback(self->fd[0]));
	EXPECT_EQ(WSP_FALLBACK_NO_OPTION, reg_info_fallback(self->fd[1]));
	EXPECT_EQ(0, reg_exchange_both(self->fd, REG_FALLBACK));
}

/* Signing goes by the peer's address; others are not affected. */
TEST_F(listen, md5_for_another_peer)
{
	struct reg_conf other = self->conf;
	int listener = reg_listen(&self->conf);

	other.ns[1] = -1;
	self->fd[0] = reg_client(&self->conf);
	if (md5_key(listener, &other, 4))
		SKIP(return, "no TCP_MD5SIG here");
	ASSERT_EQ(0, md5_key(self->fd[0], &other, 4));
	self->fd[1] = reg_join(&self->conf, listener, self->fd[0]);
	EXPECT_EQ(0, reg_exchange_both(self->fd, REG_DATA));
}

TEST_F(listen, md5_taken_away_again)
{
	int listener = reg_listen(&self->conf);

	self->fd[0] = reg_client(&self->conf);
	if (md5_key(listener, &self->conf, 4))
		SKIP(return, "no TCP_MD5SIG here");
	ASSERT_EQ(0, md5_key(self->fd[0], &self->conf, 4));
	ASSERT_EQ(0, md5_key(listener, &self->conf, 0));
	ASSERT_EQ(0, md5_key(self->fd[0], &self->conf, 0));
	self->fd[1] = reg_join(&self->conf, listener, self->fd[0]);
	EXPECT_EQ(0, reg_exchange_both(self->fd, REG_DATA));
}

/* The next connection of the socket is judged anew. */
TEST_F(listen, md5_then_disconnect_then_without)
{
	struct sockaddr sa = { .sa_family = AF_UNSPEC };
	int listener = reg_listen(&self->conf), fd[2];

	fd[0] = reg_client(&self->conf);
	if (md5_key(listener, &self->conf, 4))
		SKIP(return, "no TCP_MD5SIG here");
	ASSERT_EQ(0, md5_key(fd[0], &self->conf, 4));
	fd[1] = reg_join(&self->conf, listener, fd[0]);
	ASSERT_LE(0, fd[1]);
	ASSERT_EQ(WSP_FALLBACK_SPACE, reg_info_fallback(fd[0]));
	ASSERT_EQ(0, connect(fd[0], &sa, sizeof(sa)));
	close(fd[1]);
	ASSERT_EQ(0, md5_key(listener, &self->conf, 0));
	ASSERT_EQ(0, md5_key(fd[0], &self->conf, 0));
	fd[1] = reg_join(&self->conf, listener, fd[0]);
	EXPECT_EQ(0, reg_exchange_both(fd, REG_DATA));
}

TEST_HARNESS_MAIN
