/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Addresses as text. */
#ifndef WSP_ADDRSTR_H
#define WSP_ADDRSTR_H

#include "internal.h"

/* "[", 45 characters of address, "%4294967295", "]:65535", and the names of interfaces */
#define WSP_ADDRSTR_MAX	96

size_t wsp_addrstr_size(int af);
int wsp_addrtostr_spi(struct sockaddr *addr, DWORD addrlen, LPWSAPROTOCOL_INFOW info, WCHAR *str,
		      DWORD *len, int *err);
int wsp_strtoaddr_spi(WCHAR *str, int af, LPWSAPROTOCOL_INFOW info, struct sockaddr *addr,
		      int *addrlen, int *err);

#endif /* WSP_ADDRSTR_H */
