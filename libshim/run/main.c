// SPDX-License-Identifier: LGPL-2.1-or-later
/* wsp-run: run a program with libwsp-preload.so. */
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../preload/conf.h"
#include "run.h"

static const char main_help[] =
	"Usage: wsp-run [OPTION…] [--] COMMAND [ARGUMENT…]\n"
	"       wsp-run [OPTION…] --service UNIT\n"
	"       wsp-run --remove-service UNIT\n"
	"       wsp-run [--config FILE] --check [COMMAND]\n"
	"       wsp-run --status\n"
	"\n"
	"Runs COMMAND so that its TCP connections carry disconnect data and keep their\n"
	"linger times, as far as the peer and the kernel module wsp do their part.\n"
	"\n"
	"Settings, instead of those in " WSP_CONF_PATH ":\n"
	"  -d, --disconnect-data TEXT  tell peers TEXT when a connection ends;\n"
	"                              %p pid, %n program, %h host, %s reason, %% percent\n"
	"  -l, --linger SECONDS        start sockets with this linger time; off, keep\n"
	"  -m, --close MODE            lingering close of non-blocking sockets: async,\n"
	"                              plain, strict\n"
	"  -a, --attach WHICH          sockets that take part: all, listen, connect, none\n"
	"  -p, --ports LIST            of these ports only: 80, 8000-8100; all\n"
	"      --log WHERE             messages: stderr, syslog, none, or a file's path\n"
	"      --log-peer yes|no       log what peers end connections with\n"
	"\n"
	"  -c, --config FILE           settings come from FILE\n"
	"      --check [COMMAND]       check the settings; print those of COMMAND\n"
	"      --status                tell about module, sysctls, counters\n"
	"      --service UNIT          have systemd start UNIT like this, by a drop-in\n"
	"      --remove-service UNIT   remove that drop-in\n"
	"      --root DIR              --service: the system below DIR\n"
	"  -h, --help                  this\n"
	"  -V, --version               print the version\n";

enum main_option {
	OPT_LOG = 256,
	OPT_LOG_PEER,
	OPT_CHECK,
	OPT_STATUS,
	OPT_SERVICE,
	OPT_REMOVE,
	OPT_ROOT,
};

static const struct option main_options[] = {
	{ "disconnect-data", required_argument, NULL, 'd' },
	{ "linger", required_argument, NULL, 'l' },
	{ "close", required_argument, NULL, 'm' },
	{ "attach", required_argument, NULL, 'a' },
	{ "ports", required_argument, NULL, 'p' },
	{ "log", required_argument, NULL, OPT_LOG },
	{ "log-peer", required_argument, NULL, OPT_LOG_PEER },
	{ "config", required_argument, NULL, 'c' },
	{ "check", no_argument, NULL, OPT_CHECK },
	{ "status", no_argument, NULL, OPT_STATUS },
	{ "service", required_argument, NULL, OPT_SERVICE },
	{ "remove-service", required_argument, NULL, OPT_REMOVE },
	{ "root", required_argument, NULL, OPT_ROOT },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ }
};

/* Options named like settings. */
static const struct main_setting {
	int opt;
	const char *name;
} main_settings[] = {
	{ 'd', "disconnect-data" },
	{ 'l', "linger" },
	{ 'm', "close" },
	{ 'a', "attach" },
	{ 'p', "ports" },
	{ OPT_LOG, "log" },
	{ OPT_LOG_PEER, "log-peer" },
	{ }
};

/**
 * run_say() - a message
 * @fmt: as printf()'s
 */
void run_say(const char *fmt, ...)
{
	va_list ap;

	fputs("wsp-run: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}

/* Whether @c is a setting's option; it is in the environment then. */
static bool main_setting(struct run_options *opt, int c, const char *val)
{
	const struct main_setting *s = main_settings;

	while (s->name && s->opt != c)
		s++;
	for (int i = 0; s->name && wsp_conf_keys[i].name; i++) {
		if (strcmp(wsp_conf_keys[i].name, s->name))
			continue;
		opt->env[i] = val;
		setenv(wsp_conf_keys[i].env, val, 1);
	}
	return s->name;
}

/* A relative path would mean another file in another directory. */
static const char *main_absolute(const char *path)
{
	char *full = realpath(path, NULL);

	return full ? full : path;
}

static int main_exec(const struct run_options *opt, char **argv)
{
	char path[RUN_PATH], lib[RUN_PATH];

	if (!run_config_ok(opt) || !run_lib(lib))
		return RUN_FAILED;
	if (!run_find(argv[0], path)) {
		run_say("%s: %s", argv[0], strchr(argv[0], '/') ? strerror(errno) :
			"command not found");
		return RUN_NOT_FOUND;
	}
	if (!run_may_preload(path))
		return RUN_CANNOT_EXEC;
	if (!run_module_usable())
		run_say("the kernel module wsp is not loaded; connections will be plain TCP");
	if (!run_preload(lib)) {
		run_say("no memory");
		return RUN_FAILED;
	}
	execv(path, argv);
	run_say("%s: %s", path, strerror(errno));
	return RUN_CANNOT_EXEC;
}

static int main_usage(void)
{
	fputs("Try wsp-run --help\n", stderr);
	return RUN_FAILED;
}

int main(int argc, char **argv)
{
	struct run_options opt = { .root = "" };
	const char *unit = NULL;
	int c, mode = 0;

	while ((c = getopt_long(argc, argv, "+d:l:m:a:p:c:hV", main_options, NULL)) != -1) {
		switch (c) {
		case 'h':
			fputs(main_help, stdout);
			return 0;
		case 'V':
			puts("wsp-run " WSP_VERSION);
			return 0;
		case 'c':
			opt.config = main_absolute(optarg);
			setenv("WSP_CONFIG", opt.config, 1);
			break;
		case OPT_ROOT:
			opt.root = optarg;
			break;
		case OPT_SERVICE:
		case OPT_REMOVE:
			unit = optarg;
			mode = c;
			break;
		case OPT_CHECK:
		case OPT_STATUS:
			mode = c;
			break;
		default:
			if (!main_setting(&opt, c, optarg))
				return main_usage();
		}
	}
	if (!opt.config)
		opt.config = getenv("WSP_CONFIG");
	switch (mode) {
	case OPT_CHECK:
		return run_check(&opt, argv[optind]);
	case OPT_STATUS:
		return run_status(&opt);
	case OPT_SERVICE:
		return run_config_ok(&opt) ? run_service(&opt, unit) : RUN_FAILED;
	case OPT_REMOVE:
		return run_remove_service(&opt, unit);
	}
	return optind < argc ? main_exec(&opt, argv + optind) : main_usage();
}
