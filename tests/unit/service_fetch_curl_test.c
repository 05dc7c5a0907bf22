#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/limits.h"
#include "base/scope.h"
#include "service/world_system.h"

/* -- a server on loopback, one connection at a time, told by the path what to do -- */

static int listener;
static int port;
static atomic_int connections, requests;
static char last_request[8192];

static void say(int fd, const char *text)
{
	send(fd, text, strlen(text), MSG_NOSIGNAL);
}

/* Reads one request with its body into last_request; false at the end of the connection. */
static bool read_request(int fd)
{
	static char text[sizeof(last_request)];
	size_t n = 0, body = 0;
	const char *end = NULL;
	memset(text, 0, sizeof(text));
	while (!end || n < (size_t)(end - text) + 4 + body) {
		ssize_t got = recv(fd, text + n, sizeof(text) - 1 - n, 0);
		if (got <= 0)
			return false;
		n += (size_t)got;
		end = strstr(text, "\r\n\r\n");
		const char *length = strstr(text, "Content-Length: ");
		if (length)
			body = strtoul(length + 16, NULL, 10);
	}
	/* The tests look at it after the answer and before the next request. */
	memcpy(last_request, text, sizeof(text));
	atomic_fetch_add(&requests, 1);
	return true;
}

static bool is_path(const char *path)
{
	const char *at = strchr(last_request, ' ');
	return at && !strncmp(at + 1, path, strlen(path)) && at[1 + strlen(path)] == ' ';
}

