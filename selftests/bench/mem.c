// SPDX-License-Identifier: GPL-2.0
/* Kernel memory of idle connections, from /proc/slabinfo. */
#include <fcntl.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "bench.h"

#define MEM_WARM	256
#define MEM_COUNT	2048

/* Gives free objects back that each processor keeps and slabinfo counts. */
void mem_shrink(void)
{
	glob_t g;
	size_t i;
	int fd;

	if (glob("/sys/kernel/slab/*/shrink", 0, NULL, &g))
		die("/sys/kernel/slab");
	for (i = 0; i < g.gl_pathc; i++) {
		fd = open(g.gl_pathv[i], O_WRONLY);
		if (fd < 0 || write(fd, "1", 1) != 1)
			die(g.gl_pathv[i]);
		close(fd);
	}
	globfree(&g);
}

/* A file of the kernel's, which must be there. */
FILE *mem_file(const char *path)
{
	FILE *f = fopen(path, "r");

	if (!f)
		die(path);
	return f;
}

double mem_slab(void)
{
	FILE *f = mem_file("/proc/slabinfo");
	unsigned long active, size;
	char line[512];
	double sum = 0;

	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "%*s %lu %*u %lu", &active, &size) == 2)
			sum += (double)active * size;
	fclose(f);
	return sum;
}

static void mem_open(const struct arm *arm, int listener, int n)
{
	int fd[2];

	while (n--)
		sock_pair(arm, listener, fd);
}

void mem_limit(int files)
{
	struct rlimit lim = { files, files };

	if (setrlimit(RLIMIT_NOFILE, &lim))
		die("RLIMIT_NOFILE");
}

/* Both ends count. They go when the process does. */
void mem_per_connection(const struct arm *arm, int listener)
{
	double before;

	mem_limit(3 * (MEM_WARM + MEM_COUNT));
	mem_open(arm, listener, MEM_WARM);
	mem_shrink();
	before = mem_slab();
	mem_open(arm, listener, MEM_COUNT);
	mem_shrink();
	emit("memory", (mem_slab() - before) / MEM_COUNT);
}
