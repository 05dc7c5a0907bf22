#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/limits.h"
#include "base/scope.h"

static void assert_zero(const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		assert_int_equal(p[i], 0);
}

static void test_memory_is_zeroed_aligned_apart(void **state)
{
	struct scope *s = *state;
	static const size_t sizes[] = { 0, 1, 15, 16, 17, 5000, 16384, 20000, 3 << 20, 1, 40000 };
	uint8_t *made[sizeof(sizes) / sizeof(sizes[0])];
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		made[i] = scope_alloc(s, sizes[i]);
		assert_non_null(made[i]);
		assert_int_equal((uintptr_t)made[i] % alignof(max_align_t), 0);
		assert_zero(made[i], sizes[i]);
		if (sizes[i])
			memset(made[i], (int)i + 1, sizes[i]);
	}
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		for (size_t j = 0; j < sizes[i]; j++)
			assert_int_equal(made[i][j], i + 1);
}

static void test_budget_is_exact(void **state)
{
	(void)state;
	struct scope *s = scope_new(64);
	assert_non_null(s);
	assert_non_null(scope_alloc(s, 48));
	assert_int_equal(scope_used(s), 48);
	assert_null(scope_alloc(s, 17));
	assert_int_equal(scope_fault_code(s), ERR_NOMEM);
	assert_non_null(scope_alloc(s, 16));
	assert_null(scope_alloc(s, 0));
	assert_int_equal(scope_used(s), 64);
	scope_free(s);
}

static void test_impossible_sizes(void **state)
{
	(void)state;
	struct scope *s = scope_new(SIZE_MAX);
	assert_non_null(s);
	assert_null(scope_alloc(s, SIZE_MAX));
	assert_null(scope_alloc(s, SIZE_MAX - 16));
	assert_null(scope_alloc_array(s, SIZE_MAX / 2, 3));
	assert_null(scope_resize(s, NULL, 0, SIZE_MAX));
	assert_int_equal(scope_used(s), 0);
	assert_int_equal(scope_fault_code(s), ERR_NOMEM);
	scope_free(s);
}

static void test_resize_counts_what_is_held(void **state)
{
	(void)state;
	struct scope *s = scope_new(1000);
	uint8_t *p = scope_resize(s, NULL, 0, 600);
	assert_non_null(p);
	assert_int_equal(scope_used(s), 600);
	memset(p, 7, 600);
	p = scope_resize(s, p, 600, 1000);
	assert_non_null(p);
	assert_int_equal(scope_used(s), 1000);
	for (int i = 0; i < 600; i++)
		assert_int_equal(p[i], 7);
	assert_null(scope_resize(s, p, 1000, 1001));
	assert_int_equal(scope_used(s), 1000);
	assert_int_equal(p[599], 7);
	p = scope_resize(s, p, 1000, 10);
	assert_non_null(p);
	assert_int_equal(scope_used(s), 10);
	assert_int_equal(p[9], 7);
	scope_free(s);
}

static void test_blocks_move_independently(void **state)
{
	struct scope *s = *state;
	uint8_t *p[3] = { NULL, NULL, NULL };
	for (size_t n = 1; n < 200000; n *= 3)
		for (int i = 0; i < 3; i++) {
			p[i] = scope_resize(s, p[i], n / 3, n);
			assert_non_null(p[i]);
			memset(p[i], i + 1, n);
			assert_int_equal(
			    p[(i + 2) % 3] ? p[(i + 2) % 3][0] : (i + 2) % 3 + 1, (i + 2) % 3 + 1);
		}
}

static char released[8];

static void release(void *obj)
{
	size_t n = strlen(released);
	released[n] = *(char *)obj;
	released[n + 1] = '\0';
}

static void test_owned_objects_go_in_reverse(void **state)
{
	(void)state;
	char a = 'a', b = 'b', c = 'c';
	released[0] = '\0';
	struct scope *s = scope_new(0);
	assert_int_equal(scope_own(s, &a, release), OK);
	assert_int_equal(scope_own(s, &b, release), OK);
	assert_int_equal(scope_own(s, NULL, release), ERR_NOMEM);
	scope_fail_after(s, 1);
	assert_int_equal(scope_own(s, &c, release), ERR_NOMEM);
	assert_string_equal(released, "c");
	scope_free(s);
	assert_string_equal(released, "cba");
	scope_free(NULL);
}

