#include "service/front/metrics.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/scope.h"

#define CLASSES 5 /* of statuses: 1xx to 5xx */

enum kind {
	COUNTER,
	GAUGE
};

static const struct {
	enum kind kind;
	const char *name, *help;
} figures[] = {
#define X(constant, kind, name, help) [constant] = { kind, name, help },
#include "service/front/metrics.def"
#undef X
};

/* Upper bounds in microseconds; a last bucket has none. */
static const int64_t bounds[] = { 1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000, 500000,
	1000000, 2500000, 5000000, 10000000, 30000000 };
#define BOUNDS (sizeof(bounds) / sizeof(bounds[0]))

struct row {
	const char *method, *pattern;
	atomic_int_fast64_t status[CLASSES];
	atomic_int_fast64_t took[BOUNDS + 1], took_us;
};

struct metrics {
	atomic_int_fast64_t figure[METRIC_COUNT];
	struct {
		int64_t (*value)(void *ctx);
		void *ctx;
	} ask[METRIC_COUNT];
	struct row row[LIMIT_HTTP_ROUTES + 1]; /* the last one for requests without a route */
	size_t n_rows;
};

struct metrics *metrics_new(void)
{
	struct metrics *m = calloc(1, sizeof(*m));
	if (m) {
		m->row[LIMIT_HTTP_ROUTES].method = "";
		m->row[LIMIT_HTTP_ROUTES].pattern = "none";
	}
	return m;
}

void metrics_free(struct metrics *m)
{
	free(m);
}

void metrics_add(struct metrics *m, enum metric which, int64_t by)
{
	if (m)
		atomic_fetch_add_explicit(&m->figure[which], by, memory_order_relaxed);
}

void metrics_set(struct metrics *m, enum metric which, int64_t to)
{
	if (m)
		atomic_store_explicit(&m->figure[which], to, memory_order_relaxed);
}

int64_t metrics_value(const struct metrics *m, enum metric which)
{
	if (!m)
		return 0;
	if (m->ask[which].value)
		return m->ask[which].value(m->ask[which].ctx);
	return atomic_load_explicit(&m->figure[which], memory_order_relaxed);
}

void metrics_ask(struct metrics *m, enum metric which, int64_t (*value)(void *ctx), void *ctx)
{
	if (!m)
		return;
	m->ask[which].value = value;
	m->ask[which].ctx = ctx;
}

size_t metrics_add_route(struct metrics *m, const char *method, const char *pattern)
{
	if (!m || m->n_rows == LIMIT_HTTP_ROUTES)
		return METRICS_NO_ROUTE;
	m->row[m->n_rows].method = method;
	m->row[m->n_rows].pattern = pattern;
	return m->n_rows++;
}

void metrics_request(struct metrics *m, size_t route, int status, int64_t took_us)
{
	size_t bucket = 0;
	if (!m)
		return;
	struct row *row = &m->row[route < m->n_rows ? route : LIMIT_HTTP_ROUTES];
	int class = status >= 100 && status < 600 ? status / 100 - 1 : CLASSES - 1;
	while (bucket < BOUNDS && took_us > bounds[bucket])
		bucket++;
	atomic_fetch_add_explicit(&row->status[class], 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&row->took[bucket], 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&row->took_us, took_us, memory_order_relaxed);
}

static int64_t count(const atomic_int_fast64_t *of)
{
	return atomic_load_explicit(of, memory_order_relaxed);
}

static void add_figures(struct buf *b, const struct metrics *m)
{
	for (int i = 0; i < METRIC_COUNT; i++)
		buf_addf(b, "# HELP %s %s\n# TYPE %s %s\n%s %" PRId64 "\n", figures[i].name,
		    figures[i].help, figures[i].name,
		    figures[i].kind == GAUGE ? "gauge" : "counter", figures[i].name,
		    metrics_value(m, (enum metric)i));
}

static void add_statuses(struct buf *b, const struct row *row)
{
	for (int i = 0; i < CLASSES; i++)
		if (count(&row->status[i]))
			buf_addf(b,
			    "bulla_http_requests_total{method=\"%s\",route=\"%s\",status=\"%dxx\"} "
			    "%" PRId64 "\n",
			    row->method, row->pattern, i + 1, count(&row->status[i]));
}

static void add_durations(struct buf *b, const struct row *row)
{
	int64_t all = 0;
	for (size_t i = 0; i <= BOUNDS; i++)
		all += count(&row->took[i]);
	if (!all)
		return;
	int64_t up_to = 0;
	for (size_t i = 0; i <= BOUNDS; i++) {
		up_to += count(&row->took[i]);
		buf_addf(b,
		    "bulla_http_request_duration_seconds_bucket{method=\"%s\",route=\"%s\",le=\"",
		    row->method, row->pattern);
		if (i < BOUNDS)
			buf_addf(b, "%g\"} %" PRId64 "\n", (double)bounds[i] / 1e6, up_to);
		else
			buf_addf(b, "+Inf\"} %" PRId64 "\n", up_to);
	}
	buf_addf(b,
	    "bulla_http_request_duration_seconds_sum{method=\"%s\",route=\"%s\"} %.6f\n"
	    "bulla_http_request_duration_seconds_count{method=\"%s\",route=\"%s\"} %" PRId64 "\n",
	    row->method, row->pattern, (double)count(&row->took_us) / 1e6, row->method,
	    row->pattern, up_to);
}

enum err metrics_text(struct scope *s, const struct metrics *m, struct bytes *ret_text)
{
	struct buf b = buf_new(s, LIMIT_METRICS_TEXT);
	add_figures(&b, m);
	buf_add_str(&b, "# HELP bulla_http_requests_total Requests answered\n"
			"# TYPE bulla_http_requests_total counter\n");
	for (size_t i = 0; m && i <= LIMIT_HTTP_ROUTES; i++)
		add_statuses(&b, &m->row[i]);
	buf_add_str(&b,
	    "# HELP bulla_http_request_duration_seconds From the head to the end of the reply\n"
	    "# TYPE bulla_http_request_duration_seconds histogram\n");
	for (size_t i = 0; m && i <= LIMIT_HTTP_ROUTES; i++)
		add_durations(&b, &m->row[i]);
	return buf_done(&b, ret_text);
}
