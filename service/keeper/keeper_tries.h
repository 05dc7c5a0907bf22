/*
 * Counts wrong passwords for a key and makes the next ones wait: LIMIT_KEEPER_TRIES are free, then
 * LIMIT_KEEPER_WAIT_S, and twice as long after each further one. An attempt counts as wrong from
 * its beginning, so that many at once are no way around it. A key's count goes with the right
 * password, or a day after its last wrong one.
 *
 * Not thread-safe. Keys are known by the SHA-256 of their file.
 */
#ifndef BULLA_SERVICE_KEEPER_KEEPER_TRIES_H
#define BULLA_SERVICE_KEEPER_KEEPER_TRIES_H

#include "base/bytes.h"
#include "formats/digest.h"

struct keeper_tries;

must_check enum err keeper_tries_new(struct scope *s, struct keeper_tries **ret_tries);
/* ERR_LIMIT: "wait N s: too many wrong passwords". */
must_check enum err keeper_tries_begin(
    struct keeper_tries *t, struct scope *s, const struct digest *key, int64_t now_ms);
/* The attempt that began was right: all is forgotten. */
void keeper_tries_right(struct keeper_tries *t, const struct digest *key);
/* It failed for another reason than the password: it does not count. */
void keeper_tries_undo(struct keeper_tries *t, const struct digest *key);

#endif
