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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fold),
		cmocka_unit_test(test_length),
		cmocka_unit_test(test_matches),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
