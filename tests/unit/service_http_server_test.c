#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/scope.h"
#include "tests/support/http_scene.h"

static struct http_scene c;

static int setup(void **state)
{
	(void)state;
	http_scene_begin(&c);
	http_scene_start(&c);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	http_scene_end(&c);
	return 0;
}

static void assert_header(const char *name, const char *value)
{
	char got[512];
	http_client_header(&c.reply, name, got, sizeof(got));
	assert_string_equal(got, value);
}

static void test_hello(void **state)
{
	(void)state;
	http_scene_ask(&c, "GET /hello" HTTP_SCENE_HEAD "\r\n");
	assert_int_equal(c.reply.status, 200);
	assert_string_equal(http_scene_body(&c), "hello");
	assert_header("X-Content-Type-Options", "nosniff");
	assert_header("Cache-Control", "no-store");
	assert_header("Strict-Transport-Security", "");
	http_scene_ask(&c, "GET /hello/M%C3%A1ria%20x" HTTP_SCENE_HEAD "\r\n");
	assert_string_equal(http_scene_body(&c), "M\xc3\xa1ria x");
	http_scene_ask(&c, "GET /healthz" HTTP_SCENE_HEAD "\r\n");
	assert_int_equal(c.reply.status, 200);
	http_scene_ask(&c, "GET /metrics" HTTP_SCENE_HEAD "\r\n");
	assert_int_equal(c.reply.status, 200);
	assert_non_null(strstr(http_scene_body(&c), "route=\"/hello\",status=\"2xx\"} 1\n"));
}

static void test_bodies(void **state)
{
	(void)state;
	http_scene_post(&c, "/json", "Content-Type: application/json\r\n", "{}");
	assert_int_equal(c.reply.status, 200);
	assert_string_equal(http_scene_body(&c), "{}");
	http_scene_post(&c, "/form", HTTP_SCENE_FORM, "a=1+2&b=%41");
	assert_string_equal(http_scene_body(&c), "a=3(1 2);b=1(A);");
	http_scene_post(&c, "/secret", HTTP_SCENE_FORM, "p=s");
	assert_string_equal(http_scene_body(&c), "p=1(s);");
	assert_header("Connection", "close");
	http_scene_post(
	    &c, "/parts", HTTP_SCENE_MULTIPART, HTTP_SCENE_FIELD HTTP_SCENE_FILE "--XX--\r\n");
	assert_int_equal(c.reply.status, 200);
	assert_string_equal(http_scene_body(&c), "n=1(v);f:b.pdf:ba78=3;");
	assert_true(http_scene_is_clean(&c));
}

static void test_check(void **state)
{
	(void)state;
	http_scene_post(&c, "/guarded", HTTP_SCENE_MULTIPART, "wrong");
	assert_int_equal(c.reply.status, 401);
	http_scene_post(
	    &c, "/guarded", HTTP_SCENE_MULTIPART "Authorization: Bearer right\r\n", "wrong");
	assert_int_equal(c.reply.status, 400);
	http_scene_post(&c, "/guarded", HTTP_SCENE_MULTIPART "Authorization: Bearer right\r\n",
	    HTTP_SCENE_FIELD "--XX--\r\n");
	assert_int_equal(c.reply.status, 200);
}

static void test_failures(void **state)
{
	(void)state;
	http_scene_ask(&c, "GET /fails/io" HTTP_SCENE_HEAD "\r\n");
	assert_int_equal(c.reply.status, 500);
	assert_null(strstr(http_scene_body(&c), "secret place"));
	http_scene_ask(&c, "GET /fails/format" HTTP_SCENE_HEAD "\r\n");
	assert_int_equal(c.reply.status, 400);
	assert_non_null(strstr(http_scene_body(&c), "told to the client"));
	http_scene_ask(&c, "GET /fails/other" HTTP_SCENE_HEAD "\r\n");
	assert_int_equal(c.reply.status, 500);
	http_scene_ask(&c, "GET /none" HTTP_SCENE_HEAD "\r\n");
	assert_int_equal(c.reply.status, 404);
	http_scene_ask(&c, "DELETE /hello" HTTP_SCENE_HEAD "\r\n");
	assert_int_equal(c.reply.status, 405);
	assert_header("Allow", "GET, HEAD, OPTIONS");
}

static void test_file(void **state)
{
	(void)state;
	http_scene_post(&c, "/keep", HTTP_SCENE_MULTIPART, HTTP_SCENE_FILE "--XX--\r\n");
	assert_int_equal(c.reply.status, 200);
	assert_string_equal(http_scene_body(&c), "abc");
	assert_header("Content-Disposition",
	    "attachment; filename=\"a _b_ __.pdf\"; filename*=UTF-8''a%20%22b%22%20%C3%A9.pdf");
	assert_true(http_scene_is_clean(&c));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_hello, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bodies, setup, teardown),
		cmocka_unit_test_setup_teardown(test_check, setup, teardown),
		cmocka_unit_test_setup_teardown(test_failures, setup, teardown),
		cmocka_unit_test_setup_teardown(test_file, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
