/*
 * From a request to its answer: routes, content types, and the faults that concern the content.
 * Nothing of HTTP's own mechanics (authority_http.c).
 */
#ifndef BULLA_TESTS_AUTHORITY_AUTHORITY_ANSWER_H
#define BULLA_TESTS_AUTHORITY_AUTHORITY_ANSWER_H

#include "tests/authority/authority_fault.h"
#include "tests/authority/authority_store.h"

struct authority_request {
	bool is_post;             /* else GET or HEAD */
	const char *path;         /* begins with '/', percent-decoding done */
	const char *content_type; /* "" when not given */
	struct bytes body;
};

struct authority_answer {
	int status;
	const char *content_type;
	struct bytes body;
};

/* The endpoint of a path: its first part, e.g. "tsa"; "" for the index and for what is not there.
 * A static string. */
const char *authority_answer_endpoint(const char *path);

/* Always answers; an inner failure becomes status 500 with its text. */
struct authority_answer authority_answer_make(struct scope *s, const struct authority_store *store,
    const struct authority_request *request, struct instant now, struct authority_fault fault);

#endif
