/*
 * What is judged of every signer alike, be it of a signature, a timestamp or a counter-signature:
 * who signed, whether digest and value verify, whether the algorithms could be relied upon.
 */
#ifndef BULLA_VALIDATOR_SIGNER_RULES_H
#define BULLA_VALIDATOR_SIGNER_RULES_H

#include "validator/document.h"
#include "validator/xcv.h"

/* EN 319 102-1 5.2.3 and 5.2.7. */
must_check enum err signer_rules_check(
    struct scope *s, const struct document_signer *signer, struct findings *findings);
/* EN 319 102-1 5.2.8.4.2: what was signed with existed at `existed`, and not before `not_older`. */
must_check enum err signer_rules_algorithm(struct scope *s, const struct xcv *x,
    enum policy_use use, const struct document_signer *signer, struct instant existed,
    struct instant not_older, struct findings *findings);

#endif
