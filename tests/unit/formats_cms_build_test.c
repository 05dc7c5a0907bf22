#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/cms.h>
#include <openssl/err.h>

#include "base/scope.h"
#include "formats/cms_build.h"
#include "formats/der.h"
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

/* A seal over `content` by a fresh leaf of this key type. */
struct seal {
	const struct cert **certs; /* leaf, root */
	EVP_PKEY *key;
	struct digest digest;
	struct cms_build parts;
	struct bytes der;
};

static enum digest_alg digest_for(enum mini_ca_key_type type)
{
	if (type == MINI_CA_ED25519 || type == MINI_CA_P521)
		return DIGEST_SHA512;
	if (type == MINI_CA_ED448)
		return DIGEST_SHAKE256;
	return type == MINI_CA_P384 ? DIGEST_SHA384 : DIGEST_SHA256;
}

static const struct bytes content = { (const uint8_t *)"content", 7 };

static struct seal make_seal(
    struct scope *s, enum mini_ca_key_type type, struct signature_alg alg, struct bytes token)
{
	struct seal seal = { .key = mini_ca_key(type, 0) };
	EVP_PKEY *root_key = mini_ca_key(MINI_CA_P256, 1);
	seal.certs = scope_alloc_array(s, 2, sizeof(struct cert *));
	assert_non_null(seal.certs);
	seal.certs[1] = mini_ca_root(s, root_key);
	seal.certs[0] = mini_ca_leaf(s, seal.certs[1], root_key, seal.key);
	assert_int_equal(digest_of_bytes(s, digest_for(type), content, &seal.digest), OK);
	seal.parts = (struct cms_build){
		.signer = seal.certs[0],
		.certs = seal.certs,
		.n_certs = 2,
		.digest_alg = seal.digest.alg,
		.sig_alg = alg,
		.timestamp_token = token,
	};
	assert_int_equal(
	    cms_build_signed_attrs(s, seal.certs[0], &seal.digest, &seal.parts.signed_attrs), OK);
	seal.parts.sig_value = mini_ca_sign(s, seal.key, alg, seal.parts.signed_attrs);
	assert_int_equal(cms_build(s, &seal.parts, &seal.der), OK);
	return seal;
}

static bool verifies(struct scope *s, const struct cms *cms, const struct cert *signer)
{
	bool ok = false, in_order = false;
	assert_int_equal(cms_verify_value(s, &cms->signers[0], signer, NULL, &ok, &in_order), OK);
	assert_true(in_order);
	return ok;
}

static void check_facts(struct scope *s, const struct seal *seal, const struct cms *cms)
{
	struct bytes digest, type;
	struct cms_ess_cert_id *ids;
	struct digest cert_digest;
	size_t n;
	assert_true(cms->is_der);
	assert_int_equal(cms->version, 1);
	assert_false(cms->has_econtent);
	assert_true(oid_is(cms->econtent_type, OID_CMS_DATA));
	assert_int_equal(cms->n_certs, 2);
	assert_int_equal(cms->n_signers, 1);
	assert_int_equal(cms->signers[0].version, 1);
	assert_true(bytes_equal(cms->signers[0].serial, seal->certs[0]->serial));
	assert_true(bytes_equal(cms->signers[0].issuer, seal->certs[0]->issuer));
	/* EN 319 142-1 6.3: no signingTime in the CMS; exactly these three */
	assert_int_equal(cms->signers[0].signed_attrs.n, 3);
	assert_int_equal(cms_message_digest(s, &cms->signers[0], &digest), OK);
	assert_true(bytes_equal(digest, digest_bytes(&seal->digest)));
	assert_int_equal(cms_content_type(s, &cms->signers[0], &type), OK);
	assert_true(oid_is(type, OID_CMS_DATA));
	assert_int_equal(cms_signing_certificate(s, &cms->signers[0], &ids, &n), OK);
	assert_int_equal(n, 1);
	assert_false(ids[0].has_issuer_serial);
	assert_int_equal(
	    digest_of_bytes(s, seal->digest.alg, seal->certs[0]->der, &cert_digest), OK);
	assert_true(digest_equal(&ids[0].digest, &cert_digest));
}

