// SPDX-License-Identifier: GPL-2.0
/*
 * Connection set-up under every condition that takes the option away, or
 * that once did not get along with it: exact data, or plain TCP.
 */
#define _GNU_SOURCE
#include "kselftest_harness.h"
#include "reg_io.h"

#include <linux/ethtool.h>
#include <linux/sockios.h>

FIXTURE(path) {
	struct reg_conf conf;
	int fd[2];
};

FIXTURE_VARIANT(path) {
	enum reg_family family;
};

FIXTURE_VARIANT_ADD(path, v4) {
	.family = REG_V4,
};

FIXTURE_VARIANT_ADD(path, v6) {
	.family = REG_V6,
};

FIXTURE_VARIANT_ADD(path, mapped) {
	.family = REG_MAPPED,
};

FIXTURE_SETUP(path)
{
	self->conf = (struct reg_conf) {
		.family = variant->family,
		.attach = REG_BOTH,
	};
	ASSERT_EQ(0, reg_ns_lo());
}

FIXTURE_TEARDOWN(path)
{
}

TEST_F(path, both_attached)
{
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	EXPECT_EQ(WSP_FALLBACK_NONE, reg_info_fallback(self->fd[0]));
	EXPECT_EQ(WSP_FALLBACK_NONE, reg_info_fallback(self->fd[1]));
	EXPECT_EQ(0, reg_exchange_both(self->fd, REG_DATA));
}

TEST_F(path, plain_server)
{
	self->conf.attach = REG_CLIENT;
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	EXPECT_EQ(WSP_FALLBACK_NO_OPTION, reg_info_fallback(self->fd[0]));
	EXPECT_EQ(0, reg_exchange_both(self->fd, REG_FALLBACK));
}

TEST_F(path, plain_client)
{
	self->conf.attach = REG_SERVER;
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	EXPECT_EQ(WSP_FALLBACK_NO_OPTION, reg_info_fallback(self->fd[1]));
	EXPECT_EQ(0, reg_exchange_both(self->fd, REG_FALLBACK));
}

/* Other listeners of the namespace must not answer with an option. */
TEST_F(path, plain_server_beside_an_attached_one)
{
	struct reg_conf conf = self->conf;
	int other = reg_listen(&self->conf);

	ASSERT_LE(0, other);
	conf.attach = REG_CLIENT;
	ASSERT_EQ(0, reg_pair(&conf, self->fd));
	EXPECT_EQ(WSP_FALLBACK_NO_OPTION, reg_info_fallback(self->fd[0]));
	EXPECT_EQ(0, reg_exchange_both(self->fd, REG_FALLBACK));
}

TEST_F(path, plain_pair_beside_an_attached_listener)
{
	struct reg_conf conf = self->conf;
	int other = reg_listen(&self->conf);

	ASSERT_LE(0, other);
	conf.attach = REG_NEITHER;
	ASSERT_EQ(0, reg_pair(&conf, self->fd));
	EXPECT_EQ(0, reg_exchange_both(self->fd, REG_FALLBACK));
}

TEST_F(path, syncookies)
{
	ASSERT_EQ(0, reg_sysctl("net/ipv4/tcp_syncookies", "2"));
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	EXPECT_EQ(0, reg_exchange_both(self->fd, REG_FALLBACK));
}

TEST_F(path, disabled)
{
	ASSERT_EQ(0, reg_sysctl("net/wsp/enable", "0"));
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	EXPECT_EQ(WSP_FALLBACK_DISABLED, reg_info_fallback(self->fd[0]));
	EXPECT_EQ(0, reg_exchange_both(self->fd, REG_FALLBACK));
}

/* Connections keep what they agreed on. */
TEST_F(path, disabled_later)
{
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	ASSERT_EQ(0, reg_sysctl("net/wsp/enable", "0"));
	EXPECT_EQ(0, reg_exchange_both(self->fd, REG_DATA));
}

