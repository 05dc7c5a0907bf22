#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#include "base/limits.h"
#include "base/scope.h"
#include "formats/pdf_syntax.h"

static int setup(void **state)
{
	*state = scope_new(0);
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	scope_free(*state);
	return 0;
}

static const struct pdf_value *parsed(struct scope *s, const char *text)
{
	const struct pdf_value *v = NULL;
	size_t at = 0;
	assert_int_equal(pdf_syntax_value(s, bytes_of_str(text), &at, &v), OK);
	return v;
}

static enum err outcome(const char *text)
{
	struct scope *s = scope_new(0);
	const struct pdf_value *v;
	size_t at = 0;
	enum err e = pdf_syntax_value(s, bytes_of_str(text), &at, &v);
	assert_int_equal(e == OK, scope_fault_code(s) == OK);
	scope_free(s);
	return e;
}

static void numbers_of_real_writers(void **state)
{
	static const char *const reals[] = { "-.5", "4.", "1e3", "1E-3", "0.0.1", "--5", "4..5",
		"9223372036854775808", "-", "." };
	static const struct {
		const char *text;
		int64_t n;
	} ints[] = { { "+5", 5 }, { "-5", -5 }, { "007", 7 }, { "0", 0 },
		{ "9223372036854775807", INT64_MAX }, { "-9223372036854775807", -INT64_MAX } };
	for (size_t i = 0; i < sizeof(reals) / sizeof(reals[0]); i++) {
		const struct pdf_value *v = parsed(*state, reals[i]);
		assert_int_equal(v->kind, PDF_REAL);
		assert_true(bytes_equal_str(v->real, reals[i]));
	}
	for (size_t i = 0; i < sizeof(ints) / sizeof(ints[0]); i++) {
		const struct pdf_value *v = parsed(*state, ints[i].text);
		assert_int_equal(v->kind, PDF_INT);
		assert_int_equal(v->integer, ints[i].n);
	}
}

static void string_is(struct scope *s, const char *text, struct bytes octets)
{
	const struct pdf_value *v = parsed(s, text);
	assert_int_equal(v->kind, PDF_STRING);
	assert_true(bytes_equal(v->string, octets));
	assert_int_equal(v->start, 0);
	assert_int_equal(v->end, strlen(text));
}

static void strings(void **state)
{
	struct scope *s = *state;
	string_is(s, "()", BYTES_LIT(""));
	string_is(s, "(a(b)c)", BYTES_LIT("a(b)c"));
	string_is(s, "(\\n\\r\\t\\b\\f\\(\\)\\\\\\x)", BYTES_LIT("\n\r\t\b\f()\\x"));
	string_is(s, "(\\101\\1\\0012\\777)", BYTES_LIT("A\001\0012\377"));
	string_is(s, "(a\\\nb\\\r\nc\\\rd)", BYTES_LIT("abcd"));
	string_is(s, "(a\rb\r\nc\nd)", BYTES_LIT("a\nb\nc\nd"));
}

static void hexadecimal_strings(void **state)
{
	struct scope *s = *state;
	string_is(s, "<>", BYTES_LIT(""));
	string_is(s, "<4 1\n4a>", BYTES_LIT("AJ"));
	string_is(s, "<414>", BYTES_LIT("A@"));
	assert_true(parsed(s, "<41>")->hex);
	assert_int_equal(outcome("<4g>"), ERR_FORMAT);
	assert_int_equal(outcome("<41"), ERR_FORMAT);
}

static void names(void **state)
{
	struct scope *s = *state;
	assert_true(pdf_value_is_name(parsed(s, "/A#42#c"), "AB#c"));
	assert_true(pdf_value_is_name(parsed(s, "/"), ""));
	assert_true(pdf_value_is_name(parsed(s, "/A/B"), "A"));
	assert_true(bytes_equal(parsed(s, "/#00")->name, BYTES_LIT("\0")));
	assert_true(bytes_equal(parsed(s, "/A#4")->name, BYTES_LIT("A#4")));
}

