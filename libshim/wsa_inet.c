// SPDX-License-Identifier: LGPL-2.1-or-later
/* Application interface: byte order and inet_*().  Documented in <wsp/names.h>. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "wide.h"
#include "wsa.h"

static int inet_fail(int code)
{
	return wsa_leave(SOCKET_ERROR, &code);
}

static int inet_give(SOCKET s, void *out, const void *val, size_t size)
{
	struct wsp_handle h;
	int code;

	if (!wsa_enter())
		return SOCKET_ERROR;
	code = wsp_handle_get(s, &h);
	if (!code && !wsp_mem_write(out, val, size))
		code = WSAEFAULT;
	return code ? inet_fail(code) : 0;
}

WSA_EXPORT int WSAHtonl(SOCKET s, uint32_t host, uint32_t *net)
{
	uint32_t val = htonl(host);

	return inet_give(s, net, &val, sizeof(val));
}

WSA_EXPORT int WSAHtons(SOCKET s, uint16_t host, uint16_t *net)
{
	uint16_t val = htons(host);

	return inet_give(s, net, &val, sizeof(val));
}

WSA_EXPORT int WSANtohl(SOCKET s, uint32_t net, uint32_t *host)
{
	uint32_t val = ntohl(net);

	return inet_give(s, host, &val, sizeof(val));
}

WSA_EXPORT int WSANtohs(SOCKET s, uint16_t net, uint16_t *host)
{
	uint16_t val = ntohs(net);

	return inet_give(s, host, &val, sizeof(val));
}

static size_t inet_size(int af)
{
	switch (wsp_addr_family(af)) {
	case AF_INET:
		return sizeof(struct in_addr);
	case AF_INET6:
		return sizeof(struct in6_addr);
	default:
		return 0;
	}
}

/* The text of an address, whose size it returns. */
static int inet_text(int af, const void *src, char *text)
{
	unsigned char addr[sizeof(struct in6_addr)];

	if (!inet_size(af))
		return WSAEAFNOSUPPORT;
	if (!wsp_mem_read(addr, src, inet_size(af)))
		return WSAEFAULT;
	inet_ntop(wsp_addr_family(af), addr, text, INET6_ADDRSTRLEN);
	return 0;
}

WSA_EXPORT const char *wsp_inet_ntop(int af, const void *src, char *dst, size_t size)
{
	char text[INET6_ADDRSTRLEN];
	int code;

	if (!wsa_enter())
		return NULL;
	code = inet_text(af, src, text);
	if (!code && (strlen(text) >= size || !wsp_mem_write(dst, text, strlen(text) + 1)))
		code = WSA_INVALID_PARAMETER;
	if (!code)
		return dst;
	inet_fail(code);
	return NULL;
}

WSA_EXPORT const WCHAR *InetNtopW(int af, const void *src, WCHAR *dst, size_t size)
{
	char text[INET6_ADDRSTRLEN];
	WCHAR wide[INET6_ADDRSTRLEN];
	size_t need;
	int code;

	if (!wsa_enter())
		return NULL;
	code = inet_text(af, src, text);
	if (!code) {
		need = wsp_wide_from_utf8(wide, ARRAY_SIZE(wide), text);
		if (need > size || !wsp_mem_write(dst, wide, need * sizeof(*wide)))
			code = WSA_INVALID_PARAMETER;
	}
	if (!code)
		return dst;
	inet_fail(code);
	return NULL;
}

WSA_EXPORT int wsp_inet_pton(int af, const char *src, void *dst)
{
	unsigned char addr[sizeof(struct in6_addr)];
	char text[INET6_ADDRSTRLEN];
	ssize_t len;

	if (!wsa_enter())
		return SOCKET_ERROR;
	if (!inet_size(af))
		return inet_fail(WSAEAFNOSUPPORT);
	len = wsp_mem_string(text, src, sizeof(text), 1);
	if (len < 0)
		return inet_fail(WSAEFAULT);
	if (len == sizeof(text) || inet_pton(wsp_addr_family(af), text, addr) != 1)
		return 0;
	return wsp_mem_write(dst, addr, inet_size(af)) ? 1 : inet_fail(WSAEFAULT);
}

WSA_EXPORT int InetPtonW(int af, const WCHAR *src, void *dst)
{
	char text[3 * INET6_ADDRSTRLEN];
	WCHAR wide[INET6_ADDRSTRLEN];
	ssize_t len;

	if (!wsa_enter())
		return SOCKET_ERROR;
	if (!inet_size(af))
		return inet_fail(WSAEAFNOSUPPORT);
	len = wsp_mem_string(wide, src, ARRAY_SIZE(wide), sizeof(*wide));
	if (len < 0)
		return inet_fail(WSAEFAULT);
	if (len == ARRAY_SIZE(wide))
		return 0;
	wsp_wide_to_utf8(text, sizeof(text), wide);
	return wsp_inet_pton(af, text, dst);
}

WSA_EXPORT uint32_t wsp_inet_addr(const char *str)
{
	char text[64];
	struct in_addr in;
	ssize_t len = wsp_mem_string(text, str, sizeof(text), 1);

	if (len < 0 || len == sizeof(text))
		return INADDR_NONE;
	if (!strcmp(text, " "))
		return 0;
	return inet_aton(text, &in) ? in.s_addr : INADDR_NONE;
}

WSA_EXPORT char *wsp_inet_ntoa(uint32_t addr)
{
	static _Thread_local char text[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &addr, text, sizeof(text));
	return text;
}
