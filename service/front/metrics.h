/*
 * Figures about the running service, for Prometheus (text format 0.0.4). Tables are fixed and all
 * counting is atomic: it may be done from any thread and never waits. Nobody's name, address or
 * document is a label; routes are told by their patterns.
 */
#ifndef BULLA_SERVICE_FRONT_METRICS_H
#define BULLA_SERVICE_FRONT_METRICS_H

#include <stdint.h>

#include "base/bytes.h"

enum metric {
#define X(constant, kind, name, help) constant,
#include "service/front/metrics.def"
#undef X
	METRIC_COUNT
};

struct metrics;

/* NULL: no memory. */
struct metrics *metrics_new(void);
void metrics_free(struct metrics *m);

/* Everything may be called with NULL for `m`: then nobody counts. */
void metrics_add(struct metrics *m, enum metric which, int64_t by);
void metrics_set(struct metrics *m, enum metric which, int64_t to);
int64_t metrics_value(const struct metrics *m, enum metric which);
/* The figure is asked for whenever somebody reads: `value` is called from any thread. Before the
 * first reading. */
void metrics_ask(struct metrics *m, enum metric which, int64_t (*value)(void *ctx), void *ctx);

#define METRICS_NO_ROUTE SIZE_MAX

/* A row for a route; at the start, before requests come. The texts are borrowed for good.
 * METRICS_NO_ROUTE: no more room. */
size_t metrics_add_route(struct metrics *m, const char *method, const char *pattern);
/* One request that was answered: METRICS_NO_ROUTE for one that belonged to none. */
void metrics_request(struct metrics *m, size_t route, int status, int64_t took_us);

/* What /metrics says. */
must_check enum err metrics_text(struct scope *s, const struct metrics *m, struct bytes *ret_text);

#endif
