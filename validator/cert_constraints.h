/*
 * What a policy asks of a certificate beyond its being valid (EN 319 102-1 5.2.6.4 (4), chain
 * constraints): key usages, certificate policies, QcStatements (EN 319 412-5), a legal person as
 * subject, no pseudonym, the disclaimer and its approval; of a timestamping certificate, the RFC
 * 3161 2.3 usage and the set of trusted authorities.
 *
 * Not here: dates, revocation, algorithms (validator/xcv.h), path processing (validator/path.h).
 */
#ifndef BULLA_VALIDATOR_CERT_CONSTRAINTS_H
#define BULLA_VALIDATOR_CERT_CONSTRAINTS_H

#include "validator/findings.h"
#include "validator/path.h"
#include "validator/policy.h"

/* Adds a finding, which names the certificate, for each constraint that path->item[0] does not
 * meet. Of CERT_USE_ANY nothing is asked. */
must_check enum err cert_constraints_check(struct scope *s, const struct policy *p,
    const struct path *path, enum cert_use use, struct findings *findings);

#endif
