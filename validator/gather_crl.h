/*
 * Gathering of CRLs. Private to the modules gather*.
 */
#ifndef BULLA_VALIDATOR_GATHER_CRL_H
#define BULLA_VALIDATOR_GATHER_CRL_H

#include "validator/gather.h"

/* Asks the certificate's distribution points until lists cover all reasons for which it could be
 * revoked; for each list the deltas, and the certificate and status of its signer. Distribution
 * points that name a directory entry, and no URL, cannot be asked. */
must_check enum err gather_crl_fulfil(
    struct scope *s, struct gather *g, const struct cert *cert, const struct cert *issuer);

#endif
