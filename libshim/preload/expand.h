/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Disconnect data's % sequences. */
#ifndef WSP_EXPAND_H
#define WSP_EXPAND_H

#include "text.h"

/**
 * struct wsp_expand - what the sequences stand for
 * @pid: %p
 * @name: %n, the program
 * @host: %h
 * @reason: %s
 * @status: exit status to put behind @reason, or -1
 */
struct wsp_expand {
	long pid;
	const char *name;
	const char *host;
	const char *reason;
	int status;
};

void wsp_expand(struct wsp_text *t, const char *data, size_t len, const struct wsp_expand *with);

#endif /* WSP_EXPAND_H */
