#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include <openssl/pkcs12.h>
#include <openssl/provider.h>

#include "base/scope.h"
#include "service/key_file.h"
#include "tests/support/mini_ca.h"

static struct bytes der_of_p12(struct scope *s, PKCS12 *p12)
{
	mini_ca_check(p12 != NULL, "PKCS#12");
	struct bytes der = MINI_CA_DER(s, PKCS12, p12);
	PKCS12_free(p12);
	return der;
}

static X509 *x509_of(struct bytes der)
{
	const uint8_t *p = der.p;
	X509 *x = d2i_X509(NULL, &p, (long)der.n);
	mini_ca_check(x != NULL, "certificate");
	return x;
}

/* A file with `key` (or none), the certificate `leaf` and the authority's. nid: how both are
 * encrypted; 0: OpenSSL's present default, AES-256. */
static struct bytes make_p12(struct scope *s, EVP_PKEY *key, struct bytes leaf, struct bytes root,
    const char *password, int nid)
{
	STACK_OF(X509) *others = sk_X509_new_null();
	sk_X509_push(others, x509_of(root));
	X509 *cert = leaf.n ? x509_of(leaf) : NULL;
	PKCS12 *p12 =
	    PKCS12_create(password, "seal", key, key ? cert : NULL, others, nid, nid, 0, 0, 0);
	struct bytes der = der_of_p12(s, p12);
	sk_X509_pop_free(others, X509_free);
	X509_free(cert);
	return der;
}

struct fixture {
	struct scope *s;
	EVP_PKEY *key;
	const struct cert *root, *leaf;
};

static void make_fixture(struct fixture *f, struct scope *s, enum mini_ca_key_type type)
{
	EVP_PKEY *root_key = mini_ca_key(MINI_CA_P256, 1);
	f->s = s;
	f->key = mini_ca_key(type, 0);
	f->root = mini_ca_root(s, root_key);
	f->leaf = mini_ca_leaf(s, f->root, root_key, f->key);
}

static struct bytes word(const char *text)
{
	return bytes_of_str(text);
}

static void assert_signs(
    struct scope *s, const struct key *key, enum mini_ca_key_type type, bool pss)
{
	struct signature_alg alg = mini_ca_alg(type, pss);
	struct bytes value;
	bool ok = false;
	assert_int_equal(key->sign(key->ctx, s, &alg, BYTES_LIT("to be sealed"), &value), OK);
	assert_true(value.n <= key->signature_max);
	assert_int_equal(
	    signature_alg_verify(s, alg, key->cert->key, BYTES_LIT("to be sealed"), value, &ok),
	    OK);
	assert_true(ok);
	assert_int_equal(
	    signature_alg_verify(s, alg, key->cert->key, BYTES_LIT("to be seale_"), value, &ok),
	    OK);
	assert_false(ok);
}

static void test_every_key_type_signs(void **state)
{
	struct scope *s = *state;
	static const enum mini_ca_key_type types[] = { MINI_CA_RSA, MINI_CA_RSA_PSS, MINI_CA_P256,
		MINI_CA_P384, MINI_CA_P521, MINI_CA_BRAINPOOL_P256, MINI_CA_ED25519,
		MINI_CA_ED448 };
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		struct fixture f;
		const struct key *key;
		make_fixture(&f, s, types[i]);
		struct bytes p12 = make_p12(s, f.key, f.leaf->der, f.root->der, "pw", 0);
		assert_int_equal(key_file_parse(s, p12, word("pw"), &key), OK);
		assert_true(cert_equal(key->cert, f.leaf));
		assert_int_equal(key->n_chain, 1);
		assert_true(cert_equal(key->chain[0], f.root));
		assert_signs(s, key, types[i], types[i] == MINI_CA_RSA_PSS);
		if (types[i] == MINI_CA_RSA)
			assert_signs(s, key, types[i], true);
	}
}

