/*
 * Keys of every type that a test may want, and signing with them: RSA PKCS#1 v1.5, RSASSA-PSS
 * (keys of the id-RSASSA-PSS kind, salt as long as the digest), ECDSA, Ed25519 (RFC 8410, 8419).
 */
#ifndef BULLA_TESTS_AUTHORITY_AUTHORITY_KEY_H
#define BULLA_TESTS_AUTHORITY_AUTHORITY_KEY_H

#include <openssl/evp.h>

#include "base/buf.h"

/* Blank-separated, for the usage text. */
#define AUTHORITY_KEY_TYPES                                                                        \
	"rsa1024 rsa2048 rsa3072 rsa4096 rsapss2048 rsapss3072 p256 p384 p521 bp256 ed25519"

bool authority_key_is_type(const char *type);
/* A new key, owned by the scope. ERR_UNSUPPORTED for a type that is not in the list. */
must_check enum err authority_key_generate(struct scope *s, const char *type, EVP_PKEY **ret_key);
/* PKCS#8 in PEM, not encrypted, file mode 0600. */
must_check enum err authority_key_write(struct scope *s, EVP_PKEY *key, const char *path);
must_check enum err authority_key_read(struct scope *s, const char *path, EVP_PKEY **ret_key);

/* "sha256", "sha384" or "sha512". */
bool authority_key_is_digest(const char *name);
const char *authority_key_digest_oid(const char *digest);
must_check enum err authority_key_hash(
    struct scope *s, const char *digest, struct bytes data, struct bytes *ret_hash);

/* A context for X509_sign_ctx and X509_CRL_sign_ctx. */
must_check enum err authority_key_sign_ctx(
    struct scope *s, EVP_PKEY *key, const char *digest, EVP_MD_CTX **ret_ctx);
must_check enum err authority_key_sign(struct scope *s, EVP_PKEY *key, const char *digest,
    struct bytes data, struct bytes *ret_signature);
/* The AlgorithmIdentifier that belongs to that signature. In a SignerInfo (`in_cms`) RSA keys are
 * named rsaEncryption, the form that every verifier of timestamps reads. */
void authority_key_algorithm(struct buf *b, const EVP_PKEY *key, const char *digest, bool in_cms);
/* The digest that a SignerInfo of this key must name: RFC 8419 wants SHA-512 for Ed25519. */
const char *authority_key_cms_digest(const EVP_PKEY *key, const char *digest);

#endif
