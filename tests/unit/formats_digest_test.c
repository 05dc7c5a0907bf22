#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/err.h>

#include "base/scope.h"
#include "formats/der.h"
#include "formats/digest.h"
#include "formats/oid.h"

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

/* Of "abc": FIPS 180-4 and FIPS 202 examples, RFC 1321, RIPEMD-160's paper; "" for those that are
 * checked by their length only. */
static const struct {
	enum digest_alg alg;
	const char *name, *hex;
} known[] = {
	{ DIGEST_MD5, "MD5", "900150983cd24fb0d6963f7d28e17f72" },
	{ DIGEST_SHA1, "SHA1", "a9993e364706816aba3e25717850c26c9cd0d89d" },
	{ DIGEST_RIPEMD160, "RIPEMD160", "8eb208f7e05d987a9b044a8e98c6b087f15a0bfc" },
	{ DIGEST_SHA224, "SHA224", "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7" },
	{ DIGEST_SHA256, "SHA256",
	    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
	{ DIGEST_SHA384, "SHA384",
	    "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358"
	    "baeca134c825a7" },
	{ DIGEST_SHA512, "SHA512",
	    "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836"
	    "ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f" },
	{ DIGEST_SHA3_256, "SHA3-256",
	    "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532" },
	{ DIGEST_SHA3_224, "SHA3-224", "" },
	{ DIGEST_SHA3_384, "SHA3-384", "" },
	{ DIGEST_SHA3_512, "SHA3-512", "" },
	{ DIGEST_SHAKE256, "SHAKE256",
	    "483366601360a8771c6863080cc4114d8db44530f8f1e1ee4f94ea37e78b5739d5a15bef186a5386c7"
	    "5744c0527e1faa9f8726e462a12a4feb06bd8801e751e4" },
};

#define KNOWN (sizeof(known) / sizeof(known[0]))

static void test_known_values(void **state)
{
	for (size_t i = 0; i < KNOWN; i++) {
		struct digest d;
		char *hex;
		assert_int_equal(digest_of_bytes(*state, known[i].alg, BYTES_LIT("abc"), &d), OK);
		assert_int_equal(d.alg, known[i].alg);
		assert_int_equal(d.n, digest_size(known[i].alg));
		assert_int_equal(bytes_to_hex(*state, digest_bytes(&d), &hex), OK);
		if (known[i].hex[0])
			assert_string_equal(hex, known[i].hex);
	}
}

static void test_parts_are_joined(void **state)
{
	size_t n = ((size_t)2 << 20) + 17; /* over several chunks */
	uint8_t *big = scope_alloc(*state, n);
	struct bytes parts[] = { bytes_of(big, 5), BYTES_NONE, bytes_of(big + 5, n - 5) };
	struct digest whole, joined, none;
	big[n - 1] = 1;
	assert_int_equal(digest_of_bytes(*state, DIGEST_SHA256, bytes_of(big, n), &whole), OK);
	assert_int_equal(digest_compute(*state, DIGEST_SHA256, parts, 3, &joined), OK);
	assert_true(digest_equal(&whole, &joined));
	assert_int_equal(digest_compute(*state, DIGEST_SHA256, parts, 2, &joined), OK);
	assert_false(digest_equal(&whole, &joined));
	assert_int_equal(digest_compute(*state, DIGEST_SHA256, NULL, 0, &none), OK);
	assert_int_equal(none.value[0], 0xe3);
}

static void test_unknown(void **state)
{
	struct digest d;
	assert_int_equal(
	    digest_of_bytes(*state, DIGEST_UNKNOWN, BYTES_LIT("abc"), &d), ERR_UNSUPPORTED);
	assert_string_equal(digest_name(DIGEST_UNKNOWN), "unknown");
	assert_null(digest_openssl_name(DIGEST_UNKNOWN));
	assert_int_equal(digest_size(DIGEST_UNKNOWN), 0);
	assert_int_equal(ERR_peek_error(), 0);
}

static void test_equality_wants_the_same_algorithm(void **state)
{
	(void)state;
	struct digest a = { .alg = DIGEST_SHA256, .n = 32 },
		      b = { .alg = DIGEST_SHA3_256, .n = 32 };
	struct digest none = { 0 };
	assert_true(digest_equal(&a, &a));
	assert_false(digest_equal(&a, &b));
	assert_false(digest_equal(&none, &none));
}

static void test_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < KNOWN; i++) {
		assert_string_equal(digest_name(known[i].alg), known[i].name);
		assert_int_equal(digest_of_name(known[i].name), known[i].alg);
	}
	assert_int_equal(digest_of_name("sha-256"), DIGEST_SHA256);
	assert_int_equal(digest_of_name("Sha256"), DIGEST_SHA256);
	assert_int_equal(digest_of_name("SHA-1"), DIGEST_SHA1);
	assert_int_equal(digest_of_name("sha3_512"), DIGEST_SHA3_512);
	assert_int_equal(digest_of_name("RIPEMD-160"), DIGEST_RIPEMD160);
	assert_int_equal(digest_of_name(""), DIGEST_UNKNOWN);
	assert_int_equal(digest_of_name("SHA25"), DIGEST_UNKNOWN);
	assert_int_equal(digest_of_name("SHA2566"), DIGEST_UNKNOWN);
	assert_int_equal(digest_of_name("a name longer than any digest has"), DIGEST_UNKNOWN);
}

