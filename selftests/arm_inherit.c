// SPDX-License-Identifier: GPL-2.0
/*
 * Disconnect data armed on a listener for its children, and on children of a
 * Fast Open listener whose handshake is not over yet.
 */
#define _GNU_SOURCE
#include "kselftest_harness.h"
#include "arm_lib.h"
#include "reg_task.h"

#define CHILDREN	5

FIXTURE(inherit) {
	struct reg_conf conf;
	int listener;
	int c[CHILDREN];	/* clients */
	int s[CHILDREN];	/* the listener's children */
};

FIXTURE_VARIANT(inherit) {
	enum reg_family family;
};

FIXTURE_VARIANT_ADD(inherit, v4) { REG_V4 };
FIXTURE_VARIANT_ADD(inherit, v6) { REG_V6 };
FIXTURE_VARIANT_ADD(inherit, mapped) { REG_MAPPED };

FIXTURE_SETUP(inherit)
{
	self->conf = (struct reg_conf) {
		.family = variant->family,
		.attach = REG_BOTH,
	};
	memset(self->c, -1, sizeof(self->c));
	memset(self->s, -1, sizeof(self->s));
	ASSERT_EQ(0, reg_ns_lo());
	self->listener = reg_listen(&self->conf);
	ASSERT_LE(0, self->listener);
}

FIXTURE_TEARDOWN(inherit)
{
	int i;

	close(self->listener);
	for (i = 0; i < CHILDREN; i++) {
		if (self->c[i] >= 0)
			reg_abort(self->c[i]);
		if (self->s[i] >= 0)
			reg_abort(self->s[i]);
	}
}

static int inherit_join(const struct reg_conf *conf, int listener, int *c,
			int *s)
{
	*c = reg_client(conf);
	*s = *c < 0 ? -1 : reg_join(conf, listener, *c);
	return *s < 0 ? -1 : 0;
}

static int inherit_arm(int fd, unsigned int seed)
{
	return arm_with(fd, seed, ARM_LEN, WSP_DISC_INHERIT);
}

TEST_F(inherit, every_child_gets_it)
{
	int i;

	ASSERT_EQ(0, inherit_arm(self->listener, ARM_BYE));
	EXPECT_EQ(ARM_LEN, arm_len(self->listener));
	for (i = 0; i < CHILDREN; i++) {
		ASSERT_EQ(0, inherit_join(&self->conf, self->listener,
					  &self->c[i], &self->s[i]));
		EXPECT_EQ(ARM_LEN, arm_len(self->s[i]));
	}
	for (i = 0; i < CHILDREN; i++) {
		close(self->s[i]);
		self->s[i] = -1;
		EXPECT_EQ(0, arm_got_it(self->c[i]));
	}
	EXPECT_EQ(ARM_LEN, arm_len(self->listener));
}

TEST_F(inherit, without_the_flag_none_does)
{
	ASSERT_EQ(0, arm(self->listener));
	EXPECT_EQ(ARM_LEN, arm_len(self->listener));
	ASSERT_EQ(0, inherit_join(&self->conf, self->listener, &self->c[0],
				  &self->s[0]));
	EXPECT_EQ(0, arm_len(self->s[0]));
	close(self->s[0]);
	self->s[0] = -1;
	EXPECT_EQ(0, arm_got(self->c[0], 0, 0, 0));
}

TEST_F(inherit, armed_before_listen)
{
	int fd = reg_socket(variant->family, 0);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, reg_attach(fd));
	ASSERT_EQ(0, reg_bind(fd, &self->conf, 0));
	ASSERT_EQ(0, inherit_arm(fd, ARM_BYE));
	ASSERT_EQ(0, listen(fd, 8));
	ASSERT_EQ(0, inherit_join(&self->conf, fd, &self->c[0], &self->s[0]));
	close(fd);
	EXPECT_EQ(ARM_LEN, arm_len(self->s[0]));
	close(self->s[0]);
	self->s[0] = -1;
	EXPECT_EQ(0, arm_got_it(self->c[0]));
}

