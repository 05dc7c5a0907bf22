/*
 * HMAC (RFC 2104) with SHA-256, over several parts one after the other. Does not judge whether the
 * key is long enough.
 */
#ifndef BULLA_FORMATS_DIGEST_HMAC_H
#define BULLA_FORMATS_DIGEST_HMAC_H

#include "base/bytes.h"

#define DIGEST_HMAC_OCTETS 32

must_check enum err digest_hmac(struct scope *s, struct bytes key, const struct bytes *parts,
    size_t n_parts, uint8_t ret_mac[DIGEST_HMAC_OCTETS]);

#endif
