/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Text put together in a caller's buffer, fit for signal handlers. */
#ifndef WSP_TEXT_H
#define WSP_TEXT_H

#include <stddef.h>

/**
 * struct wsp_text - bytes gathered so far; what does not fit is left out
 * @buf: where
 * @len: bytes used; no terminating zero
 * @size: bytes at @buf
 */
struct wsp_text {
	char *buf;
	size_t len;
	size_t size;
};

#define WSP_TEXT(array)	((struct wsp_text) { .buf = (array), .size = sizeof(array) })

void wsp_text_bytes(struct wsp_text *t, const void *data, size_t len);
void wsp_text_str(struct wsp_text *t, const char *s);
void wsp_text_num(struct wsp_text *t, long n);
void wsp_text_escaped(struct wsp_text *t, const void *data, size_t len);

#endif /* WSP_TEXT_H */