/* The SYN-ACK has promised; the child is made when the first byte is in. */
TEST_F(path, disabled_in_between)
{
	int listener = reg_listen(&self->conf);

	ASSERT_EQ(0, reg_setint(listener, IPPROTO_TCP, TCP_DEFER_ACCEPT, 5));
	self->fd[0] = reg_client(&self->conf);
	ASSERT_EQ(0, reg_connect(self->fd[0], &self->conf,
				 reg_port(listener)));
	ASSERT_EQ(0, reg_sysctl("net/wsp/enable", "0"));
	ASSERT_EQ(0, reg_send_all(self->fd[0], 1, 0));
	self->fd[1] = accept(listener, NULL, NULL);
	ASSERT_LE(0, self->fd[1]);
	EXPECT_EQ(WSP_FALLBACK_DISABLED, reg_info_fallback(self->fd[1]));
	EXPECT_EQ(1, reg_disc_end(self->fd[0], 3, 30, REG_DATA));
	EXPECT_EQ(1, reg_drain(self->fd[1], 0, 0));
	EXPECT_EQ(0, reg_disc_check(self->fd[1], 3, 30, true));
}

TEST_F(path, stdurg)
{
	ASSERT_EQ(0, reg_sysctl("net/ipv4/tcp_stdurg", "1"));
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	EXPECT_EQ(WSP_FALLBACK_STDURG, reg_info_fallback(self->fd[0]));
	EXPECT_EQ(0, reg_exchange_both(self->fd, REG_FALLBACK));
}

TEST_F(path, no_probe)
{
	ASSERT_EQ(0, reg_sysctl("net/wsp/urg_probe", "0"));
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	EXPECT_EQ(0, reg_exchange_both(self->fd, REG_DATA));
}

TEST_F(path, no_timestamps)
{
	ASSERT_EQ(0, reg_sysctl("net/ipv4/tcp_timestamps", "0"));
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	EXPECT_EQ(0, reg_exchange_both(self->fd, REG_DATA));
}

TEST_F(path, no_other_options)
{
	ASSERT_EQ(0, reg_sysctl("net/ipv4/tcp_timestamps", "0"));
	ASSERT_EQ(0, reg_sysctl("net/ipv4/tcp_sack", "0"));
	ASSERT_EQ(0, reg_sysctl("net/ipv4/tcp_window_scaling", "0"));
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	EXPECT_EQ(0, reg_exchange_both(self->fd, REG_DATA));
}

/* ECN on the SYN shares its flags byte with the probe. */
TEST_F(path, ecn)
{
	ASSERT_EQ(0, reg_sysctl("net/ipv4/tcp_ecn", "1"));
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	EXPECT_EQ(0, reg_exchange_both(self->fd, REG_DATA));
}

/* Length of the SYN that the application asked to be kept. */
static int path_saved_syn(int fd)
{
	unsigned char syn[128];
	socklen_t len = sizeof(syn);

	return getsockopt(fd, IPPROTO_TCP, TCP_SAVED_SYN, syn, &len) ? -1 :
								       (int)len;
}

TEST_F(path, application_saves_the_syn_before_attaching)
{
	int listener = reg_socket(self->conf.family, 0);

	ASSERT_EQ(0, reg_setint(listener, IPPROTO_TCP, TCP_SAVE_SYN, 1));
	ASSERT_EQ(0, reg_attach(listener));
	ASSERT_EQ(0, reg_bind(listener, &self->conf, 0));
	ASSERT_EQ(0, listen(listener, 8));
	self->fd[0] = reg_client(&self->conf);
	self->fd[1] = reg_join(&self->conf, listener, self->fd[0]);
	ASSERT_LE(0, self->fd[1]);
	EXPECT_LT(40, path_saved_syn(self->fd[1]));
	EXPECT_EQ(0, reg_exchange_both(self->fd, REG_DATA));
}

TEST_F(path, application_saves_the_syn_after_attaching)
{
	int listener = reg_listen(&self->conf);

	ASSERT_EQ(0, reg_setint(listener, IPPROTO_TCP, TCP_SAVE_SYN, 1));
	self->fd[0] = reg_client(&self->conf);
	self->fd[1] = reg_join(&self->conf, listener, self->fd[0]);
	ASSERT_LE(0, self->fd[1]);
	EXPECT_LT(40, path_saved_syn(self->fd[1]));
	EXPECT_EQ(0, reg_exchange_both(self->fd, REG_DATA));
}

TEST_F(path, syn_is_not_kept_for_nothing)
{
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	EXPECT_EQ(0, path_saved_syn(self->fd[1]));
	EXPECT_EQ(0, reg_exchange_both(self->fd, REG_DATA));
}

