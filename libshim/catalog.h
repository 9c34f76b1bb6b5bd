/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The catalogue of protocols, built in and installed. */
#ifndef WSP_CATALOG_LIB_H
#define WSP_CATALOG_LIB_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include <wsp/wsp.h>

struct wsp_handle;

/* Whose code stands behind a built-in entry. */
extern const GUID wsp_catalog_guid;
/* The same, with the calls Windows CE lacks taken away. */
extern const GUID wsp_catalog_ce_guid;

/* Are there entries that are not built in? */
extern _Atomic bool wsp_catalog_has_others;

void wsp_catalog_refresh(void);
int wsp_catalog_list(const int *protocols, bool all, WSAPROTOCOL_INFOW **list, size_t *n);
bool wsp_catalog_by_id(DWORD id, WSAPROTOCOL_INFOW *info);
bool wsp_catalog_match(int af, int type, int protocol, WSAPROTOCOL_INFOW *info);
int wsp_catalog_path(const GUID *id, char *path, size_t room);
int wsp_catalog_entry_for(const struct wsp_handle *h, LPWSAPROTOCOL_INFOW info);

void wsp_catalog_fork_prepare(void);
void wsp_catalog_fork_done(void);

#endif /* WSP_CATALOG_LIB_H */
