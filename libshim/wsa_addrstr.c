// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Application interface: addresses as text.  Documented in <wsp/names.h>.
 * Providers only know the wide form.
 */
#include "addrstr.h"
#include "wide.h"
#include "wsa.h"

/* All but the name is the same, and nobody reads that. */
static int addrstr_widen_info(const WSAPROTOCOL_INFOA *info, WSAPROTOCOL_INFOW *wide)
{
	return wsp_mem_read(wide, info, offsetof(WSAPROTOCOL_INFOA, szProtocol)) ? 0 : WSAEFAULT;
}

static int addrstr_fail(int code)
{
	return wsa_leave(SOCKET_ERROR, &code);
}

WSA_EXPORT int WSAAddressToStringW(struct sockaddr *addr, DWORD addrlen, LPWSAPROTOCOL_INFOW info,
				   WCHAR *str, DWORD *len)
{
	const WSPPROC_TABLE *t = wsa_enter_entry(info);
	int rc, err = 0;

	if (!t)
		return SOCKET_ERROR;
	rc = t->lpWSPAddressToString(addr, addrlen, info, str, len, &err);
	return wsa_leave(rc, &err);
}

WSA_EXPORT int WSAAddressToStringA(struct sockaddr *addr, DWORD addrlen, LPWSAPROTOCOL_INFOA info,
				   char *str, DWORD *len)
{
	WSAPROTOCOL_INFOW wide_info = { 0 };
	WCHAR wide[WSP_ADDRSTR_MAX];
	DWORD room, need = ARRAY_SIZE(wide);
	char text[WSP_ADDRSTR_MAX];

	if (!wsa_enter())
		return SOCKET_ERROR;
	if (!wsp_mem_read(&room, len, sizeof(room)))
		return addrstr_fail(WSAEFAULT);
	if (info && addrstr_widen_info(info, &wide_info))
		return addrstr_fail(WSAEFAULT);
	if (WSAAddressToStringW(addr, addrlen, info ? &wide_info : NULL, wide, &need))
		return SOCKET_ERROR;
	need = wsp_wide_to_utf8(text, sizeof(text), wide);
	if (!wsp_mem_write(len, &need, sizeof(need)) || need > room ||
	    !wsp_mem_write(str, text, need))
		return addrstr_fail(WSAEFAULT);
	return 0;
}

WSA_EXPORT int WSAStringToAddressW(WCHAR *str, int af, LPWSAPROTOCOL_INFOW info,
				   struct sockaddr *addr, int *addrlen)
{
	const WSPPROC_TABLE *t = wsa_enter_entry(info);
	int rc, err = 0;

	if (!t)
		return SOCKET_ERROR;
	rc = t->lpWSPStringToAddress(str, af, info, addr, addrlen, &err);
	return wsa_leave(rc, &err);
}

WSA_EXPORT int WSAStringToAddressA(char *str, int af, LPWSAPROTOCOL_INFOA info,
				   struct sockaddr *addr, int *addrlen)
{
	WSAPROTOCOL_INFOW wide_info = { 0 };
	WCHAR wide[WSP_ADDRSTR_MAX];
	char text[WSP_ADDRSTR_MAX];
	ssize_t len;

	if (!wsa_enter())
		return SOCKET_ERROR;
	if (info && addrstr_widen_info(info, &wide_info))
		return addrstr_fail(WSAEFAULT);
	len = wsp_mem_string(text, str, sizeof(text), 1);
	if (len < 0)
		return addrstr_fail(WSAEFAULT);
	if (len == sizeof(text))
		return addrstr_fail(WSAEINVAL);
	wsp_wide_from_utf8(wide, ARRAY_SIZE(wide), text);
	return WSAStringToAddressW(wide, af, info ? &wide_info : NULL, addr, addrlen);
}
