/*
 * The rules of RFC 5280 6.1 for one path but for names and policies (validator/path_openssl.h,
 * validator/path_policies.h): signatures, CA flag, keyCertSign, path length, unknown critical
 * extensions.
 */
#ifndef BULLA_VALIDATOR_PATH_RULES_H
#define BULLA_VALIDATOR_PATH_RULES_H

#include "validator/path.h"

/* Signatures checked already in this job. */
struct path_rules_memo;

/* The signature of `subject` verifies with the key of `issuer`; an unknown algorithm's does not. */
must_check enum err path_rules_is_signed(struct scope *s, struct path_rules_memo **memo,
    const struct cert *subject, const struct cert *issuer, bool *ret_ok);
/* No certificate of the path constrains names. */
bool path_rules_cover(const struct path *p);
/* Fills in verify_error: 0, or OpenSSL's code for the first rule that is broken. Dates are not
 * looked at. */
must_check enum err path_rules_judge(
    struct scope *s, struct path_rules_memo **memo, struct path *p);

#endif
