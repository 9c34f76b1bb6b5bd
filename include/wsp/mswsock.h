/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Microsoft's extensions to Winsock.  WSAIoctl() with
 * SIO_GET_EXTENSION_FUNCTION_POINTER and an identifier gives each function's
 * address; those declared here can be called by name, too.
 */
#ifndef WSP_MSWSOCK_H
#define WSP_MSWSOCK_H

#include <wsp/consts.h>
#include <wsp/errors.h>
#include <wsp/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define WSAID_TRANSMITFILE \
	{ 0xb5367df0, 0xcbac, 0x11cf, { 0x95, 0xca, 0x00, 0x80, 0x5f, 0x48, 0xa1, 0x92 } }
#define WSAID_ACCEPTEX \
	{ 0xb5367df1, 0xcbac, 0x11cf, { 0x95, 0xca, 0x00, 0x80, 0x5f, 0x48, 0xa1, 0x92 } }
#define WSAID_GETACCEPTEXSOCKADDRS \
	{ 0xb5367df2, 0xcbac, 0x11cf, { 0x95, 0xca, 0x00, 0x80, 0x5f, 0x48, 0xa1, 0x92 } }
#define WSAID_CONNECTEX \
	{ 0x25a207b9, 0xddf3, 0x4660, { 0x8e, 0xe9, 0x76, 0xe5, 0x8c, 0x74, 0x06, 0x3e } }
#define WSAID_DISCONNECTEX \
	{ 0x7fda2e11, 0x8630, 0x436f, { 0xa0, 0x31, 0xf5, 0x36, 0xa6, 0xee, 0xc1, 0x57 } }
#define WSAID_WSARECVMSG \
	{ 0xf689d7c8, 0x6f1f, 0x436b, { 0x8a, 0x53, 0xe5, 0x4f, 0xe3, 0x51, 0xc3, 0x22 } }
#define WSAID_WSASENDMSG \
	{ 0xa441e712, 0x754f, 0x43ca, { 0x84, 0xa7, 0x0d, 0xee, 0x44, 0xcf, 0x60, 0x6d } }

#define TF_DISCONNECT		0x01
#define TF_REUSE_SOCKET		0x02
#define TF_WRITE_BEHIND		0x04
#define TF_USE_DEFAULT_WORKER	0x00
#define TF_USE_SYSTEM_THREAD	0x10
#define TF_USE_KERNEL_APC	0x20

/* WSAMSG.dwFlags on return; inbound it takes WS_MSG_PEEK. */
#define WS_MSG_TRUNC		0x0100
#define WS_MSG_CTRUNC		0x0200
#define WS_MSG_BCAST		0x0400
#define WS_MSG_MCAST		0x0800

typedef struct wsp_transmit_file_buffers {
	void *Head;
	DWORD HeadLength;
	void *Tail;
	DWORD TailLength;
} TRANSMIT_FILE_BUFFERS, *PTRANSMIT_FILE_BUFFERS, *LPTRANSMIT_FILE_BUFFERS;

typedef struct wsp_msg {
	struct sockaddr *name;
	int namelen;
	LPWSABUF lpBuffers;
	ULONG dwBufferCount;
	WSABUF Control;
	ULONG dwFlags;
} WSAMSG, *PWSAMSG, *LPWSAMSG;

/* Control messages; each begins at a multiple of 8 bytes. */
typedef struct wsp_cmsghdr {
	size_t cmsg_len;
	int cmsg_level;
	int cmsg_type;
} WSACMSGHDR, *PWSACMSGHDR, *LPWSACMSGHDR;

#define WSA_CMSGDATA_ALIGN(n)	(((n) + 7) & ~(size_t)7)
#define WSA_CMSG_DATA(c)	((unsigned char *)((c) + 1))
#define WSA_CMSG_SPACE(n)	(sizeof(WSACMSGHDR) + WSA_CMSGDATA_ALIGN(n))
#define WSA_CMSG_LEN(n)		(sizeof(WSACMSGHDR) + (n))
#define WSA_CMSG_FIRSTHDR(m)	wsp_cmsg_first(m)
#define WSA_CMSG_NXTHDR(m, c)	wsp_cmsg_next(m, c)

static inline LPWSACMSGHDR wsp_cmsg_first(const WSAMSG *m)
{
	if (m->Control.len < sizeof(WSACMSGHDR))
		return NULL;
	return (LPWSACMSGHDR)(void *)m->Control.buf;
}

static inline LPWSACMSGHDR wsp_cmsg_next(const WSAMSG *m, LPWSACMSGHDR c)
{
	char *end = m->Control.buf + m->Control.len;
	char *next;

	if (!c)
		return wsp_cmsg_first(m);
	next = (char *)c + WSA_CMSGDATA_ALIGN(c->cmsg_len);
	return next + sizeof(WSACMSGHDR) > end ? NULL : (LPWSACMSGHDR)(void *)next;
}

