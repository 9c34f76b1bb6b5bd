// SPDX-License-Identifier: GPL-2.0
/*
 * Other owners of a TCP socket: kTLS, MPTCP, SMC, IPV6_ADDRFORM, ourselves.
 * Whoever comes second is told so, and what was there goes on working.
 */
#define _GNU_SOURCE
#include "kselftest_harness.h"
#include "reg_io.h"

#include <linux/tls.h>

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP	262
#endif
#ifndef AF_SMC
#define AF_SMC		43
#endif
#ifndef IPPROTO_SMC
#define IPPROTO_SMC	256
#endif
#define SMCPROTO_SMC	0
#define SMCPROTO_SMC6	1

FIXTURE(ulp) {
	struct reg_conf conf;
	int fd[2];
};

FIXTURE_VARIANT(ulp) {
	enum reg_family family;
};

FIXTURE_VARIANT_ADD(ulp, v4) {
	.family = REG_V4,
};

FIXTURE_VARIANT_ADD(ulp, v6) {
	.family = REG_V6,
};

FIXTURE_VARIANT_ADD(ulp, mapped) {
	.family = REG_MAPPED,
};

FIXTURE_SETUP(ulp)
{
	self->conf = (struct reg_conf) {
		.family = variant->family,
		.attach = REG_BOTH,
	};
	ASSERT_EQ(0, reg_ns_lo());
}

FIXTURE_TEARDOWN(ulp)
{
}

/* 0 or an errno value. */
static int ulp_set(int fd, const char *name)
{
	return setsockopt(fd, IPPROTO_TCP, TCP_ULP, name, strlen(name)) ?
	       errno : 0;
}

static bool ulp_is(int fd, const char *name)
{
	char buf[16] = { 0 };
	socklen_t len = sizeof(buf);

	return !getsockopt(fd, IPPROTO_TCP, TCP_ULP, buf, &len) &&
	       !strcmp(buf, name);
}

static int ulp_unspec(int fd)
{
	struct sockaddr sa = { .sa_family = AF_UNSPEC };

	return connect(fd, &sa, sizeof(sa));
}

/* --- ourselves ------------------------------------------------------- */

TEST_F(ulp, twice_on_listener_and_both_ends)
{
	int listener = reg_listen(&self->conf);

	EXPECT_EQ(EEXIST, ulp_set(listener, "wsp"));
	self->fd[0] = reg_client(&self->conf);
	EXPECT_EQ(EEXIST, ulp_set(self->fd[0], "wsp"));
	self->fd[1] = reg_join(&self->conf, listener, self->fd[0]);
	ASSERT_LE(0, self->fd[1]);
	EXPECT_EQ(EEXIST, ulp_set(self->fd[0], "wsp"));
	EXPECT_EQ(EEXIST, ulp_set(self->fd[1], "wsp"));
	EXPECT_EQ(0, reg_exchange_both(self->fd, REG_DATA));
}

TEST_F(ulp, unknown_name_changes_nothing)
{
	int fd = reg_client(&self->conf);

	EXPECT_EQ(ENOENT, ulp_set(fd, "no-such"));
	EXPECT_EQ(ENOENT, ulp_set(fd, "wspx"));
	EXPECT_TRUE(ulp_is(fd, "wsp"));
}