static void send_large(int fd)
{
	static char piece[65536];
	memset(piece, 'L', sizeof(piece));
	say(fd, "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
	for (int i = 0; i < 40; i++)
		if (send(fd, piece, sizeof(piece), MSG_NOSIGNAL) <= 0)
			return;
}

/* One octet at a time, for ever. */
static void send_slowly(int fd)
{
	say(fd, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
	while (send(fd, ".", 1, MSG_NOSIGNAL) == 1)
		nanosleep(&(struct timespec){ .tv_nsec = 20000000 }, NULL);
}

static void wait_for_close(int fd)
{
	char octet;
	while (recv(fd, &octet, 1, 0) > 0)
		continue;
}

/* True when the connection stays open for the next request. */
static bool answer(int fd)
{
	static const struct {
		const char *path, *text;
	} fixed[] = {
		{ "/500", "HTTP/1.1 500 Oops\r\nContent-Length: 2\r\n\r\nno" },
		{ "/404", "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n" },
		{ "/204", "HTTP/1.1 204 No Content\r\n\r\n" },
		{ "/truncated", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf" },
		{ "/chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\nhalf" },
		{ "/garbage", "\x01\x02\x03 this is no HTTP\n\n" },
		{ "/once", "HTTP/1.1 302 Found\r\nLocation: /ok\r\nContent-Length: 0\r\n\r\n" },
		{ "/again", "HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n" },
		{ "/file", "HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\n"
			   "Content-Length: 0\r\n\r\n" },
		{ "/user", "HTTP/1.1 302 Found\r\nLocation: http://a:b@127.0.0.1/\r\n"
			   "Content-Length: 0\r\n\r\n" },
		{ "/huge", "HTTP/1.1 200 OK\r\nContent-Length: 999999999999\r\n\r\n" },
		{ "/empty", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" },
	};
	if (is_path("/ok")) {
		say(fd, "HTTP/1.1 200 OK\r\nContent-Type: text/x-test\r\nContent-Length: "
			"5\r\n\r\nhello");
		return true;
	}
	if (is_path("/large"))
		send_large(fd);
	if (is_path("/slow"))
		send_slowly(fd);
	if (is_path("/hang"))
		wait_for_close(fd);
	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++)
		if (is_path(fixed[i].path))
			say(fd, fixed[i].text);
	return false; /* "/close" and others: nothing at all */
}

static void *serve(void *unused)
{
	(void)unused;
	for (int fd; (fd = accept(listener, NULL, NULL)) >= 0;) {
		atomic_fetch_add(&connections, 1);
		while (read_request(fd) && answer(fd))
			continue;
		shutdown(fd, SHUT_WR);
		wait_for_close(fd);
		close(fd);
	}
	return NULL;
}

static int start_server(void **state)
{
	(void)state;
	pthread_t thread;
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(a);
	listener = socket(AF_INET, SOCK_STREAM, 0);
	if (bind(listener, (struct sockaddr *)&a, sizeof(a)) != 0 || listen(listener, 16) != 0 ||
	    getsockname(listener, (struct sockaddr *)&a, &n) != 0)
		return -1;
	port = ntohs(a.sin_port);
	return pthread_create(&thread, NULL, serve, NULL);
}

/* -- the tests -- */

struct fixture {
	struct scope *s;
	struct world_system *w;
};

static struct fixture new_fixture(long total_ms)
{
	struct fixture f = { .s = scope_new(0) };
	struct fetch_curl_config config = { .total_ms = total_ms };
	assert_non_null(f.s);
	fetch_target_allow_loopback(&config.targets);
	assert_int_equal(world_system_new(f.s, &config, &f.w), OK);
	return f;
}

static const char *url_of(const char *path)
{
	static char url[4096];
	snprintf(url, sizeof(url), "http://127.0.0.1:%d%s", port, path);
	return url;
}

static enum err get(struct fixture *f, const char *url, size_t cap, struct fetch_reply *ret_reply)
{
	const struct fetch_request want = { .kind = FETCH_CERTIFICATE, .url = url, .cap = cap };
	return f->w->world.fetch(f->w->world.ctx, f->s, &want, ret_reply);
}

static void assert_fault(const char *path, size_t cap, enum err code, const char *cause)
{
	struct fixture f = new_fixture(2000);
	struct fetch_reply reply;
	char line[512];
	assert_int_equal(get(&f, url_of(path), cap, &reply), code);
	snprintf(line, sizeof(line), "%s: %s", url_of(path), cause);
	assert_string_equal(scope_fault_text(f.s), line);
	scope_free(f.s);
}

static void test_get_and_keep_alive(void **state)
{
	(void)state;
	struct fixture f = new_fixture(2000);
	struct fetch_reply reply;
	int before = atomic_load(&connections);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(get(&f, url_of("/ok"), 0, &reply), OK);
		assert_int_equal(reply.status, 200);
		assert_true(bytes_equal_str(reply.body, "hello"));
		assert_string_equal(reply.content_type, "text/x-test");
		assert_non_null(strstr(last_request, "GET /ok HTTP/1.1\r\n"));
	}
	assert_int_equal(atomic_load(&connections) - before, 1);
	scope_free(f.s);
}

static void test_post(void **state)
{
	(void)state;
	struct fixture f = new_fixture(2000);
	struct fetch_reply reply;
	const struct fetch_request want = { .kind = FETCH_TIMESTAMP,
		.url = url_of("/ok"),
		.body = BYTES_LIT("the\0query"),
		.content_type = "application/timestamp-query" };
	assert_int_equal(f.w->world.fetch(f.w->world.ctx, f.s, &want, &reply), OK);
	assert_non_null(strstr(last_request, "POST /ok HTTP/1.1\r\n"));
	assert_non_null(strstr(last_request, "Content-Type: application/timestamp-query\r\n"));
	assert_non_null(strstr(last_request, "Content-Length: 9\r\n"));
	assert_null(strstr(last_request, "Expect"));
	assert_memory_equal(strstr(last_request, "\r\n\r\n") + 4, "the\0query", 9);
	/* What the POST set does not leak into the next fetch. */
	assert_int_equal(get(&f, url_of("/ok"), 0, &reply), OK);
	assert_non_null(strstr(last_request, "GET /ok HTTP/1.1\r\n"));
	assert_null(strstr(last_request, "Content-Type"));
	scope_free(f.s);
}

static void test_statuses(void **state)
{
	(void)state;
	assert_fault("/500", 0, ERR_NET, "HTTP 500");
	assert_fault("/404", 0, ERR_NET, "HTTP 404");
	assert_fault("/204", 0, ERR_NET, "HTTP 204");
}

static void test_broken_answers(void **state)
{
	(void)state;
	assert_fault("/truncated", 0, ERR_NET, "the answer is truncated");
	assert_fault("/chunk", 0, ERR_NET, "the answer is truncated");
	assert_fault("/garbage", 0, ERR_NET, "the answer is not HTTP");
	assert_fault("/close", 0, ERR_NET, "connection closed without an answer");
	struct fixture f = new_fixture(2000);
	struct fetch_reply reply;
	assert_int_equal(get(&f, url_of("/empty"), 0, &reply), OK);
	assert_int_equal(reply.body.n, 0);
	scope_free(f.s);
}

static void test_size_caps(void **state)
{
	(void)state;
	struct fixture f = new_fixture(2000);
	struct fetch_reply reply;
	assert_int_equal(get(&f, url_of("/ok"), 5, &reply), OK);
	scope_free(f.s);
	assert_fault("/ok", 4, ERR_LIMIT, "the answer is larger than 4 octets");
	assert_fault("/large", 0, ERR_LIMIT, "the answer is larger than 1048576 octets");
	assert_fault("/huge", 0, ERR_LIMIT, "the answer is larger than 1048576 octets");
}

static void test_redirects(void **state)
{
	(void)state;
	struct fixture f = new_fixture(2000);
	struct fetch_reply reply;
	assert_int_equal(get(&f, url_of("/once"), 0, &reply), OK);
	assert_true(bytes_equal_str(reply.body, "hello"));
	scope_free(f.s);
	int before = atomic_load(&requests);
	assert_fault("/again", 0, ERR_NET, "more than 5 redirects");
	assert_int_equal(atomic_load(&requests) - before, LIMIT_FETCH_REDIRECTS + 1);
	assert_fault("/file", 0, ERR_DENIED, "redirects to a scheme other than http and https");
	assert_fault("/user", 0, ERR_DENIED, "redirects to a URL with a user name");
}

static void assert_times_out(const char *path)
{
	struct fixture f = new_fixture(300);
	struct fetch_reply reply;
	struct timespec a, b;
	clock_gettime(CLOCK_MONOTONIC, &a);
	assert_int_equal(get(&f, url_of(path), 0, &reply), ERR_NET);
	clock_gettime(CLOCK_MONOTONIC, &b);
	assert_non_null(
	    strstr(scope_fault_text(f.s), ": time-out: no complete answer within 0.3 s"));
	assert_true(b.tv_sec - a.tv_sec <= 3);
	scope_free(f.s);
}

static void test_time_outs(void **state)
{
	(void)state;
	assert_times_out("/hang");
	assert_times_out("/slow");
}

static void test_nobody_there(void **state)
{
	(void)state;
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(a);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &n), 0);
	char url[64], line[128];
	snprintf(url, sizeof(url), "http://127.0.0.1:%d/", ntohs(a.sin_port));
	struct fixture f = new_fixture(2000);
	struct fetch_reply reply;
	assert_int_equal(get(&f, url, 0, &reply), ERR_NET);
	snprintf(line, sizeof(line), "%s: Connection refused", url);
	assert_string_equal(scope_fault_text(f.s), line);
	scope_free(f.s);
	close(fd);
}

