/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Threads as the library sees them: what they sleep on, and their calls to make. */
#ifndef WSP_THREAD_H
#define WSP_THREAD_H

#include <stdbool.h>
#include <stdint.h>

#include <wsp/types.h>

struct wsp_thread;

/**
 * struct wsp_apc - a call to be made in an alertable wait
 * @fn: called in the thread, without locks; may free the struct
 * @next: for the thread's queue
 */
struct wsp_apc {
	void (*fn)(struct wsp_apc *apc);
	struct wsp_apc *next;
};

struct wsp_thread *wsp_thread_self(void);
struct wsp_thread *wsp_thread_new(void);
void wsp_thread_adopt(struct wsp_thread *t);
void wsp_thread_get(struct wsp_thread *t);
void wsp_thread_put(struct wsp_thread *t);

/*
 * Sleeping: take the number, look at what is waited for, sleep only while the
 * number stays.  A wake-up in between is never lost.
 */
uint32_t wsp_thread_prepare(struct wsp_thread *t);
bool wsp_thread_sleep(struct wsp_thread *t, uint32_t number, int64_t deadline_ns);
void wsp_thread_wake(struct wsp_thread *t);

bool wsp_thread_queue_apc(struct wsp_thread *t, struct wsp_apc *apc);
bool wsp_thread_has_apc(struct wsp_thread *t);
bool wsp_thread_run_apcs(void);

void wsp_thread_at_exit(void (*fn)(struct wsp_thread *t));

#define WSP_FOREVER	INT64_MAX
int64_t wsp_now_ns(void);
int64_t wsp_deadline_ns(DWORD ms);

void wsp_thread_fork_prepare(void);
void wsp_thread_fork_parent(void);
void wsp_thread_fork_child(void);

#endif /* WSP_THREAD_H */
