/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Codes for WSAIoctl() beyond those in <wsp/consts.h>, and their structures.
 * Where the output has too little room for a list or an address, *count tells
 * the size needed.
 */
#ifndef WSP_IOCTLS_H
#define WSP_IOCTLS_H

#include <wsp/options.h>
#include <wsp/types.h>

/*
 * in: nothing; out: struct ws_socket_address_list, what can be bound to,
 * without loopback
 */
#define SIO_ADDRESS_LIST_QUERY		0x48000016
/* in: an address; out: the address that packets to it are sent from */
#define SIO_ROUTING_INTERFACE_QUERY	0xc8000014
/* out: struct sockaddr_in */
#define SIO_GET_BROADCAST_ADDRESS	0x48000005
/* out: the socket that is not a layered provider's: the same */
#define SIO_BASE_HANDLE			0x48000022
#define SIO_BSP_HANDLE			0x4800001b
#define SIO_BSP_HANDLE_SELECT		0x4800001c
#define SIO_BSP_HANDLE_POLL		0x4800001d
/* in: BOOL, int; datagram sockets */
#define SIO_MULTIPOINT_LOOPBACK		0x88000009
#define SIO_MULTICAST_SCOPE		0x8800000a
/*
 * in: BOOL, whether receiving fails with WSAECONNRESET when a datagram found
 * no one at the connected peer's port; yes at first
 */
#define SIO_UDP_CONNRESET		0x9800000c
/* in: struct ws_tcp_keepalive */
#define SIO_KEEPALIVE_VALS		0x98000004
/* out: an array of struct ws_interface_info, IPv4 */
#define SIO_GET_INTERFACE_LIST		0x4004747f

/* Known, and answered WSAEOPNOTSUPP as any other code. */
#define SIO_FLUSH			0x28000004
#define SIO_ADDRESS_LIST_CHANGE		0x28000017
#define SIO_ROUTING_INTERFACE_CHANGE	0x88000015
#define SIO_LOOPBACK_FAST_PATH		0x98000010

/* Times in milliseconds; the kernel counts in seconds, rounded up. */
struct ws_tcp_keepalive {
	ULONG onoff;
	ULONG keepalivetime;
	ULONG keepaliveinterval;
};

/* Address is the first of iAddressCount; the addresses themselves lie behind. */
struct ws_socket_address_list {
	int iAddressCount;
	SOCKET_ADDRESS Address;
};

#define WS_IFF_UP		0x01
#define WS_IFF_BROADCAST	0x02
#define WS_IFF_LOOPBACK		0x04
#define WS_IFF_POINTTOPOINT	0x08
#define WS_IFF_MULTICAST	0x10

/* Room for the IPv6 address there once was. */
union ws_sockaddr_gen {
	struct {
		uint16_t sin_family;
		uint16_t sin_port;
		uint32_t sin_addr;
		char sin_zero[8];
	} AddressIn;
	char room[24];
};

struct ws_interface_info {
	ULONG iiFlags;
	union ws_sockaddr_gen iiAddress;
	union ws_sockaddr_gen iiBroadcastAddress;
	union ws_sockaddr_gen iiNetmask;
};

static_assert(sizeof(struct ws_tcp_keepalive) == 12, "tcp_keepalive");
static_assert(sizeof(struct ws_interface_info) == 76, "INTERFACE_INFO");
#if UINTPTR_MAX > 0xffffffff
static_assert(sizeof(struct ws_socket_address_list) == 24, "SOCKET_ADDRESS_LIST");
#endif

#endif /* WSP_IOCTLS_H */
