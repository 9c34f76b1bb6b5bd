// SPDX-License-Identifier: GPL-2.0
/*
 * When the ULP is attached, and what becomes of it over the life of a
 * socket: failed connects, reuse, listeners in every state.
 */
#define _GNU_SOURCE
#include "kselftest_harness.h"
#include "reg_io.h"

#include <sys/wait.h>

FIXTURE(attach) {
	struct reg_conf conf;
	int fd[2];
};

FIXTURE_VARIANT(attach) {
	enum reg_family family;
};

FIXTURE_VARIANT_ADD(attach, v4) {
	.family = REG_V4,
};

FIXTURE_VARIANT_ADD(attach, v6) {
	.family = REG_V6,
};

FIXTURE_VARIANT_ADD(attach, mapped) {
	.family = REG_MAPPED,
};

FIXTURE_SETUP(attach)
{
	self->conf = (struct reg_conf) {
		.family = variant->family,
		.attach = REG_BOTH,
	};
	ASSERT_EQ(0, reg_ns_lo());
}

FIXTURE_TEARDOWN(attach)
{
}

/* A port of ours that nobody listens on. */
static unsigned short attach_dead_port(const struct reg_conf *conf)
{
	int fd = reg_socket(conf->family, 0);
	unsigned short port;

	if (fd < 0 || reg_bind(fd, conf, 0))
		return 0;
	port = reg_port(fd);
	close(fd);
	return port;
}

static int attach_disconnect(int fd)
{
	struct sockaddr sa = { .sa_family = AF_UNSPEC };

	return connect(fd, &sa, sizeof(sa));
}

TEST_F(attach, twice_is_eexist)
{
	int fd = reg_client(&self->conf);

	ASSERT_LE(0, fd);
	EXPECT_EQ(-1, reg_attach(fd));
	EXPECT_EQ(EEXIST, errno);
}

TEST_F(attach, connected_is_eisconn)
{
	struct reg_conf conf = self->conf;

	conf.attach = REG_NEITHER;
	ASSERT_EQ(0, reg_pair(&conf, self->fd));
	EXPECT_EQ(-1, reg_attach(self->fd[0]));
	EXPECT_EQ(EISCONN, errno);
	EXPECT_EQ(-1, reg_attach(self->fd[1]));
	EXPECT_EQ(EISCONN, errno);
	EXPECT_EQ(0, reg_exchange_both(self->fd, REG_FALLBACK));
}

TEST_F(attach, ulp_name_is_reported)
{
	char name[16] = { 0 };
	socklen_t len = sizeof(name);

	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	ASSERT_EQ(0, getsockopt(self->fd[1], IPPROTO_TCP, TCP_ULP, name,
				&len));
	EXPECT_STREQ("wsp", name);
}

TEST_F(attach, other_ulp_is_refused)
{
	int fd = reg_client(&self->conf);

	ASSERT_LE(0, fd);
	EXPECT_EQ(-1, setsockopt(fd, IPPROTO_TCP, TCP_ULP, "tls", 3));
}

TEST_F(attach, before_bind)
{
	int listener = reg_socket(self->conf.family, 0);

	ASSERT_EQ(0, reg_attach(listener));
	ASSERT_EQ(0, reg_bind(listener, &self->conf, 0));
	ASSERT_EQ(0, listen(listener, 8));
	self->fd[0] = reg_client(&self->conf);
	self->fd[1] = reg_join(&self->conf, listener, self->fd[0]);
	EXPECT_EQ(0, reg_exchange_both(self->fd, REG_DATA));
}

TEST_F(attach, between_bind_and_listen)
{
	int listener = reg_socket(self->conf.family, 0);

	ASSERT_EQ(0, reg_bind(listener, &self->conf, 0));
	ASSERT_EQ(0, reg_attach(listener));
	ASSERT_EQ(0, listen(listener, 8));
	self->fd[0] = reg_client(&self->conf);
	self->fd[1] = reg_join(&self->conf, listener, self->fd[0]);
	EXPECT_EQ(0, reg_exchange_both(self->fd, REG_DATA));
}

TEST_F(attach, while_listening)
{
	int listener = reg_socket(self->conf.family, 0);

	ASSERT_EQ(0, reg_bind(listener, &self->conf, 0));
	ASSERT_EQ(0, listen(listener, 8));
	ASSERT_EQ(0, reg_attach(listener));
	self->fd[0] = reg_client(&self->conf);
	self->fd[1] = reg_join(&self->conf, listener, self->fd[0]);
	EXPECT_EQ(0, reg_exchange_both(self->fd, REG_DATA));
}

