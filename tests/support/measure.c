#include "tests/support/measure.h"

#include <stdio.h>
#include <stdlib.h>

#define ROUNDS 7
#define ROUND_S 0.25

double measure_seconds(clockid_t clock)
{
	struct timespec t;
	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void run_once(struct measure_job job)
{
	struct scope *s = scope_new(0);
	enum err err = s ? job.run(job.ctx, s) : ERR_NOMEM;
	if (err != OK) {
		fprintf(stderr, "bench: %s\n", s ? scope_fault_text(s) : "out of memory");
		exit(1);
	}
	scope_free(s);
}

/* Runs of a job per second. */
static double rate(clockid_t clock, struct measure_job job)
{
	double start = measure_seconds(clock), end = start;
	size_t n = 0;
	for (; end - start < ROUND_S; n++) {
		run_once(job);
		end = measure_seconds(clock);
	}
	return (double)n / (end - start);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

struct measure_result measure_in_turn(
    clockid_t clock, struct measure_job job, struct measure_job limit)
{
	double rates[ROUNDS], limits[ROUNDS], ratios[ROUNDS];
	run_once(job);
	for (int i = 0; i < ROUNDS; i++) {
		rates[i] = rate(clock, job);
		limits[i] = rate(clock, limit);
		ratios[i] = rates[i] / limits[i];
	}
	qsort(rates, ROUNDS, sizeof(double), by_value);
	qsort(limits, ROUNDS, sizeof(double), by_value);
	qsort(ratios, ROUNDS, sizeof(double), by_value);
	return (struct measure_result){ rates[ROUNDS / 2], limits[ROUNDS / 2], ratios[ROUNDS / 2] };
}
