// SPDX-License-Identifier: LGPL-2.1-or-later
/* Text put together without stdio: no locks, no malloc, no locale. */
#include <stdbool.h>
#include <string.h>

#include "text.h"

/**
 * wsp_text_bytes() - append bytes
 * @t: text
 * @data: the bytes
 * @len: how many
 */
void wsp_text_bytes(struct wsp_text *t, const void *data, size_t len)
{
	size_t room = t->size - t->len;

	if (len > room)
		len = room;
	memcpy(t->buf + t->len, data, len);
	t->len += len;
}

/**
 * wsp_text_str() - append a string
 * @t: text
 * @s: the string
 */
void wsp_text_str(struct wsp_text *t, const char *s)
{
	wsp_text_bytes(t, s, strlen(s));
}

/**
 * wsp_text_num() - append a number
 * @t: text
 * @n: the number
 */
void wsp_text_num(struct wsp_text *t, long n)
{
	unsigned long u = n < 0 ? 0UL - (unsigned long)n : (unsigned long)n;
	char digits[24];
	size_t i = sizeof(digits);

	do
		digits[--i] = '0' + u % 10;
	while (u /= 10);
	if (n < 0)
		digits[--i] = '-';
	wsp_text_bytes(t, digits + i, sizeof(digits) - i);
}

static bool text_printable(unsigned char c)
{
	return c >= ' ' && c <= '~' && c != '"' && c != '\\';
}

/**
 * wsp_text_escaped() - append a peer's bytes, harmless in a log or terminal
 * @t: text
 * @data: the bytes
 * @len: how many
 *
 * What is not printable ASCII becomes \xNN.
 */
void wsp_text_escaped(struct wsp_text *t, const void *data, size_t len)
{
	static const char hex[] = "0123456789abcdef";
	const unsigned char *p = data;

	for (; len--; p++) {
		char code[4] = { '\\', 'x', hex[*p >> 4], hex[*p & 15] };

		if (text_printable(*p))
			wsp_text_bytes(t, p, 1);
		else
			wsp_text_bytes(t, code, sizeof(code));
	}
}
