#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/scope.h"
#include "sealer/draft.h"

static void test_grows_and_keeps_old_spans(void **state)
{
	struct scope *s = scope_new(0);
	struct draft *d;
	(void)state;
	assert_int_equal(draft_in_memory(s, BYTES_LIT("one"), &d), OK);
	struct bytes first = d->document;
	assert_int_equal(d->append(d, s, BYTES_LIT(" two")), OK);
	struct bytes second = d->document;
	assert_int_equal(d->append(d, s, BYTES_NONE), OK);
	assert_int_equal(d->append(d, s, BYTES_LIT(" three")), OK);
	assert_true(bytes_equal_str(first, "one"));
	assert_true(bytes_equal_str(second, "one two"));
	assert_true(bytes_equal_str(d->document, "one two three"));
	scope_free(s);
}

static void test_begins_empty(void **state)
{
	struct scope *s = scope_new(0);
	struct draft *d;
	(void)state;
	assert_int_equal(draft_in_memory(s, BYTES_NONE, &d), OK);
	assert_int_equal(d->document.n, 0);
	assert_int_equal(d->append(d, s, BYTES_LIT("x")), OK);
	assert_true(bytes_equal_str(d->document, "x"));
	scope_free(s);
}

static void test_out_of_memory(void **state)
{
	struct scope *s = scope_new(0);
	struct draft *d;
	(void)state;
	assert_int_equal(draft_in_memory(s, BYTES_LIT("one"), &d), OK);
	scope_fail_after(s, 1);
	assert_int_equal(d->append(d, s, BYTES_LIT("two")), ERR_NOMEM);
	assert_true(bytes_equal_str(d->document, "one"));
	scope_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_grows_and_keeps_old_spans),
		cmocka_unit_test(test_begins_empty),
		cmocka_unit_test(test_out_of_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
