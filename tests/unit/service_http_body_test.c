#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/limits.h"
#include "base/scope.h"
#include "service/folder.h"
#include "service/front/http_body.h"

static struct scope *s;
static char incoming[300], kept[320];
static atomic_size_t in_memory;
static struct http_body_rules rules;

static const struct route json = { .body = ROUTE_JSON };
static const struct route form = { .body = ROUTE_FORM };
static const struct route parts = { .body = ROUTE_MULTIPART };
static const struct route transient_parts = { .body = ROUTE_MULTIPART, .transient = true };
static const struct route secret_form = { .body = ROUTE_FORM, .secret = true };
static const struct route secret_parts = { .body = ROUTE_MULTIPART, .secret = true };

#define JSON_TYPE "application/json"
#define FORM_TYPE "application/x-www-form-urlencoded"
#define PARTS_TYPE "multipart/form-data; boundary=XX"
#define A_FIELD "--XX\r\nContent-Disposition: form-data; name=n\r\n\r\nvalue\r\n"
#define A_FILE "--XX\r\nContent-Disposition: form-data; name=f; filename=f.pdf\r\n\r\nabc\r\n"

static int setup(void **state)
{
	const char *tmp = getenv("TMPDIR");
	(void)state;
	s = scope_new(0);
	snprintf(incoming, sizeof(incoming), "%s/body-test-XXXXXX", tmp ? tmp : "/tmp");
	if (!s || !mkdtemp(incoming))
		return 1;
	snprintf(kept, sizeof(kept), "%s/kept", incoming);
	atomic_store(&in_memory, 0);
	rules = (struct http_body_rules){
		.incoming = incoming, .file_most = 100000, .most = 400000, .in_memory = &in_memory
	};
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	int left = atomic_load(&in_memory) != 0;
	folder_remove(incoming);
	scope_free(s);
	return left;
}

static enum err begin(
    const struct route *r, const char *type, uint64_t length, struct http_body **b)
{
	scope_forgive(s);
	return http_body_new(s, &rules, r, "id", type, length, b);
}

/* All of it; ended at once when it is refused. */
static enum err read_whole(const struct route *r, const char *type, const char *text, size_t n,
    struct http_request *q, struct http_body **ret_body)
{
	enum err e = begin(r, type, HTTP_BODY_LENGTH_UNKNOWN, ret_body);
	if (e != OK)
		return e;
	for (size_t at = 0; e == OK && at < n; at += 1000)
		e = http_body_feed(s, *ret_body, bytes_cut(bytes_of(text, n), at, 1000));
	if (e == OK)
		e = http_body_finish(s, *ret_body, q);
	if (e != OK)
		http_body_end(*ret_body);
	return e;
}

static void test_types(void **state)
{
	static const struct {
		const struct route *route;
		const char *type;
		enum err e;
	} cases[] = {
		{ &json, JSON_TYPE, OK },
		{ &json, "Application/JSON; charset=UTF-8", OK },
		{ &json, "application/json; charset=latin1", ERR_UNSUPPORTED },
		{ &json, "application/problem+json", ERR_UNSUPPORTED },
		{ &json, FORM_TYPE, ERR_UNSUPPORTED },
		{ &json, NULL, ERR_UNSUPPORTED },
		{ &json, "", ERR_FORMAT },
		{ &form, FORM_TYPE, OK },
		{ &form, PARTS_TYPE, ERR_UNSUPPORTED },
		{ &parts, PARTS_TYPE, OK },
		{ &parts, "multipart/form-data", ERR_FORMAT },
		{ &parts, "multipart/mixed; boundary=XX", ERR_UNSUPPORTED },
	};
	struct http_body *b;
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		enum err e = begin(cases[i].route, cases[i].type, 10, &b);
		assert_int_equal(e, cases[i].e);
		if (e == OK)
			http_body_end(b);
	}
}

static void test_lengths(void **state)
{
	static const struct {
		const struct route *route;
		const char *type;
		uint64_t most;
	} cases[] = {
		{ &json, JSON_TYPE, LIMIT_HTTP_JSON },
		{ &form, FORM_TYPE, LIMIT_HTTP_FORM },
		{ &secret_form, FORM_TYPE, LIMIT_HTTP_SECRET },
		{ &parts, PARTS_TYPE, 400000 },
	};
	static char text[LIMIT_HTTP_JSON + 1];
	struct http_body *b;
	(void)state;
	memset(text, 'a', sizeof(text));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t most = cases[i].most;
		assert_true(http_body_most(&rules, cases[i].route) == most);
		assert_int_equal(begin(cases[i].route, cases[i].type, most, &b), OK);
		http_body_end(b);
		assert_int_equal(begin(cases[i].route, cases[i].type, most + 1, &b), ERR_LIMIT);
		if (cases[i].route == &parts)
			continue;
		struct http_request q = { 0 };
		assert_int_equal(read_whole(cases[i].route, cases[i].type, text, most, &q, &b), OK);
		assert_int_equal(http_body_octets(b), most);
		http_body_end(b);
		assert_int_equal(
		    read_whole(cases[i].route, cases[i].type, text, most + 1, &q, &b), ERR_LIMIT);
	}
}

