/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Ports that only connections of the past hold. */
#ifndef WSP_REUSE_H
#define WSP_REUSE_H

#include "internal.h"

int wsp_reuse_bind(const struct wsp_handle *h, const struct sockaddr *sa, socklen_t len);
int wsp_reuse_listen(const struct wsp_handle *h, int backlog);

#endif /* WSP_REUSE_H */
