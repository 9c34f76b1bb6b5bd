/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Addresses as text, names, byte order.  The opening comment of
 * <wsp/winsock2.h> holds here too.  Text is UTF-8 or, in the calls that end in
 * W, UTF-16.
 *
 * htonl() and its kin are libc's: they do what Winsock's do.
 */
#ifndef WSP_NAMES_H
#define WSP_NAMES_H

#include <wsp/consts.h>
#include <wsp/errors.h>
#include <wsp/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define WS_AI_PASSIVE			0x00001
#define WS_AI_CANONNAME			0x00002
#define WS_AI_NUMERICHOST		0x00004
#define WS_AI_NUMERICSERV		0x00008
#define WS_AI_DNS_ONLY			0x00010
#define WS_AI_ALL			0x00100
#define WS_AI_ADDRCONFIG		0x00400
#define WS_AI_V4MAPPED			0x00800
#define WS_AI_NON_AUTHORITATIVE		0x04000
#define WS_AI_SECURE			0x08000
#define WS_AI_RETURN_PREFERRED_NAMES	0x10000
#define WS_AI_FQDN			0x20000
#define WS_AI_FILESERVER		0x40000
#define WS_AI_DISABLE_IDN_ENCODING	0x80000

#define WS_NI_NOFQDN		0x01
#define WS_NI_NUMERICHOST	0x02
#define WS_NI_NAMEREQD		0x04
#define WS_NI_NUMERICSERV	0x08
#define WS_NI_DGRAM		0x10

typedef struct ws_addrinfo {
	int ai_flags;
	int ai_family;
	int ai_socktype;
	int ai_protocol;
	size_t ai_addrlen;
	char *ai_canonname;
	struct sockaddr *ai_addr;
	struct ws_addrinfo *ai_next;
} ADDRINFOA, *PADDRINFOA;

typedef struct ws_addrinfow {
	int ai_flags;
	int ai_family;
	int ai_socktype;
	int ai_protocol;
	size_t ai_addrlen;
	WCHAR *ai_canonname;
	struct sockaddr *ai_addr;
	struct ws_addrinfow *ai_next;
} ADDRINFOW, *PADDRINFOW;

struct ws_hostent {
	char *h_name;
	char **h_aliases;
	int16_t h_addrtype;
	int16_t h_length;
	char **h_addr_list;
};

#if UINTPTR_MAX > 0xffffffff
static_assert(sizeof(ADDRINFOA) == 48 && sizeof(ADDRINFOW) == 48, "ADDRINFO");
WSP_ASSERT_OFF(ADDRINFOA, ai_addrlen, 16);
WSP_ASSERT_OFF(ADDRINFOA, ai_canonname, 24);
WSP_ASSERT_OFF(ADDRINFOA, ai_addr, 32);
WSP_ASSERT_OFF(ADDRINFOA, ai_next, 40);
WSP_ASSERT_OFF(ADDRINFOW, ai_canonname, 24);
WSP_ASSERT_OFF(ADDRINFOW, ai_next, 40);
static_assert(sizeof(struct ws_hostent) == 32, "hostent");
WSP_ASSERT_OFF(struct ws_hostent, h_addrtype, 16);
WSP_ASSERT_OFF(struct ws_hostent, h_addr_list, 24);
#endif

/**
 * WSAAddressToStringW() - write an address as text
 * @addr: address, IPv4 or IPv6
 * @addrlen: its size in bytes
 * @info: NULL or a catalogue entry, whose family must be the address's
 * @str: where to: "1.2.3.4", "1.2.3.4:80", "fe80::1%3", "[fe80::1%3]:80";
 *	port and scope are left out if 0
 * @len: in: characters at @str, out: the size of the text with its
 *	terminating 0, also where that was too much
 *
 * Errors: WSAEFAULT (a bad pointer, or too little room), WSAEINVAL (another
 * family, @addrlen too short, not @info's).
 *
 * Return: 0, or SOCKET_ERROR.
 */
int WSAAddressToStringW(struct sockaddr *addr, DWORD addrlen,
			LPWSAPROTOCOL_INFOW info, WCHAR *str, DWORD *len);

/**
 * WSAAddressToStringA() - WSAAddressToStringW() in single bytes
 * @addr: as there
 * @addrlen: as there
 * @info: as there
 * @str: as there
 * @len: as there
 *
 * Return: 0, or SOCKET_ERROR.
 */
int WSAAddressToStringA(struct sockaddr *addr, DWORD addrlen, LPWSAPROTOCOL_INFOA info, char *str,
			DWORD *len);

