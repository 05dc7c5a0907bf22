#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <fcntl.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/scope.h"
#include "formats/json_tree.h"
#include "service/front/problem.h"

static struct scope *s;
static struct http_reply r;

static int setup(void **state)
{
	(void)state;
	if (!(s = scope_new(0)))
		return 1;
	http_reply_begin(&r, s);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	http_reply_drop(&r);
	scope_free(s);
	return 0;
}

static const char *header(const char *name)
{
	for (size_t i = 0; i < r.n_headers; i++)
		if (!strcmp(r.header[i].name, name))
			return r.header[i].value;
	return NULL;
}

static const char *member(const char *name)
{
	const struct json_tree *tree;
	assert_int_equal(json_tree_parse(s, r.body, &tree), OK);
	const struct json_tree *found = json_tree_find(tree, name);
	return found ? found->text : NULL;
}

/* Clients rely on codes: each is there once, in the alphabet of URNs. */
static void test_codes(void **state)
{
	(void)state;
	for (int p = 0; p < PROBLEM_COUNT; p++) {
		const char *code = problem_code((enum problem)p);
		assert_true(*code && strspn(code, "abcdefghijklmnopqrstuvwxyz-") == strlen(code));
		assert_in_range(problem_status((enum problem)p), 400, 599);
		assert_true(*problem_title((enum problem)p));
		for (int other = 0; other < p; other++)
			assert_string_not_equal(code, problem_code((enum problem)other));
	}
}

static void test_json(void **state)
{
	struct http_request q = { .listener = HTTP_API, .id = "0123" };
	(void)state;
	assert_int_equal(problem_reply(s, &q, PROBLEM_STATE, "a \"detail\"", &r), OK);
	assert_int_equal(r.status, 409);
	assert_string_equal(r.content_type, "application/problem+json");
	assert_string_equal(member("type"), "urn:bulla:problem:wrong-state");
	assert_string_equal(member("code"), "wrong-state");
	assert_string_equal(member("detail"), "a \"detail\"");
	assert_string_equal(member("instance"), "urn:bulla:request:0123");
	assert_null(header("WWW-Authenticate"));
	assert_int_equal(problem_reply(s, NULL, PROBLEM_BUSY, NULL, &r), OK);
	assert_null(member("detail"));
	assert_null(member("instance"));
	assert_string_equal(header("Retry-After"), "2");
	assert_int_equal(problem_reply(s, &q, PROBLEM_NOT_AUTHENTICATED, NULL, &r), OK);
	assert_string_equal(header("WWW-Authenticate"), "Bearer realm=\"bulla\"");
}

static enum err page(struct front *f, struct scope *scope, const struct http_request *q,
    int problem, const char *detail, struct http_reply *reply)
{
	(void)f;
	(void)scope;
	(void)q;
	assert_int_equal(problem, PROBLEM_NOT_FOUND);
	assert_string_equal(detail, "why");
	http_reply_body(reply, reply->status, "text/html", BYTES_LIT("page"));
	return OK;
}

static void test_page(void **state)
{
	static const struct {
		enum http_listener listener;
		const char *accept;
		bool is_page;
	} cases[] = {
		{ HTTP_DESK, "text/html,application/xhtml+xml;q=0.9", true },
		{ HTTP_WINDOW, "text/html", true },
		{ HTTP_API, "text/html", false },
		{ HTTP_DESK, "application/json", false },
		{ HTTP_DESK, "*/*", false },
		{ HTTP_DESK, NULL, false },
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct http_request_pair headers[] = { { "accept", cases[i].accept },
			{ NULL, NULL } };
		const struct http_request_values values = { .header = headers };
		struct http_request q = {
			.listener = cases[i].listener, .values = &values, .problem_page = page
		};
		assert_int_equal(problem_reply(s, &q, PROBLEM_NOT_FOUND, "why", &r), OK);
		assert_int_equal(r.status, 404);
		assert_string_equal(
		    r.content_type, cases[i].is_page ? "text/html" : "application/problem+json");
	}
}