static void assert_never_fetched(const char *url)
{
	struct fixture f = new_fixture(2000);
	struct fetch_reply reply;
	int before = atomic_load(&requests);
	assert_int_equal(get(&f, url, 0, &reply), ERR_DENIED);
	assert_int_equal(atomic_load(&requests), before);
	scope_free(f.s);
}

static void test_urls_that_are_refused(void **state)
{
	(void)state;
	static const char *const urls[] = { "", "nothing", "file:///etc/passwd", "ftp://127.0.0.1/",
		"gopher://127.0.0.1/", "ldapi://127.0.0.1/cn=x", "ldapx:", "/etc/passwd", "http://",
		"http://127.0.0.1:999999/", "dict://127.0.0.1/" };
	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++)
		assert_never_fetched(urls[i]);
	char longer[LIMIT_URL + 100];
	memset(longer, 'a', sizeof(longer));
	memcpy(longer, url_of("/"), strlen(url_of("/")));
	longer[LIMIT_URL + 1] = 0;
	assert_never_fetched(longer);
}

static void test_a_password_in_a_url_is_not_repeated(void **state)
{
	(void)state;
	struct fixture f = new_fixture(2000);
	struct fetch_reply reply;
	assert_int_equal(get(&f, "http://me:geheim@127.0.0.1/", 0, &reply), ERR_DENIED);
	assert_null(strstr(scope_fault_text(f.s), "geheim"));
	scope_free(f.s);
}

