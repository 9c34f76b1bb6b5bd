// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Reads the file of installed providers:
 *
 *	[provider {6f0c93a1-…}]
 *	path = /usr/lib/libexample.so
 *
 *	[entry 2001]			# of the provider above
 *	name = TCP with something
 *	services = 0x20166
 *	flags = 8
 *	family = 2
 *	type = 1
 *	protocol = 6
 *	chain = 2001			# a layer: 0; a chain: 2002 1001
 *
 *	[order]
 *	first = 2001 1001
 *
 * All of it counts or, after the first mistake, nothing.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"
#include "provconf.h"
#include "wide.h"

#define CONF_FIELD(key, name, required) \
	{ key, offsetof(WSAPROTOCOL_INFOW, name), required }

const struct wsp_conf_field wsp_conf_fields[] = {
	CONF_FIELD("services", dwServiceFlags1, true),
	CONF_FIELD("services2", dwServiceFlags2, false),
	CONF_FIELD("services3", dwServiceFlags3, false),
	CONF_FIELD("services4", dwServiceFlags4, false),
	CONF_FIELD("flags", dwProviderFlags, false),
	CONF_FIELD("version", iVersion, false),
	CONF_FIELD("family", iAddressFamily, true),
	CONF_FIELD("maxaddr", iMaxSockAddr, false),
	CONF_FIELD("minaddr", iMinSockAddr, false),
	CONF_FIELD("type", iSocketType, true),
	CONF_FIELD("protocol", iProtocol, true),
	CONF_FIELD("maxoffset", iProtocolMaxOffset, false),
	CONF_FIELD("byteorder", iNetworkByteOrder, false),
	CONF_FIELD("security", iSecurityScheme, false),
	CONF_FIELD("message", dwMessageSize, false),
};

const size_t wsp_conf_nfields = ARRAY_SIZE(wsp_conf_fields);

enum conf_section { CONF_NONE, CONF_PROVIDER, CONF_ENTRY, CONF_ORDER };

struct conf_parser {
	struct wsp_conf *conf;
	enum conf_section section;
	unsigned int line;
	unsigned int header;	/* line of the section's header */
	uint32_t seen;		/* bits of fields */
	bool named;
	bool chained;
	bool failed;
};

static void conf_complain(struct conf_parser *p, unsigned int line, const char *what,
			  const char *about)
{
	if (p->failed)
		return;
	fprintf(stderr, "wsp: %s:%u: %s%s%s\n", wsp_conf_path(), line, what, about ? ": " : "",
		about ? about : "");
	p->failed = true;
}

static bool conf_guid(const char *s, GUID *id)
{
	unsigned int d1, d2, d3, b[8];
	int used = 0;

	if (sscanf(s, "{%8x-%4x-%4x-%2x%2x-%2x%2x%2x%2x%2x%2x}%n", &d1, &d2, &d3, &b[0], &b[1],
		   &b[2], &b[3], &b[4], &b[5], &b[6], &b[7], &used) != 11 ||
	    used != 38 || s[used])
		return false;
	id->Data1 = d1;
	id->Data2 = d2;
	id->Data3 = d3;
	for (int i = 0; i < 8; i++)
		id->Data4[i] = b[i];
	return true;
}

static bool conf_number(const char *s, char **end, uint32_t *out)
{
	long long n;

	errno = 0;
	n = strtoll(s, end, 0);
	if (errno || *end == s || n < INT32_MIN || n > UINT32_MAX)
		return false;
	*out = (uint32_t)n;
	return true;
}

/* Room for one more; the arrays are short. */
static void *conf_grow(struct conf_parser *p, void *array, size_t n, size_t size)
{
	char *bigger = realloc(array, (n + 1) * size);

	if (!bigger) {
		conf_complain(p, p->line, "out of memory", NULL);
		return NULL;
	}
	memset(bigger + n * size, 0, size);
	return bigger;
}

static WSAPROTOCOL_INFOW *conf_last_entry(struct conf_parser *p)
{
	return &p->conf->entries[p->conf->nentries - 1];
}

static struct wsp_conf_provider *conf_last_provider(struct conf_parser *p)
{
	return &p->conf->providers[p->conf->nproviders - 1];
}

