/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The dispatch between the application interface and a provider's table. */
#ifndef WSP_WSA_H
#define WSP_WSA_H

#include "internal.h"

#define WSA_EXPORT	__attribute__((visibility("default")))

const WSPPROC_TABLE *wsa_enter(void);
const WSPPROC_TABLE *wsa_enter_socket(SOCKET s);
const WSPPROC_TABLE *wsa_enter_entry(LPWSAPROTOCOL_INFOW info);
bool wsa_is_version_1(void);
int wsa_leave(int rc, const int *err);
SOCKET wsa_leave_socket(SOCKET s, const int *err);
SOCKET wsa_leave_new(unsigned int provider, SOCKET s, int *err);

#endif /* WSP_WSA_H */
