#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <signal.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/limits.h"
#include "base/scope.h"
#include "formats/json_tree.h"
#include "service/front/metrics.h"
#include "service/front/request_log.h"

static struct scope *s;
static struct metrics *m;

static int setup(void **state)
{
	(void)state;
	s = scope_new(0);
	m = metrics_new();
	return s && m ? 0 : 1;
}

static int teardown(void **state)
{
	(void)state;
	metrics_free(m);
	scope_free(s);
	return 0;
}

static const char *text(void)
{
	struct bytes told;
	char *copy;
	assert_int_equal(metrics_text(s, m, &told), OK);
	assert_int_equal(bytes_to_str(s, told, &copy), OK);
	return copy;
}

static int64_t forty_two(void *ctx)
{
	return *(const int *)ctx;
}

static void test_figures(void **state)
{
	int value = 42;
	(void)state;
	metrics_add(m, METRIC_SEALINGS, 3);
	metrics_add(m, METRIC_SEALINGS, 4);
	metrics_set(m, METRIC_CONNECTIONS, 9);
	metrics_add(m, METRIC_CONNECTIONS, -2);
	metrics_ask(m, METRIC_WORKERS, forty_two, &value);
	assert_int_equal(metrics_value(m, METRIC_CONNECTIONS), 7);
	assert_int_equal(metrics_value(m, METRIC_WORKERS), 42);
	assert_non_null(
	    strstr(text(), "# TYPE bulla_sealings_total counter\nbulla_sealings_total 7\n"));
	assert_non_null(
	    strstr(text(), "# TYPE bulla_http_connections gauge\nbulla_http_connections 7\n"));
	assert_non_null(strstr(text(), "\nbulla_workers 42\n"));
	metrics_add(NULL, METRIC_SEALINGS, 1);
	metrics_set(NULL, METRIC_SEALINGS, 1);
	metrics_request(NULL, 0, 200, 1);
	metrics_ask(NULL, METRIC_WORKERS, forty_two, &value);
	assert_int_equal(metrics_value(NULL, METRIC_SEALINGS), 0);
}

static void test_requests(void **state)
{
	(void)state;
	size_t one = metrics_add_route(m, "GET", "/v1/sealings/{id}");
	size_t other = metrics_add_route(m, "POST", "/v1/sealings");
	metrics_request(m, one, 200, 900);
	metrics_request(m, one, 200, 1001);
	metrics_request(m, one, 404, 60000000);
	metrics_request(m, METRICS_NO_ROUTE, 405, 10);
	metrics_request(m, other, 0, 10);
	static const char *const wanted[] = {
		"bulla_http_requests_total{method=\"GET\",route=\"/v1/sealings/"
		"{id}\",status=\"2xx\"} 2\n",
		"bulla_http_requests_total{method=\"GET\",route=\"/v1/sealings/"
		"{id}\",status=\"4xx\"} 1\n",
		"bulla_http_requests_total{method=\"\",route=\"none\",status=\"4xx\"} 1\n",
		"bulla_http_requests_total{method=\"POST\",route=\"/v1/sealings\",status=\"5xx\"} "
		"1\n",
		"bucket{method=\"GET\",route=\"/v1/sealings/{id}\",le=\"0.001\"} 1\n",
		"bucket{method=\"GET\",route=\"/v1/sealings/{id}\",le=\"0.0025\"} 2\n",
		"bucket{method=\"GET\",route=\"/v1/sealings/{id}\",le=\"30\"} 2\n",
		"bucket{method=\"GET\",route=\"/v1/sealings/{id}\",le=\"+Inf\"} 3\n",
		"_sum{method=\"GET\",route=\"/v1/sealings/{id}\"} 60.001901\n",
		"_count{method=\"GET\",route=\"/v1/sealings/{id}\"} 3\n",
	};
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		assert_non_null(strstr(text(), wanted[i]));
}

/* As many routes as there may be, each with all it can tell: fits. */
static void test_many_routes(void **state)
{
	struct bytes told;
	(void)state;
	for (int i = 0; i < LIMIT_HTTP_ROUTES; i++) {
		size_t row =
		    metrics_add_route(m, "DELETE", "/v1/some/{long}/pattern/of/{routes}/{n}");
		assert_int_equal(row, i);
		for (int status = 100; status < 600; status += 100)
			metrics_request(m, row, status, 1000);
	}
	assert_true(metrics_add_route(m, "GET", "/one/more") == METRICS_NO_ROUTE);
	assert_int_equal(metrics_text(s, m, &told), OK);
	assert_true(told.n < LIMIT_METRICS_TEXT);
}

static const struct request_log_line line = { .at = { 1767225600 },
	.id = "abc",
	.listener = "api",
	.method = "GET",
	.route = "/v1/sealings/{id}",
	.address = "192.0.2.1",
	.status = 200,
	.took_us = 12345,
	.in = 1,
	.out = 2 };

static void test_log(void **state)
{
	char told[4096];
	int fd[2];
	(void)state;
	assert_int_equal(pipe(fd), 0);
	struct request_log *l = request_log_new(fd[1], m);
	struct request_log_line other = line;
	other.route = NULL;
	other.fault = "a \"fault\"\nof two lines";
	request_log_add(l, &line);
	request_log_add(l, &other);
	request_log_add(NULL, &line);
	request_log_free(l);
	close(fd[1]);
	ssize_t n = read(fd[0], told, sizeof(told) - 1);
	close(fd[0]);
	assert_true(n > 0);
	told[n] = 0;
	char *second = strchr(told, '\n');
	assert_non_null(second);
	*second++ = 0;
	assert_string_equal(told,
	    "{\"time\":\"2026-01-01T00:00:00Z\",\"id\":\"abc\",\"listener\":\"api\",\"method\":"
	    "\"GET\","
	    "\"route\":\"/v1/sealings/{id}\",\"status\":200,\"ms\":12,\"in\":1,\"out\":2,"
	    "\"address\":\"192.0.2.1\"}");
	const struct json_tree *tree;
	assert_ptr_equal(strchr(second, '\n'), second + strlen(second) - 1);
	assert_int_equal(json_tree_parse(s, bytes_of_str(second), &tree), OK);
	assert_string_equal(json_tree_find(tree, "fault")->text, other.fault);
	assert_int_equal(json_tree_find(tree, "route")->kind, JSON_TREE_NULL);
}

/* Nobody reads: what finds no room is counted, and nobody waits. */
static void test_log_full(void **state)
{
	int fd[2];
	(void)state;
	assert_int_equal(pipe(fd), 0);
	struct request_log *l = request_log_new(fd[1], m);
	for (int i = 0; i < 10000; i++)
		request_log_add(l, &line);
	assert_true(metrics_value(m, METRIC_LOG_LOST) > 1000);
	close(fd[0]); /* ends the writing */
	request_log_free(l);
	close(fd[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
		T(test_figures),
		T(test_requests),
		T(test_many_routes),
		T(test_log),
		T(test_log_full),
#undef T
	};
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
