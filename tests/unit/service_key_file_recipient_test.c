#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <openssl/pkcs12.h>
#include <openssl/rsa.h>

#include "base/scope.h"
#include "service/key_file_recipient.h"
#include "tests/support/mini_ca.h"

static struct bytes make_p12(struct scope *s, EVP_PKEY *key, bool with_cert)
{
	const struct cert *root = mini_ca_root(s, mini_ca_key(MINI_CA_P256, 1));
	const struct cert *leaf = mini_ca_leaf(s, root, mini_ca_key(MINI_CA_P256, 1), key);
	const uint8_t *p = leaf->der.p;
	X509 *x = d2i_X509(NULL, &p, (long)leaf->der.n);
	PKCS12 *p12 = PKCS12_create("pw", NULL, key, with_cert ? x : NULL, NULL, 0, 0, 1, 1, 0);
	mini_ca_check(p12 != NULL, "PKCS#12");
	struct bytes der = MINI_CA_DER(s, PKCS12, p12);
	PKCS12_free(p12);
	X509_free(x);
	return der;
}

static enum err parse(
    struct scope *s, EVP_PKEY *key, bool with_cert, const struct recipient **ret_recipient)
{
	scope_forgive(s);
	return key_file_recipient_parse(
	    s, make_p12(s, key, with_cert), BYTES_LIT("pw"), ret_recipient);
}

static void test_kinds(void **state)
{
	struct scope *s = *state;
	const struct recipient *r;
	assert_int_equal(parse(s, mini_ca_key(MINI_CA_RSA, 0), true, &r), OK);
	assert_true(r->decrypt && !r->agree && r->cert);
	assert_int_equal(parse(s, mini_ca_key(MINI_CA_P384, 0), true, &r), OK);
	assert_true(!r->decrypt && r->agree);
	assert_int_equal(parse(s, mini_ca_key(MINI_CA_ED25519, 0), true, &r), ERR_UNSUPPORTED);
	assert_int_equal(parse(s, mini_ca_key(MINI_CA_RSA, 0), false, &r), ERR_FORMAT);
	assert_non_null(strstr(scope_fault_text(s), "no certificate"));
	scope_forgive(s);
	assert_int_equal(key_file_recipient_parse(s, make_p12(s, mini_ca_key(MINI_CA_RSA, 0), true),
			     BYTES_LIT("other"), &r),
	    ERR_DENIED);
	scope_forgive(s);
	assert_int_equal(key_file_recipient_open(s, "none.p12", BYTES_LIT("pw"), &r), ERR_IO);
}

/* Encrypts a whole block of the modulus' size, without padding. */
static struct bytes raw(struct scope *s, EVP_PKEY *key, const uint8_t block[256])
{
	uint8_t *out = scope_alloc(s, 256);
	size_t n = 256;
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
	mini_ca_check(EVP_PKEY_encrypt_init(ctx) == 1 &&
			  EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING) == 1 &&
			  EVP_PKEY_encrypt(ctx, out, &n, block, 256) == 1,
	    "RSA");
	EVP_PKEY_CTX_free(ctx);
	return bytes_of(out, n);
}

static struct recipient_secret opened(
    struct scope *s, const struct recipient *r, struct bytes encrypted, size_t n)
{
	const struct recipient_padding pkcs1 = { DIGEST_UNKNOWN, DIGEST_UNKNOWN };
	struct recipient_secret secret = { 0 };
	assert_int_equal(r->decrypt(r->ctx, s, &pkcs1, encrypted, n, &secret), OK);
	assert_int_equal(secret.n, n);
	return secret;
}

/* RFC 8017 7.2.2; whatever is wrong gives other octets each time, as many as were asked for. */
static void test_padding(void **state)
{
	struct scope *s = *state;
	EVP_PKEY *key = mini_ca_key(MINI_CA_RSA, 0);
	const struct recipient *r;
	uint8_t block[256];
	static const struct {
		size_t at;
		uint8_t octet;
	} defects[] = { { 0, 1 }, { 1, 1 }, { 1, 3 }, { 2, 0 }, { 9, 0 }, { 222, 0 }, { 223, 1 } };
	assert_int_equal(parse(s, key, true, &r), OK);
	memset(block, 0x5a, sizeof(block));
	block[0] = 0;
	block[1] = 2;
	block[223] = 0;
	memcpy(block + 224, "thirty-two octets of a good key.", 32);
	struct recipient_secret good = opened(s, r, raw(s, key, block), 32);
	assert_memory_equal(good.octets, block + 224, 32);
	for (size_t i = 0; i < sizeof(defects) / sizeof(*defects); i++) {
		uint8_t bad[256];
		memcpy(bad, block, sizeof(bad));
		bad[defects[i].at] = defects[i].octet;
		struct bytes encrypted = raw(s, key, bad);
		struct recipient_secret a = opened(s, r, encrypted, 32);
		struct recipient_secret b = opened(s, r, encrypted, 32);
		assert_memory_not_equal(a.octets, block + 224, 32);
		assert_memory_not_equal(a.octets, b.octets, 32);
	}
	/* Another length than what is asked for, and no block at all. */
	opened(s, r, raw(s, key, block), 16);
	opened(s, r, raw(s, key, block), 33);
	opened(s, r, BYTES_LIT("short"), 32);
	opened(s, r, BYTES_NONE, 32);
}

static void test_agreement(void **state)
{
	struct scope *s = *state;
	const struct recipient *r;
	struct recipient_secret secret;
	static const uint8_t off_curve[65] = { 4, 1, 2, 3 };
	assert_int_equal(parse(s, mini_ca_key(MINI_CA_P256, 0), true, &r), OK);
	assert_int_equal(r->agree(r->ctx, s, r->cert->public_key, &secret), OK);
	assert_int_equal(secret.n, 32);
	assert_int_equal(
	    r->agree(r->ctx, s, bytes_of(off_curve, sizeof(off_curve)), &secret), ERR_CRYPTO);
	scope_forgive(s);
	assert_int_equal(r->agree(r->ctx, s, BYTES_NONE, &secret), ERR_CRYPTO);
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

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_kinds),
		TEST(test_padding),
		TEST(test_agreement),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
