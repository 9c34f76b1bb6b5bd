/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Overlapped operations.  WSASend(), WSARecv() and others that are given a
 * WSAOVERLAPPED return 0 when they are done at once, or fail with
 * WSA_IO_PENDING and go on by themselves.  Either way the end is told, once: by
 * the completion routine if there is one, which runs in an alertable wait of
 * the thread that made the call; else by hEvent, and by a packet of the
 * socket's completion port unless hEvent's lowest bit is set.  On any other
 * error nothing follows.
 *
 * The WSAOVERLAPPED and the buffers are the library's until then, also after
 * closesocket(), which ends all with WSA_OPERATION_ABORTED.  The array of
 * WSABUFs is not.
 */
#ifndef WSP_OVERLAPPED_API_H
#define WSP_OVERLAPPED_API_H

#include <wsp/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * WSAGetOverlappedResult() - how an operation went
 * @s: its socket
 * @ov: operation
 * @count: out on success: bytes transferred
 * @wait: wait for the end
 * @flags: out on success: WS_MSG_* bits
 *
 * Return: TRUE, or FALSE with WSA_IO_INCOMPLETE (without @wait), the
 * operation's error, or WSAEFAULT.  OV-1, OV-6
 */
BOOL WSAGetOverlappedResult(SOCKET s, LPWSAOVERLAPPED ov, DWORD *count, BOOL wait, DWORD *flags);

#ifdef __cplusplus
}
#endif

#endif /* WSP_OVERLAPPED_API_H */