/* What a section must have is known when it ends. */
static void conf_finish_section(struct conf_parser *p)
{
	if (p->section == CONF_PROVIDER && !conf_last_provider(p)->path[0])
		conf_complain(p, p->header, "the provider has no path", NULL);
	if (p->section != CONF_ENTRY)
		return;
	if (!p->named)
		conf_complain(p, p->header, "the entry has no name", NULL);
	for (size_t i = 0; i < wsp_conf_nfields; i++)
		if (wsp_conf_fields[i].required && !(p->seen & 1u << i))
			conf_complain(p, p->header, "the entry lacks", wsp_conf_fields[i].key);
}

static void conf_begin_provider(struct conf_parser *p, const char *arg, size_t begin)
{
	struct wsp_conf *conf = p->conf;
	struct wsp_conf_provider *grown;
	GUID id;

	if (!conf_guid(arg, &id)) {
		conf_complain(p, p->line, "not a provider's number", arg);
		return;
	}
	if (wsp_conf_find(conf, &id)) {
		conf_complain(p, p->line, "there already", arg);
		return;
	}
	grown = conf_grow(p, conf->providers, conf->nproviders, sizeof(*grown));
	if (!grown)
		return;
	conf->providers = grown;
	conf->nproviders++;
	conf_last_provider(p)->id = id;
	conf_last_provider(p)->begin = begin;
	p->section = CONF_PROVIDER;
}

static void conf_begin_entry(struct conf_parser *p, const char *arg)
{
	struct wsp_conf *conf = p->conf;
	WSAPROTOCOL_INFOW *grown;
	uint32_t id;
	char *end;

	if (p->section != CONF_PROVIDER && p->section != CONF_ENTRY) {
		conf_complain(p, p->line, "an entry belongs below its provider", NULL);
		return;
	}
	if (!conf_number(arg, &end, &id) || *end || id < WSP_CONF_FIRST_ID) {
		conf_complain(p, p->line, "not a number above 2000", arg);
		return;
	}
	for (size_t i = 0; i < conf->nentries; i++)
		if (conf->entries[i].dwCatalogEntryId == id)
			conf_complain(p, p->line, "there already", arg);
	grown = conf_grow(p, conf->entries, conf->nentries, sizeof(*grown));
	if (!grown)
		return;
	conf->entries = grown;
	conf->nentries++;
	grown = conf_last_entry(p);
	grown->dwCatalogEntryId = id;
	grown->ProviderId = conf_last_provider(p)->id;
	grown->iVersion = 2;
	grown->ProtocolChain.ChainLen = BASE_PROTOCOL;
	grown->ProtocolChain.ChainEntries[0] = id;
	p->section = CONF_ENTRY;
	p->seen = 0;
	p->named = false;
	p->chained = false;
}

static void conf_header(struct conf_parser *p, char *line, size_t begin)
{
	size_t len = strlen(line);
	char *arg;

	conf_finish_section(p);
	p->header = p->line;
	if (line[len - 1] != ']') {
		conf_complain(p, p->line, "no ] at the end", line);
		return;
	}
	line[len - 1] = '\0';
	arg = strchr(line, ' ');
	if (arg)
		*arg++ = '\0';
	if (!strcmp(line, "[provider") && arg) {
		conf_begin_provider(p, arg, begin);
	} else if (!strcmp(line, "[entry") && arg) {
		conf_begin_entry(p, arg);
	} else if (!strcmp(line, "[order") && !arg && !p->conf->order_end) {
		p->conf->order_begin = begin;
		p->section = CONF_ORDER;
	} else {
		conf_complain(p, p->line, "unknown or repeated section", line + 1);
	}
}

static void conf_set_path(struct conf_parser *p, const char *value)
{
	struct wsp_conf_provider *prov = conf_last_provider(p);

	if (*value != '/' || strlen(value) >= sizeof(prov->path))
		conf_complain(p, p->line, "the path is not absolute", value);
	else if (prov->path[0])
		conf_complain(p, p->line, "a second path", NULL);
	else
		memcpy(prov->path, value, strlen(value) + 1);
}

/* "0" alone is a layer. */
static void conf_set_chain(struct conf_parser *p, const char *value)
{
	WSAPROTOCOLCHAIN *chain = &conf_last_entry(p)->ProtocolChain;
	uint32_t id;
	char *end;

	if (p->chained)
		conf_complain(p, p->line, "a second chain", NULL);
	p->chained = true;
	chain->ChainLen = 0;
	for (; *value; value = end) {
		if (!conf_number(value, &end, &id) || (*end && *end != ' ') ||
		    chain->ChainLen == MAX_PROTOCOL_CHAIN || (!id && chain->ChainLen)) {
			conf_complain(p, p->line, "bad chain", value);
			return;
		}
		if (!id && !*end) {
			chain->ChainEntries[0] = 0;
			return;
		}
		chain->ChainEntries[chain->ChainLen++] = id;
	}
}

