#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "service/exit_status.h"

static void test_each_error_has_its_status(void **state)
{
	(void)state;
	static const struct {
		enum err e;
		int status;
	} table[] = {
		{ OK, 0 },
		{ ERR_FORMAT, 65 },
		{ ERR_UNSUPPORTED, 65 },
		{ ERR_LIMIT, 65 },
		{ ERR_DENIED, 65 },
		{ ERR_NET, 69 },
		{ ERR_NOMEM, 70 },
		{ ERR_CRYPTO, 70 },
		{ ERR_MISUSE, 70 },
		{ ERR_INTERNAL, 70 },
		{ ERR_IO, 74 },
	};
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		assert_int_equal(exit_status_of_err(table[i].e), table[i].status);
}

static void test_verdicts(void **state)
{
	(void)state;
	assert_int_equal(exit_status_of_conclusion(CONCLUSION_TOTAL_PASSED), 0);
	assert_int_equal(exit_status_of_conclusion(CONCLUSION_TOTAL_FAILED), 1);
	assert_int_equal(exit_status_of_conclusion(CONCLUSION_INDETERMINATE), 2);
	assert_int_equal(exit_status_of_conclusion(CONCLUSION_NO_SIGNATURE), 2);
}

/* From the best to the worst. */
static void test_the_worst_counts(void **state)
{
	(void)state;
	static const int order[] = { 0, 2, 1, 65, 70, 74 };
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		for (size_t j = 0; j <= i; j++) {
			assert_int_equal(exit_status_worse(order[i], order[j]), order[i]);
			assert_int_equal(exit_status_worse(order[j], order[i]), order[i]);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_error_has_its_status),
		cmocka_unit_test(test_verdicts),
		cmocka_unit_test(test_the_worst_counts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