/* A child is made when its handshake ends, not when it is accepted. */
TEST_F(inherit, arming_anew_is_for_later_children)
{
	int i;

	ASSERT_EQ(0, inherit_arm(self->listener, ARM_BYE));
	for (i = 0; i < CHILDREN; i++) {
		self->c[i] = reg_client(&self->conf);
		ASSERT_EQ(0, reg_connect(self->c[i], &self->conf,
					 reg_port(self->listener)));
		if (i == 1)
			ASSERT_EQ(0, inherit_arm(self->listener, ARM_OTHER));
		if (i == 2)
			ASSERT_EQ(0, arm(self->listener));
		if (i == 3)
			ASSERT_EQ(0, arm_raw(self->listener, NULL, 0, 0));
	}
	for (i = 0; i < CHILDREN; i++) {
		self->s[i] = accept4(self->listener, NULL, NULL, SOCK_CLOEXEC);
		ASSERT_LE(0, self->s[i]);
		close(self->s[i]);
		self->s[i] = -1;
	}
	EXPECT_EQ(0, arm_got_it(self->c[0]));
	EXPECT_EQ(0, arm_got_it(self->c[1]));
	EXPECT_EQ(0, arm_got(self->c[2], 0, ARM_OTHER, ARM_LEN));
	EXPECT_EQ(0, arm_got(self->c[3], 0, 0, 0));
	EXPECT_EQ(0, arm_got(self->c[4], 0, 0, 0));
}

TEST_F(inherit, a_child_decides_for_itself)
{
	int i;

	ASSERT_EQ(0, inherit_arm(self->listener, ARM_BYE));
	for (i = 0; i < CHILDREN; i++)
		ASSERT_EQ(0, inherit_join(&self->conf, self->listener,
					  &self->c[i], &self->s[i]));
	ASSERT_EQ(0, arm_with(self->s[1], ARM_OTHER, 20, 0));
	ASSERT_EQ(0, arm_raw(self->s[2], NULL, 0, 0));
	ASSERT_EQ(1, reg_disc_end(self->s[3], ARM_OTHER, 33, REG_DATA));
	for (i = 0; i < CHILDREN; i++) {
		close(self->s[i]);
		self->s[i] = -1;
	}
	EXPECT_EQ(0, arm_got_it(self->c[0]));
	EXPECT_EQ(0, arm_got(self->c[1], 0, ARM_OTHER, 20));
	EXPECT_EQ(0, arm_got(self->c[2], 0, 0, 0));
	EXPECT_EQ(0, arm_got(self->c[3], 0, ARM_OTHER, 33));
	EXPECT_EQ(0, arm_got_it(self->c[4]));
	EXPECT_EQ(ARM_LEN, arm_len(self->listener));
}

TEST_F(inherit, outlives_the_listener)
{
	ASSERT_EQ(0, inherit_arm(self->listener, ARM_BYE));
	ASSERT_EQ(0, inherit_join(&self->conf, self->listener, &self->c[0],
				  &self->s[0]));
	close(self->listener);
	self->listener = -1;
	EXPECT_EQ(ARM_LEN, arm_len(self->s[0]));
	close(self->s[0]);
	self->s[0] = -1;
	EXPECT_EQ(0, arm_got_it(self->c[0]));
}

/* As TCP has it: what nobody accepted is reset. */
TEST_F(inherit, a_child_never_accepted_is_reset)
{
	ASSERT_EQ(0, inherit_arm(self->listener, ARM_BYE));
	self->c[0] = reg_client(&self->conf);
	ASSERT_EQ(0, reg_connect(self->c[0], &self->conf,
				 reg_port(self->listener)));
	ASSERT_TRUE(reg_poll(self->listener, POLLIN, REG_SOON_MS));
	close(self->listener);
	self->listener = -1;
	EXPECT_EQ(0, arm_got_reset(self->c[0]));
}

TEST_F(inherit, plain_clients_see_a_clean_end)
{
	ASSERT_EQ(0, inherit_arm(self->listener, ARM_BYE));
	self->conf.attach = REG_NEITHER;
	ASSERT_EQ(0, inherit_join(&self->conf, self->listener, &self->c[0],
				  &self->s[0]));
	close(self->s[0]);
	self->s[0] = -1;
	EXPECT_EQ(0, reg_drain(self->c[0], ARM_SEED, 0));
}

static bool inherit_stop;

