#include "tests/support/key_bag.h"

#include <string.h>

#include <openssl/pkcs12.h>
#include <openssl/provider.h>

#include "base/scope.h"

static X509 *x509_of(struct bytes der)
{
	const uint8_t *p = der.p;
	X509 *x = d2i_X509(NULL, &p, (long)der.n);
	mini_ca_check(x != NULL, "certificate");
	return x;
}

/* Encrypted by PBES2, in a safe that is encrypted the same way. */
static PKCS12 *nested(const char *password, EVP_PKEY *key, X509 *cert, int rounds)
{
	STACK_OF(PKCS12_SAFEBAG) *bags = NULL;
	STACK_OF(PKCS7) *safes = NULL;
	unsigned char id[EVP_MAX_MD_SIZE];
	unsigned int n = 0;
	PKCS12_SAFEBAG *bag = PKCS12_add_cert(&bags, cert);
	mini_ca_check(bag && X509_digest(cert, EVP_sha1(), id, &n), "a bag");
	mini_ca_check(PKCS12_add_localkeyid(bag, id, (int)n) == 1, "a bag's key");
	bag = PKCS12_add_key(&bags, key, 0, rounds, NID_aes_256_cbc, password);
	mini_ca_check(bag && PKCS12_add_localkeyid(bag, id, (int)n) == 1, "a key's bag");
	mini_ca_check(PKCS12_add_safe(&safes, bags, NID_aes_256_cbc, 1, password) == 1, "a safe");
	PKCS12 *p12 = PKCS12_add_safes(safes, 0);
	mini_ca_check(p12 && PKCS12_set_mac(p12, password, -1, NULL, 0, 1, NULL) == 1, "a MAC");
	sk_PKCS7_pop_free(safes, PKCS7_free);
	sk_PKCS12_SAFEBAG_pop_free(bags, PKCS12_SAFEBAG_free);
	return p12;
}

static PKCS12 *old(const char *password, EVP_PKEY *key, X509 *cert, STACK_OF(X509) * others)
{
	OSSL_LIB_CTX *context = OSSL_LIB_CTX_new();
	OSSL_PROVIDER *usual = OSSL_PROVIDER_load(context, "default");
	OSSL_PROVIDER *legacy = OSSL_PROVIDER_load(context, "legacy");
	PKCS12 *p12 = NULL;
	if (usual && legacy)
		p12 = PKCS12_create_ex(password, "old", key, cert, others,
		    NID_pbe_WithSHA1And3_Key_TripleDES_CBC, NID_pbe_WithSHA1And40BitRC2_CBC, 1, 1,
		    0, context, NULL);
	/* Into the usual context, which outlives this one. */
	unsigned char *der = NULL;
	int n = p12 ? i2d_PKCS12(p12, &der) : 0;
	const unsigned char *p = der;
	PKCS12_free(p12);
	p12 = n > 0 ? d2i_PKCS12(NULL, &p, n) : NULL;
	OPENSSL_free(der);
	OSSL_PROVIDER_unload(legacy);
	OSSL_PROVIDER_unload(usual);
	OSSL_LIB_CTX_free(context);
	return p12;
}

static PKCS12 *make(const char *password, EVP_PKEY *key, X509 *cert, STACK_OF(X509) * others,
    enum key_bag_form form, int rounds)
{
	if (form == KEY_BAG_NESTED)
		return nested(password, key, cert, rounds);
	if (form == KEY_BAG_OLD)
		return old(password, key, cert, others);
	return PKCS12_create(password, "seal", key, cert, others,
	    form == KEY_BAG_OPEN || form == KEY_BAG_BARE ? -1 : NID_aes_256_cbc,
	    form == KEY_BAG_BARE ? -1 : NID_aes_256_cbc, rounds, rounds, 0);
}

bool key_bag_make(struct scope *s, enum mini_ca_key_type type, const char *password,
    enum key_bag_form form, int rounds, struct key_bag *ret_bag)
{
	EVP_PKEY *root_key = mini_ca_key(MINI_CA_P256, 1);
	struct key_bag bag = { .key = mini_ca_key(type, 0), .root = mini_ca_root(s, root_key) };
	bag.leaf = mini_ca_leaf(s, bag.root, root_key, bag.key);
	X509 *cert = x509_of(bag.leaf->der);
	STACK_OF(X509) *others = sk_X509_new_null();
	mini_ca_check(others && sk_X509_push(others, x509_of(bag.root->der)), "a stack");
	PKCS12 *p12 = make(password, bag.key, cert, others, form, rounds);
	X509_free(cert);
	sk_X509_pop_free(others, X509_free);
	if (!p12 && form == KEY_BAG_OLD)
		return false;
	mini_ca_check(p12 != NULL, "PKCS#12");
	bag.pkcs12 = MINI_CA_DER(s, PKCS12, p12);
	PKCS12_free(p12);
	*ret_bag = bag;
	return true;
}
