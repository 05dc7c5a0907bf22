/*
 * The search for ways from a certificate to an anchor, shortest first. Nothing is judged here but
 * who signed what (validator/path_pool.h).
 *
 * A way passes no certificate twice, nor another one with the same subject and key: what it could
 * add, it has already (RFC 4158 2.4.2). It ends at the first anchor.
 */
#ifndef BULLA_VALIDATOR_PATH_SEARCH_H
#define BULLA_VALIDATOR_PATH_SEARCH_H

#include "validator/path_pool.h"

struct path_search {
	struct path *found;
	size_t n_found;
	bool cut; /* given up at a limit: there may be more */
	/* Certificates for which no issuer is at hand, at most LIMIT_PATH_DEPTH. */
	const struct cert *ends[LIMIT_PATH_DEPTH];
	size_t n_ends;
};

must_check enum err path_search_run(struct scope *s, struct path_pool *pool,
    const struct anchors *anchors, const struct cert *target, struct path_search *ret_search);

#endif
