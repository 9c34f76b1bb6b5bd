/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Overlapped operations.
 *
 * A socket has a channel with two queues, one per direction.  An operation is
 * attempted, without blocking, by the calling thread and then, each time the
 * kernel tells that the socket became readable or writable, by the engine's
 * thread; never by two at once, and never out of turn.  So no buffer is in the
 * kernel's hands while nobody runs, and cancelling takes an operation out of
 * its queue.
 *
 * Lock order: a channel (a listener's before an accepted socket's), then a
 * stripe of the side table, the engine's, a port's, the objects', a thread's.
 */
#ifndef WSP_OVERLAPPED_H
#define WSP_OVERLAPPED_H

#include <stdatomic.h>
#include <sys/uio.h>

#include "internal.h"
#include "lock.h"
#include "port.h"
#include "thread.h"

struct wsp_chan;
struct wsp_op;

enum wsp_dir {
	WSP_IN,
	WSP_OUT,
	WSP_DIRS,
};

/* What an attempt returns while the operation has to wait on. */
#define WSP_OP_AGAIN	(-1)
/* The operation lives on in another queue. */
#define WSP_OP_MOVED	(-2)

/**
 * struct wsp_op_type - what kind of operation it is
 * @attempt: do as much as can be done without blocking; the channel is locked.
 *	0 or a WSA code when done, with @count and @flags set
 * @end: undo what the operation did to the socket, or NULL; called once, before
 *	the completion, with its code; the channel is locked
 * @eager: the first attempt begins something, whether or not the socket is ready
 * @survives_close: attempted once more at close instead of being cancelled
 */
struct wsp_op_type {
	int (*attempt)(struct wsp_op *op);
	void (*end)(struct wsp_op *op, int code);
	bool eager;
	bool survives_close;
};

/**
 * struct wsp_op - one operation
 * @packet: what a completion port gets; first, so that either may be freed
 * @type: its kind
 * @next: in its queue
 * @chan: whose queue it is in
 * @ov: the application's; NULL for an operation of the library's own
 * @event: signalled at the end, or NULL
 * @routine: called at the end, or NULL
 * @thread: which thread calls it
 * @thread_opened: that was found out here, not by the caller
 * @issuer: number of the thread that started it, OV-7
 * @owner: descriptor and identity of the socket it was started on
 * @want_packet: OV-5
 * @drained: set by an attempt that found less than there was room for
 * @home_port: where the packet goes, if not to the channel's port; a reference
 * @home_key: its key then
 * @count: bytes so far
 * @flags: WS_MSG_* for WSAGetOverlappedResult()
 * @code: result, once there is one
 */
struct wsp_op {
	struct wsp_packet packet;
	const struct wsp_op_type *type;
	struct wsp_op *next;
	struct wsp_chan *chan;
	LPWSAOVERLAPPED ov;
	WSAEVENT event;
	LPWSAOVERLAPPED_COMPLETION_ROUTINE routine;
	WSATHREADID thread;
	bool thread_opened;
	uint64_t issuer;
	uint64_t owner;
	bool want_packet;
	bool drained;
	struct wsp_port *home_port;
	ULONG_PTR home_key;
	DWORD count;
	DWORD flags;
	int code;
};

/**
 * struct wsp_queue - the operations of one direction
 * @head: the one whose turn it is
 * @tail: last
 * @ready: something may have happened since an attempt found nothing
 */
struct wsp_queue {
	struct wsp_op *head;
	struct wsp_op *tail;
	bool ready;
};

/**
 * struct wsp_chan - a socket's operations; one per descriptor, never freed
 * @id: the socket's inode number, 0: none
 * @lock: guards all but what the engine's lock does
 * @fd: descriptor
 * @closing: nothing more may be queued
 * @queue: per direction
 * @port: completion port, or NULL
 * @key: for its packets
 * @modes: FILE_SKIP_* bits
 * @moved: operations that wait in other sockets' queues
 * @ended: an end, an error or urgent data was reported; from then on an attempt
 *	tells for certain only by finding nothing
 * @unsure: something waits that was not attempted, since the queue seemed empty
 * @want: the engine shall watch it
 * @rewatch: another file has taken the descriptor's place
 * @armed: the engine watches it; written by the engine's thread
 * @dirty: in the engine's list.  Under the engine's lock
 * @dirty_next: in that list.  Under the engine's lock
 * @disarming: the watch is to end, of the engine's thread
 * @disarmed_next: for the backend
 * @armed_prev: in the list of those watched, of the engine's thread
 * @armed_next: in that list
 * @used: was in use since the engine last looked for idle ones
 */
