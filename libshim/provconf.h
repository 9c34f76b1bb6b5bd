/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The file of installed providers. */
#ifndef WSP_PROVCONF_H
#define WSP_PROVCONF_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include <wsp/wsp.h>

/**
 * struct wsp_conf_provider - a provider in the file
 * @id: its number
 * @path: its shared object
 * @begin: where its lines begin in the text
 * @end: where they end
 */
struct wsp_conf_provider {
	GUID id;
	char path[PATH_MAX];
	size_t begin;
	size_t end;
};

/**
 * struct wsp_conf - what the file says
 * @text: all of it
 * @len: bytes there
 * @providers: its providers
 * @nproviders: how many
 * @entries: their protocols
 * @nentries: how many
 * @order: catalogue numbers that go first
 * @norder: how many
 * @order_begin: where that section begins in the text
 * @order_end: where it ends; 0 without one
 */
struct wsp_conf {
	char *text;
	size_t len;
	struct wsp_conf_provider *providers;
	size_t nproviders;
	WSAPROTOCOL_INFOW *entries;
	size_t nentries;
	DWORD *order;
	size_t norder;
	size_t order_begin;
	size_t order_end;
};

/* Catalogue numbers below are the library's own. */
#define WSP_CONF_FIRST_ID	2001

/* provconf.c */
int wsp_conf_parse(struct wsp_conf *conf);

/* provfile.c */
const char *wsp_conf_path(void);
int wsp_conf_read(struct wsp_conf *conf);
void wsp_conf_free(struct wsp_conf *conf);
bool wsp_conf_same_guid(const GUID *a, const GUID *b);
const struct wsp_conf_provider *wsp_conf_find(const struct wsp_conf *conf, const GUID *id);

int wsp_conf_install(const GUID *id, const char *path, const WSAPROTOCOL_INFOW *infos, size_t n);
int wsp_conf_remove(const GUID *id);
int wsp_conf_reorder(const DWORD *ids, size_t n);

/* The keys of an [entry] that are numbers. */
struct wsp_conf_field {
	const char *key;
	size_t off;
	bool required;
};

extern const struct wsp_conf_field wsp_conf_fields[];
extern const size_t wsp_conf_nfields;

#endif /* WSP_PROVCONF_H */
