// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The upcalls that deal with socket handles.  A provider whose sockets are the
 * kernel's says so by WPUModifyIFSHandle() and may hand them out as they are.
 * One that has its own gets a number by WPUCreateSocketHandle(): an empty file,
 * so that nobody else is given it and socket calls on it say ENOTSOCK.
 */
#include <errno.h>
#include <limits.h>
#include <sys/mman.h>
#include <unistd.h>

#include "catalog.h"
#include "dispatch.h"
#include "internal.h"
#include "provider.h"
#include "upcall.h"
#include "upcall_socket.h"

static SOCKET upcall_invalid(int *err, int code)
{
	wsp_err_fail(err, code);
	return INVALID_SOCKET;
}

static int upcall_provider_of(DWORD entry_id, unsigned int *provider)
{
	WSAPROTOCOL_INFOW entry;

	if (!wsp_catalog_by_id(entry_id, &entry))
		return WSAEINVAL;
	return wsp_provider_use(&entry, provider);
}

static SOCKET upcall_modify_ifs(DWORD entry_id, SOCKET proposed, int *err)
{
	unsigned int provider;
	int code = upcall_provider_of(entry_id, &provider);

	if (code)
		return upcall_invalid(err, code);
	if (!wsp_dispatch_set(proposed, provider))
		return upcall_invalid(err, WSAENOTSOCK);
	wsp_err_ok(err);
	return proposed;
}

static SOCKET upcall_create_handle(DWORD entry_id, DWORD_PTR context, int *err)
{
	unsigned int provider;
	int fd, code = upcall_provider_of(entry_id, &provider);

	if (!code && provider < WSP_PROVIDER_OTHER)
		code = WSAEINVAL;
	if (code)
		return upcall_invalid(err, code);
	do {
		fd = memfd_create("wsp-socket", MFD_CLOEXEC);
	} while (fd < 0 && errno == EMFILE && wsp_quarantine_flush());
	if (fd < 0)
		return upcall_invalid(err, wsp_err_from_errno(errno));
	if (!wsp_dispatch_create(fd, provider, context)) {
		close(fd);
		return upcall_invalid(err, WSAENOBUFS);
	}
	wsp_err_ok(err);
	return fd;
}

static int upcall_query_context(SOCKET s, DWORD_PTR *context, int *err)
{
	DWORD_PTR found;

	if (!wsp_dispatch_context(s, &found))
		return wsp_err_fail(err, WSAENOTSOCK);
	if (!wsp_mem_write(context, &found, sizeof(found)))
		return wsp_err_fail(err, WSAEFAULT);
	return wsp_err_ok(err);
}

static int upcall_close_handle(SOCKET s, int *err)
{
	uint64_t token = wsp_dispatch_token(s);
	DWORD_PTR context;

	if (!wsp_dispatch_context(s, &context))
		return wsp_err_fail(err, WSAENOTSOCK);
	wsp_dispatch_forget(s, token);
	wsp_quarantine_close((int)s);
	return wsp_err_ok(err);
}

/**
 * wsp_upcall_close_handle() - close a handle its provider left behind
 * @s: made by WPUCreateSocketHandle()
 */
void wsp_upcall_close_handle(SOCKET s)
{
	upcall_close_handle(s, NULL);
}

/**
 * wsp_upcall_hand_out() - tell whoever started the provider of a new socket
 * @fd: a socket of the provider's
 * @err: the caller's lpErrno, written
 *
 * Return: the handle to give to the caller; INVALID_SOCKET if WPUModifyIFSHandle()
 * refuses, and then the socket is closed.
 */
SOCKET wsp_upcall_hand_out(int fd, int *err)
{
	WSAPROTOCOL_INFOW entry = { 0 };
	WSPUPCALLTABLE upcalls;
	struct wsp_handle h;
	int code = 0, ignored;
	SOCKET s;

	wsp_upcall_get(&upcalls);
	wsp_err_ok(err);
	if (!upcalls.lpWPUModifyIFSHandle)
		return fd;
	if (!wsp_handle_get(fd, &h))
		wsp_catalog_entry_for(&h, &entry);
	s = upcalls.lpWPUModifyIFSHandle(entry.dwCatalogEntryId, fd, &code);
	if (s != INVALID_SOCKET)
		return s;
	wsp_close_spi(fd, &ignored);
	return upcall_invalid(err, code);
}

static int upcall_provider_path(GUID *id, WCHAR *path, int *len, int *err)
{
	return WSCGetProviderPath(id, path, len, err);
}

/**
 * wsp_upcall_sockets() - fill in the upcalls of this file
 * @table: out
 */
void wsp_upcall_sockets(LPWSPUPCALLTABLE table)
{
	table->lpWPUCloseSocketHandle = upcall_close_handle;
	table->lpWPUCreateSocketHandle = upcall_create_handle;
	table->lpWPUFDIsSet = __WSAFDIsSet;
	table->lpWPUGetProviderPath = upcall_provider_path;
	table->lpWPUModifyIFSHandle = upcall_modify_ifs;
	table->lpWPUQuerySocketHandleContext = upcall_query_context;
}
