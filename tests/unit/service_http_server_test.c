#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/limits.h"
#include "base/scope.h"
#include "formats/json_tree.h"
#include "service/front/metrics.h"
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

/* What every reply says to browsers. */
static void test_headers(void **state)
{
	static const char *const asked[] = { "GET /hello", "GET /none", "DELETE /hello",
		"GET /fails/io", "OPTIONS /hello", "HEAD /hello" };
	char policy[512], request[200];
	(void)state;
	for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
		snprintf(request, sizeof(request), "%s" HTTP_SCENE_HEAD "\r\n", asked[i]);
		http_scene_ask(&c, request);
		assert_true(c.reply.status > 0);
		http_client_header(&c.reply, "Content-Security-Policy", policy, sizeof(policy));
		assert_non_null(strstr(policy, "default-src 'none'"));
		assert_non_null(strstr(policy, "frame-ancestors 'none'"));
		assert_null(strstr(policy, "unsafe"));
		assert_header("X-Content-Type-Options", "nosniff");
		assert_header("Referrer-Policy", "same-origin");
		assert_header("Cache-Control", "no-store");
		assert_header("Cross-Origin-Opener-Policy", "same-origin");
		assert_header("Cross-Origin-Resource-Policy", "same-origin");
		assert_header("Server", "");
		http_client_header(&c.reply, "X-Request-Id", policy, sizeof(policy));
		assert_int_equal(strlen(policy), 24);
	}
	http_scene_ask(&c, "HEAD /hello" HTTP_SCENE_HEAD "\r\n");
	assert_header("Content-Length", "5");
	assert_int_equal(c.reply.n, c.reply.body);
	http_scene_ask(&c, "OPTIONS /hello" HTTP_SCENE_HEAD "\r\n");
	assert_int_equal(c.reply.status, 204);
	assert_header("Allow", "GET, HEAD, OPTIONS");
}

static int begin_with_host(void **state)
{
	(void)state;
	http_scene_begin(&c);
	c.configuration.api.url = "https://Seal.example.hu:8443/";
	http_scene_start(&c);
	return 0;
}

static void test_host(void **state)
{
	static const struct {
		const char *host;
		int status;
	} cases[] = {
		{ "seal.example.hu:8443", 200 },
		{ "SEAL.example.HU:8443", 200 },
		{ "seal.example.hu", 421 },
		{ "seal.example.hu:84433", 421 },
		{ "seal.example.hu:8443.evil.example", 421 },
		{ "evil.example", 421 },
		{ "", 421 },
	};
	char request[200];
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(request, sizeof(request), "GET /hello HTTP/1.1\r\nHost: %s\r\n\r\n",
		    cases[i].host);
		http_scene_ask(&c, request);
		assert_int_equal(c.reply.status, cases[i].status);
	}
	http_scene_ask(&c, "GET /healthz HTTP/1.1\r\nHost: 10.0.0.1\r\n\r\n");
	assert_int_equal(c.reply.status, 200);
}

static int begin_with_rate(void **state)
{
	(void)state;
	http_scene_begin(&c);
	c.configuration.limits.requests_per_minute = 20; /* a fourth of it at once */
	http_scene_start(&c);
	return 0;
}

static void test_rate(void **state)
{
	char wait[16];
	(void)state;
	for (int i = 0; i < 6; i++) {
		http_scene_ask(&c, "GET /hello" HTTP_SCENE_HEAD "\r\n");
		assert_int_equal(c.reply.status, 200);
	}
	http_scene_post(&c, "/json", "Content-Type: application/json\r\n", "{}");
	assert_int_equal(c.reply.status, 429);
	http_client_header(&c.reply, "Retry-After", wait, sizeof(wait));
	assert_in_range(strtol(wait, NULL, 10), 1, 60);
	assert_int_equal(metrics_value(c.front.metrics, METRIC_REFUSED_RATE), 1);
}