/* One of two, of different lengths, all the time. */
static ssize_t inherit_rearm(struct reg_task *task)
{
	unsigned int n;

	for (n = 0; !__atomic_load_n(&inherit_stop, __ATOMIC_ACQUIRE); n++)
		if (arm_with(task->fd, n & 1 ? ARM_OTHER : ARM_BYE,
			     n & 1 ? 1000 : ARM_LEN, WSP_DISC_INHERIT))
			return -1;
	return n;
}

TEST_F(inherit, armed_anew_while_children_come)
{
	struct reg_task task = {
		.call = inherit_rearm,
		.fd = self->listener,
	};
	int i, len, seen[2] = { 0, 0 };

	ASSERT_EQ(0, inherit_arm(self->listener, ARM_BYE));
	ASSERT_EQ(0, pthread_create(&task.thread, NULL, reg_task_main, &task));
	for (i = 0; i < 200; i++) {
		ASSERT_EQ(0, inherit_join(&self->conf, self->listener,
					  &self->c[0], &self->s[0]));
		len = arm_len(self->s[0]);
		ASSERT_TRUE(len == ARM_LEN || len == 1000)
			TH_LOG("armed with %d bytes", len);
		seen[len == 1000]++;
		close(self->s[0]);
		self->s[0] = -1;
		ASSERT_EQ(0, arm_got(self->c[0], 0, len == 1000 ? ARM_OTHER :
				     ARM_BYE, len));
		close(self->c[0]);
		self->c[0] = -1;
	}
	__atomic_store_n(&inherit_stop, true, __ATOMIC_RELEASE);
	ASSERT_TRUE(reg_task_join(&task));
	EXPECT_LT(0, task.ret);
	TH_LOG("armed %zd times; %d and %d children", task.ret, seen[0],
	       seen[1]);
}

/* --- Fast Open ----------------------------------------------------------- */

/* Long enough to close in, below TCP's first retransmission but one. */
#define FASTOPEN_DELAY	"1500ms"
/* Client and server support, no cookies needed on either side. */
#define FASTOPEN_SYSCTL	"1543"
#define FASTOPEN_DATA	100

FIXTURE(fastopen) {
	struct reg_conf conf;
	int listener;
	int c;
	int s;
};

FIXTURE_VARIANT(fastopen) {
	enum reg_family family;
};

FIXTURE_VARIANT_ADD(fastopen, v4) { REG_V4 };
FIXTURE_VARIANT_ADD(fastopen, v6) { REG_V6 };

/* Whatever the server sends is late, and neighbours know each other. */
static int fastopen_slow(struct reg_conf *conf)
{
	int fd[2];

	if (reg_pair(conf, fd))
		return -1;
	reg_abort(fd[0]);
	reg_abort(fd[1]);
	if (reg_ns_enter(conf->ns[1]) ||
	    reg_sysctl("net/ipv4/tcp_fastopen", FASTOPEN_SYSCTL) ||
	    reg_sh("tc qdisc add dev veth0 root netem delay " FASTOPEN_DELAY))
		return -1;
	return reg_ns_enter(conf->ns[0]) ||
	       reg_sysctl("net/ipv4/tcp_fastopen", FASTOPEN_SYSCTL);
}

/* The child, still in SYN_RECV, its data read. */
static int fastopen_join(const struct reg_conf *conf, int listener, int *c)
{
	unsigned char buf[FASTOPEN_DATA];
	struct sockaddr_storage ss;
	socklen_t len = reg_addr(conf, reg_port(listener), &ss);
	int s;

	*c = reg_client(conf);
	if (*c < 0 || reg_nonblock(*c, true))
		return -1;
	reg_fill(buf, sizeof(buf), ARM_SEED, 0);
	if (sendto(*c, buf, sizeof(buf), MSG_FASTOPEN, (struct sockaddr *)&ss,
		   len) != sizeof(buf) && errno != EINPROGRESS)
		return reg_fail("MSG_FASTOPEN");
	s = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	if (s < 0)
		return reg_fail("accept");
	if (recv(s, buf, sizeof(buf), MSG_WAITALL) != sizeof(buf))
		return reg_fail("recv");
	return s;
}

