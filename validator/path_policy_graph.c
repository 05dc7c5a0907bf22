#include "validator/path_policy_graph.h"

#include <stdlib.h>
#include <string.h>

#include "base/scope.h"

#define NOWHERE SIZE_MAX

static bool is_any(struct bytes oid)
{
	return oid_is(oid, OID_POLICY_ANY);
}

static size_t find_node(const struct path_policy_level *l, struct bytes oid)
{
	for (size_t i = 0; i < l->n; i++)
		if (bytes_equal(l->nodes[i].oid, oid))
			return i;
	return NOWHERE;
}

static const struct cert_policy *find_policy(const struct cert *c, struct bytes oid)
{
	for (size_t i = 0; i < c->policies.n; i++)
		if (bytes_equal(c->policies.item[i].oid, oid))
			return &c->policies.item[i];
	return NULL;
}

static const struct cert_policy *find_any(const struct cert *c)
{
	for (size_t i = 0; i < c->policies.n; i++)
		if (is_any(c->policies.item[i].oid))
			return &c->policies.item[i];
	return NULL;
}

/* The node of this policy, made if need be; NOWHERE when the level is full. */
static size_t add_node(
    struct path_policy_graph *g, struct path_policy_level *l, struct bytes oid, bool from_any)
{
	size_t at = find_node(l, oid);
	if (at != NOWHERE)
		return at;
	if (l->n == LIMIT_PATH_POLICIES) {
		g->too_large = true;
		return NOWHERE;
	}
	l->nodes[l->n] = (struct path_policy_node){ .oid = oid, .from_any = from_any };
	return l->n++;
}

/* -- 6.1.4 (b): what the level above expects -- */

static bool is_mapped(const struct cert *c, struct bytes oid)
{
	for (size_t i = 0; i < c->policy_mappings.n; i++)
		if (bytes_equal(c->policy_mappings.item[i].issuer, oid))
			return true;
	return false;
}

/* (1): any policy above gives a node to each policy that is mapped. */
static void admit_mapped(struct path_policy_graph *g, struct path_policy_level *above)
{
	for (size_t i = 0; above->has_any && i < above->cert->policy_mappings.n; i++)
		add_node(g, above, above->cert->policy_mappings.item[i].issuer, true);
}

struct growth {
	struct path_policy_graph *graph;
	struct path_policy_level *above, *level;
	bool has_any; /* the certificate's anyPolicy counts */
};

/* 6.1.3 (d) (1) (i), (2): an expected policy that the certificate has. */
static void expect(struct growth *w, size_t from, struct bytes oid)
{
	if (!w->has_any && !find_policy(w->level->cert, oid))
		return;
	size_t at = add_node(w->graph, w->level, oid, false);
	if (at != NOWHERE)
		w->level->edges[w->level->n_edges++] = (struct path_policy_edge){ from, at };
}

static void expect_all(struct growth *w, bool mapping_allowed)
{
	const struct cert *c = w->above->cert;
	for (size_t i = 0; i < w->above->n; i++) {
		struct bytes oid = w->above->nodes[i].oid;
		if (!is_mapped(c, oid))
			expect(w, i, oid);
		/* 6.1.4 (b) (2): a policy that is mapped without leave to is lost. */
		for (size_t k = 0; mapping_allowed && k < c->policy_mappings.n; k++)
			if (bytes_equal(c->policy_mappings.item[k].issuer, oid))
				expect(w, i, c->policy_mappings.item[k].subject);
	}
}

/* 6.1.3 (d) (1) (ii) */
static void admit_by_any(struct growth *w)
{
	const struct cert *c = w->level->cert;
	for (size_t i = 0; w->above->has_any && i < c->policies.n; i++)
		if (!is_any(c->policies.item[i].oid))
			add_node(w->graph, w->level, c->policies.item[i].oid, true);
}

enum err path_policy_graph_add(struct scope *s, struct path_policy_graph *g,
    const struct cert *cert, bool any_allowed, bool mapping_allowed)
{
	/* above the first certificate there is only any policy */
	static const struct cert nobody;
	struct path_policy_level root = { .cert = &nobody, .has_any = true };
	struct path_policy_level *above = g->n ? &g->level[g->n - 1] : &root;
	struct path_policy_level *level = &g->level[g->n];
	*level = (struct path_policy_level){ .cert = cert };
	level->nodes = scope_alloc_array(s, LIMIT_PATH_POLICIES, sizeof(*level->nodes));
	level->edges = scope_alloc_array(
	    s, LIMIT_PATH_POLICIES + above->cert->policy_mappings.n, sizeof(*level->edges));
	if (!level->nodes || !level->edges)
		return ERR_NOMEM;
	struct growth w = {
		.graph = g, .above = above, .level = level, .has_any = any_allowed && find_any(cert)
	};
	if (mapping_allowed)
		admit_mapped(g, above);
	expect_all(&w, mapping_allowed);
	admit_by_any(&w);
	level->has_any = above->has_any && w.has_any;
	g->n++;
	return OK;
}

bool path_policy_graph_is_empty(const struct path_policy_graph *g)
{
	const struct path_policy_level *last = &g->level[g->n - 1];
	return last->n == 0 && !last->has_any;
}

/* -- the result -- */

