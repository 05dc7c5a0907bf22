#include "service/key_file.h"

#include <string.h>

#include <openssl/err.h>
#include <openssl/pkcs12.h>
#include <openssl/provider.h>
#include <openssl/rsa.h>

#include "base/limits.h"
#include "base/scope.h"
#include "formats/auto.h"
#include "service/input_file.h"

/* What came out of the file, in OpenSSL's hands. */
struct content {
	EVP_PKEY *key;
	X509 *cert;
	STACK_OF(X509) * others;
};

static void content_free(struct content *c)
{
	EVP_PKEY_free(c->key);
	X509_free(c->cert);
	sk_X509_pop_free(c->others, X509_free);
	*c = (struct content){ 0 };
}

static void release_key(void *obj)
{
	EVP_PKEY_free(obj);
}

enum outcome {
	PARSED,
	NOT_PKCS12,
	WRONG_PASSWORD,
	UNREADABLE, /* an algorithm is missing, or the content is damaged */
};

/* A queue of errors: the one that says most is taken. */
static enum outcome outcome_of_errors(void)
{
	enum outcome o = UNREADABLE;
	for (unsigned long e; (e = ERR_get_error());) {
		int reason = ERR_GET_REASON(e);
		if (ERR_GET_LIB(e) == ERR_LIB_PKCS12 &&
		    (reason == PKCS12_R_MAC_VERIFY_FAILURE ||
			reason == PKCS12_R_PKCS12_CIPHERFINAL_ERROR))
			o = WRONG_PASSWORD;
	}
	return o;
}

/* `context` NULL: OpenSSL's default one. */
static enum outcome parse_in(
    OSSL_LIB_CTX *context, struct bytes pkcs12, const char *password, struct content *ret_content)
{
	PKCS12 *p12 = context ? PKCS12_init_ex(NID_pkcs7_data, context, NULL) : NULL;
	const uint8_t *p = pkcs12.p;
	PKCS12 *parsed = d2i_PKCS12(&p12, &p, (long)pkcs12.n);
	if (!parsed) {
		ERR_clear_error();
		return NOT_PKCS12;
	}
	struct content c = { 0 };
	ERR_clear_error();
	int ok = PKCS12_parse(parsed, password, &c.key, &c.cert, &c.others);
	enum outcome o = ok ? PARSED : outcome_of_errors();
	ERR_clear_error();
	PKCS12_free(parsed);
	if (ok)
		*ret_content = c;
	return o;
}

/* Each of these gives an object in OpenSSL's default context for one in another, which it frees. */
static EVP_PKEY *rehome_key(EVP_PKEY *key)
{
	PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key);
	EVP_PKEY *moved = info ? EVP_PKCS82PKEY(info) : NULL;
	PKCS8_PRIV_KEY_INFO_free(info);
	EVP_PKEY_free(key);
	return moved;
}

static X509 *rehome_cert(X509 *cert)
{
	unsigned char *der = NULL;
	int n = i2d_X509(cert, &der);
	const unsigned char *p = der;
	X509 *moved = n > 0 ? d2i_X509(NULL, &p, n) : NULL;
	OPENSSL_free(der);
	X509_free(cert);
	return moved;
}

/* False when something got lost. */
static bool rehome(struct content *c)
{
	bool had_key = c->key, had_cert = c->cert, lost = false;
	if (had_key)
		c->key = rehome_key(c->key);
	if (had_cert)
		c->cert = rehome_cert(c->cert);
	for (int i = 0; c->others && i < sk_X509_num(c->others); i++) {
		X509 *moved = rehome_cert(sk_X509_value(c->others, i));
		sk_X509_set(c->others, i, moved);
		lost |= !moved;
	}
	return had_key == !!c->key && had_cert == !!c->cert && !lost;
}

/* In a library context of its own, which is gone when this returns. */
static enum outcome parse_legacy(
    struct bytes pkcs12, const char *password, struct content *ret_content)
{
	OSSL_LIB_CTX *context = OSSL_LIB_CTX_new();
	OSSL_PROVIDER *usual = context ? OSSL_PROVIDER_load(context, "default") : NULL;
	OSSL_PROVIDER *legacy = usual ? OSSL_PROVIDER_load(context, "legacy") : NULL;
	enum outcome o = UNREADABLE;
	if (legacy)
		o = parse_in(context, pkcs12, password, ret_content);
	if (o == PARSED && !rehome(ret_content)) {
		content_free(ret_content);
		o = UNREADABLE;
	}
	ERR_clear_error();
	OSSL_PROVIDER_unload(legacy);
	OSSL_PROVIDER_unload(usual);
	OSSL_LIB_CTX_free(context);
	return o;
}

