/* SPDX-License-Identifier: GPL-2.0 */
/* /proc/net/wsp_stat, and the namespaces of the tests that look at it. */
#ifndef OBS_STAT_H
#define OBS_STAT_H

#include "reg_io.h"

#include <limits.h>

#define OBS_MAX		64
#define OBS_NAME	32

/**
 * struct obs_stat - the counters of one namespace at one time
 * @count: how many
 * @name: their names, in the file's order
 * @val: their values
 */
struct obs_stat {
	int count;
	char name[OBS_MAX][OBS_NAME];
	long val[OBS_MAX];
};

/* Reads the counters of @ns, 0 for the current one; stays there. */
static inline int obs_read(int ns, struct obs_stat *st)
{
	char line[128], extra;
	FILE *f;

	memset(st, 0, sizeof(*st));
	if (reg_ns_enter(ns))
		return reg_fail("setns");
	f = fopen("/proc/thread-self/net/wsp_stat", "r");
	if (!f)
		return reg_fail("wsp_stat");
	while (st->count < OBS_MAX && fgets(line, sizeof(line), f)) {
		/* One name and one value in each line, nothing else. */
		if (sscanf(line, "%31[A-Za-z0-9] %ld %c", st->name[st->count],
			   &st->val[st->count], &extra) != 2) {
			fclose(f);
			errno = EBADMSG;
			return reg_fail(line);
		}
		st->count++;
	}
	fclose(f);
	return st->count ? 0 : -1;
}

/* How much "Name=N" in @spec says @name goes up; others do not. */
static inline long obs_spec(const char *spec, const char *name)
{
	size_t len = strlen(name);
	const char *p = spec;

	while ((p = strstr(p, name))) {
		if ((p == spec || p[-1] == ' ') && p[len] == '=')
			return atol(p + len + 1);
		p += len;
	}
	return 0;
}

/* Every name in @spec exists; a typing error would else go unnoticed. */
static inline bool obs_spec_known(const struct obs_stat *st, const char *spec)
{
	int words = 0, found = 0, i;
	const char *p;

	for (p = spec; *p; p++)
		words += *p == '=';
	for (i = 0; i < st->count; i++)
		found += obs_spec(spec, st->name[i]) != 0;
	return words == found;
}

static inline int obs_diff(const struct obs_stat *from,
			   const struct obs_stat *to, const char *spec,
			   bool show)
{
	int wrong = 0, i;

	for (i = 0; i < to->count; i++) {
		long up = to->val[i] - from->val[i];

		if (up == obs_spec(spec, to->name[i]))
			continue;
		wrong++;
		if (show)
			fprintf(stderr, "# %s: %+ld, not %+ld\n", to->name[i],
				up, obs_spec(spec, to->name[i]));
	}
	return wrong;
}

/*
 * Whether the counters of @ns have gone up since @from as @spec says, and no
 * other has.  The peer's half may be a moment behind.
 */
static inline bool obs_is(int ns, const struct obs_stat *from, const char *spec)
{
	long end = reg_ms() + REG_SOON_MS;
	struct obs_stat to;

	do {
		if (obs_read(ns, &to))
			return false;
		if (!obs_spec_known(&to, spec)) {
			fprintf(stderr, "# no such counter: %s\n", spec);
			return false;
		}
		if (!obs_diff(from, &to, spec, false))
			return true;
		reg_tick();
	} while (reg_ms() < end);
	obs_diff(from, &to, spec, true);
	return false;
}

#endif /* OBS_STAT_H */