TEST_F(path, deferred_accept)
{
	int listener = reg_listen(&self->conf);

	ASSERT_EQ(0, reg_setint(listener, IPPROTO_TCP, TCP_DEFER_ACCEPT, 5));
	self->fd[0] = reg_client(&self->conf);
	ASSERT_EQ(0, reg_connect(self->fd[0], &self->conf,
				 reg_port(listener)));
	ASSERT_EQ(0, reg_send_all(self->fd[0], 1, 0));
	self->fd[1] = accept(listener, NULL, NULL);
	ASSERT_LE(0, self->fd[1]);
	EXPECT_EQ(1, reg_disc_end(self->fd[0], 3, 30, REG_DATA));
	EXPECT_EQ(1, reg_drain(self->fd[1], 0, 0));
	EXPECT_EQ(0, reg_disc_check(self->fd[1], 3, 30, true));
}

TEST_F(path, self_connect)
{
	unsigned char data[8] = { 0 };
	__u32 len = sizeof(data);
	int fd = reg_client(&self->conf);
	int err;

	ASSERT_EQ(0, reg_bind(fd, &self->conf, 0));
	ASSERT_EQ(0, reg_connect(fd, &self->conf, reg_port(fd)));
	ASSERT_EQ(0, reg_send_all(fd, 3000, 2));
	err = reg_disc_send(fd, data, sizeof(data));
	if (err) {
		ASSERT_EQ(ENOPROTOOPT, err);
		ASSERT_EQ(0, reg_disc_send(fd, NULL, 0));
	}
	EXPECT_EQ(3000, reg_drain(fd, 2, 0));
	EXPECT_EQ(err, reg_disc_recv(fd, data, &len));
	if (!err)
		EXPECT_EQ(sizeof(data), len);
}

/* Both SYNs are lost at first, so that neither end is the server. */
TEST_F_TIMEOUT(path, simultaneous_open, 60)
{
	const enum reg_want either[2] = { REG_EITHER, REG_EITHER };
	struct reg_conf conf = self->conf;
	unsigned short port[2];
	int i;

	ASSERT_EQ(0, reg_sh("nft -f - <<-EOF\n"
			    "table inet t { chain c { "
			    "type filter hook input priority 0; "
			    "tcp flags syn / syn,ack drop; }; }\nEOF"));
	for (i = 0; i < 2; i++) {
		self->fd[i] = reg_client(&conf);
		ASSERT_LE(0, self->fd[i]);
		ASSERT_EQ(0, reg_bind(self->fd[i], &conf, 0));
		port[i] = reg_port(self->fd[i]);
		ASSERT_EQ(0, reg_nonblock(self->fd[i], true));
	}
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(-1, reg_connect(self->fd[i], &conf, port[!i]));
		ASSERT_EQ(EINPROGRESS, errno);
	}
	ASSERT_EQ(0, reg_sh("nft flush ruleset"));
	for (i = 0; i < 2; i++) {
		ASSERT_TRUE(reg_poll(self->fd[i], POLLOUT, REG_SOON_MS) &
			    POLLOUT);
		ASSERT_EQ(TCP_ESTABLISHED, reg_tcp_state(self->fd[i]));
		ASSERT_EQ(0, reg_nonblock(self->fd[i], false));
	}
	EXPECT_EQ(0, reg_exchange(self->fd, either, 3000));
}

/* --- signed segments ------------------------------------------------- */

static int path_sign(int fd, const struct reg_conf *conf)
{
	struct tcp_md5sig md5 = { .tcpm_keylen = 4, .tcpm_key = "key!" };
	struct sockaddr_storage ss;
	socklen_t len = reg_addr(conf, 0, &ss);

	memcpy(&md5.tcpm_addr, &ss, len);
	return setsockopt(fd, IPPROTO_TCP, TCP_MD5SIG, &md5, sizeof(md5));
}

TEST_F(path, md5)
{
	int listener = reg_listen(&self->conf);

	self->fd[0] = reg_client(&self->conf);
	if (path_sign(listener, &self->conf))
		SKIP(return, "no TCP_MD5SIG here");
	ASSERT_EQ(0, path_sign(self->fd[0], &self->conf));
	self->fd[1] = reg_join(&self->conf, listener, self->fd[0]);
	ASSERT_LE(0, self->fd[1]);
	EXPECT_EQ(WSP_FALLBACK_SPACE, reg_info_fallback(self->fd[0]));
	EXPECT_EQ(0, reg_exchange_both(self->fd, REG_FALLBACK));
}

/* --- fast open ------------------------------------------------------- */