static enum outcome parse_with(
    struct bytes pkcs12, const char *password, struct content *ret_content)
{
	enum outcome o = parse_in(NULL, pkcs12, password, ret_content);
	return o == UNREADABLE ? parse_legacy(pkcs12, password, ret_content) : o;
}

static bool is_ascii(struct bytes b)
{
	for (size_t i = 0; i < b.n; i++)
		if (b.p[i] >= 0x80)
			return false;
	return true;
}

/* Octets as Latin-1 characters, in UTF-8: how OpenSSL before 1.1.0 and several Windows programs
 * understood a password. */
static enum outcome parse_as_latin1(
    struct bytes pkcs12, struct bytes password, struct content *ret_content)
{
	char utf8[2 * LIMIT_PASSWORD + 1];
	size_t n = 0;
	for (size_t i = 0; i < password.n && i < LIMIT_PASSWORD; i++) {
		uint8_t c = password.p[i];
		if (c >= 0x80)
			utf8[n++] = (char)(0xc0 | (c >> 6));
		utf8[n++] = (char)(c < 0x80 ? c : 0x80 | (c & 0x3f));
	}
	utf8[n] = 0;
	enum outcome o = parse_with(pkcs12, utf8, ret_content);
	bytes_wipe(utf8, sizeof(utf8));
	return o;
}

static enum err copy_cert(struct scope *s, X509 *x, const struct cert **ret_cert)
{
	unsigned char *der = NULL;
	int n = i2d_X509(x, &der);
	if (n <= 0)
		return scope_fault(s, ERR_FORMAT, "a certificate in it cannot be read");
	struct bytes copy;
	enum err e = bytes_copy(s, bytes_of(der, (size_t)n), &copy);
	OPENSSL_free(der);
	TRY(e);
	return cert_parse(s, copy, ret_cert);
}

static enum err copy_chain(struct scope *s, STACK_OF(X509) * others, struct key *key)
{
	int n = others ? sk_X509_num(others) : 0;
	if (n > LIMIT_CMS_CERTIFICATES)
		return scope_fault(s, ERR_LIMIT, "holds %d certificates", n);
	const struct cert **chain = scope_alloc_array(s, (size_t)n, sizeof(*chain));
	if (!chain)
		return ERR_NOMEM;
	for (int i = 0; i < n; i++) {
		TRY(copy_cert(s, sk_X509_value(others, i), &chain[key->n_chain]));
		if (!cert_equal(chain[key->n_chain], key->cert))
			key->n_chain++;
	}
	key->chain = chain;
	return OK;
}

static bool set_up_rsa(
    EVP_PKEY_CTX *options, const struct signature_alg *alg, const char *mgf_digest)
{
	if (alg->kind == SIGNATURE_ALG_RSA_PKCS1)
		return EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PADDING) > 0;
	if (alg->kind != SIGNATURE_ALG_RSA_PSS)
		return true;
	return EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) > 0 &&
	       EVP_PKEY_CTX_set_rsa_pss_saltlen(options, alg->salt_length) > 0 &&
	       EVP_PKEY_CTX_set_rsa_mgf1_md_name(options, mgf_digest, NULL) > 0;
}

static bool key_can(const EVP_PKEY *key, enum signature_alg_kind kind)
{
	switch (kind) {
	case SIGNATURE_ALG_RSA_PKCS1:
		return EVP_PKEY_is_a(key, "RSA");
	case SIGNATURE_ALG_RSA_PSS:
		return EVP_PKEY_is_a(key, "RSA") || EVP_PKEY_is_a(key, "RSA-PSS");
	case SIGNATURE_ALG_ECDSA:
		return EVP_PKEY_is_a(key, "EC");
	case SIGNATURE_ALG_ED25519:
		return EVP_PKEY_is_a(key, "ED25519");
	case SIGNATURE_ALG_ED448:
		return EVP_PKEY_is_a(key, "ED448");
	case SIGNATURE_ALG_UNKNOWN:
	case SIGNATURE_ALG_PLAIN_ECDSA:
	case SIGNATURE_ALG_DSA:
	default:
		return false;
	}
}

