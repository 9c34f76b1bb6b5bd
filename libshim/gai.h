/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the resolver's calls share. */
#ifndef WSP_GAI_H
#define WSP_GAI_H

#include "internal.h"

struct wsp_gai_flag {
	int theirs;
	int ours;
};

int wsp_gai_flags(const struct wsp_gai_flag *table, size_t n, int flags, int *out);
int wsp_gai_code(int eai);
int wsp_gai_result(int code);

#endif /* WSP_GAI_H */
