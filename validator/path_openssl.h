/*
 * One path judged by OpenSSL's implementation of RFC 5280 6.1: name constraints (4.2.1.10), for
 * paths that validator/path_rules.h does not cover.
 *
 * OpenSSL gets exactly this path and may choose no other. It looks at no date, no CRL, no policy
 * and no algorithm's strength, and reads no clock. Not here: whether a constraint or a name is
 * written as the standard wants it.
 */
#ifndef BULLA_VALIDATOR_PATH_OPENSSL_H
#define BULLA_VALIDATOR_PATH_OPENSSL_H

#include "validator/path.h"

/* Fills in verify_error and error_at. A certificate that OpenSSL cannot read makes the path a bad
 * one. */
must_check enum err path_openssl_judge(struct scope *s, struct path *p);

#endif
