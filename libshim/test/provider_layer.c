// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Somebody else's providers, in one shared object: how the entry that is asked
 * for is called decides what it does.
 *
 *	prefix	a layer over another entry of its chain, as people write them for
 *		Windows: all calls are the other's but SendDisconnect, which puts
 *		"layer: " before the data; where the one below has no such call,
 *		the layer sends it as data instead
 *	mute	the same, but SendDisconnect fails without a code
 *	own	has no sockets of the kernel's; what is sent to one is received
 *	refuse	does not start
 *	hole	starts with a table that lacks an entry
 *	old	starts with another version
 */
#include <dlfcn.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <wsp/wsp.h>

#define LAYER_MAX	32
#define LAYER_PREFIX	"layer: "

typedef int (*startup_fn)(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW info,
			  WSPUPCALLTABLE upcalls, LPWSPPROC_TABLE table);

static WSPPROC_TABLE lower;
static WSPUPCALLTABLE up;
static WSAPROTOCOL_INFOW mine, base;

static bool layer_is(const char *name)
{
	for (size_t i = 0; ; i++) {
		if (mine.szProtocol[i] != (WCHAR)name[i])
			return false;
		if (!name[i])
			return true;
	}
}

/* A plain entry stands on the first one of the kind; a chain says on which. */
static bool layer_find_base(void)
{
	static WSAPROTOCOL_INFOW list[LAYER_MAX];
	DWORD len = sizeof(list), want = mine.ProtocolChain.ChainEntries[1];
	int err, n = WSCEnumProtocols(NULL, list, &len, &err);
	bool chain = mine.ProtocolChain.ChainLen > BASE_PROTOCOL;

	for (int i = 0; i < n; i++) {
		if (chain ? list[i].dwCatalogEntryId != want :
		    list[i].dwCatalogEntryId > 2000 || list[i].iSocketType != mine.iSocketType)
			continue;
		base = list[i];
		return true;
	}
	return false;
}

static startup_fn layer_find_startup(void)
{
	char narrow[PATH_MAX];
	WCHAR path[PATH_MAX];
	int err, len = PATH_MAX;
	void *dl;

	if (up.lpWPUGetProviderPath(&base.ProviderId, path, &len, &err))
		return NULL;
	for (int i = 0; i < len; i++)
		narrow[i] = (char)path[i];
	dl = dlopen(narrow, RTLD_NOW);
	return dl ? (startup_fn)dlsym(dl, "WSPStartup") : NULL;
}

static SOCKET layer_socket(int af, int type, int protocol, LPWSAPROTOCOL_INFOW info, GROUP g,
			   DWORD flags, int *err)
{
	WSAPROTOCOL_INFOW below = base;
	SOCKET s;

	/* A duplicate's whereabouts. */
	if (info && info->dwProviderReserved) {
		below = *info;
		below.dwCatalogEntryId = base.dwCatalogEntryId;
	}
	s = lower.lpWSPSocket(af, type, protocol, &below, g, flags, err);
	if (s == INVALID_SOCKET)
		return s;
	return up.lpWPUModifyIFSHandle(mine.dwCatalogEntryId, s, err);
}

static int layer_duplicate(SOCKET s, DWORD process_id, LPWSAPROTOCOL_INFOW info, int *err)
{
	int rc = lower.lpWSPDuplicateSocket(s, process_id, info, err);

	if (!rc)
		info->dwCatalogEntryId = mine.dwCatalogEntryId;
	return rc;
}

static int layer_send_disconnect(SOCKET s, LPWSABUF data, int *err)
{
	char buf[256] = LAYER_PREFIX;
	WSABUF longer = { sizeof(LAYER_PREFIX) - 1, buf };
	DWORD count;
	int rc;

	if (!data)
		return lower.lpWSPSendDisconnect(s, NULL, err);
	memcpy(buf + longer.len, data->buf, data->len);
	longer.len += data->len;
	rc = lower.lpWSPSendDisconnect(s, &longer, err);
	if (!rc || *err != WSASYSCALLFAILURE)
		return rc;
	rc = lower.lpWSPSend(s, &longer, 1, &count, 0, NULL, NULL, NULL, err);
	return rc ? rc : lower.lpWSPShutdown(s, SD_SEND, err);
}

