// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Application interface: start-up, errors, and every call but the transfers,
 * which are in wsa_io.c.  Documented in <wsp/winsock2.h>.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "catalog.h"
#include "dispatch.h"
#include "info.h"
#include "provider.h"
#include "upcall_socket.h"
#include "wsa.h"

static pthread_mutex_t wsa_lock = PTHREAD_MUTEX_INITIALIZER;
static _Atomic unsigned int wsa_started;
/* Written under the lock, before wsa_started leaves 0. */
static WSPPROC_TABLE wsa_table;
static bool wsa_have_table;
/* Since the first of the start-ups that are in force. */
static _Atomic bool wsa_version_2;

static _Thread_local int wsa_last_error;

/**
 * wsa_enter() - begin an application call
 *
 * Return: the provider's table, or NULL with WSANOTINITIALISED set.  SD-9
 */
const WSPPROC_TABLE *wsa_enter(void)
{
	if (atomic_load_explicit(&wsa_started, memory_order_acquire))
		return &wsa_table;
	wsa_last_error = WSANOTINITIALISED;
	return NULL;
}

static const WSPPROC_TABLE *wsa_table_of(unsigned int provider)
{
	return provider == WSP_PROVIDER_BUILTIN ? &wsa_table : wsp_provider_table(provider);
}

/**
 * wsa_enter_socket() - begin an application call on a socket
 * @s: the caller's handle
 *
 * Return: the table of the provider that made it, the built-in one's for what
 * is nobody's; or NULL with WSANOTINITIALISED set.  SD-9
 */
const WSPPROC_TABLE *wsa_enter_socket(SOCKET s)
{
	return wsa_enter() ? wsa_table_of(wsp_dispatch_get(s)) : NULL;
}

/**
 * wsa_enter_entry() - begin an application call that names a catalogue entry
 * @info: the caller's entry, may be NULL or bad
 *
 * Return: the table of the entry's provider, or NULL with WSANOTINITIALISED set,
 * or with what keeps the provider from starting.
 */
const WSPPROC_TABLE *wsa_enter_entry(LPWSAPROTOCOL_INFOW info)
{
	WSAPROTOCOL_INFOW room;
	unsigned int provider;
	int err;

	if (!wsa_enter())
		return NULL;
	if (!info || !atomic_load(&wsp_catalog_has_others))
		return &wsa_table;
	err = wsp_provider_choose(AF_UNSPEC, 0, 0, &info, &room, &provider);
	if (!err)
		return wsa_table_of(provider);
	wsa_last_error = err;
	return NULL;
}

/**
 * wsa_leave() - end an application call
 * @rc: what the provider returned
 * @err: where it put its error; 0 there is a failure still (IN-6).  A pointer,
 *	since C may evaluate it before the call that is the other argument
 *
 * Return: @rc.
 */
int wsa_leave(int rc, const int *err)
{
	if (rc == SOCKET_ERROR)
		wsa_last_error = *err ? *err : WSASYSCALLFAILURE;
	return rc;
}

/**
 * wsa_leave_socket() - wsa_leave() for a call that returns a socket
 * @s: what the provider returned
 * @err: where it put its error
 *
 * Return: @s.
 */
SOCKET wsa_leave_socket(SOCKET s, const int *err)
{
	if (s == INVALID_SOCKET)
		wsa_last_error = *err ? *err : WSASYSCALLFAILURE;
	return s;
}

/**
 * wsa_leave_new() - wsa_leave_socket() for a call that made one
 * @provider: the provider that was called
 * @s: what it returned
 * @err: where it put its error
 *
 * Return: @s, or INVALID_SOCKET if there is no room to note whose it is.
 */
