/* service/page_match: which page of the document as it was is which page of it now */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/buf.h"
#include "service/page_match.h"

#define MOST 8

/* One letter for the object of each page; "?": none. */
static struct page_match_list list_of(const char *letters, uint32_t objects[MOST])
{
	struct page_match_list l = { .objects = objects };
	for (; letters[l.n_shown]; l.n_shown++)
		objects[l.n_shown] = letters[l.n_shown] == '?' ? 0 : (uint32_t)letters[l.n_shown];
	l.n_objects = l.n_shown;
	return l;
}

/* "11 22 -3 4-": sealed and now, "-" for none. */
static void assert_matches(const char *sealed, const char *now, const char *wanted, bool by_object)
{
	struct scope *s = scope_new(0);
	struct buf b = buf_new(s, 1000);
	uint32_t objects[2][MOST];
	struct page_match_list was = list_of(sealed, objects[0]), is = list_of(now, objects[1]);
	struct page_match *match;
	size_t n;
	bool known;
	char *text;
	assert_int_equal(page_match_find(s, &was, &is, &match, &n, &known), OK);
	for (size_t i = 0; i < n; i++) {
		buf_add_str(&b, i ? " " : "");
		buf_add_byte(&b, match[i].sealed ? (uint8_t)('0' + match[i].sealed) : '-');
		buf_add_byte(&b, match[i].now ? (uint8_t)('0' + match[i].now) : '-');
	}
	assert_int_equal(buf_done_str(&b, &text), OK);
	assert_string_equal(text, wanted);
	assert_int_equal(known, by_object);
	scope_free(s);
}

static void the_same_pages_face_each_other(void **state)
{
	(void)state;
	assert_matches("abc", "abc", "11 22 33", true);
}

static void pages_are_added_and_removed(void **state)
{
	(void)state;
	assert_matches("abc", "xabc", "-1 12 23 34", true);
	assert_matches("abc", "abxc", "11 22 -3 34", true);
	assert_matches("abc", "abcx", "11 22 33 -4", true);
	assert_matches("abc", "bc", "1- 21 32", true);
	assert_matches("abc", "ac", "11 2- 32", true);
	assert_matches("abc", "ab", "11 22 3-", true);
}

static void what_came_faces_what_went(void **state)
{
	(void)state;
	assert_matches("abc", "axc", "11 22 33", true);
	assert_matches("abcd", "axd", "11 22 3- 43", true);
	assert_matches("ab", "axyb", "11 -2 -3 24", true);
	assert_matches("abc", "xyz", "11 22 33", true);
}

static void a_page_that_moved_was_removed_and_added(void **state)
{
	(void)state;
	assert_matches("abc", "bca", "1- 21 32 -3", true);
}

static void the_same_object_twice_is_two_pages(void **state)
{
	(void)state;
	assert_matches("aa", "aaa", "11 22 -3", true);
}

static void without_objects_numbers_match(void **state)
{
	(void)state;
	assert_matches("a?c", "abcd", "11 22 33 -4", false);
	assert_matches("abc", "?", "11 2- 3-", false);
}

static void a_reader_that_counts_otherwise_is_not_believed(void **state)
{
	(void)state;
	struct scope *s = scope_new(0);
	uint32_t objects[2][MOST];
	struct page_match_list was = list_of("abc", objects[0]), is = list_of("xabc", objects[1]);
	struct page_match *match;
	size_t n;
	bool known;
	is.n_shown = 3;
	assert_int_equal(page_match_find(s, &was, &is, &match, &n, &known), OK);
	assert_false(known);
	assert_int_equal(n, 3);
	assert_int_equal(match[0].now, 1);
	scope_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_pages_face_each_other),
		cmocka_unit_test(pages_are_added_and_removed),
		cmocka_unit_test(what_came_faces_what_went),
		cmocka_unit_test(a_page_that_moved_was_removed_and_added),
		cmocka_unit_test(the_same_object_twice_is_two_pages),
		cmocka_unit_test(without_objects_numbers_match),
		cmocka_unit_test(a_reader_that_counts_otherwise_is_not_believed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