TEST_F(attach, with_a_child_waiting_to_be_accepted)
{
	int listener = reg_socket(self->conf.family, 0);

	ASSERT_EQ(0, reg_bind(listener, &self->conf, 0));
	ASSERT_EQ(0, listen(listener, 8));
	self->fd[0] = reg_client(&self->conf);
	ASSERT_EQ(0, reg_connect(self->fd[0], &self->conf,
				 reg_port(listener)));
	ASSERT_TRUE(reg_poll(listener, POLLIN, REG_SOON_MS) & POLLIN);
	ASSERT_EQ(0, reg_attach(listener));
	self->fd[1] = accept(listener, NULL, NULL);
	ASSERT_LE(0, self->fd[1]);
	EXPECT_FALSE(reg_is_attached(self->fd[1]));
	EXPECT_EQ(0, reg_exchange_both(self->fd, REG_FALLBACK));
}

/* It has the listener's operations, and a reference to the module with them. */
TEST_F(attach, plain_child_of_an_attached_listener_keeps_its_family)
{
	struct reg_conf conf = self->conf;
	int listener, client, child, value = AF_INET;

	conf.attach = REG_NEITHER;
	listener = reg_listen(&conf);
	client = reg_client(&conf);
	ASSERT_EQ(0, reg_connect(client, &conf, reg_port(listener)));
	ASSERT_TRUE(reg_poll(listener, POLLIN, REG_SOON_MS));
	ASSERT_EQ(0, reg_attach(listener));
	child = accept(listener, NULL, NULL);
	ASSERT_LE(0, child);
	EXPECT_FALSE(reg_is_attached(child));
	EXPECT_EQ(-1, setsockopt(child, IPPROTO_IPV6, IPV6_ADDRFORM, &value,
				 sizeof(value)));
	if (conf.family != REG_V4)
		EXPECT_EQ(EBUSY, errno);
	close(listener);
	close(client);
	close(child);
}

TEST_F(attach, bound_client)
{
	int listener = reg_listen(&self->conf);

	self->fd[0] = reg_client(&self->conf);
	ASSERT_EQ(0, reg_bind(self->fd[0], &self->conf, 0));
	self->fd[1] = reg_join(&self->conf, listener, self->fd[0]);
	EXPECT_EQ(0, reg_exchange_both(self->fd, REG_DATA));
}

TEST_F(attach, listen_again_after_shutdown)
{
	int listener = reg_listen(&self->conf);

	ASSERT_EQ(0, shutdown(listener, SHUT_RDWR));
	ASSERT_EQ(0, listen(listener, 8));
	self->fd[0] = reg_client(&self->conf);
	self->fd[1] = reg_join(&self->conf, listener, self->fd[0]);
	EXPECT_EQ(0, reg_exchange_both(self->fd, REG_DATA));
}

TEST_F(attach, listener_becomes_a_client)
{
	int listener = reg_listen(&self->conf);

	self->fd[0] = reg_listen(&self->conf);
	ASSERT_EQ(0, shutdown(self->fd[0], SHUT_RDWR));
	self->fd[1] = reg_join(&self->conf, listener, self->fd[0]);
	EXPECT_EQ(0, reg_exchange_both(self->fd, REG_DATA));
}

TEST_F(attach, child_outlives_its_listener)
{
	ASSERT_EQ(0, reg_pair(&self->conf, self->fd));
	EXPECT_EQ(0, reg_exchange_both(self->fd, REG_DATA));
}

TEST_F(attach, listener_closed_with_children_unaccepted)
{
	int listener = reg_listen(&self->conf);
	int i, fd[8];

	for (i = 0; i < 8; i++) {
		fd[i] = reg_client(&self->conf);
		ASSERT_EQ(0, reg_connect(fd[i], &self->conf,
					 reg_port(listener)));
	}
	close(listener);
	for (i = 0; i < 8; i++) {
		EXPECT_TRUE(reg_poll(fd[i], POLLIN, REG_SOON_MS) & POLLERR);
		EXPECT_EQ(0, close(fd[i]));
	}
}

TEST_F(attach, accept4_flags)
{
	int listener = reg_listen(&self->conf);
	int fd;

	self->fd[0] = reg_client(&self->conf);
	ASSERT_EQ(0, reg_connect(self->fd[0], &self->conf,
				 reg_port(listener)));
	fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	ASSERT_LE(0, fd);
	EXPECT_EQ(O_NONBLOCK, fcntl(fd, F_GETFL) & O_NONBLOCK);
	EXPECT_EQ(FD_CLOEXEC, fcntl(fd, F_GETFD));
	self->fd[1] = fd;
	EXPECT_EQ(0, reg_exchange_both(self->fd, REG_DATA));
}

