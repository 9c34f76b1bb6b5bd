/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Winsock 1.1's names are among Winsock 2's. */
#ifndef WSP_COMPAT_WINSOCK_H
#define WSP_COMPAT_WINSOCK_H

#include <wsp/compat/winsock2.h>

#endif /* WSP_COMPAT_WINSOCK_H */
