/* The keeper: sessions, what it signs, wrong passwords. The clock is the test's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/scope.h"
#include "tests/support/keeper_bench.h"

/* -- sessions -- */
static void every_kind_of_key_signs(void **state)
{
	(void)state;
	static const enum mini_ca_key_type types[] = { MINI_CA_RSA, MINI_CA_RSA_PSS, MINI_CA_P256,
		MINI_CA_P384, MINI_CA_ED25519, MINI_CA_ED448 };
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		struct keeper_bench b;
		keeper_bench_open(&b, types[i]);
		struct keeper_session session = keeper_bench_unlock(&b, 2, 60);
		assert_int_equal(session.token.n, KEEPER_TOKEN);
		assert_true(bytes_equal(session.certificates.certificate, b.bag.leaf->der));
		struct signature_alg alg = mini_ca_alg(types[i], types[i] == MINI_CA_RSA_PSS);
		assert_int_equal(
		    keeper_bench_sign_as(&b, session.token, alg, KEEPER_BENCH_ATTRIBUTES), OK);
		if (types[i] == MINI_CA_RSA)
			assert_int_equal(keeper_bench_sign_as(&b, session.token,
					     mini_ca_alg(types[i], true), KEEPER_BENCH_ATTRIBUTES),
			    OK);
		keeper_bench_close(&b);
	}
}

static void uses_run_out(void **state)
{
	(void)state;
	struct keeper_bench b;
	keeper_bench_open(&b, MINI_CA_P256);
	struct keeper_session session = keeper_bench_unlock(&b, 3, 60);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(keeper_sessions(b.k), 1);
		assert_int_equal(keeper_bench_sign(&b, session.token, KEEPER_BENCH_ATTRIBUTES), OK);
	}
	assert_int_equal(keeper_sessions(b.k), 0);
	assert_true(
	    keeper_bench_refused(&b, keeper_bench_sign(&b, session.token, KEEPER_BENCH_ATTRIBUTES),
		ERR_MISUSE, "no such session"));
	keeper_bench_close(&b);
}

/* What is refused before the key is asked takes no use; what the key cannot do takes one. */
static void what_takes_a_use(void **state)
{
	(void)state;
	struct keeper_bench b;
	keeper_bench_open(&b, MINI_CA_P256);
	struct keeper_session session = keeper_bench_unlock(&b, 1, 60);
	assert_true(keeper_bench_refused(
	    &b, keeper_bench_sign(&b, session.token, BYTES_LIT("\x30\x00")), ERR_FORMAT, "no set"));
	assert_int_equal(keeper_bench_sign(&b, session.token, KEEPER_BENCH_ATTRIBUTES), OK);
	session = keeper_bench_unlock(&b, 1, 60);
	assert_true(keeper_bench_refused(&b,
	    keeper_bench_sign_as(
		&b, session.token, mini_ca_alg(MINI_CA_ED25519, false), KEEPER_BENCH_ATTRIBUTES),
	    ERR_UNSUPPORTED, "cannot sign"));
	assert_true(
	    keeper_bench_refused(&b, keeper_bench_sign(&b, session.token, KEEPER_BENCH_ATTRIBUTES),
		ERR_MISUSE, "no such session"));
	keeper_bench_close(&b);
}

static void time_runs_out(void **state)
{
	(void)state;
	struct keeper_bench b;
	keeper_bench_open(&b, MINI_CA_P256);
	struct keeper_session session = keeper_bench_unlock(&b, 5, 10);
	b.now_ms += 9999;
	keeper_tick(b.k);
	assert_int_equal(keeper_sessions(b.k), 1);
	assert_int_equal(keeper_bench_sign(&b, session.token, KEEPER_BENCH_ATTRIBUTES), OK);
	b.now_ms += 1;
	assert_true(
	    keeper_bench_refused(&b, keeper_bench_sign(&b, session.token, KEEPER_BENCH_ATTRIBUTES),
		ERR_MISUSE, "no such session"));
	assert_int_equal(keeper_sessions(b.k), 0);
	keeper_bench_unlock(&b, 5, 10);
	b.now_ms += 9999;
	keeper_tick(b.k);
	assert_int_equal(keeper_sessions(b.k), 1);
	b.now_ms += 1;
	keeper_tick(b.k);
	assert_int_equal(keeper_sessions(b.k), 0);
	keeper_bench_close(&b);
}

