// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Providers in shared objects: loaded when the first socket of theirs is asked
 * for, started once, cleaned up at the last WSACleanup(), never unloaded, since
 * calls of other threads may be inside.
 */
#include <dlfcn.h>
#include <limits.h>
#include <link.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalog.h"
#include "ce.h"
#include "internal.h"
#include "provconf.h"
#include "provider.h"
#include "upcall.h"

#define PROVIDER_MAX	64

typedef int (*provider_start_fn)(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW info,
				 WSPUPCALLTABLE upcalls, LPWSPPROC_TABLE table);

struct provider {
	GUID id;
	bool started;
	bool starting;
	/* Replaced as a whole at a new start; the old one stays, for its readers. */
	const WSPPROC_TABLE *_Atomic table;
};

static pthread_mutex_t provider_lock = PTHREAD_MUTEX_INITIALIZER;
/*
 * A provider may make upcalls while it starts, in this thread.  A recursive lock
 * would know its owner, who is another thread in the child of a fork().
 */
static _Thread_local bool provider_locked;
static _Thread_local bool provider_forking;
/* Under the lock, but for the tables. */
static struct provider providers[PROVIDER_MAX];
static unsigned int provider_n = WSP_PROVIDER_OTHER;

/**
 * wsp_provider_table() - a provider's entry points
 * @n: its number, not the built-in one's
 *
 * Return: its table.
 */
const WSPPROC_TABLE *wsp_provider_table(unsigned int n)
{
	return atomic_load_explicit(&providers[n].table, memory_order_acquire);
}

static bool provider_take_lock(void)
{
	if (provider_locked)
		return false;
	pthread_mutex_lock(&provider_lock);
	provider_locked = true;
	return true;
}

static void provider_drop_lock(bool taken)
{
	if (!taken)
		return;
	provider_locked = false;
	pthread_mutex_unlock(&provider_lock);
}

static bool provider_table_complete(const WSPPROC_TABLE *table)
{
	void *entries[sizeof(*table) / sizeof(void *)];

	memcpy(entries, table, sizeof(entries));
	for (size_t i = 0; i < ARRAY_SIZE(entries); i++)
		if (!entries[i])
			return false;
	return true;
}

/*
 * Looked up by name, what the object does not have itself comes from what it is
 * linked to: from this library.
 */
static provider_start_fn provider_find_start(void *dl)
{
	struct link_map *map;
	Dl_info where;
	void *fn = dlsym(dl, "WSPStartup");

	if (!fn || dlinfo(dl, RTLD_DI_LINKMAP, &map) || !dladdr(fn, &where) ||
	    where.dli_fbase != (void *)map->l_addr)
		return NULL;
	return (provider_start_fn)fn;
}

static int provider_open(const GUID *id, provider_start_fn *start)
{
	char path[PATH_MAX];
	void *dl;

	if (wsp_catalog_path(id, path, sizeof(path)))
		return WSAEPROVIDERFAILEDINIT;
	dl = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!dl) {
		fprintf(stderr, "wsp: %s\n", dlerror());
		return WSAEPROVIDERFAILEDINIT;
	}
	*start = provider_find_start(dl);
	if (*start)
		return 0;
	fprintf(stderr, "wsp: %s: no WSPStartup\n", path);
	dlclose(dl);
	return WSAEPROVIDERFAILEDINIT;
}

static int provider_start(struct provider *p, const WSAPROTOCOL_INFOW *entry)
{
	WSAPROTOCOL_INFOW info = *entry;
	WSPUPCALLTABLE upcalls;
	provider_start_fn start;
	WSPDATA data = { 0 };
	WSPPROC_TABLE *table;
	int code, cleanup_err;

	code = provider_open(&p->id, &start);
	if (code)
		return code;
	table = calloc(1, sizeof(*table));
	if (!table)
		return WSAENOBUFS;
	wsp_upcall_own(&upcalls);
	p->starting = true;
	code = start(MAKEWORD(2, 2), &data, &info, upcalls, table) ? WSAEPROVIDERFAILEDINIT : 0;
	p->starting = false;
	if (code)
		goto err_free;
	code = WSAEINVALIDPROCTABLE;
	if (!provider_table_complete(table))
		goto err_cleanup;
	code = WSAEINVALIDPROVIDER;
	if (data.wVersion != MAKEWORD(2, 2))
		goto err_cleanup;
	atomic_store_explicit(&p->table, table, memory_order_release);
	p->started = true;
	return 0;
err_cleanup:
	if (table->lpWSPCleanup)
		table->lpWSPCleanup(&cleanup_err);
err_free:
	free(table);
	return code;
}