static bool ulp_has(int fd)
{
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* --- kTLS ------------------------------------------------------------ */

TEST_F(ulp, tls_on_attached_is_eexist)
{
	int listener = reg_listen(&self->conf), i, err;

	self->fd[0] = reg_client(&self->conf);
	err = ulp_set(self->fd[0], "tls");
	if (err == ENOENT)
		SKIP(return, "no kTLS here");
	EXPECT_EQ(EEXIST, err);
	EXPECT_EQ(EEXIST, ulp_set(listener, "tls"));
	self->fd[1] = reg_join(&self->conf, listener, self->fd[0]);
	ASSERT_LE(0, self->fd[1]);
	for (i = 0; i < 2; i++) {
		EXPECT_EQ(EEXIST, ulp_set(self->fd[i], "tls"));
		EXPECT_TRUE(ulp_is(self->fd[i], "wsp"));
	}
	EXPECT_EQ(0, reg_exchange_both(self->fd, REG_DATA));
}

TEST_F(ulp, tls_stays_eexist_after_a_disconnect)
{
	int fd[2], err;

	ASSERT_EQ(0, reg_pair(&self->conf, fd));
	ASSERT_EQ(0, ulp_unspec(fd[0]));
	err = ulp_set(fd[0], "tls");
	if (err == ENOENT)
		SKIP(return, "no kTLS here");
	EXPECT_EQ(EEXIST, err);
}

TEST_F(ulp, attach_on_tls_is_eexist)
{
	struct reg_conf conf = self->conf;
	int err;

	conf.attach = REG_NEITHER;
	ASSERT_EQ(0, reg_pair(&conf, self->fd));
	err = ulp_set(self->fd[0], "tls");
	if (err == ENOENT)
		SKIP(return, "no kTLS here");
	ASSERT_EQ(0, err);
	EXPECT_EQ(EEXIST, ulp_set(self->fd[0], "wsp"));
	EXPECT_TRUE(ulp_is(self->fd[0], "tls"));
	EXPECT_EQ(0, reg_exchange_both(self->fd, REG_FALLBACK));
}

/* With keys in force struct proto is kTLS's own. */
TEST_F(ulp, attach_on_tls_with_keys_is_eexist)
{
	struct tls12_crypto_info_aes_gcm_128 key = {
		.info.version = TLS_1_2_VERSION,
		.info.cipher_type = TLS_CIPHER_AES_GCM_128,
	};
	struct reg_conf conf = self->conf;
	int i, err;

	conf.attach = REG_NEITHER;
	ASSERT_EQ(0, reg_pair(&conf, self->fd));
	for (i = 0; i < 2; i++) {
		err = ulp_set(self->fd[i], "tls");
		if (err == ENOENT)
			SKIP(return, "no kTLS here");
		ASSERT_EQ(0, err);
		ASSERT_EQ(0, setsockopt(self->fd[i], SOL_TLS, TLS_TX, &key,
					sizeof(key)));
		ASSERT_EQ(0, setsockopt(self->fd[i], SOL_TLS, TLS_RX, &key,
					sizeof(key)));
		EXPECT_EQ(EEXIST, ulp_set(self->fd[i], "wsp"));
	}
	EXPECT_EQ(0, reg_exchange_both(self->fd, REG_FALLBACK));
}

/* kTLS cannot be on a listener; its peer may well be attached. */
TEST_F(ulp, tls_on_the_plain_peer_of_an_attached_socket)
{
	struct reg_conf conf = self->conf;
	int err;

	conf.attach = REG_SERVER;
	ASSERT_EQ(0, reg_pair(&conf, self->fd));
	err = ulp_set(self->fd[0], "tls");
	if (err == ENOENT)
		SKIP(return, "no kTLS here");
	ASSERT_EQ(0, err);
	EXPECT_EQ(WSP_FALLBACK_NO_OPTION, reg_info_fallback(self->fd[1]));
	EXPECT_EQ(0, reg_exchange_both(self->fd, REG_FALLBACK));
}

/* --- MPTCP ----------------------------------------------------------- */

static int ulp_mptcp(const struct reg_conf *conf)
{
	int domain = conf->family == REG_V4 ? AF_INET : AF_INET6;

	return socket(domain, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_MPTCP);
}

static int ulp_mptcp_listen(const struct reg_conf *conf)
{
	int fd = ulp_mptcp(conf);

	if (reg_bind(fd, conf, 0) || listen(fd, 8))
		return reg_fail("MPTCP listener");
	return fd;
}

/* MPTCP knows no TCP_ULP. */
TEST_F(ulp, mptcp_attach_is_enoprotoopt)
{
	struct reg_conf conf = self->conf;
	int listener, i;

	if (!ulp_has(ulp_mptcp(&conf)))
		SKIP(return, "no MPTCP here");
	listener = ulp_mptcp_listen(&conf);
	self->fd[0] = ulp_mptcp(&conf);
	EXPECT_EQ(ENOPROTOOPT, ulp_set(self->fd[0], "wsp"));
	EXPECT_EQ(ENOPROTOOPT, ulp_set(listener, "wsp"));
	self->fd[1] = reg_join(&conf, listener, self->fd[0]);
	ASSERT_LE(0, self->fd[1]);
	for (i = 0; i < 2; i++)
		EXPECT_EQ(ENOPROTOOPT, ulp_set(self->fd[i], "wsp"));
	EXPECT_EQ(0, reg_exchange_both(self->fd, REG_FALLBACK));
}

TEST_F(ulp, mptcp_name_is_refused_on_tcp)
{
	struct reg_conf conf = self->conf;
	int fd = reg_client(&conf);

	if (!ulp_has(ulp_mptcp(&conf)))
		SKIP(return, "no MPTCP here");
	EXPECT_EQ(EEXIST, ulp_set(fd, "mptcp"));
	EXPECT_TRUE(ulp_is(fd, "wsp"));
}

TEST_F(ulp, mptcp_client_of_an_attached_server)
{
	int listener;

	if (!ulp_has(ulp_mptcp(&self->conf)))
		SKIP(return, "no MPTCP here");
	listener = reg_listen(&self->conf);
	self->fd[0] = ulp_mptcp(&self->conf);
	self->fd[1] = reg_join(&self->conf, listener, self->fd[0]);
	ASSERT_LE(0, self->fd[1]);
	EXPECT_EQ(WSP_FALLBACK_NO_OPTION, reg_info_fallback(self->fd[1]));
	EXPECT_EQ(0, reg_exchange_both(self->fd, REG_FALLBACK));
}

/* Accepted from a plain client, an MPTCP listener's child is plain TCP. */
TEST_F(ulp, mptcp_server_of_an_attached_client)
{
	int listener;

	if (!ulp_has(ulp_mptcp(&self->conf)))
		SKIP(return, "no MPTCP here");
	listener = ulp_mptcp_listen(&self->conf);
	self->fd[0] = reg_client(&self->conf);
	self->fd[1] = reg_join(&self->conf, listener, self->fd[0]);
	ASSERT_LE(0, self->fd[1]);
	EXPECT_EQ(WSP_FALLBACK_NO_OPTION, reg_info_fallback(self->fd[0]));
	EXPECT_EQ(EISCONN, ulp_set(self->fd[1], "wsp"));
	EXPECT_EQ(0, reg_exchange_both(self->fd, REG_FALLBACK));
}

TEST_F(ulp, mptcp_plain_child_disconnected_and_attached)
{
	int listener, fd[2];

	if (!ulp_has(ulp_mptcp(&self->conf)))
		SKIP(return, "no MPTCP here");
	listener = ulp_mptcp_listen(&self->conf);
	fd[0] = reg_client(&self->conf);
	fd[1] = reg_join(&self->conf, listener, fd[0]);
	ASSERT_LE(0, fd[1]);
	ASSERT_EQ(0, ulp_unspec(fd[1]));
	ASSERT_EQ(0, ulp_set(fd[1], "wsp"));
	listener = reg_listen(&self->conf);
	self->fd[0] = fd[1];
	self->fd[1] = reg_join(&self->conf, listener, self->fd[0]);
	EXPECT_EQ(0, reg_exchange_both(self->fd, REG_DATA));
}

/* --- SMC ------------------------------------------------------------- */

static int ulp_smc(const struct reg_conf *conf)
{
	return socket(AF_SMC, SOCK_STREAM | SOCK_CLOEXEC,
		      conf->family == REG_V4 ? SMCPROTO_SMC : SMCPROTO_SMC6);
}

TEST_F(ulp, smc_attach_is_eopnotsupp)
{
	int listener, client;

	if (!ulp_has(ulp_smc(&self->conf)))
		SKIP(return, "no SMC here");
	listener = ulp_smc(&self->conf);
	client = ulp_smc(&self->conf);
	EXPECT_EQ(EOPNOTSUPP, ulp_set(client, "wsp"));
	EXPECT_EQ(EOPNOTSUPP, ulp_set(listener, "wsp"));
	ASSERT_EQ(0, reg_bind(listener, &self->conf, 0));
	ASSERT_EQ(0, listen(listener, 8));
	EXPECT_EQ(EOPNOTSUPP, ulp_set(listener, "wsp"));
}

TEST_F(ulp, smc_over_ipproto_attach_is_eopnotsupp)
{
	int domain = self->conf.family == REG_V4 ? AF_INET : AF_INET6;
	int fd;

	if (!ulp_has(ulp_smc(&self->conf)))
		SKIP(return, "no SMC here");
	fd = socket(domain, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_SMC);
	if (fd < 0)
		SKIP(return, "no IPPROTO_SMC here");
	EXPECT_EQ(EOPNOTSUPP, ulp_set(fd, "wsp"));
}

/*
 * Without the hardware both ends fall back, and the descriptors then stand
 * for the TCP sockets below; the client's SMC still watches.
 */
TEST_F(ulp, smc_fallen_back)
{
	int listener, fd[2];

	if (!ulp_has(ulp_smc(&self->conf)))
		SKIP(return, "no SMC here");
	listener = ulp_smc(&self->conf);
	ASSERT_EQ(0, reg_bind(listener, &self->conf, 0));
	ASSERT_EQ(0, listen(listener, 8));
	fd[0] = ulp_smc(&self->conf);
	fd[1] = reg_join(&self->conf, listener, fd[0]);
	ASSERT_LE(0, fd[1]);
	EXPECT_EQ(EISCONN, ulp_set(fd[0], "wsp"));
	EXPECT_EQ(EISCONN, ulp_set(fd[1], "wsp"));
	ASSERT_EQ(0, ulp_unspec(fd[0]));
	EXPECT_EQ(EOPNOTSUPP, ulp_set(fd[0], "wsp"));
	/* Nothing of SMC is left on the other, which makes a new start. */
	ASSERT_EQ(0, ulp_unspec(fd[1]));
	ASSERT_EQ(0, ulp_set(fd[1], "wsp"));
	listener = reg_listen(&self->conf);
	self->fd[0] = fd[1];
	self->fd[1] = reg_join(&self->conf, listener, self->fd[0]);
	EXPECT_EQ(0, reg_exchange_both(self->fd, REG_DATA));
}

TEST_F(ulp, smc_both_ends_beside_an_attached_listener)
{
	int listener, other;

	if (!ulp_has(ulp_smc(&self->conf)))
		SKIP(return, "no SMC here");
	other = reg_listen(&self->conf);
	ASSERT_LE(0, other);
	listener = ulp_smc(&self->conf);
	ASSERT_EQ(0, reg_bind(listener, &self->conf, 0));
	ASSERT_EQ(0, listen(listener, 8));
	self->fd[0] = ulp_smc(&self->conf);
	self->fd[1] = reg_join(&self->conf, listener, self->fd[0]);
	ASSERT_LE(0, self->fd[1]);
	EXPECT_EQ(0, reg_exchange_both(self->fd, REG_FALLBACK));
}

/* Its option has our kind and another ExID. */
TEST_F(ulp, smc_client_of_an_attached_server)
{
	int listener;

	if (!ulp_has(ulp_smc(&self->conf)))
		SKIP(return, "no SMC here");
	listener = reg_listen(&self->conf);
	self->fd[0] = ulp_smc(&self->conf);
	self->fd[1] = reg_join(&self->conf, listener, self->fd[0]);
	ASSERT_LE(0, self->fd[1]);
	EXPECT_EQ(WSP_FALLBACK_NO_OPTION, reg_info_fallback(self->fd[1]));
	EXPECT_EQ(0, reg_exchange_both(self->fd, REG_FALLBACK));
}

TEST_F(ulp, smc_server_of_an_attached_client)
{
	int listener;

	if (!ulp_has(ulp_smc(&self->conf)))
		SKIP(return, "no SMC here");
	listener = ulp_smc(&self->conf);
	ASSERT_EQ(0, reg_bind(listener, &self->conf, 0));
	ASSERT_EQ(0, listen(listener, 8));
	self->fd[0] = reg_client(&self->conf);
	self->fd[1] = reg_join(&self->conf, listener, self->fd[0]);
	ASSERT_LE(0, self->fd[1]);
	EXPECT_EQ(WSP_FALLBACK_NO_OPTION, reg_info_fallback(self->fd[0]));
	EXPECT_EQ(0, reg_exchange_both(self->fd, REG_FALLBACK));
}

/* --- an IPv6 socket that turns into an IPv4 one ---------------------- */

static int ulp_addrform(int fd)
{
	return reg_setint(fd, IPPROTO_IPV6, IPV6_ADDRFORM, AF_INET) ? errno : 0;
}

static int ulp_domain(int fd)
{
	int domain = -1;
	socklen_t len = sizeof(domain);

	getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len);
	return domain;
}

