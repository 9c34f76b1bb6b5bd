/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* WSPJoinLeaf and WSPGetQOSByName. */
#ifndef WSP_LEAF_LIB_H
#define WSP_LEAF_LIB_H

#include "internal.h"

SOCKET wsp_joinleaf_spi(SOCKET s, const struct sockaddr *name, int namelen, LPWSABUF caller_data,
			LPWSABUF callee_data, LPQOS sqos, LPQOS gqos, DWORD flags, int *err);
BOOL wsp_getqos_spi(SOCKET s, LPWSABUF name, LPQOS qos, int *err);

#endif /* WSP_LEAF_LIB_H */
