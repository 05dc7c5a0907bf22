/*
 * The rules of X.509 validation, each a pure function of facts and instants (EN 319 102-1 5.2.6.4,
 * 5.5.4 (4)). FINDING_NONE: nothing to say.
 */
#ifndef BULLA_VALIDATOR_XCV_RULES_H
#define BULLA_VALIDATOR_XCV_RULES_H

#include "validator/findings.h"
#include "validator/revocation.h"

/* The instants that a rule compares with: see struct xcv_question. */
struct xcv_instants {
	struct instant now, existed, not_older, fresh_for;
};

/* The signing certificate's dates (5.2.6.4 (2), 5.5.4 (4) c)). `st` decides about its status, NULL:
 * nothing does; `not_needed`: nothing need. */
enum finding_code xcv_rules_signer_dates(const struct cert *c, enum cert_use use,
    const struct revocation_statement *st, bool not_needed, const struct xcv_instants *t);
/* An authority's dates, at the validation time. */
enum finding_code xcv_rules_ca_dates(const struct cert *c, const struct xcv_instants *t);
/* Revoked or suspended (5.2.6.4 (3) a), b); 5.5.4 (4) a), b)); also a suspension that is over. */
enum finding_code xcv_rules_revoked(const struct revocation_record *record,
    const struct revocation_statement *st, bool is_ca, const struct xcv_instants *t);
/* There is a status, recent enough, by somebody whose certificate was valid (5.2.5.4; 5.2.6.4 (3)
 * c)). `proven`: since when the statement is known to exist. */
enum finding_code xcv_rules_known(const struct policy *policy,
    const struct revocation_record *record, const struct revocation_statement *st,
    const struct cert *issuer, struct instant proven, const struct xcv_instants *t);

#endif