SOCKET wsa_leave_new(unsigned int provider, SOCKET s, int *err)
{
	int ignored;

	if (s != INVALID_SOCKET && provider != WSP_PROVIDER_BUILTIN &&
	    !wsp_dispatch_set(s, provider)) {
		wsa_table_of(provider)->lpWSPCloseSocket(s, &ignored);
		s = INVALID_SOCKET;
		*err = WSAENOBUFS;
	}
	return wsa_leave_socket(s, err);
}

WSA_EXPORT int WSAGetLastError(void)
{
	return wsa_last_error;
}

WSA_EXPORT void WSASetLastError(int error)
{
	wsa_last_error = error;
}

/* The versions there have been; between two, the older one is meant. */
static WORD wsa_negotiate(WORD version)
{
	unsigned int major = version & 0xff, minor = version >> 8;

	if (!major)
		return 0;
	if (major == 1)
		return minor ? MAKEWORD(1, 1) : MAKEWORD(1, 0);
	if (major > 2 || minor > 2)
		return MAKEWORD(2, 2);
	return version;
}

static void wsa_fork_prepare(void)
{
	pthread_mutex_lock(&wsa_lock);
	wsp_provider_fork_prepare();
	wsp_catalog_fork_prepare();
	wsp_dispatch_fork_prepare();
}

static void wsa_fork_done(void)
{
	wsp_dispatch_fork_done();
	wsp_catalog_fork_done();
	wsp_provider_fork_done();
	pthread_mutex_unlock(&wsa_lock);
}

static int wsa_start_provider(void)
{
	WSAPROTOCOL_INFOW info = { .iVersion = 2 };
	WSPUPCALLTABLE upcalls = { 0 };
	WSPPROC_TABLE table;
	WSPDATA data;

	if (WSPStartup(MAKEWORD(2, 2), &data, &info, upcalls, &table))
		return WSASYSNOTREADY;
	/* Calls in flight read it without a lock, so it is written once. */
	if (!wsa_have_table) {
		wsa_table = table;
		/* After the provider's, so that this lock is taken before its own. */
		pthread_atfork(wsa_fork_prepare, wsa_fork_done, wsa_fork_done);
	}
	wsa_have_table = true;
	return 0;
}

/**
 * wsa_is_version_1() - was nothing newer than version 1.1 agreed on?
 *
 * Return: true if so.
 */
bool wsa_is_version_1(void)
{
	return !atomic_load(&wsa_version_2);
}

WSA_EXPORT int WSAStartup(WORD version, LPWSADATA data)
{
	WORD agreed = wsa_negotiate(version);
	int code;

	if (!data)
		return WSAEFAULT;
	memset(data, 0, sizeof(*data));
	data->wVersion = agreed ? agreed : MAKEWORD(2, 2);
	data->wHighVersion = MAKEWORD(2, 2);
	if ((version & 0xff) < 2) {
		data->iMaxSockets = 32767;
		data->iMaxUdpDg = 65467;
	}
	snprintf(data->szDescription, sizeof(data->szDescription), "WinSock 2.0 on Linux");
	snprintf(data->szSystemStatus, sizeof(data->szSystemStatus), "Running");
	if (!agreed)
		return WSAVERNOTSUPPORTED;
	pthread_mutex_lock(&wsa_lock);
	code = wsa_start_provider();
	if (!code && !atomic_load(&wsa_started)) {
		wsp_catalog_refresh();
		atomic_store(&wsa_version_2, false);
	}
	if (!code && (agreed & 0xff) >= 2)
		atomic_store(&wsa_version_2, true);
	if (!code)
		atomic_fetch_add(&wsa_started, 1);
	pthread_mutex_unlock(&wsa_lock);
	return code;
}

WSA_EXPORT int WSACleanup(void)
{
	int err = WSANOTINITIALISED;
	int rc = SOCKET_ERROR;

	pthread_mutex_lock(&wsa_lock);
	if (atomic_load(&wsa_started)) {
		/* Layers end before what they stand on. */
		if (atomic_load(&wsa_started) == 1 && !wsp_callback_active()) {
			wsp_provider_cleanup();
			wsp_dispatch_forget_all(wsp_upcall_close_handle);
		}
		rc = wsa_table.lpWSPCleanup(&err);
		if (!rc)
			atomic_fetch_sub(&wsa_started, 1);
	}
	pthread_mutex_unlock(&wsa_lock);
	return wsa_leave(rc, &err);
}

