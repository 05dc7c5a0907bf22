/*
 * The desk: the operator's administration. Partners with their officers and keys, and the staff.
 */
#ifndef BULLA_SERVICE_FRONT_DESK_PARTNERS_H
#define BULLA_SERVICE_FRONT_DESK_PARTNERS_H

#include "service/front/route.h"

/* /partners, /partners/{id}, their persons; /staff, /staff/{id} */
extern const struct route desk_partners_routes[];

#endif
