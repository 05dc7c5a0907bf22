/*
 * The real world behind base/world.h: the machine's clock, the kernel's randomness, fetching by
 * libcurl. Nothing is taken from the environment.
 */
#ifndef BULLA_SERVICE_WORLD_SYSTEM_H
#define BULLA_SERVICE_WORLD_SYSTEM_H

#include "base/world.h"
#include "service/fetch_cache.h"
#include "service/fetch_curl.h"

struct world_system {
	struct world world;
	struct fetch_curl *fetcher;
	struct fetch_cache *cache; /* NULL: none */
	struct world network;      /* what the cache asks */
};

/* The clock and the randomness of struct world, for other worlds too; `ctx` is not looked at. */
struct instant world_system_now(void *ctx);
must_check enum err world_system_random(void *ctx, struct scope *s, uint8_t *p, size_t n);

/* In the scope. One thread at a time. */
must_check enum err world_system_new(
    struct scope *s, const struct fetch_curl_config *fetch, struct world_system **ret_world);
/* From now on answers are kept in a folder (service/fetch_cache.h). `at`: the instant that is
 * judged for, INSTANT_NONE: the present. ERR_IO: the folder. */
must_check enum err world_system_keep(
    struct scope *s, struct world_system *w, const char *folder, struct instant at);

#endif
