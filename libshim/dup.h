/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sharing a socket with another process. */
#ifndef WSP_DUP_H
#define WSP_DUP_H

#include <wsp/wsp.h>

int wsp_duplicate_spi(SOCKET s, DWORD process_id, LPWSAPROTOCOL_INFOW info, int *err);
SOCKET wsp_dup_import(const WSAPROTOCOL_INFOW *info, int *err);

#endif /* WSP_DUP_H */