/**
 * WSAStringToAddressW() - read an address from text
 * @str: as WSAAddressToStringW() writes it.  IPv4 needs all four parts, each
 *	decimal, octal or hexadecimal; a scope may be an interface's name; a
 *	port of 0 is none
 * @af: AF_INET, WS_AF_INET6 or AF_INET6; counted the same way in @addr
 * @info: NULL or a catalogue entry, whose family must be @af
 * @addr: where to
 * @addrlen: in: room there, out: size of the address
 *
 * Errors: WSAEFAULT (a bad pointer, or too little room; @addrlen is the size
 * needed), WSAEINVAL (no such address, another family, not @info's).
 *
 * Return: 0, or SOCKET_ERROR.
 */
int WSAStringToAddressW(WCHAR *str, int af, LPWSAPROTOCOL_INFOW info, struct sockaddr *addr,
			int *addrlen);

/**
 * WSAStringToAddressA() - WSAStringToAddressW() of single bytes
 * @str: as there
 * @af: as there
 * @info: as there
 * @addr: as there
 * @addrlen: as there
 *
 * Return: 0, or SOCKET_ERROR.
 */
int WSAStringToAddressA(char *str, int af, LPWSAPROTOCOL_INFOA info, struct sockaddr *addr,
			int *addrlen);

/**
 * WSAHtonl() - a 32-bit number in the socket's byte order
 * @s: socket
 * @host: number
 * @net: out
 *
 * Errors: WSAEFAULT.
 *
 * Return: 0, or SOCKET_ERROR.
 */
int WSAHtonl(SOCKET s, uint32_t host, uint32_t *net);

/**
 * WSAHtons() - a 16-bit number in the socket's byte order
 * @s: socket
 * @host: number
 * @net: out
 *
 * Errors: WSAEFAULT.
 *
 * Return: 0, or SOCKET_ERROR.
 */
int WSAHtons(SOCKET s, uint16_t host, uint16_t *net);

/**
 * WSANtohl() - a 32-bit number from the socket's byte order
 * @s: socket
 * @net: number
 * @host: out
 *
 * Errors: WSAEFAULT.
 *
 * Return: 0, or SOCKET_ERROR.
 */
int WSANtohl(SOCKET s, uint32_t net, uint32_t *host);

/**
 * WSANtohs() - a 16-bit number from the socket's byte order
 * @s: socket
 * @net: number
 * @host: out
 *
 * Errors: WSAEFAULT.
 *
 * Return: 0, or SOCKET_ERROR.
 */
int WSANtohs(SOCKET s, uint16_t net, uint16_t *host);

/**
 * wsp_getaddrinfo() - Winsock's getaddrinfo()
 * @node: NULL, a name or an address; "" is this computer
 * @service: NULL, a name or a number
 * @hints: NULL or what to look for: family, type, protocol, WS_AI_* flags
 * @res: out: list for wsp_freeaddrinfo().  IPv6 is family 23 there, unless
 *	@hints asks for Linux's AF_INET6.  Without a type or protocol in @hints
 *	there is one entry an address, whose type is 0 if @service is a number
 *	or NULL
 *
 * Return: 0 or the error, which WSAGetLastError() tells as well:
 * WSAHOST_NOT_FOUND, WSATRY_AGAIN, WSANO_RECOVERY (also fields of @hints that
 * must be 0), WSANO_DATA, WSATYPE_NOT_FOUND (no such service),
 * WSAESOCKTNOSUPPORT, WSAEAFNOSUPPORT, WSAEINVAL (flags), WSAEFAULT,
 * WSA_NOT_ENOUGH_MEMORY.
 */
int wsp_getaddrinfo(const char *node, const char *service, const ADDRINFOA *hints, PADDRINFOA *res);

/**
 * wsp_freeaddrinfo() - free what wsp_getaddrinfo() gave
 * @res: list or NULL
 */
void wsp_freeaddrinfo(PADDRINFOA res);

/**
 * GetAddrInfoW() - wsp_getaddrinfo() of 16-bit strings
 * @node: as there
 * @service: as there
 * @hints: as there
 * @res: list for FreeAddrInfoW()
 *
 * Return: as there.
 */
int GetAddrInfoW(const WCHAR *node, const WCHAR *service, const ADDRINFOW *hints, PADDRINFOW *res);

/**
 * FreeAddrInfoW() - free what GetAddrInfoW() gave
 * @res: list or NULL
 */
void FreeAddrInfoW(PADDRINFOW res);

/**
 * wsp_getnameinfo() - Winsock's getnameinfo()
 * @addr: address
 * @addrlen: its size in bytes
 * @node: NULL or where the name goes
 * @nodelen: bytes there
 * @service: NULL or where the service goes
 * @servicelen: bytes there
 * @flags: WS_NI_*
 *
 * Return: 0 or the error, which WSAGetLastError() tells as well: WSAEFAULT
 * (@addr), ERROR_INSUFFICIENT_BUFFER (@nodelen or @servicelen too small),
 * WSAEAFNOSUPPORT, WSAEINVAL (flags), WSAHOST_NOT_FOUND, WSATRY_AGAIN,
 * WSANO_RECOVERY, WSA_NOT_ENOUGH_MEMORY.
 */
