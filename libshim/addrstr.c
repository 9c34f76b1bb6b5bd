// SPDX-License-Identifier: LGPL-2.1-or-later
/* Addresses as text, in Windows' form: WSPAddressToString, WSPStringToAddress. */
#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "addrstr.h"
#include "wide.h"

static bool addrstr_is_family(int af)
{
	return af == AF_INET || af == WS_AF_INET6 || af == AF_INET6;
}

/* A catalogue entry must be one for the family. */
static int addrstr_check_info(const WSAPROTOCOL_INFOW *info, int af)
{
	int theirs;

	if (!info)
		return 0;
	if (!wsp_mem_read(&theirs, &info->iAddressFamily, sizeof(theirs)))
		return WSAEFAULT;
	return wsp_addr_family(theirs) == wsp_addr_family(af) ? 0 : WSAEINVAL;
}

static int addrstr_get(const struct sockaddr *addr, DWORD addrlen, struct sockaddr_storage *ss)
{
	size_t len = addrlen < sizeof(*ss) ? addrlen : sizeof(*ss);

	if (!addr)
		return WSAEFAULT;
	if (len < sizeof(ss->ss_family))
		return WSAEINVAL;
	if (!wsp_mem_read(ss, addr, len))
		return WSAEFAULT;
	if (!addrstr_is_family(ss->ss_family))
		return WSAEINVAL;
	if (len < wsp_addrstr_size(ss->ss_family))
		return WSAEINVAL;
	return 0;
}

static void addrstr_format4(const struct sockaddr_in *sin, char *str)
{
	inet_ntop(AF_INET, &sin->sin_addr, str, INET_ADDRSTRLEN);
	if (sin->sin_port)
		sprintf(str + strlen(str), ":%u", ntohs(sin->sin_port));
}

static void addrstr_format6(const struct sockaddr_in6 *sin6, char *str)
{
	if (sin6->sin6_port)
		*str++ = '[';
	inet_ntop(AF_INET6, &sin6->sin6_addr, str, INET6_ADDRSTRLEN);
	str += strlen(str);
	if (sin6->sin6_scope_id)
		str += sprintf(str, "%%%u", sin6->sin6_scope_id);
	if (sin6->sin6_port)
		sprintf(str, "]:%u", ntohs(sin6->sin6_port));
}

/* WSPAddressToString; see WSAAddressToStringW() */
int wsp_addrtostr_spi(struct sockaddr *addr, DWORD addrlen, LPWSAPROTOCOL_INFOW info, WCHAR *str,
		      DWORD *len, int *err)
{
	struct sockaddr_storage ss;
	char text[WSP_ADDRSTR_MAX];
	WCHAR wide[WSP_ADDRSTR_MAX];
	DWORD room, need;
	int code;

	if (wsp_callback_active())
		return wsp_err_fail(err, WSAEINPROGRESS);
	if (!wsp_mem_read(&room, len, sizeof(room)))
		return wsp_err_fail(err, WSAEFAULT);
	code = addrstr_get(addr, addrlen, &ss);
	if (!code)
		code = addrstr_check_info(info, ss.ss_family);
	if (code)
		return wsp_err_fail(err, code);
	if (ss.ss_family == AF_INET)
		addrstr_format4((struct sockaddr_in *)&ss, text);
	else
		addrstr_format6((struct sockaddr_in6 *)&ss, text);
	need = wsp_wide_from_utf8(wide, ARRAY_SIZE(wide), text);
	if (!wsp_mem_write(len, &need, sizeof(need)) || need > room ||
	    !wsp_mem_write(str, wide, need * sizeof(*wide)))
		code = WSAEFAULT;
	return wsp_err_result(err, code);
}

/* As C writes numbers; 0 would be no port. */
static bool addrstr_parse_port(const char *str, in_port_t *port)
{
	unsigned long val;
	char *end;

	if (!isdigit((unsigned char)*str))
		return false;
	errno = 0;
	val = strtoul(str, &end, 0);
	if (errno || *end || !val || val > 65535)
		return false;
	*port = htons(val);
	return true;
}

