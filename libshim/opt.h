/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The tables of socket options, one file for each level or concern. */
#ifndef WSP_OPT_H
#define WSP_OPT_H

#include "internal.h"

#define WSP_OPT_NO_VALUE	1 /* set without one */
#define WSP_OPT_BOOL		2 /* a single byte will do on reading */
#define WSP_OPT_NOT_DGRAM	4
#define WSP_OPT_DGRAM_ONLY	8

/* Room at a get()'s value. */
#define WSP_OPT_VALUE_MAX	640

/**
 * struct wsp_opt - one socket option
 * @level: Winsock's
 * @name: Winsock's
 * @linux_level: the kernel's, as far as the functions use it
 * @linux_name: the kernel's
 * @flags: WSP_OPT_*
 * @set: takes the caller's value; a WSA code or 0
 * @get: puts value and size there; a WSA code or 0
 * @get_user: in place of @get: gives the value to the caller itself
 */
struct wsp_opt {
	int level;
	int name;
	int linux_level;
	int linux_name;
	int flags;
	int (*set)(const struct wsp_handle *h, const struct wsp_opt *d, const char *val, int len);
	int (*get)(const struct wsp_handle *h, const struct wsp_opt *d, void *val, int *len);
	int (*get_user)(const struct wsp_handle *h, const struct wsp_opt *d, char *val, int *len);
};

struct wsp_opt_table {
	const struct wsp_opt *opts;
	size_t n;
};

extern const struct wsp_opt_table wsp_opt_conn;
extern const struct wsp_opt_table wsp_opt_disc;
extern const struct wsp_opt_table wsp_opt_ip;
extern const struct wsp_opt_table wsp_opt_ip6;
extern const struct wsp_opt_table wsp_opt_linger;
extern const struct wsp_opt_table wsp_opt_mcast;
extern const struct wsp_opt_table wsp_opt_sock;
extern const struct wsp_opt_table wsp_opt_tcp;

/* opt_value.c */
int wsp_opt_set_raw(const struct wsp_handle *h, const struct wsp_opt *d, const void *val,
		    socklen_t len);
int wsp_opt_get_raw(const struct wsp_handle *h, const struct wsp_opt *d, void *val, socklen_t len);
int wsp_opt_read_int(const char *val, int len, int *out);
int wsp_opt_set_int(const struct wsp_handle *h, const struct wsp_opt *d, const char *val, int len);
int wsp_opt_get_int(const struct wsp_handle *h, const struct wsp_opt *d, void *val, int *len);
int wsp_opt_set_bool(const struct wsp_handle *h, const struct wsp_opt *d, const char *val,
		     int len);
int wsp_opt_get_bool(const struct wsp_handle *h, const struct wsp_opt *d, void *val, int *len);
int wsp_opt_set_same(const struct wsp_handle *h, const struct wsp_opt *d, const char *val,
		     int len);
int wsp_opt_get_same(const struct wsp_handle *h, const struct wsp_opt *d, char *val, int *len);
int wsp_opt_set_mtu_discover(const struct wsp_handle *h, const struct wsp_opt *d, const char *val,
			     int len);
int wsp_opt_get_mtu_discover(const struct wsp_handle *h, const struct wsp_opt *d, void *val,
			     int *len);

#endif /* WSP_OPT_H */
