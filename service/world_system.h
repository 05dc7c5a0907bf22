/*
 * The real world behind base/world.h: the machine's clock, the kernel's randomness, fetching by
 * libcurl. Nothing is taken from the environment.
 */
#ifndef BULLA_SERVICE_WORLD_SYSTEM_H
#define BULLA_SERVICE_WORLD_SYSTEM_H

#include "base/world.h"
#include "service/fetch_curl.h"

struct world_system {
	struct world world;
	struct fetch_curl *fetcher;
};

/* In the scope. One thread at a time. */
must_check enum err world_system_new(
    struct scope *s, const struct fetch_curl_config *fetch, struct world_system **ret_world);

#endif
