/*
 * The disclaimer: a clause about the limits of use that the signing certificate must carry, and a
 * person's approval of each certificate at its first use (Regulation (EU) 910/2014 Annex III; the
 * rules of the body that relies on the seals).
 *
 * Texts are compared after Unicode normalisation (NFC) and folding of white space, with case kept
 * (formats/unicode_text.h). Does not check: what the clause means; the validity of the certificate.
 */
#ifndef BULLA_VALIDATOR_DISCLAIMER_H
#define BULLA_VALIDATOR_DISCLAIMER_H

#include "formats/cert.h"
#include "validator/findings.h"
#include "validator/policy.h"

/* Adds DISCLAIMER_MISSING and DISCLAIMER_NOT_APPROVED where the policy asks and the certificate
 * does not answer. The latter names the SHA-256 that an approval would list. */
must_check enum err disclaimer_check(struct scope *s, const struct policy_disclaimer *wanted,
    const struct cert *signer, struct findings *findings);
/* The policy lists it. */
bool disclaimer_is_approved(const struct policy_disclaimer *wanted, const struct cert *c);
/* What stands in the certificate where the policy looks for it: the text that answers, else the
 * first one; NULL: none. In the scope. */
must_check enum err disclaimer_text(struct scope *s, const struct policy_disclaimer *wanted,
    const struct cert *signer, const char **ret_text);

#endif
