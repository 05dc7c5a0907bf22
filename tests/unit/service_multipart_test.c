#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/scope.h"
#include "service/front/media_type.h"
#include "service/front/multipart.h"

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

/* -- what was read, as NAME[:FILE][|TYPE]=CONTENT; -- */

static enum err begin(void *ctx, struct scope *scope, const struct multipart_part *part)
{
	struct buf *b = ctx;
	(void)scope;
	buf_add_str(b, part->name);
	if (part->file_name) {
		buf_add_str(b, ":");
		buf_add_str(b, part->file_name);
	}
	if (*part->content_type) {
		buf_add_str(b, "|");
		buf_add_str(b, part->content_type);
	}
	buf_add_str(b, "=");
	return OK;
}

static enum err content(void *ctx, struct scope *scope, struct bytes piece)
{
	(void)scope;
	assert_true(piece.n > 0);
	buf_add(ctx, piece);
	return OK;
}

static enum err end(void *ctx, struct scope *scope)
{
	(void)scope;
	buf_add_str(ctx, ";");
	return OK;
}

static enum err read_in(
    const char *type, const char *body, size_t n, size_t step, const char **ret_told)
{
	struct buf b = buf_new(s, 1 << 20);
	const struct multipart_sink sink = { &b, begin, content, end };
	struct multipart *m;
	char *told;
	TRY(multipart_new(s, type, 3, &sink, &m));
	for (size_t at = 0; at < n; at += step)
		TRY(multipart_feed(s, m, bytes_cut(bytes_of(body, n), at, step)));
	TRY(multipart_finish(s, m));
	TRY(buf_done_str(&b, &told));
	*ret_told = told;
	return OK;
}

#define TYPE "multipart/form-data; boundary=XX"

/* Whatever the sizes of the pieces, the same comes out. */
static const char *read_all(const char *type, const char *body)
{
	const char *first = NULL, *told = NULL;
	size_t n = strlen(body);
	for (size_t step = n + 1; step > 0; step = step > 12 ? 12 : step - 1) {
		scope_forgive(s);
		enum err e = read_in(type, body, n, step, &told);
		told = e == OK ? told : err_name(e);
		if (first)
			assert_string_equal(told, first);
		first = told;
	}
	return first;
}

#define PART(headers, content) "--XX\r\n" headers "\r\n\r\n" content "\r\n"
#define NAMED(name) "Content-Disposition: form-data; name=" name

static void test_parts(void **state)
{
	(void)state;
	assert_string_equal(read_all(TYPE, "--XX--"), "");
	assert_string_equal(read_all(TYPE, "--XX--\r\n"), "");
	assert_string_equal(read_all(TYPE, PART(NAMED("a"), "b") "--XX--\r\n"), "a=b;");
	assert_string_equal(read_all(TYPE, PART(NAMED("\"a\""), "") "--XX--"), "a=;");
	assert_string_equal(
	    read_all(TYPE, PART(NAMED("a") "\r\nContent-Type: text/plain", "b")
			       PART(NAMED("\"c d\"; filename=\"e.pdf\""), "f") "--XX--\r\n"),
	    "a|text/plain=b;c d:e.pdf=f;");
	assert_string_equal(
	    read_all(TYPE, PART("content-DISPOSITION:form-data;name=a;", "b") "--XX--"), "a=b;");
	assert_string_equal(read_all("Multipart/Form-Data; charset=utf-8; boundary=\"X X\"",
				"--X X\r\n" NAMED("a") "\r\n\r\nb\r\n--X X--"),
	    "a=b;");
}

/* Content that looks like a boundary, and is none. */
static void test_near_boundaries(void **state)
{
	static const char *const contents[] = { "\r", "\n", "\r\n", "\r\n-", "\r\n--", "\r\n--X",
		"\r\n--XY", "\r\r\n--X", "--XX", "\n--XX", "\r--XX", "\r\n--X\r\n--X",
		"\r\n\r\n--x", "\r\n--Xx\r\n--\r\n-\r\n" };
	char body[256], wanted[256];
	(void)state;
	for (size_t i = 0; i < sizeof(contents) / sizeof(contents[0]); i++) {
		snprintf(
		    body, sizeof(body), "--XX\r\n" NAMED("a") "\r\n\r\n%s\r\n--XX--", contents[i]);
		snprintf(wanted, sizeof(wanted), "a=%s;", contents[i]);
		assert_string_equal(read_all(TYPE, body), wanted);
	}
}

