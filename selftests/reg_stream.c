// SPDX-License-Identifier: GPL-2.0
/*
 * What an application sees of the stream before and at its end, when the
 * end is a record: the same as with a plain FIN, whichever call looks.
 */
#define _GNU_SOURCE
#include "kselftest_harness.h"
#include "reg_io.h"
#include "reg_task.h"

#include <linux/sockios.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/uio.h>

#define HELLO		"hello, stream"
#define HELLO_LEN	((int)sizeof(HELLO) - 1)
#define BYE		"bye"
#define BYE_LEN		3

FIXTURE(stream) {
	int fd[2];
};

FIXTURE_VARIANT(stream) {
	enum reg_family family;
};

FIXTURE_VARIANT_ADD(stream, v4) {
	.family = REG_V4,
};

FIXTURE_VARIANT_ADD(stream, v6) {
	.family = REG_V6,
};

FIXTURE_VARIANT_ADD(stream, mapped) {
	.family = REG_MAPPED,
};

FIXTURE_SETUP(stream)
{
	struct reg_conf conf = {
		.family = variant->family,
		.attach = REG_BOTH,
	};

	ASSERT_EQ(0, reg_ns_lo());
	ASSERT_EQ(0, reg_pair(&conf, self->fd));
}

FIXTURE_TEARDOWN(stream)
{
	close(self->fd[0]);
	close(self->fd[1]);
}

static int stream_say(int fd)
{
	return send(fd, HELLO, HELLO_LEN, MSG_NOSIGNAL) == HELLO_LEN ? 0 : -1;
}

static int stream_bye(int fd)
{
	return reg_disc_send(fd, BYE, BYE_LEN);
}

/* Says hello and good bye, and waits until both are in. */
static bool stream_end(int fd[2])
{
	return !stream_say(fd[0]) && !stream_bye(fd[0]) &&
	       reg_poll(fd[1], POLLRDHUP, REG_SOON_MS) & POLLRDHUP;
}

/* Whether the disconnect data is there, whole. */
static bool stream_has_bye(int fd)
{
	unsigned char buf[64];
	__u32 len = sizeof(buf);

	return !reg_disc_recv(fd, buf, &len) && len == BYE_LEN &&
	       !memcmp(buf, BYE, BYE_LEN);
}

static int stream_inq(int fd)
{
	int n = -1;

	return ioctl(fd, SIOCINQ, &n) ? -1 : n;
}

TEST_F(stream, recv_stops_at_the_record)
{
	char buf[256];

	ASSERT_TRUE(stream_end(self->fd));
	EXPECT_EQ(HELLO_LEN, recv(self->fd[1], buf, sizeof(buf), 0));
	EXPECT_EQ(0, memcmp(buf, HELLO, HELLO_LEN));
	EXPECT_EQ(0, recv(self->fd[1], buf, sizeof(buf), 0));
	EXPECT_EQ(0, recv(self->fd[1], buf, sizeof(buf), MSG_DONTWAIT));
	EXPECT_TRUE(stream_has_bye(self->fd[1]));
}

TEST_F(stream, record_without_stream)
{
	char buf[64];

	ASSERT_EQ(0, stream_bye(self->fd[0]));
	EXPECT_EQ(0, recv(self->fd[1], buf, sizeof(buf), 0));
	EXPECT_TRUE(stream_has_bye(self->fd[1]));
}

TEST_F(stream, both_directions_at_once)
{
	ASSERT_EQ(0, reg_exchange_both(self->fd, REG_DATA));
}

TEST_F(stream, other_direction_lives_on)
{
	char buf[64];

	ASSERT_TRUE(stream_end(self->fd));
	ASSERT_EQ(HELLO_LEN, recv(self->fd[1], buf, sizeof(buf), 0));
	ASSERT_EQ(0, recv(self->fd[1], buf, sizeof(buf), 0));
	ASSERT_EQ(0, reg_send_all(self->fd[1], 200000, 3));
	ASSERT_EQ(0, shutdown(self->fd[1], SHUT_WR));
	EXPECT_EQ(200000, reg_drain(self->fd[0], 3, 0));
}