/* A changed octet of the signature value, or of the attributes, must not verify. */
static void check_tampering(struct scope *s, const struct seal *seal, const struct cms *cms)
{
	struct cms_signer changed = cms->signers[0];
	struct cms forged = *cms;
	uint8_t *value = scope_alloc(s, changed.sig_value.n);
	memcpy(value, changed.sig_value.p, changed.sig_value.n);
	value[changed.sig_value.n / 2] ^= 1;
	changed.sig_value.p = value;
	forged.signers = &changed;
	assert_false(verifies(s, &forged, seal->certs[0]));

	changed = cms->signers[0];
	struct bytes digest;
	assert_int_equal(cms_message_digest(s, &cms->signers[0], &digest), OK);
	uint8_t *attrs = scope_alloc(s, changed.signed_attrs.whole.n);
	memcpy(attrs, changed.signed_attrs.whole.p, changed.signed_attrs.whole.n);
	attrs[digest.p - changed.signed_attrs.whole.p] ^= 1;
	changed.signed_attrs.whole.p = attrs;
	/* the changed digest may move its attribute in the order: only the value matters here */
	bool ok = true, in_order;
	assert_int_equal(cms_verify_value(s, &changed, seal->certs[0], NULL, &ok, &in_order), OK);
	assert_false(ok);
	assert_false(verifies(s, cms, seal->certs[1]));
}

static void round_trip(struct scope *s, enum mini_ca_key_type type, struct signature_alg alg)
{
	const struct cms *cms;
	size_t taken, bound;
	struct seal seal = make_seal(s, type, alg, BYTES_NONE);
	assert_int_equal(cms_parse(s, seal.der, &taken, &cms), OK);
	assert_int_equal(taken, seal.der.n);
	check_facts(s, &seal, cms);
	assert_int_equal(cms->signers[0].sig_alg.kind, alg.kind);
	assert_true(verifies(s, cms, seal.certs[0]));
	check_tampering(s, &seal, cms);

	size_t sig_max = (size_t)EVP_PKEY_get_size(seal.key);
	assert_int_equal(cms_build_bound(s, &seal.parts, sig_max, 0, &bound), OK);
	assert_true(bound >= seal.der.n && bound <= seal.der.n + 8);
	seal.parts.signed_attrs = BYTES_NONE;
	assert_int_equal(cms_build_bound(s, &seal.parts, sig_max, 0, &bound), OK);
	assert_true(bound >= seal.der.n && bound <= seal.der.n + 8);
	assert_int_equal(ERR_peek_error(), 0);
}

static void test_every_key_type(void **state)
{
	for (enum mini_ca_key_type type = 0; type < MINI_CA_KEY_TYPES; type++)
		round_trip(*state, type, mini_ca_alg(type, false));
}

static void test_other_algorithms(void **state)
{
	struct signature_alg plain = { SIGNATURE_ALG_PLAIN_ECDSA, DIGEST_SHA256, 0, 0 };
	struct signature_alg pss = { SIGNATURE_ALG_RSA_PSS, DIGEST_SHA384, DIGEST_SHA1, 20 };
	round_trip(*state, MINI_CA_RSA, mini_ca_alg(MINI_CA_RSA, true));
	round_trip(*state, MINI_CA_RSA, pss);
	round_trip(*state, MINI_CA_P256, plain);
	round_trip(*state, MINI_CA_BRAINPOOL_P256, plain);
}

static X509_STORE *store_with(const struct cert *root)
{
	const unsigned char *p = root->der.p;
	X509_STORE *store = X509_STORE_new();
	X509 *x509 = d2i_X509(NULL, &p, (long)root->der.n);
	assert_int_equal(X509_STORE_add_cert(store, x509), 1);
	X509_VERIFY_PARAM_set_time(X509_STORE_get0_param(store), (time_t)MINI_CA_NOW);
	X509_VERIFY_PARAM_set_purpose(X509_STORE_get0_param(store), X509_PURPOSE_ANY);
	X509_free(x509);
	return store;
}

static int openssl_verifies(const struct seal *seal, struct bytes data)
{
	const unsigned char *p = seal->der.p;
	CMS_ContentInfo *cms = d2i_CMS_ContentInfo(NULL, &p, (long)seal->der.n);
	BIO *bio = BIO_new_mem_buf(data.p, (int)data.n);
	X509_STORE *store = store_with(seal->certs[1]);
	assert_non_null(cms);
	int ok = CMS_verify(cms, NULL, store, bio, NULL, CMS_BINARY | CMS_CADES);
	X509_STORE_free(store);
	BIO_free(bio);
	CMS_ContentInfo_free(cms);
	return ok;
}

