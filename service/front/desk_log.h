/*
 * The desk: the audit log for auditors. Its head, the last timestamp, how to verify it, and its
 * records by kind and partner.
 */
#ifndef BULLA_SERVICE_FRONT_DESK_LOG_H
#define BULLA_SERVICE_FRONT_DESK_LOG_H

#include "service/front/route.h"

/* /log */
extern const struct route desk_log_routes[];

#endif
