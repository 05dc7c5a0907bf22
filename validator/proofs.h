/*
 * Proofs of existence (EN 319 102-1 5.6.2.3): since when each certificate, CRL, OCSP response and
 * signature is known to exist. Everything at hand exists at the validation time; a document
 * timestamp that passed proves what its ByteRange covers; a signature timestamp proves the
 * signature, and by the digest in its signed attributes the signing certificate.
 *
 * Whoever adds a proof has judged the timestamp before.
 */
#ifndef BULLA_VALIDATOR_PROOFS_H
#define BULLA_VALIDATOR_PROOFS_H

#include "validator/evidence.h"

struct proofs;

must_check enum err proofs_new(struct scope *s, const struct evidence *evidence, struct instant now,
    struct proofs **ret_proofs);
/* A range that reaches to `end` was timestamped at `time`. */
must_check enum err proofs_add_range(
    struct scope *s, struct proofs *p, size_t end, struct instant time);
/* The certificate is named by digest in something that existed at `time`. */
must_check enum err proofs_add_cert(
    struct scope *s, struct proofs *p, const struct cert *cert, struct instant time);

/* The earliest proof; the validation time when there is no better one. */
struct instant proofs_of_place(const struct proofs *p, size_t embedded_end);
struct instant proofs_of_cert(const struct proofs *p, const struct cert *cert);

#endif
