// SPDX-License-Identifier: LGPL-2.1-or-later
/* wspctl: the module's counters and sockets, and disconnect data for scripts. */
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "ctl.h"

static const char main_help[] =
	"Usage: wspctl stat [-a] [-i SECONDS [-n COUNT]] [-j]\n"
	"       wspctl sockets [-a | -l] [-j]\n"
	"       wspctl nc [-l] [-d TEXT] [-t SECONDS] [-j] [HOST] PORT\n"
	"       wspctl send-disconnect [-l] [-d TEXT] [-t SECONDS] [-j] [HOST] PORT\n"
	"       wspctl recv [-l] [-d TEXT] [-t SECONDS] [-j] [HOST] PORT\n"
	"\n"
	"stat             counters that are not 0, or how fast they rise\n"
	"sockets          attached sockets and what is known of them\n"
	"nc               pass standard input and output over a connection; the peer's\n"
	"                 disconnect data goes to standard error\n"
	"send-disconnect  end a connection with TEXT, or standard input\n"
	"recv             write what a connection is ended with to standard output\n"
	"\n"
	"  -a, --all                   stat: counters that are 0 too; sockets: listeners too\n"
	"  -n, --count COUNT           stat: so many intervals\n"
	"  -d, --disconnect-data TEXT  end with TEXT\n"
	"  -i, --interval SECONDS      stat: print rates, again and again\n"
	"  -j, --json                  write JSON\n"
	"  -l, --listen                wait for a connection; sockets: listeners only\n"
	"  -t, --timeout SECONDS       give up after that\n"
	"  -h, --help                  this\n"
	"  -V, --version               print the version\n"
	"\n"
	"Exit status: 0; 1 failed; 2 wrong usage; 3 no disconnect data sent, or none came;\n"
	"4 timeout.\n";

static const struct option main_options[] = {
	{ "all", no_argument, NULL, 'a' },
	{ "count", required_argument, NULL, 'n' },
	{ "disconnect-data", required_argument, NULL, 'd' },
	{ "interval", required_argument, NULL, 'i' },
	{ "json", no_argument, NULL, 'j' },
	{ "listen", no_argument, NULL, 'l' },
	{ "timeout", required_argument, NULL, 't' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ }
};

static const struct main_command {
	const char *name;
	int (*run)(const struct ctl_options *opt, int argc, char **argv);
} main_commands[] = {
	{ "stat", ctl_stat },
	{ "sockets", ctl_sockets },
	{ "nc", ctl_nc },
	{ "send-disconnect", ctl_send_disconnect },
	{ "recv", ctl_recv },
	{ }
};

/**
 * ctl_say() - a message
 * @fmt: as printf()'s
 */
void ctl_say(const char *fmt, ...)
{
	va_list ap;

	fputs("wspctl: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}

static bool main_seconds(const char *arg, double *val)
{
	char *end;

	*val = strtod(arg, &end);
	if (end != arg && !*end && *val > 0 && *val <= 1e6)
		return true;
	ctl_say("\"%s\" is no number of seconds", arg);
	return false;
}

static bool main_count(const char *arg, unsigned long *val)
{
	char *end;

	*val = strtoul(arg, &end, 10);
	if (end != arg && !*end && *val)
		return true;
	ctl_say("\"%s\" is no number", arg);
	return false;
}

static bool main_option(struct ctl_options *opt, int c, const char *arg)
{
	double seconds;

	switch (c) {
	case 'a':
		opt->all = true;
		return true;
	case 'n':
		return main_count(arg, &opt->count);
	case 'd':
		opt->data = arg;
		return true;
	case 'i':
		return main_seconds(arg, &opt->interval);
	case 'j':
		opt->json = true;
		return true;
	case 'l':
		opt->listen = true;
		return true;
	case 't':
		if (!main_seconds(arg, &seconds))
			return false;
		opt->timeout = seconds * 1000;
		return true;
	}
	return false;
}

static int main_usage(void)
{
	fputs("Try wspctl --help\n", stderr);
	return CTL_USAGE;
}

int main(int argc, char **argv)
{
	struct ctl_options opt = { .timeout = -1 };
	const struct main_command *cmd = main_commands;
	int c, ret;

	while ((c = getopt_long(argc, argv, "an:d:i:jlt:hV", main_options, NULL)) != -1) {
		if (c == 'h') {
			fputs(main_help, stdout);
			return CTL_OK;
		}
		if (c == 'V') {
			puts("wspctl " WSP_VERSION);
			return CTL_OK;
		}
		if (!main_option(&opt, c, optarg))
			return main_usage();
	}
	if (optind == argc)
		return main_usage();
	while (cmd->name && strcmp(cmd->name, argv[optind]))
		cmd++;
	if (!cmd->name) {
		ctl_say("no such command: %s", argv[optind]);
		return main_usage();
	}
	signal(SIGPIPE, SIG_IGN);
	ret = cmd->run(&opt, argc - optind - 1, argv + optind + 1);
	if (ret == CTL_USAGE)
		return main_usage();
	if (!ret && (fflush(stdout) || ferror(stdout)))
		return CTL_FAILED;
	return ret;
}