static void test_malformed(void **state)
{
	static const char *const bad[] = { "", "X", "--X", "--XX", "--XX\r", "--XX\r\n", "--XX-",
		"--XXY\r\n", "--XX \r\n" NAMED("a") "\r\n\r\nb\r\n--XX--", "\r\n--XX--",
		"pre\r\n--XX--", "--XX--\n", "--XX--\r\n\r\n", "--XX--x", "--XX\r\n\r\nb\r\n--XX--",
		PART(NAMED("a"), "b"), PART(NAMED("a"), "b") "--XX",
		PART(NAMED("a"), "b") "--XX\r\n", PART("X-Other: a", "b") "--XX--",
		PART("Content-Disposition: form-data", "b") "--XX--",
		PART("Content-Disposition: attachment; name=a", "b") "--XX--",
		PART(NAMED("a") "\r\n" NAMED("b"), "b") "--XX--",
		PART(NAMED("a; name=b"), "b") "--XX--", PART(NAMED("\"\""), "b") "--XX--",
		PART(NAMED("\"a"), "b") "--XX--",
		PART(NAMED("a; filename*=UTF-8''x"), "b") "--XX--",
		PART(NAMED("\"\xff\""), "b") "--XX--",
		PART(NAMED("a") "\r\nno colon", "b") "--XX--",
		PART(NAMED("a") "\r\n : x", "b") "--XX--",
		PART(NAMED("a") "\r\nX: a\x01", "b") "--XX--",
		PART(NAMED("a") "\r\n folded", "b") "--XX--",
		PART(NAMED("a") "\r\nContent-Type: multipart/mixed; boundary=Y", "b") "--XX--",
		PART(NAMED("a") "\r\nContent-Type: text/plain\r\nContent-Type: text/html",
		    "b") "--XX--",
		PART(NAMED("a") "\r\nContent-Transfer-Encoding: base64", "b") "--XX--",
		PART(NAMED("a") "\r\nContent-Transfer-Encoding: quoted-printable", "b") "--XX--",
		"--XX\n" NAMED("a") "\n\nb\n--XX--" };
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_string_equal(read_all(TYPE, bad[i]), err_name(ERR_FORMAT));
	assert_string_equal(
	    read_all(TYPE, PART(NAMED("a") "\r\nContent-Transfer-Encoding: Binary", "b") "--XX--"),
	    "a=b;");
}

static void test_types(void **state)
{
	static const struct {
		const char *type;
		enum err e;
	} cases[] = {
		{ "multipart/form-data; boundary=XX", OK },
		{ "multipart/form-data;boundary=\"XX\"", OK },
		{ "multipart/mixed; boundary=XX", ERR_UNSUPPORTED },
		{ "application/json", ERR_UNSUPPORTED },
		{ "multipart/form-data", ERR_FORMAT },
		{ "multipart/form-data; boundary=", ERR_FORMAT },
		{ "multipart/form-data; boundary=\"\"", ERR_FORMAT },
		{ "multipart/form-data; boundary=\"XX \"", ERR_FORMAT },
		{ "multipart/form-data; boundary=\"X*X\"", ERR_FORMAT },
		{ "multipart/form-data; boundary=XX; boundary=YY", ERR_FORMAT },
		{ "multipart/form-data; boundary=\"XX", ERR_FORMAT },
		{ "", ERR_FORMAT },
	};
	const char *told;
	char type[200];
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		scope_forgive(s);
		assert_int_equal(read_in(cases[i].type, "--XX--", 6, 6, &told), cases[i].e);
	}
	for (int n = LIMIT_HTTP_BOUNDARY; n < LIMIT_HTTP_BOUNDARY + 2; n++) {
		char body[200];
		snprintf(type, sizeof(type), "multipart/form-data; boundary=%0*d", n, 7);
		snprintf(body, sizeof(body), "--%0*d--", n, 7);
		scope_forgive(s);
		assert_int_equal(read_in(type, body, strlen(body), 5, &told),
		    n > LIMIT_HTTP_BOUNDARY ? ERR_FORMAT : OK);
	}
}

