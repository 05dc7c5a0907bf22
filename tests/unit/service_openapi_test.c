/* The description of the API names every route that there is, no other, and every problem code. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <cmocka.h>

#include "base/scope.h"
#include "formats/json_tree.h"
#include "service/front/filing_api.h"
#include "service/front/front.h"
#include "service/front/problem.h"
#include "service/front/ready.h"
#include "service/front/sealing_api.h"

static const struct json_tree *described(struct scope *s)
{
	static struct front nobody;
	struct http_reply r = { .s = s, .file = -1 };
	const struct http_request q = { .method = "GET", .path = "/openapi.json" };
	const struct json_tree *t;
	for (const struct route *one = ready_routes; one->method; one++)
		if (!strcmp(one->pattern, "/openapi.json"))
			assert_int_equal(one->handle(&nobody, s, &q, &r), OK);
	assert_int_equal(r.status, 200);
	assert_int_equal(json_tree_parse(s, r.body, &t), OK);
	return t;
}

static bool has_operation(const struct json_tree *paths, const struct route *route)
{
	char method[16];
	const struct json_tree *path = json_tree_find(paths, route->pattern);
	size_t n = 0;
	for (; route->method[n] && n < sizeof method - 1; n++)
		method[n] = (char)(route->method[n] | 0x20);
	method[n] = 0;
	return path && json_tree_find(path, method);
}

static size_t operations(const struct json_tree *paths)
{
	size_t n = 0;
	for (size_t i = 0; i < paths->n; i++)
		for (size_t k = 0; k < paths->item[i].n; k++)
			n += paths->item[i].item[k].kind == JSON_TREE_OBJECT;
	return n;
}

static void routes(void **state)
{
	static const struct route *const tables[] = { sealing_api_routes, filing_api_routes,
		ready_routes };
	struct scope *s = scope_new(0);
	const struct json_tree *paths = json_tree_find(described(s), "paths");
	size_t n = 0;
	(void)state;
	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
		for (const struct route *one = tables[i]; one->method; one++, n++)
			if (!has_operation(paths, one))
				fail_msg("%s %s is not described", one->method, one->pattern);
	assert_int_equal(operations(paths), n + 2); /* and /healthz, /metrics: the server's own */
	scope_free(s);
}

static void problems(void **state)
{
	struct scope *s = scope_new(0);
	const struct json_tree *schemas =
	    json_tree_find(json_tree_find(described(s), "components"), "schemas");
	const struct json_tree *codes =
	    json_tree_find(json_tree_find(schemas, "ProblemCode"), "enum");
	(void)state;
	assert_int_equal(codes->n, PROBLEM_COUNT);
	for (size_t i = 0; i < codes->n; i++)
		assert_string_equal(codes->item[i].text, problem_code((enum problem)i));
	scope_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(routes),
		cmocka_unit_test(problems),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
