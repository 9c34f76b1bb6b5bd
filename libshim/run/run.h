/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* wsp-run's parts. */
#ifndef WSP_RUN_H
#define WSP_RUN_H

#include <stdbool.h>
#include <stddef.h>

#define RUN_PATH	4096

/* Exit statuses, as env(1) has them. */
enum run_exit {
	RUN_FAILED = 125,
	RUN_CANNOT_EXEC = 126,
	RUN_NOT_FOUND = 127,
};

/**
 * struct run_options - the command line
 * @config: --config, or NULL
 * @root: --root, else empty
 * @env: settings given as options, by index in wsp_conf_keys; NULL: not given
 */
struct run_options {
	const char *config;
	const char *root;
	const char *env[16];
};

/* main.c */
void run_say(const char *fmt, ...);

/* program.c */
bool run_find(const char *cmd, char *path);
bool run_may_preload(const char *path);

/* lib.c */
bool run_lib(char *path);
bool run_preload(const char *lib);

/* status.c */
bool run_module_usable(void);
int run_status(const struct run_options *opt);

/* check.c */
bool run_config_ok(const struct run_options *opt);
int run_check(const struct run_options *opt, const char *program);

/* service.c */
int run_service(const struct run_options *opt, const char *unit);
int run_remove_service(const struct run_options *opt, const char *unit);

/* unit.c */
bool run_unit_name(const char *unit, char *name, size_t size);
int run_unit_read(const char *root, const char *unit, char *exec, size_t size);

#endif /* WSP_RUN_H */
