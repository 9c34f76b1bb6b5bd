/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The providers this process uses, by number. */
#ifndef WSP_PROVIDER_H
#define WSP_PROVIDER_H

#include <wsp/wsp.h>

#define WSP_PROVIDER_BUILTIN	0
#define WSP_PROVIDER_CE		1
#define WSP_PROVIDER_OTHER	2 /* the first number of those from shared objects */

const WSPPROC_TABLE *wsp_provider_table(unsigned int n);
int wsp_provider_use(const WSAPROTOCOL_INFOW *entry, unsigned int *n);
int wsp_provider_choose(int af, int type, int protocol, LPWSAPROTOCOL_INFOW *info,
			LPWSAPROTOCOL_INFOW room, unsigned int *n);
void wsp_provider_cleanup(void);

void wsp_provider_fork_prepare(void);
void wsp_provider_fork_done(void);

#endif /* WSP_PROVIDER_H */
