/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Names and addresses, IPv6 among them, under Winsock's names. */
#ifndef WSP_COMPAT_WS2TCPIP_H
#define WSP_COMPAT_WS2TCPIP_H

#include <wsp/compat/winsock2.h>
#include <wsp/compat/ws2ipdef.h>

#define AI_PASSIVE			0x00001
#define AI_CANONNAME			0x00002
#define AI_NUMERICHOST			0x00004
#define AI_NUMERICSERV			0x00008
#define AI_DNS_ONLY			0x00010
#define AI_ALL				0x00100
#define AI_ADDRCONFIG			0x00400
#define AI_V4MAPPED			0x00800
#define AI_NON_AUTHORITATIVE		0x04000
#define AI_SECURE			0x08000
#define AI_RETURN_PREFERRED_NAMES	0x10000
#define AI_FQDN				0x20000
#define AI_FILESERVER			0x40000

#define NI_NOFQDN		0x01
#define NI_NUMERICHOST		0x02
#define NI_NAMEREQD		0x04
#define NI_NUMERICSERV		0x08
#define NI_DGRAM		0x10
#define NI_MAXHOST		1025
#define NI_MAXSERV		32

#define EAI_AGAIN	WSATRY_AGAIN
#define EAI_BADFLAGS	WSAEINVAL
#define EAI_FAIL	WSANO_RECOVERY
#define EAI_FAMILY	WSAEAFNOSUPPORT
#define EAI_MEMORY	WSA_NOT_ENOUGH_MEMORY
#define EAI_NODATA	WSANO_DATA
#define EAI_NONAME	WSAHOST_NOT_FOUND
#define EAI_SERVICE	WSATYPE_NOT_FOUND
#define EAI_SOCKTYPE	WSAESOCKTNOSUPPORT

#define addrinfo	ws_addrinfo
#define addrinfoW	ws_addrinfow

#ifdef UNICODE
typedef ADDRINFOW ADDRINFOT, *PADDRINFOT;
typedef ADDRINFOW ADDRINFO, *LPADDRINFO;
#define GetAddrInfo	GetAddrInfoW
#define FreeAddrInfo	FreeAddrInfoW
#define GetNameInfo	GetNameInfoW
#define InetNtop	InetNtopW
#define InetPton	InetPtonW
#define gai_strerror	gai_strerrorW
#else
typedef ADDRINFOA ADDRINFOT, *PADDRINFOT;
typedef ADDRINFOA ADDRINFO, *LPADDRINFO;
#define GetAddrInfo	getaddrinfo
#define FreeAddrInfo	freeaddrinfo
#define GetNameInfo	getnameinfo
#define InetNtop	inet_ntop
#define InetPton	inet_pton
#define gai_strerror	gai_strerrorA
#endif
#define GetAddrInfoA	getaddrinfo
#define FreeAddrInfoA	freeaddrinfo
#define GetNameInfoA	getnameinfo

#ifdef __cplusplus
extern "C" {
#endif

int getaddrinfo(PCSTR node, PCSTR service, const struct addrinfo *hints,
		struct addrinfo **res) WSP_SYMBOL(getaddrinfo);
void freeaddrinfo(struct addrinfo *res) WSP_SYMBOL(freeaddrinfo);
int getnameinfo(const struct sockaddr *addr, socklen_t addrlen, PCHAR node, DWORD nodelen,
		PCHAR service, DWORD servicelen, int flags) WSP_SYMBOL(getnameinfo);
PCSTR inet_ntop(int af, const void *src, PSTR dst, size_t size) WSP_SYMBOL(inet_ntop);
int inet_pton(int af, PCSTR src, void *dst) WSP_SYMBOL(inet_pton);

#ifdef __cplusplus
}
#endif

#endif /* WSP_COMPAT_WS2TCPIP_H */
