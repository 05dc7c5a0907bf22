/* The keeper: keys that are handed in, and their new passwords. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/scope.h"
#include "tests/support/keeper_bench.h"

/* -- deposits -- */
static void deposit_asks_for_a_good_password(void **state)
{
	(void)state;
	struct keeper_bench b;
	keeper_bench_open(&b, MINI_CA_P256);
	static const struct {
		const char *password;
		bool is_good;
	} cases[] = {
		{ "Abcdefghij-1", true },
		{ "Abcdefghi-1", false }, /* eleven */
		{ "abcdefghij-1", false },
		{ "ABCDEFGHIJ-1", false },
		{ "Abcdefghij-x", false },
		{ "Abcdefghijk1", false },
		{ "", false },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct key_bag bag;
		struct bytes wrapped;
		struct keeper_certificates c;
		assert_true(
		    key_bag_make(b.s, MINI_CA_P256, cases[i].password, KEY_BAG_USUAL, 1, &bag));
		enum err e = keeper_deposit(
		    b.k, b.s, bag.pkcs12, keeper_bench_word(&b, cases[i].password), &wrapped, &c);
		if (cases[i].is_good)
			assert_int_equal(e, OK);
		else
			assert_true(
			    keeper_bench_refused(&b, e, ERR_DENIED, "the password must have"));
	}
	keeper_bench_close(&b);
}

static enum err deposit(struct keeper_bench *b, struct bytes pkcs12, const char *password)
{
	struct bytes wrapped;
	struct keeper_certificates c;
	return keeper_deposit(b->k, b->s, pkcs12, keeper_bench_word(b, password), &wrapped, &c);
}

static void deposit_refuses(void **state)
{
	(void)state;
	struct keeper_bench b;
	struct key_bag bag;
	keeper_bench_open(&b, MINI_CA_P256);
	assert_true(keeper_bench_refused(
	    &b, deposit(&b, b.bag.pkcs12, KEEPER_BENCH_OTHER), ERR_DENIED, "wrong password"));
	assert_true(
	    keeper_bench_refused(&b, deposit(&b, BYTES_LIT("-----BEGIN"), KEEPER_BENCH_PASSWORD),
		ERR_FORMAT, "not a PKCS#12 file"));
	assert_true(keeper_bench_refused(
	    &b, deposit(&b, BYTES_NONE, KEEPER_BENCH_PASSWORD), ERR_FORMAT, "not a PKCS#12 file"));
	uint8_t *large = scope_alloc(b.s, LIMIT_KEEPER_FILE + 1);
	assert_true(keeper_bench_refused(&b,
	    deposit(&b, bytes_of(large, LIMIT_KEEPER_FILE + 1), KEEPER_BENCH_PASSWORD), ERR_LIMIT,
	    "larger"));
	assert_true(keeper_bench_refused(&b,
	    deposit(&b, bytes_of(large, LIMIT_KEEPER_FILE), KEEPER_BENCH_PASSWORD), ERR_FORMAT,
	    "not a"));
	assert_true(key_bag_make(b.s, MINI_CA_P256, KEEPER_BENCH_PASSWORD, KEY_BAG_OPEN, 1, &bag));
	assert_true(keeper_bench_refused(
	    &b, deposit(&b, bag.pkcs12, KEEPER_BENCH_PASSWORD), ERR_DENIED, "not encrypted"));
	assert_true(key_bag_make(b.s, MINI_CA_P256, KEEPER_BENCH_PASSWORD, KEY_BAG_BARE, 1, &bag));
	assert_true(keeper_bench_refused(
	    &b, deposit(&b, bag.pkcs12, KEEPER_BENCH_PASSWORD), ERR_DENIED, "not encrypted"));
	keeper_bench_close(&b);
}

static void deposit_reads_old_files(void **state)
{
	(void)state;
	struct keeper_bench b;
	struct key_bag bag;
	struct keeper_certificates c;
	keeper_bench_open(&b, MINI_CA_P256);
	bool has_legacy =
	    key_bag_make(b.s, MINI_CA_P256, KEEPER_BENCH_PASSWORD, KEY_BAG_OLD, 1, &bag);
	if (has_legacy) {
		assert_int_equal(keeper_deposit(b.k, b.s, bag.pkcs12,
				     keeper_bench_word(&b, KEEPER_BENCH_PASSWORD), &b.wrapped, &c),
		    OK);
		assert_int_equal(keeper_bench_sign(&b, keeper_bench_unlock(&b, 1, 60).token,
				     KEEPER_BENCH_ATTRIBUTES),
		    OK);
	}
	keeper_bench_close(&b);
	if (!has_legacy)
		skip();
}

/* A file that would keep the keeper busy for an hour is refused before any of it is computed, where
 * its cost stands plainly and where it hides inside of an encrypted part. */
