/*
 * The desk: one filing. Who, when, what changed since, what is signed, why; the reports; the
 * decision.
 */
#ifndef BULLA_SERVICE_FRONT_DESK_FILING_H
#define BULLA_SERVICE_FRONT_DESK_FILING_H

#include "service/front/route.h"

/* /filings/{id} and what is below it */
extern const struct route desk_filing_routes[];

#endif
