/*
 * Whether a CRL may be used at all, and whether a certificate may sign it (RFC 5280 5.2, 5.3, 6.3.3
 * (f)). Pure rules; what the list covers is validator/crl_scope.h's, freshness
 * validator/revocation.h's.
 */
#ifndef BULLA_VALIDATOR_CRL_RULES_H
#define BULLA_VALIDATOR_CRL_RULES_H

#include "validator/evidence.h"

/* Why the list says nothing usable at `now`; NULL: it does. */
const char *crl_rules_reject(const struct crl *crl, struct instant now);
/* Why the certificate is not the one that signs this list, by its name, key identifier and key
 * usage; NULL: it may be. Its signature is not verified. */
const char *crl_rules_reject_signer(const struct crl *crl, const struct cert *signer);
/* The signature of the list verifies with the certificate's key: *ret_why NULL. */
must_check enum err crl_rules_verify(
    struct scope *s, const struct crl *crl, const struct cert *signer, const char **ret_why);

#endif
