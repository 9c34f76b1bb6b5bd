/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Address families, addresses of IPv4, socket options: Winsock's numbers and layouts. */
#ifndef WSP_COMPAT_WS2DEF_H
#define WSP_COMPAT_WS2DEF_H

#include <wsp/compat/windef.h>
#include <wsp/options.h>

#define AF_UNSPEC	0
#define AF_UNIX		1
#define AF_INET		2
#define AF_IMPLINK	3
#define AF_PUP		4
#define AF_CHAOS	5
#define AF_NS		6
#define AF_IPX		AF_NS
#define AF_ISO		7
#define AF_OSI		AF_ISO
#define AF_ECMA		8
#define AF_DATAKIT	9
#define AF_CCITT	10
#define AF_SNA		11
#define AF_DECnet	12
#define AF_DLI		13
#define AF_LAT		14
#define AF_HYLINK	15
#define AF_APPLETALK	16
#define AF_NETBIOS	17
#define AF_INET6	23
#define AF_IRDA		26
#define AF_BTH		32
#define AF_MAX		33

#define PF_UNSPEC	AF_UNSPEC
#define PF_UNIX		AF_UNIX
#define PF_INET		AF_INET
#define PF_IPX		AF_IPX
#define PF_INET6	AF_INET6
#define PF_MAX		AF_MAX

#define SOCK_STREAM	1
#define SOCK_DGRAM	2
#define SOCK_RAW	3
#define SOCK_RDM	4
#define SOCK_SEQPACKET	5

#define SOL_SOCKET		0xffff
#define SO_DEBUG		0x0001
#define SO_ACCEPTCONN		0x0002
#define SO_REUSEADDR		0x0004
#define SO_KEEPALIVE		0x0008
#define SO_DONTROUTE		0x0010
#define SO_BROADCAST		0x0020
#define SO_USELOOPBACK		0x0040
#define SO_LINGER		0x0080
#define SO_OOBINLINE		0x0100
#define SO_DONTLINGER		((int)(~SO_LINGER))
#define SO_EXCLUSIVEADDRUSE	((int)(~SO_REUSEADDR))
#define SO_SNDBUF		0x1001
#define SO_RCVBUF		0x1002
#define SO_SNDLOWAT		0x1003
#define SO_RCVLOWAT		0x1004
#define SO_SNDTIMEO		0x1005
#define SO_RCVTIMEO		0x1006
#define SO_ERROR		0x1007
#define SO_TYPE			0x1008
#define SO_BSP_STATE		0x1009
#define SO_GROUP_ID		0x2001
#define SO_GROUP_PRIORITY	0x2002
#define SO_MAX_MSG_SIZE		0x2003
#define SO_PROTOCOL_INFOA	0x2004
#define SO_PROTOCOL_INFOW	0x2005
#define PVD_CONFIG		0x3001
#define SO_CONDITIONAL_ACCEPT	0x3002
#define SO_PAUSE_ACCEPT		0x3003
#define SO_COMPARTMENT_ID	0x3004
#define SO_RANDOMIZE_PORT	0x3005
#define SO_PORT_SCALABILITY	0x3006
#define SO_REUSE_UNICASTPORT	0x3007

#ifdef UNICODE
#define SO_PROTOCOL_INFO	SO_PROTOCOL_INFOW
#else
#define SO_PROTOCOL_INFO	SO_PROTOCOL_INFOA
#endif

#define IPPROTO_IP	0
#define IPPROTO_HOPOPTS	0
#define IPPROTO_ICMP	1
#define IPPROTO_IGMP	2
#define IPPROTO_GGP	3
#define IPPROTO_IPV4	4
#define IPPROTO_TCP	6
#define IPPROTO_EGP	8
#define IPPROTO_PUP	12
#define IPPROTO_UDP	17
#define IPPROTO_IDP	22
#define IPPROTO_IPV6	41
#define IPPROTO_ROUTING	43
#define IPPROTO_FRAGMENT	44
#define IPPROTO_ESP	50
#define IPPROTO_AH	51
#define IPPROTO_ICMPV6	58
#define IPPROTO_NONE	59
#define IPPROTO_DSTOPTS	60
#define IPPROTO_PIM	103
#define IPPROTO_SCTP	132
#define IPPROTO_RAW	255
#define IPPROTO_MAX	256