static void test_the_environment_does_not_count(void **state)
{
	(void)state;
	setenv("http_proxy", "http://127.0.0.1:1/", 1);
	setenv("ALL_PROXY", "http://127.0.0.1:1/", 1);
	struct fixture f = new_fixture(2000);
	struct fetch_reply reply;
	assert_int_equal(get(&f, url_of("/ok"), 0, &reply), OK);
	scope_free(f.s);
	unsetenv("http_proxy");
	unsetenv("ALL_PROXY");
}

/* -- addresses -- */

static struct fixture new_guarded_fixture(const char *allowed)
{
	struct fixture f = { .s = scope_new(0) };
	struct fetch_curl_config config = { .total_ms = 2000 };
	assert_non_null(f.s);
	if (allowed)
		assert_true(fetch_target_allow(&config.targets, allowed));
	assert_int_equal(world_system_new(f.s, &config, &f.w), OK);
	return f;
}

static enum err get_kind(struct fixture *f, enum fetch_kind kind, const char *url)
{
	struct fetch_reply reply;
	const struct fetch_request want = { .kind = kind, .url = url };
	return f->w->world.fetch(f->w->world.ctx, f->s, &want, &reply);
}

static void assert_not_asked(struct fixture *f, enum fetch_kind kind, const char *url)
{
	char line[512];
	const int before = atomic_load(&requests);
	assert_int_equal(get_kind(f, kind, url), ERR_DENIED);
	assert_int_equal(atomic_load(&requests), before);
	snprintf(line, sizeof(line),
	    "%s: not asked: 127.0.0.1 is a loopback address, which is not allowed", url);
	assert_string_equal(scope_fault_text(f->s), line);
	scope_forgive(f->s);
}

static void test_addresses_that_are_refused(void **state)
{
	(void)state;
	struct fixture f = new_guarded_fixture(NULL);
	const int before = atomic_load(&connections);
	assert_not_asked(&f, FETCH_CRL, url_of("/ok"));
	assert_not_asked(&f, FETCH_CERTIFICATE, "http://127.0.0.1/");
	assert_not_asked(&f, FETCH_CRL, "ldap://127.0.0.1/o=x?certificateRevocationList");
	assert_not_asked(&f, FETCH_CRL, "http://2130706433/");
	assert_not_asked(&f, FETCH_CRL, "http://0x7f.1/");
	assert_int_equal(get_kind(&f, FETCH_CRL, "http://[::ffff:127.0.0.1]/"), ERR_DENIED);
	scope_forgive(f.s);
	assert_int_equal(get_kind(&f, FETCH_CRL, "http://localhost/"), ERR_DENIED);
	assert_int_equal(atomic_load(&connections), before);
	scope_free(f.s);
	f = new_guarded_fixture("127.0.0.2");
	assert_not_asked(&f, FETCH_CRL, url_of("/ok"));
	scope_free(f.s);
	f = new_guarded_fixture("127.0.0.1");
	assert_int_equal(get_kind(&f, FETCH_CRL, url_of("/ok")), OK);
	scope_free(f.s);
}

