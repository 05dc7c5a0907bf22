#include "tests/authority/authority_key.h"

#include <string.h>

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "tests/authority/authority_der.h"
#include "tests/authority/authority_file.h"
#include "tests/authority/authority_own.h"

static const struct key_type {
	const char *name, *algorithm, *curve;
	int bits;
} key_types[] = {
	{ "rsa1024", "RSA", NULL, 1024 },
	{ "rsa2048", "RSA", NULL, 2048 },
	{ "rsa3072", "RSA", NULL, 3072 },
	{ "rsa4096", "RSA", NULL, 4096 },
	{ "rsapss2048", "RSA-PSS", NULL, 2048 },
	{ "rsapss3072", "RSA-PSS", NULL, 3072 },
	{ "p256", "EC", "prime256v1", 0 },
	{ "p384", "EC", "secp384r1", 0 },
	{ "p521", "EC", "secp521r1", 0 },
	{ "bp256", "EC", "brainpoolP256r1", 0 },
	{ "ed25519", "ED25519", NULL, 0 },
};

static const struct digest {
	const char *name, *oid, *rsa_oid, *ecdsa_oid;
	int size;
} digests[] = {
	{ "sha256", "2.16.840.1.101.3.4.2.1", "1.2.840.113549.1.1.11", "1.2.840.10045.4.3.2", 32 },
	{ "sha384", "2.16.840.1.101.3.4.2.2", "1.2.840.113549.1.1.12", "1.2.840.10045.4.3.3", 48 },
	{ "sha512", "2.16.840.1.101.3.4.2.3", "1.2.840.113549.1.1.13", "1.2.840.10045.4.3.4", 64 },
};

static const struct digest *find_digest(const char *name)
{
	for (size_t i = 0; i < sizeof(digests) / sizeof(digests[0]); i++) {
		if (!strcmp(digests[i].name, name))
			return &digests[i];
	}
	return NULL;
}

static enum err generate(struct scope *s, const struct key_type *type, EVP_PKEY **ret_key)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type->algorithm, NULL);
	EVP_PKEY *key = NULL;
	TRY(authority_own_key_ctx(s, ctx));
	bool ready = EVP_PKEY_keygen_init(ctx) == 1;
	if (ready && type->bits)
		ready = EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, type->bits) == 1;
	if (ready && type->curve)
		ready = EVP_PKEY_CTX_set_group_name(ctx, type->curve) == 1;
	if (!ready || EVP_PKEY_keygen(ctx, &key) != 1)
		return scope_fault(s, ERR_CRYPTO, "key: %s cannot be generated", type->name);
	TRY(authority_own_key(s, key));
	*ret_key = key;
	return OK;
}

static const struct key_type *find_type(const char *name)
{
	for (size_t i = 0; i < sizeof(key_types) / sizeof(key_types[0]); i++) {
		if (!strcmp(key_types[i].name, name))
			return &key_types[i];
	}
	return NULL;
}

bool authority_key_is_type(const char *type)
{
	return find_type(type) != NULL;
}

enum err authority_key_generate(struct scope *s, const char *type, EVP_PKEY **ret_key)
{
	const struct key_type *found = find_type(type);
	if (!found)
		return scope_fault(
		    s, ERR_UNSUPPORTED, "key type: %s is none of %s", type, AUTHORITY_KEY_TYPES);
	return generate(s, found, ret_key);
}

enum err authority_key_write(struct scope *s, EVP_PKEY *key, const char *path)
{
	char *text;
	BIO *bio = BIO_new(BIO_s_secmem());
	TRY(authority_own_bio(s, bio));
	if (PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) != 1)
		return scope_fault(s, ERR_CRYPTO, "key: cannot be encoded");
	long n = BIO_get_mem_data(bio, &text);
	return authority_file_write(s, path, bytes_of(text, (size_t)n), 0600);
}

enum err authority_key_read(struct scope *s, const char *path, EVP_PKEY **ret_key)
{
	struct bytes pem;
	TRY(authority_file_read(s, path, &pem));
	BIO *bio = BIO_new_mem_buf(pem.p, (int)pem.n);
	TRY(authority_own_bio(s, bio));
	EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
	if (!key)
		return scope_fault(s, ERR_FORMAT, "%s: not a private key", path);
	TRY(authority_own_key(s, key));
	*ret_key = key;
	return OK;
}

bool authority_key_is_digest(const char *name)
{
	return find_digest(name) != NULL;
}

