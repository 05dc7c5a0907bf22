/*
 * Which certificates a CRL speaks about, and for which reasons (RFC 5280 6.3.3 (b), (d)): the
 * distribution point of the certificate against the issuing distribution point of the list. Pure
 * rules over both; who signed the list is validator/revocation_signer.h's matter.
 *
 * Does not fetch, and does not look at the entries. A list is matched by its names alone, not by
 * where it was fetched.
 */
#ifndef BULLA_VALIDATOR_CRL_SCOPE_H
#define BULLA_VALIDATOR_CRL_SCOPE_H

#include "formats/crl.h"

/* All of ReasonFlags (RFC 5280 4.2.1.13): bit 0 is not used. */
#define CRL_SCOPE_ALL_REASONS UINT32_C(0x1fe)

/* The reasons for which the list, complete or delta, tells the status of the certificate: the union
 * over the certificate's distribution points, and the one that is assumed besides (RFC 5280 6.3.3,
 * last paragraph). 0 and *ret_why when it tells nothing. */
uint32_t crl_scope_reasons(const struct crl *crl, const struct cert *cert, const char **ret_why);
/* The next name (Name TLV) among the directory names of a cRLIssuer field's content; empty at the
 * end. */
struct bytes crl_scope_next_issuer(struct bytes *crl_issuer);

#endif
