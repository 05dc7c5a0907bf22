#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#include "base/scope.h"
#include "formats/pdf_syntax.h"
#include "formats/pdf_value.h"

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
	assert_int_equal(at, strlen(text));
	return v;
}

static const char *written(struct scope *s, const struct pdf_value *v)
{
	struct buf b = buf_new(s, 1 << 20);
	char *text;
	assert_int_equal(pdf_value_write(s, &b, v, NULL), OK);
	assert_int_equal(buf_done_str(&b, &text), OK);
	return text;
}

static void equal_is(struct scope *s, const char *a, const char *b, bool equal)
{
	assert_int_equal(pdf_value_equal(parsed(s, a), parsed(s, b)), equal);
	assert_int_equal(pdf_value_equal(parsed(s, b), parsed(s, a)), equal);
}

static void numbers_are_equal_by_value(void **state)
{
	equal_is(*state, "612", "612.0", true);
	equal_is(*state, "612", "612.", true);
	equal_is(*state, "612", "612.1", false);
	equal_is(*state, "-.5", "-0.50", true);
	equal_is(*state, "-.5", ".5", false);
	equal_is(*state, "0", "-0.0", true);
	equal_is(*state, "+7", "007.00", true);
	equal_is(*state, "9223372036854775807", "9223372036854775808", false);
	equal_is(*state, "9223372036854775808", "9223372036854775808.0", true);
	equal_is(*state, "9223372036854775808", "9223372036854775809", false);
	equal_is(*state, "1e3", "1e3", true);
	equal_is(*state, "1e3", "1000", false);
	equal_is(*state, "1", "true", false);
}

static void other_kinds_are_equal_by_content(void **state)
{
	equal_is(*state, "(A)", "<41>", true);
	equal_is(*state, "(A)", "/A", false);
	equal_is(*state, "/A#42", "/AB", true);
	equal_is(*state, "[1 2]", "[1 2 null]", false);
	equal_is(*state, "[1 [2]]", "[1.0 [2]]", true);
	equal_is(*state, "5 0 R", "5 0 R", true);
	equal_is(*state, "5 0 R", "5 1 R", false);
	equal_is(*state, "<< /A 1 /B (x) >>", "<< /B <78> /A 1.0 >>", true);
	equal_is(*state, "<< /A 1 /B null >>", "<< /A 1 >>", true);
	equal_is(*state, "<< /A 1 /B 2 >>", "<< /A 1 >>", false);
	equal_is(*state, "<< /A 1 /A 2 >>", "<< /A 2 >>", true);
	equal_is(*state, "<< /A 1 /A 2 >>", "<< /A 1 >>", false);
	assert_true(pdf_value_equal(NULL, &pdf_value_null));
	assert_false(pdf_value_equal(NULL, parsed(*state, "1")));
}

static void streams_are_equal_but_for_their_length(void **state)
{
	struct scope *s = *state;
	struct bytes raw = BYTES_LIT("abc");
	const struct pdf_value *a = pdf_value_new_stream(s, parsed(s, "<< /Length 3 /A 1 >>"), raw);
	const struct pdf_value *b =
	    pdf_value_new_stream(s, parsed(s, "<< /A 1 /Length 9 0 R >>"), raw);
	const struct pdf_value *c = pdf_value_new_stream(s, parsed(s, "<< /A 2 >>"), raw);
	const struct pdf_value *d =
	    pdf_value_new_stream(s, parsed(s, "<< /A 1 >>"), BYTES_LIT("abd"));
	assert_true(pdf_value_equal(a, b));
	assert_false(pdf_value_equal(a, c));
	assert_false(pdf_value_equal(a, d));
	int64_t n;
	assert_true(pdf_value_integer(pdf_value_find(a, "A"), &n));
	assert_int_equal(n, 1);
}

