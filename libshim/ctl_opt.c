// SPDX-License-Identifier: LGPL-2.1-or-later
/* WSPIoctl codes that are socket options by another name. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "ctl.h"

/* The kernel's limit for both times, in seconds. */
#define CTL_KEEPALIVE_MAX	32767

static int ctl_set(const struct wsp_ctl *c, int level, int name, int val)
{
	return setsockopt(c->h->fd, level, name, &val, sizeof(val)) ?
		wsp_err_from_errno(errno) : 0;
}

static bool ctl_is_ipv6(const struct wsp_ctl *c)
{
	int domain = 0;
	socklen_t len = sizeof(domain);

	return !getsockopt(c->h->fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) && domain == AF_INET6;
}

static int ctl_seconds(ULONG ms)
{
	ULONG s = ms / 1000 + !!(ms % 1000);

	return s > CTL_KEEPALIVE_MAX ? CTL_KEEPALIVE_MAX : s;
}

/**
 * wsp_ctl_keepalive() - SIO_KEEPALIVE_VALS
 * @c: call
 *
 * Return: 0 or a WSA code.
 */
int wsp_ctl_keepalive(struct wsp_ctl *c)
{
	struct ws_tcp_keepalive ka;
	int code = wsp_ctl_read(c, &ka, sizeof(ka));

	if (!code && ka.onoff)
		code = ctl_set(c, IPPROTO_TCP, TCP_KEEPIDLE, ctl_seconds(ka.keepalivetime));
	if (!code && ka.onoff)
		code = ctl_set(c, IPPROTO_TCP, TCP_KEEPINTVL, ctl_seconds(ka.keepaliveinterval));
	if (!code)
		code = ctl_set(c, SOL_SOCKET, SO_KEEPALIVE, !!ka.onoff);
	return code;
}

/**
 * wsp_ctl_multicast_loop() - SIO_MULTIPOINT_LOOPBACK
 * @c: call
 *
 * Return: 0 or a WSA code.
 */
int wsp_ctl_multicast_loop(struct wsp_ctl *c)
{
	int on, code = wsp_ctl_read(c, &on, sizeof(on));

	if (code)
		return code;
	if (ctl_is_ipv6(c))
		return ctl_set(c, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, !!on);
	return ctl_set(c, IPPROTO_IP, IP_MULTICAST_LOOP, !!on);
}

/**
 * wsp_ctl_multicast_scope() - SIO_MULTICAST_SCOPE
 * @c: call
 *
 * Return: 0 or a WSA code.
 */
int wsp_ctl_multicast_scope(struct wsp_ctl *c)
{
	int hops, code = wsp_ctl_read(c, &hops, sizeof(hops));

	if (code)
		return code;
	if (ctl_is_ipv6(c))
		return ctl_set(c, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, hops);
	return ctl_set(c, IPPROTO_IP, IP_MULTICAST_TTL, hops);
}
