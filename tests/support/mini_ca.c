#include "tests/support/mini_ca.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/conf.h>
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include "base/scope.h"
#include "formats/auto.h"
#include "formats/der.h"

#define NAME_ROOM 512

void mini_ca_check(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "mini_ca: %s failed\n", what);
	ERR_print_errors_fp(stderr);
	abort();
}

static const struct {
	const char *name, *curve;
	unsigned bits;
	struct signature_alg alg;
} types[] = {
	[MINI_CA_RSA] = { "RSA", NULL, 2048, { SIGNATURE_ALG_RSA_PKCS1, DIGEST_SHA256, 0, 0 } },
	[MINI_CA_RSA_PSS] = { "RSA-PSS", NULL, 2048,
	    { SIGNATURE_ALG_RSA_PSS, DIGEST_SHA256, DIGEST_SHA256, 32 } },
	[MINI_CA_P256] = { "EC", "P-256", 0, { SIGNATURE_ALG_ECDSA, DIGEST_SHA256, 0, 0 } },
	[MINI_CA_P384] = { "EC", "P-384", 0, { SIGNATURE_ALG_ECDSA, DIGEST_SHA384, 0, 0 } },
	[MINI_CA_P521] = { "EC", "P-521", 0, { SIGNATURE_ALG_ECDSA, DIGEST_SHA512, 0, 0 } },
	[MINI_CA_BRAINPOOL_P256] = { "EC", "brainpoolP256r1", 0,
	    { SIGNATURE_ALG_ECDSA, DIGEST_SHA256, 0, 0 } },
	[MINI_CA_ED25519] = { "ED25519", NULL, 0, { SIGNATURE_ALG_ED25519, 0, 0, 0 } },
	[MINI_CA_ED448] = { "ED448", NULL, 0, { SIGNATURE_ALG_ED448, 0, 0, 0 } },
	[MINI_CA_RSA_1024] = { "RSA", NULL, 1024,
	    { SIGNATURE_ALG_RSA_PKCS1, DIGEST_SHA256, 0, 0 } },
};

const char *mini_ca_key_name(enum mini_ca_key_type type)
{
	return types[type].curve ? types[type].curve : types[type].name;
}

static EVP_PKEY *make_key(enum mini_ca_key_type type)
{
	EVP_PKEY *key = NULL;
	AUTO(EVP_PKEY_CTX) *ctx = EVP_PKEY_CTX_new_from_name(NULL, types[type].name, NULL);
	mini_ca_check(ctx && EVP_PKEY_keygen_init(ctx) == 1, "key context");
	if (types[type].bits)
		mini_ca_check(
		    EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, (int)types[type].bits) == 1, "bits");
	if (types[type].curve)
		mini_ca_check(EVP_PKEY_CTX_set_group_name(ctx, types[type].curve) == 1, "curve");
	mini_ca_check(EVP_PKEY_generate(ctx, &key) == 1, "key generation");
	return key;
}

EVP_PKEY *mini_ca_key(enum mini_ca_key_type type, unsigned index)
{
	static EVP_PKEY *keys[MINI_CA_KEY_TYPES][MINI_CA_KEYS];
	mini_ca_check(type < MINI_CA_KEY_TYPES && index < MINI_CA_KEYS, "key index");
	if (!keys[type][index])
		keys[type][index] = make_key(type);
	return keys[type][index];
}

struct bytes mini_ca_der(struct scope *s, const void *object, mini_ca_encoder *encode)
{
	unsigned char *out = NULL;
	struct bytes copy;
	int n = encode(object, &out);
	mini_ca_check(n > 0, "encoding");
	mini_ca_check(bytes_copy(s, bytes_of(out, (size_t)n), &copy) == OK, "copy");
	OPENSSL_free(out);
	return copy;
}

