// SPDX-License-Identifier: LGPL-2.1-or-later
/* WSPIoctl codes about the computer's addresses. */
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ctl.h"

/* Each address starts where a pointer could. */
#define CTL_ALIGN(n)	(((n) + sizeof(void *) - 1) & ~(sizeof(void *) - 1))

static const struct {
	unsigned int ours;
	ULONG theirs;
} ctl_flags[] = {
	{ IFF_UP, WS_IFF_UP },
	{ IFF_BROADCAST, WS_IFF_BROADCAST },
	{ IFF_LOOPBACK, WS_IFF_LOOPBACK },
	{ IFF_POINTOPOINT, WS_IFF_POINTTOPOINT },
	{ IFF_MULTICAST, WS_IFF_MULTICAST },
};

static int ctl_domain(const struct wsp_handle *h)
{
	int domain = AF_UNSPEC;
	socklen_t len = sizeof(domain);

	getsockopt(h->fd, SOL_SOCKET, SO_DOMAIN, &domain, &len);
	return domain;
}

static size_t ctl_name_size(int domain)
{
	return domain == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
}

static void ctl_show_family(const struct wsp_handle *h, struct sockaddr_storage *ss)
{
	if (ss->ss_family == AF_INET6 && (h->state & WSP_H_WINFAM))
		ss->ss_family = WS_AF_INET6;
}

static bool ctl_can_bind(const struct ifaddrs *ifa, int domain)
{
	return ifa->ifa_addr && ifa->ifa_addr->sa_family == domain &&
	       (ifa->ifa_flags & IFF_UP) && !(ifa->ifa_flags & IFF_LOOPBACK);
}

static size_t ctl_count(const struct ifaddrs *ifa, int domain)
{
	size_t n = 0;

	for (; ifa; ifa = ifa->ifa_next)
		n += ctl_can_bind(ifa, domain);
	return n;
}

/* The pointers lead into the caller's own buffer. */
static void ctl_fill_list(const struct wsp_ctl *c, const struct ifaddrs *ifa, int domain,
			  struct ws_socket_address_list *list, size_t n)
{
	size_t size = ctl_name_size(domain);
	size_t at = offsetof(struct ws_socket_address_list, Address) + n * sizeof(list->Address);
	SOCKET_ADDRESS *entry = &list->Address;

	list->iAddressCount = n;
	for (; ifa; ifa = ifa->ifa_next) {
		struct sockaddr_storage ss = { 0 };

		if (!ctl_can_bind(ifa, domain))
			continue;
		memcpy(&ss, ifa->ifa_addr, size);
		ctl_show_family(c->h, &ss);
		memcpy((char *)list + at, &ss, size);
		entry->lpSockaddr = (struct sockaddr *)((char *)c->out + at);
		entry->iSockaddrLength = size;
		entry++;
		at += CTL_ALIGN(size);
	}
}

/**
 * wsp_ctl_address_list() - SIO_ADDRESS_LIST_QUERY
 * @c: call
 *
 * Return: 0 or a WSA code.
 */
int wsp_ctl_address_list(struct wsp_ctl *c)
{
	int domain = ctl_domain(c->h), code = WSAENOBUFS;
	struct ws_socket_address_list *list;
	struct ifaddrs *ifs;
	size_t n, size;

	if (getifaddrs(&ifs))
		return wsp_err_from_errno(errno);
	n = ctl_count(ifs, domain);
	size = offsetof(struct ws_socket_address_list, Address) +
	       n * (sizeof(list->Address) + CTL_ALIGN(ctl_name_size(domain)));
	list = calloc(1, size < sizeof(*list) ? sizeof(*list) : size);
	if (list) {
		ctl_fill_list(c, ifs, domain, list, n);
		code = wsp_ctl_give_sized(c, list, size);
	}
	free(list);
	freeifaddrs(ifs);
	return code;
}

static void ctl_gen(union ws_sockaddr_gen *gen, const struct sockaddr *sa, uint32_t fallback)
{
	const struct sockaddr_in *sin = (const struct sockaddr_in *)sa;

	gen->AddressIn.sin_family = AF_INET;
	gen->AddressIn.sin_addr = sa && sa->sa_family == AF_INET ? sin->sin_addr.s_addr : fallback;
}