TEST_F(stream, peek_stops_at_the_record)
{
	char buf[256];
	int i;

	ASSERT_TRUE(stream_end(self->fd));
	for (i = 0; i < 3; i++)
		EXPECT_EQ(HELLO_LEN, recv(self->fd[1], buf, sizeof(buf),
					  MSG_PEEK));
	EXPECT_EQ(HELLO_LEN, recv(self->fd[1], buf, sizeof(buf), 0));
	EXPECT_EQ(0, memcmp(buf, HELLO, HELLO_LEN));
}

TEST_F(stream, peek_at_the_record_is_eof)
{
	char buf[256];
	int i;

	ASSERT_TRUE(stream_end(self->fd));
	ASSERT_EQ(HELLO_LEN, recv(self->fd[1], buf, sizeof(buf), 0));
	for (i = 0; i < 3; i++)
		EXPECT_EQ(0, recv(self->fd[1], buf, sizeof(buf), MSG_PEEK));
	EXPECT_EQ(0, recv(self->fd[1], buf, sizeof(buf), 0));
	EXPECT_TRUE(stream_has_bye(self->fd[1]));
}

TEST_F(stream, peek_blocks_until_data)
{
	char buf[64];
	struct timeval tv = { .tv_usec = 100000 };

	ASSERT_EQ(0, setsockopt(self->fd[1], SOL_SOCKET, SO_RCVTIMEO, &tv,
				sizeof(tv)));
	EXPECT_EQ(-1, recv(self->fd[1], buf, sizeof(buf), MSG_PEEK));
	EXPECT_EQ(EAGAIN, errno);
}

/* The data that is polled for comes, or the wait ends in time. */
TEST_F(stream, busy_poll)
{
	char buf[64];
	struct timeval tv = { .tv_usec = 100000 };

	ASSERT_EQ(0, reg_setint(self->fd[1], SOL_SOCKET, SO_BUSY_POLL, 50));
	ASSERT_EQ(0, setsockopt(self->fd[1], SOL_SOCKET, SO_RCVTIMEO, &tv,
				sizeof(tv)));
	EXPECT_EQ(-1, recv(self->fd[1], buf, sizeof(buf), MSG_WAITALL));
	EXPECT_EQ(EAGAIN, errno);
	ASSERT_TRUE(stream_end(self->fd));
	EXPECT_EQ(HELLO_LEN, recv(self->fd[1], buf, sizeof(buf), MSG_WAITALL));
	EXPECT_EQ(0, recv(self->fd[1], buf, sizeof(buf), MSG_WAITALL));
	EXPECT_TRUE(stream_has_bye(self->fd[1]));
}

/* As TCP does: what there is, once the wait for the rest has to end. */
TEST_F_TIMEOUT(stream, peek_of_more_than_came_before_a_timeout, 20)
{
	struct timeval tv = { .tv_usec = 100000 };
	char buf[256];

	ASSERT_EQ(0, stream_say(self->fd[0]));
	ASSERT_TRUE(reg_poll(self->fd[1], POLLIN, REG_SOON_MS) & POLLIN);
	ASSERT_EQ(0, setsockopt(self->fd[1], SOL_SOCKET, SO_RCVTIMEO, &tv,
				sizeof(tv)));
	EXPECT_EQ(HELLO_LEN, recv(self->fd[1], buf, sizeof(buf),
				  MSG_PEEK | MSG_WAITALL));
	EXPECT_EQ(HELLO_LEN, recv(self->fd[1], buf, sizeof(buf), MSG_WAITALL));
}