static void references(void **state)
{
	struct scope *s = *state;
	const struct pdf_value *v = parsed(s, "[1 2 R 3 4 5 0%c\nR/A +6 0]");
	assert_int_equal(v->array.n, 7);
	assert_true(pdf_value_is_ref_to(v->array.item[0], (struct pdf_ref){ 1, 2 }));
	assert_int_equal(v->array.item[1]->integer, 3);
	assert_true(pdf_value_is_ref_to(v->array.item[3], (struct pdf_ref){ 5, 0 }));
	assert_int_equal(v->array.item[5]->integer, 6);
	assert_true(pdf_value_is_ref_to(parsed(s, "9999999999 0 R"), (struct pdf_ref){ 0, 0 }));
	assert_int_equal(outcome("[6 0 Rx]"), ERR_FORMAT);
	assert_int_equal(outcome("[R]"), ERR_FORMAT);
}

static void dictionaries_are_not_resynchronised(void **state)
{
	(void)state;
	assert_int_equal(outcome("<< /A 1 >>"), OK);
	assert_int_equal(outcome("<</A/B>>"), OK);
	assert_int_equal(outcome("<< /A >>"), ERR_FORMAT);
	assert_int_equal(outcome("<< /Contents /ByteRange [0 1 2 3] >>"), ERR_FORMAT);
	assert_int_equal(outcome("<< (A) 1 >>"), ERR_FORMAT);
	assert_int_equal(outcome("<< /A 1 2 >>"), ERR_FORMAT);
	assert_int_equal(outcome("<< /A 1"), ERR_FORMAT);
	assert_int_equal(outcome("<< /A endobj"), ERR_FORMAT);
	assert_int_equal(outcome("<< /A [1 >>"), ERR_FORMAT);
	assert_int_equal(outcome("[1 2"), ERR_FORMAT);
	assert_int_equal(outcome("]"), ERR_FORMAT);
	assert_int_equal(outcome("(a"), ERR_FORMAT);
	assert_int_equal(outcome("(a\\"), ERR_FORMAT);
	assert_int_equal(outcome("nul"), ERR_FORMAT);
	assert_int_equal(outcome("%only a comment"), ERR_FORMAT);
	assert_int_equal(outcome(""), ERR_FORMAT);
}

static void nesting_is_capped(void **state)
{
	char text[2 * LIMIT_PDF_DEPTH + 3];
	(void)state;
	memset(text, '[', LIMIT_PDF_DEPTH);
	memset(text + LIMIT_PDF_DEPTH, ']', LIMIT_PDF_DEPTH);
	text[2 * LIMIT_PDF_DEPTH] = '\0';
	assert_int_equal(outcome(text), OK);
	memset(text, '[', LIMIT_PDF_DEPTH + 1);
	memset(text + LIMIT_PDF_DEPTH + 1, ']', LIMIT_PDF_DEPTH + 1);
	text[2 * LIMIT_PDF_DEPTH + 2] = '\0';
	assert_int_equal(outcome(text), ERR_LIMIT);
}

static void long_arrays_outgrow_the_stack(void **state)
{
	struct scope *s = *state;
	struct buf b = buf_new(s, 1 << 20);
	char *text;
	buf_add_str(&b, "[[1 2]");
	for (int i = 0; i < 5000; i++)
		buf_addf(&b, " %d", i);
	buf_add_str(&b, "<</A[3]>>]");
	assert_int_equal(buf_done_str(&b, &text), OK);
	const struct pdf_value *v = parsed(s, text);
	assert_int_equal(v->array.n, 5002);
	assert_int_equal(v->array.item[0]->array.n, 2);
	assert_int_equal(v->array.item[5000]->integer, 4999);
	assert_int_equal(v->array.item[5001]->dict.n, 1);
}

static void offsets_are_those_of_the_file(void **state)
{
	struct scope *s = *state;
	const struct bytes file = BYTES_LIT("xx  << /A (b) >> yy");
	const struct pdf_value *v;
	size_t at = 2;
	assert_int_equal(pdf_syntax_value(s, file, &at, &v), OK);
	assert_int_equal(v->start, 4);
	assert_int_equal(v->end, 16);
	assert_int_equal(at, 16);
	assert_int_equal(pdf_value_find(v, "A")->start, 10);
	assert_int_equal(pdf_value_find(v, "A")->end, 13);
	at = 2;
	assert_int_equal(pdf_syntax_value_apart(s, file, &at, &v), OK);
	assert_int_equal(v->start + v->end + pdf_value_find(v, "A")->end, 0);
}