static void test_the_authority_that_the_user_names(void **state)
{
	(void)state;
	struct fixture f = new_guarded_fixture(NULL);
	assert_int_equal(get_kind(&f, FETCH_TIMESTAMP, url_of("/ok")), OK);
	/* Its connection is kept, but not for others. */
	assert_not_asked(&f, FETCH_CRL, url_of("/ok"));
	assert_int_equal(get_kind(&f, FETCH_TIMESTAMP, url_of("/ok")), OK);
	/* Where it redirects to, the user has not named. */
	assert_int_equal(get_kind(&f, FETCH_TIMESTAMP, url_of("/once")), ERR_DENIED);
	assert_non_null(strstr(scope_fault_text(f.s), "127.0.0.1 is a loopback address"));
	scope_free(f.s);
}

static void test_directories(void **state)
{
	(void)state;
	struct fixture f = new_fixture(2000);
	char url[128], line[256];
	/* A server that is none, one that says nothing, one that is not there. */
	snprintf(url, sizeof(url), "ldap://127.0.0.1:%d/o=x?certificateRevocationList", port);
	assert_int_equal(get_kind(&f, FETCH_CRL, url), ERR_NET);
	snprintf(line, sizeof(line), "%s: ", url);
	assert_memory_equal(scope_fault_text(f.s), line, strlen(line));
	scope_forgive(f.s);
	assert_int_equal(get_kind(&f, FETCH_CRL, "ldap://127.0.0.1:1/o=x"), ERR_NET);
	assert_string_equal(scope_fault_text(f.s), "ldap://127.0.0.1:1/o=x: Connection refused");
	scope_forgive(f.s);
	assert_int_equal(get_kind(&f, FETCH_CRL, "ldap://127.0.0.1:1/o=x??sub"), ERR_DENIED);
	scope_forgive(f.s);
	assert_int_equal(
	    get_kind(&f, FETCH_CERTIFICATE, "ldap://me:geheim@127.0.0.1:1/o=x"), ERR_DENIED);
	assert_null(strstr(scope_fault_text(f.s), "geheim"));
	scope_free(f.s);
}

static void test_number_of_fetches(void **state)
{
	(void)state;
	struct fixture f = new_fixture(2000);
	struct fetch_reply reply;
	for (int i = 0; i < LIMIT_FETCHES_PER_JOB; i++)
		assert_int_equal(get(&f, url_of("/ok"), 0, &reply), OK);
	assert_int_equal(get(&f, url_of("/ok"), 0, &reply), ERR_DENIED);
	scope_forgive(f.s);
	fetch_curl_begin_job(f.w->fetcher);
	assert_int_equal(get(&f, url_of("/ok"), 0, &reply), OK);
	scope_free(f.s);
}

/* -- messages -- */

static enum err send_to(struct fixture *f, const char *url, bool loopback_only, int *ret_status)
{
	static const char *const headers[] = { "Content-Type: application/json",
		"Bulla-Event: sealing.sealed" };
	const struct fetch_curl_message m = { .url = url,
		.headers = headers,
		.n_headers = 2,
		.body = BYTES_LIT("{\"a\":1}"),
		.loopback_only = loopback_only };
	scope_forgive(f->s);
	return fetch_curl_send(f->w->fetcher, f->s, &m, ret_status);
}

static void test_messages(void **state)
{
	(void)state;
	static const struct {
		const char *path;
		int status;
	} cases[] = { { "/ok", 200 }, { "/204", 204 }, { "/500", 500 }, { "/404", 404 },
		{ "/once", 302 }, { "/large", 200 }, { "/huge", 0 }, { "/truncated", 200 },
		{ "/slow", 200 }, { "/close", 0 }, { "/garbage", 0 }, { "/hang", 0 } };
	struct fixture f = new_fixture(500);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int status = 0, before = atomic_load(&requests);
		enum err e = send_to(&f, url_of(cases[i].path), true, &status);
		assert_int_equal(e, cases[i].status ? OK : ERR_NET);
		assert_int_equal(status, cases[i].status);
		/* Not repeated, and no redirect followed. */
		assert_int_equal(atomic_load(&requests) - before, 1);
		assert_non_null(strstr(last_request, "POST /"));
		assert_non_null(strstr(last_request, "\r\nContent-Type: application/json\r\n"));
		assert_non_null(strstr(last_request, "\r\nBulla-Event: sealing.sealed\r\n"));
		assert_string_equal(strstr(last_request, "\r\n\r\n") + 4, "{\"a\":1}");
	}
	scope_free(f.s);
}

