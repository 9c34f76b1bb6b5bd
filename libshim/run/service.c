// SPDX-License-Identifier: LGPL-2.1-or-later
/* A drop-in that has systemd start a service with the library; units are not edited. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../preload/conf.h"
#include "run.h"

#define SERVICE_DIR	"/etc/systemd/system"
#define SERVICE_FILE	"50-wsp.conf"
#define SERVICE_MARK	"# Written by wsp-run --service"
#define SERVICE_NAME	256

struct service {
	char unit[SERVICE_NAME];
	char dir[RUN_PATH];
	char file[RUN_PATH + 32];
};

static bool service_paths(const struct run_options *opt, const char *unit, struct service *s)
{
	if (!run_unit_name(unit, s->unit, sizeof(s->unit)))
		return false;
	snprintf(s->dir, sizeof(s->dir), "%s" SERVICE_DIR "/%s.d", opt->root, s->unit);
	snprintf(s->file, sizeof(s->file), "%s/" SERVICE_FILE, s->dir);
	return true;
}

/* Quoted as systemd reads it: C's escapes, and % begins a specifier. */
static void service_env(FILE *f, const char *name, const char *val)
{
	fprintf(f, "Environment=\"%s=", name);
	for (; *val; val++) {
		unsigned char c = *val;

		if (c == '"' || c == '\\')
			fprintf(f, "\\%c", c);
		else if (c == '%')
			fputs("%%", f);
		else if (c < ' ' || c == 0x7f)
			fprintf(f, "\\x%02x", c);
		else
			fputc(c, f);
	}
	fputs("\"\n", f);
}

static void service_text(FILE *f, const struct run_options *opt, const struct service *s,
			 const char *lib)
{
	fprintf(f, SERVICE_MARK " %s\n"
		"# wsp-run --remove-service %s takes it away.\n[Service]\n", s->unit, s->unit);
	service_env(f, "LD_PRELOAD", lib);
	if (opt->config)
		service_env(f, "WSP_CONFIG", opt->config);
	for (int i = 0; wsp_conf_keys[i].name; i++) {
		if (opt->env[i])
			service_env(f, wsp_conf_keys[i].env, opt->env[i]);
	}
}

/* Whole or not at all. */
static bool service_write(const struct run_options *opt, const struct service *s, const char *lib)
{
	char tmp[RUN_PATH + 40];
	bool ok;
	FILE *f;

	if (mkdir(s->dir, 0755) && errno != EEXIST)
		return false;
	snprintf(tmp, sizeof(tmp), "%s.new", s->file);
	f = fopen(tmp, "we");
	if (!f)
		return false;
	service_text(f, opt, s, lib);
	ok = !ferror(f) && !fchmod(fileno(f), 0644);
	if (fclose(f) || !ok || rename(tmp, s->file)) {
		unlink(tmp);
		return false;
	}
	return true;
}

static bool service_ours(const struct service *s)
{
	FILE *f = fopen(s->file, "re");
	char line[sizeof(SERVICE_MARK)] = "";

	if (!f)
		return false;
	if (!fgets(line, sizeof(line), f))
		line[0] = 0;
	fclose(f);
	return !strcmp(line, SERVICE_MARK);
}

static void service_hint(const struct service *s, const char *done)
{
	printf("%s %s; now: systemctl daemon-reload && systemctl restart %s\n", done, s->file,
	       s->unit);
}

/**
 * run_service() - wsp-run --service
 * @opt: options, which go into the drop-in
 * @unit: the service
 *
 * Return: exit status.
 */
int run_service(const struct run_options *opt, const char *unit)
{
	char lib[RUN_PATH], exec[RUN_PATH], path[2 * RUN_PATH];
	struct service s;
	int taken;

	if (!service_paths(opt, unit, &s) || !run_lib(lib))
		return RUN_FAILED;
	taken = run_unit_read(opt->root, s.unit, exec, sizeof(exec));
	if (taken < 0)
		run_say("there is no unit %s", s.unit);
	if (taken)
		return RUN_FAILED;
	snprintf(path, sizeof(path), "%s%s", opt->root, exec);
	if (*exec == '/' && !run_may_preload(path))
		return RUN_FAILED;
	if (!access(s.file, F_OK) && !service_ours(&s)) {
		run_say("%s is not one of ours", s.file);
		return RUN_FAILED;
	}
	if (!service_write(opt, &s, lib)) {
		run_say("%s: %s", s.file, strerror(errno));
		return RUN_FAILED;
	}
	service_hint(&s, "wrote");
	return 0;
}

/**
 * run_remove_service() - wsp-run --remove-service
 * @opt: options
 * @unit: the service
 *
 * Return: exit status.
 */
int run_remove_service(const struct run_options *opt, const char *unit)
{
	struct service s;

	if (!service_paths(opt, unit, &s))
		return RUN_FAILED;
	if (access(s.file, F_OK)) {
		run_say("%s is not there", s.file);
		return RUN_FAILED;
	}
	if (!service_ours(&s)) {
		run_say("%s is not one of ours", s.file);
		return RUN_FAILED;
	}
	if (unlink(s.file)) {
		run_say("%s: %s", s.file, strerror(errno));
		return RUN_FAILED;
	}
	/* Others may have theirs there. */
	rmdir(s.dir);
	service_hint(&s, "removed");
	return 0;
}