static void test_errors(void **state)
{
	(void)state;
	assert_int_equal(problem_status(problem_of_err(ERR_FORMAT)), 400);
	assert_int_equal(problem_status(problem_of_err(ERR_LIMIT)), 413);
	assert_int_equal(problem_status(problem_of_err(ERR_DENIED)), 403);
	assert_int_equal(problem_status(problem_of_err(ERR_NET)), 502);
	assert_int_equal(problem_status(problem_of_err(ERR_UNSUPPORTED)), 422);
	assert_int_equal(problem_status(problem_of_err(ERR_MISUSE)), 409);
	assert_int_equal(problem_of_err(ERR_IO), PROBLEM_INTERNAL);
	assert_int_equal(problem_of_err(ERR_NOMEM), PROBLEM_INTERNAL);
	assert_int_equal(problem_of_err(ERR_CRYPTO), PROBLEM_INTERNAL);
	assert_int_equal(problem_of_err(ERR_INTERNAL), PROBLEM_INTERNAL);
}

/* -- replies -- */

static void test_headers(void **state)
{
	static const char *const bad[] = { "a\r\nSet-Cookie: b=c", "a\n", "a\x01", "\xff" };
	(void)state;
	http_reply_redirect(&r, "/desk?x=1");
	assert_int_equal(r.status, 303);
	assert_string_equal(header("Location"), "/desk?x=1");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		http_reply_begin(&r, s);
		http_reply_add(&r, "X", bad[i]);
		assert_true(r.is_broken);
		assert_int_equal(r.n_headers, 0);
	}
	http_reply_begin(&r, s);
	http_reply_add(&r, "X Y", "a");
	assert_true(r.is_broken);
	http_reply_begin(&r, s);
	for (int i = 0; i < HTTP_REPLY_HEADERS; i++)
		http_reply_add(&r, "X", "a");
	assert_false(r.is_broken);
	http_reply_add(&r, "X", "a");
	assert_true(r.is_broken);
}

static void test_cookies(void **state)
{
	(void)state;
	http_reply_cookie(&r, "session", "abc");
	assert_string_equal(
	    header("Set-Cookie"), "__Host-session=abc; Path=/; Secure; HttpOnly; SameSite=Strict");
	http_reply_begin(&r, s);
	http_reply_cookie(&r, "session", NULL);
	assert_string_equal(header("Set-Cookie"),
	    "__Host-session=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0");
	http_reply_begin(&r, s);
	http_reply_cookie(&r, "session", "a; Domain=evil");
	assert_true(r.is_broken);
}

static void test_files(void **state)
{
	(void)state;
	assert_int_equal(http_reply_file(&r, "Makefile", "text/plain", NULL), OK);
	assert_true(r.file >= 0 && r.file_size > 0);
	int before = r.file;
	/* A problem instead of it closes it. */
	assert_int_equal(problem_reply(s, NULL, PROBLEM_STATE, NULL, &r), OK);
	assert_int_equal(r.file, -1);
	assert_int_equal(fcntl(before, F_GETFD), -1);
	assert_int_equal(http_reply_file(&r, "none/such", "text/plain", NULL), ERR_IO);
	assert_int_equal(http_reply_file(&r, "tests", "text/plain", NULL), ERR_IO);
	assert_int_equal(http_reply_file(&r, "/dev/null", "text/plain", NULL), ERR_IO);
}

static void test_request(void **state)
{
	uint8_t secret[] = "top secret", binary[] = "a\0b";
	const struct http_part parts[] = {
		{ .name = "f", .file_name = "x", .path = "x" },
		{ .name = "p", .value = { secret, 10 } },
		{ .name = "b", .value = { binary, 3 } },
		{ .name = "f", .value = { (const uint8_t *)"field", 5 } },
	};
	struct http_request q = { .part = parts, .n_parts = 4 };
	(void)state;
	assert_string_equal(http_request_field(&q, "p"), "top secret");
	assert_string_equal(http_request_field(&q, "f"), "field");
	assert_null(http_request_field(&q, "b"));
	assert_null(http_request_field(&q, "none"));
	assert_null(http_request_header(&q, "Host"));
	assert_null(http_request_query(&q, "a"));
	assert_null(http_request_cookie(&q, "a"));
	http_request_wipe(&q, "p");
	for (size_t i = 0; i < 10; i++)
		assert_int_equal(secret[i], 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
		T(test_codes),
		T(test_json),
		T(test_page),
		T(test_errors),
		T(test_headers),
		T(test_cookies),
		T(test_files),
		T(test_request),
#undef T
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