/* OpenSSL's own judge accepts what we compose, signing-certificate attribute included. */
static void test_openssl_verifies(void **state)
{
	const enum mini_ca_key_type types[] = { MINI_CA_RSA, MINI_CA_RSA_PSS, MINI_CA_P256,
		MINI_CA_P384, MINI_CA_P521, MINI_CA_BRAINPOOL_P256 };
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		struct seal seal =
		    make_seal(*state, types[i], mini_ca_alg(types[i], false), BYTES_NONE);
		mini_ca_check(openssl_verifies(&seal, content) == 1, mini_ca_key_name(types[i]));
		assert_int_equal(openssl_verifies(&seal, BYTES_LIT("contenu")), 0);
		ERR_clear_error();
	}
}

static const struct bytes token = { (const uint8_t *)"\x30\x03\x02\x01\x05", 5 };

static void test_timestamp_token(void **state)
{
	const struct cms *cms;
	size_t bound;
	struct seal seal = make_seal(*state, MINI_CA_P256, mini_ca_alg(MINI_CA_P256, false), token);
	assert_int_equal(cms_parse(*state, seal.der, NULL, &cms), OK);
	const struct cms_attr *attr =
	    cms_find_attr(&cms->signers[0].unsigned_attrs, OID_ATTR_SIGNATURE_TIMESTAMP);
	assert_non_null(attr);
	assert_int_equal(attr->n_values, 1);
	assert_true(bytes_equal(attr->values[0], token));
	assert_int_equal(cms_build_bound(*state, &seal.parts, 72, token.n, &bound), OK);
	assert_true(bound >= seal.der.n && bound <= seal.der.n + 4);
	assert_int_equal(cms_build_bound(*state, &seal.parts, 72, 100000, &bound), OK);
	assert_true(bound > 100000 + seal.der.n - token.n);
}

/* DER of the certificate set does not depend on the order in which they are handed in. */
static void test_certificates_in_der_order(void **state)
{
	struct seal seal =
	    make_seal(*state, MINI_CA_P256, mini_ca_alg(MINI_CA_P256, false), BYTES_NONE);
	const struct cert *swapped[] = { seal.certs[1], seal.certs[0] };
	struct bytes der;
	seal.parts.certs = swapped;
	assert_int_equal(cms_build(*state, &seal.parts, &der), OK);
	assert_true(bytes_equal(der, seal.der));
}

static void test_unsigned_attribute_into_der(void **state)
{
	const struct cms *before, *after, *again;
	struct bytes der;
	struct seal seal =
	    make_seal(*state, MINI_CA_RSA, mini_ca_alg(MINI_CA_RSA, false), BYTES_NONE);
	assert_int_equal(cms_parse(*state, seal.der, NULL, &before), OK);
	assert_int_equal(
	    cms_build_with_unsigned(*state, before, OID_ATTR_SIGNATURE_TIMESTAMP, token, &der), OK);
	/* the same bytes as if it had been put in at once */
	seal.parts.timestamp_token = token;
	struct bytes at_once;
	assert_int_equal(cms_build(*state, &seal.parts, &at_once), OK);
	assert_true(bytes_equal(der, at_once));
	assert_int_equal(cms_parse(*state, der, NULL, &after), OK);
	assert_true(verifies(*state, after, seal.certs[0]));
	/* and one more, which sorts before the first */
	assert_int_equal(cms_build_with_unsigned(*state, after, OID_ATTR_COUNTER_SIGNATURE,
			     BYTES_LIT("\x05\x00"), &der),
	    OK);
	assert_int_equal(cms_parse(*state, der, NULL, &again), OK);
	assert_true(again->is_der);
	assert_int_equal(again->signers[0].unsigned_attrs.n, 2);
	assert_true(
	    oid_is(again->signers[0].unsigned_attrs.item[0].oid, OID_ATTR_COUNTER_SIGNATURE));
	assert_true(verifies(*state, again, seal.certs[0]));
	assert_true(bytes_equal(
	    again->signers[0].signed_attrs.whole, before->signers[0].signed_attrs.whole));
	assert_true(bytes_equal(again->certs[0]->der, before->certs[0]->der));
}