WSA_EXPORT SOCKET WSASocketW(int af, int type, int protocol, LPWSAPROTOCOL_INFOW info, GROUP g,
			     DWORD flags)
{
	WSAPROTOCOL_INFOW room;
	unsigned int provider;
	SOCKET s;
	int err;

	if (!wsa_enter())
		return INVALID_SOCKET;
	err = wsp_provider_choose(af, type, protocol, &info, &room, &provider);
	if (err)
		return wsa_leave_socket(INVALID_SOCKET, &err);
	s = wsa_table_of(provider)->lpWSPSocket(af, type, protocol, info, g, flags, &err);
	return wsa_leave_new(provider, s, &err);
}

WSA_EXPORT SOCKET WSASocketA(int af, int type, int protocol, LPWSAPROTOCOL_INFOA info, GROUP g,
			     DWORD flags)
{
	WSAPROTOCOL_INFOA narrow;
	WSAPROTOCOL_INFOW wide;

	if (!wsa_enter())
		return INVALID_SOCKET;
	if (!info)
		return WSASocketW(af, type, protocol, NULL, g, flags);
	if (!wsp_mem_read(&narrow, info, sizeof(narrow))) {
		WSASetLastError(WSAEFAULT);
		return INVALID_SOCKET;
	}
	wsp_info_widen(&wide, &narrow);
	return WSASocketW(af, type, protocol, &wide, g, flags);
}

WSA_EXPORT SOCKET wsp_socket(int af, int type, int protocol)
{
	return WSASocketW(af, type, protocol, NULL, 0, WSA_FLAG_OVERLAPPED);
}

WSA_EXPORT int wsp_bind(SOCKET s, const struct sockaddr *name, int namelen)
{
	const WSPPROC_TABLE *t = wsa_enter_socket(s);
	int err = 0;

	return t ? wsa_leave(t->lpWSPBind(s, name, namelen, &err), &err) : SOCKET_ERROR;
}

WSA_EXPORT int wsp_listen(SOCKET s, int backlog)
{
	const WSPPROC_TABLE *t = wsa_enter_socket(s);
	int err = 0;

	return t ? wsa_leave(t->lpWSPListen(s, backlog, &err), &err) : SOCKET_ERROR;
}

WSA_EXPORT int WSAConnect(SOCKET s, const struct sockaddr *name, int namelen, LPWSABUF caller_data,
			  LPWSABUF callee_data, LPQOS sqos, LPQOS gqos)
{
	const WSPPROC_TABLE *t = wsa_enter_socket(s);
	int rc, err = 0;

	if (!t)
		return SOCKET_ERROR;
	rc = t->lpWSPConnect(s, name, namelen, caller_data, callee_data, sqos, gqos, &err);
	return wsa_leave(rc, &err);
}

WSA_EXPORT int wsp_connect(SOCKET s, const struct sockaddr *name, int namelen)
{
	return WSAConnect(s, name, namelen, NULL, NULL, NULL, NULL);
}

WSA_EXPORT SOCKET WSAAccept(SOCKET s, struct sockaddr *addr, int *addrlen,
			    LPCONDITIONPROC condition, DWORD_PTR callback_data)
{
	const WSPPROC_TABLE *t = wsa_enter_socket(s);
	SOCKET child;
	int err = 0;

	if (!t)
		return INVALID_SOCKET;
	child = t->lpWSPAccept(s, addr, addrlen, condition, callback_data, &err);
	return wsa_leave_new(wsp_dispatch_get(s), child, &err);
}

