/*
 * Rates of two jobs measured in turn, so that what else the machine does bears on both alike. For
 * the benchmarks. A job that fails ends the program with its text.
 */
#ifndef BULLA_TESTS_SUPPORT_MEASURE_H
#define BULLA_TESTS_SUPPORT_MEASURE_H

#include <time.h>

#include "base/scope.h"

struct measure_job {
	enum err (*run)(void *ctx, struct scope *s);
	void *ctx;
};

/* Medians of several rounds: runs per second of either, and the median of the rounds' ratios. */
struct measure_result {
	double rate, limit, ratio;
};

/* Each run has a scope of its own. One run before the first round does not count. */
struct measure_result measure_in_turn(
    clockid_t clock, struct measure_job job, struct measure_job limit);
double measure_seconds(clockid_t clock);

#endif
