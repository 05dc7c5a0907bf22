/*
 * A digest of what comes piece by piece, such as a file that is written while it is read from a
 * socket. formats/digest.h is for what lies in memory whole.
 */
#ifndef BULLA_SERVICE_DIGEST_STREAM_H
#define BULLA_SERVICE_DIGEST_STREAM_H

#include "formats/digest.h"

struct digest_stream;

/* Lives as long as the scope. ERR_UNSUPPORTED, ERR_NOMEM. */
must_check enum err digest_stream_new(
    struct scope *s, enum digest_alg alg, struct digest_stream **ret_stream);
must_check enum err digest_stream_add(struct scope *s, struct digest_stream *d, struct bytes piece);
/* The digest of all pieces; the stream then begins anew. */
must_check enum err digest_stream_end(
    struct scope *s, struct digest_stream *d, struct digest *ret_digest);

#endif
