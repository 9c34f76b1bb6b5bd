/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The upcalls that deal with socket handles. */
#ifndef WSP_UPCALL_SOCKET_H
#define WSP_UPCALL_SOCKET_H

#include <wsp/wsp.h>

void wsp_upcall_sockets(LPWSPUPCALLTABLE table);
void wsp_upcall_close_handle(SOCKET s);
SOCKET wsp_upcall_hand_out(int fd, int *err);

#endif /* WSP_UPCALL_SOCKET_H */
