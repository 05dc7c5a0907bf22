/*
 * The desk: disclaimers of certificates and deposited keys that wait for a second person (four
 * eyes). Whoever asked for an approval, or deposited the key, does not decide on it.
 */
#ifndef BULLA_SERVICE_FRONT_DESK_APPROVALS_H
#define BULLA_SERVICE_FRONT_DESK_APPROVALS_H

#include "service/front/route.h"

/* /approvals, /approvals/{id}, /approvals/keys/{id} */
extern const struct route desk_approvals_routes[];

#endif
