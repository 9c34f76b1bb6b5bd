// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Blocking hooks.  While a call blocks, the hook of the provider's caller is
 * called as WinSock 1.1 has it: again as long as it returns TRUE, then the
 * socket is looked at, then again.  Inside it every other call fails with
 * WSAEINPROGRESS (SD-8), and WSPCancelBlockingCall ends the one that blocks.
 */
#include <poll.h>
#include <stdatomic.h>

#include "block.h"
#include "hook.h"
#include "upcall.h"

static _Thread_local bool hook_running;
static _Thread_local bool hook_cancelled;

/**
 * wsp_hook_get() - look for a hook
 * @hook: out
 *
 * Return: false if there is none.
 */
bool wsp_hook_get(struct wsp_hook *hook)
{
	return atomic_load(&wsp_block_hook) &&
	       wsp_upcall_blocking_hook(0, &hook->fn, &hook->context);
}

/**
 * wsp_hook_run() - call the hook until it has nothing left to do
 * @hook: from wsp_hook_get()
 *
 * Return: 0, or WSAEINTR if it cancelled the call.
 */
int wsp_hook_run(const struct wsp_hook *hook)
{
	BOOL more;

	hook_cancelled = false;
	hook_running = true;
	wsp_callback_enter();
	do {
		more = hook->fn(hook->context);
	} while (more && !hook_cancelled);
	wsp_callback_leave();
	hook_running = false;
	return hook_cancelled ? WSAEINTR : 0;
}

/**
 * wsp_hook_active() - is this thread inside its hook?
 *
 * Return: true if so.
 */
bool wsp_hook_active(void)
{
	return hook_running;
}

static int64_t hook_slice_end(int64_t deadline)
{
	int64_t end = wsp_now_ns() + WSP_HOOK_SLICE_NS;

	return end < deadline ? end : deadline;
}

static bool hook_poll(int fd, short events, int64_t until)
{
	struct pollfd p = { .fd = fd, .events = events };
	int64_t left = until - wsp_now_ns();

	return poll(&p, 1, left > 0 ? (int)(left / 1000000) + 1 : 0) != 0;
}

/* In front of a wait: it is over, or would be at once, when this returns 0. */
static int hook_wait(const struct wsp_handle *h, short events, int64_t deadline)
{
	struct wsp_hook hook;
	int code = 0;

	if (!wsp_hook_get(&hook))
		return 0;
	while (!code && !hook_poll(h->fd, events, hook_slice_end(deadline))) {
		if (wsp_now_ns() >= deadline || (wsp_handle_peek(h->fd) & WSP_H_CLOSING))
			break;
		code = wsp_hook_run(&hook);
	}
	return code;
}

/**
 * wsp_hook_use() - from now on there may be hooks
 */
void wsp_hook_use(void)
{
	atomic_store(&wsp_block_hook, hook_wait);
}

/* WSPCancelBlockingCall; see WSACancelBlockingCall() */
int wsp_hook_cancel_spi(int *err)
{
	if (!hook_running)
		return wsp_err_fail(err, WSAEINVAL);
	hook_cancelled = true;
	return wsp_err_ok(err);
}
