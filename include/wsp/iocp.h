/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Completion ports and the system's calls on overlapped operations.  These
 * fail with FALSE or NULL, and tell why by GetLastError(), which is
 * WSAGetLastError() by another name.
 */
#ifndef WSP_IOCP_H
#define WSP_IOCP_H

#include <wsp/consts.h>
#include <wsp/errors.h>
#include <wsp/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define INVALID_HANDLE_VALUE	((HANDLE)(intptr_t)-1)

#ifndef WAIT_TIMEOUT
#define WAIT_TIMEOUT		258
#endif
#ifndef WAIT_IO_COMPLETION
#define WAIT_IO_COMPLETION	0xc0
#endif

#define ERROR_NETNAME_DELETED		64
#define ERROR_ABANDONED_WAIT_0		735
#define ERROR_OPERATION_ABORTED		995
#define ERROR_IO_INCOMPLETE		996
#define ERROR_IO_PENDING		997
#define ERROR_NOT_FOUND			1168
#define ERROR_CONNECTION_REFUSED	1225
#define ERROR_CONNECTION_ABORTED	1236

#define STATUS_PENDING			0x103

#define FILE_SKIP_COMPLETION_PORT_ON_SUCCESS	1
#define FILE_SKIP_SET_EVENT_ON_HANDLE		2

typedef WSAOVERLAPPED OVERLAPPED, *LPOVERLAPPED;

typedef struct wsp_overlapped_entry {
	ULONG_PTR lpCompletionKey;
	LPWSAOVERLAPPED lpOverlapped;
	ULONG_PTR Internal;
	DWORD dwNumberOfBytesTransferred;
} OVERLAPPED_ENTRY, *LPOVERLAPPED_ENTRY;

#define HasOverlappedIoCompleted(ov) \
	((DWORD)__atomic_load_n(&(ov)->Internal, __ATOMIC_ACQUIRE) != STATUS_PENDING)

/**
 * CreateIoCompletionPort() - make a completion port, or give a socket one
 * @file: socket, or INVALID_HANDLE_VALUE to make a port only
 * @port: an existing port for @file, or NULL for a new one
 * @key: comes with each of @file's packets
 * @threads: how many threads may work on packets at once, 0: one per processor.
 *	Of a new port only.  A thread that waits elsewhere counts for some
 *	milliseconds longer
 *
 * A socket has one port for good; files that are no sockets cannot have one.
 *
 * Return: the port.  Errors: WSA_INVALID_HANDLE, WSA_INVALID_PARAMETER (the
 * socket has a port, or @port without @file), WSA_NOT_ENOUGH_MEMORY.
 */
HANDLE CreateIoCompletionPort(HANDLE file, HANDLE port, ULONG_PTR key, DWORD threads);

/**
 * GetQueuedCompletionStatus() - wait for a packet
 * @port: port
 * @count: out: bytes transferred
 * @key: out: the socket's key
 * @ov: out: the operation; NULL if no packet was taken
 * @ms: how long, INFINITE: no limit
 *
 * Of waiting threads the one that waited last gets the next packet.
 *
 * Return: TRUE; FALSE with *@ov NULL: WAIT_TIMEOUT, ERROR_ABANDONED_WAIT_0 (the
 * port was closed), WSA_INVALID_HANDLE; FALSE with *@ov set: that operation
 * failed, for instance with ERROR_NETNAME_DELETED (the connection was reset)
 * or ERROR_OPERATION_ABORTED.
 */
BOOL GetQueuedCompletionStatus(HANDLE port, DWORD *count, ULONG_PTR *key, LPWSAOVERLAPPED *ov,
			       DWORD ms);

/**
 * GetQueuedCompletionStatusEx() - wait for packets
 * @port: port
 * @entries: out: those taken, each with its status
 * @max: room at @entries
 * @removed: out: how many were taken
 * @ms: how long
 * @alertable: also return, with WAIT_IO_COMPLETION, after calling routines
 *
 * Return: TRUE, or FALSE with the code set.
 */
BOOL GetQueuedCompletionStatusEx(HANDLE port, LPOVERLAPPED_ENTRY entries, ULONG max,
				 ULONG *removed, DWORD ms, BOOL alertable);

/**
 * PostQueuedCompletionStatus() - add a packet
 * @port: port
 * @count: as GetQueuedCompletionStatus() gives it
 * @key: likewise
 * @ov: likewise; not looked at
 *
 * Return: TRUE, or FALSE with the code set.
 */
BOOL PostQueuedCompletionStatus(HANDLE port, DWORD count, ULONG_PTR key, LPWSAOVERLAPPED ov);

/**
 * SetFileCompletionNotificationModes() - leave out what is not needed
 * @file: socket
 * @modes: FILE_SKIP_COMPLETION_PORT_ON_SUCCESS: no packet for an operation that
 *	succeeded before its call returned; FILE_SKIP_SET_EVENT_ON_HANDLE: taken,
 *	a socket is no object to wait for
 *
 * They cannot be taken back.
 *
 * Return: TRUE, or FALSE with the code set.
 */
BOOL SetFileCompletionNotificationModes(HANDLE file, uint8_t modes);

/**
 * GetOverlappedResult() - WSAGetOverlappedResult() with the system's errors
 * @file: socket
 * @ov: operation
 * @count: out on success: bytes transferred
 * @wait: wait for the end
 *
 * Return: TRUE, or FALSE with the code set.
 */
BOOL GetOverlappedResult(HANDLE file, LPWSAOVERLAPPED ov, DWORD *count, BOOL wait);

/**
 * CancelIo() - abort what this thread started on a socket
 * @file: socket
 *
 * Each operation completes with WSA_OPERATION_ABORTED.
 *
 * Return: TRUE, or FALSE with the code set.
 */
BOOL CancelIo(HANDLE file);

/**
 * CancelIoEx() - abort operations, whoever started them
 * @file: socket
 * @ov: which, NULL: all
 *
 * Errors: ERROR_NOT_FOUND (none was pending), WSA_INVALID_HANDLE.
 *
 * Return: TRUE, or FALSE with the code set.
 */
BOOL CancelIoEx(HANDLE file, LPWSAOVERLAPPED ov);

#ifdef __cplusplus
}
#endif

#endif /* WSP_IOCP_H */
