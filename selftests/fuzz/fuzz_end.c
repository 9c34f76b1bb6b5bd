// SPDX-License-Identifier: GPL-2.0
/*
 * When all is closed nothing may be left: no socket, no allocation of the
 * module's, no reference to it.  Allocations are known by their caller if the
 * kernel runs with slub_debug=U.
 */
#include "fuzz.h"

#include "../reg_module.h"

#include <dirent.h>

/* For orphans to go by themselves; for the rest to follow. */
#define ORPHAN_MS	60000
#define END_MS		60000

static long start_sockets, start_objects;
static int start_ns;

/* Objects of TCP's own caches, free ones in half-used slabs aside. */
static long end_sockets(void)
{
	static const char * const caches[] = { "TCP", "TCPv6" };
	char path[100], text[64];
	long sum = 0;
	unsigned int i;
	FILE *f;

	for (i = 0; i < FZ_ARRAY_SIZE(caches); i++) {
		snprintf(path, sizeof(path), "/sys/kernel/slab/%s/shrink",
			 caches[i]);
		f = fopen(path, "w");
		if (f) {
			fputs("1", f);
			fclose(f);
		}
		snprintf(path, sizeof(path), "/sys/kernel/slab/%s/objects",
			 caches[i]);
		f = fopen(path, "r");
		if (!f)
			continue;
		if (fgets(text, sizeof(text), f))
			sum += atol(text);
		fclose(f);
	}
	return sum;
}

/* Objects that the module allocated; prints where, too. */
static long end_allocations(bool print)
{
	static const char dir[] = "/sys/kernel/debug/slab";
	char path[512], line[512];
	long found = 0;
	struct dirent *e;
	DIR *d = opendir(dir);
	FILE *f;

	while (d && (e = readdir(d))) {
		snprintf(path, sizeof(path), "%s/%s/alloc_traces", dir,
			 e->d_name);
		f = fopen(path, "r");
		if (!f)
			continue;
		while (fgets(line, sizeof(line), f)) {
			/* A line with a number and the caller, then its stack. */
			if (!strstr(line, "[wsp]") || !strstr(line, "age=") ||
			    !atol(line))
				continue;
			found += atol(line);
			if (print)
				printf("# %s: %s", e->d_name, line);
		}
		fclose(f);
	}
	if (d)
		closedir(d);
	return found;
}

/* Before anything else. */
void fz_end_begin(void)
{
	start_ns = reg_ns_fd();
	start_sockets = end_sockets();
	start_objects = end_allocations(false);
}

static int end_refs(void)
{
	int refs = -1;
	FILE *f = fopen("/sys/module/wsp/refcnt", "r");

	if (!f)
		return -1;
	if (fscanf(f, "%d", &refs) != 1)
		refs = -1;
	fclose(f);
	return refs;
}

static void end_unload(void)
{
	int err = reg_module_unload_soon();

	fz->checked[FZ_UNLOAD]++;
	errno = err;
	if (err)
		fz_fail(NULL, FZ_UNLOAD, "delete_module");
	else if (reg_module_load())
		fz_fail(NULL, FZ_UNLOAD, "loading it again");
}

static void end_wait(long ms)
{
	long limit = reg_ms() + ms;

	while (end_refs() > 0 && reg_ms() < limit)
		poll(NULL, 0, 200);
}

/*
 * The namespaces are gone with their last descriptor, once the last orphan in
 * them is.
 */
void fz_end(void)
{
	long limit, left, objects;
	unsigned int i;

	end_wait(ORPHAN_MS);
	for (i = 0; i < FZ_NETS; i++) {
		fz_diag_left(i);
		close(fz_nets[i]);
	}
	if (reg_ns_enter(start_ns))
		fz_fail(NULL, FZ_LEAK, "setns");
	fz->checked[FZ_LEAK]++;
	end_wait(END_MS);
	if (end_refs() > 0)
		fz_fail(NULL, FZ_LEAK, "%d references to the module",
			end_refs());
	limit = reg_ms() + END_MS;
	/* Freed behind RCU, and by a worker that cleans up namespaces. */
	do {
		left = end_sockets() - start_sockets;
		objects = end_allocations(false) - start_objects;
		if (left <= 0 && objects <= 0)
			break;
		poll(NULL, 0, 500);
	} while (reg_ms() < limit);
	if (left > 0)
		fz_fail(NULL, FZ_LEAK, "%ld sockets", left);
	if (objects > 0) {
		fz_fail(NULL, FZ_LEAK, "%ld objects", objects);
		end_allocations(true);
	}
	printf("# left: %ld sockets, %ld objects (%ld before)\n", left, objects,
	       start_objects);
	if (!end_refs())
		end_unload();
}
