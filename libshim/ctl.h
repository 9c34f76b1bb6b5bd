/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* WSPIoctl, by code. */
#ifndef WSP_CTL_H
#define WSP_CTL_H

#include "internal.h"

/**
 * struct wsp_ctl - one WSPIoctl
 * @h: socket
 * @s: the caller's handle
 * @in: the caller's input
 * @inlen: its size in bytes
 * @out: the caller's output
 * @outlen: room there in bytes
 * @count: bytes put there, or needed there on WSAEFAULT
 */
struct wsp_ctl {
	const struct wsp_handle *h;
	SOCKET s;
	const void *in;
	DWORD inlen;
	void *out;
	DWORD outlen;
	DWORD count;
};

/* ctl.c */
int wsp_ctl_read(const struct wsp_ctl *c, void *val, size_t size);
int wsp_ctl_give(struct wsp_ctl *c, const void *val, size_t size);
int wsp_ctl_give_sized(struct wsp_ctl *c, const void *val, size_t size);

/* ctl_addr.c */
int wsp_ctl_address_list(struct wsp_ctl *c);
int wsp_ctl_broadcast(struct wsp_ctl *c);
int wsp_ctl_interfaces(struct wsp_ctl *c);
int wsp_ctl_route(struct wsp_ctl *c);

/* ctl_opt.c: those that are options by another name */
int wsp_ctl_keepalive(struct wsp_ctl *c);
int wsp_ctl_multicast_loop(struct wsp_ctl *c);
int wsp_ctl_multicast_scope(struct wsp_ctl *c);

#endif /* WSP_CTL_H */