/* A reset must end the wait for what will not come. */
TEST_F_TIMEOUT(stream, peek_of_more_than_came_before_a_reset, 20)
{
	char buf[256];

	ASSERT_EQ(0, stream_say(self->fd[0]));
	ASSERT_TRUE(reg_poll(self->fd[1], POLLIN, REG_SOON_MS) & POLLIN);
	reg_abort(self->fd[0]);
	self->fd[0] = -1;
	ASSERT_TRUE(reg_poll(self->fd[1], POLLERR, REG_SOON_MS) & POLLERR);
	EXPECT_EQ(HELLO_LEN, recv(self->fd[1], buf, sizeof(buf),
				  MSG_PEEK | MSG_WAITALL));
	EXPECT_EQ(HELLO_LEN, recv(self->fd[1], buf, sizeof(buf), MSG_WAITALL));
	EXPECT_EQ(-1, recv(self->fd[1], buf, sizeof(buf), MSG_WAITALL));
	EXPECT_EQ(ECONNRESET, errno);
}

TEST_F(stream, peek_offset)
{
	char buf[64];

	if (reg_setint(self->fd[1], SOL_SOCKET, SO_PEEK_OFF, 7))
		SKIP(return, "no SO_PEEK_OFF for TCP here");
	ASSERT_TRUE(stream_end(self->fd));
	EXPECT_EQ(HELLO_LEN - 7, recv(self->fd[1], buf, sizeof(buf), MSG_PEEK));
	EXPECT_EQ(0, memcmp(buf, HELLO + 7, HELLO_LEN - 7));
}

TEST_F_TIMEOUT(stream, peek_offset_behind_the_last_byte, 20)
{
	char buf[64];

	if (reg_setint(self->fd[1], SOL_SOCKET, SO_PEEK_OFF, HELLO_LEN))
		SKIP(return, "no SO_PEEK_OFF for TCP here");
	ASSERT_TRUE(stream_end(self->fd));
	EXPECT_EQ(0, recv(self->fd[1], buf, sizeof(buf), MSG_PEEK));
	ASSERT_EQ(0, reg_setint(self->fd[1], SOL_SOCKET, SO_PEEK_OFF, -1));
	EXPECT_EQ(HELLO_LEN, recv(self->fd[1], buf, sizeof(buf), 0));
}

TEST_F(stream, trunc_discards_up_to_the_record)
{
	char buf[64];

	ASSERT_TRUE(stream_end(self->fd));
	EXPECT_EQ(HELLO_LEN, recv(self->fd[1], NULL, 4096, MSG_TRUNC));
	EXPECT_EQ(0, recv(self->fd[1], NULL, 4096, MSG_TRUNC));
	EXPECT_EQ(0, recv(self->fd[1], buf, sizeof(buf), 0));
	EXPECT_TRUE(stream_has_bye(self->fd[1]));
}

TEST_F(stream, waitall_returns_short_at_the_record)
{
	char buf[256];

	ASSERT_TRUE(stream_end(self->fd));
	EXPECT_EQ(HELLO_LEN, recv(self->fd[1], buf, sizeof(buf), MSG_WAITALL));
	EXPECT_EQ(0, recv(self->fd[1], buf, sizeof(buf), MSG_WAITALL));
}

TEST_F(stream, waitall_exact_length)
{
	char buf[256];

	ASSERT_TRUE(stream_end(self->fd));
	EXPECT_EQ(HELLO_LEN, recv(self->fd[1], buf, HELLO_LEN, MSG_WAITALL));
	EXPECT_EQ(0, recv(self->fd[1], buf, HELLO_LEN, MSG_WAITALL));
}

static ssize_t stream_recv(struct reg_task *task)
{
	char buf[4096];

	return recv(task->fd, buf, task->len, task->flags);
}

TEST_F(stream, blocked_recv_wakes_with_eof)
{
	struct reg_task r = {
		.call = stream_recv, .fd = self->fd[1], .len = 64,
	};

	ASSERT_TRUE(reg_task_block(&r));
	ASSERT_EQ(0, stream_bye(self->fd[0]));
	ASSERT_TRUE(reg_task_join(&r));
	EXPECT_EQ(0, r.ret);
	EXPECT_TRUE(stream_has_bye(self->fd[1]));
}

