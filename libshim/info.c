// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * WSAPROTOCOL_INFO with characters of 8 and of 16 bits.  What stands before the
 * name is the same.
 */
#include <string.h>

#include "info.h"
#include "internal.h"
#include "wide.h"

#define INFO_HEAD	offsetof(WSAPROTOCOL_INFOA, szProtocol)

static_assert(offsetof(WSAPROTOCOL_INFOW, szProtocol) == INFO_HEAD, "the same head");

/**
 * wsp_info_widen() - to 16-bit characters
 * @wide: out
 * @narrow: in; too long a name is cut
 */
void wsp_info_widen(LPWSAPROTOCOL_INFOW wide, const WSAPROTOCOL_INFOA *narrow)
{
	char name[sizeof(narrow->szProtocol) + 1];

	memset(wide, 0, sizeof(*wide));
	memcpy(wide, narrow, INFO_HEAD);
	memcpy(name, narrow->szProtocol, sizeof(narrow->szProtocol));
	name[sizeof(name) - 1] = '\0';
	wsp_wide_from_utf8(wide->szProtocol, ARRAY_SIZE(wide->szProtocol), name);
	wide->szProtocol[WSAPROTOCOL_LEN] = 0;
}

/**
 * wsp_info_narrow() - to 8-bit characters
 * @narrow: out; too long a name is cut
 * @wide: in
 */
void wsp_info_narrow(LPWSAPROTOCOL_INFOA narrow, const WSAPROTOCOL_INFOW *wide)
{
	WCHAR name[ARRAY_SIZE(wide->szProtocol) + 1];

	memset(narrow, 0, sizeof(*narrow));
	memcpy(narrow, wide, INFO_HEAD);
	memcpy(name, wide->szProtocol, sizeof(wide->szProtocol));
	name[ARRAY_SIZE(name) - 1] = 0;
	wsp_wide_to_utf8(narrow->szProtocol, sizeof(narrow->szProtocol), name);
	narrow->szProtocol[WSAPROTOCOL_LEN] = '\0';
}
