/*
 * How often somebody may ask: token buckets, each under a text (an address, "portal:ID",
 * "login:NAME"). Memory is fixed: LIMIT_RATE_KEYS buckets, found by a keyed hash so that nobody can
 * aim at another's. Where too many come at a time, whoever has not asked for longest is forgotten,
 * and forgetting only ever allows more. Safe to use from several threads.
 */
#ifndef BULLA_SERVICE_FRONT_RATE_LIMIT_H
#define BULLA_SERVICE_FRONT_RATE_LIMIT_H

#include <stdint.h>

#include "base/err.h"

struct rate_limit;

/* NULL: no memory, no random octets. */
struct rate_limit *rate_limit_new(void);
void rate_limit_free(struct rate_limit *r);
/* Takes one of `burst` tokens, which come back at `per_minute`. `now_ms` is a monotonic clock. 0:
 * it was there; else the seconds until one will be (for Retry-After), and nothing is taken. A
 * `per_minute` of 0 allows everything. */
unsigned rate_limit_take(
    struct rate_limit *r, const char *key, unsigned per_minute, unsigned burst, int64_t now_ms);

#endif
