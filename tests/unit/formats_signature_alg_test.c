#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

#include "base/scope.h"
#include "formats/der.h"
#include "formats/oid.h"
#include "formats/signature_alg.h"
#include "tests/support/mini_ca.h"

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

#define RSA_WITH(d) ((struct signature_alg){ SIGNATURE_ALG_RSA_PKCS1, (d), 0, 0 })
#define PSS_WITH(d, m, salt) ((struct signature_alg){ SIGNATURE_ALG_RSA_PSS, (d), (m), (salt) })
#define ECDSA_WITH(d) ((struct signature_alg){ SIGNATURE_ALG_ECDSA, (d), 0, 0 })
#define PLAIN_WITH(d) ((struct signature_alg){ SIGNATURE_ALG_PLAIN_ECDSA, (d), 0, 0 })

static const struct bytes data = { (const uint8_t *)"the data", 8 };

static bool verify(
    struct scope *s, struct signature_alg alg, EVP_PKEY *key, struct bytes what, struct bytes sig)
{
	bool ok = false;
	assert_int_equal(signature_alg_verify(s, alg, key, what, sig, &ok), OK);
	assert_int_equal(ERR_peek_error(), 0);
	return ok;
}

static bool verify_digest(struct scope *s, struct signature_alg alg, EVP_PKEY *key,
    enum digest_alg digest, struct bytes what, struct bytes sig)
{
	bool ok = false;
	struct digest d;
	assert_int_equal(digest_of_bytes(s, digest, what, &d), OK);
	assert_int_equal(signature_alg_verify_digest(s, alg, key, &d, sig, &ok), OK);
	assert_int_equal(ERR_peek_error(), 0);
	return ok;
}

static struct bytes with_bit_flipped(struct scope *s, struct bytes b, size_t bit)
{
	uint8_t *copy = scope_alloc(s, b.n);
	memcpy(copy, b.p, b.n);
	copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
	return bytes_of(copy, b.n);
}

static void check(struct scope *s, enum mini_ca_key_type type, struct signature_alg alg)
{
	EVP_PKEY *key = mini_ca_key(type, 0), *other = mini_ca_key(type, 1);
	struct bytes sig = mini_ca_sign(s, key, alg, data);
	assert_true(verify(s, alg, key, data, sig));
	assert_false(verify(s, alg, other, data, sig));
	assert_false(verify(s, alg, key, BYTES_LIT("the date"), sig));
	assert_false(verify(s, alg, key, data, BYTES_NONE));
	assert_false(verify(s, alg, key, data, bytes_cut(sig, 0, sig.n - 1)));
	for (size_t bit = 0; bit < sig.n * 8; bit += 61)
		assert_false(verify(s, alg, key, data, with_bit_flipped(s, sig, bit)));
	if (alg.digest == DIGEST_UNKNOWN)
		return;
	assert_true(verify_digest(s, alg, key, alg.digest, data, sig));
	assert_false(verify_digest(s, alg, other, alg.digest, data, sig));
	assert_false(verify_digest(s, alg, key, alg.digest, BYTES_LIT("the date"), sig));
	assert_false(verify_digest(s, alg, key, DIGEST_SHA3_384, data, sig));
	assert_false(verify_digest(s, alg, key, alg.digest, data, with_bit_flipped(s, sig, 77)));
}

static void test_every_key_type(void **state)
{
	for (enum mini_ca_key_type type = 0; type < MINI_CA_KEY_TYPES; type++)
		check(*state, type, mini_ca_alg(type, false));
}

static void test_every_digest(void **state)
{
	const enum digest_alg digests[] = { DIGEST_MD5, DIGEST_SHA1, DIGEST_RIPEMD160,
		DIGEST_SHA224, DIGEST_SHA256, DIGEST_SHA384, DIGEST_SHA512, DIGEST_SHA3_224,
		DIGEST_SHA3_256, DIGEST_SHA3_512 };
	for (size_t i = 0; i < sizeof(digests) / sizeof(digests[0]); i++) {
		check(*state, MINI_CA_RSA, RSA_WITH(digests[i]));
		check(*state, MINI_CA_P256, ECDSA_WITH(digests[i]));
		check(*state, MINI_CA_P384, PLAIN_WITH(digests[i]));
	}
}

