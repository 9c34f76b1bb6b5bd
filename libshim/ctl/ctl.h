/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* wspctl's parts. */
#ifndef WSPCTL_H
#define WSPCTL_H

#include <linux/wsp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>

enum ctl_exit {
	CTL_OK = 0,
	CTL_FAILED = 1,
	CTL_USAGE = 2,
	CTL_NO_DATA = 3,	/* disconnect data did not go, or none came */
	CTL_TIMEOUT = 4,
};

/**
 * struct ctl_options - the command line
 * @json: --json
 * @all: --all
 * @listen: --listen
 * @interval: --interval, in seconds; 0: once
 * @count: --count, how often; 0: for ever
 * @timeout: --timeout, in milliseconds; -1: none
 * @data: --disconnect-data, or NULL
 */
struct ctl_options {
	bool json;
	bool all;
	bool listen;
	double interval;
	unsigned long count;
	int timeout;
	const char *data;
};

/* main.c */
void ctl_say(const char *fmt, ...);

/* Commands: arguments behind the options; an exit status. */
int ctl_stat(const struct ctl_options *opt, int argc, char **argv);
int ctl_sockets(const struct ctl_options *opt, int argc, char **argv);
int ctl_nc(const struct ctl_options *opt, int argc, char **argv);
int ctl_send_disconnect(const struct ctl_options *opt, int argc, char **argv);
int ctl_recv(const struct ctl_options *opt, int argc, char **argv);

/* names.c */
const char *ctl_fallback_name(uint32_t fallback);
const char *ctl_linger_name(uint32_t state);
const char *ctl_tcp_name(unsigned int state);

/* json.c */

/**
 * struct ctl_json - JSON being written
 * @f: where to
 * @depth: open objects and arrays
 * @more: the innermost has an element already
 */
struct ctl_json {
	FILE *f;
	unsigned int depth;
	bool more;
};

void ctl_json_open(struct ctl_json *j, const char *name, char bracket);
void ctl_json_close(struct ctl_json *j, char bracket);
void ctl_json_num(struct ctl_json *j, const char *name, double val);
void ctl_json_bool(struct ctl_json *j, const char *name, bool val);
void ctl_json_str(struct ctl_json *j, const char *name, const char *val);
void ctl_json_data(struct ctl_json *j, const char *name, const void *data, size_t len);

/* diag.c */

/**
 * struct ctl_sock - an attached socket, as inet_diag shows it
 * @family: AF_INET or AF_INET6
 * @state: TCP state
 * @local: its address
 * @remote: the peer's
 * @inode: of the socket, 0 for one without a descriptor
 * @cookie: SO_COOKIE
 * @attr: by enum wsp_diag_attr
 */
struct ctl_sock {
	int family;
	unsigned int state;
	struct sockaddr_storage local;
	struct sockaddr_storage remote;
	uint32_t inode;
	uint64_t cookie;
	uint32_t attr[WSP_DIAG_MAX + 1];
};

struct ctl_socks {
	struct ctl_sock *sock;
	size_t count;
};

int ctl_diag(struct ctl_socks *socks);

/* owner.c */

/**
 * struct ctl_owner - a process that has a socket open
 * @inode: the socket's
 * @pid: the process
 * @name: its name
 */
struct ctl_owner {
	uint32_t inode;
	int pid;
	char name[32];
};

struct ctl_owners {
	struct ctl_owner *owner;
	size_t count;
};

void ctl_owners_read(struct ctl_owners *owners);
const struct ctl_owner *ctl_owner_find(const struct ctl_owners *owners, uint32_t inode);

/* conn.c */

/**
 * struct ctl_conn - one connection of nc, recv or send-disconnect
 * @fd: the socket, blocking
 * @attached: the module is there
 * @deadline: of all that waits, in ms of the monotonic clock; -1: none
 */
struct ctl_conn {
	int fd;
	bool attached;
	int64_t deadline;
};

int ctl_conn_open(struct ctl_conn *c, const struct ctl_options *opt, int argc, char **argv);
int ctl_conn_left(const struct ctl_conn *c);
int ctl_conn_wait(const struct ctl_conn *c, short events);
int ctl_conn_send(const struct ctl_conn *c, const void *data, size_t len);
ssize_t ctl_conn_data(const struct ctl_conn *c, void *buf, size_t size);
int ctl_conn_drain(const struct ctl_conn *c);
void ctl_conn_report(const struct ctl_conn *c, const struct ctl_options *opt, FILE *f);

#endif /* WSPCTL_H */
