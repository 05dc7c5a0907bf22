/*
 * What revocation lists say about one certificate (RFC 5280 6.3.3). Private to the modules
 * revocation*.
 *
 * Each complete list is a statement of its date, and each delta with the newest complete list it
 * fits, one of the delta's date (5.2.4). Lists for some reasons are one statement together, as soon
 * as they cover all reasons; that a certificate is revoked, each says for itself.
 */
#ifndef BULLA_VALIDATOR_REVOCATION_CRL_H
#define BULLA_VALIDATOR_REVOCATION_CRL_H

#include "validator/revocation_history.h"
#include "validator/revocation_memo.h"

must_check enum err revocation_crl_collect(struct scope *s, struct revocation_judge *j,
    const struct cert *cert, const struct cert *issuer, struct revocation_history *h);

#endif
