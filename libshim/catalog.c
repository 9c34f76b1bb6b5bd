// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The catalogue: the library's own entries and those of the file, in order.
 * It is in memory all the time; what the file says is taken over when a process
 * calls WSAStartup() for the first time or asks for the catalogue.
 */
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "catalog.h"
#include "ce.h"
#include "dispatch.h"
#include "internal.h"
#include "provconf.h"
#include "provider.h"
#include "wide.h"

#define CATALOG_STREAM	(XP1_GUARANTEED_DELIVERY | XP1_GUARANTEED_ORDER | XP1_GRACEFUL_CLOSE | \
			 XP1_EXPEDITED_DATA | XP1_IFS_HANDLES)
#define CATALOG_DGRAM	(XP1_CONNECTIONLESS | XP1_MESSAGE_ORIENTED | XP1_SUPPORT_BROADCAST | \
			 XP1_SUPPORT_MULTIPOINT | XP1_IFS_HANDLES)
static_assert(CATALOG_STREAM == 0x20066 && CATALOG_DGRAM == 0x20609, "IN-4");

/* The longest datagram: 65535 bytes without the headers that count among them. */
#define CATALOG_DGRAM4	65507
#define CATALOG_DGRAM6	65527

const GUID wsp_catalog_guid = {
	0xd2c69d7e, 0x1f0b, 0x4f5c, { 0x8e, 0x31, 0x57, 0x53, 0x70, 0x6c, 0x69, 0x62 }
};

const GUID wsp_catalog_ce_guid = {
	0xd2c69d7f, 0x1f0b, 0x4f5c, { 0x8e, 0x31, 0x57, 0x53, 0x70, 0x6c, 0x69, 0x62 }
};

_Atomic bool wsp_catalog_has_others;

static const struct catalog_builtin {
	DWORD id;
	const char *name;
	DWORD services;
	int family;
	int type;
	bool ce;
} catalog_builtins[] = {
	{ 1001, "TCP/IP with disconnect data", CATALOG_STREAM | XP1_DISCONNECT_DATA,
	  AF_INET, SOCK_STREAM, false },
	{ 1002, "TCP/IP", CATALOG_STREAM, AF_INET, SOCK_STREAM, false },
	{ 1003, "UDP/IP", CATALOG_DGRAM, AF_INET, SOCK_DGRAM, false },
	{ 1004, "TCP/IPv6 with disconnect data", CATALOG_STREAM | XP1_DISCONNECT_DATA,
	  WS_AF_INET6, SOCK_STREAM, false },
	{ 1005, "TCP/IPv6", CATALOG_STREAM, WS_AF_INET6, SOCK_STREAM, false },
	{ 1006, "UDP/IPv6", CATALOG_DGRAM, WS_AF_INET6, SOCK_DGRAM, false },
	{ 1011, "TCP/IP as on Windows CE", CATALOG_STREAM, AF_INET, SOCK_STREAM, true },
	{ 1012, "UDP/IP as on Windows CE", CATALOG_DGRAM, AF_INET, SOCK_DGRAM, true },
	{ 1013, "TCP/IPv6 as on Windows CE", CATALOG_STREAM, WS_AF_INET6, SOCK_STREAM, true },
	{ 1014, "UDP/IPv6 as on Windows CE", CATALOG_DGRAM, WS_AF_INET6, SOCK_DGRAM, true },
};

static pthread_mutex_t catalog_lock = PTHREAD_MUTEX_INITIALIZER;
/* All below: under the lock. */
static struct wsp_conf catalog_conf;
static WSAPROTOCOL_INFOW *catalog_entries;
static size_t catalog_n;
static int catalog_code;
static struct stat catalog_stamp;
static bool catalog_read;

