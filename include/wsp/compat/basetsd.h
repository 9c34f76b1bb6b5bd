/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef WSP_COMPAT_BASETSD_H
#define WSP_COMPAT_BASETSD_H

#include <wsp/compat/windef.h>

#endif /* WSP_COMPAT_BASETSD_H */
