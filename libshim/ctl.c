// SPDX-License-Identifier: LGPL-2.1-or-later
/* WSPIoctl: the table of codes, and those that need few lines. */
#include <errno.h>
#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>

#include "block.h"
#include "ctl.h"
#include "extension.h"
#include "netevent.h"
#include "overlapped.h"

#define CTL_TCP		1 /* only for such sockets */
#define CTL_DGRAM	2

/**
 * wsp_ctl_read() - take the input
 * @c: call
 * @val: out
 * @size: its size in bytes
 *
 * Return: 0 or WSAEFAULT.
 */
int wsp_ctl_read(const struct wsp_ctl *c, void *val, size_t size)
{
	return c->inlen >= size && wsp_mem_read(val, c->in, size) ? 0 : WSAEFAULT;
}

/**
 * wsp_ctl_give() - give the output
 * @c: call
 * @val: output
 * @size: its size in bytes
 *
 * Return: 0 or WSAEFAULT.
 */
int wsp_ctl_give(struct wsp_ctl *c, const void *val, size_t size)
{
	if (c->outlen < size || (size && !wsp_mem_write(c->out, val, size)))
		return WSAEFAULT;
	c->count = size;
	return 0;
}

/**
 * wsp_ctl_give_sized() - give output whose size the caller may be asking for
 * @c: call
 * @val: output
 * @size: its size in bytes, told where there is too little room
 *
 * Return: 0 or WSAEFAULT.
 */
int wsp_ctl_give_sized(struct wsp_ctl *c, const void *val, size_t size)
{
	c->count = c->outlen < size ? size : 0;
	return wsp_ctl_give(c, val, size);
}

static int ctl_set_nonblocking(struct wsp_ctl *c)
{
	uint32_t val;
	int code = wsp_ctl_read(c, &val, sizeof(val));

	if (code)
		return code;
	/* A selection keeps the socket nonblocking.  EV-5 */
	if (!val && wsp_netevent_selected(c->h))
		return WSAEINVAL;
	return wsp_block_set_nonblocking(c->h, val != 0);
}

static int ctl_get_readable(struct wsp_ctl *c)
{
	int n;

	if (ioctl(c->h->fd, FIONREAD, &n))
		return wsp_err_from_errno(errno);
	return wsp_ctl_give(c, &n, sizeof(n));
}

/* Winsock also says yes where there is no mark to come. */
static int ctl_at_mark(struct wsp_ctl *c)
{
	struct pollfd p = { .fd = c->h->fd, .events = POLLPRI };
	BOOL at;
	int n;

	if (ioctl(c->h->fd, SIOCATMARK, &n))
		return wsp_err_from_errno(errno);
	at = n || poll(&p, 1, 0) <= 0 || !(p.revents & POLLPRI);
	return wsp_ctl_give(c, &at, sizeof(at));
}

static int ctl_extension(struct wsp_ctl *c)
{
	GUID id;
	void *fn;
	int code = wsp_ctl_read(c, &id, sizeof(id));

	if (code)
		return code;
	fn = wsp_extension_find(&id);
	return fn ? wsp_ctl_give(c, &fn, sizeof(fn)) : WSAEINVAL;
}

/* Whether to hear that a datagram found no one at the peer's port. */
static int ctl_udp_connreset(struct wsp_ctl *c)
{
	BOOL on;
	int code = wsp_ctl_read(c, &on, sizeof(on));

	if (!code)
		wsp_handle_put(c->h, WSP_H_NO_CONNRESET, !on);
	return code;
}

static int ctl_same_handle(struct wsp_ctl *c)
{
	return wsp_ctl_give(c, &c->s, sizeof(c->s));
}

/* Linux's numbers for the three BSD ones will do. */
static const struct {
	DWORD code;
	int kind;
	int (*run)(struct wsp_ctl *c);
} ctl_table[] = {
	{ WS_FIONBIO, 0, ctl_set_nonblocking },
	{ FIONBIO, 0, ctl_set_nonblocking },
	{ WS_FIONREAD, 0, ctl_get_readable },
	{ FIONREAD, 0, ctl_get_readable },
	{ WS_SIOCATMARK, CTL_TCP, ctl_at_mark },
	{ SIOCATMARK, CTL_TCP, ctl_at_mark },
	{ SIO_GET_EXTENSION_FUNCTION_POINTER, 0, ctl_extension },
	{ SIO_BASE_HANDLE, 0, ctl_same_handle },
	{ SIO_BSP_HANDLE, 0, ctl_same_handle },
	{ SIO_BSP_HANDLE_SELECT, 0, ctl_same_handle },
	{ SIO_BSP_HANDLE_POLL, 0, ctl_same_handle },
	{ SIO_KEEPALIVE_VALS, CTL_TCP, wsp_ctl_keepalive },
	{ SIO_UDP_CONNRESET, CTL_DGRAM, ctl_udp_connreset },
	{ SIO_MULTIPOINT_LOOPBACK, CTL_DGRAM, wsp_ctl_multicast_loop },
	{ SIO_MULTICAST_SCOPE, CTL_DGRAM, wsp_ctl_multicast_scope },
	{ SIO_ADDRESS_LIST_QUERY, 0, wsp_ctl_address_list },
	{ SIO_ROUTING_INTERFACE_QUERY, 0, wsp_ctl_route },
	{ SIO_GET_BROADCAST_ADDRESS, 0, wsp_ctl_broadcast },
	{ SIO_GET_INTERFACE_LIST, 0, wsp_ctl_interfaces },
};

static int ctl_run(struct wsp_ctl *c, DWORD code)
{
	for (size_t i = 0; i < ARRAY_SIZE(ctl_table); i++) {
		if (ctl_table[i].code != code)
			continue;
		if ((ctl_table[i].kind == CTL_TCP && !(c->h->state & WSP_H_TCP)) ||
		    (ctl_table[i].kind == CTL_DGRAM && !(c->h->state & WSP_H_DGRAM)))
			return WSAEINVAL;
		return ctl_table[i].run(c);
	}
	return WSAEOPNOTSUPP;
}

/* WSPIoctl; see WSAIoctl() */
int wsp_ioctl_spi(SOCKET s, DWORD code, void *in, DWORD inlen, void *out, DWORD outlen,
		  DWORD *count, LPWSAOVERLAPPED ov, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
		  LPWSATHREADID thread, int *err)
{
	struct wsp_handle h;
	struct wsp_ctl c = {
		.h = &h, .s = s, .in = in, .inlen = inlen, .out = out, .outlen = outlen,
	};
	int fail = wsp_handle_get(s, &h);

	if (fail)
		return wsp_err_fail(err, fail);
	if (!count && !ov)
		return wsp_err_fail(err, WSAEFAULT);
	fail = ctl_run(&c, code);
	if (count && (!fail || c.count) && !wsp_mem_write(count, &c.count, sizeof(c.count)))
		fail = WSAEFAULT;
	/* Nothing here takes time.  OV-3 */
	if (!fail && ov)
		fail = wsp_overlapped_done(s, ov, routine, thread, 0, c.count, 0);
	return wsp_err_result(err, fail);
}
