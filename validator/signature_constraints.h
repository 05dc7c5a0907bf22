/*
 * What a policy asks of a signature beyond its being valid (EN 319 102-1 5.2.8, signature
 * acceptance validation): a timestamp, a level, digests and schemes, and all certificates valid at
 * the time of signing.
 *
 * Not here: the reliability of algorithms at an instant (validator/algorithm_limit.h), the delay
 * and order of timestamps (validator/judge.h), constraints on certificates
 * (validator/cert_constraints.h).
 */
#ifndef BULLA_VALIDATOR_SIGNATURE_CONSTRAINTS_H
#define BULLA_VALIDATOR_SIGNATURE_CONSTRAINTS_H

#include "validator/report.h"

/* Adds a finding for each constraint that a signature (no document timestamp) does not meet. Of `r`
 * it reads what describes it, format, algorithms, path, timestamps and best_signature_time: all
 * these must be filled in, its indication need not. */
must_check enum err signature_constraints_check(struct scope *s, const struct policy *p,
    const struct report_signature *r, struct findings *findings);

#endif