int wsp_getnameinfo(const struct sockaddr *addr, int addrlen, char *node, DWORD nodelen,
		    char *service, DWORD servicelen, int flags);

/**
 * GetNameInfoW() - wsp_getnameinfo() with 16-bit strings
 * @addr: as there
 * @addrlen: as there
 * @node: as there
 * @nodelen: characters there
 * @service: as there
 * @servicelen: characters there
 * @flags: as there
 *
 * Return: as there.
 */
int GetNameInfoW(const struct sockaddr *addr, int addrlen, WCHAR *node, DWORD nodelen,
		 WCHAR *service, DWORD servicelen, int flags);

/**
 * gai_strerrorA() - what an error of wsp_getaddrinfo() means
 * @error: its value
 *
 * Return: a text that is never freed.
 */
char *gai_strerrorA(int error);

/**
 * gai_strerrorW() - gai_strerrorA() in 16-bit characters
 * @error: as there
 *
 * Return: a text that is good until this thread's next call.
 */
WCHAR *gai_strerrorW(int error);

/**
 * wsp_gethostname() - Winsock's gethostname()
 * @name: where to
 * @len: bytes there
 *
 * Errors: WSAEFAULT (a bad pointer, or too little room).
 *
 * Return: 0, or SOCKET_ERROR.
 */
int wsp_gethostname(char *name, int len);

/**
 * GetHostNameW() - wsp_gethostname() in 16-bit characters
 * @name: where to
 * @len: characters there
 *
 * Errors: as there.
 *
 * Return: 0, or SOCKET_ERROR.
 */
int GetHostNameW(WCHAR *name, int len);

/**
 * wsp_gethostbyname() - Winsock's gethostbyname(): IPv4 only
 * @name: a name or an address; NULL and "" are this computer
 *
 * Return: what was found, good until this thread's next call, or NULL.
 * Errors: WSAHOST_NOT_FOUND, WSATRY_AGAIN, WSANO_RECOVERY, WSANO_DATA,
 * WSAEFAULT.
 */
struct ws_hostent *wsp_gethostbyname(const char *name);

/**
 * wsp_inet_ntop() - Winsock's inet_ntop()
 * @af: AF_INET, WS_AF_INET6 or AF_INET6
 * @src: struct in_addr or in6_addr
 * @dst: where to
 * @size: bytes there
 *
 * Return: @dst, or NULL.  Errors: WSAEAFNOSUPPORT, WSA_INVALID_PARAMETER (too
 * little room), WSAEFAULT (@src).
 */
const char *wsp_inet_ntop(int af, const void *src, char *dst, size_t size);

/**
 * InetNtopW() - wsp_inet_ntop() in 16-bit characters
 * @af: as there
 * @src: as there
 * @dst: as there
 * @size: characters there
 *
 * Return: as there.
 */
const WCHAR *InetNtopW(int af, const void *src, WCHAR *dst, size_t size);

/**
 * wsp_inet_pton() - Winsock's inet_pton()
 * @af: AF_INET, WS_AF_INET6 or AF_INET6
 * @src: text
 * @dst: struct in_addr or in6_addr
 *
 * Return: 1, 0 (@src is no such address; the last error is left as it is) or
 * -1.  Errors: WSAEAFNOSUPPORT, WSAEFAULT.
 */
int wsp_inet_pton(int af, const char *src, void *dst);

/**
 * InetPtonW() - wsp_inet_pton() of 16-bit characters
 * @af: as there
 * @src: as there
 * @dst: as there
 *
 * Return: as there.
 */
int InetPtonW(int af, const WCHAR *src, void *dst);

#define InetNtopA	wsp_inet_ntop
#define InetPtonA	wsp_inet_pton

/**
 * wsp_inet_addr() - Winsock's inet_addr()
 * @str: IPv4 address of one to four parts, each decimal, octal or hexadecimal;
 *	" " is 0
 *
 * Needs no WSAStartup().
 *
 * Return: the address in network byte order, or 0xffffffff.
 */
uint32_t wsp_inet_addr(const char *str);

/**
 * wsp_inet_ntoa() - Winsock's inet_ntoa()
 * @addr: IPv4 address in network byte order; Winsock's struct in_addr has this
 *	size and is passed the same way
 *
 * Needs no WSAStartup().
 *
 * Return: its text, good until this thread's next call.
 */
char *wsp_inet_ntoa(uint32_t addr);

#ifdef __cplusplus
}
#endif

#endif /* WSP_NAMES_H */