static void mark_reaching(struct path_policy_graph *g)
{
	struct path_policy_level *last = &g->level[g->n - 1];
	for (size_t i = 0; i < last->n; i++)
		last->nodes[i].reaches_end = true;
	for (size_t l = g->n - 1; l > 0; l--)
		for (size_t i = 0; i < g->level[l].n_edges; i++) {
			struct path_policy_edge e = g->level[l].edges[i];
			if (g->level[l].nodes[e.below].reaches_end)
				g->level[l - 1].nodes[e.above].reaches_end = true;
		}
}

static enum err add_texts(struct scope *s, struct cert_texts *to, const struct cert_texts *from)
{
	char **all = scope_alloc_array(s, to->n + from->n, sizeof(*all));
	if (!all)
		return ERR_NOMEM;
	if (to->n)
		memcpy(all, to->item, to->n * sizeof(*all));
	to->item = all;
	for (size_t i = 0; i < from->n; i++) {
		size_t k = 0;
		while (k < to->n && strcmp(to->item[k], from->item[i]) != 0)
			k++;
		if (k == to->n)
			to->item[to->n++] = from->item[i];
	}
	return OK;
}

static enum err add_qualifiers(
    struct scope *s, const struct cert_policy *from, struct path_policy *to)
{
	if (!from)
		return OK;
	TRY(add_texts(s, &to->cps, &from->cps));
	return add_texts(s, &to->notices, &from->notices);
}

/* What each certificate from this node down says about its policy: 6.1.3 (d), the qualifier sets.
 */
static enum err qualify(struct scope *s, const struct path_policy_graph *g, size_t level,
    size_t node, struct path_policy *p)
{
	bool marked[LIMIT_PATH_POLICIES] = { false };
	marked[node] = true;
	for (size_t l = level; l < g->n; l++) {
		const struct path_policy_level *now = &g->level[l], *next = &g->level[l + 1];
		for (size_t i = 0; i < now->n; i++) {
			if (!marked[i])
				continue;
			const struct cert_policy *own = find_policy(now->cert, now->nodes[i].oid);
			TRY(add_qualifiers(s, own ? own : find_any(now->cert), p));
		}
		bool below[LIMIT_PATH_POLICIES] = { false };
		for (size_t i = 0; l + 1 < g->n && i < next->n_edges; i++)
			if (marked[next->edges[i].above] &&
			    next->nodes[next->edges[i].below].reaches_end)
				below[next->edges[i].below] = true;
		memcpy(marked, below, sizeof(marked));
	}
	return OK;
}

/* What the first certificates say about any policy. */
static enum err qualify_by_any(
    struct scope *s, const struct path_policy_graph *g, size_t levels, struct path_policy *p)
{
	for (size_t l = 0; l < levels; l++)
		TRY(add_qualifiers(s, find_any(g->level[l].cert), p));
	return OK;
}

static bool is_wanted(const struct policy_path_inputs *in, struct bytes oid)
{
	for (size_t i = 0; i < in->n_initial_policies; i++)
		if (is_any(in->initial_policies[i]) || bytes_equal(in->initial_policies[i], oid))
			return true;
	return in->n_initial_policies == 0;
}

static bool is_listed(const struct path_policies *set, struct bytes oid)
{
	for (size_t i = 0; i < set->n; i++)
		if (bytes_equal(set->item[i].oid, oid))
			return true;
	return false;
}

static int by_octets(const void *a, const void *b)
{
	const struct path_policy *x = a, *y = b;
	return bytes_compare(x->oid, y->oid);
}

/* 6.1.5 (g) (iii) 3: any policy stands for those asked for that are not there yet. */
static enum err add_by_any(struct scope *s, const struct path_policy_graph *g,
    const struct policy_path_inputs *in, struct path_policies *set)
{
	const struct path_policy_level *last = &g->level[g->n - 1];
	if (!last->has_any)
		return OK;
	struct bytes any = find_any(last->cert)->oid;
	if (is_wanted(in, any)) {
		set->item[set->n].oid = any;
		return qualify_by_any(s, g, g->n, &set->item[set->n++]);
	}
	for (size_t i = 0; i < in->n_initial_policies; i++) {
		if (is_listed(set, in->initial_policies[i]))
			continue;
		set->item[set->n].oid = in->initial_policies[i];
		TRY(qualify_by_any(s, g, g->n, &set->item[set->n++]));
	}
	return OK;
}

enum err path_policy_graph_result(struct scope *s, struct path_policy_graph *g,
    const struct policy_path_inputs *in, struct path_policies *ret_policies)
{
	size_t room = in->n_initial_policies + 1;
	for (size_t l = 0; l < g->n; l++)
		room += g->level[l].n;
	struct path_policies set = { .item = scope_alloc_array(s, room, sizeof(*set.item)) };
	if (!set.item)
		return ERR_NOMEM;
	mark_reaching(g);
	for (size_t l = 0; l < g->n; l++)
		for (size_t i = 0; i < g->level[l].n; i++) {
			const struct path_policy_node *n = &g->level[l].nodes[i];
			if (!n->from_any || !n->reaches_end || !is_wanted(in, n->oid) ||
			    is_listed(&set, n->oid))
				continue;
			set.item[set.n].oid = n->oid;
			TRY(qualify_by_any(s, g, l, &set.item[set.n]));
			TRY(qualify(s, g, l, i, &set.item[set.n++]));
		}
	TRY(add_by_any(s, g, in, &set));
	qsort(set.item, set.n, sizeof(*set.item), by_octets);
	*ret_policies = set;
	return OK;
}