static void test_an_algorithm_of_another_key(void **state)
{
	struct scope *s = *state;
	struct fixture f;
	const struct key *key;
	struct bytes value;
	make_fixture(&f, s, MINI_CA_P256);
	struct bytes p12 = make_p12(s, f.key, f.leaf->der, f.root->der, "pw", 0);
	assert_int_equal(key_file_parse(s, p12, word("pw"), &key), OK);
	struct signature_alg alg = mini_ca_alg(MINI_CA_RSA, false);
	assert_int_equal(key->sign(key->ctx, s, &alg, BYTES_LIT("x"), &value), ERR_UNSUPPORTED);
	scope_forgive(s);
	alg = (struct signature_alg){ .kind = SIGNATURE_ALG_ECDSA, .digest = DIGEST_UNKNOWN };
	assert_int_equal(key->sign(key->ctx, s, &alg, BYTES_LIT("x"), &value), ERR_UNSUPPORTED);
}

static void assert_refused(
    struct scope *s, struct bytes p12, const char *password, enum err code, const char *text)
{
	const struct key *key;
	assert_int_equal(key_file_parse(s, p12, word(password), &key), code);
	assert_string_equal(scope_fault_text(s), text);
	scope_forgive(s);
}

static void test_refusals(void **state)
{
	struct scope *s = *state;
	struct fixture f;
	make_fixture(&f, s, MINI_CA_P256);
	EVP_PKEY *stranger = mini_ca_key(MINI_CA_P256, 2);
	struct bytes good = make_p12(s, f.key, f.leaf->der, f.root->der, "pw", 0);
	assert_refused(s, good, "wrong", ERR_DENIED, "wrong password");
	assert_refused(s, good, "", ERR_DENIED, "wrong password");
	assert_refused(s, good, "w\xc3\xa9", ERR_DENIED, "wrong password");
	struct bytes keyless = make_p12(s, NULL, f.leaf->der, f.root->der, "pw", 0);
	assert_refused(s, keyless, "pw", ERR_FORMAT, "holds no private key");
	struct bytes foreign = make_p12(s, stranger, BYTES_NONE, f.leaf->der, "pw", 0);
	assert_refused(s, foreign, "pw", ERR_FORMAT, "holds no certificate for its key");
	assert_refused(s, BYTES_LIT("-----BEGIN"), "pw", ERR_FORMAT, "not a PKCS#12 file");
	assert_refused(s, BYTES_NONE, "pw", ERR_FORMAT, "not a PKCS#12 file");
	assert_refused(s, bytes_cut(good, 0, good.n / 2), "pw", ERR_FORMAT, "not a PKCS#12 file");
}

/* Any octet of the file changed: never a crash, and never another key. */
static void test_damaged_files(void **state)
{
	struct scope *s = *state;
	struct fixture f;
	make_fixture(&f, s, MINI_CA_P256);
	struct bytes good = make_p12(s, f.key, f.leaf->der, f.root->der, "pw", 0);
	for (size_t i = 0; i < good.n; i += 13) {
		struct scope *one = scope_new(0);
		struct bytes bad;
		const struct key *key;
		assert_int_equal(bytes_copy(one, good, &bad), OK);
		((uint8_t *)(uintptr_t)bad.p)[i] ^= 0x15;
		if (key_file_parse(one, bad, word("pw"), &key) == OK)
			assert_true(bytes_equal(key->cert->spki, f.leaf->spki));
		scope_free(one);
	}
}

static void test_empty_password(void **state)
{
	struct scope *s = *state;
	struct fixture f;
	const struct key *key;
	make_fixture(&f, s, MINI_CA_P256);
	struct bytes p12 = make_p12(s, f.key, f.leaf->der, f.root->der, "", 0);
	assert_int_equal(key_file_parse(s, p12, word(""), &key), OK);
}

