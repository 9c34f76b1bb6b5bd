/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Between UTF-8 and Windows' 16-bit characters. */
#ifndef WSP_TEXT_H
#define WSP_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include <wsp/types.h>

bool wsp_text_widen(WCHAR *dst, size_t room, const char *src);
bool wsp_text_narrow(char *dst, size_t room, const WCHAR *src);

#endif /* WSP_TEXT_H */
