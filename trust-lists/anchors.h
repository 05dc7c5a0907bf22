/*
 * Trust anchors: an immutable set of certificates that are trusted for every purpose. (Trusted
 * lists, which say for what and when, will fill the same set with more to it.)
 */
#ifndef BULLA_TRUST_LISTS_ANCHORS_H
#define BULLA_TRUST_LISTS_ANCHORS_H

#include "formats/cert.h"

struct anchors {
	const struct cert **item; /* no two alike */
	size_t n;
};

/* A set of these certificates; duplicates are dropped. The certificates are borrowed. */
must_check enum err anchors_new(
    struct scope *s, const struct cert *const *certs, size_t n, const struct anchors **ret_anchors);
/* The very certificate is an anchor. */
bool anchors_has(const struct anchors *a, const struct cert *c);

#endif
