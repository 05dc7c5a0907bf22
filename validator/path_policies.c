#include "validator/path_policies.h"

#include <openssl/x509_vfy.h>

#include "base/scope.h"
#include "validator/path_policy_graph.h"

/* The state variables of 6.1.2 (d) to (f). */
struct state {
	struct path_policy_graph *graph;
	size_t explicit_policy, mapping, any;
	bool mapping_allowed; /* of the certificate before */
};

bool path_policies_matter(const struct policy_path_inputs *inputs, const struct path *path)
{
	for (size_t i = 0; i + 1 < path->n; i++)
		if (path->item[i]->require_explicit_policy >= 0 ||
		    path->item[i]->policy_mappings.n > 0)
			return true;
	return inputs->explicit_policy;
}

static void lower(size_t *counter, int to)
{
	if (to >= 0 && (size_t)to < *counter)
		*counter = (size_t)to;
}

/* 6.1.4 (h) to (j) */
static void count_down(struct state *st, const struct cert *c)
{
	if (!cert_is_self_issued(c)) {
		st->explicit_policy -= st->explicit_policy > 0;
		st->mapping -= st->mapping > 0;
		st->any -= st->any > 0;
	}
	lower(&st->explicit_policy, c->require_explicit_policy);
	lower(&st->mapping, c->inhibit_policy_mapping);
	lower(&st->any, c->inhibit_any_policy);
}

/* 6.1.4 (a) */
static bool maps_any(const struct cert *c)
{
	for (size_t i = 0; i < c->policy_mappings.n; i++)
		if (oid_is(c->policy_mappings.item[i].issuer, OID_POLICY_ANY) ||
		    oid_is(c->policy_mappings.item[i].subject, OID_POLICY_ANY))
			return true;
	return false;
}

static enum err step(
    struct scope *s, struct state *st, const struct cert *c, bool is_last, int *ret_error)
{
	bool any_allowed = st->any > 0 || (!is_last && cert_is_self_issued(c));
	*ret_error = X509_V_OK;
	TRY(path_policy_graph_add(s, st->graph, c, any_allowed, st->mapping_allowed));
	if (st->graph->too_large)
		*ret_error = X509_V_ERR_INVALID_POLICY_EXTENSION;
	else if (st->explicit_policy == 0 && path_policy_graph_is_empty(st->graph))
		*ret_error = X509_V_ERR_NO_EXPLICIT_POLICY; /* 6.1.3 (f) */
	else if (!is_last && maps_any(c))
		*ret_error = X509_V_ERR_INVALID_POLICY_EXTENSION;
	st->mapping_allowed = st->mapping > 0;
	if (!is_last)
		count_down(st, c);
	return OK;
}

/* 6.1.5 (a), (b), (g) */
static enum err wrap_up(struct scope *s, struct state *st, const struct policy_path_inputs *inputs,
    const struct cert *last, int *ret_error, struct path_policies *ret_policies)
{
	st->explicit_policy -= st->explicit_policy > 0;
	if (last->require_explicit_policy == 0)
		st->explicit_policy = 0;
	TRY(path_policy_graph_result(s, st->graph, inputs, ret_policies));
	*ret_error = st->explicit_policy == 0 && ret_policies->n == 0
			 ? X509_V_ERR_NO_EXPLICIT_POLICY
			 : X509_V_OK;
	return OK;
}

static enum err run(struct scope *s, const struct policy_path_inputs *inputs, struct path *p,
    struct path_policies *ret_policies)
{
	size_t n = p->n - 1;
	struct state st = {
		.graph = scope_alloc(s, sizeof(*st.graph)),
		.explicit_policy = inputs->explicit_policy ? 0 : n + 1,
		.mapping = inputs->inhibit_mapping ? 0 : n + 1,
		.any = inputs->inhibit_any ? 0 : n + 1,
	};
	struct path_policies policies = { 0 };
	if (!st.graph)
		return ERR_NOMEM;
	p->verify_error = X509_V_OK;
	for (size_t i = n; i-- > 0 && p->verify_error == X509_V_OK;) {
		TRY(step(s, &st, p->item[i], i == 0, &p->verify_error));
		p->error_at = p->verify_error == X509_V_OK ? 0 : i;
	}
	if (p->verify_error == X509_V_OK)
		TRY(wrap_up(s, &st, inputs, p->item[0], &p->verify_error, &policies));
	*ret_policies = policies;
	return OK;
}

enum err path_policies_judge(
    struct scope *s, const struct policy_path_inputs *inputs, struct path *path)
{
	struct path_policies unused;
	return run(s, inputs, path, &unused);
}

static enum err any_policy(struct scope *s, struct path_policies *ret_policies)
{
	static const uint8_t octets[] = { 0x55, 0x1d, 0x20, 0x00 };
	struct path_policy *item = scope_alloc(s, sizeof(*item));
	if (!item)
		return ERR_NOMEM;
	item->oid = bytes_of(octets, sizeof(octets));
	*ret_policies = (struct path_policies){ item, 1 };
	return OK;
}

enum err path_policies_find(struct scope *s, const struct path *path,
    const struct policy_path_inputs *inputs, struct path_policies *ret_policies)
{
	struct path copy = *path;
	struct path_policies policies;
	if (path->n == 1)
		return any_policy(s, ret_policies);
	TRY(run(s, inputs, &copy, &policies));
	*ret_policies = copy.verify_error == X509_V_OK ? policies : (struct path_policies){ 0 };
	return OK;
}
