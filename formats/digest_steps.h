/*
 * Internal to formats/digest*.c: the steps of one digest over an OpenSSL context.
 */
#ifndef BULLA_FORMATS_DIGEST_STEPS_H
#define BULLA_FORMATS_DIGEST_STEPS_H

#include <openssl/evp.h>

#include "formats/digest.h"

/* *ret_known = false: the algorithm is not to be had. `alg` is a known one. */
bool digest_start(EVP_MD_CTX *ctx, enum digest_alg alg, bool *ret_known);
/* In pieces, so that a huge mapped part is walked and not wanted in memory at once. */
bool digest_update(EVP_MD_CTX *ctx, struct bytes part);
/* d->alg and d->n are set. */
bool digest_finish(EVP_MD_CTX *ctx, struct digest *d);

#endif
