/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is done to a program's sockets, and where that is configured. */
#ifndef WSP_CONF_H
#define WSP_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WSP_CONF_PATH		"/etc/wsp/preload.conf"
#define WSP_CONF_MAX_PORTS	16
#define WSP_CONF_MAX_DATA	512
#define WSP_CONF_MAX_PATH	256
/* A longer file is no configuration. */
#define WSP_CONF_MAX_FILE	(64 * 1024)

/* Which sockets take part. */
enum wsp_conf_attach {
	WSP_CONF_ATTACH_NONE = 0,
	WSP_CONF_ATTACH_LISTEN = 1,
	WSP_CONF_ATTACH_CONNECT = 2,
	WSP_CONF_ATTACH_ALL = 3,
};

/* close() of a non-blocking socket that has to linger. */
enum wsp_conf_close {
	WSP_CONF_CLOSE_ASYNC,
	WSP_CONF_CLOSE_PLAIN,
	WSP_CONF_CLOSE_STRICT,
};

enum wsp_conf_log {
	WSP_CONF_LOG_NONE,
	WSP_CONF_LOG_STDERR,
	WSP_CONF_LOG_SYSLOG,
	WSP_CONF_LOG_FILE,
};

#define WSP_CONF_LINGER_KEEP	(-1)

/**
 * struct wsp_conf_range - ports, both ends included
 * @first: lowest
 * @last: highest
 */
struct wsp_conf_range {
	uint16_t first;
	uint16_t last;
};

/**
 * struct wsp_conf - the settings of one program
 * @attach: enum wsp_conf_attach value
 * @close: enum wsp_conf_close value
 * @log: enum wsp_conf_log value
 * @log_peer: log what peers end connections with
 * @linger: SO_LINGER's seconds to start sockets with, 0 for off, or
 *	WSP_CONF_LINGER_KEEP for the program's own choice
 * @nports: entries in @ports; 0 for all ports
 * @ports: of listeners, or to connect to
 * @data_len: bytes in @data
 * @data: disconnect data to arm, with its % sequences
 * @log_path: WSP_CONF_LOG_FILE's
 */
struct wsp_conf {
	int attach;
	int close;
	int log;
	bool log_peer;
	int linger;
	unsigned int nports;
	struct wsp_conf_range ports[WSP_CONF_MAX_PORTS];
	size_t data_len;
	char data[WSP_CONF_MAX_DATA];
	char log_path[WSP_CONF_MAX_PATH];
};

/**
 * struct wsp_conf_key - one setting
 * @name: in the file
 * @env: environment variable that overrides the file
 * @set: changes it; NULL, or what is wrong
 */
struct wsp_conf_key {
	const char *name;
	const char *env;
	const char *(*set)(struct wsp_conf *conf, const char *val, size_t len);
};

/* Ends with an empty one. */
extern const struct wsp_conf_key wsp_conf_keys[];

/* Is told of each error; @line is 0 for what is not in a file. */
typedef void wsp_conf_report(void *arg, unsigned int line, const char *what);

/**
 * struct wsp_conf_parse - where one file's settings go, and its errors
 * @conf: settings to change
 * @names: the program's names, NULL-terminated; NULL to check all sections
 * @report: is told of errors
 * @arg: for @report
 */
struct wsp_conf_parse {
	struct wsp_conf *conf;
	const char *const *names;
	wsp_conf_report *report;
	void *arg;
};

void wsp_conf_init(struct wsp_conf *conf);
const char *wsp_conf_set(struct wsp_conf *conf, const char *name, const char *val, size_t len);
bool wsp_conf_port(const struct wsp_conf *conf, uint16_t port);
bool wsp_conf_data_has(const struct wsp_conf *conf, char what);
unsigned int wsp_conf_text(const struct wsp_conf_parse *parse, const char *text, size_t len);
int wsp_conf_file(const struct wsp_conf_parse *parse, const char *path);
unsigned int wsp_conf_env(struct wsp_conf *conf, wsp_conf_report *report, void *arg);

#endif /* WSP_CONF_H */
