/*
 * A partner's own pages, on the window: its officers, what was sealed for it, its entries in the
 * log.
 */
#ifndef BULLA_SERVICE_FRONT_PARTNER_PAGES_H
#define BULLA_SERVICE_FRONT_PARTNER_PAGES_H

#include "service/front/route.h"

/* /partner/officers, /partner/sealings, /partner/log */
extern const struct route partner_pages_routes[];

#endif
