// SPDX-License-Identifier: LGPL-2.1-or-later
/* The configuration, checked before it is used. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../preload/conf.h"
#include "run.h"

static void check_report(void *arg, unsigned int line, const char *what)
{
	if (line)
		fprintf(stderr, "%s:%u: %s\n", (const char *)arg, line, what);
	else
		fprintf(stderr, "%s: %s\n", (const char *)arg, what);
}

/* Number of errors in file and environment; @program NULL looks at all sections. */
static unsigned int check_errors(const struct run_options *opt, const char *program,
				 struct wsp_conf *conf)
{
	const char *path = opt->config ? opt->config : WSP_CONF_PATH;
	const char *names[2] = { program };
	struct wsp_conf_parse parse = {
		.conf = conf,
		.names = program ? names : NULL,
		.report = check_report,
		.arg = (void *)path,
	};
	int errors;

	wsp_conf_init(conf);
	errors = wsp_conf_file(&parse, path);
	if (errors < 0) {
		/* The usual one need not be there. */
		errors = opt->config || errno != ENOENT;
		if (errors)
			check_report((void *)path, 0, strerror(errno));
	}
	return errors + wsp_conf_env(conf, check_report, "environment");
}

/**
 * run_config_ok() - whether the preloaded object would take the configuration
 * @opt: options
 *
 * Says what is wrong.
 */
bool run_config_ok(const struct run_options *opt)
{
	struct wsp_conf conf;

	return !check_errors(opt, NULL, &conf);
}

static void check_print_ports(const struct wsp_conf *conf)
{
	printf("ports = %s", conf->nports ? "" : "all");
	for (unsigned int i = 0; i < conf->nports; i++) {
		printf("%s%u", i ? ", " : "", conf->ports[i].first);
		if (conf->ports[i].last != conf->ports[i].first)
			printf("-%u", conf->ports[i].last);
	}
	putchar('\n');
}

static void check_print_data(const struct wsp_conf *conf)
{
	printf("disconnect-data = \"");
	for (size_t i = 0; i < conf->data_len; i++) {
		unsigned char c = conf->data[i];

		if (c == '"' || c == '\\')
			printf("\\%c", c);
		else if (c < ' ' || c > '~')
			printf("\\x%02x", c);
		else
			putchar(c);
	}
	puts("\"");
}

/* In the file's own form. */
static void check_print(const struct wsp_conf *conf)
{
	static const char *const attach[] = { "none", "listen", "connect", "all" };
	static const char *const close[] = { "async", "plain", "strict" };
	static const char *const log[] = { "none", "stderr", "syslog" };

	printf("attach = %s\n", attach[conf->attach]);
	check_print_ports(conf);
	check_print_data(conf);
	if (conf->linger > 0)
		printf("linger = %d\n", conf->linger);
	else
		printf("linger = %s\n", conf->linger ? "keep" : "off");
	printf("close = %s\n", close[conf->close]);
	printf("log = %s\n", conf->log == WSP_CONF_LOG_FILE ? conf->log_path : log[conf->log]);
	printf("log-peer = %s\n", conf->log_peer ? "yes" : "no");
}

/**
 * run_check() - wsp-run --check
 * @opt: options
 * @program: command whose settings are to be printed, or NULL
 *
 * Return: exit status, 1 if there are errors.
 */
int run_check(const struct run_options *opt, const char *program)
{
	struct wsp_conf conf;
	const char *base;

	if (check_errors(opt, NULL, &conf))
		return 1;
	if (!program)
		return 0;
	base = strrchr(program, '/');
	check_errors(opt, base ? base + 1 : program, &conf);
	check_print(&conf);
	return 0;
}
