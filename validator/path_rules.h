/*
 * The rules of RFC 5280 6.1 for one path whose certificates carry no name constraints and no policy
 * constraints: names, signatures, CA flag, keyCertSign, path length, unknown critical extensions.
 * Anything beyond that is left to OpenSSL (validator/path.c), which is complete but must decode
 * every certificate again, ten times as slowly as these rules run.
 */
#ifndef BULLA_VALIDATOR_PATH_RULES_H
#define BULLA_VALIDATOR_PATH_RULES_H

#include "validator/path.h"

/* Signatures checked already in this job. */
struct path_rules_memo;

/* The signature of `subject` verifies with the key of `issuer`; an unknown algorithm's does not. */
must_check enum err path_rules_is_signed(struct scope *s, struct path_rules_memo **memo,
    const struct cert *subject, const struct cert *issuer, bool *ret_ok);
/* No certificate below the anchor has an extension that these rules do not cover. */
bool path_rules_cover(const struct path *p);
/* Fills in verify_error: 0, or OpenSSL's code for the first rule that is broken. Dates are not
 * looked at. */
must_check enum err path_rules_judge(
    struct scope *s, struct path_rules_memo **memo, struct path *p);

#endif
