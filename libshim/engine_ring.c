// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The engine on io_uring: a multishot poll for each socket.
 *
 * Only that and its cancelling are needed of the interface, so the ring is
 * driven here and programs need no further library.
 */
#include <errno.h>
#include <linux/io_uring.h>
#include <poll.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "engine.h"
#include "overlapped.h"

#define RING_ENTRIES		256
#define RING_CQ_ENTRIES		4096

/* What a completion is about, where it is not a channel's address. */
#define RING_TAG_CANCEL		1
#define RING_TAG_WAKE		2

static int ring_fd = -1;
static int ring_event_fd = -1;
static void *ring_sq_map, *ring_cq_map;
static size_t ring_sq_size, ring_cq_size;
static struct io_uring_sqe *ring_sqes;
static struct io_uring_cqe *ring_cqes;
static unsigned int *ring_sq_head, *ring_sq_tail, *ring_sq_flags, *ring_cq_head, *ring_cq_tail;
static unsigned int ring_sq_mask, ring_cq_mask, ring_sq_entries;

static unsigned int ring_load(unsigned int *p)
{
	return __atomic_load_n(p, __ATOMIC_ACQUIRE);
}

static void ring_store(unsigned int *p, unsigned int v)
{
	__atomic_store_n(p, v, __ATOMIC_RELEASE);
}

static int ring_setup(struct io_uring_params *p)
{
	static const unsigned int modes[] = {
		IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN,
		0,
	};

	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		int fd;

		memset(p, 0, sizeof(*p));
		p->flags = modes[i] | IORING_SETUP_CQSIZE;
		p->cq_entries = RING_CQ_ENTRIES;
		fd = (int)syscall(SYS_io_uring_setup, RING_ENTRIES, p);
		if (fd >= 0)
			return fd;
	}
	return -1;
}

static void *ring_mmap(size_t size, off_t offset)
{
	void *map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring_fd,
			 offset);

	/* A forked child must not see the parent's ring. */
	if (map != MAP_FAILED)
		madvise(map, size, MADV_DONTFORK);
	return map == MAP_FAILED ? NULL : map;
}

static bool ring_map(const struct io_uring_params *p)
{
	unsigned int *array;
	char *sq, *cq;

	ring_sq_size = p->sq_off.array + p->sq_entries * sizeof(unsigned int);
	ring_cq_size = p->cq_off.cqes + p->cq_entries * sizeof(struct io_uring_cqe);
	ring_sq_map = ring_mmap(ring_sq_size, IORING_OFF_SQ_RING);
	ring_cq_map = ring_mmap(ring_cq_size, IORING_OFF_CQ_RING);
	ring_sqes = ring_mmap(p->sq_entries * sizeof(*ring_sqes), IORING_OFF_SQES);
	if (!ring_sq_map || !ring_cq_map || !ring_sqes)
		return false;
	sq = ring_sq_map;
	cq = ring_cq_map;
	ring_sq_head = (unsigned int *)(sq + p->sq_off.head);
	ring_sq_tail = (unsigned int *)(sq + p->sq_off.tail);
	ring_sq_flags = (unsigned int *)(sq + p->sq_off.flags);
	ring_cq_head = (unsigned int *)(cq + p->cq_off.head);
	ring_cq_tail = (unsigned int *)(cq + p->cq_off.tail);
	ring_cqes = (struct io_uring_cqe *)(cq + p->cq_off.cqes);
	ring_sq_entries = p->sq_entries;
	ring_sq_mask = p->sq_entries - 1;
	ring_cq_mask = p->cq_entries - 1;
	array = (unsigned int *)(sq + p->sq_off.array);
	for (unsigned int i = 0; i < p->sq_entries; i++)
		array[i] = i;
	return true;
}

static void ring_unmap(void)
{
	if (ring_sq_map)
		munmap(ring_sq_map, ring_sq_size);
	if (ring_cq_map)
		munmap(ring_cq_map, ring_cq_size);
	if (ring_sqes)
		munmap(ring_sqes, ring_sq_entries * sizeof(*ring_sqes));
	ring_sq_map = NULL;
	ring_cq_map = NULL;
	ring_sqes = NULL;
}

static void ring_close(void)
{
	if (ring_event_fd >= 0)
		close(ring_event_fd);
	if (ring_fd >= 0)
		close(ring_fd);
	ring_event_fd = -1;
	ring_fd = -1;
}

/* Also submits what has been prepared. */
static int ring_enter(unsigned int min_complete, int ms)
{
	struct __kernel_timespec ts = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L };
	struct io_uring_getevents_arg arg = { .ts = ms >= 0 ? (uintptr_t)&ts : 0 };
	unsigned int queued = *ring_sq_tail - ring_load(ring_sq_head);

	return (int)syscall(SYS_io_uring_enter, ring_fd, queued, min_complete,
			    IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG, &arg, sizeof(arg));
}

static struct io_uring_sqe *ring_sqe(void)
{
	unsigned int tail = *ring_sq_tail;
	struct io_uring_sqe *sqe;

	while (tail - ring_load(ring_sq_head) == ring_sq_entries)
		ring_enter(0, -1);
	sqe = &ring_sqes[tail & ring_sq_mask];
	memset(sqe, 0, sizeof(*sqe));
	return sqe;
}

static void ring_queue(void)
{
	ring_store(ring_sq_tail, *ring_sq_tail + 1);
}

static void ring_poll(int fd, uint32_t events, uint64_t tag)
{
	struct io_uring_sqe *sqe = ring_sqe();

	sqe->opcode = IORING_OP_POLL_ADD;
	sqe->fd = fd;
	sqe->len = IORING_POLL_ADD_MULTI;
	sqe->poll32_events = events;
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	sqe->poll32_events = events << 16 | events >> 16;
#endif
	sqe->user_data = tag;
	ring_queue();
}

static bool ring_open(void)
{
	struct io_uring_params p;

	ring_fd = ring_setup(&p);
	if (ring_fd < 0)
		return false;
	ring_event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (ring_event_fd >= 0 && (p.features & IORING_FEAT_EXT_ARG) && ring_map(&p)) {
		ring_poll(ring_event_fd, POLLIN, RING_TAG_WAKE);
		if (ring_enter(0, -1) == 1)
			return true;
	}
	ring_unmap();
	ring_close();
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
	sqe = ring_sqe();
	sqe->opcode = IORING_OP_ASYNC_CANCEL;
	sqe->fd = -1;
	sqe->addr = (uintptr_t)c;
	sqe->user_data = RING_TAG_CANCEL;
	ring_queue();
}

static void ring_wait(int ms)
{
	ring_enter(1, ms);
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
		wsp_engine_event(c, cqe->res);
	if (!last)
		return;
	if (cqe->res < 0 && cqe->res != -ECANCELED)
		wsp_engine_failed(c, -cqe->res);
	c->disarming = false;
	wsp_engine_disarmed(c);
}

static void ring_dispatch(void)
{
	unsigned int head = *ring_cq_head;

	while (head != ring_load(ring_cq_tail)) {
		struct io_uring_cqe cqe = ring_cqes[head & ring_cq_mask];

		ring_store(ring_cq_head, ++head);
		ring_report(&cqe);
	}
}

static void ring_wake(void)
{
	/* It fails only where the counter is full, which wakes as well. */
	eventfd_write(ring_event_fd, 1);
}

static void ring_drop(void)
{
	/* The maps are not there. */
	ring_sq_map = NULL;
	ring_cq_map = NULL;
	ring_sqes = NULL;
	ring_close();
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