/* One part with so many octets. */
static enum err read_part(const struct route *r, const char *head, size_t n)
{
	static char text[200000];
	struct http_request q = { 0 };
	struct http_body *b;
	size_t at = strlen(head);
	memcpy(text, head, at);
	memset(text + at, 'x', n);
	memcpy(text + at + n, "\r\n--XX--", 8);
	enum err e = read_whole(r, PARTS_TYPE, text, at + n + 8, &q, &b);
	if (e == OK) {
		assert_int_equal(q.n_parts, 1);
		assert_int_equal(q.part[0].size, n);
		http_body_end(b);
	}
	assert_true(folder_is_empty(incoming));
	return e;
}

static void test_parts(void **state)
{
	const char *field = "--XX\r\nContent-Disposition: form-data; name=n\r\n\r\n";
	const char *file = "--XX\r\nContent-Disposition: form-data; name=f; filename=f\r\n\r\n";
	(void)state;
	assert_int_equal(read_part(&parts, field, LIMIT_HTTP_FIELD), OK);
	assert_int_equal(read_part(&parts, field, LIMIT_HTTP_FIELD + 1), ERR_LIMIT);
	assert_int_equal(read_part(&secret_parts, field, LIMIT_HTTP_SECRET_FIELD), OK);
	assert_int_equal(read_part(&secret_parts, field, LIMIT_HTTP_SECRET_FIELD + 1), ERR_LIMIT);
	assert_int_equal(read_part(&parts, file, 100000), OK);
	assert_int_equal(read_part(&parts, file, 100001), ERR_LIMIT);
	assert_int_equal(read_part(&parts, file, 0), OK);
}

/* All bodies together. */
static void test_memory(void **state)
{
	static char text[100000];
	struct http_request q = { 0 };
	struct http_body *b;
	(void)state;
	memset(text, 'a', sizeof(text));
	atomic_store(&in_memory, LIMIT_HTTP_BODIES - 150000);
	assert_int_equal(read_whole(&json, JSON_TYPE, text, 100000, &q, &b), OK);
	assert_true(atomic_load(&in_memory) <= LIMIT_HTTP_BODIES);
	http_body_end(b);
	atomic_store(&in_memory, LIMIT_HTTP_BODIES - 50000);
	assert_int_equal(read_whole(&json, JSON_TYPE, text, 100000, &q, &b), ERR_NET);
	assert_int_equal(atomic_load(&in_memory), LIMIT_HTTP_BODIES - 50000);
	atomic_store(&in_memory, LIMIT_HTTP_BODIES);
	assert_int_equal(begin(&json, JSON_TYPE, 1, &b), ERR_NET);
	atomic_store(&in_memory, 0);
}

static void test_files(void **state)
{
	struct http_request q = { 0 };
	struct http_body *b;
	const char *text = A_FIELD A_FILE A_FILE "--XX--";
	(void)state;
	assert_int_equal(read_whole(&parts, PARTS_TYPE, text, strlen(text), &q, &b), OK);
	assert_int_equal(q.n_parts, 3);
	assert_string_equal(http_request_field(&q, "n"), "value");
	assert_null(q.part[0].path);
	assert_int_equal(q.part[1].sha256[0], 0xba);
	assert_memory_equal(q.part[1].sha256, q.part[2].sha256, 32);
	assert_int_equal(access(q.part[2].path, R_OK), 0);
	assert_int_equal(rename(q.part[1].path, kept), 0);
	http_body_settle(b);
	http_body_settle(b);
	http_body_end(b);
	assert_int_equal(access(kept, R_OK), 0);
	unlink(kept);
	assert_true(folder_is_empty(incoming));
}

/* What nobody keeps stays off the disk, and as it was digested. */
static void test_files_in_memory(void **state)
{
	struct http_request q = { 0 };
	struct http_body *b;
	const struct bytes text = BYTES_LIT(A_FIELD A_FILE A_FILE "--XX--");
	char read_back[8] = "";
	(void)state;
	assert_int_equal(begin(&transient_parts, PARTS_TYPE, text.n, &b), OK);
	assert_int_equal(http_body_feed(s, b, text), OK);
	assert_int_equal(http_body_finish(s, b, &q), OK);
	assert_int_equal(atomic_load(&in_memory), text.n + 4096 + 1);
	assert_int_equal(q.n_parts, 3);
	assert_int_equal(q.part[0].fd, -1);
	for (size_t i = 1; i < 3; i++) {
		assert_null(q.part[i].path);
		assert_int_equal(q.part[i].sha256[0], 0xba);
		assert_int_equal(pread(q.part[i].fd, read_back, sizeof(read_back), 0), 3);
		assert_string_equal(read_back, "abc");
		assert_int_equal(pwrite(q.part[i].fd, "x", 1, 0), -1);
		assert_int_equal(ftruncate(q.part[i].fd, 0), -1);
		assert_int_equal(ftruncate(q.part[i].fd, 100), -1);
	}
	assert_true(folder_is_empty(incoming));
	const int fd = q.part[1].fd;
	http_body_settle(b);
	assert_int_equal(fcntl(fd, F_GETFD), -1);
	http_body_end(b);
}

