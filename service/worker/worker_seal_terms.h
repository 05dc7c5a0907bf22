/*
 * What the configuration and the options of a sealing say of its seal, for who makes it and for who
 * looks at it afterwards.
 */
#ifndef BULLA_SERVICE_WORKER_WORKER_SEAL_TERMS_H
#define BULLA_SERVICE_WORKER_WORKER_SEAL_TERMS_H

#include "service/worker/worker_job.h"
#include "service/worker/worker_seal_options.h"

/* Level, algorithms, anchors, authorities and all that the options say; the request points to them
 * then. Not the look's fonts and picture. ERR_INTERNAL: the configuration's level is none. */
must_check enum err worker_seal_terms(
    struct worker_job *j, struct worker_seal_options *options, struct seal_request *request);

#endif
