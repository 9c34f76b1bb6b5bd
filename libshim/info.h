/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* WSAPROTOCOL_INFO with characters of 8 and of 16 bits. */
#ifndef WSP_INFO_H
#define WSP_INFO_H

#include <wsp/types.h>

void wsp_info_widen(LPWSAPROTOCOL_INFOW wide, const WSAPROTOCOL_INFOA *narrow);
void wsp_info_narrow(LPWSAPROTOCOL_INFOA narrow, const WSAPROTOCOL_INFOW *wide);

#endif /* WSP_INFO_H */
