#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/limits.h"
#include "base/scope.h"
#include "service/front/route.h"

static struct scope *s;

static int setup(void **state)
{
	(void)state;
	return (s = scope_new(0)) ? 0 : 1;
}

static int teardown(void **state)
{
	(void)state;
	scope_free(s);
	return 0;
}

static enum err handle(
    struct front *f, struct scope *scope, const struct http_request *q, struct http_reply *r)
{
	(void)f;
	(void)scope;
	(void)q;
	(void)r;
	return OK;
}

#define ROUTE(where, how, what)                                                                    \
	{                                                                                          \
		.listeners = where, .method = how, .pattern = what, .handle = handle               \
	}

static const struct route first[] = {
	ROUTE(HTTP_API | HTTP_DESK, "GET", "/"),
	ROUTE(HTTP_API, "GET", "/v1/sealings/{id}"),
	ROUTE(HTTP_API, "GET", "/v1/sealings/new"),
	ROUTE(HTTP_API, "POST", "/v1/sealings/{id}"),
	ROUTE(HTTP_API, "DELETE", "/v1/sealings/{id}"),
	ROUTE(HTTP_API, "GET", "/v1/{kind}/{id}/documents/{n}"),
	{ .method = NULL },
};
static const struct route second[] = {
	ROUTE(HTTP_DESK, "GET", "/desk"),
	ROUTE(HTTP_DESK, "GET", "/v1/sealings/{id}"),
	ROUTE(HTTP_API, "GET", "/v1/filings/{id}/documents/{n}"),
	{ .method = NULL },
};
static const struct route *const tables[] = { first, second };

static struct route_match find(enum http_listener listener, const char *method, const char *path)
{
	struct route_match m;
	assert_int_equal(route_find(s, tables, 2, listener, method, path, &m), OK);
	return m;
}

static void test_find(void **state)
{
	(void)state;
	assert_ptr_equal(find(HTTP_API, "GET", "/").route, &first[0]);
	assert_ptr_equal(find(HTTP_API, "HEAD", "/").route, &first[0]);
	assert_null(find(HTTP_WINDOW, "GET", "/").route);
	assert_int_equal(find(HTTP_WINDOW, "GET", "/").methods, 0);
	assert_ptr_equal(find(HTTP_DESK, "GET", "/desk").route, &second[0]);
	assert_null(find(HTTP_DESK, "GET", "/desk/").route);
	assert_null(find(HTTP_DESK, "GET", "/des").route);
	assert_null(find(HTTP_DESK, "GET", "/Desk").route);
	struct route_match m = find(HTTP_API, "GET", "/v1/sealings/42");
	assert_ptr_equal(m.route, &first[1]);
	assert_string_equal(m.parameter[0], "42");
	assert_null(m.parameter[1]);
	assert_ptr_equal(find(HTTP_API, "GET", "/v1/sealings/new").route, &first[2]);
	assert_ptr_equal(find(HTTP_API, "DELETE", "/v1/sealings/new").route, &first[4]);
	assert_ptr_equal(find(HTTP_DESK, "GET", "/v1/sealings/42").route, &second[1]);
	assert_null(find(HTTP_API, "GET", "/v1/sealings/").route);
	assert_null(find(HTTP_API, "GET", "/v1/sealings/42/").route);
	m = find(HTTP_API, "GET", "/v1/sealings/42/documents/7");
	assert_ptr_equal(m.route, &first[5]);
	assert_string_equal(m.parameter[0], "sealings");
	assert_string_equal(m.parameter[1], "42");
	assert_string_equal(m.parameter[2], "7");
	m = find(HTTP_API, "GET", "/v1/filings/42/documents/7");
	assert_ptr_equal(m.route, &second[2]);
	assert_string_equal(m.parameter[0], "42");
}