TEST_F(stream, blocked_peek_wakes_with_eof)
{
	struct reg_task r = {
		.call = stream_recv,
		.fd = self->fd[1], .len = 64, .flags = MSG_PEEK,
	};

	ASSERT_TRUE(reg_task_block(&r));
	ASSERT_EQ(0, stream_bye(self->fd[0]));
	ASSERT_TRUE(reg_task_join(&r));
	EXPECT_EQ(0, r.ret);
}

TEST_F(stream, blocked_waitall_wakes_with_data_then_record)
{
	struct reg_task r = {
		.call = stream_recv,
		.fd = self->fd[1], .len = 4096, .flags = MSG_WAITALL,
	};

	ASSERT_TRUE(reg_task_block(&r));
	ASSERT_EQ(0, stream_say(self->fd[0]));
	ASSERT_EQ(0, stream_say(self->fd[0]));
	ASSERT_EQ(0, stream_bye(self->fd[0]));
	ASSERT_TRUE(reg_task_join(&r));
	EXPECT_EQ(2 * HELLO_LEN, r.ret);
}

TEST_F(stream, blocked_lowat_wakes_with_data_then_record)
{
	struct reg_task r = {
		.call = stream_recv, .fd = self->fd[1], .len = 4096,
	};

	ASSERT_EQ(0, reg_setint(self->fd[1], SOL_SOCKET, SO_RCVLOWAT, 100));
	ASSERT_TRUE(reg_task_block(&r));
	ASSERT_EQ(0, stream_say(self->fd[0]));
	ASSERT_EQ(0, stream_bye(self->fd[0]));
	ASSERT_TRUE(reg_task_join(&r));
	EXPECT_EQ(HELLO_LEN, r.ret);
}

static void stream_handler(int sig)
{
	(void)sig;
}

TEST_F(stream, blocked_recv_is_interrupted)
{
	struct reg_task r = {
		.call = stream_recv, .fd = self->fd[1], .len = 64,
	};
	struct sigaction sa = { .sa_handler = stream_handler };

	sigaction(SIGUSR1, &sa, NULL);
	ASSERT_TRUE(reg_task_block(&r));
	pthread_kill(r.thread, SIGUSR1);
	ASSERT_TRUE(reg_task_join(&r));
	EXPECT_EQ(-1, r.ret);
	EXPECT_EQ(EINTR, r.err);
}

TEST_F(stream, blocked_peek_of_more_than_came_is_interrupted)
{
	struct reg_task r = {
		.call = stream_recv,
		.fd = self->fd[1],
		.len = 64,
		.flags = MSG_PEEK | MSG_WAITALL,
	};
	struct sigaction sa = { .sa_handler = stream_handler };

	sigaction(SIGUSR1, &sa, NULL);
	ASSERT_EQ(0, stream_say(self->fd[0]));
	ASSERT_TRUE(reg_poll(self->fd[1], POLLIN, REG_SOON_MS) & POLLIN);
	ASSERT_TRUE(reg_task_block(&r));
	pthread_kill(r.thread, SIGUSR1);
	ASSERT_TRUE(reg_task_join(&r));
	EXPECT_EQ(HELLO_LEN, r.ret);
}

TEST_F(stream, receive_timeout)
{
	struct timeval tv = { .tv_usec = 200000 };
	long start = reg_ms();
	char buf[64];

	ASSERT_EQ(0, setsockopt(self->fd[1], SOL_SOCKET, SO_RCVTIMEO, &tv,
				sizeof(tv)));
	EXPECT_EQ(-1, recv(self->fd[1], buf, sizeof(buf), 0));
	EXPECT_EQ(EAGAIN, errno);
	EXPECT_GE(reg_ms() - start, 150);
	ASSERT_TRUE(stream_end(self->fd));
	EXPECT_EQ(HELLO_LEN, recv(self->fd[1], buf, sizeof(buf), 0));
}

