#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <openssl/rsa.h>

#include "base/scope.h"
#include "tests/support/office.h"

static struct key key_of(struct office *o, EVP_PKEY *private_key)
{
	struct mini_ca_spec spec = {
		.subject = "/CN=x", .key = private_key, .issuer_key = mini_ca_key(MINI_CA_P256, 0)
	};
	return (struct key){ .cert = mini_ca_parsed(o->s, &spec) };
}

static void test_usual_choices(void **state)
{
	static const struct {
		enum mini_ca_key_type type;
		enum digest_alg digest;
		enum signature_alg_kind kind;
	} wanted[] = {
		{ MINI_CA_RSA, DIGEST_SHA256, SIGNATURE_ALG_RSA_PSS },
		{ MINI_CA_RSA_PSS, DIGEST_SHA256, SIGNATURE_ALG_RSA_PSS },
		{ MINI_CA_P256, DIGEST_SHA256, SIGNATURE_ALG_ECDSA },
		{ MINI_CA_P384, DIGEST_SHA384, SIGNATURE_ALG_ECDSA },
		{ MINI_CA_P521, DIGEST_SHA512, SIGNATURE_ALG_ECDSA },
		{ MINI_CA_BRAINPOOL_P256, DIGEST_SHA256, SIGNATURE_ALG_ECDSA },
		{ MINI_CA_ED25519, DIGEST_SHA512, SIGNATURE_ALG_ED25519 },
		{ MINI_CA_ED448, DIGEST_SHAKE256, SIGNATURE_ALG_ED448 },
	};
	struct office *o = *state;
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++) {
		struct key key = key_of(o, mini_ca_key(wanted[i].type, 0));
		struct signature_alg alg;
		enum digest_alg digest = key_digest(&key, DIGEST_UNKNOWN);
		assert_int_equal(digest, wanted[i].digest);
		assert_int_equal(key_signature_alg(o->s, &key, digest, false, &alg), OK);
		assert_int_equal(alg.kind, wanted[i].kind);
		if (alg.kind == SIGNATURE_ALG_RSA_PSS) {
			assert_int_equal(alg.salt_length, 32);
			assert_int_equal(alg.mgf_digest, DIGEST_SHA256);
		}
		bool names_one =
		    alg.kind != SIGNATURE_ALG_ED25519 && alg.kind != SIGNATURE_ALG_ED448;
		assert_int_equal(alg.digest, names_one ? digest : DIGEST_UNKNOWN);
	}
}

/* What is asked for counts, but for EdDSA, which fixes its own. */
static void test_asked_digest(void **state)
{
	struct office *o = *state;
	struct key rsa = key_of(o, mini_ca_key(MINI_CA_RSA, 0));
	struct key ec = key_of(o, mini_ca_key(MINI_CA_P256, 0));
	struct key ed = key_of(o, mini_ca_key(MINI_CA_ED25519, 0));
	struct signature_alg alg;
	assert_int_equal(key_digest(&rsa, DIGEST_SHA384), DIGEST_SHA384);
	assert_int_equal(key_digest(&ec, DIGEST_SHA512), DIGEST_SHA512);
	assert_int_equal(key_digest(&ed, DIGEST_SHA256), DIGEST_SHA512);
	assert_int_equal(key_signature_alg(o->s, &rsa, DIGEST_SHA512, false, &alg), OK);
	assert_int_equal(alg.salt_length, 64);
	assert_int_equal(key_signature_alg(o->s, &rsa, DIGEST_SHA256, true, &alg), OK);
	assert_int_equal(alg.kind, SIGNATURE_ALG_RSA_PKCS1);
}

static EVP_PKEY *restricted_key(struct office *o)
{
	EVP_PKEY *key = NULL;
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA-PSS", NULL);
	assert_true(ctx && EVP_PKEY_keygen_init(ctx) == 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, 2048), 1);
	assert_int_equal(EVP_PKEY_CTX_set_rsa_pss_keygen_md_name(ctx, "SHA384", NULL), 1);
	assert_int_equal(EVP_PKEY_generate(ctx, &key), 1);
	EVP_PKEY_CTX_free(ctx);
	assert_int_equal(scope_own(o->s, key, (void (*)(void *))EVP_PKEY_free), OK);
	return key;
}

/* A key for PSS with SHA-384 alone says so in its certificate. */
static void test_restricted_pss_key(void **state)
{
	struct office *o = *state;
	struct key key = key_of(o, restricted_key(o));
	struct signature_alg alg;
	assert_int_equal(key_digest(&key, DIGEST_UNKNOWN), DIGEST_SHA384);
	assert_int_equal(key_signature_alg(o->s, &key, DIGEST_SHA384, false, &alg), OK);
	assert_int_equal(
	    key_signature_alg(o->s, &key, DIGEST_SHA256, false, &alg), ERR_UNSUPPORTED);
	scope_forgive(o->s);
	assert_int_equal(key_signature_alg(o->s, &key, DIGEST_SHA384, true, &alg), ERR_UNSUPPORTED);
}

static void test_keys_that_cannot_seal(void **state)
{
	struct office *o = *state;
	EVP_PKEY *x25519 = EVP_PKEY_Q_keygen(NULL, NULL, "X25519");
	struct signature_alg alg;
	assert_non_null(x25519);
	struct key key = key_of(o, x25519);
	assert_int_equal(
	    key_signature_alg(o->s, &key, DIGEST_SHA256, false, &alg), ERR_UNSUPPORTED);
	scope_forgive(o->s);
	struct cert unreadable = *key.cert;
	unreadable.key = NULL;
	key.cert = &unreadable;
	assert_int_equal(
	    key_signature_alg(o->s, &key, DIGEST_SHA256, false, &alg), ERR_UNSUPPORTED);
	assert_int_equal(key_digest(&key, DIGEST_UNKNOWN), DIGEST_SHA256);
	EVP_PKEY_free(x25519);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, office_setup, office_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_usual_choices),
		TEST(test_asked_digest),
		TEST(test_restricted_pss_key),
		TEST(test_keys_that_cannot_seal),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