static void heads_of_objects(void **state)
{
	struct pdf_ref ref;
	size_t body;
	(void)state;
	const struct bytes good = BYTES_LIT("12 3  obj<<");
	assert_true(pdf_syntax_object_header(good, 0, &ref, &body));
	assert_int_equal(ref.num, 12);
	assert_int_equal(ref.gen, 3);
	assert_int_equal(body, 9);
	assert_true(pdf_syntax_object_header(good, 1, &ref, &body)); /* 2 3 obj */
	assert_false(pdf_syntax_object_header(good, 2, &ref, &body));
	assert_false(pdf_syntax_object_header(good, 99, &ref, &body));
	assert_false(pdf_syntax_object_header(BYTES_LIT("1 0 objx"), 0, &ref, &body));
	assert_false(pdf_syntax_object_header(BYTES_LIT("1 0obj"), 0, &ref, &body));
	assert_false(pdf_syntax_object_header(BYTES_LIT("4294967296 0 obj"), 0, &ref, &body));
	assert_true(pdf_syntax_object_header(BYTES_LIT("4294967295 0 obj"), 0, &ref, &body));
}

static struct pdf_syntax_object object(
    struct scope *s, const char *text, const struct pdf_syntax_hooks *hooks)
{
	struct pdf_syntax_object o;
	assert_int_equal(pdf_syntax_object(s, bytes_of_str(text), 0, hooks, &o), OK);
	return o;
}

static void data_is(struct scope *s, const char *text, const char *data, bool wrong)
{
	const struct pdf_syntax_object o = object(s, text, NULL);
	assert_int_equal(o.value->kind, PDF_STREAM);
	assert_true(bytes_equal_str(o.value->stream.raw, data));
	assert_int_equal(o.length_wrong, wrong);
	assert_false(o.endobj_missing);
	assert_int_equal(o.value->stream.owner.num, 1);
	assert_int_equal(o.end, strlen(text));
}

static void streams(void **state)
{
	struct scope *s = *state;
	data_is(s, "1 0 obj<</Length 3>>stream\nabc\nendstream endobj", "abc", false);
	data_is(s, "1 0 obj<</Length 3>>stream\r\nabc\r\nendstream endobj", "abc", false);
	data_is(s, "1 0 obj<</Length 3>>stream\rabc endstream endobj", "abc", false);
	data_is(s, "1 0 obj<</Length 3>>stream \nabcendstream endobj", "abc", false);
	data_is(s, "1 0 obj<</Length 0>>stream\n\nendstream endobj", "", false);
	data_is(s, "1 0 obj<</Length 2>>stream\nabc\nendstream endobj", "abc", true);
	data_is(s, "1 0 obj<</Length 99>>stream\nabc\r\nendstream endobj", "abc", true);
	data_is(s, "1 0 obj<</Length -1>>stream\nabc\nendstream endobj", "abc", true);
	data_is(
	    s, "1 0 obj<</Length 9223372036854775807>>stream\nab\nendstream endobj", "ab", true);
	data_is(s, "1 0 obj<</Length 5 0 R>>stream\nab\nendstream endobj", "ab", true);
	data_is(s, "1 0 obj<<>>stream\nab\nendstream endobj", "ab", true);
	struct pdf_syntax_object o;
	assert_int_equal(
	    pdf_syntax_object(s, BYTES_LIT("1 0 obj<</Length 3>>stream\nabc endobj"), 0, NULL, &o),
	    ERR_FORMAT);
}

static bool length_three(void *ctx, const struct pdf_value *entry, int64_t *ret_length)
{
	*(int *)ctx += entry->kind == PDF_REF;
	*ret_length = 3;
	return true;
}

static enum err to_x(void *ctx, struct scope *s, struct pdf_ref object, struct pdf_value *string)
{
	(void)ctx;
	(void)s;
	assert_int_equal(object.num, 1);
	string->string = BYTES_LIT("x");
	return OK;
}