/* "/C=DE/CN=x" */
static void fill_name(X509_NAME *name, const char *text)
{
	char copy[NAME_ROOM], *rest = copy;
	mini_ca_check(strlen(text) < sizeof(copy), "length of the name");
	memcpy(copy, text, strlen(text) + 1);
	for (char *part; (part = strsep(&rest, "/"));) {
		char *value = strchr(part, '=');
		if (!value)
			continue;
		*value++ = '\0';
		mini_ca_check(X509_NAME_add_entry_by_txt(name, part, MBSTRING_UTF8,
				  (const unsigned char *)value, -1, -1, 0) == 1,
		    part);
	}
}

static void add_extensions(X509 *x, X509 *issuer, const char *const *extensions, const char *config)
{
	X509V3_CTX ctx;
	long line = 0;
	CONF *conf = NCONF_new(NULL);
	AUTO(BIO) *text = BIO_new_mem_buf(config ? config : "", -1);
	mini_ca_check(
	    conf && text && (!config || NCONF_load_bio(conf, text, &line) == 1), "config");
	X509V3_set_ctx(&ctx, issuer, x, NULL, NULL, 0);
	X509V3_set_nconf(&ctx, conf);
	for (; extensions && *extensions; extensions++) {
		char name[NAME_ROOM];
		const char *value = strchr(*extensions, '=');
		mini_ca_check(value && (size_t)(value - *extensions) < sizeof(name), *extensions);
		snprintf(name, sizeof(name), "%.*s", (int)(value - *extensions), *extensions);
		X509_EXTENSION *e = X509V3_EXT_nconf(conf, &ctx, name, value + 1);
		mini_ca_check(e && X509_add_ext(x, e, -1) == 1, *extensions);
		X509_EXTENSION_free(e);
	}
	NCONF_free(conf);
}

static void set_pss(EVP_PKEY_CTX *ctx)
{
	mini_ca_check(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) == 1 &&
			  EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_DIGEST) == 1,
	    "PSS");
}

static bool is_eddsa(const EVP_PKEY *key)
{
	int id = EVP_PKEY_get_base_id(key);
	return id == EVP_PKEY_ED25519 || id == EVP_PKEY_ED448;
}

static void sign_cert(X509 *x, EVP_PKEY *key, const char *digest, bool pss)
{
	AUTO(EVP_MD_CTX) *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *key_ctx = NULL;
	const EVP_MD *md = is_eddsa(key) ? NULL : EVP_get_digestbyname(digest ? digest : "SHA256");
	mini_ca_check(
	    ctx && EVP_DigestSignInit(ctx, &key_ctx, md, NULL, key) == 1, "certificate signing");
	if (pss || EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA_PSS)
		set_pss(key_ctx);
	mini_ca_check(X509_sign_ctx(x, ctx) > 0, "certificate signing");
}

struct bytes mini_ca_cert(struct scope *s, const struct mini_ca_spec *spec)
{
	const unsigned char *p = spec->issuer.p;
	AUTO(X509) *x = X509_new();
	AUTO(X509) *issuer = spec->issuer.n ? d2i_X509(NULL, &p, (long)spec->issuer.n) : NULL;
	mini_ca_check(x && (issuer || !spec->issuer.n), "certificate");
	int64_t from = spec->not_before ? spec->not_before : MINI_CA_NOW - 182 * MINI_CA_DAY;
	int64_t to = spec->not_after ? spec->not_after : MINI_CA_NOW + 183 * MINI_CA_DAY;
	X509_set_version(x, spec->extensions ? X509_VERSION_3 : X509_VERSION_1);
	ASN1_INTEGER_set_int64(X509_get_serialNumber(x), spec->serial ? spec->serial : 1);
	ASN1_TIME_set(X509_getm_notBefore(x), (time_t)from);
	ASN1_TIME_set(X509_getm_notAfter(x), (time_t)to);
	fill_name(X509_get_subject_name(x), spec->subject);
	X509_set_issuer_name(x, X509_get_subject_name(issuer ? issuer : x));
	mini_ca_check(X509_set_pubkey(x, spec->key) == 1, "public key");
	add_extensions(x, issuer ? issuer : x, spec->extensions, spec->config);
	sign_cert(x, spec->issuer_key ? spec->issuer_key : spec->key, spec->digest, spec->pss);
	return MINI_CA_DER(s, X509, x);
}

