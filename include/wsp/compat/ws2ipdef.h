/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Addresses of IPv6, options of IP: Winsock's numbers and layouts. */
#ifndef WSP_COMPAT_WS2IPDEF_H
#define WSP_COMPAT_WS2IPDEF_H

#include <wsp/compat/ws2def.h>

#define IP_OPTIONS			1
#define IP_HDRINCL			2
#define IP_TOS				3
#define IP_TTL				4
#define IP_MULTICAST_IF			9
#define IP_MULTICAST_TTL		10
#define IP_MULTICAST_LOOP		11
#define IP_ADD_MEMBERSHIP		12
#define IP_DROP_MEMBERSHIP		13
#define IP_DONTFRAGMENT			14
#define IP_ADD_SOURCE_MEMBERSHIP	15
#define IP_DROP_SOURCE_MEMBERSHIP	16
#define IP_BLOCK_SOURCE			17
#define IP_UNBLOCK_SOURCE		18
#define IP_PKTINFO			19
#define IP_HOPLIMIT			21
#define IP_RECEIVE_BROADCAST		22
#define IP_UNICAST_IF			31
#define IP_RECVIF			24
#define IP_TCLASS			39
#define IP_RECVTOS			40
#define IP_MTU_DISCOVER			71
#define IP_MTU				73

#define IPV6_HOPOPTS			1
#define IPV6_HDRINCL			2
#define IPV6_UNICAST_HOPS		4
#define IPV6_MULTICAST_IF		9
#define IPV6_MULTICAST_HOPS		10
#define IPV6_MULTICAST_LOOP		11
#define IPV6_ADD_MEMBERSHIP		12
#define IPV6_JOIN_GROUP			IPV6_ADD_MEMBERSHIP
#define IPV6_DROP_MEMBERSHIP		13
#define IPV6_LEAVE_GROUP		IPV6_DROP_MEMBERSHIP
#define IPV6_DONTFRAG			14
#define IPV6_PKTINFO			19
#define IPV6_HOPLIMIT			21
#define IPV6_PROTECTION_LEVEL		23
#define IPV6_RECVIF			24
#define IPV6_CHECKSUM			26
#define IPV6_V6ONLY			27
#define IPV6_UNICAST_IF			31
#define IPV6_TCLASS			39
#define IPV6_RECVTCLASS			40
#define IPV6_MTU_DISCOVER		71
#define IPV6_MTU			72

#define MCAST_JOIN_GROUP		41
#define MCAST_LEAVE_GROUP		42
#define MCAST_BLOCK_SOURCE		43
#define MCAST_UNBLOCK_SOURCE		44
#define MCAST_JOIN_SOURCE_GROUP		45
#define MCAST_LEAVE_SOURCE_GROUP	46

#define TCP_KEEPALIVE		3
#define TCP_MAXSEG		4
#define TCP_MAXRT		5
#define TCP_STDURG		6
#define TCP_TIMESTAMPS		10
#define TCP_MAXRTMS		14
#define TCP_FASTOPEN		15
#define TCP_KEEPCNT		16
#define TCP_KEEPIDLE		TCP_KEEPALIVE
#define TCP_KEEPINTVL		17

#define UDP_NOCHECKSUM		1
#define UDP_CHECKSUM_COVERAGE	20

#define PROTECTION_LEVEL_UNRESTRICTED	10
#define PROTECTION_LEVEL_EDGERESTRICTED	20
#define PROTECTION_LEVEL_RESTRICTED	30

#define IFF_UP			0x01
#define IFF_BROADCAST		0x02
#define IFF_LOOPBACK		0x04
#define IFF_POINTTOPOINT	0x08
#define IFF_MULTICAST		0x10

#define INET_ADDRSTRLEN		22
#define INET6_ADDRSTRLEN	65

typedef struct in6_addr {
	union {
		UCHAR Byte[16];
		USHORT Word[8];
	} u;
} IN6_ADDR, *PIN6_ADDR, *LPIN6_ADDR;

#define in_addr6	in6_addr
#define s6_addr		u.Byte
#define s6_bytes	u.Byte
#define s6_words	u.Word
#define _S6_un		u
#define _S6_u8		Byte

typedef struct {
	union {
		struct {
			ULONG Zone : 28;
			ULONG Level : 4;
		} s;
		ULONG Value;
	} u;
} SCOPE_ID, *PSCOPE_ID;

