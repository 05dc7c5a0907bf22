#include "service/log/merkle_paths.h"

#include "base/scope.h"

/* Nodes of one level that some path needs, in their order. */
struct level {
	struct node {
		uint64_t index;
		struct merkle_hash hash;
	} * node;
	size_t n, room;
};

struct merkle_paths {
	const uint64_t *leaf;
	size_t n;
	uint64_t size;
	struct merkle tree;
	struct level level[MERKLE_LEVELS];
};

enum err merkle_paths_new(struct scope *s, const uint64_t *leaves, size_t n, uint64_t size,
    struct merkle_paths **ret_paths)
{
	struct merkle_paths *p = scope_alloc(s, sizeof(*p));
	if (!p)
		return ERR_NOMEM;
	p->leaf = leaves;
	p->n = n;
	p->size = size;
	*ret_paths = p;
	return OK;
}

/* Some leaf from `first` on, below `end`. */
static bool has_leaf(const struct merkle_paths *p, uint64_t first, uint64_t end)
{
	size_t low = 0, high = p->n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (p->leaf[middle] < first)
			low = middle + 1;
		else
			high = middle;
	}
	return low < p->n && p->leaf[low] < end;
}

/* A full node is kept when its neighbour is on the way of a leaf. */
static enum err keep(struct scope *s, struct merkle_paths *p, unsigned at, uint64_t index,
    const struct merkle_hash *hash)
{
	struct level *l = &p->level[at];
	const uint64_t other = index ^ 1;
	if (!has_leaf(p, other << at, (other + 1) << at))
		return OK;
	if (l->n == l->room) {
		const size_t room = l->room ? 2 * l->room : 64;
		struct node *node =
		    scope_resize(s, l->node, l->room * sizeof(*node), room * sizeof(*node));
		if (!node)
			return ERR_NOMEM;
		l->node = node;
		l->room = room;
	}
	l->node[l->n++] = (struct node){ index, *hash };
	return OK;
}

enum err merkle_paths_add(struct scope *s, struct merkle_paths *p, struct bytes entry)
{
	struct merkle *t = &p->tree;
	struct merkle_hash h;
	unsigned at = 0;
	if (t->size == p->size)
		return scope_fault(s, ERR_MISUSE, "tree: more entries than it has");
	TRY(merkle_leaf(s, entry, &h));
	TRY(keep(s, p, 0, t->size, &h));
	for (; t->size >> at & 1; at++) {
		TRY(merkle_node(s, &t->full[at], &h, &h));
		TRY(keep(s, p, at + 1, t->size >> (at + 1), &h));
	}
	t->full[at] = h;
	t->size++;
	return OK;
}

/* The last node of a level, which has fewer leaves than the others. */
static enum err ragged(
    struct scope *s, const struct merkle *t, unsigned at, struct merkle_hash *ret_hash)
{
	struct merkle part = *t;
	part.size &= (UINT64_C(1) << at) - 1;
	return merkle_root(s, &part, ret_hash);
}

static const struct merkle_hash *find(const struct level *l, uint64_t index)
{
	size_t low = 0, high = l->n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (l->node[middle].index < index)
			low = middle + 1;
		else
			high = middle;
	}
	return low < l->n && l->node[low].index == index ? &l->node[low].hash : NULL;
}

enum err merkle_paths_get(struct scope *s, const struct merkle_paths *p, uint64_t leaf,
    struct merkle_hash ret_path[MERKLE_LEVELS], size_t *ret_n)
{
	size_t n = 0;
	if (p->tree.size != p->size || leaf >= p->size)
		return scope_fault(s, ERR_MISUSE, "tree: has no path of this leaf");
	for (unsigned at = 0; (p->size - 1) >> at; at++) {
		const uint64_t last = (p->size - 1) >> at, other = leaf >> at ^ 1;
		const struct merkle_hash *kept = find(&p->level[at], other);
		if (other > last)
			continue; /* it goes up alone */
		if (kept)
			ret_path[n++] = *kept;
		else if (other == last && p->size & ((UINT64_C(1) << at) - 1))
			TRY(ragged(s, &p->tree, at, &ret_path[n++]));
		else
			return scope_fault(s, ERR_MISUSE, "tree: has no path of this leaf");
	}
	*ret_n = n;
	return OK;
}

enum err merkle_paths_root(
    struct scope *s, const struct merkle_paths *p, struct merkle_hash *ret_root)
{
	if (p->tree.size != p->size)
		return scope_fault(s, ERR_MISUSE, "tree: has no root yet");
	return merkle_root(s, &p->tree, ret_root);
}