static void hooks_are_asked(void **state)
{
	int asked = 0;
	const struct pdf_syntax_hooks hooks = {
		.ctx = &asked, .length = length_three, .decrypt = to_x
	};
	struct pdf_syntax_object o = object(
	    *state, "1 0 obj<</Length 5 0 R/S(abc)/A[(d)]>>stream\nabc\nendstream endobj", &hooks);
	assert_int_equal(asked, 1);
	assert_false(o.length_wrong);
	assert_true(bytes_equal_str(pdf_value_find(o.value, "S")->string, "x"));
	assert_true(bytes_equal_str(pdf_value_find(o.value, "A")->array.item[0]->string, "x"));
	o = object(*state, "1 0 obj(abc)endobj", &hooks);
	assert_true(bytes_equal_str(o.value->string, "x"));
	o = object(*state, "1 0 obj<</Contents<41>/M(b)/ByteRange[0 1 2 3]>>endobj", &hooks);
	assert_true(bytes_equal_str(pdf_value_find(o.value, "Contents")->string, "A"));
	assert_true(bytes_equal_str(pdf_value_find(o.value, "M")->string, "x"));
	o = object(*state, "1 0 obj<</Contents<41>>>endobj", &hooks);
	assert_true(bytes_equal_str(pdf_value_find(o.value, "Contents")->string, "x"));
}

static void searching_for_the_end_is_capped(void **state)
{
	const struct bytes file = BYTES_LIT("1 0 obj<<>>stream\n0123456789endstream endobj");
	size_t left = 10 + 9 + 5;
	const struct pdf_syntax_hooks hooks = { .search_left = &left };
	struct pdf_syntax_object o;
	assert_int_equal(pdf_syntax_object(*state, file, 0, &hooks, &o), OK);
	assert_int_equal(left, 14);
	assert_int_equal(pdf_syntax_object(*state, file, 0, &hooks, &o), ERR_LIMIT);
	assert_int_equal(left, 0);
}

static void objects_without_body_or_end(void **state)
{
	struct scope *s = *state;
	struct pdf_syntax_object o = object(s, "3 1 obj\nendobj", NULL);
	assert_int_equal(o.value->kind, PDF_NULL);
	assert_int_equal(o.end, 14);
	o = object(s, "3 1 obj 5\n4 0 obj 6 endobj", NULL);
	assert_int_equal(o.value->integer, 5);
	assert_true(o.endobj_missing);
	assert_int_equal(o.end, 9);
	assert_int_equal(pdf_syntax_object(s, BYTES_LIT("3 1 obj"), 0, NULL, &o), ERR_FORMAT);
	assert_int_equal(pdf_syntax_object(s, BYTES_LIT("3 1"), 0, NULL, &o), ERR_FORMAT);
}

static void memory_runs_out_cleanly(void **state)
{
	static const char text[] = "1 0 obj<</A#20[1(\\n)<41>/N#20]/B<</C 2 0 R>>/Length 3>>"
				   "stream\nabc\nendstream endobj";
	bool done = false;
	(void)state;
	for (size_t n = 1; !done; n++) {
		struct scope *s = scope_new(0);
		struct pdf_syntax_object o;
		scope_fail_after(s, n);
		enum err e = pdf_syntax_object(s, bytes_of_str(text), 0, NULL, &o);
		assert_true(e == OK || (e == ERR_NOMEM && scope_fault_code(s) == ERR_NOMEM));
		done = e == OK;
		scope_free(s);
		assert_true(n < 100);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(numbers_of_real_writers, setup, teardown),
		cmocka_unit_test_setup_teardown(strings, setup, teardown),
		cmocka_unit_test_setup_teardown(hexadecimal_strings, setup, teardown),
		cmocka_unit_test_setup_teardown(names, setup, teardown),
		cmocka_unit_test_setup_teardown(references, setup, teardown),
		cmocka_unit_test(dictionaries_are_not_resynchronised),
		cmocka_unit_test(nesting_is_capped),
		cmocka_unit_test_setup_teardown(long_arrays_outgrow_the_stack, setup, teardown),
		cmocka_unit_test_setup_teardown(offsets_are_those_of_the_file, setup, teardown),
		cmocka_unit_test(heads_of_objects),
		cmocka_unit_test_setup_teardown(streams, setup, teardown),
		cmocka_unit_test_setup_teardown(hooks_are_asked, setup, teardown),
		cmocka_unit_test_setup_teardown(searching_for_the_end_is_capped, setup, teardown),
		cmocka_unit_test_setup_teardown(objects_without_body_or_end, setup, teardown),
		cmocka_unit_test(memory_runs_out_cleanly),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
