// SPDX-License-Identifier: LGPL-2.1-or-later
/* Between UTF-8 and Windows' 16-bit characters. */
#include "internal.h"
#include "text.h"

#define TEXT_MAX	0x10ffff

static bool text_is_surrogate(uint32_t c)
{
	return c >= 0xd800 && c < 0xe000;
}

/* The next character, or UINT32_MAX if that is none. */
static uint32_t text_next(const char **src)
{
	static const uint32_t least[] = { 0, 0x80, 0x800, 0x10000 };
	const unsigned char *p = (const unsigned char *)*src;
	uint32_t c = *p++;
	int more = c < 0x80 ? 0 : c < 0xc0 ? -1 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : c < 0xf8 ? 3 : -1;

	if (more < 0)
		return UINT32_MAX;
	c &= more ? 0x3f >> more : 0x7f;
	for (int i = 0; i < more; i++, p++) {
		if ((*p & 0xc0) != 0x80)
			return UINT32_MAX;
		c = c << 6 | (*p & 0x3f);
	}
	*src = (const char *)p;
	if (c < least[more] || c > TEXT_MAX || text_is_surrogate(c))
		return UINT32_MAX;
	return c;
}

/**
 * wsp_text_widen() - UTF-8 to UTF-16
 * @dst: where to
 * @room: characters of room there, one for the 0 included
 * @src: terminated by 0
 *
 * Return: false if it is no UTF-8 or too long; @dst is terminated even so.
 */
bool wsp_text_widen(WCHAR *dst, size_t room, const char *src)
{
	size_t n = 0;

	while (*src) {
		uint32_t c = text_next(&src);
		size_t units = c > 0xffff ? 2 : 1;

		if (c == UINT32_MAX || n + units >= room) {
			dst[n] = 0;
			return false;
		}
		if (units == 2) {
			c -= 0x10000;
			dst[n++] = 0xd800 | c >> 10;
			c = 0xdc00 | (c & 0x3ff);
		}
		dst[n++] = c;
	}
	dst[n] = 0;
	return true;
}

static size_t text_put(char *dst, uint32_t c)
{
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

	for (size_t i = n - 1; i > 0; i--, c >>= 6)
		dst[i] = 0x80 | (c & 0x3f);
	dst[0] = n == 1 ? c : (0xf00 >> n & 0xff) | c;
	return n;
}

/**
 * wsp_text_narrow() - UTF-16 to UTF-8
 * @dst: where to
 * @room: bytes of room there, one for the 0 included
 * @src: terminated by 0
 *
 * Return: false if it is no UTF-16 or too long; @dst is terminated even so.
 */
bool wsp_text_narrow(char *dst, size_t room, const WCHAR *src)
{
	size_t n = 0;

	while (*src) {
		uint32_t c = *src++;
		char buf[4];
		size_t len;

		if (c >= 0xd800 && c < 0xdc00 && *src >= 0xdc00 && *src < 0xe000)
			c = 0x10000 + ((c & 0x3ff) << 10) + (*src++ & 0x3ff);
		len = text_put(buf, c);
		if (text_is_surrogate(c) || n + len >= room) {
			dst[n] = '\0';
			return false;
		}
		for (size_t i = 0; i < len; i++)
			dst[n++] = buf[i];
	}
	dst[n] = '\0';
	return true;
}
