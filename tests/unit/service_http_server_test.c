#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/scope.h"
#include "service/folder.h"
#include "service/front/front.h"
#include "service/front/http_server.h"
#include "service/front/metrics.h"
#include "tests/support/http_client.h"

/* -- a server with routes of the test's own -- */

static struct scope *s;
static struct http_server *server;
static struct front front;
static struct configuration configuration;
static char folder[256], incoming[300], kept[300];
static uint16_t port;
static struct http_client_reply reply;

static enum err say_hello(
    struct front *f, struct scope *scope, const struct http_request *q, struct http_reply *r)
{
	char *text;
	(void)f;
	TRY(bytes_to_str(scope, bytes_of_str(q->parameter[0] ? q->parameter[0] : "hello"), &text));
	http_reply_body(r, 200, "text/plain", bytes_of_str(text));
	return OK;
}

/* Tells each part as NAME[:FILE]=SIZE and of fields their value. */
static enum err tell_parts(
    struct front *f, struct scope *scope, const struct http_request *q, struct http_reply *r)
{
	struct buf b = buf_new(scope, 65536);
	struct bytes text;
	(void)f;
	for (size_t i = 0; i < q->n_parts; i++) {
		const struct http_part *p = &q->part[i];
		buf_addf(&b, "%s", p->name);
		if (p->file_name)
			buf_addf(&b, ":%s:%02x%02x", p->file_name, p->sha256[0], p->sha256[1]);
		buf_addf(&b, "=%zu", (size_t)p->size);
		if (!p->file_name && p->value.n < 100)
			buf_addf(&b, "(%s)", (const char *)p->value.p);
		buf_add_str(&b, ";");
	}
	TRY(buf_done(&b, &text));
	http_reply_body(r, 200, "text/plain", text);
	return OK;
}

static enum err take_file(
    struct front *f, struct scope *scope, const struct http_request *q, struct http_reply *r)
{
	(void)f;
	TRY(http_request_take_file(scope, &q->part[0], kept));
	return http_reply_file(r, kept, "application/pdf", "a \"b\" \xc3\xa9.pdf");
}

static enum err echo(
    struct front *f, struct scope *scope, const struct http_request *q, struct http_reply *r)
{
	(void)f;
	(void)scope;
	http_reply_body(r, 200, "application/json", q->body);
	return OK;
}

static enum err only_with_key(
    struct front *f, struct scope *scope, const struct http_request *q, struct http_reply *r)
{
	const char *key = http_request_header(q, "Authorization");
	(void)f;
	if (key && !strcmp(key, "Bearer right"))
		return OK;
	return problem_reply(scope, q, PROBLEM_NOT_AUTHENTICATED, NULL, r);
}

static enum err fails(
    struct front *f, struct scope *scope, const struct http_request *q, struct http_reply *r)
{
	(void)f;
	(void)r;
	if (!strcmp(q->parameter[0], "io"))
		return scope_fault(scope, ERR_IO, "the secret place: is full");
	if (!strcmp(q->parameter[0], "format"))
		return scope_fault(scope, ERR_FORMAT, "told to the client");
	return OK; /* without a reply */
}

static const struct route routes[] = {
	{ HTTP_API, "GET", "/hello", .handle = say_hello },
	{ HTTP_API, "GET", "/hello/{name}", .handle = say_hello },
	{ HTTP_API, "GET", "/fails/{how}", .handle = fails },
	{ HTTP_API, "POST", "/json", ROUTE_JSON, .handle = echo },
	{ HTTP_API, "POST", "/form", ROUTE_FORM, .handle = tell_parts },
	{ HTTP_API, "POST", "/secret", ROUTE_FORM, true, .handle = tell_parts },
	{ HTTP_API, "POST", "/parts", ROUTE_MULTIPART, .handle = tell_parts },
	{ HTTP_API, "POST", "/keep", ROUTE_MULTIPART, .handle = take_file },
	{ HTTP_API, "POST", "/guarded", ROUTE_MULTIPART, .check = only_with_key,
	    .handle = tell_parts },
	{ .method = NULL },
};
static const struct route *const tables[] = { routes };

static void start_server(void)
{
	struct http_server_config c = { .configuration = &configuration,
		.tables = tables,
		.n_tables = 1,
		.incoming = incoming,
		.metrics = front.metrics,
		.log = -1 };
	assert_int_equal(http_server_start(s, &front, &c, &server), OK);
	port = http_server_port(server, HTTP_API);
}

