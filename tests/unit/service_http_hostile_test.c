/* What no decent client sends: every case gets its answer or is ended, and afterwards the server
 * answers as before and has nothing left of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/limits.h"
#include "base/scope.h"
#include "service/front/metrics.h"
#include "tests/support/http_scene.h"

static struct http_scene c;

#define H HTTP_SCENE_HEAD
#define JSON "Content-Type: application/json\r\n"
#define CLOSED 0

static int setup(void **state)
{
	(void)state;
	http_scene_begin(&c);
	c.configuration.limits.idle_seconds = 2;
	http_scene_start(&c);
	return 0;
}

static int setup_patient(void **state)
{
	(void)state;
	http_scene_begin(&c);
	c.configuration.limits.idle_seconds = 300;
	http_scene_start(&c);
	return 0;
}

/* Whatever a test did, this holds afterwards. */
static int teardown(void **state)
{
	(void)state;
	http_scene_ask(&c, "GET /hello" H "\r\n");
	int status = c.reply.status;
	http_scene_post(&c, "/parts", HTTP_SCENE_MULTIPART, HTTP_SCENE_FILE "--XX--\r\n");
	int parts = c.reply.status;
	bool is_clean = http_scene_is_clean(&c);
	bool is_counted = metrics_value(c.front.metrics, METRIC_BODIES) == 0;
	http_scene_end(&c);
	return status == 200 && parts == 200 && is_clean && is_counted ? 0 : 1;
}

/* Sends it, as it is, and nothing more. */
static int status_of(const char *text, size_t n)
{
	int fd = http_client_connect(c.port);
	http_client_send(fd, text, n);
	http_client_receive(fd, false, &c.reply);
	close(fd);
	return c.reply.status;
}

struct text_case {
	const char *what, *text;
	int status;
};

static void check_all(const struct text_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int got = status_of(cases[i].text, strlen(cases[i].text));
		if (got != cases[i].status)
			print_error("%s: %d\n", cases[i].what, got);
		assert_int_equal(got, cases[i].status);
	}
}
#define CHECK_ALL(cases) check_all(cases, sizeof(cases) / sizeof((cases)[0]))

static void test_request_lines(void **state)
{
	static const struct text_case cases[] = {
		{ "HTTP/0.9", "GET /hello\r\n\r\n", 400 },
		{ "HTTP/2.0", "GET /hello HTTP/2.0\r\nHost: x\r\n\r\n", 505 },
		{ "HTTP/1.2", "GET /hello HTTP/1.2\r\nHost: x\r\n\r\n", 400 },
		{ "HTTP/1.0", "GET /hello HTTP/1.0\r\n\r\n", 200 },
		{ "garbage", "\x01\x02\x03 \xff garbage\r\n\r\n", 400 },
		{ "TLS without TLS", "\x16\x03\x01\x02", CLOSED },
		{ "CONNECT", "CONNECT x:80" H "\r\n", 400 },
		{ "*", "OPTIONS *" H "\r\n", 400 },
		{ "a blank", "GET /hello x" H "\r\n", 400 },
		{ "absolute form", "GET http://x/hello" H "\r\n", 400 },
		{ "unknown method", "FOO /hello" H "\r\n", 405 },
		{ "a method in small letters", "get /hello" H "\r\n", 405 },
		{ "nothing", "\r\n\r\n\r\n", CLOSED },
	};
	(void)state;
	CHECK_ALL(cases);
}

static void test_paths(void **state)
{
	static const struct text_case cases[] = {
		{ "..", "GET /hello/../hello" H "\r\n", 400 },
		{ ".", "GET /./hello" H "\r\n", 400 },
		{ "%2e%2e", "GET /hello/%2e%2E/hello" H "\r\n", 400 },
		{ "//", "GET //hello" H "\r\n", 400 },
		{ "%2f", "GET /hello/a%2fb" H "\r\n", 400 },
		{ "%2F at the end", "GET /hello/%2F" H "\r\n", 400 },
		{ "%5c", "GET /hello/a%5cb" H "\r\n", 400 },
		{ "a backslash", "GET /hello/a\\b" H "\r\n", 400 },
		{ "%00", "GET /hello/a%00b" H "\r\n", 400 },
		{ "%0a", "GET /hello/a%0ab" H "\r\n", 400 },
		{ "overlong", "GET /hello/%c0%af" H "\r\n", 400 },
		{ "a surrogate", "GET /hello/%ed%a0%80" H "\r\n", 400 },
		{ "half a sequence", "GET /hello/%4" H "\r\n", 400 },
		{ "no hexadecimal", "GET /hello/%zz" H "\r\n", 400 },
		{ "a fragment", "GET /hello#x" H "\r\n", 400 },
		{ "a query badly encoded", "GET /hello?a=%zz" H "\r\n", 400 },
		{ "encoded twice is a text", "GET /hello/%252e%252e" H "\r\n", 200 },
		{ "slash at the end", "GET /hello/" H "\r\n", 404 },
	};
	(void)state;
	CHECK_ALL(cases);
}