FIXTURE_SETUP(fastopen)
{
	self->c = -1;
	self->s = -1;
	self->conf = (struct reg_conf) {
		.family = variant->family,
		.attach = REG_BOTH,
	};
	ASSERT_EQ(0, reg_ns_pair(self->conf.ns, NULL));
	ASSERT_EQ(0, fastopen_slow(&self->conf));
	self->listener = reg_listen(&self->conf);
	ASSERT_LE(0, self->listener);
	ASSERT_EQ(0, reg_setint(self->listener, IPPROTO_TCP, TCP_FASTOPEN, 16));
}

FIXTURE_TEARDOWN(fastopen)
{
	close(self->listener);
	if (self->c >= 0)
		reg_abort(self->c);
	if (self->s >= 0)
		reg_abort(self->s);
}

TEST_F(fastopen, armed_child_closed_before_the_handshake_is_over)
{
	self->s = fastopen_join(&self->conf, self->listener, &self->c);
	ASSERT_LE(0, self->s);
	ASSERT_EQ(0, arm(self->s));
	EXPECT_EQ(ARM_LEN, arm_len(self->s));
	ASSERT_EQ(TCP_SYN_RECV, reg_tcp_state(self->s));
	close(self->s);
	self->s = -1;
	EXPECT_EQ(0, arm_got_it(self->c));
}

TEST_F(fastopen, inherited_and_closed_before_the_handshake_is_over)
{
	ASSERT_EQ(0, inherit_arm(self->listener, ARM_BYE));
	self->s = fastopen_join(&self->conf, self->listener, &self->c);
	ASSERT_LE(0, self->s);
	EXPECT_EQ(ARM_LEN, arm_len(self->s));
	ASSERT_EQ(0, reg_send_all(self->s, 1000, ARM_SEED));
	ASSERT_EQ(TCP_SYN_RECV, reg_tcp_state(self->s));
	close(self->s);
	self->s = -1;
	EXPECT_EQ(0, arm_got(self->c, 1000, ARM_BYE, ARM_LEN));
}

TEST_F(fastopen, lingering_close_before_the_handshake_is_over)
{
	self->s = fastopen_join(&self->conf, self->listener, &self->c);
	ASSERT_LE(0, self->s);
	ASSERT_EQ(0, arm(self->s));
	ASSERT_EQ(0, arm_linger(self->s, 1, ARM_LINGER_S));
	ASSERT_EQ(TCP_SYN_RECV, reg_tcp_state(self->s));
	close(self->s);
	self->s = -1;
	EXPECT_EQ(0, arm_got_it(self->c));
}

/* The FIN waits for the handshake's end in TCP. */
TEST_F(fastopen, shutdown_before_the_handshake_is_over)
{
	self->s = fastopen_join(&self->conf, self->listener, &self->c);
	ASSERT_LE(0, self->s);
	ASSERT_EQ(0, arm(self->s));
	ASSERT_EQ(TCP_SYN_RECV, reg_tcp_state(self->s));
	ASSERT_EQ(0, shutdown(self->s, SHUT_WR));
	EXPECT_EQ(ESHUTDOWN, arm_with(self->s, ARM_OTHER, 5, 0));
	EXPECT_EQ(0, arm_got_it(self->c));
	EXPECT_EQ(ESHUTDOWN, arm_with(self->s, ARM_OTHER, 5, 0));
}

TEST_F(fastopen, disc_send_before_the_handshake_is_over)
{
	self->s = fastopen_join(&self->conf, self->listener, &self->c);
	ASSERT_LE(0, self->s);
	ASSERT_EQ(0, arm(self->s));
	ASSERT_EQ(TCP_SYN_RECV, reg_tcp_state(self->s));
	ASSERT_EQ(1, reg_disc_end(self->s, ARM_OTHER, 70, REG_DATA));
	EXPECT_EQ(ESHUTDOWN, reg_disc_send(self->s, "again", 5));
	EXPECT_EQ(-1, send(self->s, "more", 4, MSG_NOSIGNAL));
	EXPECT_EQ(0, arm_got(self->c, 0, ARM_OTHER, 70));
	EXPECT_EQ(ESHUTDOWN, reg_disc_send(self->s, "again", 5));
}

TEST_HARNESS_MAIN
