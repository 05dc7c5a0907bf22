/*
 * The Merkle tree of RFC 9162 2.1 (RFC 6962 2.1) over entries: a leaf is SHA-256 of 0x00 and the
 * entry, a node SHA-256 of 0x01, its left and its right. In the audit log, entry i is the 32 octets
 * of the hash of record i + 1.
 *
 * A tree here is its frontier, the roots of the full subtrees that make it up: it can grow and tell
 * its root, in memory for 64 hashes. Whoever wants proofs names the leaves first and lets the tree
 * grow past them again: service/log/merkle_paths.h.
 */
#ifndef BULLA_SERVICE_LOG_MERKLE_H
#define BULLA_SERVICE_LOG_MERKLE_H

#include <stdint.h>

#include "base/bytes.h"

#define MERKLE_HASH 32
#define MERKLE_LEVELS 64

struct merkle_hash {
	uint8_t octet[MERKLE_HASH];
};

/* All zero: the empty tree. */
struct merkle {
	uint64_t size;                          /* leaves */
	struct merkle_hash full[MERKLE_LEVELS]; /* [k]: of 2^k leaves, where bit k of size is set */
};

must_check enum err merkle_leaf(struct scope *s, struct bytes entry, struct merkle_hash *ret_leaf);
must_check enum err merkle_node(struct scope *s, const struct merkle_hash *left,
    const struct merkle_hash *right, struct merkle_hash *ret_node);

/* Adds an entry. On an error the tree is as it was. */
must_check enum err merkle_add(struct scope *s, struct merkle *t, struct bytes entry);
/* Of the empty tree: SHA-256 of nothing. */
must_check enum err merkle_root(
    struct scope *s, const struct merkle *t, struct merkle_hash *ret_root);

/* Whether `path` leads from the entry's leaf at `index` (from 0) to the root of a tree of `size`
 * leaves (RFC 9162 2.1.3.2). */
must_check enum err merkle_path_check(struct scope *s, struct bytes entry, uint64_t index,
    uint64_t size, const struct merkle_hash *path, size_t n, const struct merkle_hash *root,
    bool *ret_holds);

#endif