/* Large ones, those of unknown length, and those that find no memory are on the disk as others. */
static void test_transient_files_on_disk(void **state)
{
	static const struct {
		uint64_t length;
		size_t taken;
		bool in_memory;
	} cases[] = {
		{ LIMIT_HTTP_TRANSIENT, 0, true },
		{ LIMIT_HTTP_TRANSIENT + 1, 0, false },
		{ HTTP_BODY_LENGTH_UNKNOWN, 0, false },
		{ 1000, LIMIT_HTTP_BODIES - 1000, true },
		{ 1000, LIMIT_HTTP_BODIES - 999, false },
	};
	struct http_request q = { 0 };
	struct http_body *b;
	(void)state;
	rules.most = LIMIT_HTTP_TRANSIENT + 1;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		atomic_store(&in_memory, cases[i].taken);
		assert_int_equal(begin(&transient_parts, PARTS_TYPE, cases[i].length, &b), OK);
		assert_int_equal(http_body_feed(s, b, BYTES_LIT(A_FILE "--XX--")), OK);
		assert_int_equal(http_body_finish(s, b, &q), OK);
		assert_int_equal(q.part[0].path == NULL, cases[i].in_memory);
		assert_int_equal(q.part[0].fd >= 0, cases[i].in_memory);
		http_body_end(b);
		assert_int_equal(atomic_load(&in_memory), cases[i].taken);
		assert_true(folder_is_empty(incoming));
	}
	atomic_store(&in_memory, 0);
}

/* In the memory that the route saw, nothing is left when it is done. */
static void test_secrets(void **state)
{
	struct http_request q = { 0 };
	struct http_body *b;
	const char *text = A_FIELD A_FIELD "--XX--";
	(void)state;
	assert_int_equal(read_whole(&secret_form, FORM_TYPE, "a=b&p=%73ecret", 14, &q, &b), OK);
	assert_string_equal(http_request_field(&q, "p"), "secret");
	struct bytes value = q.part[1].value;
	http_body_settle(b);
	for (size_t i = 0; i < value.n; i++)
		assert_int_equal(value.p[i], 0);
	http_body_end(b);
	assert_int_equal(read_whole(&secret_parts, PARTS_TYPE, text, strlen(text), &q, &b), OK);
	value = q.part[1].value;
	assert_int_equal(value.n, 5);
	http_body_settle(b);
	for (size_t i = 0; i < value.n; i++)
		assert_int_equal(value.p[i], 0);
	http_body_end(b);
}

static size_t descriptors(void)
{
	size_t n = 0;
	for (int fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) != -1;
	return n;
}

static enum err read_told(const struct route *r, const char *text, struct http_body **ret_body)
{
	struct http_request q = { 0 };
	enum err e = begin(r, PARTS_TYPE, strlen(text), ret_body);
	if (e != OK)
		return e;
	e = http_body_feed(s, *ret_body, bytes_of_str(text));
	if (e == OK)
		e = http_body_finish(s, *ret_body, &q);
	if (e != OK)
		http_body_end(*ret_body);
	return e;
}

/* Memory that ends at any place: an error, and nothing stays. */
static void run_out_of_memory(const struct route *r)
{
	const size_t open_before = descriptors();
	struct http_body *b;
	enum err e = ERR_NOMEM;
	for (size_t n = 1; e != OK; n++) {
		struct scope *whole = s;
		s = scope_new(0);
		scope_fail_after(s, n);
		e = read_told(r, A_FIELD A_FILE "--XX--", &b);
		assert_true(e == OK || e == ERR_NOMEM);
		if (e == OK)
			http_body_end(b);
		scope_free(s);
		s = whole;
		assert_true(folder_is_empty(incoming));
		assert_int_equal(atomic_load(&in_memory), 0);
		assert_int_equal(descriptors(), open_before);
		assert_true(n < 1000);
	}
}

static void test_out_of_memory(void **state)
{
	(void)state;
	run_out_of_memory(&parts);
	run_out_of_memory(&transient_parts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
		T(test_types),
		T(test_lengths),
		T(test_parts),
		T(test_memory),
		T(test_files),
		T(test_files_in_memory),
		T(test_transient_files_on_disk),
		T(test_secrets),
		T(test_out_of_memory),
#undef T
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
