#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/scope.h"
#include "validator/report_difference.h"

static void assert_difference(struct scope *s, const char *was, const char *is, const char *wanted)
{
	struct bytes lines;
	char *text;
	assert_int_equal(report_difference(s, bytes_of_str(was), bytes_of_str(is), &lines), OK);
	assert_int_equal(bytes_to_str(s, lines, &text), OK);
	assert_string_equal(text, wanted);
}

static void test_values(void **state)
{
	struct scope *s = *state;
	assert_difference(s, "{\"a\":1,\"b\":\"x\"}", "{ \"b\": \"x\", \"a\": 1 }", "");
	assert_difference(s, "{\"a\":1}", "{\"a\":2}", "a: was 1, is 2\n");
	assert_difference(s, "{\"a\":null}", "{\"a\":false}", "a: was null, is false\n");
	assert_difference(s, "{\"a\":\"x\"}", "{\"a\":\"y\\n\"}", "a: was \"x\", is \"y?\"\n");
	assert_difference(s, "{\"a\":true}", "{\"a\":[1]}", "a: was true, is [...]\n");
	assert_difference(s, "{\"a\":{}}", "{\"b\":{\"c\":1}}",
	    "a: was {...}, is not there\nb: was not there, is {...}\n");
	assert_difference(s, "[1,2]", "[1,3,4]", "[1]: was 2, is 3\n[2]: was not there, is 4\n");
	assert_difference(s, "{\"a\":{\"b\":[0,{\"c\":1}]}}", "{\"a\":{\"b\":[0,{\"c\":2}]}}",
	    "a.b[1].c: was 1, is 2\n");
}

static void test_signatures_by_name(void **state)
{
	assert_difference(*state,
	    "{\"signatures\":[{\"id\":\"S1\",\"intact\":true},{\"id\":\"S2\",\"intact\":true}]}",
	    "{\"signatures\":[{\"id\":\"S1\",\"intact\":true},{\"id\":\"S2\",\"intact\":false}]}",
	    "signatures.S2.intact: was true, is false\n");
}

static void test_findings_as_sets(void **state)
{
	struct scope *s = *state;
	assert_difference(s, "{\"findings\":[{\"code\":\"A\"},{\"code\":\"B\",\"about\":\"x\"}]}",
	    "{\"findings\":[{\"code\":\"B\",\"about\":\"x\"},{\"code\":\"A\"}]}", "");
	assert_difference(s,
	    "{\"findings\":[{\"code\":\"A\"},{\"code\":\"B\",\"about\":\"x\"},{\"code\":\"C\"}]}",
	    "{\"findings\":[{\"code\":\"C\"},{\"code\":\"B\",\"about\":\"y\"}]}",
	    "findings: A is no more found\nfindings: B (x) is no more found\n"
	    "findings: B (y) is new\n");
	assert_difference(s, "{\"findings\":[1]}", "{\"findings\":[{\"code\":\"A\"}]}",
	    "findings:  is no more found\nfindings: A is new\n");
}

static void add_numbers(struct buf *b, size_t n, int first)
{
	buf_add_byte(b, '[');
	for (size_t i = 0; i < n; i++)
		buf_addf(b, "%s%d", i ? "," : "", first + (int)i);
	buf_add_byte(b, ']');
}

static size_t count_lines(struct bytes text)
{
	size_t n = 0;
	for (size_t i = 0; i < text.n; i++)
		n += text.p[i] == '\n';
	return n;
}

static void test_many(void **state)
{
	struct scope *s = *state;
	for (size_t more = 0; more < 3; more++) {
		struct buf a = buf_new(s, 4096), b = buf_new(s, 4096);
		struct bytes lines;
		char end[32];
		add_numbers(&a, LIMIT_DIFFERENCES + more, 0);
		add_numbers(&b, LIMIT_DIFFERENCES + more, 1000);
		assert_int_equal(report_difference(s, buf_bytes(&a), buf_bytes(&b), &lines), OK);
		assert_int_equal(count_lines(lines), LIMIT_DIFFERENCES + (more > 0));
		snprintf(end, sizeof(end), "\nand %zu more\n", more);
		assert_int_equal(
		    bytes_find(lines, bytes_of_str(end), 0) != BYTES_NOT_FOUND, more > 0);
	}
}

static void test_no_json(void **state)
{
	struct bytes lines;
	assert_int_equal(
	    report_difference(*state, BYTES_LIT("{}"), BYTES_LIT("{"), &lines), ERR_FORMAT);
	assert_int_equal(
	    report_difference(*state, BYTES_LIT("x"), BYTES_LIT("{}"), &lines), ERR_FORMAT);
}

static int new_scope(void **state)
{
	*state = scope_new(0);
	return *state ? 0 : -1;
}

static int end_scope(void **state)
{
	scope_free(*state);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_values, new_scope, end_scope),
		cmocka_unit_test_setup_teardown(test_signatures_by_name, new_scope, end_scope),
		cmocka_unit_test_setup_teardown(test_findings_as_sets, new_scope, end_scope),
		cmocka_unit_test_setup_teardown(test_many, new_scope, end_scope),
		cmocka_unit_test_setup_teardown(test_no_json, new_scope, end_scope),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
