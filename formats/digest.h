/*
 * Message digests over lists of spans. What is hashed is always the bytes of the file.
 * Does not judge whether an algorithm is strong enough: validator/algorithms.h does.
 */
#ifndef BULLA_FORMATS_DIGEST_H
#define BULLA_FORMATS_DIGEST_H

#include "base/buf.h"

#define DIGEST_MAX 64 /* octets of the longest one */

enum digest_alg {
	DIGEST_UNKNOWN = 0,
	DIGEST_MD5,
	DIGEST_SHA1,
	DIGEST_RIPEMD160,
	DIGEST_SHA224,
	DIGEST_SHA256,
	DIGEST_SHA384,
	DIGEST_SHA512,
	DIGEST_SHA3_224,
	DIGEST_SHA3_256,
	DIGEST_SHA3_384,
	DIGEST_SHA3_512,
	DIGEST_SHAKE256, /* 64 octets, as Ed448 uses it in CMS (RFC 8419) */
};

struct digest {
	enum digest_alg alg;
	size_t n;
	uint8_t value[DIGEST_MAX];
};

/* "SHA256", "SHA3-256", ...; "unknown". The report's words. */
const char *digest_name(enum digest_alg alg);
/* Accepts "SHA256", "SHA-256", "sha256" and the like; DIGEST_UNKNOWN otherwise. */
enum digest_alg digest_of_name(const char *name);
/* OpenSSL's name for EVP_MD_fetch, NULL for DIGEST_UNKNOWN. */
const char *digest_openssl_name(enum digest_alg alg);
size_t digest_size(enum digest_alg alg);

/* From an OID's value octets. Also understands a signature algorithm's OID (sha256WithRSA...), as
 * real files carry it in digestAlgorithm fields. */
enum digest_alg digest_of_oid(struct bytes oid_value);
/* Reads an AlgorithmIdentifier (whole TLV). An unknown OID gives DIGEST_UNKNOWN and OK. */
must_check enum err digest_of_algorithm_identifier(
    struct scope *s, struct bytes der, enum digest_alg *ret_alg);
/* Appends the AlgorithmIdentifier, without parameters (RFC 5754). */
void digest_add_algorithm_identifier(struct buf *b, enum digest_alg alg);

/* The digest of the parts one after the other. ERR_UNSUPPORTED for DIGEST_UNKNOWN or an algorithm
 * that the OpenSSL at hand does not have. Memory mapped parts are read once, front to back. */
must_check enum err digest_compute(struct scope *s, enum digest_alg alg, const struct bytes *parts,
    size_t n_parts, struct digest *ret_digest);
must_check enum err digest_of_bytes(
    struct scope *s, enum digest_alg alg, struct bytes b, struct digest *ret_digest);
static inline struct bytes digest_bytes(const struct digest *d)
{
	return bytes_of(d->value, d->n);
}
bool digest_equal(const struct digest *a, const struct digest *b);

#endif
