#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/scope.h"
#include "service/password_hash.h"

static struct password_hash_answer check(struct scope *s, const char *password, const char *encoded)
{
	struct password_hash_answer a;
	assert_int_equal(password_hash_check(s, bytes_of_str(password), encoded, &a), OK);
	return a;
}

static void test_right_and_wrong(void **state)
{
	struct scope *s = scope_new(0);
	const char *one, *other;
	(void)state;
	assert_int_equal(password_hash_make(s, BYTES_LIT("Secret word 1"), &one), OK);
	assert_int_equal(password_hash_make(s, BYTES_LIT("Secret word 1"), &other), OK);
	assert_string_not_equal(one, other); /* salted */
	assert_int_equal(strncmp(one, "$scrypt$15$8$1$", 15), 0);
	assert_true(check(s, "Secret word 1", one).is_right);
	assert_false(check(s, "Secret word 1", one).is_old);
	assert_false(check(s, "Secret word 2", one).is_right);
	assert_false(check(s, "", one).is_right);
	scope_free(s);
}

static void test_the_empty_one(void **state)
{
	struct scope *s = scope_new(0);
	const char *encoded;
	(void)state;
	assert_int_equal(password_hash_make(s, BYTES_NONE, &encoded), OK);
	assert_true(check(s, "", encoded).is_right);
	assert_false(check(s, "x", encoded).is_right);
	scope_free(s);
}

static void test_nobody_is_never_right(void **state)
{
	struct scope *s = scope_new(0);
	(void)state;
	assert_false(check(s, "Secret word 1", NULL).is_right);
	assert_false(check(s, "", NULL).is_right);
	scope_free(s);
}

/* The value is that of another implementation (hashlib.scrypt of Python): N = 1024, r = 8, p = 2, a
 * salt of zeros. */
static void test_other_parameters_are_old(void **state)
{
	struct scope *s = scope_new(0);
	(void)state;
	const char *encoded =
	    "$scrypt$10$8$2$AAAAAAAAAAAAAAAAAAAAAA==$w/rNEoLyfUat80F9c2XooTaNkKhS3YA+LOyA7td34W0=";
	struct password_hash_answer a = check(s, "password", encoded);
	assert_true(a.is_right);
	assert_true(a.is_old);
	a = check(s, "passwords", encoded);
	assert_false(a.is_right);
	assert_false(a.is_old);
	scope_free(s);
}

static void test_what_is_none_of_ours(void **state)
{
	static const char *const texts[] = { "", "x", "$scrypt$", "$scrypt$15$8$1$AAAA$AAAA",
		"$scrypt$15$8$1$AAAAAAAAAAAAAAAAAAAAAA==$AAAA",
		"$scrypt$15$8$1$AAAAAAAAAAAAAAAAAAAAAA==",
		"$scrypt$0$8$1$AAAAAAAAAAAAAAAAAAAAAA==$w/"
		"rNEoLyfUat80F9c2XooTaNkKhS3YA+LOyA7td34W0=",
		"$scrypt$21$8$1$AAAAAAAAAAAAAAAAAAAAAA==$w/"
		"rNEoLyfUat80F9c2XooTaNkKhS3YA+LOyA7td34W0=",
		"$scrypt$10$8$2$AAAAAAAAAAAAAAAAAAAAAA==$w/"
		"rNEoLyfUat80F9c2XooTaNkKhS3YA+LOyA7td34W0=$",
		"$bcrypt$10$8$2$AAAAAAAAAAAAAAAAAAAAAA==$w/"
		"rNEoLyfUat80F9c2XooTaNkKhS3YA+LOyA7td34W0=" };
	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct scope *s = scope_new(0);
		struct password_hash_answer a;
		assert_int_equal(
		    password_hash_check(s, BYTES_LIT("password"), texts[i], &a), ERR_FORMAT);
		scope_free(s);
	}
}

/* Parameters that would take all memory end with an error, not with the process. */
static void test_costly_parameters(void **state)
{
	struct scope *s = scope_new(0);
	struct password_hash_answer a;
	(void)state;
	assert_int_equal(password_hash_check(s, BYTES_LIT("password"),
			     "$scrypt$20$99$1$AAAAAAAAAAAAAAAAAAAAAA==$w/"
			     "rNEoLyfUat80F9c2XooTaNkKhS3YA+LOyA7td34W0=",
			     &a),
	    ERR_CRYPTO);
	scope_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_right_and_wrong),
		cmocka_unit_test(test_the_empty_one),
		cmocka_unit_test(test_nobody_is_never_right),
		cmocka_unit_test(test_other_parameters_are_old),
		cmocka_unit_test(test_what_is_none_of_ours),
		cmocka_unit_test(test_costly_parameters),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
