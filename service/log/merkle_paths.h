/*
 * Audit paths (RFC 9162 2.1.3.1) of some leaves of a large tree, in memory for what these need: the
 * leaves are named, then all entries go past once.
 */
#ifndef BULLA_SERVICE_LOG_MERKLE_PATHS_H
#define BULLA_SERVICE_LOG_MERKLE_PATHS_H

#include "service/log/merkle.h"

struct merkle_paths;

/* `leaves`: places from 0, ascending, no two alike, all below `size`; borrowed. */
must_check enum err merkle_paths_new(struct scope *s, const uint64_t *leaves, size_t n,
    uint64_t size, struct merkle_paths **ret_paths);
/* The next entry of the tree, `size` times. ERR_MISUSE: once more. */
must_check enum err merkle_paths_add(struct scope *s, struct merkle_paths *p, struct bytes entry);
/* After the last entry: the path of one of the leaves. ERR_MISUSE: before, or of another. */
must_check enum err merkle_paths_get(struct scope *s, const struct merkle_paths *p, uint64_t leaf,
    struct merkle_hash ret_path[MERKLE_LEVELS], size_t *ret_n);
/* Of the whole tree, after the last entry. ERR_MISUSE: before. */
must_check enum err merkle_paths_root(
    struct scope *s, const struct merkle_paths *p, struct merkle_hash *ret_root);

#endif
