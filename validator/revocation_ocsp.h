/*
 * What OCSP responses say about one certificate (RFC 6960). Private to the modules revocation*.
 */
#ifndef BULLA_VALIDATOR_REVOCATION_OCSP_H
#define BULLA_VALIDATOR_REVOCATION_OCSP_H

#include "validator/revocation_history.h"
#include "validator/revocation_memo.h"

/* Adds one statement for each acceptable single response about the certificate. */
must_check enum err revocation_ocsp_collect(struct scope *s, struct revocation_judge *j,
    const struct cert *cert, const struct cert *issuer, struct revocation_history *h);

#endif
