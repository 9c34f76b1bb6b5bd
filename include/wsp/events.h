/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Events, waiting, queued calls, and the threads that make them.  The WSA*
 * calls need WSAStartup(); the others, which Windows has elsewhere, do not.
 * Failures leave their code for WSAGetLastError(), which is GetLastError().
 */
#ifndef WSP_EVENTS_H
#define WSP_EVENTS_H

#include <wsp/consts.h>
#include <wsp/errors.h>
#include <wsp/types.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef void (*PAPCFUNC)(ULONG_PTR data);
typedef DWORD (*LPTHREAD_START_ROUTINE)(void *param);

/* The calling thread, wherever a thread's handle is taken. */
#define WSP_CURRENT_THREAD	((HANDLE)(intptr_t)-2)

/**
 * WSACreateEvent() - make an event that stays set until it is reset
 *
 * Return: its handle, or WSA_INVALID_EVENT with WSA_NOT_ENOUGH_MEMORY or
 * WSANOTINITIALISED.
 */
WSAEVENT WSACreateEvent(void);

/**
 * WSASetEvent() - set an event
 * @event: its handle
 *
 * Return: TRUE, or FALSE with WSA_INVALID_HANDLE or WSANOTINITIALISED.
 */
BOOL WSASetEvent(WSAEVENT event);

/**
 * WSAResetEvent() - reset an event
 * @event: its handle
 *
 * Return: TRUE, or FALSE with WSA_INVALID_HANDLE or WSANOTINITIALISED.
 */
BOOL WSAResetEvent(WSAEVENT event);

/**
 * WSACloseEvent() - close an event's handle
 * @event: its handle; who waits for it goes on waiting
 *
 * Return: TRUE, or FALSE with WSA_INVALID_HANDLE or WSANOTINITIALISED.
 */
BOOL WSACloseEvent(WSAEVENT event);

/**
 * WSAWaitForMultipleEvents() - wait for events
 * @n: how many, 1 to WSA_MAXIMUM_WAIT_EVENTS
 * @events: their handles
 * @all: for all of them at once, not any
 * @ms: longest time, or WSA_INFINITE
 * @alertable: end early once completion routines or queued calls have run in
 *	this thread.  OV-8
 *
 * Return: WSA_WAIT_EVENT_0 and the lowest index that is set (0 with @all),
 * WSA_WAIT_IO_COMPLETION, WSA_WAIT_TIMEOUT, or WSA_WAIT_FAILED with
 * WSA_INVALID_HANDLE, WSA_INVALID_PARAMETER, WSA_NOT_ENOUGH_MEMORY or
 * WSANOTINITIALISED.
 */
DWORD WSAWaitForMultipleEvents(DWORD n, const WSAEVENT *events, BOOL all, DWORD ms,
			       BOOL alertable);

/**
 * CreateEventA() - make an event
 * @security: ignored
 * @manual: it stays set until it is reset; otherwise one wait takes it
 * @initial: it is set to begin with
 * @name: NULL; named events are not offered
 *
 * Return: its handle, or NULL with WSA_NOT_ENOUGH_MEMORY or
 * WSA_INVALID_PARAMETER (a name).
 */
HANDLE CreateEventA(void *security, BOOL manual, BOOL initial, const char *name);

/**
 * CreateEventW() - CreateEventA() with a wide name
 * @security: as there
 * @manual: as there
 * @initial: as there
 * @name: as there
 *
 * Return: as there.
 */
HANDLE CreateEventW(void *security, BOOL manual, BOOL initial, const WCHAR *name);

/**
 * SetEvent() - set an event
 * @event: its handle
 *
 * Return: TRUE, or FALSE with WSA_INVALID_HANDLE.
 */
BOOL SetEvent(HANDLE event);

/**
 * ResetEvent() - reset an event
 * @event: its handle
 *
 * Return: TRUE, or FALSE with WSA_INVALID_HANDLE.
 */
BOOL ResetEvent(HANDLE event);

/**
 * CloseHandle() - close any handle
 * @h: of an event, thread or port; a socket is closed as by closesocket()
 *
 * Return: TRUE, or FALSE with WSA_INVALID_HANDLE or what closesocket() sets.
 */
BOOL CloseHandle(HANDLE h);

