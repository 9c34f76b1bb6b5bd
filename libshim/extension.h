/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Functions that WSAIoctl() hands out by their identifier. */
#ifndef WSP_EXTENSION_H
#define WSP_EXTENSION_H

#include <wsp/mswsock.h>

void *wsp_extension_find(const GUID *id);
BOOL wsp_extension_result(int code);

/* Those without a name of their own; as declared by LPFN_* in <wsp/mswsock.h>. */
BOOL wsp_connectex(SOCKET s, const struct sockaddr *name, int namelen, void *data, DWORD len,
		   DWORD *count, LPWSAOVERLAPPED ov);
BOOL wsp_disconnectex(SOCKET s, LPWSAOVERLAPPED ov, DWORD flags, DWORD reserved);
int wsp_recvmsg(SOCKET s, LPWSAMSG msg, DWORD *count, LPWSAOVERLAPPED ov,
		LPWSAOVERLAPPED_COMPLETION_ROUTINE routine);

#endif /* WSP_EXTENSION_H */