static void test_first_fault_stays(void **state)
{
	struct scope *s = *state;
	assert_int_equal(scope_fault_code(s), OK);
	assert_string_equal(scope_fault_text(s), "");
	assert_int_equal(scope_fault(s, ERR_FORMAT, "one: %d\n\x1b[1m\x7f", 1), ERR_FORMAT);
	assert_int_equal(scope_fault(s, ERR_NET, "two"), ERR_NET);
	assert_string_equal(scope_fault_text(s), "one: 1??[1m?");
	assert_int_equal(scope_fault_code(s), ERR_FORMAT);
	assert_int_equal(scope_fault_in(s, ERR_FORMAT, "doing"), ERR_FORMAT);
	assert_string_equal(scope_fault_text(s), "doing: one: 1??[1m?");
	scope_forgive(s);
	assert_int_equal(scope_fault_code(s), OK);
	assert_string_equal(scope_fault_text(s), "");
	assert_int_equal(scope_fault_in(s, ERR_IO, "reading"), ERR_IO);
	assert_string_equal(scope_fault_text(s), "reading: input/output failed");
}

static void test_fault_text_is_cut(void **state)
{
	struct scope *s = *state;
	char longer[LIMIT_FAULT_TEXT + 100];
	memset(longer, 'x', sizeof(longer));
	longer[sizeof(longer) - 1] = '\0';
	assert_int_equal(scope_fault(s, ERR_FORMAT, "%s", longer), ERR_FORMAT);
	assert_int_equal(strlen(scope_fault_text(s)), LIMIT_FAULT_TEXT - 1);
	assert_int_equal(scope_fault_in(s, ERR_FORMAT, "prefix"), ERR_FORMAT);
	assert_int_equal(strlen(scope_fault_text(s)), LIMIT_FAULT_TEXT - 1);
	assert_memory_equal(scope_fault_text(s), "prefix: xxx", 11);
}

static void test_fail_after(void **state)
{
	struct scope *s = *state;
	scope_fail_after(s, 3);
	assert_non_null(scope_alloc(s, 1));
	void *block = scope_resize(s, NULL, 0, 8);
	assert_non_null(block);
	assert_null(scope_alloc(s, 1));
	assert_null(scope_resize(s, block, 8, 16));
	scope_fail_after(s, 0);
	assert_non_null(scope_alloc(s, 1));
}

static void test_an_account_is_shared(void **state)
{
	(void)state;
	struct scope_account account = { .most = 4096 };
	struct scope *a = scope_new(0), *b = scope_new(0);
	scope_charge(a, &account);
	scope_charge(b, &account);
	assert_non_null(scope_alloc(a, 2048));
	void *block = scope_resize(b, NULL, 0, 2048);
	assert_non_null(block);
	assert_null(scope_alloc(a, 1));
	assert_int_equal(scope_fault_code(a), ERR_NOMEM);
	assert_null(scope_resize(b, block, 2048, 2049));
	block = scope_resize(b, block, 2048, 1024);
	assert_non_null(block);
	assert_non_null(scope_alloc(a, 1024));
	assert_int_equal(account.held, 4096);
	scope_free(a);
	assert_int_equal(account.held, 1024);
	scope_free(b);
	assert_int_equal(account.held, 0);
}

static int set_up(void **state)
{
	*state = scope_new(0);
	return *state ? 0 : -1;
}

static int tear_down(void **state)
{
	scope_free(*state);
	return 0;
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_memory_is_zeroed_aligned_apart),
		T(test_budget_is_exact),
		T(test_impossible_sizes),
		T(test_resize_counts_what_is_held),
		T(test_blocks_move_independently),
		T(test_owned_objects_go_in_reverse),
		T(test_first_fault_stays),
		T(test_fault_text_is_cut),
		T(test_fail_after),
		T(test_an_account_is_shared),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
