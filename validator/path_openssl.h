/*
 * One path judged by OpenSSL's implementation of RFC 5280 6.1: name constraints and certificate
 * policies, for what validator/path_rules.h does not cover.
 *
 * OpenSSL gets exactly this path and may choose no other. It looks at no date, no CRL and no
 * algorithm's strength, and reads no clock. Not here: whether a constraint is written as the
 * standard wants.
 */
#ifndef BULLA_VALIDATOR_PATH_OPENSSL_H
#define BULLA_VALIDATOR_PATH_OPENSSL_H

#include "validator/path_policies.h"

/* Fills in verify_error and error_at. `ret_policies` may be NULL; else it gets the user-constrained
 * policy set of a path that passes, and is empty otherwise. A certificate that OpenSSL cannot read
 * makes the path a bad one. */
must_check enum err path_openssl_judge(struct scope *s, const struct policy_path_inputs *inputs,
    struct path *p, struct path_policies *ret_policies);

#endif
