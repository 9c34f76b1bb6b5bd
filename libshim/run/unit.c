// SPDX-License-Identifier: LGPL-2.1-or-later
/* What systemd's unit files say about a service, as far as it concerns us. */
#include <ctype.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run.h"

#define UNIT_DROP_IN	"50-wsp.conf"

static const char *const unit_dirs[] = {
	"/etc/systemd/system",
	"/run/systemd/system",
	"/usr/local/lib/systemd/system",
	"/usr/lib/systemd/system",
	"/lib/systemd/system",
	NULL
};

/**
 * run_unit_name() - a service's full name
 * @unit: as given, with or without ".service"
 * @name: out
 * @size: bytes at @name
 */
bool run_unit_name(const char *unit, char *name, size_t size)
{
	static const char suffix[] = ".service";
	size_t len = strlen(unit), slen = sizeof(suffix) - 1;
	bool has = len > slen && !strcmp(unit + len - slen, suffix);

	for (const char *p = unit; *p; p++) {
		if (!isalnum((unsigned char)*p) && !strchr(":_.@\\-", *p))
			len = 0;
	}
	if (!len || *unit == '.' || len + slen >= size) {
		run_say("\"%s\" is no name of a service", unit);
		return false;
	}
	snprintf(name, size, "%s%s", unit, has ? "" : suffix);
	return true;
}

/* "foo@.service" for "foo@bar.service". */
static void unit_template(const char *unit, char *name, size_t size)
{
	const char *at = strchr(unit, '@');

	if (at)
		snprintf(name, size, "%.*s.service", (int)(at - unit + 1), unit);
	else
		snprintf(name, size, "%s", unit);
}

/* The program of "ExecStart=@-/usr/sbin/x argument…". */
static void unit_exec(const char *line, char *exec, size_t size)
{
	static const char key[] = "ExecStart=";

	if (strncmp(line, key, sizeof(key) - 1))
		return;
	line += sizeof(key) - 1;
	line += strspn(line, " \t@-+!:|");
	snprintf(exec, size, "%.*s", (int)strcspn(line, " \t\r\n"), line);
}

/* 0, or 1 if the file has an LD_PRELOAD of its own; -1 without such a file. */
static int unit_file(const char *path, char *exec, size_t size)
{
	FILE *f = fopen(path, "re");
	char *line = NULL;
	size_t room = 0;
	int ret = 0;

	if (!f)
		return -1;
	while (getline(&line, &room, f) > 0) {
		if (strchr("#;", line[strspn(line, " \t")]))
			continue;
		if (strstr(line, "LD_PRELOAD")) {
			run_say("%s sets LD_PRELOAD already", path);
			ret = 1;
		}
		unit_exec(line, exec, size);
	}
	free(line);
	fclose(f);
	return ret;
}

/* As unit_file(), for all drop-ins but ours. */
static int unit_drop_ins(const char *dir, char *exec, size_t size)
{
	char pattern[RUN_PATH + 16];
	int ret = 0;
	glob_t g;

	snprintf(pattern, sizeof(pattern), "%s.d/*.conf", dir);
	if (glob(pattern, 0, NULL, &g))
		return 0;
	for (size_t i = 0; i < g.gl_pathc; i++) {
		const char *base = strrchr(g.gl_pathv[i], '/') + 1;

		if (strcmp(base, UNIT_DROP_IN) && unit_file(g.gl_pathv[i], exec, size) > 0)
			ret = 1;
	}
	globfree(&g);
	return ret;
}

/**
 * run_unit_read() - look at a service's files
 * @root: in front of their paths
 * @unit: full name
 * @exec: out, path of the program it starts, else empty
 * @size: bytes at @exec
 *
 * Return: 0, 1 if LD_PRELOAD is taken (which is said), -1 if there is no such unit.
 */
int run_unit_read(const char *root, const char *unit, char *exec, size_t size)
{
	char template[256], path[RUN_PATH];
	bool found = false;
	int ret = 0, got;

	*exec = 0;
	unit_template(unit, template, sizeof(template));
	for (int i = 0; unit_dirs[i]; i++) {
		for (int j = 0; j < (strcmp(unit, template) ? 2 : 1); j++) {
			snprintf(path, sizeof(path), "%s%s/%s", root, unit_dirs[i],
				 j ? template : unit);
			/* The first one hides the others; drop-ins add up. */
			got = found ? -1 : unit_file(path, exec, size);
			found |= got >= 0;
			if (got > 0 || unit_drop_ins(path, exec, size))
				ret = 1;
		}
	}
	return found ? ret : -1;
}
