/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The services the provider's caller gave to WSPStartup(), or the library's own
 * where it gave none.
 */
#ifndef WSP_UPCALL_H
#define WSP_UPCALL_H

#include <stdbool.h>

#include <wsp/wsp.h>

void wsp_upcall_set(const WSPUPCALLTABLE *table);
void wsp_upcall_get(LPWSPUPCALLTABLE table);
bool wsp_upcall_set_event(WSAEVENT event);
bool wsp_upcall_reset_event(WSAEVENT event);
bool wsp_upcall_post_message(HWND wnd, unsigned int msg, WPARAM wparam, LPARAM lparam);
bool wsp_upcall_queue_apc(LPWSATHREADID thread, LPWSAUSERAPC apc, DWORD_PTR context);
/* Keeps a thread that a call named until wsp_upcall_close_thread(). */
bool wsp_upcall_open_thread(LPWSATHREADID thread);
void wsp_upcall_close_thread(LPWSATHREADID thread);
bool wsp_upcall_blocking_hook(DWORD entry, LPBLOCKINGCALLBACK *hook, DWORD_PTR *context);

void wsp_upcall_fork_prepare(void);
void wsp_upcall_fork_done(void);

/* The table the application level passes to a provider. */
void wsp_upcall_own(LPWSPUPCALLTABLE table);

#endif /* WSP_UPCALL_H */
