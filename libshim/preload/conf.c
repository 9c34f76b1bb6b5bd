// SPDX-License-Identifier: LGPL-2.1-or-later
/* The settings: names, values, defaults.  No malloc: a program's start is early. */
#include <stdlib.h>
#include <string.h>

#include "conf.h"

#define CONF_MAX_LINGER	65535

/* One of a few words. */
struct conf_word {
	const char *word;
	int value;
};

static const struct conf_word conf_attach_words[] = {
	{ "all", WSP_CONF_ATTACH_ALL },
	{ "listen", WSP_CONF_ATTACH_LISTEN },
	{ "connect", WSP_CONF_ATTACH_CONNECT },
	{ "none", WSP_CONF_ATTACH_NONE },
	{ }
};

static const struct conf_word conf_close_words[] = {
	{ "async", WSP_CONF_CLOSE_ASYNC },
	{ "plain", WSP_CONF_CLOSE_PLAIN },
	{ "strict", WSP_CONF_CLOSE_STRICT },
	{ }
};

static const struct conf_word conf_bool_words[] = {
	{ "yes", true },
	{ "no", false },
	{ }
};

static const struct conf_word conf_log_words[] = {
	{ "none", WSP_CONF_LOG_NONE },
	{ "stderr", WSP_CONF_LOG_STDERR },
	{ "syslog", WSP_CONF_LOG_SYSLOG },
	{ }
};

/* Digits only; false also for what is above @max. */
static bool conf_number(const char *val, size_t len, long max, long *n)
{
	if (!len)
		return false;
	for (*n = 0; len--; val++) {
		if (*val < '0' || *val > '9')
			return false;
		*n = *n * 10 + *val - '0';
		if (*n > max)
			return false;
	}
	return true;
}

static bool conf_word(const struct conf_word *w, const char *val, size_t len, int *out)
{
	for (; w->word; w++) {
		if (strlen(w->word) == len && !memcmp(w->word, val, len)) {
			*out = w->value;
			return true;
		}
	}
	return false;
}

static const char *conf_set_attach(struct wsp_conf *conf, const char *val, size_t len)
{
	if (conf_word(conf_attach_words, val, len, &conf->attach))
		return NULL;
	return "attach is all, listen, connect or none";
}

static const char *conf_set_close(struct wsp_conf *conf, const char *val, size_t len)
{
	if (conf_word(conf_close_words, val, len, &conf->close))
		return NULL;
	return "close is async, plain or strict";
}

static const char *conf_set_log_peer(struct wsp_conf *conf, const char *val, size_t len)
{
	int on;

	if (!conf_word(conf_bool_words, val, len, &on))
		return "log-peer is yes or no";
	conf->log_peer = on;
	return NULL;
}

static const char *conf_set_log(struct wsp_conf *conf, const char *val, size_t len)
{
	if (conf_word(conf_log_words, val, len, &conf->log))
		return NULL;
	if (!len || *val != '/')
		return "log is none, stderr, syslog or the path of a file";
	if (len >= sizeof(conf->log_path))
		return "the log's path is too long";
	memcpy(conf->log_path, val, len);
	conf->log_path[len] = 0;
	conf->log = WSP_CONF_LOG_FILE;
	return NULL;
}

static const char *conf_set_linger(struct wsp_conf *conf, const char *val, size_t len)
{
	static const struct conf_word words[] = {
		{ "keep", WSP_CONF_LINGER_KEEP },
		{ "off", 0 },
		{ }
	};
	long n;

	if (conf_word(words, val, len, &conf->linger))
		return NULL;
	if (!conf_number(val, len, CONF_MAX_LINGER, &n) || !n)
		return "linger is keep, off or 1 to 65535 seconds";
	conf->linger = n;
	return NULL;
}

/* "80" or "8000-8100", with blanks around it. */
static bool conf_range(const char *val, size_t len, struct wsp_conf_range *range)
{
	const char *dash;
	long first, last;

	while (len && *val == ' ')
		val++, len--;
	while (len && val[len - 1] == ' ')
		len--;
	dash = memchr(val, '-', len);
	if (!conf_number(val, dash ? (size_t)(dash - val) : len, 65535, &first) || !first)
		return false;
	last = first;
	if (dash && !conf_number(dash + 1, val + len - dash - 1, 65535, &last))
		return false;
	if (last < first)
		return false;
	range->first = first;
	range->last = last;
	return true;
}