static void test_weak_ones_are_not_refused_here(void **state)
{
	check(*state, MINI_CA_RSA_1024, RSA_WITH(DIGEST_SHA1));
	check(*state, MINI_CA_RSA_1024, RSA_WITH(DIGEST_MD5));
}

static void test_pss_parameters(void **state)
{
	struct scope *s = *state;
	EVP_PKEY *key = mini_ca_key(MINI_CA_RSA, 0);
	struct signature_alg alg = PSS_WITH(DIGEST_SHA256, DIGEST_SHA1, 17);
	struct bytes sig = mini_ca_sign(s, key, alg, data);
	assert_true(verify(s, alg, key, data, sig));
	assert_false(verify(s, PSS_WITH(DIGEST_SHA256, DIGEST_SHA1, 18), key, data, sig));
	assert_false(verify(s, PSS_WITH(DIGEST_SHA256, DIGEST_SHA1, 16), key, data, sig));
	assert_false(verify(s, PSS_WITH(DIGEST_SHA256, DIGEST_SHA256, 17), key, data, sig));
	assert_false(verify(s, PSS_WITH(DIGEST_SHA1, DIGEST_SHA1, 17), key, data, sig));
	assert_false(verify(s, PSS_WITH(DIGEST_SHA256, DIGEST_SHA1, 4000), key, data, sig));
	assert_false(verify(s, RSA_WITH(DIGEST_SHA256), key, data, sig));
	check(s, MINI_CA_RSA, PSS_WITH(DIGEST_SHA512, DIGEST_SHA512, 64));
	check(s, MINI_CA_RSA, PSS_WITH(DIGEST_SHA256, DIGEST_SHA256, 0));
	check(s, MINI_CA_RSA_PSS, PSS_WITH(DIGEST_SHA384, DIGEST_SHA384, 48));
}

/* A key that says "SHA-256, salt at least 32" (RFC 4055 3.1) is held to it. */
static void test_restricted_pss_key(void **state)
{
	EVP_PKEY *key = NULL;
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA-PSS", NULL);
	assert_int_equal(EVP_PKEY_keygen_init(ctx), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, 2048), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_pss_keygen_md(ctx, EVP_sha256()), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_pss_keygen_mgf1_md(ctx, EVP_sha256()), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_pss_keygen_saltlen(ctx, 32), 1);
	assert_int_equal(EVP_PKEY_generate(ctx, &key), 1);
	struct signature_alg alg = PSS_WITH(DIGEST_SHA256, DIGEST_SHA256, 32);
	struct bytes sig = mini_ca_sign(*state, key, alg, data);
	assert_true(verify(*state, alg, key, data, sig));
	alg.salt_length = 31;
	assert_false(verify(*state, alg, key, data, sig));
	assert_false(verify(*state, PSS_WITH(DIGEST_SHA512, DIGEST_SHA512, 32), key, data, sig));
	assert_false(verify(*state, RSA_WITH(DIGEST_SHA256), key, data, sig));
	EVP_PKEY_free(key);
	EVP_PKEY_CTX_free(ctx);
}

static void test_wrong_kind_of_key(void **state)
{
	struct scope *s = *state;
	struct bytes sig =
	    mini_ca_sign(s, mini_ca_key(MINI_CA_RSA, 0), RSA_WITH(DIGEST_SHA256), data);
	assert_false(verify(s, RSA_WITH(DIGEST_SHA256), mini_ca_key(MINI_CA_P256, 0), data, sig));
	assert_false(verify(s, ECDSA_WITH(DIGEST_SHA256), mini_ca_key(MINI_CA_RSA, 0), data, sig));
	assert_false(verify(
	    s, mini_ca_alg(MINI_CA_ED25519, false), mini_ca_key(MINI_CA_ED448, 0), data, sig));
	assert_false(
	    verify(s, ECDSA_WITH(DIGEST_SHA256), mini_ca_key(MINI_CA_ED25519, 0), data, sig));
}

