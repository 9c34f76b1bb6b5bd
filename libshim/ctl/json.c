// SPDX-License-Identifier: LGPL-2.1-or-later
/* JSON on one line. */
#include <string.h>

#include "ctl.h"

static void json_quoted(FILE *f, const char *s, size_t len)
{
	fputc('"', f);
	for (; len--; s++) {
		unsigned char c = *s;

		if (c == '"' || c == '\\')
			fprintf(f, "\\%c", c);
		else if (c < ' ' || c == 0x7f)
			fprintf(f, "\\u%04x", c);
		else
			fputc(c, f);
	}
	fputc('"', f);
}

static void json_begin(struct ctl_json *j, const char *name)
{
	if (j->more)
		fputs(", ", j->f);
	j->more = true;
	if (!name)
		return;
	json_quoted(j->f, name, strlen(name));
	fputs(": ", j->f);
}

/**
 * ctl_json_open() - begin an object or array
 * @j: the output
 * @name: within an object, else NULL
 * @bracket: which
 */
void ctl_json_open(struct ctl_json *j, const char *name, char bracket)
{
	json_begin(j, name);
	fputc(bracket, j->f);
	j->depth++;
	j->more = false;
}

/**
 * ctl_json_close() - end the innermost; the outermost ends its line
 * @j: the output
 * @bracket: as it was opened
 */
void ctl_json_close(struct ctl_json *j, char bracket)
{
	fputc(bracket == '{' ? '}' : ']', j->f);
	j->more = true;
	if (--j->depth)
		return;
	j->more = false;
	fputc('\n', j->f);
	fflush(j->f);
}

/**
 * ctl_json_num() - a number
 * @j: the output
 * @name: its name
 * @val: its value
 */
void ctl_json_num(struct ctl_json *j, const char *name, double val)
{
	json_begin(j, name);
	/* Whole numbers up to 2^53 exactly. */
	fprintf(j->f, "%.16g", val);
}

/**
 * ctl_json_bool() - true or false
 * @j: the output
 * @name: its name
 * @val: its value
 */
void ctl_json_bool(struct ctl_json *j, const char *name, bool val)
{
	json_begin(j, name);
	fputs(val ? "true" : "false", j->f);
}

/**
 * ctl_json_str() - a string of ours
 * @j: the output
 * @name: its name
 * @val: its value; NULL is null
 */
void ctl_json_str(struct ctl_json *j, const char *name, const char *val)
{
	json_begin(j, name);
	if (val)
		json_quoted(j->f, val, strlen(val));
	else
		fputs("null", j->f);
}

/* Bytes of the sequence at @p, 0 if it is none that UTF-8 has. */
static size_t json_utf8(const unsigned char *p, size_t len)
{
	size_t n = *p < 0x80 ? 1 : *p < 0xe0 ? 2 : *p < 0xf0 ? 3 : 4;

	if ((*p >= 0x80 && *p < 0xc2) || *p > 0xf4 || n > len)
		return 0;
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	}
	/* Overlong forms, surrogates, and what is beyond Unicode. */
	if ((*p == 0xe0 && p[1] < 0xa0) || (*p == 0xed && p[1] > 0x9f) ||
	    (*p == 0xf0 && p[1] < 0x90) || (*p == 0xf4 && p[1] > 0x8f))
		return 0;
	return n;
}

/**
 * ctl_json_data() - bytes from outside: as text, if they are, and in hexadecimal
 * @j: the output
 * @name: its name; that of the second has "_hex" behind it
 * @data: the bytes
 * @len: how many
 */
void ctl_json_data(struct ctl_json *j, const char *name, const void *data, size_t len)
{
	const unsigned char *p = data;
	char hex[64];
	size_t i, n;

	for (i = 0; i < len; i += n) {
		n = json_utf8(p + i, len - i);
		if (!n)
			break;
	}
	json_begin(j, name);
	if (i == len)
		json_quoted(j->f, data, len);
	else
		fputs("null", j->f);
	snprintf(hex, sizeof(hex), "%s_hex", name);
	json_begin(j, hex);
	fputc('"', j->f);
	for (i = 0; i < len; i++)
		fprintf(j->f, "%02x", p[i]);
	fputc('"', j->f);
}
