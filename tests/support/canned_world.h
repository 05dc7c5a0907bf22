/*
 * A world for tests: a clock that is set by hand, random octets that are the same every time, and a
 * table of answers by URL. Nothing leaves the process. What is made here lives in the world's own
 * scope, never in the scope of the job that asks: so a job may run out of memory at any point.
 * Mistakes of the test end the program.
 */
#ifndef BULLA_TESTS_SUPPORT_CANNED_WORLD_H
#define BULLA_TESTS_SUPPORT_CANNED_WORLD_H

#include "base/world.h"

/* Gives the body of an answer, in the scope `s` of the world. An error ends the fetch with it. */
typedef enum err canned_world_answer(
    void *ctx, struct scope *s, const struct fetch_request *want, struct bytes *ret_body);

struct canned_world_entry {
	const char *url;
	canned_world_answer *answer; /* NULL: body, or `failure` */
	void *ctx;
	struct bytes body;
	enum err failure; /* OK: none */
	unsigned asked;   /* how often */
};

#define CANNED_WORLD_ENTRIES 32

struct canned_world {
	struct world world; /* what the code under test gets */
	struct scope *s;
	struct instant now;
	uint64_t seed;
	struct canned_world_entry entry[CANNED_WORLD_ENTRIES];
	size_t n_entries;
	unsigned asked; /* fetches in all */
};

struct canned_world *canned_world_new(struct scope *s, int64_t now);
/* What the URL answers from now on; the last word counts. An unlisted URL is ERR_NET. */
void canned_world_put(struct canned_world *w, const char *url, struct bytes body);
void canned_world_serve(
    struct canned_world *w, const char *url, canned_world_answer *answer, void *ctx);
void canned_world_break(struct canned_world *w, const char *url, enum err failure);
/* How often the URL was asked. */
unsigned canned_world_asked(const struct canned_world *w, const char *url);

#endif
