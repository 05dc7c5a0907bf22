/*
 * Passwords of persons as the store keeps them: scrypt (RFC 7914), with a salt of its own and the
 * parameters in front: "$scrypt$15$8$1$SALT$HASH" (log2 N, r, p; base64).
 *
 * One hash takes 32 MiB and some 100 ms: the caller bounds how many run at a time.
 */
#ifndef BULLA_SERVICE_PASSWORD_HASH_H
#define BULLA_SERVICE_PASSWORD_HASH_H

#include <stdbool.h>

#include "base/bytes.h"

/* Whatever the rule says: see password_rule.h. ERR_IO: no randomness; ERR_CRYPTO; ERR_NOMEM. */
must_check enum err password_hash_make(
    struct scope *s, struct bytes password, const char **ret_encoded);

struct password_hash_answer {
	bool is_right;
	bool is_old; /* right, but made with other parameters than now: make it anew */
};

/* Compares in constant time. `encoded` NULL: there is no such person, which takes as long and is
 * never right. ERR_FORMAT: the stored text is none of ours. */
must_check enum err password_hash_check(struct scope *s, struct bytes password, const char *encoded,
    struct password_hash_answer *ret_answer);

#endif
