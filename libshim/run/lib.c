// SPDX-License-Identifier: LGPL-2.1-or-later
/* Where the library is, and LD_PRELOAD. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "run.h"

#define LIB_NAME	"libwsp-preload.so"

/**
 * run_lib() - the library that was built or installed with this program
 * @path: out, RUN_PATH bytes
 */
bool run_lib(char *path)
{
	static const char *const dirs[] = { "lib", "lib/wsp" };
	char self[RUN_PATH - sizeof("/lib/wsp/" LIB_NAME)];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *slash;

	if (n <= 0) {
		run_say("cannot tell where this program is");
		return false;
	}
	self[n] = 0;
	/* In a neighbour of its directory. */
	for (int i = 0; i < 2; i++) {
		slash = strrchr(self, '/');
		if (slash)
			*slash = 0;
	}
	for (size_t i = 0; i < sizeof(dirs) / sizeof(*dirs); i++) {
		snprintf(path, RUN_PATH, "%s/%s/%s", self, dirs[i], LIB_NAME);
		if (!access(path, R_OK))
			break;
	}
	if (access(path, R_OK)) {
		run_say("%s/lib has no %s", self, LIB_NAME);
		return false;
	}
	/* The dynamic linker splits there. */
	if (strpbrk(path, " :")) {
		run_say("%s: LD_PRELOAD cannot name it, for the blank or colon in it", path);
		return false;
	}
	return true;
}

/**
 * run_preload() - put a library first in LD_PRELOAD
 * @lib: its path
 */
bool run_preload(const char *lib)
{
	const char *old = getenv("LD_PRELOAD");
	char *list;
	bool ok;

	/* A list must not begin or end in a separator: it would name nothing. */
	if (!old || !*old)
		return !setenv("LD_PRELOAD", lib, 1);
	if (!strncmp(old, lib, strlen(lib)) && strchr(" :", old[strlen(lib)]))
		return true;
	if (asprintf(&list, "%s:%s", lib, old) < 0)
		return false;
	ok = !setenv("LD_PRELOAD", list, 1);
	free(list);
	return ok;
}