static void closing_ends_one_session(void **state)
{
	(void)state;
	struct keeper_bench b;
	keeper_bench_open(&b, MINI_CA_P256);
	struct keeper_session one = keeper_bench_unlock(&b, 5, 60),
			      two = keeper_bench_unlock(&b, 5, 60);
	assert_false(bytes_equal(one.token, two.token));
	keeper_close_session(b.k, one.token);
	keeper_close_session(b.k, one.token);
	assert_true(
	    keeper_bench_refused(&b, keeper_bench_sign(&b, one.token, KEEPER_BENCH_ATTRIBUTES),
		ERR_MISUSE, "no such session"));
	assert_int_equal(keeper_bench_sign(&b, two.token, KEEPER_BENCH_ATTRIBUTES), OK);
	assert_int_equal(keeper_sessions(b.k), 1);
	keeper_bench_close(&b);
}

static void other_tokens_are_nobodys(void **state)
{
	(void)state;
	struct keeper_bench b;
	keeper_bench_open(&b, MINI_CA_P256);
	struct keeper_session session = keeper_bench_unlock(&b, 5, 60);
	uint8_t token[KEEPER_TOKEN + 1];
	memcpy(token, session.token.p, KEEPER_TOKEN);
	for (size_t i = 0; i < KEEPER_TOKEN; i++) {
		token[i] ^= 1;
		assert_true(keeper_bench_refused(&b,
		    keeper_bench_sign(&b, bytes_of(token, KEEPER_TOKEN), KEEPER_BENCH_ATTRIBUTES),
		    ERR_MISUSE, "no"));
		token[i] ^= 1;
	}
	assert_true(keeper_bench_refused(&b,
	    keeper_bench_sign(&b, bytes_of(token, KEEPER_TOKEN - 1), KEEPER_BENCH_ATTRIBUTES),
	    ERR_MISUSE, "no"));
	assert_true(keeper_bench_refused(&b,
	    keeper_bench_sign(&b, bytes_of(token, KEEPER_TOKEN + 1), KEEPER_BENCH_ATTRIBUTES),
	    ERR_MISUSE, "no"));
	/* The token of places that are free. */
	memset(token, 0, sizeof(token));
	assert_true(keeper_bench_refused(&b,
	    keeper_bench_sign(&b, bytes_of(token, KEEPER_TOKEN), KEEPER_BENCH_ATTRIBUTES),
	    ERR_MISUSE, "no"));
	assert_int_equal(keeper_bench_sign(&b, session.token, KEEPER_BENCH_ATTRIBUTES), OK);
	keeper_bench_close(&b);
}

static void sessions_have_bounds(void **state)
{
	(void)state;
	struct keeper_bench b;
	struct keeper_session x;
	keeper_bench_open(&b, MINI_CA_P256);
	struct bytes good = keeper_bench_word(&b, KEEPER_BENCH_PASSWORD);
	static const unsigned wrong[][2] = { { 0, 1 }, { 1, 0 }, { LIMIT_KEEPER_USES + 1, 1 },
		{ 1, LIMIT_KEEPER_SECONDS + 1 } };
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_true(keeper_bench_refused(&b,
		    keeper_unlock_session(b.k, b.s, b.wrapped, good, wrong[i][0], wrong[i][1], &x),
		    ERR_LIMIT, "a session"));
	keeper_bench_unlock(&b, LIMIT_KEEPER_USES, LIMIT_KEEPER_SECONDS);
	for (size_t i = 1; i < LIMIT_KEEPER_SESSIONS; i++)
		keeper_bench_unlock(&b, 1, 1);
	assert_true(
	    keeper_bench_refused(&b, keeper_unlock_session(b.k, b.s, b.wrapped, good, 1, 1, &x),
		ERR_LIMIT, "sessions are open"));
	b.now_ms += 1000;
	keeper_tick(b.k);
	assert_int_equal(keeper_sessions(b.k), 1);
	keeper_bench_close(&b);
}