/* Client and server support, no cookies needed on either side. */
#define PATH_TFO	"1543"

static int path_tfo_listen(const struct reg_conf *conf)
{
	int listener;

	if (reg_sysctl("net/ipv4/tcp_fastopen", PATH_TFO))
		return -1;
	listener = reg_listen(conf);
	if (reg_setint(listener, IPPROTO_TCP, TCP_FASTOPEN, 16))
		return reg_fail("TCP_FASTOPEN");
	return listener;
}

/* Sends @len bytes with the SYN and accepts; true if fast open was used. */
static bool path_tfo_join(const struct reg_conf *conf, int listener,
			  size_t len, int fd[2])
{
	struct sockaddr_storage ss;
	socklen_t slen = reg_addr(conf, reg_port(listener), &ss);
	struct tcp_info ti = { 0 };
	socklen_t tlen = sizeof(ti);
	unsigned char buf[512];

	reg_fill(buf, len, 0, 0);
	fd[0] = reg_client(conf);
	if (sendto(fd[0], buf, len, MSG_FASTOPEN, (struct sockaddr *)&ss,
		   slen) != (ssize_t)len)
		return !reg_fail("MSG_FASTOPEN");
	fd[1] = accept(listener, NULL, NULL);
	getsockopt(fd[0], IPPROTO_TCP, TCP_INFO, &ti, &tlen);
	return ti.tcpi_options & TCPI_OPT_SYN_DATA;
}

TEST_F(path, fast_open_with_data)
{
	int listener = path_tfo_listen(&self->conf);

	ASSERT_LE(0, listener);
	ASSERT_TRUE(path_tfo_join(&self->conf, listener, 300, self->fd));
	ASSERT_LE(0, self->fd[1]);
	EXPECT_EQ(1, reg_disc_end(self->fd[0], 7, 64, REG_DATA));
	EXPECT_EQ(1, reg_disc_end(self->fd[1], 8, 64, REG_DATA));
	EXPECT_EQ(300, reg_drain(self->fd[1], 0, 0));
	EXPECT_EQ(0, reg_drain(self->fd[0], 0, 0));
	EXPECT_EQ(0, reg_disc_check(self->fd[1], 7, 64, true));
	EXPECT_EQ(0, reg_disc_check(self->fd[0], 8, 64, true));
}

TEST_F(path, fast_open_with_the_record_behind_the_syn)
{
	int listener = path_tfo_listen(&self->conf);

	ASSERT_LE(0, listener);
	self->fd[0] = reg_client(&self->conf);
	ASSERT_EQ(0, reg_setint(self->fd[0], IPPROTO_TCP,
				TCP_FASTOPEN_CONNECT, 1));
	ASSERT_EQ(0, reg_connect(self->fd[0], &self->conf,
				 reg_port(listener)));
	ASSERT_EQ(0, reg_send_all(self->fd[0], 300, 0));
	self->fd[1] = accept(listener, NULL, NULL);
	ASSERT_LE(0, self->fd[1]);
	ASSERT_TRUE(reg_wait_state(self->fd[0], TCP_ESTABLISHED));
	EXPECT_EQ(1, reg_disc_end(self->fd[0], 7, 64, REG_DATA));
	EXPECT_EQ(300, reg_drain(self->fd[1], 0, 0));
	EXPECT_EQ(0, reg_disc_check(self->fd[1], 7, 64, true));
}

TEST_F(path, fast_open_not_used_by_the_client)
{
	int listener = path_tfo_listen(&self->conf);

	ASSERT_LE(0, listener);
	self->fd[0] = reg_client(&self->conf);
	self->fd[1] = reg_join(&self->conf, listener, self->fd[0]);
	EXPECT_EQ(0, reg_exchange_both(self->fd, REG_DATA));
}

/* The first connection asks for a cookie, the next ones have it. */
TEST_F(path, fast_open_with_cookies)
{
	int listener, i;

	listener = path_tfo_listen(&self->conf);
	ASSERT_LE(0, listener);
	ASSERT_EQ(0, reg_sysctl("net/ipv4/tcp_fastopen", "3"));
	for (i = 0; i < 3; i++) {
		path_tfo_join(&self->conf, listener, 200, self->fd);
		ASSERT_LE(0, self->fd[1]);
		ASSERT_TRUE(reg_wait_state(self->fd[0], TCP_ESTABLISHED));
		EXPECT_LE(0, reg_disc_end(self->fd[0], 7, 64, REG_EITHER));
		EXPECT_LE(0, reg_disc_end(self->fd[1], 8, 64, REG_EITHER));
		EXPECT_EQ(200, reg_drain(self->fd[1], 0, 0));
		EXPECT_EQ(0, reg_drain(self->fd[0], 0, 0));
		close(self->fd[0]);
		close(self->fd[1]);
	}
}

