#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/scope.h"
#include "tests/support/mini_ca.h"
#include "validator/algorithm_limit.h"

static const struct cert *holder(struct scope *s, enum mini_ca_key_type type)
{
	return mini_ca_root(s, mini_ca_key(type, 0));
}

static struct algorithm_limit limit(
    struct scope *s, enum mini_ca_key_type key, struct signature_alg alg, enum digest_alg digest)
{
	struct algorithm_limit l;
	assert_int_equal(algorithm_limit_of_signature(s, policy_default(), POLICY_USE_SIGNATURE,
			     alg, digest, holder(s, key), &l),
	    OK);
	return l;
}

static const char *day(struct instant t)
{
	static char text[INSTANT_TEXT];
	if (t.unix_s == ALGORITHM_FOREVER.unix_s)
		return "forever";
	if (t.unix_s == ALGORITHM_NEVER.unix_s)
		return "never";
	instant_to_rfc3339(t, text);
	return text;
}

/* What ends first decides, and is named. */
static void test_signatures(void **state)
{
	static const struct {
		enum mini_ca_key_type key;
		struct signature_alg alg;
		enum digest_alg digest;
		const char *end, *what;
	} cases[] = {
		{ MINI_CA_RSA, { SIGNATURE_ALG_RSA_PKCS1, DIGEST_SHA256, 0, 0 }, 0,
		    "2029-01-01T00:00:00Z", "RSA with 2048 bits" },
		{ MINI_CA_RSA, { SIGNATURE_ALG_RSA_PKCS1, DIGEST_SHA1, 0, 0 }, 0,
		    "2012-08-01T00:00:00Z", "SHA1" },
		{ MINI_CA_RSA, { SIGNATURE_ALG_RSA_PKCS1, DIGEST_MD5, 0, 0 }, DIGEST_SHA512,
		    "2029-01-01T00:00:00Z", "RSA with 2048 bits" },
		{ MINI_CA_RSA, { SIGNATURE_ALG_RSA_PKCS1, DIGEST_SHA256, 0, 0 }, DIGEST_MD5,
		    "2004-08-01T00:00:00Z", "MD5" },
		{ MINI_CA_RSA_1024, { SIGNATURE_ALG_RSA_PKCS1, DIGEST_SHA256, 0, 0 }, 0,
		    "2019-10-01T00:00:00Z", "RSA with 1024 bits" },
		{ MINI_CA_RSA_1024, { SIGNATURE_ALG_RSA_PKCS1, DIGEST_SHA1, 0, 0 }, 0,
		    "2012-08-01T00:00:00Z", "SHA1" },
		{ MINI_CA_RSA, { SIGNATURE_ALG_RSA_PSS, DIGEST_SHA256, DIGEST_SHA256, 32 }, 0,
		    "2029-01-01T00:00:00Z", "RSA-PSS with 2048 bits" },
		{ MINI_CA_RSA, { SIGNATURE_ALG_RSA_PSS, DIGEST_SHA256, DIGEST_SHA1, 32 }, 0,
		    "2012-08-01T00:00:00Z", "SHA1 as mask generation" },
		{ MINI_CA_P256, { SIGNATURE_ALG_ECDSA, DIGEST_SHA256, 0, 0 }, 0, "forever", "" },
		{ MINI_CA_P521, { SIGNATURE_ALG_PLAIN_ECDSA, DIGEST_SHA224, 0, 0 }, 0,
		    "2029-01-01T00:00:00Z", "SHA224" },
		{ MINI_CA_ED25519, { SIGNATURE_ALG_ED25519, 0, 0, 0 }, 0, "forever", "" },
		{ MINI_CA_ED448, { SIGNATURE_ALG_ED448, 0, 0, 0 }, DIGEST_SHA1,
		    "2012-08-01T00:00:00Z", "SHA1" },
		{ MINI_CA_P256, { SIGNATURE_ALG_ECDSA, DIGEST_UNKNOWN, 0, 0 }, 0, "never",
		    "unknown" },
		{ MINI_CA_P256, { SIGNATURE_ALG_UNKNOWN, DIGEST_SHA256, 0, 0 }, 0, "never",
		    "unknown with 256 bits" },
	};
	struct scope *s = *state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct algorithm_limit l = limit(s, cases[i].key, cases[i].alg, cases[i].digest);
		assert_string_equal(day(l.end), cases[i].end);
		assert_string_equal(l.what, cases[i].what);
	}
}

/* The row of a size is the largest one that the key reaches. */
static void test_sizes(void **state)
{
	static const struct {
		int from; /* bits of the only row */
		const char *end;
	} cases[] = { { 2047, "forever" }, { 2048, "forever" }, { 2049, "never" } };
	struct scope *s = *state;
	const struct signature_alg rsa = { .kind = SIGNATURE_ALG_RSA_PKCS1,
		.digest = DIGEST_SHA256 };
	const struct cert *c = holder(s, MINI_CA_RSA);
	for (size_t i = 0; i < 3; i++) {
		struct policy p = *policy_default();
		struct algorithm_limit l;
		p.algorithms[POLICY_USE_REVOCATION].schemes[SIGNATURE_ALG_RSA_PKCS1] =
		    (struct policy_sizes){ .n = 1, .item = { { cases[i].from, POLICY_FOREVER } } };
		assert_int_equal(algorithm_limit_of_signature(
				     s, &p, POLICY_USE_REVOCATION, rsa, DIGEST_UNKNOWN, c, &l),
		    OK);
		assert_string_equal(day(l.end), cases[i].end);
		assert_int_equal(algorithm_limit_of_signature(
				     s, &p, POLICY_USE_TIMESTAMP, rsa, DIGEST_UNKNOWN, c, &l),
		    OK);
		assert_string_equal(day(l.end), "2029-01-01T00:00:00Z");
	}
}

/* A key that cannot be loaded, or is not there. */
static void test_no_key(void **state)
{
	struct scope *s = *state;
	struct cert c = *holder(s, MINI_CA_RSA);
	struct algorithm_limit l;
	const struct signature_alg rsa = { .kind = SIGNATURE_ALG_RSA_PKCS1,
		.digest = DIGEST_SHA256 };
	c.key = NULL;
	assert_int_equal(algorithm_limit_of_signature(s, policy_default(), POLICY_USE_SIGNATURE,
			     rsa, DIGEST_UNKNOWN, &c, &l),
	    OK);
	assert_string_equal(day(l.end), "never");
	assert_string_equal(l.what, "RSA with a key of unknown size");
}

static void test_digests(void **state)
{
	static const struct {
		enum digest_alg digest;
		const char *end;
	} cases[] = {
		{ DIGEST_UNKNOWN, "never" },
		{ DIGEST_RIPEMD160, "2014-08-01T00:00:00Z" },
		{ DIGEST_SHA3_224, "2029-01-01T00:00:00Z" },
		{ DIGEST_SHA384, "forever" },
		{ (enum digest_alg)POLICY_DIGESTS, "never" },
	};
	struct scope *s = *state;
	struct algorithm_limit l;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(algorithm_limit_of_digest(s, policy_default(),
				     POLICY_USE_TIMESTAMP, cases[i].digest, &l),
		    OK);
		assert_string_equal(day(l.end), cases[i].end);
	}
}

static int setup(void **state)
{
	*state = scope_new(0);
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	scope_free(*state);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_signatures, setup, teardown),
		cmocka_unit_test_setup_teardown(test_sizes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_key, setup, teardown),
		cmocka_unit_test_setup_teardown(test_digests, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
