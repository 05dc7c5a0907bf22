/*
 * Getting a timestamp token from a time-stamping authority (RFC 3161) and making sure that it is
 * what was asked for: status, imprint, nonce, a signature that verifies with a certificate for
 * timestamping. Whether that certificate is trusted is the judge's matter.
 */
#ifndef BULLA_SEALER_TIMESTAMP_H
#define BULLA_SEALER_TIMESTAMP_H

#include "base/world.h"
#include "formats/digest.h"

/* Asks the authorities in order until one answers well. ERR_NET, with the URL and the cause of the
 * last one, when none does. */
must_check enum err timestamp_obtain(struct scope *s, const struct world *world,
    const char *const *urls, size_t n_urls, const struct digest *imprint, struct bytes *ret_token);

#endif