static int setup(void **state)
{
	const char *tmp = getenv("TMPDIR");
	(void)state;
	s = scope_new(0);
	snprintf(folder, sizeof(folder), "%s/http-test-XXXXXX", tmp ? tmp : "/tmp");
	if (!s || !mkdtemp(folder))
		return 1;
	snprintf(incoming, sizeof(incoming), "%s/incoming", folder);
	snprintf(kept, sizeof(kept), "%s/kept", folder);
	configuration = (struct configuration){ .api = { .address = "127.0.0.1" } };
	configuration.limits.document = 1 << 20;
	configuration.limits.connections = 200;
	configuration.limits.connections_per_address = 200;
	configuration.limits.request_threads = 2;
	configuration.limits.queue = 16;
	configuration.limits.idle_seconds = 30;
	front = (struct front){ .metrics = metrics_new() };
	start_server();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	http_server_stop(server);
	server = NULL;
	metrics_free(front.metrics);
	folder_remove(incoming);
	folder_remove(folder);
	scope_free(s);
	return 0;
}

static void ask(const char *request)
{
	http_client_ask(port, request, &reply);
}

/* A POST with its length. */
static void post(const char *path, const char *headers, const char *content)
{
	char request[8192];
	snprintf(request, sizeof(request),
	    "POST %s HTTP/1.1\r\nHost: x\r\n%sContent-Length: %zu\r\n\r\n%s", path, headers,
	    strlen(content), content);
	ask(request);
}

static const char *body(void)
{
	return reply.text + reply.body;
}

static void assert_header(const char *name, const char *value)
{
	char got[512];
	http_client_header(&reply, name, got, sizeof(got));
	assert_string_equal(got, value);
}

#define HEAD " HTTP/1.1\r\nHost: x\r\n"

static void test_hello(void **state)
{
	(void)state;
	ask("GET /hello" HEAD "\r\n");
	assert_int_equal(reply.status, 200);
	assert_string_equal(body(), "hello");
	assert_header("X-Content-Type-Options", "nosniff");
	assert_header("Cache-Control", "no-store");
	assert_header("Strict-Transport-Security", "");
	ask("GET /hello/M%C3%A1ria%20x" HEAD "\r\n");
	assert_string_equal(body(), "M\xc3\xa1ria x");
	ask("GET /healthz" HEAD "\r\n");
	assert_int_equal(reply.status, 200);
	ask("GET /metrics" HEAD "\r\n");
	assert_int_equal(reply.status, 200);
	assert_non_null(strstr(body(), "route=\"/hello\",status=\"2xx\"} 1\n"));
}

#define MULTIPART "Content-Type: multipart/form-data; boundary=XX\r\n"
#define FIELD "--XX\r\nContent-Disposition: form-data; name=\"n\"\r\n\r\nv\r\n"
#define A_FILE "--XX\r\nContent-Disposition: form-data; name=f; filename=\"a/b.pdf\"\r\n\r\nabc\r\n"

static void test_bodies(void **state)
{
	(void)state;
	post("/json", "Content-Type: application/json\r\n", "{}");
	assert_int_equal(reply.status, 200);
	assert_string_equal(body(), "{}");
	post("/form", "Content-Type: application/x-www-form-urlencoded\r\n", "a=1+2&b=%41");
	assert_string_equal(body(), "a=3(1 2);b=1(A);");
	post("/secret", "Content-Type: application/x-www-form-urlencoded\r\n", "p=s");
	assert_string_equal(body(), "p=1(s);");
	assert_header("Connection", "close");
	post("/parts", MULTIPART, FIELD A_FILE "--XX--\r\n");
	assert_int_equal(reply.status, 200);
	assert_string_equal(body(), "n=1(v);f:b.pdf:ba78=3;");
	assert_true(folder_is_empty(incoming));
}

static void test_check(void **state)
{
	(void)state;
	post("/guarded", MULTIPART, "wrong");
	assert_int_equal(reply.status, 401);
	post("/guarded", MULTIPART "Authorization: Bearer right\r\n", "wrong");
	assert_int_equal(reply.status, 400);
	post("/guarded", MULTIPART "Authorization: Bearer right\r\n", FIELD "--XX--\r\n");
	assert_int_equal(reply.status, 200);
}

static void test_failures(void **state)
{
	(void)state;
	ask("GET /fails/io" HEAD "\r\n");
	assert_int_equal(reply.status, 500);
	assert_null(strstr(body(), "secret place"));
	ask("GET /fails/format" HEAD "\r\n");
	assert_int_equal(reply.status, 400);
	assert_non_null(strstr(body(), "told to the client"));
	ask("GET /fails/other" HEAD "\r\n");
	assert_int_equal(reply.status, 500);
	ask("GET /none" HEAD "\r\n");
	assert_int_equal(reply.status, 404);
	ask("DELETE /hello" HEAD "\r\n");
	assert_int_equal(reply.status, 405);
	assert_header("Allow", "GET, HEAD, OPTIONS");
}

static void test_file(void **state)
{
	(void)state;
	post("/keep", MULTIPART, A_FILE "--XX--\r\n");
	assert_int_equal(reply.status, 200);
	assert_string_equal(body(), "abc");
	assert_header("Content-Disposition",
	    "attachment; filename=\"a _b_ __.pdf\"; filename*=UTF-8''a%20%22b%22%20%C3%A9.pdf");
	assert_true(folder_is_empty(incoming));
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
