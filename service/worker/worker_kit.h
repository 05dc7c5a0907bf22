/*
 * What a worker has at hand for every job: loaded once, before it is confined. Nothing of it
 * changes but the links to the keeper and the fetcher, which are replaced when their other end
 * dies.
 */
#ifndef BULLA_SERVICE_WORKER_WORKER_KIT_H
#define BULLA_SERVICE_WORKER_WORKER_KIT_H

#include "sealer/look_paint.h"
#include "service/configuration.h"
#include "service/process/link.h"
#include "service/worker/worker_client.h"
#include "trust-lists/anchors.h"
#include "validator/policy.h"

struct worker_kit {
	const struct configuration *configuration;
	const struct anchors *anchors;
	const struct policy *policy[WORKER_CLIENT_POLICIES];
	const struct messages *hungarian;
	struct look_paint_fonts fonts; /* none where none is installed */
	const char *const *readable;   /* what rendering reads: stays readable */
	size_t n_readable;
	struct link *keeper, *fetcher; /* the process's; NULL: none at present */
	bool fetcher_failed;           /* its link is of no more use */
	size_t token_room;             /* seal_request.token_room */
	struct instant present;        /* of every job; INSTANT_NONE: the machine's clock */
};

/* Loads anchors, policies, fonts, and what libraries load at their first use. In the scope, or as
 * long as the process. ERR_IO, ERR_FORMAT with the file's path. */
must_check enum err worker_kit_load(
    struct scope *s, const struct configuration *c, struct worker_kit *ret_kit);

#endif
