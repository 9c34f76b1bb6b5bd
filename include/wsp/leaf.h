/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Multipoint sessions and quality of service, which are not offered. */
#ifndef WSP_LEAF_H
#define WSP_LEAF_H

#include <wsp/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define JL_SENDER_ONLY		0x01
#define JL_RECEIVER_ONLY	0x02
#define JL_BOTH			0x04

/**
 * WSAJoinLeaf() - join a leaf to a multipoint session
 * @s: socket
 * @name: the leaf's address
 * @namelen: its size in bytes
 * @caller_data: NULL or data for the leaf
 * @callee_data: NULL or room for the leaf's
 * @sqos: NULL
 * @gqos: NULL
 * @flags: one of JL_*
 *
 * Multicast groups are joined with socket options instead.
 *
 * Errors, in this order: WSAEFAULT (@name or @caller_data), WSAEINVAL
 * (@flags), WSAEOPNOTSUPP.
 *
 * Return: INVALID_SOCKET.
 */
SOCKET WSAJoinLeaf(SOCKET s, const struct sockaddr *name, int namelen, LPWSABUF caller_data,
		   LPWSABUF callee_data, LPQOS sqos, LPQOS gqos, DWORD flags);

/**
 * WSAGetQOSByName() - look up a template for quality of service
 * @s: socket
 * @name: name of the template
 * @qos: room for it
 *
 * Return: 0.  Errors, in this order: WSAEFAULT, WSAEOPNOTSUPP.
 */
BOOL WSAGetQOSByName(SOCKET s, LPWSABUF name, LPQOS qos);

#ifdef __cplusplus
}
#endif

#endif /* WSP_LEAF_H */
