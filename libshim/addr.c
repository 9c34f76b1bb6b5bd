// SPDX-License-Identifier: LGPL-2.1-or-later
/* Socket addresses: Windows calls IPv6 family 23, the rest is the same. */
#include <netinet/in.h>
#include <string.h>

#include "internal.h"

/**
 * wsp_addr_family() - the kernel's number of an address family
 * @af: address family
 *
 * Return: the number; what is no Windows family comes back as it is.
 */
int wsp_addr_family(int af)
{
	return af == WS_AF_INET6 ? AF_INET6 : af;
}

/**
 * wsp_addr_in() - take an address from the caller
 * @name: the caller's pointer
 * @namelen: the caller's length
 * @ss: out: as the kernel wants it
 *
 * Return: 0 or WSAEFAULT (not readable, or too short for its family).
 */
int wsp_addr_in(const struct sockaddr *name, int namelen, struct sockaddr_storage *ss)
{
	if (namelen < (int)sizeof(ss->ss_family) || namelen > (int)sizeof(*ss) ||
	    !wsp_mem_read(ss, name, namelen))
		return WSAEFAULT;
	ss->ss_family = wsp_addr_family(ss->ss_family);
	if (ss->ss_family == AF_INET && namelen < (int)sizeof(struct sockaddr_in))
		return WSAEFAULT;
	if (ss->ss_family == AF_INET6 && namelen < (int)sizeof(struct sockaddr_in6))
		return WSAEFAULT;
	return 0;
}

/**
 * wsp_addr_out() - give an address to the caller
 * @state: the socket's WSP_H_* bits
 * @ss: the kernel's address
 * @sslen: its length
 * @name: the caller's pointer
 * @namelen: the caller's room, then the length
 *
 * Return: 0 or WSAEFAULT (not writable, or too little room).
 */
int wsp_addr_out(uint32_t state, struct sockaddr_storage *ss, socklen_t sslen,
		 struct sockaddr *name, int *namelen)
{
	int room, len = (int)sslen;

	if (!wsp_mem_read(&room, namelen, sizeof(room)) || room < len)
		return WSAEFAULT;
	if (ss->ss_family == AF_INET6 && (state & WSP_H_WINFAM))
		ss->ss_family = WS_AF_INET6;
	if (!wsp_mem_write(name, ss, len) || !wsp_mem_write(namelen, &len, sizeof(len)))
		return WSAEFAULT;
	return 0;
}
