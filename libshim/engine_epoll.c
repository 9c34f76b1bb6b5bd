// SPDX-License-Identifier: LGPL-2.1-or-later
/* The engine where io_uring is forbidden or not there. */
#include <errno.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "engine.h"
#include "overlapped.h"

#define ENGINE_EPOLL_BATCH	64

static int epoll_fd = -1;
static int epoll_event_fd = -1;
static struct epoll_event epoll_batch[ENGINE_EPOLL_BATCH];
static int epoll_count;
/* The engine is told once its own work on the channel is over. */
static struct wsp_chan *epoll_disarmed;

static bool epoll_open(void)
{
	struct epoll_event ev = { .events = EPOLLIN | EPOLLET };

	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	epoll_event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (epoll_fd >= 0 && epoll_event_fd >= 0 &&
	    !epoll_ctl(epoll_fd, EPOLL_CTL_ADD, epoll_event_fd, &ev))
		return true;
	if (epoll_fd >= 0)
		close(epoll_fd);
	if (epoll_event_fd >= 0)
		close(epoll_event_fd);
	return false;
}

static bool epoll_arm(struct wsp_chan *c)
{
	struct epoll_event ev = {
		.events = EPOLLIN | EPOLLOUT | EPOLLPRI | EPOLLRDHUP | EPOLLET,
		.data.ptr = c,
	};

	if (!epoll_ctl(epoll_fd, EPOLL_CTL_ADD, c->fd, &ev))
		return true;
	/* Left from a watch whose number had been given away. */
	return errno == EEXIST && !epoll_ctl(epoll_fd, EPOLL_CTL_MOD, c->fd, &ev);
}

static void epoll_disarm(struct wsp_chan *c)
{
	if (c->disarming)
		return;
	epoll_ctl(epoll_fd, EPOLL_CTL_DEL, c->fd, NULL);
	c->disarming = true;
	c->disarmed_next = epoll_disarmed;
	epoll_disarmed = c;
}

static void epoll_wait_events(int ms)
{
	epoll_count = epoll_wait(epoll_fd, epoll_batch, ENGINE_EPOLL_BATCH,
				 epoll_disarmed ? 0 : ms);
}

static bool epoll_dispatch(void)
{
	bool any = epoll_count > 0;
	struct wsp_chan *c;

	for (int i = 0; i < epoll_count; i++)
		if (epoll_batch[i].data.ptr)
			wsp_engine_event(epoll_batch[i].data.ptr, epoll_batch[i].events);
	while ((c = epoll_disarmed)) {
		epoll_disarmed = c->disarmed_next;
		c->disarming = false;
		wsp_engine_disarmed(c);
	}
	return any;
}

static void epoll_wake(void)
{
	/* It fails only where the counter is full, which wakes as well. */
	eventfd_write(epoll_event_fd, 1);
}

static void epoll_drop(void)
{
	close(epoll_fd);
	close(epoll_event_fd);
	epoll_disarmed = NULL;
}

const struct wsp_engine_ops wsp_engine_epoll = {
	.name = "epoll",
	.open = epoll_open,
	.arm = epoll_arm,
	.disarm = epoll_disarm,
	.wait = epoll_wait_events,
	.dispatch = epoll_dispatch,
	.wake = epoll_wake,
	.drop = epoll_drop,
};