static const char *conf_set_ports(struct wsp_conf *conf, const char *val, size_t len)
{
	struct wsp_conf_range ports[WSP_CONF_MAX_PORTS];
	const char *end = val + len;
	unsigned int n = 0;

	if (len == 3 && !memcmp(val, "all", 3)) {
		conf->nports = 0;
		return NULL;
	}
	for (;;) {
		const char *comma = memchr(val, ',', end - val);
		const char *stop = comma ? comma : end;

		if (n == WSP_CONF_MAX_PORTS)
			return "more than 16 ports and ranges";
		if (!conf_range(val, stop - val, &ports[n++]))
			return "ports is all, or numbers and ranges: 80, 8000-8100";
		if (!comma)
			break;
		val = comma + 1;
	}
	memcpy(conf->ports, ports, sizeof(ports));
	conf->nports = n;
	return NULL;
}

static const char *conf_set_data(struct wsp_conf *conf, const char *val, size_t len)
{
	const char *p, *end = val + len;

	if (len > sizeof(conf->data))
		return "disconnect data is longer than 512 bytes";
	for (p = val; p < end; p++) {
		if (*p != '%')
			continue;
		if (++p == end || !*p || !strchr("pnhs%", *p))
			return "% in disconnect data begins %p, %n, %h, %s or %%";
	}
	memcpy(conf->data, val, len);
	conf->data_len = len;
	return NULL;
}

const struct wsp_conf_key wsp_conf_keys[] = {
	{ "attach", "WSP_ATTACH", conf_set_attach },
	{ "ports", "WSP_PORTS", conf_set_ports },
	{ "disconnect-data", "WSP_DISCONNECT_DATA", conf_set_data },
	{ "linger", "WSP_LINGER", conf_set_linger },
	{ "close", "WSP_CLOSE", conf_set_close },
	{ "log", "WSP_LOG", conf_set_log },
	{ "log-peer", "WSP_LOG_PEER", conf_set_log_peer },
	{ }
};

/**
 * wsp_conf_init() - the defaults
 * @conf: out
 */
void wsp_conf_init(struct wsp_conf *conf)
{
	*conf = (struct wsp_conf) {
		.attach = WSP_CONF_ATTACH_ALL,
		.close = WSP_CONF_CLOSE_ASYNC,
		.log = WSP_CONF_LOG_STDERR,
		.log_peer = true,
		.linger = WSP_CONF_LINGER_KEEP,
	};
}

/**
 * wsp_conf_set() - change one setting
 * @conf: settings
 * @name: which
 * @val: its value, not terminated
 * @len: bytes at @val
 *
 * Return: NULL, or what is wrong; nothing is changed then.
 */
const char *wsp_conf_set(struct wsp_conf *conf, const char *name, const char *val, size_t len)
{
	for (const struct wsp_conf_key *k = wsp_conf_keys; k->name; k++) {
		if (!strcmp(k->name, name))
			return k->set(conf, val, len);
	}
	return "no such setting";
}

/**
 * wsp_conf_port() - whether sockets of this port take part
 * @conf: settings
 * @port: local port of a listener, or port to connect to
 */
bool wsp_conf_port(const struct wsp_conf *conf, uint16_t port)
{
	if (!conf->nports)
		return true;
	for (unsigned int i = 0; i < conf->nports; i++) {
		if (port >= conf->ports[i].first && port <= conf->ports[i].last)
			return true;
	}
	return false;
}

/**
 * wsp_conf_data_has() - whether the disconnect data depends on something
 * @conf: settings
 * @what: letter of the % sequence
 */
bool wsp_conf_data_has(const struct wsp_conf *conf, char what)
{
	for (size_t i = 0; i + 1 < conf->data_len; i++) {
		if (conf->data[i] == '%' && conf->data[++i] == what)
			return true;
	}
	return false;
}

/**
 * wsp_conf_env() - apply the environment
 * @conf: settings
 * @report: is told of errors; what is wrong is passed over
 * @arg: for @report
 *
 * Return: number of errors.
 */
unsigned int wsp_conf_env(struct wsp_conf *conf, wsp_conf_report *report, void *arg)
{
	unsigned int errors = 0;

	for (const struct wsp_conf_key *k = wsp_conf_keys; k->name; k++) {
		const char *val = getenv(k->env);
		const char *what;

		if (!val)
			continue;
		what = k->set(conf, val, strlen(val));
		if (what) {
			report(arg, 0, what);
			errors++;
		}
	}
	return errors;
}
