/*
 * Until when algorithms and key sizes count as reliable (EN 319 102-1 5.2.8, ETSI TS 119 312), by
 * the table of the policy. Pure look-ups: which instant the end is compared with is the caller's
 * matter (control time, best signature time, a proof of existence).
 */
#ifndef BULLA_VALIDATOR_ALGORITHM_LIMIT_H
#define BULLA_VALIDATOR_ALGORITHM_LIMIT_H

#include "formats/cert.h"
#include "validator/policy.h"

/* Reliable before `end`, not from then on. */
struct algorithm_limit {
	struct instant end; /* ALGORITHM_FOREVER: no end is known; ALGORITHM_NEVER: at no time */
	char *what;         /* what ends first: "SHA1", "RSA with 1024 bits" */
};

#define ALGORITHM_FOREVER POLICY_FOREVER
#define ALGORITHM_NEVER POLICY_NEVER

/* Of a signature by `signer`'s key: the earliest end among digest, signature scheme with key size
 * and, for RSASSA-PSS, mask digest. `digest` stands for alg.digest when not DIGEST_UNKNOWN (the
 * digest of CMS signed attributes' content). An unknown algorithm, or a key that cannot be loaded:
 * ALGORITHM_NEVER. */
must_check enum err algorithm_limit_of_signature(struct scope *s, const struct policy *p,
    enum policy_use use, struct signature_alg alg, enum digest_alg digest,
    const struct cert *signer, struct algorithm_limit *ret_limit);
/* Of a digest alone: a timestamp's imprint. */
must_check enum err algorithm_limit_of_digest(struct scope *s, const struct policy *p,
    enum policy_use use, enum digest_alg digest, struct algorithm_limit *ret_limit);

#endif
