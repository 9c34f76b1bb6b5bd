// SPDX-License-Identifier: LGPL-2.1-or-later
/* The catalogue's own calls.  Documented in <wsp/catalog.h>. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "catalog.h"
#include "info.h"
#include "internal.h"
#include "provconf.h"
#include "wide.h"
#include "wsa.h"

#define WSC_MAX_PROTOCOLS	256
#define WSC_MAX_ENTRIES		1024

/* Up to the 0 that ends it. */
static int wsc_read_protocols(int *list, const int *user)
{
	for (size_t i = 0; i < WSC_MAX_PROTOCOLS; i++) {
		if (!wsp_mem_read(&list[i], &user[i], sizeof(*list)))
			return WSAEFAULT;
		if (!list[i])
			return 0;
	}
	return WSAEINVAL;
}

struct wsc_out {
	void *buf;
	DWORD *len;
	bool narrow;
	bool all;
};

static int wsc_put(const struct wsc_out *out, const WSAPROTOCOL_INFOW *list, size_t n)
{
	size_t size = out->narrow ? sizeof(WSAPROTOCOL_INFOA) : sizeof(WSAPROTOCOL_INFOW);
	DWORD room, need = n * size;
	WSAPROTOCOL_INFOA narrow;

	if (!wsp_mem_read(&room, out->len, sizeof(room)))
		return WSAEFAULT;
	if (!out->buf || room < need) {
		if (!wsp_mem_write(out->len, &need, sizeof(need)))
			return WSAEFAULT;
		return WSAENOBUFS;
	}
	for (size_t i = 0; i < n; i++) {
		const void *src = &list[i];

		if (out->narrow) {
			wsp_info_narrow(&narrow, &list[i]);
			src = &narrow;
		}
		if (!wsp_mem_write((char *)out->buf + i * size, src, size))
			return WSAEFAULT;
	}
	return 0;
}

static int wsc_enum(int *protocols, const struct wsc_out *out, int *err)
{
	int wanted[WSC_MAX_PROTOCOLS];
	WSAPROTOCOL_INFOW *list;
	int code = 0;
	size_t n;

	if (protocols)
		code = wsc_read_protocols(wanted, protocols);
	if (!code)
		code = wsp_catalog_list(protocols ? wanted : NULL, out->all, &list, &n);
	if (code)
		return wsp_err_fail(err, code);
	code = wsc_put(out, list, n);
	free(list);
	if (code)
		return wsp_err_fail(err, code);
	wsp_err_ok(err);
	return n;
}

static int wsc_enum_api(int *protocols, const struct wsc_out *out)
{
	int rc, err = 0;

	if (!wsa_enter())
		return SOCKET_ERROR;
	if (wsp_callback_active()) {
		err = WSAEINPROGRESS;
		return wsa_leave(SOCKET_ERROR, &err);
	}
	rc = wsc_enum(protocols, out, &err);
	return wsa_leave(rc, &err);
}

WSA_EXPORT int WSAEnumProtocolsW(int *protocols, LPWSAPROTOCOL_INFOW buf, DWORD *len)
{
	const struct wsc_out out = { buf, len, false, false };

	return wsc_enum_api(protocols, &out);
}

WSA_EXPORT int WSAEnumProtocolsA(int *protocols, LPWSAPROTOCOL_INFOA buf, DWORD *len)
{
	const struct wsc_out out = { buf, len, true, false };

	return wsc_enum_api(protocols, &out);
}

WSA_EXPORT int WSCEnumProtocols(int *protocols, LPWSAPROTOCOL_INFOW buf, DWORD *len, int *err)
{
	const struct wsc_out out = { buf, len, false, true };

	return wsc_enum(protocols, &out, err);
}

static int wsc_read_path(char *path, size_t room, const WCHAR *user)
{
	WCHAR wide[PATH_MAX];
	size_t n = 0;

	do {
		if (n == ARRAY_SIZE(wide))
			return WSAEINVAL;
		if (!wsp_mem_read(&wide[n], &user[n], sizeof(*wide)))
			return WSAEFAULT;
	} while (wide[n++]);
	return wsp_wide_to_utf8(path, room, wide) <= room && *path == '/' ? 0 : WSAEINVAL;
}