static void deposit_refuses_what_takes_too_long(void **state)
{
	(void)state;
	struct keeper_bench b;
	struct key_bag bag;
	keeper_bench_open(&b, MINI_CA_P256);
	/* Made with the cost of a small file, which is then written as that of a large one. */
	static const enum key_bag_form forms[] = { KEY_BAG_USUAL, KEY_BAG_NESTED };
	for (size_t i = 0; i < 2; i++) {
		assert_true(
		    key_bag_make(b.s, MINI_CA_P256, KEEPER_BENCH_PASSWORD, forms[i], 1000, &bag));
		assert_int_equal(deposit(&b, bag.pkcs12, KEEPER_BENCH_PASSWORD), OK);
	}
	assert_true(
	    key_bag_make(b.s, MINI_CA_P256, KEEPER_BENCH_PASSWORD, KEY_BAG_USUAL, 0x7fff, &bag));
	size_t at = 0, n = 0;
	for (; (at = bytes_find(bag.pkcs12, BYTES_LIT("\x02\x02\x7f\xff"), at)) != BYTES_NOT_FOUND;
	     at += 4, n++)
		memcpy((uint8_t *)(uintptr_t)bag.pkcs12.p + at, "\x02\x02\xff\x7f", 4);
	assert_true(n >= 2);
	/* A negative number is none. */
	assert_true(keeper_bench_refused(
	    &b, deposit(&b, bag.pkcs12, KEEPER_BENCH_PASSWORD), ERR_LIMIT, "rounds of computing"));
	assert_true(key_bag_make(b.s, MINI_CA_P256, KEEPER_BENCH_PASSWORD, KEY_BAG_NESTED,
	    LIMIT_KEEPER_ITERATIONS, &bag));
	assert_true(keeper_bench_refused(
	    &b, deposit(&b, bag.pkcs12, KEEPER_BENCH_PASSWORD), ERR_LIMIT, "rounds of computing"));
	keeper_bench_close(&b);
}

/* -- another password -- */
static enum err try_password(struct keeper_bench *b, const char *password)
{
	struct keeper_session x;
	return keeper_unlock_session(
	    b->k, b->s, b->wrapped, keeper_bench_word(b, password), 1, 60, &x);
}

static void a_new_password_replaces_the_old(void **state)
{
	(void)state;
	static const enum mini_ca_key_type types[] = { MINI_CA_RSA, MINI_CA_RSA_PSS, MINI_CA_P256,
		MINI_CA_ED25519 };
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		struct keeper_bench b;
		struct keeper_session session;
		keeper_bench_open(&b, types[i]);
		struct bytes old = b.wrapped;
		assert_int_equal(keeper_change_password(b.k, b.s, old,
				     keeper_bench_word(&b, KEEPER_BENCH_PASSWORD),
				     keeper_bench_word(&b, KEEPER_BENCH_OTHER), &b.wrapped),
		    OK);
		assert_true(keeper_bench_refused(
		    &b, try_password(&b, KEEPER_BENCH_PASSWORD), ERR_DENIED, "wrong password"));
		assert_int_equal(keeper_unlock_session(b.k, b.s, b.wrapped,
				     keeper_bench_word(&b, KEEPER_BENCH_OTHER), 1, 60, &session),
		    OK);
		assert_true(bytes_equal(session.certificates.certificate, b.bag.leaf->der));
		assert_int_equal(session.certificates.n_chain, 1);
		assert_true(bytes_equal(session.certificates.chain[0], b.bag.root->der));
		struct signature_alg alg = mini_ca_alg(types[i], types[i] == MINI_CA_RSA_PSS);
		assert_int_equal(
		    keeper_bench_sign_as(&b, session.token, alg, KEEPER_BENCH_ATTRIBUTES), OK);
		keeper_bench_close(&b);
	}
}

static void a_new_password_is_refused(void **state)
{
	(void)state;
	struct keeper_bench b;
	struct bytes again;
	keeper_bench_open(&b, MINI_CA_P256);
	struct bytes good = keeper_bench_word(&b, KEEPER_BENCH_PASSWORD),
		     better = keeper_bench_word(&b, KEEPER_BENCH_OTHER);
	assert_true(keeper_bench_refused(&b,
	    keeper_change_password(b.k, b.s, b.wrapped, better, good, &again), ERR_DENIED,
	    "wrong password"));
	assert_true(keeper_bench_refused(&b,
	    keeper_change_password(
		b.k, b.s, b.wrapped, good, keeper_bench_word(&b, "short"), &again),
	    ERR_DENIED, "the password must have"));
	assert_true(keeper_bench_refused(&b,
	    keeper_change_password(b.k, b.s, b.bag.pkcs12, good, better, &again), ERR_FORMAT,
	    "keeper: "));
	/* Wrong ones count here as well: one was, and the right one took it back. */
	for (int i = 0; i < LIMIT_KEEPER_TRIES; i++)
		assert_true(keeper_bench_refused(&b,
		    keeper_change_password(b.k, b.s, b.wrapped, better, good, &again), ERR_DENIED,
		    "wrong password"));
	assert_true(keeper_bench_refused(&b,
	    keeper_change_password(b.k, b.s, b.wrapped, good, better, &again), ERR_LIMIT,
	    "wait 30 s: "));
	keeper_bench_close(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(deposit_asks_for_a_good_password),
		cmocka_unit_test(deposit_refuses),
		cmocka_unit_test(deposit_reads_old_files),
		cmocka_unit_test(deposit_refuses_what_takes_too_long),
		cmocka_unit_test(a_new_password_replaces_the_old),
		cmocka_unit_test(a_new_password_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