static void integers_and_numbers(void **state)
{
	struct scope *s = *state;
	int64_t n = 0;
	double d = 0;
	assert_true(pdf_value_integer(parsed(s, "12.00"), &n) && n == 12);
	assert_true(pdf_value_integer(parsed(s, "-9223372036854775808.0"), &n) && n == INT64_MIN);
	assert_true(pdf_value_integer(parsed(s, "9223372036854775807.0"), &n) && n == INT64_MAX);
	assert_false(pdf_value_integer(parsed(s, "9223372036854775808"), &n));
	assert_false(pdf_value_integer(parsed(s, "12.5"), &n));
	assert_false(pdf_value_integer(parsed(s, "--5"), &n));
	assert_false(pdf_value_integer(parsed(s, "(5)"), &n));
	assert_false(pdf_value_integer(NULL, &n));
	assert_true(pdf_value_number(parsed(s, "-.5"), &d) && d > -0.51 && d < -0.49);
	assert_true(pdf_value_number(parsed(s, "1e3"), &d) && d > 999.9 && d < 1000.1);
	assert_true(pdf_value_number(parsed(s, "612.10"), &d) && d > 612.09 && d < 612.11);
	assert_true(pdf_value_number(parsed(s, "--5"), &d) && d < -4.9);
	assert_false(pdf_value_number(parsed(s, "/A"), &d));
}

static void values_are_written_as_syntax(void **state)
{
	static const char *const same[] = { "null", "true", "false", "-12", "4.25", "(a b)",
		"<0041ff>", "/Name", "[]", "<< >>", "7 0 R", "<< /A [1 << /B (x) >>] /C 3 0 R >>" };
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
		assert_string_equal(written(*state, parsed(*state, same[i])), same[i]);
	assert_string_equal(written(*state, parsed(*state, "/A#20B#23")), "/A#20B#23");
	assert_string_equal(written(*state, pdf_value_new_string(*state, BYTES_LIT("a(b)\\\r\n"))),
	    "(a\\(b\\)\\\\\\r\\n)");
	assert_string_equal(
	    written(*state, pdf_value_new_stream(
				*state, parsed(*state, "<< /Length 9 /A 1 >>"), BYTES_LIT("xyz"))),
	    "<< /A 1 /Length 3 >>\nstream\nxyz\nendstream");
}

static void what_is_written_is_read_back(void **state)
{
	struct scope *s = *state;
	uint8_t octets[256];
	for (unsigned i = 0; i < 256; i++)
		octets[i] = (uint8_t)i;
	struct pdf_value *v = pdf_value_new_array(s);
	assert_int_equal(
	    pdf_value_append(s, v, pdf_value_new_string(s, bytes_of(octets, 256))), OK);
	assert_int_equal(pdf_value_append(s, v, pdf_value_new_hex(s, bytes_of(octets, 256))), OK);
	struct pdf_value *name = pdf_value_new_name(s, "");
	name->name = bytes_of(octets, 256);
	assert_int_equal(pdf_value_append(s, v, name), OK);
	struct buf b = buf_new(s, 1 << 20);
	const struct pdf_value *back;
	size_t at = 0;
	assert_int_equal(pdf_value_write(s, &b, v, NULL), OK);
	assert_int_equal(pdf_syntax_value(s, buf_bytes(&b), &at, &back), OK);
	assert_true(pdf_value_equal(v, back));
}

static enum err shout(
    void *ctx, struct scope *s, bool is_stream, struct bytes plain, struct bytes *ret_cipher)
{
	(void)ctx;
	(void)s;
	(void)plain;
	if (is_stream)
		return ERR_CRYPTO;
	*ret_cipher = BYTES_LIT("\x01\x02");
	return OK;
}

static void ciphers_see_strings_and_streams(void **state)
{
	struct scope *s = *state;
	const struct pdf_value_cipher cipher = { .encrypt = shout };
	struct buf b = buf_new(s, 1000);
	assert_int_equal(pdf_value_write(s, &b, parsed(s, "[(x) /N]"), &cipher), OK);
	assert_true(bytes_equal_str(buf_bytes(&b), "[<0102> /N]"));
	const struct pdf_value *stream =
	    pdf_value_new_stream(s, parsed(s, "<< >>"), BYTES_LIT("abc"));
	assert_int_equal(pdf_value_write(s, &b, stream, &cipher), ERR_CRYPTO);
}

static void reals_have_four_decimals(void **state)
{
	static const struct {
		double value;
		const char *text;
	} cases[] = { { 0, "0" }, { 1, "1" }, { -1.5, "-1.5" }, { 0.00004, "0" },
		{ 0.00005, "0.0001" }, { -0.00001, "0" }, { 612.1, "612.1" }, { 1.0625, "1.0625" },
		{ 1e300, "900000000000" }, { -1e300, "-900000000000" }, { 0.0 / 0.0, "0" } };
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(
		    written(*state, pdf_value_new_real(*state, cases[i].value)), cases[i].text);
}

