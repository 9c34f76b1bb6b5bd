/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The thread that learns from the kernel when sockets become ready. */
#ifndef WSP_ENGINE_H
#define WSP_ENGINE_H

#include <stdbool.h>
#include <stdint.h>

struct wsp_chan;

/**
 * struct wsp_engine_ops - how the kernel is asked; all in the engine's thread
 * @name: for wsp_engine_name()
 * @open: false if the kernel does not offer it
 * @arm: watch a channel's descriptor; false if that cannot be
 * @disarm: stop watching; wsp_engine_disarmed() follows in a later @dispatch
 * @wait: until something happens, @wake included, but at most so many
 *	milliseconds, -1: no limit
 * @dispatch: report what happened, by wsp_engine_event(); false: nothing had
 * @wake: from any thread
 * @drop: in a forked child: give the parent's things back
 */
struct wsp_engine_ops {
	const char *name;
	bool (*open)(void);
	bool (*arm)(struct wsp_chan *c);
	void (*disarm)(struct wsp_chan *c);
	void (*wait)(int ms);
	bool (*dispatch)(void);
	void (*wake)(void);
	void (*drop)(void);
};

extern const struct wsp_engine_ops wsp_engine_ring;
extern const struct wsp_engine_ops wsp_engine_epoll;

/* For the backends. */
void wsp_engine_event(struct wsp_chan *c, uint32_t events);
void wsp_engine_failed(struct wsp_chan *c, int errnum);
void wsp_engine_disarmed(struct wsp_chan *c);

bool wsp_engine_start(void);
void wsp_engine_touch(struct wsp_chan *c);
void wsp_engine_wait_disarmed(struct wsp_chan *c);
const char *wsp_engine_name(void);

void wsp_engine_fork_prepare(void);
void wsp_engine_fork_parent(void);
void wsp_engine_fork_child(void);

#endif /* WSP_ENGINE_H */