const struct cert *mini_ca_parsed(struct scope *s, const struct mini_ca_spec *spec)
{
	const struct cert *c;
	if (cert_parse(s, mini_ca_cert(s, spec), &c) != OK)
		mini_ca_check(false, scope_fault_text(s));
	return c;
}

const struct cert *mini_ca_root(struct scope *s, EVP_PKEY *key)
{
	static const char *const extensions[] = { "basicConstraints=critical,CA:TRUE",
		"keyUsage=critical,keyCertSign,cRLSign", "subjectKeyIdentifier=hash", NULL };
	return mini_ca_parsed(s, &(struct mini_ca_spec){
				     .subject = "/C=DE/O=Bulla Tests/CN=Root",
				     .key = key,
				     .not_before = MINI_CA_NOW - 3650 * MINI_CA_DAY,
				     .not_after = MINI_CA_NOW + 3650 * MINI_CA_DAY,
				     .extensions = extensions,
				 });
}

const struct cert *mini_ca_leaf(
    struct scope *s, const struct cert *root, EVP_PKEY *root_key, EVP_PKEY *key)
{
	static const char *const extensions[] = { "basicConstraints=CA:FALSE",
		"keyUsage=critical,digitalSignature,nonRepudiation", "subjectKeyIdentifier=hash",
		"authorityKeyIdentifier=keyid", NULL };
	return mini_ca_parsed(s, &(struct mini_ca_spec){
				     .subject = "/C=DE/O=Bulla Tests/CN=Seal",
				     .key = key,
				     .issuer = root->der,
				     .issuer_key = root_key,
				     .serial = 0x1234567,
				     .extensions = extensions,
				 });
}

struct signature_alg mini_ca_alg(enum mini_ca_key_type type, bool pss)
{
	return types[pss ? MINI_CA_RSA_PSS : type].alg;
}

/* Ecdsa-Sig-Value as r||s of the field's width. */
static struct bytes plain_of(struct scope *s, struct bytes der, size_t width)
{
	struct der whole, number;
	uint8_t *out = scope_alloc(s, 2 * width);
	mini_ca_check(out && der_next(s, &der, &whole) == OK, "signature value");
	for (size_t i = 1; i <= 2; i++) {
		mini_ca_check(der_next(s, &whole.value, &number) == OK, "signature value");
		struct bytes v = number.value;
		v = v.n > width ? bytes_from(v, v.n - width) : v;
		memcpy(out + i * width - v.n, v.p, v.n);
	}
	return bytes_of(out, 2 * width);
}

struct bytes mini_ca_sign(
    struct scope *s, EVP_PKEY *key, struct signature_alg alg, struct bytes data)
{
	AUTO(EVP_MD_CTX) *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *key_ctx = NULL;
	size_t n = (size_t)EVP_PKEY_get_size(key);
	uint8_t *out = scope_alloc(s, n);
	const char *md = alg.digest ? digest_openssl_name(alg.digest) : NULL;
	mini_ca_check(
	    ctx && out && EVP_DigestSignInit_ex(ctx, &key_ctx, md, NULL, NULL, key, NULL) == 1,
	    "signing");
	if (alg.kind == SIGNATURE_ALG_RSA_PSS)
		mini_ca_check(EVP_PKEY_CTX_set_rsa_padding(key_ctx, RSA_PKCS1_PSS_PADDING) == 1 &&
				  EVP_PKEY_CTX_set_rsa_mgf1_md_name(
				      key_ctx, digest_openssl_name(alg.mgf_digest), NULL) == 1 &&
				  EVP_PKEY_CTX_set_rsa_pss_saltlen(key_ctx, alg.salt_length) == 1,
		    "PSS");
	mini_ca_check(EVP_DigestSign(ctx, out, &n, data.p, data.n) == 1, "signing");
	if (alg.kind == SIGNATURE_ALG_PLAIN_ECDSA)
		return plain_of(s, bytes_of(out, n), (size_t)(EVP_PKEY_get_bits(key) + 7) / 8);
	return bytes_of(out, n);
}
