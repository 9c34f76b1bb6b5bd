/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Winsock's socket options beyond those in <wsp/consts.h>.  Numbers that libc
 * has another value for carry a WS_ prefix; levels are the same in both worlds
 * but for WS_SOL_SOCKET.
 */
#ifndef WSP_OPTIONS_H
#define WSP_OPTIONS_H

#include <wsp/types.h>

/* Level WS_SOL_SOCKET */
#define WS_SO_DONTROUTE			0x0010
#define WS_SO_EXCLUSIVEADDRUSE		(~0x0004)
#define WS_SO_BSP_STATE			0x1009
#define WS_SO_MAX_MSG_SIZE		0x2003
#define WS_SO_CONDITIONAL_ACCEPT	0x3002
#define WS_SO_PORT_SCALABILITY		0x3006
#define WS_SO_OPENTYPE			0x7008
#define WS_SO_UPDATE_ACCEPT_CONTEXT	0x700b
#define WS_SO_CONNECT_TIME		0x700c
#define WS_SO_UPDATE_CONNECT_CONTEXT	0x7010

/* Level IPPROTO_IP */
#define WS_IP_OPTIONS			1
#define WS_IP_HDRINCL			2
#define WS_IP_TOS			3
#define WS_IP_TTL			4
#define WS_IP_MULTICAST_IF		9
#define WS_IP_MULTICAST_TTL		10
#define WS_IP_MULTICAST_LOOP		11
#define WS_IP_ADD_MEMBERSHIP		12
#define WS_IP_DROP_MEMBERSHIP		13
#define WS_IP_DONTFRAGMENT		14
#define WS_IP_ADD_SOURCE_MEMBERSHIP	15
#define WS_IP_DROP_SOURCE_MEMBERSHIP	16
#define WS_IP_BLOCK_SOURCE		17
#define WS_IP_UNBLOCK_SOURCE		18
#define WS_IP_PKTINFO			19
#define WS_IP_HOPLIMIT			21
#define WS_IP_UNICAST_IF		31
#define WS_IP_RECVTOS			40
#define WS_IP_MTU_DISCOVER		71
#define WS_IP_MTU			73

/* Level IPPROTO_IPV6 */
#define WS_IPV6_UNICAST_HOPS		4
#define WS_IPV6_MULTICAST_IF		9
#define WS_IPV6_MULTICAST_HOPS		10
#define WS_IPV6_MULTICAST_LOOP		11
#define WS_IPV6_ADD_MEMBERSHIP		12
#define WS_IPV6_DROP_MEMBERSHIP		13
#define WS_IPV6_DONTFRAG		14
#define WS_IPV6_PKTINFO			19
#define WS_IPV6_HOPLIMIT		21
#define WS_IPV6_CHECKSUM		26
#define WS_IPV6_V6ONLY			27
#define WS_IPV6_UNICAST_IF		31
#define WS_IPV6_TCLASS			39
#define WS_IPV6_RECVTCLASS		40
#define WS_IPV6_MTU_DISCOVER		71
#define WS_IPV6_MTU			72

/* Levels IPPROTO_IP and IPPROTO_IPV6; values are struct group_req and so on */
#define WS_MCAST_JOIN_GROUP		41
#define WS_MCAST_LEAVE_GROUP		42
#define WS_MCAST_BLOCK_SOURCE		43
#define WS_MCAST_UNBLOCK_SOURCE		44
#define WS_MCAST_JOIN_SOURCE_GROUP	45
#define WS_MCAST_LEAVE_SOURCE_GROUP	46

/* Values of WS_IP_MTU_DISCOVER and WS_IPV6_MTU_DISCOVER */
#define WS_IP_PMTUDISC_NOT_SET		0
#define WS_IP_PMTUDISC_DO		1
#define WS_IP_PMTUDISC_DONT		2
#define WS_IP_PMTUDISC_PROBE		3

/* Level IPPROTO_TCP; seconds but for WS_TCP_MAXRTMS */
#define WS_TCP_KEEPIDLE			3
#define WS_TCP_MAXSEG			4
#define WS_TCP_MAXRT			5
#define WS_TCP_MAXRTMS			14
#define WS_TCP_KEEPCNT			16
#define WS_TCP_KEEPINTVL		17

/* Level IPPROTO_UDP */
#define WS_UDP_NOCHECKSUM		1

/* Windows' order of fields, each in network byte order. */
struct ws_ip_mreq_source {
	uint32_t imr_multiaddr;
	uint32_t imr_sourceaddr;
	uint32_t imr_interface;
};

typedef struct wsp_socket_address {
	struct sockaddr *lpSockaddr;
	int iSockaddrLength;
} SOCKET_ADDRESS, *PSOCKET_ADDRESS, *LPSOCKET_ADDRESS;

/* WS_SO_BSP_STATE; the addresses lie behind it. */
typedef struct wsp_csaddr_info {
	SOCKET_ADDRESS LocalAddr;
	SOCKET_ADDRESS RemoteAddr;
	int iSocketType;
	int iProtocol;
} CSADDR_INFO;

static_assert(sizeof(struct ws_ip_mreq_source) == 12, "ip_mreq_source");
#if UINTPTR_MAX > 0xffffffff
static_assert(sizeof(SOCKET_ADDRESS) == 16, "SOCKET_ADDRESS");
static_assert(sizeof(CSADDR_INFO) == 40, "CSADDR_INFO");
#endif

#endif /* WSP_OPTIONS_H */
