/*
 * Whether a CRL may be believed and covers a certificate (RFC 5280 6.3.3). Pure rules; freshness is
 * validator/revocation.h's. Delta, indirect and reason-partitioned lists are refused for now.
 */
#ifndef BULLA_VALIDATOR_CRL_RULES_H
#define BULLA_VALIDATOR_CRL_RULES_H

#include "validator/evidence.h"

/* The list bears the name of the certificate's issuer. */
bool crl_rules_is_about(const struct crl *crl, const struct cert *cert);
/* Why the list says nothing usable about the certificate at `now`; NULL: it does. */
const char *crl_rules_reject(const struct crl *crl, const struct cert *cert, struct instant now);
/* `issuer` signed the list and may sign lists; otherwise *ret_signer NULL and *ret_why. */
must_check enum err crl_rules_find_signer(struct scope *s, const struct crl *crl,
    const struct cert *issuer, const struct cert **ret_signer, const char **ret_why);

#endif
