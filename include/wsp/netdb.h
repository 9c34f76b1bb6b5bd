/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The older look-ups of hosts, services and protocols.  What they return is
 * good until this thread's next call of the same; NULL means failure.  The
 * opening comment of <wsp/winsock2.h> holds here too.
 */
#ifndef WSP_NETDB_H
#define WSP_NETDB_H

#include <wsp/names.h>

#ifdef __cplusplus
extern "C" {
#endif

/* In the order of 64-bit Windows. */
struct ws_servent {
	char *s_name;
	char **s_aliases;
	char *s_proto;
	int16_t s_port;
};

struct ws_protoent {
	char *p_name;
	char **p_aliases;
	int16_t p_proto;
};

#if UINTPTR_MAX > 0xffffffff
static_assert(sizeof(struct ws_servent) == 32, "servent");
WSP_ASSERT_OFF(struct ws_servent, s_proto, 16);
WSP_ASSERT_OFF(struct ws_servent, s_port, 24);
static_assert(sizeof(struct ws_protoent) == 24, "protoent");
#endif

/**
 * wsp_gethostbyaddr() - Winsock's gethostbyaddr()
 * @addr: struct in_addr or in6_addr
 * @len: its size in bytes
 * @type: AF_INET, WS_AF_INET6 or AF_INET6
 *
 * Errors: WSAHOST_NOT_FOUND, WSATRY_AGAIN, WSANO_RECOVERY, WSAEAFNOSUPPORT,
 * WSAEFAULT (@addr not readable, or @len not its size).
 *
 * Return: the entry, which the thread's next such call overwrites, or NULL.
 */
struct ws_hostent *wsp_gethostbyaddr(const char *addr, int len, int type);

/**
 * wsp_getservbyname() - Winsock's getservbyname()
 * @name: service
 * @proto: NULL for any, or "tcp" or "udp"
 *
 * Errors: WSANO_DATA (not found), WSAEFAULT.
 *
 * Return: the entry, which the thread's next such call overwrites, or NULL.
 */
struct ws_servent *wsp_getservbyname(const char *name, const char *proto);

/**
 * wsp_getservbyport() - Winsock's getservbyport()
 * @port: port in network byte order
 * @proto: NULL for any, or "tcp" or "udp"
 *
 * Errors: WSANO_DATA (not found), WSAEFAULT.
 *
 * Return: the entry, which the thread's next such call overwrites, or NULL.
 */
struct ws_servent *wsp_getservbyport(int port, const char *proto);

/**
 * wsp_getprotobyname() - Winsock's getprotobyname()
 * @name: protocol
 *
 * Errors: WSANO_DATA (not found), WSAEFAULT.
 *
 * Return: the entry, which the thread's next such call overwrites, or NULL.
 */
struct ws_protoent *wsp_getprotobyname(const char *name);

/**
 * wsp_getprotobynumber() - Winsock's getprotobynumber()
 * @number: IPPROTO_*
 *
 * Errors: WSANO_DATA (not found).
 *
 * Return: the entry, which the thread's next such call overwrites, or NULL.
 */
struct ws_protoent *wsp_getprotobynumber(int number);

#ifdef __cplusplus
}
#endif

#endif /* WSP_NETDB_H */