static void test_algorithm_identifiers(void **state)
{
	enum digest_alg alg;
	for (size_t i = 0; i < KNOWN; i++) {
		struct buf b = buf_new(*state, 64);
		struct bytes der;
		digest_add_algorithm_identifier(&b, known[i].alg);
		assert_int_equal(buf_done(&b, &der), OK);
		assert_int_equal(digest_of_algorithm_identifier(*state, der, &alg), OK);
		assert_int_equal(alg, known[i].alg);
	}
	/* with NULL parameters; unknown; not an AlgorithmIdentifier */
	assert_int_equal(digest_of_algorithm_identifier(*state,
			     BYTES_LIT("\x30\x09\x06\x05\x2b\x0e\x03\x02\x1a\x05\x00"), &alg),
	    OK);
	assert_int_equal(alg, DIGEST_SHA1);
	assert_int_equal(
	    digest_of_algorithm_identifier(*state, BYTES_LIT("\x30\x04\x06\x02\x2b\x0e"), &alg),
	    OK);
	assert_int_equal(alg, DIGEST_UNKNOWN);
	assert_int_equal(
	    digest_of_algorithm_identifier(*state, BYTES_LIT("\x30\x02\x05\x00"), &alg),
	    ERR_FORMAT);
	assert_int_equal(
	    digest_of_algorithm_identifier(*state, BYTES_LIT("\x30\x00\x00"), &alg), ERR_FORMAT);
}

/* digestAlgorithm fields of real files hold these. */
static void test_signature_algorithms_name_digests(void **state)
{
	(void)state;
	assert_int_equal(digest_of_oid(oid_value(OID_ALG_RSA_SHA256)), DIGEST_SHA256);
	assert_int_equal(digest_of_oid(oid_value(OID_ALG_RSA_SHA1)), DIGEST_SHA1);
	assert_int_equal(digest_of_oid(oid_value(OID_ALG_ECDSA_SHA384)), DIGEST_SHA384);
	assert_int_equal(digest_of_oid(oid_value(OID_ALG_RSA)), DIGEST_UNKNOWN);
	assert_int_equal(digest_of_oid(oid_value(OID_ALG_ED25519)), DIGEST_UNKNOWN);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_known_values),
		T(test_parts_are_joined),
		T(test_unknown),
		T(test_equality_wants_the_same_algorithm),
		T(test_names),
		T(test_algorithm_identifiers),
		T(test_signature_algorithms_name_digests),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