/* A file that cannot be written to its end: 507, and nothing stays. */
static void test_disk_full(void **state)
{
	static char content[100000];
	struct rlimit before, small;
	char head[300];
	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &before);
	small = before;
	small.rlim_cur = 50000;
	setrlimit(RLIMIT_FSIZE, &small);
	memset(content, 'x', sizeof(content));
	int fd = http_client_connect(c.port);
	const char *begin = "--XX\r\nContent-Disposition: form-data; name=f; filename=x\r\n\r\n";
	const char *end = "\r\n--XX--\r\n";
	snprintf(head, sizeof(head),
	    "POST /parts" HTTP_SCENE_HEAD HTTP_SCENE_MULTIPART "Content-Length: %zu\r\n\r\n%s",
	    strlen(begin) + sizeof(content) + strlen(end), begin);
	http_client_say(fd, head);
	http_client_send(fd, content, sizeof(content));
	http_client_say(fd, end);
	http_client_receive(fd, false, &c.reply);
	setrlimit(RLIMIT_FSIZE, &before);
	assert_int_equal(c.reply.status, 507);
	assert_null(strstr(http_scene_body(&c), "incoming")); /* no paths told */
	assert_true(http_scene_is_clean(&c));
	close(fd);
}

/* -- secrets -- */

/* Octets are given with every bit turned, so that the search does not find its own question. */
static bool holds(const uint8_t *p, size_t n, const uint8_t *turned, size_t n_turned)
{
	const uint8_t *end = p + n;
	while ((size_t)(end - p) >= n_turned) {
		size_t k = 0;
		p = memchr(p, (uint8_t)~turned[0], (size_t)(end - p) - n_turned + 1);
		if (!p)
			return false;
		while (k < n_turned && (p[k] ^ turned[k]) == 0xFF)
			k++;
		if (k == n_turned)
			return true;
		p++;
	}
	return false;
}

/* Whether they stand anywhere in this process's memory. */
static bool is_in_memory(const uint8_t *turned, size_t n)
{
	static uint8_t page[1 << 20];
	FILE *maps = fopen("/proc/self/maps", "r");
	int mem = open("/proc/self/mem", O_RDONLY);
	unsigned long from, to, own = (unsigned long)(uintptr_t)page;
	char line[512], mode[5];
	bool found = false;
	assert_true(maps && mem >= 0);
	while (!found && fgets(line, sizeof(line), maps)) {
		/* The largest are sanitizers' own. */
		if (sscanf(line, "%lx-%lx %4s", &from, &to, mode) != 3 || mode[1] != 'w' ||
		    to - from > 64 << 20)
			continue;
		for (unsigned long at = from; !found && at < to; at += sizeof(page) - n) {
			size_t most = to - at < sizeof(page) ? to - at : sizeof(page);
			if (at < own + sizeof(page) && own < at + most)
				continue;
			ssize_t got = pread(mem, page, most, (off_t)at);
			found = got > 0 && holds(page, (size_t)got, turned, n);
			memset(page, 0, sizeof(page));
		}
	}
	close(mem);
	fclose(maps);
	return found;
}

static void post_secret(const uint8_t *turned, size_t n, bool chunked)
{
	static char request[400];
	char tail[200];
	int head =
	    snprintf(request, sizeof(request), "POST /secret" HTTP_SCENE_HEAD HTTP_SCENE_FORM);
	if (chunked)
		snprintf(tail, sizeof(tail), "Transfer-Encoding: chunked\r\n\r\n%zx\r\np=", n + 2);
	else
		snprintf(tail, sizeof(tail), "Content-Length: %zu\r\n\r\np=", n + 2);
	head += snprintf(request + head, sizeof(request) - (size_t)head, "%s", tail);
	for (size_t i = 0; i < n; i++)
		request[(size_t)head + i] = (char)~turned[i];
	int fd = http_client_connect(c.port);
	http_client_send(fd, request, (size_t)head + n);
	http_client_say(fd, chunked ? "\r\n0\r\n\r\n" : "");
	bytes_wipe(request, sizeof(request));
	http_client_receive(fd, false, &c.reply);
	assert_true(http_client_is_closed(fd));
	close(fd);
}

