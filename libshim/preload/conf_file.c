// SPDX-License-Identifier: LGPL-2.1-or-later
/* Syntax of preload.conf: sections, "name = value", quoted values. */
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "conf.h"

#define CONF_MAX_NAME	64

/* Bytes within a line. */
struct conf_span {
	const char *p;
	size_t len;
};

static bool conf_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static struct conf_span conf_trim(struct conf_span s)
{
	while (s.len && conf_blank(*s.p))
		s.p++, s.len--;
	while (s.len && conf_blank(s.p[s.len - 1]))
		s.len--;
	return s;
}

static int conf_hex(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *d = c ? strchr(digits, c | 0x20) : NULL;

	return d ? (int)(d - digits) : -1;
}

/* The byte that a backslash's @s stands for, and how long it is; -1 for none. */
static int conf_escape(struct conf_span s, size_t *used)
{
	static const char from[] = "nrt\"\\";
	static const char to[] = "\n\r\t\"\\";
	const char *known = s.len && *s.p ? strchr(from, *s.p) : NULL;

	*used = 1;
	if (known)
		return to[known - from];
	if (s.len < 3 || *s.p != 'x' || conf_hex(s.p[1]) < 0 || conf_hex(s.p[2]) < 0)
		return -1;
	*used = 3;
	return conf_hex(s.p[1]) << 4 | conf_hex(s.p[2]);
}

/* Takes the quotes off; @buf has room for all of @s. */
static const char *conf_unquote(struct conf_span *s, char *buf)
{
	size_t i, used, n = 0;

	if (!s->len || *s->p != '"')
		return NULL;
	for (i = 1; i < s->len && s->p[i] != '"'; i++) {
		int c = (unsigned char)s->p[i];

		if (c == '\\') {
			c = conf_escape((struct conf_span) { s->p + i + 1, s->len - i - 1 },
					&used);
			if (c < 0)
				return "after \\ comes n, r, t, \", \\ or x and two digits";
			i += used;
		}
		buf[n++] = c;
	}
	if (i >= s->len)
		return "the closing quote is missing";
	if (i + 1 != s->len)
		return "text behind the closing quote";
	*s = (struct conf_span) { buf, n };
	return NULL;
}

static bool conf_name(struct conf_span s, char *buf)
{
	if (!s.len || s.len >= CONF_MAX_NAME)
		return false;
	memcpy(buf, s.p, s.len);
	buf[s.len] = 0;
	return true;
}

static bool conf_matches(const char *pattern, const char *const *names)
{
	if (!names)
		return true;
	for (; *names; names++) {
		if (!fnmatch(pattern, *names, 0))
			return true;
	}
	return false;
}

/* "[nginx redis-*]"; sets whether the section is for us. */
static const char *conf_section(struct conf_span s, const char *const *names, bool *ours)
{
	char pattern[CONF_MAX_NAME];

	if (s.p[s.len - 1] != ']')
		return "the closing ] is missing";
	s = conf_trim((struct conf_span) { s.p + 1, s.len - 2 });
	if (!s.len)
		return "a section needs the name of a program";
	*ours = false;
	while (s.len) {
		size_t n = 0;

		while (n < s.len && !conf_blank(s.p[n]))
			n++;
		if (!conf_name((struct conf_span) { s.p, n }, pattern))
			return "a program's name of more than 63 bytes";
		if (strchr(pattern, '/') || strpbrk(pattern, "[]\""))
			return "a program's name has no directory, bracket or quote";
		*ours |= conf_matches(pattern, names);
		s = conf_trim((struct conf_span) { s.p + n, s.len - n });
	}
	return NULL;
}

static const char *conf_setting(struct conf_span s, struct wsp_conf *conf)
{
	const char *eq = memchr(s.p, '=', s.len);
	char name[CONF_MAX_NAME], buf[2 * WSP_CONF_MAX_DATA];
	struct conf_span val;
	const char *what;

	if (!eq)
		return "neither [program] nor name = value";
	if (!conf_name(conf_trim((struct conf_span) { s.p, eq - s.p }), name))
		return "no such setting";
	val = conf_trim((struct conf_span) { eq + 1, s.p + s.len - eq - 1 });
	if (val.len > sizeof(buf))
		return "the value is too long";
	what = conf_unquote(&val, buf);
	return what ? what : wsp_conf_set(conf, name, val.p, val.len);
}

/**
 * wsp_conf_text() - apply a file's text
 * @parse: to what, and whom to tell of errors
 * @text: the text
 * @len: bytes in it
 *
 * What stands before the first section is for every program. Of settings given
 * twice the later holds.
 *
 * Return: number of errors.
 */
unsigned int wsp_conf_text(const struct wsp_conf_parse *parse, const char *text, size_t len)
{
	const char *end = text + len, *next;
	unsigned int line = 0, errors = 0;
	bool ours = true;

	for (; text < end; text = next) {
		const char *nl = memchr(text, '\n', end - text);
		struct wsp_conf scratch;
		const char *what = NULL;
		struct conf_span s;

		line++;
		next = nl ? nl + 1 : end;
		s = conf_trim((struct conf_span) { text, (nl ? nl : end) - text });
		if (!s.len || *s.p == '#' || *s.p == ';')
			continue;
		if (memchr(s.p, 0, s.len))
			what = "a zero byte";
		else if (*s.p == '[')
			what = conf_section(s, parse->names, &ours);
		else
			what = conf_setting(s, ours ? parse->conf : &scratch);
		if (what) {
			parse->report(parse->arg, line, what);
			errors++;
		}
	}
	return errors;
}

static ssize_t conf_read(int fd, char *buf, size_t size)
{
	size_t len = 0;
	ssize_t n;

	while (len < size) {
		n = read(fd, buf + len, size - len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (!n)
			break;
		len += n;
	}
	return len;
}

/**
 * wsp_conf_file() - apply a file
 * @parse: to what, and whom to tell of errors
 * @path: of the file
 *
 * Return: number of errors, or -1 with errno set if it cannot be read (EFBIG: it
 * is too large).
 */
int wsp_conf_file(const struct wsp_conf_parse *parse, const char *path)
{
	/* Below, not close(): within the preloaded object that is a hook. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	int ret = -1, err;
	ssize_t len;
	char *buf;

	if (fd < 0)
		return -1;
	buf = mmap(NULL, WSP_CONF_MAX_FILE + 1, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (buf == MAP_FAILED) {
		err = errno;
		goto err_close;
	}
	len = conf_read(fd, buf, WSP_CONF_MAX_FILE + 1);
	err = len > WSP_CONF_MAX_FILE ? EFBIG : errno;
	if (len >= 0 && len <= WSP_CONF_MAX_FILE)
		ret = wsp_conf_text(parse, buf, len);
	munmap(buf, WSP_CONF_MAX_FILE + 1);
err_close:
	syscall(SYS_close, fd);
	errno = err;
	return ret;
}