static void catalog_fill(const struct catalog_builtin *b, WSAPROTOCOL_INFOW *info)
{
	bool v4 = b->family == AF_INET;

	memset(info, 0, sizeof(*info));
	info->dwServiceFlags1 = b->services;
	info->dwProviderFlags = PFL_MATCHES_PROTOCOL_ZERO | (b->ce ? PFL_HIDDEN : 0);
	info->ProviderId = b->ce ? wsp_catalog_ce_guid : wsp_catalog_guid;
	info->dwCatalogEntryId = b->id;
	info->ProtocolChain.ChainLen = BASE_PROTOCOL;
	info->ProtocolChain.ChainEntries[0] = b->id;
	info->iVersion = 2;
	info->iAddressFamily = b->family;
	info->iMaxSockAddr = v4 ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
	info->iMinSockAddr = info->iMaxSockAddr;
	info->iSocketType = b->type;
	info->iProtocol = b->type == SOCK_STREAM ? IPPROTO_TCP : IPPROTO_UDP;
	info->iNetworkByteOrder = BIGENDIAN;
	info->iSecurityScheme = SECURITY_PROTOCOL_NONE;
	if (b->type == SOCK_DGRAM)
		info->dwMessageSize = v4 ? CATALOG_DGRAM4 : CATALOG_DGRAM6;
	wsp_wide_from_utf8(info->szProtocol, ARRAY_SIZE(info->szProtocol), b->name);
}

static size_t catalog_rank(const struct wsp_conf *conf, DWORD id)
{
	for (size_t i = 0; i < conf->norder; i++)
		if (conf->order[i] == id)
			return i;
	return conf->norder;
}

/* Stable, and short enough for an insertion sort. */
static void catalog_sort(const struct wsp_conf *conf, WSAPROTOCOL_INFOW *entries, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		WSAPROTOCOL_INFOW moved = entries[i];
		size_t rank = catalog_rank(conf, moved.dwCatalogEntryId), j;

		for (j = i; j && catalog_rank(conf, entries[j - 1].dwCatalogEntryId) > rank; j--)
			entries[j] = entries[j - 1];
		entries[j] = moved;
	}
}

static bool catalog_rebuild(struct wsp_conf *conf)
{
	size_t n = ARRAY_SIZE(catalog_builtins) + conf->nentries;
	WSAPROTOCOL_INFOW *entries = calloc(n, sizeof(*entries));

	if (!entries)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(catalog_builtins); i++)
		catalog_fill(&catalog_builtins[i], &entries[i]);
	if (conf->nentries)
		memcpy(entries + ARRAY_SIZE(catalog_builtins), conf->entries,
		       conf->nentries * sizeof(*entries));
	catalog_sort(conf, entries, n);
	free(catalog_entries);
	catalog_entries = entries;
	catalog_n = n;
	wsp_conf_free(&catalog_conf);
	catalog_conf = *conf;
	atomic_store(&wsp_catalog_has_others, conf->nentries > 0 || conf->norder > 0);
	return true;
}

static bool catalog_changed(void)
{
	struct stat st = { 0 };
	bool same;

	if (stat(wsp_conf_path(), &st))
		memset(&st, 0, sizeof(st));
	same = catalog_read && st.st_ino == catalog_stamp.st_ino &&
	       st.st_dev == catalog_stamp.st_dev && st.st_size == catalog_stamp.st_size &&
	       st.st_mtim.tv_sec == catalog_stamp.st_mtim.tv_sec &&
	       st.st_mtim.tv_nsec == catalog_stamp.st_mtim.tv_nsec;
	catalog_stamp = st;
	return !same;
}

static void catalog_update(void)
{
	struct wsp_conf conf;

	if (!catalog_changed())
		return;
	catalog_read = true;
	catalog_code = wsp_conf_read(&conf);
	if (catalog_code) {
		wsp_conf_free(&conf);
		memset(&conf, 0, sizeof(conf));
	}
	if (!catalog_rebuild(&conf)) {
		wsp_conf_free(&conf);
		catalog_read = false;
	}
}

/**
 * wsp_catalog_refresh() - take over what the file says now
 *
 * A file with a mistake counts as none.
 */
void wsp_catalog_refresh(void)
{
	int saved = errno;

	pthread_mutex_lock(&catalog_lock);
	catalog_update();
	pthread_mutex_unlock(&catalog_lock);
	errno = saved;
}

