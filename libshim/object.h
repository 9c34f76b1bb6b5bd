/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a HANDLE that is no socket stands for, and waiting for it. */
#ifndef WSP_OBJECT_H
#define WSP_OBJECT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <wsp/types.h>

struct wsp_thread;
struct wsp_wait;

enum wsp_object_type {
	WSP_OBJECT_ANY,
	WSP_OBJECT_EVENT,
	WSP_OBJECT_THREAD,
	WSP_OBJECT_PORT,
};

/**
 * struct wsp_object - the part all kinds have, at the start of each
 * @type: kind, constant
 * @refs: references, the handle's own among them
 * @manual: stays signalled after a wait has seen it, constant
 * @signalled: state.  Under the objects' lock
 * @waits: who waits for it.  Under the objects' lock
 * @release: frees it; without locks
 */
struct wsp_object {
	enum wsp_object_type type;
	atomic_uint refs;
	bool manual;
	bool signalled;
	struct wsp_wait *waits;
	void (*release)(struct wsp_object *o);
};

/* The new object's one reference goes to the handle; NULL if there is no room. */
HANDLE wsp_object_publish(struct wsp_object *o, enum wsp_object_type type, bool manual,
			  bool signalled, void (*release)(struct wsp_object *o));
struct wsp_object *wsp_object_find(HANDLE h, enum wsp_object_type type);
void wsp_object_get(struct wsp_object *o);
void wsp_object_put(struct wsp_object *o);
int wsp_object_close(HANDLE h);
void wsp_object_signal(struct wsp_object *o);
void wsp_object_reset(struct wsp_object *o);
bool wsp_object_is_handle(HANDLE h);

/**
 * struct wsp_wait - one thread's interest in one object
 * @thread: woken when the object gets signalled
 * @next: further waits for the object
 * @prev: what points here
 */
struct wsp_wait {
	struct wsp_thread *thread;
	struct wsp_wait *next;
	struct wsp_wait **prev;
};

/* For wait.c, which looks at several objects in one step. */
void wsp_object_lock(void);
void wsp_object_unlock(void);
void wsp_object_add_wait(struct wsp_object *o, struct wsp_wait *w);
void wsp_object_del_wait(struct wsp_wait *w);

/* wait.c */
DWORD wsp_wait(DWORD n, const HANDLE *handles, bool all, DWORD ms, bool alertable, int *err);
bool wsp_sleep(DWORD ms, bool alertable);

/* event.c */
HANDLE wsp_event_create(bool manual, bool signalled);
int wsp_event_set(HANDLE h);
int wsp_event_reset(HANDLE h);
int wsp_event_close(HANDLE h);

void wsp_object_fork_prepare(void);
void wsp_object_fork_done(void);

#endif /* WSP_OBJECT_H */