static enum err sign(void *ctx, struct scope *s, const struct signature_alg *alg, struct bytes data,
    struct bytes *ret_value)
{
	EVP_PKEY *key = ctx;
	const char *digest = digest_openssl_name(alg->digest);
	const char *mgf_digest = digest_openssl_name(alg->mgf_digest);
	bool is_eddsa = alg->kind == SIGNATURE_ALG_ED25519 || alg->kind == SIGNATURE_ALG_ED448;
	if (!key_can(key, alg->kind) || (!is_eddsa && !digest) ||
	    (alg->kind == SIGNATURE_ALG_RSA_PSS && !mgf_digest))
		return scope_fault(
		    s, ERR_UNSUPPORTED, "key: cannot sign with %s", signature_alg_name(alg->kind));
	size_t n = (size_t)EVP_PKEY_get_size(key);
	uint8_t *value = scope_alloc(s, n);
	AUTO(EVP_MD_CTX) *md = EVP_MD_CTX_new();
	if (!value || !md)
		return scope_fault(s, ERR_NOMEM, "key: out of memory");
	EVP_PKEY_CTX *options = NULL; /* belongs to md */
	ERR_clear_error();
	if (EVP_DigestSignInit_ex(md, &options, is_eddsa ? NULL : digest, NULL, NULL, key, NULL) <=
		0 ||
	    !set_up_rsa(options, alg, mgf_digest) ||
	    EVP_DigestSign(md, value, &n, data.p, data.n) <= 0) {
		ERR_clear_error();
		return scope_fault(
		    s, ERR_CRYPTO, "key: signing with %s failed", signature_alg_name(alg->kind));
	}
	*ret_value = bytes_of(value, n);
	return OK;
}

static enum err build(struct scope *s, struct content *c, const struct key **ret_key)
{
	if (!c->key)
		return scope_fault(s, ERR_FORMAT, "holds no private key");
	if (!c->cert)
		return scope_fault(s, ERR_FORMAT, "holds no certificate for its key");
	struct key *key = scope_alloc(s, sizeof(*key));
	if (!key)
		return ERR_NOMEM;
	TRY(copy_cert(s, c->cert, &key->cert));
	TRY(copy_chain(s, c->others, key));
	key->signature_max = (size_t)EVP_PKEY_get_size(c->key);
	key->sign = sign;
	key->ctx = c->key;
	EVP_PKEY *taken = c->key;
	c->key = NULL;
	TRY(scope_own(s, taken, release_key));
	*ret_key = key;
	return OK;
}

enum err key_file_parse(
    struct scope *s, struct bytes pkcs12, struct bytes password, const struct key **ret_key)
{
	if (pkcs12.n > LIMIT_KEY_FILE)
		return scope_fault(s, ERR_LIMIT, "larger than a key file may be");
	const char *word = password.n ? (const char *)password.p : "";
	struct content c = { 0 };
	enum outcome o = parse_with(pkcs12, word, &c);
	if (o != PARSED && o != NOT_PKCS12 && !is_ascii(password) &&
	    parse_as_latin1(pkcs12, password, &c) == PARSED)
		o = PARSED;
	switch (o) {
	case NOT_PKCS12:
		return scope_fault(s, ERR_FORMAT, "not a PKCS#12 file");
	case WRONG_PASSWORD:
		return scope_fault(s, ERR_DENIED, "wrong password");
	case UNREADABLE:
		return scope_fault(
		    s, ERR_UNSUPPORTED, "damaged, or protected by an unknown algorithm");
	case PARSED:
	default:
		break;
	}
	enum err e = build(s, &c, ret_key);
	content_free(&c);
	return e;
}

enum err key_file_open(
    struct scope *s, const char *path, struct bytes password, const struct key **ret_key)
{
	struct bytes content;
	TRY(input_file_read(s, path, LIMIT_KEY_FILE, &content));
	enum err e = key_file_parse(s, content, password, ret_key);
	return e == OK ? OK : scope_fault_in(s, e, path);
}