static void test_plain_ecdsa_form(void **state)
{
	struct scope *s = *state;
	EVP_PKEY *key = mini_ca_key(MINI_CA_P256, 0);
	struct bytes sig = mini_ca_sign(s, key, PLAIN_WITH(DIGEST_SHA256), data);
	assert_int_equal(sig.n, 64);
	assert_true(verify(s, PLAIN_WITH(DIGEST_SHA256), key, data, sig));
	assert_false(verify(s, ECDSA_WITH(DIGEST_SHA256), key, data, sig));
	assert_false(verify(s, PLAIN_WITH(DIGEST_SHA256), key, data, bytes_cut(sig, 0, 63)));
	uint8_t huge[1000] = { 1 };
	assert_false(verify(s, PLAIN_WITH(DIGEST_SHA256), key, data, bytes_of(huge, 1000)));
}

static void test_unsupported(void **state)
{
	struct scope *s = *state;
	EVP_PKEY *key = mini_ca_key(MINI_CA_RSA, 0);
	bool ok;
	struct digest d;
	const struct signature_alg bad[] = { { 0 }, RSA_WITH(DIGEST_UNKNOWN),
		PSS_WITH(DIGEST_SHA256, DIGEST_UNKNOWN, 20), ECDSA_WITH(DIGEST_UNKNOWN) };
	assert_int_equal(digest_of_bytes(s, DIGEST_SHA256, data, &d), OK);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(
		    signature_alg_verify(s, bad[i], key, data, data, &ok), ERR_UNSUPPORTED);
		assert_int_equal(
		    signature_alg_verify_digest(s, bad[i], key, &d, data, &ok), ERR_UNSUPPORTED);
	}
	assert_int_equal(signature_alg_verify(s, RSA_WITH(DIGEST_SHA256), NULL, data, data, &ok),
	    ERR_UNSUPPORTED);
	assert_int_equal(signature_alg_verify_digest(s, mini_ca_alg(MINI_CA_ED25519, false),
			     mini_ca_key(MINI_CA_ED25519, 0), &d, data, &ok),
	    ERR_UNSUPPORTED);
}

static void test_identifiers(void **state)
{
	const struct signature_alg algs[] = { RSA_WITH(DIGEST_SHA1), RSA_WITH(DIGEST_SHA256),
		RSA_WITH(DIGEST_SHA3_512), ECDSA_WITH(DIGEST_SHA384), PLAIN_WITH(DIGEST_SHA512),
		PSS_WITH(DIGEST_SHA1, DIGEST_SHA1, 20), PSS_WITH(DIGEST_SHA256, DIGEST_SHA256, 32),
		PSS_WITH(DIGEST_SHA512, DIGEST_SHA1, 0), { SIGNATURE_ALG_DSA, DIGEST_SHA256, 0, 0 },
		{ SIGNATURE_ALG_ED25519, 0, 0, 0 }, { SIGNATURE_ALG_ED448, 0, 0, 0 } };
	for (size_t i = 0; i < sizeof(algs) / sizeof(algs[0]); i++) {
		struct buf b = buf_new(*state, 200);
		struct bytes der;
		struct signature_alg alg;
		signature_alg_add(&b, algs[i]);
		assert_int_equal(buf_done(&b, &der), OK);
		assert_true(der_is_der(der));
		assert_int_equal(signature_alg_parse(*state, der, DIGEST_MD5, &alg), OK);
		assert_memory_equal(&alg, &algs[i], sizeof(alg));
	}
}

/* The bytes that OpenSSL writes for sha256WithRSAEncryption and ecdsa-with-SHA256. */
static void test_written_form(void **state)
{
	struct buf b = buf_new(*state, 100);
	signature_alg_add(&b, RSA_WITH(DIGEST_SHA256));
	signature_alg_add(&b, ECDSA_WITH(DIGEST_SHA256));
	signature_alg_add(&b, PSS_WITH(DIGEST_SHA1, DIGEST_SHA1, 20));
	assert_true(bytes_equal(buf_bytes(&b),
	    BYTES_LIT("\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b\x05\x00"
		      "\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02"
		      "\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a\x30\x00")));
	signature_alg_add(&b, RSA_WITH(DIGEST_UNKNOWN));
	struct bytes der;
	assert_int_equal(buf_done(&b, &der), ERR_UNSUPPORTED);
}

