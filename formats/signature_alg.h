/*
 * Signature algorithms: what an AlgorithmIdentifier says, and whether one signature value verifies
 * with one key. RSA PKCS#1 v1.5, RSASSA-PSS, ECDSA (DER and plain r||s), DSA, Ed25519, Ed448.
 *
 * Does not judge strength or dates (validator/algorithms.h), nor whose key it is.
 */
#ifndef BULLA_FORMATS_SIGNATURE_ALG_H
#define BULLA_FORMATS_SIGNATURE_ALG_H

#include <openssl/evp.h>

#include "formats/digest.h"

enum signature_alg_kind {
	SIGNATURE_ALG_UNKNOWN = 0,
	SIGNATURE_ALG_RSA_PKCS1,
	SIGNATURE_ALG_RSA_PSS,
	SIGNATURE_ALG_ECDSA,
	SIGNATURE_ALG_PLAIN_ECDSA,
	SIGNATURE_ALG_DSA,
	SIGNATURE_ALG_ED25519,
	SIGNATURE_ALG_ED448,
};

struct signature_alg {
	enum signature_alg_kind kind;
	enum digest_alg digest;     /* DIGEST_UNKNOWN where the algorithm names none (EdDSA) */
	enum digest_alg mgf_digest; /* RSASSA-PSS */
	int salt_length;            /* RSASSA-PSS, octets */
};

/* "RSA", "RSA-PSS", "ECDSA", "PLAIN-ECDSA", "DSA", "Ed25519", "Ed448", "unknown". */
const char *signature_alg_name(enum signature_alg_kind kind);

/* Reads an AlgorithmIdentifier (whole TLV). Where it names a key type only (rsaEncryption,
 * id-ecPublicKey, id-dsa: allowed in CMS), `context` gives the digest; pass DIGEST_UNKNOWN for
 * none. An unknown OID gives SIGNATURE_ALG_UNKNOWN and OK; malformed PSS parameters ERR_FORMAT. */
must_check enum err signature_alg_parse(
    struct scope *s, struct bytes der, enum digest_alg context, struct signature_alg *ret_alg);
/* Appends the AlgorithmIdentifier in the form signers write (RFC 4055, 5754, 5758, 8410). */
void signature_alg_add(struct buf *b, struct signature_alg alg);

/* Whether `value` is a signature over the bytes of `data` by `key`. A value that does not verify,
 * a key of another type, or a malformed value is *ret_ok = false and OK. ERR_UNSUPPORTED: algorithm
 * or digest unknown; ERR_CRYPTO: the library itself failed. key may be NULL: ERR_UNSUPPORTED. */
must_check enum err signature_alg_verify(struct scope *s, struct signature_alg alg, EVP_PKEY *key,
    struct bytes data, struct bytes value, bool *ret_ok);
/* The same over a digest computed already (large documents). ERR_UNSUPPORTED for EdDSA. */
must_check enum err signature_alg_verify_digest(struct scope *s, struct signature_alg alg,
    EVP_PKEY *key, const struct digest *digest, struct bytes value, bool *ret_ok);

#endif
