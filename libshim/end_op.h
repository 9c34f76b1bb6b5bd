/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SendDisconnect, RecvDisconnect and shutdown behind pending operations. */
#ifndef WSP_END_OP_H
#define WSP_END_OP_H

#include "internal.h"

bool wsp_end_op_send(const struct wsp_handle *h, const WSABUF *data, int *code);
bool wsp_end_op_recv(const struct wsp_handle *h);

#endif /* WSP_END_OP_H */
