// SPDX-License-Identifier: GPL-2.0
/*
 * libshim/preload's settings: preload.conf as a whole, and each setting's value as
 * the environment gives it; then the disconnect data with its sequences replaced.
 * Input: the text; as a value without the first byte, which chooses the setting.
 */
#include <string.h>

#include "conf.h"
#include "expand.h"
#include "target.h"

static void preload_report(void *arg, unsigned int line, const char *what)
{
	target_check(what && *what && line);
	++*(unsigned int *)arg;
}

static void preload_holds(const struct wsp_conf *conf)
{
	static const struct wsp_expand with = {
		.pid = 4194304, .name = "a-name", .host = "a-host", .reason = "exit", .status = 255,
	};
	char room[64];
	struct wsp_text t = WSP_TEXT(room);

	target_check(conf->attach >= WSP_CONF_ATTACH_NONE && conf->attach <= WSP_CONF_ATTACH_ALL);
	target_check(conf->close >= WSP_CONF_CLOSE_ASYNC && conf->close <= WSP_CONF_CLOSE_STRICT);
	target_check(conf->log >= WSP_CONF_LOG_NONE && conf->log <= WSP_CONF_LOG_FILE);
	target_check(conf->linger >= WSP_CONF_LINGER_KEEP);
	target_check(conf->nports <= WSP_CONF_MAX_PORTS);
	target_check(conf->data_len <= sizeof(conf->data));
	target_check(memchr(conf->log_path, 0, sizeof(conf->log_path)));
	for (unsigned int i = 0; i < conf->nports; i++)
		target_check(conf->ports[i].first <= conf->ports[i].last);
	wsp_conf_port(conf, 80);
	wsp_conf_data_has(conf, 's');
	wsp_expand(&t, conf->data, conf->data_len, &with);
	target_check(t.len <= sizeof(room));
	t = WSP_TEXT(room);
	wsp_text_escaped(&t, conf->data, conf->data_len);
	target_check(t.len <= sizeof(room));
}

static void preload_value(const char *text, size_t size, unsigned int which)
{
	const struct wsp_conf_key *key = wsp_conf_keys;
	struct wsp_conf conf;

	while (which-- && key[1].name)
		key++;
	wsp_conf_init(&conf);
	key->set(&conf, text, size);
	preload_holds(&conf);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "nginx", "redis-server", NULL };
	unsigned int reported = 0, errors;
	struct wsp_conf conf;
	struct wsp_conf_parse parse = {
		.conf = &conf, .names = names, .report = preload_report, .arg = &reported,
	};

	wsp_conf_init(&conf);
	errors = wsp_conf_text(&parse, (const char *)data, size);
	target_check(errors == reported);
	preload_holds(&conf);
	if (size)
		preload_value((const char *)data + 1, size - 1, data[0] % 16);
	return 0;
}
