// SPDX-License-Identifier: GPL-2.0
/*
 * _exit() that writes gcov's counts first; linked in by gcov-cc.  A shared
 * object has counts of its own, and tells the program how to write them.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <sys/syscall.h>
#include <unistd.h>

void __gcov_dump(void);

#ifdef GCOV_SHARED
__attribute__((constructor)) static void gcov_register(void)
{
	void (*add)(void (*dump)(void));

	add = (void (*)(void (*)(void)))dlsym(RTLD_DEFAULT, "gcov_exit_add");
	if (add)
		add(__gcov_dump);
}
#else
#define GCOV_MAX	8

static void (*gcov_dump[GCOV_MAX])(void);
static unsigned int gcov_count;

/* Looked up by name. */
void gcov_exit_add(void (*dump)(void))
{
	if (gcov_count < GCOV_MAX)
		gcov_dump[gcov_count++] = dump;
}

void _exit(int status)
{
	unsigned int i;

	for (i = 0; i < gcov_count; i++)
		gcov_dump[i]();
	__gcov_dump();
	for (;;)
		syscall(SYS_exit_group, status);
}
#endif