static bool wsc_is_own(const GUID *id)
{
	return wsp_conf_same_guid(id, &wsp_catalog_guid) ||
	       wsp_conf_same_guid(id, &wsp_catalog_ce_guid);
}

WSA_EXPORT int WSCInstallProvider(GUID *id, const WCHAR *path, const LPWSAPROTOCOL_INFOW infos,
				  DWORD n, int *err)
{
	WSAPROTOCOL_INFOW *copy = NULL;
	char narrow[PATH_MAX];
	int code = WSAEINVAL;
	GUID guid;

	if (!wsp_mem_read(&guid, id, sizeof(guid)))
		return wsp_err_fail(err, WSAEFAULT);
	if (!n || n > WSC_MAX_ENTRIES || wsc_is_own(&guid))
		return wsp_err_fail(err, WSAEINVAL);
	code = wsc_read_path(narrow, sizeof(narrow), path);
	if (code)
		return wsp_err_fail(err, code);
	copy = calloc(n, sizeof(*copy));
	if (!copy)
		return wsp_err_fail(err, WSAENOBUFS);
	code = WSAEFAULT;
	if (wsp_mem_read(copy, infos, n * sizeof(*copy)))
		code = wsp_conf_install(&guid, narrow, copy, n);
	free(copy);
	if (!code)
		wsp_catalog_refresh();
	return wsp_err_result(err, code);
}

WSA_EXPORT int WSCDeinstallProvider(GUID *id, int *err)
{
	GUID guid;
	int code;

	if (!wsp_mem_read(&guid, id, sizeof(guid)))
		return wsp_err_fail(err, WSAEFAULT);
	code = wsp_conf_remove(&guid);
	if (!code)
		wsp_catalog_refresh();
	return wsp_err_result(err, code);
}

WSA_EXPORT int WSCGetProviderPath(GUID *id, WCHAR *path, int *len, int *err)
{
	WCHAR wide[PATH_MAX];
	char narrow[PATH_MAX];
	int room, need, code;
	GUID guid;

	if (!wsp_mem_read(&guid, id, sizeof(guid)) || !wsp_mem_read(&room, len, sizeof(room)))
		return wsp_err_fail(err, WSAEFAULT);
	code = wsp_catalog_path(&guid, narrow, sizeof(narrow));
	if (code)
		return wsp_err_fail(err, code);
	/* No longer than the bytes were. */
	need = wsp_wide_from_utf8(wide, ARRAY_SIZE(wide), narrow);
	if (!wsp_mem_write(len, &need, sizeof(need)) || room < need ||
	    !wsp_mem_write(path, wide, need * sizeof(*wide)))
		return wsp_err_fail(err, WSAEFAULT);
	return wsp_err_ok(err);
}

/* Each known, none twice. */
static int wsc_check_order(const DWORD *ids, DWORD n)
{
	WSAPROTOCOL_INFOW entry;

	wsp_catalog_refresh();
	for (DWORD i = 0; i < n; i++) {
		if (!wsp_catalog_by_id(ids[i], &entry))
			return WSAEINVAL;
		for (DWORD j = 0; j < i; j++)
			if (ids[i] == ids[j])
				return WSAEINVAL;
	}
	return 0;
}

WSA_EXPORT int WSCWriteProviderOrder(DWORD *entries, DWORD n)
{
	DWORD ids[WSC_MAX_ENTRIES];
	int code;

	if (!n || n > WSC_MAX_ENTRIES)
		return WSAEINVAL;
	if (!wsp_mem_read(ids, entries, n * sizeof(*ids)))
		return WSAEFAULT;
	code = wsc_check_order(ids, n);
	if (!code)
		code = wsp_conf_reorder(ids, n);
	if (!code)
		wsp_catalog_refresh();
	return code;
}
