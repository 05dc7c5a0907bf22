/*
 * What the fetcher did since it began, told to the front for /metrics and /readyz: how many
 * fetches of each kind ended how, and when each configured timestamp authority last answered and
 * last did not.
 */
#ifndef BULLA_SERVICE_FETCHER_FETCHER_STATUS_H
#define BULLA_SERVICE_FETCHER_FETCHER_STATUS_H

#include "base/instant.h"
#include "service/process/message.h"

enum fetcher_status_kind {
	FETCHER_STATUS_CERTIFICATE,
	FETCHER_STATUS_CRL,
	FETCHER_STATUS_OCSP,
	FETCHER_STATUS_TIMESTAMP,
	FETCHER_STATUS_TRUST_LIST,
	FETCHER_STATUS_WEBHOOK,
};
#define FETCHER_STATUS_KINDS (FETCHER_STATUS_WEBHOOK + 1)

enum fetcher_status_outcome {
	FETCHER_STATUS_FETCHED,
	FETCHER_STATUS_KEPT,    /* from the cache, without the network */
	FETCHER_STATUS_FAILED,  /* no answer, or not a good one */
	FETCHER_STATUS_REFUSED, /* not allowed, or too large */
};
#define FETCHER_STATUS_OUTCOMES (FETCHER_STATUS_REFUSED + 1)

/* One configured timestamp authority; INSTANT_NONE: never. An answer counts that came with HTTP
 * 200; what it holds is not looked at here. */
struct fetcher_status_authority {
	const char *url;
	struct instant answered, failed;
	const char *cause; /* of the last failure, "" */
};

struct fetcher_status {
	uint64_t count[FETCHER_STATUS_KINDS][FETCHER_STATUS_OUTCOMES];
	struct fetcher_status_authority *authority; /* in the order of the configuration */
	size_t n_authorities;
	size_t held, held_most; /* octets of answers in memory: now, and at most so far */
};

/* Whether some authority answered last time it was asked, or none was asked yet. No authority at
 * all: false. */
bool fetcher_status_has_authority(const struct fetcher_status *st);

void fetcher_status_put(struct buf *b, const struct fetcher_status *st);
/* Texts and list in the scope. ERR_FORMAT. */
must_check enum err fetcher_status_take(
    struct scope *s, struct bytes content, struct fetcher_status *ret_status);

#endif