#define TCP_NODELAY	0x0001

#define IPPORT_ECHO		7
#define IPPORT_DISCARD		9
#define IPPORT_DAYTIME		13
#define IPPORT_FTP		21
#define IPPORT_TELNET		23
#define IPPORT_SMTP		25
#define IPPORT_TIMESERVER	37
#define IPPORT_NAMESERVER	42
#define IPPORT_WHOIS		43
#define IPPORT_TFTP		69
#define IPPORT_FINGER		79
#define IPPORT_RESERVED		1024

#define IN_CLASSA(a)		(((ULONG)(a) & 0x80000000) == 0)
#define IN_CLASSB(a)		(((ULONG)(a) & 0xc0000000) == 0x80000000)
#define IN_CLASSC(a)		(((ULONG)(a) & 0xe0000000) == 0xc0000000)
#define IN_CLASSD(a)		(((ULONG)(a) & 0xf0000000) == 0xe0000000)
#define IN_MULTICAST(a)		IN_CLASSD(a)

#define INADDR_ANY		((ULONG)0x00000000)
#define ADDR_ANY		INADDR_ANY
#define INADDR_LOOPBACK		0x7f000001
#define INADDR_BROADCAST	((ULONG)0xffffffff)
#define INADDR_NONE		0xffffffff

#define MSG_OOB			0x1
#define MSG_PEEK		0x2
#define MSG_DONTROUTE		0x4
#define MSG_WAITALL		0x8
#define MSG_PUSH_IMMEDIATE	0x20
#define MSG_TRUNC		0x0100
#define MSG_CTRUNC		0x0200
#define MSG_BCAST		0x0400
#define MSG_MCAST		0x0800
#define MSG_PARTIAL		0x8000
#define MSG_INTERRUPT		0x10
#define MSG_MAXIOVLEN		16

#define SOMAXCONN		0x7fffffff
#define SOMAXCONN_HINT(n)	(-(n))

typedef USHORT ADDRESS_FAMILY;

typedef struct sockaddr {
	ADDRESS_FAMILY sa_family;
	CHAR sa_data[14];
} SOCKADDR, *PSOCKADDR, *LPSOCKADDR;

typedef struct in_addr {
	union {
		struct {
			UCHAR s_b1, s_b2, s_b3, s_b4;
		} S_un_b;
		struct {
			USHORT s_w1, s_w2;
		} S_un_w;
		ULONG S_addr;
	} S_un;
} IN_ADDR, *PIN_ADDR, *LPIN_ADDR;

#define s_addr	S_un.S_addr
#define s_host	S_un.S_un_b.s_b2
#define s_net	S_un.S_un_b.s_b1
#define s_imp	S_un.S_un_w.s_w2
#define s_impno	S_un.S_un_b.s_b4
#define s_lh	S_un.S_un_b.s_b3

typedef struct sockaddr_in {
	ADDRESS_FAMILY sin_family;
	USHORT sin_port;
	IN_ADDR sin_addr;
	CHAR sin_zero[8];
} SOCKADDR_IN, *PSOCKADDR_IN, *LPSOCKADDR_IN;

typedef struct sockaddr_storage {
	ADDRESS_FAMILY ss_family;
	CHAR __ss_pad1[6];
	LONGLONG __ss_align;
	CHAR __ss_pad2[112];
} SOCKADDR_STORAGE, *PSOCKADDR_STORAGE, *LPSOCKADDR_STORAGE;

typedef CSADDR_INFO *PCSADDR_INFO, *LPCSADDR_INFO;

typedef struct wsp_socket_address_list {
	INT iAddressCount;
	SOCKET_ADDRESS Address[1];
} SOCKET_ADDRESS_LIST, *PSOCKET_ADDRESS_LIST, *LPSOCKET_ADDRESS_LIST;

#endif /* WSP_COMPAT_WS2DEF_H */
