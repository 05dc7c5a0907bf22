/* Names of files as people see them, keys and preferences of requests. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/scope.h"
#include "service/front/sealing_intake.h"
#include "service/front/upload_file.h"

static void named(const char *told, const char *want)
{
	struct scope *s = scope_new(0);
	const struct http_part part = { .name = "document", .file_name = told };
	const char *name;
	assert_int_equal(upload_file_name(s, &part, 7, &name), OK);
	assert_string_equal(name, want);
	scope_free(s);
}

static void names(void **state)
{
	(void)state;
	named("form.pdf", "form.pdf");
	named("\xc5\xb1r\xc5\x91lap.pdf", "\xc5\xb1r\xc5\x91lap.pdf");
	named(NULL, "document-7.pdf");
	named("", "document-7.pdf");
	named("a\nb\x7f.pdf", "a_b_.pdf");
	named("fdp\xe2\x80\xae.exe", "fdp_.exe");
	named("a\xe2\x80\x8b\xef\xbb\xbf\xc2\x85z", "a___z");
	named("a\xd8\x9c\xd8\xa7", "a_\xd8\xa7");
}

/* Cut between characters. */
static void long_names(void **state)
{
	char told[LIMIT_UPLOAD_NAME * 2 + 1];
	struct scope *s = scope_new(0);
	const struct http_part part = { .name = "document", .file_name = told };
	const char *name;
	(void)state;
	for (size_t i = 0; i < LIMIT_UPLOAD_NAME; i++)
		memcpy(told + 2 * i, "\xc3\xa9", 2);
	told[sizeof told - 1] = 0;
	assert_int_equal(upload_file_name(s, &part, 1, &name), OK);
	assert_true(strlen(name) <= LIMIT_UPLOAD_NAME && strlen(name) >= LIMIT_UPLOAD_NAME - 4);
	assert_int_equal(strlen(name) % 2, 0);
	scope_free(s);
}

static void plain_texts(void **state)
{
	(void)state;
	assert_true(upload_file_is_plain(""));
	assert_true(upload_file_is_plain("a \xe2\x82\xac"));
	assert_false(upload_file_is_plain("a\tb"));
	assert_false(upload_file_is_plain("\xe2\x81\xa6"));
	assert_false(upload_file_is_plain("x\xc2\x80"));
	assert_true(upload_file_is_plain("x\xc2\xa0"));
}

static void keys(void **state)
{
	char longest[LIMIT_SEALING_REFERENCE + 2];
	(void)state;
	memset(longest, 'k', sizeof longest);
	longest[LIMIT_SEALING_REFERENCE] = 0;
	assert_true(sealing_intake_is_key(longest));
	longest[LIMIT_SEALING_REFERENCE] = 'k';
	longest[LIMIT_SEALING_REFERENCE + 1] = 0;
	assert_false(sealing_intake_is_key(longest));
	assert_true(sealing_intake_is_key("0b1e-~!"));
	assert_false(sealing_intake_is_key(""));
	assert_false(sealing_intake_is_key("a b"));
	assert_false(sealing_intake_is_key("a\xc3\xa9"));
}

static unsigned wait_of(const char *prefer)
{
	const struct http_request_pair header[] = { { "Prefer", prefer }, { 0 } };
	const struct http_request_values values = { .header = prefer ? header : NULL };
	const struct http_request q = { .values = &values };
	return sealing_intake_wait(&q);
}

static void preferences(void **state)
{
	(void)state;
	assert_int_equal(wait_of(NULL), 0);
	assert_int_equal(wait_of("wait=10"), 10);
	assert_int_equal(wait_of("respond-async, Wait=10"), 10);
	assert_int_equal(wait_of("wait=999999999999999999999"), 3600);
	assert_int_equal(wait_of("await=10"), 0);
	assert_int_equal(wait_of("wait=x"), 0);
	assert_int_equal(wait_of(",,, "), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(long_names),
		cmocka_unit_test(plain_texts),
		cmocka_unit_test(keys),
		cmocka_unit_test(preferences),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