TEST_F(stream, receive_timeout_returns_what_waitall_has)
{
	struct timeval tv = { .tv_usec = 200000 };
	char buf[64];

	ASSERT_EQ(0, setsockopt(self->fd[1], SOL_SOCKET, SO_RCVTIMEO, &tv,
				sizeof(tv)));
	ASSERT_EQ(0, stream_say(self->fd[0]));
	EXPECT_EQ(HELLO_LEN, recv(self->fd[1], buf, sizeof(buf), MSG_WAITALL));
}

TEST_F(stream, own_shutdown_does_not_end_the_peers_data)
{
	char buf[64];

	ASSERT_EQ(0, stream_bye(self->fd[1]));
	ASSERT_TRUE(stream_end(self->fd));
	EXPECT_EQ(HELLO_LEN, recv(self->fd[1], buf, sizeof(buf), 0));
	EXPECT_EQ(0, recv(self->fd[1], buf, sizeof(buf), 0));
	EXPECT_TRUE(stream_has_bye(self->fd[1]));
}

TEST_F(stream, readv_stops_at_the_record)
{
	char a[5], b[5], c[64];
	struct iovec iov[3] = {
		{ a, sizeof(a) }, { b, sizeof(b) }, { c, sizeof(c) },
	};

	ASSERT_TRUE(stream_end(self->fd));
	EXPECT_EQ(HELLO_LEN, readv(self->fd[1], iov, 3));
	EXPECT_EQ(0, readv(self->fd[1], iov, 3));
}

TEST_F(stream, splice_stops_at_the_record)
{
	char buf[256];
	int p[2];

	ASSERT_EQ(0, pipe(p));
	ASSERT_TRUE(stream_end(self->fd));
	EXPECT_EQ(HELLO_LEN, splice(self->fd[1], NULL, p[1], NULL, 4096, 0));
	EXPECT_EQ(0, splice(self->fd[1], NULL, p[1], NULL, 4096, 0));
	EXPECT_EQ(HELLO_LEN, read(p[0], buf, sizeof(buf)));
	EXPECT_EQ(0, memcmp(buf, HELLO, HELLO_LEN));
	EXPECT_TRUE(stream_has_bye(self->fd[1]));
}

TEST_F(stream, splice_of_an_empty_queue_would_block)
{
	int p[2];

	ASSERT_EQ(0, pipe(p));
	ASSERT_EQ(0, reg_nonblock(self->fd[1], true));
	EXPECT_EQ(-1, splice(self->fd[1], NULL, p[1], NULL, 4096, 0));
	EXPECT_EQ(EAGAIN, errno);
}

TEST_F(stream, siocinq_counts_up_to_the_record)
{
	char buf[64];

	ASSERT_TRUE(stream_end(self->fd));
	EXPECT_EQ(HELLO_LEN, stream_inq(self->fd[1]));
	ASSERT_EQ(5, recv(self->fd[1], buf, 5, 0));
	EXPECT_EQ(HELLO_LEN - 5, stream_inq(self->fd[1]));
	ASSERT_EQ(HELLO_LEN - 5, recv(self->fd[1], buf, sizeof(buf), 0));
	EXPECT_EQ(0, stream_inq(self->fd[1]));
	ASSERT_EQ(0, recv(self->fd[1], buf, sizeof(buf), 0));
	EXPECT_EQ(0, stream_inq(self->fd[1]));
}

TEST_F(stream, siocinq_with_oobinline)
{
	ASSERT_EQ(0, reg_setint(self->fd[1], SOL_SOCKET, SO_OOBINLINE, 1));
	ASSERT_TRUE(stream_end(self->fd));
	EXPECT_EQ(HELLO_LEN, stream_inq(self->fd[1]));
}

TEST_F(stream, siocatmark_ignores_our_mark)
{
	char buf[64];

	ASSERT_TRUE(stream_end(self->fd));
	EXPECT_EQ(0, sockatmark(self->fd[1]));
	ASSERT_EQ(HELLO_LEN, recv(self->fd[1], buf, sizeof(buf), 0));
	EXPECT_EQ(0, sockatmark(self->fd[1]));
	ASSERT_EQ(0, recv(self->fd[1], buf, sizeof(buf), 0));
	EXPECT_EQ(0, sockatmark(self->fd[1]));
}