TEST_F(attach, accept_without_flags)
{
	int listener = reg_listen(&self->conf);
	int fd;

	self->fd[0] = reg_client(&self->conf);
	ASSERT_EQ(0, reg_connect(self->fd[0], &self->conf,
				 reg_port(listener)));
	fd = accept4(listener, NULL, NULL, 0);
	ASSERT_LE(0, fd);
	EXPECT_EQ(0, fcntl(fd, F_GETFL) & O_NONBLOCK);
	EXPECT_EQ(0, fcntl(fd, F_GETFD));
}

TEST_F(attach, nonblocking_accept_would_block)
{
	int listener = reg_listen(&self->conf);

	ASSERT_EQ(0, reg_nonblock(listener, true));
	EXPECT_EQ(-1, accept(listener, NULL, NULL));
	EXPECT_EQ(EAGAIN, errno);
}

TEST_F(attach, accept_tells_the_peers_address)
{
	int listener = reg_listen(&self->conf);
	struct sockaddr_storage a, b;
	socklen_t alen = sizeof(a), blen = sizeof(b);
	int client = reg_client(&self->conf), fd;

	ASSERT_EQ(0, reg_connect(client, &self->conf, reg_port(listener)));
	fd = accept(listener, (struct sockaddr *)&a, &alen);
	ASSERT_LE(0, fd);
	ASSERT_EQ(0, getsockname(client, (struct sockaddr *)&b, &blen));
	EXPECT_EQ(blen, alen);
	EXPECT_EQ(((struct sockaddr_in *)&b)->sin_port,
		  ((struct sockaddr_in *)&a)->sin_port);
}

TEST_F(attach, connect_refused_then_again)
{
	unsigned short port = attach_dead_port(&self->conf);
	int listener = reg_listen(&self->conf);
	int i;

	self->fd[0] = reg_client(&self->conf);
	for (i = 0; i < 3; i++) {
		ASSERT_EQ(-1, reg_connect(self->fd[0], &self->conf, port));
		ASSERT_EQ(ECONNREFUSED, errno);
	}
	self->fd[1] = reg_join(&self->conf, listener, self->fd[0]);
	EXPECT_EQ(0, reg_exchange_both(self->fd, REG_DATA));
}

TEST_F(attach, nonblocking_connect_refused_then_again)
{
	unsigned short port = attach_dead_port(&self->conf);
	int listener = reg_listen(&self->conf);
	int err = 0;
	socklen_t len = sizeof(err);

	self->fd[0] = reg_client(&self->conf);
	ASSERT_EQ(0, reg_nonblock(self->fd[0], true));
	ASSERT_EQ(-1, reg_connect(self->fd[0], &self->conf, port));
	ASSERT_TRUE(errno == EINPROGRESS || errno == ECONNREFUSED);
	reg_poll(self->fd[0], POLLOUT, REG_SOON_MS);
	getsockopt(self->fd[0], SOL_SOCKET, SO_ERROR, &err, &len);
	ASSERT_EQ(0, reg_nonblock(self->fd[0], false));
	/* The first call may just report the end of the earlier attempt. */
	if (reg_connect(self->fd[0], &self->conf, reg_port(listener)))
		ASSERT_EQ(0, reg_connect(self->fd[0], &self->conf,
					 reg_port(listener)));
	self->fd[1] = accept(listener, NULL, NULL);
	ASSERT_LE(0, self->fd[1]);
	EXPECT_EQ(0, reg_exchange_both(self->fd, REG_DATA));
}

TEST_F(attach, connect_unreachable_then_again)
{
	struct sockaddr_in in4 = { .sin_family = AF_INET, .sin_port = 1 };
	int listener = reg_listen(&self->conf);

	if (self->conf.family != REG_V4)
		SKIP(return, "one family is enough");
	self->fd[0] = reg_client(&self->conf);
	in4.sin_addr.s_addr = htonl(0xc0000201);
	ASSERT_EQ(-1, connect(self->fd[0], (struct sockaddr *)&in4,
			      sizeof(in4)));
	EXPECT_EQ(ENETUNREACH, errno);
	self->fd[1] = reg_join(&self->conf, listener, self->fd[0]);
	EXPECT_EQ(0, reg_exchange_both(self->fd, REG_DATA));
}

TEST_F(attach, connect_to_a_bad_address_then_again)
{
	int listener = reg_listen(&self->conf);
	struct sockaddr sa = { .sa_family = AF_UNIX };

	self->fd[0] = reg_client(&self->conf);
	EXPECT_EQ(-1, connect(self->fd[0], &sa, sizeof(sa)));
	EXPECT_EQ(-1, connect(self->fd[0], &sa, 1));
	self->fd[1] = reg_join(&self->conf, listener, self->fd[0]);
	EXPECT_EQ(0, reg_exchange_both(self->fd, REG_DATA));
}

