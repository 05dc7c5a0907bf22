#include "sealer/key.h"

#include <string.h>

#include <openssl/core_names.h>

#include "base/scope.h"

/* The hash of a PSS-only key's parameters, DIGEST_UNKNOWN when the key restricts nothing. */
static enum digest_alg pss_key_digest(const EVP_PKEY *key)
{
	char name[64] = "";
	size_t n = 0;
	if (EVP_PKEY_get_utf8_string_param(
		key, OSSL_PKEY_PARAM_RSA_DIGEST, name, sizeof(name), &n) != 1)
		return DIGEST_UNKNOWN;
	/* OpenSSL 3 says "SHA2-384". */
	if (strncmp(name, "SHA2-", 5) == 0)
		memmove(name + 3, name + 4, strlen(name + 4) + 1);
	return digest_of_name(name);
}

static enum err rsa_alg(struct scope *s, const EVP_PKEY *key, enum digest_alg digest, bool pkcs1,
    struct signature_alg *ret_alg)
{
	bool pss_only = EVP_PKEY_is_a(key, "RSA-PSS") == 1;
	enum digest_alg demanded = pss_only ? pss_key_digest(key) : DIGEST_UNKNOWN;
	if (pss_only && pkcs1)
		return scope_fault(s, ERR_UNSUPPORTED,
		    "key: an RSASSA-PSS key cannot make PKCS#1 v1.5 signatures");
	if (demanded != DIGEST_UNKNOWN && demanded != digest)
		return scope_fault(
		    s, ERR_UNSUPPORTED, "key: the key allows %s only", digest_name(demanded));
	*ret_alg = (struct signature_alg){
		.kind = pkcs1 ? SIGNATURE_ALG_RSA_PKCS1 : SIGNATURE_ALG_RSA_PSS,
		.digest = digest,
		.mgf_digest = pkcs1 ? DIGEST_UNKNOWN : digest,
		.salt_length = pkcs1 ? 0 : (int)digest_size(digest),
	};
	return OK;
}

enum err key_signature_alg(struct scope *s, const struct key *key, enum digest_alg digest,
    bool pkcs1, struct signature_alg *ret_alg)
{
	const EVP_PKEY *public_key = key->cert->key;
	if (!public_key)
		return scope_fault(s, ERR_UNSUPPORTED, "key: of an unknown kind");
	if (EVP_PKEY_is_a(public_key, "RSA") || EVP_PKEY_is_a(public_key, "RSA-PSS"))
		return rsa_alg(s, public_key, digest, pkcs1, ret_alg);
	enum signature_alg_kind kind = SIGNATURE_ALG_UNKNOWN;
	if (EVP_PKEY_is_a(public_key, "EC"))
		kind = SIGNATURE_ALG_ECDSA;
	else if (EVP_PKEY_is_a(public_key, "ED25519"))
		kind = SIGNATURE_ALG_ED25519;
	else if (EVP_PKEY_is_a(public_key, "ED448"))
		kind = SIGNATURE_ALG_ED448;
	if (kind == SIGNATURE_ALG_UNKNOWN)
		return scope_fault(s, ERR_UNSUPPORTED, "key: of a kind that cannot seal");
	*ret_alg = (struct signature_alg){ .kind = kind,
		.digest = kind == SIGNATURE_ALG_ECDSA ? digest : DIGEST_UNKNOWN };
	return OK;
}

/* EdDSA fixes the digest of the message in CMS: RFC 8419 2.3 (SHA-512) and 3.1 (SHAKE256). Curves
 * suggest one of their own strength (TS 119 312 6.2). */
static enum digest_alg usual_digest(const EVP_PKEY *key)
{
	if (EVP_PKEY_is_a(key, "ED25519"))
		return DIGEST_SHA512;
	if (EVP_PKEY_is_a(key, "ED448"))
		return DIGEST_SHAKE256;
	if (EVP_PKEY_is_a(key, "RSA-PSS") && pss_key_digest(key) != DIGEST_UNKNOWN)
		return pss_key_digest(key);
	if (!EVP_PKEY_is_a(key, "EC"))
		return DIGEST_SHA256;
	int bits = EVP_PKEY_get_bits(key);
	if (bits <= 256)
		return DIGEST_SHA256;
	return bits <= 384 ? DIGEST_SHA384 : DIGEST_SHA512;
}

enum digest_alg key_digest(const struct key *key, enum digest_alg asked)
{
	const EVP_PKEY *public_key = key->cert->key;
	if (!public_key)
		return asked == DIGEST_UNKNOWN ? DIGEST_SHA256 : asked;
	bool fixed = EVP_PKEY_is_a(public_key, "ED25519") || EVP_PKEY_is_a(public_key, "ED448");
	return fixed || asked == DIGEST_UNKNOWN ? usual_digest(public_key) : asked;
}
