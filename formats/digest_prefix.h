/*
 * Digests over ByteRanges of one document that share their beginnings. Every range starts at octet
 * 0, and each later signature covers all that the earlier ones do: the state after a first range is
 * kept, so a document with many signatures is hashed about once, not once per signature.
 */
#ifndef BULLA_FORMATS_DIGEST_PREFIX_H
#define BULLA_FORMATS_DIGEST_PREFIX_H

#include "formats/digest.h"

struct digest_prefix;

must_check enum err digest_prefix_new(
    struct scope *s, struct bytes document, struct digest_prefix **ret_prefix);
/* The digest of the document's first `first` octets (clipped to it) followed by `second`. The same
 * as digest_compute over the two; cheapest when `first` grows from call to call. */
must_check enum err digest_prefix_compute(struct scope *s, struct digest_prefix *prefix,
    enum digest_alg alg, size_t first, struct bytes second, struct digest *ret_digest);

#endif
