// SPDX-License-Identifier: LGPL-2.1-or-later
/* Application interface: multipoint and quality of service.  See <wsp/leaf.h>. */
#include "dispatch.h"
#include "wsa.h"

WSA_EXPORT SOCKET WSAJoinLeaf(SOCKET s, const struct sockaddr *name, int namelen,
			      LPWSABUF caller_data, LPWSABUF callee_data, LPQOS sqos, LPQOS gqos,
			      DWORD flags)
{
	const WSPPROC_TABLE *t = wsa_enter_socket(s);
	SOCKET leaf;
	int err = 0;

	if (!t)
		return INVALID_SOCKET;
	leaf = t->lpWSPJoinLeaf(s, name, namelen, caller_data, callee_data, sqos, gqos, flags,
				&err);
	return wsa_leave_new(wsp_dispatch_get(s), leaf, &err);
}

WSA_EXPORT BOOL WSAGetQOSByName(SOCKET s, LPWSABUF name, LPQOS qos)
{
	const WSPPROC_TABLE *t = wsa_enter_socket(s);
	BOOL ok;
	int err = 0;

	if (!t)
		return 0;
	ok = t->lpWSPGetQOSByName(s, name, qos, &err);
	if (!ok)
		wsa_leave(SOCKET_ERROR, &err);
	return ok;
}
