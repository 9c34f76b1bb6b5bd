// SPDX-License-Identifier: GPL-2.0
/*
 * Medians over the rounds, as a table and as JSON. A ratio is taken within a
 * round, so that what drifts from round to round cancels.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

#include "bench.h"

const struct metric metrics[M_MAX] = {
	[M_TRIP] = { "round_trip_32", "32-byte round trip", KIND_COST },
	[M_WRITE] = { "write_64k", "64 KiB write, speed", KIND_SPEED },
	[M_CYCLE] = { "connection", "whole connection", KIND_COST },
	[M_SOCKET] = { "socket", "- socket()", KIND_COST },
	[M_ATTACH] = { "attach", "- TCP_ULP", KIND_NONE },
	[M_CONNECT] = { "connect", "- connect()", KIND_COST },
	[M_ACCEPT] = { "accept", "- accept()", KIND_COST },
	[M_CLOSE_CLIENT] = { "close_client", "- close(), client", KIND_COST },
	[M_CLOSE_SERVER] = { "close_server", "- close(), server", KIND_COST },
	[M_SEND] = { "send_32", "32-byte send()", KIND_COST },
	[M_RECV] = { "recv_32", "32-byte recv()", KIND_COST },
	[M_MEM] = { "memory", "bytes of memory", KIND_EXTRA },
};

double samples[M_MAX][ARM_MAX][ROUNDS_MAX];

struct spread {
	double q1, median, q3;
	int n;
};

static int cmp_double(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double quantile(const double *v, int n, double q)
{
	double pos = q * (n - 1);
	int i = pos;

	return i + 1 < n ? v[i] + (pos - i) * (v[i + 1] - v[i]) : v[n - 1];
}

static struct spread spread_of(double *v, int n)
{
	struct spread s = { NAN, NAN, NAN, n };

	if (!n)
		return s;
	qsort(v, n, sizeof(*v), cmp_double);
	s.q1 = quantile(v, n, 0.25);
	s.median = quantile(v, n, 0.5);
	s.q3 = quantile(v, n, 0.75);
	return s;
}

static struct spread absolute(int metric, int arm, int rounds)
{
	double v[ROUNDS_MAX];
	int n = 0, r;

	for (r = 0; r < rounds; r++)
		if (!isnan(samples[metric][arm][r]))
			v[n++] = samples[metric][arm][r];
	return spread_of(v, n);
}

static double versus(int metric, double plain, double arm)
{
	switch (metrics[metric].kind) {
	case KIND_COST:
		return arm / plain;
	case KIND_SPEED:
		return plain / arm;
	case KIND_EXTRA:
		/* A connection has two ends. */
		return (arm - plain) / 2;
	default:
		return NAN;
	}
}

static struct spread relative(int metric, int arm, int rounds)
{
	double v[ROUNDS_MAX];
	int n = 0, r;

	for (r = 0; r < rounds; r++) {
		double x = versus(metric, samples[metric][ARM_PLAIN][r],
				  samples[metric][arm][r]);

		if (!isnan(x))
			v[n++] = x;
	}
	return spread_of(v, n);
}

static const struct target {
	int metric, arm;
	double limit;
	bool least;
} targets[] = {
	{ M_TRIP, ARM_ATTACHED, 1.01, false },
	{ M_WRITE, ARM_ATTACHED, 0.995, true },
	{ M_CYCLE, ARM_ATTACHED, 1.05, false },
	{ M_TRIP, ARM_HOOKED, 1.005, false },
	{ M_WRITE, ARM_HOOKED, 0.995, true },
	{ M_CYCLE, ARM_HOOKED, 1.005, false },
	{ M_MEM, ARM_ATTACHED, 256, false },
};

#define TARGETS	(sizeof(targets) / sizeof(*targets))

static bool target_met(const struct target *t, double value)
{
	return t->least ? value >= t->limit : value <= t->limit;
}

static void table_rule(FILE *f, int columns)
{
	fputs("====================", f);
	while (columns--)
		fputs("  =======", f);
	fputc('\n', f);
}

static void table_number(FILE *f, double x, int digits)
{
	if (isnan(x))
		fprintf(f, "  %7s", "..");
	else
		fprintf(f, "  %7.*f", digits, x);
}

static void table_head(FILE *f, const char *corner)
{
	int arm;

	table_rule(f, ARM_MAX);
	fprintf(f, "%-20s", corner);
	for (arm = 0; arm < ARM_MAX; arm++)
		fprintf(f, "  %7s", arms[arm].name);
	fputc('\n', f);
	table_rule(f, ARM_MAX);
}

