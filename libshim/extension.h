/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Functions that WSAIoctl() hands out by their identifier. */
#ifndef WSP_EXTENSION_H
#define WSP_EXTENSION_H

#include <wsp/types.h>

/* The function's address, or NULL for an unknown identifier. */
void *wsp_extension_find(const GUID *id);

#endif /* WSP_EXTENSION_H */
