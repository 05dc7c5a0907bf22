#include "service/log/merkle.h"

#include <string.h>

#include "base/scope.h"
#include "formats/digest.h"

static enum err hash(
    struct scope *s, uint8_t first, struct bytes a, struct bytes b, struct merkle_hash *ret_hash)
{
	struct digest d;
	const struct bytes parts[] = { bytes_of(&first, 1), a, b };
	TRY(digest_compute(s, DIGEST_SHA256, parts, 3, &d));
	memcpy(ret_hash->octet, d.value, MERKLE_HASH);
	return OK;
}

enum err merkle_leaf(struct scope *s, struct bytes entry, struct merkle_hash *ret_leaf)
{
	return hash(s, 0, entry, BYTES_NONE, ret_leaf);
}

enum err merkle_node(struct scope *s, const struct merkle_hash *left,
    const struct merkle_hash *right, struct merkle_hash *ret_node)
{
	return hash(s, 1, bytes_of(left->octet, MERKLE_HASH), bytes_of(right->octet, MERKLE_HASH),
	    ret_node);
}

enum err merkle_add(struct scope *s, struct merkle *t, struct bytes entry)
{
	struct merkle_hash h;
	unsigned level = 0;
	TRY(merkle_leaf(s, entry, &h));
	for (; t->size >> level & 1; level++)
		TRY(merkle_node(s, &t->full[level], &h, &h));
	t->full[level] = h;
	t->size++;
	return OK;
}

enum err merkle_root(struct scope *s, const struct merkle *t, struct merkle_hash *ret_root)
{
	struct merkle_hash h = { 0 };
	struct digest empty;
	bool has_any = false;
	for (unsigned level = 0; level < MERKLE_LEVELS; level++) {
		if (!(t->size >> level & 1))
			continue;
		if (has_any)
			TRY(merkle_node(s, &t->full[level], &h, &h));
		else
			h = t->full[level];
		has_any = true;
	}
	if (!has_any) {
		TRY(digest_of_bytes(s, DIGEST_SHA256, BYTES_NONE, &empty));
		memcpy(h.octet, empty.value, MERKLE_HASH);
	}
	*ret_root = h;
	return OK;
}

enum err merkle_path_check(struct scope *s, struct bytes entry, uint64_t index, uint64_t size,
    const struct merkle_hash *path, size_t n, const struct merkle_hash *root, bool *ret_holds)
{
	struct merkle_hash h;
	bool holds = index < size;
	uint64_t at = index, last = size - 1;
	TRY(merkle_leaf(s, entry, &h));
	for (size_t i = 0; holds && i < n; i++) {
		if (last == 0) {
			holds = false;
		} else if (at & 1 || at == last) {
			TRY(merkle_node(s, &path[i], &h, &h));
			while (!(at & 1) && at) {
				at >>= 1;
				last >>= 1;
			}
		} else {
			TRY(merkle_node(s, &h, &path[i], &h));
		}
		at >>= 1;
		last >>= 1;
	}
	*ret_holds = holds && last == 0 && !memcmp(h.octet, root->octet, MERKLE_HASH);
	return OK;
}
