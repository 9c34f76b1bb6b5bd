/* SPDX-License-Identifier: GPL-2.0 */
/* Loading and unloading the module from within a test. */
#ifndef REG_MODULE_H
#define REG_MODULE_H

#include "reg_net.h"

#include <libgen.h>
#include <sys/syscall.h>
#include <sys/utsname.h>

/* $WSP_KO, or the build beside this program for the running kernel. */
static inline int reg_module_path(char *path, size_t size)
{
	const char *env = getenv("WSP_KO");
	struct utsname uts;
	char exe[512];
	int major, minor;
	ssize_t n;

	if (env) {
		snprintf(path, size, "%s", env);
		return 0;
	}
	n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	if (n < 0 || uname(&uts) ||
	    sscanf(uts.release, "%d.%d", &major, &minor) != 2)
		return reg_fail("module path");
	exe[n] = 0;
	snprintf(path, size, "%s/../kmod-%d.%d/wsp.ko", dirname(exe), major,
		 minor);
	return 0;
}

/* Succeeds also when the module is in already. */
static inline int reg_module_load(void)
{
	char path[600];
	int fd, ret;

	if (reg_module_path(path, sizeof(path)))
		return -1;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return reg_fail(path);
	ret = syscall(SYS_finit_module, fd, "", 0);
	if (ret && errno == EEXIST)
		ret = 0;
	close(fd);
	return ret ? reg_fail("finit_module") : 0;
}

/* False if references are left, by earlier tests' last packets, for long. */
static inline bool reg_module_idle(void)
{
	long end = reg_ms() + 60000;
	int refs = -1;
	FILE *f;

	do {
		f = fopen("/sys/module/wsp/refcnt", "r");
		if (!f)
			return true;
		if (fscanf(f, "%d", &refs) != 1)
			refs = -1;
		fclose(f);
		if (refs)
			reg_tick();
	} while (refs && reg_ms() < end);
	return !refs;
}

/* 0 or an errno value; EAGAIN when it is in use. */
static inline int reg_module_unload(void)
{
	return syscall(SYS_delete_module, "wsp", O_NONBLOCK) ? errno : 0;
}

/* For when the last reference is about to go. */
static inline int reg_module_unload_soon(void)
{
	long end = reg_ms() + REG_SOON_MS;
	int err;

	do {
		err = reg_module_unload();
		if (err != EAGAIN)
			break;
		reg_tick();
	} while (reg_ms() < end);
	return err;
}

#endif /* REG_MODULE_H */
