/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef WSP_COMPAT_WINBASE_H
#define WSP_COMPAT_WINBASE_H

#include <wsp/compat/windows.h>

#endif /* WSP_COMPAT_WINBASE_H */