/* Attached sockets are there while the module is; asking makes the kernel load it. */
static bool catalog_has_module(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool found;

	if (fd < 0)
		return false;
	wsp_tcp_attach(fd);
	found = wsp_tcp_attached(fd);
	close(fd);
	return found;
}

static bool catalog_is_builtin(const WSAPROTOCOL_INFOW *info)
{
	return info->dwCatalogEntryId < WSP_CONF_FIRST_ID;
}

/* IN-4 */
static bool catalog_present(const WSAPROTOCOL_INFOW *info, bool disc)
{
	return disc || !catalog_is_builtin(info) || !(info->dwServiceFlags1 & XP1_DISCONNECT_DATA);
}

/* Applications see protocols; layers to build some from are for installers. */
static bool catalog_visible(const WSAPROTOCOL_INFOW *info)
{
	return !(info->dwProviderFlags & PFL_HIDDEN) &&
	       info->ProtocolChain.ChainLen != LAYERED_PROTOCOL;
}

static bool catalog_covers(const WSAPROTOCOL_INFOW *info, int protocol)
{
	return protocol >= info->iProtocol &&
	       protocol - info->iProtocol <= info->iProtocolMaxOffset;
}

static bool catalog_listed(const WSAPROTOCOL_INFOW *info, const int *protocols)
{
	if (!protocols)
		return true;
	for (; *protocols; protocols++)
		if (catalog_covers(info, *protocols))
			return true;
	return false;
}

/**
 * wsp_catalog_list() - the entries, in order
 * @protocols: NULL, or those wanted, terminated by 0
 * @all: hidden ones and layers, too
 * @list: out: to be freed
 * @n: out: how many
 *
 * Return: 0 or WSAENOBUFS.
 */
int wsp_catalog_list(const int *protocols, bool all, WSAPROTOCOL_INFOW **list, size_t *n)
{
	bool disc = !wsp_ce_process() && catalog_has_module();
	int code = WSAENOBUFS;

	*n = 0;
	pthread_mutex_lock(&catalog_lock);
	catalog_update();
	*list = calloc(catalog_n + 1, sizeof(**list));
	for (size_t i = 0; *list && i < catalog_n; i++) {
		const WSAPROTOCOL_INFOW *info = &catalog_entries[i];

		if (catalog_present(info, disc) && (all || catalog_visible(info)) &&
		    catalog_listed(info, protocols))
			(*list)[(*n)++] = *info;
	}
	if (*list && catalog_n)
		code = 0;
	pthread_mutex_unlock(&catalog_lock);
	if (code)
		free(*list);
	return code;
}

/**
 * wsp_catalog_by_id() - an entry by its number
 * @id: catalogue number
 * @info: out
 *
 * Return: false if there is none.
 */
bool wsp_catalog_by_id(DWORD id, WSAPROTOCOL_INFOW *info)
{
	bool found = false;

	pthread_mutex_lock(&catalog_lock);
	if (!catalog_read)
		catalog_update();
	for (size_t i = 0; !found && i < catalog_n; i++) {
		found = catalog_entries[i].dwCatalogEntryId == id;
		if (found)
			*info = catalog_entries[i];
	}
	pthread_mutex_unlock(&catalog_lock);
	return found;
}

static bool catalog_fits(const WSAPROTOCOL_INFOW *info, int af, int type, int protocol)
{
	if (af != AF_UNSPEC && wsp_addr_family(af) != wsp_addr_family(info->iAddressFamily))
		return false;
	if (type && type != info->iSocketType)
		return false;
	if (!protocol)
		return info->dwProviderFlags & PFL_MATCHES_PROTOCOL_ZERO;
	return catalog_covers(info, protocol);
}

/**
 * wsp_catalog_match() - the first entry that fits
 * @af: address family, AF_UNSPEC for any
 * @type: socket type, 0 for any
 * @protocol: protocol, 0 for the entry's own choice
 * @info: out
 *
 * Return: false if none does, or if it is one of the library's own.
 */
