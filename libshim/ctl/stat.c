// SPDX-License-Identifier: LGPL-2.1-or-later
/* wspctl stat: the counters of /proc/net/wsp_stat, or how fast they rise. */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "ctl.h"

#define STAT_FILE	"/proc/net/wsp_stat"
#define STAT_MAX	64

struct stat_counter {
	char name[32];
	unsigned long val;
};

/* All counters at one time. */
struct stat_sample {
	int count;
	double time;
	struct stat_counter c[STAT_MAX];
};

static double stat_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

static bool stat_read(struct stat_sample *s)
{
	FILE *f = fopen(STAT_FILE, "re");

	if (!f) {
		ctl_say("%s: %s", STAT_FILE,
			errno == ENOENT ? "the module wsp is not loaded" : strerror(errno));
		return false;
	}
	s->time = stat_now();
	s->count = 0;
	while (s->count < STAT_MAX && fscanf(f, "%31s %lu", s->c[s->count].name,
					     &s->c[s->count].val) == 2)
		s->count++;
	fclose(f);
	return true;
}

static void stat_print(const struct ctl_options *opt, const struct stat_sample *s)
{
	for (int i = 0; i < s->count; i++) {
		if (opt->all || s->c[i].val)
			printf("%-20s %12lu\n", s->c[i].name, s->c[i].val);
	}
}

static void stat_print_json(const struct stat_sample *s)
{
	struct ctl_json j = { .f = stdout };

	ctl_json_open(&j, NULL, '{');
	ctl_json_open(&j, "counters", '{');
	for (int i = 0; i < s->count; i++)
		ctl_json_num(&j, s->c[i].name, s->c[i].val);
	ctl_json_close(&j, '{');
	ctl_json_close(&j, '{');
}

static double stat_rate(const struct stat_sample *from, const struct stat_sample *to, int i)
{
	return (to->c[i].val - from->c[i].val) / (to->time - from->time);
}

static void stat_print_rates(const struct ctl_options *opt, const struct stat_sample *from,
			     const struct stat_sample *to)
{
	for (int i = 0; i < to->count; i++) {
		if (opt->all || to->c[i].val)
			printf("%-20s %12lu %12.1f/s\n", to->c[i].name, to->c[i].val,
			       stat_rate(from, to, i));
	}
	putchar('\n');
	fflush(stdout);
}

static void stat_print_rates_json(const struct stat_sample *from, const struct stat_sample *to)
{
	struct ctl_json j = { .f = stdout };

	ctl_json_open(&j, NULL, '{');
	ctl_json_num(&j, "seconds", to->time - from->time);
	ctl_json_open(&j, "counters", '{');
	for (int i = 0; i < to->count; i++)
		ctl_json_num(&j, to->c[i].name, to->c[i].val);
	ctl_json_close(&j, '{');
	ctl_json_open(&j, "rates", '{');
	for (int i = 0; i < to->count; i++)
		ctl_json_num(&j, to->c[i].name, stat_rate(from, to, i));
	ctl_json_close(&j, '{');
	ctl_json_close(&j, '{');
}

static int stat_watch(const struct ctl_options *opt, struct stat_sample *from)
{
	struct timespec ts = {
		.tv_sec = opt->interval,
		.tv_nsec = (opt->interval - (time_t)opt->interval) * 1e9,
	};
	struct stat_sample to;

	for (unsigned long n = 0; !opt->count || n < opt->count; n++) {
		nanosleep(&ts, NULL);
		if (!stat_read(&to))
			return CTL_FAILED;
		/* The module may have been replaced meanwhile. */
		if (to.count == from->count && opt->json)
			stat_print_rates_json(from, &to);
		else if (to.count == from->count)
			stat_print_rates(opt, from, &to);
		*from = to;
	}
	return CTL_OK;
}

/**
 * ctl_stat() - wspctl stat
 * @opt: options
 * @argc: arguments, none
 * @argv: them
 */
int ctl_stat(const struct ctl_options *opt, int argc, char **argv)
{
	struct stat_sample s;

	(void)argv;
	if (argc)
		return CTL_USAGE;
	if (!stat_read(&s))
		return CTL_FAILED;
	if (opt->interval > 0)
		return stat_watch(opt, &s);
	if (opt->json)
		stat_print_json(&s);
	else
		stat_print(opt, &s);
	return CTL_OK;
}