/* --- across a wire --------------------------------------------------- */

FIXTURE(wire) {
	struct reg_conf conf;
	int fd[2];
};

FIXTURE_VARIANT(wire) {
	enum reg_family family;
};

FIXTURE_VARIANT_ADD(wire, v4) {
	.family = REG_V4,
};

FIXTURE_VARIANT_ADD(wire, v6) {
	.family = REG_V6,
};

FIXTURE_SETUP(wire)
{
	self->conf = (struct reg_conf) {
		.family = variant->family,
		.attach = REG_BOTH,
	};
	ASSERT_EQ(0, reg_ns_pair(self->conf.ns, NULL));
}

FIXTURE_TEARDOWN(wire)
{
}

/* @cmd is ETHTOOL_STXCSUM and the like, for veth0 of @ns. */
static int wire_offload(int ns, int cmd, int on)
{
	struct ethtool_value val = { .cmd = cmd, .data = on };
	struct ifreq ifr = { .ifr_name = "veth0", .ifr_data = (void *)&val };
	int fd = reg_socket(REG_V4, ns);
	int ret = ioctl(fd, SIOCETHTOOL, &ifr);

	close(fd);
	return ret ? reg_fail("SIOCETHTOOL") : 0;
}

TEST_F(wire, offloads_on)
{
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	EXPECT_EQ(0, reg_exchange_both(self->fd, REG_DATA));
}

TEST_F(wire, offloads_off)
{
	int i;

	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, wire_offload(self->conf.ns[i], ETHTOOL_STSO, 0));
		ASSERT_EQ(0, wire_offload(self->conf.ns[i], ETHTOOL_SGSO, 0));
		ASSERT_EQ(0, wire_offload(self->conf.ns[i], ETHTOOL_STXCSUM, 0));
	}
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	EXPECT_EQ(0, reg_exchange_both(self->fd, REG_DATA));
}

TEST_F(wire, gro_on)
{
	int i;

	for (i = 0; i < 2; i++)
		ASSERT_EQ(0, wire_offload(self->conf.ns[i], ETHTOOL_SGRO, 1));
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	EXPECT_EQ(0, reg_exchange_both(self->fd, REG_DATA));
}

/* Each end reads its own namespace's switch; one off is enough. */
TEST_F(wire, disabled_at_the_client)
{
	ASSERT_EQ(0, reg_ns_enter(self->conf.ns[0]));
	ASSERT_EQ(0, reg_sysctl("net/wsp/enable", "0"));
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	EXPECT_EQ(WSP_FALLBACK_DISABLED, reg_info_fallback(self->fd[0]));
	EXPECT_EQ(WSP_FALLBACK_NO_OPTION, reg_info_fallback(self->fd[1]));
	EXPECT_EQ(0, reg_exchange_both(self->fd, REG_FALLBACK));
}

TEST_F(wire, disabled_at_the_server)
{
	ASSERT_EQ(0, reg_ns_enter(self->conf.ns[1]));
	ASSERT_EQ(0, reg_sysctl("net/wsp/enable", "0"));
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	EXPECT_EQ(WSP_FALLBACK_NO_OPTION, reg_info_fallback(self->fd[0]));
	EXPECT_EQ(0, reg_exchange_both(self->fd, REG_FALLBACK));
}

TEST_F(wire, stdurg_at_the_server)
{
	ASSERT_EQ(0, reg_ns_enter(self->conf.ns[1]));
	ASSERT_EQ(0, reg_sysctl("net/ipv4/tcp_stdurg", "1"));
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	EXPECT_EQ(0, reg_exchange_both(self->fd, REG_FALLBACK));
}

TEST_F(wire, stdurg_at_the_client)
{
	ASSERT_EQ(0, reg_ns_enter(self->conf.ns[0]));
	ASSERT_EQ(0, reg_sysctl("net/ipv4/tcp_stdurg", "1"));
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	EXPECT_EQ(0, reg_exchange_both(self->fd, REG_FALLBACK));
}

TEST_HARNESS_MAIN
