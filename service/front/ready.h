/*
 * GET /readyz: whether the service can do its work now, each thing that it needs by itself, as
 * JSON; 200 when all is well, else 503. For probes: it tells names and numbers, no secrets.
 *
 * GET /openapi.json: the description of the API (OpenAPI 3.1), embedded.
 */
#ifndef BULLA_SERVICE_FRONT_READY_H
#define BULLA_SERVICE_FRONT_READY_H

#include "service/front/route.h"

extern const struct route ready_routes[];

#endif
