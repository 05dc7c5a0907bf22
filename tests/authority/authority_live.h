/*
 * The store as the running server sees it: loaded once, loaded anew when DIR/database changed.
 * Threads hold a snapshot while they answer one request.
 */
#ifndef BULLA_TESTS_AUTHORITY_AUTHORITY_LIVE_H
#define BULLA_TESTS_AUTHORITY_AUTHORITY_LIVE_H

#include "tests/authority/authority_store.h"

struct authority_live;

/* A snapshot: give it back with authority_live_release. */
struct authority_live_view {
	struct authority_live_generation *generation;
	const struct authority_store *store;
};

must_check enum err authority_live_open(
    struct scope *s, const char *dir, struct authority_live **ret_live);
/* Ends it; no snapshot may be out. NULL is fine. */
void authority_live_close(struct authority_live *live);

/* The newest state; the one before when the newest cannot be read. */
struct authority_live_view authority_live_hold(struct authority_live *live);
void authority_live_release(struct authority_live *live, struct authority_live_view view);

#endif
