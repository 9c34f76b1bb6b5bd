/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Windows' 16-bit strings. */
#ifndef WSP_WIDE_H
#define WSP_WIDE_H

#include "internal.h"

size_t wsp_wide_from_utf8(WCHAR *dst, size_t room, const char *src);
size_t wsp_wide_to_utf8(char *dst, size_t room, const WCHAR *src);

#endif /* WSP_WIDE_H */