static void test_heads(void **state)
{
	static const struct text_case cases[] = {
		{ "no Host", "GET /hello HTTP/1.1\r\n\r\n", 400 },
		{ "two Hosts", "GET /hello" H "Host: y\r\n\r\n", 400 },
		{ "a blank before the colon", "GET /hello" H "X : a\r\n\r\n", 400 },
		{ "no colon", "GET /hello" H "Xa\r\n\r\n", 400 },
		{ "a control character",
		    "GET /hello" H "X: a\x01"
		    "b\r\n\r\n",
		    400 },
		{ "two cookie headers", "GET /hello" H "Cookie: a=b\r\nCookie: a=c\r\n\r\n", 400 },
		{ "two keys", "GET /hello" H "Authorization: a\r\nauthorization: b\r\n\r\n", 400 },
		{ "two lengths",
		    "POST /json" H JSON "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", 400 },
		{ "the same length twice",
		    "POST /json" H JSON "Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}", 400 },
		{ "length and chunks",
		    "POST /json" H JSON
		    "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		    400 },
		{ "other encodings",
		    "POST /json" H JSON "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 400 },
		{ "an encoding that is none",
		    "POST /json" H JSON "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 400 },
		{ "chunks in HTTP/1.0",
		    "POST /json HTTP/1.0\r\n" JSON "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		    400 },
		{ "a negative length", "POST /json" H JSON "Content-Length: -1\r\n\r\n{}", 400 },
		{ "a length with a sign", "POST /json" H JSON "Content-Length: +2\r\n\r\n{}", 400 },
		{ "two lengths in one", "POST /json" H JSON "Content-Length: 2, 2\r\n\r\n{}", 400 },
		{ "a length beyond numbers",
		    "POST /json" H JSON "Content-Length: 99999999999999999999999\r\n\r\n{}", 413 },
		{ "a length too large", "POST /json" H JSON "Content-Length: 1048577\r\n\r\n{}",
		    413 },
	};
	(void)state;
	CHECK_ALL(cases);
}

static void test_long_heads(void **state)
{
	static char text[200000];
	(void)state;
	for (size_t n = 1000; n < 150000; n = n * 3 / 2) {
		snprintf(text, sizeof(text), "GET /hello" H "X: %0*d\r\n\r\n", (int)n, 1);
		int got = status_of(text, strlen(text));
		assert_true(got == (n < 16000 ? 200 : 431) || (n > 60000 && got == CLOSED));
		snprintf(text, sizeof(text), "GET /hello/%0*d" H "\r\n", (int)n, 1);
		got = status_of(text, strlen(text));
		assert_true(got == (n < 2000 ? 200 : 431) || (n > 30000 && got >= 400) ||
			    (n > 60000 && got == CLOSED));
		snprintf(text, sizeof(text), "%0*d /hello" H "\r\n", (int)n, 1);
		got = status_of(text, strlen(text));
		assert_true(got >= 400 || (n > 60000 && got == CLOSED));
	}
	size_t n = (size_t)snprintf(text, sizeof(text), "GET /hello" H);
	for (int i = 0; i < LIMIT_HTTP_HEADERS - 1; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "X-%d: a\r\n", i);
	snprintf(text + n, sizeof(text) - n, "\r\n");
	assert_int_equal(status_of(text, strlen(text)), 200);
	snprintf(text + n, sizeof(text) - n, "One-More: a\r\n\r\n");
	assert_int_equal(status_of(text, strlen(text)), 431);
}

static void test_bodies(void **state)
{
	static const struct text_case cases[] = {
		{ "no type", "POST /json" H "Content-Length: 2\r\n\r\n{}", 415 },
		{ "another type",
		    "POST /json" H "Content-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}", 415 },
		{ "another charset",
		    "POST /json" H
		    "Content-Type: application/json; charset=utf-7\r\nContent-Length: 2\r\n\r\n{}",
		    415 },
		{ "a form where JSON is wanted",
		    "POST /json" H HTTP_SCENE_FORM "Content-Length: 3\r\n\r\na=b", 415 },
		{ "a body where none is wanted", "GET /hello" H "Content-Length: 2\r\n\r\n{}",
		    413 },
		{ "compressed",
		    "POST /json" H JSON "Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
		    415 },
		{ "no body and no type", "POST /json" H "\r\n", 415 },
		{ "an empty body", "POST /json" H JSON "\r\n", 200 },
		{ "a form badly encoded",
		    "POST /form" H HTTP_SCENE_FORM "Content-Length: 4\r\n\r\na=%4", 400 },
		{ "bad chunks",
		    "POST /json" H JSON "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n", 400 },
		{ "a huge chunk",
		    "POST /json" H JSON
		    "Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n{}",
		    413 },
		{ "chunks",
		    "POST /json" H JSON
		    "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n",
		    200 },
	};
	(void)state;
	CHECK_ALL(cases);
}

static void test_multipart(void **state)
{
	static const struct text_case cases[] = {
		{ "no boundary told", "Content-Type: multipart/form-data\r\n", 400 },
		{ "a bad boundary", "Content-Type: multipart/form-data; boundary=\"a\\\\b\"\r\n",
		    400 },
		{ "mixed", "Content-Type: multipart/mixed; boundary=XX\r\n", 415 },
	};
	static const char *const bodies[] = { "", "XX", "--XX", "--XX\r\n", "--XY--\r\n",
		"\r\n--XX--\r\n", HTTP_SCENE_FILE, HTTP_SCENE_FILE "--XX",
		HTTP_SCENE_FILE "--XX--x", HTTP_SCENE_FILE HTTP_SCENE_FILE "--XX-",
		"--XX\r\n\r\nabc\r\n--XX--\r\n",
		"--XX\r\nContent-Disposition: form-data; name=f; "
		"filename*=UTF-8''x\r\n\r\n\r\n--XX--",
		HTTP_SCENE_FILE "--XX\r\nContent-Disposition: attachment; name=f\r\n\r\n\r\n--XX--",
		HTTP_SCENE_FILE "--XX\r\nContent-Disposition: form-data; name=f; filename=x\r\n"
				"Content-Transfer-Encoding: base64\r\n\r\n\r\n--XX--" };
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		http_scene_post(&c, "/parts", cases[i].text, HTTP_SCENE_FILE "--XX--\r\n");
		assert_int_equal(c.reply.status, cases[i].status);
	}
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		http_scene_post(&c, "/parts", HTTP_SCENE_MULTIPART, bodies[i]);
		assert_int_equal(c.reply.status, 400);
		assert_true(http_scene_is_clean(&c));
	}
}

static void send_filler(int fd, size_t n)
{
	static char filler[65536];
	memset(filler, 'f', sizeof(filler));
	while (n) {
		size_t some = n < sizeof(filler) ? n : sizeof(filler);
		if (!http_client_send(fd, filler, some))
			return;
		n -= some;
	}
}

/* One file of so many octets; its length told, or in chunks. */
static int status_of_file(size_t n, bool chunked)
{
	int fd = http_client_connect(c.port);
	char head[512];
	const char *begin = "--XX\r\nContent-Disposition: form-data; name=f; filename=x\r\n\r\n";
	const char *end = "\r\n--XX--\r\n";
	size_t whole = strlen(begin) + n + strlen(end);
	snprintf(head, sizeof(head),
	    chunked ? "POST /parts" H HTTP_SCENE_MULTIPART
		      "Transfer-Encoding: chunked\r\n\r\n%zx\r\n%s"
		    : "POST /parts" H HTTP_SCENE_MULTIPART "Content-Length: %zu\r\n\r\n%s",
	    whole, begin);
	http_client_say(fd, head);
	send_filler(fd, n);
	http_client_say(fd, end);
	if (chunked)
		http_client_say(fd, "\r\n0\r\n\r\n");
	http_client_receive(fd, false, &c.reply);
	close(fd);
	return c.reply.status;
}

static void test_sizes(void **state)
{
	(void)state;
	for (int chunked = 0; chunked < 2; chunked++) {
		assert_int_equal(status_of_file(1 << 20, chunked), 200);
		assert_int_equal(status_of_file((1 << 20) + 1, chunked), 413);
		int got = status_of_file(8 << 20, chunked);
		assert_true(got == 413 || got == CLOSED);
		assert_true(http_scene_is_clean(&c));
	}
}

static void test_form_sizes(void **state)
{
	static char text[LIMIT_HTTP_FORM + 200];
	(void)state;
	for (int over = 0; over < 2; over++) {
		size_t n = LIMIT_HTTP_FORM + (size_t)over;
		int fd = http_client_connect(c.port);
		snprintf(text, sizeof(text),
		    "POST /form" H HTTP_SCENE_FORM "Content-Length: %zu\r\n\r\n", n);
		http_client_say(fd, text);
		http_client_say(fd, "a=");
		send_filler(fd, n - 2);
		http_client_receive(fd, false, &c.reply);
		close(fd);
		assert_int_equal(c.reply.status, over ? 413 : 200);
	}
}

static void test_expectation(void **state)
{
	(void)state;
	int fd = http_client_connect(c.port);
	http_client_say(fd, "POST /guarded" H HTTP_SCENE_MULTIPART
			    "Expect: 100-continue\r\nContent-Length: 1000\r\n\r\n");
	http_client_receive(fd, false, &c.reply);
	assert_int_equal(c.reply.status, 401); /* before a body came */
	close(fd);
	fd = http_client_connect(c.port);
	http_client_say(
	    fd, "POST /json" H JSON "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n");
	http_client_receive(fd, false, &c.reply);
	assert_int_equal(c.reply.status, 100);
	http_client_say(fd, "{}");
	http_client_receive(fd, false, &c.reply);
	assert_int_equal(c.reply.status, 200);
	close(fd);
}

static void test_pipelining(void **state)
{
	(void)state;
	int fd = http_client_connect(c.port);
	for (int i = 0; i < 20; i++)
		http_client_say(fd, "GET /hello/a" H "\r\nPOST /json" H JSON
				    "Content-Length: 1\r\n\r\n7GET /none" H "\r\n");
	for (int i = 0; i < 20; i++) {
		http_client_receive(fd, false, &c.reply);
		assert_string_equal(http_scene_body(&c), "a");
		http_client_receive(fd, false, &c.reply);
		assert_string_equal(http_scene_body(&c), "7");
		http_client_receive(fd, false, &c.reply);
		assert_int_equal(c.reply.status, 404);
	}
	close(fd);
}

/* Half of a request, then nothing: on every place where it can break off. */
static void test_halves(void **state)
{
	static const char whole[] = "POST /parts" H HTTP_SCENE_MULTIPART
				    "Content-Length: 400\r\n\r\n" HTTP_SCENE_FILE HTTP_SCENE_FIELD;
	(void)state;
	for (size_t n = 0; n < sizeof(whole); n += 3) {
		int fd = http_client_connect(c.port);
		http_client_send(fd, whole, n);
		close(fd);
	}
	assert_true(http_scene_is_clean(&c));
}

/* An octet every 50 ms, until the other side has enough of it. */
static void trickle(int fd, const char *text)
{
	for (int i = 0; i < 1200 && http_client_send(fd, text, 1); i++)
		nanosleep(&(struct timespec){ .tv_nsec = 50000000 }, NULL);
}

static void test_slow_heads_and_bodies(void **state)
{
	static const char *const begins[] = { "",
		"GET /hello" H "X: ", "POST /json" H JSON "Content-Length: 10000\r\n\r\n",
		"POST /parts" H HTTP_SCENE_MULTIPART
		"Content-Length: 10000\r\n\r\n" HTTP_SCENE_FILE };
	(void)state;
	for (size_t i = 0; i < sizeof(begins) / sizeof(begins[0]); i++) {
		int fd = http_client_connect(c.port);
		http_client_say(fd, begins[i]);
		trickle(fd, "a");
		assert_true(http_client_is_closed(fd));
		close(fd);
	}
	assert_true(metrics_value(c.front.metrics, METRIC_CONNECTIONS_ENDED) >= 4);
}

/* Who says nothing at all, before a request and after one. */
static void test_silence(void **state)
{
	(void)state;
	int silent = http_client_connect(c.port), after = http_client_connect(c.port);
	http_client_say(after, "GET /hello" H "\r\n");
	http_client_receive(after, false, &c.reply);
	assert_int_equal(c.reply.status, 200);
	assert_true(http_client_is_closed(silent));
	assert_true(http_client_is_closed(after));
	close(silent);
	close(after);
}

/* Takes nothing of a large reply: the buffers of the system fill up, and then it is ended. */
static void test_slow_reader(void **state)
{
	(void)state;
	int fd = http_client_connect(c.port);
	http_client_say(fd, "GET /large/7000000" H "\r\n");
	while (!metrics_value(c.front.metrics, METRIC_CONNECTIONS))
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	for (int i = 0; i < 1200 && metrics_value(c.front.metrics, METRIC_CONNECTIONS); i++)
		nanosleep(&(struct timespec){ .tv_nsec = 50000000 }, NULL);
	assert_int_equal(metrics_value(c.front.metrics, METRIC_CONNECTIONS), 0);
	close(fd);
}

/* Clients that do not wait for what they asked for. */
static void test_gone_clients(void **state)
{
	int64_t before = metrics_value(c.front.metrics, METRIC_CONNECTIONS_TOTAL);
	(void)state;
	for (int i = 0; i < 10; i++) {
		int fd = http_client_connect(c.port);
		http_client_say(fd, i % 2 ? "GET /slow" H "\r\n" : "GET /large/9000000" H "\r\n");
		while (metrics_value(c.front.metrics, METRIC_CONNECTIONS_TOTAL) <= before + i)
			nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
		close(fd);
	}
	atomic_store(&http_scene_open, true);
}

/* Good requests with some octets turned into others, always the same ones. */
static void test_mutations(void **state)
{
	static const char *const good[] = {
		"GET /hello/a?b=c" H "Cookie: a=b\r\nAccept: text/html\r\n\r\n",
		"POST /json" H JSON "Content-Length: 8\r\n\r\n{\"a\":12}",
		"POST /json" H JSON
		"Transfer-Encoding: chunked\r\n\r\n4\r\n{\"a\"\r\n3\r\n:1}\r\n0\r\n\r\n",
		"POST /form" H HTTP_SCENE_FORM "Content-Length: 11\r\n\r\na=1+2&b=%41",
		"POST /parts" H HTTP_SCENE_MULTIPART
		"Content-Length: 139\r\n\r\n" HTTP_SCENE_FIELD HTTP_SCENE_FILE "--XX--\r\n",
	};
	static const char marks[] = "\r\n\0 :;,/%\"-=&?\xff"
				    "0";
	uint32_t random = 1;
	char text[1024];
	(void)state;
	for (int i = 0; i < 1000; i++) {
		const char *from = good[i % 5];
		size_t n = strlen(from);
		memcpy(text, from, n);
		for (int k = 0; k < 1 + i % 3; k++) {
			random = random * 1664525 + 1013904223;
			text[(random >> 8) % n] = marks[(random >> 24) % (sizeof(marks) - 1)];
		}
		int fd = http_client_connect(c.port);
		http_client_send(fd, text, n);
		/* Some wait for the rest, as they must: not so this test. */
		poll(&(struct pollfd){ fd, POLLIN, 0 }, 1, 20);
		close(fd);
	}
}

/* Clients that ask for much and take nothing, until there is no more memory for it: then 503. */
static void test_many_slow_readers(void **state)
{
	int fd[40], n = 0;
	(void)state;
	for (; n < 40; n++) {
		fd[n] = http_client_connect(c.port);
		http_client_say(fd[n], "GET /large/33554432" H "\r\n");
		http_client_receive(fd[n], true, &c.reply);
		if (c.reply.status != 200)
			break;
	}
	assert_int_equal(n, 16); /* 16 times 32 MB */
	assert_int_equal(c.reply.status, 503);
	for (int i = 0; i <= n; i++)
		close(fd[i]);
}

/* All request threads are busy, the queue is full: the next one hears so at once. */
static void test_full_queue(void **state)
{
	int fd[18];
	(void)state;
	for (int i = 0; i < 18; i++) {
		fd[i] = http_client_connect(c.port);
		http_client_say(fd[i], "GET /slow" H "\r\n");
		while (i < 2 && atomic_load(&http_scene_asked) <= i)
			nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	}
	while (http_server_waiting(c.server) < 16)
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	http_scene_ask(&c, "GET /hello" H "\r\n");
	assert_int_equal(c.reply.status, 503);
	char wait[16];
	http_client_header(&c.reply, "Retry-After", wait, sizeof(wait));
	assert_string_equal(wait, "2");
	atomic_store(&http_scene_open, true);
	for (int i = 0; i < 18; i++) {
		http_client_receive(fd[i], false, &c.reply);
		assert_int_equal(c.reply.status, 200);
		close(fd[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
		T(test_request_lines),
		T(test_paths),
		T(test_heads),
		T(test_long_heads),
		T(test_bodies),
		T(test_multipart),
		T(test_sizes),
		T(test_form_sizes),
		T(test_expectation),
		T(test_pipelining),
		T(test_halves),
		T(test_slow_heads_and_bodies),
		T(test_silence),
		T(test_slow_reader),
		T(test_gone_clients),
		T(test_mutations),
		cmocka_unit_test_setup_teardown(test_many_slow_readers, setup_patient, teardown),
		T(test_full_queue),
#undef T
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
