/*
 * One link to the fetcher, served from its first request to its last: each has its own connections
 * (service/fetch_curl.h), all share the kept answers, the counts and the memory for answers.
 */
#ifndef BULLA_SERVICE_FETCHER_FETCHER_LINE_H
#define BULLA_SERVICE_FETCHER_FETCHER_LINE_H

#include "base/scope.h"
#include "service/fetch_target.h"
#include "service/fetcher/fetcher_counts.h"
#include "service/process/role.h"

struct fetcher_line_shared {
	const struct configuration *configuration;
	struct fetch_target_rules targets;
	struct fetcher_counts *counts;
	struct scope_account memory; /* of all answers; LIMIT_FETCHER_MEMORY */
	long total_ms, wait_ms;      /* 0: LIMIT_FETCH_TOTAL_MS, LIMIT_FETCHER_WAIT_MS */
};

/* Until the peer ends the link or says what is malformed; the link stays the caller's. */
void fetcher_line_serve(struct fetcher_line_shared *shared, struct link *link, enum role peer);

#endif
