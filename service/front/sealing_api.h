/*
 * The sealings of a portal over the API (service/front/openapi.json): asked for, looked at, listed,
 * cancelled, fetched. A portal sees its own and nothing of others: those are 404 to it.
 */
#ifndef BULLA_SERVICE_FRONT_SEALING_API_H
#define BULLA_SERVICE_FRONT_SEALING_API_H

#include "service/front/route.h"

extern const struct route sealing_api_routes[];

#endif