static void ctl_interface(const struct ifaddrs *ifa, struct ws_interface_info *info)
{
	bool broadcast = ifa->ifa_flags & IFF_BROADCAST;

	for (size_t i = 0; i < ARRAY_SIZE(ctl_flags); i++)
		if (ifa->ifa_flags & ctl_flags[i].ours)
			info->iiFlags |= ctl_flags[i].theirs;
	ctl_gen(&info->iiAddress, ifa->ifa_addr, INADDR_ANY);
	ctl_gen(&info->iiBroadcastAddress, broadcast ? ifa->ifa_broadaddr : NULL,
		INADDR_BROADCAST);
	ctl_gen(&info->iiNetmask, ifa->ifa_netmask, INADDR_BROADCAST);
}

static bool ctl_is_interface(const struct ifaddrs *ifa)
{
	return ifa->ifa_addr && ifa->ifa_addr->sa_family == AF_INET && (ifa->ifa_flags & IFF_UP);
}

/**
 * wsp_ctl_interfaces() - SIO_GET_INTERFACE_LIST
 * @c: call
 *
 * Return: 0 or a WSA code.
 */
int wsp_ctl_interfaces(struct wsp_ctl *c)
{
	struct ws_interface_info *list;
	struct ifaddrs *ifs;
	int code = WSAENOBUFS;
	size_t n = 0;

	if (ctl_domain(c->h) != AF_INET)
		return WSAEINVAL;
	if (getifaddrs(&ifs))
		return wsp_err_from_errno(errno);
	for (const struct ifaddrs *ifa = ifs; ifa; ifa = ifa->ifa_next)
		n += ctl_is_interface(ifa);
	list = calloc(n + 1, sizeof(*list));
	if (list) {
		n = 0;
		for (const struct ifaddrs *ifa = ifs; ifa; ifa = ifa->ifa_next)
			if (ctl_is_interface(ifa))
				ctl_interface(ifa, &list[n++]);
		code = wsp_ctl_give_sized(c, list, n * sizeof(*list));
	}
	free(list);
	freeifaddrs(ifs);
	return code;
}

/**
 * wsp_ctl_broadcast() - SIO_GET_BROADCAST_ADDRESS
 * @c: call
 *
 * Return: 0 or a WSA code.
 */
int wsp_ctl_broadcast(struct wsp_ctl *c)
{
	struct sockaddr_in sin = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_BROADCAST),
	};

	if (ctl_domain(c->h) != AF_INET)
		return WSAEINVAL;
	return wsp_ctl_give_sized(c, &sin, sizeof(sin));
}

/* What a datagram to that address would be sent from. */
static int ctl_source(const struct sockaddr_storage *to, struct sockaddr_storage *from)
{
	int fd = socket(to->ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof(*from);
	int yes = 1, code = 0;

	if (fd < 0)
		return wsp_err_from_errno(errno);
	setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &yes, sizeof(yes));
	if (connect(fd, (const struct sockaddr *)to, ctl_name_size(to->ss_family)) ||
	    getsockname(fd, (struct sockaddr *)from, &len))
		code = wsp_err_from_errno(errno);
	close(fd);
	return code;
}

/**
 * wsp_ctl_route() - SIO_ROUTING_INTERFACE_QUERY
 * @c: call
 *
 * Return: 0 or a WSA code.
 */
int wsp_ctl_route(struct wsp_ctl *c)
{
	struct sockaddr_storage to = { 0 }, from = { 0 };
	size_t inlen = c->inlen < sizeof(to) ? c->inlen : sizeof(to);
	int code = wsp_addr_in(c->in, inlen, &to);

	if (code)
		return code;
	if (to.ss_family != ctl_domain(c->h))
		return WSAEAFNOSUPPORT;
	code = ctl_source(&to, &from);
	if (code)
		return code;
	/* At the same place for both families. */
	((struct sockaddr_in *)&from)->sin_port = 0;
	ctl_show_family(c->h, &from);
	return wsp_ctl_give_sized(c, &from, ctl_name_size(to.ss_family));
}
