#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/limits.h"
#include "service/password_rule.h"

static unsigned unmet(const char *password)
{
	return password_rule_unmet(bytes_of_str(password));
}

static void test_good_ones(void **state)
{
	(void)state;
	assert_int_equal(unmet("Abcdefghij1."), 0);
	assert_int_equal(unmet("correct Horse 9"), 0);
	/* Twelve characters, whatever number of octets; letters of any script with case. */
	assert_int_equal(unmet("Árvíztűrő 1."), 0);
	assert_int_equal(unmet("Жщюфываполд1漢"), 0);
}

static void test_each_part(void **state)
{
	(void)state;
	assert_int_equal(unmet("Abcdefghi1."), PASSWORD_RULE_LENGTH);
	assert_int_equal(unmet("ÁRVÍZTŰŐ 1é"), PASSWORD_RULE_LENGTH);
	assert_int_equal(unmet("ABCDEFGHIJ1."), PASSWORD_RULE_LOWER);
	assert_int_equal(unmet("abcdefghij1."), PASSWORD_RULE_UPPER);
	assert_int_equal(unmet("Abcdefghijk."), PASSWORD_RULE_DIGIT);
	assert_int_equal(unmet("Abcdefghijk1"), PASSWORD_RULE_OTHER);
	assert_int_equal(
	    unmet("aaaaaaaaaaaa"), PASSWORD_RULE_UPPER | PASSWORD_RULE_DIGIT | PASSWORD_RULE_OTHER);
	assert_int_equal(unmet(""), PASSWORD_RULE_LENGTH | PASSWORD_RULE_LOWER |
					PASSWORD_RULE_UPPER | PASSWORD_RULE_DIGIT |
					PASSWORD_RULE_OTHER);
}

static void test_what_is_no_text(void **state)
{
	(void)state;
	assert_true(unmet("Abcdefghij1.\n") & PASSWORD_RULE_TEXT);
	assert_true(unmet("Abcdefghij1.\x80") & PASSWORD_RULE_TEXT);
	assert_true(unmet("Abcdefghij1.\xc3") & PASSWORD_RULE_TEXT);
	assert_true(
	    password_rule_unmet(bytes_of("Abcdefghij1.", 13)) & PASSWORD_RULE_TEXT); /* its NUL */
	char octets[LIMIT_PASSWORD + 1];
	memset(octets, 'a', sizeof(octets));
	memcpy(octets, "A1.", 3);
	assert_int_equal(password_rule_unmet(bytes_of(octets, LIMIT_PASSWORD)), 0);
	assert_int_equal(
	    password_rule_unmet(bytes_of(octets, LIMIT_PASSWORD + 1)), PASSWORD_RULE_TEXT);
}

static void test_each_part_has_words(void **state)
{
	(void)state;
	for (unsigned bit = PASSWORD_RULE_LENGTH; bit <= PASSWORD_RULE_TEXT; bit *= 2)
		for (unsigned other = PASSWORD_RULE_LENGTH; other < bit; other *= 2)
			assert_string_not_equal(password_rule_text((enum password_rule)bit),
			    password_rule_text((enum password_rule)other));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good_ones),
		cmocka_unit_test(test_each_part),
		cmocka_unit_test(test_what_is_no_text),
		cmocka_unit_test(test_each_part_has_words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
