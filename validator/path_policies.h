/*
 * Certificate policies over one path (RFC 5280 6.1, steps (d) to (f) of 6.1.3, (a), (b), (h) to (j)
 * of 6.1.4, (a), (b), (g) of 6.1.5): whether they let the path pass under the user's settings, and
 * which of them hold for it.
 *
 * The valid policies are kept as a graph, one node per policy and certificate (RFC 9618 5), not as
 * the tree of RFC 5280, which a hostile authority can make grow without bound; the outcome is the
 * same.
 */
#ifndef BULLA_VALIDATOR_PATH_POLICIES_H
#define BULLA_VALIDATOR_PATH_POLICIES_H

#include "validator/path.h"

/* A policy that holds, in the domain of the anchor, with what the certificates on the way say about
 * it. */
struct path_policy {
	struct bytes oid; /* value octets; 2.5.29.32.0: any policy */
	struct cert_texts cps, notices;
};

/* The user-constrained policy set (RFC 5280 6.1.6), ordered by octets. */
struct path_policies {
	struct path_policy *item;
	size_t n;
};

/* Judges; fills in verify_error (0, X509_V_ERR_NO_EXPLICIT_POLICY, or
 * X509_V_ERR_INVALID_POLICY_EXTENSION for a mapping from or to any policy, or more than
 * LIMIT_PATH_POLICIES at a time) and error_at. Signatures, names and the rest are not looked at. */
must_check enum err path_policies_judge(
    struct scope *s, const struct policy_path_inputs *inputs, struct path *path);
/* False: whatever the certificates say, path_policies_judge lets this path pass. */
bool path_policies_matter(const struct policy_path_inputs *inputs, const struct path *path);
/* The set for a path that passes; empty for another one, and where no policy holds for every
 * certificate. An anchor by itself has any policy. */
must_check enum err path_policies_find(struct scope *s, const struct path *path,
    const struct policy_path_inputs *inputs, struct path_policies *ret_policies);

#endif