static void test_methods(void **state)
{
	const char *allow;
	(void)state;
	struct route_match m = find(HTTP_API, "PUT", "/v1/sealings/42");
	assert_null(m.route);
	assert_int_equal(m.methods, ROUTE_GET | ROUTE_POST | ROUTE_DELETE);
	assert_int_equal(route_allow(s, m.methods, &allow), OK);
	assert_string_equal(allow, "GET, HEAD, POST, DELETE, OPTIONS");
	assert_null(find(HTTP_API, "get", "/").route);
	assert_null(find(HTTP_API, "BREW", "/").route);
	assert_int_equal(find(HTTP_API, "BREW", "/").methods, ROUTE_GET);
}

static const char *split(const char *target)
{
	static char told[4096];
	const char *path;
	struct bytes query;
	scope_forgive(s);
	enum err e = route_split_target(s, target, &path, &query);
	if (e != OK)
		return err_name(e);
	snprintf(told, sizeof(told), "%s?%.*s", path, (int)query.n,
	    query.n ? (const char *)query.p : "");
	return told;
}

static void test_targets(void **state)
{
	static const char *const bad[] = { "", "a", "*", "http://x/a", "//", "//a", "/a//b", "/a//",
		"/.", "/..", "/a/..", "/a/./b", "/%2e%2e/a", "/a/%2E", "/a%2fb", "/a%2F", "/a\\b",
		"/a%5Cb", "/a%00", "/a%0d%0a", "/a%7f", "/a%ff", "/a%c0%af", "/a%e0%80%af", "/a%",
		"/a%4", "/a%g0", "/a b", "/a#b", "/a?b#c", "/\xc3\xa1", "/a\tb" };
	char long_one[LIMIT_HTTP_PATH + 2];
	(void)state;
	assert_string_equal(split("/"), "/?");
	assert_string_equal(split("/a/b"), "/a/b?");
	assert_string_equal(split("/a/?x=%20&y"), "/a/?x=%20&y");
	assert_string_equal(split("/a+b%20c%C3%A1"), "/a+b c\xc3\xa1?");
	assert_string_equal(split("/...?/../"), "/...?/../");
	assert_string_equal(split("/%252e%252e"), "/%2e%2e?");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_string_equal(split(bad[i]), err_name(ERR_FORMAT));
	memset(long_one, 'a', sizeof(long_one));
	long_one[0] = '/';
	long_one[LIMIT_HTTP_PATH] = 0;
	assert_int_equal(strlen(split(long_one)), LIMIT_HTTP_PATH + 1);
	long_one[LIMIT_HTTP_PATH] = 'a';
	long_one[LIMIT_HTTP_PATH + 1] = 0;
	assert_string_equal(split(long_one), err_name(ERR_LIMIT));
}

static enum err check_with(struct route more)
{
	const struct route table[] = { more, { .method = NULL } };
	const struct route *const with[] = { first, table };
	scope_forgive(s);
	return route_check_tables(s, with, 2);
}

static void test_tables(void **state)
{
	(void)state;
	assert_int_equal(route_check_tables(s, tables, 2), OK);
	assert_int_equal(check_with((struct route)ROUTE(HTTP_API, "PUT", "/v1/sealings/{x}")), OK);
	assert_int_equal(check_with((struct route)ROUTE(HTTP_DESK, "GET", "/v1/sealings/{x}")), OK);
	static const struct route bad[] = {
		ROUTE(HTTP_API, "GET", "/v1/sealings/{other}"), /* there already */
		ROUTE(HTTP_DESK | HTTP_WINDOW, "GET", "/"),
		ROUTE(HTTP_API, "HEAD", "/x"),
		ROUTE(HTTP_API, "BREW", "/x"),
		ROUTE(HTTP_API, "GET", "x"),
		ROUTE(0, "GET", "/x"),
		ROUTE(HTTP_API, "GET", "/{a}/{b}/{c}/{d}/{e}"),
		{ .listeners = HTTP_API, .method = "GET", .pattern = "/x" },
	};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(check_with(bad[i]), ERR_MISUSE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
		T(test_find),
		T(test_methods),
		T(test_targets),
		T(test_tables),
#undef T
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
