// SPDX-License-Identifier: LGPL-2.1-or-later
/* wsp-run --status */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../preload/conf.h"
#include "run.h"

#ifndef TCP_ULP
#define TCP_ULP 31
#endif

/**
 * run_module_usable() - whether this user's sockets can be attached
 *
 * Loads the module if it is installed and this user may.
 */
bool run_module_usable(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool ok;

	if (fd < 0)
		return false;
	ok = !setsockopt(fd, IPPROTO_TCP, TCP_ULP, "wsp", 3);
	close(fd);
	return ok;
}

static void status_file(const char *label, const char *path)
{
	char line[64];
	FILE *f = fopen(path, "re");

	if (!f)
		return;
	if (fgets(line, sizeof(line), f))
		printf("%-22s %s", label, line);
	fclose(f);
}

/* Only those that have counted. */
static void status_counters(void)
{
	FILE *f = fopen("/proc/net/wsp_stat", "re");
	char name[64];
	unsigned long n;

	if (!f)
		return;
	while (fscanf(f, "%63s %lu", name, &n) == 2) {
		if (n)
			printf("%-22s %lu\n", name, n);
	}
	fclose(f);
}

/**
 * run_status() - module, sysctls, counters, library, configuration
 * @opt: options
 *
 * Return: exit status, 1 without a usable module or library.
 */
int run_status(const struct run_options *opt)
{
	const char *config = opt->config ? opt->config : WSP_CONF_PATH;
	bool usable = run_module_usable();
	char lib[RUN_PATH];
	bool have = run_lib(lib);

	printf("%-22s %s\n", "module", usable ? "usable" :
	       access("/sys/module/wsp", F_OK) ? "not loaded" : "loaded, not usable");
	printf("%-22s %s\n", "library", have ? lib : "missing");
	printf("%-22s %s%s\n", "configuration", config, access(config, R_OK) ? " (absent)" : "");
	status_file("net.wsp.enable", "/proc/sys/net/wsp/enable");
	status_file("net.wsp.urg_probe", "/proc/sys/net/wsp/urg_probe");
	status_file("net.wsp.max_data", "/proc/sys/net/wsp/max_data");
	status_file("net.wsp.linger_async", "/proc/sys/net/wsp/linger_async");
	status_counters();
	return usable && have ? 0 : 1;
}
