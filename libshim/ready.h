/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a socket is ready for, in Winsock's terms, and waiting for many. */
#ifndef WSP_READY_H
#define WSP_READY_H

#include <poll.h>

#include "internal.h"

#define WSP_READY_READ		0x01 /* data, or a connection to accept */
#define WSP_READY_WRITE		0x02
#define WSP_READY_OOB		0x04 /* urgent data that MSG_OOB gets */
#define WSP_READY_END		0x08 /* the peer has ended, nothing is left to read */
#define WSP_READY_RESET		0x10 /* the connection ended otherwise */
#define WSP_READY_FAILED	0x20 /* connecting failed */
#define WSP_READY_UNSURE	0x40 /* the kernel has yet to tell data from the end */

#define WSP_READY_POLL		(POLLIN | POLLOUT | POLLPRI | POLLRDHUP)

uint32_t wsp_ready(const struct wsp_handle *h, short revents);
uint32_t wsp_ready_now(const struct wsp_handle *h);

/**
 * struct wsp_multi_item - one socket that is waited for
 * @h: the socket
 * @events: what to poll for
 * @instant: all of @want holds, whatever the kernel says
 * @hushed: not polled, since all it reports is not wanted
 * @want: WSP_READY_* that end the wait
 * @got: out: those of @want that hold
 */
struct wsp_multi_item {
	struct wsp_handle h;
	short events;
	bool instant;
	bool hushed;
	uint32_t want;
	uint32_t got;
};

int wsp_multi_wait(struct wsp_multi_item *items, size_t n, int64_t ms, size_t *ready);

#endif /* WSP_READY_H */
