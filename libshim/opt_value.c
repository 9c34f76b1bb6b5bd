// SPDX-License-Identifier: LGPL-2.1-or-later
/* Values of socket options that more than one level has. */
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "opt.h"

/**
 * wsp_opt_set_raw() - set the kernel's option
 * @h: socket
 * @d: option
 * @val: the kernel's value
 * @len: its size in bytes
 *
 * Return: 0 or a WSA code.
 */
int wsp_opt_set_raw(const struct wsp_handle *h, const struct wsp_opt *d, const void *val,
		    socklen_t len)
{
	if (setsockopt(h->fd, d->linux_level, d->linux_name, val, len))
		return wsp_err_from_errno(errno);
	return 0;
}

/**
 * wsp_opt_get_raw() - get the kernel's option
 * @h: socket
 * @d: option
 * @val: out: the kernel's value
 * @len: its size in bytes
 *
 * Return: 0 or a WSA code.
 */
int wsp_opt_get_raw(const struct wsp_handle *h, const struct wsp_opt *d, void *val, socklen_t len)
{
	if (getsockopt(h->fd, d->linux_level, d->linux_name, val, &len))
		return wsp_err_from_errno(errno);
	return 0;
}

/**
 * wsp_opt_read_int() - a number from the caller
 * @val: the caller's pointer
 * @len: its size; Windows takes a BOOL of a single byte, too
 * @out: out
 *
 * Return: 0 or WSAEFAULT.
 */
int wsp_opt_read_int(const char *val, int len, int *out)
{
	signed char byte;

	if (len >= (int)sizeof(*out))
		return wsp_mem_read(out, val, sizeof(*out)) ? 0 : WSAEFAULT;
	if (len < 1 || !wsp_mem_read(&byte, val, 1))
		return WSAEFAULT;
	*out = (int)byte;
	return 0;
}

/**
 * wsp_opt_set_int() - a number that is the same in both worlds
 * @h: socket
 * @d: option
 * @val: the caller's pointer
 * @len: its size
 *
 * Return: 0 or a WSA code.
 */
int wsp_opt_set_int(const struct wsp_handle *h, const struct wsp_opt *d, const char *val, int len)
{
	int n;
	int code = wsp_opt_read_int(val, len, &n);

	return code ? code : wsp_opt_set_raw(h, d, &n, sizeof(n));
}

/**
 * wsp_opt_get_int() - a number that is the same in both worlds
 * @h: socket
 * @d: option
 * @val: out
 * @len: out: its size
 *
 * Return: 0 or a WSA code.
 */
int wsp_opt_get_int(const struct wsp_handle *h, const struct wsp_opt *d, void *val, int *len)
{
	*len = sizeof(int);
	return wsp_opt_get_raw(h, d, val, sizeof(int));
}

/**
 * wsp_opt_set_bool() - any number but 0 means yes
 * @h: socket
 * @d: option
 * @val: the caller's pointer
 * @len: its size
 *
 * Return: 0 or a WSA code.
 */
int wsp_opt_set_bool(const struct wsp_handle *h, const struct wsp_opt *d, const char *val, int len)
{
	int n;
	int code = wsp_opt_read_int(val, len, &n);

	if (code)
		return code;
	n = !!n;
	return wsp_opt_set_raw(h, d, &n, sizeof(n));
}

/**
 * wsp_opt_get_bool() - 0 or 1
 * @h: socket
 * @d: option
 * @val: out
 * @len: out: its size
 *
 * Return: 0 or a WSA code.
 */
int wsp_opt_get_bool(const struct wsp_handle *h, const struct wsp_opt *d, void *val, int *len)
{
	int code = wsp_opt_get_int(h, d, val, len);

	*(BOOL *)val = !!*(int *)val;
	return code;
}

/**
 * wsp_opt_set_same() - a value of the same layout in both worlds
 * @h: socket
 * @d: option
 * @val: the caller's pointer, which the kernel checks
 * @len: its size
 *
 * Return: 0 or a WSA code.
 */
int wsp_opt_set_same(const struct wsp_handle *h, const struct wsp_opt *d, const char *val, int len)
{
	return wsp_opt_set_raw(h, d, val, len);
}

/**
 * wsp_opt_get_same() - a value of the same layout in both worlds
 * @h: socket
 * @d: option
 * @val: the caller's pointer, which the kernel checks
 * @len: the caller's room, then its size
 *
 * Return: 0 or a WSA code.
 */
int wsp_opt_get_same(const struct wsp_handle *h, const struct wsp_opt *d, char *val, int *len)
{
	if (getsockopt(h->fd, d->linux_level, d->linux_name, val, (socklen_t *)len))
		return wsp_err_from_errno(errno);
	return 0;
}

/* IPv6 has the same numbers. */
static const int opt_mtu_discover[] = {
	[WS_IP_PMTUDISC_NOT_SET] = IP_PMTUDISC_WANT,
	[WS_IP_PMTUDISC_DO] = IP_PMTUDISC_DO,
	[WS_IP_PMTUDISC_DONT] = IP_PMTUDISC_DONT,
	[WS_IP_PMTUDISC_PROBE] = IP_PMTUDISC_PROBE,
};

/**
 * wsp_opt_set_mtu_discover() - whether to look for the path's MTU
 * @h: socket
 * @d: option
 * @val: the caller's pointer
 * @len: its size
 *
 * Return: 0 or a WSA code.
 */
int wsp_opt_set_mtu_discover(const struct wsp_handle *h, const struct wsp_opt *d, const char *val,
			     int len)
{
	int n, code = wsp_opt_read_int(val, len, &n);

	if (code)
		return code;
	if (n < 0 || n >= (int)ARRAY_SIZE(opt_mtu_discover))
		return WSAEINVAL;
	return wsp_opt_set_raw(h, d, &opt_mtu_discover[n], sizeof(int));
}

/**
 * wsp_opt_get_mtu_discover() - whether the path's MTU is looked for
 * @h: socket
 * @d: option
 * @val: out
 * @len: out: its size
 *
 * Return: 0 or a WSA code.
 */
int wsp_opt_get_mtu_discover(const struct wsp_handle *h, const struct wsp_opt *d, void *val,
			     int *len)
{
	int code = wsp_opt_get_int(h, d, val, len);
	int ours = *(int *)val;

	*(int *)val = WS_IP_PMTUDISC_NOT_SET;
	for (size_t i = 0; i < ARRAY_SIZE(opt_mtu_discover); i++)
		if (opt_mtu_discover[i] == ours)
			*(int *)val = i;
	return code;
}
