/*
 * The certificates that a path may be built of: evidence and anchors, found by subject name.
 *
 * A name and a key identifier say who may have issued a certificate, not who did. Where several may
 * have, the signature decides at once, so that a crowd of look-alikes cannot hide the true issuer.
 * Not here: whether the issuer was allowed to (validator/path_rules.h).
 */
#ifndef BULLA_VALIDATOR_PATH_POOL_H
#define BULLA_VALIDATOR_PATH_POOL_H

#include "trust-lists/anchors.h"
#include "validator/evidence.h"
#include "validator/path_rules.h"

struct path_pool_issuer {
	const struct cert *cert;
	bool is_anchor;
};

/* Anchors first, then those whose key identifier is the one asked for, then the order in which they
 * were added. */
struct path_pool_issuers {
	struct path_pool_issuer *item;
	size_t n;
	bool cut; /* there were more look-alikes than LIMIT_PATH_SIGNATURES let us test */
};

/* Remembers what was asked. Certificates added to the evidence later are seen. */
struct path_pool;
must_check enum err path_pool_new(struct scope *s, const struct evidence *evidence,
    const struct anchors *anchors, struct path_rules_memo **memo, struct path_pool **ret_pool);
/* Those whose subject is the issuer of `cert`, without the certificate itself; of several those
 * that signed it, or when none did the first of them alone. Valid until evidence is added. */
must_check enum err path_pool_issuers(struct scope *s, struct path_pool *pool,
    const struct cert *cert, const struct path_pool_issuers **ret_issuers);

#endif
