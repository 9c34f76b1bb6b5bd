/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Blocking hooks: the application's code that runs while a call blocks. */
#ifndef WSP_HOOK_H
#define WSP_HOOK_H

#include "internal.h"

/* How long a socket is waited for between two calls of the hook. */
#define WSP_HOOK_SLICE_NS	10000000

/**
 * struct wsp_hook - the calling thread's hook
 * @fn: called again and again
 * @context: for it
 */
struct wsp_hook {
	LPBLOCKINGCALLBACK fn;
	DWORD_PTR context;
};

bool wsp_hook_get(struct wsp_hook *hook);
int wsp_hook_run(const struct wsp_hook *hook);
bool wsp_hook_active(void);
void wsp_hook_use(void);

int wsp_hook_cancel_spi(int *err);

/* wsa_hook.c: the application interface's own */
int wsa_hook_query(DWORD entry, LPBLOCKINGCALLBACK *hook, DWORD_PTR *context, int *err);

#endif /* WSP_HOOK_H */