/* The part of a chain that comes first is whose code is called. */
static bool provider_implementer(const WSAPROTOCOL_INFOW *entry, GUID *id)
{
	WSAPROTOCOL_INFOW first;

	*id = entry->ProviderId;
	if (entry->ProtocolChain.ChainLen <= BASE_PROTOCOL)
		return true;
	if (!wsp_catalog_by_id(entry->ProtocolChain.ChainEntries[0], &first))
		return false;
	*id = first.ProviderId;
	return true;
}

static struct provider *provider_slot(const GUID *id)
{
	for (unsigned int i = WSP_PROVIDER_OTHER; i < provider_n; i++)
		if (wsp_conf_same_guid(&providers[i].id, id))
			return &providers[i];
	if (provider_n == PROVIDER_MAX)
		return NULL;
	providers[provider_n].id = *id;
	return &providers[provider_n++];
}

/* The library's own, with Windows CE's gaps. */
static const WSPPROC_TABLE *provider_ce(void)
{
	static WSPPROC_TABLE table;

	if (!table.lpWSPSocket)
		wsp_ce_table(&table);
	return &table;
}

/**
 * wsp_provider_use() - find the provider of an entry, starting it if need be
 * @entry: catalogue entry
 * @n: out: its number
 *
 * Return: 0, WSAEPROVIDERFAILEDINIT, WSAEINVALIDPROVIDER, WSAEINVALIDPROCTABLE,
 * WSAENOBUFS.
 */
int wsp_provider_use(const WSAPROTOCOL_INFOW *entry, unsigned int *n)
{
	struct provider *p;
	int code = 0;
	bool taken;
	GUID id;

	*n = WSP_PROVIDER_BUILTIN;
	if (wsp_conf_same_guid(&entry->ProviderId, &wsp_catalog_guid))
		return 0;
	if (!provider_implementer(entry, &id))
		return WSAEPROVIDERFAILEDINIT;
	taken = provider_take_lock();
	if (wsp_conf_same_guid(&id, &wsp_catalog_ce_guid)) {
		p = &providers[WSP_PROVIDER_CE];
		atomic_store_explicit(&p->table, provider_ce(), memory_order_release);
	} else {
		p = provider_slot(&id);
		if (!p)
			code = WSAENOBUFS;
		else if (!p->started && !p->starting)
			code = provider_start(p, entry);
	}
	provider_drop_lock(taken);
	if (!code)
		*n = p - providers;
	return code;
}

/**
 * wsp_provider_choose() - whose socket shall it be?
 * @af: as for WSASocketW()
 * @type: as there
 * @protocol: as there
 * @info: in: the caller's entry or NULL, out: what to give to the provider
 * @room: for an entry found here
 * @n: out: the provider's number
 *
 * Return: 0, WSAEFAULT, WSAEINVAL (no such entry) or what wsp_provider_use()
 * returns.
 */
int wsp_provider_choose(int af, int type, int protocol, LPWSAPROTOCOL_INFOW *info,
			LPWSAPROTOCOL_INFOW room, unsigned int *n)
{
	WSAPROTOCOL_INFOW entry;
	DWORD id;

	*n = WSP_PROVIDER_BUILTIN;
	if (!*info) {
		if (!atomic_load(&wsp_catalog_has_others) ||
		    !wsp_catalog_match(af, type, protocol, room))
			return 0;
		*info = room;
		return wsp_provider_use(room, n);
	}
	if (!wsp_mem_read(room, *info, sizeof(*room)))
		return WSAEFAULT;
	*info = room;
	id = room->dwCatalogEntryId;
	/* One that was put together by hand, for the built-in provider. */
	if (!id)
		return 0;
	if (!wsp_catalog_by_id(id, &entry))
		return WSAEINVAL;
	return wsp_provider_use(&entry, n);
}

/**
 * wsp_provider_cleanup() - at the last WSACleanup(): end the providers' sockets
 */
void wsp_provider_cleanup(void)
{
	bool taken = provider_take_lock();

	for (unsigned int i = WSP_PROVIDER_OTHER; i < provider_n; i++) {
		int err;

		if (!providers[i].started)
			continue;
		wsp_provider_table(i)->lpWSPCleanup(&err);
		providers[i].started = false;
	}
	provider_drop_lock(taken);
}

/**
 * wsp_provider_fork_prepare() - before fork()
 */
void wsp_provider_fork_prepare(void)
{
	provider_forking = provider_take_lock();
}

/**
 * wsp_provider_fork_done() - after fork(), in parent and child
 */
void wsp_provider_fork_done(void)
{
	provider_drop_lock(provider_forking);
}