/**
 * WaitForSingleObject() - wait for one event or thread
 * @h: its handle
 * @ms: longest time, or WSA_INFINITE
 *
 * Return: as WSAWaitForMultipleEvents().
 */
DWORD WaitForSingleObject(HANDLE h, DWORD ms);

/**
 * WaitForSingleObjectEx() - WaitForSingleObject(), perhaps alertable
 * @h: as there
 * @ms: as there
 * @alertable: as for WSAWaitForMultipleEvents()
 *
 * Return: as WSAWaitForMultipleEvents().
 */
DWORD WaitForSingleObjectEx(HANDLE h, DWORD ms, BOOL alertable);

/**
 * WaitForMultipleObjects() - wait for events and threads
 * @n: how many, 1 to WSA_MAXIMUM_WAIT_EVENTS
 * @handles: theirs
 * @all: for all of them at once, not any
 * @ms: longest time, or WSA_INFINITE
 *
 * Return: as WSAWaitForMultipleEvents().
 */
DWORD WaitForMultipleObjects(DWORD n, const HANDLE *handles, BOOL all, DWORD ms);

/**
 * WaitForMultipleObjectsEx() - WaitForMultipleObjects(), perhaps alertable
 * @n: as there
 * @handles: as there
 * @all: as there
 * @ms: as there
 * @alertable: as for WSAWaitForMultipleEvents()
 *
 * Return: as WSAWaitForMultipleEvents().
 */
DWORD WaitForMultipleObjectsEx(DWORD n, const HANDLE *handles, BOOL all, DWORD ms, BOOL alertable);

/**
 * Sleep() - let time pass
 * @ms: how much, or WSA_INFINITE
 */
void Sleep(DWORD ms);

/**
 * SleepEx() - Sleep(), perhaps alertable
 * @ms: how long, or WSA_INFINITE
 * @alertable: end early once completion routines or queued calls have run
 *
 * Return: 0 when the time is over, WSA_WAIT_IO_COMPLETION.
 */
DWORD SleepEx(DWORD ms, BOOL alertable);

/**
 * QueueUserAPC() - have a thread make a call in its next alertable wait
 * @fn: the call
 * @thread: handle from CreateThread(), or WSP_CURRENT_THREAD
 * @data: for @fn
 *
 * Return: not 0, or 0 with WSA_INVALID_HANDLE, WSA_NOT_ENOUGH_MEMORY or
 * WSA_INVALID_PARAMETER (@fn NULL, or the thread has ended).
 */
DWORD QueueUserAPC(PAPCFUNC fn, HANDLE thread, ULONG_PTR data);

/**
 * CreateThread() - start a thread
 * @security: ignored
 * @stack: bytes of stack, 0 for the usual size
 * @start: its function
 * @param: for @start
 * @flags: 0; other values are not offered
 * @id: NULL, or out: its number
 *
 * Return: its handle, set when the thread has ended; or NULL with
 * WSA_NOT_ENOUGH_MEMORY or WSA_INVALID_PARAMETER.
 */
HANDLE CreateThread(void *security, size_t stack, LPTHREAD_START_ROUTINE start, void *param,
		    DWORD flags, DWORD *id);

/**
 * ExitThread() - end the calling thread
 * @code: its exit code
 */
void ExitThread(DWORD code) __attribute__((noreturn));

/**
 * GetExitCodeThread() - what a thread returned
 * @thread: handle from CreateThread()
 * @code: out: 259 while it runs
 *
 * Return: TRUE, or FALSE with WSA_INVALID_HANDLE or WSAEFAULT.
 */
BOOL GetExitCodeThread(HANDLE thread, DWORD *code);

/**
 * GetCurrentThread() - a handle for the calling thread
 *
 * Return: WSP_CURRENT_THREAD.
 */
HANDLE GetCurrentThread(void);

/**
 * GetCurrentThreadId() - the calling thread's number
 *
 * Return: the number.
 */
DWORD GetCurrentThreadId(void);

/**
 * GetLastError() - WSAGetLastError()
 *
 * Return: as there.
 */
DWORD GetLastError(void);

/**
 * SetLastError() - WSASetLastError()
 * @error: any number
 */
void SetLastError(DWORD error);

#ifdef __cplusplus
}
#endif

#endif /* WSP_EVENTS_H */