/* -- what it signs -- */
static void only_sets_are_signed(void **state)
{
	(void)state;
	struct keeper_bench b;
	keeper_bench_open(&b, MINI_CA_P256);
	struct keeper_session session = keeper_bench_unlock(&b, LIMIT_KEEPER_USES, 60);
	static const struct {
		const char *hex;
		bool is_set;
	} cases[] = {
		{ "3100", true },
		{ "310101", true },
		{ "", false },
		{ "31", false },
		{ "3000", false },
		{ "a000", false },
		{ "3101", false },
		{ "31010101", false },
		{ "3180", false },
		{ "31800000", false },
		{ "318100", false },
		{ "31820001ff", false },
		{ "318101ff", false },
		{ "31ff", false },
		{ "31830000ff", false },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bytes data;
		assert_int_equal(bytes_of_hex(b.s, bytes_of_str(cases[i].hex), &data), OK);
		if (cases[i].is_set)
			assert_int_equal(keeper_bench_sign(&b, session.token, data), OK);
		else
			assert_true(keeper_bench_refused(
			    &b, keeper_bench_sign(&b, session.token, data), ERR_FORMAT, "no set"));
	}
	keeper_bench_close(&b);
}

/* A SET of n octets in all. */
static struct bytes set_of(struct scope *s, size_t n)
{
	uint8_t *p = scope_alloc(s, n);
	assert_non_null(p);
	size_t head = n - 2 < 0x80 ? 2 : n - 3 < 0x100 ? 3 : 4;
	size_t rest = n - head;
	p[0] = 0x31;
	p[1] = (uint8_t)(head == 2 ? rest : 0x80 + head - 2);
	for (size_t i = head - 1; i > 1; i--, rest >>= 8)
		p[i] = (uint8_t)rest;
	return bytes_of(p, n);
}

static void sets_have_a_size(void **state)
{
	(void)state;
	struct keeper_bench b;
	keeper_bench_open(&b, MINI_CA_P256);
	struct keeper_session session = keeper_bench_unlock(&b, LIMIT_KEEPER_USES, 60);
	static const size_t sizes[] = { 2 + 0x7f, 3 + 0x80, 3 + 0xff, 4 + 0x100,
		LIMIT_CMS_SIGNED_ATTRS };
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		assert_int_equal(keeper_bench_sign(&b, session.token, set_of(b.s, sizes[i])), OK);
	assert_true(keeper_bench_refused(&b,
	    keeper_bench_sign(&b, session.token, set_of(b.s, LIMIT_CMS_SIGNED_ATTRS + 1)),
	    ERR_FORMAT, "no set"));
	keeper_bench_close(&b);
}

static void broken_digests_are_refused(void **state)
{
	(void)state;
	struct keeper_bench b;
	keeper_bench_open(&b, MINI_CA_RSA);
	struct keeper_session session = keeper_bench_unlock(&b, 20, 60);
	static const enum digest_alg broken[] = { DIGEST_MD5, DIGEST_SHA1, DIGEST_RIPEMD160 };
	for (size_t i = 0; i < 3; i++) {
		struct signature_alg alg = { .kind = SIGNATURE_ALG_RSA_PKCS1, .digest = broken[i] };
		assert_true(keeper_bench_refused(&b,
		    keeper_bench_sign_as(&b, session.token, alg, KEEPER_BENCH_ATTRIBUTES),
		    ERR_UNSUPPORTED, "no signature with"));
		alg = (struct signature_alg){ .kind = SIGNATURE_ALG_RSA_PSS,
			.digest = DIGEST_SHA256,
			.mgf_digest = broken[i],
			.salt_length = 32 };
		assert_true(keeper_bench_refused(&b,
		    keeper_bench_sign_as(&b, session.token, alg, KEEPER_BENCH_ATTRIBUTES),
		    ERR_UNSUPPORTED, "no signature with"));
	}
	struct signature_alg alg = { .kind = SIGNATURE_ALG_RSA_PKCS1, .digest = DIGEST_SHA512 };
	assert_int_equal(keeper_bench_sign_as(&b, session.token, alg, KEEPER_BENCH_ATTRIBUTES), OK);
	keeper_bench_close(&b);
}

/* -- passwords -- */
static enum err try_password(struct keeper_bench *b, const char *password)
{
	struct keeper_session x;
	return keeper_unlock_session(
	    b->k, b->s, b->wrapped, keeper_bench_word(b, password), 1, 60, &x);
}

