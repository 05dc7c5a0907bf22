#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/scope.h"
#include "formats/unicode_text.h"

static void test_fold(void **state)
{
	static const struct {
		const char *text, *folded;
	} cases[] = {
		{ "", "" },
		{ "  \t\n ", "" },
		{ "one", "one" },
		{ "  one \r\n two  ", "one two" },
		{ "e\xcc\x81t\xc3\xa9", "\xc3\xa9t\xc3\xa9" },              /* to NFC */
		{ "\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab", "\xed\x95\x9c" }, /* Hangul */
		{ "x\xc2\xb2 \xef\xac\x81", "x\xc2\xb2 \xef\xac\x81" },     /* not NFKC */
		{ "a\xc2\xa0\xe2\x80\x83\xe3\x80\x80"
		  "b",
		    "a b" }, /* blanks of Unicode */
		{ "a\xe2\x80\x8b"
		  "b",
		    "a b" }, /* zero width */
		{ "\xef\xbb\xbf"
		  "a",
		    "a" }, /* a byte order mark */
		{ "Case", "Case" },
		{ "\xf0\x9f\x94\x8f", "\xf0\x9f\x94\x8f" }, /* beyond the basic plane */
		{ "a\xff"
		  "b",
		    "a\xef\xbf\xbd"
		    "b" }, /* no UTF-8 */
		{ "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
	};
	struct scope *s = scope_new(0);
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *folded;
		assert_int_equal(unicode_text_fold(s, cases[i].text, &folded), OK);
		assert_string_equal(folded, cases[i].folded);
	}
	scope_free(s);
}

/* The longest text, of a letter whose canonical form has three units. */
static void test_length(void **state)
{
	struct scope *s = scope_new(0);
	(void)state;
	for (size_t more = 0; more < 2; more++) {
		struct buf b = buf_new(s, SIZE_MAX);
		char *text, *folded;
		for (size_t i = 0; i < LIMIT_UNICODE_TEXT / 4; i++)
			buf_add_str(&b, "\xf0\x9d\x85\xa0"); /* U+1D160 */
		buf_add_repeat(&b, 'x', more);
		assert_int_equal(buf_done_str(&b, &text), OK);
		assert_int_equal(unicode_text_fold(s, text, &folded), more ? ERR_LIMIT : OK);
		if (!more)
			assert_int_equal(strlen(folded), 3 * LIMIT_UNICODE_TEXT);
	}
	scope_free(s);
}

static void test_matches(void **state)
{
	static const struct {
		const char *pattern, *text;
		bool matches;
	} cases[] = {
		{ "", "", true },
		{ "", "a", false },
		{ "*", "", true },
		{ "*", "anything", true },
		{ "a", "a", true },
		{ "a", "ab", false },
		{ "?", "\xc3\xa9", true },
		{ "??", "\xc3\xa9", false },
		{ "?", "", false },
		{ "a*b*c", "a-b-b-c", true },
		{ "a*b*c", "a-c-b", false },
		{ "*\xc3\xa9?", "x\xc3\xa9\xc3\xa8", true },
		{ "*ab", "aab", true },
		{ "a**", "a", true },
		{ "*?", "", false },
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (unicode_text_matches(cases[i].pattern, cases[i].text) != cases[i].matches)
			fail_msg("\"%s\" \"%s\"", cases[i].pattern, cases[i].text);
}

static void test_forms(void **state)
{
	static const struct {
		const char *text, *composed, *decomposed;
	} cases[] = {
		{ "", "", "" },
		{ " a  b ", " a  b ", " a  b " },
		{ "o\xcc\x8b", "\xc5\x91", "o\xcc\x8b" },
		{ "\xe1\xba\xbf", "\xe1\xba\xbf", "e\xcc\x82\xcc\x81" },
		{ "\xe2\x84\xa6", "\xce\xa9", "\xce\xa9" },         /* the sign ohm is an omega */
		{ "\xef\xac\x81", "\xef\xac\x81", "\xef\xac\x81" }, /* no NFKC */
		{ "a\xff", "a\xef\xbf\xbd", "a\xef\xbf\xbd" },
	};
	struct scope *s = scope_new(0);
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *composed, *decomposed;
		assert_int_equal(unicode_text_compose(s, cases[i].text, &composed), OK);
		assert_string_equal(composed, cases[i].composed);
		assert_int_equal(unicode_text_decompose(s, cases[i].text, &decomposed), OK);
		assert_string_equal(decomposed, cases[i].decomposed);
	}
	scope_free(s);
}

/* What decomposes most: four UTF-16 units of one. */
static void test_decomposed_length(void **state)
{
	struct scope *s = scope_new(0);
	struct buf b = buf_new(s, SIZE_MAX);
	char *text, *apart;
	(void)state;
	for (size_t i = 0; i < LIMIT_UNICODE_TEXT / 3; i++)
		buf_add_str(&b, "\xe1\xbe\x82"); /* U+1F82 */
	assert_int_equal(buf_done_str(&b, &text), OK);
	assert_int_equal(unicode_text_decompose(s, text, &apart), OK);
	assert_int_equal(strlen(apart), 8 * (LIMIT_UNICODE_TEXT / 3));
	scope_free(s);
}

#define SHALOM "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d"
#define CLEF "\xf0\x9d\x84\x9e" /* outside of the basic plane */

static void test_runs(void **state)
{
	static const struct {
		const char *text;
		size_t n;
		struct unicode_text_run run[4];
	} cases[] = {
		{ "", 0, { { 0, 0, false } } },
		{ "ab 12", 1, { { 0, 5, false } } },
		{ SHALOM, 1, { { 0, 8, true } } },
		{ CLEF "a " SHALOM " b", 3, { { 0, 6, false }, { 6, 8, true }, { 14, 2, false } } },
		/* The line runs to the left: its last part stands first. */
		{ SHALOM " 12", 2, { { 9, 2, false }, { 0, 9, true } } },
	};
	struct scope *s = scope_new(0);
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct unicode_text_run *run;
		size_t n;
		assert_int_equal(unicode_text_runs(s, cases[i].text, &run, &n), OK);
		assert_int_equal(n, cases[i].n);
		for (size_t k = 0; k < n; k++) {
			assert_int_equal(run[k].at, cases[i].run[k].at);
			assert_int_equal(run[k].n, cases[i].run[k].n);
			assert_int_equal(run[k].right_to_left, cases[i].run[k].right_to_left);
		}
	}
	scope_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_decomposed_length),
		cmocka_unit_test(test_runs),
		cmocka_unit_test(test_fold),
		cmocka_unit_test(test_length),
		cmocka_unit_test(test_matches),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
