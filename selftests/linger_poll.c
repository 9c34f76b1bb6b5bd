// SPDX-License-Identifier: GPL-2.0
/*
 * POLLHUP says that an asynchronous close is over, exactly then, to poll(),
 * epoll and io_uring alike; each begins to wait before the close is started.
 */
#define _GNU_SOURCE
#include "kselftest_harness.h"
#include "linger.h"
#include "reg_task.h"

#include <liburing.h>
#include <sys/epoll.h>

/* How long something that must not happen is given to happen. */
#define POLL_QUIET_MS	300

enum poll_kind { BY_POLL, BY_EPOLL_LT, BY_EPOLL_ET, BY_URING };

/**
 * struct poll_waiter - somebody who waits for POLLHUP
 * @kind: by which interface
 * @fd: on which socket
 * @epoll: for epoll
 * @ring: for io_uring
 * @task: for poll(), which can only wait in a thread
 * @got: events reported so far
 */
struct poll_waiter {
	enum poll_kind kind;
	int fd;
	int epoll;
	struct io_uring ring;
	struct reg_task task;
	unsigned int got;
};

FIXTURE(hup) {
	struct reg_conf conf;
	struct poll_waiter waiter;
	ssize_t sent;
	int fd[2];
};

FIXTURE_VARIANT(hup) {
	enum reg_family family;
	enum poll_kind kind;
};

FIXTURE_VARIANT_ADD(hup, v4_poll) { REG_V4, BY_POLL };
FIXTURE_VARIANT_ADD(hup, v6_poll) { REG_V6, BY_POLL };
FIXTURE_VARIANT_ADD(hup, v4_epoll_lt) { REG_V4, BY_EPOLL_LT };
FIXTURE_VARIANT_ADD(hup, v6_epoll_lt) { REG_V6, BY_EPOLL_LT };
FIXTURE_VARIANT_ADD(hup, v4_epoll_et) { REG_V4, BY_EPOLL_ET };
FIXTURE_VARIANT_ADD(hup, v6_epoll_et) { REG_V6, BY_EPOLL_ET };
FIXTURE_VARIANT_ADD(hup, v4_uring) { REG_V4, BY_URING };
FIXTURE_VARIANT_ADD(hup, v6_uring) { REG_V6, BY_URING };

static ssize_t waiter_thread(struct reg_task *task)
{
	/* Longer than anybody looks: poll() looks for itself when it gives up. */
	return reg_poll(task->fd, 0, 2 * REG_SOON_MS);
}

static int waiter_submit(struct poll_waiter *w)
{
	/* No event is asked for: POLLHUP and POLLERR come unasked. */
	io_uring_prep_poll_add(io_uring_get_sqe(&w->ring), w->fd, 0);
	return io_uring_submit(&w->ring) == 1 ? 0 : -1;
}

static int waiter_begin(struct poll_waiter *w, enum poll_kind kind, int fd)
{
	/* The edge of anything else must not use up the one that matters. */
	struct epoll_event ev = {
		.events = kind == BY_EPOLL_ET ?
			  EPOLLIN | EPOLLRDHUP | EPOLLET : 0,
	};

	memset(w, 0, sizeof(*w));
	w->kind = kind;
	w->fd = fd;
	switch (kind) {
	case BY_POLL:
		w->task = (struct reg_task) { .call = waiter_thread, .fd = fd };
		return reg_task_block(&w->task) ? 0 : -1;
	case BY_URING:
		if (io_uring_queue_init(4, &w->ring, 0))
			return -1;
		return waiter_submit(w);
	default:
		w->epoll = epoll_create1(EPOLL_CLOEXEC);
		return w->epoll < 0 ? -1 :
		       epoll_ctl(w->epoll, EPOLL_CTL_ADD, fd, &ev);
	}
}

static void waiter_look_poll(struct poll_waiter *w)
{
	if (__atomic_load_n(&w->task.done, __ATOMIC_ACQUIRE))
		w->got |= w->task.ret;
	else
		reg_tick();
}