static void wrong_passwords_have_to_wait(void **state)
{
	(void)state;
	struct keeper_bench b;
	keeper_bench_open(&b, MINI_CA_P256);
	for (int i = 0; i < LIMIT_KEEPER_TRIES; i++)
		assert_true(keeper_bench_refused(
		    &b, try_password(&b, "wrong"), ERR_DENIED, "wrong password"));
	assert_true(keeper_bench_refused(&b, try_password(&b, "wrong"), ERR_LIMIT, "wait 30 s: "));
	/* The right one too: it is not even tried. */
	assert_true(keeper_bench_refused(
	    &b, try_password(&b, KEEPER_BENCH_PASSWORD), ERR_LIMIT, "wait 30 s: "));
	b.now_ms += 29999;
	assert_true(keeper_bench_refused(
	    &b, try_password(&b, KEEPER_BENCH_PASSWORD), ERR_LIMIT, "wait 1 s: "));
	b.now_ms += 1;
	assert_true(
	    keeper_bench_refused(&b, try_password(&b, "wrong"), ERR_DENIED, "wrong password"));
	assert_true(keeper_bench_refused(
	    &b, try_password(&b, KEEPER_BENCH_PASSWORD), ERR_LIMIT, "wait 60 s: "));
	assert_int_equal(keeper_sessions(b.k), 0);
	b.now_ms += 60000;
	assert_int_equal(try_password(&b, KEEPER_BENCH_PASSWORD), OK);
	/* Forgotten: all tries are there again. */
	for (int i = 0; i < LIMIT_KEEPER_TRIES; i++)
		assert_true(
		    keeper_bench_refused(&b, try_password(&b, ""), ERR_DENIED, "wrong password"));
	assert_true(keeper_bench_refused(
	    &b, try_password(&b, KEEPER_BENCH_PASSWORD), ERR_LIMIT, "wait 30 s: "));
	keeper_bench_close(&b);
}

static void the_wait_has_an_end(void **state)
{
	(void)state;
	struct keeper_bench b;
	keeper_bench_open(&b, MINI_CA_P256);
	for (int i = 0; i < 30; i++) {
		assert_true(keeper_bench_refused(
		    &b, try_password(&b, "wrong"), ERR_DENIED, "wrong password"));
		b.now_ms += (int64_t)LIMIT_KEEPER_WAIT_MOST_S * 1000;
	}
	b.now_ms -= 1;
	assert_true(keeper_bench_refused(
	    &b, try_password(&b, KEEPER_BENCH_PASSWORD), ERR_LIMIT, "wait 1 s: "));
	b.now_ms += 1;
	assert_int_equal(try_password(&b, KEEPER_BENCH_PASSWORD), OK);
	keeper_bench_close(&b);
}

/* The same file wrapped again counts as the same key; another key is not touched. */
static void keys_are_counted_apart(void **state)
{
	(void)state;
	struct keeper_bench b;
	struct key_bag other;
	struct bytes again, another;
	struct keeper_certificates c;
	keeper_bench_open(&b, MINI_CA_P256);
	struct bytes good = keeper_bench_word(&b, KEEPER_BENCH_PASSWORD);
	assert_int_equal(keeper_deposit(b.k, b.s, b.bag.pkcs12, good, &again, &c), OK);
	assert_false(bytes_equal(again, b.wrapped));
	assert_true(
	    key_bag_make(b.s, MINI_CA_P384, KEEPER_BENCH_PASSWORD, KEY_BAG_USUAL, 1, &other));
	assert_int_equal(keeper_deposit(b.k, b.s, other.pkcs12, good, &another, &c), OK);
	for (int i = 0; i < LIMIT_KEEPER_TRIES; i++)
		assert_true(keeper_bench_refused(
		    &b, try_password(&b, "wrong"), ERR_DENIED, "wrong password"));
	b.wrapped = again;
	assert_true(keeper_bench_refused(
	    &b, try_password(&b, KEEPER_BENCH_PASSWORD), ERR_LIMIT, "wait 30 s: "));
	b.wrapped = another;
	assert_int_equal(try_password(&b, KEEPER_BENCH_PASSWORD), OK);
	keeper_bench_close(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_of_key_signs),
		cmocka_unit_test(uses_run_out),
		cmocka_unit_test(what_takes_a_use),
		cmocka_unit_test(time_runs_out),
		cmocka_unit_test(closing_ends_one_session),
		cmocka_unit_test(other_tokens_are_nobodys),
		cmocka_unit_test(sessions_have_bounds),
		cmocka_unit_test(only_sets_are_signed),
		cmocka_unit_test(sets_have_a_size),
		cmocka_unit_test(broken_digests_are_refused),
		cmocka_unit_test(wrong_passwords_have_to_wait),
		cmocka_unit_test(the_wait_has_an_end),
		cmocka_unit_test(keys_are_counted_apart),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