#define PARSE(lit, context) signature_alg_parse(*state, BYTES_LIT(lit), (context), &alg)

static void test_digest_by_context(void **state)
{
	struct signature_alg alg;
	assert_int_equal(
	    PARSE("\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00", DIGEST_SHA512),
	    OK);
	assert_int_equal(alg.kind, SIGNATURE_ALG_RSA_PKCS1);
	assert_int_equal(alg.digest, DIGEST_SHA512);
	assert_int_equal(PARSE("\x30\x09\x06\x07\x2a\x86\x48\xce\x3d\x02\x01", DIGEST_SHA256), OK);
	assert_int_equal(alg.kind, SIGNATURE_ALG_ECDSA);
	assert_int_equal(alg.digest, DIGEST_SHA256);
	assert_int_equal(PARSE("\x30\x08\x06\x06\x2a\x86\x48\xce\x3d\x04", DIGEST_SHA384), OK);
	assert_int_equal(alg.kind, SIGNATURE_ALG_ECDSA);
	assert_int_equal(alg.digest, DIGEST_SHA384);
	/* the algorithm's own digest goes before the context's */
	assert_int_equal(
	    PARSE("\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b\x05\x00", DIGEST_SHA512),
	    OK);
	assert_int_equal(alg.digest, DIGEST_SHA256);
	assert_int_equal(PARSE("\x30\x03\x06\x01\x2a", DIGEST_SHA512), OK);
	assert_int_equal(alg.kind, SIGNATURE_ALG_UNKNOWN);
	assert_int_equal(alg.digest, DIGEST_UNKNOWN);
}

#define PSS_OID "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a"

static void test_malformed_pss(void **state)
{
	struct signature_alg alg;
	assert_int_equal(PARSE("\x30\x0d" PSS_OID "\x30\x00", 0), OK);
	assert_int_equal(alg.salt_length, 20);
	assert_int_equal(alg.digest, DIGEST_SHA1);
	assert_int_equal(PARSE("\x30\x0b" PSS_OID, 0), ERR_FORMAT);
	assert_int_equal(PARSE("\x30\x0d" PSS_OID "\x05\x00", 0), ERR_FORMAT);
	assert_int_equal(PARSE("\x30\x12" PSS_OID "\x30\x05\xa2\x03\x02\x01\x20", 0), OK);
	assert_int_equal(alg.salt_length, 32);
	assert_int_equal(PARSE("\x30\x12" PSS_OID "\x30\x05\xa2\x03\x02\x01\xff", 0), ERR_FORMAT);
	assert_int_equal(PARSE("\x30\x12" PSS_OID "\x30\x05\xa3\x03\x02\x01\x01", 0), OK);
	assert_int_equal(PARSE("\x30\x12" PSS_OID "\x30\x05\xa3\x03\x02\x01\x02", 0), ERR_FORMAT);
	assert_int_equal(PARSE("\x30\x12" PSS_OID "\x30\x05\xa4\x03\x02\x01\x02", 0), ERR_FORMAT);
	assert_int_equal(
	    PARSE("\x30\x14" PSS_OID "\x30\x07\xa2\x05\x02\x03\x10\x00\x00", 0), ERR_FORMAT);
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(signature_alg_name(SIGNATURE_ALG_RSA_PSS), "RSA-PSS");
	assert_string_equal(signature_alg_name(SIGNATURE_ALG_PLAIN_ECDSA), "PLAIN-ECDSA");
	assert_string_equal(signature_alg_name(SIGNATURE_ALG_UNKNOWN), "unknown");
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_every_key_type),
		T(test_every_digest),
		T(test_weak_ones_are_not_refused_here),
		T(test_pss_parameters),
		T(test_restricted_pss_key),
		T(test_wrong_kind_of_key),
		T(test_plain_ecdsa_form),
		T(test_unsupported),
		T(test_identifiers),
		T(test_written_form),
		T(test_digest_by_context),
		T(test_malformed_pss),
		T(test_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
