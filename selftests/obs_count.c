// SPDX-License-Identifier: GPL-2.0
/*
 * Counters of the handshake: one for each way it can end, each end in its own
 * namespace, and nothing anywhere else.
 */
#define _GNU_SOURCE
#include "obs_fixture.h"

#define SYN_OPT		"tcp flags & (syn|ack) == syn tcp option 254 exists"
#define SYNACK_OPT	"tcp flags & (syn|ack) == (syn|ack) tcp option 254 exists"
#define CLEAR_SYN	"tcp flags == 0x22 tcp flags set 0x02;" \
			"tcp flags == 0xe2 tcp flags set 0xc2;"

static int count_close(int fd[2])
{
	reg_abort(fd[0]);
	reg_abort(fd[1]);
	return 0;
}

TEST_F(obs, both_attached)
{
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	OBS_EXPECT(OBS_C_OPEN, OBS_S_OPEN);
	/* Nothing is counted for data. */
	ASSERT_EQ(0, reg_send_all(self->fd[0], 20000, 0));
	ASSERT_EQ(0, shutdown(self->fd[0], SHUT_WR));
	ASSERT_EQ(20000, reg_drain(self->fd[1], 0, 0));
	close(self->fd[0]);
	close(self->fd[1]);
	OBS_EXPECT(OBS_C_OPEN, OBS_S_OPEN);
}

TEST_F(obs, each_connection)
{
	int i;

	for (i = 0; i < 20; i++) {
		ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
		count_close(self->fd);
	}
	OBS_EXPECT("OptSynSent=20 OptSynAckSeen=20 Negotiated=20",
		   "OptSynSeen=20 OptSynAckSent=20 Negotiated=20");
}

TEST_F(obs, mapped)
{
	if (variant->family != REG_V6)
		return;
	self->conf.family = REG_MAPPED;
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	OBS_EXPECT(OBS_C_OPEN, OBS_S_OPEN);
}

TEST_F(obs, nothing_for_plain_sockets)
{
	int other = reg_listen(&self->conf);

	ASSERT_LE(0, other);
	self->conf.attach = REG_NEITHER;
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	ASSERT_EQ(0, reg_exchange_both(self->fd, REG_FALLBACK));
	OBS_EXPECT("", "");
}

TEST_F(obs, plain_server)
{
	self->conf.attach = REG_CLIENT;
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	OBS_EXPECT("OptSynSent=1 FallbackNoOption=1", "");
}

TEST_F(obs, plain_client)
{
	self->conf.attach = REG_SERVER;
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	OBS_EXPECT("", "FallbackNoOption=1");
}

TEST_F(obs, refused_connection)
{
	struct reg_conf conf = self->conf;
	int listener;
	unsigned short port;

	conf.attach = REG_NEITHER;
	listener = reg_listen(&conf);
	ASSERT_LE(0, listener);
	port = reg_port(listener);
	close(listener);
	self->fd[0] = reg_client(&self->conf);
	ASSERT_EQ(-1, reg_connect(self->fd[0], &self->conf, port));
	ASSERT_EQ(ECONNREFUSED, errno);
	/* It was not established: no outcome. */
	OBS_EXPECT("OptSynSent=1", "");
}

TEST_F(obs, reused_socket)
{
	struct sockaddr sa = { .sa_family = AF_UNSPEC };
	int listener = reg_listen(&self->conf);

	self->fd[0] = reg_client(&self->conf);
	self->fd[1] = reg_join(&self->conf, listener, self->fd[0]);
	ASSERT_LE(0, self->fd[1]);
	ASSERT_EQ(0, connect(self->fd[0], &sa, sizeof(sa)));
	self->fd[1] = reg_join(&self->conf, listener, self->fd[0]);
	ASSERT_LE(0, self->fd[1]);
	OBS_EXPECT("OptSynSent=2 OptSynAckSeen=2 Negotiated=2",
		   "OptSynSeen=2 OptSynAckSent=2 Negotiated=2");
}

TEST_F(obs, disabled_at_the_client)
{
	ASSERT_EQ(0, obs_sysctl(obs_ns[0], "net/wsp/enable", "0"));
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	OBS_EXPECT("FallbackDisabled=1", "FallbackNoOption=1");
}

TEST_F(obs, disabled_at_the_server)
{
	ASSERT_EQ(0, obs_sysctl(obs_ns[1], "net/wsp/enable", "0"));
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	OBS_EXPECT("OptSynSent=1 FallbackNoOption=1", "FallbackDisabled=1");
}

TEST_F(obs, stdurg_at_the_client)
{
	ASSERT_EQ(0, obs_sysctl(obs_ns[0], "net/ipv4/tcp_stdurg", "1"));
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	OBS_EXPECT("FallbackStdurg=1", "FallbackNoOption=1");
}

TEST_F(obs, stdurg_at_the_server)
{
	ASSERT_EQ(0, obs_sysctl(obs_ns[1], "net/ipv4/tcp_stdurg", "1"));
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	OBS_EXPECT("OptSynSent=1 FallbackNoOption=1", "FallbackStdurg=1");
}