static void conf_entry_key(struct conf_parser *p, const char *key, const char *value)
{
	WSAPROTOCOL_INFOW *entry = conf_last_entry(p);
	uint32_t n;
	char *end;

	if (!strcmp(key, "name")) {
		if (p->named || wsp_wide_from_utf8(entry->szProtocol, WSAPROTOCOL_LEN + 1, value) >
				WSAPROTOCOL_LEN + 1)
			conf_complain(p, p->line, "a second name, or one too long", value);
		p->named = true;
		return;
	}
	if (!strcmp(key, "chain")) {
		conf_set_chain(p, value);
		return;
	}
	for (size_t i = 0; i < wsp_conf_nfields; i++) {
		if (strcmp(key, wsp_conf_fields[i].key))
			continue;
		if (p->seen & 1u << i || !conf_number(value, &end, &n) || *end) {
			conf_complain(p, p->line, "wants one number, once", key);
			return;
		}
		p->seen |= 1u << i;
		memcpy((char *)entry + wsp_conf_fields[i].off, &n, sizeof(n));
		return;
	}
	conf_complain(p, p->line, "unknown key", key);
}

static void conf_set_order(struct conf_parser *p, const char *value)
{
	struct wsp_conf *conf = p->conf;
	uint32_t id;
	char *end;

	for (; *value; value = end) {
		DWORD *grown;

		if (!conf_number(value, &end, &id) || (*end && *end != ' ')) {
			conf_complain(p, p->line, "bad order", value);
			return;
		}
		grown = conf_grow(p, conf->order, conf->norder, sizeof(*grown));
		if (!grown)
			return;
		conf->order = grown;
		conf->order[conf->norder++] = id;
	}
}

static void conf_key(struct conf_parser *p, char *line)
{
	char *value = strchr(line, '=');
	char *end = value;

	if (!value) {
		conf_complain(p, p->line, "neither a section nor key = value", line);
		return;
	}
	while (end > line && end[-1] == ' ')
		end--;
	*end = '\0';
	value += 1 + strspn(value + 1, " ");
	if (!*value)
		conf_complain(p, p->line, "no value", line);
	else if (p->section == CONF_PROVIDER && !strcmp(line, "path"))
		conf_set_path(p, value);
	else if (p->section == CONF_ENTRY)
		conf_entry_key(p, line, value);
	else if (p->section == CONF_ORDER && !strcmp(line, "first"))
		conf_set_order(p, value);
	else
		conf_complain(p, p->line, "unknown key", line);
}

/* Blanks become spaces; a comment begins the line or follows a blank. */
static char *conf_trim(char *line)
{
	char *p;

	for (p = line; *p; p++) {
		if (*p == '\t' || *p == '\r')
			*p = ' ';
		if (*p == '#' && (p == line || p[-1] == ' ')) {
			*p = '\0';
			break;
		}
	}
	while (p > line && p[-1] == ' ')
		*--p = '\0';
	return line + strspn(line, " ");
}

static void conf_lines(struct conf_parser *p)
{
	struct wsp_conf *conf = p->conf;
	char *copy = strdup(conf->text);
	size_t off = 0;

	if (!copy) {
		conf_complain(p, 0, "out of memory", NULL);
		return;
	}
	while (off < conf->len && !p->failed) {
		size_t len = strcspn(copy + off, "\n");
		size_t next = off + len + (copy[off + len] == '\n');
		char *line;

		copy[off + len] = '\0';
		p->line++;
		line = conf_trim(copy + off);
		if (*line == '[')
			conf_header(p, line, off);
		else if (*line)
			conf_key(p, line);
		/* A section ends with its last line; comments below are not its own. */
		if (*line && !p->failed && p->section == CONF_ORDER)
			conf->order_end = next;
		else if (*line && !p->failed && conf->nproviders)
			conf_last_provider(p)->end = next;
		off = next;
	}
	conf_finish_section(p);
	free(copy);
}

/**
 * wsp_conf_parse() - understand the text
 * @conf: with its text; the rest is filled in
 *
 * The first mistake goes to stderr.
 *
 * Return: 0 or WSANO_RECOVERY.
 */
int wsp_conf_parse(struct wsp_conf *conf)
{
	struct conf_parser p = { .conf = conf };

	conf_lines(&p);
	return p.failed ? WSANO_RECOVERY : 0;
}
