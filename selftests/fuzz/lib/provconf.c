// SPDX-License-Identifier: GPL-2.0
/* libshim/provconf.c: the file of installed providers. Input: its text. */
#include <string.h>

#include "provconf.h"
#include "target.h"

static void provconf_holds(const struct wsp_conf *conf)
{
	for (size_t i = 0; i < conf->nproviders; i++) {
		const struct wsp_conf_provider *p = &conf->providers[i];

		target_check(wsp_conf_find(conf, &p->id) == p);
		target_check(p->path[0] == '/' && strnlen(p->path, sizeof(p->path)) <
			     sizeof(p->path));
		target_check(p->begin < p->end && p->end <= conf->len);
		target_check(conf->text[p->begin] != '\n' || p->begin < conf->len);
	}
	for (size_t i = 0; i < conf->nentries; i++) {
		const WSAPROTOCOL_INFOW *info = &conf->entries[i];

		target_check(info->dwCatalogEntryId >= WSP_CONF_FIRST_ID);
		target_check(info->ProtocolChain.ChainLen >= 0 &&
			     info->ProtocolChain.ChainLen <= MAX_PROTOCOL_CHAIN);
		target_check(wsp_conf_find(conf, &info->ProviderId));
		for (size_t j = 0; j < i; j++)
			target_check(info->dwCatalogEntryId != conf->entries[j].dwCatalogEntryId);
	}
	target_check(conf->order_begin <= conf->order_end || !conf->order_end);
	target_check(conf->order_end <= conf->len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wsp_conf conf = { .text = calloc(1, size + 1), .len = size };

	target_check(conf.text);
	if (size)
		memcpy(conf.text, data, size);
	/* Others have been refused when the file was read. */
	if (strlen(conf.text) == size && !wsp_conf_parse(&conf))
		provconf_holds(&conf);
	wsp_conf_free(&conf);
	return 0;
}