static int count_sign(int fd, enum reg_family family, const char *peer)
{
	struct tcp_md5sig md5 = { .tcpm_keylen = 4, .tcpm_key = "key!" };
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&md5.tcpm_addr;
	struct sockaddr_in *in4 = (struct sockaddr_in *)&md5.tcpm_addr;

	if (family == REG_V4) {
		in4->sin_family = AF_INET;
		inet_pton(AF_INET, peer, &in4->sin_addr);
	} else {
		in6->sin6_family = AF_INET6;
		inet_pton(AF_INET6, peer, &in6->sin6_addr);
	}
	return setsockopt(fd, IPPROTO_TCP, TCP_MD5SIG, &md5, sizeof(md5));
}

TEST_F(obs, no_room_in_a_signed_syn)
{
	bool v4 = variant->family == REG_V4;
	int listener = reg_listen(&self->conf);

	self->fd[0] = reg_client(&self->conf);
	if (count_sign(listener, variant->family, v4 ? "10.78.0.1" : "fd78::1"))
		SKIP(return, "no TCP_MD5SIG here");
	ASSERT_EQ(0, count_sign(self->fd[0], variant->family,
				v4 ? "10.78.0.2" : "fd78::2"));
	self->fd[1] = reg_join(&self->conf, listener, self->fd[0]);
	ASSERT_LE(0, self->fd[1]);
	OBS_EXPECT("FallbackSpace=1", "FallbackNoOption=1");
}

/* Two SYNs with the option get lost, the third comes without. */
TEST_F(obs, syn_with_the_option_lost)
{
	ASSERT_EQ(0, obs_rules(obs_ns[1], SYN_OPT " drop;"));
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	OBS_EXPECT("OptSynSent=2 FallbackRetrans=1", "FallbackNoOption=1");
}

/* The server withdraws it too; it knows that the client can receive. */
TEST_F(obs, synack_with_the_option_lost)
{
	ASSERT_EQ(0, obs_rules(obs_ns[0], SYNACK_OPT " drop;"));
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	EXPECT_TRUE(obs_is(obs_ns[1], &self->from[1],
			   "OptSynSeen=1 OptSynAckSent=2 Negotiated=1") ||
		    obs_is(obs_ns[1], &self->from[1],
			   "OptSynSeen=1 OptSynAckSent=3 Negotiated=1"));
	EXPECT_EQ(WSP_FALLBACK_NONE, reg_info_fallback(self->fd[1]));
	EXPECT_NE(WSP_FALLBACK_NONE, reg_info_fallback(self->fd[0]));
}

TEST_F(obs, option_stripped_from_the_synack)
{
	ASSERT_EQ(0, obs_rules(obs_ns[0],
			       SYNACK_OPT " reset tcp option 254;"));
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	OBS_EXPECT("OptSynSent=1 FallbackNoOption=1", OBS_S_OPEN);
}

TEST_F(obs, urg_cleared_from_the_syn)
{
	ASSERT_EQ(0, obs_rules(obs_ns[1], CLEAR_SYN));
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	OBS_EXPECT("OptSynSent=1 OptSynAckSeen=1 FallbackUrg=1",
		   "OptSynSeen=1 OptSynAckSent=1 FallbackUrg=1");
}

/* Without the probe nobody notices, and both count as negotiated. */
TEST_F(obs, urg_cleared_from_the_syn_without_probe)
{
	ASSERT_EQ(0, obs_sysctl(obs_ns[0], "net/wsp/urg_probe", "0"));
	ASSERT_EQ(0, obs_rules(obs_ns[1], CLEAR_SYN));
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	OBS_EXPECT(OBS_C_OPEN, OBS_S_OPEN);
}

TEST_F(obs, syncookies)
{
	ASSERT_EQ(0, obs_sysctl(obs_ns[1], "net/ipv4/tcp_syncookies", "2"));
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	OBS_EXPECT("OptSynSent=1 FallbackNoOption=1", "FallbackNoOption=1");
}

/* The child exists before its SYN-ACK goes out. */
TEST_F(obs, fast_open)
{
	struct sockaddr_storage ss;
	int listener;
	socklen_t len;

	ASSERT_EQ(0, obs_sysctl(obs_ns[0], "net/ipv4/tcp_fastopen", "1543"));
	ASSERT_EQ(0, obs_sysctl(obs_ns[1], "net/ipv4/tcp_fastopen", "1543"));
	listener = reg_listen(&self->conf);
	ASSERT_EQ(0, reg_setint(listener, IPPROTO_TCP, TCP_FASTOPEN, 16));
	len = reg_addr(&self->conf, reg_port(listener), &ss);
	self->fd[0] = reg_client(&self->conf);
	ASSERT_EQ(5, sendto(self->fd[0], "hello", 5, MSG_FASTOPEN,
			    (struct sockaddr *)&ss, len));
	self->fd[1] = accept(listener, NULL, NULL);
	ASSERT_LE(0, self->fd[1]);
	ASSERT_TRUE(reg_wait_state(self->fd[0], TCP_ESTABLISHED));
	OBS_EXPECT(OBS_C_OPEN, OBS_S_OPEN);
}

/* A new namespace starts at zero, and its file goes with it. */
TEST_F(obs, new_namespace)
{
	struct obs_stat st;
	int ns = reg_ns_new();
	int i;

	ASSERT_LE(0, ns);
	ASSERT_EQ(0, obs_read(ns, &st));
	EXPECT_EQ(self->from[0].count, st.count);
	for (i = 0; i < st.count; i++)
		EXPECT_EQ(0, st.val[i]) TH_LOG("%s", st.name[i]);
}

TEST_HARNESS_MAIN
