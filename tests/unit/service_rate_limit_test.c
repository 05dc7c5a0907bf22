#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/limits.h"
#include "service/front/rate_limit.h"

static struct rate_limit *r;

static int setup(void **state)
{
	(void)state;
	return (r = rate_limit_new()) ? 0 : 1;
}

static int teardown(void **state)
{
	(void)state;
	rate_limit_free(r);
	return 0;
}

static void test_burst_and_refill(void **state)
{
	(void)state;
	for (int i = 0; i < 5; i++)
		assert_int_equal(rate_limit_take(r, "a", 60, 5, 1000), 0);
	assert_int_equal(rate_limit_take(r, "a", 60, 5, 1000), 2);
	assert_int_equal(rate_limit_take(r, "a", 60, 5, 1999), 1); /* one comes each second */
	assert_int_equal(rate_limit_take(r, "a", 60, 5, 2000), 0);
	assert_int_equal(rate_limit_take(r, "a", 60, 5, 2000), 2);
	/* A long rest fills it up to the burst, and not beyond. */
	for (int i = 0; i < 5; i++)
		assert_int_equal(rate_limit_take(r, "a", 60, 5, 100000000), 0);
	assert_int_not_equal(rate_limit_take(r, "a", 60, 5, 100000000), 0);
}

static void test_keys(void **state)
{
	(void)state;
	assert_int_equal(rate_limit_take(r, "a", 1, 1, 0), 0);
	assert_int_not_equal(rate_limit_take(r, "a", 1, 1, 0), 0);
	assert_int_equal(rate_limit_take(r, "b", 1, 1, 0), 0);
	assert_int_equal(rate_limit_take(r, "", 1, 1, 0), 0);
	assert_int_equal(rate_limit_take(r, "a longer key than eight octets", 1, 1, 0), 0);
	assert_int_not_equal(rate_limit_take(r, "a longer key than eight octets", 1, 1, 0), 0);
	assert_int_equal(rate_limit_take(r, "a longer key than eight octetz", 1, 1, 0), 0);
}

static void test_no_limit(void **state)
{
	(void)state;
	for (int i = 0; i < 1000; i++)
		assert_int_equal(rate_limit_take(r, "a", 0, 1, 0), 0);
	/* A clock that goes back gives nothing, and breaks nothing. */
	assert_int_equal(rate_limit_take(r, "b", 60, 1, 5000), 0);
	assert_int_not_equal(rate_limit_take(r, "b", 60, 1, 1000), 0);
	assert_int_equal(rate_limit_take(r, "b", UINT32_MAX, UINT32_MAX, 100000), 0);
}

/* More keys than there is room for: nothing grows, whoever asked last is still known. */
static void test_many_keys(void **state)
{
	char key[32];
	(void)state;
	for (int i = 0; i < 3 * LIMIT_RATE_KEYS; i++) {
		snprintf(key, sizeof(key), "192.0.2.%d", i);
		assert_int_equal(rate_limit_take(r, key, 1, 1, i), 0);
		assert_int_not_equal(rate_limit_take(r, key, 1, 1, i), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
		T(test_burst_and_refill),
		T(test_keys),
		T(test_no_limit),
		T(test_many_keys),
#undef T
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
