/* service/text_difference: which words went and which came */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/scope.h"
#include "service/text_difference.h"

static int setup(void **state)
{
	*state = scope_new(0);
	return *state ? 0 : 1;
}

static int teardown(void **state)
{
	scope_free(*state);
	return 0;
}

static struct text_difference find(struct scope *s, const char *before, const char *after)
{
	struct text_difference d;
	assert_int_equal(
	    text_difference_find(s, bytes_of_str(before), bytes_of_str(after), &d), OK);
	return d;
}

/* "lead[-before-]{+after+}trail;" for each change. */
static void assert_changes(
    struct scope *s, const char *before, const char *after, const char *wanted)
{
	struct text_difference d = find(s, before, after);
	struct buf b = buf_new(s, 100000);
	char *told;
	for (size_t i = 0; i < d.n; i++)
		buf_addf(&b, "%s[-%s-]{+%s+}%s;", d.change[i].lead, d.change[i].before,
		    d.change[i].after, d.change[i].trail);
	assert_int_equal(buf_done_str(&b, &told), OK);
	assert_string_equal(told, wanted);
}

static void the_same_words_do_not_differ(void **state)
{
	assert_changes(*state, "", "", "");
	assert_changes(*state, "one two\nthree", "  one\ttwo three \n", "");
	assert_changes(*state, " \n", "", "");
}

static void words_are_told_with_those_around_them(void **state)
{
	assert_changes(*state, "Pay 100 EUR to Bob now", "Pay 900 EUR to Bob now",
	    "Pay[-100-]{+900+}EUR to Bob now;");
	assert_changes(*state, "a b c d e f g h i j k", "a b c d e f X h i j k l",
	    "c d e f[-g-]{+X+}h i j k;h i j k[--]{+l+};");
}

static void all_may_come_or_go(void **state)
{
	assert_changes(*state, "", "one two", "[--]{+one two+};");
	assert_changes(*state, "one two", "", "[-one two-]{++};");
	assert_changes(*state, "a b", "c d", "[-a b-]{+c d+};");
}

static void the_fewest_words_are_told(void **state)
{
	/* The example of the paper: five steps. */
	struct text_difference d = find(*state, "A B C A B B A", "C B A B A C");
	assert_int_equal(d.removed + d.added, 5);
	d = find(*state, "x a b c", "a b c y");
	assert_int_equal(d.removed, 1);
	assert_int_equal(d.added, 1);
}

static void letters_beyond_ascii_are_words(void **state)
{
	assert_changes(*state, "\xc3\xa1rv\xc3\xadz t\xc5\xb1r\xc5\x91",
	    "\xc3\xa1rv\xc3\xadz tuk\xc3\xb6r",
	    "\xc3\xa1rv\xc3\xadz[-t\xc5\xb1r\xc5\x91-]{+tuk\xc3\xb6r+};");
}

/* Against a plain table of the longest common subsequence. */
static size_t steps_by_table(const uint8_t *a, size_t n, const uint8_t *b, size_t m)
{
	size_t table[20][20] = { { 0 } };
	for (size_t i = 1; i <= n; i++)
		for (size_t k = 1; k <= m; k++) {
			size_t up = table[i - 1][k], left = table[i][k - 1];
			table[i][k] = a[i - 1] == b[k - 1] ? table[i - 1][k - 1] + 1
				      : up > left          ? up
							   : left;
		}
	return n + m - 2 * table[n][m];
}

static void write_words(char *to, const uint8_t *letters, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		to[2 * i] = (char)letters[i];
		to[2 * i + 1] = ' ';
	}
	to[2 * n] = 0;
}

static void it_is_right_for_any_words(void **state)
{
	uint32_t seed = 1;
	for (int round = 0; round < 2000; round++) {
		uint8_t a[16], b[16];
		char before[40], after[40];
		size_t n[2];
		for (size_t i = 0; i < 2; i++) {
			n[i] = (seed = seed * 1664525 + 1013904223) >> 28;
			for (size_t k = 0; k < n[i]; k++)
				(i ? b : a)[k] =
				    (uint8_t)('a' + ((seed = seed * 1664525 + 1013904223) >> 30));
		}
		write_words(before, a, n[0]);
		write_words(after, b, n[1]);
		struct text_difference d = find(*state, before, after);
		assert_int_equal(d.removed + d.added, steps_by_table(a, n[0], b, n[1]));
		assert_int_equal(n[0] - d.removed, n[1] - d.added);
	}
}

static const char *numbers(struct scope *s, unsigned from, unsigned n, unsigned step)
{
	struct buf b = buf_new(s, 10000000);
	char *text;
	for (unsigned i = 0; i < n; i++)
		buf_addf(&b, "%u ", from + i * step);
	assert_int_equal(buf_done_str(&b, &text), OK);
	return text;
}

static void many_changes_are_one(void **state)
{
	const unsigned half = LIMIT_TEXT_DIFFERENCE / 2;
	struct text_difference d =
	    find(*state, numbers(*state, 0, half, 1), numbers(*state, 100000, half, 1));
	assert_int_equal(d.n, 1);
	assert_int_equal(d.removed, half);
	/* One word more than is searched for: the words around it are still found. */
	struct buf x = buf_new(*state, 1 << 20), y = buf_new(*state, 1 << 20);
	char *was, *is;
	buf_addf(&x, "same %s kept %s end", numbers(*state, 0, 10, 1), "z");
	buf_add_str(&y, "same ");
	buf_add_str(&y, numbers(*state, 100000, LIMIT_TEXT_DIFFERENCE, 1));
	buf_add_str(&y, " kept z end");
	assert_int_equal(buf_done_str(&x, &was), OK);
	assert_int_equal(buf_done_str(&y, &is), OK);
	d = find(*state, was, is);
	assert_int_equal(d.n, 1);
	assert_string_equal(d.change[0].lead, "same");
	assert_string_equal(d.change[0].trail, "kept z end");
	assert_int_equal(d.removed, 10);
	assert_int_equal(d.added, LIMIT_TEXT_DIFFERENCE);
}

static void changes_beyond_the_limit_are_counted(void **state)
{
	struct text_difference d = find(*state, numbers(*state, 0, LIMIT_TEXT_CHANGES + 3, 2),
	    numbers(*state, 0, 2 * (LIMIT_TEXT_CHANGES + 3), 1));
	assert_int_equal(d.n, LIMIT_TEXT_CHANGES);
	assert_int_equal(d.n_more, 3);
	assert_int_equal(d.added, LIMIT_TEXT_CHANGES + 3);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_same_words_do_not_differ),
		TEST(words_are_told_with_those_around_them),
		TEST(all_may_come_or_go),
		TEST(the_fewest_words_are_told),
		TEST(letters_beyond_ascii_are_words),
		TEST(it_is_right_for_any_words),
		TEST(many_changes_are_one),
		TEST(changes_beyond_the_limit_are_counted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
