// SPDX-License-Identifier: LGPL-2.1-or-later
/* Windows' 16-bit strings are UTF-16, single bytes are UTF-8. */
#include "wide.h"

#define WIDE_REPLACEMENT	0xfffd

/* The bounds say which of the forms is the shortest one for its character. */
static const struct {
	unsigned char mask;
	unsigned char lead;
	int more;
	uint32_t least;
} wide_forms[] = {
	{ 0x80, 0x00, 0, 0 },
	{ 0xe0, 0xc0, 1, 0x80 },
	{ 0xf0, 0xe0, 2, 0x800 },
	{ 0xf8, 0xf0, 3, 0x10000 },
};

static bool wide_is_surrogate(uint32_t c)
{
	return c >= 0xd800 && c < 0xe000;
}

/* One character; a byte that fits nowhere is replaced. */
static uint32_t wide_next_utf8(const char **src)
{
	const unsigned char *p = (const unsigned char *)*src;

	for (size_t i = 0; i < ARRAY_SIZE(wide_forms); i++) {
		int more = wide_forms[i].more, k;
		uint32_t c = p[0] & ~wide_forms[i].mask;

		if ((p[0] & wide_forms[i].mask) != wide_forms[i].lead)
			continue;
		for (k = 1; k <= more && (p[k] & 0xc0) == 0x80; k++)
			c = c << 6 | (p[k] & 0x3f);
		if (k <= more || c < wide_forms[i].least || c > 0x10ffff || wide_is_surrogate(c))
			break;
		*src += 1 + more;
		return c;
	}
	*src += 1;
	return WIDE_REPLACEMENT;
}

static uint32_t wide_next_utf16(const WCHAR **src)
{
	WCHAR high = *(*src)++;

	if (!wide_is_surrogate(high))
		return high;
	if (high >= 0xdc00 || **src < 0xdc00 || **src >= 0xe000)
		return WIDE_REPLACEMENT;
	return 0x10000 + ((uint32_t)(high - 0xd800) << 10) + (*(*src)++ - 0xdc00);
}

static size_t wide_put_utf16(WCHAR *dst, uint32_t c)
{
	if (c < 0x10000) {
		dst[0] = c;
		return 1;
	}
	dst[0] = 0xd800 + ((c - 0x10000) >> 10);
	dst[1] = 0xdc00 + ((c - 0x10000) & 0x3ff);
	return 2;
}

static size_t wide_put_utf8(char *dst, uint32_t c)
{
	int form = 3;

	while (c < wide_forms[form].least)
		form--;
	for (int k = form; k; k--, c >>= 6)
		dst[k] = 0x80 | (c & 0x3f);
	dst[0] = wide_forms[form].lead | c;
	return 1 + form;
}

/**
 * wsp_wide_from_utf8() - turn single bytes into 16-bit characters
 * @dst: where to; may be NULL if @room is 0
 * @room: characters there
 * @src: UTF-8; what is no UTF-8 becomes U+FFFD
 *
 * Return: the size it takes in characters, the terminating one included.
 * More than @room means that @dst is not complete.
 */
size_t wsp_wide_from_utf8(WCHAR *dst, size_t room, const char *src)
{
	size_t n = 0;

	for (;;) {
		WCHAR units[2];
		bool end = !*src;
		size_t k = wide_put_utf16(units, wide_next_utf8(&src));

		for (size_t i = 0; i < k; i++, n++)
			if (n < room)
				dst[n] = units[i];
		if (end)
			return n;
	}
}

/**
 * wsp_wide_to_utf8() - turn 16-bit characters into single bytes
 * @dst: where to; may be NULL if @room is 0
 * @room: bytes there
 * @src: UTF-16; a lone half of a pair becomes U+FFFD
 *
 * Return: the size it takes in bytes, the terminating one included.  More
 * than @room means that @dst is not complete.
 */
size_t wsp_wide_to_utf8(char *dst, size_t room, const WCHAR *src)
{
	size_t n = 0;

	for (;;) {
		char bytes[4];
		bool end = !*src;
		size_t k = wide_put_utf8(bytes, wide_next_utf16(&src));

		for (size_t i = 0; i < k; i++, n++)
			if (n < room)
				dst[n] = bytes[i];
		if (end)
			return n;
	}
}