static int mute_send_disconnect(SOCKET s, LPWSABUF data, int *err)
{
	(void)s;
	(void)data;
	*err = 0;
	return SOCKET_ERROR;
}

/* What a socket of the "own" kind holds. */
struct own {
	char bytes[64];
	DWORD len;
};

static struct own *own_of(SOCKET s, int *err)
{
	DWORD_PTR context;

	return up.lpWPUQuerySocketHandleContext(s, &context, err) ? NULL : (struct own *)context;
}

static SOCKET own_socket(int af, int type, int protocol, LPWSAPROTOCOL_INFOW info, GROUP g,
			 DWORD flags, int *err)
{
	struct own *own = calloc(1, sizeof(*own));
	SOCKET s;

	(void)af;
	(void)type;
	(void)protocol;
	(void)info;
	(void)g;
	(void)flags;
	s = up.lpWPUCreateSocketHandle(mine.dwCatalogEntryId, (DWORD_PTR)own, err);
	if (s == INVALID_SOCKET)
		free(own);
	return s;
}

static int own_close(SOCKET s, int *err)
{
	struct own *own = own_of(s, err);

	if (!own)
		return SOCKET_ERROR;
	free(own);
	return up.lpWPUCloseSocketHandle(s, err);
}

static int own_sendto(SOCKET s, LPWSABUF bufs, DWORD nbufs, DWORD *count, DWORD flags,
		      const struct sockaddr *to, int tolen, LPWSAOVERLAPPED ov,
		      LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread, int *err)
{
	struct own *own = own_of(s, err);

	(void)nbufs;
	(void)flags;
	(void)to;
	(void)tolen;
	(void)ov;
	(void)routine;
	(void)thread;
	if (!own)
		return SOCKET_ERROR;
	memcpy(own->bytes, bufs->buf, bufs->len);
	own->len = bufs->len;
	*count = bufs->len;
	return 0;
}

static int own_recvfrom(SOCKET s, LPWSABUF bufs, DWORD nbufs, DWORD *count, DWORD *flags,
			struct sockaddr *from, int *fromlen, LPWSAOVERLAPPED ov,
			LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread, int *err)
{
	struct own *own = own_of(s, err);

	(void)nbufs;
	(void)flags;
	(void)from;
	(void)fromlen;
	(void)ov;
	(void)routine;
	(void)thread;
	if (!own)
		return SOCKET_ERROR;
	memcpy(bufs->buf, own->bytes, own->len);
	*count = own->len;
	return 0;
}

static int layer_start_lower(WORD version, LPWSPDATA data)
{
	startup_fn startup;

	if (!layer_find_base())
		return WSAEPROVIDERFAILEDINIT;
	startup = layer_find_startup();
	return startup ? startup(version, data, &base, up, &lower) : WSAEPROVIDERFAILEDINIT;
}

static int layer_own_cleanup(int *err)
{
	*err = 0;
	return 0;
}

__attribute__((visibility("default")))
int WSPStartup(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW info, WSPUPCALLTABLE upcalls,
	       LPWSPPROC_TABLE table)
{
	int code;

	mine = *info;
	up = upcalls;
	if (layer_is("refuse"))
		return WSASYSNOTREADY;
	code = layer_start_lower(version, data);
	if (code)
		return code;
	*table = lower;
	table->lpWSPSocket = layer_socket;
	table->lpWSPDuplicateSocket = layer_duplicate;
	table->lpWSPSendDisconnect = layer_is("mute") ? mute_send_disconnect :
							layer_send_disconnect;
	if (layer_is("hole"))
		table->lpWSPStringToAddress = NULL;
	if (layer_is("old"))
		data->wVersion = MAKEWORD(2, 1);
	if (layer_is("own")) {
		table->lpWSPSocket = own_socket;
		table->lpWSPCloseSocket = own_close;
		table->lpWSPSendTo = own_sendto;
		table->lpWSPRecvFrom = own_recvfrom;
		table->lpWSPCleanup = layer_own_cleanup;
		lower.lpWSPCleanup(&code);
	}
	return 0;
}
