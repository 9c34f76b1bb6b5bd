/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The Windows CE profile. */
#ifndef WSP_CE_H
#define WSP_CE_H

#include <stdbool.h>

#include <wsp/wsp.h>

bool wsp_ce_process(void);
void wsp_ce_table(LPWSPPROC_TABLE table);

#endif /* WSP_CE_H */