static void waiter_look_uring(struct poll_waiter *w)
{
	struct __kernel_timespec ts = { .tv_nsec = 10000000 };
	struct io_uring_cqe *cqe;

	if (io_uring_wait_cqe_timeout(&w->ring, &cqe, &ts))
		return;
	w->got |= cqe->res > 0 ? cqe->res : 0;
	io_uring_cqe_seen(&w->ring, cqe);
	/* One shot, and a wake-up for an error alone carries just that. */
	if (!(w->got & POLLHUP))
		waiter_submit(w);
}

static void waiter_look_epoll(struct poll_waiter *w)
{
	struct epoll_event ev;

	if (epoll_wait(w->epoll, &ev, 1, 10) == 1)
		w->got |= ev.events;
}

/* Whether POLLHUP comes within @ms. */
static bool waiter_hup(struct poll_waiter *w, int ms)
{
	long end = reg_ms() + ms;

	while (!(w->got & POLLHUP) && reg_ms() < end) {
		if (w->kind == BY_POLL)
			waiter_look_poll(w);
		else if (w->kind == BY_URING)
			waiter_look_uring(w);
		else
			waiter_look_epoll(w);
	}
	/* What waiting tells and what looking tells is the same. */
	if ((w->got & POLLHUP) && !(reg_poll(w->fd, 0, 0) & POLLHUP))
		return false;
	return w->got & POLLHUP;
}

FIXTURE_SETUP(hup)
{
	self->conf = linger_conf(variant->family);
	ASSERT_EQ(0, reg_ns_lo());
	self->sent = linger_stalled_pair(&self->conf, self->fd);
	ASSERT_LT(0, self->sent);
	ASSERT_EQ(0, waiter_begin(&self->waiter, variant->kind, self->fd[0]));
}

FIXTURE_TEARDOWN(hup)
{
}

#define HUP_TEST(name)	TEST_F_TIMEOUT(hup, name, 60)

HUP_TEST(when_drained)
{
	ssize_t got;

	ASSERT_EQ(0, linger_start(self->fd[0], LINGER_LONG_MS));
	EXPECT_FALSE(waiter_hup(&self->waiter, POLL_QUIET_MS));
	EXPECT_EQ(0, linger_read(self->fd[1], &got));
	EXPECT_TRUE(waiter_hup(&self->waiter, REG_SOON_MS));
	EXPECT_EQ(WSP_LINGER_DRAINED, linger_state(self->fd[0]));
}

HUP_TEST(when_expired)
{
	long start = reg_ms();

	ASSERT_EQ(0, linger_start(self->fd[0], LINGER_MS));
	EXPECT_TRUE(waiter_hup(&self->waiter, REG_SOON_MS));
	EXPECT_LE(LINGER_MS / 2, reg_ms() - start);
	EXPECT_EQ(WSP_LINGER_EXPIRED, linger_state(self->fd[0]));
}

HUP_TEST(when_expired_in_LAST_ACK)
{
	long start = reg_ms();

	ASSERT_EQ(0, linger_start(self->fd[0], LINGER_MS));
	ASSERT_EQ(0, shutdown(self->fd[1], SHUT_WR));
	EXPECT_TRUE(waiter_hup(&self->waiter, REG_SOON_MS));
	EXPECT_LE(LINGER_MS / 2, reg_ms() - start);
	EXPECT_EQ(WSP_LINGER_EXPIRED, linger_state(self->fd[0]));
}

HUP_TEST(when_reset)
{
	ASSERT_EQ(0, linger_start(self->fd[0], LINGER_LONG_MS));
	EXPECT_FALSE(waiter_hup(&self->waiter, POLL_QUIET_MS));
	reg_abort(self->fd[1]);
	EXPECT_TRUE(waiter_hup(&self->waiter, REG_SOON_MS));
	EXPECT_EQ(WSP_LINGER_RESET, linger_state(self->fd[0]));
}