/* Made with the Unicode form of "pass" and e acute; opened with its UTF-8 and its Latin-1 form. */
static void test_password_encodings(void **state)
{
	struct scope *s = *state;
	struct fixture f;
	const struct key *key;
	make_fixture(&f, s, MINI_CA_P256);
	struct bytes p12 = make_p12(s, f.key, f.leaf->der, f.root->der, "pass\xc3\xa9", 0);
	assert_int_equal(key_file_parse(s, p12, word("pass\xc3\xa9"), &key), OK);
	assert_int_equal(key_file_parse(s, p12, word("pass\xe9"), &key), OK);
	assert_refused(s, p12, "pass\xe8", ERR_DENIED, "wrong password");
	/* An old program took the two octets of the UTF-8 form for two characters. */
	p12 = make_p12(s, f.key, f.leaf->der, f.root->der, "pass\xc3\x83\xc2\xa9", 0);
	assert_int_equal(key_file_parse(s, p12, word("pass\xc3\xa9"), &key), OK);
}

/* RC2-40 and triple DES, as programs wrote until 2021: only the legacy provider knows RC2. */
static void test_old_algorithms(void **state)
{
	struct scope *s = *state;
	OSSL_LIB_CTX *context = OSSL_LIB_CTX_new();
	OSSL_PROVIDER *usual = OSSL_PROVIDER_load(context, "default");
	OSSL_PROVIDER *legacy = OSSL_PROVIDER_load(context, "legacy");
	if (!usual || !legacy)
		skip(); /* this OpenSSL has no legacy provider */
	struct fixture f;
	const struct key *key;
	make_fixture(&f, s, MINI_CA_RSA);
	X509 *cert = x509_of(f.leaf->der);
	STACK_OF(X509) *others = sk_X509_new_null();
	sk_X509_push(others, x509_of(f.root->der));
	PKCS12 *p12 = PKCS12_create_ex("pw", "old", f.key, cert, others,
	    NID_pbe_WithSHA1And3_Key_TripleDES_CBC, NID_pbe_WithSHA1And40BitRC2_CBC, 2048, 1, 0,
	    context, NULL);
	struct bytes der = der_of_p12(s, p12);
	X509_free(cert);
	sk_X509_pop_free(others, X509_free);
	assert_int_equal(key_file_parse(s, der, word("pw"), &key), OK);
	assert_true(cert_equal(key->cert, f.leaf));
	assert_int_equal(key->n_chain, 1);
	assert_signs(s, key, MINI_CA_RSA, true);
	assert_refused(s, der, "no", ERR_DENIED, "wrong password");
	OSSL_PROVIDER_unload(legacy);
	OSSL_PROVIDER_unload(usual);
	OSSL_LIB_CTX_free(context);
}

static void test_open_names_the_file(void **state)
{
	struct scope *s = *state;
	const struct key *key;
	char path[] = "/tmp/bulla-test-XXXXXX", line[128];
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "junk", 4), 4);
	close(fd);
	assert_int_equal(key_file_open(s, path, word("pw"), &key), ERR_FORMAT);
	snprintf(line, sizeof(line), "%s: not a PKCS#12 file", path);
	assert_string_equal(scope_fault_text(s), line);
	scope_forgive(s);
	unlink(path);
	assert_int_equal(key_file_open(s, path, word("pw"), &key), ERR_IO);
	snprintf(line, sizeof(line), "%s: No such file or directory", path);
	assert_string_equal(scope_fault_text(s), line);
}

static int new_scope(void **state)
{
	*state = scope_new(0);
	return *state ? 0 : -1;
}

static int end_scope(void **state)
{
	scope_free(*state);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_every_key_type_signs, new_scope, end_scope),
		cmocka_unit_test_setup_teardown(
		    test_an_algorithm_of_another_key, new_scope, end_scope),
		cmocka_unit_test_setup_teardown(test_refusals, new_scope, end_scope),
		cmocka_unit_test_setup_teardown(test_damaged_files, new_scope, end_scope),
		cmocka_unit_test_setup_teardown(test_empty_password, new_scope, end_scope),
		cmocka_unit_test_setup_teardown(test_password_encodings, new_scope, end_scope),
		cmocka_unit_test_setup_teardown(test_old_algorithms, new_scope, end_scope),
		cmocka_unit_test_setup_teardown(test_open_names_the_file, new_scope, end_scope),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
