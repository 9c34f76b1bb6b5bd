// SPDX-License-Identifier: LGPL-2.1-or-later
/* Application interface: names of addresses.  Documented in <wsp/names.h>. */
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "gai.h"
#include "wide.h"
#include "wsa.h"

static const struct wsp_gai_flag nameinfo_flags[] = {
	{ WS_NI_NOFQDN, NI_NOFQDN },
	{ WS_NI_NUMERICHOST, NI_NUMERICHOST },
	{ WS_NI_NAMEREQD, NI_NAMEREQD },
	{ WS_NI_NUMERICSERV, NI_NUMERICSERV },
	{ WS_NI_DGRAM, NI_DGRAM },
};

/* libc puts an interface's name behind the '%', Windows its number. */
static void nameinfo_number_scope(const struct sockaddr_storage *ss, char *node)
{
	const struct sockaddr_in6 *sin6 = (const struct sockaddr_in6 *)ss;
	char *scope = strchr(node, '%');

	if (ss->ss_family == AF_INET6 && scope)
		sprintf(scope, "%%%u", sin6->sin6_scope_id);
}

/* Both have room for what libc can say; @node for a number besides. */
static int nameinfo_ask(const struct sockaddr *addr, int addrlen, char *node, char *service,
			int flags)
{
	struct sockaddr_storage ss;
	int ours, code;

	if (wsp_callback_active())
		return WSAEINPROGRESS;
	code = wsp_addr_in(addr, addrlen, &ss);
	if (!code)
		code = wsp_gai_flags(nameinfo_flags, ARRAY_SIZE(nameinfo_flags), flags, &ours);
	if (!code && !node && !service)
		code = WSAHOST_NOT_FOUND;
	if (!code)
		code = wsp_gai_code(getnameinfo((struct sockaddr *)&ss, addrlen, node,
						node ? NI_MAXHOST : 0, service,
						service ? NI_MAXSERV : 0, ours));
	if (!code && node)
		nameinfo_number_scope(&ss, node);
	return code;
}

static int nameinfo_give(char *dst, size_t room, const char *text)
{
	size_t size = strlen(text) + 1;

	if (!dst)
		return 0;
	if (size > room)
		return ERROR_INSUFFICIENT_BUFFER;
	return wsp_mem_write(dst, text, size) ? 0 : WSAEFAULT;
}

static int nameinfo_give_wide(WCHAR *dst, size_t room, const char *text)
{
	WCHAR wide[NI_MAXHOST + 16];
	size_t size = wsp_wide_from_utf8(wide, ARRAY_SIZE(wide), text);

	if (!dst)
		return 0;
	if (size > room)
		return ERROR_INSUFFICIENT_BUFFER;
	return wsp_mem_write(dst, wide, size * sizeof(*wide)) ? 0 : WSAEFAULT;
}

WSA_EXPORT int wsp_getnameinfo(const struct sockaddr *addr, int addrlen, char *node, DWORD nodelen,
			       char *service, DWORD servicelen, int flags)
{
	char host[NI_MAXHOST + 16] = "", serv[NI_MAXSERV] = "";
	int code;

	if (!wsa_enter())
		return WSANOTINITIALISED;
	code = nameinfo_ask(addr, addrlen, node ? host : NULL, service ? serv : NULL, flags);
	if (!code)
		code = nameinfo_give(node, nodelen, host);
	if (!code)
		code = nameinfo_give(service, servicelen, serv);
	return wsp_gai_result(code);
}

WSA_EXPORT int GetNameInfoW(const struct sockaddr *addr, int addrlen, WCHAR *node, DWORD nodelen,
			    WCHAR *service, DWORD servicelen, int flags)
{
	char host[NI_MAXHOST + 16] = "", serv[NI_MAXSERV] = "";
	int code;

	if (!wsa_enter())
		return WSANOTINITIALISED;
	code = nameinfo_ask(addr, addrlen, node ? host : NULL, service ? serv : NULL, flags);
	if (!code)
		code = nameinfo_give_wide(node, nodelen, host);
	if (!code)
		code = nameinfo_give_wide(service, servicelen, serv);
	return wsp_gai_result(code);
}

static int nameinfo_own_name(char *name, size_t size)
{
	if (!wsa_enter())
		return WSANOTINITIALISED;
	if (wsp_callback_active())
		return WSAEINPROGRESS;
	return gethostname(name, size) ? WSASYSCALLFAILURE : 0;
}

WSA_EXPORT int wsp_gethostname(char *name, int len)
{
	char own[NI_MAXHOST];
	int code = nameinfo_own_name(own, sizeof(own));

	if (!code && (!name || nameinfo_give(name, len < 0 ? 0 : len, own)))
		code = WSAEFAULT;
	return code ? wsa_leave(SOCKET_ERROR, &code) : 0;
}

WSA_EXPORT int GetHostNameW(WCHAR *name, int len)
{
	char own[NI_MAXHOST];
	int code = nameinfo_own_name(own, sizeof(own));

	if (!code && (!name || nameinfo_give_wide(name, len < 0 ? 0 : len, own)))
		code = WSAEFAULT;
	return code ? wsa_leave(SOCKET_ERROR, &code) : 0;
}