TEST_F(attach, disconnect_then_connect_again)
{
	int listener = reg_listen(&self->conf);
	int fd[2], i;

	fd[0] = reg_client(&self->conf);
	for (i = 0; i < 3; i++) {
		fd[1] = reg_join(&self->conf, listener, fd[0]);
		ASSERT_LE(0, fd[1]);
		ASSERT_EQ(0, attach_disconnect(fd[0]));
		EXPECT_EQ(0, reg_info_flags(fd[0]) & WSP_INFO_CAN_SEND);
		close(fd[1]);
	}
	fd[1] = reg_join(&self->conf, listener, fd[0]);
	EXPECT_EQ(0, reg_exchange_both(fd, REG_DATA));
}

/* Neither the old tag nor the old data may survive. */
TEST_F(attach, disconnect_forgets_the_old_connection)
{
	int listener = reg_listen(&self->conf);
	int fd[2], i;

	fd[0] = reg_client(&self->conf);
	for (i = 0; i < 2; i++) {
		fd[1] = reg_join(&self->conf, listener, fd[0]);
		ASSERT_LE(0, fd[1]);
		EXPECT_EQ(0, reg_disc_check(fd[0], 4, 10, false));
		ASSERT_EQ(1, reg_disc_end(fd[1], 4, 10, REG_DATA));
		EXPECT_EQ(0, reg_drain(fd[0], 0, 0));
		EXPECT_EQ(0, reg_disc_check(fd[0], 4, 10, true));
		ASSERT_EQ(1, reg_disc_end(fd[0], 4, 10, REG_DATA));
		ASSERT_EQ(0, attach_disconnect(fd[0]));
		close(fd[1]);
	}
}

TEST_F(attach, disconnect_while_connecting)
{
	int listener = reg_listen(&self->conf);
	struct sockaddr_storage ss;
	socklen_t len = reg_addr(&self->conf, reg_port(listener), &ss);

	self->fd[0] = reg_client(&self->conf);
	ASSERT_EQ(0, reg_nonblock(self->fd[0], true));
	(void)connect(self->fd[0], (struct sockaddr *)&ss, len);
	ASSERT_EQ(0, attach_disconnect(self->fd[0]));
	close(listener);
	listener = reg_listen(&self->conf);
	ASSERT_EQ(0, reg_nonblock(self->fd[0], false));
	self->fd[1] = reg_join(&self->conf, listener, self->fd[0]);
	EXPECT_EQ(0, reg_exchange_both(self->fd, REG_DATA));
}

/* A disconnected child of a listener may even listen itself. */
TEST_F(attach, accepted_socket_reused_as_a_listener)
{
	int fd[2];

	ASSERT_EQ(0, reg_pair(&self->conf, fd));
	ASSERT_EQ(0, attach_disconnect(fd[1]));
	ASSERT_EQ(0, reg_bind(fd[1], &self->conf, 0));
	ASSERT_EQ(0, listen(fd[1], 8));
	self->fd[0] = reg_client(&self->conf);
	self->fd[1] = reg_join(&self->conf, fd[1], self->fd[0]);
	EXPECT_EQ(0, reg_exchange_both(self->fd, REG_DATA));
}

TEST_F(attach, close_unused)
{
	int i, fd;

	for (i = 0; i < 100; i++) {
		fd = reg_client(&self->conf);
		ASSERT_LE(0, fd);
		ASSERT_EQ(0, close(fd));
	}
}

/* Listeners come and go while others serve: the hook must not care. */
TEST_F(attach, listeners_come_and_go_under_load)
{
	int listener = reg_listen(&self->conf);
	int i;

	for (i = 0; i < 50; i++) {
		int other = reg_listen(&self->conf);

		ASSERT_LE(0, other);
		self->fd[0] = reg_client(&self->conf);
		self->fd[1] = reg_join(&self->conf, listener, self->fd[0]);
		close(other);
		ASSERT_EQ(0, reg_exchange_both(self->fd, REG_DATA));
	}
}

/* A namespace ends with a listener, a connection and unread data inside. */
TEST_F(attach, namespaces_end_with_sockets_open)
{
	int i, status;

	for (i = 0; i < 5; i++) {
		pid_t pid = fork();

		ASSERT_LE(0, pid);
		if (!pid) {
			int fd[2], ok;

			ok = !reg_ns_lo() && reg_listen(&self->conf) >= 0 &&
			     !reg_pair(&self->conf, fd) &&
			     !reg_send_all(fd[0], 100, 0) &&
			     reg_disc_end(fd[0], 0, 10, REG_DATA) == 1;
			_exit(!ok);
		}
		ASSERT_EQ(pid, waitpid(pid, &status, 0));
		EXPECT_EQ(0, status);
	}
}

TEST_HARNESS_MAIN