/* Nothing is left to wait for, yet somebody waits. */
HUP_TEST(when_drained_before_it_began)
{
	ssize_t got;

	ASSERT_EQ(0, shutdown(self->fd[0], SHUT_WR));
	ASSERT_EQ(0, linger_read(self->fd[1], &got));
	ASSERT_TRUE(reg_wait_state(self->fd[0], TCP_FIN_WAIT2));
	EXPECT_FALSE(waiter_hup(&self->waiter, POLL_QUIET_MS));
	ASSERT_EQ(0, linger_start(self->fd[0], LINGER_LONG_MS));
	EXPECT_TRUE(waiter_hup(&self->waiter, REG_SOON_MS));
	EXPECT_EQ(WSP_LINGER_DRAINED, linger_state(self->fd[0]));
}

/* TCP's own POLLHUP, for both directions closed, has to wait. */
HUP_TEST(not_for_the_end_of_the_other_direction)
{
	ssize_t got;

	ASSERT_EQ(0, linger_start(self->fd[0], LINGER_LONG_MS));
	ASSERT_EQ(0, reg_send_all(self->fd[1], 100, 2));
	ASSERT_EQ(0, shutdown(self->fd[1], SHUT_WR));
	ASSERT_TRUE(reg_wait_state(self->fd[0], TCP_CLOSING));
	EXPECT_FALSE(waiter_hup(&self->waiter, POLL_QUIET_MS));
	EXPECT_EQ(100, reg_drain(self->fd[0], 2, 0));
	EXPECT_FALSE(waiter_hup(&self->waiter, POLL_QUIET_MS));
	EXPECT_EQ(0, linger_read(self->fd[1], &got));
	EXPECT_TRUE(waiter_hup(&self->waiter, REG_SOON_MS));
	EXPECT_EQ(WSP_LINGER_DRAINED, linger_state(self->fd[0]));
}

HUP_TEST(not_for_a_receive_direction_shut_here)
{
	ssize_t got;

	ASSERT_EQ(0, linger_start(self->fd[0], LINGER_LONG_MS));
	ASSERT_EQ(0, shutdown(self->fd[0], SHUT_RD));
	EXPECT_FALSE(waiter_hup(&self->waiter, POLL_QUIET_MS));
	EXPECT_FALSE(reg_poll(self->fd[0], 0, 0) & POLLHUP);
	EXPECT_EQ(0, linger_read(self->fd[1], &got));
	EXPECT_TRUE(waiter_hup(&self->waiter, REG_SOON_MS));
}

HUP_TEST(not_for_a_cancellation)
{
	ASSERT_EQ(0, linger_start(self->fd[0], LINGER_MS));
	ASSERT_EQ(0, linger_cancel(self->fd[0]));
	EXPECT_FALSE(waiter_hup(&self->waiter, 2 * LINGER_MS));
	EXPECT_EQ(0, reg_poll(self->fd[0], 0, 0));
}

HUP_TEST(again_after_a_restart)
{
	ASSERT_EQ(0, linger_start(self->fd[0], LINGER_MS));
	ASSERT_EQ(0, linger_cancel(self->fd[0]));
	EXPECT_FALSE(waiter_hup(&self->waiter, POLL_QUIET_MS));
	ASSERT_EQ(0, linger_start(self->fd[0], LINGER_MS));
	EXPECT_TRUE(waiter_hup(&self->waiter, REG_SOON_MS));
	EXPECT_EQ(WSP_LINGER_EXPIRED, linger_state(self->fd[0]));
}

/* Who comes late is told at once. */
HUP_TEST(to_who_looks_afterwards)
{
	ASSERT_EQ(0, linger_start(self->fd[0], LINGER_MS));
	ASSERT_EQ(WSP_LINGER_EXPIRED, linger_wait(self->fd[0]));
	ASSERT_TRUE(waiter_hup(&self->waiter, REG_SOON_MS));
	if (variant->kind == BY_POLL) {
		EXPECT_TRUE(reg_poll(self->fd[0], 0, 0) & POLLHUP);
		return;
	}
	ASSERT_EQ(0, waiter_begin(&self->waiter, variant->kind, self->fd[0]));
	EXPECT_TRUE(waiter_hup(&self->waiter, REG_SOON_MS));
}

TEST_HARNESS_MAIN
