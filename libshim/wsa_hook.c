// SPDX-License-Identifier: LGPL-2.1-or-later
/* Application interface: blocking hooks.  Documented in <wsp/blocking.h>. */
#include <wsp/blocking.h>

#include "hook.h"
#include "wsa.h"

static intptr_t hook_default(void)
{
	return 0;
}

static _Thread_local FARPROC hook_own;

static BOOL hook_call(DWORD_PTR context)
{
	return ((FARPROC)context)() != 0;
}

/**
 * wsa_hook_query() - WPUQueryBlockingCallback() of the application interface
 * @entry: ignored
 * @hook: out: NULL if the calling thread has none
 * @context: out
 * @err: out
 *
 * Return: 0.
 */
int wsa_hook_query(DWORD entry, LPBLOCKINGCALLBACK *hook, DWORD_PTR *context, int *err)
{
	(void)entry;
	*hook = hook_own ? hook_call : NULL;
	*context = (DWORD_PTR)hook_own;
	return wsp_err_ok(err);
}

static const WSPPROC_TABLE *hook_enter(void)
{
	const WSPPROC_TABLE *t = wsa_enter();

	if (!t || wsa_is_version_1())
		return t;
	WSASetLastError(WSAEOPNOTSUPP);
	return NULL;
}

WSA_EXPORT FARPROC WSASetBlockingHook(FARPROC hook)
{
	FARPROC before = hook_own ? hook_own : hook_default;

	if (!hook_enter())
		return NULL;
	if (wsp_callback_active() || !hook) {
		WSASetLastError(hook ? WSAEINPROGRESS : WSAEFAULT);
		return NULL;
	}
	hook_own = hook == hook_default ? NULL : hook;
	wsp_hook_use();
	return before;
}

WSA_EXPORT int WSAUnhookBlockingHook(void)
{
	if (!hook_enter())
		return SOCKET_ERROR;
	hook_own = NULL;
	return 0;
}

WSA_EXPORT BOOL WSAIsBlocking(void)
{
	return hook_enter() && wsp_hook_active();
}

WSA_EXPORT int WSACancelBlockingCall(void)
{
	const WSPPROC_TABLE *t = hook_enter();
	int err = 0;

	return t ? wsa_leave(t->lpWSPCancelBlockingCall(&err), &err) : SOCKET_ERROR;
}
