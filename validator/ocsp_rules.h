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

/* The certificate that signed the response with authority over `issuer`'s certificates: the issuer
 * itself or a responder whose certificate the issuer signed, with EKU OCSPSigning, valid when the
 * response was produced. *ret_signer NULL and *ret_why when there is none. The responder's own
 * revocation is not looked at. */
must_check enum err ocsp_rules_find_signer(struct scope *s, const struct evidence *evidence,
    const struct ocsp_response *response, const struct cert *issuer, const struct cert **ret_signer,
    const char **ret_why);

#endif