const char *authority_key_digest_oid(const char *digest)
{
	const struct digest *d = find_digest(digest);
	return d ? d->oid : "";
}

enum err authority_key_hash(
    struct scope *s, const char *digest, struct bytes data, struct bytes *ret_hash)
{
	unsigned n = 0;
	uint8_t *hash = scope_alloc(s, EVP_MAX_MD_SIZE);
	const EVP_MD *md = EVP_get_digestbyname(digest);
	if (!hash)
		return ERR_NOMEM;
	if (!md || EVP_Digest(data.p, data.n, hash, &n, md, NULL) != 1)
		return scope_fault(s, ERR_CRYPTO, "digest: %s failed", digest);
	*ret_hash = bytes_of(hash, n);
	return OK;
}

static bool set_pss(EVP_PKEY_CTX *ctx, const EVP_MD *md)
{
	return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) == 1 &&
	       EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, md) == 1 &&
	       EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_DIGEST) == 1;
}

enum err authority_key_sign_ctx(
    struct scope *s, EVP_PKEY *key, const char *digest, EVP_MD_CTX **ret_ctx)
{
	EVP_PKEY_CTX *key_ctx = NULL;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	TRY(authority_own_md_ctx(s, ctx));
	const EVP_MD *md = EVP_PKEY_is_a(key, "ED25519") ? NULL : EVP_get_digestbyname(digest);
	if (EVP_DigestSignInit(ctx, &key_ctx, md, NULL, key) != 1)
		return scope_fault(s, ERR_CRYPTO, "signing: cannot be started");
	if (EVP_PKEY_is_a(key, "RSA-PSS") && !set_pss(key_ctx, md))
		return scope_fault(s, ERR_CRYPTO, "signing: PSS parameters refused");
	*ret_ctx = ctx;
	return OK;
}

enum err authority_key_sign(struct scope *s, EVP_PKEY *key, const char *digest, struct bytes data,
    struct bytes *ret_signature)
{
	EVP_MD_CTX *ctx;
	TRY(authority_key_sign_ctx(s, key, digest, &ctx));
	size_t n = (size_t)EVP_PKEY_get_size(key);
	uint8_t *p = scope_alloc(s, n);
	if (!p)
		return ERR_NOMEM;
	if (EVP_DigestSign(ctx, p, &n, data.p, data.n) != 1)
		return scope_fault(s, ERR_CRYPTO, "signing: failed");
	*ret_signature = bytes_of(p, n);
	return OK;
}

/* RFC 4055 3.1, with the hash, MGF1 of the same hash, and a salt as long as it. */
static void add_pss(struct buf *b, const struct digest *d)
{
	size_t all = authority_der_open(b, DER_SEQUENCE);
	authority_der_oid(b, "1.2.840.113549.1.1.10");
	size_t params = authority_der_open(b, DER_SEQUENCE);
	size_t hash = authority_der_open(b, DER_CTX_CONS(0));
	authority_der_oid_sequence(b, d->oid, true);
	authority_der_close(b, hash);
	size_t mgf = authority_der_open(b, DER_CTX_CONS(1));
	size_t mgf1 = authority_der_open(b, DER_SEQUENCE);
	authority_der_oid(b, "1.2.840.113549.1.1.8");
	authority_der_oid_sequence(b, d->oid, true);
	authority_der_close(b, mgf1);
	authority_der_close(b, mgf);
	size_t salt = authority_der_open(b, DER_CTX_CONS(2));
	authority_der_uint(b, DER_INTEGER, (uint64_t)d->size);
	authority_der_close(b, salt);
	authority_der_close(b, params);
	authority_der_close(b, all);
}

void authority_key_algorithm(struct buf *b, const EVP_PKEY *key, const char *digest, bool in_cms)
{
	const struct digest *d = find_digest(digest);
	if (EVP_PKEY_is_a(key, "RSA-PSS"))
		add_pss(b, d);
	else if (EVP_PKEY_is_a(key, "RSA"))
		authority_der_oid_sequence(b, in_cms ? "1.2.840.113549.1.1.1" : d->rsa_oid, true);
	else if (EVP_PKEY_is_a(key, "EC"))
		authority_der_oid_sequence(b, d->ecdsa_oid, false);
	else
		authority_der_oid_sequence(b, "1.3.101.112", false);
}

const char *authority_key_cms_digest(const EVP_PKEY *key, const char *digest)
{
	return EVP_PKEY_is_a(key, "ED25519") ? "sha512" : digest;
}
