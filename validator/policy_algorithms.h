/*
 * The member "algorithms" of a policy's JSON form: until when each digest and each scheme with each
 * key size is reliable, per use. Private to policy_parse.c.
 */
#ifndef BULLA_VALIDATOR_POLICY_ALGORITHMS_H
#define BULLA_VALIDATOR_POLICY_ALGORITHMS_H

#include "validator/policy_reader.h"

/* Changes those rows of the policy's tables that the value at this place names: digests one by one,
 * of a scheme all sizes together. "all" stands for every use, and is read before them. */
must_check enum err policy_algorithms_read(
    struct scope *s, const struct policy_place *at, struct policy *p);

#endif