/* Long enough not to be told by the route. */
static void test_secret(void **state)
{
	uint8_t turned[120];
	(void)state;
	for (size_t i = 0; i < sizeof(turned); i++)
		turned[i] = (uint8_t) ~("abcdefghijklmnopqrstuvw"[(i * 7 + i / 5) % 23]);
	for (int chunked = 0; chunked < 2; chunked++) {
		post_secret(turned, sizeof(turned), chunked);
		assert_int_equal(c.reply.status, 200);
		assert_string_equal(http_scene_body(&c), "p=120;");
		for (int i = 0; i < 500 && metrics_value(c.front.metrics, METRIC_CONNECTIONS); i++)
			nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
		assert_false(is_in_memory(turned, 40));
	}
	/* The search finds what is there. */
	char *there = strdup("0123456789abcdefghij");
	for (size_t i = 0; i < 20; i++)
		turned[i] = (uint8_t)~there[i];
	assert_true(is_in_memory(turned, 20));
	free(there);
}

/* -- the log -- */

static int begin_with_log(void **state)
{
	int fd[2];
	(void)state;
	http_scene_begin(&c);
	if (pipe(fd))
		return 1;
	c.log = fd[1];
	http_scene_start(&c);
	*state = (void *)(intptr_t)fd[0];
	return 0;
}

static void test_log(void **state)
{
	char told[4096];
	int fd = (int)(intptr_t)*state;
	const struct json_tree *tree;
	http_scene_ask(&c, "GET /hello/private?token=private" HTTP_SCENE_HEAD
			   "Cookie: a=private\r\nX: private\r\n\r\n");
	assert_int_equal(c.reply.status, 200);
	ssize_t n = read(fd, told, sizeof(told) - 1);
	assert_true(n > 0);
	told[n] = 0;
	assert_null(strstr(told, "private"));
	assert_int_equal(json_tree_parse(c.s, bytes_of_str(told), &tree), OK);
	assert_string_equal(json_tree_find(tree, "route")->text, "/hello/{name}");
	assert_int_equal(json_tree_find(tree, "status")->number, 200);
	http_scene_ask(&c, "GET /fails/io" HTTP_SCENE_HEAD "\r\n");
	n = read(fd, told, sizeof(told) - 1);
	told[n > 0 ? n : 0] = 0;
	assert_non_null(strstr(told, "secret place")); /* for the operator, not for the client */
	close(fd);
}

/* -- stopping -- */

static void *stop(void *ctx)
{
	http_server_stop(ctx);
	return NULL;
}

/* What was begun is answered; nobody else is. */
static void test_stop(void **state)
{
	pthread_t thread;
	(void)state;
	int busy = http_client_connect(c.port), idle = http_client_connect(c.port);
	http_client_say(idle, "GET /hello" HTTP_SCENE_HEAD "\r\n");
	http_client_receive(idle, false, &c.reply);
	http_client_say(busy, "GET /slow" HTTP_SCENE_HEAD "\r\n");
	while (!atomic_load(&http_scene_asked))
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	http_server_drain(c.server, 20); /* does not wait for ever */
	assert_true(http_client_is_closed(idle));
	assert_int_equal(pthread_create(&thread, NULL, stop, c.server), 0);
	atomic_store(&http_scene_open, true);
	http_client_receive(busy, false, &c.reply);
	assert_int_equal(c.reply.status, 200);
	assert_header("Connection", "close");
	assert_true(http_client_is_closed(busy));
	pthread_join(thread, NULL);
	c.server = NULL;
	close(busy);
	close(idle);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
		T(test_hello),
		T(test_bodies),
		T(test_check),
		T(test_failures),
		T(test_file),
		T(test_headers),
		cmocka_unit_test_setup_teardown(test_host, begin_with_host, teardown),
		cmocka_unit_test_setup_teardown(test_rate, begin_with_rate, teardown),
		T(test_disk_full),
		T(test_secret),
		cmocka_unit_test_setup_teardown(test_log, begin_with_log, teardown),
		T(test_stop),
#undef T
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