struct wsp_chan {
	_Atomic uint64_t id;
	struct wsp_lock lock;
	int fd;
	bool closing;
	struct wsp_queue queue[WSP_DIRS];
	struct wsp_port *port;
	ULONG_PTR key;
	uint8_t modes;
	_Atomic unsigned int moved;
	bool ended;
	bool unsure;
	bool want;
	bool rewatch;
	_Atomic bool armed;
	bool used;
	bool disarming;
	bool dirty;
	struct wsp_chan *disarmed_next;
	struct wsp_chan *dirty_next;
	struct wsp_chan *armed_prev;
	struct wsp_chan *armed_next;
};

typedef bool (*wsp_op_match)(const struct wsp_op *op, const void *arg);

/* chan.c */
struct wsp_chan *wsp_chan_lock(SOCKET s, int *code);
void wsp_chan_unlock(struct wsp_chan *c);
void wsp_chan_event(struct wsp_chan *c, uint32_t events);
void wsp_chan_make_sure(struct wsp_chan *c);
bool wsp_chan_drained(struct wsp_chan *c, struct wsp_queue *q);
void wsp_chan_fail(struct wsp_chan *c, int code);
void wsp_chan_push(struct wsp_chan *c, enum wsp_dir d, struct wsp_op *op);
bool wsp_chan_idle(const struct wsp_chan *c);
bool wsp_chan_waiting(SOCKET s, enum wsp_dir d);
void wsp_chan_replace(struct wsp_chan *c);
void wsp_chan_close(const struct wsp_handle *h);
unsigned int wsp_chan_cancel(struct wsp_chan *c, wsp_op_match match, const void *arg);
void wsp_chan_for_each(void (*fn)(struct wsp_chan *c, void *arg), void *arg);
void wsp_chan_fork_child(void);

/**
 * wsp_chan_may_try() - is it an operation's turn, and may it find something?
 * @c: channel, locked
 * @d: direction
 *
 * Return: true if so.
 */
static inline bool wsp_chan_may_try(const struct wsp_chan *c, enum wsp_dir d)
{
	return !c->queue[d].head && (c->queue[d].ready || !atomic_load(&c->armed));
}

/* op.c */
int wsp_op_init(struct wsp_op *op, const struct wsp_op_type *type, LPWSAOVERLAPPED ov,
		LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread);
int wsp_op_init_failed(SOCKET s, struct wsp_op *op, int code);
int wsp_op_submit(SOCKET s, enum wsp_dir d, struct wsp_op *op, DWORD *count, DWORD *flags);
int wsp_op_submit_locked(struct wsp_chan *c, enum wsp_dir d, struct wsp_op *op, DWORD *count,
			 DWORD *flags);
int wsp_op_finish_locked(struct wsp_chan *c, struct wsp_op *op, int code);
int wsp_op_wait(SOCKET s, enum wsp_dir d, struct wsp_op *op, DWORD *count, DWORD *flags);
int wsp_op_run(SOCKET s, enum wsp_dir d, struct wsp_op *op, DWORD *count);
void wsp_op_complete(struct wsp_chan *c, struct wsp_op *op, int code, bool at_once);
void wsp_op_complete_quick(struct wsp_chan *c, LPWSAOVERLAPPED ov, struct wsp_packet *packet,
			   DWORD count);
int wsp_op_refuse_quick(LPWSAOVERLAPPED ov, int code);
void wsp_op_free(struct wsp_op *op);
uint64_t wsp_op_issuer(void);
void wsp_op_fork_child(void);

/* A call that completes at once, on behalf of the files of other concerns. */
int wsp_overlapped_done(SOCKET s, LPWSAOVERLAPPED ov, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
			LPWSATHREADID thread, int code, DWORD count, DWORD flags);

BOOL wsp_overlapped_result_spi(SOCKET s, LPWSAOVERLAPPED ov, DWORD *count, BOOL wait,
			       DWORD *flags, int *err);

/* status.c: the three sets of codes */
#define WSP_STATUS_PENDING	0x103u
uint32_t wsp_status_from_wsa(int code);
int wsp_status_to_wsa(uint32_t status);
int wsp_status_to_win32(uint32_t status);

#endif /* WSP_OVERLAPPED_H */
