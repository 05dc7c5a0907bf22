/*
 * Filings of a portal over the API, and validation of documents that are not kept
 * (service/front/openapi.json). A portal sees its own filings only.
 */
#ifndef BULLA_SERVICE_FRONT_FILING_API_H
#define BULLA_SERVICE_FRONT_FILING_API_H

#include "service/front/route.h"

extern const struct route filing_api_routes[];

#endif
