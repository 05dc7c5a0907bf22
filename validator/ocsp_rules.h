/*
 * Whether an OCSP response may be believed (RFC 6960 3.2, 4.2.2.2). Pure rules; freshness is
 * validator/revocation.h's.
 */
#ifndef BULLA_VALIDATOR_OCSP_RULES_H
#define BULLA_VALIDATOR_OCSP_RULES_H

#include "validator/evidence.h"

/* Why this SingleResponse says nothing usable about the certificate at `now`; NULL: it does. */
must_check enum err ocsp_rules_reject(struct scope *s, const struct ocsp_response *response,
    const struct ocsp_single *single, const struct cert *cert, struct instant now,
    const char **ret_why);

/* Why this certificate may not answer for `issuer`, by RFC 6960 4.2.2.2: neither the issuer itself
 * nor, by name, issued by it for OCSPSigning and valid when the response was produced. NULL: it
 * may. Who signed the certificate is not verified, nor its revocation looked at. */
const char *ocsp_rules_reject_responder(
    const struct ocsp_response *response, const struct cert *responder, const struct cert *issuer);
/* The signature of the response verifies with the certificate's key: *ret_why NULL. */
must_check enum err ocsp_rules_verify(struct scope *s, const struct ocsp_response *response,
    const struct cert *responder, const char **ret_why);

#endif
