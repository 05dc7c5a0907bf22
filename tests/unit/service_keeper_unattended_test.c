/* The keeper: the operator's own keys. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/scope.h"
#include "tests/support/keeper_bench.h"

static void unattended_keys(void **state)
{
	(void)state;
	struct keeper_bench b;
	struct bytes certificate;
	struct keeper_session one, two;
	const char *name;
	keeper_bench_open(&b, MINI_CA_P256);
	struct bytes good = keeper_bench_word(&b, KEEPER_BENCH_PASSWORD);
	assert_int_equal(keeper_add_unattended(b.k, b.s, "batch", b.bag.pkcs12), OK);
	assert_true(keeper_bench_refused(
	    &b, keeper_add_unattended(b.k, b.s, "batch", b.bag.pkcs12), ERR_MISUSE, "two keys"));
	assert_int_equal(keeper_unattended(b.k), 1);
	assert_int_equal(keeper_unattended_at(b.k, b.s, 0, &name, &certificate), OK);
	assert_string_equal(name, "batch");
	assert_int_equal(certificate.n, 0);
	assert_true(keeper_bench_refused(
	    &b, keeper_grant(b.k, b.s, "batch", 1, 60, &one), ERR_MISUSE, "is locked"));
	assert_true(keeper_bench_refused(
	    &b, keeper_grant(b.k, b.s, "other", 1, 60, &one), ERR_MISUSE, "no key named"));
	assert_true(keeper_bench_refused(
	    &b, keeper_unlock(b.k, b.s, "other", good, &certificate), ERR_MISUSE, "no key"));
	assert_true(
	    keeper_bench_refused(&b, keeper_lock(b.k, b.s, "other"), ERR_MISUSE, "no key named"));
	assert_true(keeper_bench_refused(&b,
	    keeper_unlock(b.k, b.s, "batch", keeper_bench_word(&b, "no"), &certificate), ERR_DENIED,
	    "wrong password"));
	assert_int_equal(keeper_unlock(b.k, b.s, "batch", good, &certificate), OK);
	assert_true(bytes_equal(certificate, b.bag.leaf->der));
	assert_int_equal(keeper_unattended_at(b.k, b.s, 0, &name, &certificate), OK);
	assert_true(bytes_equal(certificate, b.bag.leaf->der));
	assert_int_equal(keeper_grant(b.k, b.s, "batch", 1, 60, &one), OK);
	assert_int_equal(keeper_bench_sign(&b, one.token, KEEPER_BENCH_ATTRIBUTES), OK);
	assert_true(
	    keeper_bench_refused(&b, keeper_bench_sign(&b, one.token, KEEPER_BENCH_ATTRIBUTES),
		ERR_MISUSE, "no such session"));
	/* Unlocked once more: sessions of before go on. */
	assert_int_equal(keeper_grant(b.k, b.s, "batch", 5, 60, &one), OK);
	assert_int_equal(keeper_unlock(b.k, b.s, "batch", good, &certificate), OK);
	assert_int_equal(keeper_bench_sign(&b, one.token, KEEPER_BENCH_ATTRIBUTES), OK);
	assert_int_equal(keeper_grant(b.k, b.s, "batch", 5, 60, &two), OK);
	struct keeper_session officer = keeper_bench_unlock(&b, 5, 60);
	assert_int_equal(keeper_lock(b.k, b.s, "batch"), OK);
	assert_int_equal(keeper_lock(b.k, b.s, "batch"), OK);
	assert_true(
	    keeper_bench_refused(&b, keeper_bench_sign(&b, two.token, KEEPER_BENCH_ATTRIBUTES),
		ERR_MISUSE, "no such session"));
	assert_true(
	    keeper_bench_refused(&b, keeper_bench_sign(&b, one.token, KEEPER_BENCH_ATTRIBUTES),
		ERR_MISUSE, "no such session"));
	assert_true(keeper_bench_refused(
	    &b, keeper_grant(b.k, b.s, "batch", 1, 60, &one), ERR_MISUSE, "is locked"));
	assert_int_equal(keeper_bench_sign(&b, officer.token, KEEPER_BENCH_ATTRIBUTES), OK);
	keeper_bench_close(&b);
}

static void unattended_keys_have_bounds(void **state)
{
	(void)state;
	struct keeper_bench b;
	char name[LIMIT_KEEPER_NAME + 2];
	keeper_bench_open(&b, MINI_CA_P256);
	memset(name, 'n', sizeof(name));
	name[LIMIT_KEEPER_NAME + 1] = 0;
	assert_true(keeper_bench_refused(
	    &b, keeper_add_unattended(b.k, b.s, name, b.bag.pkcs12), ERR_LIMIT, "name"));
	assert_true(keeper_bench_refused(
	    &b, keeper_add_unattended(b.k, b.s, "", b.bag.pkcs12), ERR_LIMIT, "name"));
	name[LIMIT_KEEPER_NAME] = 0;
	assert_int_equal(keeper_add_unattended(b.k, b.s, name, b.bag.pkcs12), OK);
	for (size_t i = 1; i < LIMIT_KEEPER_KEYS; i++) {
		name[0] = (char)('#' + i);
		assert_int_equal(keeper_add_unattended(b.k, b.s, name, b.bag.pkcs12), OK);
	}
	name[0] = '!';
	assert_true(keeper_bench_refused(
	    &b, keeper_add_unattended(b.k, b.s, name, b.bag.pkcs12), ERR_LIMIT, "more than"));
	keeper_bench_close(&b);
}

static void locking_all_ends_everything(void **state)
{
	(void)state;
	struct keeper_bench b;
	struct bytes certificate;
	struct keeper_session granted;
	keeper_bench_open(&b, MINI_CA_P256);
	struct keeper_session session = keeper_bench_unlock(&b, 5, 60);
	assert_int_equal(keeper_add_unattended(b.k, b.s, "batch", b.bag.pkcs12), OK);
	assert_int_equal(keeper_unlock(b.k, b.s, "batch",
			     keeper_bench_word(&b, KEEPER_BENCH_PASSWORD), &certificate),
	    OK);
	assert_int_equal(keeper_grant(b.k, b.s, "batch", 5, 60, &granted), OK);
	keeper_lock_all(b.k);
	assert_int_equal(keeper_sessions(b.k), 0);
	assert_true(
	    keeper_bench_refused(&b, keeper_bench_sign(&b, session.token, KEEPER_BENCH_ATTRIBUTES),
		ERR_MISUSE, "no such session"));
	assert_true(
	    keeper_bench_refused(&b, keeper_bench_sign(&b, granted.token, KEEPER_BENCH_ATTRIBUTES),
		ERR_MISUSE, "no such session"));
	assert_true(keeper_bench_refused(
	    &b, keeper_grant(b.k, b.s, "batch", 5, 60, &granted), ERR_MISUSE, "is locked"));
	keeper_bench_close(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unattended_keys),
		cmocka_unit_test(unattended_keys_have_bounds),
		cmocka_unit_test(locking_all_ends_everything),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