/* OpenSSL's streaming output: indefinite lengths outside, which become definite. */
static void test_unsigned_attribute_into_ber(void **state)
{
	const struct cms *cms, *after;
	struct seal seal =
	    make_seal(*state, MINI_CA_RSA, mini_ca_alg(MINI_CA_RSA, false), BYTES_NONE);
	BIO *data = BIO_new_mem_buf(content.p, (int)content.n), *out = BIO_new(BIO_s_mem());
	X509 *signer;
	assert_int_equal(cert_x509(*state, seal.certs[0], &signer), OK);
	CMS_ContentInfo *made = CMS_sign(signer, seal.key, NULL, data, CMS_BINARY | CMS_STREAM);
	assert_non_null(made);
	assert_int_equal(i2d_CMS_bio_stream(out, made, data, CMS_BINARY | CMS_STREAM), 1);
	char *p;
	long n = BIO_get_mem_data(out, &p);
	assert_int_equal(cms_parse(*state, bytes_of(p, (size_t)n), NULL, &cms), OK);
	assert_false(cms->is_der);
	assert_true(cms->has_econtent);
	assert_true(bytes_equal(cms->econtent, content));
	struct bytes der;
	assert_int_equal(
	    cms_build_with_unsigned(*state, cms, OID_ATTR_SIGNATURE_TIMESTAMP, token, &der), OK);
	assert_int_equal(cms_parse(*state, der, NULL, &after), OK);
	assert_true(verifies(*state, after, seal.certs[0]));
	assert_int_equal(after->signers[0].unsigned_attrs.n, 1);
	assert_true(bytes_equal(after->econtent, content));
	assert_int_equal(der.p[1] & 0x80, 0x80);
	assert_int_not_equal(der.p[1], 0x80);
	CMS_ContentInfo_free(made);
	BIO_free(out);
	BIO_free(data);
}

static void test_no_signer(void **state)
{
	struct cms none = { 0 };
	struct bytes der;
	assert_int_equal(
	    cms_build_with_unsigned(*state, &none, OID_ATTR_SIGNATURE_TIMESTAMP, token, &der),
	    ERR_MISUSE);
}

static void test_algorithm_without_identifier(void **state)
{
	struct seal seal =
	    make_seal(*state, MINI_CA_P256, mini_ca_alg(MINI_CA_P256, false), BYTES_NONE);
	struct bytes der;
	seal.parts.sig_alg.digest = DIGEST_SHAKE256;
	assert_int_equal(cms_build(*state, &seal.parts, &der), ERR_UNSUPPORTED);
}

static enum err build_all(struct scope *s, const struct seal *seal)
{
	struct bytes attrs, der;
	const struct cms *cms;
	struct cms_build parts = seal->parts;
	TRY(cms_build_signed_attrs(s, seal->certs[0], &seal->digest, &attrs));
	parts.signed_attrs = attrs;
	TRY(cms_build(s, &parts, &der));
	TRY(cms_parse(s, der, NULL, &cms));
	return cms_build_with_unsigned(s, cms, OID_ATTR_SIGNATURE_TIMESTAMP, token, &der);
}

static void test_no_memory(void **state)
{
	struct seal seal =
	    make_seal(*state, MINI_CA_P256, mini_ca_alg(MINI_CA_P256, false), BYTES_NONE);
	enum err err = ERR_NOMEM;
	size_t n = 0;
	while (err != OK) {
		struct scope *s = scope_new(0);
		scope_fail_after(s, ++n);
		err = build_all(s, &seal);
		scope_free(s);
		assert_true(err == OK || err == ERR_NOMEM);
		assert_true(n < 1000);
	}
	assert_true(n > 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_every_key_type, setup, teardown),
		cmocka_unit_test_setup_teardown(test_other_algorithms, setup, teardown),
		cmocka_unit_test_setup_teardown(test_openssl_verifies, setup, teardown),
		cmocka_unit_test_setup_teardown(test_timestamp_token, setup, teardown),
		cmocka_unit_test_setup_teardown(test_certificates_in_der_order, setup, teardown),
		cmocka_unit_test_setup_teardown(test_unsigned_attribute_into_der, setup, teardown),
		cmocka_unit_test_setup_teardown(test_unsigned_attribute_into_ber, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_signer, setup, teardown),
		cmocka_unit_test_setup_teardown(test_algorithm_without_identifier, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_memory, setup, teardown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
