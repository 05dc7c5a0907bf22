#include "validator/path_search.h"

#include <string.h>

#include "base/limits.h"
#include "base/scope.h"

/* A certificate as the end of one way up from the target. */
struct node {
	const struct cert *cert;
	const struct node *below; /* NULL: the target */
	struct node *later;       /* in the order in which they were reached */
	size_t depth;             /* certificates so far */
};

struct search {
	struct path_pool *pool;
	struct path_search *result;
	struct node *last;
	size_t n_nodes, room_found;
};

static bool is_on_way(const struct node *n, const struct cert *c)
{
	for (; n; n = n->below)
		if (cert_equal(n->cert, c) || (bytes_equal(n->cert->spki, c->spki) &&
						  cert_names_match(n->cert->subject, c->subject)))
			return true;
	return false;
}

static enum err note_path(
    struct scope *s, struct search *q, const struct node *n, const struct cert *anchor)
{
	struct path_search *r = q->result;
	if (r->n_found == LIMIT_PATH_CANDIDATES) {
		r->cut = true;
		return OK;
	}
	if (r->n_found == q->room_found) {
		q->room_found = q->room_found ? 2 * q->room_found : 2;
		struct path *more = scope_alloc_array(s, q->room_found, sizeof(*more));
		if (!more)
			return ERR_NOMEM;
		if (r->n_found)
			memcpy(more, r->found, r->n_found * sizeof(*more));
		r->found = more;
	}
	struct path *p = &r->found[r->n_found++];
	p->n = n->depth + 1;
	p->item[n->depth] = anchor;
	for (; n; n = n->below)
		p->item[n->depth - 1] = n->cert;
	return OK;
}

static enum err add_node(
    struct scope *s, struct search *q, const struct node *below, const struct cert *c)
{
	if (q->n_nodes == LIMIT_PATH_STEPS) {
		q->result->cut = true;
		return OK;
	}
	struct node *n = scope_alloc(s, sizeof(*n));
	if (!n)
		return ERR_NOMEM;
	*n = (struct node){ .cert = c, .below = below, .depth = below ? below->depth + 1 : 1 };
	if (q->last)
		q->last->later = n;
	q->last = n;
	q->n_nodes++;
	return OK;
}

static void note_end(struct path_search *r, const struct cert *c)
{
	for (size_t i = 0; i < r->n_ends; i++)
		if (r->ends[i] == c)
			return;
	if (r->n_ends < LIMIT_PATH_DEPTH)
		r->ends[r->n_ends++] = c;
}

static enum err go_up(struct scope *s, struct search *q, const struct node *n)
{
	const struct path_pool_issuers *issuers;
	bool has_issuer = false;
	TRY(path_pool_issuers(s, q->pool, n->cert, &issuers));
	q->result->cut |= issuers->cut;
	for (size_t i = 0; i < issuers->n; i++) {
		const struct path_pool_issuer *up = &issuers->item[i];
		if (is_on_way(n, up->cert))
			continue;
		has_issuer = true;
		if (n->depth + 1 > LIMIT_PATH_DEPTH)
			q->result->cut = true;
		else if (up->is_anchor)
			TRY(note_path(s, q, n, up->cert));
		else
			TRY(add_node(s, q, n, up->cert));
	}
	if (!has_issuer)
		note_end(q->result, n->cert);
	return OK;
}

static enum err note_target(struct scope *s, struct path_search *r, const struct cert *target)
{
	r->found = scope_alloc(s, sizeof(*r->found));
	if (!r->found)
		return ERR_NOMEM;
	*r->found = (struct path){ .item = { target }, .n = 1 };
	r->n_found = 1;
	return OK;
}

enum err path_search_run(struct scope *s, struct path_pool *pool, const struct anchors *anchors,
    const struct cert *target, struct path_search *ret_search)
{
	struct path_search result = { 0 };
	struct search q = { .pool = pool, .result = &result };
	if (anchors_has(anchors, target)) {
		TRY(note_target(s, &result, target));
		*ret_search = result;
		return OK;
	}
	TRY(add_node(s, &q, NULL, target));
	for (const struct node *n = q.last; n; n = n->later)
		TRY(go_up(s, &q, n));
	*ret_search = result;
	return OK;
}
