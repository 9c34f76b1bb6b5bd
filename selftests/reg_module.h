/* SPDX-License-Identifier: GPL-2.0 */
/* Loading and unloading the module from within a test. */
#ifndef REG_MODULE_H
#define REG_MODULE_H

#include "reg_net.h"

#include <sys/syscall.h>

/* $WSP_KO; succeeds also when it is in already. */
static inline int reg_module_load(void)
{
	const char *path = getenv("WSP_KO");
	int fd, ret;

	if (!path)
		return reg_fail("WSP_KO is not set");
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
