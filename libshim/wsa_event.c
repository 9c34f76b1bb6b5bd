// SPDX-License-Identifier: LGPL-2.1-or-later
/* Events, at the application's level.  Documented in <wsp/events.h>. */
#include "object.h"
#include "wsa.h"

static BOOL event_done(int code)
{
	if (code)
		WSASetLastError(code);
	return !code;
}

WSA_EXPORT WSAEVENT WSACreateEvent(void)
{
	return wsa_enter() ? CreateEventA(NULL, true, false, NULL) : WSA_INVALID_EVENT;
}

WSA_EXPORT BOOL WSASetEvent(WSAEVENT event)
{
	return wsa_enter() && event_done(wsp_event_set(event));
}

WSA_EXPORT BOOL WSAResetEvent(WSAEVENT event)
{
	return wsa_enter() && event_done(wsp_event_reset(event));
}

WSA_EXPORT BOOL WSACloseEvent(WSAEVENT event)
{
	return wsa_enter() && event_done(wsp_event_close(event));
}

WSA_EXPORT DWORD WSAWaitForMultipleEvents(DWORD n, const WSAEVENT *events, BOOL all, DWORD ms,
					  BOOL alertable)
{
	if (!wsa_enter())
		return WSA_WAIT_FAILED;
	return WaitForMultipleObjectsEx(n, events, all, ms, alertable);
}

WSA_EXPORT HANDLE CreateEventA(void *security, BOOL manual, BOOL initial, const char *name)
{
	HANDLE h;

	(void)security;
	if (name) {
		WSASetLastError(WSA_INVALID_PARAMETER);
		return NULL;
	}
	h = wsp_event_create(manual, initial);
	if (!h)
		WSASetLastError(WSA_NOT_ENOUGH_MEMORY);
	return h;
}

WSA_EXPORT HANDLE CreateEventW(void *security, BOOL manual, BOOL initial, const WCHAR *name)
{
	return CreateEventA(security, manual, initial, name ? "" : NULL);
}

WSA_EXPORT BOOL SetEvent(HANDLE event)
{
	return event_done(wsp_event_set(event));
}

WSA_EXPORT BOOL ResetEvent(HANDLE event)
{
	return event_done(wsp_event_reset(event));
}

WSA_EXPORT BOOL CloseHandle(HANDLE h)
{
	if (wsp_object_is_handle(h) || !h)
		return event_done(wsp_object_close(h));
	if (!closesocket((SOCKET)h))
		return true;
	if (WSAGetLastError() == WSAENOTSOCK)
		WSASetLastError(WSA_INVALID_HANDLE);
	return false;
}

WSA_EXPORT DWORD WaitForSingleObject(HANDLE h, DWORD ms)
{
	return WaitForMultipleObjectsEx(1, &h, false, ms, false);
}

WSA_EXPORT DWORD WaitForSingleObjectEx(HANDLE h, DWORD ms, BOOL alertable)
{
	return WaitForMultipleObjectsEx(1, &h, false, ms, alertable);
}

WSA_EXPORT DWORD WaitForMultipleObjects(DWORD n, const HANDLE *handles, BOOL all, DWORD ms)
{
	return WaitForMultipleObjectsEx(n, handles, all, ms, false);
}

WSA_EXPORT DWORD WaitForMultipleObjectsEx(DWORD n, const HANDLE *handles, BOOL all, DWORD ms,
					  BOOL alertable)
{
	int err = 0;
	DWORD result = wsp_wait(n, handles, all, ms, alertable, &err);

	if (result == WSA_WAIT_FAILED)
		WSASetLastError(err);
	return result;
}

WSA_EXPORT void Sleep(DWORD ms)
{
	wsp_sleep(ms, false);
}

WSA_EXPORT DWORD SleepEx(DWORD ms, BOOL alertable)
{
	return wsp_sleep(ms, alertable) ? WSA_WAIT_IO_COMPLETION : 0;
}

WSA_EXPORT DWORD GetLastError(void)
{
	return WSAGetLastError();
}

WSA_EXPORT void SetLastError(DWORD error)
{
	WSASetLastError((int)error);
}