WSA_EXPORT SOCKET wsp_accept(SOCKET s, struct sockaddr *addr, int *addrlen)
{
	return WSAAccept(s, addr, addrlen, NULL, 0);
}

WSA_EXPORT int WSASendDisconnect(SOCKET s, LPWSABUF data)
{
	const WSPPROC_TABLE *t = wsa_enter_socket(s);
	int err = 0;

	return t ? wsa_leave(t->lpWSPSendDisconnect(s, data, &err), &err) : SOCKET_ERROR;
}

WSA_EXPORT int WSARecvDisconnect(SOCKET s, LPWSABUF data)
{
	const WSPPROC_TABLE *t = wsa_enter_socket(s);
	int err = 0;

	return t ? wsa_leave(t->lpWSPRecvDisconnect(s, data, &err), &err) : SOCKET_ERROR;
}

WSA_EXPORT int wsp_shutdown(SOCKET s, int how)
{
	const WSPPROC_TABLE *t = wsa_enter_socket(s);
	int err = 0;

	return t ? wsa_leave(t->lpWSPShutdown(s, how, &err), &err) : SOCKET_ERROR;
}

WSA_EXPORT int closesocket(SOCKET s)
{
	const WSPPROC_TABLE *t = wsa_enter_socket(s);
	uint64_t token = wsp_dispatch_token(s);
	int rc, err = 0;

	if (!t)
		return SOCKET_ERROR;
	rc = t->lpWSPCloseSocket(s, &err);
	if (!rc)
		wsp_dispatch_forget(s, token);
	return wsa_leave(rc, &err);
}

WSA_EXPORT int WSAIoctl(SOCKET s, DWORD code, void *in, DWORD inlen, void *out, DWORD outlen,
			DWORD *count, LPWSAOVERLAPPED ov,
			LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
	const WSPPROC_TABLE *t = wsa_enter_socket(s);
	WSATHREADID thread = { 0 };
	int rc, err = 0;

	if (!t)
		return SOCKET_ERROR;
	rc = t->lpWSPIoctl(s, code, in, inlen, out, outlen, count, ov, routine, &thread, &err);
	return wsa_leave(rc, &err);
}

WSA_EXPORT int ioctlsocket(SOCKET s, int32_t cmd, uint32_t *arg)
{
	DWORD count;

	return WSAIoctl(s, cmd, arg, sizeof(*arg), arg, sizeof(*arg), &count, NULL, NULL);
}

WSA_EXPORT int wsp_setsockopt(SOCKET s, int level, int optname, const char *optval, int optlen)
{
	const WSPPROC_TABLE *t = wsa_enter_socket(s);
	int rc, err = 0;

	if (!t)
		return SOCKET_ERROR;
	rc = t->lpWSPSetSockOpt(s, level, optname, optval, optlen, &err);
	return wsa_leave(rc, &err);
}

WSA_EXPORT int wsp_getsockopt(SOCKET s, int level, int optname, char *optval, int *optlen)
{
	const WSPPROC_TABLE *t = wsa_enter_socket(s);
	int rc, err = 0;

	if (!t)
		return SOCKET_ERROR;
	rc = t->lpWSPGetSockOpt(s, level, optname, optval, optlen, &err);
	return wsa_leave(rc, &err);
}

WSA_EXPORT int wsp_getsockname(SOCKET s, struct sockaddr *name, int *namelen)
{
	const WSPPROC_TABLE *t = wsa_enter_socket(s);
	int err = 0;

	return t ? wsa_leave(t->lpWSPGetSockName(s, name, namelen, &err), &err) : SOCKET_ERROR;
}

WSA_EXPORT int wsp_getpeername(SOCKET s, struct sockaddr *name, int *namelen)
{
	const WSPPROC_TABLE *t = wsa_enter_socket(s);
	int err = 0;

	return t ? wsa_leave(t->lpWSPGetPeerName(s, name, namelen, &err), &err) : SOCKET_ERROR;
}
