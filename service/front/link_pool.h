/*
 * Links to one other process (the keeper, the fetcher), shared by many threads: one takes a link,
 * asks, gives it back. Links that broke are dropped; the steward hands over new ones.
 */
#ifndef BULLA_SERVICE_FRONT_LINK_POOL_H
#define BULLA_SERVICE_FRONT_LINK_POOL_H

#include "service/process/link.h"

struct link_pool;

struct link_pool *link_pool_new(const char *what); /* NULL: no memory */
void link_pool_free(struct link_pool *p);
/* From the steward; the pool owns it from here. */
void link_pool_add(struct link_pool *p, struct link *l);
/* Waits until one is free. ERR_NET: none within timeout_ms. */
must_check enum err link_pool_take(
    struct scope *s, struct link_pool *p, int timeout_ms, struct link **ret_link);
/* The same, of another process than `peer` (link_peer). */
must_check enum err link_pool_take_other(
    struct scope *s, struct link_pool *p, int timeout_ms, unsigned peer, struct link **ret_link);
/* Back; a broken one is freed. */
void link_pool_give(struct link_pool *p, struct link *l);
/* Not to be used again, in whatever state it is: its process is at something that nobody waits for
 * any more. */
void link_pool_drop(struct link_pool *p, struct link *l);
/* Processes whose links were dropped since the last call: to be ended (CONTROL_END). At most n. */
size_t link_pool_take_dropped(struct link_pool *p, unsigned *ret_index, size_t n);
/* Free and lent ones that work. */
size_t link_pool_count(struct link_pool *p);
/* Threads that wait for one. */
size_t link_pool_waiting(struct link_pool *p);

#endif
