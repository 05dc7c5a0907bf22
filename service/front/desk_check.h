/*
 * The desk: where a clerk drops one file or fifty and sees a word for each.
 */
#ifndef BULLA_SERVICE_FRONT_DESK_CHECK_H
#define BULLA_SERVICE_FRONT_DESK_CHECK_H

#include "service/front/route.h"

/* /check, /check/{batch} */
extern const struct route desk_check_routes[];

#endif
