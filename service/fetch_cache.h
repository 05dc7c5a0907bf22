/*
 * A cache between Bulla and the network, kept on disk from run to run: CRLs, OCSP responses and
 * issuers' certificates. Timestamps and trust lists pass through.
 *
 * An answer is handed out while its own nextUpdate is ahead, of the present and of the instant that
 * is judged for, and for at most LIMIT_CACHE_AGE_S after it was fetched: a CA may publish a fresher
 * one at any time. One that says no nextUpdate, or cannot be read, is not kept. Who gave no answer
 * is not asked again for LIMIT_CACHE_FAILURE_S, and the text says so. Of several processes or
 * threads that want one URL, one asks and the others wait for it.
 *
 * OCSP responses are found by URL and request, so requests must be the same each time: without a
 * nonce (world.keeps_answers; RFC 5019 4 and RFC 6960 4.4.1 leave it to the client). Does not check
 * signatures: somebody between us and a server can have a worthless answer kept for that hour.
 */
#ifndef BULLA_SERVICE_FETCH_CACHE_H
#define BULLA_SERVICE_FETCH_CACHE_H

#include "service/cache_folder.h"

struct fetch_cache;

/* `inner` does the fetching and has the clock; it must live as long. `at`: the instant that is
 * judged for, INSTANT_NONE: the present. ERR_IO: the folder. */
must_check enum err fetch_cache_new(struct scope *s, const char *folder, const struct world *inner,
    struct instant at, struct fetch_cache **ret_cache);
/* Another instant from here on. */
void fetch_cache_judge_for(struct fetch_cache *c, struct instant at);
/* As world.fetch. */
must_check enum err fetch_cache_get(struct fetch_cache *c, struct scope *s,
    const struct fetch_request *want, struct fetch_reply *ret_reply);

#endif