static void dictionaries_are_set_and_copied(void **state)
{
	struct scope *s = *state;
	const struct pdf_value *old = parsed(s, "<< /A 1 /B 2 /A 3 >>");
	assert_true(old->duplicate_keys);
	struct pdf_value *copy = pdf_value_copy(s, old);
	assert_int_equal(pdf_value_set(s, copy, "B", pdf_value_new_int(s, 5)), OK);
	for (int i = 0; i < 20; i++) {
		char *key = scope_alloc(s, 3);
		key[0] = 'K';
		key[1] = (char)('a' + i);
		assert_int_equal(pdf_value_set(s, copy, key, pdf_value_new_int(s, i)), OK);
	}
	pdf_value_remove(copy, "A");
	assert_null(pdf_value_find(copy, "A"));
	assert_int_equal(pdf_value_find(copy, "B")->integer, 5);
	assert_int_equal(pdf_value_find(copy, "Kt")->integer, 19);
	assert_int_equal(pdf_value_find(old, "B")->integer, 2);
	assert_int_equal(pdf_value_find(old, "A")->integer, 3);
	assert_int_equal(pdf_value_set(s, copy, "X", NULL), ERR_NOMEM);
	assert_int_equal(pdf_value_append(s, pdf_value_new_array(s), NULL), ERR_NOMEM);
	assert_int_equal(pdf_value_set(s, NULL, "X", copy), ERR_NOMEM);
}

/* More than the size up to which entries are searched one by one. */
static void large_dictionaries_are_ordered(void **state)
{
	struct scope *s = *state;
	struct buf b = buf_new(s, 1 << 20), backwards = buf_new(s, 1 << 20);
	char *text, *other;
	buf_add_str(&b, "<<");
	buf_add_str(&backwards, "<<");
	for (int i = 0; i < 1000; i++) {
		buf_addf(&b, "/K%d %d", i * 7919 % 1000, i);
		buf_addf(&backwards, "/K%d %d", (999 - i) * 7919 % 1000, 999 - i);
	}
	buf_add_str(&b, ">>");
	buf_add_str(&backwards, "/K5 1.5>>");
	assert_int_equal(buf_done_str(&b, &text), OK);
	assert_int_equal(buf_done_str(&backwards, &other), OK);
	const struct pdf_value *v = parsed(s, text), *w = parsed(s, other);
	assert_false(v->duplicate_keys);
	assert_true(w->duplicate_keys);
	assert_int_equal(pdf_value_find(v, "K919")->integer, 1);
	assert_int_equal(pdf_value_find(w, "K5")->kind, PDF_REAL);
	assert_null(pdf_value_find(v, "K1000"));
	assert_null(pdf_value_find(v, ""));
	assert_false(pdf_value_equal(v, w));
	struct pdf_value *copy = pdf_value_copy(s, w);
	assert_int_equal(pdf_value_set(s, copy, "K5", pdf_value_find(v, "K5")), OK);
	assert_true(pdf_value_equal(v, copy));
}

static void memory_runs_out_cleanly(void **state)
{
	(void)state;
	for (size_t n = 1; n < 40; n++) {
		struct scope *s = scope_new(0);
		scope_fail_after(s, n);
		struct pdf_value *d = pdf_value_new_dict(s);
		enum err e = pdf_value_set(s, d, "A", pdf_value_new_real(s, 1.5));
		if (e == OK)
			e = pdf_value_set(s, d, "B", pdf_value_copy(s, d));
		struct buf b = buf_new(s, 1000);
		struct bytes out;
		if (e == OK)
			e = pdf_value_write(s, &b, d, NULL);
		if (e == OK)
			e = buf_done(&b, &out);
		assert_true(e == OK || e == ERR_NOMEM);
		scope_free(s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(numbers_are_equal_by_value, setup, teardown),
		cmocka_unit_test_setup_teardown(other_kinds_are_equal_by_content, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    streams_are_equal_but_for_their_length, setup, teardown),
		cmocka_unit_test_setup_teardown(integers_and_numbers, setup, teardown),
		cmocka_unit_test_setup_teardown(values_are_written_as_syntax, setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_written_is_read_back, setup, teardown),
		cmocka_unit_test_setup_teardown(ciphers_see_strings_and_streams, setup, teardown),
		cmocka_unit_test_setup_teardown(reals_have_four_decimals, setup, teardown),
		cmocka_unit_test_setup_teardown(dictionaries_are_set_and_copied, setup, teardown),
		cmocka_unit_test_setup_teardown(large_dictionaries_are_ordered, setup, teardown),
		cmocka_unit_test(memory_runs_out_cleanly),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