/* Values of control messages at IPPROTO_IP and IPPROTO_IPV6. */
struct ws_in_pktinfo {
	uint32_t ipi_addr;
	ULONG ipi_ifindex;
};

struct ws_in6_pktinfo {
	uint8_t ipi6_addr[16];
	ULONG ipi6_ifindex;
};

typedef BOOL (*LPFN_ACCEPTEX)(SOCKET listener, SOCKET s, void *out, DWORD len, DWORD local_len,
			      DWORD remote_len, DWORD *count, LPWSAOVERLAPPED ov);
typedef void (*LPFN_GETACCEPTEXSOCKADDRS)(void *out, DWORD len, DWORD local_len, DWORD remote_len,
					  struct sockaddr **local, int *local_size,
					  struct sockaddr **remote, int *remote_size);
typedef BOOL (*LPFN_CONNECTEX)(SOCKET s, const struct sockaddr *name, int namelen, void *data,
			       DWORD len, DWORD *count, LPWSAOVERLAPPED ov);
typedef BOOL (*LPFN_DISCONNECTEX)(SOCKET s, LPWSAOVERLAPPED ov, DWORD flags, DWORD reserved);
typedef BOOL (*LPFN_TRANSMITFILE)(SOCKET s, HANDLE file, DWORD len, DWORD per_send,
				  LPWSAOVERLAPPED ov, LPTRANSMIT_FILE_BUFFERS bufs, DWORD flags);
typedef int (*LPFN_WSARECVMSG)(SOCKET s, LPWSAMSG msg, DWORD *count, LPWSAOVERLAPPED ov,
			       LPWSAOVERLAPPED_COMPLETION_ROUTINE routine);
typedef int (*LPFN_WSASENDMSG)(SOCKET s, LPWSAMSG msg, DWORD flags, DWORD *count,
			       LPWSAOVERLAPPED ov, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine);

/**
 * AcceptEx() - accept into a socket made beforehand
 * @listener: listening socket
 * @s: new TCP socket, neither bound nor connected; the connection takes its place
 * @out: room for first data and both addresses
 * @len: bytes of first data to wait for at least one of, 0: none
 * @local_len: room for the local address, its size and 16 bytes more
 * @remote_len: room for the remote address, likewise
 * @count: out, if it is done at once: bytes of first data
 * @ov: an overlapped operation of @listener
 *
 * The connection is what listener's accept() would give; @s keeps its blocking
 * mode and completion port.
 *
 * Return: TRUE, or FALSE with WSA_IO_PENDING, WSAENOTSOCK, WSAEINVAL,
 * WSAEFAULT or WSA_INVALID_PARAMETER.
 */
BOOL AcceptEx(SOCKET listener, SOCKET s, void *out, DWORD len, DWORD local_len, DWORD remote_len,
	      DWORD *count, LPWSAOVERLAPPED ov);

/**
 * GetAcceptExSockaddrs() - the addresses in AcceptEx()'s buffer
 * @out: as there
 * @len: as there
 * @local_len: as there
 * @remote_len: as there
 * @local: out: the local address
 * @local_size: out: its size
 * @remote: out: the remote address
 * @remote_size: out: its size
 */
void GetAcceptExSockaddrs(void *out, DWORD len, DWORD local_len, DWORD remote_len,
			  struct sockaddr **local, int *local_size, struct sockaddr **remote,
			  int *remote_size);

/**
 * TransmitFile() - send a file
 * @s: connected TCP socket
 * @file: descriptor of a regular file, NULL: only @bufs
 * @len: bytes, 0: up to the file's end
 * @per_send: ignored
 * @ov: with Offset and OffsetHigh where in the file to begin; NULL: at its
 *	current position, and return at the end
 * @bufs: NULL, or what to send in front of and behind the file
 * @flags: TF_DISCONNECT to end sending afterwards; others are ignored,
 *	TF_REUSE_SOCKET too: DisconnectEx() has that
 *
 * Return: TRUE, or FALSE with WSA_IO_PENDING or the error of a send.
 */
BOOL TransmitFile(SOCKET s, HANDLE file, DWORD len, DWORD per_send, LPWSAOVERLAPPED ov,
		  LPTRANSMIT_FILE_BUFFERS bufs, DWORD flags);

/**
 * WSASendMsg() - send a datagram with control messages
 * @s: socket
 * @msg: address, buffers, control messages: IP_PKTINFO and IPV6_PKTINFO
 * @flags: as for WSASend()
 * @count: as there
 * @ov: as there
 * @routine: as there
 *
 * Errors: those of WSASendTo(), and WSAEINVAL (another control message).
 *
 * Return: 0, or SOCKET_ERROR; that, with WSA_IO_PENDING, also for one that goes on.
 */
int WSASendMsg(SOCKET s, LPWSAMSG msg, DWORD flags, DWORD *count, LPWSAOVERLAPPED ov,
	       LPWSAOVERLAPPED_COMPLETION_ROUTINE routine);

#ifdef __cplusplus
}
#endif

#endif /* WSP_MSWSOCK_H */
