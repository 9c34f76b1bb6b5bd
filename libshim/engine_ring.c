// SPDX-License-Identifier: LGPL-2.1-or-later
/* The engine on io_uring: a multishot poll for each socket. */
#include <liburing.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "engine.h"
#include "overlapped.h"

#define RING_ENTRIES		256
#define RING_CQ_ENTRIES		4096

/* What a completion is about, where it is not a channel's address. */
#define RING_TAG_CANCEL		1
#define RING_TAG_WAKE		2

static struct io_uring ring;
static int ring_event_fd = -1;

static bool ring_setup(unsigned int mode)
{
	struct io_uring_params p = {
		.flags = mode | IORING_SETUP_CQSIZE,
		.cq_entries = RING_CQ_ENTRIES,
	};

	if (io_uring_queue_init_params(RING_ENTRIES, &ring, &p))
		return false;
	/* A forked child must not see the parent's ring. */
	if ((p.features & IORING_FEAT_EXT_ARG) && !io_uring_ring_dontfork(&ring))
		return true;
	io_uring_queue_exit(&ring);
	return false;
}

static struct io_uring_sqe *ring_sqe(uint64_t tag)
{
	struct io_uring_sqe *sqe;

	while (!(sqe = io_uring_get_sqe(&ring)))
		io_uring_submit(&ring);
	io_uring_sqe_set_data64(sqe, tag);
	return sqe;
}

static void ring_poll(int fd, uint32_t events, uint64_t tag)
{
	struct io_uring_sqe *sqe = ring_sqe(tag);

	io_uring_prep_poll_multishot(sqe, fd, events);
	io_uring_sqe_set_data64(sqe, tag);
}

static bool ring_open(void)
{
	ring_event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (ring_event_fd < 0)
		return false;
	if (ring_setup(IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN) || ring_setup(0)) {
		ring_poll(ring_event_fd, POLLIN, RING_TAG_WAKE);
		if (io_uring_submit(&ring) == 1)
			return true;
		io_uring_queue_exit(&ring);
	}
	close(ring_event_fd);
	ring_event_fd = -1;
	return false;
}

static bool ring_arm(struct wsp_chan *c)
{
	ring_poll(c->fd, POLLIN | POLLOUT | POLLPRI | POLLRDHUP, (uintptr_t)c);
	return true;
}

/* Unlike a POLL_REMOVE it also reaches a poll that is just reporting. */
static void ring_disarm(struct wsp_chan *c)
{
	struct io_uring_sqe *sqe;

	if (c->disarming)
		return;
	c->disarming = true;
	sqe = ring_sqe(RING_TAG_CANCEL);
	io_uring_prep_cancel64(sqe, (uintptr_t)c, 0);
	io_uring_sqe_set_data64(sqe, RING_TAG_CANCEL);
}

static void ring_wait(int ms)
{
	struct __kernel_timespec ts = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L };
	struct io_uring_cqe *cqe;

	if (!ms)
		io_uring_submit_and_get_events(&ring);
	else if (ms < 0)
		io_uring_submit_and_wait(&ring, 1);
	else
		io_uring_submit_and_wait_timeout(&ring, &cqe, 1, &ts, NULL);
}

/*
 * Where one wake-up was the cause, the result is what it was for, not what
 * poll() would say, and every arrival is for POLLPRI too.
 */
static uint32_t ring_events(uint32_t events)
{
	if ((events & (POLLIN | POLLPRI)) == (POLLIN | POLLPRI) && !(events & POLLOUT))
		events &= ~POLLPRI;
	return events;
}

static void ring_report(const struct io_uring_cqe *cqe)
{
	bool last = !(cqe->flags & IORING_CQE_F_MORE);
	struct wsp_chan *c;

	if (cqe->user_data == RING_TAG_CANCEL)
		return;
	if (cqe->user_data == RING_TAG_WAKE) {
		if (last)
			ring_poll(ring_event_fd, POLLIN, RING_TAG_WAKE);
		return;
	}
	c = (struct wsp_chan *)(uintptr_t)cqe->user_data;
	if (cqe->res > 0)
		wsp_engine_event(c, ring_events(cqe->res));
	if (!last)
		return;
	if (cqe->res < 0 && cqe->res != -ECANCELED)
		wsp_engine_failed(c, -cqe->res);
	c->disarming = false;
	wsp_engine_disarmed(c);
}

static bool ring_dispatch(void)
{
	struct io_uring_cqe *next;
	bool any = false;

	/* Only what is there: peeking at an overflow would enter the kernel. */
	while (io_uring_cq_ready(&ring) && !io_uring_peek_cqe(&ring, &next)) {
		struct io_uring_cqe cqe = *next;

		io_uring_cqe_seen(&ring, next);
		ring_report(&cqe);
		any = true;
	}
	return any;
}

static void ring_wake(void)
{
	/* It fails only where the counter is full, which wakes as well. */
	eventfd_write(ring_event_fd, 1);
}

static void ring_drop(void)
{
	/* The maps are not there. */
	close(ring.ring_fd);
	close(ring_event_fd);
	ring_event_fd = -1;
}

const struct wsp_engine_ops wsp_engine_ring = {
	.name = "io_uring",
	.open = ring_open,
	.arm = ring_arm,
	.disarm = ring_disarm,
	.wait = ring_wait,
	.dispatch = ring_dispatch,
	.wake = ring_wake,
	.drop = ring_drop,
};