static void test_messages_within_the_machine(void **state)
{
	(void)state;
	struct fixture f = new_fixture(2000);
	int status;
	assert_int_equal(send_to(&f, "http://192.0.2.1/", true, &status), ERR_DENIED);
	assert_non_null(strstr(scope_fault_text(f.s), "another machine's address"));
	assert_int_equal(send_to(&f, "http://[2001:db8::1]/", true, &status), ERR_DENIED);
	assert_int_equal(send_to(&f, "file:///etc/passwd", true, &status), ERR_DENIED);
	assert_int_equal(send_to(&f, url_of("/ok"), true, &status), OK);
	/* Its connection is kept; what comes next is judged by its own rules. */
	assert_int_equal(get_kind(&f, FETCH_CRL, url_of("/ok")), OK);
	assert_non_null(strstr(last_request, "GET /ok"));
	assert_null(strstr(last_request, "Bulla-Event"));
	scope_free(f.s);
}

static void test_timestamps_that_stay(void **state)
{
	(void)state;
	struct fixture f = { .s = scope_new(0) };
	struct fetch_curl_config config = { .timestamps_stay = true };
	fetch_target_allow_loopback(&config.targets);
	assert_int_equal(world_system_new(f.s, &config, &f.w), OK);
	assert_int_equal(get_kind(&f, FETCH_TIMESTAMP, url_of("/ok")), OK);
	assert_int_equal(get_kind(&f, FETCH_CRL, url_of("/once")), OK);
	assert_int_equal(get_kind(&f, FETCH_TIMESTAMP, url_of("/once")), ERR_NET);
	assert_non_null(strstr(scope_fault_text(f.s), "HTTP 302"));
	scope_free(f.s);
}

static void test_clock_and_randomness(void **state)
{
	(void)state;
	struct fixture f = new_fixture(0);
	const struct world *w = &f.w->world;
	uint8_t a[1000] = { 0 }, b[1000] = { 0 };
	time_t before = time(NULL);
	int64_t now = w->now(w->ctx).unix_s;
	assert_true(now >= before && now <= time(NULL));
	assert_int_equal(w->random(w->ctx, f.s, a, sizeof(a)), OK);
	assert_int_equal(w->random(w->ctx, f.s, b, sizeof(b)), OK);
	assert_memory_not_equal(a, b, sizeof(a));
	scope_free(f.s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_get_and_keep_alive),
		cmocka_unit_test(test_post),
		cmocka_unit_test(test_statuses),
		cmocka_unit_test(test_broken_answers),
		cmocka_unit_test(test_size_caps),
		cmocka_unit_test(test_redirects),
		cmocka_unit_test(test_time_outs),
		cmocka_unit_test(test_nobody_there),
		cmocka_unit_test(test_urls_that_are_refused),
		cmocka_unit_test(test_a_password_in_a_url_is_not_repeated),
		cmocka_unit_test(test_the_environment_does_not_count),
		cmocka_unit_test(test_addresses_that_are_refused),
		cmocka_unit_test(test_the_authority_that_the_user_names),
		cmocka_unit_test(test_directories),
		cmocka_unit_test(test_number_of_fetches),
		cmocka_unit_test(test_messages),
		cmocka_unit_test(test_messages_within_the_machine),
		cmocka_unit_test(test_timestamps_that_stay),
		cmocka_unit_test(test_clock_and_randomness),
	};
	return cmocka_run_group_tests(tests, start_server, NULL);
}
