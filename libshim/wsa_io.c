// SPDX-License-Identifier: LGPL-2.1-or-later
/* Application interface: transfers.  Documented in <wsp/winsock2.h>. */
#include "dispatch.h"
#include "io.h"
#include "wsa.h"

WSA_EXPORT int WSASend(SOCKET s, LPWSABUF bufs, DWORD nbufs, DWORD *count, DWORD flags,
		       LPWSAOVERLAPPED ov, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
	const WSPPROC_TABLE *t = wsa_enter_socket(s);
	WSATHREADID thread = { 0 };
	int rc, err = 0;

	if (!t)
		return SOCKET_ERROR;
	rc = t->lpWSPSend(s, bufs, nbufs, count, flags, ov, routine, &thread, &err);
	return wsa_leave(rc, &err);
}

WSA_EXPORT int WSASendTo(SOCKET s, LPWSABUF bufs, DWORD nbufs, DWORD *count, DWORD flags,
			 const struct sockaddr *to, int tolen, LPWSAOVERLAPPED ov,
			 LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
	const WSPPROC_TABLE *t = wsa_enter_socket(s);
	WSATHREADID thread = { 0 };
	int rc, err = 0;

	if (!t)
		return SOCKET_ERROR;
	rc = t->lpWSPSendTo(s, bufs, nbufs, count, flags, to, tolen, ov, routine, &thread, &err);
	return wsa_leave(rc, &err);
}

WSA_EXPORT int WSARecv(SOCKET s, LPWSABUF bufs, DWORD nbufs, DWORD *count, DWORD *flags,
		       LPWSAOVERLAPPED ov, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
	const WSPPROC_TABLE *t = wsa_enter_socket(s);
	WSATHREADID thread = { 0 };
	int rc, err = 0;

	if (!t)
		return SOCKET_ERROR;
	rc = t->lpWSPRecv(s, bufs, nbufs, count, flags, ov, routine, &thread, &err);
	return wsa_leave(rc, &err);
}

WSA_EXPORT int WSARecvFrom(SOCKET s, LPWSABUF bufs, DWORD nbufs, DWORD *count, DWORD *flags,
			   struct sockaddr *from, int *fromlen, LPWSAOVERLAPPED ov,
			   LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
	const WSPPROC_TABLE *t = wsa_enter_socket(s);
	WSATHREADID thread = { 0 };
	int rc, err = 0;

	if (!t)
		return SOCKET_ERROR;
	rc = t->lpWSPRecvFrom(s, bufs, nbufs, count, flags, from, fromlen, ov, routine, &thread,
			      &err);
	return wsa_leave(rc, &err);
}

/* A negative length would be taken for a huge one. */
static bool wsa_io_buf(WSABUF *wb, const char *buf, int len)
{
	if (len < 0) {
		WSASetLastError(WSAEFAULT);
		return false;
	}
	wb->len = len;
	wb->buf = (char *)buf;
	return true;
}

WSA_EXPORT int wsp_sendto(SOCKET s, const char *buf, int len, int flags, const struct sockaddr *to,
			  int tolen)
{
	DWORD count;
	WSABUF wb;

	if (!wsa_enter())
		return SOCKET_ERROR;
	if (!wsa_io_buf(&wb, buf, len))
		return SOCKET_ERROR;
	if (WSASendTo(s, &wb, 1, &count, flags, to, tolen, NULL, NULL))
		return SOCKET_ERROR;
	return (int)count;
}

static bool wsa_io_is_quick(SOCKET s, int len, int flags)
{
	return !flags && len >= 0 && wsa_enter() && !wsp_dispatch_get(s);
}

WSA_EXPORT int wsp_send(SOCKET s, const char *buf, int len, int flags)
{
	ssize_t n = WSP_QUICK_NO;
	int code, more;

	if (wsa_io_is_quick(s, len, flags))
		n = wsp_quick_send(s, buf, len, &code);
	if (n == len)
		return len;
	if (n == WSP_QUICK_NO)
		return wsp_sendto(s, buf, len, flags, NULL, 0);
	if (n == WSP_QUICK_FAILED)
		return wsa_leave(SOCKET_ERROR, &code);
	more = wsp_sendto(s, buf + n, (int)(len - n), flags, NULL, 0);
	return more > 0 ? (int)n + more : (int)n;
}

WSA_EXPORT int wsp_recvfrom(SOCKET s, char *buf, int len, int flags, struct sockaddr *from,
			    int *fromlen)
{
	DWORD inout = flags;
	DWORD count;
	WSABUF wb;

	if (!wsa_enter())
		return SOCKET_ERROR;
	if (!wsa_io_buf(&wb, buf, len))
		return SOCKET_ERROR;
	if (WSARecvFrom(s, &wb, 1, &count, &inout, from, fromlen, NULL, NULL))
		return SOCKET_ERROR;
	return (int)count;
}

WSA_EXPORT int wsp_recv(SOCKET s, char *buf, int len, int flags)
{
	ssize_t n = WSP_QUICK_NO;
	int code;

	if (wsa_io_is_quick(s, len, flags))
		n = wsp_quick_recv(s, buf, len, &code);
	if (n >= 0)
		return (int)n;
	if (n == WSP_QUICK_NO)
		return wsp_recvfrom(s, buf, len, flags, NULL, NULL);
	return wsa_leave(SOCKET_ERROR, &code);
}