static void test_limits(void **state)
{
	static char body[2 * LIMIT_HTTP_PART_HEAD];
	const char *three = PART(NAMED("a"), "") PART(NAMED("b"), "") PART(NAMED("c"), "") "--XX--";
	const char *four = PART(NAMED("a"), "") PART(NAMED("b"), "") PART(NAMED("c"), "")
	    PART(NAMED("d"), "") "--XX--";
	const char *told;
	(void)state;
	assert_string_equal(read_all(TYPE, three), "a=;b=;c=;");
	assert_string_equal(read_all(TYPE, four), err_name(ERR_LIMIT));
	for (int over = 0; over < 2; over++) {
		int n = LIMIT_HTTP_NAME + over;
		snprintf(body, sizeof(body), "--XX\r\n" NAMED("%0*d") "\r\n\r\n\r\n--XX--", n, 7);
		scope_forgive(s);
		assert_int_equal(
		    read_in(TYPE, body, strlen(body), 99, &told), over ? ERR_LIMIT : OK);
		snprintf(body, sizeof(body),
		    "--XX\r\n" NAMED("a; filename=%0*d") "\r\n\r\n\r\n--XX--", n, 7);
		scope_forgive(s);
		assert_int_equal(
		    read_in(TYPE, body, strlen(body), 99, &told), over ? ERR_LIMIT : OK);
		int head = LIMIT_HTTP_PART_HEAD + over - (int)strlen(NAMED("a") "\r\nX: \r\n\r\n");
		snprintf(body, sizeof(body), "--XX\r\n" NAMED("a") "\r\nX: %0*d\r\n\r\n\r\n--XX--",
		    head, 7);
		scope_forgive(s);
		assert_int_equal(
		    read_in(TYPE, body, strlen(body), 99, &told), over ? ERR_LIMIT : OK);
	}
}

static void test_file_names(void **state)
{
	static const struct {
		const char *told, *name;
	} cases[] = {
		{ "a.pdf", ":a.pdf" },
		{ "", "" },
		{ "/etc/passwd", ":passwd" },
		{ "../../a.pdf", ":a.pdf" },
		{ "C:\\\\Documents\\\\a.pdf", ":a.pdf" },
		{ "C:\\Documents\\a.pdf", ":a.pdf" },
		{ "a\\\"b.pdf", ":a\"b.pdf" },
		{ "..", ":__" },
		{ ".", ":_" },
		{ "a/", ":_" },
		{ "a\xc3\xa9.pdf", ":a\xc3\xa9.pdf" },
		{ "a\xff\xc3.pdf", ":a__.pdf" },
		{ "a\xc2\x85.pdf", ":a__.pdf" },
	};
	char body[256], wanted[128];
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(body, sizeof(body),
		    "--XX\r\n" NAMED("f; filename=\"%s\"") "\r\n\r\nx\r\n--XX--", cases[i].told);
		snprintf(wanted, sizeof(wanted), "f%s=x;", cases[i].name);
		assert_string_equal(read_all(TYPE, body), wanted);
	}
}

static enum err no_begin(void *ctx, struct scope *scope, const struct multipart_part *part)
{
	(void)ctx;
	return scope_fault(scope, ERR_IO, "%s", part->name);
}

static void test_sink_fails(void **state)
{
	const struct multipart_sink sink = { NULL, no_begin, content, end };
	const char *body = PART(NAMED("a"), "b") "--XX--";
	struct multipart *m;
	(void)state;
	assert_int_equal(multipart_new(s, TYPE, 3, &sink, &m), OK);
	assert_int_equal(multipart_feed(s, m, bytes_of_str(body)), ERR_IO);
}

static void test_media_types(void **state)
{
	struct media_type t;
	(void)state;
	const char *told = "Text/HTML ; Charset=\"u\\\\\\t\\\"f\" ; q=1";
	assert_int_equal(media_type_parse(s, bytes_of_str(told), &t), OK);
	assert_string_equal(t.name, "text/html");
	assert_string_equal(media_type_parameter(&t, "charset"), "u\\\\t\"f");
	assert_string_equal(media_type_parameter(&t, "q"), "1");
	assert_null(media_type_parameter(&t, "x"));
	static const char *const bad[] = { "", " ", "a b", "a/", "/a", "a/b/c", "a/b; c", "a/b; =c",
		"a/b; c=", "a/b; c=\"d\" e", "a/b; c=d e", "a/b; c=d; C=e", "a/b, c/d" };
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(media_type_parse(s, bytes_of_str(bad[i]), &t), ERR_FORMAT);
	assert_int_equal(
	    media_type_parse(s, bytes_of_str("a/b;a=1;b=1;c=1;d=1;e=1;f=1;g=1;h=1"), &t), OK);
	assert_int_equal(
	    media_type_parse(s, bytes_of_str("a/b;a=1;b=1;c=1;d=1;e=1;f=1;g=1;h=1;i=1"), &t),
	    ERR_LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
		T(test_parts),
		T(test_near_boundaries),
		T(test_malformed),
		T(test_types),
		T(test_limits),
		T(test_file_names),
		T(test_sink_fails),
		T(test_media_types),
#undef T
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