static bool addrstr_parse4(char *str, struct sockaddr_in *sin)
{
	char *colon = strchr(str, ':');
	int dots = 0;

	if (colon) {
		*colon = '\0';
		if (!addrstr_parse_port(colon + 1, &sin->sin_port))
			return false;
	}
	/* inet_aton() would take fewer parts, and anything behind a space. */
	for (const char *p = str; *p; p++) {
		if (isspace((unsigned char)*p))
			return false;
		dots += *p == '.';
	}
	sin->sin_family = AF_INET;
	return dots == 3 && inet_aton(str, &sin->sin_addr);
}

static bool addrstr_parse_scope(const char *str, uint32_t *scope)
{
	unsigned long val;
	char *end;

	if (!isdigit((unsigned char)*str)) {
		*scope = if_nametoindex(str);
		return *scope;
	}
	errno = 0;
	val = strtoul(str, &end, 10);
	if (errno || *end || val > UINT32_MAX)
		return false;
	*scope = val;
	return true;
}

static bool addrstr_parse6(char *str, struct sockaddr_in6 *sin6)
{
	char *scope;

	if (*str == '[') {
		char *end = strchr(++str, ']');

		if (!end)
			return false;
		*end++ = '\0';
		if (*end && (*end != ':' || !addrstr_parse_port(end + 1, &sin6->sin6_port)))
			return false;
	}
	scope = strchr(str, '%');
	if (scope) {
		*scope++ = '\0';
		if (!addrstr_parse_scope(scope, &sin6->sin6_scope_id))
			return false;
	}
	sin6->sin6_family = AF_INET6;
	return inet_pton(AF_INET6, str, &sin6->sin6_addr) == 1;
}

static int addrstr_get_text(const WCHAR *str, char *text)
{
	WCHAR wide[WSP_ADDRSTR_MAX];
	ssize_t len = wsp_mem_string(wide, str, ARRAY_SIZE(wide), sizeof(*wide));

	if (len < 0)
		return WSAEFAULT;
	if (len == ARRAY_SIZE(wide) || wsp_wide_to_utf8(text, WSP_ADDRSTR_MAX, wide) >
	    WSP_ADDRSTR_MAX)
		return WSAEINVAL;
	return 0;
}

/* WSPStringToAddress; see WSAStringToAddressW() */
int wsp_strtoaddr_spi(WCHAR *str, int af, LPWSAPROTOCOL_INFOW info, struct sockaddr *addr,
		      int *addrlen, int *err)
{
	struct sockaddr_storage ss = { 0 };
	char text[WSP_ADDRSTR_MAX];
	int room, need, code;

	if (wsp_callback_active())
		return wsp_err_fail(err, WSAEINPROGRESS);
	if (!wsp_mem_read(&room, addrlen, sizeof(room)))
		return wsp_err_fail(err, WSAEFAULT);
	if (!addrstr_is_family(af))
		return wsp_err_fail(err, WSAEINVAL);
	code = addrstr_check_info(info, af);
	if (!code)
		code = addrstr_get_text(str, text);
	if (code)
		return wsp_err_fail(err, code);
	if (af == AF_INET ? !addrstr_parse4(text, (struct sockaddr_in *)&ss) :
			    !addrstr_parse6(text, (struct sockaddr_in6 *)&ss))
		return wsp_err_fail(err, WSAEINVAL);
	ss.ss_family = af;
	need = wsp_addrstr_size(af);
	if (!wsp_mem_write(addrlen, &need, sizeof(need)) || room < need ||
	    !wsp_mem_write(addr, &ss, need))
		code = WSAEFAULT;
	return wsp_err_result(err, code);
}

/**
 * wsp_addrstr_size() - the size of a family's socket address
 * @af: AF_INET or IPv6's number, either of them
 */
size_t wsp_addrstr_size(int af)
{
	return af == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
}
