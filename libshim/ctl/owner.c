// SPDX-License-Identifier: LGPL-2.1-or-later
/* Which process has which socket open, as far as /proc lets the caller see. */
#include <ctype.h>
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl.h"

static void owner_add(struct ctl_owners *owners, uint32_t inode, int pid, const char *name)
{
	struct ctl_owner *more, *o;

	if (!(owners->count & (owners->count - 1))) {
		size_t room = owners->count ? 2 * owners->count : 1;

		more = reallocarray(owners->owner, room, sizeof(*more));
		if (!more)
			return;
		owners->owner = more;
	}
	o = &owners->owner[owners->count++];
	o->inode = inode;
	o->pid = pid;
	snprintf(o->name, sizeof(o->name), "%s", name);
}

static void owner_name(int pid, char *name, int size)
{
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	f = fopen(path, "re");
	if (!f || !fgets(name, size, f))
		snprintf(name, size, "?");
	name[strcspn(name, "\n")] = 0;
	if (f)
		fclose(f);
}

static void owner_process(struct ctl_owners *owners, int pid)
{
	char path[64], link[64], name[32];
	struct dirent *e;
	unsigned int inode;
	ssize_t n;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	dir = opendir(path);
	if (!dir)
		return;
	owner_name(pid, name, sizeof(name));
	while ((e = readdir(dir))) {
		n = readlinkat(dirfd(dir), e->d_name, link, sizeof(link) - 1);
		if (n < 0)
			continue;
		link[n] = 0;
		if (sscanf(link, "socket:[%u]", &inode) == 1)
			owner_add(owners, inode, pid, name);
	}
	closedir(dir);
}

static int owner_compare(const void *a, const void *b)
{
	const struct ctl_owner *x = a, *y = b;

	return x->inode < y->inode ? -1 : x->inode > y->inode;
}

/**
 * ctl_owners_read() - look at all processes
 * @owners: out, sorted; @owners->owner is to be freed
 */
void ctl_owners_read(struct ctl_owners *owners)
{
	DIR *dir = opendir("/proc");
	struct dirent *e;

	*owners = (struct ctl_owners) { };
	if (!dir)
		return;
	while ((e = readdir(dir))) {
		if (isdigit((unsigned char)*e->d_name))
			owner_process(owners, atoi(e->d_name));
	}
	closedir(dir);
	if (owners->count)
		qsort(owners->owner, owners->count, sizeof(*owners->owner), owner_compare);
}

/**
 * ctl_owner_find() - a process that has a socket open
 * @owners: of ctl_owners_read()
 * @inode: the socket's
 *
 * Return: one of perhaps several, or NULL.
 */
const struct ctl_owner *ctl_owner_find(const struct ctl_owners *owners, uint32_t inode)
{
	const struct ctl_owner key = { .inode = inode };

	if (!inode || !owners->count)
		return NULL;
	return bsearch(&key, owners->owner, owners->count, sizeof(key), owner_compare);
}
