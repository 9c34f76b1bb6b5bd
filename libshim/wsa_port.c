// SPDX-License-Identifier: LGPL-2.1-or-later
/* Application interface: completion ports.  Documented in <wsp/iocp.h>. */
#include <stdlib.h>

#include "object.h"
#include "overlapped.h"
#include "wsa.h"

static int port_associate(SOCKET s, HANDLE handle, ULONG_PTR key)
{
	struct wsp_port *port = wsp_port_find(handle);
	struct wsp_chan *c;
	int code = 0;

	if (!port)
		return WSA_INVALID_HANDLE;
	c = wsp_chan_lock(s, &code);
	if (!c) {
		wsp_port_put(port);
		return code == WSAENOTSOCK ? WSA_INVALID_HANDLE : code;
	}
	if (c->port) {
		code = WSA_INVALID_PARAMETER;
		wsp_port_put(port);
	} else {
		c->port = port;
		c->key = key;
	}
	wsp_chan_unlock(c);
	return code;
}

static void port_error(int code)
{
	WSASetLastError(code);
}

WSA_EXPORT HANDLE CreateIoCompletionPort(HANDLE file, HANDLE port, ULONG_PTR key, DWORD threads)
{
	int code;

	if (file == INVALID_HANDLE_VALUE) {
		HANDLE h = port ? NULL : wsp_port_create(threads);

		if (!h)
			port_error(port ? WSA_INVALID_PARAMETER : WSA_NOT_ENOUGH_MEMORY);
		return h;
	}
	if (port) {
		code = port_associate((SOCKET)file, port, key);
	} else {
		port = wsp_port_create(threads);
		if (!port) {
			port_error(WSA_NOT_ENOUGH_MEMORY);
			return NULL;
		}
		code = port_associate((SOCKET)file, port, key);
		if (code)
			wsp_object_close(port);
	}
	if (!code)
		return port;
	port_error(code);
	return NULL;
}

WSA_EXPORT BOOL PostQueuedCompletionStatus(HANDLE handle, DWORD count, ULONG_PTR key,
					   LPWSAOVERLAPPED ov)
{
	struct wsp_port *port = wsp_port_find(handle);
	struct wsp_packet *p;

	if (!port) {
		port_error(WSA_INVALID_HANDLE);
		return 0;
	}
	p = calloc(1, sizeof(*p));
	if (p) {
		p->key = key;
		p->ov = ov;
		p->count = count;
		wsp_port_push(port, p);
	} else {
		port_error(WSA_NOT_ENOUGH_MEMORY);
	}
	wsp_port_put(port);
	return !!p;
}

static int port_get(HANDLE handle, LPOVERLAPPED_ENTRY entries, unsigned int max, unsigned int *n,
		    DWORD ms, bool alertable)
{
	struct wsp_port *port = wsp_port_find(handle);
	int code;

	if (!port)
		return WSA_INVALID_HANDLE;
	code = wsp_port_wait(port, entries, max, n, wsp_deadline_ns(ms), alertable);
	wsp_port_put(port);
	if (code == WAIT_IO_COMPLETION)
		wsp_thread_run_apcs();
	return code;
}

WSA_EXPORT BOOL GetQueuedCompletionStatus(HANDLE port, DWORD *count, ULONG_PTR *key,
					  LPWSAOVERLAPPED *ov, DWORD ms)
{
	OVERLAPPED_ENTRY e;
	unsigned int n;
	int code = 0;

	if (!count || !key || !ov) {
		port_error(WSA_INVALID_PARAMETER);
		return 0;
	}
	*ov = NULL;
	if (!wsp_port_take_again(port, &e))
		code = port_get(port, &e, 1, &n, ms, false);
	if (!code) {
		*count = e.dwNumberOfBytesTransferred;
		*key = e.lpCompletionKey;
		*ov = e.lpOverlapped;
		code = wsp_status_to_win32((uint32_t)e.Internal);
	}
	if (code)
		port_error(code);
	return !code;
}

WSA_EXPORT BOOL GetQueuedCompletionStatusEx(HANDLE port, LPOVERLAPPED_ENTRY entries, ULONG max,
					    ULONG *removed, DWORD ms, BOOL alertable)
{
	unsigned int n = 0;
	int code;

	if (!entries || !max || !removed) {
		port_error(WSA_INVALID_PARAMETER);
		return 0;
	}
	code = port_get(port, entries, max, &n, ms, alertable);
	*removed = n;
	if (code)
		port_error(code);
	return !code;
}

WSA_EXPORT BOOL SetFileCompletionNotificationModes(HANDLE file, uint8_t modes)
{
	struct wsp_chan *c;
	int code;

	if (modes & ~(FILE_SKIP_COMPLETION_PORT_ON_SUCCESS | FILE_SKIP_SET_EVENT_ON_HANDLE)) {
		port_error(WSA_INVALID_PARAMETER);
		return 0;
	}
	c = wsp_chan_lock((SOCKET)file, &code);
	if (!c) {
		port_error(WSA_INVALID_HANDLE);
		return 0;
	}
	/* Once set, they stay. */
	c->modes |= modes;
	wsp_chan_unlock(c);
	return 1;
}

