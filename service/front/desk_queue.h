/*
 * The desk: what waits for a clerk. The overview, and the queue of filings with its filters.
 */
#ifndef BULLA_SERVICE_FRONT_DESK_QUEUE_H
#define BULLA_SERVICE_FRONT_DESK_QUEUE_H

#include "service/front/route.h"

/* /, /filings */
extern const struct route desk_queue_routes[];

#endif
