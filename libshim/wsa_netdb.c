// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Application interface: the older look-ups.  Documented in <wsp/netdb.h> and
 * <wsp/names.h>.  Each thread has one result of each kind.
 */
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "addrstr.h"
#include "gai.h"
#include "wsa.h"

#define NETDB_HOSTS	32
#define NETDB_ROOM	4096

struct netdb_host {
	struct ws_hostent ent;
	char name[NI_MAXHOST];
	char *aliases[1];
	char *list[NETDB_HOSTS + 1];
	struct in6_addr addrs[NETDB_HOSTS];
};

struct netdb_service {
	struct ws_servent ent;
	struct servent ours;
	char room[NETDB_ROOM];
};

struct netdb_protocol {
	struct ws_protoent ent;
	struct protoent ours;
	char room[NETDB_ROOM];
};

static _Thread_local struct netdb_host netdb_host;
static _Thread_local struct netdb_service netdb_service;
static _Thread_local struct netdb_protocol netdb_protocol;

static struct ws_hostent *netdb_host_start(struct netdb_host *host, int family, size_t size)
{
	host->ent.h_name = host->name;
	host->ent.h_aliases = host->aliases;
	host->ent.h_addrtype = family;
	host->ent.h_length = size;
	host->ent.h_addr_list = host->list;
	return &host->ent;
}

static void netdb_host_add(struct netdb_host *host, size_t n, const void *addr)
{
	memcpy(&host->addrs[n], addr, host->ent.h_length);
	host->list[n] = (char *)&host->addrs[n];
	host->list[n + 1] = NULL;
}

WSA_EXPORT struct ws_hostent *wsp_gethostbyname(const char *name)
{
	struct netdb_host *host = &netdb_host;
	ADDRINFOA hints = {
		.ai_flags = WS_AI_CANONNAME,
		.ai_family = AF_INET,
		.ai_socktype = SOCK_STREAM,
	};
	ADDRINFOA *res;
	size_t n = 0;

	if (wsp_getaddrinfo(name ? name : "", NULL, &hints, &res))
		return NULL;
	netdb_host_start(host, AF_INET, sizeof(struct in_addr));
	snprintf(host->name, sizeof(host->name), "%s", res->ai_canonname);
	for (ADDRINFOA *ai = res; ai && n < NETDB_HOSTS; ai = ai->ai_next)
		netdb_host_add(host, n++, &((struct sockaddr_in *)ai->ai_addr)->sin_addr);
	wsp_freeaddrinfo(res);
	return &host->ent;
}

static int netdb_host_by_addr(struct netdb_host *host, const char *addr, int len, int type)
{
	struct sockaddr_storage ss = { .ss_family = type };
	struct sockaddr_in6 *sin6 = (struct sockaddr_in6 *)&ss;
	struct sockaddr_in *sin = (struct sockaddr_in *)&ss;
	int family = wsp_addr_family(type);
	void *raw = family == AF_INET ? (void *)&sin->sin_addr : (void *)&sin6->sin6_addr;
	size_t size = family == AF_INET ? sizeof(sin->sin_addr) : sizeof(sin6->sin6_addr);

	if (family != AF_INET && family != AF_INET6)
		return wsp_gai_result(WSAEAFNOSUPPORT);
	if (len != (int)size || !wsp_mem_read(raw, addr, size))
		return wsp_gai_result(WSAEFAULT);
	netdb_host_start(host, type, size);
	netdb_host_add(host, 0, raw);
	return wsp_getnameinfo((struct sockaddr *)&ss, wsp_addrstr_size(type), host->name,
			       sizeof(host->name), NULL, 0, WS_NI_NAMEREQD);
}

WSA_EXPORT struct ws_hostent *wsp_gethostbyaddr(const char *addr, int len, int type)
{
	if (!wsa_enter() || netdb_host_by_addr(&netdb_host, addr, len, type))
		return NULL;
	return &netdb_host.ent;
}

/* Before a look-up: may there be one, and what is asked for? */
static int netdb_enter(const char *name, char *copy, size_t room)
{
	ssize_t len;

	if (!wsa_enter())
		return WSANOTINITIALISED;
	if (wsp_callback_active())
		return WSAEINPROGRESS;
	if (!copy)
		return 0;
	len = wsp_mem_string(copy, name, room, 1);
	if (len < 0)
		return WSAEFAULT;
	return len == (ssize_t)room ? WSANO_DATA : 0;
}

static struct ws_servent *netdb_give_service(int code, const struct servent *found)
{
	struct ws_servent *ent = &netdb_service.ent;

	if (wsp_gai_result(code || found ? code : WSANO_DATA) || !found)
		return NULL;
	ent->s_name = found->s_name;
	ent->s_aliases = found->s_aliases;
	ent->s_proto = found->s_proto;
	ent->s_port = found->s_port;
	return ent;
}

WSA_EXPORT struct ws_servent *wsp_getservbyname(const char *name, const char *proto)
{
	struct netdb_service *s = &netdb_service;
	char service[NI_MAXSERV], kind[NI_MAXSERV];
	struct servent *found = NULL;
	int code = netdb_enter(name, service, sizeof(service));

	if (!code && proto)
		code = netdb_enter(proto, kind, sizeof(kind));
	if (!code)
		getservbyname_r(service, proto ? kind : NULL, &s->ours, s->room, sizeof(s->room),
				&found);
	return netdb_give_service(code, found);
}

WSA_EXPORT struct ws_servent *wsp_getservbyport(int port, const char *proto)
{
	struct netdb_service *s = &netdb_service;
	struct servent *found = NULL;
	char kind[NI_MAXSERV];
	int code = netdb_enter(proto, proto ? kind : NULL, sizeof(kind));

	if (!code)
		getservbyport_r(port, proto ? kind : NULL, &s->ours, s->room, sizeof(s->room),
				&found);
	return netdb_give_service(code, found);
}

static struct ws_protoent *netdb_give_protocol(int code, const struct protoent *found)
{
	struct ws_protoent *ent = &netdb_protocol.ent;

	if (wsp_gai_result(code || found ? code : WSANO_DATA) || !found)
		return NULL;
	ent->p_name = found->p_name;
	ent->p_aliases = found->p_aliases;
	ent->p_proto = found->p_proto;
	return ent;
}

WSA_EXPORT struct ws_protoent *wsp_getprotobyname(const char *name)
{
	struct netdb_protocol *p = &netdb_protocol;
	struct protoent *found = NULL;
	char protocol[NI_MAXSERV];
	int code = netdb_enter(name, protocol, sizeof(protocol));

	if (!code)
		getprotobyname_r(protocol, &p->ours, p->room, sizeof(p->room), &found);
	return netdb_give_protocol(code, found);
}

WSA_EXPORT struct ws_protoent *wsp_getprotobynumber(int number)
{
	struct netdb_protocol *p = &netdb_protocol;
	struct protoent *found = NULL;
	int code = netdb_enter(NULL, NULL, 0);

	if (!code)
		getprotobynumber_r(number, &p->ours, p->room, sizeof(p->room), &found);
	return netdb_give_protocol(code, found);
}