TEST_F(ulp, addrform_on_attached_is_ebusy)
{
	int i;

	if (self->conf.family != REG_MAPPED)
		SKIP(return, "for mapped addresses only");
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	for (i = 0; i < 2; i++) {
		EXPECT_EQ(EBUSY, ulp_addrform(self->fd[i]));
		EXPECT_EQ(AF_INET6, ulp_domain(self->fd[i]));
	}
	EXPECT_EQ(0, reg_exchange_both(self->fd, REG_DATA));
}

/* It was made with IPv6's struct proto and must be freed with it. */
TEST_F(ulp, attach_after_addrform)
{
	struct reg_conf plain = self->conf, v4 = self->conf;
	int fd[2], listener;

	if (self->conf.family != REG_MAPPED)
		SKIP(return, "for mapped addresses only");
	plain.attach = REG_NEITHER;
	v4.family = REG_V4;
	ASSERT_EQ(0, reg_pair(&plain, fd));
	ASSERT_EQ(0, ulp_addrform(fd[0]));
	ASSERT_EQ(AF_INET, ulp_domain(fd[0]));
	EXPECT_EQ(EISCONN, ulp_set(fd[0], "wsp"));
	ASSERT_EQ(0, ulp_unspec(fd[0]));
	ASSERT_EQ(0, ulp_set(fd[0], "wsp"));
	listener = reg_listen(&v4);
	self->fd[0] = fd[0];
	self->fd[1] = reg_join(&v4, listener, self->fd[0]);
	EXPECT_EQ(0, reg_exchange_both(self->fd, REG_DATA));
}

TEST_HARNESS_MAIN
