/*
 * ASN.1 pieces that mini_ca_revocation.c and mini_ca_timestamp.c have in common.
 */
#ifndef BULLA_TESTS_SUPPORT_MINI_CA_PARTS_H
#define BULLA_TESTS_SUPPORT_MINI_CA_PARTS_H

#include <openssl/evp.h>

#include "base/instant.h"
#include "formats/signature_alg.h"

#define MINI_CA_PARTS_CAP ((size_t)256 << 20) /* of one thing made */

/* The outcome of a buffer; ends the program when that failed. */
struct bytes mini_ca_parts_done(struct buf *b, const char *what);
/* `given`, or when that is 0 `otherwise`; Unix seconds. */
struct instant mini_ca_parts_date(int64_t given, int64_t otherwise);
/* `wish`, or when that is all zero what suits the key. */
struct signature_alg mini_ca_parts_alg(struct signature_alg wish, EVP_PKEY *key);

/* Bit 0 of `bits` is the first one; no zero bits at the end (X.690 11.2.2). */
void mini_ca_parts_named_bits(struct buf *b, uint8_t tag, uint32_t bits);
/* [0] { [0] { uri } }: distributionPoint with a fullName. */
void mini_ca_parts_full_name(struct buf *b, const char *url);
void mini_ca_parts_enumerated(struct buf *b, int value);
/* OCTET STRING with the digest of `of`, one bit of it changed when `wrong`. */
void mini_ca_parts_digest(
    struct scope *s, struct buf *b, enum digest_alg alg, struct bytes of, bool wrong);
/* AlgorithmIdentifier and BIT STRING with the signature over `tbs`. */
void mini_ca_parts_signature(
    struct scope *s, struct buf *b, EVP_PKEY *key, struct signature_alg alg, struct bytes tbs);

/* An Extension whose value is written between open and close. */
struct mini_ca_parts_extension {
	size_t whole, value;
};
struct mini_ca_parts_extension mini_ca_parts_open_extension(
    struct buf *b, struct bytes oid, bool critical);
void mini_ca_parts_close_extension(struct buf *b, struct mini_ca_parts_extension e);
/* A critical Extension that nobody knows. */
void mini_ca_parts_unknown_critical(struct buf *b);

#endif