TEST_F(stream, recv_oob_finds_nothing_in_the_record)
{
	char buf[64];

	ASSERT_TRUE(stream_end(self->fd));
	EXPECT_EQ(-1, recv(self->fd[1], buf, 1, MSG_OOB));
	EXPECT_EQ(EINVAL, errno);
	ASSERT_EQ(HELLO_LEN, recv(self->fd[1], buf, sizeof(buf), 0));
	EXPECT_EQ(-1, recv(self->fd[1], buf, 1, MSG_OOB));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_TRUE(stream_has_bye(self->fd[1]));
}

TEST_F(stream, poll_before_anything)
{
	EXPECT_EQ(POLLOUT, reg_poll(self->fd[1], POLLIN | POLLPRI | POLLOUT |
				    POLLRDHUP, 0));
}

TEST_F(stream, poll_at_the_record)
{
	const short all = POLLIN | POLLPRI | POLLRDHUP;
	char buf[64];

	ASSERT_TRUE(stream_end(self->fd));
	EXPECT_EQ(POLLIN | POLLRDHUP, reg_poll(self->fd[1], all, 0));
	ASSERT_EQ(HELLO_LEN, recv(self->fd[1], buf, sizeof(buf), 0));
	EXPECT_EQ(POLLIN | POLLRDHUP, reg_poll(self->fd[1], all, 0));
	ASSERT_EQ(0, recv(self->fd[1], buf, sizeof(buf), 0));
	EXPECT_EQ(POLLIN | POLLRDHUP, reg_poll(self->fd[1], all, 0));
}

TEST_F(stream, poll_wakes_with_the_record)
{
	ASSERT_EQ(0, stream_bye(self->fd[0]));
	EXPECT_EQ(POLLIN, reg_poll(self->fd[1], POLLIN | POLLPRI, REG_SOON_MS));
}

TEST_F(stream, poll_hup_when_both_ended)
{
	ASSERT_TRUE(stream_end(self->fd));
	ASSERT_EQ(0, stream_bye(self->fd[1]));
	EXPECT_TRUE(reg_poll(self->fd[1], POLLIN, REG_SOON_MS) & POLLHUP);
}

TEST_F(stream, lowat_poll_waits_for_enough)
{
	ASSERT_EQ(0, reg_setint(self->fd[1], SOL_SOCKET, SO_RCVLOWAT, 100));
	ASSERT_EQ(0, stream_say(self->fd[0]));
	EXPECT_EQ(0, reg_poll(self->fd[1], POLLIN, 200));
	ASSERT_EQ(0, stream_bye(self->fd[0]));
	EXPECT_EQ(POLLIN, reg_poll(self->fd[1], POLLIN, REG_SOON_MS));
}

static int stream_epoll(int fd, unsigned int events)
{
	struct epoll_event ev = { .events = events };
	int ep = epoll_create1(EPOLL_CLOEXEC);

	if (ep < 0 || epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev))
		return -1;
	return ep;
}

static int stream_event(int ep, int ms)
{
	struct epoll_event ev;

	return epoll_wait(ep, &ev, 1, ms) == 1 ? (int)ev.events : 0;
}

TEST_F(stream, epoll_level_triggered)
{
	int ep = stream_epoll(self->fd[1], EPOLLIN | EPOLLRDHUP | EPOLLPRI);
	char buf[64];
	int i;

	ASSERT_GE(ep, 0);
	EXPECT_EQ(0, stream_event(ep, 0));
	ASSERT_EQ(0, stream_say(self->fd[0]));
	EXPECT_EQ(EPOLLIN, stream_event(ep, REG_SOON_MS));
	ASSERT_EQ(HELLO_LEN, recv(self->fd[1], buf, sizeof(buf), 0));
	EXPECT_EQ(0, stream_event(ep, 0));
	ASSERT_EQ(0, stream_bye(self->fd[0]));
	for (i = 0; i < 3; i++)
		EXPECT_EQ(EPOLLIN | EPOLLRDHUP, stream_event(ep, REG_SOON_MS));
}

