// SPDX-License-Identifier: LGPL-2.1-or-later
/* Disconnect data's % sequences. */
#include <string.h>

#include "expand.h"

static void expand_one(struct wsp_text *t, char what, const struct wsp_expand *with)
{
	switch (what) {
	case 'p':
		wsp_text_num(t, with->pid);
		break;
	case 'n':
		wsp_text_str(t, with->name);
		break;
	case 'h':
		wsp_text_str(t, with->host);
		break;
	case 's':
		wsp_text_str(t, with->reason);
		if (with->status < 0)
			break;
		wsp_text_str(t, " ");
		wsp_text_num(t, with->status);
		break;
	default:
		wsp_text_bytes(t, &what, 1);
	}
}

/**
 * wsp_expand() - append disconnect data with its % sequences replaced
 * @t: text
 * @data: the data, valid as wsp_conf_set() has found
 * @len: bytes in it
 * @with: what to put
 */
void wsp_expand(struct wsp_text *t, const char *data, size_t len, const struct wsp_expand *with)
{
	const char *end = data + len;

	while (data < end) {
		const char *percent = memchr(data, '%', end - data);
		const char *stop = percent ? percent : end;

		wsp_text_bytes(t, data, stop - data);
		if (percent)
			expand_one(t, percent[1], with);
		data = percent ? percent + 2 : end;
	}
}