bool wsp_catalog_match(int af, int type, int protocol, WSAPROTOCOL_INFOW *info)
{
	bool found = false;

	pthread_mutex_lock(&catalog_lock);
	for (size_t i = 0; !found && i < catalog_n; i++) {
		found = catalog_visible(&catalog_entries[i]) &&
			catalog_fits(&catalog_entries[i], af, type, protocol);
		if (found)
			*info = catalog_entries[i];
	}
	pthread_mutex_unlock(&catalog_lock);
	return found && !catalog_is_builtin(info);
}

static bool catalog_own_path(char *path, size_t room)
{
	Dl_info where;
	ssize_t n;

	if (!dladdr((void *)catalog_own_path, &where))
		return false;
	/* The name may be what the program was called by. */
	if (where.dli_fname[0] == '/') {
		n = strlen(where.dli_fname);
		if ((size_t)n < room)
			memcpy(path, where.dli_fname, n + 1);
	} else {
		n = readlink("/proc/self/exe", path, room);
		if (n >= 0 && (size_t)n < room)
			path[n] = '\0';
	}
	return n >= 0 && (size_t)n < room;
}

/**
 * wsp_catalog_path() - where a provider's code is
 * @id: its number
 * @path: out
 * @room: bytes there
 *
 * Return: 0, WSAEINVAL (not installed) or WSAEFAULT (too little room).
 */
int wsp_catalog_path(const GUID *id, char *path, size_t room)
{
	const struct wsp_conf_provider *prov;
	int code = WSAEINVAL;

	if (wsp_conf_same_guid(id, &wsp_catalog_guid) ||
	    wsp_conf_same_guid(id, &wsp_catalog_ce_guid))
		return catalog_own_path(path, room) ? 0 : WSAEFAULT;
	pthread_mutex_lock(&catalog_lock);
	if (!catalog_read)
		catalog_update();
	prov = wsp_conf_find(&catalog_conf, id);
	if (prov) {
		code = strlen(prov->path) < room ? 0 : WSAEFAULT;
		if (!code)
			memcpy(path, prov->path, strlen(prov->path) + 1);
	}
	pthread_mutex_unlock(&catalog_lock);
	return code;
}

static bool catalog_describes(const struct catalog_builtin *b, int family, int type, bool disc,
			      bool ce)
{
	return wsp_addr_family(b->family) == family && b->type == type && b->ce == ce &&
	       !!(b->services & XP1_DISCONNECT_DATA) == disc;
}

/**
 * wsp_catalog_entry_for() - the entry that describes a socket of the library's
 * @h: socket
 * @info: out
 *
 * Return: 0, or WSAEINVAL for a kind that has none.
 */
int wsp_catalog_entry_for(const struct wsp_handle *h, LPWSAPROTOCOL_INFOW info)
{
	bool ce = wsp_dispatch_get(h->fd) == WSP_PROVIDER_CE;
	bool disc = !ce && !wsp_ce_process() && (h->state & WSP_H_TCP) && wsp_tcp_attached(h->fd);
	int type = h->state & WSP_H_DGRAM ? SOCK_DGRAM : SOCK_STREAM;
	socklen_t len = sizeof(int);
	int family = AF_UNSPEC;

	if (!(h->state & (WSP_H_TCP | WSP_H_DGRAM)) ||
	    getsockopt(h->fd, SOL_SOCKET, SO_DOMAIN, &family, &len))
		return WSAEINVAL;
	for (size_t i = 0; i < ARRAY_SIZE(catalog_builtins); i++)
		if (catalog_describes(&catalog_builtins[i], family, type, disc, ce)) {
			catalog_fill(&catalog_builtins[i], info);
			return 0;
		}
	return WSAEINVAL;
}

/**
 * wsp_catalog_fork_prepare() - before fork()
 */
void wsp_catalog_fork_prepare(void)
{
	pthread_mutex_lock(&catalog_lock);
}

/**
 * wsp_catalog_fork_done() - after fork(), in parent and child
 */
void wsp_catalog_fork_done(void)
{
	pthread_mutex_unlock(&catalog_lock);
}