TEST_F(stream, epoll_edge_triggered)
{
	int ep = stream_epoll(self->fd[1], EPOLLIN | EPOLLRDHUP | EPOLLPRI |
			      EPOLLET);
	int seen;
	char buf[64];

	ASSERT_GE(ep, 0);
	EXPECT_EQ(0, stream_event(ep, 0));
	ASSERT_EQ(0, stream_say(self->fd[0]));
	EXPECT_EQ(EPOLLIN, stream_event(ep, REG_SOON_MS));
	ASSERT_EQ(HELLO_LEN, recv(self->fd[1], buf, sizeof(buf), 0));
	ASSERT_EQ(-1, recv(self->fd[1], buf, sizeof(buf), MSG_DONTWAIT));
	ASSERT_EQ(0, stream_bye(self->fd[0]));
	seen = stream_event(ep, REG_SOON_MS);
	EXPECT_EQ(EPOLLIN | EPOLLRDHUP, seen);
	EXPECT_EQ(0, recv(self->fd[1], buf, sizeof(buf), MSG_DONTWAIT));
}

TEST_F(stream, eof_carries_the_data_in_a_cmsg)
{
	char buf[64], control[CMSG_SPACE(WSP_DISC_MAX)];
	struct iovec iov = { buf, sizeof(buf) };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *cm;

	ASSERT_TRUE(stream_end(self->fd));
	ASSERT_EQ(HELLO_LEN, recvmsg(self->fd[1], &msg, 0));
	EXPECT_EQ(NULL, CMSG_FIRSTHDR(&msg));
	msg.msg_controllen = sizeof(control);
	ASSERT_EQ(0, recvmsg(self->fd[1], &msg, 0));
	cm = CMSG_FIRSTHDR(&msg);
	ASSERT_NE(NULL, cm);
	EXPECT_EQ(SOL_WSP, cm->cmsg_level);
	EXPECT_EQ(WSP_CMSG_DISC, cm->cmsg_type);
	EXPECT_EQ(CMSG_LEN(BYE_LEN), cm->cmsg_len);
	EXPECT_EQ(0, memcmp(CMSG_DATA(cm), BYE, BYE_LEN));
	EXPECT_EQ(0, msg.msg_flags & MSG_CTRUNC);
}

TEST_F(stream, short_control_buffer_is_flagged)
{
	char buf[64], control[CMSG_SPACE(1)];
	struct iovec iov = { buf, sizeof(buf) };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = CMSG_LEN(1),
	};

	ASSERT_EQ(0, stream_bye(self->fd[0]));
	ASSERT_EQ(0, recvmsg(self->fd[1], &msg, 0));
	EXPECT_NE(0, msg.msg_flags & MSG_CTRUNC);
	EXPECT_TRUE(stream_has_bye(self->fd[1]));
}

static int stream_zc(int fd)
{
	struct tcp_zerocopy_receive zc = { 0 };
	socklen_t len = sizeof(zc);

	return getsockopt(fd, IPPROTO_TCP, TCP_ZEROCOPY_RECEIVE, &zc, &len);
}

TEST_F(stream, zerocopy_receive_is_refused)
{
	struct reg_conf conf = { .family = variant->family };
	int plain[2];

	ASSERT_EQ(0, reg_pair(&conf, plain));
	ASSERT_EQ(0, stream_say(plain[0]));
	ASSERT_EQ(0, stream_say(self->fd[0]));
	ASSERT_TRUE(reg_poll(plain[1], POLLIN, REG_SOON_MS));
	ASSERT_TRUE(reg_poll(self->fd[1], POLLIN, REG_SOON_MS));
	/* The plain socket shows that only the ULP refuses. */
	EXPECT_EQ(0, stream_zc(plain[1]));
	EXPECT_EQ(-1, stream_zc(self->fd[1]));
}

TEST_HARNESS_MAIN
