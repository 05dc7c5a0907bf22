/* Key files under the service key. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/scope.h"
#include "service/keeper/keeper_wrap.h"
#include "tests/support/keeper_bench.h"

static void wrapping_tells_every_change(void **state)
{
	(void)state;
	struct scope *s = scope_new(0);
	const struct bytes key = keeper_bench_service_key();
	const struct bytes content = BYTES_LIT("what a person brought");
	struct bytes wrapped, again, out;
	assert_int_equal(keeper_wrap_close(s, key, content, &wrapped), OK);
	assert_int_equal(keeper_wrap_close(s, key, content, &again), OK);
	assert_int_equal(wrapped.n, content.n + KEEPER_WRAP_MORE);
	assert_false(bytes_equal(wrapped, again));
	assert_int_equal(bytes_find(wrapped, BYTES_LIT("person"), 0), BYTES_NOT_FOUND);
	assert_int_equal(keeper_wrap_open(s, key, wrapped, &out), OK);
	assert_true(bytes_equal(out, content));
	uint8_t *p = (uint8_t *)(uintptr_t)wrapped.p;
	for (size_t i = 0; i < wrapped.n; i++) {
		for (unsigned bit = 1; bit < 256; bit *= 2) {
			p[i] ^= (uint8_t)bit;
			assert_int_equal(keeper_wrap_open(s, key, wrapped, &out), ERR_FORMAT);
			scope_forgive(s);
			p[i] ^= (uint8_t)bit;
		}
		assert_int_equal(
		    keeper_wrap_open(s, key, bytes_cut(wrapped, 0, i), &out), ERR_FORMAT);
		scope_forgive(s);
	}
	uint8_t other[KEEPER_WRAP_KEY];
	memcpy(other, keeper_bench_service_key().p, sizeof(other));
	other[31] ^= 1;
	assert_int_equal(
	    keeper_wrap_open(s, bytes_of(other, sizeof(other)), wrapped, &out), ERR_FORMAT);
	scope_forgive(s);
	assert_int_equal(
	    keeper_wrap_open(s, bytes_of(other, sizeof(other) - 1), wrapped, &out), ERR_MISUSE);
	scope_free(s);
}

static void wrapping_has_a_size(void **state)
{
	(void)state;
	struct scope *s = scope_new(0);
	const struct bytes key = keeper_bench_service_key();
	struct bytes wrapped, out;
	uint8_t *large = scope_alloc(s, LIMIT_KEEPER_FILE + KEEPER_WRAP_MORE + 1);
	assert_int_equal(
	    keeper_wrap_close(s, key, bytes_of(large, LIMIT_KEEPER_FILE + 1), &wrapped), ERR_LIMIT);
	scope_forgive(s);
	assert_int_equal(
	    keeper_wrap_close(s, key, bytes_of(large, LIMIT_KEEPER_FILE), &wrapped), OK);
	assert_int_equal(keeper_wrap_open(s, key, wrapped, &out), OK);
	assert_true(bytes_equal(out, bytes_of(large, LIMIT_KEEPER_FILE)));
	assert_int_equal(keeper_wrap_open(s, key,
			     bytes_of(large, LIMIT_KEEPER_FILE + KEEPER_WRAP_MORE + 1), &out),
	    ERR_LIMIT);
	scope_forgive(s);
	assert_int_equal(keeper_wrap_close(s, key, BYTES_NONE, &wrapped), OK);
	assert_int_equal(keeper_wrap_open(s, key, wrapped, &out), OK);
	assert_int_equal(out.n, 0);
	scope_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wrapping_tells_every_change),
		cmocka_unit_test(wrapping_has_a_size),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
