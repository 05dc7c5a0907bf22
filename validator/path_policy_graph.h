/*
 * The valid policies of a path as a graph (RFC 9618 5.1): for each certificate a level, in it a
 * node for each policy that is valid so far, and edges to the nodes above that it comes from.
 */
#ifndef BULLA_VALIDATOR_PATH_POLICY_GRAPH_H
#define BULLA_VALIDATOR_PATH_POLICY_GRAPH_H

#include "validator/path_policies.h"

struct path_policy_node {
	struct bytes oid;
	/* Not expected by a policy above, but admitted by any policy there: a policy of the
	 * anchor's domain. Without edges. */
	bool from_any;
	bool reaches_end; /* some valid policy of the last certificate comes from it */
};

struct path_policy_edge {
	size_t above, below; /* nodes of the level above and of this one */
};

struct path_policy_level {
	const struct cert *cert;
	struct path_policy_node *nodes;
	size_t n;
	struct path_policy_edge *edges;
	size_t n_edges;
	bool has_any;
};

struct path_policy_graph {
	struct path_policy_level level[LIMIT_PATH_DEPTH]; /* [0]: next to the anchor */
	size_t n;
	bool too_large; /* more than LIMIT_PATH_POLICIES in a level: nothing in it can be relied on
			 */
};

/* Adds a level for the next certificate: 6.1.3 (d), (e). `any_allowed`: its anyPolicy counts. */
must_check enum err path_policy_graph_add(struct scope *s, struct path_policy_graph *g,
    const struct cert *cert, bool any_allowed, bool mapping_allowed);
/* No policy is valid any more: the tree is NULL. */
bool path_policy_graph_is_empty(const struct path_policy_graph *g);
/* The user-constrained set: 6.1.5 (g). Initial policies: none for any. */
must_check enum err path_policy_graph_result(struct scope *s, struct path_policy_graph *g,
    const struct policy_path_inputs *inputs, struct path_policies *ret_policies);

#endif
