/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Winsock's numbers.  Those that libc gives another value under the same name
 * carry a WS_ prefix.  The library understands both sets: WS_SOL_SOCKET with
 * WS_SO_* values and layouts, and Linux's SOL_SOCKET with Linux's; address
 * family 23 (WS_AF_INET6) and Linux's AF_INET6.
 */
#ifndef WSP_CONSTS_H
#define WSP_CONSTS_H

#define MAKEWORD(low, high) \
	((uint16_t)(((low) & 0xff) | (((high) & 0xff) << 8)))

#define WS_AF_INET6		23

#define WS_SOL_SOCKET		0xffff
#define WS_SO_DEBUG		0x0001
#define WS_SO_ACCEPTCONN	0x0002
#define WS_SO_REUSEADDR		0x0004
#define WS_SO_KEEPALIVE		0x0008
#define WS_SO_BROADCAST		0x0020
#define WS_SO_LINGER		0x0080
#define WS_SO_OOBINLINE		0x0100
#define WS_SO_DONTLINGER	(~0x0080)
#define WS_SO_SNDBUF		0x1001
#define WS_SO_RCVBUF		0x1002
#define WS_SO_SNDTIMEO		0x1005
#define WS_SO_RCVTIMEO		0x1006
#define WS_SO_ERROR		0x1007
#define WS_SO_TYPE		0x1008
#define WS_SO_PROTOCOL_INFOA	0x2004
#define WS_SO_PROTOCOL_INFOW	0x2005
#define WS_SO_CONNDATA		0x7000
#define WS_SO_CONNOPT		0x7001
#define WS_SO_DISCDATA		0x7002
#define WS_SO_DISCOPT		0x7003
#define WS_SO_CONNDATALEN	0x7004
#define WS_SO_CONNOPTLEN	0x7005
#define WS_SO_DISCDATALEN	0x7006
#define WS_SO_DISCOPTLEN	0x7007

/* Level IPPROTO_TCP is 6 in both worlds, and so is this option's number. */
#define WS_TCP_NODELAY		1

#define WS_MSG_OOB		0x1
#define WS_MSG_PEEK		0x2
#define WS_MSG_DONTROUTE	0x4
#define WS_MSG_WAITALL		0x8
#define WS_MSG_PUSH_IMMEDIATE	0x20
#define WS_MSG_PARTIAL		0x8000

#define SD_RECEIVE		0
#define SD_SEND			1
#define SD_BOTH			2

#define CF_ACCEPT		0
#define CF_REJECT		1
#define CF_DEFER		2

#define FROM_PROTOCOL_INFO	(-1)

#define WSA_FLAG_OVERLAPPED		0x01
#define WSA_FLAG_NO_HANDLE_INHERIT	0x80

#define FD_READ			0x01
#define FD_WRITE		0x02
#define FD_OOB			0x04
#define FD_ACCEPT		0x08
#define FD_CONNECT		0x10
#define FD_CLOSE		0x20
#define FD_READ_BIT		0
#define FD_WRITE_BIT		1
#define FD_OOB_BIT		2
#define FD_ACCEPT_BIT		3
#define FD_CONNECT_BIT		4
#define FD_CLOSE_BIT		5

#define WS_FIONBIO		0x8004667e
#define WS_FIONREAD		0x4004667f
#define WS_SIOCATMARK		0x40047307
#define SIO_GET_EXTENSION_FUNCTION_POINTER	0xc8000006

#define XP1_CONNECTIONLESS	0x00000001
#define XP1_GUARANTEED_DELIVERY	0x00000002
#define XP1_GUARANTEED_ORDER	0x00000004
#define XP1_MESSAGE_ORIENTED	0x00000008
#define XP1_PSEUDO_STREAM	0x00000010
#define XP1_GRACEFUL_CLOSE	0x00000020
#define XP1_EXPEDITED_DATA	0x00000040
#define XP1_CONNECT_DATA	0x00000080
#define XP1_DISCONNECT_DATA	0x00000100
#define XP1_SUPPORT_BROADCAST	0x00000200
#define XP1_SUPPORT_MULTIPOINT	0x00000400
#define XP1_IFS_HANDLES		0x00020000

#define WSA_MAXIMUM_WAIT_EVENTS	64
#define WSA_WAIT_EVENT_0	0
#define WSA_WAIT_IO_COMPLETION	0xc0
#define WSA_WAIT_TIMEOUT	258
#define WSA_WAIT_FAILED		0xffffffff
#define WSA_INFINITE		0xffffffff

#endif /* WSP_CONSTS_H */
