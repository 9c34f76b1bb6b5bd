/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * WinSock 1.1's blocking hooks.  They are there for programs that negotiated
 * version 1.0 or 1.1 with WSAStartup(); to all others these calls fail with
 * WSAEOPNOTSUPP, as on Windows.  Callers of WSPStartup() have their
 * WPUQueryBlockingCallback() instead.
 */
#ifndef WSP_BLOCKING_H
#define WSP_BLOCKING_H

#include <wsp/errors.h>
#include <wsp/types.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef intptr_t (*FARPROC)(void);

/**
 * WSASetBlockingHook() - have a function called while this thread's calls block
 * @hook: called again at once if it returns nonzero, else after a look at the
 *	socket.  In it every call but WSACancelBlockingCall() fails with
 *	WSAEINPROGRESS
 *
 * Errors: WSAEFAULT (NULL), WSAEOPNOTSUPP, WSAEINPROGRESS.
 *
 * Return: the hook so far, which may be the default one; NULL on failure.
 */
FARPROC WSASetBlockingHook(FARPROC hook);

/**
 * WSAUnhookBlockingHook() - go back to the default, which does nothing
 *
 * Errors: WSAEOPNOTSUPP.
 *
 * Return: 0, or SOCKET_ERROR.
 */
int WSAUnhookBlockingHook(void);

/**
 * WSAIsBlocking() - is a call of this thread blocking, and this its hook?
 *
 * Return: TRUE if so.
 */
BOOL WSAIsBlocking(void);

/**
 * WSACancelBlockingCall() - have the call that blocks fail with WSAEINTR
 *
 * From the hook.
 *
 * Errors: WSAEINVAL (no call is blocking), WSAEOPNOTSUPP.
 *
 * Return: 0, or SOCKET_ERROR.
 */
int WSACancelBlockingCall(void);

#ifdef __cplusplus
}
#endif

#endif /* WSP_BLOCKING_H */
