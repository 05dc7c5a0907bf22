/*
 * base/world.h for a process without a network: the machine's clock, the kernel's randomness, and
 * fetching by the fetcher at the other end of a link. For workers; and for the front, which may ask
 * for timestamps only.
 *
 * Answers may be kept ones (keeps_answers). A fetcher that is gone or silent is ERR_NET: then the
 * link is of no more use, and fetcher_world_is_broken says so.
 */
#ifndef BULLA_SERVICE_FETCHER_FETCHER_WORLD_H
#define BULLA_SERVICE_FETCHER_FETCHER_WORLD_H

#include "base/world.h"
#include "service/process/link.h"

struct fetcher_world {
	struct world world;
	struct link *link;
	struct instant present; /* INSTANT_NONE: the machine's clock */
	bool is_broken;
};

/* In the scope. The link is borrowed and must outlive it; one thread at a time. `link` may be NULL:
 * then each fetch is ERR_NET. */
must_check enum err fetcher_world_new(
    struct scope *s, struct link *link, struct fetcher_world **ret_world);
/* Before each job of a worker: LIMIT_FETCHES_PER_JOB counts from here. `at`: the instant that is
 * judged for, INSTANT_NONE: the present. `present`: what world.now says from here on; INSTANT_NONE:
 * the machine's clock. ERR_NET: no fetcher; the job can go on without. */
must_check enum err fetcher_world_begin_job(
    struct scope *s, struct fetcher_world *w, struct instant at, struct instant present);
/* The link has failed: replies could no longer be told apart. */
bool fetcher_world_is_broken(const struct fetcher_world *w);

#endif