typedef struct sockaddr_in6 {
	ADDRESS_FAMILY sin6_family;
	USHORT sin6_port;
	ULONG sin6_flowinfo;
	IN6_ADDR sin6_addr;
	__extension__ union {
		ULONG sin6_scope_id;
		SCOPE_ID sin6_scope_struct;
	};
} SOCKADDR_IN6, SOCKADDR_IN6_LH, *PSOCKADDR_IN6, *LPSOCKADDR_IN6;

typedef union wsp_sockaddr_inet {
	SOCKADDR_IN Ipv4;
	SOCKADDR_IN6 Ipv6;
	ADDRESS_FAMILY si_family;
} SOCKADDR_INET, *PSOCKADDR_INET;

struct sockaddr_in6_old {
	SHORT sin6_family;
	USHORT sin6_port;
	ULONG sin6_flowinfo;
	IN6_ADDR sin6_addr;
};

typedef union sockaddr_gen {
	struct sockaddr Address;
	struct sockaddr_in AddressIn;
	struct sockaddr_in6_old AddressIn6;
} sockaddr_gen;

typedef struct wsp_interface_info {
	ULONG iiFlags;
	sockaddr_gen iiAddress;
	sockaddr_gen iiBroadcastAddress;
	sockaddr_gen iiNetmask;
} INTERFACE_INFO, *LPINTERFACE_INFO;

typedef struct in_pktinfo {
	IN_ADDR ipi_addr;
	ULONG ipi_ifindex;
} IN_PKTINFO, *PIN_PKTINFO;

typedef struct in6_pktinfo {
	IN6_ADDR ipi6_addr;
	ULONG ipi6_ifindex;
} IN6_PKTINFO, *PIN6_PKTINFO;

typedef struct ip_mreq {
	IN_ADDR imr_multiaddr;
	IN_ADDR imr_interface;
} IP_MREQ, *PIP_MREQ;

typedef struct ip_mreq_source {
	IN_ADDR imr_multiaddr;
	IN_ADDR imr_sourceaddr;
	IN_ADDR imr_interface;
} IP_MREQ_SOURCE, *PIP_MREQ_SOURCE;

typedef struct group_req {
	ULONG gr_interface;
	SOCKADDR_STORAGE gr_group;
} GROUP_REQ, *PGROUP_REQ;

typedef struct group_source_req {
	ULONG gsr_interface;
	SOCKADDR_STORAGE gsr_group;
	SOCKADDR_STORAGE gsr_source;
} GROUP_SOURCE_REQ, *PGROUP_SOURCE_REQ;

typedef struct ipv6_mreq {
	IN6_ADDR ipv6mr_multiaddr;
	ULONG ipv6mr_interface;
} IPV6_MREQ, *PIPV6_MREQ;

#define IN6ADDR_ANY_INIT	{ { { 0 } } }
#define IN6ADDR_LOOPBACK_INIT	{ { { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 } } }

#ifdef __cplusplus
extern "C" {
#endif

/* libc's, whose 16 bytes are the same. */
extern const IN6_ADDR in6addr_any;
extern const IN6_ADDR in6addr_loopback;

#ifdef __cplusplus
}
#endif

static inline BOOL wsp_in6_equal(const IN6_ADDR *a, const IN6_ADDR *b)
{
	return !memcmp(a, b, sizeof(*a));
}

static inline BOOL wsp_in6_is_v4mapped(const IN6_ADDR *a)
{
	static const UCHAR prefix[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

	return !memcmp(a, prefix, sizeof(prefix));
}

#define IN6_ADDR_EQUAL(a, b)		wsp_in6_equal((a), (b))
#define IN6_IS_ADDR_UNSPECIFIED(a)	wsp_in6_equal((a), &in6addr_any)
#define IN6_IS_ADDR_LOOPBACK(a)		wsp_in6_equal((a), &in6addr_loopback)
#define IN6_IS_ADDR_V4MAPPED(a)		wsp_in6_is_v4mapped(a)
#define IN6_IS_ADDR_MULTICAST(a)	((a)->u.Byte[0] == 0xff)
#define IN6_IS_ADDR_LINKLOCAL(a) \
	((a)->u.Byte[0] == 0xfe && ((a)->u.Byte[1] & 0xc0) == 0x80)

#endif /* WSP_COMPAT_WS2IPDEF_H */