/* @what: 0 for the figures themselves, 1 for ratios, 2 for their spread. */
static void table_part(FILE *f, const char *corner, int what, int rounds)
{
	int metric, arm;

	table_head(f, corner);
	for (metric = 0; metric < M_MAX; metric++) {
		int digits = metrics[metric].kind == KIND_EXTRA ? 0 : 4;

		if (what && metrics[metric].kind == KIND_NONE)
			continue;
		fprintf(f, "%-20s", metrics[metric].name);
		for (arm = 0; arm < ARM_MAX; arm++) {
			struct spread a = absolute(metric, arm, rounds);
			struct spread r = relative(metric, arm, rounds);

			if (!what)
				table_number(f, a.median, 0);
			else
				table_number(f, what == 1 ? r.median :
					     r.q3 - r.q1, digits);
		}
		fputc('\n', f);
	}
	table_rule(f, ARM_MAX);
	fputc('\n', f);
}

/**
 * report_table() - print everything for people, as reStructuredText
 * @f: where to
 * @rounds: how many there were
 */
void report_table(FILE *f, int rounds)
{
	size_t i;

	table_part(f, "instructions", 0, rounds);
	table_part(f, "against plain", 1, rounds);
	table_part(f, "quartiles' distance", 2, rounds);

	table_rule(f, 4);
	fprintf(f, "%-20s  %7s  %7s  %7s  %7s\n", "target", "arm", "limit",
		"figure", "met");
	table_rule(f, 4);
	for (i = 0; i < TARGETS; i++) {
		const struct target *t = &targets[i];
		struct spread r = relative(t->metric, t->arm, rounds);
		int digits = t->metric == M_MEM ? 0 : 4;

		fprintf(f, "%-20s  %7s", metrics[t->metric].name,
			arms[t->arm].name);
		table_number(f, t->limit, digits);
		table_number(f, r.median, digits);
		fprintf(f, "  %7s\n", isnan(r.median) ? ".." :
			target_met(t, r.median) ? "yes" : "no");
	}
	table_rule(f, 4);
}

static void json_number(FILE *f, const char *key, double x)
{
	if (isnan(x))
		fprintf(f, ", \"%s\": null", key);
	else
		fprintf(f, ", \"%s\": %.6g", key, x);
}

static void json_arm(FILE *f, int metric, int arm, int rounds)
{
	struct spread a = absolute(metric, arm, rounds);
	struct spread r = relative(metric, arm, rounds);
	int i, n = 0;

	fprintf(f, "{\"metric\": \"%s\", \"arm\": \"%s\"",
		metrics[metric].key, arms[arm].name);
	json_number(f, "median", a.median);
	json_number(f, "q1", a.q1);
	json_number(f, "q3", a.q3);
	json_number(f, "versus_plain", r.median);
	json_number(f, "versus_q1", r.q1);
	json_number(f, "versus_q3", r.q3);
	fputs(", \"rounds\": [", f);
	for (i = 0; i < rounds; i++)
		if (!isnan(samples[metric][arm][i]))
			fprintf(f, "%s%.6g", n++ ? ", " : "",
				samples[metric][arm][i]);
	fputs("]}", f);
}

/**
 * report_json() - print everything for programs
 * @f: where to
 * @rounds: how many there were
 */
void report_json(FILE *f, int rounds)
{
	int metric, arm, n = 0;
	struct utsname uts;
	size_t i;

	uname(&uts);
	fprintf(f, "{\"kernel\": \"%s\", \"rounds\": %d,\n\"results\": [",
		uts.release, rounds);
	for (metric = 0; metric < M_MAX; metric++) {
		for (arm = 0; arm < ARM_MAX; arm++) {
			if (!absolute(metric, arm, rounds).n)
				continue;
			fputs(n++ ? ",\n" : "\n", f);
			json_arm(f, metric, arm, rounds);
		}
	}
	fputs("],\n\"targets\": [", f);
	for (i = 0; i < TARGETS; i++) {
		const struct target *t = &targets[i];
		double x = relative(t->metric, t->arm, rounds).median;

		fprintf(f, "%s\n{\"metric\": \"%s\", \"arm\": \"%s\"",
			i ? "," : "", metrics[t->metric].key,
			arms[t->arm].name);
		json_number(f, t->least ? "at_least" : "at_most", t->limit);
		json_number(f, "value", x);
		fprintf(f, ", \"met\": %s}", isnan(x) ? "null" :
			target_met(t, x) ? "true" : "false");
	}
	fputs("]}\n", f);
}
