/*
 * The certificate policies that hold for a path: the user-constrained policy set of RFC 5280 6.1.6,
 * for reports and for whoever asks for certain policies. Whether the path is acceptable without
 * them is validator/path.h's matter.
 */
#ifndef BULLA_VALIDATOR_PATH_POLICIES_H
#define BULLA_VALIDATOR_PATH_POLICIES_H

#include "validator/path.h"

struct path_policies {
	/* In the domain of the anchor, ordered by octets; 2.5.29.32.0: any policy. */
	struct bytes *item; /* OID value octets */
	size_t n;
};

/* Empty when no policy holds for every certificate of the path, or the path is not valid. An anchor
 * by itself has any policy. */
must_check enum err path_policies_find(struct scope *s, const struct path *path,
    const struct policy_path_inputs *inputs, struct path_policies *ret_policies);

/* Value octets of anyPolicy, 2.5.29.32.0. */
struct bytes path_policies_any(void);

#endif
